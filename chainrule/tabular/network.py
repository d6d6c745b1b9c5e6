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
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .. import layers, losses, optimizers
from ..data import Target
from ..errors import ArgumentError, did_you_mean, listed
from ..models import Model, Sequential
from . import architectures
from .architectures import Layout, Making
from .blocks import WeightedMean
from .member_loss import MemberLoss, member_metrics
from .presets import AUTO, PRESETS, of_clear_rows, setting
from .rates import FourWaves

SCHEDULES = ("plateau", "waves")
_FOLDS = 5
_NARROW = 64  # units: fewer are not held back
_NOT_DECAYED = ["bias", "scale_in", "scale_out", "scale", "frequency", "phase", "gamma", "beta"]

# below so many rows: batch size and learning rate
_STEPS = ((1_000, 32, 1e-3), (5_000, 64, 1e-3), (10_000, 128, 1e-3), (100_000, 256, 2e-3), (np.inf, 512, 2e-3))


@dataclass(frozen=True)
class Training:
    """How networks are trained; None: chosen from the number of rows (`plan`).

    Args:
        preset: str. What kind of network: one of `presets.PRESETS`, or "auto": several kinds, weighted.
        members: int. Networks that share weights inside one of the preset "tabm".
        schedule: str. What becomes of the learning rate: "plateau" (halved while nothing gets better) or "waves"
            (RealMLP's four waves, then down to 0).
        layers: tuple of int. Units of each hidden layer; () for a linear model.
        networks: int. How many are trained, each with other rows held out; their outputs are averaged.
        epochs: int. At most so many passes over the rows.
        batch_size: int. Rows a step.
        learning_rate: float.
        weight_decay: float. Each step takes learning_rate * weight_decay of every weight away.
        dropout: float. The share of hidden units left out in each step.
        patience: int. Epochs without a better validation loss that are borne.
        folds: int. Into how many parts the rows are cut; each network of a kind holds out another one. By default 5, or
            as many as the networks that were asked for; given, every part is held out once: cross-validation. More
            networks than parts hold out parts of another cut.
        finds_rate: bool, default False. Whether the learning rate is found by trying (`rate_finder.py`).
        searches: bool, default False. Whether the settings are searched for (`search.py`).
        clear: bool, default False. Whether the columns leave hardly any doubt about the target, so that networks are
            not held back (`clearness.py`).
        seconds: float. The time that training may take, turned into a plan by counting (`budget.py`); 0: any.
    """

    preset: str | None = None
    members: int | None = None
    schedule: str | None = None
    layers: tuple[int, ...] | None = None
    networks: int | None = None
    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    weight_decay: float | None = None
    dropout: float | None = None
    patience: int | None = None
    folds: int | None = None
    finds_rate: bool = False
    searches: bool = False
    clear: bool = False
    seconds: float | None = None


@dataclass(frozen=True)
class Plan:
    """A `Training` in which every choice is made. The fields mean the same."""

    preset: str
    members: int
    schedule: str
    layers: tuple[int, ...]
    networks: int
    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    dropout: float
    patience: int
    folds: int
    clear: bool = False


def plan(wanted: Training, rows: int) -> Plan:
    """Make every choice that is left open, for a number of training rows.

    Args:
        wanted: Training. Without a preset, or with "auto", it is one of "mlp" (`budget.programme` chooses for "auto").
        rows: int. Rows that train or decide when to stop.

    Raises:
        ArgumentError: a value is out of range; the message names the option of the command line.

    >>> plan(Training(), 600).batch_size, plan(Training(layers=(8,)), 20_000).layers
    (32, (8,))
    >>> plan(Training(preset="tabm"), 600).members
    16
    """
    small, narrow = rows < 5_000, max(wanted.layers or (_NARROW,)) < _NARROW
    batch_size, rate = next((size, rate) for limit, size, rate in _STEPS if rows < limit)
    name = _preset_name(wanted)
    chosen = {
        "preset": name,
        "members": 1,
        "schedule": "plateau",
        "layers": (256, 128),
        "networks": 5 if rows < 100_000 else 3,
        "epochs": 200 if small else 100,
        "batch_size": batch_size,
        "learning_rate": rate,
        "weight_decay": 0.5 if narrow else 2.0,
        "dropout": 0.0 if narrow else 0.2,
        "patience": 20 if small else 10,
        "folds": _FOLDS,
    }
    own = {key: setting(name, key, rows) for key in PRESETS[name].settings if not (narrow and key == "dropout")}
    if wanted.clear:
        own |= of_clear_rows(name, rows)
    asked = vars(wanted) | {"networks": wanted.folds if wanted.networks is None else wanted.networks}
    given = {key: value for key, value in asked.items() if value is not None and key in chosen}
    result = Plan(**{**chosen, **own, **given, "preset": name, "clear": wanted.clear})  # type: ignore[arg-type]
    if wanted.folds is None and wanted.networks is not None:
        result = replace(result, folds=max(result.networks, _FOLDS))
    _check(result)
    return result


def _preset_name(wanted: Training) -> str:
    name = "mlp" if wanted.preset in (None, AUTO) else str(wanted.preset)
    if name not in PRESETS:
        known = [*PRESETS, AUTO]
        raise ArgumentError(f"--preset: expected one of {listed(known)}; got {name!r}.{did_you_mean(name, known)}")
    return name


