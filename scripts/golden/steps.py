"""Golden values of trainings with steps of the user's own: tests/golden/steps.json.

The programs themselves are tests/compat/step_cases.py and tape_cases.py; here they run on TensorFlow and Keras.
"""

from __future__ import annotations

import sys
from pathlib import Path

from common import keras, tf, write

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.compat import step_cases, tape_cases

if __name__ == "__main__":
    write(
        "steps.json",
        "what the cases of tests/compat/step_cases.py return: GradientTape, custom steps and loops, tf.data",
        cases={name: run(tf, keras) for name, run in {**step_cases.CASES, **tape_cases.CASES}.items()},
    )
