"""The top of `tf`: tensors, variables, shapes. Mathematics is in `math.py`, and at the top as well."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ... import ops
from ... import variables as _variables
from ...ir import Tensor
from ...layers.preprocessing.reading import reads_text
from ...layers.preprocessing.strings import is_text, text_array
from ..keras import device, name_scope
from ..table import TENSORFLOW_VERSION
from .complex_numbers import Complex, as_complex, on_parts
from .function import function
from .linalg import eye, matmul, norm, tensordot
from .logging import get_logger
from .printing import print

__version__ = TENSORFLOW_VERSION


class Variable(_variables.Variable):
    """A tensor that can be assigned to, with TensorFlow's arguments.

    Args:
        initial_value: an array, a number or a nested list.
        trainable: whether training may change it (default True).
        name: for messages and files.
        dtype: default: that of the value, float32 for Python floats.
        constraint: a function applied after updates (default None).

    Example:
    >>> v = Variable([1.0, 2.0])
    >>> v.assign_add([1.0, 1.0]).tolist()
    [2.0, 3.0]
    """

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool | None = True,
        validate_shape: bool = True,
        caching_device: None = None,
        name: str | None = None,
        variable_def: None = None,
        dtype: Any = None,
        import_scope: None = None,
        constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        value = ops.convert_to_tensor(initial_value() if callable(initial_value) else initial_value, dtype)
        super().__init__(value, dtype=value.dtype, trainable=trainable is not False, name=name)
        self.constraint = constraint

    def read_value(self) -> Tensor:
        """The tensor that it holds now."""
        return self.value

    def assign(self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Tensor:
        """Replace the value; the other arguments are accepted."""
        return super().assign(value)

    def assign_add(
        self, delta: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Tensor:
        """Add to the value."""
        return self.assign(self.value + delta)

    def assign_sub(
        self, delta: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Tensor:
        """Subtract from the value."""
        return self.assign(self.value - delta)

    def scatter_nd_update(self, indices: Any, updates: Any, name: str | None = None) -> Tensor:
        """Replace what lies at places; `indices` has one place a row."""
        return self.assign(ops.scatter_update(self.value, indices, updates))

    def scatter_nd_add(self, indices: Any, updates: Any, name: str | None = None) -> Tensor:
        """Add at places."""
        return self.assign(self.value + ops.scatter(indices, ops.cast(updates, self.dtype), self.shape))

    def scatter_nd_sub(self, indices: Any, updates: Any, name: str | None = None) -> Tensor:
        """Subtract at places."""
        return self.scatter_nd_add(indices, -ops.convert_to_tensor(updates))


class Sizes(tuple):
    """What `tf.shape` gives: sizes are known here, so they are plain integers.

    >>> shape([[1, 2, 3]])[1], shape([1, 2]).numpy()
    (3, array([2], dtype=int32))
    """

    def numpy(self) -> np.ndarray:
        """The sizes as an array."""
        return np.asarray(self, np.int32)


def executing_eagerly() -> bool:
    """Always True."""
    return True


def constant(value: Any, dtype: Any = None, shape: Sequence[int] | None = None, name: str = "Const") -> Tensor:
    """A tensor; one number may fill a `shape`.

    >>> constant(1.5, shape=(2,)).tolist()
    [1.5, 1.5]
    """
    if is_text(value):
        return text_array(value)  # type: ignore[return-value]  # NumPy's: tensors hold numbers
    tensor: Tensor = ops.convert_to_tensor(value, dtype)
    if shape is None:
        return tensor
    return ops.reshape(tensor, shape) if tensor.size > 1 else ops.broadcast_to(tensor, shape)


def convert_to_tensor(value: Any, dtype: Any = None, dtype_hint: Any = None, name: str | None = None) -> Any:
    """A tensor from an array, a nested list, a number or a Variable; text becomes an array of strings."""
    return text_array(value) if is_text(value) else ops.convert_to_tensor(value, dtype)


def is_tensor(x: Any) -> bool:
    """Whether `x` is a tensor or a Variable."""
    return isinstance(x, (Tensor, ops.KerasTensor, _variables.Variable))


def cast(x: Any, dtype: Any, name: str | None = None) -> Any:
    """`x` in another dtype."""
    if str(dtype).startswith("complex"):
        return as_complex(x)
    return ops.cast(x.re if isinstance(x, Complex) else x, dtype)


def zeros(shape: Sequence[int], dtype: Any = "float32", name: str | None = None) -> Any:
    """Zeros."""
    return ops.zeros(shape, dtype)


def ones(shape: Sequence[int], dtype: Any = "float32", name: str | None = None) -> Any:
    """Ones."""
    return ops.ones(shape, dtype)


def fill(dims: Sequence[int], value: Any, name: str | None = None) -> Any:
    """One number everywhere."""
    return ops.full(dims, value, ops.convert_to_tensor(value).dtype)


def zeros_like(input: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Zeros in the shape of another tensor."""
    return ops.zeros_like(input, dtype)


