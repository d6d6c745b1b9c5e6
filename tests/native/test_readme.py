"""The map of the native executor: its README names every file, and none that is not there."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "chainrule" / "executors" / "native"


def test_the_map_names_every_file_and_no_other() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\b([a-z_]+\.py)\b", text.replace("script.py", "").replace("test_mathematics.py", "")))
    files = {path.name for path in FOLDER.glob("*.py")} - {"__init__.py"}
    named |= {f"{name}.py" for name in re.findall(r"`([a-z]+)\.[A-Za-z_]+`", text)} & files
    assert named == files
