"""Functional models as plain data: every kind of argument in the calls comes back."""

from __future__ import annotations

import json

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers, ops
from chainrule.errors import ArgumentError
from chainrule.models import clone_model, model_from_json

X = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
TABLE = np.arange(8, dtype="float32").reshape(4, 2)


class TwoTensors(layers.Layer):
    """Takes a tensor by name, plain arguments, and gives several results."""

    def call(self, left, right=None, scale=1.0, names=("a",)):
        return {"sum": left + right * scale, "both": [left, right]}


CALLS = {
    "slices": lambda x: x[:, 1:3],
    "ellipsis and negative index": lambda x: x[..., -1:],
    "new axis": lambda x: x[:, None, :],
    "step": lambda x: x[:, ::2],
    "constant array": lambda x: ops.matmul(x, TABLE),
    "constant on the left": lambda x: 2.0 - x,
    "axes as a tuple": lambda x: ops.mean(x[:, None, :], axis=(1, 2), keepdims=True),
    "list of tensors": lambda x: ops.concatenate([x, x * 2, x], axis=-1),
    "stack and split": lambda x: ops.split(ops.stack([x, -x], axis=1), 2, axis=1)[1],
    "shape": lambda x: ops.reshape(x, (-1, 2, 2)),
    "dtype": lambda x: ops.cast(ops.cast(x * 3, "int32"), "float32"),
    "bool and where": lambda x: ops.where(ops.logical_and(x > 0, x < 1), x, 0.0),
    "none": lambda x: ops.clip(ops.max(x, axis=None, keepdims=True), 0.0, 1.0),
    "the same op many times": lambda x: ops.tanh(ops.tanh(ops.tanh(x))),
    "layer with arguments by name": lambda x: TwoTensors(name="t")(x, right=x * 2, scale=3.0, names=("b", "c"))["sum"],
    "second result of a layer": lambda x: TwoTensors(name="t")(x, right=x * 2)["both"][1],
}


@pytest.mark.parametrize("name", CALLS)
def test_the_call_comes_back(name):
    x = cr.Input((4,), name="x")
    model = cr.Model(x, CALLS[name](x))
    expected = np.asarray(model(X))
    custom = {"TwoTensors": TwoTensors}
    for again in (model_from_json(model.to_json(), custom), clone_model(model)):
        assert again.output_shape == model.output_shape
        np.testing.assert_array_equal(again(X), expected)
    with cr.saving.custom_object_scope(custom):
        np.testing.assert_array_equal(cr.Model.from_config(model.get_config())(X), expected)


def test_layers_listed_in_another_order():
    x = cr.Input((4,), name="x")
    model = cr.Model(x, layers.Dense(1, name="c")(layers.Dense(2, name="b")(x)))
    config = json.loads(model.to_json())
    config["config"]["layers"].reverse()
    again = model_from_json(json.dumps(config))
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again(X), model(X))


def test_configs_that_refer_to_nothing():
    x = cr.Input((4,), name="x")
    model = cr.Model(x, ops.exp(layers.Dense(1, name="b")(x)))
    config = json.loads(model.to_json())
    names = [entry["name"] for entry in config["config"]["layers"]]
    assert names == ["x", "b", "exp"]
    config["config"]["layers"][2]["class_name"] = "NoSuchOp"
    with pytest.raises(ArgumentError, match=r"uses ops.no_such_op, which chainrule does not have"):
        model_from_json(json.dumps(config))
    config = json.loads(model.to_json())
    del config["config"]["layers"][0]
    with pytest.raises(ArgumentError, match=r"incomplete|damaged|does not"):
        model_from_json(json.dumps(config))


def test_a_sequential_that_is_not_built_is_cloned_too():
    model = cr.Sequential([layers.Dense(3), layers.Dense(1)], name="late")
    copy = clone_model(model)
    assert copy.name == "late" and not copy.built and [layer.units for layer in copy.layers] == [3, 1]
    assert copy.predict(X, verbose=0).shape == (5, 1)
    with pytest.raises(ArgumentError, match="clone_model: unknown argument 'deep'"):
        clone_model(model, deep=True)


def test_models_whose_inputs_are_nested(tmp_path):
    @cr.saving.register_keras_serializable("tests")
    class Nested(cr.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, inputs):
            return self.dense(ops.concatenate([inputs["a"], *inputs["more"]], axis=-1))

    model, x = Nested(), {"a": X, "more": [X, X[:, :1]]}
    expected = model.predict(x, verbose=0)
    model.save(tmp_path / "m.keras")
    np.testing.assert_array_equal(cr.models.load_model(tmp_path / "m.keras").predict(x, verbose=0), expected)
    built = Nested()
    built.build({"a": (None, 4), "more": [(None, 4), (None, 1)]})
    assert built.dense.kernel.shape == (9, 1)


def test_activity_regularizers_and_dtypes_are_kept():
    model = cr.Sequential([cr.Input((4,)), layers.Dense(2, activity_regularizer="l2", dtype="float64")])
    again = model_from_json(model.to_json())
    assert isinstance(again.layers[0].activity_regularizer, cr.regularizers.L2)
    assert again.layers[0].kernel.dtype == "float64"