def _check(chosen: Plan) -> None:
    for name in ("members", "networks", "epochs", "batch_size", "patience"):
        _expect(name, getattr(chosen, name) >= 1, "a positive whole number", getattr(chosen, name))
    _expect("folds", chosen.folds >= 2, "a whole number from 2", chosen.folds)
    _expect("learning_rate", 0 < chosen.learning_rate < np.inf, "a number above 0", chosen.learning_rate)
    _expect("weight_decay", 0 <= chosen.weight_decay < np.inf, "a number from 0", chosen.weight_decay)
    _expect("dropout", 0 <= chosen.dropout < 1, "a share from 0 up to, not including, 1", chosen.dropout)
    _expect("schedule", chosen.schedule in SCHEDULES, f"one of {listed(SCHEDULES)}", chosen.schedule)
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


def build(
    width: int, target: Target, chosen: Plan, seed: Sequence[int], name: str = "network",
    layout: Layout | None = None, rows: int = 10_000,
) -> Any:  # fmt: skip
    """A compiled network: the plan's architecture, and the output and loss that the task needs.

    Args:
        width: int. Inputs.
        target: Target. Decides about output and loss.
        chosen: Plan.
        seed: sequence of int. The same numbers give the same weights.
        name: str, default "network".
        layout: Layout or None, default None. What the inputs are; without it every input is a column of its own.
        rows: int, default 10,000. Rows of an epoch: the steps after which a learning rate with a schedule is 0.

    Returns:
        Sequential for dense layers one after another, else a functional Model; (n, width) -> (n, outputs).
    """
    seeds = iter(np.random.SeedSequence(list(seed)).generate_state(8 * len(chosen.layers) + 8).tolist())
    units, activation = outputs_of_task(target)
    made = Making(layout or Layout.plain(width), chosen, units, activation, seeds)
    if chosen.preset == "mlp":
        model: Any = _dense(width, made, name)
    else:
        row = layers.Input((width,), name="row")
        model = Model(row, PRESETS[chosen.preset].make(row, made), name=name)
    steps = chosen.epochs * -(-rows // chosen.batch_size)
    rate = FourWaves(chosen.learning_rate, steps) if chosen.schedule == "waves" else chosen.learning_rate
    optimizer = optimizers.AdamW(rate, weight_decay=chosen.weight_decay)
    optimizer.exclude_from_weight_decay(var_names=_NOT_DECAYED)
    loss: Any = {"binary": losses.BinaryCrossentropy(), "multiclass": losses.SparseCategoricalCrossentropy()}
    plain: Any = loss.get(target.task, losses.MeanSquaredError())
    metrics: list[Any] = ["accuracy"] if target.is_classification else ["mae"]
    if chosen.preset == "tabm":
        plain, metrics = MemberLoss(plain), member_metrics(target.task)
    model._is_checked = False  # the user has not built it: `insight.diagnosis` says what can be done with options
    model.compile(optimizer=optimizer, loss=plain, metrics=metrics)
    return model


def outputs_of_task(target: Target) -> tuple[int, str | None]:
    """How many outputs a network has, and their activation.

    >>> outputs_of_task(Target("y", "multiclass", ("a", "b", "c")))
    (3, 'softmax')
    """
    found = {"binary": (1, "sigmoid"), "multiclass": (len(target.labels), "softmax")}
    return found.get(target.task, (1, None))


def _dense(width: int, made: Making, name: str) -> Sequential:
    """The preset "mlp", as layers one after another."""
    row = layers.Input((width,), name="row")
    graph = Model(row, architectures.mlp(row, made), name=f"{name}_graph")
    return Sequential([layers.Input((width,), name="row"), *graph.layers[1:]], name=name)


def committee(networks: Sequence[Any], weights: Sequence[float] | None = None) -> Any:
    """One model of several networks, each with an input of its own: the mean of their outputs.

    Args:
        networks: sequence of models. Of one alone a copy is returned, without what only training needs.
        weights: sequence of float or None, default None (all alike). They sum to 1.
    """
    if len(networks) == 1:
        copy = type(networks[0]).from_config(networks[0].get_config())
        copy.set_weights(networks[0].get_weights())
        return copy
    inputs = [layers.Input(network.input_shape[1:], name=f"rows_{i}") for i, network in enumerate(networks, 1)]
    outputs = [network(x) for network, x in zip(networks, inputs, strict=True)]
    alike = weights is None or len(set(weights)) == 1
    mean: Any = layers.Average(name="average") if alike else WeightedMean(list(weights or ()), name="average")
    return Model(inputs, mean(outputs), name="committee")


def members(model: Any) -> list[Any]:
    """The networks that `committee` was given.

    Args:
        model: what `committee` returned, or a copy of it that was saved and loaded.
    """
    inside = [layer for layer in model.layers if isinstance(layer, Model)]
    return inside or [model]


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


def kind_of(network: Any) -> str:
    """The preset of a network of `auto`, by the layers that only it has.

    Args:
        network: Model.
    """
    layers = {type(layer).__name__ for layer in network.layers}
    return "tabm" if "MemberMean" in layers else "realmlp" if "ScaledDense" in layers else "mlp"
