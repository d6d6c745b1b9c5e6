"""The table that `summary` prints."""

from __future__ import annotations

import numpy as np

import chainrule as cr
from chainrule import layers


def lines(model, **arguments):
    found = []
    model.summary(print_fn=found.append, **arguments)
    return "\n".join(found).splitlines()


def test_sequential(capsys):
    dense = layers.Dense(64, activation="relu", name="first"), layers.Dense(1, name="b")
    model = cr.Sequential([cr.Input((8,)), *dense], name="net")
    model.summary()
    shown = capsys.readouterr().out.splitlines()
    assert shown == [
        'Model: "net"',
        "┏━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━┳━━━━━━━━━┓",
        "┃ Layer (type)  ┃ Output Shape ┃ Param # ┃",
        "┡━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━╇━━━━━━━━━┩",
        "│ first (Dense) │ (None, 64)   │     576 │",
        "├───────────────┼──────────────┼─────────┤",
        "│ b (Dense)     │ (None, 1)    │      65 │",
        "└───────────────┴──────────────┴─────────┘",
        " Total params: 641 (2.50 KB)",
        " Trainable params: 641 (2.50 KB)",
        " Non-trainable params: 0 (0.00 B)",
    ]


def test_frozen_and_compiled():
    model = cr.Sequential([cr.Input((8,)), layers.Dense(64, name="a"), layers.BatchNormalization(name="n")])
    model.layers[0].trainable = False
    model.compile("adam", "mse")
    model.fit(np.ones((4, 8)), np.ones((4, 64)), verbose=0)
    shown = lines(model, show_trainable=True)
    assert any("a (Dense)" in line and "│ N " in line for line in shown)
    assert shown[-4:-1] == [
        " Total params: 1,090 (4.26 KB)", " Trainable params: 128 (512.00 B)", " Non-trainable params: 704 (2.75 KB)",
    ]  # fmt: skip
    assert shown[-1].startswith(" Optimizer params: 258 ")


def test_not_built_yet():
    shown = lines(cr.Sequential([layers.Dense(3, name="d")]))
    assert "│ d (Dense)    │ ?            │ 0 (unbuilt) │" in shown


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
