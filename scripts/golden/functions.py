"""Golden values of functions of TensorFlow: tests/golden/functions.json. They are tests/compat/function_cases.py."""

from __future__ import annotations

import sys
from pathlib import Path

from common import tf, write

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.compat import function_cases

if __name__ == "__main__":
    write(
        "functions.json",
        "what the cases of tests/compat/function_cases.py return",
        cases={name: function_cases.plain(run(tf)) for name, run in function_cases.CASES.items()},
    )
