"""Every value of a Program and every derivative of the loss, not only those at its ends.

The same equations and the same rows of the gradient table as `autodiff.reverse`, in the same order, one at a time; a
loop is walked round by round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ...autodiff import TABLE
from ...autodiff.reverse import active_values, reached
from ...ir import FLOAT, Equation, Program, Tensor, Var, bind
from ...primitives import loop_parts

CONTROL = ("cond", "while_loop")


@dataclass
class Walk:
    """The numbers of a Program.

    Args:
        program: Program.
        values: the value of each Var.
        gradients: the derivative of the loss by each Var that it depends on.
        shares: by (number of the equation, number of its input): the part of the derivative that comes this way.
        rounds: by the number of a loop's equation: the walk of each of its rounds.
    """

    program: Program
    values: dict[Var, Tensor]
    gradients: dict[Var, Tensor] = field(default_factory=dict)
    shares: dict[tuple[int, int], Tensor] = field(default_factory=dict)
    rounds: dict[int, list[Walk]] = field(default_factory=dict)

    def outputs(self) -> list[Tensor]:
        """The values of the outputs."""
        return [self.values[v] for v in self.program.outputs]

    def add(self, v: Var, gradient: Tensor) -> None:
        """Add to the derivative by a value."""
        self.gradients[v] = self.gradients[v] + gradient if v in self.gradients else gradient


def walk_forward(program: Program, operands: Sequence[Tensor]) -> Walk:
    """Compute every value of a Program."""
    walk = Walk(program, dict(zip(program.inputs, operands, strict=True)))
    for number, equation in enumerate(program.equations):
        given = [walk.values[v] for v in equation.inputs]
        if equation.primitive.name == "loop":
            results, walk.rounds[number] = _loop_forward(equation, given)
        else:
            found = bind(equation.primitive, given, equation.params)
            results = list(found) if equation.primitive.multiple else [found]
        walk.values.update(zip(equation.outputs, results, strict=True))
    return walk


def _loop_forward(equation: Equation, operands: Sequence[Tensor]) -> tuple[list[Tensor], list[Walk]]:
    p = equation.params
    invariants, carries, sequences = loop_parts(p, operands)
    rounds: list[Walk] = []
    order = range(p.length)[::-1] if p.reverse else range(p.length)
    for i in order:
        elements = [Tensor(s.numpy()[i, ...]) for s in sequences]
        rounds.append(walk_forward(p.body, [*invariants, *carries, *elements]))
        carries = rounds[-1].outputs()[: p.carries]
    stacked = []
    for k, t in enumerate(p.body.output_types[p.carries :], p.carries):
        whole = np.empty((p.length, *t.shape), t.dtype)
        for i, one in zip(order, rounds, strict=True):
            whole[i] = one.outputs()[k].numpy()
        stacked.append(Tensor(whole))
    return [*carries, *stacked], rounds


def walk_back(walk: Walk, seeds: Sequence[Tensor | None], active: set[Var]) -> None:
    """Find the derivative by every active value, from those by the outputs."""
    for v, seed in zip(walk.program.outputs, seeds, strict=True):
        if seed is not None and v in active:
            walk.add(v, seed)
    numbered = list(enumerate(walk.program.equations))
    for number, equation in reversed(numbered):
        if any(v in walk.gradients for v in equation.outputs):
            found = _pulled(walk, number, equation, active)
            for k, (v, d) in enumerate(zip(equation.inputs, found, strict=True)):
                if d is not None and v in active:
                    walk.shares[number, k] = d
                    walk.add(v, d)


def _pulled(walk: Walk, number: int, equation: Equation, active: set[Var]) -> Sequence[Tensor | None]:
    operands = [walk.values[v] for v in equation.inputs]
    wanted = [v in active for v in equation.inputs]
    g = tuple(walk.gradients.get(v) for v in equation.outputs)
    name = equation.primitive.name
    if name == "loop":
        return _loop_back(equation, walk.rounds[number], g, wanted)
    y = tuple(walk.values[v] for v in equation.outputs)
    extra = {"wanted": wanted} if name in CONTROL else {}
    if not equation.primitive.multiple:
        return TABLE[name](equation.params, g[0], y[0], *operands, **extra)  # type: ignore[no-any-return]
    if name == "top_k" and g[0] is None:
        return [None] * len(operands)
    return TABLE[name](equation.params, g, y, *operands, **extra)  # type: ignore[no-any-return]


def _loop_back(
    equation: Equation, rounds: list[Walk], g: Sequence[Tensor | None], wanted: Sequence[bool]
) -> list[Tensor | None]:
    """From the last round to the first: what a round hands on takes its derivative from the round after it."""
    p = equation.params
    wrt = loop_inputs(p, wanted)
    active = reached(p.body.equations, [p.body.inputs[i] for i in wrt])
    of_carries, totals = list(g[: p.carries]), [None] * len(equation.inputs)
    found: list[Tensor | None] = list(totals)
    elements: dict[int, list[Tensor | None]] = {}
    order = range(p.length) if p.reverse else range(p.length)[::-1]
    for i, one in zip(order, reversed(rounds), strict=True):
        stacked = [None if d is None else Tensor(d.numpy()[i]) for d in g[p.carries :]]
        walk_back(one, [*of_carries, *stacked], active)
        of_inputs = [one.gradients.get(v) for v in p.body.inputs]
        for k in range(p.invariants):
            if of_inputs[k] is not None:
                found[k] = of_inputs[k] if found[k] is None else found[k] + of_inputs[k]  # type: ignore[operator]
        of_carries = of_inputs[p.invariants : p.invariants + p.carries]
        for k in range(p.invariants + p.carries, len(found)):
            elements.setdefault(k, [None] * p.length)[i] = of_inputs[k]
    found[p.invariants : p.invariants + p.carries] = of_carries
    for k, parts in elements.items():
        if any(part is not None for part in parts):
            zero = np.zeros(p.body.input_types[k].shape, p.body.input_types[k].dtype)
            found[k] = Tensor(np.stack([zero if part is None else part.numpy() for part in parts]))
    return [d if take else None for d, take in zip(found, wanted, strict=True)]


def loop_inputs(p: object, wanted: Sequence[bool]) -> list[int]:
    """The inputs of a loop's body that carry a derivative: those wanted, and the carries that depend on them."""
    from ...autodiff.control import _on_the_way

    return _on_the_way(p, wanted)  # type: ignore[arg-type]


def active_of(program: Program, trained: int) -> set[Var]:
    """The values that depend on the first `trained` inputs and lead to the first output."""
    forward = active_values(program, range(trained))
    needed = {program.outputs[0]}
    for equation in reversed(program.equations):
        if any(v in needed for v in equation.outputs):
            needed.update(v for v in equation.inputs if v in forward)
    return {v for v in forward if v in needed and v.type.dtype in FLOAT}
