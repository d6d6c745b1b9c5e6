"""Random numbers: their laws, their seeds, their errors."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from chainrule import ops, random
from chainrule.errors import ArgumentError, DTypeError, ShapeError
from chainrule.executors.reference import compile_program
from chainrule.ir import trace, type_of
from chainrule.serialization import deserialize_keras_object, serialize_keras_object
from chainrule.variables import StateScope, set_default_seed

N = 10_000


def drawn(function, *args, **kwargs):
    return np.asarray(function((N,), *args, seed=1, **kwargs), "float64")


def assert_law(sample, distribution):
    """Kolmogorov and Smirnov: a true sample stays below 2 / sqrt(n) with probability 0.9993."""
    x = np.sort(sample)
    at = np.array([distribution(v) for v in x])
    assert np.max(np.abs(at - (np.arange(len(x)) + 0.5) / len(x))) < 2 / math.sqrt(len(x))


def phi(z):
    return math.erf(z / math.sqrt(2)) / 2 + 0.5


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_continuous_laws(dtype):
    assert_law(drawn(random.normal, 2.0, 3.0, dtype=dtype), lambda x: phi((x - 2) / 3))
    assert_law(drawn(random.uniform, -1.0, 3.0, dtype=dtype), lambda x: (x + 1) / 4)
    cut = phi(-2.0)
    assert_law(
        drawn(random.truncated_normal, -1.0, 0.5, dtype=dtype), lambda x: (phi((x + 1) / 0.5) - cut) / (1 - 2 * cut)
    )


@pytest.mark.parametrize(
    ("alpha", "distribution"),
    [  # the incomplete gamma function of these is elementary
        (0.5, lambda x: math.erf(math.sqrt(x))),
        (1.0, lambda x: 1 - math.exp(-x)),
        (3.0, lambda x: 1 - math.exp(-x) * (1 + x + x * x / 2)),
    ],
)
def test_gamma(alpha, distribution):
    assert_law(drawn(random.gamma, alpha), distribution)


@pytest.mark.parametrize(
    ("alpha", "beta", "distribution"),
    [
        (1.0, 1.0, lambda x: x),
        (0.5, 0.5, lambda x: 2 / math.pi * math.asin(math.sqrt(x))),
        (2.0, 3.0, lambda x: 6 * x**2 - 8 * x**3 + 3 * x**4),
        (1.0, 30.0, lambda x: 1 - (1 - x) ** 30),
    ],
)
def test_beta(alpha, beta, distribution):
    sample = drawn(random.beta, alpha, beta)
    assert ((sample >= 0) & (sample <= 1)).all()
    assert_law(sample, distribution)


def test_small_gammas_do_not_make_beta_nan():
    sample = drawn(random.beta, 1e-3, 1e-3)
    assert np.isfinite(sample).all()
    assert sample.mean() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(("n", "p"), [(0, 0.5), (1, 0.3), (7, 0.5), (40, 0.1), (1000, 0.7), (20, 0.0), (20, 1.0)])
def test_binomial(n, p):
    size = 2000
    sample = random.binomial((size,), n, p, seed=3).numpy()
    assert sample.dtype == "float32"
    assert ((sample >= 0) & (sample <= n) & (sample == np.round(sample))).all()
    spread = math.sqrt(n * p * (1 - p))
    assert sample.mean() == pytest.approx(n * p, abs=5 * spread / math.sqrt(size) + 1e-9)
    assert sample.std() == pytest.approx(spread, rel=0.06, abs=1e-9)
    if n <= 40:
        chances = [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
        found = np.bincount(sample.astype(int), minlength=n + 1) / size
        assert np.max(np.abs(np.cumsum(found) - np.cumsum(chances))) < 2 / math.sqrt(size)


def test_binomial_of_counts_that_are_not_known_yet():
    counts = np.array([0, 3, 400, 70_000], "int32")

    def draw(n):
        return [random.binomial((4,), n, 0.5, seed=1)]

    program, captured = trace(draw, [type_of(counts)])
    recorded = compile_program(program)([counts, *(t.numpy() for t in captured)])[0]
    np.testing.assert_array_equal(recorded, draw(counts)[0].numpy())
    assert abs(recorded[3] - 35_000) < 700


def test_parameters_may_be_tensors():
    y = random.normal((1000, 2), mean=np.array([0.0, 100.0]), stddev=np.array([1.0, 0.0]), seed=1).numpy()
    assert abs(y[:, 0].mean()) < 0.2
    assert (y[:, 1] == 100).all()
    assert random.binomial((2, 3), np.array([0, 5, 9]), 1.0, seed=1).tolist() == [[0, 5, 9]] * 2
    assert random.gamma((3, 2), np.array([1.0, 1e6]), seed=1).numpy()[:, 1].min() > 9e5


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "int64", "uint32"])
def test_randint(dtype):
    low = 0 if dtype.startswith("u") else -3
    sample = random.randint((N,), low, 4, dtype=dtype, seed=2).numpy()
    assert sample.dtype == dtype
    values, counts = np.unique(sample, return_counts=True)
    assert values.tolist() == list(range(low, 4))
    expected = N / len(values)
    assert np.sum((counts - expected) ** 2 / expected) < 25  # chi squared, at most 6 degrees: p = 0.0003


def test_categorical():
    logits = np.log(np.array([[0.1, 0.2, 0.7], [1.0, 1e-9, 1e-9]], "float32"))
    sample = random.categorical(logits, N, seed=4).numpy()
    assert sample.shape == (2, N)
    assert sample.dtype == "int32"
    np.testing.assert_allclose(np.bincount(sample[0]) / N, [0.1, 0.2, 0.7], atol=0.02)
    assert (sample[1] == 0).all()
    assert random.categorical(logits, 2, dtype="int64", seed=4).dtype == "int64"


def test_dropout():
    x = np.full((N,), 3.0, "float32")
    y = random.dropout(x, 0.25, seed=5).numpy()
    assert set(np.unique(y)) == {np.float32(0), np.float32(4)}
    assert np.mean(y == 0) == pytest.approx(0.25, abs=0.02)
    np.testing.assert_array_equal(random.dropout(x, 0.0, seed=5).numpy(), x)
    assert not random.dropout(x, 1.0, seed=5).numpy().any()


@pytest.mark.parametrize("shape", [(50, 1), (None, 1)])
def test_dropout_with_shared_choices(shape):
    y = random.dropout(np.ones((50, 4), "float32"), 0.5, noise_shape=shape, seed=1).numpy()
    assert (y == y[:, :1]).all()
    assert len(np.unique(y)) == 2


@pytest.mark.parametrize("axis", [0, 1])
def test_shuffle_moves_whole_slices(axis):
    x = np.arange(60).reshape(6, 10)
    y = random.shuffle(x, axis=axis, seed=7).numpy()
    assert (y != x).any()
    np.testing.assert_array_equal(np.sort(y, axis=axis), x)
    order = (y[0] if axis else y[:, 0] // 10).tolist()
    np.testing.assert_array_equal(y, np.take(x, order, axis))


FUNCTIONS = {
    "normal": lambda seed: random.normal((8,), seed=seed),
    "uniform": lambda seed: random.uniform((8,), seed=seed),
    "truncated_normal": lambda seed: random.truncated_normal((8,), seed=seed),
    "randint": lambda seed: random.randint((8,), 0, 1000, seed=seed),
    "categorical": lambda seed: random.categorical(np.zeros((1, 100)), 8, seed=seed),
    "dropout": lambda seed: random.dropout(np.ones(64, "float32"), 0.5, seed=seed),
    "shuffle": lambda seed: random.shuffle(np.arange(50), seed=seed),
    "gamma": lambda seed: random.gamma((8,), 2.0, seed=seed),
    "beta": lambda seed: random.beta((8,), 2.0, 1.0, seed=seed),
    "binomial": lambda seed: random.binomial((8,), 100, 0.5, seed=seed),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_seeds(name):
    function = FUNCTIONS[name]
    np.testing.assert_array_equal(function(3).numpy(), function(3).numpy())
    np.testing.assert_array_equal(function(np.int64(3)).numpy(), function(3).numpy())
    assert (function(3).numpy() != function(4).numpy()).any()
    assert (function(None).numpy() != function(None).numpy()).any()
    source, twin = random.SeedGenerator(3), random.SeedGenerator(3)
    first, second = function(source).numpy(), function(source).numpy()
    assert (first != second).any()
    np.testing.assert_array_equal(first, function(twin).numpy())
    with pytest.raises(ArgumentError, match="expected seed to be an integer"):
        function("a")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_recorded_draws_equal_eager_ones_and_move_the_state_on(name):
    source = random.SeedGenerator(11)

    def step(state):
        with StateScope({source.state: state}) as scope:
            result = FUNCTIONS[name](source)
        return [result, scope.values[source.state]]

    program, captured = trace(step, [source.state.type])
    run = compile_program(program)
    extra = [t.numpy() for t in captured]
    state = source.state.numpy()
    for _ in range(2):
        eager = FUNCTIONS[name](source).numpy()
        result, state = run([state, *extra])
        np.testing.assert_array_equal(result, eager)
    np.testing.assert_array_equal(state, source.state.numpy())


def test_default_seeds_repeat_from_run_to_run():
    set_default_seed(42)
    first = random.normal((3,)).numpy()
    set_default_seed(42)
    np.testing.assert_array_equal(random.normal((3,)).numpy(), first)


def test_seed_generator_round_trip():
    plain = json.loads(json.dumps(serialize_keras_object(random.SeedGenerator(9))))
    again = deserialize_keras_object(plain)
    np.testing.assert_array_equal(random.normal((3,), seed=again).numpy(), random.normal((3,), seed=9).numpy())


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: random.uniform((2,), dtype="int32"), DTypeError, "uniform: expected dtype to be a float; for int"),
        (lambda: random.randint((2,), 0, 5, dtype="float32"), DTypeError, "randint: expected dtype to be an integer"),
        (lambda: random.normal((2,), dtype="int32"), DTypeError, "got int32"),
        (lambda: random.dropout(np.ones(3), 1.5), ArgumentError, "rate from 0 to 1; got 1.5"),
        (lambda: random.categorical(np.ones(3), 1), ShapeError, r"expected logits of shape \(rows, classes\)"),
    ],
)
def test_errors(make, kind, message):
    with pytest.raises(kind, match=message):
        make()


def test_eager_results_are_tensors_of_the_default_dtype():
    for function in (random.normal, random.uniform, random.truncated_normal):
        assert function((2, 3)).dtype == "float32"
        assert ops.shape(function((2, 3))) == (2, 3)
        assert function(()).shape == ()
