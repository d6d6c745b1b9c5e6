"""What is known after measuring, and what a measured process is given."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from statistics import median

from .peers import Contender

DISTURBED = 0.1  # the share of the machine that others may use in a round that counts


@dataclass
class Measured:
    """One contender in one row.

    seconds: of a step, a call or a process, one number a round; others: the share of the machine's time that other
    processes used in each round; first: seconds until the first epoch or call is done, compiling included; loss: after
    the first epoch; memory: the most bytes that the process held; work: seconds of all cores together, one number a
    process; absent: why it was not measured, or ''.
    """

    contender: Contender
    seconds: list[float] = field(default_factory=list)
    others: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    first: float | None = None
    loss: float | None = None
    memory: int | None = None
    absent: str = ""

    @property
    def counted(self) -> list[float]:
        """The rounds in which others used little of the machine; all of them, if there was none."""
        quiet = [s for s, share in zip(self.seconds, self.others, strict=True) if share <= DISTURBED]
        return quiet or self.seconds

    @property
    def disturbance(self) -> float:
        """The share of the machine that others used in the rounds that count."""
        return median(share for share in self.others if share <= DISTURBED or min(self.others) > DISTURBED)

    @property
    def median(self) -> float:
        return median(self.counted)

    @property
    def best(self) -> float:
        return min(self.counted)

    @property
    def worst(self) -> float:
        return max(self.counted)


# Threads that others may use; bytecode, without which every import compiles the sources again.
_NOT_HANDED_ON = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "PYTHONDONTWRITEBYTECODE")


def environment(contender: Contender) -> dict[str, str]:
    """The variables of its process: each library may use the threads it wants."""
    kept = {k: v for k, v in os.environ.items() if k not in _NOT_HANDED_ON}
    return {**kept, **contender.variables}
