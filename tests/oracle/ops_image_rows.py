"""The rows of operations on pictures and on signals."""

from random import Random

import numpy as np

from tests.oracle import kinds as k
from tests.oracle.draws import Options, Sizes, any_shape
from tests.oracle.ops_fits import row
from tests.oracle.ops_place_rows import ARRAY

BETWEEN = k.of("nearest", "bilinear", wrong=("cubic",))
MODES = k.of("constant", "nearest", "wrap", "mirror", "reflect", wrong=("edge",))
FORMAT = k.DATA_FORMAT
PRECISE = ("float64",)


def image(r: Random) -> Sizes:
    """Draw the sizes of an image with channels, before or behind; of none now and then."""
    if r.random() < 0.1:
        return any_shape(r)
    sides = [r.randint(2, 6), r.randint(2, 6)]
    return r.choice(([*sides, 3], [*sides, 3], [3, *sides], [*sides, 1], sides))


def coloured(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often put three channels where they are expected."""
    if r.random() < 0.8 and len(sizes) == 3:
        first = (options.get("data_format") or "").lower() == "channels_first"
        sizes[:] = [3, 4, 5] if first else [4, 5, 3]


def framed(verb: str, grows: int):
    """Make what most often gives two of three numbers for each axis."""

    def fit(r: Random, options: Options, sizes: Sizes) -> None:
        first = (options.get("data_format") or "").lower() == "channels_first"
        sides = sizes[-2:] if first else [2, *sizes][-3:-1]
        for names, n in zip(
            (("top", "bottom", "height"), ("left", "right", "width")), sides, strict=False
        ):
            own = [f"{names[0]}_{verb}", f"{names[1]}_{verb}", f"target_{names[2]}"]
            if r.random() < 0.9:
                before, after = r.randint(0, 1), r.randint(0, 1)
                values = [before, after, n + grows * (before + after + r.choice((0, 0, 1)))]
                for name, value in zip(own, values, strict=True):
                    options[name] = value
                options.pop(r.choice(own))

    return fit


def framing(verb: str):
    """Return the kinds of the options of an operation that frames."""
    names = [f"{side}_{verb}" for side in ("top", "left", "bottom", "right")]
    length = k.maybe(k.integer(0, 4, -1))
    return {
        **dict.fromkeys([*names, "target_height", "target_width"], length),
        "data_format": FORMAT,
    }


def bent(r: Random) -> list[Sizes]:
    """Draw an image alone, for numbers that are constants, or with as many for each."""
    return [image(r), [8]] if r.random() < 0.4 else [image(r)]


def affine(r: Random, options: Options, sizes: list[Sizes]) -> None:
    """Most often give eight numbers."""
    if len(sizes) < 2:
        options["transform"] = np.ones(8 + (r.random() < 0.1)).tolist()


def cornered(r: Random, options: Options, sizes: list[Sizes]) -> None:
    """Most often give four corners."""
    for name in ("start_points", "end_points"):
        corners = [[0.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 0.0]]
        options[name] = corners if r.random() < 0.95 else np.ones((4, 3)).tolist()


def mapped(r: Random, options: Options, sizes: list[Sizes]) -> None:
    """Most often give a row of places for each axis."""
    rank = len(sizes[0]) + 1
    shape = [rank + (r.random() < 0.1), *(r.randint(1, 3) for _ in range(r.randint(0, 2)))]
    options["coordinates"] = np.zeros(shape).tolist()


def pair(r: Random) -> list[Sizes]:
    """Draw two parts of the same shape."""
    sizes = any_shape(r)
    return [sizes, list(sizes)]


def frames(r: Random, options: Options, sizes: object) -> None:
    """Most often give a transform that a frame fits into."""
    if r.random() < 0.9:
        options["sequence_length"] = r.randint(2, 4)
        options["fft_length"] = options["sequence_length"] + r.randint(0, 2)
    window = options.get("window")
    if isinstance(window, list) and r.random() < 0.9:
        options["window"] = [1.0] * options["sequence_length"]


def spectra(r: Random) -> list[Sizes]:
    """Draw the two parts of frequencies over time."""
    sizes = [*(r.randint(1, 3) for _ in range(r.randint(0, 1))), r.randint(2, 5), 3]
    return [sizes, list(sizes)]


def transformed(r: Random, options: Options, sizes: list[Sizes]) -> None:
    """Give as many frequencies as the transform has."""
    frames(r, options, sizes)
    if isinstance(options["fft_length"], int):
        for one in sizes:
            one[-1] = options["fft_length"] // 2 + 1


SOUND = {
    "sequence_length": k.unread(k.positive(4)),
    "sequence_stride": k.unread(k.positive(3)),
    "fft_length": k.positive(6),
    "window": k.of("hann", "hamming", None, [1.0, 1.0], lax=("box",)),
    "center": k.BOOL,
}
LENGTHS = ("sequence_length", "sequence_stride", "fft_length")

IMAGE_OPS = {
    "ops.RGBToGrayscale": row({"data_format": FORMAT}, sizes=image, fit=coloured),
    "ops.RGBToHSV": row({"data_format": FORMAT}, sizes=image, fit=coloured),
    "ops.HSVToRGB": row({"data_format": FORMAT}, sizes=image, fit=coloured),
    "ops.PadImages": row(framing("padding"), sizes=image, fit=framed("padding", 1)),
    "ops.CropImages": row(framing("cropping"), sizes=image, fit=framed("cropping", -1)),
    "ops.GaussianBlur": row(
        {
            "kernel_size": k.lists(k.integer(1, 3), 2, 2, wrong=([0, 1], [1], "x")),
            "sigma": k.lists(k.of(0.5, 1.0), 2, 2, wrong=("x",)),
            "data_format": FORMAT,
        },
        sizes=image,
        dtypes=PRECISE,
    ),
    "ops.ElasticTransform": row(
        {
            "alpha": k.of(1.0, 20.0, lax=("x",)),
            "sigma": k.of(0.5, 1.0, lax=("x",)),
            "interpolation": BETWEEN,
            "fill_mode": MODES,
            "seed": k.SEED,
            "data_format": FORMAT,
        },
        sizes=image,
        dtypes=PRECISE,
    ),
    "ops.AffineTransform": row(
        {"interpolation": BETWEEN, "fill_mode": MODES, "data_format": FORMAT, "transform": ARRAY},
        (),
        bent,
        affine,
        PRECISE,
    ),
    "ops.PerspectiveTransform": row(
        {
            "interpolation": BETWEEN,
            "data_format": FORMAT,
            "start_points": ARRAY,
            "end_points": ARRAY,
        },
        (),
        lambda r: [image(r)],
        cornered,
        PRECISE,
    ),
    "ops.MapCoordinates": row(
        {"order": k.of(0, 1, wrong=(2, "x")), "fill_mode": MODES, "coordinates": ARRAY},
        ("order",),
        lambda r: [any_shape(r)],
        mapped,
        PRECISE,
    ),
    **{f"ops.{name}": row(sizes=pair, dtypes=PRECISE) for name in ("FFT", "FFT2", "IFFT2")},
    "ops.IRFFT": row({"fft_length": k.maybe(k.positive(6))}, sizes=pair, dtypes=PRECISE),
    "ops.RFFT": row({"fft_length": k.maybe(k.positive(6))}, dtypes=PRECISE),
    "ops.STFT": row(
        SOUND,
        LENGTHS,
        lambda r: [*(r.randint(1, 3) for _ in range(r.randint(0, 2))), r.randint(4, 12)],
        frames,
        PRECISE,
    ),
    "ops.ISTFT": row(
        {**SOUND, "length": k.maybe(k.positive(12))}, LENGTHS, spectra, transformed, PRECISE
    ),
    "ops.ExtractSequences": row(
        {"sequence_length": k.positive(3), "sequence_stride": k.unread(k.positive(3))},
        ("sequence_length", "sequence_stride"),
    ),
}
