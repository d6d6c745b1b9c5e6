"""Forward mode, from the same table.

A row of the gradient table maps `g` to J^T g and is linear in `g`. The gradient of a linear map is its transpose:
pulling a tangent `v` back through the row gives J v, for every primitive and without a second table. What the rows
compute of `g` itself is not used and falls to dead-code elimination.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..ir import FLOAT, Builder, Equation, Program, Tensor, Var, trace, where
from ..primitives.arithmetic import zeros_like
from .control import CONTROL_RULES
from .reverse import TABLE, _forward, active_values, pull_back


def forward(program: Program, wrt: Sequence[int]) -> Program:
    """The Program `(inputs, tangents of the inputs wrt) -> (outputs, tangents of the float outputs)`."""
    count = len(program.inputs)

    def function(*tensors: Tensor) -> list[Tensor]:
        outputs, tangents = push_forward(program, tensors[:count], tensors[count:], wrt)
        return [*outputs, *(t for t, o in zip(tangents, outputs, strict=True) if t is not None)]

    types = [*program.input_types, *(program.input_types[i] for i in wrt)]
    return trace(function, types, f"{program.name}_tangent")[0]


def push_forward(
    program: Program, operands: Sequence[Tensor], tangents: Sequence[Tensor], wrt: Sequence[int]
) -> tuple[list[Tensor], list[Tensor | None]]:
    """Record `program` and its derivative in the direction `tangents`; None for outputs that are not floats."""
    active = active_values(program, wrt)
    values: dict[Var, Tensor] = dict(zip(program.inputs, operands, strict=True))
    moving: dict[Var, Tensor] = {program.inputs[i]: t for i, t in zip(wrt, tangents, strict=True)}
    for equation in program.equations:
        y = _forward(equation, values, active, {})
        if any(v in active for v in equation.outputs):
            with where(equation.where):
                _push_equation(equation, y, values, moving)
    result = [
        moving.get(v, zeros_like(values[v])) if v.type.dtype in FLOAT else None for v in program.outputs
    ]  # fmt: skip
    return [values[v] for v in program.outputs], result


def _push_equation(equation: Equation, y: Any, values: dict[Var, Tensor], moving: dict[Var, Tensor]) -> None:
    operands = [values[v] for v in equation.inputs]
    directions = [moving.get(v) for v in equation.inputs]
    wanted = [d is not None for d in directions]
    floats = [v for v in equation.outputs if v.type.dtype in FLOAT]

    with Builder("row") as builder:
        cotangents = {v: builder.input(v.type) for v in floats}
        g: Any = tuple(cotangents.get(v) for v in equation.outputs)
        extra = {"wanted": wanted} if equation.primitive.name in CONTROL_RULES else {}
        g = g if equation.primitive.multiple else g[0]
        found = TABLE[equation.primitive.name](equation.params, g, y, *operands, **extra)
        pairs = [(d, v) for d, v in zip(found, directions, strict=True) if d is not None and v is not None]
        row = builder.finish([d for d, _ in pairs])
    if not pairs:
        return
    inputs = [*(zeros_like(values[v]) for v in floats), *builder.captured]
    _, result = pull_back(row, inputs, [v for _, v in pairs], range(len(floats)))
    moving.update(zip(floats, result, strict=True))
