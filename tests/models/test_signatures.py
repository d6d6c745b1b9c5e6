"""Methods and callbacks take the arguments that Keras's take, with the same defaults (tests/golden/signatures.json)."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest

import chainrule as cr

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "signatures.json").read_text())["signatures"]
ROOTS = {"keras.Model": cr.Model, "keras.Sequential": cr.Sequential, "keras.callbacks": cr.callbacks,
         "keras.saving": cr.saving, "keras.models": cr.models, "keras.layers.InputSpec": cr.InputSpec}  # fmt: skip
# parts of Keras's ways of storing and distributing that have no meaning here
OTHER = {"max_shard_size", "call_function", "recursive", "safe_mode", "module_objects"}
OURS = {"profile"}  # arguments that only we have; they come last
KINDS = {"POSITIONAL_OR_KEYWORD": "pk", "KEYWORD_ONLY": "k", "VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}
NAMES = [
    *[f"keras.Model.{m}" for m in (
        "compile", "fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "predict_on_batch", "summary",
        "get_layer", "save", "save_weights", "load_weights", "to_json", "compute_loss", "compute_metrics", "add_loss",
        "stateless_call", "get_compile_config", "compile_from_config", "get_weights", "set_weights", "count_params",
        "reset_metrics", "get_metrics_result", "add_weight",
    )],
    "keras.Sequential", "keras.Sequential.add", "keras.Sequential.pop",
    *[f"keras.callbacks.{c}" for c in (
        "CSVLogger", "Callback", "CallbackList", "EarlyStopping", "History", "LambdaCallback", "LearningRateScheduler",
        "ModelCheckpoint", "ProgbarLogger", "ReduceLROnPlateau", "TerminateOnNaN",
    )],
    *[name for name in GOLDEN if name.startswith("keras.callbacks.Callback.on_")],
    "keras.models.clone_model", "keras.models.model_from_json", "keras.saving.load_model", "keras.saving.save_model",
    "keras.saving.load_weights", "keras.saving.save_weights", "keras.layers.InputSpec",
]  # fmt: skip


def parameters(function):
    found = []
    for p in inspect.signature(function).parameters.values():
        if p.name not in ("self", "cls"):
            found.append([p.name, KINDS[p.kind.name], *([] if p.default is p.empty else [repr(p.default)])])
    return found


def comparable(listed):
    return [p for p in listed if p[0] not in OTHER | OURS and p[1] != "**"]


@pytest.mark.parametrize("name", NAMES)
def test_signature(name):
    root = next(r for r in sorted(ROOTS, key=len, reverse=True) if name == r or name.startswith(r + "."))
    found = ROOTS[root]
    for part in name[len(root) :].split(".")[1:]:
        found = getattr(found, part)
    assert comparable(parameters(found)) == comparable(GOLDEN[name]["parameters"])
