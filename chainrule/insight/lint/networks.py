"""Rules about a network and its loss, for scripts and for models that are compiled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from .facts import CROSSENTROPIES, DISTANCES, Network, snake
from .rules import Hit

_SOFT = {"binary_crossentropy": "sigmoid", "categorical_crossentropy": "softmax",
         "sparse_categorical_crossentropy": "softmax"}  # fmt: skip
_PASSING = ("Dropout", "Flatten", "Reshape", "GaussianNoise", "AlphaDropout")
_NORMALIZING = ("BatchNormalization", "LayerNormalization", "GroupNormalization", "RMSNormalization")


def softmax_one_unit(net: Network) -> Iterator[Hit]:
    """Softmax over one unit."""
    if net.head == ("softmax", 1):
        yield Hit("softmax-one-unit", net.layers[-1].line or net.line, {})


def loss_and_head(net: Network) -> Iterator[Hit]:
    """A cross-entropy on an output that it is not made for."""
    activation, units = net.head
    if net.loss not in CROSSENTROPIES or activation == "?" or units is None:
        return
    fix = ""
    if net.loss != "binary_crossentropy" and units == 1 and activation != "softmax":
        fix = "Two classes need one sigmoid unit and binary_crossentropy, or two units and softmax."
    elif net.loss != "binary_crossentropy" and activation == "sigmoid":
        fix = "Use activation='softmax', or binary_crossentropy if several classes can be right at once."
    elif net.loss == "binary_crossentropy" and activation == "softmax" and units > 1:
        fix = "Use categorical_crossentropy (one-hot targets) or sparse_categorical_crossentropy (class numbers)."
    elif activation in ("relu", "tanh") and not net.from_logits:
        fix = f"Use activation='{_SOFT[net.loss]}'."
    if fix:
        head = f"{units} {activation or 'linear'} unit{'s' if units > 1 else ''}"
        yield Hit("loss-and-head", net.line, {"loss": net.loss, "head": head, "fix": fix})


def logits(net: Network) -> Iterator[Hit]:
    """A linear output taken for probabilities, or probabilities taken for logits."""
    activation, units = net.head
    if net.loss not in CROSSENTROPIES or (units == 1 and net.loss != "binary_crossentropy"):
        return
    if activation == "" and not net.from_logits:
        yield Hit("logits-missing", net.line, {"loss": net.loss, "activation": _SOFT[net.loss]})
    if activation in ("softmax", "sigmoid") and net.from_logits:
        yield Hit("from-logits-twice", net.line, {"activation": activation})


def softmax_twice(net: Network) -> Iterator[Hit]:
    """Two softmax layers, one after the other."""
    for first, second in pairwise(net.layers):
        if first.activation == "softmax" == second.activation and second.kind in ("Softmax", "Activation"):
            yield Hit("softmax-twice", second.line or net.line, {})


def metrics(net: Network) -> Iterator[Hit]:
    """Metrics that say nothing beside the loss."""
    for name in net.metrics:
        if snake(name) == net.loss:
            yield Hit("metric-repeats-loss", net.line, {"metric": name})
        if name in ("accuracy", "acc") and net.loss in DISTANCES and net.head[0] == "":
            yield Hit("accuracy-of-values", net.line, {"loss": net.loss})


def linear_layers(net: Network) -> Iterator[Hit]:
    """Dense layers without an activation between them; a narrow one before a wide one is meant as a bottleneck."""
    chain = [layer for layer in net.layers if layer.kind not in _PASSING]
    for first, second in pairwise(chain):
        plain = first.kind == "Dense" == second.kind and not first.activation
        if plain and first.units and second.units and first.units >= second.units:
            yield Hit("linear-layers", first.line or net.line, {"units": first.units})


def relu_output(net: Network) -> Iterator[Hit]:
    """A ReLU as the output of a regression."""
    if net.head[0] == "relu" and net.loss in DISTANCES:
        yield Hit("relu-output", net.layers[-1].line or net.line, {})


def no_bias(net: Network) -> Iterator[Hit]:
    """No bias anywhere."""
    dense = [layer for layer in net.layers if layer.kind == "Dense"]
    normalized = any(layer.kind in _NORMALIZING for layer in net.layers)
    bare = all(layer.arguments.get("use_bias") is False for layer in dense)
    if net.is_whole and len(dense) > 1 and bare and not normalized:
        yield Hit("no-bias", dense[0].line or net.line, {})


RULES_OF_NETWORKS: tuple[Callable[[Network], Iterator[Hit]], ...] = (
    softmax_one_unit, loss_and_head, logits, softmax_twice, metrics, linear_layers, relu_output, no_bias,
)  # fmt: skip
