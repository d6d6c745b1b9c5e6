"""What is measured: the rows, by group. A row is a work, a kind of measurement and those who take part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .peers import CONTENDERS, Contender
from .work import Work

OURS = ("chainrule", "chainrule, 1 thread")
SMALL = (
    *OURS, "JAX, epoch a call", "Keras on TensorFlow", "Keras on TensorFlow, 50 steps a call", "Keras on JAX",
    "Keras on JAX, 50 steps a call", "PyTorch", "PyTorch, 1 thread",
)  # fmt: skip
LARGE = (*OURS, "JAX, step a call", "Keras on TensorFlow", "PyTorch")
MEDIUM = (*LARGE, "JAX, epoch a call", "Keras on JAX", "PyTorch, compiled")
NARROW = (*OURS, "Keras on TensorFlow", "PyTorch", "PyTorch, compiled")
PREDICT = (
    "chainrule", "chainrule, predict_on_batch", "chainrule, model(x)", "Keras on TensorFlow",
    "Keras on TensorFlow, predict_on_batch", "Keras on TensorFlow, model(x)", "Keras on JAX", "Keras on JAX, model(x)",
    "JAX", "PyTorch", "PyTorch, compiled",
)  # fmt: skip
SIZES = ("chainrule", "JAX, epoch a call", "PyTorch", "PyTorch, compiled")
LIMIT = "C by hand, 1 thread"


@dataclass(frozen=True)
class Row:
    """One line of the summary.

    group: what `ONLY=` selects; kind: which function of a contender's file is measured ('train', 'predict'), or
    'compile' (the first epoch less the second), or 'process' (a command each, from start to end); seconds: the least
    that a round lasts.
    """

    name: str
    group: str
    kind: str
    work: Work
    who: Sequence[str]
    seconds: float = 0.3

    def contenders(self) -> list[Contender]:
        return [CONTENDERS[name] for name in self.who]


def _dense(group: str, units: Sequence[int], batch: int, loss: str, steps: int, who: Sequence[str], **more: Any) -> Row:
    work = {"network": "dense", "units": list(units), "batch": batch, "loss": loss, "rows": batch * steps, **more}
    words = "".join(f", {value if isinstance(value, str) else name}" for name, value in more.items())
    return Row(f"dense {'-'.join(map(str, units))}, batch {batch}{words}", group, "train", work, who)


def _attention(causal: bool, who: Sequence[str] = (*LARGE, "PyTorch, compiled"), **more: Any) -> Row:
    work = {**TRANSFORMER, "causal": causal, **more}
    words = "".join(f", {value}" for value in more.values())
    return Row(f"transformer 4 x 128, {'causal' if causal else 'all tokens'}{words}", "transformer", "train", work, who)


def _other(name: str, like: dict[str, Any], batch: int, **more: Any) -> Row:
    """A network of another size."""
    return Row(f"{name}, batch {batch}", "sizes", "train", {**like, "batch": batch, "rows": 8 * batch, **more}, SIZES)


TRANSFORMER = {
    "network": "transformer", "blocks": 4, "width": 128, "heads": 4, "tokens": 128, "batch": 16, "rows": 80,
}  # fmt: skip
CNN = {"network": "cnn", "side": 28, "filters": [32, 64], "hidden": 128, "classes": 10, "batch": 128, "rows": 1280}
LSTM = {"network": "lstm", "units": 64, "time": 100, "features": 32, "batch": 32, "rows": 640}
RESNET = {"network": "residual", "side": 224, "blocks": [3, 4, 6, 3], "classes": 1000, "batch": 2, "rows": 2}
ONE_ROW = {"network": "dense", "units": [20, 64, 32, 1], "loss": "bce", "batch": 1, "rows": 1}


def _processes(name: str, group: str, commands: dict[str, list[str]]) -> Row:
    return Row(name, group, "process", {"commands": commands}, tuple(commands))


IMPORT = {
    "chainrule": ["{scripts}/import_only.py", "chainrule.models"],
    "Keras on TensorFlow": ["{scripts}/import_only.py", "keras"],
    "Keras on JAX": ["{scripts}/import_only.py", "keras"],
    "JAX": ["{scripts}/import_only.py", "jax.numpy"],
    "PyTorch": ["{scripts}/import_only.py", "torch"],
}
COLD = {
    "chainrule": ["{scripts}/cold_keras_like.py", "chainrule"],
    "chainrule, nothing cached": ["{scripts}/cold_keras_like.py", "chainrule"],
    "Keras on TensorFlow": ["{scripts}/cold_keras_like.py", "keras"],
    "Keras on JAX": ["{scripts}/cold_keras_like.py", "keras"],
    "PyTorch": ["{scripts}/cold_torch.py"],
}
_TABLE = "{root}/examples/data/breast_cancer_wisconsin.csv"
FROM_CSV = {
    "chainrule": ["{scripts}/p0_chainrule.py", _TABLE],
    "chainrule, nothing cached": ["{scripts}/p0_chainrule.py", _TABLE],
    "chainrule run, pandas and scikit-learn": ["-m", "chainrule", "run", "{scripts}/p0_keras.py", _TABLE],
    "Keras on TensorFlow": ["{scripts}/p0_keras.py", _TABLE],
    "Keras on JAX": ["{scripts}/p0_keras.py", _TABLE],
}

ROWS = [
    _dense("small", (20, 64, 32, 1), 32, "bce", 500, (*SMALL, LIMIT)),
    _dense("small", (20, 64, 32, 1), 32, "bce", 500, (*OURS, "JAX, epoch a call", LIMIT), separable=True),
    _dense("small", (8, 1), 32, "bce", 500, SMALL),
    _dense("small", (2, 10, 10, 2), 32, "mse", 500, SMALL),
    _dense("dense", (784, 512, 512, 10), 128, "ce", 40, MEDIUM),
    _dense("dense", (784, 512, 512, 10), 128, "ce", 40, NARROW, policy="mixed_bfloat16"),
    _dense("dense", (1024, 4096, 4096, 1000), 256, "ce", 2, (*LARGE, "JAX, epoch a call")),
    Row("CNN 28x28, batch 128", "cnn", "train", CNN, (*LARGE, "Keras on JAX")),
    _attention(causal=False),
    _attention(causal=True),
    _attention(causal=False, who=NARROW, policy="mixed_bfloat16"),
    Row("LSTM(64), 100 moments, batch 32", "lstm", "train", LSTM, (*LARGE, "JAX, epoch a call")),
    Row("predict one row", "predict", "predict", ONE_ROW, PREDICT),
    _processes("import", "start", IMPORT),
    _processes("import, build, 500 steps, predict", "start", COLD),
    _processes("CSV to accuracy", "start", FROM_CSV),
    _dense("sizes", (30, 256, 128, 64, 2), 256, "ce", 40, SIZES),
    _dense("sizes", (100, 1000, 1000, 10), 64, "ce", 20, SIZES),
    _dense("sizes", (3072, 1024, 10), 32, "ce", 20, SIZES),
    _other("CNN 32x32, 32-64-128", CNN, 64, side=32, filters=[32, 64, 128]),
    _other("transformer 2 x 64, 4 heads, 64 tokens", TRANSFORMER, 64, blocks=2, width=64, tokens=64, causal=False),
    _other("transformer 2 x 256, 8 heads, 256 tokens", TRANSFORMER, 8, blocks=2, width=256, heads=8, tokens=256,
           causal=True),
    _other("transformer 2 x 128, 4 heads, 512 tokens", TRANSFORMER, 4, blocks=2, tokens=512, causal=True),
    _other("LSTM(128), 50 moments", LSTM, 64, units=128, time=50),
    _other("LSTM(256), 50 moments", LSTM, 32, units=256, time=50, features=64),
    Row("compile ResNet-50", "compile", "compile", RESNET, ("chainrule", "Keras on TensorFlow", "Keras on JAX")),
]

GROUPS = tuple(dict.fromkeys(row.group for row in ROWS))
