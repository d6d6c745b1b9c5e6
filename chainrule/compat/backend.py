"""`keras.backend`, usually imported as K: the names that older custom losses and metrics are written with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import ops
from .. import random as _random
from ..config import (
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
    set_image_data_format,
)
from ..ir import FLOAT, INTEGER, dtype_name
from ..ops import (
    abs,
    all,
    any,
    arange,
    batch_normalization,
    binary_crossentropy,
    cast,
    categorical_crossentropy,
    clip,
    cos,
    dot,
    elu,
    equal,
    exp,
    greater,
    greater_equal,
    less,
    less_equal,
    log,
    max,
    maximum,
    mean,
    min,
    minimum,
    ndim,
    not_equal,
    one_hot,
    ones,
    ones_like,
    prod,
    reshape,
    round,
    shape,
    sigmoid,
    sign,
    sin,
    softmax,
    softplus,
    softsign,
    sparse_categorical_crossentropy,
    sqrt,
    square,
    squeeze,
    stack,
    std,
    stop_gradient,
    sum,
    tanh,
    tile,
    transpose,
    var,
    zeros,
    zeros_like,
)
from ..primitives.arithmetic import result_type
from ..utils import clear_session, is_keras_tensor, standardize_dtype
from ..variables import Variable
from .keras import backend, name_scope


def argmax(x: Any, axis: int = -1) -> Any:
    """The position of the largest element along an axis (default the last).

    >>> argmax([[1.0, 3.0, 2.0]]).tolist()
    [1]
    """
    return ops.argmax(x, axis)


def argmin(x: Any, axis: int = -1) -> Any:
    """The position of the smallest element along an axis (default the last)."""
    return ops.argmin(x, axis)


def batch_flatten(x: Any) -> Any:
    """(n, a, b, ...) as (n, a b ...)."""
    return ops.reshape(x, (-1, int(np.prod(x.shape[1:]))))


def batch_get_value(tensors: Sequence[Any]) -> list[np.ndarray]:
    """The arrays behind several variables."""
    return [get_value(tensor) for tensor in tensors]


def batch_set_value(tuples: Sequence[tuple[Variable, Any]]) -> None:
    """Assign to several variables, given as (variable, value)."""
    for variable, value in tuples:
        variable.assign(value)


def cast_to_floatx(x: Any) -> Any:
    """`x` in the default float dtype: an array for an array, a tensor for a tensor."""
    return x.astype(floatx()) if isinstance(x, np.ndarray) else ops.cast(x, floatx())


def concatenate(tensors: Sequence[Any], axis: int = -1) -> Any:
    """Tensors one after the other along an axis (default the last)."""
    return ops.concatenate(tensors, axis)


def constant(value: Any, dtype: Any = None, shape: Sequence[int] | None = None, name: str | None = None) -> Any:
    """A tensor of the default float dtype, or of `dtype`; one number may fill a `shape`.

    >>> constant(2, shape=(2,)).tolist()
    [2.0, 2.0]
    """
    tensor = ops.convert_to_tensor(value, dtype or floatx())
    return tensor if shape is None else ops.broadcast_to(tensor, shape)


def count_params(x: Any) -> int:
    """The number of elements."""
    return int(np.prod(x.shape))


def ctc_batch_cost(y_true: Any, y_pred: Any, input_length: Any, label_length: Any) -> Any:
    """The CTC loss of each sample: (n, 1).

    Args: y_true: (n, length) classes; y_pred: (n, times, classes) probabilities, the blank last; the lengths: (n, 1).
    """
    scores = ops.log(ops.convert_to_tensor(y_pred) + epsilon())
    flat = [ops.reshape(ops.cast(lengths, "int32"), (-1,)) for lengths in (label_length, input_length)]
    return ops.expand_dims(ops.ctc_loss(y_true, scores, *flat, mask_index=scores.shape[-1] - 1), 1)


def ctc_decode(y_pred: Any, input_length: Any, greedy: bool = True, beam_width: int = 100, top_paths: int = 1) -> Any:
    """([labels, -1 where there are no more], scores) of probabilities (n, times, classes), the blank last."""
    scores = ops.log(ops.convert_to_tensor(y_pred) + epsilon())
    labels, found = ops.ctc_decode(
        scores, ops.cast(input_length, "int32"), "greedy" if greedy else "beam_search", beam_width, top_paths,
        mask_index=scores.shape[-1] - 1,
    )  # fmt: skip
    return list(ops.unstack(ops.cast(labels, "int64"), axis=0)), found


def ctc_label_dense_to_sparse(labels: Any, label_lengths: Any) -> Any:
    """The labels that count, as a sparse tensor."""
    from .tensorflow.sparse import SparseTensor

    rows = np.asarray(labels)
    places = np.argwhere(np.arange(rows.shape[1]) < np.asarray(label_lengths).reshape(-1, 1))
    return SparseTensor(places, rows[tuple(places.T)], rows.shape)


def cumprod(x: Any, axis: int = 0) -> Any:
    """The running product along an axis (default the first)."""
    return ops.cumprod(x, axis)


def cumsum(x: Any, axis: int = 0) -> Any:
    """The running sum along an axis (default the first)."""
    return ops.cumsum(x, axis)


def dtype(x: Any) -> str:
    """The name of the dtype of a tensor."""
    return dtype_name(x.dtype)


def eval(x: Any) -> Any:
    """The array behind a tensor or variable."""
    return get_value(x)


def expand_dims(x: Any, axis: int = -1) -> Any:
    """A new axis of size 1 (default behind the others)."""
    return ops.expand_dims(x, axis)


def eye(size: int, dtype: Any = None, name: str | None = None) -> Any:
    """The identity matrix."""
    return ops.eye(size, dtype=dtype)


def flatten(x: Any) -> Any:
    """All elements along one axis."""
    return ops.reshape(x, (-1,))


def gather(reference: Any, indices: Any) -> Any:
    """The rows of `reference` at `indices`."""
    return ops.take(reference, indices, 0)


def get_value(x: Any) -> Any:
    """The array behind a tensor or variable; anything else as it is."""
    return np.array(x.numpy()) if hasattr(x, "numpy") else x


def hard_sigmoid(x: Any) -> Any:
    """0.2 x + 0.5, kept from 0 to 1: the form that Keras 2 had."""
    return ops.clip(ops.convert_to_tensor(x) * 0.2 + 0.5, 0.0, 1.0)


def in_top_k(predictions: Any, targets: Any, k: int) -> Any:
    """Whether the target is among the k largest predictions of its row."""
    return ops.in_top_k(targets, predictions, k)


def int_shape(x: Any) -> tuple[int | None, ...]:
    """The sizes, None where unknown."""
    return tuple(x.shape)


def is_float_dtype(dtype: Any) -> bool:
    """Whether a dtype holds floats."""
    return dtype_name(dtype) in FLOAT


def is_int_dtype(dtype: Any) -> bool:
    """Whether a dtype holds integers."""
    return dtype_name(dtype) in INTEGER


def is_sparse(tensor: Any) -> bool:
    """Always False: tensors are dense."""
    return False


def l2_normalize(x: Any, axis: Any = None) -> Any:
    """x / sqrt(max(sum(x^2), 1e-12)) along an axis, or over all elements."""
    return x * ops.rsqrt(ops.maximum(ops.sum(ops.square(x), axis, True), 1e-12))


def permute_dimensions(x: Any, pattern: Sequence[int]) -> Any:
    """The axes in another order."""
    return ops.transpose(x, pattern)


def pow(x: Any, a: Any) -> Any:
    """x to the power a."""
    return ops.power(x, a)


def random_normal(shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Normal numbers."""
    return _random.normal(shape, mean, stddev, dtype, seed)


