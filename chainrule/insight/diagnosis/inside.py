"""Inside the network: units that do nothing, gradients that vanish or explode."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...losses import resolve_loss
from ...models import Model
from ...transforms import value_and_grad
from ..finding import Finding, Picture, Series
from .case import Case
from .changes import SQUASHING, activation_of, changed_model, is_clonable, seeded, weighted_layers
from .keras_subject import KerasSubject

_ROWS, _BATCH = 1000, 64
_DEAD = _SATURATED = 0.5  # the share of a layer's units from which it is a finding
_NEAR, _NEARLY = 0.02, 0.95  # of the range from its end; of the rows
_VANISHED, _EXPLODED = 1e-4, 100.0
_ENDS = {"sigmoid": (0.0, 1.0), "hard_sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0), "softsign": (-1.0, 1.0)}


def check_units(case: Case) -> list[Finding]:
    """Dead and saturated units of the trained network."""
    if case.model is None or not is_clonable(case.model) or not isinstance(case.x, np.ndarray):
        return []
    found = []
    for layer, values in _activations(case.model, case.x[:_ROWS]):
        units, name = values.shape[-1], activation_of(layer)
        flat = values.reshape(-1, units)
        if name in _ENDS:
            low, high = _ENDS[name]
            at_end = (flat < low + _NEAR * (high - low)) | (flat > high - _NEAR * (high - low))
            share = at_end.mean(0)
            key, stuck, limit = "saturated-units", share > _NEARLY, _SATURATED
        else:
            share = (flat == 0).mean(0)
            key, stuck, limit = "dead-units", share == 1.0, _DEAD
        if stuck.mean() > limit:
            found.append(_unit_finding(case, key, layer, stuck, share))
    return found


def _unit_finding(case: Case, key: str, layer: Any, stuck: np.ndarray, share: np.ndarray) -> Finding:
    dead = key == "dead-units"
    remedies = case.prove(case.subject.remedies("dead" if dead else "activation"))
    case.better = case.better or (dict(remedies[0].settings) if remedies else {})
    values = {"count": int(stuck.sum()), "units": len(stuck), "layer": layer.name}
    if not dead:
        values["activation"] = activation_of(layer)
    counts, edges = np.histogram(share, 10, (0.0, 1.0))
    picture = Picture("bars", "share of rows", "share of units",
                      [Series(layer.name, [f"{edge:.1f}" for edge in edges[:-1]], (counts / len(share)).tolist())])
    return Finding(key, "warning", values, evidence={"share": float(stuck.mean())}, picture=picture, remedies=remedies)


def _activations(model: Any, x: np.ndarray) -> list[tuple[Any, np.ndarray]]:
    """(layer, its outputs) of the hidden layers whose activation has an end."""
    hidden = [layer for layer in weighted_layers(model)[:-1]
              if activation_of(layer) in ("relu", "relu6", *SQUASHING) and layer in model._graph.layers]  # fmt: skip
    if not hidden:
        return []
    made = {node.operation: node.outputs for node in model._graph.nodes if node.operation in hidden}
    inner = Model(model.inputs, [made[layer] for layer in hidden])
    outputs = inner.predict(x, verbose=0)
    return list(zip(hidden, outputs if isinstance(outputs, list) else [outputs], strict=True))


def check_gradients(case: Case) -> list[Finding]:
    """The gradients of each layer at the start of the training, when they decide whether there is one."""
    if case.model is None or not isinstance(case.subject, KerasSubject) or len(weighted_layers(case.model)) < 2:
        return []
    names, gradients, weights = _first_gradients(case.subject, case.seed)
    ratios = gradients / np.maximum(weights, 1e-12)
    picture = Picture("bars", "layer", "gradient / weight", [Series("gradient / weight", names, ratios.tolist())])
    small, large = int(np.argmin(gradients)), int(np.argmax(gradients))
    if not np.isfinite(ratios).all() or ratios.max() > _EXPLODED:
        worst = int(np.argmax(np.where(np.isfinite(ratios), ratios, np.inf)))
        values = {"layer": names[worst], "ratio": float(ratios[worst])}
        key, kind = "exploding-gradients", "exploding"
    elif gradients[small] < _VANISHED * gradients[large]:
        values = {"layer": names[small], "other": names[large],
                  "ratio": float(gradients[large] / max(gradients[small], 1e-30))}  # fmt: skip
        key, kind = "vanishing-gradients", "activation"
    else:
        return []
    remedies = case.prove(case.subject.remedies(kind))
    case.better = dict(remedies[0].settings) if remedies else {}
    return [Finding(key, "warning", values, evidence=values_of(ratios), picture=picture, remedies=remedies)]


def values_of(ratios: np.ndarray) -> dict[str, float]:
    """The smallest and the largest ratio of gradient to weight."""
    return {"smallest ratio": float(np.nanmin(ratios)), "largest ratio": float(np.nanmax(ratios))}


def _first_gradients(subject: KerasSubject, seed: int) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Names of the layers, root mean squares of gradients and of weights, in a network that was not trained yet."""
    part = subject.data.take(slice(0, _BATCH))
    with seeded(seed):
        model = changed_model(subject.model, {})
    kernels = {id(layer.kernel): layer for layer in weighted_layers(model)}
    chosen = [v for v in model.trainable_variables if id(v) in kernels]

    def loss(_: Any) -> Any:
        outputs = model(part.x, training=False)
        function = resolve_loss(subject.model._compile_arguments["loss"], part.y.shape, outputs.shape)
        return function(part.y, outputs)

    _, found = value_and_grad(loss)(chosen)
    size = lambda a: float(np.sqrt(np.mean(np.square(np.asarray(a, np.float64)))))  # noqa: E731
    names = [kernels[id(v)].name for v in chosen]
    return names, np.array([size(g) for g in found]), np.array([size(v.numpy()) for v in chosen])