def ones_like(input: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Ones in the shape of another tensor."""
    return ops.ones_like(input, dtype)


def range(start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str | None = None) -> Any:
    """start, start + delta, ... below limit; `range(n)` starts at 0.

    >>> range(3).tolist(), range(1, 6, 2).tolist()
    ([0, 1, 2], [1, 3, 5])
    """
    return ops.arange(start, limit, delta, dtype)


def linspace(start: Any, stop: Any, num: int, name: str | None = None, axis: int = 0) -> Any:
    """`num` numbers from start to stop, evenly spaced."""
    return ops.linspace(start, stop, num, axis=axis)


def shape(input: Any, out_type: Any = "int32", name: str | None = None) -> Sizes:
    """The sizes of a tensor, None where they are not known yet."""
    if is_text(input):
        return Sizes(np.shape(input))
    return Sizes(ops.shape(input if hasattr(input, "shape") else ops.convert_to_tensor(input)))


def size(input: Any, out_type: Any = "int32", name: str | None = None) -> Any:
    """The number of elements."""
    count = ops.size(input)
    return Count(count) if isinstance(count, int) else count


class Count(int):
    """A number that also answers to `numpy()`."""

    def numpy(self) -> np.int32:
        """NumPy's number."""
        return np.int32(self)


def rank(input: Any, name: str | None = None) -> Count:
    """The number of axes."""
    return Count(ops.ndim(input))


@reads_text
def reshape(tensor: Any, shape: Sequence[int], name: str | None = None) -> Any:
    """The same elements in another shape; one size may be -1."""
    sizes = tuple(int(n) for n in shape)
    return text_array(tensor).reshape(sizes) if is_text(tensor) else ops.reshape(tensor, sizes)


def transpose(a: Any, perm: Sequence[int] | None = None, conjugate: bool = False, name: str = "transpose") -> Any:
    """The axes in the order `perm`, reversed without it."""
    return ops.transpose(a, perm)


@reads_text
def expand_dims(input: Any, axis: int, name: str | None = None) -> Any:
    """A new axis of size 1."""
    return np.expand_dims(text_array(input), axis) if is_text(input) else ops.expand_dims(input, axis)


@reads_text
def squeeze(input: Any, axis: Any = None, name: str | None = None) -> Any:
    """Without axes of size 1."""
    return np.squeeze(text_array(input), axis) if is_text(input) else ops.squeeze(input, axis)


def broadcast_to(input: Any, shape: Sequence[int], name: str | None = None) -> Any:
    """Repeated along axes of size 1 until the shape is reached."""
    return ops.broadcast_to(input, shape)


@reads_text
def concat(values: Sequence[Any], axis: int, name: str = "concat") -> Any:
    """Tensors one after the other along an axis."""
    text = all(is_text(v) for v in values)
    return np.concatenate([text_array(v) for v in values], axis) if text else ops.concatenate(values, axis)


def stack(values: Sequence[Any], axis: int = 0, name: str = "stack") -> Any:
    """Tensors of one shape along a new axis."""
    return ops.stack(values, axis)


def unstack(value: Any, num: int | None = None, axis: int = 0, name: str = "unstack") -> Any:
    """The slices along an axis, as a list."""
    return ops.unstack(value, num, axis)


def split(value: Any, num_or_size_splits: Any, axis: int = 0, num: int | None = None, name: str = "split") -> Any:
    """A number of equal parts along an axis, or parts of given sizes.

    >>> [part.tolist() for part in split([1, 2, 3], [1, 2])]
    [[1], [2, 3]]
    """
    sections = num_or_size_splits
    return ops.split(value, sections if isinstance(sections, int) else np.cumsum(sections)[:-1].tolist(), axis)


def tile(input: Any, multiples: Sequence[int], name: str | None = None) -> Any:
    """The tensor repeated along each axis."""
    return ops.tile(input, multiples)


def repeat(input: Any, repeats: int, axis: int | None = None, name: str | None = None) -> Any:
    """Every slice along an axis several times."""
    return ops.repeat(input, repeats if isinstance(repeats, int) else np.asarray(repeats), axis)


def reverse(tensor: Any, axis: Any, name: str | None = None) -> Any:
    """The order along these axes turned round."""
    return ops.flip(tensor, axis)


def roll(input: Any, shift: int, axis: int, name: str | None = None) -> Any:
    """Moved along an axis; what leaves at the end comes back at the beginning."""
    return ops.roll(input, shift, axis)


def pad(tensor: Any, paddings: Any, mode: str = "CONSTANT", constant_values: Any = 0, name: str | None = None) -> Any:
    """More elements around the tensor: `paddings` are pairs (before, after), one an axis."""
    constant = mode.lower() == "constant"
    return ops.pad(tensor, paddings, mode.lower(), constant_values if constant else None)


@reads_text
def gather(
    params: Any, indices: Any, validate_indices: None = None, axis: int | None = None, batch_dims: int = 0,
    name: str | None = None,
) -> Any:  # fmt: skip
    """The slices at `indices` along an axis (default: the first one behind those that both share).

    Args: params: tensor; indices: integers; axis: of `params`; batch_dims: how many axes at the front both share.

    >>> gather([[1, 2, 3], [4, 5, 6]], [[2, 0], [1, 1]], batch_dims=1).tolist()
    [[3, 1], [5, 5]]
    """
    axis = batch_dims if axis is None else axis
    if is_text(params):
        return text_array(np.take(np.asarray(params), ops.convert_to_numpy(indices), axis))
    if not batch_dims:
        return ops.take(params, indices, axis)
    places = ops.convert_to_tensor(indices)
    along = len(ops.shape(params)) + axis if axis < 0 else axis
    table = ops.moveaxis(params, along, batch_dims)
    shared, own = places.shape[:batch_dims], places.shape[batch_dims:]
    rows = ops.reshape(table, (math.prod(shared), *table.shape[batch_dims:]))
    found = rows[ops.arange(rows.shape[0])[:, None], ops.reshape(places, (rows.shape[0], -1))]
    found = ops.reshape(found, (*shared, *own, *table.shape[batch_dims + 1 :]))
    return ops.moveaxis(found, [batch_dims + k for k in range(len(own))], [along + k for k in range(len(own))])


def boolean_mask(tensor: Any, mask: Any, axis: int | None = None, name: str = "boolean_mask") -> Tensor:
    """The elements or rows where the mask is true. Their number depends on the data: not inside a layer."""
    return ops.convert_to_tensor(ops.convert_to_numpy(tensor)[ops.convert_to_numpy(mask)])


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    """x where the condition holds, else y; alone: the positions where it holds, one a row.

    >>> where([True, False, True]).tolist()
    [[0], [2]]
    """
    if x is None and y is None:
        return ops.convert_to_tensor(np.argwhere(ops.convert_to_numpy(condition)))
    return ops.where(condition, x, y)


def one_hot(
    indices: Any,
    depth: int,
    on_value: Any = 1,
    off_value: Any = 0,
    axis: int = -1,
    dtype: Any = "float32",
    name: str | None = None,
) -> Any:
    """`on_value` at the class, else `off_value`, along a new axis of size `depth`."""
    hot = ops.one_hot(indices, depth, axis, "bool")
    return ops.cast(ops.where(hot, on_value, off_value), dtype)


def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None) -> Any:
    """Each element kept between two numbers."""
    return ops.clip(t, clip_value_min, clip_value_max)


