"""Several networks on one table, each stopped on rows of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..data import TableEncoder
from ..errors import NonFiniteError
from ..models import Sequential
from .model import outputs_of
from .network import Plan, as_targets, build
from .problem import Problem
from .training import Watch, train
from .words import count

_FOLDS = 5  # a network holds out a fifth of the rows, or less where there are more networks


class Show(Protocol):
    """Who is told how it goes."""

    def line(self, text: str) -> None:
        """A sentence for the user."""

    def epoch(self, watch: Watch) -> None:
        """An epoch is over."""


@dataclass(frozen=True)
class Member:
    """One trained network.

    Args:
        network: Sequential, with its best weights.
        encoder: TableEncoder, learnt from the rows that the network was trained on.
        watch: Watch. How the training went.
        held: int array. The training rows that it held out.
        outputs: float64 (len(held), classes) or (len(held),): what it says of them.
    """

    network: Sequential
    encoder: TableEncoder
    watch: Watch
    held: np.ndarray
    outputs: np.ndarray


def train_members(problem: Problem, chosen: Plan, seed: int, show: Show) -> tuple[list[Member], bool]:
    """Train the networks of a plan, each with other rows held out.

    Args:
        problem: Problem.
        chosen: Plan.
        seed: int.
        show: Show.

    Returns:
        the members, and whether Ctrl-C ended the training. It leaves the finished networks; if there is none, the best
        weights so far of the first.

    Raises:
        NonFiniteError: a network had no epoch with a finite loss.
        KeyboardInterrupt: Ctrl-C before the first network had finished an epoch.
    """
    members: list[Member] = []
    for number, held in enumerate(_folds(problem, chosen.networks, seed), start=1):
        try:
            members.append(_train_member(number, held, problem, chosen, seed, show))
        except KeyboardInterrupt:
            if not members:
                raise
            show.line(f"interrupted: kept {'is the network' if number == 2 else f'are the {number - 1} networks'} "
                      "that had finished")  # fmt: skip
            return members, True
        if members[-1].watch.interrupted:
            show.line(f"interrupted: kept are the weights of epoch {members[-1].watch.best_epoch}, the best so far")
            return members, True
    return members, False


def _folds(problem: Problem, networks: int, seed: int) -> Sequence[np.ndarray]:
    """The rows that each network holds out; none where there are hardly any."""
    parts = min(len(problem.train), max(networks, _FOLDS))
    if parts < 2:
        return [np.zeros(0, np.int64)]
    return problem.folds(parts, seed)[:networks]


def _train_member(number: int, held: np.ndarray, problem: Problem, chosen: Plan, seed: int, show: Show) -> Member:
    target, prior = problem.target, problem.prior
    learnt = problem.train.take(np.setdiff1d(np.arange(len(problem.train)), held))
    apart = problem.train.take(held)
    encoder = TableEncoder().fit(learnt.table, problem.reports, target.name)
    x, x_apart = (encoder.transform(part.table, []) for part in (learnt, apart))
    y, y_apart = (as_targets(part.values, target, prior) for part in (learnt, apart))
    network = build(encoder.width, target, chosen, (seed, number, 0), f"network_{number}")
    if number == 1:
        _say_plan(network, chosen, len(held), show)
    watch = Watch(number, chosen, target, prior[-1], len(held) > 0, show.epoch)
    order = int(np.random.SeedSequence((seed, number, 1)).generate_state(1)[0])
    checked = (x_apart, y_apart, apart.weights) if len(held) else None
    train(network, watch, x, y, checked, order, show.line, learnt.weights)
    if watch.interrupted and (number > 1 or not watch.usable):
        raise KeyboardInterrupt
    if not watch.usable:
        raise NonFiniteError("no epoch of the training gave a finite loss. Try a smaller --learning-rate.")
    show.line(watch.summary())
    outputs = outputs_of(network, x_apart, target, prior) if len(held) else np.zeros((0, len(target.labels)))
    return Member(network, encoder, watch, held, outputs)


def _say_plan(network: Sequential, chosen: Plan, held: int, show: Show) -> None:
    first, last = count(network.input_shape[-1], "input"), count(network.output_shape[-1], "output")
    each = f"{' - '.join([first, *map(str, chosen.layers), last])}, {network.count_params():,} weights"
    several = chosen.networks > 1 and held
    show.line(f"networks: {chosen.networks}, averaged; each {each}" if several else f"network: {each}")
    rows = f"the {'validation' if held else 'training'} loss"
    if held:
        other = "other " if several else ""
        show.line(f"stopping: {'each' if several else 'it'} holds out {other}{count(held, 'row')} for validation")
    show.line(f"training ends when {rows} has not fallen for {count(chosen.patience, 'epoch')}")
