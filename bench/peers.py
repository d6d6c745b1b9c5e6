"""Who takes part: each contender's environment, the file that knows its framework, its options."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "bench" / ".peers"
ENVIRONMENTS = {  # variable that points to an environment: where `make bench-peers` makes it
    "BENCH_KERAS": FOLDER / "keras",
    "BENCH_TORCH": FOLDER / "torch",
}


@dataclass(frozen=True)
class Contender:
    """Someone who can be measured.

    name: as the tables show it; framework: what must be importable (or 'gcc'); environment: '' for the one that runs
    the measurements, else a key of ENVIRONMENTS; module: a file of `contenders/`; options: for its functions;
    variables: its environment variables; cache: whether a measured process finds the folder of compiled code 'empty'
    each time, or 'warm'.
    """

    name: str
    framework: str
    environment: str
    module: str
    options: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    cache: str = "warm"

    @property
    def is_ours(self) -> bool:
        return self.framework == "chainrule"

    @property
    def is_limit(self) -> bool:
        """Whether this is no framework but what the machine can do."""
        return self.framework == "gcc"

    def python(self) -> str | None:
        """The interpreter of its environment, or None."""
        return python_of(self.environment)

    def missing(self) -> str:
        """Why it cannot take part, or ''."""
        if self.framework == "gcc":
            return "" if shutil.which("gcc") else "no gcc"
        python = self.python()
        if python is None:
            return f"no environment: `make bench-peers`, or {self.environment}=FOLDER"
        return "" if version_of(python, self.framework) else f"{self.framework} is not installed in {python}"


def python_of(environment: str) -> str | None:
    """The interpreter of an environment by its variable, or None if there is none."""
    if not environment:
        return sys.executable
    folder = Path(os.environ.get(environment) or ENVIRONMENTS[environment])
    python = folder / "bin" / "python"
    return str(python) if python.exists() else None


@cache
def version_of(python: str, framework: str) -> str:
    """The version of a distribution in an environment, or ''."""
    code = f"import importlib.metadata as m; print(m.version({framework!r}))"
    found = subprocess.run([python, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    return found.stdout.strip() if found.returncode == 0 else ""


def versions() -> dict[str, str]:
    """The version of every framework that is there."""
    pairs = {(c.python(), c.framework) for c in CONTENDERS.values() if not c.is_limit and c.python()}
    pairs |= {(python, "tensorflow-cpu") for python, framework in pairs if framework == "keras"}
    return {framework: v for python, framework in sorted(pairs) if (v := version_of(str(python), framework))}


def _ours(name: str, threads: str = "", cache: str = "warm", **options: Any) -> Contender:
    variables = {"CHAINRULE_THREADS": threads} if threads else {}
    return Contender(name, "chainrule", "", "keras_like", {"library": "chainrule", **options}, variables, cache)


def _keras(name: str, backend: str, **options: Any) -> Contender:
    variables = {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    return Contender(name, "keras", "BENCH_KERAS", "keras_like", {"library": "keras", **options}, variables)


def _jax(name: str, **options: Any) -> Contender:
    return Contender(name, "jax", "BENCH_KERAS", "in_jax", options)


def _torch(name: str, **options: Any) -> Contender:
    return Contender(name, "torch", "BENCH_TORCH", "in_torch", options)


CONTENDERS = {
    c.name: c
    for c in (
        _ours("chainrule"),
        _ours("chainrule, 1 thread", threads="1"),
        _ours("chainrule, model(x)", call="model"),
        _ours("chainrule, predict_on_batch", call="predict_on_batch"),
        _ours("chainrule, nothing cached", cache="empty"),
        _ours("chainrule run, pandas and scikit-learn"),
        _jax("JAX"),
        _jax("JAX, epoch a call", loop="scan"),
        _jax("JAX, step a call", loop="step"),
        _keras("Keras on TensorFlow", "tensorflow"),
        _keras("Keras on TensorFlow, 50 steps a call", "tensorflow", steps_per_execution=50),
        _keras("Keras on TensorFlow, model(x)", "tensorflow", call="model"),
        _keras("Keras on TensorFlow, predict_on_batch", "tensorflow", call="predict_on_batch"),
        _keras("Keras on JAX", "jax"),
        _keras("Keras on JAX, 50 steps a call", "jax", steps_per_execution=50),
        _keras("Keras on JAX, model(x)", "jax", call="model"),
        _torch("PyTorch"),
        _torch("PyTorch, 1 thread", threads=1),
        _torch("PyTorch, compiled", compile=True),
        Contender("C by hand, 1 thread", "gcc", "", "in_c"),
    )
}
