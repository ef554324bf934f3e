"""A layer's config made into the layer: classes found, options translated, all problems told."""

from __future__ import annotations

from typing import Any

from dense_shapes.diagnostics import Diagnostic, Severity, did_you_mean, shorten
from dense_shapes.layers import InvalidOptions, Layer, find_layer
from dense_shapes.layers.fields import Field, Type, show
from dense_shapes.layers.kinds import Choice, Maybe, Object
from dense_shapes.spec.alike import Key, key_of
from dense_shapes.spec.keras import tables
from dense_shapes.spec.keras.classes import MODELS, NotKnown, class_name, find_class, is_own
from dense_shapes.spec.keras.places import LayerOrigin, Path, Places
from dense_shapes.spec.problems import Problems

_POLICY_MAP = "DTypePolicyMap"
_BESIDE = frozenset({"name"})
"""What is in a config beside the layer's options."""


class Factory:
    """Makes layers of the configs of one file.

    Attributes:
        places: Where things stand.
        problems: Collects what is wrong.
        old: Whether Keras 1 or 2 wrote the file.
        calls: How many calls of layers the file holds.
        made: The layers so far by class and options, with what those say of calls, and old names.
        channels_first: Whether the file keeps channels first where it does not say.
        frozen: Whether the whole model is frozen.
    """

    def __init__(self, places: Places, problems: Problems, *, old: bool) -> None:
        self.places = places
        self.problems = problems
        self.old = old
        self.calls = 0
        self.made: dict[Key, tuple[Layer, dict[str, Any], dict[str, str]]] = {}
        self.channels_first = False
        self.frozen = False

    def report(
        self, code: str, message: str, path: Path, *, severity: str | None = None, **details: Any
    ) -> None:
        """Collect a problem at a place."""
        found = Diagnostic(
            code=code, message=message, severity=severity, **self.places.at(path), **details
        )
        self.problems.found.append(found)

    def layer(
        self, data: dict[str, Any], cls: type[Layer], origin: LayerOrigin
    ) -> tuple[Layer | None, dict[str, Any]]:
        """Return a layer, or None if its options are wrong, and what they say of its calls.

        Raises:
            NotKnown: A layer inside it is not known.
        """
        config = data.get("config")
        if not isinstance(config, dict):
            config = {}
        if _has_policy_map(config):
            config = _with_own_policy(config, inside=False)
        key = key_of(cls, {**config, "name": None})
        known = None if key is None else self.made.get(key)
        if known is not None:
            layer, call, origin.names = known
            return layer, call
        before = len(self.problems.found)
        reading = _Reading(self, cls, origin)
        options = reading.options(config)
        try:
            made = cls(**options)
            if reading.broken:
                return None, {}
            if self.frozen:
                made.trainable = False
            elif not self.old and not made.freezes_inside:
                # Keras 3 freezes a layer's own weights when it loads it, and this one has none.
                made.trainable = True
            if len(self.problems.found) == before and key is not None:
                self.made[key] = made, reading.call, origin.names
            return made, reading.call
        except InvalidOptions as error:
            for problem in error.problems:
                if problem.code == "DS104" and reading.broken:
                    continue  # it may be the option that is misspelt
                name = origin.names.get(problem.field, problem.field)
                text = problem.message
                if problem.code == "DS104":
                    text = text.replace(repr(problem.field), f"{name!r} of {cls.__name__}", 1)
                elif problem.field:
                    text = f"option {name!r} of {cls.__name__}: {text}"
                self.report(
                    problem.code,
                    text,
                    origin.full(problem.field or None, problem.path),
                    help=problem.help,
                )
            return None, {}

    def nested(self, data: Any, path: Path) -> Layer:
        """Return a layer that stands in another one's option.

        Raises:
            NotKnown: No rule is known for it.
        """
        if not isinstance(data, dict) or not isinstance(data.get("class_name"), str):
            raise NotKnown(f"its inner layer is {show(data)}")
        name = data["class_name"]
        if name in MODELS:
            raise NotKnown("it applies a whole model, which is not supported")
        config = data.get("config")
        if isinstance(config, dict) and _has_policy_map(config):
            data = {**data, "config": _with_own_policy(config, inside=True)}
        cls = find_class(data)
        found, _ = self.layer(data, cls, LayerOrigin(self.places, path))
        if found is None:
            raise _BrokenError
        return found


def _has_policy_map(config: dict[str, Any]) -> bool:
    """Tell whether a layer's dtype is a map of policies."""
    dtype = config.get("dtype")
    return isinstance(dtype, dict) and dtype.get("class_name") == _POLICY_MAP


