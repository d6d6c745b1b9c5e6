"""Fourier transforms. A complex tensor is a pair (real part, imaginary part) of tensors, as in Keras."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError, listed
from ..ir import Tensor
from ..primitives.arithmetic import as_operand
from .math import floating, sum, where
from .shaping import concatenate, flip, pad, reshape, swapaxes, zeros_like
from .summation import matmul
from .symbolic import OPS, op

_SMALL = 32  # transforms up to this length, and of prime length, are one product with a matrix

Pair = tuple[Tensor, Tensor]


def _waves(angles: np.ndarray, like: Tensor) -> tuple[Tensor, Tensor]:
    return as_operand(np.cos(angles).astype(like.type.dtype)), as_operand(np.sin(angles).astype(like.type.dtype))


def _transform(re: Tensor, im: Tensor, sign: int) -> Pair:
    """sum_j x_j e^(sign 2 pi i j k / n) along the last axis.

    Source: Cooley and Tukey 1965: with n = a b, b transforms of length a, a factor each, a transforms of length b.
    """
    n = re.shape[-1]
    a = _factor(n)
    if a == n:
        c, s = _waves(sign * 2 * np.pi / n * (np.outer(np.arange(n), np.arange(n)) % n), re)
        return matmul(re, c) - matmul(im, s), matmul(re, s) + matmul(im, c)
    b = n // a
    table = np.outer(np.arange(a), np.arange(a)) % a
    c, s = _waves(sign * 2 * np.pi / a * table, re)
    re, im = (reshape(t, (*t.shape[:-1], a, b)) for t in (re, im))
    re, im = matmul(c, re) - matmul(s, im), matmul(s, re) + matmul(c, im)
    c, s = _waves(sign * 2 * np.pi / n * np.outer(np.arange(a), np.arange(b)), re)
    re, im = _transform(re * c - im * s, re * s + im * c, sign)
    return tuple(reshape(swapaxes(t, -1, -2), (*t.shape[:-2], n)) for t in (re, im))  # type: ignore[return-value]


def _factor(n: int) -> int:
    """n itself if it is small or prime, else the largest divisor up to the limit, or the smallest one."""
    if n <= _SMALL:
        return n
    divisors = [d for d in range(2, math.isqrt(n) + 1) if n % d == 0]
    small = [d for d in divisors if d <= _SMALL]
    return small[-1] if small else divisors[0] if divisors else n


def _pair(name: str, x: Any) -> Pair:
    if not isinstance(x, (tuple, list)) or len(x) != 2:
        raise ArgumentError(f"{name}: expected a pair (real part, imaginary part) of tensors; got {type(x).__name__}.")
    re, im = floating(x[0]), floating(x[1])
    if re.shape != im.shape or not re.ndim:
        raise ShapeError(f"{name}: expected both parts to have one shape; got {re.shape} and {im.shape}.")
    return re, im


@op
def fft(x: Any) -> Pair:
    """The discrete Fourier transform along the last axis.

    Args: x: (real part, imaginary part), tensors of one shape.

    >>> [part.tolist() for part in fft(([1.0, 0.0], [0.0, 0.0]))]
    [[1.0, 1.0], [0.0, 0.0]]
    """
    return _transform(*_pair("fft", x), -1)


def _over_planes(re: Tensor, im: Tensor, sign: int) -> Pair:
    re, im = _transform(re, im, sign)
    re, im = _transform(swapaxes(re, -1, -2), swapaxes(im, -1, -2), sign)
    return swapaxes(re, -1, -2), swapaxes(im, -1, -2)


@op
def fft2(x: Any) -> Pair:
    """The discrete Fourier transform over the last two axes."""
    return _over_planes(*_pair("fft2", x), -1)


@op
def ifft2(x: Any) -> Pair:
    """The inverse of `fft2`."""
    re, im = _pair("ifft2", x)
    scale = 1.0 / (re.shape[-1] * re.shape[-2])
    re, im = _over_planes(re, im, 1)
    return re * scale, im * scale


def _sized(x: Tensor, n: int) -> Tensor:
    """Cut, or filled up with zeros, to n elements along the last axis."""
    if x.shape[-1] >= n:
        return x[..., :n]
    return pad(x, [(0, 0)] * (x.ndim - 1) + [(0, n - x.shape[-1])])


@op
def rfft(x: Any, fft_length: int | None = None) -> Pair:
    """The first half of the discrete Fourier transform of real numbers; the second mirrors it.

    Args: x: tensor; fft_length: cut or fill up x to so many (default: as it is).
    """
    x = floating(x)
    n = fft_length or x.shape[-1]
    x = _sized(x, n)
    re, im = _transform(x, zeros_like(x), -1)
    return re[..., : n // 2 + 1], im[..., : n // 2 + 1]


@op
def irfft(x: Any, fft_length: int | None = None) -> Tensor:
    """The inverse of `rfft`: real numbers.

    Args: x: (real part, imaginary part); fft_length: how many numbers come out (default 2 (n - 1), even).
    """
    re, im = _pair("irfft", x)
    n = fft_length or 2 * (re.shape[-1] - 1)
    re, im = (_sized(t, n // 2 + 1) for t in (re, im))
    back = (n + 1) // 2  # 0 and, if n is even, n / 2 have no mirror image; their imaginary part has no meaning
    real_ones = as_operand(np.array([0.0 if k in (0, n / 2) else 1.0 for k in range(n // 2 + 1)], re.type.dtype))
    im = im * real_ones
    whole_re = concatenate([re, flip(re[..., 1:back], -1)], -1)
    whole_im = concatenate([im, -flip(im[..., 1:back], -1)], -1)
    return _transform(whole_re, whole_im, 1)[0] * (1.0 / n)


_WINDOWS = ("hann", "hamming")


def _window(name: str, window: Any, length: int, fft_length: int, like: Tensor) -> Tensor:
    """The window, with zeros around it up to fft_length."""
    if window is None:
        found = np.ones(length := fft_length)
    elif isinstance(window, str):
        if window not in _WINDOWS:
            raise ArgumentError(f"{name}: expected window to be {listed(_WINDOWS)}, a vector or None; got {window!r}.")
        wave = np.cos(2 * np.pi * np.arange(length) / length)
        found = 0.5 - 0.5 * wave if window == "hann" else 0.54 - 0.46 * wave
    else:
        found = as_operand(window).numpy()
        if found.shape != (length,):
            raise ShapeError(f"{name}: expected a window of {length} numbers; got shape {found.shape}.")
    left = (fft_length - length) // 2
    return as_operand(np.pad(found, (left, fft_length - length - left)).astype(like.type.dtype))


@op
def extract_sequences(x: Any, sequence_length: int, sequence_stride: int) -> Tensor:
    """The stretches of a length that begin every `sequence_stride` elements of the last axis: (..., count, length).

    >>> extract_sequences([1, 2, 3, 4], 2, 1).tolist()
    [[1, 2], [2, 3], [3, 4]]
    """
    x = as_operand(x)
    count = 1 + (x.shape[-1] - sequence_length) // sequence_stride
    places = np.arange(count)[:, None] * sequence_stride + np.arange(sequence_length)
    return OPS["take"](x, places.astype("int32"), -1)


def _checked(name: str, sequence_length: Any, sequence_stride: Any, fft_length: Any) -> None:
    for key, value in (("sequence_length", sequence_length), ("sequence_stride", sequence_stride)):
        if not isinstance(value, int) or value < 1:
            raise ArgumentError(f"{name}: expected {key} to be a positive integer; got {value!r}.")
    if fft_length < sequence_length:
        raise ArgumentError(f"{name}: expected fft_length of at least sequence_length; got {fft_length}.")


@op
def stft(
    x: Any, sequence_length: int, sequence_stride: int, fft_length: int, window: Any = "hann", center: bool = True
) -> Pair:
    """The Fourier transforms of stretches of a signal: (..., stretches, fft_length // 2 + 1).

    Args:
        x: (..., time); sequence_length, sequence_stride: of the stretches; fft_length: of the transforms.
        window: what a stretch is multiplied with: 'hann' (default), 'hamming', a vector, or None (all fft_length).
        center: mirror the signal at both ends by fft_length // 2, so that stretch k is centred at k sequence_stride
            (default True).
    """
    x = floating(x)
    _checked("stft", sequence_length, sequence_stride, fft_length)
    if center:
        side = fft_length // 2
        x = pad(x, [(0, 0)] * (x.ndim - 1) + [(side, side)], "reflect")
    stretches = extract_sequences(x, fft_length, sequence_stride)
    return rfft(stretches * _window("stft", window, sequence_length, fft_length, x))


@op
def istft(
    x: Any, sequence_length: int, sequence_stride: int, fft_length: int, length: int | None = None,
    window: Any = "hann", center: bool = True,
) -> Tensor:  # fmt: skip
    """The signal behind the result of `stft` with the same arguments.

    Args: length: of the signal (default: as far as the stretches reach).
    """
    re, im = _pair("istft", x)
    _checked("istft", sequence_length, sequence_stride, fft_length)
    weights = _window("istft", window, sequence_length, fft_length, re)
    stretches = irfft((re, im), fft_length)
    total = _overlapped(stretches * weights, sequence_stride)
    square = as_operand(np.asarray(weights) ** 2)
    covered = _overlapped(square + 0.0 * stretches[..., :, :], sequence_stride)
    signal = total / where(covered > 1e-11, covered, 1.0)
    start = fft_length // 2 if center else 0
    end = signal.shape[-1] - (fft_length // 2 if center and length is None else 0)
    end = start + length if length is not None else end
    return _sized(signal[..., start:], end - start)


def _overlapped(stretches: Tensor, stride: int) -> Tensor:
    """The stretches laid over one another, `stride` apart, and added."""
    count, length = stretches.shape[-2:]
    blocks = -(-length // stride)
    wide = pad(stretches, [(0, 0)] * (stretches.ndim - 1) + [(0, blocks * stride - length)])
    parts = reshape(wide, (*stretches.shape[:-1], blocks, stride))
    none = [(0, 0)] * (parts.ndim - 3)
    moved = [pad(parts[..., k, :], [*none, (k, blocks - 1 - k), (0, 0)]) for k in range(blocks)]
    added = sum(OPS["stack"](moved, 0), 0)
    whole = reshape(added, (*added.shape[:-2], (count + blocks - 1) * stride))
    return whole[..., : (count - 1) * stride + length]
