"""Models, rows and trainings with one thing wrong each: what `diagnose` must find, and the sound one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import chainrule
from chainrule import initializers, layers, optimizers

Made = tuple[Any, np.ndarray, np.ndarray, int, dict[str, Any]]  # model, x, y, epochs, what diagnose is told besides


def rows(count: int = 400, noise: float = 0.3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two classes with a border that is not straight; four of the eight columns matter."""
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(count, 8)).astype("float32")
    z = 2 * x[:, 0] + 2 * np.sin(3 * x[:, 1]) + x[:, 2] * x[:, 3]
    return x, (z + noise * generator.normal(size=count) > 0).astype("int32")


def net(
    rate: float = 1e-3, hidden: int = 2, units: int = 32, activation: str = "relu",
    loss: str = "binary_crossentropy", head: str | None = "sigmoid", **dense: Any,
) -> Any:  # fmt: skip
    chainrule.utils.set_random_seed(3)
    stack = [layers.Dense(units, activation=activation, name=f"hidden_{i}", **dense) for i in range(hidden)]
    model = chainrule.Sequential([layers.Input((8,)), *stack, layers.Dense(1, activation=head, name="output")])
    model.compile(optimizer=optimizers.Adam(rate), loss=loss)
    return model


def line(x: np.ndarray) -> np.ndarray:
    return (3 * x[:, 0] + x[:, 1]).astype("float32")


def sound() -> Made:
    return net(), *rows(), 30, {"validation": rows(300, seed=8), "test": rows(300, seed=9)}


def sound_values() -> Made:
    x, _ = rows(800)
    noise = np.random.default_rng(1).normal(size=800)
    return net(3e-3, loss="mse", head=None, units=8, hidden=1), x, (line(x) + noise).astype("float32"), 40, {}


def rate_too_large() -> Made:
    return net(1.0), *rows(), 20, {}


def diverged() -> Made:
    x, _ = rows()
    model = net(loss="mse", head=None)
    model.compile(optimizer=optimizers.SGD(1e20), loss="mse")
    return model, x, line(x), 5, {}


def rate_too_small() -> Made:
    return net(1e-5), *rows(), 20, {}


def too_short() -> Made:
    model = net()
    model.compile(optimizer=optimizers.SGD(optimizers.schedules.ExponentialDecay(0.05, 1000, 0.9)),
                  loss="binary_crossentropy")  # fmt: skip
    return model, *rows(), 4, {}


def slow_to_converge() -> Made:
    x, _ = rows()
    return net(1e-3, hidden=0, loss="mse", head=None), x, line(x), 400, {}


def overfitted() -> Made:
    return net(units=128), *rows(200, noise=2), 100, {}


def underfitted() -> Made:
    return net(1e-2, hidden=0), *rows(1000), 60, {}


def random_labels() -> Made:
    x, _ = rows(300)
    return net(), x, np.random.default_rng(5).integers(0, 2, 300), 20, {}


FLIPPED = np.random.default_rng(5).permutation(800)[:80]


def noisy_labels() -> Made:
    x, _ = rows(800)
    y = (x[:, 0] + x[:, 1] > 0).astype("int32")
    y[FLIPPED] = 1 - y[FLIPPED]
    return net(), x, y, 20, {}


def absurd_value() -> Made:
    x, _ = rows()
    y = line(x)
    y[7] = 500
    return net(1e-2, loss="mse", head=None), x, y, 40, {}


def dead() -> Made:
    return net(bias_initializer=initializers.Constant(-30.0)), *rows(), 20, {}


def saturated() -> Made:
    wide = initializers.RandomNormal(0.0, 30.0)
    return net(activation="tanh", kernel_initializer=wide), *rows(), 20, {}


def vanishing() -> Made:
    return net(activation="sigmoid", hidden=8, units=16), *rows(), 20, {}


def exploding() -> Made:
    return net(hidden=5, kernel_initializer=initializers.RandomNormal(0.0, 3.0)), *rows(), 20, {}


def imbalanced() -> Made:
    generator = np.random.default_rng(2)
    x, _ = rows(1500)
    y = (x[:, 0] + x[:, 1] + 0.7 * generator.normal(size=1500) > 2.6).astype("int32")
    return net(), x, y, 10, {}


def unscaled() -> Made:
    x, y = rows()
    return net(), x * np.array([1, 1, 1, 1, 1000, 1, 1, 1], "float32"), y, 30, {}


def copied_target() -> Made:
    x, y = rows()
    x[:, 5] = 2 * y - 1
    return net(), x, y, 20, {}


