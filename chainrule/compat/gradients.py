"""`keras.ops.custom_gradient` and `keras.ops.jvp`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from .. import ops
from ..autodiff import pull_back
from ..errors import ArgumentError
from ..ir import FLOAT, Tensor, trace
from ..ir.tree import flatten, unflatten
from ..primitives.arithmetic import as_operand, zeros_like
from ..transforms import jvp as _jvp


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function that computes its gradient in its own way.

    Args: f: of tensors; returns (result, grad), where grad(upstream) gives the gradients by the arguments, linear in
        the gradient by the result.

    The result is the value of f and, added to it, what is zero: the transpose of `grad`, applied to x - x, where only
    the first x has a gradient. So the derivative in the direction dx is `grad`'s transpose, applied to dx. What `grad`
    takes from outside counts as fixed: it is made for first derivatives, second ones lack that part.

    >>> @custom_gradient
    ... def twice(x): return x * 2.0, lambda upstream: upstream * 5.0
    >>> import chainrule
    >>> float(twice(3.0)), float(chainrule.grad(twice)(3.0))
    (6.0, 5.0)
    """

    @wraps(f)
    def wrapper(*args: Any) -> Any:
        result, gradient = f(*args)
        outputs = [as_operand(y) for y in flatten(result)]
        inputs = [as_operand(x) for x in flatten(args)]
        program, captured = trace(lambda *ups: _gradients(gradient, ups, inputs), [y.type for y in outputs], "gradient")
        fixed = [ops.stop_gradient(y) for y in outputs]
        at = [*(zeros_like(y) for y in outputs), *(ops.stop_gradient(c) for c in captured)]
        added = pull_back(program, at, [_nothing(x) for x in inputs if x.type.dtype in FLOAT], range(len(outputs)))[1]
        return unflatten(result, [y if a is None else y + a for y, a in zip(fixed, added, strict=True)])

    return wrapper


def _gradients(gradient: Callable[..., Any], upstream: tuple[Tensor, ...], inputs: list[Tensor]) -> list[Tensor]:
    """What the function's own gradient gives for each float among the arguments."""
    found = [g for g in flatten(gradient(*upstream)) if g is not None]
    floats = [x for x in inputs if x.type.dtype in FLOAT]
    if len(found) != len(floats):
        raise ArgumentError(f"custom_gradient: expected {len(floats)} gradients, one an argument; got {len(found)}.")
    return [ops.broadcast_to(ops.cast(g, x.dtype), x.shape) for g, x in zip(found, floats, strict=True)]


def _nothing(x: Tensor) -> Tensor:
    """Zero, with a gradient of one by x."""
    finite = ops.where(ops.isfinite(x), x, 0.0)
    return finite - ops.stop_gradient(finite)


def jvp(fun: Callable[..., Any], primals: Any, tangents: Any, has_aux: bool = False) -> Any:
    """The value of a function and its derivative in a direction; with `has_aux` also what else it returns.

    Args: fun: of tensors; with has_aux it returns (value, anything); primals, tangents: the arguments and the
        direction, tuples of one length.

    >>> value, slope = jvp(lambda x: x * x, (3.0,), (1.0,))
    >>> float(value), float(slope)
    (9.0, 6.0)
    """
    primals, tangents = tuple(primals), tuple(tangents)
    if not has_aux:
        return _jvp(fun, primals, tangents)
    value, slope = _jvp(lambda *args: fun(*args)[0], primals, tangents)
    return value, slope, fun(*primals)[1]
