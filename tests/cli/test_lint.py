"""`chainrule lint` on the command line."""

from __future__ import annotations

import json

import pytest

from .commands import Command, command  # noqa: F401

BAD = """import keras
import numpy as np
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, activation='sigmoid')])
model.compile(loss='mse')
x = np.random.default_rng(0).normal(size=(50, 3))
model.fit(x, 3 + x[:, 0], validation_split=0.2, verbose=0)
"""


@pytest.fixture
def bad(tmp_path):
    path = tmp_path / "script.py"
    path.write_text(BAD)
    return path


def test_what_is_read_and_what_is_seen_when_it_runs(command: Command, bad):  # noqa: F811
    read = command("lint", bad)
    assert read.status == 0 and "[unseeded]" in read.out and "unreachable" not in read.out
    run = command("lint", bad, "--run", "--no-hints")
    assert run.status == 1 and run.error == ""
    assert run.out.startswith(f"{bad}:6: error: The targets reach from ") and "[unreachable-targets]" in run.out


def test_as_json(command: Command, bad):  # noqa: F811
    rows = json.loads(command("lint", bad, "--json").out)
    assert [row["rule"] for row in rows] == ["unseeded"] and rows[0]["line"] == 6


def test_a_sound_script(command: Command, tmp_path):  # noqa: F811
    path = tmp_path / "empty.py"
    path.write_text("print('hello')\n")
    done = command("lint", path, "--run")
    assert done.status == 0 and "no classical mistakes found" in done.out


def test_the_encoding_that_a_script_names_is_respected(command: Command, tmp_path):  # noqa: F811
    path = tmp_path / "latin.py"
    path.write_bytes("# -*- coding: latin-1 -*-\nprint('Köln')\n".encode("latin-1"))
    assert "no classical mistakes found" in command("lint", path).out
    path.write_bytes(b"# coding: nonsense\n")
    assert "is not a Python script: unknown encoding" in command.fails("lint", path)
    path.write_bytes(b"\n\nx = '\xe4'\n")
    assert "is not a Python script: 'utf-8' codec can't decode byte 0xe4" in command.fails("lint", path)


def test_what_is_no_script(command: Command, tmp_path):  # noqa: F811
    done = command("lint", tmp_path / "none.py")
    assert done.status == 2 and "does not exist" in done.error