def sort(values: Any, axis: int = -1, direction: str = "ASCENDING", name: str | None = None) -> Any:
    """The elements along an axis in order."""
    ordered = ops.sort(values, axis)
    return ops.flip(ordered, axis) if direction == "DESCENDING" else ordered


def argsort(
    values: Any, axis: int = -1, direction: str = "ASCENDING", stable: bool = False, name: str | None = None
) -> Any:
    """The positions of the elements along an axis in order."""
    return ops.argsort(ops.negative(values) if direction == "DESCENDING" else values, axis)


def einsum(equation: str, *inputs: Any, **kwargs: Any) -> Any:
    """A sum of products, written in Einstein's notation."""
    return ops.einsum(equation, *inputs)


def stop_gradient(input: Any, name: str | None = None) -> Any:
    """The tensor, through which no gradient flows."""
    return ops.stop_gradient(input)


def identity(input: Any, name: str | None = None) -> Any:
    """The tensor itself."""
    return ops.convert_to_tensor(input)


def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any], name: str | None = None) -> Any:
    """What one of two functions returns."""
    return ops.cond(pred, true_fn, false_fn)


for _name in ("concat", "expand_dims", "gather", "repeat", "reshape", "reverse", "roll", "squeeze", "stack", "tile",
              "transpose"):  # fmt: skip
    globals()[_name] = on_parts(globals()[_name])


__all__ = [
    "Tensor", "Variable", "__version__", "argsort", "boolean_mask", "broadcast_to", "cast", "clip_by_value", "concat",
    "cond", "constant", "convert_to_tensor", "device", "einsum", "executing_eagerly",
    "expand_dims", "eye", "fill", "function", "gather", "get_logger", "identity", "is_tensor", "linspace", "matmul",
    "name_scope", "norm", "one_hot", "ones", "ones_like", "pad", "print",
    "range", "rank", "repeat", "reshape", "reverse", "roll",
    "shape", "size", "sort", "split", "squeeze", "stack", "stop_gradient", "tensordot", "tile", "transpose", "unstack",
    "where", "zeros", "zeros_like",
]  # fmt: skip
