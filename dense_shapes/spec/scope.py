"""Names and expressions of a spec: vars, symbols of the input, and what `--set` binds."""

from __future__ import annotations

import re
from collections.abc import Mapping as Map
from typing import Any

from dense_shapes.diagnostics import did_you_mean, shorten
from dense_shapes.dims import (
    BATCH,
    Dim,
    DimError,
    DimSyntaxError,
    Expr,
    Requirement,
    divides,
    symbol,
)
from dense_shapes.dims.parse import parse_dim
from dense_shapes.layers import ShapeError
from dense_shapes.layers.fields import show
from dense_shapes.source import Span
from dense_shapes.spec.nodes import ABSENT, Mapping, Node, Scalar, Sequence
from dense_shapes.spec.problems import Problems, SpecError
from dense_shapes.spec.reserved import is_reserved, means_nothing
from dense_shapes.spec.scalars import Ambiguous, Unresolved, resolve
from dense_shapes.spec.symbols import Symbols

MAX_CHAIN = 50
MAX_TEXT = 10_000
MAX_SHOWN = 60
MAX_INTEGER = 2**63 - 1


class _UnknownName(Exception):  # noqa: N818 - caught where the text's place is known
    def __init__(self, name: str, start: int, width: int | None = None, via: str = "") -> None:
        super().__init__(name)
        self.name = name
        self.start = start
        self.end = start + (len(name) if width is None else width)
        self.via = via


