"""Pieces of work done side by side, one thread each, reported in the order in which they were given."""

from __future__ import annotations

import math
import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from .. import config

T = TypeVar("T")
R = TypeVar("R")
_WAIT = 0.2  # seconds after which the main thread looks whether Ctrl-C was pressed
_PATIENCE = 1.5  # seconds after Ctrl-C for which pieces are waited for that are not in the middle of an epoch


class Telling:
    """A `Show` of one piece of work: what it says waits until all pieces before it are done.

    Args:
        place: int. Which piece it is.
        messages: where the main thread reads.
        stop: set when Ctrl-C was pressed: the piece then ends by a KeyboardInterrupt of its own.
    """

    def __init__(self, place: int, messages: queue.SimpleQueue[Any], stop: threading.Event) -> None:
        self.place, self.messages, self.stop = place, messages, stop

    def line(self, text: str) -> None:
        """A sentence for the user."""
        self.messages.put((self.place, "line", text))

    def epoch(self, watch: Any) -> None:
        """An epoch is over."""
        self.messages.put((self.place, "epoch", watch))
        self.look()

    def look(self) -> None:
        """Raise KeyboardInterrupt if Ctrl-C was pressed."""
        if self.stop.is_set():
            raise KeyboardInterrupt


def side_by_side(
    pieces: Sequence[T], work: Callable[[T, Any], R | None], show: Any, workers: int
) -> tuple[list[R | None], bool]:
    """Do pieces of work on several threads, each computing on one processor.

    Args:
        pieces: what is to be done, in this order.
        work: function (piece, show) -> result. It may raise KeyboardInterrupt when it was stopped with nothing to keep.
        show: Show. What a piece says reaches it after what the pieces before said, whatever the timing.
        workers: int, 2 or more.

    Returns:
        the result of each piece (None for one that was not done), and whether Ctrl-C was pressed. Then pieces that do
        not end within 1.5 s (they are being encoded or compiled) are left behind.

    Raises: the first exception of a piece; the pieces under way are waited for.

    >>> class Quiet:
    ...     def line(self, text): print(text)
    >>> side_by_side([3, 4], lambda n, show: show.line(f"piece {n}") or n * n, Quiet(), 2)
    piece 3
    piece 4
    ([9, 16], False)
    """
    done: list[R | None] = [None] * len(pieces)
    messages: queue.SimpleQueue[Any] = queue.SimpleQueue()
    stop, waiting = threading.Event(), queue.SimpleQueue[int]()
    for place in range(len(pieces)):
        waiting.put(place)

    def run() -> None:
        while not stop.is_set():
            try:
                place = waiting.get_nowait()
            except queue.Empty:
                break
            try:
                done[place] = work(pieces[place], Telling(place, messages, stop))
            except KeyboardInterrupt:
                pass
            except BaseException as error:  # the main thread raises it again
                stop.set()
                messages.put((place, "error", error))
            messages.put((place, "done", None))
        messages.put((len(pieces), "left", None))

    threads = [threading.Thread(target=run, name=f"network-{k}", daemon=True) for k in range(workers)]
    with config.threads_limited_to(1):
        for thread in threads:
            thread.start()
        try:
            interrupted = _listen(messages, len(threads), show, stop)
        finally:
            stop.set()
            for thread in threads:
                thread.join(_WAIT)
    return list(done), interrupted  # a thread that was left behind does not write into this list


def _listen(messages: queue.SimpleQueue[Any], workers: int, show: Any, stop: threading.Event) -> bool:
    """Hand on what the pieces say until all workers have left, or for a moment after Ctrl-C."""
    held: dict[int, list[str]] = {}
    over: set[int] = set()
    next_place, interrupted, failure, latest = 0, False, None, math.inf
    while workers and time.monotonic() < latest:
        try:
            try:
                place, kind, what = messages.get(timeout=_WAIT)
            except queue.Empty:
                continue
            if kind == "left":
                workers -= 1
            elif kind == "error":
                failure = failure or what
            elif kind == "epoch":
                show.epoch(what)
            elif kind == "line":
                held.setdefault(place, []).append(what)
            else:
                over.add(place)
            while next_place in over or next_place in held:
                for text in held.pop(next_place, []):
                    show.line(text)
                if next_place not in over:
                    break
                next_place += 1
        except KeyboardInterrupt:
            interrupted, latest = True, min(latest, time.monotonic() + _PATIENCE)
            stop.set()
    if failure is not None:
        raise failure
    for place in sorted(held):
        for text in held[place]:
            show.line(text)
    return interrupted
