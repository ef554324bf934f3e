"""The table of layers over images: the options each one takes and the shapes it is given."""

from dataclasses import replace
from random import Random

from tests.oracle import kinds as k
from tests.oracle.draws import ANY, FLOATS, Options, Row, Sizes
from tests.oracle.kinds import Kind
from tests.oracle.nested import Nested

WHOLE = (*FLOATS, "int32", "uint8")
MODES = ("reflect", "wrap", "constant", "nearest")


def image(r: Random) -> Sizes:
    """Draw height, width and channels of an image, or sometimes leave the height to the batch."""
    sizes = [r.randint(1, 8), r.randint(1, 8), r.choice((3, 3, 3, 1, 2, 4))]
    return sizes if r.random() < 0.85 else sizes[1:]


def colored(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often put three channels where they are looked for."""
    if r.random() < 0.7:
        first = (options.get("data_format") or "").lower() == "channels_first"
        sizes[-3 if first and len(sizes) > 2 else -1] = 3


def chained(r: Random, options: Options, sizes: Sizes) -> None:
    """Choose layers that most often go together."""
    several = [_inside(r) for _ in range(r.randint(1, 3))]
    if r.random() < 0.5:
        # Each only once, or Keras numbers its name anew through all that is in the pipeline.
        several += r.sample(OTHERS, r.randint(1, 2))
    r.shuffle(several)
    options["layers"] = several


def _inside(r: Random) -> Nested:
    name = r.choice([name for name in IMAGE_ROWS if name not in APART])
    row = IMAGE_ROWS[name]
    drawn = {
        option: kind.draw(r)
        for option, kind in row.options.items()
        if option in row.required or r.random() < 0.3
    }
    return Nested(name, drawn)


APART = {
    *("Pipeline", "Equalization"),
    # Keras tries a pipeline out on some hundred images, which takes these seconds.
    *("RandAugment", "AugMix", "RandomElasticTransform", "RandomPerspective"),
}
"""Layers that are not put in a pipeline with others."""

OTHERS = (
    Nested("Rescaling", {"scale": 0.5}),
    Nested("Dense", {"units": 3}),
    Nested("Dense", {"units": 3, "use_bias": False, "dtype": "float16"}),
    Nested("Conv2D", {"filters": 3, "kernel_size": 2, "trainable": False}),
    Nested("MaxPooling2D", {}),
    Nested("BatchNormalization", {}),
    Nested("Reshape", {"target_shape": [-1, 3]}),
    Nested("LSTM", {"units": 2, "return_sequences": True}),
    Nested("GRU", {"units": 2, "return_state": True}),
    Nested("TimeDistributed", {"layer": Nested("Conv1D", {"filters": 3, "kernel_size": 1})}),
    Nested("Pipeline", {"layers": [Nested("PReLU", {}), Nested("RandomFlip", {})]}),
    Nested("Add", {}),
    Nested("Identity", {"dtype": "float16"}),
)
"""Layers to put in a pipeline beside those over images."""


def _span(*numbers: float, wrong: tuple = (), lax: tuple = ()) -> Kind:
    """Make the kind of factors: one of these numbers, or two of them."""
    pairs = k.lists(k.of(*numbers), 2, 2)
    return Kind(
        lambda r: r.choice(numbers) if r.random() < 0.6 else r.choice((list, tuple))(pairs.draw(r)),
        ("x", [0.5], [1, 1, 1], *wrong),
        (True, None, *lax),
    )


SHARE = _span(0, 0.25, 0.5, 1, 1.0, wrong=(-0.1, 1.5, [2, 3], [-3, -2]))
BOTH_WAYS = _span(-1, -0.5, 0, 0.25, 1.0, wrong=(-1.5, 2, [2, 3], [-3, -2]))
STRICT = _span(0, 0.25, 0.5, 1, wrong=(-0.1, 1.5, [0, 2], [-1, 0.5]))
EITHER_WAY = _span(-1, -0.5, 0, 0.25, 1.0, wrong=(-1.5, 2, [0, 2], [-3, 0.5]))
ZOOM = _span(-0.9, -0.5, 0, 0.25, 1.0, wrong=(-1, 2, [0, 2], [-1, 0.5]))
CHECKED_RANGE = k.of((0, 255), [0, 1], (-1.0, 1.0), [255, 0], wrong=(5, [1], [0, 1, 2], None))
RANGE = k.of((0, 255), [0, 1], (-1.0, 1.0), wrong=(), lax=(5, [1], [0, 1, 2], None))
COMMON = {
    "data_format": k.DATA_FORMAT,
    "bounding_box_format": k.of(None, "xyxy", "rel_xywh", "center_yxhw", lax=("coco", 3)),
}
INTERPOLATION = k.of("nearest", "bilinear", wrong=("bicubic", "Nearest", None, 1))
FILL = {
    "fill_mode": k.of(*MODES, wrong=("mirror", "Constant", None, 1)),
    "fill_value": k.of(0, 0.5, -2, lax=("x", None, [1])),
    "interpolation": INTERPOLATION,
    "seed": k.SEED,
}


def _images(*required: str, dtypes: tuple = ANY, **options: Kind) -> Row:
    call = {"training": k.of(True, True, False, None)}
    return Row({**options, **COMMON}, required, image, colored, dtypes, call)


def _framed(**options: Kind) -> Row:
    # Keras makes images of nothing.
    side = k.unread(k.positive(6), 0)
    return _images("height", "width", height=side, width=side, **options)


def _colors(factor: Kind, *, required: bool = True, dtypes: tuple = ANY, checked=True) -> Row:
    return _images(
        *(["factor"] if required else []),
        dtypes=dtypes,
        factor=factor,
        value_range=CHECKED_RANGE if checked else RANGE,
        seed=k.SEED,
    )


IMAGE_ROWS: dict[str, Row] = {
    "Resizing": _framed(
        interpolation=k.of(
            *("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"),
            wrong=("linear", "Bilinear", None, 1),
        ),
        crop_to_aspect_ratio=k.BOOL,
        pad_to_aspect_ratio=k.BOOL,
        fill_mode=k.of("constant", wrong=("reflect", None)),
        fill_value=k.of(0, 0.5, lax=("x", None)),
        antialias=k.BOOL,
    ),
    "CenterCrop": _framed(),
    "RandomCrop": _framed(seed=k.SEED),
    "RandomBrightness": _colors(BOTH_WAYS),
    "RandomContrast": _colors(SHARE, checked=False),
    "RandomColorDegeneration": _colors(BOTH_WAYS),
    "RandomSaturation": _colors(BOTH_WAYS),
    "RandomHue": _colors(SHARE, checked=False),
    "RandomSharpness": _colors(SHARE),
    "RandomPosterization": _colors(
        _span(1, 2, 3, 8, 5.0, 1.5, wrong=(0, 0.5, 9, [9, 10], [-1, 0])),
    ),
    "RandomInvert": _colors(SHARE, required=False, checked=False),
    "RandomGaussianBlur": _images(
        factor=SHARE,
        kernel_size=k.of(1, 3, 5, [3, 1], (1, 5), wrong=(2, [3, 2], [3], "x", None, 0)),
        sigma=SHARE,
        value_range=RANGE,
        seed=k.SEED,
    ),
    "RandomGrayscale": _images(factor=k.RATE, seed=k.SEED),
    "RandomColorJitter": _images(
        value_range=RANGE,
        brightness_factor=k.maybe(BOTH_WAYS),
        contrast_factor=k.maybe(SHARE),
        saturation_factor=k.maybe(BOTH_WAYS),
        hue_factor=k.maybe(SHARE),
        seed=k.SEED,
    ),
    "Solarization": _images(
        addition_factor=STRICT, threshold_factor=STRICT, value_range=CHECKED_RANGE, seed=k.SEED
    ),
    "AutoContrast": _images(value_range=CHECKED_RANGE),
    "ContrastLimitedAdaptiveHistogramEqualization": _images(
        value_range=RANGE,
        clip_limit=k.of(4.0, 0, 1, -1, lax=("x", None)),
        tile_grid_size=k.of(
            (2, 2), [1, 3], (4, 5), (8, 8), wrong=(None, [0, 2], [2], "x", [1, 2, 3])
        ),
    ),
    # What it works out of its input for an index must be finite, which floats left unset are not.
    "Equalization": replace(
        _images(value_range=CHECKED_RANGE, bins=k.positive(256), dtypes=("int32", "bool")),
        usual="uint8",
        within="Pipeline",
        call={},
    ),
    "Pipeline": Row(
        {"layers": k.of(None, wrong=([], None, 3, [3]))},
        ("layers",),
        image,
        chained,
        WHOLE,
        common={},
    ),
    "RandomFlip": _images(
        mode=k.of("horizontal", "vertical", "horizontal_and_vertical", lax=("both", None)),
        seed=k.SEED,
    ),
    "RandomRotation": _images("factor", factor=BOTH_WAYS, **FILL),
    "RandomTranslation": _images(
        *("height_factor", "width_factor"),
        height_factor=EITHER_WAY,
        width_factor=EITHER_WAY,
        **FILL,
    ),
    "RandomZoom": _images("height_factor", height_factor=ZOOM, width_factor=k.maybe(ZOOM), **FILL),
    "RandomShear": _images(x_factor=STRICT, y_factor=STRICT, **FILL),
    "RandomPerspective": _images(
        factor=SHARE,
        scale=k.of(0, 0.25, 1.0, wrong=(-0.1, 1.5, "x", [0.5])),
        interpolation=INTERPOLATION,
        fill_value=FILL["fill_value"],
        seed=k.SEED,
    ),
    "RandomElasticTransform": _images(
        factor=SHARE,
        scale=SHARE,
        value_range=RANGE,
        **FILL | {"fill_mode": k.of(*MODES, "mirror", wrong=("Constant", None, 1))},
    ),
    "RandomErasing": _images(
        factor=SHARE,
        scale=SHARE,
        fill_value=k.of(None, 0, 2.5, [1, 2, 3], wrong=("x", [1, 2])),
        value_range=RANGE,
        seed=k.SEED,
    ),
    "CutMix": _images(factor=SHARE, seed=k.SEED),
    "MixUp": _images(alpha=k.of(0.2, 1, 3.5, wrong=(0, -1, "x")), seed=k.SEED),
    "RandAugment": _images(
        value_range=CHECKED_RANGE,
        num_ops=k.of(0, 1, 2, 3, wrong=(-1, "x"), lax=(2.0, True)),
        factor=STRICT,
        interpolation=INTERPOLATION,
        seed=k.SEED,
    ),
    "AugMix": _images(
        value_range=CHECKED_RANGE,
        num_chains=k.of(0, 1, 2, 3, wrong=(-1, "x"), lax=(2.0, True)),
        chain_depth=k.of(0, 1, 2, 3, wrong=("x",), lax=(2.0, True, -1)),
        factor=STRICT,
        alpha=k.of(0.2, 1, 3.5, wrong=(0, -1, "x")),
        all_ops=k.BOOL,
        interpolation=INTERPOLATION,
        seed=k.SEED,
    ),
    "MaxNumBoundingBoxes": _images(
        "max_number",
        max_number=k.integer(1, 4, "x", [2]),
        fill_value=k.integer(-1, 4, "x", [2]),
    ),
}
"""How to draw cases of each layer over images."""
