"""The classes behind Keras's ops, which a saved functional model names: tests/golden/operations.json."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

from common import write
from keras import Operation

MODULES = ("core", "einops", "image", "linalg", "math", "nn", "numpy")


def named(function: Any) -> list[str]:
    """The parameters of a method; a star marks one that takes any number."""
    found = [p for p in inspect.signature(function).parameters.values() if p.name not in ("self", "name")]
    return [f"{'*' * (p.kind == p.VAR_POSITIONAL)}{p.name}" for p in found if p.kind != p.VAR_KEYWORD]


def of_module(name: str) -> list[dict[str, Any]]:
    module = importlib.import_module(f"keras.src.ops.{name}")
    classes = [c for c in vars(module).values() if inspect.isclass(c) and issubclass(c, Operation)]
    own = [c for c in classes if c.__module__ == module.__name__]
    return [{"module": name, "class": c.__name__, "call": named(c.call), "config": named(c.__init__)} for c in own]


if __name__ == "__main__":
    write(
        "operations.json",
        "keras.src.ops.MODULE.CLASS(**config)(*call) is what an op of a functional model becomes in config.json",
        operations=[one for name in MODULES for one in of_module(name)],
    )