class Scope(Symbols):
    """What the names in a spec stand for, and the expressions over them.

    Attributes:
        demands: What exact divisions in the last value required of symbols.
        top: The scope of the spec itself.
    """

    def __init__(self, problems: Problems, settings: Map[str, Any]) -> None:
        super().__init__(settings)
        self.problems = problems
        self.demands: dict[Requirement, None] = {}
        self.top = self
        self._given: Map[str, dict[Requirement, None]] = {}
        self._homes: dict[str, Scope] = {}
        self._chain: list[str] = []
        self._known: dict[str, tuple[Dim, dict[Requirement, None]]] = {}

    @classmethod
    def over(cls, names: Symbols, problems: Problems) -> Scope:
        """Return a scope of the same names, in which expressions over them can be written."""
        made = cls(problems, names.settings)
        made.unused, made.vars, made.symbols = names.unused, names.vars, names.symbols
        return made

    def child(
        self, names: Map[str, Any], demands: Map[str, dict[Requirement, None]] | None = None
    ) -> Scope:
        """Return a scope inside this one, with further names that hide those of this one.

        Args:
            names: What they stand for.
            demands: For each, what exact divisions in its expression required of symbols.
        """
        made = Scope(self.problems, {})
        made.top = self.top
        made.symbols = self.symbols
        made.vars = {**self.vars, **names}
        made._given = demands or {}
        made._homes = {name: self._homes.get(name, self) for name in self.vars if name not in names}
        return made

    @property
    def _kind(self) -> str:
        """What its own names are called."""
        return "var" if self.top is self else "argument"

    def value(self, node: Node) -> Any:
        """Return what an argument of a block stands for, worked out here if it is an expression.

        Raises:
            SpecError: A scalar that cannot be read.
        """
        value = self.plain(node)
        if isinstance(value, str) and isinstance(node, Scalar):
            quiet = len(self.problems.found)
            try:
                return self.integer(node, value)
            except SpecError:
                # A text such as `relu`, which is for an option that takes one.
                del self.problems.found[quiet:]
        return value

    def declare_var(self, name: str, value: Any) -> None:
        """Add a var; None makes it a symbol."""
        self.unused.discard(name)
        value = self.settings.get(name, value)
        self.vars[name] = symbol(name) if value is None else value

    def integer(self, node: Scalar, text: str, *, new_symbols: bool = False) -> Dim:
        """Evaluate an expression.

        Args:
            node: Where it stands.
            text: What it says, names in `${}` already replaced.
            new_symbols: Whether an unknown name makes a new symbol, as in a shape.

        Raises:
            SpecError: It is not well-formed, uses an unknown name, or has no whole value.
        """

        def lookup(name: str, start: int) -> Dim:
            if name in self.symbols:
                return self.symbols[name]
            if name in self.vars and not (new_symbols and isinstance(self.vars[name], Expr)):
                return self._var(name, start)
            if new_symbols and not is_reserved(name):
                return self.declare_symbol(name)
            raise _UnknownName(name, start)

        try:
            value = parse_dim(text, lookup, self._on_exact)
        except _UnknownName as error:
            raise self._unknown(error, node, text, new_symbols=new_symbols) from None
        except DimSyntaxError as error:
            span = span_in(node, text, error.start, error.end)
            raise self.problems.make(
                "DS106",
                f"in {_short(text)!r}: {error.message}",
                node,
                span=span,
                help=_syntax_help(text, error.start),
            ) from None
        except (DimError, ShapeError) as error:
            start, end = getattr(error, "start", None), getattr(error, "end", None)
            span = None
            if start is not None and end is not None:
                span = span_in(node, text, start, end)
            raise self.problems.make(
                "DS106",
                f"in {_short(text)!r}: {error}",
                node,
                span=span,
                help=_value_help(str(error), self.vars, text),
            ) from None
        if type(value) is int and abs(value) > MAX_INTEGER:
            raise self._out_of_range(node, value)
        return value

    def _out_of_range(self, node: Scalar, value: int) -> SpecError:
        return self.problems.make(
            "DS203", f"{number_text(value)} is out of range: at most 2^63 - 1", node
        )

    def _on_exact(self, numerator: Dim, denominator: Dim) -> None:
        verdict = divides(denominator, numerator)
        if isinstance(verdict, Requirement):
            self.demands[verdict] = None

    def _var(self, name: str, start: int) -> Dim:
        value = self.vars[name]
        home = self._homes.get(name)
        if home is not None:
            # An expression means what it meant where it was written.
            outer, home.demands = home.demands, {}
            try:
                return home._var(name, start)
            finally:
                self.demands |= home.demands
                home.demands = outer
        self.demands |= self._given.get(name, {})
        if isinstance(value, str):
            # A var may be an expression over others: it is worked out where it is used.
            # Each is worked out once: vars that double each other would take 2^n steps.
            if name in self._known:
                value, demands = self._known[name]
                self.demands |= demands
                return value
            end = start + len(name)
            if name in self._chain:
                raise DimError(f"the var {name!r} leads back to itself", start, end)
            if len(self._chain) >= MAX_CHAIN:
                raise DimError(f"more than {MAX_CHAIN} vars lead to each other", start, end)
            self._chain.append(name)
            via = f"the {self._kind} {name!r} is {_short(value)!r}: "
            outer, self.demands = self.demands, {}
            try:
                made = parse_dim(value, self._var_lookup, self._on_exact)
                self._known[name] = made, self.demands
                return made
            except DimError as error:
                # A loop is told as it is, anything else with the expression it is in.
                told = error.message if error.message.startswith("the var") else via + error.message
                raise DimError(told, start, end) from None
            except _UnknownName as error:
                raise _UnknownName(error.name, start, len(name), error.via or via) from None
            finally:
                self._chain.pop()
                self.demands = outer | self.demands
        if isinstance(value, bool) or not isinstance(value, Dim):
            message = f"the {self._kind} {name!r} is {show(value)}, not an integer"
            raise DimError(message, start, start + len(name))
        return value

    def _var_lookup(self, name: str, start: int) -> Dim:
        if name in self.vars:
            return self._var(name, start)
        if name in self.symbols:
            return self.symbols[name]
        raise _UnknownName(name, start)

    def _unknown(
        self, error: _UnknownName, node: Scalar, text: str, *, new_symbols: bool
    ) -> SpecError:
        span = span_in(node, text, error.start, error.end)
        if new_symbols:
            return self.problems.make(
                "DS107",
                f"{error.name!r} cannot name a size: the word is reserved",
                node,
                span=span,
                help="write null to leave the size open"
                if means_nothing(error.name)
                else "choose another name, or write null to leave the size open",
            )
        if means_nothing(error.name):
            return self.problems.make(
                "DS107",
                f"{error.via}{error.name!r} is no number and no name of one",
                node,
                span=span,
                help="what is left open or out is null in YAML",
            )
        names = [*self.vars, *self.symbols]
        guess = did_you_mean(error.name, names)
        known = f"known are {', '.join(names)}" if names else "no names are declared"
        return self.problems.make(
            "DS107",
            f"{error.via}unknown name {shorten(error.name)!r}",
            node,
            span=span,
            label=guess,
            help=None if guess else f"{known}; declare it under `vars:`, or in the input shape",
        )

    def text(self, node: Scalar, text: str) -> Any:
        """Replace each `${name}`; a text that is only `${name}` becomes the var's own value.

        Raises:
            SpecError: A name is unknown, or a `${` is not closed.
        """
        if "${" not in text:
            return text
        parts: list[str] = []
        at = 0
        while (start := text.find("${", at)) >= 0:
            end = text.find("}", start)
            if end < 0:
                span = span_in(node, text, start, start + 2)
                raise self.problems.make("DS106", "'${' is not closed by '}'", node, span=span)
            name = text[start + 2 : end].strip()
            if name in self.vars:
                value = self.vars[name]
            elif name in self.symbols:
                value = self.symbols[name]
            else:
                unknown = _UnknownName(name, start + 2)
                raise self._unknown(unknown, node, text, new_symbols=False)
            if start == 0 and end == len(text) - 1:
                return value
            parts += (text[at:start], spelled(value))
            if sum(map(len, parts)) > MAX_TEXT:
                # Texts that double each other would grow without bound.
                message = f"with its names replaced, a text exceeds {MAX_TEXT:,} characters"
                raise self.problems.make("DS005", message, node)
            at = end + 1
        return "".join(parts) + text[at:]

    def plain(self, node: Node) -> Any:
        """Return a node as plain values, names in `${}` replaced.

        Raises:
            SpecError: A scalar that YAML 1.1 and 1.2 read differently, or an unknown name.
        """
        if isinstance(node, Sequence):
            return [self._item(item) for item in node.items]
        if isinstance(node, Mapping):
            return {key.text: self._item(item) for key, item in node.entries}
        return self.scalar(node)

    def _item(self, node: Node) -> Any:
        """Return an item of a list or a mapping, which no name may stand for another one in."""
        value = self.plain(node)
        if isinstance(node, Scalar) and isinstance(value, list | dict):
            raise self.problems.make(
                "DS105", "a list cannot be put into another list or mapping by its name", node
            )
        return value

    def scalar(
        self,
        node: Scalar,
        *,
        boolean: bool = False,
        number: bool = False,
        integer: bool = False,
        text: bool = False,
    ) -> Any:
        """Return a scalar's value, names in `${}` replaced.

        Args:
            node: The scalar.
            boolean: Whether only a boolean is wanted, so that `yes` can only be one.
            number: Whether a number is wanted, so that `1e-3` can only be one.
            integer: Whether an integer is wanted, for the advice about others.
            text: Whether a text is wanted, for the same.

        Raises:
            SpecError: A scalar that YAML 1.1 and 1.2 read differently, or an unknown name.
        """
        value = resolve(node)
        if isinstance(value, Unresolved):
            if isinstance(value, Ambiguous):
                if boolean and value.boolean is not None:
                    return value.boolean
                if number and value.number is not None:
                    return value.number
                if integer and not number:
                    value.expect_integer()
                if text:
                    value.expect_text()
            raise SpecError(value.diagnostic(node, self.problems.source))
        if isinstance(value, int) and abs(value) > MAX_INTEGER:
            raise self._out_of_range(node, value)
        return self.text(node, value) if isinstance(value, str) else value


