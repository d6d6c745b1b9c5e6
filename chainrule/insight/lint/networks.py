"""Rules about a network and its loss, for scripts and for models that are compiled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

from .facts import DISTANCES, Network, snake
from .rules import Hit
from .setups import Setup, check_setup

_PASSING = ("Dropout", "Flatten", "Reshape", "GaussianNoise", "AlphaDropout")
_NORMALIZING = ("BatchNormalization", "LayerNormalization", "GroupNormalization", "RMSNormalization")


def setup(net: Network) -> Iterator[Hit]:
    """An output and a loss that do not fit."""
    last = net.layers[-1].line if net.layers else 0
    for hit in check_setup(Setup(*net.head, net.loss, net.from_logits)):
        yield replace(hit, line=(last if hit.rule == "softmax-one-unit" else 0) or net.line)


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
    setup, softmax_twice, metrics, linear_layers, relu_output, no_bias,
)  # fmt: skip
