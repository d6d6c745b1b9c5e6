"""Fairness: how groups of rows are treated, as a table with intervals.

Rates have Wilson's interval, differences of rates Newcombe's (from the two intervals), means the normal one. The gap of
a measure is that between the two most different groups: of many groups some differ by chance.

Sources: Wilson 1927; Newcombe 1998, Statistics in Medicine 17, method 10; Hardt, Price and Srebro 2016,
arXiv:1610.02413 (rates by group); Chouldechova 2017, arXiv:1703.00056 (why they cannot all be equal at once).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...errors import ArgumentError
from .pool import days
from .results import Z95, Estimate, Fairness, Gap, Group
from .subject import Subject, TableSubject

_MOST_GROUPS, _FEWEST, _BINS = 10, 10, 5
_MOST_NUMBERS = 8  # a column of more numbers is cut into quarters


def fairness(about: Subject, by: str | Sequence[Any], *, output: str | int | None = None) -> Fairness:
    """Rates, errors and calibration by group.

    For classes, of one class ("positive"): `predicted` (how often it is decided on), `true` (how often it is so),
    `true positive rate`, `false positive rate`, `precision`, `accuracy`, and `calibration` (mean predicted probability
    minus share in truth). For values: `mean predicted`, `mean true`, `error` (mean of predicted - true), `RMSE`.

    Args:
        about: Subject.
        by: str, a column (the model need not read it); or the group of each row, (n,). Of many different numbers
            quarters are made, of many texts the ten commonest are kept.
        output: the positive class; default None: the second of two, or the most frequent decision. Not of values.

    Raises:
        ArgumentError: there is no such column or class.

    >>> from chainrule import Sequential, layers
    >>> from .subject import subject
    >>> net = Sequential([layers.Input((1,)), layers.Dense(1)])
    >>> about = subject(net, np.zeros((4, 1), "float32"), np.array([0, 0, 1, 1]), task="regression")
    >>> [(g.name, g.measures["error"].value) for g in fairness(about, ["a", "a", "b", "b"]).groups]
    [('a', 0.0), ('b', -1.0)]
    """
    names, of_row = _groups(about, by)
    outputs = about.ask(about.whole(np.arange(about.rows)))
    truth = np.full(about.rows, np.nan) if about.truth is None else about.truth[: about.rows]
    k = 0
    if about.is_classification:
        decided = about.decide(outputs)
        usual = 1 if about.task == "binary" else int(np.bincount(decided).argmax())
        k = about.output(output, usual)
        measured = [_class_group(names[g], outputs[of_row == g, k], decided[of_row == g] == k, truth[of_row == g], k,
                                 decided[of_row == g]) for g in range(len(names))]  # fmt: skip
    else:
        measured = [_value_group(names[g], outputs[of_row == g, 0], truth[of_row == g]) for g in range(len(names))]
    return Fairness(by if isinstance(by, str) else "group", about.outputs[k], tuple(measured), _gaps(measured))


def _groups(about: Subject, by: str | Sequence[Any]) -> tuple[list[str], np.ndarray]:
    """Names, the largest group first, and the group of each row."""
    numbers, texts = _cells(about, by)
    if numbers is not None and len(np.unique(numbers[~np.isnan(numbers)])) > _MOST_NUMBERS:
        texts = _quarters(numbers)
    found, of_row, counts = np.unique(np.array(texts, dtype=str), return_inverse=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    names, place = [str(found[i]) for i in order[:_MOST_GROUPS]], np.full(len(found), _MOST_GROUPS)
    place[order[:_MOST_GROUPS]] = np.arange(len(names))
    return [*names, *(["(others)"] if len(found) > _MOST_GROUPS else [])], place[of_row]


def _cells(about: Subject, by: str | Sequence[Any]) -> tuple[np.ndarray | None, list[str]]:
    """The cells of the column as numbers, where they are, and as texts."""
    if not isinstance(by, str):
        if len(by) != about.rows:
            raise ArgumentError(f"fairness: expected one group a row ({about.rows}); got {len(by)}.")
        array = np.asarray(by)
        return (array.astype(np.float64) if array.dtype.kind in "iuf" else None), [str(v) for v in array]
    if isinstance(about, TableSubject) and by in about.data.names:
        column = about.data.column(by)
        numbers = column.numbers()
        numbers = numbers if not np.isnan(numbers).all() else days(column)
        texts = [column.text(i) or "(missing)" for i in range(about.rows)]
        return (None if np.isnan(numbers).all() else numbers), texts
    j = about.column(by)
    found = about.numbers(j)
    return (None if found is None else found[: about.rows]), [about.cell(i, j) for i in range(about.rows)]


def _quarters(numbers: np.ndarray) -> list[str]:
    ends = np.unique(np.nanquantile(numbers, [0, 0.25, 0.5, 0.75, 1]))
    names = [f"{low:.4g} to {high:.4g}" for low, high in itertools.pairwise(ends)]
    place = np.clip(np.searchsorted(ends, numbers, side="left") - 1, 0, len(names) - 1)
    return ["(missing)" if np.isnan(v) else names[p] for v, p in zip(numbers, place, strict=True)]


def rate(hits: np.ndarray) -> Estimate | None:
    """A share and Wilson's interval; None of no rows.

    Args:
        hits: bool (n,).

    >>> rate(np.array([True] * 8 + [False] * 2))  # doctest: +ELLIPSIS
    Estimate(value=0.8, low=0.490..., high=0.943...)
    """
    n = len(hits)
    if not n:
        return None
    p, z2 = float(np.mean(hits)), Z95**2
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 * np.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return Estimate(p, float(max(0.0, middle - half)), float(min(1.0, middle + half)))


def _average(values: np.ndarray) -> Estimate | None:
    """A mean and its normal interval; None of fewer than two rows."""
    if len(values) < 2:
        return None
    return Estimate.normal(float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values))))


def _class_group(
    name: str, p: np.ndarray, positive: np.ndarray, truth: np.ndarray, k: int, decided: np.ndarray
) -> Group:
    known = ~np.isnan(truth)
    right = truth == k
    measures = {
        "predicted": rate(positive), "true": rate(right[known]),
        "true positive rate": rate(positive[known & right]), "false positive rate": rate(positive[known & ~right]),
        "precision": rate(right[known & positive]), "accuracy": rate(decided[known] == truth[known]),
        "calibration": _average(p[known] - right[known]),
    }  # fmt: skip
    return Group(name, len(p), measures, _bins(p[known], right[known].astype(np.float64), rate))


def _value_group(name: str, predicted: np.ndarray, truth: np.ndarray) -> Group:
    known = ~np.isnan(truth)
    error = predicted[known] - truth[known]
    square = _average(error**2)
    root = None
    if square is not None:
        root = Estimate(*(float(np.sqrt(max(0.0, v))) for v in (square.value, square.low, square.high)))
    measures = {
        "mean predicted": _average(predicted), "mean true": _average(truth[known]), "error": _average(error),
        "RMSE": root,
    }  # fmt: skip
    return Group(name, len(predicted), measures, _bins(predicted[known], truth[known], _average))


def _bins(
    predicted: np.ndarray, truth: np.ndarray, estimate: Callable[[np.ndarray], Estimate | None]
) -> tuple[tuple[float, Estimate, int], ...]:
    """Calibration: rows in order of what was predicted, in up to five parts of one size."""
    parts = min(_BINS, len(predicted) // _FEWEST)
    found = []
    for part in np.array_split(np.argsort(predicted, kind="stable"), parts) if parts else []:
        measured = estimate(truth[part])
        if measured is not None:
            found.append((float(predicted[part].mean()), measured, len(part)))
    return tuple(found)


def _gaps(groups: Sequence[Group]) -> tuple[Gap, ...]:
    """Of each measure the largest difference between two groups of ten rows or more."""
    found = []
    for measure in groups[0].measures:
        known = [(g.name, e) for g in groups if g.rows >= _FEWEST and (e := g.measures[measure]) is not None]
        if len(known) < 2:
            continue
        known.sort(key=lambda one: one[1].value)
        (lower, bottom), *_, (higher, top) = known
        value = top.value - bottom.value
        below = np.hypot(top.value - top.low, bottom.high - bottom.value)
        above = np.hypot(top.high - top.value, bottom.value - bottom.low)
        found.append(Gap(measure, higher, lower, Estimate(value, float(value - below), float(value + above))))
    return tuple(found)
