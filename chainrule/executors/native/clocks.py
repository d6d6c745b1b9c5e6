"""The clocks of a profiled Program: ticks of each kernel, as names and seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..profile import Kernel

if TYPE_CHECKING:  # code that is loaded needs no compiler
    from .nodes import Node
    from .plan import Step


class Clocks:
    """Ticks and calls of the whole run, then of each step."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = list(steps)
        self.table = np.zeros((1 + len(steps), 2), np.int64)
        self.seconds = 0.0

    def add(self, counters: np.ndarray, seconds: float) -> None:
        """Take a run into account: what it counted, and how long it took."""
        self.table += counters[: self.table.size].reshape(self.table.shape)
        self.seconds += seconds

    def kernels(self) -> list[Kernel]:
        """One entry a step."""
        tick = self.seconds / max(1, int(self.table[0, 0]))
        found = []
        for step, (ticks, calls) in zip(self.steps, self.table[1:].tolist(), strict=True):
            work, layer = step.work, step.equation.where.layer
            name = name_of(step)
            found.append(Kernel(layer, name, calls, tick * ticks, calls * work.flops, calls * work.bytes))
        return found


def name_of(step: Step) -> str:
    """`dot_general (128, 784) (784, 512)`, or the fused equations and the shape that they walk over."""
    nodes = step.cluster.nodes
    if not step.cluster.fused:
        return " ".join([nodes[0].name, *(str(s.type.shape) for s in nodes[0].sources[:2])])
    return f"{'+'.join(_counted(nodes))} {step.cluster.domain}"


def _counted(nodes: Sequence[Node]) -> list[str]:
    counts: dict[str, int] = {}
    for node in nodes:
        counts[node.name] = counts.get(node.name, 0) + 1
    return [name if n == 1 else f"{n} {name}" for name, n in counts.items()]
