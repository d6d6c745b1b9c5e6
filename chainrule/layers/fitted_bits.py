"""How a matrix is kept whose numbers were fitted to data (GPTQ, AWQ): the arrays that Keras has for it."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from ..errors import UnsupportedError
from ..quantizers.quantizers import pack_int4, unpack_int4


class FittedBits:
    """Whole numbers from 0, an output a row, with steps and zeros for groups of inputs; 4 bits are two a byte.

    The matrix, a row for each input that is summed over, is `(numbers - zero) scale`, for AWQ divided by a scale of
    each row.

    Args: layer; shape: of the matrix.
    """

    is_after_bias = True  # in files

    def __init__(self, layer: Any, shape: tuple[int, ...]) -> None:
        self.shape, self.name = shape, layer.matrix_name
        policy = layer.dtype_policy
        self.bits, self.group_size = policy.weight_bits, policy.group_size
        summed = layer._axes_of_matrix()
        self.order = (*summed, *(axis for axis in range(len(shape)) if axis not in summed))
        turned = [shape[axis] for axis in self.order]
        self.rows = int(np.prod(turned[: len(summed)]))
        self.columns = int(np.prod(turned[len(summed) :]))
        scaled = ("awq_scales",) if layer.quantization_mode == "awq" else ()
        self.further = (f"{self.name}_scale", f"{self.name}_zero", *scaled, "g_idx")

    def blank(self) -> dict[str, np.ndarray]:
        """The arrays before anything is read into them."""
        groups = 1 if self.group_size == -1 else -(-self.rows // self.group_size)
        columns = (self.columns + 1) // 2 if self.bits == 4 else self.columns
        found = {
            self.name: np.zeros((columns, self.rows), "uint8"),
            self.further[0]: np.ones((self.columns, groups), "float32"),
            self.further[1]: np.zeros((self.columns, groups), "uint8"),
            "awq_scales": np.ones(self.rows, "float32"), "g_idx": np.zeros(self.rows, "float32"),
        }  # fmt: skip
        return {name: found[name] for name in (self.name, *self.further)}

    def flat(self, matrix: np.ndarray) -> np.ndarray:
        """A matrix with a row for each input."""
        return np.asarray(matrix).transpose(self.order).reshape(self.rows, self.columns)

    def quantized(self, matrix: np.ndarray, fit: Any) -> dict[str, np.ndarray]:
        """The arrays of a matrix. Args: fit: makes `Fitted` of a matrix with a row for each input.

        Raises: UnsupportedError: without it, as when something was added to the matrix.
        """
        if fit is None:
            raise UnsupportedError("numbers fitted to data cannot take in an addition: save the model before.")
        found = fit(self.flat(matrix))
        numbers = np.ascontiguousarray(found.numbers.T).astype("uint8")
        arrays = {
            self.name: np.asarray(pack_int4(numbers, axis=0, dtype="uint8")[0]) if self.bits == 4 else numbers,
            self.further[0]: found.scale.T.astype("float32"), self.further[1]: found.zero.T.astype("uint8"),
            "awq_scales": found.row_scale.astype("float32"), "g_idx": found.group.astype("float32"),
        }  # fmt: skip
        return {name: arrays[name] for name in (self.name, *self.further)}

    def _plain(self, layer: Any) -> Any:
        packed = layer._stored
        return unpack_int4(packed, self.columns, axis=0, dtype="uint8") if self.bits == 4 else packed

    def numbers(self, layer: Any) -> Any:
        """The whole numbers, each in a byte of its own, in the place of the weight that they stand for."""
        return self._turned(ops.transpose(ops.convert_to_tensor(self._plain(layer))))

    def _turned(self, flat: Any) -> Any:
        shaped = ops.reshape(flat, [self.shape[axis] for axis in self.order])
        return ops.transpose(shaped, np.argsort(self.order).tolist())

    def matrix(self, layer: Any) -> Any:
        """The matrix, as a tensor."""
        dtype = layer.compute_dtype
        group = ops.cast(ops.convert_to_tensor(layer.g_idx), "int32")
        scale, zero = (
            ops.take(ops.cast(getattr(layer, name), dtype), group, axis=1) for name in self.further[:2]
        )
        found = ops.transpose((ops.cast(self._plain(layer), dtype) - zero) * scale)
        if "awq_scales" in self.further:
            found = found / ops.expand_dims(ops.cast(layer.awq_scales, dtype), 1)
        return self._turned(found)
