"""A kernel in the making: one LLVM function with a pointer for each buffer that it reads or writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from ...ir import Equation, TensorType, Var
from .emit import LLVM, Function, Loop, Value
from .finish import Finish
from .sources import Source

_SHORT = 40  # lines of a kernel that may be inlined


@dataclass(frozen=True)
class Row:
    """How a primitive becomes a kernel of its own.

    `views`: operands may be read with any strides; `rows`: if neighbours along the last axis are so in memory;
    otherwise each is a whole buffer. `inplace`: the result may lie in the buffer of operand 0. `literal`: operand 0 may
    be one number repeated. `workspace`: bytes needed while it runs.
    """

    lower: Callable[[Kernel], None]
    views: bool = False
    rows: bool = False
    inplace: bool = False
    literal: bool = False
    workspace: Callable[[Equation, Sequence[Source]], int] = lambda e, sources: 0


class Operand(NamedTuple):
    """An operand as the kernel sees it."""

    pointer: str
    source: Source

    @property
    def type(self) -> TensorType:
        return self.source.type


class Part(NamedTuple):
    """The units `first` .. `last` - 1 of some work: what one thread does of it. May be none."""

    f: Function
    first: str
    last: str

    @contextmanager
    def loop(self, count: int | str, before: int = 0) -> Iterator[Loop]:
        """The rounds of this thread in a loop over `count` units, in front of which `before` others are counted."""
        f = self.f
        if self.first == "0":  # all of them
            with f.loop(count) as loop:
                yield loop
            return
        first, last = (f.call("i64", "llvm.smax.i64", f"i64 {f.index(-before, [(n, 1)])}", "i64 0")
                       for n in (self.first, self.last))  # fmt: skip
        last = f.call("i64", "llvm.smin.i64", f"i64 {last}", f"i64 {count}")
        with f.when(f.op(f"icmp slt i64 {first}, {last}")), f.loop(last, start=first) as loop:
            yield loop


class Kernel:
    """Collects the body; `text` is the whole function."""

    def __init__(self, equation: Equation, sources: Sequence[Source], sharing: bool = False) -> None:
        self.f = Function()
        self.sharing = sharing  # whether the work is large enough for several threads
        self.equation, self.sources = equation, list(sources)
        self.finish: Finish | None = None  # of a product, whose operands are then followed by what this reads
        self.results = list(equation.outputs)  # where they lie
        self.pointers: dict[Var, str] = {}  # what the caller passes, in order: the place of a buffer -> its name
        self.place: Callable[[Var], Var] = lambda v: v  # buffers in one place are one pointer
        self.allocas: list[str] = []
        self.numbers: list[int] = []  # passed by the caller, so that kernels that differ in them alone are one
        self.uses_workspace = self.can_fault = self.is_shared = False
        self.passes = ""  # which of LLVM's are wanted (`units.PASSES`); "": what the text suggests

    def pointer(self, root: Var) -> str:
        return self.pointers.setdefault(self.place(root), f"%p{len(self.pointers)}")

    def number(self, value: int) -> str:
        """The name of an integer that the caller passes."""
        self.numbers.append(value)
        return f"%n{len(self.numbers) - 1}"

    def operand(self, i: int) -> Operand:
        source = self.sources[i]
        return Operand(self.pointer(source.root) if source.root is not None else "", source)

    def result(self, i: int = 0) -> str:
        return self.pointer(self.results[i])

    def part(self, count: int | str) -> Part:
        """This thread's part of `count` units of work, whoever does the others and in whatever order.

        A kernel that asks for its part is run by all threads at once; one that does not, by the first thread alone.
        What a unit writes no other unit may read or write. How a number is computed must not depend on the cut.
        The workspace is each thread's own.
        """
        if not self.sharing:
            return Part(self.f, "0", str(count))
        self.is_shared = True
        cut = [self.f.op(f"udiv i64 {self.f.op(f'mul nuw i64 {t}, {count}')}, %threads")
               for t in ("%thread", self.f.op("add nuw i64 %thread, 1"))]  # fmt: skip
        return Part(self.f, *cut)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """What is emitted inside is part of a unit already: nobody shares it."""
        sharing, self.sharing = self.sharing, False
        yield
        self.sharing = sharing

    @property
    def workspace(self) -> str:
        self.uses_workspace = True
        return "%workspace"

    def variable(self, dtype: str) -> str:
        """A number that changes: LLVM keeps it in a register."""
        name = self.f.fresh("x")
        self.allocas.append(f"  {name} = alloca {LLVM[dtype]}")
        return name

    def get(self, name: str, dtype: str) -> Value:
        return Value(self.f, dtype, self.f.op(f"load {LLVM[dtype]}, ptr {name}"))

    def set(self, name: str, value: Value) -> None:
        self.f.line(f"store {value.typed}, ptr {name}")

    def read(self, source: Source, indices: Sequence[str]) -> Value:
        """The element of a source at an index, one name for each axis."""
        offset = self.f.index(source.offset, list(zip(indices, source.strides, strict=True)))
        return self.at(source, offset)

    def at(self, source: Source, offset: str) -> Value:
        """The element of a source at an offset into its buffer."""
        if source.root is not None:
            return self.f.load(self.pointer(source.root), source.type.dtype, offset)
        if source.literal is not None:
            return self.f.const(source.type.dtype, source.literal)
        return Value(self.f, "int64", offset).to(source.type.dtype)

    @contextmanager
    def over(self, sizes: Sequence[int]) -> Iterator[tuple[str, ...]]:
        """Loops over a shape without zeros; gives the names of the indices."""
        if not sizes:
            yield ()
            return
        with self.f.loop(sizes[0]) as loop, self.over(sizes[1:]) as rest:
            yield (loop.index, *rest)

    def fail(self, axis: int, value: Value, position: str) -> None:
        """Leave the kernel: the index `value` at this position lies outside the axis."""
        self.can_fault = True
        f = self.f
        for k, text in enumerate((f"i64 {axis}", value.to("int64").typed, f"i64 {position}")):
            f.line(f"store {text}, ptr {f.address('%fault', 'int64', str(k + 1))}")
        f.line("ret i1 true")
        f.start(f.fresh("after")[1:])

    def text(self, name: str) -> str:
        pointers = [f"ptr noalias {p}" for p in self.pointers.values()]
        pointers += [f"i64 %n{i}" for i in range(len(self.numbers))]
        pointers += ["ptr noalias %workspace"] * self.uses_workspace + ["ptr noalias %fault"] * self.can_fault
        pointers += ["i64 %thread", "i64 %threads"] * self.is_shared
        result = "i1" if self.can_fault else "void"
        ending = "  ret i1 false" if self.can_fault else "  ret void"
        inline = "" if len(self.f.lines) < _SHORT else " noinline"  # LLVM's time grows faster than a function's size
        head = f"define internal {result} @{name}({', '.join(pointers)}) #0{inline} {{"
        wanted = [f"  ; passes: {self.passes}"] * bool(self.passes)
        return "\n".join([head, *wanted, "entry:", *self.allocas, *self.f.lines, ending, "}"])
