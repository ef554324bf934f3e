"""The registry for readers."""

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
