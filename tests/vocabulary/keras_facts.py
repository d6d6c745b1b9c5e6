"""What Keras's golden files say about a module: signatures and configurations."""

from __future__ import annotations

import functools
import inspect
import json
from pathlib import Path

import numpy as np

GOLDEN = Path(__file__).parents[1] / "golden"
KINDS = {"POSITIONAL_OR_KEYWORD": "pk", "KEYWORD_ONLY": "k", "VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}


@functools.cache
def golden(name):
    return json.loads((GOLDEN / f"{name}.json").read_text())


def array(data):
    """int32 for whole lists of integers, bool for those of truth values, float32 for the rest."""
    values = np.asarray(data)
    return values if values.dtype.kind == "b" else values.astype("int32" if values.dtype.kind in "iu" else "float32")


def signatures(module):
    """Names below `keras.MODULE.`, each with its kind and parameters."""
    prefix = f"keras.{module}."
    return {name.removeprefix(prefix): s for name, s in golden("signatures")["signatures"].items()
            if name.startswith(prefix)}  # fmt: skip


def configs(module):
    return [c for c in golden("configs")["cases"] if c["class"].startswith(f"keras.{module}.")]


def bases(module):
    """class -> the base classes in the same module."""
    prefix = f"keras.{module}."
    found = golden("signatures")["bases"]
    return {name.removeprefix(prefix): [b.removeprefix(prefix) for b in names if b.startswith(prefix)]
            for name, names in found.items() if name.startswith(prefix)}  # fmt: skip


def found(module, path):
    """The object at `Class.method` or `function`."""
    for part in path.split("."):
        module = getattr(module, part)
    return module


def parameters(module, path, kind):
    """Our parameters as the golden file writes them."""
    target = found(module, path)
    own = inspect.signature(target.__init__ if kind == "class" else target).parameters.values()
    rows = [[p.name, KINDS[p.kind.name], *([] if p.default is p.empty else [repr(p.default)])] for p in own]
    return rows[1:] if rows and rows[0][0] == "self" else rows
