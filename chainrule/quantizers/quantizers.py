"""Numbers in few bits: the largest size along an axis is brought to the largest whole number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from .. import ops
from ..errors import ArgumentError
from ..serialization import builtin

EPSILON = 1e-7
Axis = int | Sequence[int] | None


class Quantizer:
    """Base of quantizers: `quantizer(x)` gives whole numbers and the scale that they were multiplied by.

    Args: output_dtype: of the whole numbers (default 'int8').

    Example:
    >>> Quantizer().output_dtype
    'int8'
    """

    def __init__(self, output_dtype: str = "int8") -> None:
        self.output_dtype = output_dtype

    def __call__(self, x: Any) -> Any:
        """The numbers, quantized: a subclass says how."""
        raise NotImplementedError(f"{type(self).__name__} does not define __call__(self, x).")

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this quantizer again."""
        raise NotImplementedError(f"{type(self).__name__} does not define get_config().")

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The quantizer that `get_config` describes."""
        return cls(**config)


def abs_max_quantize(
    inputs: Any, axis: Axis, value_range: tuple[int, int] = (-127, 127), dtype: str = "int8",
    epsilon: float = EPSILON, to_numpy: bool = False,
) -> tuple[Any, Any]:  # fmt: skip
    """Whole numbers `round(x scale)` and `scale = high / (max |x| + epsilon)` along an axis.

    Args:
        inputs: numbers; axis: the axis or axes that share a scale.
        value_range: low and high, of the whole numbers (default (-127, 127)); dtype: theirs (default 'int8').
        epsilon: keeps zeros apart from a division by zero (default 1e-7); to_numpy: accepted, without effect.

    Returns: the whole numbers, and the scale with size 1 along the axis.

    Example:
    >>> q, scale = abs_max_quantize([[1.0, -2.0, 4.0]], axis=-1)
    >>> q.tolist()
    [[32, -64, 127]]
    """
    x = ops.convert_to_tensor(inputs)
    low, high = value_range
    axis = tuple(axis) if isinstance(axis, (list, tuple)) else axis
    scale = ops.divide(high, ops.add(ops.max(ops.abs(x), axis=axis, keepdims=True), epsilon))
    scale = ops.cast(scale, x.dtype)
    return ops.cast(ops.clip(ops.round(ops.multiply(x, scale)), low, high), dtype), scale


@builtin
class AbsMaxQuantizer(Quantizer):
    """`abs_max_quantize` with its arguments kept.

    Args: axis: the axis or axes that share a scale (default None: said at each call); value_range: default (-127,
        127); epsilon: default 1e-7; output_dtype: default 'int8'.

    Raises: ArgumentError: value_range is beyond output_dtype.

    Example:
    >>> AbsMaxQuantizer(axis=0)([[1.0], [-0.5]])[0].tolist()
    [[127], [-63]]
    """

    _limits: ClassVar[dict[str, tuple[int, int]]] = {"int8": (-128, 127), "uint8": (0, 255)}

    def __init__(
        self, axis: Axis = None, value_range: Sequence[int] = (-127, 127), epsilon: float = EPSILON,
        output_dtype: str = "int8",
    ) -> None:  # fmt: skip
        super().__init__(output_dtype)
        self.axis = (axis,) if isinstance(axis, int) else None if axis is None else tuple(axis)
        low, high = value_range
        self.value_range = (low, high)
        self.epsilon = epsilon
        least, most = self._limits.get(output_dtype, (low, high))
        if low < least or high > most:
            raise ArgumentError(
                f"AbsMaxQuantizer: expected value_range within {(least, most)} for {output_dtype}; got {(low, high)}."
            )

    def __call__(self, x: Any, axis: Axis = None, to_numpy: bool = False) -> tuple[Any, Any]:
        """Whole numbers and their scale; axis: instead of the one that is kept."""
        if axis is None and self.axis is None:
            raise ArgumentError("AbsMaxQuantizer: expected an axis, here or when it is made; got none.")
        chosen = self.axis if axis is None else axis
        return abs_max_quantize(x, chosen, self.value_range, self.output_dtype, self.epsilon)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this quantizer again."""
        config = {"value_range": self.value_range, "epsilon": self.epsilon, "output_dtype": self.output_dtype}
        return config if self.axis is None else {**config, "axis": self.axis}


