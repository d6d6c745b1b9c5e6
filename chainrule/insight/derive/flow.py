"""A Program with everything that is said about it: its units, the names of its values, their numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...autodiff.reverse import reached
from ...ir import FLOAT, Program, Tensor, Var
from ...primitives.arithmetic import full
from .expressions import shape_text
from .naming import LOSS, Names, name_body, name_inputs, name_values
from .recording import Recording
from .terms import Term, share
from .units import Unit, split
from .walking import Walk, active_of, loop_inputs, walk_back, walk_forward


@dataclass
class Flow:
    """A Program (or the body of a loop in it), ready to be written down.

    Args:
        program: Program.
        units: list of Unit.
        names: Names.
        active: the values that the loss is differentiated by.
        batched: the values whose first axis is the batch.
        column: bool. Whether a sample is a column.
        bodies: by the number of a loop's equation: the Flow of its body.
    """

    program: Program
    units: list[Unit]
    names: Names
    active: set[Var]
    batched: set[Var]
    column: bool
    bodies: dict[int, Flow] = field(default_factory=dict)

    def displayed(self, v: Var, array: Any) -> np.ndarray:
        """A value (or the derivative by it) as it is printed: a sample is a row, or a column."""
        array = np.asarray(array)
        if array.ndim == 1 and v in self.batched:
            array = array[:, None]
        if array.ndim == 1:
            array = array[None, :]
        return array.T if self.column and array.ndim == 2 else array

    def shape(self, v: Var) -> str:
        """The shape as it is printed."""
        sizes = v.type.shape
        if len(sizes) == 1:
            sizes = (*sizes, 1) if v in self.batched else (1, *sizes)
        return shape_text(sizes[::-1] if self.column and len(sizes) == 2 else sizes)

    def numbers(self, walk: Walk) -> dict[Term, np.ndarray]:
        """The arrays of all symbols, as they are printed."""
        found: dict[Term, np.ndarray] = {}
        for v, term in self.names.terms.items():
            if v in walk.values:
                found[term] = self.displayed(v, walk.values[v].numpy())
            if v in walk.gradients:
                found[self.names.gradient(v)] = self.displayed(v, walk.gradients[v].numpy())
        for unit in self.units:
            for v in dict.fromkeys(unit.inputs):
                part = self.share_of(unit, v, walk)
                if part is not None and v in self.names.terms:
                    found[self.share_name(unit, v)] = self.displayed(v, part)
        return found

    def share_name(self, unit: Unit, v: Var) -> Term:
        """What the part of a derivative that comes through a unit is called."""
        of, by = self.names.gradient(v), self.names.terms[unit.output]
        return share(LOSS, of.parts[1] if of.kind == "partial" else self.names.terms[v], by)

    def share_of(self, unit: Unit, v: Var, walk: Walk) -> np.ndarray | None:
        """The part of the derivative by `v` that comes through a unit."""
        parts = [
            walk.shares[number, k].numpy()
            for number in range(unit.start, unit.stop)
            for k, own in enumerate(self.program.equations[number].inputs)
            if own is v and (number, k) in walk.shares
        ]
        return sum(parts[1:], parts[0]) if parts else None

    def is_on_the_way(self, unit: Unit) -> bool:
        """Whether the derivative passes through a unit."""
        outputs = unit.detail.outputs if unit.kind in ("plain", "loop") else (unit.output,)
        return any(v in self.active for v in outputs) and any(v in self.active for v in unit.inputs)

    def loss_kind(self, unit: Unit) -> str:
        """Which line of the textbook a loss has: from logits, unless they are what the output's activation is of."""
        name = str(unit.detail.pattern.name)
        kind, _, head = name.partition("_from_")
        if head in ("sigmoid", "softmax") and self.head_of(unit.inputs[-1]) is None:
            return f"{kind}_from_logits"
        return name

    def head_of(self, z: Var) -> Var | None:
        """The result of the activation that is applied to a value, if there is one."""
        return next((u.output for u in self.units if u.kind == "activation" and u.inputs == (z,)), None)

    def uses(self, v: Var) -> list[Unit]:
        """The units through which a derivative comes to a value."""
        return [u for u in self.units if any(v is w for w in u.inputs) and self.is_on_the_way(u)]


def flow_of(recording: Recording, column: bool) -> Flow:
    """The Flow of a model's step."""
    program, inputs = recording.program, recording.program.inputs
    weights = inputs[: len(recording.state)]
    targets, extra = ([inputs[k] for k in recording.data[key]] for key in ("y", "weight"))
    units = split(program, weights, targets, extra)
    names, active = name_inputs(recording), active_of(program, len(recording.trained))
    outputs = program.outputs[1 : 1 + recording.outputs]
    name_values(names, program, units, active, outputs, column)
    data = [inputs[k] for places in recording.data.values() for k in places]
    flow = Flow(program, units, names, active, _batched(program, data, recording.rows), column)
    _add_bodies(flow)
    return flow


def _batched(program: Program, data: list[Var], rows: int) -> set[Var]:
    found = set(data)
    for equation in program.equations:
        if any(v in found for v in equation.inputs):
            found.update(v for v in equation.outputs if v.type.shape[:1] == (rows,))
    return found


def _add_bodies(flow: Flow) -> None:
    for unit in flow.units:
        if unit.kind == "loop":
            flow.bodies[unit.start] = _body_of(flow, unit)


def _body_of(flow: Flow, unit: Unit) -> Flow:
    p = unit.detail.params
    body: Program = p.body
    names = name_body(flow.names, unit.detail)
    wanted = [v in flow.active for v in unit.detail.inputs]
    found = [body.inputs[i] for i in loop_inputs(p, wanted)]
    active = {v for v in reached(body.equations, found) if v.type.dtype in FLOAT}
    units = split(body, body.inputs[: p.invariants], ())
    name_values(names, body, units, active, (), flow.column)
    batched = {v for v in body.inputs[p.invariants :] if v.type.rank}
    for equation in body.equations:
        if any(v in batched for v in equation.inputs):
            batched.update(equation.outputs)
    inner = Flow(body, units, names, active, batched, flow.column)
    _add_bodies(inner)
    return inner


def walk_of(recording: Recording, flow: Flow, state: list[Any], data: list[Any]) -> Walk:
    """The numbers of a step.

    Args:
        recording: Recording.
        flow: Flow.
        state: a tensor for each Variable.
        data: arrays, as they are fed.
    """
    operands = [*state, *(Tensor(np.asarray(a)) for a in [*data, *recording.captured])]
    walk = walk_forward(recording.program, operands)
    seeds: list[Any] = [full((), 1, recording.program.outputs[0].type.dtype)]
    walk_back(walk, seeds + [None] * (len(recording.program.outputs) - 1), flow.active)
    return walk

