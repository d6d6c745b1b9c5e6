"""Running `chainrule` as its users do."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from chainrule.cli import main

ROOT = Path(__file__).resolve().parents[2]
QUICK = ("--epochs", "3", "--networks", "1", "--layers", "8")


class Outcome:
    """Exit status and what was printed."""

    def __init__(self, status: int, out: str, error: str) -> None:
        self.status, self.out, self.error = status, out, error


class Command:
    """Runs `chainrule` in this process: `command("fit", path, ...)`."""

    def __init__(self, capsys) -> None:
        self.capsys = capsys

    def __call__(self, *words) -> Outcome:
        self.capsys.readouterr()
        try:
            status = main([str(word) for word in words])
        except SystemExit as stop:  # argparse
            status = int(stop.code or 0)
        captured = self.capsys.readouterr()
        return Outcome(status, captured.out, captured.err)

    def fails(self, *words, mark: str = "chainrule: error: ") -> str:
        """The message of a command that must fail: one line that begins with `mark`, exit code 2."""
        found = self(*words)
        assert found.status == 2, found.out + found.error
        assert found.error.startswith(mark)
        assert found.error.count("\n") == 1
        assert "Traceback" not in found.error
        return found.error[len(mark) : -1]


def start(*words, **options) -> subprocess.Popen:
    """`chainrule` in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", **options.pop("env", {})}
    line = [sys.executable, "-m", "chainrule", *map(str, words)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(line, env=environment, text=True, encoding="utf-8", **{**pipes, **options})


def start_on_a_terminal(*words, **options) -> tuple[subprocess.Popen, int]:
    """The same, writing to a terminal, of which this is the other end."""
    ours, theirs = pty.openpty()
    process = start(*words, stdout=theirs, stderr=theirs, **options)
    os.close(theirs)
    return process, ours


def read_until(terminal: int, end: str = "\0") -> str:
    """What is shown on a terminal, up to these words or until nobody writes any more."""
    text = b""
    while end.encode() not in text:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # the other side is closed
            part = b""
        if not part:
            break
        text += part
    return text.decode()


def run(*words, **options) -> Outcome:
    """The same, to its end."""
    process = start(*words, **options)
    out, error = process.communicate(timeout=120)
    return Outcome(process.returncode, out, error)


@pytest.fixture
def command(capsys, tmp_path, monkeypatch) -> Command:
    """A `Command` in an empty working directory."""
    monkeypatch.chdir(tmp_path)
    return Command(capsys)
