"""How a matrix of weights is kept in few bits: the arrays that it becomes, and the matrix that they stand for."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from .. import ops
from ..quantizers.quantizers import (
    AbsMaxQuantizer,
    abs_max_quantize_grouped_with_zero_point,
    pack_int4,
    unpack_int4,
)
from .fitted_bits import FittedBits


class Int8:
    """Whole numbers of 8 bits, and a scale for those that are not summed over: `matrix = numbers / scale`.

    Args: layer: says which axes are summed over; shape: of the matrix.
    """

    further: tuple[str, ...]  # the names of the arrays beside the numbers

    def __init__(self, layer: Any, shape: tuple[int, ...]) -> None:
        self.layer, self.shape, self.name = layer, shape, layer.matrix_name
        self.further = (f"{self.name}_scale",)

    def blank(self) -> dict[str, np.ndarray]:
        """The arrays before anything is read into them."""
        zeros = self.quantized(np.zeros(self.shape, "float32"), None)
        return {key: array if array.dtype.kind == "i" else np.ones_like(array) for key, array in zeros.items()}

    def quantized(self, matrix: np.ndarray, quantizer: Any) -> dict[str, np.ndarray]:
        """The arrays of a matrix."""
        axes = self.layer._axes_of_matrix()
        q, scale = (quantizer or AbsMaxQuantizer())(np.asarray(matrix, "float32"), axis=axes)
        return {self.name: np.asarray(q), self.further[0]: self.layer._kept_scale(np.asarray(scale))}

    def numbers(self, layer: Any) -> Any:
        """The whole numbers."""
        return layer._stored

    def matrix(self, layer: Any) -> Any:
        """The matrix, as a tensor."""
        numbers = ops.cast(layer._stored, layer.compute_dtype)
        scale = layer._spread_scale(ops.convert_to_tensor(getattr(layer, self.further[0])), self.shape)
        return ops.divide(numbers, ops.cast(scale, layer.compute_dtype))


class Int4:
    """Whole numbers of 4 bits, two a byte, in as many rows as are summed over; a scale for each column.

    With blocks there is a scale and a zero for each block of rows: `matrix = (numbers - zero) scale`.
    """

    _range: ClassVar[tuple[int, int]] = (-8, 7)

    def __init__(self, layer: Any, shape: tuple[int, ...], block_size: int | None) -> None:
        self.layer, self.shape, self.name = layer, shape, layer.matrix_name
        self.rows = math.prod(shape[axis] for axis in layer._axes_of_matrix())
        self.columns = math.prod(shape) // self.rows
        self.block_size = block_size if block_size and block_size > 0 else None
        scale = f"{self.name}_scale"
        self.further = (scale, f"{self.name}_zero", "g_idx") if self.block_size else (scale,)

    blank = Int8.blank

    def quantized(self, matrix: np.ndarray, quantizer: Any) -> dict[str, np.ndarray]:
        """The arrays of a matrix."""
        flat = np.asarray(matrix, "float32").reshape(self.rows, self.columns)
        if self.block_size is None:
            q, scale = (quantizer or AbsMaxQuantizer(value_range=self._range))(flat, axis=0)
            others = [np.asarray(scale)[0]]
        else:
            q, scale, zero = abs_max_quantize_grouped_with_zero_point(flat, self.block_size, self._range)
            others = [np.asarray(scale), np.asarray(zero), (np.arange(self.rows) // self.block_size).astype("float32")]
        packed = np.asarray(pack_int4(q, axis=-1)[0])
        return {self.name: packed, **dict(zip(self.further, others, strict=True))}

    def numbers(self, layer: Any) -> Any:
        """The whole numbers, each in a byte of its own."""
        return ops.reshape(unpack_int4(layer._stored, self.columns, axis=-1), self.shape)

    def matrix(self, layer: Any) -> Any:
        """The matrix, as a tensor."""
        numbers = ops.cast(unpack_int4(layer._stored, self.columns, axis=-1), layer.compute_dtype)
        scale, *rest = (ops.convert_to_tensor(getattr(layer, name)) for name in self.further)
        if not rest:
            return ops.reshape(ops.divide(numbers, scale), self.shape)
        block = np.arange(self.rows) // self.block_size
        zero = ops.cast(ops.take(rest[0], block, axis=0), layer.compute_dtype)
        return ops.reshape((numbers - zero) * ops.take(scale, block, axis=0), self.shape)


class Rows(Int8):
    """A table of which rows are looked up, in whole numbers of 8 or 4 bits: a scale for each row, or block of it.

    Args: layer; shape: of the table; block_size: for 4 bits, as for `Int4`; bits: 8 or 4.
    """

    def __init__(self, layer: Any, shape: tuple[int, ...], block_size: int | None, bits: int) -> None:
        super().__init__(layer, shape)
        self.bits = bits
        self.block_size = block_size if bits == 4 and block_size and block_size > 0 else None
        if self.block_size:
            self.further = (f"{self.name}_scale", f"{self.name}_zero", "g_idx")

    def quantized(self, matrix: np.ndarray, quantizer: Any) -> dict[str, np.ndarray]:
        """The arrays of a table."""
        table = np.asarray(matrix, "float32")
        if self.block_size is None:
            plain = AbsMaxQuantizer(value_range=(-127, 127) if self.bits == 8 else (-8, 7))
            q, scale = (quantizer or plain)(table, axis=-1)
            others = [np.asarray(scale)[:, 0]]
        else:
            q, scale, zero = abs_max_quantize_grouped_with_zero_point(table.T, self.block_size)
            block = (np.arange(table.shape[1]) // self.block_size).astype("float32")
            q, others = np.asarray(q).T, [np.asarray(scale).T, np.asarray(zero).T, block]
        kept = np.asarray(q) if self.bits == 8 else np.asarray(pack_int4(np.ascontiguousarray(q), axis=-1)[0])
        return {self.name: kept, **dict(zip(self.further, others, strict=True))}

    def numbers(self, layer: Any) -> Any:
        """The whole numbers, each in a byte of its own."""
        return self._plain(layer._stored)

    def matrix(self, layer: Any) -> Any:
        """The table, as a tensor."""
        return self.rows(layer, lambda kept: ops.convert_to_tensor(kept))

    def _plain(self, numbers: Any) -> Any:
        return numbers if self.bits == 8 else unpack_int4(numbers, self.shape[1], axis=-1)

    def rows(self, layer: Any, chosen: Callable[[Any], Any]) -> Any:
        """Some rows of the table. Args: chosen: takes these rows out of an array."""
        numbers = ops.cast(self._plain(chosen(layer._stored)), layer.compute_dtype)
        scale, *rest = (chosen(getattr(layer, name)) for name in self.further[:2])
        scale = ops.cast(scale, layer.compute_dtype)
        if self.block_size is None:
            return ops.divide(numbers, ops.expand_dims(scale, -1))
        block = np.arange(self.shape[1]) // self.block_size
        zero = ops.cast(ops.take(rest[0], block, axis=-1), layer.compute_dtype)
        return (numbers - zero) * ops.take(scale, block, axis=-1)


def policy_name(settings: Any, source: str) -> str:
    """The name of the policy of a layer that is quantized so.

    >>> from chainrule.quantizers import Int4QuantizationConfig
    >>> policy_name(Int4QuantizationConfig(), "float32")
    'int4/128_from_float32'
    """
    if settings.mode in ("gptq", "awq"):
        return f"{settings.dtype_policy_string()}_from_{source}"
    if settings.mode != "int4":
        return f"{settings.mode}_from_{source}"
    return f"int4/{settings.block_size or -1}_from_{source}"


def scheme_for(layer: Any, shape: tuple[int, ...]) -> Any:
    """How the policy of a layer says that its matrix is kept."""
    if layer.matrix_name == "embeddings":
        size = getattr(layer.dtype_policy, "block_size", None)
        return Rows(layer, shape, size, 8 if layer.quantization_mode == "int8" else 4)
    if layer.quantization_mode in ("gptq", "awq"):
        return FittedBits(layer, shape)
    if layer.quantization_mode == "int8":
        return Int8(layer, shape)
    return Int4(layer, shape, getattr(layer.dtype_policy, "block_size", None))
