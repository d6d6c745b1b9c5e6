"""Layers of images, sequences and attention against values made by Keras (tests/golden, one file a group)."""

from __future__ import annotations

import pytest

from . import golden_layers as check
from .keras_facts import golden

GROUPS = ("attention", "recurrent", "windows")
CASES = [case for group in GROUPS for case in check.cases(group)]
every_case = pytest.mark.parametrize("case", CASES, ids=check.case_name)


def forgotten(name: str) -> list[str]:
    """What Keras leaves out of a layer's configuration."""
    return ["seed"] if name == "SimpleRNN" else ["trainable"] if name.startswith("Spatial") else []


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


@pytest.mark.parametrize(
    "case", [case for group in GROUPS for case in golden(group)["configs"]], ids=lambda c: c["class"]
)
def test_configuration_is_that_of_keras(case):
    check.check_config_of_keras(case, forgotten(case["class"]))
