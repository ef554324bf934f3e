"""Puts Keras's outcome of a case beside ours."""

from tests.oracle import keras_side, macs, our_side
from tests.oracle.draws import Case


class Verdict:
    """What the comparison of one case showed.

    Attributes:
        case: The case.
        accepted: Whether Keras took it.
        differences: What differs, each as a line of text.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        closed = case.closed()
        theirs = keras_side.run(*closed)
        ours, products, _ = our_side.run(*closed)
        self.accepted = theirs.refusal is None
        self.taken = ours.refusal is None
        self.refusals = (theirs.refusal, ours.refusal)
        self.differences: list[str] = []
        self._compare("", theirs, ours)
        if self.accepted and self.taken:
            self._differ("MACs", macs.count(closed, theirs), products)
        if case != closed:
            self._open(ours, products)

    def _open(self, closed, products) -> None:
        """Compare the case with its open sizes, which the call then gives."""
        ours, count, held = our_side.run(*self.case)
        if ours.refusal is None:
            self._differ("demands left open", closed.refusal is None, held)
        if not self.accepted:
            # Of a size left open Keras checks what the call happens to need, we as if given.
            return
        theirs = keras_side.run(*self.case)
        self._compare("left open: ", theirs, ours)
        if held:
            self._differ("left open: MACs", products, count)
            self._differ("left open: weights", closed.weights, ours.weights)

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
        return "\n".join(
            [
                *self.differences,
                "--- Keras:",
                keras_side.snippet(*self.case),
                "--- dense-shapes:",
                our_side.snippet(self.case.name, self.case.options, self.case.shape),
            ]
        )
