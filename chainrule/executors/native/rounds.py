"""Products of matrices of their own for every row of the batch, as in attention, round by round.

The scores of attention, their softmax and the products with them are large, and nobody but their neighbours reads most
of them. Such products, with all that stands between them, become the body of a loop over a few rows of the batch,
without carries: what one equation leaves is still near when the next one wants it, and threads share the rounds. Only
the order of the work is another one. See docs/design/043-rounds.md.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Collection, Iterator, Sequence, Set
from typing import NamedTuple

from ...ir import PRIMITIVES, Equation, Params, Program, Var
from .blocks import blocks_of_rows, is_one_number
from .emit import bytes_of
from .sources import MOVE

ROUNDS = 8  # at least: threads share them
_MOST = 64  # equations of a round
_LARGE = 3 << 20  # bytes of products and their operands that do not stay near a core if all rows are done first
_NEAR = 3 << 19  # bytes of them in a round
_WORTH = 3 << 14  # bytes of them that are worth a round
_VIEWS = frozenset((*MOVE, "stop_gradient"))  # they cost nothing, so they may be done again
_QUICK = frozenset(("add", "sub", "mul", "neg"))
_SMALL = 16  # times as large as what costs little to read


class Segment(NamedTuple):
    """Equations (their numbers, without views), and the Program that they are with views of what they read.

    Its first `fixed` inputs are the same for all rows; each round has `size` of the rows.
    """

    members: Set[int]
    whole: Program
    fixed: int
    rows: int
    size: int

    def loop(self, wanted: Collection[Var]) -> list[Equation]:
        """The loop that makes those of its results that are wanted."""
        results = [v for v in self.whole.outputs if v in wanted]
        equations = _needed(self.whole.equations, results)
        read = {v for e in equations for v in e.inputs}
        keep = [v in read for v in self.whole.inputs]
        inputs = tuple(itertools.compress(self.whole.inputs, keep))
        whole = self.whole.replace(inputs=inputs, equations=tuple(equations), outputs=tuple(results))
        blocks = blocks_of_rows(whole, sum(keep[: self.fixed]), self.rows, self.size)
        assert blocks
        return list(_loop(whole, blocks.body, blocks.are_rows, blocks.number))


def in_rounds(program: Program) -> Program:
    """The same Program, some of its equations in loops over rows of the batch."""
    products = [i for i, e in enumerate(program.equations) if _rows_of(e) >= ROUNDS]
    segments = list(_Finder(program).segments(products)) if len(products) > 1 else []
    return program.replace(equations=tuple(_in_order(program, segments))) if segments else program


def _rows_of(e: Equation) -> int:
    """The rows of a product that has matrices of its own for each of them; 0 for anything else."""
    if e.primitive.name != "dot_general" or [axes[:1] for axes in e.params.batch] != [(0,), (0,)]:
        return 0
    return e.inputs[0].type.shape[0]


class _Finder:
    def __init__(self, program: Program) -> None:
        self.program, self.equations = program, program.equations
        self.maker = {v: i for i, e in enumerate(self.equations) for v in e.outputs}
        self.readers: dict[Var, list[int]] = {}
        for i, e in enumerate(self.equations):
            for v in e.inputs:
                self.readers.setdefault(v, []).append(i)

    def segments(self, products: Sequence[int]) -> Iterator[Segment]:
        """Products in order, each together with those before it as long as that makes a segment."""
        together: list[int] = []
        found: Segment | None = None
        for i in products:
            larger = self.segment([*together, i]) if together else None
            if larger is None:
                if found:
                    yield found
                together = []
            together.append(i)
            found = larger
        if found:
            yield found

    def segment(self, products: Sequence[int]) -> Segment | None:
        """The segment of some products and of all that stands between them, if that can be done row by row."""
        rows = {_rows_of(self.equations[i]) for i in products}
        between = self.between(products) if len(rows) == 1 else set()
        computed = {i for i in between if self.equations[i].primitive.name not in _VIEWS}
        others = [self.equations[i].primitive.name for i in computed - set(products)]
        if not computed or len(between) > _MOST or "dot_general" in others:
            return None
        (count,) = rows
        touched = {v for i in products for v in (*self.equations[i].inputs, *self.equations[i].outputs)}
        size = _size(count, sum(map(bytes_of, touched)))
        whole, fixed = self.whole(between, computed, count)
        possible = size and blocks_of_rows(whole, fixed, count, size)
        return Segment(computed, whole, fixed, count, size) if possible else None

    def between(self, products: Sequence[int]) -> set[int]:
        """The equations on the ways from product to product, and these."""
        first, last = min(products), max(products)
        after, before, wanted = set(products), set(products), set[Var]()
        for i in range(first, last + 1):
            if any(self.maker.get(v) in after for v in self.equations[i].inputs):
                after.add(i)
        for i in range(last, first - 1, -1):
            if i in before or not wanted.isdisjoint(self.equations[i].outputs):
                before.add(i)
                wanted.update(self.equations[i].inputs)
        return after & before

    def whole(self, between: set[int], computed: Collection[int], rows: int) -> tuple[Program, int]:
        """What is computed for all rows, with views of what it reads; how many inputs, the first, are no rows."""
        inside, more = set(between), set(between)
        while more:
            made = {v for i in inside for v in self.equations[i].outputs}
            inputs = dict.fromkeys(v for i in sorted(inside) for v in self.equations[i].inputs if v not in made)
            more = {self.maker[v] for v in inputs if v in self.maker and self.is_near(self.maker[v], inputs)}
            inside |= more
        moving = [v for v in inputs if self.is_row(v, rows, inside)]
        fixed = [v for v in inputs if v not in moving]
        equations = tuple(self.equations[i] for i in sorted(inside))
        results = tuple(v for i in sorted(computed) for v in self.equations[i].outputs)
        return Program("rows", (*fixed, *moving), equations, results), len(fixed)

    def is_near(self, i: int, inputs: Collection[Var]) -> bool:
        """Whether what an equation makes is better made again than read: a view, one number repeated, little work."""
        e = self.equations[i]
        if e.primitive.name == "constant":
            return is_one_number(e.params.value)
        quick = e.primitive.name in _QUICK and all(self.is_read(v, e.outputs[0], inputs) for v in e.inputs)
        return quick or e.primitive.name in _VIEWS

    def is_read(self, v: Var, result: Var, inputs: Collection[Var]) -> bool:
        """Whether something is read anyway, or small."""
        if v in inputs or v.type.size * _SMALL <= result.type.size:
            return True
        i = self.maker.get(v)
        return i is not None and self.equations[i].primitive.name in _VIEWS and all(
            self.is_read(x, result, inputs) for x in self.equations[i].inputs
        )  # fmt: skip

    def is_row(self, v: Var, rows: int, inside: Collection[int]) -> bool:
        """Whether a value that is read inside has the rows of the batch."""
        readers = [self.equations[i] for i in self.readers[v] if i in inside]
        spread = all(e.primitive.name == "broadcast" and 0 not in e.params.axes for e in readers)
        return v.type.shape[:1] == (rows,) and not spread


def _size(rows: int, size: int) -> int:
    """The rows of a round, if products touch so many bytes altogether; 0 if that is not worth it."""
    fitting = [n for n in range(1, rows // ROUNDS + 1) if rows % n == 0 and n * size <= _NEAR * rows]
    most = max(fitting, default=0)
    return most if size >= _LARGE and most * size >= _WORTH * rows else 0


def _loop(whole: Program, body: Program, are_rows: Sequence[bool], number: int) -> Iterator[Equation]:
    """The equations that do round by round what `whole` does."""
    fixed = [i for i, is_row in enumerate(are_rows) if not is_row]
    moving = [i for i, is_row in enumerate(are_rows) if is_row]
    reshape, sequences = PRIMITIVES["reshape"], list[Var]()
    where = next(e.where for e in whole.equations if _rows_of(e))
    for i in moving:
        v, sequence = whole.inputs[i], _stacked(body.inputs[i], number)
        yield Equation(reshape, (v,), Params(shape=sequence.type.shape), (sequence,), where)
        sequences.append(sequence)
    body = body.replace(inputs=tuple(body.inputs[i] for i in (*fixed, *moving)))
    params = Params(body=body, length=number, invariants=len(fixed), carries=0, reverse=False)
    results = tuple(_stacked(v, number) for v in body.outputs)
    yield Equation(PRIMITIVES["loop"], (*(whole.inputs[i] for i in fixed), *sequences), params, results, where)
    for v, result in zip(whole.outputs, results, strict=True):
        yield Equation(reshape, (result,), Params(shape=v.type.shape), (v,), where)


def _stacked(v: Var, number: int) -> Var:
    return Var(v.type.with_shape((number, *v.type.shape)))


def _in_order(program: Program, segments: Sequence[Segment]) -> list[Equation]:
    """All equations, those of a segment where its last one stood or later, the others as early as that allows."""
    inside = {i for s in segments for i in s.members}
    units: list[tuple[int, Segment | Equation]] = [(max(s.members), s) for s in segments]
    units += [(i, e) for i, e in enumerate(program.equations) if i not in inside]
    ordered = [unit for _, unit in sorted(units, key=lambda unit: unit[0])]
    wanted, kept = set(program.outputs), list[Equation]()
    for n in reversed(_sorted(ordered)):
        unit = ordered[n]
        found = unit.loop(wanted) if isinstance(unit, Segment) else _needed([unit], wanted)
        wanted.update(v for e in found for v in e.inputs)
        kept += reversed(found)
    return kept[::-1]


def _sorted(units: Sequence[Segment | Equation]) -> list[int]:
    """Their numbers, each behind those that make what it reads."""
    both = [(u.whole.inputs, u.whole.outputs) if isinstance(u, Segment) else (u.inputs, u.outputs) for u in units]
    maker = {v: n for n, (_, outputs) in enumerate(both) for v in outputs}
    needs = [{maker[v] for v in inputs if v in maker} for inputs, _ in both]
    followers: list[list[int]] = [[] for _ in units]
    for n, needed in enumerate(needs):
        for before in needed:
            followers[before].append(n)
    ready, order = [n for n, needed in enumerate(needs) if not needed], list[int]()
    while ready:
        order.append(heapq.heappop(ready))
        for after in followers[order[-1]]:
            needs[after].discard(order[-1])
            if not needs[after]:
                heapq.heappush(ready, after)
    return order


def _needed(equations: Sequence[Equation], wanted: Collection[Var]) -> list[Equation]:
    """Without those that nobody wants."""
    wanted, kept = set(wanted), list[Equation]()
    for e in reversed(equations):
        if not wanted.isdisjoint(e.outputs):
            kept.append(e)
            wanted.update(e.inputs)
    return kept[::-1]
