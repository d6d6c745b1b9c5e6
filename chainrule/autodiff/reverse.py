"""Reverse mode: a Program becomes a Program that also computes gradients.

The forward equations are kept; then they are walked backwards, and each turns the cotangents of its results into
those of its operands by its row of the gradient table. Cotangents of a value used twice are added (the chain rule).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..errors import NotDifferentiableError
from ..ir import FLOAT, Equation, Program, Tensor, Var, bind, trace, where
from ..primitives.arithmetic import zeros_like
from .control import CONTROL_RULES, keep_values
from .rules import NONE, RULES, ZERO

Rule = Any
TABLE: dict[str, Rule] = {**RULES, **CONTROL_RULES}


def reverse(program: Program, wrt: Sequence[int]) -> Program:
    """The Program `(inputs, cotangents of the float outputs) -> (outputs, gradients of the inputs wrt)`.

    Args: program: any Program; wrt: positions of float inputs. An output that is not a float takes no cotangent.
    Raises: NotDifferentiableError: an input is not a float, or an operation on the way has no derivative.

    >>> from chainrule.ir import parse_program
    >>> square = parse_program('program f(%0: float32[]) -> (float32[]) { %1: float32[] = mul(%0, %0) return %1 }')
    >>> print(reverse(square, [0]))
    program f_gradient(%0: float32[], %1: float32[]) -> (float32[], float32[]) {
      %2: float32[] = mul(%0, %0)
      %3: float32[] = mul(%1, %0)
      %4: float32[] = mul(%1, %0)
      %5: float32[] = add(%3, %4)
      return %2, %5
    }
    """
    floats = [i for i, v in enumerate(program.outputs) if v.type.dtype in FLOAT]
    count = len(program.inputs)

    def function(*tensors: Tensor) -> list[Tensor]:
        seeds: list[Tensor | None] = [None] * len(program.outputs)
        for i, seed in zip(floats, tensors[count:], strict=True):
            seeds[i] = seed
        outputs, gradients = pull_back(program, tensors[:count], seeds, wrt)
        return [*outputs, *gradients]

    types = [*program.input_types, *(program.output_types[i] for i in floats)]
    result, _ = trace(function, types, f"{program.name}_gradient")
    return result


def pull_back(
    program: Program, operands: Sequence[Tensor], seeds: Sequence[Tensor | None], wrt: Sequence[int],
    known: Mapping[Var, Tensor] | None = None,
) -> tuple[list[Tensor], list[Tensor]]:  # fmt: skip
    """Record `program` on `operands` and its gradient: returns the outputs and the gradients of the inputs `wrt`.

    Args: known: results of equations that were computed before.
    """
    for i in wrt:
        if program.inputs[i].type.dtype not in FLOAT:
            raise NotDifferentiableError(f"expected a float input to differentiate by; got {program.inputs[i].type}.")
    active = active_values(program, wrt)
    values: dict[Var, Tensor] = dict(zip(program.inputs, operands, strict=True))
    results = [_forward(equation, values, active, known or {}) for equation in program.equations]
    cotangents: dict[Var, Tensor] = {}
    for v, seed in zip(program.outputs, seeds, strict=True):
        if seed is not None and v in active:
            cotangents[v] = cotangents[v] + seed if v in cotangents else seed
    for equation, y in zip(reversed(program.equations), reversed(results), strict=True):
        if any(v in cotangents for v in equation.outputs):
            with where(equation.where):
                _backward(equation, y, values, cotangents, active)
    gradients = [cotangents.get(program.inputs[i]) for i in wrt]
    found = [zeros_like(operands[i]) if g is None else g for i, g in zip(wrt, gradients, strict=True)]
    return [values[v] for v in program.outputs], found


def active_values(program: Program, wrt: Sequence[int]) -> set[Var]:
    """The float values that depend on the inputs `wrt`."""
    return reached(program.equations, [program.inputs[i] for i in wrt])


def reached(equations: Iterable[Equation], sources: Iterable[Var]) -> set[Var]:
    """The float values that depend on `sources` by way of these equations, the sources among them."""
    active = set(sources)
    for equation in equations:
        if TABLE[equation.primitive.name] not in (ZERO, NONE) and any(v in active for v in equation.inputs):
            active.update(v for v in equation.outputs if v.type.dtype in FLOAT)
    return active


def _forward(equation: Equation, values: dict[Var, Tensor], active: set[Var], known: Mapping[Var, Tensor]) -> Any:
    """Record one equation; returns all its results (a loop on the way saves values as further results)."""
    if all(v in known for v in equation.outputs):
        values.update((v, known[v]) for v in equation.outputs)
        return tuple(known[v] for v in equation.outputs) if equation.primitive.multiple else known[equation.outputs[0]]
    saving = equation.primitive.name == "loop" and any(v in active for v in equation.outputs)
    params = keep_values(equation.params) if saving else equation.params
    with where(equation.where):
        y = bind(equation.primitive, [values[v] for v in equation.inputs], params)
    results = y if equation.primitive.multiple else (y,)
    values.update(zip(equation.outputs, results, strict=False))
    return y


def _backward(
    equation: Equation, y: Any, values: dict[Var, Tensor], cotangents: dict[Var, Tensor], active: set[Var]
) -> None:
    operands = [values[v] for v in equation.inputs]
    rule = TABLE[equation.primitive.name]
    if equation.primitive.multiple:
        g: Any = tuple(cotangents.get(v) for v in equation.outputs)
        if equation.primitive.name == "top_k" and g[0] is None:
            return
    else:
        g = cotangents[equation.outputs[0]]
    wanted = [v in active for v in equation.inputs]
    extra = {"wanted": wanted} if equation.primitive.name in CONTROL_RULES else {}
    for v, d, take in zip(equation.inputs, rule(equation.params, g, y, *operands, **extra), wanted, strict=True):
        if take and d is not None:
            cotangents[v] = cotangents[v] + d if v in cotangents else d
