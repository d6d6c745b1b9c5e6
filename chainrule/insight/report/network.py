"""The network: its layers, what each computes, how many weights it has."""

from __future__ import annotations

from typing import Any

from ...tabular.network import kind_of
from .facts import Facts, Section
from .markup import Markup, join, table, tag
from .numbers import percent

_MOST = 30  # networks are listed


def network(facts: Facts) -> Section:
    """The section."""
    words, networks = facts.words, facts.fitted.model.networks
    weights = words.count(sum(n.count_params() for n in networks), "weight")
    several = words("network.several", networks=words.count(len(networks), "network"), weights=weights)
    text = several if len(networks) > 1 else words("network.one", weights=weights)
    return Section("network", words("network.title"), join([tag("p", text), _list(facts), _layers(facts, networks[0])]))


def _list(facts: Facts) -> Markup | None:
    """All networks, a line each: what kind, how wide, and how much each counts."""
    words, model = facts.words, facts.fitted.model
    if len(model.networks) < 2:
        return None
    kinds = [kind["preset"] for kind in facts.metrics.get("kinds", [])]
    only = kinds[0] if len(kinds) == 1 else facts.metrics["settings"]["preset"] if not kinds else ""
    rows = []
    for network, share in list(zip(model.networks, model.weights, strict=True))[:_MOST]:
        wide = [layer.units for layer in network.layers if hasattr(layer, "units")][:-1]
        rows.append([network.name, only or kind_of(network), "–".join(map(str, wide)), f"{network.count_params():,}",
                     percent(float(share) / float(sum(model.weights)))])  # fmt: skip
    head = [words(f"network.{name}") for name in ("name", "kind", "hidden", "weights", "share")]
    more = tag("p", f"… {len(model.networks):,}") if len(model.networks) > _MOST else None
    return join([table(head, rows, "tttnn"), more])


def _layers(facts: Facts, model: Any) -> Markup:
    words = facts.words
    rows = []
    for layer in model.layers:
        shape = getattr(getattr(layer, "output", None), "shape", None)
        width = "×".join(str(n) for n in shape[1:]) if shape else ""
        rows.append([layer.name, type(layer).__name__, width, f"{layer.count_params():,}"])
    head = [words(f"network.{name}") for name in ("layer", "kind", "shape", "weights")]
    title = words("network.structure", network=model.name)
    return tag("details", tag("summary", title), table(head, rows, "ttnn"), open="")
