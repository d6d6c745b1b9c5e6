"""What people read at the end: the scores beside the baseline, and the confusion matrix."""

from __future__ import annotations

from typing import Any

_CLASS_ROWS = [
    ("accuracy", "accuracy", "{:.2%}"), ("error rate", "error_rate", "{:.2%}"),
    ("balanced accuracy", "balanced_accuracy", "{:.2%}"), ("log loss", "log_loss", "{:.4f}"),
    ("ROC AUC", "roc_auc", "{:.4f}"), ("F1", "f1", "{:.4f}"),
]  # fmt: skip
_VALUE_ROWS = [("RMSE", "rmse", "{:.6g}"), ("MAE", "mae", "{:.6g}"), ("R2", "r2", "{:.4f}")]
_MOST_CLASSES = 12  # more classes than this make a confusion matrix that nobody reads on a terminal


def final_table(metrics: dict[str, Any]) -> str:
    """The scores of the network beside those of the baseline, as text.

    >>> scores = {"rmse": 1.0, "mae": 0.5, "r2": 0.9}
    >>> print(final_table({"task": "regression", "measured_on": "test", "rows": {"test": 9}, "labels": [],
    ...                    "test": scores, "baseline": {"rmse": 3.0, "mae": 2.0, "r2": 0.0}}))
    test (9 rows)      network     mean
    RMSE                     1        3
    MAE                    0.5        2
    R2                  0.9000   0.0000
    """
    part = metrics["measured_on"]
    found, baseline = metrics[part], metrics["baseline"]
    is_class = metrics["task"] != "regression"
    head = (f"{part} ({metrics['rows'][part]} rows)", "network", "majority" if is_class else "mean")
    rows = [(label, _cell(found[key], form), _cell(baseline[key], form))
            for label, key, form in (_CLASS_ROWS if is_class else _VALUE_ROWS)]  # fmt: skip
    widths = [max(len(row[k]) for row in [head, *rows]) for k in range(3)]
    lines = [f"{a:<{widths[0]}}   {b:>{widths[1]}}   {c:>{widths[2]}}" for a, b, c in [head, *rows]]
    if is_class and len(metrics["labels"]) <= _MOST_CLASSES:
        lines += ["", *_confusion(metrics["labels"], found["confusion"])]
    if part == "validation":
        lines += ["", "No test rows: these rows decided when to stop, so the scores are a little too good."]
    if part == "train":
        lines += ["", "No test rows: these are the training rows themselves; they do not show how well it generalises."]
    return "\n".join(lines)


def _cell(value: Any, form: str) -> str:
    return "-" if value is None else form.format(value)


def _confusion(labels: list[str], matrix: list[list[int]]) -> list[str]:
    """Rows: what it is; columns: what the network said."""
    names = [name if len(name) <= 16 else name[:15] + "…" for name in labels]
    left = max(len("true \\ predicted"), *(len(n) for n in names))
    widths = [max(len(n), *(len(str(row[k])) for row in matrix)) for k, n in enumerate(names)]
    head = "true \\ predicted".ljust(left)
    lines = [head + "".join("   " + n.rjust(w) for n, w in zip(names, widths, strict=True))]
    for name, row in zip(names, matrix, strict=True):
        lines.append(name.ljust(left) + "".join("   " + str(v).rjust(w) for v, w in zip(row, widths, strict=True)))
    return lines
