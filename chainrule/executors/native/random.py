"""Random bits: Philox4x32-10, one block of four words a round of the loop."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .emit import Value, register_type
from .kernel import Kernel, Row
from .movement import lines
from .vectors import Vectors, lanes_in

_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_INCREMENTS = (0x9E3779B9, 0xBB67AE85)
_WORD = 0xFFFFFFFF
_ROUNDS = 10
_SHORT = 32  # vectors of blocks that take a tenth of a microsecond longer as a loop, and much less time to compile
_FEW = 128  # blocks for which better code saves less time than LLVM needs for it


def philox(counter: list[Value], key: list[Value]) -> list[Value]:
    """Four words of random bits from four of counter (uint64, of which the lower half counts) and two of key (uint32).

    Words stay in 64-bit lanes, which multiply without moving them: what is in the upper halves is never looked at.
    """
    state = [*counter, *key]
    for _ in range(_ROUNDS):
        state = _mixed(*state)
    return [c.to("uint32") for c in state[:4]]


def _mixed(c0: Value, c1: Value, c2: Value, c3: Value, k0: Value, k1: Value) -> list[Value]:
    """Counter and key after a round."""
    p0, p1 = ((c & _WORD) * m for c, m in zip((c0, c2), _MULTIPLIERS, strict=True))
    mixed = [(p1 >> 32) ^ c1 ^ k0.to("uint64"), p1, (p0 >> 32) ^ c3 ^ k1.to("uint64"), p0]
    return [*mixed, k0 + _INCREMENTS[0], k1 + _INCREMENTS[1]]


def _philox_as_loop(counter: Sequence[Value], key: Sequence[Value]) -> list[Value]:
    """The same with a loop of rounds: a tenth of the code."""
    state, f = [*counter, *key], key[0].f
    with f.loop(_ROUNDS, [(register_type(v.dtype, v.lanes), v.name) for v in state]) as loop:
        mixed = _mixed(*(v.like(v.dtype, name) for v, name in zip(state, loop.values, strict=True)))
        loop.next += [v.name for v in mixed]
    return [v.to("uint32") for v in mixed[:4]]


def _in_vectors(k: Kernel, starts: Sequence[str], key: Sequence[Value], rounds: int) -> None:
    """Blocks that fill vectors, one a lane."""
    f, lanes = k.f, lanes_in(8)
    words, counters = Vectors(f, "uint32", lanes), Vectors(f, "uint64", lanes)
    wide = [words.raised(words.spread(part.name)) for part in key]
    zero = f.const("uint64", 0, lanes)
    mix = _philox_as_loop if rounds <= _SHORT else philox
    with f.loop(k.number(rounds)) as loop:
        first = f.op(f"mul nuw nsw i64 {loop.index}, {lanes}")
        block = counters.raised(f.op(f"add {counters.type} {counters.spread(first)}, {counters.counting()}"))
        for start, word in zip(starts, mix([block, block >> 32, zero, zero], wide), strict=True):
            words.store(word.name, words.pointer(k.result(), f.index(0, [(start, 1), (first, 1)])))


def lower_random_bits(k: Kernel) -> None:
    """Word w of block b is element w q + b; the last word may have fewer blocks than q."""
    f, size = k.f, math.prod(k.equation.params.shape)
    if not size:
        return
    q = -(-size // 4)
    k.passes = "registers" if q < _FEW else ""
    valid = [min(max(size - w * q, 0), q) for w in range(4)]
    length = k.number(q)
    starts = [f.op(f"mul nuw nsw i64 {length}, {w}") for w in range(4)]
    key = [f.load(k.operand(0).pointer, "uint32", str(i)) for i in (0, 1)]

    def blocks(index: str, words: int) -> None:
        block, zero = Value(f, "uint64", index), f.const("uint64", 0)
        for start, word in zip(starts[:words], philox([block, block >> 32, zero, zero], key), strict=False):
            f.store(word, k.result(), f.index(0, [(start, 1), (index, 1)]))

    if min(valid) and not k.sharing and not min(valid) % lanes_in(8):
        k.passes = "registers"
        _in_vectors(k, starts, key, min(valid) // lanes_in(8))
    elif min(valid):
        with lines(k, k.number(min(valid))) as index:
            blocks(index, 4)
    for n in range(min(valid), q):
        with k.part(1).loop(1):
            blocks(str(n), sum(n < v for v in valid))


ROWS = {"random_bits": Row(lower_random_bits)}
