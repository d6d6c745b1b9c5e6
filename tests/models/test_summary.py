"""The table that `summary` prints."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers
from chainrule.errors import ArgumentError

ROOT = Path(__file__).parents[2]
CASES = json.loads((ROOT / "tests/golden/summaries.json").read_text())["cases"]
spec = importlib.util.spec_from_file_location("summary_models", ROOT / "scripts/golden/summary_models.py")
made_alike = importlib.util.module_from_spec(spec)
spec.loader.exec_module(made_alike)


def lines(model, **arguments):
    found = []
    model.summary(print_fn=found.append, **arguments)
    return "\n".join(found).splitlines()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['model']} {case['options']}")
def test_it_is_what_keras_prints(case, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    cr.utils.clear_session()
    assert lines(made_alike.MODELS[case["model"]](cr), **case["options"]) == case["text"].splitlines()


def test_it_is_printed(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    model = made_alike.MODELS["unbuilt"](cr)
    model.summary()
    assert capsys.readouterr().out.splitlines() == lines(model)


def test_frozen_and_compiled():
    model = cr.Sequential([cr.Input((8,)), layers.Dense(64, name="a"), layers.BatchNormalization(name="n")])
    model.layers[0].trainable = False
    model.compile("adam", "mse")
    model.fit(np.ones((4, 8)), np.ones((4, 64)), verbose=0)
    shown = lines(model, show_trainable=True)
    assert any("a (Dense)" in line and line.endswith("  N   │") for line in shown)
    assert shown[-4:-1] == [
        " Total params: 1,090 (4.26 KB)", " Trainable params: 128 (512.00 B)", " Non-trainable params: 704 (2.75 KB)",
    ]  # fmt: skip
    assert shown[-1].startswith(" Optimizer params: 258 ")


def test_not_built_yet():
    shown = lines(cr.Sequential([layers.Dense(3, name="d")]))
    assert any("d (Dense)" in line and "0 (unbuilt) │" in line for line in shown)


def test_functional_with_several_outputs_of_a_layer_and_nested():
    x = cr.Input((4,), name="x")
    inner = cr.Sequential([layers.Dense(2, name="deep")], name="inner")
    model = cr.Model(x, [inner(x), layers.Dense(1, name="top")(x)])
    flat, nested = lines(model), lines(model, expand_nested=True)
    assert [line.split()[1] for line in flat if "(" in line and line.startswith("│")] == ["x", "inner", "top"]
    assert any("deep (Dense)" in line for line in nested) and not any("deep" in line for line in flat)
    assert any("(None, 4)" in line and "InputLayer" in line for line in flat)


def test_subclassed():
    class Net(cr.Model):
        def __init__(self):
            super().__init__(name="sub")
            self.one, self.two = layers.Dense(2, name="one"), layers.Dense(1, name="two")

        def call(self, inputs):
            return self.two(self.one(inputs))

    model = Net()
    model(np.ones((1, 3)))
    shown = lines(model)
    assert shown[0] == 'Model: "sub"' and any("one (Dense)" in s and " 8 │" in s for s in shown)
    assert " Total params: 11 (44.00 B)" in shown


def test_line_length_widens_the_table():
    model = cr.Sequential([cr.Input((3,)), layers.Dense(1)])
    assert len(lines(model, line_length=90)[1]) == 90


def test_some_of_the_layers():
    model = cr.Sequential([cr.Input((3,)), *[layers.Dense(1, name=f"d{k}") for k in range(4)]])
    shown = [line.split()[1] for line in lines(model, layer_range=("d1", "d2")) if "(Dense)" in line]
    assert shown == ["d1", "d2"]
    with pytest.raises(ArgumentError, match="the names of two layers"):
        model.summary(layer_range=("d1", "missing"))
