"""What feature layers do beyond their row in the table: vocabularies, and sizes of the data."""

import builtins
import time

import pytest

from dense_shapes import ModelError, summarize
from dense_shapes.layers import InvalidOptions, StringLookup, TextVectorization

TEXT = {"text": {"shape": [1], "dtype": "string"}}


def shapes(*layers, **more):
    summary = summarize({"inputs": TEXT, "layers": list(layers)}, **more)
    return [row["output_shape"] for row in summary.to_dict()["layers"]][1:]


def test_a_vocabulary_in_a_file_is_never_opened(tmp_path, monkeypatch):
    path = tmp_path / "terms.txt"
    path.write_text("red\ngreen\n", "utf-8")
    monkeypatch.setattr(builtins, "open", None)
    lookup = {"vocabulary": str(path)}
    assert shapes({"StringLookup": lookup}) == [[None, 1]]
    assert shapes({"StringLookup": lookup | {"output_mode": "count"}}) == [[None, "vocabulary"]]


def test_sizes_of_the_data_are_told_apart_and_can_be_set():
    layers = [
        {"TextVectorization": {"name": "a", "from": "text"}},
        {"TextVectorization": {"name": "b", "from": "text"}},
    ]
    assert shapes(*layers) == [[None, "tokens"], [None, "tokens_1"]]
    assert shapes(*layers, set={"tokens_1": 9}) == [[None, "tokens"], [None, 9]]


def test_names_of_the_user_are_not_taken_for_sizes_of_the_data():
    spec = {
        "inputs": TEXT | {"other": ["tokens"]},
        "layers": [{"TextVectorization": {"from": "text"}}, {"Add": {"from": ["other", "text"]}}],
    }
    layers = summarize(spec).to_dict()["layers"]
    assert layers[2]["output_shape"] == [None, "tokens_1"]


@pytest.mark.parametrize(
    ("options", "depth"),
    [
        ({"vocabulary": ["a", "b"]}, 3),
        ({"vocabulary": ["a", "b"], "mask_token": ""}, 3),
        ({"vocabulary": ["[UNK]", "a", "b"]}, 3),
        ({"vocabulary": ["a", "b"], "num_oov_indices": 4}, 6),
        ({"vocabulary": ["a"], "max_tokens": 9, "pad_to_max_tokens": True}, 9),
        ({"vocabulary_size": 7}, 7),
        ({"max_tokens": 9}, "vocabulary"),
    ],
)
def test_rows_are_as_long_as_there_are_terms(options, depth):
    options = options | {"output_mode": "multi_hot"}
    assert shapes({"StringLookup": options}) == [[None, depth]]


def test_the_mask_is_a_term_of_numbers_only():
    terms = ["", "[UNK]", "a"]
    assert shapes({"StringLookup": {"vocabulary": terms, "mask_token": ""}}) == [[None, 1]]
    with pytest.raises(InvalidOptions, match="'' is the mask_token"):
        StringLookup(vocabulary=terms, mask_token="", output_mode="multi_hot")


def test_special_terms_count_in_what_adapt_may_find():
    assert StringLookup(vocabulary=["a", "b"], max_tokens=3)
    with pytest.raises(InvalidOptions, match="there are 4 terms"):
        StringLookup(vocabulary=["a", "b"], max_tokens=3, mask_token="")


def test_so_many_unknown_numbers_are_no_list():
    lookup = StringLookup(vocabulary=["a"], num_oov_indices=10**15, output_mode="count")
    assert lookup.depth == 10**15 + 1


def test_a_large_vocabulary_takes_little_time():
    terms = [f"term {i}" for i in range(100_000)]
    begin = time.perf_counter()
    options = {"vocabulary": terms, "output_mode": "tf_idf", "idf_weights": [0.5] * len(terms)}
    assert shapes({"TextVectorization": options}) == [[None, len(terms) + 1]]
    assert time.perf_counter() - begin < 10
    terms[-1] = terms[0]
    with pytest.raises(ModelError, match="'term 0' stands there again"):
        shapes({"TextVectorization": options})


def test_texts_and_numbers_are_told_apart():
    back = {"StringLookup": {"vocabulary": ["a"], "invert": True}}
    assert shapes({"StringLookup": {"vocabulary": ["a"]}}, back) == [[None, 1], [None, 1]]
    with pytest.raises(ModelError, match="takes numbers here, found an input of string"):
        shapes(back)


def test_a_function_of_ones_own_is_kept_and_not_run():
    own = {"module": "builtins", "class_name": "function", "config": "os.system"}
    assert TextVectorization(standardize=own, split=own).output((2, 1))[0] == 2
    with pytest.raises(InvalidOptions, match="standardize"):
        TextVectorization(standardize="os.system")
