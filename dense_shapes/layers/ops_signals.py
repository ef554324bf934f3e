"""Operations on signals: the bare functions of `keras.ops` between samples and frequencies."""

from __future__ import annotations

from typing import Any, ClassVar

from dense_shapes.dims import Dim, at_least, floor_div
from dense_shapes.layers import types as t
from dense_shapes.layers.errors import ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Bool, Choice, Either, Maybe
from dense_shapes.layers.operation import Operation
from dense_shapes.layers.ops_pieces import lesser
from dense_shapes.layers.sizes import ListOf
from dense_shapes.layers.spectrograms import check_window
from dense_shapes.layers.text import Shape, plural, size
from dense_shapes.layers.text import shape as _text

_WINDOW = Maybe(Either(Choice("hann", "hamming"), ListOf(t.NUMBER)))


class Complex(Operation, abstract=True):
    """An operation on complex numbers, given as their real and their imaginary parts.

    Attributes:
        known: How many of the last axes must be of a known size.
        least: How many axes there must be.
    """

    home = "math"
    inputs = (2, 2)
    listed = True
    known: ClassVar[int] = 0
    least: ClassVar[int] = 1

    def parts(self, x: list[Shape]) -> Shape:
        """Return the shape that both parts have.

        Raises:
            ShapeError: They differ, or are of too few axes.
        """
        real, imaginary = x
        message = f"real and imaginary parts differ: {_text(real)} and {_text(imaginary)}"
        if len(real) != len(imaginary):
            raise ShapeError(message)
        for n, m in zip(real, imaginary, strict=True):
            self.need_same(n, m, message)
        if len(real) < self.least:
            raise ShapeError(f"{type(self).__name__} needs more axes, found {_text(real)}")
        for n in real[len(real) - self.known :]:
            self.fixed(n, "the axes that it transforms")
        return real

    def explain(self, x: Any, y: Any) -> str:
        """See `Layer.explain`."""
        given = _text(x[0]) if isinstance(x, list) else _text(x)
        made = f"{_text(y[0])}, twice" if isinstance(y, list) else _text(y)
        return f"{self.does}: {given} → {made}; no params"


class Transforming(Complex, abstract=True):
    """An operation that keeps the shape of complex numbers: two outputs."""

    known = 1

    @property
    def output_count(self) -> int:
        """See `Layer.output_count`."""
        return 2

    def output(self, x: list[Shape]) -> list[Shape]:
        """See `Layer.output`."""
        return [self.parts(x)] * 2


class FFT(Transforming, registered="ops.FFT"):
    """Turn samples along the last axis into frequencies: two outputs, real and imaginary."""

    does = "samples along the last axis as frequencies"


class FFT2(Transforming, registered="ops.FFT2"):
    """Turn samples along the last two axes into frequencies: two outputs."""

    does = "samples along the last two axes as frequencies"
    known = least = 2


class IFFT2(FFT2, registered="ops.IFFT2"):
    """Turn frequencies along the last two axes into samples: two outputs."""

    does = "frequencies along the last two axes as samples"


class IRFFT(Complex, registered="ops.IRFFT"):
    """Turn frequencies along the last axis into samples that are real."""

    does = "frequencies along the last axis as real samples"

    fft_length: Dim | None = field(
        Maybe(t.POSITIVE), default=None, doc="How many samples; by default as frequencies tell."
    )

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        real = self.parts(x)
        if self.fft_length is not None:
            return (*real[:-1], self.fft_length)
        self.require(
            at_least(real[-1], 2),
            f"of one frequency comes no sample, found {_text(real)}",
            help="give fft_length",
        )
        return (*real[:-1], 2 * (real[-1] - 1))


class Sounding(Complex, abstract=True):
    """An operation on samples along the last axis: two outputs, real and imaginary."""

    inputs = (1, 1)
    listed = False

    @property
    def output_count(self) -> int:
        """See `Layer.output_count`."""
        return 2

    def along(self, x: Shape) -> Shape:
        """Return what becomes of the last axis."""
        raise NotImplementedError

    def output(self, x: Shape) -> list[Shape]:
        """See `Layer.output`."""
        if not x:
            raise ShapeError(f"{type(self).__name__} needs an axis of samples, found one value")
        return [(*x[:-1], *self.along(x))] * 2


