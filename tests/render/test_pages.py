"""The registry for readers."""

import pytest
import yaml

from dense_shapes import summarize
from dense_shapes.layers import REGISTRY
from dense_shapes.render.pages import families, render_page


def test_families_have_whole_titles():
    titles = list(families())
    assert "Layers that models of `keras.applications` bring along" in titles
    assert all(title.count("`") % 2 == 0 for title in titles)


def test_a_page_says_how_weights_can_be_quantized():
    def page(name):
        return render_page(REGISTRY[name], width=None, ascii_only=False, bold=False)

    assert "can be quantized too (int8, int4), as in int8_from_float32" in page("Embedding")
    assert "quantized" not in page("Flatten")


@pytest.mark.parametrize(
    ("name", "shapes"),
    [
        ("Dot", [[4], [4]]),
        ("MultiHeadAttention", [[6, 4], [6, 4]]),
        ("GroupQueryAttention", [[6, 4], [6, 4]]),
        ("EinsumDense", [[6, 4]]),
        ("Bidirectional", [[6, 4]]),
        ("RepeatVector", [[4]]),
    ],
)
def test_the_example_of_a_page_works_as_it_stands(name, shapes):
    page = render_page(REGISTRY[name], width=None, ascii_only=False, bold=False)
    layers = yaml.safe_load(page.partition("In a spec\n")[2])
    inputs = {f"in{i}": shape for i, shape in enumerate(shapes)}
    if len(shapes) > 1:
        options = layers[0][name]
        (first,) = [options] if isinstance(options, dict) else [{"axes": options}]
        layers = [{name: {**first, "from": list(inputs)}}]
    assert summarize({"inputs": inputs, "layers": layers}).to_dict()["layers"][-1]["status"] == "ok"
