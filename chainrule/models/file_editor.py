"""`KerasFileEditor`: what a file of weights holds, object by object, compared with a model, changed, written again."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from ..errors import ArgumentError, UnknownNameError, did_you_mean, listed
from ..files import read_bytes, write_atomically
from .archive import read_model_bytes
from .hdf5 import Hdf5, read_hdf5, write_hdf5
from .keras_files import member_of, weights_in_archive
from .keras_saving import keras_weights

Weights = dict[str, Any]  # arrays and further objects by name


class KerasFileEditor:
    """Look into a file of weights, and change it: where layers of a model were renamed, added or taken away.

    Nothing is written before `save`, and the file itself stays as it is.

    Args:
        filepath: a `.keras` file (with weights in Keras's layout) or a `.weights.h5` file.

    Attributes: weights_dict: the objects and arrays by name, one in another: `{"layers": {"dense": {"0": kernel,
    "1": bias}}}`; object_metadata: what is noted of objects, by path; config, metadata: of a `.keras` file, else None.

    Raises: ArgumentError: another kind of file; FileError: it is missing or damaged; UnsupportedError: without h5py.

    Example:
    >>> import os, tempfile, chainrule
    >>> model = chainrule.Sequential([chainrule.Input((2,)), chainrule.layers.Dense(1, name="a")])
    >>> path = os.path.join(tempfile.mkdtemp(), "model.weights.h5")
    >>> model.save_weights(path)
    >>> editor = KerasFileEditor(path)
    >>> editor.summary()
    layers
      dense ('a')
        0: shape=(2, 1), dtype=float32
        1: shape=(1,), dtype=float32
    >>> editor.rename_object("dense", "dense_1")
    >>> editor.compare(model)["error_count"]
    layers/dense: in the model, not in the file
    layers/dense_1: in the file, not in the model
    2
    """

    def __init__(self, filepath: Any) -> None:
        self.filepath = os.fspath(filepath)
        self.config: Any = None
        self.metadata: Any = None
        if self.filepath.endswith(".keras"):
            data = read_model_bytes(self.filepath)
            self.config, self.metadata = (
                json.loads(member_of(data, name, self.filepath)) for name in ("config.json", "metadata.json")
            )
            content = weights_in_archive(data, self.filepath)
        elif self.filepath.endswith(".weights.h5"):
            content = read_hdf5(read_bytes(self.filepath), self.filepath)
        else:
            raise ArgumentError(f"KerasFileEditor: expected a .keras or .weights.h5 file; got {self.filepath!r}.")
        self.weights_dict = _nested(content)
        self.object_metadata = {_object(place): notes for place, notes in content.attributes.items() if notes}

    def summary(self) -> None:
        """Print the objects with their arrays."""
        for path, found in _every(self.weights_dict):
            name = self.object_metadata.get(path, {}).get("name")
            what = (f" ({name!r})" if name else "") if isinstance(found, dict) else (
                f": shape={tuple(found.shape)}, dtype={found.dtype}")  # fmt: skip
            print("  " * path.count("/") + path.rpartition("/")[2] + what)

    def compare(self, reference_model: Any) -> dict[str, Any]:
        """Print how the file and a model differ.

        Args: reference_model: built.
        Returns: 'status': 'success' or 'error'; 'error_count': how many objects and arrays are missing on one side, or
            have other shapes; 'match_count': how many arrays fit.
        """
        differences: list[str] = []
        matches = _compare(self.weights_dict, _nested(keras_weights(reference_model)), "", differences)
        for line in differences:
            print(line)
        status = "error" if differences else "success"
        return {"status": status, "error_count": len(differences), "match_count": matches}

    def rename_object(self, object_name: str, new_name: str) -> None:
        """Give an object another name.

        Args: object_name: its name, if there is only one of it, or its path ('layers/dense_2'); new_name: no path.
        Raises: ArgumentError: there is no such object, or several; the new name is a path or taken.
        """
        if "/" in new_name:
            raise ArgumentError(f"rename_object: expected new_name to be a name, not a path; got {new_name!r}.")

        def rename(objects: Weights, name: str) -> None:
            if new_name in objects:
                raise ArgumentError(f"rename_object: there is a {new_name!r} beside {object_name!r} already.")
            items = [(new_name if key == name else key, value) for key, value in objects.items()]
            objects.clear()
            objects.update(items)

        self._edit(object_name, rename)

    def delete_object(self, object_name: str) -> None:
        """Take an object out. Args: object_name: name or path, as of `rename_object`."""
        self._edit(object_name, lambda objects, name: objects.pop(name))

    def add_object(self, object_path: str, weights: Mapping[str, Any]) -> None:
        """Put in a new object.

        Args: object_path: the whole path, 'layers/dense_2'; weights: arrays by name, `{"0": kernel, "1": bias}`.
        Raises: ArgumentError: what it is to be in does not exist.
        """
        *above, name = object_path.split("/")
        objects = self.weights_dict
        for depth, key in enumerate(above):
            if not isinstance(objects.get(key), dict):
                raise UnknownNameError(f"path {'/'.join(above[: depth + 1])!r} not found in {self.filepath}.")
            objects = objects[key]
        objects[name] = _arrays(weights)

    def delete_weight(self, object_name: str, weight_name: str) -> None:
        """Take an array out of an object. Args: object_name: name or path; weight_name: mostly '0', '1', ..."""

        def delete(objects: Weights, name: str) -> None:
            if weight_name not in objects[name]:
                raise UnknownNameError(
                    f"weight {weight_name!r} not found in object {object_name!r}; it has {listed(list(objects[name]))}."
                )
            del objects[name][weight_name]

        self._edit(object_name, delete)

    def add_weights(self, object_name: str, weights: Mapping[str, Any]) -> None:
        """Put arrays into an object. Args: object_name: name or path; weights: arrays by name."""
        self._edit(object_name, lambda objects, name: objects[name].update(_arrays(weights)))

    def save(self, filepath: Any) -> None:
        """Write what there is now. Args: filepath: ends in `.weights.h5`; a file of that name is replaced."""
        path = os.fspath(filepath)
        if not path.endswith(".weights.h5"):
            raise ArgumentError(f"save: expected a name that ends in .weights.h5; got {path!r}.")
        content = Hdf5()
        for place, found in _every(self.weights_dict):
            above, _, name = place.rpartition("/")
            if not isinstance(found, dict):
                group = f"{above}/vars".lstrip("/")
                content.groups.setdefault(group, [])
                content.attributes.setdefault(group, self.object_metadata.get(above, {}))
                content.arrays[f"{group}/{name}"] = np.asarray(found)
        write_atomically(path, write_hdf5(content))

    def resave_weights(self, filepath: Any) -> None:
        """The same as `save`."""
        self.save(filepath)

    def _edit(self, object_name: str, edit: Callable[[Weights, str], Any]) -> None:
        """Do something with the one object of a name or path: `edit(what it is in, its name)`."""
        objects = [path for path, found in _every(self.weights_dict) if isinstance(found, dict)]
        whole = "/" in object_name
        meant = [path for path in objects if object_name in ((path,) if whole else (path, path.rpartition("/")[2]))]
        if len(meant) > 1:
            raise ArgumentError(f"name {object_name!r} occurs more than once: {listed(meant)}; give the whole path.")
        if not meant:
            names = objects if whole else [path.rpartition("/")[2] for path in objects]
            hint = did_you_mean(object_name, names)
            raise UnknownNameError(f"{'path' if whole else 'name'} {object_name!r} not found in {self.filepath}.{hint}")
        *above, name = meant[0].split("/")
        inside = self.weights_dict
        for key in above:
            inside = inside[key]
        edit(inside, name)


def _object(place: str) -> str:
    """The path of the object that a group belongs to: arrays lie in its group 'vars'."""
    return "" if place == "vars" else place.removesuffix("/vars")


def _nested(content: Hdf5) -> Weights:
    """Objects and arrays by name, one in another; objects that hold nothing are left out."""
    root: Weights = {}
    for place, array in content.arrays.items():
        above, _, name = place.rpartition("/")
        inside = root
        for key in filter(None, _object(above).split("/")):
            inside = inside.setdefault(key, {})
        inside[name] = array
    return root


def _every(objects: Weights, above: str = "") -> Iterator[tuple[str, Any]]:
    """All objects and arrays with their paths."""
    for name, found in objects.items():
        path = f"{above}/{name}".lstrip("/")
        yield path, found
        if isinstance(found, dict):
            yield from _every(found, path)


def _compare(file: Weights, model: Weights, above: str, differences: list[str]) -> int:
    """Note what differs; returns how many arrays fit."""
    matches = 0
    for name in {**model, **file}:
        path = f"{above}/{name}".lstrip("/")
        ours, theirs = file.get(name), model.get(name)
        if ours is None or theirs is None:
            differences.append(f"{path}: in the {'model' if ours is None else 'file'}, "
                               f"not in the {'file' if ours is None else 'model'}")  # fmt: skip
        elif isinstance(ours, dict) != isinstance(theirs, dict):
            differences.append(f"{path}: an array on one side, an object on the other")
        elif isinstance(ours, dict):
            matches += _compare(ours, theirs, path, differences)
        elif ours.shape != theirs.shape:
            differences.append(f"{path}: shape {theirs.shape} in the model, {ours.shape} in the file")
        else:
            matches += 1
    return matches


def _arrays(weights: Any) -> Weights:
    if not isinstance(weights, Mapping):
        raise ArgumentError(f"expected weights to be a dict of arrays by name ('0', '1', ...); got {type(weights)}.")
    return {str(key): np.asarray(value) for key, value in weights.items()}
