"""What is in the files that Keras writes: tests/golden/keras_layout.json."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import h5py
from common import keras, write
from layout_models import COMPILED, MODELS


def parts(name: str) -> dict[str, Any]:
    """The description of a model, and the places of its arrays with their shapes."""
    model = MODELS[name](keras)
    if name in COMPILED:
        optimizer, loss = COMPILED[name]
        model.compile(optimizer, loss)
        model.optimizer.build(model.trainable_variables)
    path = Path(tempfile.mkdtemp()) / "m.keras"
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        config = json.loads(archive.read("config.json"))
        file = h5py.File(io.BytesIO(archive.read("model.weights.h5")))
    arrays: dict[str, Any] = {}
    file.visititems(lambda place, item: arrays.update({place: list(getattr(item, "shape", ())) or None}))
    arrays |= {place: [] for place in arrays if isinstance(file[place], h5py.Dataset) and file[place].shape == ()}
    return {"model": name, "config": without_addresses(config), "arrays": dict(sorted(arrays.items()))}


def without_addresses(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_addresses(item) for key, item in value.items() if key != "shared_object_id"}
    return [without_addresses(item) for item in value] if isinstance(value, list) else value


if __name__ == "__main__":
    write(
        "keras_layout.json",
        "the models of scripts/golden/layout_models.py: config.json, and each path in model.weights.h5 with the shape "
        "of its array (null: a group)",
        cases=[parts(name) for name in MODELS],
    )
