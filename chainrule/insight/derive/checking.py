"""A derivation checked: its formulas by their numbers, its gradients by differences, its step by the executor's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...ir import Equation, Params, Program, TensorType, Var, evaluate
from .lines import Line
from .numeric import NoNumberError
from .numeric import evaluate as computed
from .terms import Term, symbols
from .updates import Numbered

_ROUNDING = 1e-3  # of the largest gradient: of what is smaller, rounding may be a part that shows
_CANCELLED = 1e-3  # what is smaller than this share of the numbers that made it is compared with them
STEP = 1e-5  # of the difference quotients, in float64


@dataclass(frozen=True)
class Checks:
    """How a derivation was checked.

    Args:
        formulas: int. Formulas that were computed from the numbers of their symbols.
        formula_error: float. The largest difference from what the Program computes, relative to the largest element.
        entries: int. Elements of weights whose derivative was measured by difference quotients in double precision.
        gradient_error: float. The largest difference, relative to the largest element of the gradient of that weight.
        executor: str. Which executor made the same step ("" : none).
        step_error: float. The largest difference between its weights and those of the derivation, relative to the
            largest change.
    """

    formulas: int
    formula_error: float
    entries: int
    gradient_error: float
    executor: str
    step_error: float


def check_formulas(lines: Iterable[Line], numbers: Mapping[Term, Any], samples_first: bool) -> tuple[int, float]:
    """How many formulas could be computed from the numbers of their symbols, and how far off the worst is."""
    count, worst = 0, 0.0
    for line in lines:
        if not line.has_number or line.left not in numbers:
            continue
        expected = np.asarray(numbers[line.left], np.float64)
        for right in line.right:
            try:
                found = computed(right, numbers, samples_first)
            except (NoNumberError, ValueError):
                continue
            if found.size != expected.size:
                found = np.broadcast_to(found, expected.shape) if found.size == 1 else found
            if found.size == expected.size and np.isfinite(expected).all():
                count += 1
                off = float(np.abs(found.reshape(expected.shape) - expected).max(initial=0.0))
                worst = max(worst, off / _scale(right, expected, numbers))
    return count, worst


def check_rules(numbered: Iterable[Numbered]) -> tuple[int, float]:
    """The same for the formulas of the optimizer."""
    count, worst = 0, 0.0
    for formula, known, value in (each for rule in numbered for each in rule):
        try:
            found = np.broadcast_to(computed(formula.parts[2], known), value.shape)
        except (NoNumberError, ValueError):
            continue
        count += 1
        off = float(np.abs(found - value).max(initial=0.0))
        worst = max(worst, off / _scale(formula.parts[2], value, known))
    return count, worst


def _scale(right: Term, expected: np.ndarray, numbers: Mapping[Term, Any]) -> float:
    """The size of a value; where large numbers cancel, a thousandth of theirs, which rounding leaves."""
    sizes = [float(np.abs(np.asarray(numbers[t], np.float64)).max(initial=0.0)) for t in symbols(right, numbers)]
    return max(float(np.abs(expected).max(initial=0.0)), _CANCELLED * max(sizes, default=0.0), 1e-12)


def in_double(program: Program) -> Program:
    """The same Program computed in float64.

    >>> from chainrule.ir import parse_program
    >>> text = "program f(%0: float32[2]) -> (float32[2]) { %1: float32[2] = neg(%0) return %1 }"
    >>> in_double(parse_program(text)).outputs[0].type.dtype
    'float64'
    """
    values = {v: Var(_wide(v.type)) for v in program.inputs}
    equations = []
    for e in program.equations:
        values.update((v, Var(_wide(v.type))) for v in e.outputs)
        params = Params({key: _wide_value(value) for key, value in e.params.items()})
        inputs, outputs = (tuple(values[v] for v in side) for side in (e.inputs, e.outputs))
        equations.append(Equation(e.primitive, inputs, params, outputs, e.where))
    inputs, outputs = (tuple(values[v] for v in side) for side in (program.inputs, program.outputs))
    return Program(program.name, inputs, tuple(equations), outputs)


_NARROW = ("float32", "float16", "bfloat16")


def _wide(t: TensorType) -> TensorType:
    return TensorType("float64", t.shape) if t.dtype in _NARROW else t


def _wide_value(value: Any) -> Any:
    if isinstance(value, Program):
        return in_double(value)
    if isinstance(value, tuple):
        return tuple(_wide_value(item) for item in value)
    if isinstance(value, np.ndarray) and value.dtype.name in _NARROW:
        return value.astype(np.float64)
    return "float64" if isinstance(value, str) and value in _NARROW else value


def check_gradients(
    program: Program, operands: Sequence[np.ndarray], gradients: Sequence[np.ndarray], each: int = 4
) -> tuple[int, float]:
    """Difference quotients for some elements of each of the first inputs: those with the largest gradients first.

    Returns: how many elements were measured, and how far off the worst is.
    """
    wide = in_double(program)
    wide = wide.replace(outputs=wide.outputs[:1])
    point = [np.array(a, np.float64) if a.dtype.name in _NARROW else a for a in operands]
    count, worst = 0, 0.0
    largest = max((float(np.abs(g).max(initial=0.0)) for g in gradients), default=0.0)
    for k, gradient in enumerate(gradients):
        claimed = np.asarray(gradient, np.float64)
        scale = max(float(np.abs(claimed).max(initial=0.0)), _CANCELLED * largest, 1e-12)
        for place in np.argsort(-np.abs(claimed), axis=None)[:each]:
            measured = _slope(wide, point, k, np.unravel_index(place, claimed.shape))
            worst = max(worst, abs(measured - claimed.flat[place]) / scale)
            count += 1
    return count, worst


def _slope(program: Program, point: Sequence[np.ndarray], k: int, index: Any) -> float:
    values = []
    for sign in (1, -1):
        moved = list(point)
        moved[k] = point[k].copy()
        moved[k][index] += sign * STEP
        values.append(float(evaluate(program, moved)[0]))
    return (values[0] - values[1]) / (2 * STEP)


def sure_elements(steps: Sequence[Mapping[str, np.ndarray]]) -> list[np.ndarray]:
    """For each weight which elements have a gradient that is more than rounding, in every step.

    Adam makes a step of full length from any gradient, however small. One that is 0 on paper (of a bias before a
    normalisation) is rounding, and different on each executor.
    """
    found = [np.ones(g.shape, bool) for g in steps[0].values()]
    for gradients in steps:
        largest = max((float(np.abs(g).max(initial=0.0)) for g in gradients.values()), default=0.0)
        for mask, g in zip(found, gradients.values(), strict=True):
            mask &= np.abs(g) > _ROUNDING * largest
    return found


def check_step(
    model: Any, parts: Any, steps: int, expected: Mapping[Any, np.ndarray], sure: Mapping[Any, np.ndarray]
) -> float:
    """Train on the same batch with the model's executor, compare the weights, and put everything back."""
    state = model._engine.state("train")
    before = [v._value for v in state]
    try:
        for _ in range(steps):
            list(model._engine.run_batch("train", parts))
        offs, moves = [], []
        for variable, start in zip(state, before, strict=True):
            if variable in expected:
                found = np.asarray(variable.numpy(), np.float64)
                offs.append(float((np.abs(expected[variable] - found) * sure[variable]).max(initial=0.0)))
                moves.append(float(np.abs(found - start.numpy()).max(initial=0.0)))
        floor = max(_CANCELLED * max(moves, default=0.0), 1e-12)
        return max((off / max(move, floor) for off, move in zip(offs, moves, strict=True)), default=0.0)
    finally:
        for variable, value in zip(state, before, strict=True):
            variable._value = value
