"""The trainings of tests/golden/training.json, made from their plain data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

import chainrule as cr

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "training.json").read_text())
DATA = {
    key: np.asarray(value, "int32" if np.asarray(value).dtype.kind == "i" else "float32")
    for key, value in GOLDEN["data"].items()
}


def build_object(spec: Any, *modules: Any) -> Any:
    """A class and config made into the object; names, lists and dicts of them likewise; the rest as it is."""
    if isinstance(spec, dict) and "class" in spec:
        module = next(m for m in (*modules, cr.optimizers.schedules) if hasattr_quietly(m, spec["class"]))
        return getattr(module, spec["class"])(**{k: build_object(v, *modules) for k, v in spec["config"].items()})
    if isinstance(spec, dict):
        return {key: build_object(value, *modules) for key, value in spec.items()}
    return [build_object(value, *modules) for value in spec] if isinstance(spec, list) else spec


def hasattr_quietly(module: Any, name: str) -> bool:
    return name in vars(module)


def build_layer(spec: dict[str, Any]) -> Any:
    config = {key: tuple(value) if key in ("shape", "input_shape") else value for key, value in spec["config"].items()}
    return cr.Input(**config) if spec["class"] == "Input" else getattr(cr.layers, spec["class"])(**config)


class InOrder(cr.Model):
    """A subclassed model that calls its layers one after the other, built at the first call."""

    def __init__(self, specs: list[dict[str, Any]]) -> None:
        super().__init__()
        self.dense1, self.dense2 = (build_layer(spec) for spec in specs)

    def call(self, inputs: Any) -> Any:
        return self.dense2(self.dense1(inputs))


def build_model(spec: dict[str, Any]) -> Any:
    """The model of a spec: sequential, functional, or subclass."""
    if spec["kind"] == "subclass":
        model = InOrder(spec["layers"])
        model(DATA["x8"][:1])
        return model
    if spec["kind"] == "sequential":
        layers = [build_layer(one) for one in spec["layers"]]
        for one in layers:
            if "adapt" in spec and isinstance(one, cr.layers.Normalization):
                one.adapt(DATA[spec["adapt"]])
        return cr.Sequential(layers)
    made: dict[str, Any] = {}
    for one in spec["layers"]:
        name, inputs = one["config"]["name"], [made[source] for source in one.get("inputs", [])]
        made[name] = build_layer(one)(inputs if len(inputs) > 1 else inputs[0]) if inputs else build_layer(one)
    inputs = [made[one["config"]["name"]] for one in spec["layers"] if one["class"] == "Input"]
    return cr.Model(inputs if len(inputs) > 1 else inputs[0], pick(spec["outputs"], made))


def pick(names: Any, among: dict[str, Any]) -> Any:
    """The named things: one for a string or a list of one, else a list or dict of them."""
    if isinstance(names, dict):
        return {key: among[name] for key, name in names.items()}
    found = [among[name] for name in ([names] if isinstance(names, str) else names)]
    return found[0] if len(found) == 1 else found


def take(names: Any, rows: slice) -> Any:
    """The rows of the named arrays."""
    found = pick(names, DATA)
    if isinstance(found, dict):
        return {key: value[rows] for key, value in found.items()}
    return [value[rows] for value in found] if isinstance(found, list) else found[rows]


def callbacks(specs: list[dict[str, Any]]) -> list[Any]:
    found: list[Any] = []
    for spec in specs:
        if "rates" in spec:
            rates = spec["rates"]
            found.append(cr.callbacks.LearningRateScheduler(lambda epoch, rates=rates: rates[epoch]))
        else:
            found.append(getattr(cr.callbacks, spec["class"])(**spec["config"]))
    return found


def fit_arguments(fit: dict[str, Any]) -> dict[str, Any]:
    made = dict(fit)
    if "validation_data" in fit:
        made["validation_data"] = tuple(DATA[name] for name in fit["validation_data"])
    if "sample_weight" in fit:
        made["sample_weight"] = pick(fit["sample_weight"], DATA)
    if "class_weight" in fit:
        made["class_weight"] = {int(key): value for key, value in fit["class_weight"].items()}
    return made


def settings(spec: dict[str, Any]) -> dict[str, Any]:
    """The keyword arguments of compile()."""
    modules = {"optimizer": cr.optimizers, "loss": cr.losses, "metrics": cr.metrics, "weighted_metrics": cr.metrics}
    return {key: build_object(value, modules[key]) if key in modules else value for key, value in spec.items()}


def prepared(case: dict[str, Any]) -> Any:
    """The compiled model of a case with the weights that it starts from."""
    cr.utils.clear_session()  # names without a number
    model = build_model(case["model"])
    model.set_weights([np.asarray(w, "float32") for w in case["initial_weights"]])
    model.compile(**settings(case["compile"]))
    return model
