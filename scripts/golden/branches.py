"""Golden values of trainings with losses of branches of nested outputs: tests/golden/branches.json.

The programs themselves are tests/training/branch_cases.py; here they run on Keras.
"""

from __future__ import annotations

import sys
from pathlib import Path

from common import keras, plain, write

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.training import branch_cases

if __name__ == "__main__":
    write(
        "branches.json",
        "what the cases of tests/training/branch_cases.py return",
        cases={name: plain(branch_cases.run(name, keras)) for name in branch_cases.CASES},
    )