def _with_own_policy(config: dict[str, Any], *, inside: bool) -> dict[str, Any]:
    """Return a layer's options with its own dtype policy in place of a map of such.

    Raises:
        NotKnown: Parts of it have others.
    """
    from dense_shapes.spec.keras.policy_maps import own_policy  # noqa: PLC0415 - few files need it

    own, others = own_policy(config["dtype"], config.get("name"), inside=inside)
    if others:
        raise NotKnown(
            f"its dtype is a {_POLICY_MAP} with policies of their own for "
            f"{', '.join(map(shorten, others[:3]))}, which is not supported"
        )
    return {**config, "dtype": own}


class _BrokenError(Exception):
    """An inner layer whose options are wrong, and were reported."""


class _Reading:
    """The translation of one config."""

    def __init__(self, factory: Factory, cls: type[Layer], origin: LayerOrigin) -> None:
        self.factory = factory
        self.cls = cls
        self.origin = origin
        self.call: dict[str, Any] = {}
        self.broken = False

    def options(self, config: dict[str, Any]) -> dict[str, Any]:
        """Return the options of a config under today's names, without those left at defaults."""
        fields = self.cls.fields
        out: dict[str, Any] = {}
        for key, value in config.items():
            declared = fields.get(key)
            if declared is not None:
                default = declared.default
                if value is default or (type(value) is type(default) and value == default):
                    continue
                out[key] = value
                if type(value) is dict or type(value) is list or type(value) is str:
                    self._convert(key, key, value, declared, out)
            elif key not in _BESIDE:
                self._old(key, value, config, out)
        if self.factory.old:
            old = tables.OLD_DEFAULTS.get(self.cls.__name__, {})
            out |= {key: value for key, value in old.items() if key not in config}
        if self.factory.channels_first and "data_format" in fields and "data_format" not in out:
            out["data_format"] = "channels_first"
        return out

    def _old(self, key: str, value: Any, config: dict[str, Any], out: dict[str, Any]) -> None:
        """Read an option that today's layer has not."""
        fields = self.cls.fields
        joined = tables.JOINED.get(key)
        if joined is not None and "kernel_size" in fields:
            self.origin.names["kernel_size"] = key
            out["kernel_size"] = [config.get(name) for name in joined]
            return
        if any(key in names for names in tables.JOINED.values()) and "kernel_size" in fields:
            return
        moved = tables.MOVED.get(key)
        if moved is not None and moved in self.cls.call_arguments and isinstance(value, bool):
            if value:
                self.call[moved] = True
            return
        for new in tables.RENAMED.get(key, ()):
            if new in fields:
                if new in config:
                    continue
                self.origin.names[new] = key
                known = tables.VALUES.get(key, {})
                value = known.get(value, value) if isinstance(value, str) else value
                out[new] = value
                self._convert(key, new, value, fields[new], out)
                return
        harmless = tables.IRRELEVANT.get(key)
        if harmless is not None and (harmless is tables.ANYTHING or value in harmless):
            return
        self._unknown(key, value)

    def _unknown(self, key: str, value: Any) -> None:
        """Tell of an option that nobody knows: an error, unless it is off."""
        name = self.cls.__name__
        off = value is None or value is False
        self.broken = self.broken or not off
        guess = did_you_mean(key, self.cls.fields)
        self.factory.report(
            "DS102",
            f"unknown option {shorten(key)!r} for {name}"
            + (", ignored because it is off" if off else f": {show(value)}"),
            self.origin.full(key),
            severity=Severity.WARNING if off else None,
            label=guess,
            help=None
            if guess or off
            else "if a newer Keras wrote it, see whether a newer dense-shapes reads it",
        )

    def _convert(
        self, key: str, new: str, value: Any, declared: Field, out: dict[str, Any]
    ) -> None:
        """Put a value in today's form into `out`, or take the option out of it."""
        kind: Type = declared.type
        if isinstance(kind, Maybe):
            kind = kind.inner
        if isinstance(kind, Object):
            made = _object(value, kind)
            if made is None or _is_default(made, declared.default):
                del out[new]
            else:
                out[new] = made
        elif isinstance(kind, Choice) and kind.kind == "activation":
            out[new] = self._activation(value, kind, self.origin.full(new))
        elif kind.nested and value is not None:
            self._nested(key, new, value, out)
        elif new == "dtype":
            # A quantized policy has a mode in place of a name; the layer reads it whole.
            out[new] = plain(value) if _quantized(value) else policy_name(value)
            if out[new] == declared.default or out[new] is None:
                del out[new]
        elif new == "axis" and type(value) is list and len(value) == 1 and not kind.only_lists:
            # tf.keras writes BatchNormalization's axis as a list of one.
            out[new] = value[0]
        elif type(value) is dict:
            out[new] = _padding(value) if new == "padding" else plain(value)
        elif type(value) is list:
            if new == "padding" and len(value) == 4 and self.cls.rank == 2:
                # Keras 1: top, bottom, left, right.
                out[new] = [value[:2], value[2:]]
            elif any(type(item) is dict for item in value):
                out[new] = plain(value)
            elif key in tables.SYMMETRIC.get(self.cls.__name__, ()) and _is_symmetric(value):
                out[new] = value[1]
        else:
            known = tables.VALUES.get(key)
            if known is not None:
                out[new] = known.get(value, value)

    def _nested(self, key: str, new: str, value: Any, out: dict[str, Any]) -> None:
        path = (*self.origin.path, "config", key)
        try:
            if isinstance(value, list):
                out[new] = [self.factory.nested(v, (*path, i)) for i, v in enumerate(value)]
            else:
                out[new] = self.factory.nested(value, path)
        except _BrokenError:
            self.broken = True

    def _activation(self, value: Any, kind: Choice, path: Path) -> Any:
        """Return the name of an activation; a function of the user's own is taken to keep shapes.

        Raises:
            NotKnown: It is a layer that may do anything.
        """
        name = value
        if isinstance(value, dict):
            name = class_name(value)
            if name in tables.ACTIVATION_LAYERS and not is_own(value):
                return tables.ACTIVATION_LAYERS[name]
            config = value.get("config")
            if name in {"function", "__lambda__"} or not isinstance(config, dict):
                name = config if isinstance(config, str) else "a function"
            elif find_layer(name) is not None and not is_own(value):
                raise NotKnown(f"its activation is a layer of its own, {shorten(name)}")
        if not isinstance(name, str):
            return value
        name = tables.OLD_ACTIVATIONS.get(name, name)
        if name in kind.names:
            return name
        self.factory.report(
            "DS312",
            f"the activation {shorten(name)!r} is not one of Keras's; it is taken to work on every "
            "value alone, so that the shape stays",
            path,
        )
        return "linear"


