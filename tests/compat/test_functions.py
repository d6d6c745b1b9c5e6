"""Functions of TensorFlow against TensorFlow itself (tests/golden/functions.json)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chainrule.compat import active

from . import function_cases
from .test_steps import same

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "functions.json").read_text())["cases"]


@pytest.mark.parametrize("name", function_cases.CASES)
def test_the_numbers_are_those_of_tensorflow(name: str) -> None:
    with active():
        import tensorflow as tf

        same(function_cases.plain(function_cases.CASES[name](tf)), GOLDEN[name], name)