class RFFT(Sounding, registered="ops.RFFT"):
    """Turn real samples along the last axis into frequencies: two outputs."""

    does = "real samples along the last axis as frequencies"

    fft_length: Dim | None = field(
        Maybe(t.POSITIVE), default=None, doc="How many samples are taken; by default all."
    )

    def along(self, x: Shape) -> Shape:
        """See `Sounding.along`."""
        return (floor_div(x[-1] if self.fft_length is None else self.fft_length, 2) + 1,)


class STFT(Sounding, registered="ops.STFT"):
    """Turn real samples along the last axis into frequencies over time: two outputs."""

    does = "frames of samples along the last axis as frequencies"

    sequence_length: Dim = field(t.POSITIVE, doc="How many samples a frame has.")
    sequence_stride: Dim = field(t.POSITIVE, doc="How many samples lie between two frames.")
    fft_length: Dim = field(t.POSITIVE, doc="How many samples each frame is transformed with.")
    window: Any = field(
        _WINDOW,
        default="hann",
        doc="What the samples of a frame are multiplied by: a name, a list of numbers, or nothing.",
    )
    center: bool = field(
        Bool(), default=True, doc="Reflect samples at both ends, so that frames begin before them."
    )

    def check(self) -> None:
        """See `Layer.check`."""
        check_window(self, self.window, self.sequence_length)

    def along(self, x: Shape) -> Shape:
        """See `Sounding.along`."""
        self.require(
            at_least(self.fft_length - self.sequence_length, 0),
            f"a frame of {size(self.sequence_length)} samples is longer than the fft_length of "
            f"{size(self.fft_length)}",
            field="fft_length",
        )
        half = floor_div(self.fft_length, 2)
        spare = x[-1] + (2 * half if self.center else 0) - self.fft_length
        self.require(
            at_least(spare, 0),
            f"{plural(x[-1], 'sample')} are fewer than a frame of {size(self.fft_length)}",
            field="fft_length",
        )
        return (floor_div(spare, self.sequence_stride) + 1, half + 1)


class ISTFT(Complex, registered="ops.ISTFT"):
    """Turn frequencies over time back into samples."""

    does = "frequencies over time as samples"
    least = 2

    sequence_length: Dim = field(t.POSITIVE, doc="How many samples a frame has.")
    sequence_stride: Dim = field(t.POSITIVE, doc="How many samples lie between two frames.")
    fft_length: Dim = field(t.POSITIVE, doc="How many samples each frame is transformed with.")
    length: Dim | None = field(
        Maybe(t.POSITIVE), default=None, doc="How many samples to keep; by default all."
    )
    window: Any = field(
        _WINDOW, default="hann", doc="What the samples of a frame were multiplied by."
    )
    center: bool = field(Bool(), default=True, doc="Whether frames began before the samples.")

    def check(self) -> None:
        """See `Layer.check`."""
        check_window(self, self.window, self.sequence_length)

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`: there may be fewer samples than `length` asks for."""
        real = self.parts(x)
        if self.window is not None:
            self.require(
                at_least(self.fft_length - self.sequence_length, 0),
                f"a window of {size(self.sequence_length)} samples is longer than the fft_length "
                f"of {size(self.fft_length)}",
                field="fft_length",
            )
        half = floor_div(self.fft_length, 2) if self.center else 0
        there = (real[-2] - 1) * self.sequence_stride + self.fft_length - half
        made = there - half if self.length is None else lesser(self.length, there)
        self.require(
            at_least(made, 1),
            f"of {plural(real[-2], 'frame')} no sample is left",
            field="fft_length",
        )
        return (*real[:-2], made)


class ExtractSequences(Operation, registered="ops.ExtractSequences"):
    """Cut the last axis into pieces of one length, which may overlap."""

    home = "math"

    sequence_length: Dim = field(t.POSITIVE, doc="How long a piece is.")
    sequence_stride: Dim = field(t.POSITIVE, doc="How far apart pieces begin.")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        if not x:
            raise ShapeError("ops.ExtractSequences needs an axis to cut, found one value")
        self.require(
            at_least(x[-1] - self.sequence_length, 0),
            f"the last axis of {_text(x)} is shorter than {size(self.sequence_length)}",
            field="sequence_length",
        )
        pieces = floor_div(x[-1] - self.sequence_length, self.sequence_stride) + 1
        return (*x[:-1], pieces, self.sequence_length)

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return (
            f"pieces of {size(self.sequence_length)} along the last axis, one every "
            f"{size(self.sequence_stride)}: {_text(x)} → {_text(y)}; no params"
        )
