"""Set-ups that cannot work: an output that never reaches its targets, a loss that does not fit its head.

`check_setup` needs only words and numbers, so that a linter can ask it as well as a derivation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

# the numbers that an activation can give (the ends of an open range are not reached)
RANGES = {
    "sigmoid": (0.0, 1.0), "softmax": (0.0, 1.0), "hard_sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0),
    "softsign": (-1.0, 1.0), "relu": (0.0, np.inf), "relu6": (0.0, 6.0), "softplus": (0.0, np.inf),
    "exponential": (0.0, np.inf),
}  # fmt: skip
CROSSENTROPIES = ("binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy")
_NORMALISED = ("sigmoid", "softmax", "hard_sigmoid")


@dataclass(frozen=True)
class Misfit:
    """Something about a set-up that does not fit together.

    Args:
        code: str. 'targets_out_of_range', 'unbounded_loss', 'softmax_of_one', 'unnormalised', 'applied_twice',
            'class_out_of_range'.
        facts: dict. The numbers and names that its sentence needs.
    """

    code: str
    facts: dict[str, Any]


def check_setup(
    head: str | None, units: int, loss: str | None, from_logits: bool = False, targets: np.ndarray | None = None
) -> list[Misfit]:
    """What cannot work about an output, its loss and its targets.

    Args:
        head: str or None. The activation of the output, by its name in Keras; None: linear.
        units: int. The size of the output's last axis.
        loss: str or None. The loss, by its name in Keras; None: another.
        from_logits: bool. What the loss was told about the output.
        targets: array or None.

    >>> [f.code for f in check_setup("softmax", 1, "binary_crossentropy")]
    ['softmax_of_one']
    >>> found = check_setup("sigmoid", 2, "mean_squared_error", targets=np.array([[3.0, 4.0]]))
    >>> found[0].code, found[0].facts["infimum"]
    ('targets_out_of_range', 6.5)
    """
    found = []
    if head == "softmax" and units == 1:
        found.append(Misfit("softmax_of_one", {}))
    if loss in CROSSENTROPIES:
        found += _about_crossentropy(head, loss, from_logits)
    if targets is not None and np.asarray(targets).size:
        found += _about_targets(head, units, loss, np.asarray(targets))
    return found


def _about_crossentropy(head: str | None, loss: str, from_logits: bool) -> list[Misfit]:
    if from_logits and head in ("sigmoid", "softmax"):
        return [Misfit("applied_twice", {"head": head, "loss": loss})]
    if not from_logits and head not in _NORMALISED:
        return [Misfit("unnormalised", {"head": head or "linear", "loss": loss})]
    return []


def _about_targets(head: str | None, units: int, loss: str | None, targets: np.ndarray) -> list[Misfit]:
    low, high = float(np.nanmin(targets)), float(np.nanmax(targets))
    facts = {"low": low, "high": high, "head": head or "linear", "loss": loss}
    if loss == "sparse_categorical_crossentropy":
        is_inside = low >= 0 and high < units
        return [] if is_inside else [Misfit("class_out_of_range", {**facts, "units": units})]
    if loss in CROSSENTROPIES:
        return [] if low >= 0 and high <= 1 else [Misfit("unbounded_loss", facts)]
    least, most = RANGES.get(head or "", (-np.inf, np.inf))
    if least <= low and high <= most:
        return []
    beyond = np.abs(targets - np.clip(targets, least, most)).astype(np.float64)
    infimum = {"mean_squared_error": np.mean(beyond**2), "mean_absolute_error": np.mean(beyond)}.get(loss or "")
    known = None if infimum is None else float(infimum)
    return [Misfit("targets_out_of_range", {**facts, "least": least, "most": most, "infimum": known})]
