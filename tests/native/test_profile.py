"""What a profile says: every kernel, by layer, counted and timed, against the measured peak."""

from __future__ import annotations

import re

import numpy as np
import pytest

import chainrule
from chainrule import config, layers
from chainrule.errors import UnsupportedError
from chainrule.executors.native.machine import machine
from chainrule.executors.native.peak import _unit, peak_flops
from chainrule.executors.native.units import compile_unit


@pytest.fixture
def native():
    before = config.executor()
    config.set_executor("native")
    yield
    config.set_executor(before)


def fitted(**arguments):
    model = chainrule.Sequential(
        [chainrule.Input((16,)), layers.Dense(32, activation="relu", name="hidden"), layers.Dense(1, name="head")]
    )
    model.compile("adam", "mse")
    x = np.random.default_rng(0).standard_normal((320, 16), dtype=np.float32)
    model.fit(x, x[:, :1], epochs=2, verbose=0, shuffle=False, **arguments)
    return model, x


def test_kernels_are_counted_by_layer(native):
    with chainrule.profile() as found:
        fitted()
    products = [k for k in found.kernels if k.name.startswith("dot_general") and k.layer.endswith("/hidden")]
    assert [k.calls for k in products] == [20, 20]  # forward and the gradient of the weights, 10 batches, 2 epochs
    assert products[0].flops == 20 * 2 * 32 * 16 * 32
    assert all(k.seconds >= 0 for k in found.kernels)
    assert sum(k.seconds for k in found.kernels) <= found.seconds
    assert [k.seconds for k in found.kernels] == sorted((k.seconds for k in found.kernels), reverse=True)


def test_bytes_are_what_goes_through_memory(native):
    with chainrule.profile() as found:
        fitted()
    (update,) = [k for k in found.kernels if k.layer.endswith("/hidden/kernel")]
    assert update.calls == 20
    numbers = 7 * 16 * 32 + 1  # weight, gradient, two moments in; weight, two moments out; the step size
    assert update.bytes / update.calls == 4 * numbers


def test_the_table_names_layers_and_the_peak(native):
    with chainrule.profile() as found:
        fitted()
    text = str(found)
    assert "/hidden" in text and "adam" in text
    assert f"of the peak of {found.peak / 1e9:.0f}" in text
    assert all(len(line) < 120 for line in text.splitlines())


def test_same_numbers_with_and_without_clocks(native):
    chainrule.utils.set_random_seed(1)
    plain, _ = fitted()
    chainrule.utils.set_random_seed(1)
    with chainrule.profile():
        measured, _ = fitted()
    for a, b in zip(plain.get_weights(), measured.get_weights(), strict=True):
        assert a.tobytes() == b.tobytes()


def test_afterwards_nothing_is_measured(native):
    model, x = fitted()
    with chainrule.profile() as found:
        model.predict(x, verbose=0)
    count = len(found.kernels)
    assert count
    model.predict(x, verbose=0)
    assert len(found.kernels) == count
    with chainrule.profile() as again:
        pass
    assert again.kernels == [] and "compiled runs: 0.0 us" in str(again)


def test_fit_prints_a_profile(native, capsys):
    fitted(profile=True)
    printed = capsys.readouterr().out
    assert "layer, kernel" in printed and "/hidden" in printed and "compiled runs:" in printed
    assert not config.profiling()


def test_not_one_inside_another(native):
    with chainrule.profile(), pytest.raises(UnsupportedError, match="being made already"), chainrule.profile():
        pass
    assert not config.profiling()


def test_only_where_there_are_kernels(native):
    config.set_executor("reference")
    with pytest.raises(UnsupportedError, match=r"only the executor 'native'.*'reference'"), chainrule.profile():
        pass
    with pytest.raises(UnsupportedError, match="only the executor 'native'"):
        fitted(profile=True)
    assert not config.profiling()


def test_nothing_but_multiplications_is_measured_as_the_peak():
    """In a hurry LLVM would keep the sums in memory, and the peak would be a fifth of what it is."""
    code = compile_unit(_unit(), keep_text=True).assembly
    assert not re.search(r"[(\[]%?r?sp\b", code)  # no address relative to the stack


def test_the_peak_is_that_of_a_processor():
    vectors_a_second = peak_flops(1) / (2 * machine().vector_bytes // 4)
    assert 1e8 < vectors_a_second < 4e10
