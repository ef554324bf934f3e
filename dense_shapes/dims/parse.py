"""From text to sizes: a recursive-descent parser.

    sum     = product { ("+" | "-") product }
    product = unary { ("*" | "/" | "//" | "%") unary }
    unary   = { "+" | "-" } power
    power   = primary [ "^" unary ]
    primary = number | name | function "(" sum { "," sum } ")" | "(" sum ")"

`/` is an exact division, except inside `floor` and `ceil`, where it is the true quotient. Values
are raw expressions, so that `floor` sees that quotient.
"""

from __future__ import annotations

from dense_shapes.dims import expr as ex
from dense_shapes.dims.errors import DimError, DimSyntaxError
from dense_shapes.dims.rounding import ceil_raw, dim_max, dim_min, exact_div, floor_raw

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dense_shapes.dims.expr import Dim, Expr

MAX_TEXT = 10_000
MAX_NESTING = 50
MAX_DIGITS = 19
MAX_WORK = 20_000  # terms of all intermediate results

FUNCTIONS = ("floor", "ceil", "min", "max")
OPERAND = "a number, a name or '('"


def parse_dim(
    text: str,
    lookup: Callable[[str, int], Dim] | None = None,
    on_exact: Callable[[Dim, Dim], None] | None = None,
) -> Dim:
    """Read a size.

    Args:
        text: An expression of integers, names, `+ - * / // % ^ ( )`, `floor`, `ceil`, `min` and
            `max`.
        lookup: Gives the size for a name at an offset. Whatever it raises passes through. By
            default every name is a symbol.
        on_exact: Called with numerator and denominator of every division that has to be exact
            and involves a symbol.

    Raises:
        DimSyntaxError: If the text is not an expression.
        DimError: If its value does not exist; `start` and `end` point at the operator or the
            call that is to blame.
    """
    if len(text) > MAX_TEXT:
        raise DimSyntaxError(
            f"expected at most {MAX_TEXT:,} characters, found {len(text):,}", MAX_TEXT, len(text)
        )
    parser = _Parser(text, lookup, on_exact)
    value = parser.sum()
    if parser.word:
        raise parser.unexpected("an operator or the end")
    return parser.whole(value, 0, len(text))


