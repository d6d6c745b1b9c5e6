"""What chainrule.data may import, and what importing it loads."""

from __future__ import annotations

import ast
import subprocess
import sys

from tests.data.shared import ROOT

HEAVY = ["pandas", "pyarrow", "sklearn", "scipy"]


def imported(path):
    """(level, first part of the name) of every import in a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield node.level, str(node.module).split(".")[0]
        elif isinstance(node, ast.Import):
            yield from ((0, alias.name.split(".")[0]) for alias in node.names)


def test_imports_stay_inside():
    for path in (ROOT / "chainrule" / "data").glob("*.py"):
        optional = {"arrow.py": "pyarrow", "frames.py": "pyarrow", "fast_csv.py": "pyarrow", "collecting.py": "pyarrow",
                    "database.py": "sqlalchemy", "records.py": "openpyxl"}  # fmt: skip
        extra = {"numpy", optional.get(path.name, "numpy")}
        for level, name in imported(path):
            assert level < 3, path.name
            assert level != 2 or name in {"errors", "config"}, f"{path.name} imports ..{name}"
            assert level != 0 or name in sys.stdlib_module_names or name in extra, f"{path.name} imports {name}"


def test_nothing_heavy_is_loaded():
    code = f"import sys, chainrule.data; print(sorted(sys.modules.keys() & set({HEAVY})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"
