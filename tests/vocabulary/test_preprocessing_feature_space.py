"""`FeatureSpace` against Keras, in models and in files."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import Model, layers
from chainrule.errors import ArgumentError, NotBuiltError
from chainrule.models import FeatureSpace, load_model

from .keras_facts import golden

CASES = golden("feature_spaces")["cases"]


def array(values):
    found = np.array(values)
    return found.astype("float32") if found.dtype.kind == "f" else found


def data_of(case):
    return {name: array(values) for name, values in case["data"].items()}


def space_of(case, adapted=True):
    features = {name: getattr(FeatureSpace, kind)(**more) for name, (kind, more) in case["features"].items()}
    crosses = [FeatureSpace.cross(**cross) for cross in case["crosses"]]
    space = FeatureSpace(features, crosses=crosses, **case["config"])
    if adapted:
        data = data_of(case)
        space.adapt([{name: v[k : k + 3] for name, v in data.items()} for k in (0, 3, 6)])
    return space


def same(found, wanted):
    if isinstance(wanted, dict):
        assert set(found) == set(wanted)
        for name, value in wanted.items():
            np.testing.assert_allclose(found[name], np.array(value), rtol=1e-5, atol=1e-6, err_msg=name)
    else:
        np.testing.assert_allclose(found, np.array(wanted), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("case", CASES)
def test_values(case):
    space, data = space_of(case), data_of(case)
    same(space(data), case["expected"])
    same(space({name: values[:, None] for name, values in data.items()}), case["expected"])
    same(space({name: values[0] for name, values in data.items()}), case["single"])


@pytest.mark.parametrize("case", CASES)
def test_a_saved_space_is_the_same(case, tmp_path):
    space, data = space_of(case), data_of(case)
    space.save(tmp_path / "space.keras")
    again = load_model(tmp_path / "space.keras")
    assert isinstance(again, FeatureSpace)
    same(again(data), case["expected"])


@pytest.mark.parametrize("case", CASES[:2])
def test_a_model_on_encoded_features_and_one_on_columns(case, tmp_path):
    space, data = space_of(case), data_of(case)
    encoded = space.get_encoded_features()
    outputs = layers.Dense(1)(encoded)
    training = Model(encoded, outputs)
    training.compile("adam", "mse")
    x = np.asarray(space(data))
    training.fit(x, np.ones(len(x)), verbose=0)
    whole = Model(space.get_inputs(), outputs)
    wanted = training.predict(x, verbose=0)
    same(whole.predict(data, verbose=0), wanted)
    same(whole(data), wanted)
    whole.save(tmp_path / "whole.keras")
    same(load_model(tmp_path / "whole.keras").predict(data, verbose=0), wanted)


def test_columns_by_name_and_a_layer_of_ones_own():
    own = FeatureSpace.feature("float32", layers.Rescaling(10.0), "float")
    space = FeatureSpace(
        {"a": "integer_hashed", "b": own, "c": "integer_hashed"}, crosses=[("a", "c")], hashing_dim=4, crossing_dim=5
    )  # fmt: skip
    assert space({"a": [1, 2], "b": [0.5, 0.25], "c": [3, 4]}).shape == (2, 4 + 1 + 4 + 5)


@pytest.mark.parametrize(
    "function,error",
    [
        (lambda: FeatureSpace({}), ArgumentError),
        (lambda: FeatureSpace({"a": "floats"}), ArgumentError),
        (lambda: FeatureSpace({"a": "float"}, crosses=[("a", "b")]), ArgumentError),
        (lambda: FeatureSpace({"a": "float_normalized"})({"a": [1.0]}), NotBuiltError),
        (lambda: FeatureSpace({"a": "float_normalized"}).get_inputs(), NotBuiltError),
        (lambda: FeatureSpace({"a": "float"})({"b": [1.0]}), ArgumentError),
        (lambda: FeatureSpace({"a": "float"})([1.0]), ArgumentError),
        (lambda: FeatureSpace({"a": "float_normalized"}).adapt([([1.0], 0)]), ArgumentError),
    ],
)
def test_errors(function, error):
    with pytest.raises(error):
        function()
