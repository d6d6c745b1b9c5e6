"""How much a step does: what decides whether threads share it, and what a profile is measured against."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from ...ir import Equation, Var
from .clusters import Cluster
from .emit import SIZE, bytes_of
from .minimal import flops_of_filtered
from .nodes import Node, roots_read
from .pairs import PAIR

_RATE = 1.2e11  # multiplications and additions a second of one core, in a product
_BANDWIDTH, _IN_CACHE = 1.5e10, 1e11  # bytes a second of one core
_CACHE = 1 << 20  # bytes that stay in the second-level cache
_ELEMENT = 2.5e-11  # seconds for an element of a simple elementwise equation; a slow one counts as many
_SLOW = {
    "exp": 16, "log": 24, "expm1": 20, "log1p": 32, "tanh": 32, "sigmoid": 24, "erf": 32,
    "pow": 60, "sin": 40, "cos": 40,
    "atan2": 60, "div": 3, "sqrt": 3, "rsqrt": 4, "mod": 20, "floor_divide": 10,
    "argsort": 40, "sort": 40, "top_k": 40, "random_bits": 6, "scatter_add": 4, "scatter": 4, "gather": 2,
}  # fmt: skip
_CALL = 1.5e-8  # seconds beside them for every kernel
_SHARE = 3e-6  # seconds of work that are worth the barriers around them
_MOSTLY = 0.5  # how much of the time shared work must be, or else one thread does all


class Work(NamedTuple):
    """Floating-point operations and bytes moved, and a guess at the seconds that one core takes."""

    flops: float = 0.0
    bytes: float = 0.0
    seconds: float = 0.0

    @property
    def worth_sharing(self) -> bool:
        """Whether threads should do it together. A matter of shapes alone, so that the code is the same everywhere."""
        return self.seconds >= _SHARE


def work_of(cluster: Cluster, stored: Collection[Var]) -> Work:
    """The work of a cluster, without sub-programs."""
    if cluster.nodes[0].name in ("gather", "dynamic_slice"):  # of the table only what is taken
        moved = 2 * sum(map(bytes_of, stored))
        return Work(0.0, moved, _CALL + 2 * _moving(moved))
    moved, made = sum(map(bytes_of, stored)), set(cluster.made())
    for root in roots_read(cluster.nodes):
        if root in made:
            continue  # it never leaves the registers, or is read while it is near
        read = max(s.type.size * SIZE[s.type.dtype] for node in cluster.nodes for s in node.sources if s.root is root)
        moved += min(bytes_of(root), read)
    flops, elements = sum(map(flops_of, cluster.nodes)), sum(map(_elements, cluster.nodes))
    return Work(flops or elements, moved, _CALL + max(_moving(moved), elements * _ELEMENT) + flops / _RATE)


def _moving(size: float) -> float:
    """Seconds."""
    return size / (_IN_CACHE if size < _CACHE else _BANDWIDTH)


def _elements(node: Node) -> float:
    size = math.prod(node.domain) if node.fused else sum(v.type.size for v in node.outputs)
    return size * _SLOW.get(node.name, 1) if node.name not in ("dot_general", "dot_of_pairs", "conv") else 0.0


def flops_of(node: Node) -> float:
    """Multiplications and additions of a product; 0 for everything else."""
    if node.name in ("dot_general", "dot_of_pairs"):
        x = node.sources[0].type
        summed = math.prod(x.shape[a] for a in node.equation.params.contract[0]) * (2 if x.dtype == PAIR else 1)
    elif node.name == "conv":
        summed = math.prod(node.sources[1].type.shape[1:-1])
    elif node.name == "filtered_conv":
        return flops_of_filtered(node.equation)
    else:
        return 0.0
    return 2.0 * node.outputs[0].type.size * summed


def control_work(e: Equation, subs: Sequence[Sequence[Work]]) -> Work:
    """The work of a loop: that of all rounds (of one, if their number is not known); of a branch: the largest."""
    totals = [Work(*(sum(part) for part in zip(*works, strict=True))) if works else Work() for works in subs]
    if e.primitive.name == "cond":
        return max(totals, key=lambda w: w.seconds, default=Work())
    rounds = e.params.length if e.primitive.name == "loop" else 1
    return Work(*(rounds * sum(part) for part in zip(*totals, strict=True)))


def is_mostly_shared(works: Iterable[tuple[float, Work]]) -> bool:
    """Whether several threads are worth it for a Program with these kernels: (how often each runs, its work)."""
    total = shared = 0.0
    for times, work in works:
        total += times * work.seconds
        shared += times * work.seconds * work.worth_sharing
    return shared > _MOSTLY * total
