"""Vocabularies in the files of Keras: text files beside the weights, one a layer, at the place that the layer has."""

from __future__ import annotations

from typing import Any

from ..layers.naming import snake_case
from .hdf5 import Hdf5


def with_vocabularies(config: Any, file: Hdf5, texts: dict[str, str], place: str = "") -> Any:
    """The description of a model, the vocabularies written into those of its layers.

    Args:
        config: as Keras writes it; file: with the weights of tokens ('tf_idf'); texts: the files by their place; place:
            of the model.
    """
    inner = config.get("config") if isinstance(config, dict) else None
    if not texts or not isinstance(inner, dict) or not isinstance(inner.get("layers"), list):
        return config
    counts: dict[str, int] = {}
    entries = []
    for entry in inner["layers"]:
        if ".ops." in f"{entry.get('module')}.":  # no layer: Keras does not count it
            entries.append(entry)
            continue
        name = snake_case(entry["class_name"])
        count = counts[name] = counts.get(name, -1) + 1
        here = f"{place}layers/{name}_{count}/" if count else f"{place}layers/{name}/"
        entries.append(_filled(with_vocabularies(entry, file, texts, here), file, texts, here))
    return {**config, "config": {**inner, "layers": entries}}


def _filled(entry: Any, file: Hdf5, texts: dict[str, str], here: str) -> Any:
    text = texts.get(f"{here}vocabulary.txt")
    if text is None or entry["config"].get("vocabulary") is not None:
        return entry
    weights = file.arrays.get(f"{here}vars/idf_weights")
    filled = {"vocabulary": text.split("\n"), "idf_weights": None if weights is None else weights.tolist()}
    return {**entry, "config": {**entry["config"], **filled}}
