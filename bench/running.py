"""Runs the rows: a process for each contender, the rounds in turn."""

from __future__ import annotations

import json
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from . import processes
from . import work as works
from .peers import ROOT, Contender
from .results import Measured, environment
from .rows import Row

PATIENCE = 300.0  # seconds in which an answer must come


class LostError(RuntimeError):
    """A worker that ended or did not answer in time."""


class Worker:
    """A process that measures for one contender; what it compiles is kept in `cache`, a folder, if it keeps any."""

    def __init__(self, contender: Contender, cache: str) -> None:
        command = [str(contender.python()), "-m", "bench.worker", contender.module, json.dumps(contender.options)]
        variables = {**environment(contender), "CHAINRULE_CACHE": cache}
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=variables, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.answer()

    def ask(self, **request: Any) -> dict[str, Any]:
        """Send a request, wait for the answer."""
        assert self.process.stdin
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError as error:
            raise LostError("the process ended") from error
        return self.answer()

    def answer(self) -> dict[str, Any]:
        assert self.process.stdout
        if not select.select([self.process.stdout], [], [], PATIENCE)[0]:
            raise LostError(f"no answer in {PATIENCE:.0f} s")
        line = self.process.stdout.readline()
        if not line:
            raise LostError(f"the process ended with {self.process.wait()}")
        found: dict[str, Any] = json.loads(line)
        return found

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


class Workers:
    """One process a contender, started when first needed, kept from row to row, replaced when lost."""

    def __init__(self) -> None:
        self.found: dict[str, Worker] = {}
        self.folder = tempfile.TemporaryDirectory()

    def get(self, contender: Contender) -> Worker:
        if contender.name not in self.found:
            self.found[contender.name] = Worker(contender, self.folder.name)
        return self.found[contender.name]

    def drop(self, contender: Contender) -> None:
        if contender.name in self.found:
            self.found.pop(contender.name).end()

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.found.values():
            worker.end()
        self.folder.cleanup()


def measure(row: Row, rounds: int, workers: Workers, say: Callable[[str], None]) -> list[Measured]:
    """All contenders of a row: each is prepared, then the rounds go around."""
    found = [Measured(c, absent=c.missing()) for c in row.contenders()]
    for m in found:
        attempt(m, workers, lambda m: prepare(m, row, workers, say))
    for _ in range(0 if row.kind == "compile" else rounds):
        for m in found:
            attempt(m, workers, lambda m: go_around(m, row, workers))
    return found


def attempt(m: Measured, workers: Workers, action: Callable[[Measured], None]) -> None:
    """Do something unless the contender is out; whoever fails is out for this row."""
    if m.absent:
        return
    try:
        action(m)
    except LostError as error:
        m.absent = str(error)
        workers.drop(m.contender)


def prepare(m: Measured, row: Row, workers: Workers, say: Callable[[str], None]) -> None:
    """Build, compile, warm up. In a row about compiling that is what is measured: the first time less the second."""
    started = time.perf_counter()
    kind = "train" if row.kind == "compile" else row.kind
    found = workers.get(m.contender).ask(do="prepare", kind=kind, work=row.work, seconds=row.seconds)
    m.absent, m.first, m.loss = found.get("error", ""), found.get("first"), found.get("loss")
    if row.kind == "compile" and not m.absent:
        m.seconds, m.others = [found["first"] - found["again"]], [found["others"]]
    say(f"{row.name}: {m.contender.name} ready in {time.perf_counter() - started:.1f} s {m.absent}")


def go_around(m: Measured, row: Row, workers: Workers) -> None:
    """One round."""
    found = workers.get(m.contender).ask(do="round")
    m.absent = found.get("error", "")
    if not m.absent:
        m.seconds.append(found["seconds"] / (works.steps(row.work) if row.kind == "train" else 1))
        m.others.append(found["others"])


def measure_all(rows: Sequence[Row], rounds: int, quiet: bool = False) -> Iterator[tuple[Row, list[Measured]]]:
    """Every row in turn, handed out when it is done."""
    say = (lambda text: None) if quiet else (lambda text: print(text, file=sys.stderr, flush=True))
    with Workers() as workers:
        for row in rows:
            yield row, measured(row, rounds, workers, say)


def measured(row: Row, rounds: int, workers: Workers, say: Callable[[str], None]) -> list[Measured]:
    """A row, in processes of its own or in workers."""
    if row.kind == "process":
        return processes.measure(row, rounds, say)
    return measure(row, rounds, workers, say)
