"""The lines of a derivation: for each unit what it computes, and how the derivative goes back through it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ...ir import Var
from . import textbook
from .expressions import Writer, rule_formulas
from .flow import Flow
from .naming import LOSS
from .terms import (
    ONE,
    ZERO,
    Term,
    at,
    call,
    cases,
    hadamard,
    matmul,
    minus,
    number,
    partial,
    plus,
    relation,
    substitute,
    symbol,
    symbols,
    times,
    total,
    transposed,
    words,
)
from .units import Unit

N = symbol("n")


@dataclass(frozen=True)
class Line:
    """A formula, left = right = ..., and where it belongs.

    Args:
        left: Term. What is defined.
        right: tuple of Term. Equal ways to write it.
        shape: str. Its shape, as it is printed.
        layer: str. The user's layer.
        sign: str. '=', or '+=' in the rounds of a loop.
        note: str. The key of a sentence that goes with it; "" for none.
        inner: tuple of Line. The lines of a round, for a loop.
        loop: int. The number of the loop's equation; -1: no loop.
        has_number: bool. Whether the executors compute this value.
    """

    left: Term
    right: tuple[Term, ...]
    shape: str
    layer: str
    sign: str = "="
    note: str = ""
    inner: tuple[Line, ...] = ()
    loop: int = -1
    has_number: bool = True

    @property
    def formula(self) -> Term:
        """The whole line as one formula."""
        return relation(self.sign, self.left, *self.right)


Found = tuple[Var | None, Line]  # by which value it is the derivative; None: by one that the Program does not make


def forward_lines(flow: Flow) -> list[Line]:
    """What each unit computes, in order."""
    found: list[Line] = []
    for unit in flow.units:
        if unit.output not in flow.names.hidden:
            found += _FORWARD[unit.kind](flow, unit)
    return found


def backward_lines(flow: Flow) -> list[Line]:
    """The derivative by each value, from the loss back. Parts that come by several ways are added at the end."""
    found: list[Line] = []
    waiting: dict[Var, int] = {}
    for unit in reversed(flow.units):
        for v, line in _BACKWARD[unit.kind](flow, unit) if flow.is_on_the_way(unit) else ():
            line = _unfolded(line, found)
            several = [] if v is None else flow.uses(v)
            if v is None or len(several) < 2:
                found.append(line)
                continue
            found.append(replace(line, left=flow.share_name(unit, v)))
            waiting[v] = waiting.get(v, 0) + 1
            if waiting[v] == len(several):
                parts = [flow.share_name(u, v) for u in reversed(several)]
                found.append(Line(flow.names.gradient(v), (plus(*parts),), flow.shape(v), unit.layer, note="sum"))
    return found


def _unfolded(line: Line, before: list[Line]) -> Line:
    """δ = ∂L/∂a ⊙ f′(z) with δ W^T in place of ∂L/∂a, as textbooks have it."""
    if not line.note.startswith("slope:"):
        return line
    g = next((f for f in before if f.left in symbols(line.right[0], {f.left}) and f.right[0].kind == "matmul"), None)
    if g is None:
        return line
    last = substitute(line.right[-1], lambda t: g.right[0] if t == g.left else None)
    return replace(line, right=(*line.right[:-1], last))


def _value(flow: Flow, unit: Unit, *right: Term, note: str = "") -> Line:
    return Line(flow.names.terms[unit.output], right, flow.shape(unit.output), unit.layer, note=note)


def _gradient(flow: Flow, unit: Unit, v: Var, *right: Term, note: str = "") -> Found:
    return v, Line(flow.names.gradient(v), right, flow.shape(v), unit.layer, note=note)


def _affine_forward(flow: Flow, unit: Unit) -> list[Line]:
    x, w, *b = (flow.names.terms[v] for v in unit.inputs)
    return [_value(flow, unit, plus(_product(flow, unit, x, w), *b))]


def _product(flow: Flow, unit: Unit, x: Term, w: Term) -> Term:
    """x W, or W x where samples are columns."""
    if unit.inputs[0].type.rank > 2:
        return matmul(x, transposed(w) if flow.column else w)
    return matmul(w, x) if flow.column else matmul(x, w)


def _affine_backward(flow: Flow, unit: Unit) -> Iterator[Found]:
    x, w = (flow.names.terms[v] for v in unit.inputs[:2])
    delta, is_matrix = flow.names.gradient(unit.output), unit.inputs[0].type.rank == 2
    for k, v in enumerate(unit.inputs):
        if v not in flow.active:
            continue
        if k == 0:
            yield _gradient(flow, unit, v, _product(flow, unit, delta, transposed(w)))
        elif k == 1:
            pair = (delta, transposed(x)) if flow.column and is_matrix else (transposed(x), delta)
            term = matmul(*pair)
            yield _gradient(flow, unit, v, term if is_matrix else call("Σ", term, words("over all positions")))
        else:
            yield _gradient(flow, unit, v, _summed(flow, unit.output, delta), note=_bias_note(unit))


def _bias_note(unit: Unit) -> str:
    return "" if unit.output.type.shape[0] == 1 else "bias"


def _summed(flow: Flow, output: Var, delta: Term) -> Term:
    """The sum over the samples: a bias is added to each."""
    if output.type.rank > 2:
        return call("Σ", delta, words("over all positions"))
    return delta if output.type.shape[0] == 1 else total("sum", "samples", delta, (1 if flow.column else 0,))


def _convolution_forward(flow: Flow, unit: Unit) -> list[Line]:
    x, w, *b = (flow.names.terms[v] for v in unit.inputs)
    return [_value(flow, unit, plus(call("conv", x, w, *_steps(unit)), *b), note="conv")]


def _steps(unit: Unit) -> list[Term]:
    """How a convolution moves, where that is not from one place to the next inside of the input."""
    p = unit.detail.params
    said = [("strides", p.strides, 1), ("padding", p.padding, (0, 0)), ("dilation", p.dilation, 1)]
    return [words(f"{name} {value}") for name, value, usual in said if any(v != usual for v in value)]


def _convolution_backward(flow: Flow, unit: Unit) -> Iterator[Found]:
    x, w = (flow.names.terms[v] for v in unit.inputs[:2])
    delta = flow.names.gradient(unit.output)
    right = (call("conv", delta, call("flip", w)), call("conv", x, delta), _summed(flow, unit.output, delta))
    for v, term, note in zip(unit.inputs, right, ("conv_x", "conv_w", "bias"), strict=False):
        if v in flow.active:
            yield _gradient(flow, unit, v, term, note=note)


def _activation_forward(flow: Flow, unit: Unit) -> list[Line]:
    row, z = textbook.ACTIVATIONS[unit.detail.pattern.name], flow.names.terms[unit.inputs[0]]
    return [_value(flow, unit, call(row.name, z), row.formula(z, unit.detail.parameter))]


def _activation_backward(flow: Flow, unit: Unit) -> Iterator[Found]:
    row = textbook.ACTIVATIONS[unit.detail.pattern.name]
    (v,), a = unit.inputs, flow.names.terms[unit.output]
    z, g = flow.names.terms[v], flow.names.gradient(unit.output)
    if row.slope is None:
        inner = total("sum", "k", hadamard(g, a), (-1,))
        yield _gradient(flow, unit, v, hadamard(a, minus(g, inner)), note="softmax")
        return
    slope = row.slope(z, a, unit.detail.parameter)
    yield _gradient(flow, unit, v, hadamard(g, call(f"{row.name}′", z)), hadamard(g, slope), note=f"slope:{row.name}")


def _loss_parts(flow: Flow, unit: Unit) -> textbook.LossParts:
    *weight, y, p = unit.inputs
    names, shape = flow.names.terms, p.type.shape
    output = flow.head_of(p)
    samples = ONE if shape[0] == 1 else N
    for size in shape[1:-1]:
        samples = times(samples, number(size))
    shown = names[output] if output is not None else names[p]
    weights = names[weight[0]] if weight else None
    return textbook.LossParts(names[y], names[p], shown, samples, shape[-1], weights, shape[-1])


def _loss_forward(flow: Flow, unit: Unit) -> list[Line]:
    row, parts = textbook.LOSSES[flow.loss_kind(unit)], _loss_parts(flow, unit)
    found = [_value(flow, unit, row.formula(parts))]
    if row.computed is not None:
        found.append(_value(flow, unit, row.computed(parts), note="computed"))
    return found


def _loss_backward(flow: Flow, unit: Unit) -> Iterator[Found]:
    name, parts, v = flow.loss_kind(unit), _loss_parts(flow, unit), unit.inputs[-1]
    row = textbook.LOSSES[name]
    note = ""
    if row.by_output is not None:
        note, of = f"cancels:{name.rpartition('_')[2]}", partial(LOSS, parts.output)
        right = (_scaled(flow, unit, row.by_output(parts)),)
        yield None, Line(of, right, flow.shape(v), unit.layer, note="by_output", has_number=False)
    yield _gradient(flow, unit, v, _scaled(flow, unit, row.gradient(parts)), note=note)


def _scaled(flow: Flow, unit: Unit, term: Term) -> Term:
    """Times the derivative by the loss of this output, where that is only a part of the loss."""
    return term if flow.names.terms[unit.output] == LOSS else times(flow.names.gradient(unit.output), term)


def _plain_forward(flow: Flow, unit: Unit) -> list[Line]:
    writer = Writer(flow.names.terms, flow.column, flow.program)
    found = [_value(flow, unit, writer.formula(unit.detail), note=f"primitive:{unit.detail.primitive.name}")]
    for k, v in enumerate(unit.detail.outputs[1:], 1):
        also = call(f"{unit.detail.primitive.name}, {k}", *map(writer.term, unit.detail.inputs))
        found.append(Line(flow.names.terms[v], (also,), flow.shape(v), unit.layer))
    return found


def _plain_backward(flow: Flow, unit: Unit) -> Iterator[Found]:
    equation, writer = unit.detail, Writer(flow.names.terms, flow.column, flow.program)
    wanted = [v for v in dict.fromkeys(equation.inputs) if v in flow.active]
    if equation.primitive.multiple or equation.primitive.name == "cond":
        for v in wanted:
            yield _gradient(flow, unit, v, words(f"'{equation.primitive.name}'"), note="rule")
        return
    names = [writer.term(v) for v in equation.inputs]
    if equation.primitive.name == "window_max":
        peak = relation("=", names[0], words("max of its window"))
        yield _gradient(flow, unit, wanted[0], cases(peak, flow.names.gradient(unit.output), ZERO), note="window_max")
        return
    result, g = flow.names.terms[unit.output], flow.names.gradient(unit.output)
    formulas = rule_formulas(equation, names, result, g, flow.column)
    for v in wanted:
        terms = [f for own, f in zip(equation.inputs, formulas, strict=True) if own is v and f is not None]
        if terms:
            yield _gradient(flow, unit, v, plus(*terms), note=_movement(flow, unit, v))


def _movement(flow: Flow, unit: Unit, v: Var) -> str:
    return "unbroadcast" if unit.detail.primitive.name == "broadcast" and v.type.size < unit.output.type.size else ""


def _loop_forward(flow: Flow, unit: Unit) -> list[Line]:
    inner, p = flow.bodies[unit.start], unit.detail.params
    found = []
    for k, v in enumerate(unit.detail.outputs):
        of = inner.names.terms.get(p.body.outputs[k], words("…"))
        last = at(of, f"t = {1 if p.reverse else p.length}") if k < p.carries else at(of, f"t = 1 … {p.length}")
        found.append(Line(flow.names.terms[v], (last,), flow.shape(v), unit.layer, note="loop"))
    lines = tuple(forward_lines(inner))
    found[0] = replace(found[0], inner=lines, loop=unit.start)
    return found


def _loop_backward(flow: Flow, unit: Unit) -> Iterator[Found]:
    inner, p = flow.bodies[unit.start], unit.detail.params
    lines = tuple(_as_parts(inner, p.invariants, line) for line in backward_lines(inner))
    first = True
    for k, v in enumerate(unit.detail.inputs):
        if v not in flow.active:
            continue
        of = inner.names.gradient(p.body.inputs[k])
        many = f"t = 1 … {p.length}"
        if k < p.invariants:
            term = call("Σ", of, words(many))
        elif k < p.invariants + p.carries:
            term = at(of, f"t = {p.length if p.reverse else 1}")
        else:
            term = at(of, many)
        own, line = _gradient(flow, unit, v, term, note="through_time")
        yield own, replace(line, inner=lines, loop=unit.start) if first else line
        first = False


def _as_parts(inner: Flow, invariants: int, line: Line) -> Line:
    """What a round adds to the derivative by a value that all rounds share."""
    shared = {inner.names.gradient(v) for v in inner.program.inputs[:invariants] if v in inner.names.terms}
    return replace(line, sign="+=") if line.left in shared else line


_FORWARD = {
    "affine": _affine_forward, "convolution": _convolution_forward, "activation": _activation_forward,
    "loss": _loss_forward, "plain": _plain_forward, "loop": _loop_forward,
}  # fmt: skip
_BACKWARD: dict[str, Callable[[Flow, Unit], Iterator[Found]]] = {
    "affine": _affine_backward, "convolution": _convolution_backward, "activation": _activation_backward,
    "loss": _loss_backward, "plain": _plain_backward, "loop": _loop_backward,
}  # fmt: skip
