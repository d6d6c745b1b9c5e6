"""Rules about models and data, looked at when `compile` and `fit` are called: warnings, each once for a model.

It costs a look at a thousand rows at the first `fit` of a model, and nothing after that.
"""

from __future__ import annotations

import sys
import warnings
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ... import config
from ..compiled import loss_of
from .facts import CROSSENTROPIES, DISTANCES, Layer, Network, snake
from .networks import metrics, setup, softmax_twice
from .rules import Hit
from .setups import Setup
from .setups import targets as beyond

_PACKAGE = str(Path(__file__).resolve().parents[2])
_ROWS = 1000  # are looked at
_LARGE, _HUGE = 100.0, 1000.0  # root mean squares of an input column, of targets
_RARE = 0.85  # the share of one class from which accuracy says little
_TAKES_ANY = ("Embedding", "Rescaling", "Normalization", "BatchNormalization", "LayerNormalization", "Discretization",
              "CategoryEncoding", "IntegerLookup", "Hashing", "UnitNormalization")  # fmt: skip

_said: weakref.WeakKeyDictionary[Any, set[str]] = weakref.WeakKeyDictionary()
_looked: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()
_records: list[list[Hit]] = []
_failed: set[str] = set()  # rules that raised an error


class LintWarning(UserWarning):
    """A classical mistake, seen when a model was compiled or trained."""


@contextmanager
def recording() -> Iterator[list[Hit]]:
    """Inside, what is seen is kept in the list instead of being a warning."""
    hits: list[Hit] = []
    _records.append(hits)
    try:
        yield hits
    finally:
        _records.remove(hits)


def check_compile(model: Any) -> None:
    """Look at a model that has just been compiled.

    Args:
        model: Model.
    """
    if model._graph is not None and _is_whole(model):
        _report(model, network_of(model))


def check_fit(model: Any, data: Any, validation: Any, split: float) -> None:
    """Look at a model that is about to be trained on arrays.

    Args:
        model: Model, compiled and built.
        data, validation: ArrayData, or None.
        split: float. The `validation_split` that was asked for.
    """
    key = id(model._compile_arguments)
    if _looked.get(model) == key or not isinstance(data.y, np.ndarray):
        return
    _looked[model] = key
    network = network_of(model)
    _report(model, network, RULES_OF_DATA, (data, validation, split))


def _is_whole(model: Any) -> bool:
    return len(model.outputs) == 1 and model.loss is not None


def _report(model: Any, network: Network, more: Any = (), data: tuple[Any, ...] = ()) -> None:
    said = _said.setdefault(model, set())
    level, line = _outside()
    hits = [hit for rule in (setup, softmax_twice, metrics) for hit in _kept(rule, network)]
    hits += [hit for rule in more for hit in _kept(rule, network, *data)]
    for hit in hits:
        if hit.rule in said or hit.severity == "hint":
            continue
        said.add(hit.rule)
        for kept in _records:
            kept.append(replace(hit, line=line))
        if not _records:
            warnings.warn(f"{hit.sentence(config.language())} [{hit.rule}]", LintWarning, stacklevel=level)


def _kept(rule: Callable[..., Iterator[Hit]], *given: Any) -> list[Hit]:
    """What a rule finds. One that fails must not end a training: it is left out, which is said once."""
    try:
        return list(rule(*given))
    except Exception as error:
        if rule.__name__ not in _failed:
            _failed.add(rule.__name__)
            what = f"the check '{rule.__name__}' failed ({type(error).__name__}: {error}) and is left out."
            warnings.warn(what, LintWarning, stacklevel=_outside()[0])
        return []


