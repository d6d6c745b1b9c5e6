"""Scripts are run in a folder of their own, with the file `data.csv` that some of them read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from .running import write_data

collect_ignore = ["scripts"]  # programs to be run, not modules to be imported


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current directory with `data.csv`: 300 rows of 8 numbers and a label, some cells missing."""
    monkeypatch.chdir(tmp_path)
    write_data(tmp_path / "data.csv", np.random.RandomState(0))
    return tmp_path
