"""What moves on a terminal, and what stays in a file."""

from __future__ import annotations

import io
import re
from types import SimpleNamespace

import pytest

from chainrule.cli import display as module
from chainrule.cli.arguments import write
from chainrule.cli.display import Display

from ..tabular.tables import write_classes
from .commands import read_until, start_on_a_terminal


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def watch(epochs: int, best: int = 1):
    return SimpleNamespace(
        title="network 1 of 2", epochs=epochs, best_epoch=best, describe=lambda e: f"epoch {e}: validation log loss 0.5"
    )


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is set."""
    now = SimpleNamespace(seconds=100.0)
    monkeypatch.setattr(module.time, "perf_counter", lambda: now.seconds)
    return now


def test_on_a_terminal_one_line_moves_and_goes_away(clock, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    stream = Terminal()
    display = Display(stream, quiet=False)
    display.line("task: classes")
    for epoch in range(1, 5):
        clock.seconds += 0.06  # every second one is too soon
        display.epoch(watch(epoch))
    display.line("done")
    line = "network 1 of 2, epoch {}: validation log loss 0.5 (best so far: epoch 1)"
    assert stream.getvalue() == (
        f"task: classes\n{line.format(2)}\r\033[K{line.format(4)}\r\033[Kdone\n"
    )
    assert display.lines == ["task: classes", "done"]


def test_the_moving_line_never_wraps(clock, monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    stream = Terminal()
    display = Display(stream, quiet=False)
    clock.seconds += 1
    display.epoch(watch(7))
    assert stream.getvalue() == "network 1 of 2, epoch 7: val…"


def test_in_a_file_a_line_now_and_then_shows_that_it_lives(clock):
    stream = io.StringIO()
    display = Display(stream, quiet=False)
    for epoch in range(1, 41):
        clock.seconds += 1
        display.epoch(watch(epoch, best=epoch))
    assert re.findall(r"epoch (\d+)", stream.getvalue()) == ["15", "30"]
    assert "\r" not in stream.getvalue()


def test_quiet_prints_nothing_and_remembers_the_lines(clock):
    stream = Terminal()
    display = Display(stream, quiet=True)
    display.line("a")
    clock.seconds += 60
    display.epoch(watch(1))
    assert (stream.getvalue(), display.lines) == ("", ["a"])


def test_signs_that_a_terminal_does_not_know_are_spelt_out():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    assert write("é 准\n", stream)
    assert stream.buffer.getvalue() == b"\xe9 \\u51c6\n"


def test_on_a_real_terminal(tmp_path):
    """Through a pseudo-terminal: the moving line is there, is taken away, and nothing else is."""
    write_classes(tmp_path / "a.csv", rows=200)
    words = ("--networks", "2", "--layers", "8", "--epochs", "3000", "--patience", "3000")
    process, terminal = start_on_a_terminal("fit", "a.csv", "--target", "label", *words, cwd=tmp_path)
    text = read_until(terminal)
    assert process.wait(timeout=60) == 0
    moving = re.findall(r"(?:^|\n|\x1b\[K)(network [12] of 2, epoch \d+[^\r\n]*)\r", text)
    assert len(moving) >= 2
    shown = re.sub(r"[^\n]*\r\x1b\[K", "", text.replace("\r\n", "\n"))
    assert "network 1 of 2: stopped after 3,000 epochs (no more were allowed), kept epoch" in shown
    assert ", epoch" not in shown
    assert "\x1b" not in shown
