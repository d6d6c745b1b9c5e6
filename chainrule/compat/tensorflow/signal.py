"""`tf.signal`: transforms of Fourier, frames and windows, and what speech is described with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ... import ops
from ...ops import extract_sequences
from .complex_numbers import Complex, as_complex


def fft(input: Any, name: str | None = None) -> Complex:
    """The discrete Fourier transform along the last axis.

    >>> fft([1.0, 0.0]).numpy().tolist()
    [(1+0j), (1+0j)]
    """
    z = as_complex(input)
    return Complex(*ops.fft((z.re, z.im)))


def ifft(input: Any, name: str | None = None) -> Complex:
    """The inverse of `fft`."""
    z, n = as_complex(input), as_complex(input).shape[-1]
    re, im = ops.fft((z.re, -z.im))
    return Complex(re / n, -im / n)


def fft2d(input: Any, name: str | None = None) -> Complex:
    """The discrete Fourier transform over the last two axes."""
    z = as_complex(input)
    return Complex(*ops.fft2((z.re, z.im)))


def ifft2d(input: Any, name: str | None = None) -> Complex:
    """The inverse of `fft2d`."""
    z = as_complex(input)
    return Complex(*ops.ifft2((z.re, z.im)))


def rfft(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Complex:
    """The first half of the transform of real numbers."""
    return Complex(*ops.rfft(input_tensor, _length(fft_length)))


def irfft(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Any:
    """The inverse of `rfft`."""
    z = as_complex(input_tensor)
    return ops.irfft((z.re, z.im), _length(fft_length))


def _length(fft_length: Any) -> int | None:
    return None if fft_length is None else int(np.ravel(np.asarray(fft_length))[0])


def fftshift(input: Any, axes: Any = None, name: str | None = None) -> Any:
    """The middle of each axis in front moved to the middle."""
    return _moved(input, axes, lambda n: n // 2)


def ifftshift(input: Any, axes: Any = None, name: str | None = None) -> Any:
    """The inverse of `fftshift`."""
    return _moved(input, axes, lambda n: -(n // 2))


def _moved(x: Any, axes: Any, by: Callable[[int], int]) -> Any:
    if isinstance(x, Complex):
        return Complex(_moved(x.re, axes, by), _moved(x.im, axes, by))
    tensor = ops.convert_to_tensor(x)
    chosen = range(tensor.ndim) if axes is None else [axes] if isinstance(axes, int) else axes
    for axis in chosen:
        tensor = ops.roll(tensor, by(tensor.shape[axis]), axis)
    return tensor


def hann_window(window_length: Any, periodic: bool = True, dtype: Any = "float32", name: str | None = None) -> Any:
    """1/2 - 1/2 cos(2 pi k / n), n the length, less 1 if it is odd or not periodic."""
    return _window(0.5, window_length, periodic, dtype)


def hamming_window(window_length: Any, periodic: bool = True, dtype: Any = "float32", name: str | None = None) -> Any:
    """0.54 - 0.46 cos(2 pi k / n)."""
    return _window(0.54, window_length, periodic, dtype)


def _window(share: float, length: Any, periodic: bool, dtype: Any) -> Any:
    n = int(length)
    period = n if periodic and n % 2 == 0 else n - 1  # TensorFlow's windows of odd length end as they begin
    wave = np.cos(2 * np.pi * np.arange(n) / max(period, 1))
    return ops.convert_to_tensor(share - (1 - share) * wave, str(dtype))


def frame(
    signal: Any, frame_length: Any, frame_step: Any, pad_end: bool = False, pad_value: Any = 0, axis: int = -1,
    name: str | None = None,
) -> Any:  # fmt: skip
    """The stretches of a signal that begin every `frame_step`: (..., frames, frame_length).

    >>> frame([1, 2, 3, 4, 5], 2, 2).tolist()
    [[1, 2], [3, 4]]
    """
    x = ops.moveaxis(ops.convert_to_tensor(signal), axis, -1)
    length, step, n = int(frame_length), int(frame_step), x.shape[-1]
    if pad_end:
        missing = max(0, (-(-n // step) - 1) * step + length - n)
        x = ops.pad(x, [(0, 0)] * (x.ndim - 1) + [(0, missing)], constant_values=pad_value)
    if x.shape[-1] < length:
        return ops.zeros((*x.shape[:-1], 0, length), x.dtype)
    frames = extract_sequences(x, length, step)
    return frames if axis in (-1, frames.ndim - 2) else ops.moveaxis(frames, (-2, -1), (axis, axis + 1))


def overlap_and_add(signal: Any, frame_step: Any, name: str | None = None) -> Any:
    """Frames laid over one another, `frame_step` apart, and added."""
    x, step = ops.convert_to_tensor(signal), int(frame_step)
    count, length = x.shape[-2:]
    places = (np.arange(count)[:, None] * step + np.arange(length)).ravel()
    flat = ops.reshape(x, (-1, count * length))
    added = ops.segment_sum(ops.transpose(flat), places, (count - 1) * step + length)
    return ops.reshape(ops.transpose(added), (*x.shape[:-2], -1))


def stft(
    signals: Any, frame_length: Any, frame_step: Any, fft_length: Any = None, window_fn: Any = hann_window,
    pad_end: bool = False, name: str | None = None,
) -> Complex:  # fmt: skip
    """The transforms of stretches of a signal: (..., frames, fft_length // 2 + 1).

    Args: signals: (..., time); frame_length, frame_step; fft_length: default: the power of two that holds a frame;
        window_fn: of a length, or None; pad_end: let frames reach beyond the end (default False).
    """
    x = frame(signals, frame_length, frame_step, pad_end)
    length = int(frame_length)
    if window_fn is not None:
        x = x * window_fn(length, dtype=str(x.dtype))
    return rfft(x, 1 << (length - 1).bit_length() if fft_length is None else fft_length)


def inverse_stft(
    stfts: Any, frame_length: Any, frame_step: Any, fft_length: Any = None, window_fn: Any = hann_window,
    name: str | None = None,
) -> Any:  # fmt: skip
    """The signal behind `stft`; exact with window_fn=inverse_stft_window_fn(frame_step)."""
    length = int(frame_length)
    x = irfft(stfts, 1 << (length - 1).bit_length() if fft_length is None else fft_length)[..., :length]
    if window_fn is not None:
        x = x * window_fn(length, dtype=str(x.dtype))
    return overlap_and_add(x, frame_step)


def inverse_stft_window_fn(frame_step: Any, forward_window_fn: Any = hann_window, name: Any = None) -> Any:
    """The window with which `inverse_stft` gives back the signal: w / sum of the overlapping w^2."""

    def window(frame_length: Any, dtype: Any = "float32") -> Any:
        length, step = int(frame_length), int(frame_step)
        forward = np.asarray(forward_window_fn(length, dtype=dtype), np.float64)
        blocks = -(-length // step)
        squares = np.pad(forward**2, (0, blocks * step - length)).reshape(blocks, step).sum(0)
        return ops.convert_to_tensor(forward / np.tile(squares, blocks)[:length], str(dtype))

    return window


def linear_to_mel_weight_matrix(
    num_mel_bins: int = 20, num_spectrogram_bins: int = 129, sample_rate: Any = 8000, lower_edge_hertz: float = 125.0,
    upper_edge_hertz: float = 3800.0, dtype: Any = "float32", name: str | None = None,
) -> Any:  # fmt: skip
    """(spectrogram bins, mel bins): triangles on the mel scale, 1127 ln(1 + f / 700), of which one begins in the
    middle of the one before."""
    mel = lambda hertz: 1127.0 * np.log1p(hertz / 700.0)  # noqa: E731
    bins = mel(np.linspace(0.0, float(sample_rate) / 2, int(num_spectrogram_bins))[1:])[:, None]
    edges = np.linspace(mel(lower_edge_hertz), mel(upper_edge_hertz), int(num_mel_bins) + 2)
    low, middle, high = edges[:-2], edges[1:-1], edges[2:]
    weights = np.maximum(0.0, np.minimum((bins - low) / (middle - low), (high - bins) / (high - middle)))
    return ops.convert_to_tensor(np.pad(weights, ((1, 0), (0, 0))), str(dtype))


def dct(input: Any, type: int = 2, n: Any = None, axis: int = -1, norm: Any = None, name: Any = None) -> Any:
    """The discrete cosine transform of type 2: 2 sum_j x_j cos(pi k (2 j + 1) / 2n); norm None or 'ortho'."""
    x = ops.convert_to_tensor(input)
    size = x.shape[-1]
    waves = 2 * np.cos(np.pi / (2 * size) * np.outer(2 * np.arange(size) + 1, np.arange(size)))
    if norm == "ortho":
        waves = waves * np.where(np.arange(size) == 0, np.sqrt(1 / (4 * size)), np.sqrt(1 / (2 * size)))
    return ops.matmul(x, waves.astype(x.type.dtype))


def mfccs_from_log_mel_spectrograms(log_mel_spectrograms: Any, name: str | None = None) -> Any:
    """Cepstral coefficients: `dct` of log mel spectrograms, over sqrt(2 bins)."""
    x = ops.convert_to_tensor(log_mel_spectrograms)
    return dct(x) / float(np.sqrt(2.0 * x.shape[-1]))


__all__ = [
    "dct", "fft", "fft2d", "fftshift", "frame", "hamming_window", "hann_window", "ifft", "ifft2d", "ifftshift",
    "inverse_stft", "inverse_stft_window_fn", "irfft", "linear_to_mel_weight_matrix",
    "mfccs_from_log_mel_spectrograms", "overlap_and_add", "rfft", "stft",
]  # fmt: skip
