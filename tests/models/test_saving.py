"""Models in files: what comes back is what was saved."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers, ops
from chainrule.errors import ArgumentError, NotBuiltError, ShapeError
from chainrule.models import clone_model, load_model, model_from_json

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 4)).astype("float32")
Y = (X[:, 0] - X[:, 1] > 0).astype("int32")
REAL = X[:, 1] * 2


def same(one, other):
    a, b = ([np.asarray(w) for w in m.get_weights()] for m in (one, other))
    return len(a) == len(b) and all(p.dtype == q.dtype and np.array_equal(p, q) for p, q in zip(a, b, strict=True))


@cr.saving.register_keras_serializable()
class Twice(layers.Layer):
    def __init__(self, factor=2.0, inner=None, **kwargs):
        super().__init__(**kwargs)
        self.factor, self.inner = factor, inner

    def call(self, inputs):
        outputs = inputs * self.factor
        return outputs if self.inner is None else self.inner(outputs)


@cr.saving.register_keras_serializable(package="mine")
class Registered(cr.Model):
    def __init__(self, units=3, activation="tanh"):
        super().__init__()
        self.units, self.activation = units, activation
        self.hidden = layers.Dense(units, activation=activation)
        self.drop = layers.Dropout(0.3)
        self.out = layers.Dense(1, activation="sigmoid")

    def call(self, inputs):
        return self.out(self.drop(self.hidden(inputs)))


class Unregistered(cr.Model):
    def __init__(self, units=3, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.dense, self.out = layers.Dense(units), layers.Dense(1, activation="sigmoid")

    def call(self, inputs):
        return self.out(self.dense(inputs))

    def get_config(self):
        return {"units": self.units, "name": self.name}


def sequential():
    return cr.Sequential([
        cr.Input((4,)), layers.Dense(5, activation="relu", kernel_regularizer="l2"), layers.BatchNormalization(),
        layers.Dropout(0.3), layers.Dense(1, activation="sigmoid"),
    ])  # fmt: skip


def functional():
    x = cr.Input((4,), name="x")
    shared = layers.Dense(4, activation="tanh", name="shared")
    h = shared(x) + shared(x * 2.0)
    h = ops.concatenate([h[:, :2], Twice(3.0)(h), layers.Dropout(0.2)(x)], axis=-1)
    return cr.Model(x, layers.Dense(1, activation="sigmoid")(ops.where(h > 0, h, 0.1 * h)), name="drawn")


def several():
    a, b = cr.Input((4,), name="a"), cr.Input((2,), name="b")
    h = layers.Concatenate()([a, b])
    return cr.Model({"a": a, "b": b}, [layers.Dense(1, name="flag", activation="sigmoid")(h), layers.Dense(2)(h)])


def nested():
    inner = cr.Sequential([cr.Input((4,)), layers.Dense(3), Twice(inner=layers.Dense(3))], name="inner")
    x = cr.Input((4,))
    return cr.Model(x, layers.Dense(1, activation="sigmoid")(inner(x)))


def lazy():
    model = cr.Sequential([layers.Dense(3), layers.Dense(1, activation="sigmoid")])
    model(X[:1])
    return model


MAKERS = {f.__name__: f for f in (sequential, functional, nested, lazy, Registered)}


@pytest.mark.parametrize("name", MAKERS)
def test_whole_models_come_back_and_go_on_bit_for_bit(tmp_path, name):
    """Weights, predictions, and further training (optimizer, random generators, order of rows) are the same."""
    model = MAKERS[name]()
    model.compile(cr.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy", cr.metrics.AUC(name="area")])
    model.fit(X, Y, batch_size=6, epochs=2, verbose=0)
    model.save(tmp_path / "m.keras")
    loaded = load_model(tmp_path / "m.keras")
    assert type(loaded) is type(model) and loaded.name == model.name and same(model, loaded)
    np.testing.assert_array_equal(model.predict(X, verbose=0), loaded.predict(X, verbose=0))
    assert model.evaluate(X, Y, verbose=0) == loaded.evaluate(X, Y, verbose=0)
    assert loaded.optimizer.get_config() == model.optimizer.get_config()
    assert int(loaded.optimizer.iterations) == 8
    one, two = (m.fit(X, Y, batch_size=6, epochs=3, verbose=0, validation_split=0.2) for m in (model, loaded))
    assert one.history == two.history and same(model, loaded)


@pytest.mark.parametrize("name", MAKERS)
def test_the_same_model_gives_the_same_bytes(tmp_path, name):
    model = MAKERS[name]()
    model.compile("adam", "mse")
    model.fit(X, REAL, verbose=0)
    model.save(tmp_path / "a.keras")
    model.save(tmp_path / "b.keras")
    load_model(tmp_path / "a.keras").save(tmp_path / "c.keras")
    assert (tmp_path / "a.keras").read_bytes() == (tmp_path / "b.keras").read_bytes()
    if name != "Registered":  # whose layers get new names each time
        assert (tmp_path / "a.keras").read_bytes() == (tmp_path / "c.keras").read_bytes()


def test_models_with_several_inputs_and_outputs(tmp_path):
    model = several()
    model.compile("sgd", {"flag": "binary_crossentropy"}, loss_weights={"flag": 2.0}, metrics={"flag": ["accuracy"]})
    model.fit({"a": X, "b": X[:, :2]}, {"flag": Y}, verbose=0)
    model.save(tmp_path / "m.keras")
    loaded = load_model(tmp_path / "m.keras")
    for p, q in zip(*(m.predict({"a": X, "b": X[:, :2]}, verbose=0) for m in (model, loaded)), strict=True):
        np.testing.assert_array_equal(p, q)
    one, two = (m.evaluate({"a": X, "b": X[:, :2]}, {"flag": Y}, verbose=0, return_dict=True) for m in (model, loaded))
    assert one == two


def test_not_compiled_and_compile_false(tmp_path):
    model = sequential()
    model.save(tmp_path / "a.keras")
    loaded = load_model(tmp_path / "a.keras")
    assert not loaded.compiled and same(model, loaded)
    model.compile("adam", "mse")
    model.fit(X, REAL, verbose=0)
    model.save(tmp_path / "b.keras")
    assert not load_model(tmp_path / "b.keras", compile=False).compiled


def test_frozen_layers_stay_frozen(tmp_path):
    for model, part in ((Registered(), "hidden"), (sequential(), None)):
        model(X)
        frozen = getattr(model, part) if part else model.layers[0]
        frozen.trainable = False
        model.compile("adam", "mse")
        model.fit(X, REAL, verbose=0)
        model.save(tmp_path / "m.keras")
        loaded = load_model(tmp_path / "m.keras")
        assert len(loaded.trainable_variables) == len(model.trainable_variables) < len(model.weights) + 0
        before = frozen.get_weights()
        loaded.fit(X, REAL, verbose=0)
        again = getattr(loaded, part) if part else loaded.layers[0]
        for a, b in zip(before, again.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)


def test_learning_rates_and_schedules_come_back(tmp_path):
    schedule = cr.optimizers.schedules.ExponentialDecay(0.5, 2, 0.7)
    for rate, changed in ((0.1, 0.025), (schedule, None)):
        model = cr.Sequential([cr.Input((4,)), layers.Dense(1)])
        model.compile(cr.optimizers.SGD(rate, momentum=0.9), "mse")
        model.fit(X, REAL, epochs=3, verbose=0)
        if changed:
            model.optimizer.learning_rate = changed
        model.save(tmp_path / "m.keras")
        loaded = load_model(tmp_path / "m.keras")
        assert float(loaded.optimizer.learning_rate) == float(model.optimizer.learning_rate)
        model.fit(X, REAL, verbose=0)
        loaded.fit(X, REAL, verbose=0)
        assert same(model, loaded)


def test_custom_objects_of_all_kinds(tmp_path):
    def wide(x):
        return ops.tanh(x) * 2

    def own_loss(y_true, y_pred):
        return ops.mean(ops.square(y_true - y_pred), axis=-1)

    model = Unregistered(units=2, name="net")
    model.compile("adam", own_loss, metrics=[own_loss])
    model.fit(X, REAL, verbose=0)
    model.save(tmp_path / "m.keras")
    with pytest.raises(ArgumentError, match=r"'Unregistered' is not part of chainrule and not regi.*custom_objects"):
        load_model(tmp_path / "m.keras")
    with pytest.raises(ArgumentError, match="'own_loss' is not part"):
        load_model(tmp_path / "m.keras", custom_objects={"Unregistered": Unregistered})
    loaded = load_model(tmp_path / "m.keras", custom_objects={"Unregistered": Unregistered, "own_loss": own_loss})
    assert loaded.units == 2 and loaded.name == "net" and same(model, loaded) and loaded.loss is own_loss
    assert load_model(tmp_path / "m.keras", custom_objects={"Unregistered": Unregistered}, compile=False).units == 2
    curved = cr.Sequential([cr.Input((4,)), layers.Dense(2, activation=wide)])
    curved.save(tmp_path / "w.keras")
    with pytest.raises(ArgumentError, match="'wide'"):
        load_model(tmp_path / "w.keras")
    with cr.saving.custom_object_scope({"wide": wide}):
        again = load_model(tmp_path / "w.keras")
    np.testing.assert_array_equal(again.predict(X, verbose=0), curved.predict(X, verbose=0))


def test_a_lambda_as_loss_is_left_out_with_a_warning(tmp_path):
    model = cr.Sequential([cr.Input((4,)), layers.Dense(1)])
    model.compile("sgd", lambda t, p: ops.square(t - p))
    with pytest.warns(UserWarning, match="'loss' holds a lambda, which cannot be saved"):
        model.save(tmp_path / "m.keras")
    assert load_model(tmp_path / "m.keras").loss is None


def test_an_argument_that_is_not_kept_says_which(tmp_path):
    class Careless(cr.Model):
        def __init__(self, units):
            super().__init__()
            self.dense = layers.Dense(units)

        def call(self, inputs):
            return self.dense(inputs)

    class CarelessLayer(layers.Layer):
        def __init__(self, rate, **kwargs):
            super().__init__(**kwargs)

        def call(self, inputs):
            return inputs

    for model in (Careless(np.int64(3)), cr.Sequential([cr.Input((4,)), CarelessLayer(np.ones(2))])):
        with pytest.raises(NotImplementedError, match=r"argument '(units|rate)' is not kept as .*Define get_config"):
            model.save(tmp_path / "m.keras")
    assert os.listdir(tmp_path) == []


def test_a_model_with_a_compile_of_its_own(tmp_path):
    @cr.saving.register_keras_serializable()
    class Own(cr.Sequential):
        def compile(self, rate):
            super().compile(cr.optimizers.SGD(rate), "mse")

    model = Own([cr.Input((4,)), layers.Dense(1)])
    model.compile(0.1)
    model.fit(X, REAL, verbose=0)
    model.save(tmp_path / "m.keras")
    with pytest.warns(UserWarning, match="compile.. of its own"):
        loaded = load_model(tmp_path / "m.keras")
    assert not loaded.compiled and same(model, loaded)


SCRIPT = """
import sys, numpy as np
from chainrule.models import load_model
model = load_model(sys.argv[1])
print(model.predict(np.arange(8, dtype="float32").reshape(2, 4), verbose=0).tolist())
"""


def test_a_file_is_read_in_another_process(tmp_path):
    model = sequential()
    model.compile("adam", "mse")
    model.fit(X, REAL, verbose=0)
    model.save(tmp_path / "m.keras")
    environment = {**os.environ, "PYTHONPATH": str(Path(cr.__file__).parents[1])}
    said = subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path / "m.keras")], env=environment, check=True,
                          capture_output=True, text=True).stdout  # fmt: skip
    expected = model.predict(np.arange(8, dtype="float32").reshape(2, 4), verbose=0)
    assert json.loads(said) == expected.tolist()


def test_what_is_in_a_file(tmp_path):
    model = sequential()
    model.compile("adam", "mse")
    model.fit(X, REAL, verbose=0)
    model.save(tmp_path / "m.keras")
    with zipfile.ZipFile(tmp_path / "m.keras") as archive:
        assert sorted(archive.namelist()) == ["config.json", "metadata.json", "model.weights.h5"]
        config = json.loads(archive.read("config.json"))
        assert json.loads(archive.read("metadata.json"))["format"] == 2
    assert config["class_name"] == "Sequential" and config["compile_config"]["loss"] == "mse"


# weights alone


def test_weights_alone(tmp_path):
    model, other = sequential(), sequential()
    model.compile("sgd", "mse")
    model.fit(X, REAL, verbose=0)
    for name in ("w.weights.h5", "w.safetensors", "anything"):
        model.save_weights(tmp_path / name)
        other.load_weights(tmp_path / name)
        assert same(model, other)
    model.save(tmp_path / "whole.keras")
    third = sequential()
    third.load_weights(tmp_path / "whole.keras")
    assert same(model, third)


def test_weights_go_by_their_order_not_by_names(tmp_path):
    cr.utils.clear_session()
    last = layers.Dense(4)  # is named before the first
    model = cr.Sequential([cr.Input((4,)), layers.Dense(4), last])
    model.save_weights(tmp_path / "w")
    cr.utils.clear_session()
    again = cr.Sequential([cr.Input((4,)), layers.Dense(4), layers.Dense(4)])
    again.load_weights(tmp_path / "w")
    assert same(model, again)


def test_more_than_ten_weights_keep_their_order(tmp_path):
    parts = [layers.Dense(4) for _ in range(8)]
    model = cr.Sequential([cr.Input((4,)), *parts])
    model.save_weights(tmp_path / "w")
    again = clone_model(model)
    again.load_weights(tmp_path / "w")
    assert same(model, again) and len(model.weights) == 16


def test_weights_that_do_not_fit_change_nothing(tmp_path):
    model = sequential()
    model.save_weights(tmp_path / "w")
    narrow = cr.Sequential([cr.Input((4,)), layers.Dense(5), layers.BatchNormalization(), layers.Dense(2)])
    before = narrow.get_weights()
    with pytest.raises(ShapeError, match=r"expected shape \(5, 2\); the file has \(5, 1\).*Nothing was changed"):
        narrow.load_weights(tmp_path / "w")
    short = cr.Sequential([cr.Input((4,)), layers.Dense(5)])
    with pytest.raises(ArgumentError, match=r"expected 2 arrays .*; the file has 8 .*Nothing was changed"):
        short.load_weights(tmp_path / "w")
    for a, b in zip(before, narrow.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    with pytest.warns(UserWarning, match="was read in part"):
        narrow.load_weights(tmp_path / "w", skip_mismatch=True)
    for a, b in zip(model.get_weights()[:6], narrow.get_weights()[:6], strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(narrow.get_weights()[6], before[6])


def test_weights_for_a_model_that_has_none_yet(tmp_path):
    sequential().save_weights(tmp_path / "w")
    with pytest.raises(NotBuiltError, match="has no weights yet; call it on data first"):
        Registered().load_weights(tmp_path / "w")
    with pytest.raises(ArgumentError, match="load_weights: unknown argument 'by_names'"):
        sequential().load_weights(tmp_path / "w", by_names=True)


# architecture alone


@pytest.mark.parametrize("name", [*MAKERS, "several"])
def test_json_and_clones_have_the_architecture_and_new_weights(name):
    model = MAKERS.get(name, several)()
    x = {"a": X, "b": X[:, :2]} if name == "several" else X
    expected = model.predict(x, verbose=0)
    for again in (model_from_json(model.to_json()), clone_model(model), type(model).from_config(model.get_config())):
        again.predict(x, verbose=0)
        assert type(again) is type(model) and [w.shape for w in again.weights] == [w.shape for w in model.weights]
        assert not same(model, again) and not set(map(id, model.weights)) & set(map(id, again.weights))
        again.set_weights(model.get_weights())
        for p, q in zip(expected, again.predict(x, verbose=0), strict=True):
            np.testing.assert_array_equal(p, q)


def test_json_is_json_and_bad_json_says_so():
    assert json.loads(sequential().to_json(indent=2))["class_name"] == "Sequential"
    with pytest.raises(ArgumentError, match="expected JSON"):
        model_from_json("{not json")


def test_clone_with_other_layers():
    def without_dropout(layer):
        if isinstance(layer, layers.Dropout):
            return layers.Identity()
        return type(layer).from_config(layer.get_config())

    model = functional()
    clone = clone_model(model, clone_function=without_dropout)
    assert not any(isinstance(layer, layers.Dropout) for layer in clone.layers) and clone.name == "drawn"
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(clone.predict(X, verbose=0), model.predict(X, verbose=0))
    new = cr.Input((4,), name="other")
    assert clone_model(model, input_tensors=new).input_names == ["other"]
    with pytest.raises(ArgumentError, match="is a subclass"):
        clone_model(Registered(), clone_function=without_dropout)


def test_clones_keep_which_layers_are_frozen():
    model = sequential()
    model.layers[0].trainable = False
    assert [layer.trainable for layer in clone_model(model).layers] == [layer.trainable for layer in model.layers]


class Counting(layers.Layer):
    """Keeps a number beside its weights, and is built in a way of its own."""

    def __init__(self, units=2, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape, scale=1.0):
        self.scale, self.seen = scale, 0
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), name="kernel")

    def call(self, x):
        return ops.matmul(x, self.kernel) * self.scale

    def get_config(self):
        return dict(units=self.units, **super().get_config())

    def get_build_config(self):
        return {"scale": self.scale, "features": self.kernel.shape[0]}

    def build_from_config(self, config):
        self.build((None, config["features"]), config["scale"])

    def save_own_variables(self, store):
        super().save_own_variables(store)
        store["seen"] = np.array(self.seen)

    def load_own_variables(self, store):
        self.kernel.assign(store["0"])
        self.seen = int(store["seen"])


def test_layers_that_are_stored_in_ways_of_their_own(tmp_path):
    pytest.importorskip("h5py")
    layer = Counting(3, name="counting")
    layer.build((None, 4), scale=0.5)
    assert layer.built
    assert {**layer.get_config(), "dtype": None} == {"units": 3, "name": "counting", "trainable": True, "dtype": None}
    model = cr.Sequential([cr.Input((4,)), layer, layers.Dense(1)])
    layer.seen = 7
    assert len(model.weights) == 3
    model.save(tmp_path / "m.keras")
    with cr.saving.custom_object_scope({"Counting": Counting}):
        loaded = load_model(tmp_path / "m.keras")
    assert loaded.layers[0].seen == 7 and loaded.layers[0].scale == 0.5 and same(model, loaded)
    np.testing.assert_array_equal(model.predict(X, verbose=0), loaded.predict(X, verbose=0))
    again = cr.Sequential([cr.Input((4,)), Counting(3), layers.Dense(1)])
    with pytest.raises(ArgumentError, match="expected 1 arrays; the file has 2"):
        layers.Layer.load_own_variables(again.layers[0], {"0": 0, "seen": 1})


def test_get_config_of_a_base_has_what_the_base_takes():
    """Arguments of a class that writes its own config are its own business; those of our layers are ours."""

    class Wide(layers.Dense):
        def __init__(self, factor, **kwargs):
            super().__init__(**kwargs)
            self._factor = factor

        def get_config(self):
            return {"factor": self._factor, **super().get_config()}

    config = Wide(3, units=2).get_config()
    assert config["factor"] == 3 and config["units"] == 2 and Wide.from_config(config).units == 2

    class Net(cr.Model):
        def __init__(self, widths, **kwargs):
            super().__init__(**kwargs)
            self._widths = widths

        def get_config(self):
            return {"widths": self._widths, **super().get_config()}

    again = Net.from_config(Net([1, 2], name="n").get_config())
    assert again._widths == [1, 2] and again.name == "n"


def test_custom_layers_with_little_in_their_config(tmp_path):
    """Not to be taken for ops, which have small configs, too."""

    class Factor(layers.Layer):
        def __init__(self, factor):
            super().__init__()
            self.factor = factor

        def call(self, x):
            return x * self.factor

        def get_config(self):
            return {"factor": self.factor}

    x = cr.Input((4,))
    cr.Model(x, Factor(3.0)(x)).save(tmp_path / "m.keras")
    loaded = load_model(tmp_path / "m.keras", custom_objects={"Factor": Factor})
    np.testing.assert_array_equal(loaded.predict(X, verbose=0), 3 * X)
