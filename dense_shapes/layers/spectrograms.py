"""Spectrograms: sound as frequencies over time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dense_shapes.dims import Dim, at_least, ceil_div, equal, floor_div
from dense_shapes.layers import types as t
from dense_shapes.layers.base import Layer, Weight
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Choice, Either, Maybe
from dense_shapes.layers.sizes import Int, ListOf
from dense_shapes.layers.text import Shape, count, plural, size, times
from dense_shapes.layers.text import shape as shape_text

_WINDOWS = """
hann han hamming hamm ham barthann brthan bth bartlett bart brt blackman black blk blackmanharris
blackharr bkh bohman bman bmn boxcar box ones rect rectangular cosine halfcosine exponential
poisson flattop flat flt lanczos sinc nuttall nutl nut parzen parz par taylor taylorwin triangle
triang tri tukey tuk
"""
WINDOWS = tuple(_WINDOWS.split())
"""SciPy's windows that need no numbers of their own."""


class MelSpectrogram(Layer):
    """Turn sound into the energy in bands of frequencies, spaced as the ear hears, over time."""

    fft_length: Dim = field(
        t.POSITIVE, default=2048, doc="How many samples each frame is transformed with."
    )
    sequence_stride: Dim = field(
        t.POSITIVE, default=512, doc="How many samples lie between two frames."
    )
    sequence_length: Dim | None = field(
        Maybe(t.POSITIVE), default=None, doc="How many samples a frame has; by default fft_length."
    )
    window: Any = field(
        Maybe(Either(Choice("hann", "hamming"), ListOf(t.NUMBER))),
        default="hann",
        doc="What the samples of a frame are multiplied by: a name, a list of numbers, or nothing.",
    )
    sampling_rate: float = field(t.NUMBER, default=16000, doc="Samples in a second.")
    num_mel_bins: Dim = field(t.POSITIVE, default=128, doc="How many bands there are.")
    min_freq: float = field(t.NUMBER, default=20.0, doc="Where the lowest band begins, in hertz.")
    max_freq: float | None = field(
        Maybe(t.NUMBER),
        default=None,
        doc="Where the highest band ends, in hertz; by default half the sampling rate.",
    )
    power_to_db: bool = field(t.BOOL, default=True, doc="Give decibels in place of energy.")
    top_db: float = field(
        t.NUMBER, default=80.0, doc="How many decibels below the loudest are told apart."
    )
    mag_exp: float = field(t.NUMBER, default=2.0, doc="1 for magnitudes, 2 for their squares.")
    min_power: float = field(t.NUMBER, default=1e-10, doc="What no energy is taken to be below.")
    ref_power: float = field(t.NUMBER, default=1.0, doc="The energy that counts as 0 decibels.")

    def check(self) -> None:
        """See `Layer.check`."""
        if self.sequence_length is not None:
            self._demand_length(self.sequence_length)
        check_window(self, self.window, self.sequence_length or self.fft_length)

    def _demand_length(self, length: Dim) -> None:
        verdict = at_least(self.fft_length - length, 0)
        if verdict is False:
            raise OptionError(
                f"a frame of {size(length)} samples is longer than the fft_length of "
                f"{size(self.fft_length)}",
                field="sequence_length",
                help="make fft_length as large, or leave sequence_length out",
            )
        if verdict is not True:
            self.demands.append(verdict)

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`: the samples are the last axis, the frames stand around their places.

        As many samples as half a transform are reflected before the first and after the last, so
        that there is a frame at every `sequence_stride` samples. Keras infers one more frame where
        the last one begins just beyond the end.
        """
        samples = x[-1]
        half = floor_div(self.fft_length, 2)
        frames = floor_div(samples + 2 * half - self.fft_length, self.sequence_stride) + 1
        return (*x[:-1], self.num_mel_bins, frames)

    def macs(self, x: Shape, y: Shape) -> Dim:
        """See `Layer.macs`: the product with the matrix of bands, in each frame of each sound."""
        total = y[-1] * self._bins() * self.num_mel_bins
        for n in x[1:-1]:
            total = total * n
        return total

    def _bins(self) -> Dim:
        return floor_div(self.fft_length, 2) + 1

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        alone = "one axis is taken for the samples of one sound: " if len(x) == 1 else ""
        return (
            f"{alone}{size(x[-1])} samples, a frame every {size(self.sequence_stride)} → "
            f"{plural(y[-1], 'frame')}; each one's {size(self._bins())} frequencies are gathered "
            f"in {size(self.num_mel_bins)} mel bands; no params"
        )

    def steps(self, x: Shape, y: Shape) -> Iterator[str]:
        """See `Layer.steps`."""
        fft = size(self.fft_length)
        yield f"frequencies: floor({fft}/2) + 1 = {size(self._bins())} of a transform of {fft}"
        half = size(floor_div(self.fft_length, 2))
        yield (
            f"frames: {half} samples are reflected at each end, "
            f"floor(({size(x[-1])} + 2·{half} - {fft})/{size(self.sequence_stride)}) + 1 = "
            f"{size(y[-1])}"
        )
        sounds = times(*x[1:-1]) + " sounds · " if len(x) > 2 else ""
        yield (
            f"bands: {sounds}{plural(y[-1], 'frame')} · {size(self._bins())} frequencies · "
            f"{plural(self.num_mel_bins, 'band')} = {count(self.macs(x, y))} multiply-accumulates"
        )


_GIVEN = {
    "log": "the logarithm of their magnitude",
    "magnitude": "their magnitude",
    "psd": "their power",
    "real": "their real part",
    "imag": "their imaginary part",
    "angle": "their angle",
    "stft": "their real and their imaginary part",
}


class STFTSpectrogram(Layer):
    """Turn sound into its frequencies over time, by convolutions with waves that can be trained."""

    mode: str = field(
        Choice(*_GIVEN),
        default="log",
        doc="What is given of each frequency; stft gives its real and its imaginary part.",
    )
    frame_length: Dim = field(Int(2), default=256, doc="How many samples a frame has.")
    frame_step: Dim | None = field(
        Maybe(t.POSITIVE),
        default=None,
        doc="How many samples lie between two frames; by default half a frame.",
    )
    fft_length: Dim | None = field(
        Maybe(t.POSITIVE),
        default=None,
        doc="How many samples a frame is transformed as; by default the next power of two.",
    )
    window: Any = field(
        Maybe(Either(Choice(*WINDOWS, kind="window"), ListOf(t.NUMBER))),
        default="hann",
        doc="What the samples of a frame are multiplied by: a name, a list of numbers, or nothing.",
    )
    periodic: bool = field(
        t.BOOL, default=False, doc="Whether the window is periodic, not symmetric."
    )
    scaling: str | None = field(
        Maybe(Choice("density", "spectrum")),
        default="density",
        doc="What the values are scaled to.",
    )
    padding: str = field(
        Choice("valid", "same"),
        default="valid",
        doc="valid: frames stay inside; same: they may reach over the ends.",
    )
    expand_dims: bool = field(
        t.BOOL, default=False, doc="Give channels an axis of their own, behind the frequencies."
    )
    data_format: str | None = field(
        t.DATA_FORMAT,
        default=None,
        doc="Where the channels stand: channels_last (the default) or channels_first.",
    )

    @property
    def channels_first(self) -> bool:
        """Whether the channel axis comes before the samples."""
        return self.data_format == "channels_first"

    @property
    def step(self) -> Dim:
        """How many samples lie between two frames."""
        return floor_div(self.frame_length, 2) if self.frame_step is None else self.frame_step

    @property
    def transformed(self) -> Dim:
        """How many samples a frame is transformed as.

        Raises:
            ShapeError: It would be the power of two above a length that is not known.
        """
        if self.fft_length is not None:
            return self.fft_length
        if type(self.frame_length) is not int:
            raise ShapeError(
                f"the power of two above a frame_length of {size(self.frame_length)} is not known",
                field="frame_length",
                help="give an fft_length too",
            )
        return 1 << (self.frame_length - 1).bit_length()

    @property
    def bins(self) -> Dim:
        """How many frequencies there are."""
        return floor_div(self.transformed, 2) + 1

    def check(self) -> None:
        """See `Layer.check`."""
        for name, verdict, text in (
            (
                "frame_step",
                self.frame_step is None or at_least(self.frame_length - self.frame_step, 0),
                "frames may not lie further apart than the frame_length of",
            ),
            (
                "fft_length",
                self.fft_length is None or at_least(self.fft_length - self.frame_length, 0),
                "a transform may not be shorter than the frame_length of",
            ),
        ):
            if verdict is False:
                raise OptionError(
                    f"{text} {size(self.frame_length)}, found {size(getattr(self, name))}",
                    field=name,
                    help="leave the option out, or make it fit",
                )
            if verdict is not True:
                self.demands.append(verdict)
        check_window(self, self.window, self.frame_length)

    def split(self, x: Shape) -> tuple[Dim, Dim]:
        """Return the samples and the channels.

        Raises:
            ShapeError: The input has not three axes, or its channels are left open.
        """
        order = "channels, samples" if self.channels_first else "samples, channels"
        self.need_rank(x, 3, f"(batch, {order})")
        samples, channels = (x[2], x[1]) if self.channels_first else (x[1], x[2])
        return samples, self.fixed(channels, "the number of channels")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        samples, channels = self.split(x)
        if self.padding == "same":
            frames = ceil_div(samples, self.step)
        else:
            self.require(
                at_least(samples - self.frame_length, 0),
                f"a frame has {size(self.frame_length)} samples, more than the {size(samples)} of "
                f"the input {shape_text(x)}",
                field="frame_length",
                help="use shorter frames, or padding: same",
            )
            frames = floor_div(samples - self.frame_length, self.step) + 1
        values = self.bins * (2 if self.mode == "stft" else 1)
        if not self.expand_dims:
            wide = values * channels
            return (x[0], wide, frames) if self.channels_first else (x[0], frames, wide)
        if self.channels_first:
            return (x[0], channels, frames, values)
        return (x[0], frames, values, channels)

    def weights(self, x: Shape) -> Iterator[Weight]:
        """See `Layer.weights`: waves at each frequency, the same for all channels."""
        shape = (self.frame_length, 1, self.bins)
        axes = ("sample of a frame", "channel at a time", "frequency")
        for part in self.parts():
            yield Weight(f"{part}_kernel", shape, axes)

    def parts(self) -> tuple[str, ...]:
        """Return which parts of the transform are worked out."""
        return (self.mode,) if self.mode in {"real", "imag"} else ("real", "imag")

    def macs(self, x: Shape, y: Shape) -> Dim:
        """See `Layer.macs`: every kernel once for each frame of each channel."""
        _, channels = self.split(x)
        return len(self.parts()) * self.frame_length * self.bins * self._frames(y) * channels

    def _frames(self, y: Shape) -> Dim:
        return y[2] if self.channels_first else y[1]

    def output_dtype(self, dtype: str) -> str:
        """See `Layer.output_dtype`.

        Raises:
            ShapeError: Keras cannot work it out in that dtype.
        """
        found = (
            self.compute_dtype if dtype.startswith(("float", "bfloat")) and self.autocast else dtype
        )
        if found not in {"float16", "float32", "float64"}:
            raise ShapeError(
                f"STFTSpectrogram needs float16, float32 or float64, found {found}",
                field="dtype" if found == self.dtype else None,
                help="give the input, or the layer, one of these",
            )
        return super().output_dtype(dtype)

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        samples, channels = self.split(x)
        return (
            f"{size(samples)} samples, a frame of {size(self.frame_length)} every "
            f"{size(self.step)} → {plural(self._frames(y), 'frame')}; waves of {size(self.bins)} "
            f"frequencies are found in each of {plural(channels, 'channel')}, "
            f"{_GIVEN[self.mode]} given; {self.params_text(x)}"
        )

    def steps(self, x: Shape, y: Shape) -> Iterator[str]:
        """See `Layer.steps`."""
        samples, channels = self.split(x)
        n, k, s = size(samples), size(self.frame_length), size(self.step)
        frames = size(self._frames(y))
        if self.padding == "same":
            yield f"frames: padded, one every {s}: ceil({n}/{s}) = {frames}"
        else:
            yield f"frames: floor(({n} - {k})/{s}) + 1 = {frames}"
        fft = size(self.transformed)
        yield f"frequencies: floor({fft}/2) + 1 = {size(self.bins)} of a transform of {fft}"
        if not self.expand_dims:
            twice = "2·" if self.mode == "stft" else ""
            wide = y[1] if self.channels_first else y[2]
            yield f"values: {twice}{size(self.bins)}·{size(channels)} = {size(wide)} in each frame"
        yield (
            f"waves: {plural(channels, 'channel')} · {plural(self._frames(y), 'frame')} · "
            f"{plural(len(self.parts()), 'kernel')} of {k}·{size(self.bins)} = "
            f"{count(self.macs(x, y))} multiply-accumulates"
        )


def check_window(layer: Layer, window: Any, length: Dim) -> None:
    """Demand that a window that is a list has a number for each sample of a frame.

    Raises:
        OptionError: It has more or fewer.
    """
    if not isinstance(window, tuple):
        return
    verdict = equal(length, len(window))
    if verdict is False:
        raise OptionError(
            f"a window of {len(window)} numbers does not fit frames of {size(length)} samples",
            field="window",
            help="give one number for each sample, or a name such as hann",
        )
    if verdict is not True:
        layer.demands.append(verdict)
