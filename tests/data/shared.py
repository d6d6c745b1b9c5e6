"""Where the large example tables lie, which are not part of the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("CHAINRULE_SHARED", ROOT.parent / "shared")) / "data"


def shared(path: str) -> str:
    """The path of a shared table, or a skipped test."""
    if not (SHARED / path).is_file():
        pytest.skip(f"{SHARED / path} is not there (set CHAINRULE_SHARED)")
    return str(SHARED / path)
