"""Loops and branches of a Program as loops and branches of the driver."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from ...ir import Equation, Var
from ...primitives import loop_parts
from . import crew
from .emit import aligned, bytes_of
from .plan import Plan, Step

if TYPE_CHECKING:
    from .blocks import Blocks
    from .driver import Driver

Places = Mapping[Var, str | int]
NOWHERE: Places = MappingProxyType({})
_LARGE = 1 << 22  # bytes of a carry that takes longer to copy than a second kernel to compile


def _operands(step: Step, places: Places) -> list[str | int]:
    return [places[s.root] for s in step.cluster.nodes[0].sources if s.root is not None]


def _begin(d: Driver, e: Equation, places: Places, operands: Sequence[str | int]) -> list[str | int]:
    """The carries lie in the buffers of the results, and begin as the operands."""
    carries = [places[v] for v in e.outputs[: len(operands)]]
    d.copy(zip(carries, operands, e.outputs, strict=False))
    return carries


def _end_of_round(d: Driver, body: Plan, inside: Places, carries: Sequence[str | int]) -> None:
    """Results that could not be computed in place become the carries of the next round."""
    results = body.graph.outputs
    d.copy((to, inside[v], v) for v, to in zip(results, carries, strict=False))


class _Loop:
    """A loop with a counter. Carries lie in the buffers of the results; they stay in place or are copied after a round.

    Large ones that the body replaces in their places are not copied before the first round: it reads them where the
    operands lie, and is emitted for itself.
    """

    def __init__(self, d: Driver, step: Step, base: int, places: Places) -> None:
        self.d, self.base, self.p, (self.body,) = d, base, step.equation.params, step.subs
        self.outputs = step.equation.outputs
        self.invariants, self.operands, self.sequences = loop_parts(self.p, _operands(step, places))
        self.carries = [places[v] for v in self.outputs[: self.p.carries]]
        self.stacked = [places[v] for v in self.outputs[self.p.carries :]]
        self.watched = bool(d.watched) and d.depth == 0 and self.p.body.name == d.watched

    def emit(self) -> None:
        d, p = self.d, self.p
        late = self._late() if p.length else []
        current = [o if i in late else c for i, (o, c) in enumerate(zip(self.operands, self.carries, strict=True))]
        d.copy(zip(current, self.operands, self.outputs, strict=False))
        if not p.length:
            return
        d.barrier()
        self.sequences = [d.pointer(place) for place in self.sequences]
        self.stacked = [d.pointer(place) for place in self.stacked]
        d.depth += 1
        if late:
            stop = self._round("0", current, {self.body.graph.outputs[i]: self.carries[i] for i in late})
            if p.length > 1:
                with d.f.when(d.f.op(f"xor i1 {stop or 'false'}, true")):
                    self._rounds(1)
        else:
            self._rounds(0)
        d.depth -= 1

    def _late(self) -> list[int]:
        """The numbers of the carries that are not copied before the first round."""
        found = []
        for i, new in enumerate(self.body.graph.outputs[: self.p.carries]):
            if new in self.body.in_place and bytes_of(new) >= _LARGE:
                found.append(i)
        return found

    def _rounds(self, start: int) -> None:
        with self.d.f.loop(self.p.length, start=str(start)) as loop:
            loop.stop = self._round(loop.index, self.carries, NOWHERE)

    def _round(self, number: str, carries: Sequence[str | int], apart: Places) -> str:
        """One round; whether the loop is to end here, if it is watched."""
        d, p, body = self.d, self.p, self.body
        index = d.f.op(f"sub i64 {p.length - 1}, {number}") if p.reverse else number
        inputs, results = loop_parts(p, body.program.inputs)[2], body.graph.outputs[p.carries :]
        elements = [d.element(str(s), index, v) for s, v in zip(self.sequences, inputs, strict=True)]
        given = dict(zip(body.program.inputs, (*self.invariants, *carries, *elements), strict=True))
        given.update((v, d.element(str(s), index, v)) for v, s in zip(results, self.stacked, strict=True))
        inside = d.plan(body, self.base, given, apart)
        _end_of_round(d, body, inside, self.carries)
        if self.watched:
            return _watch(d, number)
        d.barrier()
        return ""


def emit_loop(d: Driver, step: Step, base: int, places: Places) -> None:
    """A loop with a counter."""
    if step.apart:
        _emit_rounds(d, step, places)
    elif step.blocks:
        _emit_blocks(d, step, step.blocks, base, places)
    else:
        _Loop(d, step, base, places).emit()


def _emit_blocks(d: Driver, step: Step, blocks: Blocks, base: int, places: Places) -> None:
    """A loop block of rows by block of rows, each by one thread, from the first round to the last."""
    e, (body,) = step.equation, step.subs
    p = e.params
    invariants, first, sequences = loop_parts(p, _operands(step, places))
    carries = _begin(d, e, places, first)
    d.barrier()
    whole = [d.pointer(place) for place in (*invariants, *carries)]
    sequences = [d.pointer(place) for place in sequences]
    stacked = [d.pointer(places[v]) for v in e.outputs[p.carries :]]
    with d.each_block(blocks.number, base, aligned(body.size)) as block:
        around = zip(whole, body.program.inputs, blocks.are_rows, strict=False)
        fixed = [d.element(s, block, v) if is_row else s for s, v, is_row in around]
        d.depth += 1
        with d.f.loop(p.length) as loop:
            index = d.f.op(f"sub i64 {p.length - 1}, {loop.index}") if p.reverse else loop.index
            place = d.f.index(0, [(index, blocks.number), (block, 1)])
            moving = loop_parts(p, body.program.inputs)[2]
            elements = [d.element(s, place, v) for s, v in zip(sequences, moving, strict=True)]
            given: Places = dict(zip(body.program.inputs, (*fixed, *elements), strict=True))
            results = body.graph.outputs[p.carries :]
            given = {**given, **{v: d.element(s, place, v) for v, s in zip(results, stacked, strict=True)}}
            inside = d.plan(body, 0, given)
            _end_of_round(d, body, inside, fixed[p.invariants :])
        d.depth -= 1
    d.barrier()


def _emit_rounds(d: Driver, step: Step, places: Places) -> None:
    """A loop without carries, each round by one thread."""
    e, (body,) = step.equation, step.subs
    invariants, _, sequences = loop_parts(e.params, [d.pointer(place) for place in _operands(step, places)])
    stacked = [d.pointer(places[v]) for v in e.outputs]
    inputs = body.program.inputs
    d.barrier()
    with d.each_round(e.params.length, aligned(body.size)) as index:
        moving = zip(sequences, inputs[len(invariants) :], strict=True)
        elements = [d.element(s, index, v) for s, v in moving]
        results = {v: d.element(s, index, v) for v, s in zip(body.graph.outputs, stacked, strict=True)}
        d.depth += 1
        d.plan(body, 0, {**dict(zip(inputs, (*invariants, *elements), strict=True)), **results})
        d.depth -= 1
    d.barrier()


def _watch(d: Driver, index: str) -> str:
    """Count the round; whether the loop is to end here. All threads must see the same, so the first one decides.

    Even and odd rounds have places of their own: a slow thread may still read the one while the next is decided.
    """
    decision = d.f.address(d.control(crew.STOPPING), "int64", d.f.op(f"and i64 {index}, 1"))
    with d.alone():
        done = d.f.op(f"add i64 {index}, 1")
        d.f.line(f"store atomic i64 {done}, ptr {d.control(crew.ROUNDS)} monotonic, align 8")
        stop = d.f.op(f"load atomic i64, ptr {d.control(crew.STOP)} monotonic, align 8")
        d.f.line(f"store atomic i64 {stop}, ptr {decision} monotonic, align 8")
    d.barrier()
    stopping = d.f.op(f"load atomic i64, ptr {decision} monotonic, align 8")
    return d.f.op(f"icmp ne i64 {stopping}, 0")


def emit_while_loop(d: Driver, step: Step, base: int, places: Places) -> None:
    """A loop that tests before each round."""
    e, (test, body) = step.equation, step.subs
    carries = _begin(d, e, places, _operands(step, places))
    d.barrier()
    d.depth += 1
    label = d.f.fresh("while")[1:]
    d.f.jump(f"{label}.test")
    d.f.start(f"{label}.test")
    inside = d.plan(test, base, dict(zip(test.program.inputs, carries, strict=True)))
    d.barrier()
    truth = d.f.load(d.pointer(inside[test.graph.outputs[0]]), "bool")
    d.barrier()  # everybody has read it before anybody writes there
    d.f.line(f"br i1 {truth.name}, label %{label}.body, label %{label}.done")
    d.f.start(f"{label}.body")
    inside = d.plan(body, base, dict(zip(body.program.inputs, carries, strict=True)))
    _end_of_round(d, body, inside, carries)
    d.barrier()
    d.f.jump(f"{label}.test")
    d.f.start(f"{label}.done")
    d.depth -= 1


def emit_cond(d: Driver, step: Step, base: int, places: Places) -> None:
    """A switch over the branches; their results are copied to one place."""
    e = step.equation
    choice, *operands = _operands(step, places)
    d.barrier()
    number = d.f.load(d.pointer(choice), e.inputs[0].type.dtype).to("int32")
    last = len(step.subs) - 1
    number = number.compare("lt", 0).where(0, number.compare("gt", last).where(last, number))
    label = d.f.fresh("cond")[1:]
    cases = " ".join(f"i32 {i}, label %{label}.{i}" for i in range(len(step.subs)))
    d.f.line(f"switch i32 {number.name}, label %{label}.0 [{cases}]")
    for i, branch in enumerate(step.subs):
        d.f.start(f"{label}.{i}")
        given = dict(zip(branch.program.inputs, operands, strict=True))
        given.update((v, places[o]) for v, o in zip(branch.graph.outputs, e.outputs, strict=True))
        d.plan(branch, base, given)
        d.barrier()
        d.f.jump(f"{label}.done")
    d.f.start(f"{label}.done")


CONTROL: dict[str, Callable[[Driver, Step, int, Places], None]] = {
    "loop": emit_loop, "while_loop": emit_while_loop, "cond": emit_cond,
}  # fmt: skip
