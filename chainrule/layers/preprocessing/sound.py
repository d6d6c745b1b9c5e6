"""Layers that turn sound into pictures of its frequencies."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from ... import config, ops
from ...errors import ArgumentError, ShapeError
from ...initializers.constant import WINDOWS, named_window
from ...ops.windows import same_padding
from ...serialization import builtin
from ..checks import known_size, label, number, one_of, positive_integer
from ..convolution.base import format_of
from ..layer import Layer
from ..spec import InputSpec


def window_of(name: Any, length: int, periodic: bool) -> np.ndarray:
    """The values of a window; periodic: without the last of length + 1 values.

    >>> window_of("hann", 4, True).round(3).tolist()
    [0.0, 0.5, 1.0, 0.5]
    """
    if name is None:
        return np.ones(length)
    if not isinstance(name, str):
        found = np.asarray(name, np.float64).ravel()
        if len(found) != length:
            raise ArgumentError(f"expected a window of {length} values; got {len(found)}.")
        return found
    if name not in WINDOWS:
        raise ArgumentError(f"expected window to be one of {', '.join(WINDOWS)}, None or its values; got {name!r}.")
    return named_window(name, length, periodic)


def waves_of(length: int, fft_length: int) -> tuple[np.ndarray, np.ndarray]:
    """Cosines and negative sines (length, fft_length // 2 + 1): the real and imaginary part of a Fourier transform."""
    turn = 2 * np.pi * np.outer(np.arange(length), np.arange(fft_length // 2 + 1)) / fft_length
    return np.cos(turn), -np.sin(turn)


def frames_of(x: Any, length: int, step: int) -> Any:
    """(..., time) cut into (..., frames, length)."""
    if x.shape[-1] < length:
        raise ShapeError(f"expected a sound of at least {length} samples; got {x.shape[-1]}.")
    starts = np.arange(0, x.shape[-1] - length + 1, step)
    return ops.take(x, starts[:, None] + np.arange(length), x.ndim - 1)


@builtin
class MelSpectrogram(Layer):
    """Sound as the strength of its mel frequencies over time.

    Args:
        fft_length: int, samples of a Fourier transform (default 2048).
        sequence_stride: int, samples from one frame to the next (default 512).
        sequence_length: int, samples of a frame (default None: fft_length).
        window: 'hann' (default), 'hamming', 'blackman', 'blackmanharris', 'nuttall', 'boxcar', values, or None.
        sampling_rate: samples a second (default 16000).
        num_mel_bins: int, the number of mel frequencies (default 128), from min_freq (default 20) to max_freq Hz
            (default None: half of sampling_rate).
        power_to_db: whether the result is in decibels (default True), no weaker than top_db below the strongest of the
            batch (default 80), above ref_power (default 1); powers below min_power count as that (default 1e-10).
        mag_exp: 1 for magnitudes, 2 for powers (default 2).

    Shapes: (time,) or (batch, time) -> (num_mel_bins, frames) or (batch, num_mel_bins, frames).
    Source: Stevens, Volkmann and Newman 1937 (the mel scale); the constants are those of HTK.

    Example:
    >>> MelSpectrogram(fft_length=64, sequence_stride=32, num_mel_bins=8)(np.zeros((1, 320), "float32")).shape
    (1, 8, 11)
    """

    def __init__(
        self, fft_length: int = 2048, sequence_stride: int = 512, sequence_length: int | None = None,
        window: Any = "hann", sampling_rate: float = 16000, num_mel_bins: int = 128, min_freq: float = 20.0,
        max_freq: float | None = None, power_to_db: bool = True, top_db: float = 80.0, mag_exp: float = 2.0,
        min_power: float = 1e-10, ref_power: float = 1.0, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self.fft_length = positive_integer(self, "fft_length", fft_length)
        self.sequence_stride = positive_integer(self, "sequence_stride", sequence_stride)
        self.sequence_length = positive_integer(self, "sequence_length", sequence_length or fft_length)
        if self.sequence_length > self.fft_length:
            raise ArgumentError(f"{label(self)}: expected sequence_length of at most fft_length={fft_length}; "
                                f"got {sequence_length}.")  # fmt: skip
        self.window, self.sampling_rate = window, sampling_rate
        self.num_mel_bins = positive_integer(self, "num_mel_bins", num_mel_bins)
        self.min_freq, self.max_freq = min_freq, max_freq or int(sampling_rate / 2)
        self.power_to_db, self.top_db = bool(power_to_db), top_db
        self.mag_exp, self.min_power, self.ref_power = mag_exp, number(self, "min_power", min_power, 0), ref_power
        window_of(window, self.sequence_length, periodic=True)

    def call(self, inputs: Any) -> Any:
        """The mel spectrogram."""
        if inputs.ndim not in (1, 2):
            raise ShapeError(f"expected a sound (time,) or a batch of them; got shape {inputs.shape}.")
        x = inputs if inputs.ndim == 2 else ops.expand_dims(inputs, 0)
        around = self.fft_length // 2
        x = ops.pad(x, [(0, 0), (around, around)], mode="reflect")
        real, imag = (ops.cast(m, x.dtype) for m in self._waves())
        frames = frames_of(x, self.fft_length, self.sequence_stride)
        re, im = ops.matmul(frames, real), ops.matmul(frames, imag)
        power = re * re + im * im
        strength = power if self.mag_exp == 2 else ops.power(ops.maximum(power, 1e-30), self.mag_exp / 2)
        mel = ops.swapaxes(ops.matmul(strength, ops.cast(self._mel_matrix(), x.dtype)), 1, 2)
        mel = self._decibels(mel) if self.power_to_db else mel
        return mel if inputs.ndim == 2 else ops.squeeze(mel, 0)

    def _waves(self) -> tuple[np.ndarray, np.ndarray]:
        """The Fourier transform of frames that are multiplied by the window."""
        before = (self.fft_length - self.sequence_length) // 2
        window = np.zeros(self.fft_length)
        window[before : before + self.sequence_length] = window_of(self.window, self.sequence_length, periodic=True)
        real, imag = waves_of(self.fft_length, self.fft_length)
        return real * window[:, None], imag * window[:, None]

    def _mel_matrix(self) -> np.ndarray:
        """(frequencies, mel frequencies): triangles on the mel scale; the constant part of the sound counts nowhere."""
        count = self.fft_length // 2 + 1
        edges = np.linspace(mel_of(self.min_freq), mel_of(self.max_freq), self.num_mel_bins + 2)
        place = mel_of(np.linspace(0.0, self.sampling_rate / 2, count))[:, None]
        low, middle, high = edges[:-2], edges[1:-1], edges[2:]
        found = np.maximum(0.0, np.minimum((place - low) / (middle - low), (high - place) / (high - middle)))
        found[0] = 0.0
        return found

    def _decibels(self, power: Any) -> Any:
        scale = 10.0 / math.log(10.0)
        reference = scale * math.log(max(self.min_power, abs(self.ref_power)))
        found = ops.log(ops.maximum(power, self.min_power)) * scale - reference
        return ops.maximum(found, ops.max(found) - self.top_db)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(batch, num_mel_bins, frames)."""
        time = input_shape[-1]
        extra = 2 * (self.fft_length // 2) - self.fft_length
        frames = None if time is None else 1 + (time + extra) // self.sequence_stride
        return (*tuple(input_shape)[:-1], self.num_mel_bins, frames)


def mel_of(frequency: Any) -> Any:
    """Hertz on the mel scale.

    >>> round(float(mel_of(1000.0)))
    1000
    """
    return 1127.0 * np.log1p(np.asarray(frequency) / 700.0)


@builtin
class STFTSpectrogram(Layer):
    """Sound as its short-time Fourier transform; the waves are weights, which may be trained.

    Args:
        mode: 'log' (default) of the magnitude, 'magnitude', 'psd' (the power), 'real', 'imag', 'angle', or 'stft' (both
            parts side by side).
        frame_length: int, samples of a frame (default 256).
        frame_step: int, samples from one frame to the next (default None: half a frame).
        fft_length: int, at least frame_length (default None: frame_length).
        window: as for `MelSpectrogram` (default 'hann'); periodic: whether its last value is left out (default False).
        scaling: 'density' (default), 'spectrum' or None.
        padding: 'valid' (default) or 'same'.
        expand_dims: whether channels have an axis of their own (default False: side by side with the frequencies).
        data_format: default `config.image_data_format()`.

    Shapes: (batch, time, channels) -> (batch, frames, channels * frequencies), or (batch, frames, frequencies,
        channels); channels_first: (batch, channels, time) -> (batch, channels * frequencies, frames), or (batch,
        channels, frames, frequencies). Weights: real_kernel, imag_kernel (frame_length, 1, frequencies).

    Example:
    >>> STFTSpectrogram(frame_length=64)(np.zeros((1, 320, 1), "float32")).shape
    (1, 9, 33)
    """

    MODES: ClassVar[tuple[str, ...]] = ("log", "magnitude", "psd", "real", "imag", "angle", "stft")

    def __init__(
        self, mode: str = "log", frame_length: int = 256, frame_step: int | None = None, fft_length: int | None = None,
        window: Any = "hann", periodic: bool = False, scaling: str | None = "density", padding: str = "valid",
        expand_dims: bool = False, data_format: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self.mode = one_of(self, "mode", mode, self.MODES)
        self.frame_length = positive_integer(self, "frame_length", frame_length)
        self.frame_step = frame_step
        self._step = positive_integer(self, "frame_step", frame_step or max(frame_length // 2, 1))
        self.fft_length = fft_length
        self._size = positive_integer(self, "fft_length", fft_length or frame_length)
        if self._size < frame_length:
            raise ArgumentError(f"{label(self)}: expected fft_length of at least {frame_length}; got {fft_length}.")
        if self._step > frame_length:
            raise ArgumentError(f"{label(self)}: expected frame_step of at most {frame_length}; got {frame_step}.")
        window_of(window, self.frame_length, bool(periodic))
        self.window, self.periodic = window, bool(periodic)
        self.scaling = None if scaling is None else one_of(self, "scaling", scaling, ("density", "spectrum"))
        self.padding = one_of(self, "padding", padding, ("valid", "same"))
        self.expand_dims = bool(expand_dims)
        self.data_format = format_of(self, data_format)
        self.input_spec = InputSpec(ndim=3)

    def build(self, input_shape: Any) -> None:
        """Create the waves."""
        known_size(self, input_shape, -1 if self.data_format == "channels_last" else 1)
        window = window_of(self.window, self.frame_length, self.periodic)
        scale = self._scale(window)
        parts = waves_of(self.frame_length, self._size)
        kinds = {"real": ("real",), "imag": ("imag",)}.get(self.mode, ("real", "imag"))
        for name, wave in zip(("real", "imag"), parts, strict=True):
            if name in kinds:
                values = (wave * (window * scale)[:, None])[:, None]
                kernel = self.add_weight(values.shape, _fixed(values), name=f"{name}_kernel")
                setattr(self, f"{name}_kernel", kernel)
        self.built = True

    def _scale(self, window: np.ndarray) -> float:
        if self.window is None or self.scaling is None:
            return 1.0
        return float(1 / np.sqrt((window**2).sum()) if self.scaling == "density" else 1 / window.sum())

    def call(self, inputs: Any) -> Any:
        """The spectrogram."""
        last = self.data_format == "channels_last"
        x = ops.swapaxes(inputs, 1, 2) if last else inputs
        if self.padding == "same":
            x = ops.pad(x, [(0, 0), (0, 0), same_padding(x.shape[-1], self.frame_length, self._step)])
        found = self._of_frames(frames_of(x, self.frame_length, self._step))  # (batch, channels, frames, frequencies)
        if self.expand_dims:
            return ops.transpose(found, (0, 2, 3, 1)) if last else found
        batch, channels, frames, size = found.shape
        if last:
            return ops.reshape(ops.transpose(found, (0, 2, 1, 3)), (batch, frames, channels * size))
        return ops.reshape(ops.transpose(found, (0, 1, 3, 2)), (batch, channels * size, frames))

    def _of_frames(self, frames: Any) -> Any:
        parts = [ops.matmul(frames, ops.squeeze(getattr(self, f"{name}_kernel").value, 1))
                 for name in ("real", "imag") if hasattr(self, f"{name}_kernel")]  # fmt: skip
        if len(parts) == 1:
            return parts[0]
        re, im = parts
        if self.mode == "stft":
            return ops.concatenate(parts, -1)
        if self.mode == "angle":
            return ops.arctan2(im, re)
        power = re * re + im * im
        if self.mode == "psd":  # what lies at negative frequencies counts to the positive ones
            twice = np.full(power.shape[-1], 2.0, power.dtype)
            twice[[0, -1]] = 1.0
            return power * twice
        magnitude = ops.sqrt(ops.maximum(power, config.epsilon()))
        return ops.log(ops.maximum(magnitude, config.epsilon())) if self.mode == "log" else magnitude


def _fixed(values: np.ndarray) -> Any:
    """An initializer that gives these values."""
    return lambda shape, dtype=None: ops.convert_to_tensor(values, dtype)
