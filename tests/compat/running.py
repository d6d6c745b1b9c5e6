"""Running scripts the way users do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = Path(__file__).resolve().parent / "scripts"


def chainrule(
    *words: str | Path, cwd: Path, path: str = "", status: int | None = 0
) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, outside of the repository; `path` goes in front of PYTHONPATH."""
    return python("-m", "chainrule", *words, cwd=cwd, path=path, status=status)


def python(*words: str | Path, cwd: Path, path: str = "", status: int | None = 0) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own, with chainrule importable."""
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=cwd,
        env=environment(path),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert status is None or done.returncode == status, f"status {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def begin(*words: str | Path, cwd: Path) -> subprocess.Popen[str]:
    """Start the command; the caller talks to it and waits for it."""
    return subprocess.Popen(
        [sys.executable, "-m", "chainrule", *map(str, words)],
        cwd=cwd, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip


def environment(path: str = "") -> dict[str, str]:
    """The variables of the process, with chainrule on PYTHONPATH and `path` in front of it."""
    joined = os.pathsep.join(p for p in (path, str(ROOT)) if p)
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    return {**kept, "PYTHONPATH": joined, "PYTHONIOENCODING": "utf-8"}


def write_data(file: Path, random: np.random.RandomState) -> None:
    """A table of 300 rows: 8 features, of which four decide the label, and some empty cells."""
    x = random.normal(size=(300, 8))
    label = (x[:, :4].sum(axis=1) + random.normal(scale=0.3, size=300) > 0).astype(int)
    lines = [",".join([*(f"f{i}" for i in range(8)), "label"])]
    for number, row in enumerate(x):
        cells = [f"{value:.5f}" for value in row]
        if number % 30 == 0:
            cells[number % 8] = ""
        lines.append(",".join([*cells, str(label[number])]))
    file.write_text("\n".join(lines) + "\n")
