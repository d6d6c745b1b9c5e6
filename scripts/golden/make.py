"""Makes all golden files again, each in a process of its own: PYTHON scripts/golden/make.py [NAME...]."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

NAMES = (
    "activations", "losses", "metrics", "optimizers", "schedules", "initializers", "regularizers_constraints",
    "layers", "training", "signatures", "configs", "windows", "recurrent", "attention", "keras_files", "ops",
    "few_bits", "utils", "image_ops", "steps", "image_layers", "text_layers", "sound_layers", "feature_spaces",
    "operations", "normalizations", "local_contrast", "expressions",
    "keras_layout", "summaries", "functions", "applications", "branches",
)  # fmt: skip

if __name__ == "__main__":
    for name in sys.argv[1:] or NAMES:
        subprocess.run([sys.executable, str(Path(__file__).with_name(f"{name}.py"))], check=True)
