"""Shapley values: an output of a row as a sum of what each column contributes.

With f the output, x the row and b a row of the background, a set S of columns is worth v_b(S) = f(x on S, b elsewhere).
The contribution of column i is the mean over all orders of the columns of what it adds when its turn comes,

    phi_i = mean over b of  sum over S without i of |S|! (d - |S| - 1)! / d!  (v_b(S + i) - v_b(S)),

so that  f(x) = mean over b of f(b)  +  sum of phi_i  whatever f is.

Sources: Shapley 1953; Strumbelj and Kononenko 2014 (sampling orders); Lundberg and Lee 2017, arXiv:1705.07874; Janzing,
Minorics and Bloebaum 2020, arXiv:1910.13413 (why cells of other rows are put in whatever the other columns hold);
Mitchell, Cooper, Frank and Holmes 2022, arXiv:2104.12199 (an order and its reverse).
"""

from __future__ import annotations

import math

import numpy as np

from ...errors import ArgumentError
from .importance import drawn
from .results import Attribution, Contribution, Estimate
from .subject import Subject

_MOST_EXACT = 150_000  # rows asked about: all sets of columns times the background
_BLOCK = 32_768  # rows that are put together at once


def shapley_values(
    about: Subject, row: int = 0, *, output: str | int | None = None, background: int = 100, orders: int = 400,
    exact: bool | None = None, seed: int = 0,
) -> Attribution:  # fmt: skip
    """What each column of a row contributes to its output.

    All sets of columns are counted where they are few; else orders of the columns are drawn, each with its reverse and
    as often for each row of the background, so that the sum is kept exactly. The intervals hold for other background
    rows of the same kind and, where orders were drawn, for other orders: they come from the standard error over the
    rows of the background.

    Args:
        about: Subject.
        row: int from 0, default 0.
        output: a class or its number; default None: the class that is decided on.
        background: int, default 100. At most so many rows of the background are compared with.
        orders: int, default 400. At least so many orders are drawn.
        exact: bool or None, default None: whether all sets are counted; found out from their number.
        seed: int, default 0.

    Raises:
        ArgumentError: there is no such row or output; exact, and more than 20 columns.

    >>> from chainrule import Sequential, layers
    >>> from .subject import subject
    >>> net = Sequential([layers.Input((2,)), layers.Dense(1)])
    >>> net.set_weights([np.array([[3.0], [-1.0]]), np.array([5.0])])
    >>> found = shapley_values(subject(net, np.array([[1, 2], [0, 0]], "float32")))
    >>> [(c.column, c.value.value) for c in found.contributions], found.base, found.gap
    ([('x0', 1.5), ('x1', -1.0)], 5.5, 0.0)
    """
    about.check_row(row)
    own = about.ask(about.whole(np.array([row])))
    k = about.output(output, int(about.decide(own)[0]) if about.is_classification else 0)
    others, d, before = drawn(about.background, background, seed), len(about.names), about.asked
    is_exact = 2**d * len(others) <= _MOST_EXACT if exact is None else exact
    if is_exact and d > 20:
        raise ArgumentError(f"shapley_values: expected at most 20 columns for exact=True; there are {d}.")
    values, bases = _all_sets(about, row, others, k) if is_exact else _orders(about, row, others, k, orders, seed)
    base, prediction = float(bases.mean()), float(own[0, k])
    return Attribution(
        "Shapley values", about.outputs[k], prediction, base, contributions(about, row, values),
        prediction - base - float(values.mean(0).sum()), is_exact, len(others), about.asked - before,
    )  # fmt: skip


def contributions(about: Subject, row: int, values: np.ndarray) -> tuple[Contribution, ...]:
    """The means of values (n, columns) over the first axis with their standard errors, the largest first."""
    error = values.std(0, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.zeros(values.shape[1])
    means = values.mean(0)
    return tuple(
        Contribution(about.names[j], about.cell(row, j), Estimate.normal(means[j], error[j]))
        for j in np.argsort(-np.abs(means), kind="stable")
    )


def _all_sets(about: Subject, row: int, others: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Values (background, columns) and bases (background,), by all 2^d sets of columns."""
    d = len(about.names)
    numbers = np.arange(2**d)
    inside = (numbers[:, None] >> np.arange(d)) & 1 == 1
    worth = np.empty((len(others), 2**d))
    chunk = max(1, _BLOCK >> d)
    for start in range(0, len(others), chunk):
        part = others[start : start + chunk]
        cells = np.where(inside, row, part[:, None, None]).reshape(-1, d)
        worth[start : start + chunk] = about.ask(cells)[:, k].reshape(len(part), -1)
    sizes = inside.sum(1)
    weights = np.array([math.factorial(s) * math.factorial(d - s - 1) / math.factorial(d) for s in range(d)])
    values = np.empty((len(others), d))
    for j in range(d):
        without = numbers[~inside[:, j]]
        values[:, j] = (worth[:, without | (1 << j)] - worth[:, without]) @ weights[sizes[without]]
    return values, worth[:, 0]


def _orders(
    about: Subject, row: int, others: np.ndarray, k: int, orders: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Values (background, columns) and bases (background,), by orders and their reverses."""
    d, generator = len(about.names), np.random.Generator(np.random.PCG64((seed, 3)))
    rounds = max(1, math.ceil(orders / (2 * len(others))))
    other = np.tile(others, rounds)
    forward = np.stack([generator.permutation(d) for _ in other])
    turns = np.stack([np.argsort(order, 1) for order in (forward, forward[:, ::-1])], 1)  # (pairs, 2, d)
    inside = turns[:, :, None, :] < np.arange(d + 1)[:, None]  # (pairs, 2, d + 1, d): the first t columns
    worth = np.empty((len(other), 2, d + 1))
    chunk = max(1, _BLOCK // (2 * (d + 1)))
    for start in range(0, len(other), chunk):
        part = slice(start, start + chunk)
        cells = np.where(inside[part], row, other[part, None, None, None]).reshape(-1, d)
        worth[part] = about.ask(cells)[:, k].reshape(-1, 2, d + 1)
    values, bases = np.take_along_axis(np.diff(worth, axis=2), turns, 2).mean(1), worth[:, 0, 0]
    if len(others) == 1:
        return values, bases
    return values.reshape(rounds, len(others), d).mean(0), bases[: len(others)]  # one a background row: independent