def _outside() -> tuple[int, int]:
    """How many frames lie between this module's callers and the first one outside chainrule, and its line."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame, level = frame.f_back, level + 1
    return level, frame.f_lineno


# the network behind a model


def network_of(model: Any) -> Network:
    """The layers of a model from the output back to where paths meet, its loss and metrics.

    Args:
        model: Model, compiled.
    """
    loss, from_logits = loss_of(model)
    given = model._compile_arguments.get("metrics")
    names = [m for m in given if isinstance(m, str)] if isinstance(given, (list, tuple)) else []
    path, is_whole = _path(model)
    network = Network([_layer(v) for v in path], is_whole, 0, loss, from_logits, names)
    units = network.head[1]
    if units is not None and model.output_shape != (None, units):  # images, sequences, several networks in one
        network.layers = []
    return network


def _layer(layer: Any) -> Layer:
    arguments = {k: getattr(layer, k) for k in ("units", "use_bias") if hasattr(layer, k)}
    activation = getattr(layer, "activation", None)
    if activation is not None:
        arguments["activation"] = getattr(activation, "__name__", "?")
    return Layer(type(layer).__name__, arguments)


def _path(model: Any) -> tuple[list[Any], bool]:
    """The layers before the output, as long as each has one input; whether that is all the way from the input."""
    if model._graph is None or len(model._graph.output_tensors) != 1:
        return [], False
    found: list[Any] = []
    is_whole = True
    tensor = model._graph.output_tensors[0]
    while tensor.node is not None and len(tensor.node.inputs) == 1:
        operation = tensor.node.operation
        inner, all_of_it = _path(operation) if getattr(operation, "_graph", None) is not None else ([operation], True)
        found, is_whole = [*inner, *found], is_whole and all_of_it
        tensor = tensor.node.inputs[0]
    meet = tensor.node is not None and len(tensor.node.inputs) > 1
    return [layer for layer in found if hasattr(layer, "get_config")], is_whole and not meet


# the data


def _some(rows: np.ndarray) -> np.ndarray:
    """A thousand rows, evenly spread."""
    return rows[:: max(1, len(rows) // _ROWS)]


def targets(net: Network, data: Any, validation: Any, split: float) -> Iterator[Hit]:
    """Targets that the output cannot reach, or that are all the same."""
    y = _some(data.y)
    if len(data.y) > 1 and np.min(y) == np.max(y) and np.min(data.y) == np.max(data.y):
        yield Hit("constant-target", 0, {"value": float(y.flat[0])})
    else:
        yield from beyond(Setup(*net.head, net.loss, net.from_logits, y, len(y) < len(data.y)))


def scale(net: Network, data: Any, validation: Any, split: float) -> Iterator[Hit]:
    """Inputs or targets of a large scale."""
    plain = isinstance(data.x, np.ndarray) and data.x.dtype.kind in "fiu" and data.x.ndim > 1
    if plain and net.layers and net.is_whole and not any(layer.kind in _TAKES_ANY for layer in net.layers[:3]):
        size = _size(_some(data.x))
        if size > _LARGE:
            yield Hit("unscaled-inputs", 0, {"size": size})
    if net.loss in DISTANCES and net.head[0] == "":
        size = float(np.sqrt(np.mean(np.square(_some(data.y), dtype=np.float64))))
        if size > _HUGE:
            yield Hit("unscaled-targets", 0, {"size": size})


def _size(x: np.ndarray) -> float:
    """The largest root mean square of a column; NaN counts as nothing."""
    flat = x.reshape(len(x), -1)
    return float(np.sqrt(np.nanmax(np.nanmean(np.square(flat, dtype=np.float64), axis=0)))) if flat.size else 0.0


def validation_rows(net: Network, data: Any, validation: Any, split: float) -> Iterator[Hit]:
    """Validation rows that are the training rows, or the end of sorted ones."""
    if validation is None or not isinstance(getattr(validation, "y", None), np.ndarray):
        return
    x, held = data.x, validation.x
    same = isinstance(x, np.ndarray) and isinstance(held, np.ndarray) and x.shape == held.shape
    if same and (x is held or np.shares_memory(x, held) or np.array_equal(_some(x), _some(held))):
        yield Hit("validation-is-training", 0, {})
    if split and data.y.size == len(data.y) > 20:
        steps = np.diff(np.concatenate([data.y.ravel(), validation.y.ravel()]).astype(np.float64))
        if (np.all(steps >= 0) or np.all(steps <= 0)) and np.count_nonzero(steps) > 20:
            yield Hit("sorted-validation", 0, {"rows": len(validation.y)})


def imbalance(net: Network, data: Any, validation: Any, split: float) -> Iterator[Hit]:
    """Accuracy as the only metric where one class is nearly all."""
    if net.loss not in CROSSENTROPIES or data.weight is not None or not net.metrics:
        return
    if any(name not in ("accuracy", "acc") and snake(name) != net.loss for name in net.metrics):
        return
    y = _some(data.y)
    classes = y.argmax(-1) if y.ndim > 1 and y.shape[-1] > 1 else y.reshape(-1)
    _, counts = np.unique(classes, return_counts=True)
    share = float(counts.max() / counts.sum())
    if _RARE <= share < 1 and len(y) >= 50:
        yield Hit("accuracy-imbalanced", 0, {"share": share})


RULES_OF_DATA: tuple[Callable[[Network, Any, Any, float], Iterator[Hit]], ...] = (
    targets, scale, validation_rows, imbalance,
)  # fmt: skip