def is_batch(dim: Dim) -> bool:
    """Tell whether a dim is the unnamed batch axis."""
    return type(dim) is not int and dim == BATCH


def spelled(value: Any) -> str:
    """Write a var's value as text, as YAML would."""
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else str(value)


def span_in(node: Scalar, text: str, start: int, end: int) -> Span | None:
    """Return the place of a part of a scalar's text, or of all of it where that is not sure."""
    span = node.span
    if span is None or node.value is not ABSENT or node.text != text:
        return span
    width = span.end_column - span.column
    offset = (width - len(text)) // 2
    if span.line != span.end_line or width not in {len(text), len(text) + 2}:
        return span
    column = span.column + offset
    return Span(span.line, column + start, span.line, column + max(end, start + 1))


def number_text(value: int) -> str:
    """Write an integer of any size in a length that is fit for a message."""
    return str(value) if value.bit_length() < 200 else f"about 2^{value.bit_length() - 1}"


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"


def _syntax_help(text: str, at: int) -> str | None:
    """Advise on what comes from other languages."""
    if re.fullmatch(r"\s*\w+(\s*,\s*\w+)+\s*", text) and len(text) < MAX_SHOWN:
        return f"a list is written in brackets: [{text.strip()}]"
    sizes = re.fullmatch(r"\s*(\d{1,9})\s*[x×]\s*(\d{1,9})\s*", text)
    if sizes is not None:
        return f"two sizes are a list: [{sizes[1]}, {sizes[2]}]"
    if at == len(text) and text.count("(") > text.count(")") and not text.startswith("("):
        return "inside [ ] and { } a comma ends the value: write the expression in quotes"
    if text.startswith("(") and text[at : at + 1] == ",":
        return f"a list is written in brackets: [{text.strip('() ,')}]"
    if text.startswith("(") and at == len(text):
        brackets = "a list is written in brackets, such as [3, 3]"
        return brackets if text[1:].strip().isalnum() else "close it with ')'"
    if text[at : at + 1] == "." or text[at - 1 : at] == ".":
        return "only whole numbers can stand in an expression"
    if text[at - 1 : at + 1] == "**":
        return "a power is written with ^, such as 2^3"
    return None


def _value_help(message: str, names: Map[str, Any], text: str) -> str | None:
    if message.endswith("is not a whole number"):
        return "a/b must be exact; a // b rounds down, ceil(a/b) rounds up"
    if isinstance(names.get(text.strip()), list):
        return f"write ${{{text.strip()}}} to put the list in its place"
    return None
