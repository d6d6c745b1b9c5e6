"""Targets and outputs brought to one dtype and one shape, or an error that says what does not fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import config, ops
from ..errors import ShapeError
from ..ir import FLOAT, Tensor, dtype_name
from ..ir.tree import flatten, remade
from ..ops.symbolic import op
from ..primitives.arithmetic import as_operand, broadcast_shape, broadcast_to
from ..serialization import builtin

SAME_SHAPE = "Give the last layer as many units as a target has numbers, or reshape the targets."


def dtype_of(dtype: Any) -> str:
    """The dtype to compute in, from None (`floatx`), a name or a dtype policy."""
    dtype = getattr(dtype, "compute_dtype", dtype)
    if dtype is None:
        return config.floatx()
    return dtype_name(dtype.removeprefix("mixed_") if isinstance(dtype, str) else dtype)


def floating(x: Any, dtype: Any = None) -> Tensor:
    """A float tensor: of `dtype` if given; floats keep theirs and everything else becomes `floatx`."""
    x = as_operand(x)
    name = dtype or (x.type.dtype if x.type.dtype in FLOAT else config.floatx())
    return carried(x, lambda t: ops.cast(t, name))


def published(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: register a loss or metric of chainrule's own, and let it be called on symbolic tensors as well."""
    return builtin(op(function, function.__module__.split(".")[1]))


def convert_tree(tree: Any, change: Callable[[Any], Tensor]) -> Any:
    """`change` on each tensor of nested lists, tuples and dicts; nested lists of plain numbers are one tensor.

    >>> [t.shape for t in convert_tree([[[1.0, 2.0]], floating([0.0])], floating)]
    [(1, 2), (1,)]
    """
    if isinstance(tree, dict):
        return {key: convert_tree(value, change) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)) and any(isinstance(t, dict) or hasattr(t, "shape") for t in flatten(tree)):
        return remade(tree, [convert_tree(item, change) for item in tree])
    return change(tree)


def carried(x: Tensor, change: Callable[[Tensor], Tensor], shape_changes: bool = False) -> Tensor:
    """`change(x)`, with the logits that `x` remembers changed in the same way.

    Softmax works along an axis, so its logits do not survive a change of shape.
    """
    y = change(x)
    kind, logits = getattr(x, "logits", None) or ("", None)
    if y is not x and logits is not None and (kind == "sigmoid" or not shape_changes):
        y.logits = (kind, change(logits))
    return y


def logits_of(y_pred: Tensor, kind: str, axis: int = -1) -> Tensor | None:
    """What the activation `kind` ('sigmoid' or 'softmax') was applied to, if `y_pred` is its result."""
    found, logits = getattr(y_pred, "logits", None) or ("", None)
    last = axis in (-1, y_pred.ndim - 1)
    fits = found == kind and logits is not None and logits.shape == y_pred.shape and (kind == "sigmoid" or last)
    return logits if fits else None


def same_rank(x: Tensor, w: Tensor) -> tuple[Tensor, Tensor]:
    """An axis of size 1 at the end added to or taken from one of two tensors whose ranks differ by one.

    >>> a, b = same_rank(as_operand([1.0, 2.0]), as_operand([[1.0], [2.0]]))
    >>> a.shape, b.shape
    ((2, 1), (2, 1))
    """
    if w.ndim == x.ndim + 1 and w.shape[-1] == 1:
        x, w = _match(x, w)
    elif x.ndim == w.ndim + 1 and x.shape[-1] == 1:
        w, x = _match(w, x)
    return x, w


def _match(short: Tensor, long: Tensor) -> tuple[Tensor, Tensor]:
    if short.ndim == 1:
        return carried(short, lambda t: ops.expand_dims(t, -1), True), long
    return short, carried(long, lambda t: ops.squeeze(t, -1), True)


def bounded(x: Any, low: float, high: float) -> Any:
    """x kept between two bounds; on a bound itself the gradient still passes, as in Keras."""
    return ops.where(x > high, high, ops.where(x < low, low, x))


def pair(name: str, y_true: Any, y_pred: Any, advice: str = SAME_SHAPE) -> tuple[Tensor, Tensor]:
    """Target and output as float tensors of one dtype (the output's) and one shape; one number is a target for all.

    Raises: ShapeError: the shapes differ by more than an axis of size 1 at the end.
    """
    y_pred = floating(y_pred)
    y_true = ops.cast(y_true, y_pred.dtype)
    if y_true.ndim == 0:
        y_true = ops.broadcast_to(y_true, y_pred.shape)
    y_true, y_pred = same_rank(y_true, y_pred)
    if y_true.shape != y_pred.shape:
        raise mismatch(name, y_true, y_pred, advice)
    return y_true, y_pred


def mismatch(name: str, y_true: Tensor, y_pred: Tensor, advice: str) -> ShapeError:
    """The error for a target and an output that do not fit together."""
    return ShapeError(
        f"{name}: expected targets of the shape of the outputs; got y_true of shape {y_true.shape} and y_pred of "
        f"shape {y_pred.shape}. {advice}"
    )


def spread_weight(weight: Tensor, shape: tuple[int, ...]) -> Tensor:
    """A weight shaped so that it multiplies values of `shape`: one weight a row counts for all numbers of the row.

    Raises: ShapeError: it does not fit.

    >>> spread_weight(as_operand([1.0, 2.0]), (2, 3)).shape
    (2, 1)
    """
    rank = len(shape)
    if weight.ndim == rank + 1 and weight.shape[-1] == 1:
        weight = ops.squeeze(weight, -1)
    if 0 < weight.ndim < rank and weight.shape == shape[: weight.ndim]:
        weight = ops.reshape(weight, (*weight.shape, *[1] * (rank - weight.ndim)))
    if weight.ndim not in (0, rank) or any(a not in (1, b) for a, b in zip(weight.shape, shape, strict=False)):
        raise ShapeError(
            f"sample_weight: expected one weight a sample, or a shape that fits values of shape {shape}; got shape "
            f"{weight.shape}."
        )
    return weight


def broadcast_weight(weight: Tensor, shape: tuple[int, ...]) -> Tensor:
    """A weight repeated to `shape`."""
    weight = spread_weight(weight, shape)
    return broadcast_to(weight, broadcast_shape(weight.shape, shape))
