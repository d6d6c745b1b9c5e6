"""The frame of the rewriting passes: walk the equations in order and put something simpler in their place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import numpy as np

from ..ir import NOWHERE, PRIMITIVES, Equation, Params, Program, Var

SMALL = 16  # arrays up to this many elements may become constants: those that the text form prints as numbers


class Rewriter:
    """A Program in the making: `emit` adds an equation, `made_by` says which equation made a value."""

    def __init__(self, program: Program) -> None:
        self.equations: list[Equation] = []
        self.made_by: dict[Var, Equation] = {}
        self.uses = Counter(chain(program.outputs, *[e.inputs for e in program.equations]))
        self.where = NOWHERE
        self.memory: dict[Any, Any] = {}  # for the pass's own use

    def append(self, equation: Equation) -> None:
        self.equations.append(equation)
        for v in equation.outputs:
            self.made_by[v] = equation

    def emit(self, name: str, *inputs: Var, **params: Any) -> Var:
        """Append an equation that comes from where the one being rewritten comes from; its (first) result."""
        primitive = PRIMITIVES[name]
        canonical = primitive.canonical(**params)
        types = primitive.infer_types(canonical, [v.type for v in inputs])
        self.append(Equation(primitive, inputs, canonical, tuple(map(Var, types)), self.where))
        self.uses.update(inputs)
        return self.equations[-1].outputs[0]

    def splice(self, program: Program, operands: Sequence[Var]) -> list[Var]:
        """Append a copy of the equations of a sub-program; its results."""
        new = dict(zip(program.inputs, operands, strict=True))
        for e in program.equations:
            inputs, outputs = tuple(new[v] for v in e.inputs), tuple(Var(v.type) for v in e.outputs)
            self.append(Equation(e.primitive, inputs, e.params, outputs, e.where))
            self.uses.update(inputs)
            new.update(zip(e.outputs, outputs, strict=True))
        return [new[v] for v in program.outputs]

    def operand(self, v: Var, name: str) -> Var | None:
        """The first operand of the equation that made `v`, if it is one of this primitive."""
        e = self.made_by.get(v)
        return e.inputs[0] if e and e.primitive.name == name else None

    def constant(self, v: Var) -> np.ndarray | None:
        """The value of `v`, if a `constant` made it."""
        e = self.made_by.get(v)
        return e.params.value if e and e.primitive.name == "constant" else None

    def splat(self, v: Var) -> np.ndarray | None:
        """The one number (an array without axes) that every element of `v` is, if that is known."""
        value = self.constant(self.operand(v, "broadcast") or v)
        if value is None or not value.size:
            return None
        first, last = value.flat[0], value.flat[-1]
        same = first.tobytes() == last.tobytes() and value.tobytes() == first.tobytes() * value.size
        return np.asarray(first) if same else None


Rule = Callable[[Rewriter, Equation], Sequence[Var] | None]


def rewrite(program: Program, rule: Rule) -> Program:
    """Offer every equation (its inputs rewritten already, its sub-programs too) to `rule`.

    A rule returns the values that stand for the equation's results from now on, or None to keep the equation. A
    Program in which nothing changes is returned as the same object.
    """
    r = Rewriter(program)
    new: dict[Var, Var] = {}
    for old in program.equations:
        inputs = tuple([new.get(v, v) for v in old.inputs]) if new else old.inputs
        params = map_programs(old.params, lambda sub: rewrite(sub, rule)) if old.params.has_programs() else old.params
        same = params is old.params and inputs == old.inputs
        equation = old if same else Equation(old.primitive, inputs, params, old.outputs, old.where)
        r.where = old.where
        values = rule(r, equation)
        if values is None:
            r.append(equation)
            continue
        for v, value in zip(old.outputs, values, strict=True):
            new[v] = value
            r.uses[value] += r.uses[v]  # at least as many as there will be
    if len(r.equations) == len(program.equations) and all(map(lambda a, b: a is b, r.equations, program.equations)):
        return program
    return program.replace(equations=tuple(r.equations), outputs=tuple(new.get(v, v) for v in program.outputs))


def map_programs(params: Params, change: Callable[[Program], Program]) -> Params:
    """The parameters with every sub-program changed; the same object if none was."""
    def mapped(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(mapped(item) for item in value)
        return change(value) if isinstance(value, Program) else value

    result = Params({key: mapped(value) for key, value in params.items()})
    same = all(a is b for a, b in zip(params.programs(), result.programs(), strict=True))
    return params if same else result
