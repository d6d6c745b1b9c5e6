"""Networks whose explanations are known in closed form."""

from __future__ import annotations

import numpy as np

from chainrule import Input, Model, Sequential, layers
from chainrule.data import Table, TableEncoder, Target, inspect_columns
from chainrule.insight import explain
from chainrule.tabular import TableModel


def linear(weights, bias=0.0, activation=None) -> Sequential:
    """activation(weights . x + bias)."""
    net = Sequential([layers.Input((len(weights),)), layers.Dense(1, activation=activation)])
    net.set_weights([np.array(weights, np.float32)[:, None], np.array([bias], np.float32)])
    return net


def product() -> Model:
    """x0 * x1 of three inputs; the third is not read."""
    x = Input((3,))
    first, second = (layers.Dense(1, use_bias=False, name=name)(x) for name in ("first", "second"))
    net = Model(x, layers.Multiply()([first, second]))
    net.get_layer("first").set_weights([np.array([[1.0], [0.0], [0.0]])])
    net.get_layer("second").set_weights([np.array([[0.0], [1.0], [0.0]])])
    return net


def random_net(inputs: int, units: tuple[int, ...], outputs: int, seed: int, activation="tanh") -> Sequential:
    """A dense net with normal weights and a softmax, or a linear output where there is one."""
    generator = np.random.default_rng(seed)
    net = Sequential([layers.Input((inputs,)), *[layers.Dense(u, activation=activation) for u in units],
                      layers.Dense(outputs, activation="softmax" if outputs > 1 else None)])  # fmt: skip
    net.set_weights([generator.normal(size=w.shape) * 0.7 for w in net.get_weights()])
    return net


def normal(rows: int, columns: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, columns)).astype(np.float32)


def by_column(found: explain.Attribution) -> dict[str, float]:
    return {c.column: c.value.value for c in found.contributions}


def people(rows: int = 300, seed: int = 0) -> Table:
    """age, colour, note (missing here and there), label: the label follows age and colour."""
    generator = np.random.default_rng(seed)
    age, colour = generator.integers(18, 80, rows), generator.choice(["red", "green", "blue"], rows)
    note = np.where(generator.random(rows) < 0.1, np.nan, generator.normal(size=rows).round(2))
    label = np.where((age - 48) / 15 + (colour == "red") + 0.3 * generator.normal(size=rows) > 0, "yes", "no")
    return Table.from_columns({"age": age, "colour": colour, "note": note, "label": label})


def table_model(table: Table, networks: int = 2, seed: int = 0, weights=None) -> TableModel:
    """A model of `people` with random weights in one hidden layer, the encoders learnt from parts of the rows."""
    reports, found = inspect_columns(table, "label"), []
    for number in range(networks):
        part = table.take(np.arange(number, len(table), networks))
        encoder = TableEncoder().fit(part, reports, "label")
        net = random_net(encoder.width, (8,), 1, seed + number)
        net = Sequential([*net.layers[:-1], layers.Dense(1, activation="sigmoid")])
        net.build((None, encoder.width))
        generator = np.random.default_rng(seed + 10 + number)
        net.set_weights([generator.normal(size=w.shape) * 0.5 for w in net.get_weights()])
        found.append((net, encoder))
    target = Target("label", "binary", ("no", "yes"))
    return TableModel([n for n, _ in found], [e for _, e in found], target, [0.5, 0.5], weights)
