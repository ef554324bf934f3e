"""The registry for readers."""

import itertools

import pytest
import yaml

from dense_shapes.api import analyse
from dense_shapes.layers import REGISTRY, operations
from dense_shapes.render.language import PAGES, render_entry
from dense_shapes.render.pages import families, render_families, render_page


def test_families_have_whole_titles():
    titles = list(families())
    assert "Layers that models of `keras.applications` bring along" in titles
    assert all(title.count("`") % 2 == 0 for title in titles)


def test_a_page_says_how_weights_can_be_quantized():
    def page(name):
        return render_page(REGISTRY[name], width=None, ascii_only=False, bold=False)

    assert "can be quantized too (int8, int4), as in int8_from_float32" in page("Embedding")
    assert "quantized" not in page("Flatten")


SHAPES = (
    *([6, 4], [4], [64], [64, 64], [32, 32, 3], [4, 16, 16, 3], [3, 4, 16, 16, 3]),
    *([32, 3], [16000, 1], [1], [2], [8, 8, 4], []),
)
DTYPES = ("float32", "int32", "string")


@pytest.mark.parametrize("name", REGISTRY | operations())
def test_the_example_of_a_page_works_as_it_stands(name):
    layer = (REGISTRY | operations())[name]
    page = render_page(layer, width=None, ascii_only=False, bold=False)
    layers = yaml.safe_load(page.partition("In a spec\n")[2])
    names = ("a", "b", "c", "d") if "from:" in page.partition("In a spec\n")[2] else ("a",)
    told = []
    for shape, dtype in itertools.product(SHAPES, DTYPES):
        inputs = {given: {"shape": shape, "dtype": dtype} for given in names}
        spec = {"inputs": inputs, "layers": layers}
        if name == "InputLayer":
            del spec["inputs"]
        errors = [d for d in analyse(spec).diagnostics if d.severity == "error"]
        if not errors or {d.code for d in errors} == {"DS204"}:
            return
        told += errors
    pytest.fail(f"{page}\n{told}")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Dense", "Takes 1 input."),
        ("Add", "Takes 1 or more inputs."),
        ("Dot", "Takes 2 inputs."),
        ("MultiHeadAttention", "Takes 2 to 3 inputs: after the first, value, key."),
        ("ops.Add", "Takes 1 to 2 inputs: x1, x2, save those that are constants."),
        ("InputLayer", "Takes no input: it is one."),
    ],
)
def test_a_page_says_how_many_inputs_there_are(name, text):
    layer = (REGISTRY | operations())[name]
    assert f"  {text}\n" in render_page(layer, width=None, ascii_only=False, bold=False)


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_what_layers_do_stands_in_one_column(width):
    text = render_families(width=width, ascii_only=False, bold=False)
    lines = [line for line in text.splitlines() if line.startswith("  ")]
    assert all(len(line) <= width for line in lines)
    folded = {len(line) - len(line.lstrip()) for line in lines} - {2}
    begun = {
        line.index(line[2:].split("  ")[-1].lstrip()) for line in lines if "  " in line[2:].strip()
    }
    assert folded == begun == {30}


@pytest.mark.parametrize("name", PAGES)
def test_the_spec_on_a_page_of_the_language_works_as_it_stands(name):
    page = render_entry(name, width=80, ascii_only=False, bold=False)
    _, _, example = page.partition("A spec with it\n")
    summary = analyse(yaml.safe_load(example))
    assert summary.diagnostics == []
    assert len(summary.layers) > 1


@pytest.mark.parametrize("name", PAGES)
def test_every_form_on_a_page_of_the_language_is_yaml(name):
    for form, _ in PAGES[name].syntax:
        assert yaml.safe_load(form.replace("...", "").replace("NAME", "block")) is not None
