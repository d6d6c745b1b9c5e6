"""Which way a number of the logs gets better."""

from __future__ import annotations

from typing import Any

from .. import metrics

_FALLS = ("error", "loss", "crossentropy", "hinge", "divergence", "poisson", "huber", "log_cosh", "false")
_GROWS = ("accuracy", "auc", "precision", "recall", "sensitivity", "specificity", "score", "iou", "correlation",
          "true_", "cosine_similarity")  # fmt: skip


def grows(model: Any, monitor: str) -> bool | None:
    """Whether larger is better for the number of that name; None if that cannot be known.

    A loss falls. For a metric its class (or the function behind it) decides, not the name that a user gave it; a
    metric may say it itself with an attribute `_direction`, "up" or "down".
    """
    name = monitor.removeprefix("val_")
    if name == "loss" or name.endswith("_loss"):
        return False
    metric = dict(model._named_metrics()).get(name)
    if metric is None:
        return None
    said = getattr(metric, "_direction", None)
    if said in ("up", "down"):
        return bool(said == "up")
    function = getattr(metric, "_fn", None) if type(metric) is metrics.MeanMetricWrapper else None
    word = metrics.snake_case(type(metric).__name__) if function is None else getattr(function, "__name__", "")
    if function is None and word not in metrics.ALL:
        return None  # a class of the user's
    if any(part in word for part in _FALLS):
        return False
    return True if any(part in word for part in (*_GROWS, "io_u")) else None
