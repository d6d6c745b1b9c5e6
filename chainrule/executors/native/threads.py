"""Threads that run a compiled function together, and the one that waits for them meanwhile.

The workers are ordinary Python threads; while they are in machine code they hold no lock of Python's. One run at a time
has them; a run that begins meanwhile does all the work in its own thread, with the same result to the bit.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence

Task = Callable[[int], int]  # the number of the thread -> what the function returned
Look = Callable[[], None]

_LOOK = 0.1  # seconds between two looks at a run
_CROWDED = 0.4  # of its time that a thread waits for a processor: then one thread is as fast, and disturbs nobody
_LEAST = 0.2  # seconds of running together that say something about that
_PAUSE = 2.0  # seconds for which one thread does the work then


class _Worker:
    """A thread that waits for tasks."""

    def __init__(self, name: str) -> None:
        self.start, self.done = threading.Semaphore(0), threading.Semaphore(0)
        self.task: Task | None = None
        self.result, self.waited = 0, 0.0
        self.thread = threading.Thread(target=self._work, name=f"chainrule-{name}", daemon=True)
        self.thread.start()

    def _work(self) -> None:
        while True:
            self.start.acquire()
            task, self.task = self.task, None
            try:
                assert task
                self.result, self.waited = _timed(task, self._number)
            except BaseException:  # nothing of ours raises; a waiting caller must not wait for ever
                self.result = -1
            del task
            self.done.release()

    _number = 0

    def give(self, task: Task, number: int) -> None:
        self.task, self._number = task, number
        self.start.release()


class Crew:
    """The workers of the process."""

    def __init__(self) -> None:
        self._workers: list[_Worker] = []
        self._busy = threading.Lock()
        self._lone: list[_Worker] = []  # for runs that are watched meanwhile, one thread each
        self._alone_until = 0.0
        self._seconds = self._waited = 0.0  # together, since we last thought about it; without a processor meanwhile

    @property
    def is_welcome(self) -> bool:
        """Whether the machine has had processors for several threads lately.

        Threads that wait for one another lose much when one of them has to wait for a processor.
        """
        return time.monotonic() >= self._alone_until

    def _notice(self, seconds: float, waited: float) -> None:
        """The threads ran together for so long; one of them waited so long for a processor, the others less."""
        self._seconds += seconds
        self._waited += waited
        if self._seconds >= _LEAST:
            if self._waited > _CROWDED * self._seconds:
                self._alone_until = time.monotonic() + _PAUSE
            self._seconds = self._waited = 0.0

    def run(self, task: Task, threads: int) -> Sequence[int] | None:
        """task(0), ..., task(threads - 1), all at once, the first one in this thread; None if the workers are busy."""
        if not self._busy.acquire(blocking=False):
            return None
        try:
            start = time.perf_counter()
            workers = self._begin(task, range(1, threads))
            first, waited = _timed(task, 0)
            self._wait(workers, None, lambda: None)
            self._notice(time.perf_counter() - start, max(waited, *(w.waited for w in workers), 0.0))
            return [first, *(w.result for w in workers)]
        finally:
            self._busy.release()

    def watch(self, task: Task, threads: int, look: Look, stop: Callable[[], None]) -> Sequence[int] | None:
        """The same with workers alone, while this thread calls `look` now and then; None if the workers are busy.

        If `look` raises, or Ctrl-C comes, `stop` is called, the workers are waited for, and the exception goes on.
        """
        if not self._busy.acquire(blocking=False):
            return None
        try:
            start = time.perf_counter()
            workers = self._begin(task, range(threads))
            self._wait(workers, look, stop)
            self._notice(time.perf_counter() - start, max(w.waited for w in workers))
            return [w.result for w in workers]
        finally:
            self._busy.release()

    def watch_alone(self, task: Task, look: Look, stop: Callable[[], None]) -> int:
        """`task(0)` in one thread while this one calls `look` now and then; as many at a time as there are callers."""
        try:
            worker = self._lone.pop()
        except IndexError:
            worker = _Worker("alone")
        try:
            worker.give(task, 0)
            self._wait([worker], look, stop)
            return worker.result
        finally:
            self._lone.append(worker)

    def _wait(self, workers: Sequence[_Worker], look: Look | None, stop: Callable[[], None]) -> None:
        """Until all are done, whatever happens here meanwhile; only then an exception goes on."""
        trouble: BaseException | None = None
        for worker in workers:
            done = False
            while not done:
                try:
                    done = worker.done.acquire(timeout=_LOOK)
                    if not done and look and trouble is None:
                        look()
                except BaseException as error:
                    stop()
                    trouble = trouble or error
        if trouble is not None:
            raise trouble

    def _begin(self, task: Task, numbers: Sequence[int]) -> list[_Worker]:
        while len(self._workers) < len(numbers):
            self._workers.append(_Worker(str(len(self._workers))))
        workers = self._workers[: len(numbers)]
        for worker, number in zip(workers, numbers, strict=True):
            worker.give(task, number)
        return workers


def _timed(task: Task, number: int) -> tuple[int, float]:
    """What the task returns, and the seconds in which this thread wanted a processor and had none.

    A thread that waits for others in the task is busy looking, so only the system can make it pause.
    """
    start, busy = time.perf_counter(), time.thread_time()
    result = task(number)
    return result, time.perf_counter() - start - (time.thread_time() - busy)


_crew = Crew()


def crew() -> Crew:
    """The crew of this process."""
    return _crew


def _forget() -> None:
    global _crew
    _crew = Crew()  # a forked child has none of the threads


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
