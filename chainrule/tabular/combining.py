"""What the networks of a table say together: how much each counts, and how sure they may be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .calibration import fit_temperature, tempered
from .members import Member
from .problem import Problem
from .weighting import greedy_weights, loss_of

_OUTPUT_LAYERS = ("output", "deep", "wide")


@dataclass(frozen=True)
class Combined:
    """The answers of all networks on rows that none of those answering was trained on.

    Args:
        members: list of Member, those that count.
        weights: list of float, one a member; they sum to 1.
        held: int array (n,). The training rows that were held out.
        outputs: float64 (n, classes) or (n,).
        sizes: list of int. How many of these rows each fold has, in their order; a row that several folds held out is
            there once.
        temperature: float. What the networks' logits were divided by; 1.0 for values.
        kinds: list of float. How much each plan counts.
        losses: list of float or None. The log loss, or mean squared error, of each plan's networks on rows held out.
    """

    members: list[Member]
    weights: list[float]
    held: np.ndarray
    outputs: np.ndarray
    sizes: list[int]
    temperature: float
    kinds: list[float]
    losses: list[float | None]

    @property
    def is_crossed(self) -> bool:
        """Whether there are several folds, each with rows of its own."""
        return len(self.sizes) > 1 and min(self.sizes) > 0 and len(np.unique(self.held)) == len(self.held)


def combine(members: Sequence[Member], problem: Problem, kinds: int) -> Combined:
    """Weigh the kinds of networks and set their temperature, both on the rows held out.

    Args:
        members: the trained networks. Their output layers are changed: the temperature becomes part of them.
        problem: Problem.
        kinds: int. How many plans there were.
    """
    by_fold: dict[int, dict[int, Member]] = {}
    for member in members:
        by_fold.setdefault(member.fold, {})[member.kind] = member
    weights = _weights(by_fold, problem, kinds)
    counted = [member for member in members if weights[member.kind] > 0]
    each = [sum(other.kind == member.kind for other in counted) for member in counted]
    of_members = [weights[member.kind] / number for member, number in zip(counted, each, strict=True)]
    of_members = [weight / sum(of_members) for weight in of_members]
    held = np.concatenate([_any(fold).held for fold in by_fold.values()])
    outputs = _outputs(by_fold, weights)
    held, outputs, sizes = _by_row(held, outputs, [len(_any(fold).held) for fold in by_fold.values()])
    temperature = 1.0
    if problem.target.is_classification and len(held):
        temperature = fit_temperature(outputs, problem.train.values[held], min(each))
    if temperature != 1.0:
        for member in counted:
            divide_logits(member.network, temperature)
        outputs = tempered(outputs, temperature)
    losses = [_loss([m for m in members if m.kind == kind], problem) for kind in range(kinds)]
    return Combined(counted, of_members, held, outputs, sizes, temperature, weights, losses)


def cross_validation(combined: Combined, problem: Problem, score: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """The scores of each fold, by networks that were trained on the other ones: their mean and deviation.

    Args:
        combined: Combined.
        problem: Problem.
        score: function (outputs, truth) -> dict of scores.

    Returns:
        dict: `folds`, `rows`, and for each score that is a number `{"mean": ..., "deviation": ..., "each": [...]}`.
    """
    ends = np.cumsum(combined.sizes)[:-1]
    truth = np.split(problem.train.values[combined.held], ends)
    found = [score(outputs, values) for outputs, values in zip(np.split(combined.outputs, ends), truth, strict=True)]
    measures = [name for name, value in found[0].items() if isinstance(value, float)]
    each = {name: [one[name] for one in found] for name in measures}
    return {"folds": len(found), "rows": len(combined.held), **{
        name: {"mean": float(np.mean(values)), "deviation": float(np.std(values, ddof=1)), "each": values}
        for name, values in each.items() if all(isinstance(value, float) for value in values)
    }}  # fmt: skip


def _loss(members: Sequence[Member], problem: Problem) -> float | None:
    held = np.concatenate([np.zeros(0, np.int64), *(member.held for member in members)])
    if not len(held):
        return None
    outputs = np.concatenate([member.outputs for member in members])
    return loss_of(problem.target.task)(problem.train.values[held], outputs)


def _weights(by_fold: dict[int, dict[int, Member]], problem: Problem, kinds: int) -> list[float]:
    """How much each kind counts; alike if no rows were held out, or not by all kinds."""
    present = sorted({kind for fold in by_fold.values() for kind in fold})
    whole = [fold for fold in by_fold.values() if len(fold) == len(present) and len(_any(fold).held)]
    found = [1 / len(present)] * len(present)
    if whole and len(present) > 1:
        stacked = [np.concatenate([fold[kind].outputs for fold in whole]) for kind in present]
        truth = problem.train.values[np.concatenate([_any(fold).held for fold in whole])]
        found = greedy_weights(stacked, truth, loss_of(problem.target.task))
    weights = [0.0] * kinds
    for kind, weight in zip(present, found, strict=True):
        weights[kind] = weight
    return weights


def _any(fold: dict[int, Member]) -> Member:
    return next(iter(fold.values()))


def _outputs(by_fold: dict[int, dict[int, Member]], weights: Sequence[float]) -> np.ndarray:
    """The weighted mean over the kinds that there are of each fold; one without any that counts: all alike."""
    found = []
    for fold in by_fold.values():
        of = np.array([weights[kind] for kind in fold])
        of = of / of.sum() if of.sum() else np.full(len(fold), 1 / len(fold))
        found.append(sum(w * member.outputs for w, member in zip(of, fold.values(), strict=True)))
    return np.concatenate(found)


def _by_row(held: np.ndarray, outputs: np.ndarray, sizes: Sequence[int]) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Every row once, in the order in which they came first, with the mean of what was said of it.

    >>> _by_row(np.array([3, 1, 1, 3]), np.array([0.0, 2.0, 4.0, 1.0]), [1, 1, 2])
    (array([3, 1]), array([0.5, 3. ]), [1, 1])
    """
    _, first, row = np.unique(held, return_index=True, return_inverse=True)
    if len(first) == len(held):
        return held, outputs, list(sizes)
    total = np.zeros((len(first), *outputs.shape[1:]))
    np.add.at(total, row, outputs)
    mean = total / np.bincount(row).reshape(-1, *[1] * (outputs.ndim - 1))
    order, ends = np.argsort(first), np.cumsum(sizes)
    new = np.bincount(np.searchsorted(ends, first, side="right"), minlength=len(sizes))
    return held[np.sort(first)], mean[order], [int(size) for size in new if size]


def divide_logits(network: Any, temperature: float) -> None:
    """Make a network's probabilities softmax(logits / temperature), by its output layers' weights.

    Args:
        network: Model with layers called "output", or "deep" and "wide".
        temperature: float above 0.
    """
    for layer in network.layers:
        if layer.name in _OUTPUT_LAYERS and layer.weights:
            layer.set_weights([weight / np.float32(temperature) for weight in layer.get_weights()])

