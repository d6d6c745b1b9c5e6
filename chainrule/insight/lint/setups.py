"""Set-ups that cannot work: an output that never reaches its targets, a loss that does not fit its head.

The checks need only words and numbers: a script that is read, a model that is compiled and a derivation ask the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from .facts import CROSSENTROPIES, DISTANCES
from .rules import Hit

# the numbers that an activation can give (the ends of an open range are not reached)
RANGES = {
    "sigmoid": (0.0, 1.0), "softmax": (0.0, 1.0), "hard_sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0),
    "softsign": (-1.0, 1.0), "relu": (0.0, np.inf), "relu6": (0.0, 6.0), "softplus": (0.0, np.inf),
    "exponential": (0.0, np.inf),
}  # fmt: skip
_NO_PROBABILITIES = ("relu", "relu6", "tanh", "softsign", "softplus", "exponential", "elu", "selu", "gelu", "silu",
                     "swish", "leaky_relu")  # fmt: skip
_SOFT = {"binary_crossentropy": "sigmoid", "categorical_crossentropy": "softmax",
         "sparse_categorical_crossentropy": "softmax"}  # fmt: skip


@dataclass(frozen=True)
class Setup:
    """An output, its loss, and its targets if there are any.

    Args:
        head: str. The activation of the output, by its name in Keras; "": linear; "?": not known.
        units: int or None. The size of the output's last axis, where it is known.
        loss: str. The loss, by its name in Keras; "": another.
        from_logits: bool. What the loss was told about the output.
        targets: array or None.
        is_sample: bool. Whether the targets are only some of all.
    """

    head: str
    units: int | None
    loss: str
    from_logits: bool = False
    targets: np.ndarray | None = None
    is_sample: bool = False


def check_setup(setup: Setup) -> list[Hit]:
    """What cannot work about it.

    Args:
        setup: Setup.

    >>> [hit.rule for hit in check_setup(Setup("softmax", 1, "binary_crossentropy"))]
    ['softmax-one-unit']
    >>> (hit,) = check_setup(Setup("sigmoid", 2, "mean_squared_error", targets=np.array([[3.0, 4.0]])))
    >>> hit.rule, hit.values["infimum"]
    ('unreachable-targets', 6.5)
    """
    return [hit for check in CHECKS for hit in check(setup)]


def softmax_one_unit(setup: Setup) -> Iterator[Hit]:
    """Softmax over one unit."""
    if (setup.head, setup.units) == ("softmax", 1):
        yield Hit("softmax-one-unit", 0, {})


def loss_and_head(setup: Setup) -> Iterator[Hit]:
    """A cross-entropy on an output that it is not made for."""
    head, units, loss = setup.head, setup.units, setup.loss
    if loss not in CROSSENTROPIES or head == "?" or units is None:
        return
    fix = ""
    if loss != "binary_crossentropy" and units == 1 and head != "softmax":
        fix = "Two classes need one sigmoid unit and binary_crossentropy, or two units and softmax."
    elif loss != "binary_crossentropy" and head == "sigmoid":
        fix = "Use activation='softmax', or binary_crossentropy if several classes can be right at once."
    elif loss == "binary_crossentropy" and head == "softmax" and units > 1:
        fix = "Use categorical_crossentropy (one-hot targets) or sparse_categorical_crossentropy (class numbers)."
    elif head in _NO_PROBABILITIES and not setup.from_logits:
        fix = f"Use activation='{_SOFT[loss]}'."
    if fix:
        what = f"{units} {head or 'linear'} unit{'s' if units > 1 else ''}"
        yield Hit("loss-and-head", 0, {"loss": loss, "head": what, "fix": fix})


def logits(setup: Setup) -> Iterator[Hit]:
    """A linear output taken for probabilities, or probabilities taken for logits."""
    if setup.loss not in CROSSENTROPIES or (setup.units == 1 and setup.loss != "binary_crossentropy"):
        return
    if setup.head == "" and not setup.from_logits:
        yield Hit("logits-missing", 0, {"loss": setup.loss, "activation": _SOFT[setup.loss]})
    if setup.head in ("softmax", "sigmoid") and setup.from_logits:
        yield Hit("from-logits-twice", 0, {"activation": setup.head})


def targets(setup: Setup) -> Iterator[Hit]:
    """Targets that the output cannot reach, or that the loss does not take."""
    if setup.targets is None or not setup.targets.size:
        return
    low, high = float(np.nanmin(setup.targets)), float(np.nanmax(setup.targets))
    values = {"low": low, "high": high, "loss": setup.loss, "units": setup.units or 1}
    if setup.loss == "sparse_categorical_crossentropy":
        if setup.units is not None and (low < 0 or high >= setup.units):
            yield Hit("labels-outside", 0, {**values, "wanted": f"numbers from 0 to {setup.units - 1}"})
    elif setup.loss in CROSSENTROPIES:
        if low < 0 or high > 1:
            yield Hit("labels-outside", 0, {**values, "wanted": "targets from 0 to 1"})
    elif setup.loss in DISTANCES and setup.head in RANGES:
        least, most = RANGES[setup.head]
        if low < least or high > most:
            yield _unreachable(setup, setup.targets, low, high)


def _unreachable(setup: Setup, y: np.ndarray, low: float, high: float) -> Hit:
    least, most = RANGES[setup.head]
    reach = f"values from {least:g}" + (f" to {most:g}" if np.isfinite(most) else "")
    values = {"low": low, "high": high, "head": setup.head, "range": reach}
    beyond = np.abs(y - np.clip(y, least, most)).astype(np.float64)
    infimum = {"mean_squared_error": np.mean(beyond**2), "mean_absolute_error": np.mean(beyond)}.get(setup.loss)
    if infimum is None or setup.is_sample:
        return Hit("unreachable-targets", 0, values)
    return Hit("unreachable-targets", 0, {**values, "infimum": float(infimum)}, "unreachable-targets.bound")


CHECKS: tuple[Callable[[Setup], Iterator[Hit]], ...] = (softmax_one_unit, loss_and_head, logits, targets)
