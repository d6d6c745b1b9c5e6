"""Initializers against Keras's values, and against the laws that they claim to draw from."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from chainrule import initializers
from chainrule.errors import ArgumentError, ShapeError
from chainrule.initializers import compute_fans
from chainrule.ir import Tensor, trace
from chainrule.random import SeedGenerator
from chainrule.variables import Variable

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "initializers.json").read_text())
RANDOM = ["RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling", "GlorotNormal", "GlorotUniform",
          "HeNormal", "HeUniform", "LecunNormal", "LecunUniform", "Orthogonal"]  # fmt: skip


def cases(section):
    rows = GOLDEN[section]
    return [pytest.param(row, id=f"{row['class']}-{i}") for i, row in enumerate(rows)]


def made(case, **more):
    return getattr(initializers, case["class"])(**case["config"], **more)


@pytest.mark.parametrize("case", cases("exact"))
def test_values_are_those_of_keras(case):
    value = made(case)(tuple(case["shape"]))
    assert value.dtype == "float32"
    # Keras multiplies the transform in float32, so that its zeros are of the size 1e-7
    np.testing.assert_allclose(value, np.array(case["expected"], "float32"), rtol=1e-6, atol=1e-6)


def distribution(law):
    """The distribution function of a law, for sorted values."""
    if law["kind"] == "uniform":
        return lambda x: (x - law["low"]) / (law["high"] - law["low"])
    phi = np.vectorize(lambda z: math.erf(z / math.sqrt(2)) / 2 + 0.5)
    if law["kind"] == "normal":
        return lambda x: phi((x - law["mean"]) / law["stddev"])
    low, high = phi(-2.0), phi(2.0)
    return lambda x: (phi((x - law["mean"]) / law["stddev"]) - low) / (high - low)


@pytest.mark.parametrize("case", cases("random"))
def test_samples_follow_the_law(case):
    sample = made(case, seed=1)(tuple(case["shape"])).numpy()
    assert list(sample.shape) == case["shape"]
    sample = np.sort(sample.ravel().astype("float64"))
    law, theirs, n = case["law"], case["sample"], case["count"]
    if "low" in law:
        slack = 1e-6 * (law["high"] - law["low"])  # rounding to float32
        assert law["low"] - slack <= sample[0]
        assert sample[-1] <= law["high"] + slack
    # Kolmogorov and Smirnov: a true sample stays below 2 / sqrt(n) with probability 0.9993
    grid = np.arange(0, n, 50)
    assert np.max(np.abs(distribution(law)(sample[grid]) - (grid + 0.5) / n)) < 2 / math.sqrt(n)
    assert abs(sample.mean() - theirs["mean"]) < 6 * theirs["std"] / math.sqrt(n)
    assert sample.std() == pytest.approx(theirs["std"], rel=0.01)
    for q, expected in case["quantiles"].items():
        assert np.quantile(sample, float(q)) == pytest.approx(expected, abs=0.03 * theirs["std"])


@pytest.mark.parametrize("case", cases("orthogonal"))
def test_orthogonal_rows_or_columns(case):
    matrix = made(case, seed=1)(tuple(case["shape"])).numpy().reshape(-1, case["shape"][-1])
    gram = matrix.T @ matrix if case["orthogonal"] == "columns" else matrix @ matrix.T
    np.testing.assert_allclose(gram, case["gram"], atol=1e-5)


def test_orthogonal_is_uniform_among_the_orthogonal_matrices():
    corners = [initializers.Orthogonal(seed=s)((3, 3)).numpy()[0, 0] for s in range(400)]
    assert abs(np.mean(corners)) < 0.1  # QR alone would give one sign more often
    assert np.mean(np.square(corners)) == pytest.approx(1 / 3, abs=0.05)


def seeded(label):
    return {"int": 3, "SeedGenerator": SeedGenerator(3), "None": None}[label]


@pytest.mark.parametrize("case", cases("seeds"))
def test_what_repeats_is_what_repeats_in_keras(case):
    cls = getattr(initializers, case["class"])
    first, second = cls(seed=seeded(case["seed"])), cls(seed=seeded(case["seed"]))
    one, again, other = (made((4, 4)).numpy() for made in (first, first, second))
    assert (one == again).all() == case["same_object_repeats"]
    assert (one == other).all() == case["equal_objects_agree"]


def test_names_are_those_of_keras():
    for name, row in GOLDEN["names"].items():
        assert type(initializers.get(name)).__name__ == row["class"]
        assert initializers.ALL[name].__name__ == row["class"]
    assert set(initializers.ALL) - set(GOLDEN["names"]) == set()


@pytest.mark.parametrize("name", sorted({row["class"] for row in GOLDEN["names"].values()} - {"Initializer"}))
def test_config_round_trip(name):
    first = initializers.get(name)
    plain = json.loads(json.dumps(initializers.serialize(first)))
    second = initializers.deserialize(plain)
    assert type(second) is type(first)
    assert second.get_config() == first.get_config() == first.clone().get_config()
    assert initializers.get(plain).get_config() == first.get_config()


@pytest.mark.parametrize("name", RANDOM)
def test_same_seed_same_numbers_after_a_round_trip(name):
    first = getattr(initializers, name)(seed=5)
    second = initializers.deserialize(initializers.serialize(first))
    np.testing.assert_array_equal(first((3, 4)).numpy(), second((3, 4)).numpy())
    assert (first((3, 4)).numpy() != getattr(initializers, name)(seed=6)((3, 4)).numpy()).any()


def test_arguments_survive_a_round_trip():
    for first in (
        initializers.Identity(gain=0.5), initializers.Constant([1.0, 2.0]), initializers.Orthogonal(2.0, seed=1),
        initializers.VarianceScaling(2.0, "fan_out", "uniform", seed=4, input_axes=[0], output_axes=[1]),
        initializers.GlorotUniform(SeedGenerator(4)), initializers.STFT("imag", "hamming", None, True),
    ):  # fmt: skip
        second = initializers.deserialize(json.loads(json.dumps(initializers.serialize(first))))
        shape = (4, 1, 2) if isinstance(first, initializers.STFT) else (2, 2)
        np.testing.assert_array_equal(first(shape).numpy(), second(shape).numpy())


def test_get_takes_objects_classes_functions_and_arrays():
    zeros = initializers.Zeros()
    assert initializers.get(zeros) is zeros
    assert initializers.get(None) is None
    assert isinstance(initializers.get(initializers.Ones), initializers.Ones)
    assert initializers.get(np.ones) is np.ones
    assert initializers.get(np.array([1.0, 2.0]))((2,)).tolist() == [1.0, 2.0]
    variable = Variable(initializers.get(lambda shape, dtype=None: np.full(shape, 7.0)), shape=(2,))
    assert variable.numpy().tolist() == [7.0, 7.0]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", ["zeros", "ones", "identity", *sorted(RANDOM)])
def test_dtype(name, dtype):
    value = initializers.get(name)((3, 2), dtype=dtype)
    assert isinstance(value, Tensor)
    assert value.dtype == dtype
    assert np.isfinite(value.numpy()).all()


@pytest.mark.parametrize(
    ("shape", "axes", "fans"),
    [  # the values of Keras's compute_fans
        ((), (None, None), (1, 1)), ((7,), (None, None), (7, 7)), ((3, 5), (None, None), (3, 5)),
        ((3, 4, 5), (None, None), (12, 15)), ((3, 3, 8, 16), (None, None), (72, 144)),
        ((100, 40, 50), ([0], [1, 2]), (100, 2000)), ((3, 4, 5, 6), (0, 3), (3, 6)),
        ((3, 4, 5, 6), ([0, 1], [2, 3]), (12, 30)), ((3, 4, 5), ([-1], [0]), (5, 3)),
        ((3, 4, 5), (None, [1]), (12, 15)), ((3, 4, 5), ([0], None), (12, 15)),
    ],
)  # fmt: skip
def test_fans(shape, axes, fans):
    assert compute_fans(shape, *axes) == fans


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: initializers.get("glorot_unifrom"), "Did you mean 'glorot_uniform'"),
        (lambda: initializers.get(3.0), "expected a name, an object or a function"),
        (lambda: initializers.VarianceScaling(scale=0), "positive scale"),
        (lambda: initializers.VarianceScaling(mode="fan"), "expected mode 'fan_in', 'fan_out' or 'fan_avg'; got 'fan'"),
        (lambda: initializers.VarianceScaling(distribution="x"), "expected distribution"),
        (lambda: initializers.GlorotUniform(seed="a"), "GlorotUniform: expected seed to be an integer"),
        (lambda: initializers.HeNormal(seed=1.5), "got 1.5"),
        (lambda: initializers.RandomNormal(stddev="big"), "expected stddev to be a number; got 'big'"),
        (lambda: initializers.STFT(side="both"), "expected side"),
    ],
)
def test_bad_arguments(make, message):
    with pytest.raises(ArgumentError, match=message):
        make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: initializers.Identity()((2, 3, 4)), "expected the shape of matrix"),
        (lambda: initializers.Orthogonal()((4,)), "at least a matrix"),
        (lambda: initializers.Zeros()((2, -1)), "non-negative integers"),
        (lambda: initializers.Zeros()((2, None)), "non-negative integers"),
        (lambda: initializers.Constant([1.0, 2.0, 3.0])((2,)), "broadcasts to"),
    ],
)
def test_bad_shapes(make, message):
    with pytest.raises(ShapeError, match=message):
        make()


def test_base_class_must_be_subclassed():
    with pytest.raises(NotImplementedError, match="has no __call__"):
        initializers.Initializer()((2,))


def test_orthogonal_inside_a_recording_is_computed_at_once():
    program, captured = trace(lambda: [initializers.Orthogonal(seed=1)((2, 2))], [])
    (value,) = [e.params.value for e in program.equations] if program.equations else [captured[0].numpy()]
    np.testing.assert_array_equal(value, initializers.Orthogonal(seed=1)((2, 2)).numpy())
