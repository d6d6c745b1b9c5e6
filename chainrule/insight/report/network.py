"""The network: its layers, what each computes, how many weights it has."""

from __future__ import annotations

from typing import Any

from .facts import Facts, Section
from .markup import Markup, join, table, tag


def network(facts: Facts) -> Section:
    """The section."""
    words, networks = facts.words, facts.fitted.model.networks
    weights = words.count(sum(n.count_params() for n in networks), "weight")
    several = words("network.several", networks=words.count(len(networks), "network"), weights=weights)
    text = several if len(networks) > 1 else words("network.one", weights=weights)
    return Section("network", words("network.title"), join([tag("p", text), _layers(facts, networks[0])]))


def _layers(facts: Facts, model: Any) -> Markup:
    words = facts.words
    rows = []
    for layer in model.layers:
        shape = getattr(getattr(layer, "output", None), "shape", None)
        width = "×".join(str(n) for n in shape[1:]) if shape else ""
        rows.append([layer.name, type(layer).__name__, width, f"{layer.count_params():,}"])
    head = [words(f"network.{name}") for name in ("layer", "kind", "shape", "weights")]
    return tag("details", tag("summary", words("network.structure")), table(head, rows, "ttnn"), open="")
