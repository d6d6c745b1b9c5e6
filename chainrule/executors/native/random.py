"""Random bits: Philox4x32-10, one block of four words a round of the loop."""

from __future__ import annotations

import math

from .emit import Value
from .kernel import Kernel, Row

_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_INCREMENTS = (0x9E3779B9, 0xBB67AE85)


def philox(counter: list[Value], key: list[Value]) -> list[Value]:
    """Four words of random bits from four of counter and two of key (all uint32)."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        p0, p1 = (c.to("uint64") * m for c, m in zip((c0, c2), _MULTIPLIERS, strict=True))
        high0, high1 = (p >> 32 for p in (p0, p1))
        c0, c1, c2, c3 = high1.to("uint32") ^ c1 ^ k0, p1.to("uint32"), high0.to("uint32") ^ c3 ^ k1, p0.to("uint32")
        k0, k1 = k0 + _INCREMENTS[0], k1 + _INCREMENTS[1]
    return [c0, c1, c2, c3]


def lower_random_bits(k: Kernel) -> None:
    """Word w of block b is element w q + b; the last word may have fewer blocks than q."""
    f, size = k.f, math.prod(k.equation.params.shape)
    if not size:
        return
    q = -(-size // 4)
    valid = [min(max(size - w * q, 0), q) for w in range(4)]
    key = [f.load(k.operand(0).pointer, "uint32", str(i)) for i in (0, 1)]
    for first, last in ((0, min(valid)), *((n, n + 1) for n in range(min(valid), q))):
        if first == last:
            continue
        with f.loop(last, start=str(first)) as loop:
            block = Value(f, "uint64", loop.index)
            zero = f.const("uint32", 0)
            words = philox([block.to("uint32"), (block >> 32).to("uint32"), zero, zero], key)
            for w, word in enumerate(words):
                if last <= valid[w]:
                    f.store(word, k.result(), f.index(w * q, [(loop.index, 1)]))


ROWS = {"random_bits": Row(lower_random_bits)}
