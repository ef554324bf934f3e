"""Puts Keras's outcome of a case beside ours."""

from tests.oracle import keras_side, macs, our_side
from tests.oracle.draws import Case


class Verdict:
    """What the comparison of one case showed.

    Attributes:
        case: The case.
        accepted: Whether Keras took it, with all sizes given.
        taken: Whether we did.
        refusals: What Keras and we said against it, None where it was taken.
        differences: What differs, each as a line of text.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        closed = case.closed()
        theirs = keras_side.run(*closed)
        ours, products = our_side.run(*closed)
        self.accepted = theirs.refusal is None
        self.taken = ours.refusal is None
        self.refusals = (theirs.refusal, ours.refusal)
        self.differences: list[str] = []
        self._compare("", theirs, ours)
        if self.accepted and self.taken:
            self._differ("MACs", macs.count(closed, theirs), products)
        if case != closed:
            self._open(products)
        if case.name != "InputLayer":
            self._named(ours, products)

    def _open(self, products) -> None:
        """Compare the case with its open sizes, which the call then gives."""
        ours, count = our_side.run(*self.case)
        if not self.taken:
            self._differ("left open: taken", False, ours.refusal is None)
        if not self.accepted:
            # Of a size left open Keras checks what the call happens to need, we as if given.
            return
        self._compare("left open: ", keras_side.run(*self.case), ours)
        if ours.refusal is None:
            self._differ("left open: MACs", products, count)

    def _named(self, given, products) -> None:
        """Name all sizes: with numbers in their place again, nothing may be different."""
        case = self.case._replace(shape=_unsized(self.case.shape))
        ours, count = our_side.run(*case, named=True)
        self._differ("named: taken", self.taken, ours.refusal is None)
        if self.taken and ours.refusal is None:
            for what in ("called", "weights"):
                self._differ(f"named: {what}", getattr(given, what), getattr(ours, what))
            self._differ("named: MACs", products, count)

    def _compare(self, prefix, theirs, ours) -> None:
        if (theirs.refusal is None) != (ours.refusal is None):
            self.differences.append(
                f"{prefix}Keras {theirs.refusal or 'accepts'}\n  ours  {ours.refusal or 'accepts'}"
            )
        elif theirs.refusal is None:
            for what in ("inferred", "called", "dtype", "weights", "params"):
                self._differ(prefix + what, getattr(theirs, what), getattr(ours, what))

    def _differ(self, what, theirs, ours) -> None:
        if theirs != ours:
            self.differences.append(f"{what}: Keras {theirs}\n  ours  {ours}")

    def report(self) -> str:
        """Write the differences, and Python that shows both sides."""
        first = self.differences[0]
        case = self.case if first.startswith("left open") else self.case.closed()
        named = first.startswith("named")
        shape = _unsized(case.shape) if named else case.shape
        return "\n".join(
            [
                *self.differences,
                "--- Keras:",
                keras_side.snippet(*case),
                "--- dense-shapes:",
                our_side.snippet(case.name, case.options, shape, named=named),
            ]
        )


def _unsized(shape):
    return (shape[0], *[None] * (len(shape) - 1))
