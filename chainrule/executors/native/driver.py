"""The driver: one function that calls the kernels in order; loops and branches of the Program are its control flow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ...ir import Equation, Var
from ...primitives import loop_parts
from .emit import Function
from .kernel import Kernel
from .kernels import LOWER
from .machine import attributes
from .maps import lower_cluster
from .plan import Plan, Step, bytes_of

Places = Mapping[Var, str | int]  # a pointer's name, or an offset into the arena


class Driver:
    """Writes the module of a plan. `run(arguments, arena, fault)` is its one entry."""

    def __init__(self, plan: Plan) -> None:
        self.f = Function()
        self.kernels: dict[str, str] = {}  # text -> name: the same kernel is there once
        self.declarations: dict[str, None] = {}
        self.constants: list[object] = []
        self.faults: list[Equation] = []
        self._inputs = len(plan.program.inputs) + len(plan.graph.outputs)
        places: dict[Var, str | int] = {}
        for i, v in enumerate((*plan.program.inputs, *plan.graph.outputs)):
            places[v] = self._argument(i)
        self.plan(plan, 0, places)

    def _argument(self, i: int) -> str:
        where = self.f.op(f"getelementptr inbounds ptr, ptr %arguments, i64 {i}")
        return self.f.op(f"load ptr, ptr {where}")

    def text(self) -> str:
        """The module as LLVM IR."""
        body = [
            "define i32 @run(ptr noalias %arguments, ptr noalias %arena, ptr noalias %fault) #0 {", "entry:",
            *self.f.lines, "  ret i32 0", "}",
        ]  # fmt: skip
        kernels = [text.replace("@kernel(", f"@{name}(") for text, name in self.kernels.items()]
        declared = {**self.declarations, **self.f.declarations}
        return "\n\n".join([*kernels, "\n".join(body), "\n".join(declared), attributes()]) + "\n"

    def plan(self, plan: Plan, base: int, given: Places) -> Places:
        """Emit the steps of a (sub-)program whose frame begins at `base`; returns where its values lie."""
        places: dict[Var, str | int] = dict(given)
        for v, value in plan.graph.constants.items():
            places[v] = self._argument(self._inputs + len(self.constants))
            self.constants.append(value)
        places.update((v, base + offset) for v, offset in plan.offsets.items())
        places.update((new, places[old]) for new, old in plan.in_place.items())
        for step in plan.steps:
            if step.control:
                CONTROL[step.equation.primitive.name](self, step, base + step.place, places)
            else:
                self._kernel(plan, step, base, places)
        return places

    def pointer(self, place: str | int) -> str:
        """The address of a place: a pointer already, or an offset into the arena."""
        if isinstance(place, str):
            return place
        return self.f.op(f"getelementptr inbounds i8, ptr %arena, i64 {place}") if place else "%arena"

    def _kernel(self, plan: Plan, step: Step, base: int, places: Places) -> None:
        """Write the kernel of a step, if there is none like it, and a call of it."""
        node = step.cluster.nodes[0]
        kernel = Kernel(node.equation, node.sources)
        kernel.place = lambda v: plan.in_place.get(v, v)
        if step.cluster.fused:
            lower_cluster(kernel, step.cluster, step.stored)
        else:
            LOWER[node.name].lower(kernel)
        if not kernel.f.lines:
            return
        name = self.kernels.setdefault(kernel.text("kernel"), f"kernel{len(self.kernels)}")
        self.declarations.update(kernel.f.declarations)
        arguments = [f"ptr {self.pointer(places[v])}" for v in kernel.pointers]
        arguments += [f"i64 {n}" for n in kernel.numbers]
        arguments += [f"ptr {self.pointer(base + step.place)}"] * kernel.uses_workspace
        listed = ", ".join(arguments + ["ptr %fault"] * kernel.can_fault)
        if not kernel.can_fault:
            self.f.line(f"call void @{name}({listed})")
            return
        failed = self.f.op(f"call i1 @{name}({listed})")
        with self.f.when(failed):
            self.f.line(f"store i64 {len(self.faults)}, ptr %fault")
            self.f.line("ret i32 1")
            self.f.start(self.f.fresh("after")[1:])
        self.faults.append(node.equation)

    def copy(self, target: str | int, source: str | int, size: int) -> None:
        """Copy bytes from one place to another, unless they are the same place."""
        if size and target != source:
            to, from_ = self.pointer(target), self.pointer(source)
            self.f.call("void", "llvm.memcpy.p0.p0.i64", f"ptr {to}", f"ptr {from_}", f"i64 {size}", "i1 false")


def _operands(step: Step, places: Places) -> list[str | int]:
    return [places[s.root] for s in step.cluster.nodes[0].sources if s.root is not None]


def _end_of_round(d: Driver, body: Plan, inside: Places, carries: Sequence[str | int]) -> None:
    """Results that could not be computed in place become the carries of the next round."""
    for v, place in zip(body.graph.outputs, carries, strict=False):
        d.copy(place, inside[v], bytes_of(v))


def _begin(d: Driver, e: Equation, places: Places, operands: Sequence[str | int]) -> list[str | int]:
    """The carries lie in the buffers of the results, and begin as the operands."""
    carries = [places[v] for v in e.outputs[: len(operands)]]
    for v, place, operand in zip(e.outputs, carries, operands, strict=False):
        d.copy(place, operand, bytes_of(v))
    return carries


def emit_loop(d: Driver, step: Step, base: int, places: Places) -> None:
    """A loop with a counter. The body is emitted once; carries stay in place or are copied after a round."""
    e, (body,) = step.equation, step.subs
    p = e.params
    invariants, first, sequences = loop_parts(p, _operands(step, places))
    carries = _begin(d, e, places, first)
    if not p.length:
        return
    sequences = [d.pointer(place) for place in sequences]
    stacked = [d.pointer(places[v]) for v in e.outputs[p.carries :]]
    with d.f.loop(p.length) as loop:
        index = d.f.op(f"sub i64 {p.length - 1}, {loop.index}") if p.reverse else loop.index
        inputs = loop_parts(p, body.program.inputs)[2]
        element = lambda pointer, v: d.f.address(pointer, "uint8", d.f.index(0, [(index, bytes_of(v))]))  # noqa: E731
        elements = [element(s, v) for s, v in zip(sequences, inputs, strict=True)]
        given = dict(zip(body.program.inputs, (*invariants, *carries, *elements), strict=True))
        results = body.graph.outputs[p.carries :]
        given.update((v, element(s, v)) for v, s in zip(results, stacked, strict=True))
        inside = d.plan(body, base, given)
        _end_of_round(d, body, inside, carries)


def emit_while_loop(d: Driver, step: Step, base: int, places: Places) -> None:
    """A loop that tests before each round."""
    e, (test, body) = step.equation, step.subs
    carries = _begin(d, e, places, _operands(step, places))
    label = d.f.fresh("while")[1:]
    d.f.jump(f"{label}.test")
    d.f.start(f"{label}.test")
    inside = d.plan(test, base, dict(zip(test.program.inputs, carries, strict=True)))
    truth = d.f.load(d.pointer(inside[test.graph.outputs[0]]), "bool")
    d.f.line(f"br i1 {truth.name}, label %{label}.body, label %{label}.done")
    d.f.start(f"{label}.body")
    inside = d.plan(body, base, dict(zip(body.program.inputs, carries, strict=True)))
    _end_of_round(d, body, inside, carries)
    d.f.jump(f"{label}.test")
    d.f.start(f"{label}.done")


def emit_cond(d: Driver, step: Step, base: int, places: Places) -> None:
    """A switch over the branches; their results are copied to one place."""
    e = step.equation
    choice, *operands = _operands(step, places)
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
        d.f.jump(f"{label}.done")
    d.f.start(f"{label}.done")


CONTROL: dict[str, Callable[[Driver, Step, int, Places], None]] = {
    "loop": emit_loop, "while_loop": emit_while_loop, "cond": emit_cond,
}  # fmt: skip
