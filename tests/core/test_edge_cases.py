"""Numbers at the edge: NaN and infinity, wrapping integers, ties, sizes 0 and 1, random bits."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import primitives as P
from chainrule.ir import FLOAT, INTEGER, NUMBER, PRIMITIVES, SIGNED
from chainrule.primitives.creation import philox

from .oracle import philox_block
from .samples import SAMPLES

NAN, INF = np.nan, np.inf


def values(tensor: object) -> list:
    return tensor.numpy().tolist()  # type: ignore[attr-defined]


# NaN and infinity --------------------------------------------------------------------------------------------------

_UNTOUCHED_BY_NAN = ("stop_gradient", "neg", "abs", "sign", "floor", "ceil", "round", "exp", "expm1", "log", "log1p",
                     "sqrt", "sin", "cos", "tanh", "sigmoid", "erf", "erf_inv")  # fmt: skip


@pytest.mark.parametrize("dtype", FLOAT)
def test_nan_goes_through_every_float_function(dtype: str) -> None:
    nan = np.array([NAN], dtype)
    for name in _UNTOUCHED_BY_NAN:
        assert np.isnan(PRIMITIVES[name](nan).numpy()).all(), name
    for name in ("add", "sub", "mul", "div", "max", "min", "mod", "floordiv", "atan2"):
        for x, w in ((nan, nan * 0 + 1), (np.ones(1, dtype), nan), (nan, nan)):
            assert np.isnan(PRIMITIVES[name](x, w).numpy()).all(), name
    for name, expected in (("eq", False), ("ne", True), ("lt", False), ("le", False), ("gt", False), ("ge", False)):
        assert values(PRIMITIVES[name](nan, nan)) == [expected]


def test_nan_and_reductions() -> None:
    x = np.array([1, NAN, 3])
    for name in ("reduce_sum", "reduce_prod", "reduce_max", "reduce_min"):
        assert np.isnan(PRIMITIVES[name](x, axes=(0,)).numpy()), name
    assert values(P.argmax(x, axis=0)) == values(P.argmin(x, axis=0)) == 1
    assert np.isnan(P.cummax(x, axis=0).numpy()).tolist() == [False, True, True]
    assert values(P.select(np.array([True, False]), np.array([1.0, NAN]), np.array([NAN, 2.0]))) == [1, 2]


def test_infinities() -> None:
    inf = np.array([INF, -INF])
    assert values(P.tanh(inf)) == [1, -1] and values(P.sigmoid(inf)) == [1, 0] and values(P.erf(inf)) == [1, -1]
    assert values(P.exp(inf)) == [INF, 0] and values(P.expm1(inf)) == [INF, -1]
    assert values(P.sigmoid(np.array([-1000.0, 1000.0], "float32"))) == [0, 1]
    assert values(P.log(np.array([0.0, -0.0]))) == [-INF, -INF]
    assert values(P.div(np.array([1.0, -1.0]), np.zeros(2))) == [INF, -INF]
    assert np.isnan(P.sub(inf, inf).numpy()).all() and np.isnan(P.mul(inf, np.zeros(2)).numpy()).all()
    assert values(P.pow(np.array([0.0, 0.0, NAN, 1.0]), np.array([0.0, -1.0, 0.0, NAN]))) == [1, INF, 1, 1]


def test_sort_puts_nan_last_and_first_when_descending() -> None:
    x = np.array([2, NAN, -INF, NAN, INF])
    assert values(P.argsort(x, axis=0)) == [2, 0, 4, 1, 3]
    assert values(P.argsort(x, axis=0, descending=True)) == [1, 3, 4, 0, 2]
    assert values(P.top_k(x, k=3)[1]) == [1, 3, 4]


# integers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", INTEGER)
def test_integers_wrap(dtype: str) -> None:
    info = np.iinfo(dtype)
    low, high, one = (np.array([n], dtype) for n in (info.min, info.max, 1))
    assert values(P.add(high, one)) == [info.min] and values(P.sub(low, one)) == [info.max]
    assert (
        values(P.mul(high, high)) == [1] and values(P.reduce_sum(np.array([info.max, 1], dtype), axes=(0,))) == info.min
    )
    assert values(P.cumsum(np.array([info.max, 1], dtype), axis=0)) == [info.max, info.min]
    assert values(P.reduce_prod(np.array([info.max, info.max], dtype), axes=(0,))) == 1
    assert values(P.dot_general(high, one + one, contract=((0,), (0,)))) == (info.max * 2) % (1 << info.bits) - (
        (1 << info.bits) if info.min < 0 and (info.max * 2) % (1 << info.bits) > info.max else 0
    )
    if dtype in SIGNED:
        assert values(P.neg(low)) == values(P.abs(low)) == [info.min] and values(P.floordiv(low, -one)) == [info.min]


@pytest.mark.parametrize("dtype", INTEGER)
def test_shifts_take_the_count_modulo_the_width(dtype: str) -> None:
    bits = np.iinfo(dtype).bits
    x, counts = np.array([5, 5, 5], dtype), np.array([0, 1, bits % np.iinfo(dtype).max], dtype)
    assert values(P.shift_left(x, counts)) == [5, 10, 5] and values(P.shift_right(x, counts)) == [5, 2, 5]


def test_division_by_integer_zero_is_zero_and_rounds_down() -> None:
    x, w = np.array([7, -7, 7, -7, 3], "int32"), np.array([2, 2, -2, -2, 0], "int32")
    assert values(P.floordiv(x, w)) == [3, -4, -4, 3, 0]
    assert values(P.mod(x, w)) == [1, 1, -1, -1, 0]


# ties --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", NUMBER)
def test_argsort_is_stable_in_both_directions(dtype: str) -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(0, 4, (3, 200)).astype(dtype)
    for descending in (False, True):
        order = P.argsort(x, axis=1, descending=descending).numpy()
        for line, places in zip(x, order, strict=True):
            key = [(-n if descending else n, i) for i, n in enumerate(line.astype(int).tolist())]
            assert places.tolist() == sorted(range(200), key=lambda i, key=key: key[i])
    assert values(P.argmax(x[:, :1] * 0 + x[:, :3] * 0, axis=1)) == [0, 0, 0]


def test_negative_zero() -> None:
    zero, minus = np.array([0.0]), np.array([-0.0])
    assert np.signbit(P.neg(zero).numpy()) and not np.signbit(P.abs(minus).numpy())
    assert np.signbit(P.add(minus, minus).numpy()) and not np.signbit(P.add(zero, minus).numpy())
    assert np.signbit(P.sqrt(minus).numpy()) and np.signbit(P.mul(zero, np.array([-1.0])).numpy())
    assert values(P.eq(zero, minus)) == [True]


# sizes -------------------------------------------------------------------------------------------------------------


def test_every_primitive_has_samples_without_elements_and_without_axes() -> None:
    no_sizes = {"while_loop", "cond"}  # their operands are those of the sub-programs
    for name in set(PRIMITIVES) - no_sizes:
        sizes = [o.size for s in SAMPLES[name].good for o in (*s.operands, np.empty(s.params.get("shape", 1)))]
        assert 0 in sizes or name == "constant", name


def test_reductions_of_nothing() -> None:
    nothing = np.zeros((0, 2))
    assert values(P.reduce_sum(nothing, axes=(0,))) == [0, 0] and values(P.reduce_prod(nothing, axes=(0,))) == [1, 1]
    assert values(P.dot_general(np.ones((2, 0)), np.ones((0, 1)), contract=((1,), (0,)))) == [[0], [0]]
    assert P.cumsum(nothing, axis=0).shape == P.sort(nothing, axis=0).shape == (0, 2)


# random bits -------------------------------------------------------------------------------------------------------

KNOWN_ANSWERS = [  # counter, key, words: the file kat_vectors of Random123, lines philox4x32 10
    ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    (
        [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
        [0xA4093822, 0x299F31D0],
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
    ),
]


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN_ANSWERS)
def test_philox_known_answers(counter: list[int], key: list[int], words: list[int]) -> None:
    assert philox(np.array([counter], "uint32"), np.array(key, "uint32")).tolist() == [words]
    assert philox_block(counter, key) == words


def test_random_bits_depend_on_key_and_position_alone() -> None:
    key = np.array([3, 4], "uint32")
    bits = P.random_bits(key, shape=(6, 4)).numpy()
    assert np.array_equal(bits, P.random_bits(key, shape=(6, 4)).numpy())
    assert np.array_equal(bits.ravel(), P.random_bits(key, shape=(24,)).numpy())
    for other in ([4, 3], [3, 5], [2, 4]):
        assert (P.random_bits(np.array(other, "uint32"), shape=(6, 4)).numpy() != bits).mean() > 0.9


def test_random_bits_are_uniform() -> None:
    bits = P.random_bits(np.array([1, 2], "uint32"), shape=(1 << 17,)).numpy()
    for shift in (0, 8, 16, 24):  # every byte: chi squared with 255 degrees of freedom, 5 standard deviations
        counts = np.bincount((bits >> shift) & 255, minlength=256)
        expected = len(bits) / 256
        assert abs(((counts - expected) ** 2 / expected).sum() - 255) < 5 * np.sqrt(2 * 255)
    ones = np.unpackbits(bits.view("uint8")).reshape(len(bits), 32).mean(0)
    assert np.abs(ones - 0.5).max() < 5 * 0.5 / np.sqrt(len(bits))
    signs = ((bits[:, None] >> np.arange(32, dtype="uint32")) & 1).astype(np.float64) * 2 - 1
    correlation = signs.T @ signs / len(bits) - np.eye(32)
    assert np.abs(correlation).max() < 6 / np.sqrt(len(bits))  # no two bits of a word go together
    assert abs((signs[1:, 0] * signs[:-1, 0]).mean()) < 5 / np.sqrt(len(bits))  # nor neighbouring words
    assert len(np.unique(bits)) > 0.9999 * len(bits)
