"""Quantized weights: packed into a byte or less each, with the scales that they are read by.

The shapes are those of `quantized_build` of Keras's `Dense` and `Embedding`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dense_shapes.dims import Dim, ceil_div
from dense_shapes.layers.base import Weight
from dense_shapes.layers.errors import OptionError
from dense_shapes.layers.fields import Type, show
from dense_shapes.layers.kinds import unknown
from dense_shapes.layers.policies import Scheme, scheme_of

if TYPE_CHECKING:
    from dense_shapes.layers.base import Layer

_CONFIGS = {
    "Int8QuantizationConfig": "int8",
    "Int4QuantizationConfig": "int4",
    "Float8QuantizationConfig": "float8",
    "GPTQConfig": "gptq",
    "AWQConfig": "awq",
}
PACKED = ("int8", "int4", "gptq", "awq")
"""The methods that keep packed weights in place of the kernel."""


class QuantizationConfig(Type):
    """Keras's mapping of how weights are quantized, or its class's name."""

    def read(self, value: Any, layer: Layer) -> Scheme | None:
        """Return what it says of how weights are kept; None for null.

        Raises:
            OptionError: It is no such mapping, or its own options do not hold.
        """
        if value is None or isinstance(value, Scheme):
            return value
        name = value.get("class_name") if isinstance(value, dict) else value
        if not isinstance(name, str):
            raise self.refuse(value, layer)
        if name not in _CONFIGS:
            raise unknown("quantization config", name, _CONFIGS)
        mode = _CONFIGS[name]
        # The class by itself groups by 128; a config that does not say so, of int4, does not.
        config = value.get("config") if isinstance(value, dict) else {"block_size": 128}
        config = config if isinstance(config, dict) else {}
        if mode == "int4":
            group = _integer(config, "block_size", None, nullable=True)
            custom = [n for n in ("weight_quantizer", "activation_quantizer") if config.get(n)]
            if group is not None and custom:
                raise OptionError(f"'block_size' and {custom[0]!r} exclude each other")
            return Scheme(mode, group=group)
        if mode in {"gptq", "awq"}:
            bits = config.get("weight_bits", 4)
            if bits not in ((2, 3, 4, 8) if mode == "gptq" else (4,)):
                raise OptionError(f"unknown number of weight_bits, {show(bits)}")
            return Scheme(mode, bits, _integer(config, "group_size", 128))
        return Scheme(mode)

    def written(self, value: Any) -> Any:
        """See `Type.written`."""
        if not isinstance(value, Scheme):
            return value
        config: dict[str, Any] = {}
        if value.mode == "int4":
            config = {"block_size": value.group}
        elif value.mode in {"gptq", "awq"}:
            group = -1 if value.group is None else value.group
            config = {"weight_bits": value.bits, "group_size": group}
        name = next(name for name, mode in _CONFIGS.items() if mode == value.mode)
        return {"class_name": name, "config": config}

    def describe(self, rank: int) -> str:
        """See `Type.describe`."""
        names = ", ".join(_CONFIGS)
        return f"{{class_name: …, config: {{…}}}} of {names}, or null"

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        names = {"enum": [*_CONFIGS, None]}
        return {"anyOf": [names, {"type": "object", "required": ["class_name"]}]}


QUANTIZED = QuantizationConfig()


def _integer(
    config: dict[str, Any], name: str, default: int | None, *, nullable: bool = False
) -> int | None:
    """Return how many weights share a scale; None for all of one output."""
    value = config.get(name, default)
    if (value is None and nullable) or value == -1:
        return None
    if type(value) is not int or value < 1:
        raise OptionError(f"expected {name} to be an integer ≥ 1 or -1, found {show(value)}")
    return value


def quantization(layer: Any) -> Scheme | None:
    """Return how a layer keeps its weights, or None where they are as trained.

    The dtype policy decides on the method; of a config only what it says of that method counts.
    """
    found = scheme_of(layer.dtype)
    config: Scheme | None = layer.quantization_config
    if found is None or config is None or config.mode != found.mode:
        return found
    return found._replace(bits=config.bits, group=config.group)


def packed(layer: Any) -> Scheme | None:
    """Return how a layer keeps packed weights in place of its kernel, or None if it keeps none."""
    scheme = quantization(layer)
    return scheme if scheme is not None and scheme.mode in PACKED else None


def frozen(name: str, shape: tuple[Dim, ...], axes: tuple[str, ...], dtype: str | None) -> Weight:
    """Make a weight that is not trained; of the layer's own dtype where that is None."""
    return Weight(name, shape, axes, trainable=False, dtype=dtype)


