"""The driver: one function that calls the kernels in order; loops and branches of the Program are its control flow."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, groupby

from ...ir import Equation, Var
from . import crew
from .crew import Access, Bytes, Phases
from .emit import Function, bytes_of
from .endings import ending_of
from .flow import CONTROL, NOWHERE
from .kernel import Kernel
from .kernels import LOWER
from .machine import attributes
from .maps import lower_cluster
from .plan import Plan, Step
from .work import is_mostly_shared

Places = Mapping[Var, str | int]  # a pointer's name, or an offset into the arena
_SHARED_COPY = 1 << 16  # bytes that threads copy together


class Driver:
    """Writes the module of a plan. `run(arguments, arena, workspace, control, thread, threads)` is its one entry.

    `watched` names the body of the loop whose rounds are counted and that may be stopped after any of them; in such a
    run of training numbers too small for full precision count as zero.
    """

    def __init__(self, plan: Plan, watched: str = "", profile: bool = False) -> None:
        self.f = Function()
        self.watched, self.profile = watched, profile
        self.kernels: dict[str, str] = {}  # text -> name: the same kernel is there once
        self.declarations: dict[str, None] = {}
        self.constants: list[object] = []
        self.faults: list[Equation] = []
        self.timed: list[Step] = []
        self.arena = "%arena"  # or the frame of a block of rows, inside of it
        self.workspace = "%workspace"  # behind the frame of a round, if one is there
        self.together = False  # whether all threads are here, or the first one alone
        self.depth = 0  # loops around
        self.phases = Phases()
        self._made: dict[Step, tuple[Kernel, str]] = {}
        self._buffers: dict[str, str] = {}  # the pointer to an element -> the pointer to the whole buffer
        self._sharing = is_mostly_shared(plan.kernels())
        self._in_blocks: set[Plan] = set()  # bodies of loops of which each thread does blocks of rows
        self._make_kernels(plan)
        self._shared: dict[Step, bool] = {}
        self.is_shared = any(self.shares(step) for step in plan.steps)
        self._inputs = len(plan.program.inputs) + len(plan.graph.outputs)
        places: dict[Var, str | int] = {}
        for i, v in enumerate((*plan.program.inputs, *plan.graph.outputs)):
            places[v] = self._argument(i)
        self.together = self.is_shared
        with self._whole():
            self.plan(plan, 0, places)
            if self.is_shared:
                self.barrier()

    def _argument(self, i: int) -> str:
        where = self.f.op(f"getelementptr inbounds ptr, ptr %arguments, i64 {i}")
        return self.f.op(f"load ptr, ptr {where}")

    def text(self) -> str:
        """The module as LLVM IR."""
        head = "define i32 @run(ptr %arguments, ptr %arena, ptr %workspace, ptr %control, i64 %thread, i64 %threads)"
        begin, end = crew.flushing() if self.watched else ([], [])
        body = [
            f"{head} #0 {{", "entry:", *begin, "  %first = icmp eq i64 %thread, 0", *self.f.lines, *end, "  ret i32 0",
            "failed:", *end, "  ret i32 1", "}",
        ]  # fmt: skip
        kernels = [text.replace("@kernel(", f"@{name}(") for text, name in self.kernels.items()]
        runtime = [*self._runtime(), *([crew.FLUSHING] if self.watched else [])]
        parts = [*kernels, "\n".join(body), *runtime, attributes()]
        known = "\n".join(parts)
        declared = [d for d in {**self.declarations, **self.f.declarations} if d not in known]
        return "\n\n".join([*parts, "\n".join(declared)]) + "\n"

    def _runtime(self) -> list[str]:
        """The functions that the driver itself calls."""
        body = "\n".join(self.f.lines)
        return [text for name, text in (("@barrier(", crew.BARRIER), ("@copy(", crew.COPY)) if name in body]

    # kernels

    def _make_kernels(self, plan: Plan) -> None:
        for step in plan.steps:
            for sub in step.subs:
                if step.is_spread or plan in self._in_blocks:
                    self._in_blocks.add(sub)
                self._make_kernels(sub)
            if not step.control:
                self._made[step] = self._make_kernel(plan, step)

    def _make_kernel(self, plan: Plan, step: Step, apart: Collection[Var] = ()) -> tuple[Kernel, str]:
        """The kernel of a step, and its name: that of another one if there is one like it; "" if nothing is to do.

        Args: apart: results that do not lie in the places of the carries that they could replace.
        """
        node = step.cluster.nodes[0]
        sharing = self._sharing and step.work.worth_sharing and plan not in self._in_blocks
        kernel = Kernel(node.equation, node.sources, sharing=sharing)
        kernel.place = lambda v: v if v in apart else plan.in_place.get(v, v)
        if step.cluster.fused:
            lower_cluster(kernel, step.cluster, step.stored)
        else:
            self._finish(kernel, step)
            LOWER[node.name].lower(kernel)
        if not kernel.f.lines:
            return kernel, ""
        self.declarations.update(kernel.f.declarations)
        return kernel, self.kernels.setdefault(kernel.text("kernel"), f"kernel{len(self.kernels)}")

    @staticmethod
    def _finish(kernel: Kernel, step: Step) -> None:
        ending = ending_of(step.cluster)
        if ending:
            kernel.finish = ending.finish(kernel, step.stored)
            kernel.sources += ending.reads.values()
            kernel.results = [ending.place(step.stored)]

    def shares(self, step: Step) -> bool:
        """Whether all threads do a step together."""
        if step not in self._shared:
            if step.is_spread:
                found = self._sharing and (step.blocks is not None or step.work.worth_sharing)
            elif step.control:
                found = any(self.shares(inner) for sub in step.subs for inner in sub.steps)
            else:
                found = self._made[step][0].is_shared
            self._shared[step] = found
        return self._shared[step]

    # steps

    def plan(self, plan: Plan, base: int, given: Places, apart: Places = NOWHERE) -> Places:
        """Emit the steps of a (sub-)program whose frame begins at `base`; returns where its values lie.

        Args: given: where the inputs lie; apart: where those results lie that do not replace a carry in its place.
        """
        places: dict[Var, str | int] = dict(given)
        for v, value in plan.graph.constants.items():
            places[v] = self._argument(self._inputs + len(self.constants))
            self.constants.append(value)
        places.update((v, base + offset) for v, offset in plan.offsets.items())
        places.update((new, places[old]) for new, old in plan.in_place.items())
        places.update(apart)
        writers = [step for step in plan.steps if apart.keys() & step.stored and not step.control]
        usual = {step: self._made[step] for step in writers}
        self._made.update((step, self._make_kernel(plan, step, apart)) for step in writers)
        self._steps(plan, base, places)
        self._made.update(usual)
        return places

    def _steps(self, plan: Plan, base: int, places: Places) -> None:
        for shared, steps in groupby(plan.steps, self.shares):
            if shared:
                for step in steps:
                    if not step.control:
                        self.meet(self._access(step, base, places, shared=True))
                    self._step(step, base, places)
            else:
                group = list(steps)
                with self.alone([self._access(step, base, places, shared=False) for step in group]):
                    for step in group:
                        self._step(step, base, places)

    def _step(self, step: Step, base: int, places: Places) -> None:
        with self._timed(step):
            if step.control:
                CONTROL[step.equation.primitive.name](self, step, base + step.place, places)
            else:
                self._call(step, places)

    def _call(self, step: Step, places: Places) -> None:
        kernel, name = self._made[step]
        if not name:
            return
        arguments = [f"ptr {self.pointer(places[v])}" for v in kernel.pointers]
        arguments += [f"i64 {n}" for n in kernel.numbers]
        arguments += [f"ptr {self.workspace}"] * kernel.uses_workspace
        if kernel.can_fault:
            arguments.append(f"ptr {self.control(crew.FAULT)}")
        arguments += ["i64 %thread", "i64 %threads"] * kernel.is_shared
        listed = ", ".join(arguments)
        if not kernel.can_fault:
            self.f.line(f"call void @{name}({listed})")
            return
        failed = self.f.op(f"call i1 @{name}({listed})")
        with self.f.when(failed):
            self.f.line(f"store i64 {len(self.faults)}, ptr {self.control(crew.FAULT)}")
            self.f.line(f"store atomic i64 1, ptr {self.control(crew.FAILED)} monotonic, align 8")
            self.f.jump("failed")  # whoever waits for this thread sees the mark
            self.f.start(self.f.fresh("after")[1:])
        self.faults.append(kernel.equation)

    def pointer(self, place: str | int) -> str:
        """The address of a place: a pointer already, or an offset into the arena."""
        if isinstance(place, str):
            return place
        return self.f.op(f"getelementptr inbounds i8, ptr {self.arena}, i64 {place}") if place else self.arena

    def element(self, whole: str, index: str, v: Var) -> str:
        """The address of element `index` of a stack of values like v."""
        pointer = self.f.address(whole, "uint8", self.f.index(0, [(index, bytes_of(v))]))
        if pointer == whole:
            pointer = self.f.op(f"getelementptr inbounds i8, ptr {whole}, i64 0")
        self._buffers[pointer] = self._buffers.get(whole, whole)
        return pointer

    def control(self, offset: int) -> str:
        """The address of something in the control block."""
        return self.f.address("%control", "uint8", str(offset))

    # threads

    def bytes_at(self, place: str | int, size: int) -> Bytes:
        """The bytes of a value at a place."""
        if isinstance(place, int):
            return Bytes("", place, place + size)
        return Bytes(self._buffers.get(place, place), 0, 1)  # buffers from outside as a whole

    def _access(self, step: Step, base: int, places: Places, shared: bool) -> Access:
        reads = {s.root: s for node in step.cluster.nodes for s in node.sources if s.root in places}
        outputs = [v for v in step.cluster.made() if v in step.stored and v in places]
        frame = [Bytes("", base + step.place, base + step.place + step.frame)] if step.frame else []
        spans = lambda values: tuple(self.bytes_at(places[v], bytes_of(v)) for v in values)  # noqa: E731
        return Access(shared, spans(v for v in reads if v is not None), (*spans(outputs), *frame))

    def meet(self, access: Access) -> None:
        """A barrier, if a step needs one."""
        if self.together and self.phases.is_barrier_before(access):
            self._emit_barrier()

    def barrier(self) -> None:
        """All threads wait for one another, unless there is only one here."""
        if self.together:
            self.phases.clear()
            self._emit_barrier()

    def _emit_barrier(self) -> None:
        failed = self.f.op("call i1 @barrier(ptr %control, i64 %threads)")
        label = self.f.fresh("met")[1:]
        self.f.line(f"br i1 {failed}, label %failed, label %{label}")
        self.f.start(label)

    @contextmanager
    def alone(self, accesses: Sequence[Access] = ()) -> Iterator[None]:
        """What is emitted inside is done by the first thread."""
        if not self.together:
            yield
            return
        if accesses:  # one wait for all of them: a barrier between them would come before the first
            reads, writes = chain(*(a.reads for a in accesses)), chain(*(a.writes for a in accesses))
            self.meet(Access(False, tuple(reads), tuple(writes)))
        self.together = False
        with self.f.when("%first"):
            yield
        self.together = True

    @contextmanager
    def each_block(self, count: int, place: int, size: int) -> Iterator[str]:
        """Blocks of rows, each done by one thread, with frames of so many bytes that lie behind one another."""
        arena, begin = self.arena, self.pointer(place)
        with self._own(count) as index:
            self.arena = self.f.op(f"getelementptr inbounds i8, ptr {begin}, i64 {self.f.index(0, [(index, size)])}")
            yield index
            self.arena = arena

    @contextmanager
    def each_round(self, count: int, size: int) -> Iterator[str]:
        """Rounds that need no other, each done by one thread, with a frame of so many bytes in its workspace."""
        arena, workspace = self.arena, self.workspace
        behind = self.f.op(f"getelementptr inbounds i8, ptr {workspace}, i64 {size}")
        with self._own(count) as index:
            self.arena, self.workspace = workspace, behind
            yield index
            self.arena, self.workspace = arena, workspace

    @contextmanager
    def _own(self, count: int) -> Iterator[str]:
        """The rounds of this thread, if all are here: the others do the others."""
        f, first, last, together = self.f, "0", str(count), self.together
        if together:
            ends = (f.op(f"mul nuw i64 {t}, {count}") for t in ("%thread", f.op("add nuw i64 %thread, 1")))
            first, last = (f.op(f"udiv i64 {end}, %threads") for end in ends)
        with f.when(f.op(f"icmp ult i64 {first}, {last}")), f.loop(last, start=first) as loop:
            self.together = False
            yield loop.index
            self.together = together

    def copy(self, pairs: Iterable[tuple[str | int, str | int, Var]]) -> None:
        """Copy values (to, from, value) from place to place, unless it is the same one."""
        for to, from_, v in pairs:
            size = bytes_of(v)
            if not size or to == from_:
                continue
            shared = self.together and size >= _SHARED_COPY
            access = Access(shared, (self.bytes_at(from_, size),), (self.bytes_at(to, size),))
            arguments = f"ptr {self.pointer(to)}, ptr {self.pointer(from_)}, i64 {size}"
            if shared:
                self.meet(access)
                self.f.line(f"call void @copy({arguments}, i64 %thread, i64 %threads)")
                continue
            with self.alone([access]):
                self.f.call("void", "llvm.memcpy.p0.p0.i64", *arguments.split(", "), "i1 false")

    # a profile

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """The ticks of a whole run are the first in the table."""
        begin = self._ticks() if self.profile else ""
        yield
        if self.profile:
            self._count(0, begin)

    @contextmanager
    def _timed(self, step: Step) -> Iterator[None]:
        """Count the ticks of a kernel, as the first thread sees them."""
        if not self.profile or step.control:
            yield
            return
        if step not in self.timed:
            self.timed.append(step)
        number, begin = 1 + self.timed.index(step), self._ticks()
        yield
        self._count(number, begin)

    def _count(self, number: int, begin: str) -> None:
        spent, place = self.f.op(f"sub i64 {self._ticks()}, {begin}"), self.control(crew.TICKS + 16 * number)
        with self.f.when("%first"):
            for at, amount in ((place, spent), (self.f.address(place, "int64", "1"), "1")):
                old = self.f.op(f"load i64, ptr {at}")
                self.f.line(f"store i64 {self.f.op(f'add i64 {old}, {amount}')}, ptr {at}")

    def _ticks(self) -> str:
        return self.f.op(crew.TICK)
