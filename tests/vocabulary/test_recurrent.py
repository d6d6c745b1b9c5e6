"""Recurrent layers against values made by Keras (tests/golden/recurrent.json)."""

from __future__ import annotations

import pytest

from . import golden_layers as check
from .keras_facts import golden

CASES = check.cases("recurrent")
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


@pytest.mark.parametrize("case", golden("recurrent")["configs"], ids=lambda c: c["class"])
def test_configuration_is_that_of_keras(case):
    check.check_config_of_keras(case, ["seed"] if case["class"] == "SimpleRNN" else [])  # Keras forgets it
