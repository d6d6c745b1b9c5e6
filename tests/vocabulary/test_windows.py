"""Convolution, pooling and reshaping layers against values made by Keras (tests/golden/windows.json)."""

from __future__ import annotations

import pytest

from . import golden_layers as check
from .keras_facts import golden

CASES = check.cases("windows")
every_case = pytest.mark.parametrize("case", CASES, ids=check.case_name)


@every_case
def test_outputs_and_losses(case):
    check.check_call(case)


@every_case
def test_compiled_outputs(case):
    check.check_compiled(case)


@every_case
def test_gradients(case):
    check.check_gradients(case)


@every_case
def test_configuration_makes_an_equal_layer(case):
    check.check_configuration(case)


@every_case
def test_symbolic_shapes(case):
    check.check_symbolic(case)


@pytest.mark.parametrize("case", golden("windows")["configs"], ids=lambda c: c["class"])
def test_configuration_is_that_of_keras(case):
    check.check_config_of_keras(case, ["trainable"] if case["class"].startswith("Spatial") else [])
