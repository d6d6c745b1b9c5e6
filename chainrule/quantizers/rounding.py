"""Numbers rounded to few steps and brought back, so that training feels what quantization will do."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..errors import ArgumentError, listed

_FLOAT8 = {"float8_e4m3fn": (3, -6, 448.0), "float8_e5m2": (2, -14, 57344.0)}  # bits, least exponent, largest number


def fake_quant_with_min_max_vars(
    inputs: Any, min_vals: Any, max_vals: Any, num_bits: int = 8, narrow_range: bool = False, axis: int | None = None
) -> Any:
    """Numbers between a lowest and a highest one, rounded to `2^num_bits` steps of which one is 0.

    Gradients pass where a number lies in between, else they go to the end that it was brought to.

    Args: inputs: numbers; min_vals, max_vals: both ends, one number or one for each place of `axis`; num_bits: default
        8; narrow_range: one step less (default False); axis: int (default None: one pair for all).

    Source: Jacob et al. 2018, "Quantization and training of neural networks for efficient inference", section 3.

    Example:
    >>> fake_quant_with_min_max_vars([-9.0, 0.3, 0.4, 9.0], -1.0, 2.0, num_bits=2).tolist()
    [-1.0, 0.0, 0.0, 2.0]
    """
    x = ops.convert_to_tensor(inputs)
    shape = [1] * x.ndim if axis is not None else []
    if axis is not None:
        shape[axis] = x.shape[axis]
    low, high = (ops.reshape(ops.cast(ops.convert_to_tensor(v), "float32"), shape) for v in (min_vals, max_vals))
    first, last = int(narrow_range), 2**num_bits - 1
    scale, steps = (high - low) / (last - first), (last - first) / (high - low)
    zero = ops.round(ops.clip(first - low / scale, first, last))
    bottom, top = (first - zero) * scale, (last - zero) * scale
    wide = ops.cast(x, "float32")
    shifted = (ops.clip(wide, bottom, top) - bottom) * steps - ops.floor(0.5 - bottom * steps)
    rounded = ops.floor(shifted + 0.5) * scale
    felt = ops.where(wide <= bottom, low, ops.where(wide >= top, high, wide))
    return ops.cast(felt + ops.stop_gradient(rounded - felt), x.dtype)


def quantize_and_dequantize(inputs: Any, scale: Any, quantized_dtype: str, compute_dtype: str) -> Any:
    """`x / scale`, rounded to a number of 8 bits with a point, times scale.

    Args: inputs; scale: a number; quantized_dtype: 'float8_e4m3fn' or 'float8_e5m2'; compute_dtype: of the result.

    Raises: ArgumentError: another quantized_dtype.
    Source: Micikevicius et al. 2022, "FP8 formats for deep learning", arXiv:2209.05433, table 1.

    Example:
    >>> quantize_and_dequantize([1.0, 1.06, 1.07, 500.0], 1.0, "float8_e4m3fn", "float32").tolist()
    [1.0, 1.0, 1.125, 448.0]
    """
    if quantized_dtype not in _FLOAT8:
        raise ArgumentError(f"expected quantized_dtype to be {listed(list(_FLOAT8))}; got {quantized_dtype!r}.")
    bits, least, largest = _FLOAT8[quantized_dtype]
    scale = ops.cast(ops.convert_to_tensor(scale), compute_dtype)
    x = ops.clip(ops.divide(ops.cast(ops.convert_to_tensor(inputs), compute_dtype), scale), -largest, largest)
    wide = ops.cast(x, "float32")
    exponent = ops.floor(ops.log2(ops.maximum(ops.abs(wide), 2.0**least)))
    step = ops.power(2.0, exponent - bits)
    return ops.multiply(ops.cast(ops.round(wide / step) * step, compute_dtype), scale)


def compute_float8_scale(amax: Any, scale: Any, dtype_max: Any, margin: int = 0) -> Any:
    """The scale that brings the largest size to the largest number of a dtype: `amax 2^margin / dtype_max`.

    Args: amax: the largest size; scale: what it is if amax is 0 or no number; dtype_max; margin: default 0.

    Example:
    >>> float(compute_float8_scale(896.0, 1.0, 448.0)), float(compute_float8_scale(0.0, 3.0, 448.0))
    (2.0, 3.0)
    """
    amax = ops.convert_to_tensor(amax)
    good = ops.logical_and(amax > 0, ops.isfinite(amax))
    return ops.where(good, ops.where(good, amax, 1.0) * 2.0**margin / dtype_max, scale)


def compute_float8_amax_history(x: Any, amax_history: Any) -> Any:
    """The history moved back by one, with the largest size of x in front.

    >>> compute_float8_amax_history([1.0, -5.0], [3.0, 2.0, 1.0]).tolist()
    [5.0, 1.0, 3.0]
    """
    history = ops.convert_to_tensor(amax_history)
    newest = ops.reshape(ops.cast(ops.max(ops.abs(ops.convert_to_tensor(x))), history.dtype), (1,))
    return ops.concatenate([newest, ops.roll(history, -1)[1:]])


__all__ = [
    "compute_float8_amax_history", "compute_float8_scale", "fake_quant_with_min_max_vars", "quantize_and_dequantize",
]  # fmt: skip
