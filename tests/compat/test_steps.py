"""Steps and loops that users write, `tf.GradientTape` and `tf.data`, against real Keras (tests/golden/steps.json)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chainrule.compat import active

from . import step_cases, tape_cases

CASES = {**step_cases.CASES, **tape_cases.CASES}
GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "steps.json").read_text())["cases"]
# float32 on both sides with sums in different orders, carried through up to a dozen steps of an optimizer.
CLOSE = {"rtol": 2e-5, "atol": 3e-6}


HALF = {"rtol": 4e-3, "atol": 2e-3}  # float16 has 11 bits: one rounding is 5e-4 of a value


def same(found: Any, expected: Any, place: str) -> None:
    """The same nesting, and numbers that are close."""
    if isinstance(expected, dict):
        assert set(found) == set(expected), place
        for key, value in expected.items():
            same(found[key], value, f"{place}.{key}")
    elif isinstance(expected, list) and any(isinstance(item, (list, dict, str, type(None))) for item in expected):
        assert len(found) == len(expected), place
        for k, value in enumerate(expected):
            same(found[k], value, f"{place}[{k}]")
    elif expected is None or isinstance(expected, str):
        assert found == expected, place
    else:
        np.testing.assert_allclose(found, expected, err_msg=place, **(HALF if place.startswith("mixed") else CLOSE))


@pytest.mark.parametrize("name", CASES)
def test_the_numbers_are_those_of_keras(name: str) -> None:
    with active():
        import keras
        import tensorflow as tf

        keras.utils.clear_session()
        same(CASES[name](tf, keras), GOLDEN[name], name)