def packed_kernel(
    scheme: Scheme, rows: Dim, units: Dim, *, zero: str = "kernel_zero"
) -> Iterator[Weight]:
    """Yield what Dense keeps in place of its kernel of (rows, units).

    Args:
        scheme: How it is kept.
        rows: How many features go in.
        units: How many come out.
        zero: What GPTQ's and AWQ's zero points are called.
    """
    group = scheme.group
    groups = None if group is None else ceil_div(rows, group)
    if scheme.mode == "int8":
        axes = ("input feature", "unit")
        yield Weight(
            "kernel",
            (rows, units),
            axes,
            trainable=False,
            dtype="int8",
            sign="·",
            summed=(0,),
        )
        yield frozen("kernel_scale", (units,), ("unit",), None)
    elif scheme.mode == "int4":
        yield frozen(
            "kernel", (rows, ceil_div(units, 2)), ("input feature", "two units in a byte"), "int8"
        )
        scales = (units,) if groups is None else (groups, units)
        names = ("unit",) if groups is None else ("group of input features", "unit")
        yield frozen("kernel_scale", scales, names, None)
        if groups is not None:
            yield frozen("kernel_zero", scales, names, "int8")
            yield frozen("g_idx", (rows,), ("input feature",), "float32")
    else:
        half = scheme.bits == 4
        yield frozen(
            "kernel",
            (ceil_div(units, 2) if half else units, rows),
            ("two units in a byte" if half else "unit", "input feature"),
            "uint8",
        )
        scales = (units, 1 if groups is None else groups)
        names = ("unit", "group of input features")
        yield frozen("kernel_scale", scales, names, None)
        yield frozen(zero, scales, names, "uint8")
        if scheme.mode == "awq":
            yield frozen("awq_scales", (rows,), ("input feature",), None)
        yield frozen("g_idx", (rows,), ("input feature",), "float32")


def einsum_scale(
    given: str, kernel: str, made: str, shape: tuple[Dim, ...]
) -> tuple[Dim, ...] | None:
    """Return the shape of the scales of an einsum's int8 kernel, or None where Keras fails.

    The rule is that of `_analyze_quantization_info` and `_get_kernel_scale_shape` in
    `keras.src.layers.core.einsum_dense`: the output's axes, each 1 where the kernel has none.

    Args:
        given: A letter for each axis of the input.
        kernel: For each axis of the kernel.
        made: For each axis of the output.
        shape: The kernel's sizes.
    """
    # Where there is no such place, Keras takes the last that it had, of whatever it was.
    place = made.find(kernel[-1])
    *_, place = _spread(given, made, place)
    order, missing, squeezed, _ = _spread(kernel, made, place)
    scale: list[Dim] = [shape[i] if kernel[i] in made else 1 for i in order]
    for i in missing:
        scale.insert(i, 1)
    for i in sorted(squeezed, reverse=True):
        if i >= len(scale):
            return None
        del scale[i]
    return tuple(scale)


def _spread(axes: str, made: str, place: int) -> tuple[list[int], list[int], list[int], int]:
    """Return the axes in the output's order, where others are missing, and which are too many.

    Those that are summed over stand where the output has an axis that these have not, or at
    `place`; the last such place is returned too.
    """
    order = [axes.index(a) for a in made if a in axes]
    missing = [i for i, a in enumerate(made) if a not in axes]
    squeezed = []
    for i, a in enumerate(axes):
        if a in made:
            continue
        if missing:
            place = missing.pop(0)
        else:
            squeezed.append(i)
        order.insert(place, i)
    return order, missing, squeezed, place


def packed_table(scheme: Scheme, rows: Dim, length: Dim) -> Iterator[Weight]:
    """Yield what Embedding keeps in place of its vectors, `rows` of them of that length."""
    number = "known number"
    if scheme.mode == "int8":
        yield frozen("embeddings", (rows, length), (number, "vector entry"), "int8")
        yield frozen("embeddings_scale", (rows,), (number,), None)
        return
    yield frozen("embeddings", (rows, ceil_div(length, 2)), (number, "two entries"), "int8")
    if scheme.group is None:
        yield frozen("embeddings_scale", (rows,), (number,), None)
        return
    scales = (rows, ceil_div(length, scheme.group))
    names = (number, "group of entries")
    yield frozen("embeddings_scale", scales, names, None)
    yield frozen("embeddings_zero", scales, names, "int8")
    yield frozen("g_idx", (length,), ("vector entry",), "float32")


def packed_reverse(scheme: Scheme, rows: Dim, length: Dim) -> Iterator[Weight]:
    """Yield what ReversibleEmbedding keeps in place of a second matrix of (length, rows)."""
    number = "known number"
    name = "reverse_embeddings"
    if scheme.mode == "int8":
        yield frozen(name, (length, rows), ("vector entry", number), "int8")
    else:
        yield frozen(name, (ceil_div(length, 2), rows), ("two entries", number), "int8")
    if scheme.mode == "int8" or scheme.group is None:
        yield frozen(f"{name}_scale", (rows,), (number,), None)
        return
    scales = (ceil_div(length, scheme.group), rows)
    for part in ("scale", "zero"):
        yield frozen(f"{name}_{part}", scales, ("group of entries", number), None)


def float8_scales(scheme: Scheme) -> Iterator[Weight]:
    """Yield float8's scales, which training overwrites, and the largest values seen."""
    for what in ("inputs", "kernel", "outputs_grad"):
        yield Weight(f"{what}_scale", (), (), dtype="float32")
        yield Weight(
            f"{what}_amax_history", (scheme.history,), ("one of the last steps",), dtype="float32"
        )


def kept_text(scheme: Scheme | None) -> str:
    """Write the quantized part of an explanation."""
    if scheme is None:
        return ""
    if scheme.mode == "float8":
        return " (float8: the kernel as it is, with the scales to cast it by)"
    size = "one byte" if scheme.mode == "int8" or scheme.bits != 4 else "half a byte"
    shared = "" if scheme.group is None else f", a scale for every {scheme.group}"
    return f" ({scheme.mode}: each weight in {size}{shared}, none of them trained)"
