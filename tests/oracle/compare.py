"""Puts Keras's outcome of a case beside ours."""

from collections.abc import Callable

from dense_shapes.dims import Expr
from tests.oracle import keras_side, macs, our_side
from tests.oracle.draws import Case
from tests.oracle.shapes import each, listed

NAMED = ("apart", "alike")


class Verdict:
    """What the comparison of one case showed.

    Args:
        case: The case.
        run: Tells what Keras makes of a case; by default by running it.

    Attributes:
        case: The case.
        accepted: Whether Keras took it, with all sizes given.
        taken: Whether we did.
        refusals: What Keras and we said against it, None where it was taken.
        called: The shape of Keras's real output, or a list.
        differences: What differs, each as a line of text.
    """

    def __init__(self, case: Case, run: Callable[..., keras_side.Outcome] = keras_side.run) -> None:
        self.case = case
        self.run = run
        closed = case.closed()
        theirs = run(*closed)
        ours, products = our_side.run(*closed)
        self.accepted = theirs.refusal is None
        self.taken = ours.refusal is None
        self.refusals = (theirs.refusal, ours.refusal)
        self.differences: list[str] = []
        self.called = theirs.called
        self._compare("", theirs, ours)
        if self.accepted and self.taken:
            self._differ("MACs", macs.count(closed, theirs), products)
        if case != closed and not theirs.traced:
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
        self._compare("left open: ", self.run(*self.case), ours)
        if ours.refusal is None:
            self._differ("left open: MACs", products, count)

    def _named(self, given, products) -> None:
        """Name all sizes: with numbers in their place again, nothing may be different.

        Sizes of several inputs are named apart, then equal ones alike.
        """
        case = self.case._replace(shape=each(_unsized, self.case.shape))
        for how in NAMED if isinstance(case.shape, list) else NAMED[:1]:
            ours, count = our_side.run(*case, named=how)
            taken = self.taken and not (count_axes(case) and len(listed(case.shape)[0]) > 1)
            self._differ(f"named {how}: taken", taken, ours.refusal is None)
            if taken and ours.refusal is None:
                for what in ("called", "weights"):
                    self._differ(f"named {how}: {what}", getattr(given, what), getattr(ours, what))
                self._differ(f"named {how}: MACs", products, count)

    def _compare(self, prefix, theirs, ours) -> None:
        if (theirs.refusal is None) != (ours.refusal is None):
            self.differences.append(
                f"{prefix}Keras {theirs.refusal or 'accepts'}\n  ours  {ours.refusal or 'accepts'}"
            )
        elif theirs.refusal is None:
            self._differ(prefix + "called", theirs.called, _by_data(ours.called, theirs.called))
            if theirs.inferred is not None:
                known = each(_told, ours.inferred, theirs.inferred)
                self._differ(prefix + "inferred", theirs.inferred, known)
            for what in ("dtype", "params"):
                if getattr(theirs, what) is not None:
                    self._differ(prefix + what, getattr(theirs, what), getattr(ours, what))
            self._differ(prefix + "weights", _called_alike(theirs.weights, ours), ours.weights)

    def _differ(self, what, theirs, ours) -> None:
        if theirs != ours:
            self.differences.append(f"{what}: Keras {theirs}\n  ours  {ours}")

    def report(self) -> str:
        """Write the differences, and Python that shows both sides."""
        first = self.differences[0]
        case = self.case if first.startswith("left open") else self.case.closed()
        named = next((how for how in NAMED if first.startswith(f"named {how}")), None)
        if named:
            case = case._replace(shape=each(_unsized, case.shape))
        return "\n".join(
            [
                *self.differences,
                "--- Keras:",
                keras_side.snippet(*(self.case.closed() if named else case)),
                "--- dense-shapes:",
                our_side.snippet(*case, named=named),
            ]
        )


def count_axes(case: Case) -> bool:
    """Whether sizes decide how many axes the output has, so that they cannot be left to names.

    A squeeze drops every axis of 1, a cross product of two numbers gives one; numbers become rows
    along a last axis of 1, or a new one.
    """
    if case.name == "ops.Cross":
        axis = case.options.get("axis")
        own = [case.options.get(name, -1) for name in ("axisa", "axisb")]
        axes = zip(own if axis is None else [axis, axis], case.shape, strict=True)
        lengths = [None if at % len(one) else one[0] for at, one in axes]
        return None in lengths and 3 not in lengths
    if case.name == "ops.Squeeze":
        return case.options.get("axis") is None
    # Features have one value each, and what is split is rows.
    split = case.name == "TextVectorization" and case.options.get("split", "") is not None
    one_hot = case.options.get("output_mode") == "one_hot"
    return one_hot and not split and case.name != "HashedCrossing"


def _unsized(shape):
    return (shape[0], *[None] * (len(shape) - 1))


def _told(ours, theirs):
    """Return our inferred shape without what Keras's tells nothing of."""
    if theirs is None or len(ours) != len(theirs):
        return ours if theirs is not None else None
    return tuple(... if m is ... else n for n, m in zip(ours, theirs, strict=True))


def _by_data(ours, theirs):
    """Return our shape with Keras's sizes where only the data decides, one for each name.

    A ragged tensor tells no such size, nor others behind it.
    """
    if isinstance(ours, list) or len(ours) != len(theirs):
        return ours
    known = {}
    return tuple(
        None if m is None else known.setdefault(n, m) if isinstance(n, Expr) else n
        for n, m in zip(ours, theirs, strict=True)
    )


def _called_alike(theirs, ours):
    """Return Keras's weights under our names, where those end Keras's paths and are unique.

    Where a layer has named none, Keras calls it "variable", whatever we do.
    """
    names = [weight[0] for weight in ours.weights]
    if len(names) != len(theirs) or len(set(names)) < len(names):
        return theirs
    return [
        (name if f"/{path}".endswith((f"/{name}", "/variable")) else path, *rest)
        for name, (path, *rest) in zip(names, theirs, strict=True)
    ]
