"""The equations of a Program in units that a textbook has a line for; whatever it has none for is a unit alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...ir import Equation, Program, Var
from .patterns import ACTIVATIONS, LOSSES, Match, match


@dataclass(frozen=True)
class Unit:
    """Some equations in a row.

    Args:
        kind: 'affine' (x W + b), 'convolution' (conv(x, W) + b), 'activation', 'loss', 'loop', 'plain' (one equation).
        start, stop: int. Which equations.
        inputs: the values it reads, in the order of its formula.
        output: the value it makes (the first of several).
        layer: str. The user's layer.
        detail: what else its formula needs: the Match of an activation or loss, the Equation of the others.
    """

    kind: str
    start: int
    stop: int
    inputs: tuple[Var, ...]
    output: Var
    layer: str
    detail: Any


def split(program: Program, weights: Sequence[Var], targets: Sequence[Var], extra: Sequence[Var] = ()) -> list[Unit]:
    """The units of a Program, in order.

    Args:
        program: Program.
        weights: the inputs that may be the matrix or the bias of x W + b.
        targets: the inputs that a loss compares with; empty where there is no loss.
        extra: the inputs that may weigh the samples of a loss.
    """
    found: list[Unit] = []
    uses = _uses(program)
    position = 0
    while position < len(program.equations):
        unit = (
            _loss(program, position, targets, extra, uses)
            or _affine(program, position, weights, uses)
            or _convolution(program, position, weights, uses)
            or _activation(program, position, uses)
            or _single(program, position)
        )
        found.append(unit)
        position = unit.stop
    return found


def _uses(program: Program) -> dict[Var, list[int]]:
    """The numbers of the equations that read each value; -1: it is an output."""
    uses: dict[Var, list[int]] = {}
    for number, equation in enumerate(program.equations):
        for v in equation.inputs:
            uses.setdefault(v, []).append(number)
    for v in program.outputs:
        uses.setdefault(v, []).append(-1)
    return uses


def _is_closed(start: int, stop: int, output: Var, program: Program, uses: dict[Var, list[int]]) -> bool:
    """Whether nothing outside reads what these equations make on the way."""
    inner = [v for e in program.equations[start:stop] for v in e.outputs if v is not output]
    return all(start <= use < stop for v in inner for use in uses.get(v, []))


def _single(program: Program, position: int) -> Unit:
    equation = program.equations[position]
    kind = "loop" if equation.primitive.name == "loop" else "plain"
    return Unit(
        kind, position, position + 1, equation.inputs, equation.outputs[0], equation.where.layer, equation
    )  # fmt: skip


def _affine(program: Program, position: int, weights: Sequence[Var], uses: dict[Var, list[int]]) -> Unit | None:
    product = program.equations[position]
    if product.primitive.name != "dot_general" or not any(product.inputs[1] is w for w in weights):
        return None
    x, w = product.inputs
    last, first = product.params.contract
    if product.params.batch != ((), ()) or w.type.rank != 2 or last != (x.type.rank - 1,) or first != (0,):
        return None
    bias = _bias(program.equations[position + 1 : position + 3], product.outputs[0], weights)
    if bias is not None:
        stop, output = position + 3, program.equations[position + 2].outputs[0]
        if _is_closed(position, stop, output, program, uses):
            return Unit("affine", position, stop, (x, w, bias), output, product.where.layer, product)
    return Unit("affine", position, position + 1, (x, w), product.outputs[0], product.where.layer, product)


_OF_A_CONVOLUTION = ["reshape", "reshape", "conv", "reshape"]  # with an axis of groups, of which there is one


def _convolution(program: Program, position: int, weights: Sequence[Var], uses: dict[Var, list[int]]) -> Unit | None:
    equations = program.equations[position : position + 6]
    if [e.primitive.name for e in equations[:4]] != _OF_A_CONVOLUTION:
        return None
    (x,), (w,) = equations[0].inputs, equations[1].inputs
    slid, output = equations[2], equations[3].outputs[0]
    both = (equations[0].outputs[0], equations[1].outputs[0])
    grouped, flat = ((1, *v.type.shape) for v in (x, w))
    is_one = slid.inputs == both and (both[0].type.shape, both[1].type.shape) == (grouped, flat)
    if not is_one or equations[3].inputs != slid.outputs or not any(w is known for known in weights):
        return None
    bias = _bias(equations[4:6], output, weights)
    if bias is not None and _is_closed(position, position + 6, equations[5].outputs[0], program, uses):
        inputs, output = (x, w, bias), equations[5].outputs[0]
        return Unit("convolution", position, position + 6, inputs, output, slid.where.layer, slid)
    if not _is_closed(position, position + 4, output, program, uses):
        return None
    return Unit("convolution", position, position + 4, (x, w), output, slid.where.layer, slid)


def _bias(equations: Sequence[Equation], output: Var, weights: Sequence[Var]) -> Var | None:
    """b, if these two equations are `+ b` along the last axis."""
    if [e.primitive.name for e in equations] != ["broadcast", "add"]:
        return None
    spread, added = equations
    b = spread.inputs[0]
    fits = b.type.rank == 1 and spread.params.axes == (output.type.rank - 1,) and any(b is w for w in weights)
    return b if fits and added.inputs == (output, spread.outputs[0]) else None


def _activation(program: Program, position: int, uses: dict[Var, list[int]]) -> Unit | None:
    for found in _matches(ACTIVATIONS, program, position, ()):
        if _is_closed(found.start, found.stop, found.output, program, uses):
            layer = program.equations[position].where.layer
            return Unit("activation", found.start, found.stop, found.operands, found.output, layer, found)
    return None


def _loss(
    program: Program, position: int, targets: Sequence[Var], extra: Sequence[Var], uses: dict[Var, list[int]]
) -> Unit | None:
    for target in targets:
        for before in ((target,), *((w, target) for w in extra)):
            for found in _matches(LOSSES, program, position, before):
                if _is_closed(found.start, found.stop, found.output, program, uses):
                    layer = program.equations[position].where.layer
                    return Unit("loss", found.start, found.stop, found.operands, found.output, layer, found)
    return None


_AHEAD = 12  # a pattern reads its operand within so many equations from its start


def _matches(patterns: Any, program: Program, position: int, before: tuple[Var, ...]) -> Any:
    """The patterns found that begin at an equation, each with `before` for its first operands."""
    made = {v for e in program.equations[position : position + _AHEAD] for v in e.outputs}
    for anchor in range(position, min(position + _AHEAD, len(program.equations))):
        for v in dict.fromkeys(program.equations[anchor].inputs):
            if v in made or v in before or not v.type.dtype.startswith(("float", "bfloat")):
                continue
            for pattern in patterns:
                found: Match | None = match(pattern, (*before, v), program.equations, anchor)
                if found is not None and found.start == position:
                    yield found
