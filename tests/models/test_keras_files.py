"""Files that Keras wrote: the same predictions, the same further training, and nothing that runs code."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers
from chainrule.errors import ArgumentError, FileError, ShapeError, UnsupportedError
from chainrule.ir.tree import flatten
from chainrule.models import load_model
from chainrule.models.keras_config import translated

h5py = pytest.importorskip("h5py")
GOLDEN = Path(__file__).parent.parent / "golden"
HOME = GOLDEN / "keras_files"
CASES = json.loads((GOLDEN / "keras_files.json").read_text(encoding="utf-8"))["cases"]
CLOSE = {"rtol": 1e-5, "atol": 2e-6}  # both sides compute in float32


def numbers(shape, seed):
    """Numbers of two digits between -1 and 1, as the script that made the files has them."""
    count = np.arange(np.prod(shape))
    return (((count * 7919 + seed * 104729) % 199 - 99) / 100).reshape(shape)


@pytest.fixture(autouse=True)
def classes():
    """The classes of the file `subclass.keras`."""

    class Block(layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units
            self.stack = [layers.Dense(units), [layers.Dense(units)]]
            self.named, self._hidden = {"x": layers.Dense(units)}, layers.Dense(units)

        def build(self, shape):
            self.scale = self.add_weight(shape=(self.units,), initializer="ones", name="scale")
            super().build(shape)

        def call(self, x):
            for layer in (self.stack[0], self.stack[1][0], self.named["x"], self._hidden):
                x = layer(x)
            return x * self.scale

    class Net(cr.Model):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units, self.block, self.head = units, Block(units), layers.Dense(2)

        def call(self, x):
            return self.head(self.block(x))

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    with cr.saving.custom_object_scope({"golden>Block": Block, "golden>Net": Net}):
        yield


def inputs_of(case):
    arrays = [np.array(a) for a in case["inputs"]]
    return arrays if len(arrays) > 1 else arrays[0]


def check(model, case):
    found = flatten(model.predict(inputs_of(case), verbose=0))
    close = {"atol": 2e-3} if case["file"].startswith("mixed") else CLOSE  # a float16 has 11 bits
    assert len(found) == len(case["expected"])
    for y, wanted in zip(found, case["expected"], strict=True):
        np.testing.assert_allclose(y, wanted, **close)


def test_mixed_precision_stays_mixed():
    first, second = load_model(HOME / "mixed.keras").layers
    assert (first.compute_dtype, first.variable_dtype, second.compute_dtype) == ("float16", "float32", "float32")


@pytest.mark.parametrize("case", [c for c in CASES if "weights" not in c["file"]], ids=lambda c: c["file"])
def test_whole_models(case):
    model = load_model(HOME / case["file"])
    check(model, case)
    if "later" in case:
        x = inputs_of(case)
        model.fit(x, numbers((len(x), 2), 9), batch_size=2, shuffle=False, verbose=0)
        np.testing.assert_allclose(model.predict(x, verbose=0), case["later"], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("case", [c for c in CASES if "weights" in c["file"]], ids=lambda c: c["file"])
def test_weights_alone(case):
    model = load_model(HOME / case["file"].replace("weights.h5", "keras"), compile=False)
    assert not model.compiled
    for weight in model.weights:
        weight.assign(np.full(weight.shape, 0.5))
    model.load_weights(HOME / case["file"])
    check(model, case)


def test_what_was_frozen_stays_frozen():
    assert [layer.trainable for layer in load_model(HOME / "images.keras").layers][:3] == [True, False, True]


def test_the_optimizer_goes_on():
    model = load_model(HOME / "functional.keras")
    assert int(model.optimizer.iterations) == 2
    assert model.optimizer.get_config()["learning_rate"]["class_name"] == "ExponentialDecay"
    assert [type(m).__name__ for m in model._compile_arguments["metrics"]][1:] == ["RootMeanSquaredError"]


def test_weights_for_another_model_change_nothing():
    model = cr.Sequential([cr.Input((4,)), layers.Dense(3), layers.Dense(5)])
    before = model.get_weights()
    with pytest.raises(ShapeError, match=r"expected shape \(3, 5\); the file has \(3, 2\)"):
        model.load_weights(HOME / "deferred.weights.h5")
    for a, b in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)
    with pytest.warns(UserWarning, match="read in part"):
        model.load_weights(HOME / "deferred.weights.h5", skip_mismatch=True)
    assert not np.array_equal(model.get_weights()[0], before[0])
    np.testing.assert_array_equal(model.get_weights()[2], before[2])


def test_weights_that_are_missing_are_named():
    model = cr.Sequential([cr.Input((4,)), layers.Dense(3), layers.Dense(2), layers.Dense(1)])
    with pytest.raises(ArgumentError, match="layers/dense_2/vars/0"):
        model.load_weights(HOME / "deferred.weights.h5")
    with pytest.raises(ArgumentError, match="expected 3 layers with weights; the file has 2"):
        model.load_weights(HOME / "deferred.h5")


def test_without_h5py_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(UnsupportedError, match=r"needs h5py: pip install 'chainrule\[keras\]'"):
        load_model(HOME / "deferred.keras")


def archive_with(config, weights, tmp_path):
    path = tmp_path / "made.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", '{"keras_version": "3.15.1"}')
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", weights)
    return path


def part_of(name, part):
    with zipfile.ZipFile(HOME / name) as archive:
        return archive.read(part)


def test_bytecode_is_never_run(tmp_path):
    config = json.loads(part_of("deferred.keras", "config.json"))
    evil = {"class_name": "__lambda__", "config": {"value": {"code": "AAAA", "defaults": None, "closure": None}}}
    layer = {"module": "keras.layers", "class_name": "Lambda", "registered_name": None,
             "config": {"name": "evil", "trainable": True, "function": evil, "arguments": {}}}  # fmt: skip
    config["config"]["layers"].append(layer)
    with pytest.raises(ArgumentError, match="Python bytecode, which is never run"):
        load_model(archive_with(config, part_of("deferred.keras", "model.weights.h5"), tmp_path))


def test_modules_that_the_file_names_are_not_imported(tmp_path):
    config = json.loads(part_of("deferred.keras", "config.json"))
    config["config"]["layers"].append({"module": "os", "class_name": "system", "config": {"command": "true"}})
    with pytest.raises(ArgumentError, match="'system' is not part of chainrule"):
        load_model(archive_with(config, part_of("deferred.keras", "model.weights.h5"), tmp_path))


@pytest.mark.parametrize("link", ["soft", "external", "outside"])
def test_links_are_not_followed(link, tmp_path):
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        if link == "outside":
            file.create_dataset("numbers", (4,), "f4", external=[("/etc/passwd", 0, 16)])
        else:
            file["here"] = h5py.SoftLink("/x") if link == "soft" else h5py.ExternalLink("/etc/passwd", "/x")
    path = tmp_path / "links.weights.h5"
    path.write_bytes(buffer.getvalue())
    model = cr.Sequential([cr.Input((4,)), layers.Dense(3)])
    with pytest.raises(FileError, match="never"):
        model.load_weights(path)


def test_what_is_compressed_beyond_reason_is_refused(tmp_path):
    path = tmp_path / "bomb.weights.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("layers/dense/vars/0", (4000, 4000), "f4", compression="gzip", fillvalue=0.0)
    model = cr.Sequential([cr.Input((4,)), layers.Dense(3)])
    with pytest.raises(FileError, match="too large"):
        model.load_weights(path)


@pytest.mark.parametrize("keep", [10, 600, 3000, -1])
def test_a_file_cut_off_is_a_clear_error(keep, tmp_path):
    path = tmp_path / "cut.h5"
    path.write_bytes((HOME / "deferred.h5").read_bytes()[:keep])
    with pytest.raises(FileError):
        load_model(path)


def test_weights_where_a_model_should_be():
    with pytest.raises(FileError, match="holds weights alone"):
        load_model(HOME / "deferred.weights.h5")


def test_calls_as_keras_2_wrote_them():
    """Calls were lists of [layer, call, result, arguments]; models inside counted their calls from 1."""
    dense = {"class_name": "Dense", "name": "d", "config": {"name": "d", "trainable": True, "units": 2},
             "inbound_nodes": [[["inner", 1, 0, {}]]]}  # fmt: skip
    inner = {
        "class_name": "Sequential",
        "name": "inner",
        "inbound_nodes": [[["x", 0, 0, {}]]],
        "config": {
            "name": "inner",
            "layers": [{"class_name": "Dense", "config": {"units": 3, "batch_input_shape": [None, 4]}}],
        },
    }
    start = {"class_name": "InputLayer", "name": "x", "config": {"name": "x", "batch_input_shape": [None, 4]},
             "inbound_nodes": []}  # fmt: skip
    both = {"class_name": "Add", "name": "a", "config": {"name": "a", "trainable": True},
            "inbound_nodes": [[["d", 0, 0, {}], ["d", 0, 0, {}]]]}  # fmt: skip
    config = {"name": "old", "layers": [start, inner, dense, both], "input_layers": [["x", 0, 0]],
              "output_layers": [["a", 0, 0]]}  # fmt: skip
    model = cr.saving.deserialize_keras_object(translated({"class_name": "Functional", "config": config}))
    kernels = [w.numpy() for w in model.weights if w.name == "kernel"]
    x = numbers((2, 4), 3)
    np.testing.assert_allclose(model.predict(x, verbose=0)[0], 2 * x @ kernels[0] @ kernels[1], rtol=1e-5)


def test_ops_that_are_not_there_are_named():
    entry = {"module": "keras.src.ops.numpy", "class_name": "Frobnicate", "name": "f", "config": {"name": "f"},
             "inbound_nodes": []}  # fmt: skip
    with pytest.raises(ArgumentError, match=r"uses ops\.frobnicate"):
        translated({"class_name": "Functional", "config": {"layers": [entry], "input_layers": [], "output_layers": []}})
