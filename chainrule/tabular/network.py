"""The networks for a table: sizes, rates and loss, chosen from the data.

The defaults were measured, one change at a time, on 2 to 4 random splits of 6 to 14 tables of 208 to 33,000 rows. The
numbers are geometric means over the tables: of the test loss (log loss, or 1 - R2) and of the share of errors, after /
before; differences below 0.01 are noise.

- Five networks, each stopped on another fifth of the rows, for one: 0.957, 0.978. Every row then trains four of them,
  stopping depends less on luck, and the rows held out give honest scores where no test part is wanted. Above 10,000
  rows three do nearly as well.
- Weight decay 0.5 (a step takes 0.0005 of each weight) for 0.0001: 0.983, 0.984; 1 and 2: no better.
- Hidden layers of 256 and 128 units for 128 and 64: 0.981, 0.973; 512 and 256, or 256 alone: 1.005 and 1.023.
- No dropout for dropout of 0.2, once there are five networks: 0.99, 0.98.
- Patience 12 for 20: 1.01, 1.02. Batches of 64 for 32: 1.007, 1.003, in half the steps: taken from 1,000 rows on.
  From 10,000 rows on, batches of 256 at twice the learning rate for 128: 0.998, 0.998.
- Nothing gained, so left out: training again on all rows for the epochs found (0.993, 1.011), averaging the weights
  over steps (0.995, 0.987), a third layer (1.07, 1.03), half or twice the learning rate (0.995, 0.999; 1.012, 1.003),
  label smoothing (errors 0.996, log loss far worse where classes are clear).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import initializers, layers, losses, optimizers
from ..data import Target
from ..errors import ArgumentError
from ..models import Model, Sequential

# below so many rows: batch size and learning rate
_STEPS = ((1_000, 32, 1e-3), (5_000, 64, 1e-3), (10_000, 128, 1e-3), (100_000, 256, 2e-3), (np.inf, 512, 2e-3))


@dataclass(frozen=True)
class Training:
    """How networks are trained; None: chosen from the number of rows (`plan`).

    Args:
        layers: tuple of int. Units of each hidden layer; () for a linear model.
        networks: int. How many are trained, each with other rows held out; their outputs are averaged.
        epochs: int. At most so many passes over the rows.
        batch_size: int. Rows a step.
        learning_rate: float.
        weight_decay: float. Each step takes learning_rate * weight_decay of every weight away.
        dropout: float. The share of hidden units left out in each step.
        patience: int. Epochs without a better validation loss that are borne.
    """

    layers: tuple[int, ...] | None = None
    networks: int | None = None
    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    weight_decay: float | None = None
    dropout: float | None = None
    patience: int | None = None


@dataclass(frozen=True)
class Plan:
    """A `Training` in which every choice is made. The fields mean the same."""

    layers: tuple[int, ...]
    networks: int
    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    dropout: float
    patience: int


def plan(wanted: Training, rows: int) -> Plan:
    """Make every choice that is left open, for a number of training rows.

    Args:
        wanted: Training.
        rows: int. Rows that train or decide when to stop.

    Raises:
        ArgumentError: a value is out of range; the message names the option of the command line.

    >>> plan(Training(), 600).batch_size, plan(Training(layers=(8,)), 20_000).layers
    (32, (8,))
    """
    small = rows < 5_000
    batch_size, rate = next((size, rate) for limit, size, rate in _STEPS if rows < limit)
    chosen = {
        "layers": (256, 128),
        "networks": 5 if rows < 10_000 else 3,
        "epochs": 200 if small else 100,
        "batch_size": batch_size,
        "learning_rate": rate,
        "weight_decay": 0.5,
        "dropout": 0.0,
        "patience": 20 if small else 10,
    }
    given = {key: value for key, value in vars(wanted).items() if value is not None}
    result = Plan(**{**chosen, **given})  # type: ignore[arg-type]
    _check(result)
    return result


def _check(chosen: Plan) -> None:
    for name in ("networks", "epochs", "batch_size", "patience"):
        _expect(name, getattr(chosen, name) >= 1, "a positive whole number", getattr(chosen, name))
    _expect("learning_rate", 0 < chosen.learning_rate < np.inf, "a number above 0", chosen.learning_rate)
    _expect("weight_decay", 0 <= chosen.weight_decay < np.inf, "a number from 0", chosen.weight_decay)
    _expect("dropout", 0 <= chosen.dropout < 1, "a share from 0 up to, not including, 1", chosen.dropout)
    _expect("layers", all(n >= 1 for n in chosen.layers), "positive numbers of units, like 64,32", chosen.layers)


def _expect(name: str, right: bool, expected: str, got: object) -> None:
    if not right:
        raise ArgumentError(f"--{name.replace('_', '-')}: expected {expected}; got {got}.")


def parse_layers(text: str) -> tuple[int, ...]:
    """Units of hidden layers from text; "none" or "0" for none.

    Args:
        text: str.

    Raises:
        ArgumentError: it is no list of whole numbers.

    >>> parse_layers("64,32"), parse_layers("none")
    ((64, 32), ())
    """
    if text.strip().lower() in ("0", "none"):
        return ()
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise ArgumentError(
            f"--layers: expected numbers of units like 64,32, or none for a linear model; got {text!r}."
        ) from None


def build(width: int, target: Target, chosen: Plan, seed: Sequence[int], name: str = "network") -> Sequential:
    """A compiled network: hidden layers of ReLU units with dropout, and the output that the task needs.

    Args:
        width: int. Inputs.
        target: Target. Decides about output and loss.
        chosen: Plan.
        seed: sequence of int. The same numbers give the same weights.
        name: str, default "network".
    """
    seeds = iter(np.random.SeedSequence(list(seed)).generate_state(2 * len(chosen.layers) + 1).tolist())
    model = Sequential([layers.Input((width,), name="row")], name=name)
    for position, units in enumerate(chosen.layers, start=1):
        start: Any = initializers.HeNormal(seed=next(seeds))
        model.add(layers.Dense(units, activation="relu", kernel_initializer=start, name=f"hidden_{position}"))
        if chosen.dropout:
            model.add(layers.Dropout(chosen.dropout, seed=next(seeds), name=f"dropout_{position}"))
    units, activation = {"binary": (1, "sigmoid"), "multiclass": (len(target.labels), "softmax")}.get(
        target.task, (1, None)
    )
    start = initializers.GlorotUniform(seed=next(seeds))
    model.add(layers.Dense(units, activation=activation, kernel_initializer=start, name="output"))
    optimizer = optimizers.AdamW(chosen.learning_rate, weight_decay=chosen.weight_decay)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    loss = {"binary": losses.BinaryCrossentropy(), "multiclass": losses.SparseCategoricalCrossentropy()}
    model.compile(
        optimizer=optimizer, loss=loss.get(target.task, losses.MeanSquaredError()),
        metrics=["accuracy"] if target.is_classification else ["mae"],
    )  # fmt: skip
    return model


def committee(networks: Sequence[Sequential]) -> Any:
    """One model of several networks, each with an input of its own: the mean of their outputs.

    Args:
        networks: sequence of Sequential. Of one alone a copy is returned, without what only training needs.
    """
    if len(networks) == 1:
        copy = Sequential.from_config(networks[0].get_config())
        copy.set_weights(networks[0].get_weights())
        return copy
    inputs = [layers.Input(network.input_shape[1:], name=f"rows_{i}") for i, network in enumerate(networks, 1)]
    outputs = [network(x) for network, x in zip(networks, inputs, strict=True)]
    return Model(inputs, layers.Average(name="average")(outputs), name="committee")


def members(model: Any) -> list[Sequential]:
    """The networks that `committee` was given.

    Args:
        model: what `committee` returned, or a copy of it that was saved and loaded.
    """
    if isinstance(model, Sequential):
        return [model]
    return [layer for layer in model.layers if isinstance(layer, Sequential)]


def as_targets(values: np.ndarray, target: Target, scale: Sequence[float]) -> np.ndarray:
    """What a network is trained on: class numbers as they are, values standardised.

    Args:
        values: (n,) class numbers or values.
        target: Target.
        scale: (mean, deviation) of the values.

    Returns:
        int32 or float32 array (n, 1).
    """
    if target.is_classification:
        return values.astype(np.int32)[:, None]
    return ((values - scale[0]) / scale[1]).astype(np.float32)[:, None]
