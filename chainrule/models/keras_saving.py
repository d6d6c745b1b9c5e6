"""Models and weights written as Keras 3 writes them, so that it can load them: `.keras` and `.weights.h5`.

A `.keras` file is a zip:

    metadata.json      whose layout it is; what Keras has no place for: random generators, what is frozen
    config.json        architecture, shapes, arguments of compile, in Keras's words
    model.weights.h5   the weights, and the state of the optimizer, by the attributes that hold them
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import __version__
from ..errors import FileError
from .archive import FORMAT_AS_KERAS, check_format, to_json
from .hdf5 import Hdf5, write_hdf5
from .keras_config import translated
from .keras_description import described
from .keras_weights import holders, optimizer_arrays

LAYOUT = "3.15.1"  # the version of Keras whose files these are
_NOTES = ("name", "build", "frozen", "frozen_at_compile", "few_bits", "additions", "layers_built", "vocabularies")
_STATES = ("seeds", "shuffle")  # kinds of arrays that Keras has no place for


def keras_members(model: Any, config: dict[str, Any], tensors: dict[str, np.ndarray]) -> dict[str, bytes]:
    """The files that a `.keras` archive holds, by name.

    Args: model; config, tensors: what is known about it, as chainrule's own format has them.
    """
    metadata, description = parts(config, tensors)
    weights = write_hdf5(keras_weights(model, model.optimizer if "compile" in config else None))
    return {"metadata.json": to_json(metadata), "config.json": to_json(description), "model.weights.h5": weights}


def parts(config: dict[str, Any], tensors: dict[str, np.ndarray]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What chainrule notes about a model, and its description in Keras's words."""
    notes = {key: config[key] for key in _NOTES if key in config}
    notes["states"] = {key: a.tolist() for key, a in tensors.items() if key.startswith(_STATES)}
    metadata = {
        "format": FORMAT_AS_KERAS, "chainrule_version": __version__, "keras_version": LAYOUT, "chainrule": notes,
    }  # fmt: skip
    description = {"registered_name": None, **described(config["model"])}
    shapes = _shapes(config["build"])
    description |= {"build_config": {"input_shape": shapes}} if shapes is not None else {}
    description |= {"compile_config": described(config["compile"])} if "compile" in config else {}
    return metadata, description


def _shapes(built: Any) -> Any:
    """The shapes of the inputs, batch axis included."""
    if isinstance(built, dict) and "__shape__" in built:
        return built["__shape__"]
    if isinstance(built, dict):
        return {key: _shapes(value) for key, value in built.items()}
    return [_shapes(item) for item in built] if isinstance(built, list) else None


def keras_weights(model: Any, optimizer: Any = None, skipped: tuple[Any, ...] = ()) -> Hdf5:
    """The weights of a model, and the state of an optimizer, at the places where Keras looks for them."""
    content = Hdf5()
    for layer, place in holders(model):
        if any(layer is other for other in skipped):
            continue
        store: dict[str, Any] = {}
        layer.save_own_variables(store)
        _add(content, f"{place}vars", layer.name, store)
        content.arrays |= _token_weights(layer, place)
    if optimizer is not None and optimizer.built:
        numbered = {str(k): v.numpy() for k, v in enumerate(optimizer.variables)}
        _add(content, "optimizer/vars", optimizer.name, numbered)
    return content


def _add(content: Hdf5, group: str, name: str, arrays: dict[str, Any]) -> None:
    content.groups[group], content.attributes[group] = [], {"name": name}
    content.arrays |= {f"{group}/{key}": np.asarray(array) for key, array in arrays.items()}


def _token_weights(layer: Any, place: str) -> dict[str, np.ndarray]:
    """Weights of tokens ('tf_idf'), which Keras keeps apart from a vocabulary; those of text in two places."""
    lookup = getattr(layer, "_lookup", layer)
    weights = getattr(lookup, "_all_weights", None)
    if weights is None:
        return {}
    groups = [f"{place}vars"] + [f"{place}_lookup_layer/vars"] * (lookup is not layer)
    return {f"{group}/idf_weights": np.asarray(weights, "float32") for group in groups}


def own_content(
    config: dict[str, Any], metadata: Any, file: Hdf5, path: str
) -> tuple[dict[str, Any], dict[str, np.ndarray]] | None:
    """What chainrule knows of a model that it wrote in this layout, as its own format has it; None for other files.

    Args: config, metadata: of the file; file: its HDF5; path: for messages.
    """
    notes = metadata.get("chainrule") if isinstance(metadata, dict) else None
    if notes is None:
        return None
    check_format(metadata, path)
    if not isinstance(notes, dict) or not isinstance(notes.get("states"), dict):
        raise FileError(f"{path} is damaged: its metadata.json makes no sense.")
    own = {**notes, "model": translated(config)}
    if config.get("compile_config") is not None:
        own["compile"] = translated(config["compile_config"])
    tensors = {key: np.asarray(value, np.uint32) for key, value in notes["states"].items()}
    tensors |= {f"optimizer/{k:05d}:{k}": array for k, array in enumerate(optimizer_arrays(file))}
    return own, tensors
