"""Dtype policies: which dtype a layer calculates in, and how it keeps its weights."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from dense_shapes.layers.errors import OptionError
from dense_shapes.layers.fields import show
from dense_shapes.layers.kinds import Choice

if TYPE_CHECKING:
    from dense_shapes.layers.base import Layer

FLOATS = ("float16", "bfloat16", "float32", "float64")
_PLAIN = (*FLOATS, "mixed_float16", "mixed_bfloat16")
_FORMS = (
    "int8_from_float32, int4_from_float32, int4/128_from_float32, float8_from_float32, "
    "gptq/4/128_from_float32 or awq/4/128_from_float32"
)
MODES = ("int8", "int4", "float8", "gptq", "awq")


class Scheme(NamedTuple):
    """How a quantized layer keeps its weights.

    Attributes:
        mode: The method: int8, int4, float8, gptq or awq.
        bits: How many bits a weight takes, where the method lets one choose.
        group: How many weights share a scale; None for all of one output.
        history: How many of the largest values float8 remembers.
    """

    mode: str
    bits: int = 4
    group: int | None = None
    history: int = 1024


class PolicyName(str):
    """A policy's name, and what it alone does not tell: how long float8's history is."""

    history = 1024

    def __eq__(self, other: object) -> bool:
        same = isinstance(other, str) and str(self) == str(other)
        return same and self.history == getattr(other, "history", PolicyName.history)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return str.__hash__(self)


class Policy(Choice):
    """The name of a dtype policy, or Keras's mapping of one."""

    def __init__(self) -> None:
        super().__init__(*_PLAIN, kind="dtype")

    def read(self, value: Any, layer: Layer) -> str:
        """Return the policy's name.

        Raises:
            OptionError: No such policy, or not one for this kind of layer.
        """
        if isinstance(value, dict):
            value = _named(value)
        if not isinstance(value, str) or not value.startswith(MODES):
            return super().read(value, layer)
        mode, _, source = value.partition("_from_")
        found = _scheme(mode)
        if found is None or source not in _PLAIN:
            raise OptionError(
                f"unknown quantized dtype {show(value)}", help=f"write one such as {_FORMS}"
            )
        if found.mode == "int8" and source in {"float16", "mixed_float16"}:
            raise OptionError(
                "int8 weights do not go with calculations in float16",
                help="use float32 or bfloat16: int8_from_mixed_bfloat16",
            )
        if found.mode not in layer.quantizes:
            known = ", ".join(layer.quantizes)
            raise OptionError(
                f"Keras has no {type(layer).__name__} with {found.mode} weights",
                help=f"its weights can be kept in {known}" if known else f"write {source} here",
            )
        return value

    def written(self, value: Any) -> Any:
        """See `Type.written`: a name, or a mapping where float8's history has its own length."""
        if not isinstance(value, PolicyName) or value.history == PolicyName.history:
            return value
        mode, _, source = value.partition("_from_")
        config = {"mode": mode, "source_name": source, "amax_history_length": value.history}
        return {"class_name": "QuantizedFloat8DTypePolicy", "config": config}

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        quantized = {"type": "string", "pattern": f"^({'|'.join(MODES)})(/-?[0-9]+)*_from_"}
        return {"anyOf": [super().schema(rank), quantized, {"type": "object"}]}


def source_of(policy: str | None) -> str:
    """Return the dtype policy that a quantized one was made from, and any other as it is."""
    return (policy or "float32").rpartition("_from_")[2]


def scheme_of(policy: str | None) -> Scheme | None:
    """Return how weights are kept under a policy, or None where they are not quantized."""
    if policy is None or "_from_" not in policy:
        return None
    found = _scheme(policy.partition("_from_")[0])
    history = getattr(policy, "history", 1024)
    return found if found is None else found._replace(history=history)


def _scheme(mode: str) -> Scheme | None:
    name, *parts = mode.split("/")
    count = {"int8": (0,), "float8": (0,), "int4": (0, 1), "gptq": (2,), "awq": (2,)}.get(name)
    if count is None or len(parts) not in count:
        return None
    if not all(re.fullmatch(r"-1|[1-9][0-9]{0,17}", part) for part in parts):
        return None
    group = int(parts[-1]) if parts else -1
    bits = int(parts[0]) if len(parts) == 2 else 4
    if name in {"gptq", "awq"} and bits not in ((2, 3, 4, 8) if name == "gptq" else (4,)):
        return None
    return Scheme(name, bits, None if group == -1 else group)


def _named(value: dict[str, Any]) -> Any:
    """Return the name in Keras's mapping of a policy.

    Raises:
        OptionError: It is a mapping of something else.
    """
    kind, config = value.get("class_name"), value.get("config")
    config = config if isinstance(config, dict) else {}
    if kind in ("DTypePolicy", "FloatDTypePolicy", "Policy") and isinstance(
        config.get("name"), str
    ):
        return config["name"]
    mode, source = config.get("mode"), config.get("source_name") or "float32"
    if not isinstance(kind, str) or not isinstance(mode, str) or not isinstance(source, str):
        raise OptionError(
            f"unknown dtype policy {show(kind)}",
            help="known are DTypePolicy and the quantized ones with their mode and source_name",
        )
    name = PolicyName(f"{mode}_from_{source}")
    history = config.get("amax_history_length", 1024)
    if type(history) is not int or history < 1:
        raise OptionError(f"expected amax_history_length to be an integer, found {show(history)}")
    name.history = history
    return name
