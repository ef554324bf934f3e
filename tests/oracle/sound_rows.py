"""The table of spectrograms: the options each one takes and the shapes it is given."""

from random import Random

from tests.oracle import kinds as k
from tests.oracle.draws import ANY, FLOATS, Options, Row, Sizes


def bands(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often choose frames that are no longer than a transform, and windows that fit them."""
    fft = options["fft_length"]
    if r.random() < 0.8 and options.get("sequence_length"):
        options["sequence_length"] = r.randint(1, fft)
    if r.random() < 0.8 and isinstance(options.get("window"), list):
        options["window"] = [1.0] * (options.get("sequence_length") or fft)


def frames(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often choose steps and transforms that go with the frames, and enough samples."""
    length = options["frame_length"]
    first = (options.get("data_format") or "").lower() == "channels_first"
    if r.random() < 0.8:
        sizes[:] = [r.randint(1, 3), r.randint(length, 40)][:: 1 if first else -1]
    if r.random() < 0.8 and options.get("frame_step") is not None:
        options["frame_step"] = r.randint(1, length)
    if r.random() < 0.8 and options.get("fft_length") is not None:
        options["fft_length"] = r.randint(length, 2 * length)
    if r.random() < 0.8 and isinstance(options.get("window"), list):
        options["window"] = [1.0] * length


SOUND_ROWS: dict[str, Row] = {
    "MelSpectrogram": Row(
        {
            "fft_length": k.positive(20),
            "sequence_stride": k.positive(8),
            # Keras takes 0 for None, and pads what is less.
            "sequence_length": k.maybe(k.integer(1, 16, "many", [2])._replace(lax=(0, -1, 2.0))),
            "window": k.either(
                k.of("hann", "hamming", None, wrong=("boxcar", "Hann")),
                k.of([0.5] * 8, wrong=("boxcar", "Hann")),
            ),
            "sampling_rate": k.of(16000, 8000, 100.0),
            "num_mel_bins": k.unread(k.positive(6), 0),
            "min_freq": k.of(20.0, 0, 5),
            "max_freq": k.of(None, 4000, 50.0),
            "power_to_db": k.BOOL,
            "top_db": k.NUMBER,
            "mag_exp": k.of(2.0, 1),
            "min_power": k.NUMBER,
            "ref_power": k.NUMBER,
        },
        ("fft_length", "sequence_stride", "num_mel_bins"),
        lambda r: [r.randint(1, 3) for _ in range(r.choice((0, 0, 0, 1)))] + [r.randint(1, 40)],
        bands,
        ANY,
    ),
    "STFTSpectrogram": Row(
        {
            "mode": k.of(
                *("log", "magnitude", "psd", "real", "imag", "angle", "stft"),
                wrong=("power", "Log", None),
            ),
            "frame_length": k.integer(2, 12, 0, 1, -3, "many", [2]),
            "frame_step": k.maybe(k.integer(1, 8, 0, -1, "many", [2])),
            "fft_length": k.maybe(k.integer(2, 20, 0, -1, "many", [2])),
            "window": k.either(
                k.of("hann", "tri", "box", "nuttall", None, wrong=("kaiser", "Hann")),
                k.of([0.5] * 8, wrong=("kaiser", "Hann")),
            ),
            "periodic": k.BOOL,
            "scaling": k.of(None, "density", "spectrum", wrong=("Density", 1)),
            "padding": k.POOL_PADDING,
            "expand_dims": k.BOOL,
            "data_format": k.DATA_FORMAT,
        },
        ("frame_length",),
        lambda r: [r.randint(1, 40), r.randint(1, 3)],
        frames,
        (*FLOATS, "int32"),
    ),
}
"""How to draw cases of each spectrogram."""
