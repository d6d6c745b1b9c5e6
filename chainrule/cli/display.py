"""How a training looks on the terminal, and in a file to which the output goes."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from typing import Any, TextIO

from .arguments import write

_REDRAWN, _REPEATED = 0.1, 15.0  # seconds between two pictures of the moving line, between two lines in a file


class Display:
    """Sentences, one a line; below them on a terminal a line that moves with the epochs, in a file one now and then.

    Args:
        stream: where it is printed.
        quiet: bool. Whether nothing is printed; the lines are kept all the same.
        say: function of a sentence, default `str`. What makes a sentence of another language of it.
    """

    def __init__(self, stream: TextIO, quiet: bool, say: Callable[[str], str] = str) -> None:
        self.say = say
        self.stream, self.shown, self.moving = stream, not quiet, stream.isatty()
        self.lines: list[str] = []
        self.drawn, self.open = time.perf_counter(), False

    def line(self, text: str) -> None:
        """A sentence for the user."""
        text = self.say(text)
        self.lines.append(text)
        self._print(f"{self._clear()}{text}\n")
        self.drawn = time.perf_counter()

    def epoch(self, watch: Any) -> None:
        """An epoch is over: a `Watch` of `chainrule.tabular`."""
        from ..tabular.words import shortened

        now = time.perf_counter()
        if now - self.drawn < (_REDRAWN if self.moving else _REPEATED):
            return
        self.drawn = now
        best = "" if watch.best_epoch == watch.epochs else f" (best so far: epoch {watch.best_epoch})"
        text = self.say(f"{watch.title}, {watch.describe(watch.epochs)}{best}")
        if self.moving:
            picture = shortened(text, shutil.get_terminal_size().columns - 1)
            self._print(f"{self._clear()}{picture}")
            self.open = True
        else:
            self._print(f"{text}\n")

    def _clear(self) -> str:
        """What takes the moving line away."""
        was_open, self.open = self.open, False
        return "\r\033[K" if was_open else ""

    def _print(self, text: str) -> None:
        if self.shown:
            self.shown = write(text, self.stream)
