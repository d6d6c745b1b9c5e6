"""The table of primitives that become kernels of their own, from all families.

Elementwise primitives and reductions are fused (`scalars.ELEMENT`, `maps`), movement mostly costs nothing
(`sources.MOVE`), control flow is part of the driver (`driver.CONTROL`).
"""

from __future__ import annotations

from . import contraction, indexing, minimal, movement, ordering, pairs, pooling, random, window
from .kernel import Row

CONTROL = {name: Row(lambda k: None) for name in ("loop", "while_loop", "cond")}  # laid out by plan.py

LOWER: dict[str, Row] = {
    **contraction.ROWS, **indexing.ROWS, **minimal.ROWS, **movement.ROWS, **ordering.ROWS, **pairs.ROWS,
    **pooling.ROWS, **random.ROWS, **window.ROWS, **CONTROL,
}  # fmt: skip
