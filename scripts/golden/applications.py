"""Golden values of the named architectures: tests/golden/applications.json. See tests/models/architectures.py."""

from __future__ import annotations

import sys
from pathlib import Path

from common import keras, write

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.models import architectures

if __name__ == "__main__":
    write(
        "applications.json",
        "10 classes, weights of tests/models/architectures.py: how many numbers, the layers with weights, the logits",
        cases={name: architectures.described(getattr(keras.applications, name), name) for name in architectures.NAMES},
    )
