"""Interactions: how far the effect of one column depends on another one.

With F_jk the partial dependence of the output on two columns, F_j and F_k those on one, all brought to mean 0, and the
sums over rows,

    H^2 = sum (F_jk - F_j - F_k)^2 / sum F_jk^2.

Of classes the output is taken as log odds: a logistic model has no interactions. Source: Friedman and Popescu 2008,
arXiv:0811.1679, eq. 44.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np

from ...errors import ArgumentError
from .results import Estimate, Interaction
from .subject import Subject

_STUDENT = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306, 10: 2.262}  # 95 %


def interactions(
    about: Subject, columns: Sequence[str] | None = None, *, samples: int = 5, points: int = 80, rows: int = 40,
    seed: int = 0,
) -> tuple[Interaction, ...]:  # fmt: skip
    """Friedman's H of each pair of columns, the strongest first.

    Several samples are drawn and their sums of squares added; the interval comes from leaving out one sample after
    another (jackknife, Student's t).

    Args:
        about: Subject.
        columns: names, default None: all. Pairs are counted, so give the most important ones.
        samples: int from 2 to 10, default 5.
        points: int, default 80. Pairs of cells in a sample, of rows of the background.
        rows: int, default 40. Rows of the background in which each is put in place; a pair of columns is asked about
            points * rows rows in each sample.
        seed: int, default 0.

    Returns:
        tuple of Interaction, by `size` (how much the output changes by it): H alone is large, too, where two columns
        hardly do anything.

    Raises:
        ArgumentError: an unknown column, or numbers out of range.

    >>> from chainrule import Sequential, layers
    >>> from .subject import subject
    >>> net = Sequential([layers.Input((2,)), layers.Dense(1)])
    >>> found = interactions(subject(net, np.random.default_rng(0).normal(size=(60, 2)).astype("float32")))
    >>> round(found[0].share.value, 3)
    0.0
    """
    chosen = [about.column(name) for name in (about.names if columns is None else columns)]
    if samples not in _STUDENT or min(points, rows) < 2:
        raise ArgumentError(
            "interactions: expected samples from 2 to 10, and 2 or more points and rows; "
            f"got samples={samples}, points={points}, rows={rows}."
        )
    pairs = list(itertools.combinations(chosen, 2))
    generator = np.random.Generator(np.random.PCG64((seed, 4)))
    squares = np.zeros((samples, len(pairs), 2))
    for s in range(samples):
        here, into = (_draw(generator, about.background, count) for count in (points, rows))
        alone = {j: _dependence(about, here, into, (j,)) for j in chosen}
        for p, (j, k) in enumerate(pairs):
            both = _dependence(about, here, into, (j, k))
            squares[s, p] = [(f**2).sum(1).mean() for f in (both - alone[j] - alone[k], both)]
    found = [
        Interaction(about.names[j], about.names[k], _jackknife(squares[:, p], _share), _jackknife(squares[:, p], _size))
        for p, (j, k) in enumerate(pairs)
    ]
    return tuple(sorted(found, key=lambda pair: -pair.size.value))


def _draw(generator: np.random.Generator, rows: np.ndarray, count: int) -> np.ndarray:
    return np.asarray(generator.choice(rows, count, replace=len(rows) < count))


def _dependence(about: Subject, here: np.ndarray, into: np.ndarray, columns: tuple[int, ...]) -> np.ndarray:
    """Partial dependence on columns at their cells in the rows `here`, over the rows `into`, mean 0: (points, k)."""
    cells = np.tile(about.whole(into), (len(here), 1))
    for j in columns:
        cells[:, j] = np.repeat(here, len(into))
    found = about.scale(about.ask(cells)).reshape(len(here), len(into), -1).mean(1)
    return np.asarray(found - found.mean(0))


def _share(squares: np.ndarray) -> float:
    """H of mean squares (interaction, whole)."""
    return float(np.sqrt(squares[0] / squares[1])) if squares[1] > 0 else 0.0


def _size(squares: np.ndarray) -> float:
    return float(np.sqrt(squares[0]))


def _jackknife(squares: np.ndarray, estimate: Callable[[np.ndarray], float]) -> Estimate:
    """An estimate of the means over samples (samples, 2), and its interval by leaving out each sample once."""
    n = len(squares)
    without = np.array([estimate((squares.sum(0) - squares[s]) / (n - 1)) for s in range(n)])
    half = _STUDENT[n] * np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum())
    value = estimate(squares.mean(0))
    return Estimate(value, float(max(0.0, value - half)), float(value + half))