def random_uniform(shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Uniform numbers in [minval, maxval)."""
    return _random.uniform(shape, minval, maxval, dtype, seed)


def relu(x: Any, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Any:
    """x from `threshold` up to `max_value`; `alpha` is the slope below the threshold."""
    from ..activations import relu as activation

    return activation(x, negative_slope=alpha, max_value=max_value, threshold=threshold)


def repeat_elements(x: Any, rep: int, axis: int) -> Any:
    """Every slice along an axis `rep` times."""
    return ops.repeat(x, rep, axis)


def reverse(x: Any, axes: Any) -> Any:
    """The order along these axes turned round."""
    return ops.flip(x, axes)


def set_value(x: Variable, value: Any) -> None:
    """Assign to a variable."""
    x.assign(value)


def switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    """One of two values, or of what two functions return, by a condition (one number, or one for each element)."""
    chosen = [branch() if callable(branch) else branch for branch in (then_expression, else_expression)]
    condition = ops.cast(condition, "bool")
    missing_axes = ops.ndim(chosen[0]) - condition.ndim
    return ops.where(ops.reshape(condition, (*condition.shape, *[1] * missing_axes)), *chosen)


def truncated_normal(shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Normal numbers of which those beyond two standard deviations are never drawn."""
    return _random.truncated_normal(shape, mean, stddev, dtype, seed)


def update(x: Variable, new_x: Any) -> Any:
    """Assign to a variable."""
    return x.assign(new_x)


def update_add(x: Variable, increment: Any) -> Any:
    """Add to a variable."""
    return x.assign_add(increment)


def update_sub(x: Variable, decrement: Any) -> Any:
    """Subtract from a variable."""
    return x.assign_sub(decrement)


def variable(value: Any, dtype: Any = None, name: str | None = None, constraint: Any = None) -> Variable:
    """A Variable with this value.

    >>> float(variable(3.0))
    3.0
    """
    made = Variable(value, dtype=dtype, name=name)
    made.constraint = constraint
    return made


__all__ = [
    "abs", "all", "any", "arange", "argmax", "argmin", "backend", "batch_flatten", "batch_get_value",
    "batch_normalization", "batch_set_value", "binary_crossentropy", "cast", "cast_to_floatx",
    "categorical_crossentropy", "clear_session", "clip", "concatenate", "constant", "cos", "count_params",
    "ctc_batch_cost", "ctc_decode", "ctc_label_dense_to_sparse", "cumprod", "cumsum", "dot", "dtype", "elu",
    "epsilon", "equal", "eval", "exp", "expand_dims", "eye", "flatten", "floatx", "gather", "get_value", "greater",
    "greater_equal", "hard_sigmoid", "image_data_format", "in_top_k", "int_shape", "is_float_dtype", "is_int_dtype",
    "is_keras_tensor", "is_sparse", "l2_normalize", "less", "less_equal", "log", "max", "maximum", "mean", "min",
    "minimum", "name_scope", "ndim", "not_equal", "one_hot", "ones", "ones_like", "permute_dimensions", "pow",
    "prod", "random_normal", "random_uniform", "relu", "repeat_elements", "reshape", "result_type", "reverse",
    "round", "set_epsilon", "set_floatx", "set_image_data_format", "set_value", "shape", "sigmoid", "sign", "sin",
    "softmax", "softplus", "softsign", "sparse_categorical_crossentropy", "sqrt", "square", "squeeze", "stack",
    "standardize_dtype", "std", "stop_gradient", "sum", "switch", "tanh", "tile", "transpose", "truncated_normal",
    "update", "update_add", "update_sub", "var", "variable", "zeros", "zeros_like",
]  # fmt: skip