class _Parser:
    """The text, the current token and the nesting."""

    def __init__(
        self,
        text: str,
        lookup: Callable[[str, int], Dim] | None,
        on_exact: Callable[[Dim, Dim], None] | None,
    ) -> None:
        self.text = text
        self.lookup = lookup
        self.on_exact = on_exact
        self.nesting = 0
        self.work = 0
        self.exact = True
        self.start = self.end = 0
        self.word = ""
        self.advance()

    def advance(self) -> None:
        """Go to the next token; it is empty at the end."""
        text = self.text
        start = self.end
        while start < len(text) and text[start].isspace():
            start += 1
        end = min(start + 1, len(text))
        first = text[start:end]
        if "0" <= first <= "9":
            while end < len(text) and "0" <= text[end] <= "9":
                end += 1
        elif first == "_" or first.isalnum():
            while end < len(text) and (text[end] == "_" or text[end].isalnum()):
                end += 1
        elif text.startswith("//", start):
            end += 1
        self.start, self.end = start, end
        self.word = text[start:end]

    def unexpected(self, expected: str) -> DimSyntaxError:
        """The error for a current token that cannot stand here."""
        found = f"'{self.word}'" if self.word else "the end"
        return DimSyntaxError(f"expected {expected}, found {found}", self.start, self.end)

    def nest(self, by: int) -> None:
        """Enter (1) or leave (-1) one level of recursion."""
        self.nesting += by
        if self.nesting > MAX_NESTING:
            raise DimSyntaxError(f"nested deeper than {MAX_NESTING}", self.start, self.end)

    def binary(self, operator: str, a: Expr, b: Expr, start: int, end: int) -> Expr:
        """The value of an operation, its errors placed at its operator."""
        try:
            value = self.compute(operator, a, b)
        except DimError as error:
            raise DimError(error.message, start, end) from None
        self.work += len(value.num) + len(value.den)
        if self.work > MAX_WORK:
            raise DimError("the expression is too large: too much to compute", start, end)
        if operator == "/" and self.exact and self.on_exact and (a.atoms or b.atoms):
            self.on_exact(ex.dim(a), ex.dim(b))
        return value

    def compute(self, operator: str, a: Expr, b: Expr) -> Expr:
        """The value of an operation."""
        if operator == "+":
            return ex.add_raw(a, b)
        if operator == "-":
            return ex.add_raw(a, b, -1)
        if operator == "*":
            return ex.mul_raw(a, b)
        if operator == "/":
            return ex.raw(exact_div(ex.dim(a), ex.dim(b))) if self.exact else ex.div_raw(a, b)
        if operator == "^":
            exponent = ex.dim(b)
            if not isinstance(exponent, int):
                raise DimError(f"expected a whole number as exponent, found {b}")
            return ex.power_raw(a, exponent)
        # A quotient by 1 is the size itself, however it is written.
        by_one = self.exact and b.num == b.den
        rounded = a if by_one else floor_raw(ex.div_raw(a, b))
        return rounded if operator == "//" else ex.add_raw(a, ex.mul_raw(b, rounded), -1)

    def whole(self, value: Expr, start: int, end: int) -> Dim:
        """A value as a size, the error if it is a fraction placed."""
        try:
            return ex.dim(value)
        except DimError as error:
            raise DimError(error.message, start, end) from None

    def sum(self) -> Expr:
        """Terms and their signs."""
        value = self.product()
        while self.word and self.word in "+-":
            operator, start, end = self.word, self.start, self.end
            self.advance()
            value = self.binary(operator, value, self.product(), start, end)
        return value

    def product(self) -> Expr:
        """Factors and divisors."""
        value = self.unary()
        while self.word in ("*", "/", "//", "%"):
            operator, start, end = self.word, self.start, self.end
            self.advance()
            value = self.binary(operator, value, self.unary(), start, end)
        return value

    def unary(self) -> Expr:
        """A power behind any number of signs."""
        negative = False
        while self.word and self.word in "+-":
            negative ^= self.word == "-"
            self.advance()
        value = self.power()
        return ex.neg_raw(value) if negative else value

    def power(self) -> Expr:
        """A primary, perhaps with an exponent."""
        base = self.primary()
        if self.word != "^":
            return base
        start, end = self.start, self.end
        self.advance()
        self.nest(1)
        exponent = self.unary()
        self.nest(-1)
        return self.binary("^", base, exponent, start, end)

    def primary(self) -> Expr:
        """A number, a name, a function call, or anything in parentheses."""
        word, start, end = self.word, self.start, self.end
        if word == "(":
            self.advance()
            self.nest(1)
            value = self.sum()
            self.nest(-1)
            self.close("an operator or ')'")
            return value
        if "0" <= word[:1] <= "9":
            if len(word) > MAX_DIGITS:
                raise DimSyntaxError(
                    f"expected at most {MAX_DIGITS} digits, found {len(word):,}", start, end
                )
            self.advance()
            return ex.raw(int(word))
        if not ex.is_name(word):
            raise self.unexpected(OPERAND)
        self.advance()
        if self.word == "(":
            if word not in FUNCTIONS:
                raise DimSyntaxError(
                    f"expected floor, ceil, min or max before '(', found '{word}'", start, end
                )
            return self.call(word, start)
        if self.lookup is None:
            return ex.symbol(word)
        return ex.raw(self.lookup(word, start))

    def close(self, expected: str) -> None:
        """Pass the closing parenthesis."""
        if self.word != ")":
            raise self.unexpected(expected)
        self.advance()

    def call(self, name: str, start: int) -> Expr:
        """The arguments of a function, and its value."""
        self.advance()
        self.nest(1)
        rounding = name in ("floor", "ceil")
        exact, self.exact = self.exact, not rounding
        args = [self.sum()]
        while self.word == "," and not rounding:
            self.advance()
            args.append(self.sum())
        self.exact = exact
        self.nest(-1)
        end = self.end
        self.close("an operator or ')'" if rounding else "an operator, ',' or ')'")
        try:
            if name == "floor":
                return floor_raw(args[0])
            if name == "ceil":
                return ceil_raw(args[0])
            dims = [ex.dim(a) for a in args]
            return ex.raw(dim_max(*dims) if name == "max" else dim_min(*dims))
        except DimError as error:
            raise DimError(error.message, start, end) from None
