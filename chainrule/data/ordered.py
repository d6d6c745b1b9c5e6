"""Splits that keep together what belongs together: whole groups, or the order of time.

Rows of one patient, or of one minute, know of one another. Where new rows will be of new patients, or of tomorrow, the
rows held out must be so, too.
"""

from __future__ import annotations

import math

import numpy as np

from ..errors import ArgumentError, DataError
from .splitting import Split


def split_groups(groups: np.ndarray, test_size: float, seed: int = 0) -> Split:
    """Hold out whole groups, drawn at random, with about `test_size` of the rows.

    Args:
        groups: int array (n,): the group of each row.
        test_size: float in [0, 1).
        seed: int, default 0.

    Raises:
        DataError: there is one group only, and rows are to be held out.

    >>> split = split_groups(np.array([0, 0, 1, 1, 2, 2, 3, 3]), 0.25)
    >>> len(split.test), len(set(np.array([0, 0, 1, 1, 2, 2, 3, 3])[split.test]))
    (2, 1)
    """
    _check_size(test_size)
    rows = np.arange(len(groups))
    if not test_size:
        return Split(rows, rows[:0], rows[:0])
    names, index, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    if len(names) < 2:
        raise DataError("--group: expected two groups or more; the column holds one, so none can be held out.")
    order = np.random.Generator(np.random.PCG64(seed)).permutation(len(names))
    wanted = test_size * len(groups)
    before = np.cumsum(sizes[order]) - sizes[order]
    taken = (before + sizes[order] / 2 <= wanted) | (np.arange(len(order)) == 0)
    taken[-1] = False  # at least one group to learn from
    held = np.isin(index, order[taken])
    return Split(rows[~held], rows[:0], rows[held])


def split_in_order(times: np.ndarray, test_size: float) -> Split:
    """Hold out the latest rows. Rows of one moment stay together.

    Args:
        times: float64 (n,): when each row was; no NaN.
        test_size: float in [0, 1).

    Raises:
        DataError: all rows are of one moment, and rows are to be held out.

    >>> split_in_order(np.array([3.0, 1.0, 2.0, 4.0]), 0.5).test
    array([0, 3])
    """
    _check_size(test_size)
    rows, count = np.arange(len(times)), math.ceil(round(test_size * len(times), 9))
    if not count:
        return Split(rows, rows[:0], rows[:0])
    first = np.sort(times)[-count]
    held = times >= first
    if held.all():  # the earliest moment is so common that it would be held out, too
        held = times > first
    if not held.any():
        raise DataError("--time: expected rows of different moments; all are of one, so none is later than others.")
    return Split(rows[~held], rows[:0], rows[held])


def fold_groups(groups: np.ndarray, count: int, seed: int = 0) -> list[np.ndarray]:
    """Cut rows into `count` parts of whole groups, of sizes as equal as the groups allow.

    Args:
        groups: int array (n,).
        count: int from 1. There are fewer parts where there are fewer groups.
        seed: int, default 0.

    >>> [part.tolist() for part in fold_groups(np.array([5, 5, 5, 7, 8, 7]), 2)]
    [[0, 1, 2], [3, 4, 5]]
    """
    names, index, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = np.random.Generator(np.random.PCG64(seed)).permutation(len(names))
    order = order[np.argsort(-sizes[order], kind="stable")]  # large groups first, each to the smallest part
    part_of, filled = np.zeros(len(names), np.int64), np.zeros(min(count, len(names)), np.int64)
    for group in order:
        part_of[group] = filled.argmin()
        filled[filled.argmin()] += sizes[group]
    return [np.flatnonzero(part_of[index] == part) for part in range(len(filled))]


def fold_in_order(times: np.ndarray, count: int) -> list[np.ndarray]:
    """Cut rows into `count` stretches of time, the latest first.

    Args:
        times: float64 (n,), no NaN.
        count: int from 1.

    >>> [part.tolist() for part in fold_in_order(np.array([3.0, 1.0, 2.0, 4.0]), 2)]
    [[0, 3], [1, 2]]
    """
    order = np.argsort(times, kind="stable")
    return [np.sort(part) for part in reversed(np.array_split(order, count)) if len(part)]


def _check_size(test_size: float) -> None:
    if not 0 <= test_size < 1:
        raise ArgumentError(f"expected test_size to be from 0 up to, not including, 1; got {test_size!r}.")
