"""A model's step as two Programs, forward pass with loss, and update; and what they take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...ir import Program, Tensor, trace, type_of
from ...ir.tree import flatten, unflatten
from ...passes.dce import dce
from ...variables import StateScope, Variable

STAND_IN = 10_007  # the number of rows where no rows are given; a prime, so that sizes made of it are recognised


@dataclass(frozen=True)
class Recording:
    """The forward pass of a model on data of one shape.

    Args:
        program: Program. (state, data, captured) -> (loss, outputs, changed state).
        trained, others: lists of Variable. The state: the weights that are trained, and what else there is.
        data: dict of names ("x", "y", "weight") to the positions of their arrays among the inputs.
        outputs: int. How many outputs the model has.
        changed: list of Variable. What the forward pass assigns to (moving averages, seeds).
        captured: arrays that the Program captured.
        rows: int. The size of the batch.
        name: str. The model's, with which the paths of its weights may begin.
    """

    program: Program
    trained: list[Variable]
    others: list[Variable]
    data: dict[str, list[int]]
    outputs: int
    changed: list[Variable]
    captured: list[np.ndarray]
    rows: int
    name: str

    @property
    def state(self) -> list[Variable]:
        """All Variables, in the order of the inputs."""
        return [*self.trained, *self.others]

    @property
    def paths(self) -> list[str]:
        """The paths of the trained weights in the model; a second one of a path gets its number, `cell/kernel:2`."""
        seen: dict[str, int] = {}
        found = []
        for variable in self.trained:
            path = variable.path.removeprefix(f"{self.name}/")
            seen[path] = seen.get(path, 0) + 1
            found.append(path + (f":{seen[path]}" if seen[path] > 1 else ""))
        return found


def record_forward(model: Any, parts: tuple[Any, Any, Any]) -> Recording:
    """Record the forward pass in training, and the loss.

    Args:
        model: a compiled Model whose weights exist.
        parts: (x, y, sample weight): trees of arrays, or of TensorTypes.
    """
    trained = model._trained()
    others = [v for v in model._engine.state("train") if all(v is not t for t in trained)]
    leaves = [leaf for part in parts for leaf in flatten(part) if leaf is not None]
    types = [leaf if hasattr(leaf, "with_shape") else type_of(leaf) for leaf in leaves]
    found: dict[str, Any] = {}

    def function(*tensors: Tensor) -> list[Tensor]:
        count = len(trained) + len(others)
        given = dict(zip([*trained, *others], tensors[:count], strict=True))
        source = iter(tensors[count:])
        x, y, weight = (unflatten(p, [None if a is None else next(source) for a in flatten(p)]) for p in parts)
        with StateScope(given) as scope:
            outputs = model._forward(x, training=True)
            loss = model.optimizer.scale_loss(model._loss_of(x, y, outputs, weight, training=True))
        found["outputs"] = len(flatten(outputs))
        found["changed"] = [v for v, t in scope.values.items() if t is not given.get(v) and v in given]
        return [loss, *flatten(outputs), *(scope.values[v] for v in found["changed"])]

    with model._as_compiled():
        program, captured = trace(function, [*[v.value.type for v in [*trained, *others]], *types], "forward")
    positions, next_position = {}, len(trained) + len(others)
    for name, part in zip(("x", "y", "weight"), parts, strict=True):
        count = sum(leaf is not None for leaf in flatten(part))
        positions[name] = list(range(next_position, next_position + count))
        next_position += count
    return Recording(
        dce(program), trained, others, positions, found["outputs"], found["changed"],
        [np.asarray(t.numpy()) for t in captured], types[0].shape[0], model.name,
    )  # fmt: skip


def record_update(model: Any, trained: Sequence[Variable]) -> tuple[Program, list[Variable], list[Variable]]:
    """Record the optimizer's step.

    Returns:
        the Program (weights, optimizer's state, gradients) -> new values; its state; what the new values belong to.
    """
    slots = list(model.optimizer.variables)
    state = [*trained, *slots]
    changed: list[Variable] = []

    def function(*tensors: Tensor) -> list[Tensor]:
        given = dict(zip(state, tensors, strict=False))
        with StateScope(given) as scope:
            model.optimizer.apply(list(tensors[len(state) :]), list(trained))
        changed.extend(v for v in state if scope.values[v] is not given[v])
        return [scope.values[v] for v in changed]

    types = [v.value.type for v in [*state, *trained]]
    program, captured = trace(function, types, "update")
    if captured:
        program = _closed(program, captured)
    return dce(program), state, changed


def _closed(program: Program, captured: Sequence[Tensor]) -> Program:
    """The Program with what it captured as constants."""
    from ...ir import inline
    from ...primitives import constant

    declared = program.input_types[: len(program.inputs) - len(captured)]

    def function(*tensors: Tensor) -> list[Tensor]:
        return inline(program, [*tensors, *(constant(value=t.numpy()) for t in captured)])

    return trace(function, declared, program.name)[0]
