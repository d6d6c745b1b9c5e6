"""A model like another one with something changed: what remedies do to a Keras model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ... import layers, regularizers, variables
from ...models import Model, Sequential, clone_model

HIDDEN = ("Dense", "Conv1D", "Conv2D", "Conv3D")
_OF_LAYERS = ("width", "l2", "dropout", "hidden", "activation", "initializer")
SQUASHING = ("sigmoid", "tanh", "hard_sigmoid", "softsign")


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Inside, what has no seed of its own takes one that follows from `seed`; outside nothing is changed."""
    before = variables._default_seeds, variables._ambient
    variables.set_default_seed(seed)
    try:
        yield
    finally:
        variables._default_seeds, variables._ambient = before


def activation_of(layer: Any) -> str:
    """The name of a layer's activation; "" if it has none.

    >>> activation_of(layers.Dense(2, activation="relu")), activation_of(layers.Dropout(0.1))
    ('relu', '')
    """
    if type(layer).__name__ in ("ReLU", "Softmax", "LeakyReLU", "ELU"):
        return {"LeakyReLU": "leaky_relu"}.get(type(layer).__name__, type(layer).__name__.lower())
    name = getattr(getattr(layer, "activation", None), "__name__", "")
    return "" if name == "linear" else name


def weighted_layers(model: Any) -> list[Any]:
    """The dense and convolution layers in the order in which they were made; the last one gives the output."""
    return [layer for layer in model._flatten_layers() if type(layer).__name__ in HIDDEN]


def is_clonable(model: Any) -> bool:
    """Whether copies with other layers can be made of it: built of layers, not a subclass with code of its own."""
    return type(model) in (Model, Sequential) and model._graph is not None


def changed_model(model: Any, change: Mapping[str, Any]) -> Any:
    """A new model, not trained, with the layers changed as the settings say. Layers that are frozen keep their weights.

    Args:
        model: Model.
        change: dict. `width`: factor on hidden units; `l2`: penalty on kernels; `dropout`: after hidden layers;
            `hidden`: units of a hidden layer more; `activation`: of the hidden layers; `initializer`: of all kernels,
            the biases then begin at 0. Others are not for the layers.
    """
    known = {key: change[key] for key in _OF_LAYERS if key in change}
    if not is_clonable(model):
        made = clone_model(model)
    else:
        last = weighted_layers(model)[-1] if weighted_layers(model) else None
        made = clone_model(model, clone_function=_changer(known, last) if known else None)
    for old, new in zip(model._flatten_layers(), made._flatten_layers(), strict=False):
        if not old.trainable and old.weights and not known:
            new.set_weights(old.get_weights())
            new.trainable = False
    return made


def _changer(change: Mapping[str, Any], last: Any) -> Callable[[Any], Any]:
    """The function that `clone_model` calls for each layer."""

    def make(layer: Any) -> Any:
        if type(layer).__name__ not in HIDDEN:
            return clone_model(layer) if isinstance(layer, Model) else type(layer).from_config(layer.get_config())
        config = layer.get_config()
        if layer is not last:
            _change_hidden(config, change)
        if "l2" in change:
            config["kernel_regularizer"] = regularizers.L2(change["l2"])
        if "initializer" in change:
            config.update(kernel_initializer=change["initializer"], bias_initializer="zeros")
        made = type(layer).from_config(config)
        if layer is last and "hidden" in change:
            return Sequential([layers.Dense(change["hidden"], activation="relu"), made])
        if layer is not last and change.get("dropout"):
            return Sequential([made, layers.Dropout(change["dropout"])])
        return made

    return make


def _change_hidden(config: dict[str, Any], change: Mapping[str, Any]) -> None:
    size = "units" if "units" in config else "filters"
    if "width" in change:
        config[size] = max(1, round(config[size] * change["width"]))
    if "activation" in change and config.get("activation") not in (None, "linear", "softmax"):
        config["activation"] = change["activation"]


def changed_optimizer(optimizer: Any, change: Mapping[str, Any]) -> Any:
    """A new optimizer like another one, with the learning rate or the limit on gradients that the settings say."""
    config = optimizer.get_config()
    config.update({key: change[key] for key in ("learning_rate", "clipnorm") if key in change})
    return type(optimizer).from_config(config)


def learning_rate_of(model: Any) -> float | None:
    """The learning rate; None where it follows a schedule or the model is not compiled."""
    optimizer = getattr(model, "optimizer", None)
    rate = None if optimizer is None else optimizer.get_config().get("learning_rate")
    return None if rate is None or isinstance(rate, dict) else float(rate)
