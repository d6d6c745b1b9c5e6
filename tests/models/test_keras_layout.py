"""Files in Keras's layout have what Keras's own have (tests/golden/keras_layout.json), and come back as they were.

That Keras loads them and predicts the same was tried with Keras 3.15.1: docs/design/022.
"""

from __future__ import annotations

import importlib.util
import inspect
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers, ops
from chainrule.models import hdf5, load_model, model_from_json
from chainrule.models.keras_operations import operations
from chainrule.models.saving import write_model
from chainrule.ops import OPS

pytest.importorskip("h5py")
ROOT = Path(__file__).parents[2]
GOLDEN = json.loads((ROOT / "tests/golden/keras_layout.json").read_text())["cases"]
OPERATIONS = json.loads((ROOT / "tests/golden/operations.json").read_text())["operations"]
spec = importlib.util.spec_from_file_location("layout_models", ROOT / "scripts/golden/layout_models.py")
made_alike = importlib.util.module_from_spec(spec)
spec.loader.exec_module(made_alike)
# what only one of the two writes, always with a value that changes nothing
OF_ONE = {"quantization_config", "renorm", "renorm_clipping", "renorm_momentum", "rms_scaling", "activity_regularizer",
          "autocast", "build_config", "registered_name", "mask", "build_input_shape", "jit_compile", "run_eagerly",
          "steps_per_execution", "training"}  # fmt: skip


def written(name, path):
    cr.utils.clear_session()
    model = made_alike.MODELS[name](cr)
    if name in made_alike.COMPILED:
        model.compile(*made_alike.COMPILED[name])
        model.optimizer.build(model.trainable_variables)
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("config.json")), hdf5.read_hdf5(archive.read("model.weights.h5"), str(path))


def flat(value, place=(), names=None):
    """Every value with its place; without what only one side writes; automatic names as numbers."""
    names = names or {}
    if isinstance(value, dict) and value.get("class_name") == "DTypePolicy":
        value = value["config"]["name"]
    if isinstance(value, dict) and "input_layers" in (value.get("config") or ()):
        names = {**names, **{entry["name"]: k for k, entry in enumerate(value["config"]["layers"])}}
    if isinstance(value, dict) and value.get("class_name") == "Sequential":
        value = {**value, "config": {key: item for key, item in value["config"].items() if key != "dtype"}}
    if place[-1:] == ("axis",) and isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, (list, dict)):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return {k: v for key, item in items if key not in OF_ONE for k, v in flat(item, (*place, key), names).items()}
    if isinstance(value, float):
        value = float(np.float32(value))
    return {place: names.get(value, value)}


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case["model"])
def test_descriptions_are_those_of_keras(case, tmp_path):
    config, _ = written(case["model"], tmp_path / "m.keras")
    ours, theirs = flat(config), flat(case["config"])
    assert {k: (ours.get(k), theirs.get(k)) for k in {*ours, *theirs} if ours.get(k) != theirs.get(k)} == {}


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case["model"])
def test_arrays_are_where_keras_looks_for_them(case, tmp_path):
    _, file = written(case["model"], tmp_path / "m.keras")
    ours = {place: list(array.shape) for place, array in file.arrays.items()}
    ours |= dict.fromkeys(place for place in file.groups if place)
    theirs = {place: shape for place, shape in case["arrays"].items() if "_softmax" not in place}
    assert ours == theirs


@pytest.mark.parametrize("name", made_alike.MODELS)
@pytest.mark.parametrize("as_keras", [True, False])
def test_both_layouts_come_back(name, as_keras, tmp_path):
    model = made_alike.MODELS[name](cr)
    shapes = [(3, *(n or 2 for n in t.shape[1:])) for t in model.inputs]
    x = [np.random.default_rng(1).integers(0, 9, s).astype(t.dtype) for s, t in zip(shapes, model.inputs, strict=True)]
    x = {"a": x[0], "b": x[1]} if name == "graph" else x[0]
    write_model(model, tmp_path / "m.keras", True, as_keras)
    expected, found = model.predict(x, verbose=0), load_model(tmp_path / "m.keras").predict(x, verbose=0)
    for key in expected if isinstance(expected, dict) else [...]:
        np.testing.assert_array_equal(found[key], expected[key])
    again = model_from_json(model.to_json())
    assert [w.shape for w in again.weights] == [w.shape for w in model.weights]


def test_without_h5py_files_are_of_our_own_layout(tmp_path, monkeypatch):
    monkeypatch.setattr(hdf5, "is_available", lambda: False)
    model = made_alike.image(cr)
    model.save(tmp_path / "m.keras")
    model.save_weights(tmp_path / "m.weights.h5")
    with zipfile.ZipFile(tmp_path / "m.keras") as archive:
        assert sorted(archive.namelist()) == ["config.json", "metadata.json", "weights.safetensors"]
    assert not (tmp_path / "m.weights.h5").read_bytes().startswith(hdf5.SIGNATURE)
    again = load_model(tmp_path / "m.keras")
    again.load_weights(tmp_path / "m.weights.h5")
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), again.get_weights(), strict=True))


def test_weights_of_tokens_lie_where_keras_looks_for_them(tmp_path):
    vectors = layers.TextVectorization(output_mode="tf_idf", name="v")
    vectors.adapt(["a cat sat", "a dog sat"])
    text = cr.Input((1,), dtype="string")
    cr.Model(text, vectors(text)).save_weights(tmp_path / "m.weights.h5")
    arrays = hdf5.read_hdf5((tmp_path / "m.weights.h5").read_bytes(), "m").arrays
    # idf = log(1 + documents / (1 + those with the token)); unknown tokens have the mean
    known = np.log(1 + 2 / (1 + np.array([2, 2, 1, 1])))
    for place in ("layers/text_vectorization/vars", "layers/text_vectorization/_lookup_layer/vars"):
        found = arrays[f"{place}/idf_weights"]
        np.testing.assert_allclose(found, [known.mean(), *known], rtol=1e-6)


def test_names_of_ops_are_those_of_keras():
    """Each op of ours has the class, the settings and the arguments that Keras has."""
    theirs = {(o["module"], o["class"]): o for o in OPERATIONS}
    for name, (module, kind, settings) in operations().items():
        golden = theirs[module, kind]
        assert [s for s in golden["config"] if s != "rms_scaling"] == settings, name
        own = [p for p in inspect.signature(OPS[name]).parameters.values() if p.kind != p.VAR_KEYWORD]
        assert len([p for p in own if p.name not in settings]) == len(golden["call"]), name


def test_every_op_has_a_name_in_files():
    without = {name for name in OPS if name not in operations()}
    without -= {name for name in without if name.startswith(("losses.", "metrics."))}  # several ops in Keras
    of_functions = {"associative_scan", "cond", "fori_loop", "map", "scan", "switch", "vectorized_map", "while_loop"}
    assert without <= {"get_item", "extract_patches_3d"} | of_functions  # functions have no place in a file


def test_an_op_that_is_not_kept_by_keras_is_said():
    x = cr.Input((4, 4, 4, 1))
    model = cr.Model(x, ops.image.extract_patches_3d(x, 2))
    with pytest.warns(UserWarning, match=r"ops\.extract_patches_3d, which files of Keras have no name for"):
        model.to_json()


@pytest.mark.parametrize("name", ["RandomFlip", "TextVectorization", "Resizing"])
def test_layers_that_are_imported_late_are_found(name):
    """In a process in which nobody has used them."""
    code = f"""
from chainrule import models, serialization
print(serialization.get_registered_object({name!r}, None, "layers").__name__)
"""
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert said.strip() == name