def nearly_the_target() -> Made:
    x, y = rows()
    x[:, 5] = 2 * y - 1 + np.random.default_rng(5).uniform(-0.1, 0.1, len(y))
    return net(), x, y, 20, {}


def counted_rows() -> Made:
    x, y = rows()
    x[:, 5] = np.arange(len(x))
    return net(), x, y, 20, {}


def tested_on_training_rows() -> Made:
    x, y = rows()
    return net(), x, y, 30, {"test": (x[:100], y[:100])}


def other_test_rows() -> Made:
    x, y = rows(300, seed=9)
    return net(), *rows(), 30, {"validation": rows(300, seed=8), "test": (x + 2, y)}


def few_rows() -> Made:
    x, _ = rows()
    return net(1e-2, loss="mse", head=None), x, line(x), 60, {}


def overlapping_classes() -> Made:
    return net(), *rows(800, noise=2.5), 20, {}


def heavy_tails() -> Made:
    x, _ = rows()
    noise = np.random.default_rng(11).standard_t(3, size=400)
    return net(1e-2, loss="mse", head=None), x, (line(x) + noise).astype("float32"), 40, {}


def rare_class_that_is_found() -> Made:
    x, _ = rows(1500)
    return net(1e-2), x, (x[:, 0] + x[:, 1] > 2.4).astype("int32"), 30, {}


def good_column() -> Made:
    x, y = rows(800)
    x[:, 5] = 2 * y - 1 + 0.8 * np.random.default_rng(5).normal(size=800)
    return net(), x, y, 20, {}


def tenfold_scale() -> Made:
    x, y = rows()
    return net(), x * np.array([1, 1, 10, 1, 1, 1, 1, 1], "float32"), y, 30, {}


def years() -> Made:
    x, y = rows()
    x[:, 5] = np.arange(len(x)) // 4
    return net(), x, y, 20, {}


def weak_signal() -> Made:
    x, _ = rows(1500)
    noise = np.random.default_rng(11).normal(size=1500)
    return net(), x, (0.8 * x[:, 0] + 1.5 * noise > 0).astype("int32"), 20, {}


def few_rows_to_test() -> Made:
    return net(), *rows(), 30, {"validation": rows(60, seed=8), "test": rows(40, seed=21)}


def a_few_rows_twice() -> Made:
    (x, y), (more, labels) = rows(), rows(300, seed=9)
    more[:10], labels[:10] = x[:10], y[:10]
    return net(), x, y, 20, {"test": (more, labels)}


NEARLY: dict[str, tuple[Callable[[], Made], tuple[str, ...]]] = {  # what looks like it, and must not be called so
    "overlapping classes": (overlapping_classes, ("label-noise",)),
    "heavy tails": (heavy_tails, ("label-noise",)),
    "a rare class that is found": (rare_class_that_is_found, ("imbalance-ignored",)),
    "a good column": (good_column, ("leakage", "target-copy")),
    "a tenfold scale": (tenfold_scale, ("unscaled-inputs",)),
    "years": (years, ("identifier",)),
    "a weak signal": (weak_signal, ("no-signal", "no-better-than-baseline", "underfitting")),
    "few rows to test": (few_rows_to_test, ("validation-disagrees",)),
}
MUST_FIND: dict[str, tuple[Callable[[], Made], str]] = {  # id: (what has it, its severity)
    "learning-rate-too-small": (rate_too_small, "warning"),
    "learning-rate-too-large": (rate_too_large, "warning"),
    "training-too-short": (too_short, "warning"),
    "slow-convergence": (slow_to_converge, "info"),
    "overfitting": (overfitted, "warning"),
    "underfitting": (underfitted, "warning"),
    "no-signal": (random_labels, "error"),
    "no-better-than-baseline": (random_labels, "error"),
    "label-noise": (noisy_labels, "warning"),
    "dead-units": (dead, "warning"),
    "saturated-units": (saturated, "warning"),
    "vanishing-gradients": (vanishing, "warning"),
    "exploding-gradients": (exploding, "warning"),
    "imbalance-ignored": (imbalanced, "warning"),
    "unscaled-inputs": (unscaled, "warning"),
    "target-copy": (copied_target, "error"),
    "leakage": (nearly_the_target, "warning"),
    "identifier": (counted_rows, "warning"),
    "duplicates-across": (tested_on_training_rows, "warning"),
    "validation-disagrees": (other_test_rows, "warning"),
    "too-little-data": (few_rows, "info"),
}
