"""The loops of a product, cut: into pieces that a tile takes, and into units that threads share.

A loop is (rounds, strides): how far each buffer moves in a round, in elements.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from .emit import Function

Loop = tuple[int, tuple[int, ...]]


def moved(f: Function, start: Sequence[str], indices: Sequence[str], strides: Sequence[Sequence[int]]) -> list[str]:
    """Offsets of the buffers after some rounds of some loops."""
    return [
        f.index(0, [(s, 1), *((i, steps[x]) for i, steps in zip(indices, strides, strict=True) if i != "0")])
        for x, s in enumerate(start)
    ]


@dataclass(frozen=True)
class Cut:
    """Loops in pieces: a piece is `size` rounds of the loop `at`, the last one maybe fewer, with all loops inside."""

    loops: tuple[Loop, ...]
    at: int
    size: int

    @cached_property
    def pieces(self) -> int:
        """Pieces of the loop `at`."""
        return -(-self.loops[self.at][0] // self.size)

    @cached_property
    def sizes(self) -> list[int]:
        """The loops over pieces."""
        return [*(n for n, _ in self.loops[: self.at]), self.pieces]

    @cached_property
    def count(self) -> int:
        """All pieces."""
        return math.prod(self.sizes)

    @cached_property
    def inside(self) -> int:
        """Rounds of the loops inside."""
        return math.prod(n for n, _ in self.loops[self.at + 1 :])

    @cached_property
    def kinds(self) -> list[int]:
        """How many rounds of the loop `at` a piece may have."""
        n = self.loops[self.at][0]
        return [rounds for rounds in (self.size * (n >= self.size), n % self.size) if rounds]

    def members(self, rounds: int) -> list[tuple[int, ...]]:
        """Where each row of a piece lies, from its first one, in each buffer."""
        loops = [(rounds, self.loops[self.at][1]), *self.loops[self.at + 1 :]]
        width = len(loops[0][1])
        return [
            tuple(sum(i * s[x] for i, (_, s) in zip(index, loops, strict=True)) for x in range(width))
            for index in itertools.product(*(range(n) for n, _ in loops))
        ]

    def base(self, f: Function, index: str, start: Sequence[str]) -> list[str]:
        """Offsets of the buffers at a piece."""
        steps = [s for _, s in self.loops[: self.at]]
        steps.append(tuple(self.size * s for s in self.loops[self.at][1]))
        return moved(f, start, f.digits(index, self.sizes), steps)

    def rounds(self, f: Function, index: str) -> str:
        """Rounds of the loop `at` in a piece."""
        if len(self.kinds) == 1:
            return str(self.kinds[0])
        before = f.index(0, [(f.digits(index, self.sizes)[-1], self.size)])
        left = f.op(f"sub nsw i64 {self.loops[self.at][0]}, {before}")
        return f.call("i64", "llvm.smin.i64", f"i64 {left}", f"i64 {self.size}")

    @contextmanager
    def when(self, f: Function, index: str, rounds: int) -> Iterator[None]:
        """If a piece has so many rounds: ..."""
        if len(self.kinds) == 1:
            yield
            return
        last = f.digits(index, self.sizes)[-1]
        relation = "eq" if rounds == self.kinds[1] else "ne"
        with f.when(f.op(f"icmp {relation} i64 {last}, {self.pieces - 1}")):
            yield


@dataclass(frozen=True)
class Span:
    """The units `first` .. `last` - 1 (names in the function) of `count`; without names all of them."""

    count: int
    first: str = ""
    last: str = ""

    @contextmanager
    def some(self, f: Function) -> Iterator[Span]:
        """If there are any units: ..."""
        if not self.first:
            yield self
            return
        with f.when(f.op(f"icmp slt i64 {self.first}, {self.last}")):
            yield self

    @contextmanager
    def nested(self, f: Function, inner: int = 1) -> Iterator[tuple[str, Span]]:
        """Rounds of `inner` units each: the number of the round, and its units that are meant. There must be some."""
        if self.count == inner:
            yield "0", self
        elif not self.first:
            with f.loop(self.count // inner) as loop:
                yield loop.index, Span(inner)
        elif inner == 1:
            with f.loop(self.last, start=self.first) as loop:
                yield loop.index, Span(1)
        else:
            first = f.op(f"udiv i64 {self.first}, {inner}")
            last = f.op(f"udiv i64 {f.op(f'add nsw i64 {self.last}, {inner - 1}')}, {inner}")
            with f.loop(last, start=first) as loop:
                yield loop.index, self._inside(f, f.op(f"mul nsw i64 {loop.index}, {inner}"), inner)

    def _inside(self, f: Function, before: str, inner: int) -> Span:
        low, high = (f.op(f"sub nsw i64 {name}, {before}") for name in (self.first, self.last))
        first = f.call("i64", "llvm.smax.i64", f"i64 {low}", "i64 0")
        return Span(inner, first, f.call("i64", "llvm.smin.i64", f"i64 {high}", f"i64 {inner}"))

    def across(self, f: Function, inner: int) -> Span:
        """The units as rows of `inner` columns: the columns that any of them lies in, from the first to the last."""
        if not self.first:
            return Span(inner)
        final = f.op(f"sub nsw i64 {self.last}, 1")
        rows = [f.op(f"udiv i64 {name}, {inner}") for name in (self.first, final)]
        ends = [f.op(f"urem i64 {name}, {inner}") for name in (self.first, final)]
        one = f.op(f"icmp eq i64 {rows[0]}, {rows[1]}")
        first = f.op(f"select i1 {one}, i64 {ends[0]}, i64 0")
        last = f.op(f"select i1 {one}, i64 {ends[1]}, i64 {inner - 1}")
        return Span(inner, first, f.op(f"add nsw i64 {last}, 1"))

    def below(self, f: Function, before: str, count: int) -> Span:
        """Only the units that, with `before` others in front, are below `count`. There may be none."""
        left = f.op(f"sub nsw i64 {count}, {before}")
        last = f.call("i64", "llvm.smin.i64", f"i64 {left}", f"i64 {self.last or self.count}")
        return Span(self.count, self.first or "0", last)
