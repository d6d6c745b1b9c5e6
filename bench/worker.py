"""A process in one contender's environment: it prepares what it is asked to, then measures a round whenever told.

    python -m bench.worker MODULE OPTIONS

reads one JSON request a line and answers each with one line, so that the rounds of several contenders can be run in
turn while everything stays compiled:

    {"do": "prepare", "kind": "train", "work": {...}, "seconds": 0.3}    builds, compiles, finds out how often to repeat
    {"do": "round"}                                                      seconds of one repetition
"""

from __future__ import annotations

import gc
import json
import math
import os
import resource
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

from .results import DISTURBED

MOST = 100_000  # repetitions in a round
TRIES = 3  # of a round in which others use the machine


def main() -> None:
    """Answer requests until there are none."""
    module, options = sys.argv[1], json.loads(sys.argv[2])
    answers = own_output()
    server = Server(import_module(f"bench.contenders.{module}"), options)
    say(answers, {"ready": True})
    for line in sys.stdin:
        say(answers, answer(server, json.loads(line)))


def own_output() -> TextIO:
    """The standard output for answers alone: what libraries print goes to the standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def say(answers: TextIO, answer: dict[str, Any]) -> None:
    """One line."""
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


def answer(server: Server, request: dict[str, Any]) -> dict[str, Any]:
    """What a request gives; an error is an answer as well."""
    try:
        return server.prepare(request) if request["do"] == "prepare" else server.round()
    except Exception as error:  # whatever a framework raises is that framework's result
        return {"error": f"{type(error).__name__}: {error}"[:400]}


class Server:
    """One contender: what is prepared now, and how often a round repeats it."""

    def __init__(self, module: Any, options: dict[str, Any]) -> None:
        self.module, self.options = module, options
        self.run: Callable[[int], float | None] | None = None
        self.times = 1

    def prepare(self, request: dict[str, Any]) -> dict[str, Any]:
        """Build and run twice: the first time compiles, the second says how often a round should repeat."""
        self.run = None
        gc.collect()
        started, before = time.perf_counter(), usage()
        self.run = getattr(self.module, request["kind"])(request["work"], self.options)
        first, loss = self.timed(1)
        again, _ = self.timed(1)
        disturbed = others(before, time.perf_counter() - started)
        self.times = min(MOST, max(1, math.ceil(request["seconds"] / again)))
        if self.times > 1:
            self.timed(max(1, self.times // 4))
        return {"first": first, "again": again, "loss": loss, "others": disturbed}

    def round(self) -> dict[str, Any]:
        """Seconds of one repetition: the mean of those that are run in one go.

        A round in which other processes used the machine is done again; the least disturbed one counts.
        """
        tries = []
        while not tries or (tries[-1][0] > DISTURBED and len(tries) < TRIES):
            before = usage()
            seconds, loss = self.timed(self.times)
            tries.append((others(before, seconds), seconds, loss))
        disturbed, seconds, loss = min(tries, key=lambda found: found[:2])
        return {"seconds": seconds / self.times, "loss": loss, "others": disturbed}

    def timed(self, times: int) -> tuple[float, float | None]:
        assert self.run is not None, "prepare comes before round"
        started = time.perf_counter()
        loss = self.run(times)
        return time.perf_counter() - started, loss


def busy() -> float:
    """Seconds that all cores together were busy since the machine started, or were taken away from it; 0: unknown."""
    try:
        ticks = [int(n) for n in Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]]
    except OSError:
        return 0.0
    idle, waiting = ticks[3:5]
    return (sum(ticks) - idle - waiting) / os.sysconf("SC_CLK_TCK")


def usage() -> tuple[float, float]:
    """Seconds that all cores were busy, and those of this process."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    return busy(), own.ru_utime + own.ru_stime


def others(before: tuple[float, float], seconds: float) -> float:
    """The share of the machine's time that was used by others since `before`, from 0 to 1."""
    all_, own = (now - then for now, then in zip(usage(), before, strict=True))
    return max(0.0, (all_ - own) / (seconds * (os.cpu_count() or 1)))


if __name__ == "__main__":
    main()
