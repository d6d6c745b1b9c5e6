"""What the golden scripts share: settings of the oracle, numbers as JSON, the file writer.

Importing this module sets the process up so that two runs give the same bytes: one thread, no
alternative CPU kernels, deterministic operations, a fixed seed.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import keras
import numpy as np
import tensorflow as tf

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
tf.config.experimental.enable_op_determinism()
keras.utils.set_random_seed(0)

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "golden"
SOURCE = {
    "library": "keras",
    "version": keras.__version__,
    "backend": f"tensorflow {tf.__version__}",
    "dtype": "float32",
}


def nine_digits(value: Any) -> float:
    """The float rounded to 9 significant digits, enough to give any float32 back exactly."""
    return float(f"{float(value):.9g}")


def plain(value: Any) -> Any:
    """The value as JSON has it: arrays as nested lists, floats of 9 digits, objects as class and config."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (bool, int, np.bool_, np.integer)):
        return value.item() if isinstance(value, np.generic) else value
    if isinstance(value, (float, np.floating)):
        return nine_digits(value)
    if hasattr(value, "get_config"):
        return {"class": type(value).__name__, "config": plain(value.get_config())}
    return plain(np.asarray(value).tolist())


def case(**entries: Any) -> dict[str, Any]:
    """One case; entries that are None are left out."""
    return {key: plain(value) for key, value in entries.items() if value is not None}


def write(name: str, about: str, **sections: Any) -> None:
    """Writes tests/golden/NAME: the source first, then each section, one case a line."""
    source = {**SOURCE, "script": f"scripts/golden/{Path(name).stem}.py", "about": about}
    parts = [f'"source": {json.dumps(source)}']
    for key, section in sections.items():
        parts.append(f"{json.dumps(key)}: {_lines(section)}")
    text = "{\n" + ",\n".join(parts) + "\n}\n"
    json.loads(text)
    path = FOLDER / name
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".json.new")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)
    print(f"{path.relative_to(FOLDER.parents[1])}: {len(text.encode()) / 1024:.1f} KiB")


def _lines(section: Any) -> str:
    if isinstance(section, list) and any(isinstance(item, (list, dict)) for item in section):
        return "[\n" + ",\n".join(json.dumps(plain(item)) for item in section) + "\n]"
    if isinstance(section, dict):
        rows = [f"{json.dumps(key)}: {json.dumps(plain(item))}" for key, item in section.items()]
        return "{\n" + ",\n".join(rows) + "\n}"
    return json.dumps(plain(section))
