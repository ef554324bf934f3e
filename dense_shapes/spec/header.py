"""What a spec says before its layers: its name, vars, batch size and defaults."""

from __future__ import annotations

from dense_shapes.diagnostics import did_you_mean, shorten
from dense_shapes.dims import BATCH, Dim
from dense_shapes.dims.expr import is_name
from dense_shapes.layers import Layer, each_layer, registry
from dense_shapes.layers.core import InputLayer
from dense_shapes.spec.nodes import Mapping, Node, Scalar
from dense_shapes.spec.options import option_value
from dense_shapes.spec.problems import SpecError
from dense_shapes.spec.reserved import is_reserved
from dense_shapes.spec.scalars import found, resolve
from dense_shapes.spec.scope import Scope


class Header:
    """The parts of a spec that stand above its layers; what is wrong with them is reported.

    Attributes:
        name: The model's name, if it is given.
        batch: The batch size.
        defaults: Option values that layers take where they can.
    """

    def __init__(self, root: Mapping, scope: Scope) -> None:
        self.root = root
        self.scope = scope
        self.problems = scope.problems
        self.name: str | None = None
        self.batch: Dim = BATCH
        self.defaults: dict[str, Node] = {}
        # In the order in which they depend on each other.
        self.problems.attempt(self._read_vars, where="vars")
        self.problems.attempt(self._read_batch, where="batch_size")
        self.problems.attempt(self._read_defaults, where="defaults")
        self.problems.attempt(self._read_name, where="name")

    def pairs(self, key: str, what: str) -> list[tuple[Scalar, Node]]:
        """Return the entries of a mapping at the top, if it is there."""
        node = self.root.get(key)
        if node is None or (isinstance(node, Scalar) and self.scope.scalar(node) is None):
            return []
        if not isinstance(node, Mapping):
            message = f"expected {what} in {key!r}, found {found(node)}"
            raise self.problems.make("DS105", message, node, where=key)
        return node.entries

    def _read_vars(self) -> None:
        for key, value in self.pairs("vars", "`name: value` pairs"):

            def declare(key: Scalar = key, value: Node = value) -> None:
                if not is_name(key.text) or is_reserved(key.text):
                    reserved = is_reserved(key.text)
                    raise self.problems.make(
                        "DS105",
                        f"{shorten(key.text)!r} is {'reserved' if reserved else 'not a name'}, "
                        "so no var can be called so",
                        key,
                        help="choose another name"
                        if reserved
                        else "a name is made of letters, digits and '_', and no digit is first",
                        where=f"vars.{key.text}",
                    )
                self.scope.declare_var(key.text, self.scope.plain(value))

            self.problems.attempt(declare, where=f"vars.{key.text}")

    def _read_batch(self) -> None:
        node = self.root.get("batch_size")
        if node is None:
            return
        kind = InputLayer.fields["batch_size"].type
        value = option_value(node, kind, InputLayer, self.scope)
        if value is None:
            return
        if not InputLayer.accepts("batch_size", value):
            raise self.problems.make(
                "DS105",
                f"batch_size: expected an integer ≥ 1, a name or null, found {found(node)}",
                node,
                where="batch_size",
            )
        self.batch = value

    def _read_defaults(self) -> None:
        for key, value in self.pairs("defaults", "`option: value` pairs"):

            def read(key: Scalar = key, value: Node = value) -> None:
                if not any(key.text in layer.fields for layer in each_layer()):
                    known = {name for layer in each_layer() for name in layer.fields}
                    guess = did_you_mean(key.text, sorted(known))
                    message = f"no layer has an option {shorten(key.text)!r}"
                    raise self.problems.make("DS102", message, key, label=guess)
                self._check_default(key.text, value)
                self.defaults[key.text] = value

            self.problems.attempt(read, where=f"defaults.{key.text}")

    def _check_default(self, name: str, node: Node) -> None:
        """Demand that there is a layer that takes a value.

        Raises:
            SpecError: There is none.
        """
        ambiguous = None
        for layer in each_layer():
            try:
                if name in layer.fields and self._takes(layer, name, node):
                    return
            except SpecError as error:
                ambiguous = error
        if ambiguous is not None:
            raise ambiguous
        kinds: dict[str, str] = {}
        for layer in registry().values():
            if name in layer.fields:
                kinds.setdefault(layer.fields[name].type.describe(layer.rank), layer.__name__)
        takers = [f"{layer} takes {kind}" for kind, layer in kinds.items()]
        raise self.problems.make(
            "DS105",
            f"no layer takes {found(node)} for {name!r}",
            node,
            help="; ".join(takers[:3]),
        )

    def _takes(self, layer: type[Layer], name: str, node: Node) -> bool:
        """Tell whether an option of a layer would take what a node holds.

        Raises:
            SpecError: YAML 1.1 and 1.2 read it differently.
        """
        before = len(self.problems.found)
        try:
            value = option_value(node, layer.fields[name].type, layer, self.scope)
        except SpecError as error:
            del self.problems.found[before:]
            if error.diagnostic.code == "DS006":
                raise
            # `padding: same` is no number, and yet right for other layers.
            return False
        return layer.accepts(name, value)

    def _read_name(self) -> None:
        node = self.root.get("name")
        if node is None:
            return
        value = self.scope.scalar(node, text=True) if isinstance(node, Scalar) else ""
        if value is not None and (not isinstance(value, str) or not value):
            raise self.problems.make(
                "DS105",
                f"expected the model's name as text, found {found(node)}",
                node,
                help=quotes_help(node),
                where="name",
            )
        self.name = value


def quotes_help(node: Node) -> str | None:
    """Advise to quote what would be a text, were it not a number or a word of YAML's."""
    if isinstance(node, Scalar) and node.plain and node.text and len(node.text) < 40:
        return f"write '{node.text}' in quotes" if resolve(node) != node.text else None
    return None