def abs_max_quantize_grouped_with_zero_point(
    inputs: Any, block_size: int, value_range: tuple[int, int] = (-8, 7), dtype: str = "int8",
    epsilon: float = EPSILON, to_numpy: bool = False,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """Whole numbers for a matrix whose columns are cut into blocks of rows, each with its own scale and zero.

    `q = round(x / scale) + zero`, so that the smallest number of a block becomes low and the largest high.

    Args: inputs: a matrix; block_size: rows a block; value_range, dtype, epsilon, to_numpy: as for `abs_max_quantize`.

    Returns: the whole numbers, scale and zero (blocks, columns).

    Example:
    >>> q, scale, zero = abs_max_quantize_grouped_with_zero_point([[0.0], [1.5], [3.0]], 2)
    >>> q.tolist(), zero.tolist()
    ([[-8], [7], [7]], [[-8], [-8]])
    """
    x = np.asarray(ops.convert_to_tensor(inputs).numpy())
    low, high = value_range
    rows, columns = x.shape
    blocks = -(-rows // block_size)
    whole = np.concatenate([x, np.zeros((blocks * block_size - rows, columns), x.dtype)])
    whole = whole.reshape(blocks, block_size, columns)
    least, most = whole.min(1, keepdims=True), whole.max(1, keepdims=True)
    scale = (most - least + np.asarray(epsilon, x.dtype)) / (high - low)
    zero = np.clip(np.round(-least / scale) + low, low, high)
    q = np.clip(np.round(whole / scale) + zero, low, high).reshape(-1, columns)[:rows]
    found = q.astype(dtype), scale[:, 0].astype(x.dtype), zero[:, 0].astype("int8")
    return tuple(map(ops.convert_to_tensor, found))  # type: ignore[return-value]


def pack_int4(arr: Any, axis: int = 0, dtype: str = "int8") -> tuple[Any, tuple[int, ...], int]:
    """Two numbers of 4 bits in each of 8: those with even places along the axis in the lower half.

    Args: arr: whole numbers from -8 to 7; axis: default 0; dtype: of arr, 'int8' or 'uint8' (default 'int8').

    Returns: the packed numbers, their shape, and the length of the axis before.
    Raises: ArgumentError: dtype is another, or that of arr is.

    Example:
    >>> packed, shape, length = pack_int4(np.array([[-3, 7], [2, -8], [1, 0]], "int8"))
    >>> packed.tolist(), shape, length
    ([[45, -121], [1, 0]], (2, 2), 3)
    """
    x = np.asarray(ops.convert_to_tensor(arr).numpy())
    if dtype not in ("int8", "uint8") or x.dtype.name != dtype:
        raise ArgumentError(f"pack_int4: expected numbers of dtype int8 or uint8, as dtype says; got {x.dtype.name}.")
    x = np.moveaxis(x, axis, 0)
    length = x.shape[0]
    bits = np.concatenate([x, np.zeros((length % 2, *x.shape[1:]), x.dtype)]).view(np.uint8) & 15
    packed = np.moveaxis((bits[::2] | (bits[1::2] << 4)).view(x.dtype), 0, axis)
    return ops.convert_to_tensor(packed), packed.shape, length


def unpack_int4(packed: Any, orig_len: int, axis: int = 0, dtype: str = "int8") -> Any:
    """What `pack_int4` packed.

    Args: packed: its first result; orig_len: the length of the axis before; axis, dtype: as there.

    Example:
    >>> unpack_int4(np.array([[45, -121], [1, 0]], "int8"), 3).tolist()
    [[-3, 7], [2, -8], [1, 0]]
    """
    if dtype not in ("int8", "uint8"):
        raise ArgumentError(f"unpack_int4: expected dtype to be 'int8' or 'uint8'; got {dtype!r}.")
    x = ops.cast(ops.moveaxis(ops.convert_to_tensor(packed), axis, 0), "int32")
    halves = ops.stack([ops.mod(x, 16), ops.mod(ops.floor_divide(x, 16), 16)], axis=1)
    whole = ops.reshape(halves, (-1, *x.shape[1:]))[:orig_len]
    whole = ops.where(whole > 7, whole - 16, whole) if dtype == "int8" else whole
    return ops.cast(ops.moveaxis(whole, 0, axis), dtype)


__all__ = [
    "AbsMaxQuantizer", "Quantizer", "abs_max_quantize", "abs_max_quantize_grouped_with_zero_point", "pack_int4",
    "unpack_int4",
]  # fmt: skip
