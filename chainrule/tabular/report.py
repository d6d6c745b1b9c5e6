"""What people read at the end: the scores beside the baseline, and the confusion matrix."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .words import count, padded, shortened, width

_CLASS_ROWS = [
    ("accuracy", "accuracy", "{:.2%}"), ("error rate", "error_rate", "{:.2%}"),
    ("balanced accuracy", "balanced_accuracy", "{:.2%}"), ("log loss", "log_loss", "{:.4f}"),
    ("ROC AUC", "roc_auc", "{:.4f}"), ("F1", "f1", "{:.4f}"),
]  # fmt: skip
_VALUE_ROWS = [("RMSE", "rmse", "{:.6g}"), ("MAE", "mae", "{:.6g}"), ("R2", "r2", "{:.4f}")]
_MOST_CLASSES, _WIDEST = 12, 16  # a larger confusion matrix is one that nobody reads on a terminal
_HINTS = {
    "validation": "No test rows. Each of these rows was held out by a network, and decided when that one stopped.",
    "train": "No test rows: these are the training rows themselves. How well it does on others is not known.",
}
_NO_BETTER = "No better than the baseline: the columns tell little about the target, or the rows are too few."


def final_table(metrics: dict[str, Any], say: Callable[[str], str] = str) -> str:
    """The scores of the network beside those of the baseline, as text.

    Args:
        metrics: dict, as in `metrics.json`: `task`, `labels`, `rows`, `measured_on`, the scores under that name,
            `baseline`.
        say: function of a text, default `str`. What makes a text of another language of it.

    >>> scores = {"rmse": 1.0, "mae": 0.5, "r2": 0.9}
    >>> print(final_table({"task": "regression", "measured_on": "test", "rows": {"test": 9}, "labels": [],
    ...                    "test": scores, "baseline": {"rmse": 3.0, "mae": 2.0, "r2": 0.0}}))
    9 test rows   network   always the mean
    RMSE                1                 3
    MAE               0.5                 2
    R2             0.9000            0.0000
    """
    part = metrics["measured_on"]
    found, baseline = metrics[part], metrics["baseline"]
    is_class = metrics["task"] != "regression"
    head = (say(count(metrics["rows"][part], f"{part} row".replace("train ", "training "))), say("network"),
            say("majority class" if is_class else "always the mean"))  # fmt: skip
    rows = [(say(_name(label, metrics)), _cell(found[key], form), _cell(baseline[key], form))
            for label, key, form in (_CLASS_ROWS if is_class else _VALUE_ROWS)]  # fmt: skip
    lines = _aligned([head, *rows])
    if is_class and len(metrics["labels"]) <= _MOST_CLASSES:
        lines += ["", *_confusion(metrics["labels"], found["confusion"], say("true \\ predicted"))]
    hints = [_HINTS[part]] if part in _HINTS else []
    measure = "log_loss" if is_class else "rmse"
    if found[measure] >= baseline[measure]:
        hints.append(_NO_BETTER)
    for hint in hints:
        lines += ["", say(hint)]
    return "\n".join(lines)


def _name(label: str, metrics: dict[str, Any]) -> str:
    if label != "F1" or metrics["task"] == "regression":
        return label
    labels = metrics["labels"]
    return f"F1 of {shortened(labels[1], _WIDEST)}" if len(labels) == 2 else "F1, mean of classes"


def _cell(value: Any, form: str) -> str:
    return "-" if value is None else form.format(value)


def _confusion(labels: list[str], matrix: list[list[int]], corner: str) -> list[str]:
    names = [shortened(name, _WIDEST) for name in labels]
    rows = [[name, *map(str, row)] for name, row in zip(names, matrix, strict=True)]
    return _aligned([[corner, *names], *rows])


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines: the first column to the left, the others to the right."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return [
        "   ".join(padded(cell, w, left=i > 0) for i, (cell, w) in enumerate(zip(row, widths, strict=True)))
        for row in rows
    ]