def _quantized(value: Any) -> bool:
    config = value.get("config") if isinstance(value, dict) else None
    return isinstance(config, dict) and "mode" in config


def policy_name(value: Any) -> Any:
    """Return a dtype's name, of which Keras also writes a policy object."""
    if isinstance(value, dict):
        config = value.get("config")
        if isinstance(config, dict):
            # A quantized policy is told by its mode and what it was made from, not by a name.
            return value if "mode" in config else config.get("name", value.get("class_name"))
        return value.get("class_name")
    return value


def plain(value: Any) -> Any:
    """Return a value without the wrappers that Keras puts around tuples and arrays."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    name, config = class_name(value), value.get("config")
    if name in {"__tuple__", "TensorShape"} and isinstance(value.get("items"), list):
        return plain(value["items"])
    if name in {"__numpy__", "__tensor__"} and isinstance(config, dict):
        return config.get("value")
    return {key: plain(item) for key, item in value.items()}


def _object(value: Any, kind: Object) -> Any:
    """Return an initializer, regularizer or constraint; None for one of the user's own.

    They change no shape, so that it does not matter what those do.
    """
    if isinstance(value, str):
        return value if value in kind.names else None
    if not isinstance(value, dict):
        return value
    if class_name(value) in kind.names:
        return value
    if "class_name" not in value and str(value.get("name")) in kind.names:
        config = {key: item for key, item in value.items() if key != "name"}
        return {"class_name": value["name"], "config": config}
    return None


def _is_default(value: Any, default: Any) -> bool:
    """Tell whether an object is the one that is taken where none is given."""
    if not isinstance(value, dict) or not isinstance(default, str):
        return False
    config = value.get("config")
    usual = tables.USUAL_OBJECTS.get(class_name(value))
    if usual is None or usual[0] != default or not isinstance(config, dict):
        return False
    return all(item is None or usual[1].get(key) == item for key, item in config.items())


def _is_symmetric(value: list[Any]) -> bool:
    return len(value) == 2 and isinstance(value[1], int | float) and value[0] == -value[1]


def _padding(value: dict[str, Any]) -> Any:
    """Return Keras 1's padding by names as pairs."""
    sides = (("top_pad", "bottom_pad"), ("left_pad", "right_pad"))
    if value.keys() == {name for pair in sides for name in pair}:
        return [[value[name] for name in pair] for pair in sides]
    if value.keys() == {"left_pad", "right_pad"}:
        return [value["left_pad"], value["right_pad"]]
    return plain(value)
