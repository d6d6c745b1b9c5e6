"""One step after another: a function of (element, states) along a sequence, as one loop of the Program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ... import ops
from ...ir import Tensor, TensorType, trace
from ...ir.tree import flatten, map_structure, unflatten
from ...primitives.arithmetic import full
from ...variables import StateScope, Variable
from ..layer import Layer

Step = Callable[[Any, Any], tuple[Any, Any]]  # (element, states) -> (output, new states)


@dataclass(frozen=True)
class _Round:
    """What one step is found to do: the type of its output, whether that is its first state, what it assigns."""

    output: TensorType
    output_is_state: bool
    assigned: list[Variable]


def over_steps(
    step: Step, sequence: Any, states: Any, inner: Any = None, mask: Tensor | None = None, backwards: bool = False,
    every_output: bool = True, zero_masked: bool = False,
) -> tuple[Tensor, Any, Any]:  # fmt: skip
    """Run a step along a sequence; returns (last output, all outputs or None, last states).

    Args:
        step: (element, states) -> (output, new states). It may read and assign variables.
        sequence: a tensor with time on axis 0, or a tree of them.
        states: a tree of tensors.
        inner: the layer that the step calls, if it is one: losses that it adds are summed over the steps.
        mask: truth values (time, batch) or None; where false, the states stay as they are.
        backwards: from the last element to the first; the outputs come in that order.
        every_output: whether all outputs are wanted, time on axis 0, or only the last one.
        zero_masked: whether the output at a masked step is 0; else it is the one before (0 if there is none).
    """
    found = _try(step, map_structure(lambda s: s.type.with_shape(s.shape[1:]), sequence), states, inner)
    keep = mask is not None or not (every_output or found.output_is_state)

    def body(carry: Any, element: Any) -> Any:
        old, last, values = carry
        with _losses_of(inner) as losses, StateScope(dict(zip(found.assigned, values, strict=True))) as scope:
            output, new = step(element[0], old)
        if mask is not None:
            output = _chosen(element[1], output, ops.zeros_like(output) if zero_masked else last[0])
            new = map_structure(lambda a, b: _chosen(element[1], a, b), new, old)
        values = [scope.values[v] for v in found.assigned]
        return (new, [output] if keep else [], values), ([output] if every_output else [], losses)

    start = [full(found.output.shape, 0, found.output.dtype)] if keep else []
    carry = (states, start, [v.value for v in found.assigned])
    elements = [sequence] if mask is None else [sequence, mask]
    (states, last, values), stacked = ops.scan(body, carry, elements, reverse=backwards)
    outputs, losses = stacked or ([], [])
    if losses:
        inner.add_loss([ops.sum(loss) for loss in losses])
    for variable, value in zip(found.assigned, values, strict=True):
        variable.assign(value)
    every = [ops.flip(y, 0) if backwards else y for y in outputs]
    final = last or (flatten(states) if found.output_is_state else [every[0][-1]])
    return final[0], (every or [None])[0], states


def _try(step: Step, element: Any, states: Any, inner: Any) -> _Round:
    """Record one step by itself, for what it is like; nothing of it is kept."""
    kept: list[_Round] = []

    def run(*tensors: Tensor) -> list[Tensor]:
        x, values = unflatten((element, states), list(tensors))
        with _losses_of(inner), StateScope() as scope:
            output, new = step(x, values)
        kept.append(_Round(output.type, output is next(iter(flatten(new)), None), list(scope.values)))
        return []

    trace(run, [*flatten(element), *(s.type for s in flatten(states))], "step")
    return kept[0]


def _chosen(mask: Tensor, new: Tensor, old: Tensor) -> Tensor:
    """Rows of `new` where the mask (batch,) is true, else those of `old`."""
    return ops.where(ops.reshape(mask, (*mask.shape, *(1,) * (new.ndim - 1))), new, old)


@contextmanager
def _losses_of(layer: Any) -> Iterator[list[Tensor]]:
    """The losses that a layer and those inside it add, handed out in a list instead of kept."""
    layers = layer._flatten_layers() if isinstance(layer, Layer) else []
    before = [one._losses for one in layers]
    found: list[Tensor] = []
    for one in layers:
        one._losses = []
    try:
        yield found
        found += [loss for one in layers for loss in one._losses]
    finally:
        for one, losses in zip(layers, before, strict=True):
            one._losses = losses
