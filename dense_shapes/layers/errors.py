"""What a layer's rules raise: plain errors that know the option at fault, but no file."""

from __future__ import annotations

from collections.abc import Iterable


class OptionError(ValueError):
    """An option's value that the layer cannot take.

    Attributes:
        message: What was found and what was expected.
        field: The option's name; empty until the layer that reads the option fills it in.
        path: Indices into a list value, down to the element at fault.
        help: What to do about it, or None.
        code: The diagnostic code it becomes.
    """

    def __init__(
        self,
        message: str,
        *,
        field: str = "",
        path: tuple[int, ...] = (),
        help: str | None = None,  # noqa: A002 - the name the diagnostics use
        code: str = "DS105",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.path = path
        self.help = help
        self.code = code


class InvalidOptions(ValueError):  # noqa: N818 - a list of errors, not one
    """All the problems of one layer's options, found in one reading.

    Attributes:
        problems: The errors, in the order of the options as given.
    """

    def __init__(self, problems: list[OptionError]) -> None:
        super().__init__("; ".join(f"{p.field}: {p.message}" for p in problems))
        self.problems = problems


class ShapeError(ValueError):
    """An input shape that the layer cannot accept.

    Attributes:
        message: What was found and what was expected, shapes included.
        field: The option at fault, or None for the layer itself.
        help: What to do about it, or None.
        path: Indices into the option's list, down to the element at fault.
        rank: How many axes the layer needs, where their number is what is wrong.
        code: The diagnostic code it becomes.
        open: The names of sizes that are left open and should not be.
    """

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        help: str | None = None,  # noqa: A002 - the name the diagnostics use
        path: tuple[int, ...] = (),
        rank: int | None = None,
        code: str = "DS201",
        open: Iterable[str] = (),  # noqa: A002 - the word that users see
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.path = path
        self.help = help
        self.rank = rank
        self.code = code
        self.open = frozenset(open)
