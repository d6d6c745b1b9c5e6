"""Which rows train, which stop the training, which test. Seeded, stratified for classes.

Random numbers come from NumPy's PCG64 (`np.random.Generator(np.random.PCG64(seed))`), whose streams NumPy keeps stable:
the same seed and data give the same split on every machine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..errors import ArgumentError, DataError


@dataclass(frozen=True)
class Split:
    """Row numbers of the three parts, each ascending, disjoint, together all rows.

    Args:
        train, validation, test: int64 arrays; validation and test may be empty.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def split_rows(
    rows: int,
    *,
    test_size: float = 0.2,
    validation_size: float = 0.0,
    labels: np.ndarray | None = None,
    seed: int = 0,
) -> Split:
    """Split rows at random into training, validation and test part.

    With labels, each class keeps its share in each part as nearly as whole rows allow (largest remainders), and a class
    leaves at least one row in the training part; a class of one row stays there.

    Args:
        rows: int. How many rows there are.
        test_size: float in [0, 1), default 0.2. The share of all rows; the part has `ceil(test_size * rows)` rows.
        validation_size: float in [0, 1), default 0.0. The share of what is left after the test part.
        labels: int array (rows,) or None, default None. Class numbers for a stratified split.
        seed: int, default 0.

    Raises:
        ArgumentError: a size is outside [0, 1), or `labels` has another length.
        DataError: no row would be left to train on.

    >>> split = split_rows(10, test_size=0.2, labels=np.array([0] * 5 + [1] * 5), seed=1)
    >>> len(split.train), len(split.validation), np.array([0] * 5 + [1] * 5)[split.test]
    (8, 0, array([0, 1]))
    """
    for name, size in (("test_size", test_size), ("validation_size", validation_size)):
        if not 0 <= size < 1:
            raise ArgumentError(f"split_rows: expected {name} to be from 0 up to, not including, 1; got {size!r}.")
    if labels is not None and len(labels) != rows:
        raise ArgumentError(f"split_rows: expected one label for each of {rows} rows; got {len(labels)}.")
    generator = np.random.Generator(np.random.PCG64(seed))
    everything = np.arange(rows, dtype=np.int64)
    rest, test = _cut(everything, test_size, labels, generator)
    train, validation = _cut(rest, validation_size, labels, generator)
    if not len(train):
        raise DataError(
            f"{rows} rows are too few to hold out {test_size:g} for testing and {validation_size:g} for validation: "
            "none is left to train on. Give more rows or smaller parts (--test-size 0)."
        )
    return Split(train, validation, test)


def fold_rows(rows: int, count: int, *, labels: np.ndarray | None = None, seed: int = 0) -> list[np.ndarray]:
    """Cut rows at random into `count` disjoint parts of nearly equal size, to be held out in turns.

    With labels, each class is spread over the parts as evenly as whole rows allow; a class of one row is in no part, so
    that it can always be trained on.

    Args:
        rows: int. How many rows there are.
        count: int from 1. How many parts.
        labels: int array (rows,) or None, default None. Class numbers.
        seed: int, default 0.

    Returns:
        list of int64 arrays, each ascending.

    Raises:
        ArgumentError: `labels` has another length, or `count` is below 1.

    >>> [len(part) for part in fold_rows(10, 3)], np.concatenate(fold_rows(4, 2, labels=np.array([0, 0, 0, 1]))).max()
    ([4, 3, 3], np.int64(2))
    """
    if count < 1:
        raise ArgumentError(f"fold_rows: expected count to be a positive integer; got {count!r}.")
    if labels is not None and len(labels) != rows:
        raise ArgumentError(f"fold_rows: expected one label for each of {rows} rows; got {len(labels)}.")
    order = np.random.Generator(np.random.PCG64(seed)).permutation(rows)
    if labels is not None:
        order = order[np.argsort(labels[order], kind="stable")]
        _, index, sizes = np.unique(labels[order], return_inverse=True, return_counts=True)
        order = order[sizes[index] > 1]
    return [np.sort(order[part::count]) for part in range(count)]


def _cut(
    rows: np.ndarray, size: float, labels: np.ndarray | None, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """(the rows that stay, the share that leaves), each ascending."""
    count = math.ceil(round(size * len(rows), 9))  # 0.1 * 30 is 3.0000000000000004
    if not count:
        return rows, rows[:0]
    shuffled = rows[generator.permutation(len(rows))]
    if labels is None:
        return np.sort(shuffled[count:]), np.sort(shuffled[:count])
    classes, index = np.unique(labels[shuffled], return_inverse=True)
    leaving = _quotas(np.bincount(index, minlength=len(classes)), count)
    order = np.argsort(index, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(index, minlength=len(classes)))[:-1]])
    rank = np.empty(len(rows), np.int64)
    rank[order] = np.arange(len(rows)) - np.repeat(starts, np.bincount(index, minlength=len(classes)))
    leaves = rank < leaving[index]
    return np.sort(shuffled[~leaves]), np.sort(shuffled[leaves])


def _quotas(sizes: np.ndarray, count: int) -> np.ndarray:
    """How many rows of each class leave: proportional, whole, `count` in all unless classes of one row forbid it."""
    exact = sizes * count / sizes.sum()
    quotas = np.minimum(np.floor(exact).astype(np.int64), sizes - 1)
    for i in np.argsort(quotas - exact, kind="stable"):  # the largest remainder first
        if quotas.sum() < count and quotas[i] < sizes[i] - 1:
            quotas[i] += 1
    return quotas
