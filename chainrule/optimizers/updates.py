"""What optimizers do with gradients before they use them, and assigning on a condition. All of it can be recorded."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from .. import ops
from ..errors import ArgumentError, ShapeError
from ..primitives.arithmetic import as_operand
from ..variables import StateScope, Variable


def norm(x: Any) -> Any:
    """The Euclidean length: sqrt(sum(x^2)) over all elements."""
    return ops.sqrt(ops.sum(x * x))


def clip_by_norm(gradient: Any, limit: float) -> Any:
    """g · limit / max(|g|, limit): shortened to `limit` where it is longer.

    >>> clip_by_norm(ops.convert_to_tensor([0.0, 4.0]), 1.0).tolist()
    [0.0, 1.0]
    """
    return gradient * limit / ops.maximum(norm(gradient), limit)


def clip_by_global_norm(gradients: Sequence[Any], limit: float) -> list[Any]:
    """All gradients times limit / max(n, limit), with n the length of all of them together.

    Where n is not finite they all become NaN: a factor of zero would hide the overflow.

    Source: Pascanu, Mikolov and Bengio 2013, algorithm 1.
    """
    n = ops.sqrt(ops.sum(ops.stack([ops.sum(g * g) for g in gradients])))
    factor = ops.where(ops.isfinite(n), limit / ops.maximum(n, limit), float("nan"))
    return [g * ops.cast(factor, g.dtype) for g in gradients]


def paired(gradients: Sequence[Any], variables: Sequence[Variable]) -> tuple[list[Any], list[Variable]]:
    """The gradients that exist and their variables; warns about the others, raises if there are none."""
    pairs = [(as_operand(g), v) for g, v in zip(gradients, variables, strict=True) if g is not None]
    missing = [v.path for g, v in zip(gradients, variables, strict=True) if g is None]
    if not pairs:
        raise ArgumentError(
            f"no gradients provided for any variable: all {len(missing)} are None ({', '.join(missing[:5])}). "
            "Expected a loss that depends on the trainable variables."
        )
    if missing:
        warnings.warn(
            f"Gradients do not exist for variables {missing}: the loss does not depend on them, so they stay as they "
            "are. If that is not intended: does compile() have a loss for every output?",
            stacklevel=3,
        )
    for gradient, variable in pairs:
        if gradient.shape != variable.shape:
            raise ShapeError(
                f"variable {variable.path!r}: expected a gradient of its shape {variable.shape}; got {gradient.shape}."
            )
    return [g for g, _ in pairs], [v for _, v in pairs]


def overwritten(gradients: list[Any], variables: list[Variable]) -> tuple[list[Any], list[Variable]]:
    """Variables that are to become their gradient (`overwrite_with_gradient`) do; returns the others."""
    for gradient, variable in zip(gradients, variables, strict=True):
        if variable.overwrite_with_gradient:
            variable.assign(gradient)
    rest = [(g, v) for g, v in zip(gradients, variables, strict=True) if not v.overwrite_with_gradient]
    return [g for g, _ in rest], [v for _, v in rest]


def assign_if(condition: Any, update: Callable[[], None], variables: Sequence[Variable]) -> None:
    """Run `update()`, which assigns to some of `variables`, only where the condition holds.

    >>> v = Variable(1.0)
    >>> assign_if(False, lambda: v.assign(5.0), [v])
    >>> float(v)
    1.0
    """

    def updated() -> list[Any]:
        with StateScope() as scope:
            update()
        return [scope.values.get(v, v.value) for v in variables]

    new = ops.cond(condition, updated, lambda: [v.value for v in variables])
    for variable, value in zip(variables, new, strict=True):
        variable.assign(value)
