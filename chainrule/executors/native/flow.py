"""Loops and branches of a Program as loops and branches of the driver."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from ...ir import Equation, Var
from ...primitives import loop_parts
from . import crew
from .plan import Plan, Step

if TYPE_CHECKING:
    from .driver import Driver

Places = Mapping[Var, str | int]


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


def emit_loop(d: Driver, step: Step, base: int, places: Places) -> None:
    """A loop with a counter. The body is emitted once; carries stay in place or are copied after a round."""
    e, (body,) = step.equation, step.subs
    p = e.params
    invariants, first, sequences = loop_parts(p, _operands(step, places))
    carries = _begin(d, e, places, first)
    if not p.length:
        return
    d.barrier()
    sequences = [d.pointer(place) for place in sequences]
    stacked = [d.pointer(places[v]) for v in e.outputs[p.carries :]]
    watched = bool(d.watched) and d.depth == 0 and p.body.name == d.watched
    d.depth += 1
    with d.f.loop(p.length) as loop:
        index = d.f.op(f"sub i64 {p.length - 1}, {loop.index}") if p.reverse else loop.index
        inputs = loop_parts(p, body.program.inputs)[2]
        elements = [d.element(s, index, v) for s, v in zip(sequences, inputs, strict=True)]
        given = dict(zip(body.program.inputs, (*invariants, *carries, *elements), strict=True))
        results = body.graph.outputs[p.carries :]
        given.update((v, d.element(s, index, v)) for v, s in zip(results, stacked, strict=True))
        inside = d.plan(body, base, given)
        _end_of_round(d, body, inside, carries)
        if watched:
            loop.stop = _watch(d, loop.index)
        else:
            d.barrier()
    d.depth -= 1


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
