"""`tf.math`, and the same functions at the top of `tf`: TensorFlow's names and argument names on chainrule's ops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ... import activations, ops
from ...errors import ArgumentError
from ...ir import FLOAT, dtype_name
from .complex_numbers import Complex

UNARY = {
    "acos": "arccos", "acosh": "arccosh", "asin": "arcsin", "asinh": "arcsinh", "atan": "arctan", "atanh": "arctanh",
    "ceil": "ceil", "cos": "cos", "cosh": "cosh", "erf": "erf", "erfinv": "erfinv", "exp": "exp", "expm1": "expm1",
    "floor": "floor", "is_finite": "isfinite", "is_inf": "isinf", "is_nan": "isnan", "log": "log", "log1p": "log1p",
    "log_sigmoid": "log_sigmoid", "logical_not": "logical_not", "negative": "negative", "reciprocal": "reciprocal",
    "rint": "round", "round": "round", "rsqrt": "rsqrt", "sigmoid": "sigmoid", "sign": "sign", "sin": "sin",
    "sinh": "sinh", "softplus": "softplus", "softsign": "softsign", "sqrt": "sqrt", "square": "square", "tan": "tan",
    "tanh": "tanh",
}  # fmt: skip
BINARY = {
    "add": "add", "atan2": "arctan2", "divide": "true_divide", "equal": "equal", "floordiv": "floor_divide",
    "floormod": "mod", "greater": "greater", "greater_equal": "greater_equal", "less": "less",
    "less_equal": "less_equal", "logical_and": "logical_and", "logical_or": "logical_or", "logical_xor": "logical_xor",
    "maximum": "maximum", "minimum": "minimum", "mod": "mod", "multiply": "multiply", "not_equal": "not_equal",
    "pow": "power", "realdiv": "true_divide", "subtract": "subtract", "truediv": "true_divide",
}  # fmt: skip
REDUCTIONS = {
    "reduce_all": "all", "reduce_any": "any", "reduce_logsumexp": "logsumexp", "reduce_max": "max",
    "reduce_min": "min", "reduce_prod": "prod", "reduce_std": "std", "reduce_sum": "sum", "reduce_variance": "var",
}  # fmt: skip


def _unary(op: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, name=None: op(x)


def _binary(op: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, y, name=None: op(x, y)


def _reduction(op: Callable[..., Any]) -> Callable[..., Any]:
    return lambda input_tensor, axis=None, keepdims=False, name=None: op(input_tensor, axis=axis, keepdims=keepdims)


def _define() -> None:
    for table, make in ((UNARY, _unary), (BINARY, _binary), (REDUCTIONS, _reduction)):
        for name, op in table.items():
            function = make(ops.OPS[op])
            function.__name__ = function.__qualname__ = name
            function.__doc__ = f"TensorFlow's name for `ops.{op}`."
            globals()[name] = function


class TopK(NamedTuple):
    """The largest elements and where they stand."""

    values: Any
    indices: Any


def abs(x: Any, name: str | None = None) -> Any:
    """The size of numbers without their sign, of complex ones too."""
    return x.__abs__() if isinstance(x, Complex) else ops.absolute(x)


def erfc(x: Any, name: str | None = None) -> Any:
    """1 - erf(x)."""
    return ops.erfc(x)


def softmax(logits: Any, axis: int = -1, name: str | None = None) -> Any:
    """exp(x), divided by its sum along an axis."""
    return activations.softmax(logits, axis)


def log_softmax(logits: Any, axis: int = -1, name: str | None = None) -> Any:
    """The logarithm of `softmax`."""
    return activations.log_softmax(logits, axis)


def cumulative_logsumexp(x: Any, axis: int = 0, name: str | None = None) -> Any:
    """The logarithm of the running sum of exponentials along an axis."""
    x = ops.convert_to_tensor(x)
    top = ops.stop_gradient(ops.max(x, axis=axis, keepdims=True))
    return ops.log(ops.cumsum(ops.exp(x - top), axis)) + top


def reduce_mean(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """The mean along axes; the mean of integers is an integer, as in TensorFlow.

    >>> float(reduce_mean([1.0, 2.0])), int(reduce_mean([1, 2]))
    (1.5, 1)
    """
    tensor = ops.convert_to_tensor(input_tensor)
    mean = ops.mean(tensor, axis=axis, keepdims=keepdims)
    kind = dtype_name(tensor.dtype)
    return mean if kind in FLOAT else ops.cast(mean, kind)


def argmax(input: Any, axis: int | None = None, output_type: Any = "int64", name: str | None = None) -> Any:
    """The position of the largest element along an axis (default the first, unlike NumPy), int64.

    >>> argmax([[1.0, 3.0], [2.0, 0.0]]).tolist()
    [1, 0]
    """
    return ops.cast(ops.argmax(input, axis=axis or 0), output_type)


def argmin(input: Any, axis: int | None = None, output_type: Any = "int64", name: str | None = None) -> Any:
    """The position of the smallest element along an axis (default the first), int64."""
    return ops.cast(ops.argmin(input, axis=axis or 0), output_type)


def add_n(inputs: Sequence[Any], name: str | None = None) -> Any:
    """The sum of several tensors of one shape."""
    total = inputs[0]
    for tensor in inputs[1:]:
        total = ops.add(total, tensor)
    return total


accumulate_n = add_n


def squared_difference(x: Any, y: Any, name: str | None = None) -> Any:
    """(x - y)^2."""
    return ops.square(ops.subtract(x, y))


def divide_no_nan(x: Any, y: Any, name: str | None = None) -> Any:
    """x / y, and 0 where y is 0.

    >>> divide_no_nan([1.0, 1.0], [2.0, 0.0]).tolist()
    [0.5, 0.0]
    """
    empty = ops.equal(y, 0)
    return ops.where(empty, 0.0, ops.true_divide(x, ops.where(empty, 1.0, y)))


def _running(
    op: Callable[..., Any], start: float, x: Any, axis: int, exclusive: bool, reverse: bool, name: str | None
) -> Any:
    x = ops.convert_to_tensor(x)
    x = ops.flip(x, axis) if reverse else x
    if exclusive:
        first, rest = ops.split(x, [1], axis)[0], ops.split(x, [x.shape[axis] - 1], axis)[0]
        x = ops.concatenate([ops.full_like(first, start), rest], axis)
    result = op(x, axis)
    return ops.flip(result, axis) if reverse else result


def cumsum(x: Any, axis: int = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Any:
    """The running sum along an axis: without the element itself if `exclusive`, from the end if `reverse`.

    >>> cumsum([1, 2, 3], exclusive=True, reverse=True).tolist()
    [5, 3, 0]
    """
    return _running(ops.cumsum, 0, x, axis, exclusive, reverse, name)


def cumprod(x: Any, axis: int = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Any:
    """The running product along an axis, with the same options as `cumsum`."""
    return _running(ops.cumprod, 1, x, axis, exclusive, reverse, name)


def count_nonzero(
    input: Any, axis: Any = None, keepdims: bool = False, dtype: Any = "int64", name: str | None = None
) -> Any:
    """How many elements along axes are not zero."""
    return ops.sum(ops.cast(ops.not_equal(input, 0), dtype), axis=axis, keepdims=keepdims)


def l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12, name: str | None = None) -> Any:
    """x / sqrt(max(sum(x^2), epsilon)) along axes, or over all elements.

    >>> l2_normalize([3.0, 4.0]).tolist()
    [0.6000000238418579, 0.800000011920929]
    """
    return ops.multiply(x, ops.rsqrt(ops.maximum(ops.sum(ops.square(x), axis, True), epsilon)))


def top_k(input: Any, k: int = 1, sorted: bool = True, name: str | None = None) -> TopK:
    """The k largest elements along the last axis and their positions."""
    return TopK(*ops.top_k(input, k, sorted))


def in_top_k(targets: Any, predictions: Any, k: int, name: str | None = None) -> Any:
    """Whether the target is among the k largest predictions of its row."""
    return ops.in_top_k(targets, predictions, k)


def confusion_matrix(
    labels: Any,
    predictions: Any,
    num_classes: int | None = None,
    weights: Any = None,
    dtype: Any = "int32",
    name: str | None = None,
) -> Any:
    """How often each class (row) was predicted as each class (column).

    Args:
        labels, predictions: integers, shape (n,).
        num_classes: the number of rows and columns (default None: the largest class + 1).
        weights: of each pair (default None: 1).
        dtype: of the result (default 'int32').

    Raises:
        ArgumentError: if labels and predictions differ in shape.

    Example:
    >>> confusion_matrix([0, 1, 1], [0, 0, 1]).tolist()
    [[1, 0], [1, 1]]
    """
    labels, predictions = ops.convert_to_tensor(labels), ops.convert_to_tensor(predictions)
    if labels.ndim != 1 or labels.shape != predictions.shape:
        raise ArgumentError(
            f"confusion_matrix: expected labels and predictions of one shape (n,); got {labels.shape} and "
            f"{predictions.shape}. Take np.argmax(..., axis=1) of one-hot rows or probabilities first."
        )
    count = num_classes or max(int(ops.max(labels)), int(ops.max(predictions))) + 1
    rows, columns = ops.one_hot(labels, count, dtype="float64"), ops.one_hot(predictions, count, dtype="float64")
    rows = rows if weights is None else rows * ops.expand_dims(ops.cast(weights, "float64"), -1)
    return ops.cast(ops.matmul(ops.transpose(rows), columns), dtype)


__all__ = [
    "abs", "accumulate_n", "add_n", "argmax", "argmin", "confusion_matrix", "count_nonzero", "cumprod", "cumsum",
    "cumulative_logsumexp", "divide_no_nan", "erfc", "in_top_k", "l2_normalize", "log_softmax", "reduce_mean",
    "softmax", "squared_difference", "top_k",
]  # fmt: skip
__all__ += [*UNARY, *BINARY, *REDUCTIONS]  # noqa: PLE0604
_define()
