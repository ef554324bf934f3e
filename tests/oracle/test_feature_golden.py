"""The layers that need TensorFlow, against what Keras made of them when it had it."""

import json

import pytest

from tests.oracle.compare import Verdict
from tests.oracle.draws import Case
from tests.oracle.feature_golden import PATH
from tests.oracle.feature_rows import GOLDEN
from tests.oracle.keras_side import Outcome, settled
from tests.oracle.shapes import each
from tests.oracle.test_layers import tally


def shapes(data):
    """Return a shape, or a list of shapes, as a case has it."""
    several = bool(data) and isinstance(data[0], list)
    return each(tuple, data) if several else tuple(data)


def outcome(data):
    """Return what became of a case, from plain data."""
    if "refusal" in data:
        return Outcome(refusal=data["refusal"])
    inferred, called = data["inferred"], tuple(data["called"])
    return Outcome(
        inferred=None if inferred is None else settled(tuple(inferred), called),
        called=called,
        dtype=data["dtype"],
    )


def verdicts(name):
    """Yield a verdict on each kept case of a layer."""
    for line in PATH.read_text("utf-8").splitlines():
        kept = json.loads(line)
        if kept["case"]["name"] != name:
            continue
        case = Case(**kept["case"])
        case = case._replace(shape=shapes(case.shape), arrays=shapes(case.arrays))
        known = {str(case): kept.get("opened"), str(case.closed()): kept["closed"]}
        yield Verdict(case, lambda *asked, known=known: outcome(known[str(Case(*asked))]))


@pytest.mark.parametrize("name", GOLDEN)
def test_agrees_with_what_keras_made_of_it(name, record_property):
    tally(verdicts(name), record_property)
