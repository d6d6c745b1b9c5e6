"""`.h5` in the layout of Keras 2, weights in several files, models as folders."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers
from chainrule.errors import ArgumentError, FileError, UnsupportedError
from chainrule.files import write_folder
from chainrule.models import load_model
from chainrule.models.hdf5 import read_hdf5

pytest.importorskip("h5py")
HOME = Path(__file__).parent.parent / "golden" / "keras_files"
X = np.random.default_rng(0).normal(size=(32, 4)).astype("float32")
Y = X.sum(1, keepdims=True)


def small(**kwargs):
    """A compiled model of two layers, one epoch old."""
    model = cr.Sequential([cr.Input((4,)), layers.Dense(3, name="a"), layers.Dropout(0.3), layers.Dense(1, name="b")])
    model.compile(**{"optimizer": "adam", "loss": "mse", "metrics": ["mae"], **kwargs})
    model.fit(X, Y, verbose=0)
    return model


def equal(first, second):
    return all(np.array_equal(a, b) for a, b in zip(first.get_weights(), second.get_weights(), strict=True))


@pytest.mark.parametrize("name", ["deferred", "functional", "images", "nested"])
def test_a_file_of_keras_is_written_again_as_keras_wrote_it(name, tmp_path):
    before = read_hdf5((HOME / f"{name}.h5").read_bytes(), name)
    model = load_model(HOME / f"{name}.h5")
    model.save(tmp_path / "m.h5")
    after = read_hdf5((tmp_path / "m.h5").read_bytes(), name)
    assert set(before.groups["model_weights"]) == set(after.groups["model_weights"])
    assert list(before.attributes["model_weights"]["layer_names"]) == after.attributes["model_weights"]["layer_names"]
    for layer in before.attributes["model_weights"]["layer_names"]:
        place = f"model_weights/{layer}"
        old, new = (file.attributes[place]["weight_names"] for file in (before, after))
        assert len(old) == len(new)
        for a, b in zip(old, new, strict=True):
            assert np.array_equal(before.arrays[f"{place}/{a}"], after.arrays[f"{place}/{b}"])
    assert set(before.attributes[""]) == set(after.attributes[""]) - {"chainrule"}
    for key in ("model_config", "training_config"):
        if key in before.attributes[""]:
            old, new = (json.loads(file.attributes[""][key]) for file in (before, after))
            assert set(old) <= {*new, "run_eagerly", "steps_per_execution", "jit_compile"}
            assert old.get("class_name") == new.get("class_name")


def test_training_goes_on_bit_for_bit(tmp_path):
    model = small()
    model.save(tmp_path / "m.h5")
    again = load_model(tmp_path / "m.h5")
    for one in (model, again):
        one.fit(X, Y, epochs=2, verbose=0)
    assert equal(model, again)
    assert model.history.history == again.history.history
    with pytest.raises(FileError, match="exists already"):
        model.save(tmp_path / "m.h5", overwrite=False)
    model.save(tmp_path / "m.h5", include_optimizer=False)
    assert not load_model(tmp_path / "m.h5").compiled


def test_weights_alone_by_order_and_by_name(tmp_path):
    model, other = small(), small()
    model.save_weights(tmp_path / "w.h5")
    assert not equal(model, other)
    other.load_weights(tmp_path / "w.h5")
    assert equal(model, other)
    deeper = cr.Sequential([cr.Input((4,)), layers.Dense(4, name="new"), layers.Dense(3, name="a")])
    kept = deeper.layers[0].kernel.numpy()
    deeper.load_weights(tmp_path / "w.h5", by_name=True)
    assert np.array_equal(deeper.layers[1].kernel, model.layers[0].kernel)
    assert np.array_equal(deeper.layers[0].kernel, kept)
    model.save_weights(tmp_path / "w.weights.h5")
    with pytest.raises(ArgumentError, match="by_name needs an older"):
        deeper.load_weights(tmp_path / "w.weights.h5", by_name=True)
    wrong = cr.Sequential([cr.Input((4,)), layers.Dense(3, name="a", use_bias=False)])
    with pytest.raises(ArgumentError, match="expected 1 arrays for layer 'a'; the file has 2"):
        wrong.load_weights(tmp_path / "w.h5", by_name=True)


def test_some_objects_keep_what_they_have(tmp_path):
    model, other = small(), small()
    model.save_weights(tmp_path / "w.weights.h5")
    kept = other.layers[0].kernel.numpy()
    other.load_weights(tmp_path / "w.weights.h5", objects_to_skip=[other.layers[0].kernel, other.layers[1]])
    assert np.array_equal(other.layers[0].kernel, kept)
    assert np.array_equal(other.layers[2].kernel, model.layers[2].kernel)
    model.save_weights(tmp_path / "w.weights.h5", objects_to_skip=[model.layers[0]])
    assert "layers/dense/vars/0" not in read_hdf5((tmp_path / "w.weights.h5").read_bytes(), "w").arrays
    other.load_weights(tmp_path / "w.weights.h5", objects_to_skip=[other.layers[0]])
    assert np.array_equal(other.layers[0].kernel, kept)
    with pytest.raises(ArgumentError, match="expected an array 'layers/dense/vars/0'"):
        other.load_weights(tmp_path / "w.weights.h5")
    with pytest.raises(ArgumentError, match="expected layers and Variables"):
        other.load_weights(tmp_path / "w.weights.h5", objects_to_skip=["a"])


def test_weights_in_several_files(tmp_path):
    model, other = small(), small()
    model.save_weights(tmp_path / "w.weights.json", max_shard_size=60 / 1024**3)
    assert sorted(os.listdir(tmp_path)) == ["w.weights.json", "w_00000.weights.h5", "w_00001.weights.h5"]
    places = json.loads((tmp_path / "w.weights.json").read_text())
    total = sum(v.numpy().nbytes for v in model.weights)
    assert places["metadata"]["total_size"] == total
    assert places["weight_map"]["/layers/dense_1/vars"] == "w_00001.weights.h5"
    other.load_weights(tmp_path / "w.weights.json")
    assert equal(model, other)
    places["weight_map"]["/layers/dense/vars"] = "../w_00000.weights.h5"
    (tmp_path / "w.weights.json").write_text(json.dumps(places))
    with pytest.raises(FileError, match="lies in another folder"):
        other.load_weights(tmp_path / "w.weights.json")
    with pytest.raises(ArgumentError, match=r"ends in .weights.json"):
        model.save_weights(tmp_path / "w.weights.h5", max_shard_size=1)


def test_the_weights_of_the_model_itself(tmp_path):
    @cr.saving.register_keras_serializable("older")
    class Scaled(cr.Model):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.dense = layers.Dense(2)
            self.factor = self.add_weight(shape=(2,), initializer="ones", name="factor")

        def call(self, x):
            return self.dense(x) * self.factor

    model = Scaled()
    model.predict(X, verbose=0)
    model.factor.assign([2.0, 3.0])
    model.save(tmp_path / "m.h5")
    assert equal(load_model(tmp_path / "m.h5"), model)


def test_a_model_as_a_folder(tmp_path):
    model = small()
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "old").write_text("x")
    model.save(tmp_path / "m", zipped=False)
    assert sorted(os.listdir(tmp_path)) == ["m"]
    assert sorted(os.listdir(tmp_path / "m")) == ["config.json", "metadata.json", "model.weights.h5"]
    assert equal(load_model(tmp_path / "m"), model)
    with pytest.raises(FileError, match="exists already"):
        model.save(tmp_path / "m", overwrite=False, zipped=False)
    with pytest.raises(ArgumentError, match="should not end in"):
        model.save(tmp_path / "m.keras", zipped=False)
    (tmp_path / "saved_model.pb").write_text("")
    with pytest.raises(UnsupportedError, match="SavedModel, which only TensorFlow can run"):
        load_model(tmp_path)


def test_a_folder_is_whole_or_as_before(tmp_path, monkeypatch):
    target = tmp_path / "things"
    write_folder(target, {"a": b"1"})
    with pytest.raises(FileError, match="cannot write"):
        write_folder(target, {"a": b"2", "no/such/folder": b"3"})
    assert (target / "a").read_bytes() == b"1"
    assert os.listdir(tmp_path) == ["things"]


def test_layers_that_were_built_before_a_model_without_inputs(tmp_path):
    first, second = layers.Dense(3), layers.Dense(2)
    first.build((None, 4))
    second(np.ones((1, 3), "float32"))
    model = cr.Sequential([first, second])
    wanted = [w.copy() for w in model.get_weights()]
    assert len(wanted) == 4
    for name in ("m.keras", "m.h5", "folder"):
        model.save(tmp_path / name, zipped=name != "folder")
        assert all(np.array_equal(a, b) for a, b in zip(wanted, load_model(tmp_path / name).get_weights(), strict=True))
