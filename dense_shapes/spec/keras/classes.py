"""Which layer a config is of: Keras's under all their names, a plugin's, or one not known."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from dense_shapes.diagnostics import shorten
from dense_shapes.layers import Layer, find_layer
from dense_shapes.plugins import blame_installed, load_installed
from dense_shapes.spec.keras import tables

MODELS = frozenset({"Sequential", "Functional", "Model", "Container", "Network"})
"""What models are called in configs."""

_KERAS = ("keras.", "tf_keras.", "tensorflow.")
"""What the modules of Keras's own classes begin with."""


class NotKnown(Exception):  # noqa: N818 - often no error: the file may record the output
    """A layer that no rule is known for.

    Attributes:
        reason: Why, as a sentence that ends in the layer's class.
        help: What to do.
    """

    def __init__(self, reason: str, help_: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.help = help_


def class_name(value: dict[str, Any]) -> str:
    """Return the class that an object of Keras's says it is of; empty if it says none."""
    name = value.get("class_name")
    return name if isinstance(name, str) else ""


def find_class(data: dict[str, Any]) -> type[Layer]:
    """Return the class of a layer's or an operation's config.

    Raises:
        NotKnown: No rule is known for it.
    """
    name, module, registered = data["class_name"], data.get("module"), data.get("registered_name")
    if isinstance(module, str) and isinstance(registered, str | None):
        return _find_named(name, module, registered)
    return _find_class(name, module_of(data) or _home(data), own=is_own(data))


@lru_cache(maxsize=1000)
def _find_named(name: str, module: str, registered: str | None) -> type[Layer]:
    """Return the class of one of Keras 3's configs, which say all three."""
    data = {"class_name": name, "module": module, "registered_name": registered}
    return _find_class(name, module, own=is_own(data))


def _home(data: dict[str, Any]) -> str:
    """Return the module of an operation in one of Keras 3's `.h5` files, which name none.

    An operation's config has none of the options that every layer of Keras's has.
    """
    nodes, config = data.get("inbound_nodes"), data.get("config")
    modern = isinstance(nodes, list) and nodes and isinstance(nodes[0], dict) and "args" in nodes[0]
    if "module" in data or not modern or not isinstance(config, dict) or "name" not in config:
        return ""
    found = None if "trainable" in config else find_layer(f"ops.{class_name(data)}")
    return "keras.ops" if found is not None and {*config} <= {"name", *found.fields} else ""


def kind_of(name: str, data: dict[str, Any]) -> str:
    """Return the class of a layer as the reader tells layers apart by it.

    One of the user's own that is called like a layer whose config the reader takes apart has its
    module in front.
    """
    if name in tables.TAKEN_APART and is_own(data):
        return f"{module_of(data) or 'custom'}>{name}"
    return name


def module_of(data: dict[str, Any]) -> str:
    """Return the module that a layer's config names; empty where it names none."""
    module = data.get("module")
    return module if isinstance(module, str) else ""


def is_own(data: dict[str, Any]) -> bool:
    """Tell whether a layer's config is of a class that is not Keras's, whatever it is called."""
    registered, module = data.get("registered_name"), module_of(data)
    if ">" in class_name(data) or (isinstance(registered, str) and ">" in registered):
        return True
    return ("module" in data or bool(registered)) and not f"{module}.".startswith(_KERAS)


@lru_cache(maxsize=1000)
def _find_class(name: str, module: str, *, own: bool) -> type[Layer]:
    name = name.rpartition(">")[2]
    own = own and name not in tables.OF_APPLICATIONS
    if not own and ".ops." in f"{module}.":
        operation = find_layer(f"ops.{name}")
        if operation is None:
            raise NotKnown(f"no rule is known for Keras's operation {shorten(name)}")
        return operation
    if not own:
        if _exact(name) is None:
            name = tables.CLASSES.get(name, name)
        if name in tables.WITHOUT_EQUAL:
            from dense_shapes.layers.legacy import LEGACY  # noqa: PLC0415 - few files hold them

            return LEGACY[name]
    found = _exact(name)
    if found is None:
        load_installed()
        found = _exact(name)
    if found is None:
        blame_installed()
    builtin = found is not None and found.__module__.startswith("dense_shapes.layers")
    if found is not None and not (own and builtin):
        return found
    shown = shorten(name)
    raise NotKnown(
        f"no rule is known for layers of the class {shown}"
        + ("" if found is None else ", which is not Keras's layer of that name"),
        f"--plugin MODULE can teach it: a class {shown}(Layer) with its rules",
    )


def _exact(name: str) -> type[Layer] | None:
    """Return the layer that is called so, letter by letter."""
    found = find_layer(name)
    return found if found is not None and name in (found.__name__, *found.aliases) else None
