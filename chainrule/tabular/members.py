"""Several networks on one table, each stopped on rows of its own."""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from .. import config
from ..data import TableEncoder
from ..errors import NonFiniteError
from .architectures import Layout
from .crew import Telling, side_by_side
from .model import outputs_of
from .network import Plan, as_targets, build
from .problem import Problem
from .training import Watch, train
from .words import count

_NEXT_CUT = 1_000_003  # from the seed of a cut to that of the next one


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
        network: Model, with its best weights.
        encoder: TableEncoder, learnt from the rows that the network was trained on.
        watch: Watch. How the training went.
        held: int array. The training rows that it held out.
        outputs: float64 (len(held), classes) or (len(held),): what it says of them.
        kind: int, default 0. Which of the plans it belongs to.
        fold: int, default 0. Which part of the rows it held out.
    """

    network: Any
    encoder: TableEncoder
    watch: Watch
    held: np.ndarray
    outputs: np.ndarray
    kind: int = 0
    fold: int = 0


class _Fold:
    """Some training rows held out, and both parts encoded; made once, by whoever needs it first."""

    def __init__(self, number: int, held: np.ndarray, problem: Problem) -> None:
        self.number, self.held, self.problem = number, held, problem
        self.networks = 0  # how many are still to be trained on it
        self._lock = threading.Lock()
        self._made: tuple[TableEncoder, Any, Any] | None = None

    @property
    def learnt(self) -> np.ndarray:
        """The rows that train."""
        return np.setdiff1d(np.arange(len(self.problem.train)), self.held)

    def encoded(self) -> Any:
        """The encoder learnt from the rows that train; (x, y) of these rows; (x, y) of those held out."""
        with self._lock:
            if self._made is None:
                self._made = encode_fold(self.problem, self.held)
            return self._made

    def done(self) -> None:
        """A network is trained; after the last one nothing is kept."""
        with self._lock:
            self.networks -= 1
            if not self.networks:
                self._made = None


def encode_fold(problem: Problem, held: np.ndarray) -> tuple[TableEncoder, Any, Any]:
    """The encoder learnt from the rows that train; (x, y) of these; (x, y) of those held out.

    Args:
        problem: Problem.
        held: int array. The training rows that are held out.
    """
    learnt = problem.train.take(np.setdiff1d(np.arange(len(problem.train)), held))
    encoder = TableEncoder().fit(learnt.table, problem.reports, problem.target.name)
    of_both = [(encoder.transform(part.table, []), as_targets(part.values, problem.target, problem.prior))
               for part in (learnt, problem.train.take(held))]  # fmt: skip
    return encoder, of_both[0], of_both[1]


@dataclass(frozen=True)
class _Piece:
    """One network to be trained."""

    number: int
    total: int
    kind: int
    plan: Plan
    fold: _Fold
    seed: int
    kinds: int

    @property
    def seeds(self) -> tuple[int, ...]:
        """Where its weights come from: they do not depend on which other kinds are trained beside it."""
        return (self.seed, self.fold.number) if self.kind == 0 else (self.seed, self.fold.number, self.kind)


def train_members(
    problem: Problem, chosen: Plan | Sequence[Plan], seed: int, show: Show, until: float | None = None
) -> tuple[list[Member], bool]:
    """Train the networks of one or several plans, each with other rows held out.

    Networks of different plans hold out the same rows: the first of each the same, the second of each, and so on. They
    are trained side by side where there are several processors. The result is the same as one after another.

    Args:
        problem: Problem.
        chosen: Plan, or plans of different kinds.
        seed: int.
        show: Show.
        until: float or None, default None. When `time.monotonic()` is so late, networks under way stop after their
            epoch and no other begins.

    Returns:
        the members, and whether Ctrl-C ended the training. It leaves the finished networks; if there is none, the best
        weights so far of the first.

    Raises:
        NonFiniteError: a network had no epoch with a finite loss.
        KeyboardInterrupt: Ctrl-C before the first network had finished an epoch.
    """
    plans = [chosen] if isinstance(chosen, Plan) else list(chosen)
    pieces = _pieces(problem, plans, seed)
    _say_plans(problem, pieces, plans, show)
    workers = min(config.threads(), len(pieces))
    with warnings.catch_warnings(record=True) as caught:  # here, once: it is not made for threads
        warnings.simplefilter("always")
        found: list[Member | None]
        if workers > 1:
            found, interrupted = side_by_side(pieces, lambda p, s: _train_piece(p, problem, until, s), show, workers)
        else:
            found, interrupted = _one_after_another(pieces, problem, until, show)
    for text in dict.fromkeys(str(warning.message) for warning in caught):
        show.line(f"note: {text}")
    return _kept([m for m in found if m is not None], interrupted, len(pieces), show), interrupted


def _pieces(problem: Problem, plans: Sequence[Plan], seed: int) -> list[_Piece]:
    """All networks, fold by fold, so that a training that ends early has every kind."""
    parts = _folds(problem, max(plan.networks for plan in plans), max(plan.folds for plan in plans), seed)
    folds = [_Fold(number, held, problem) for number, held in enumerate(parts, start=1)]
    order = [(fold, kind) for fold in folds for kind, plan in enumerate(plans) if fold.number <= plan.networks]
    for fold, _ in order:
        fold.networks += 1
    return [
        _Piece(number, len(order), kind, plans[kind], fold, seed, len(plans))
        for number, (fold, kind) in enumerate(order, start=1)
    ]


def _folds(problem: Problem, networks: int, folds: int, seed: int) -> Sequence[np.ndarray]:
    """The rows that each network holds out; none where there are hardly any. After all parts, those of another cut."""
    parts = min(len(problem.train), folds)
    if parts < 2:
        return [np.zeros(0, np.int64)]
    cuts = [problem.folds(parts, seed + _NEXT_CUT * cut) for cut in range(-(-networks // parts))]
    return [held for cut in cuts for held in cut][:networks]


def _one_after_another(
    pieces: Sequence[_Piece], problem: Problem, until: float | None, show: Show
) -> tuple[list[Member | None], bool]:
    found: list[Member | None] = []
    try:
        for piece in pieces:
            found.append(_train_piece(piece, problem, until, show))
            if found[-1] is not None and found[-1].watch.interrupted:
                return found, True
    except KeyboardInterrupt:
        if not found:
            raise
        return found, True
    return found, False


def _train_piece(piece: _Piece, problem: Problem, until: float | None, show: Show) -> Member | None:
    """Train one network; None if there is no time left for it."""
    if piece.number > 1 and until is not None and time.monotonic() > until:
        return None
    target, prior, plan, held = problem.target, problem.prior, piece.plan, piece.fold.held
    encoder, (x, y), (x_apart, y_apart) = piece.fold.encoded()
    name = f"network_{piece.number}"
    network = build(encoder.width, target, plan, (*piece.seeds, 0), name, Layout.of(encoder), len(x))
    if piece.number == 1:
        _say_network(network, piece, len(held), show)
    look = show.look if isinstance(show, Telling) else None
    watch = Watch(piece.number, plan, target, prior[-1], len(held) > 0, show.epoch, piece.total, until, look)
    order = int(np.random.SeedSequence((*piece.seeds, 1)).generate_state(1)[0])
    weights = problem.train.weights
    of_apart, of_learnt = (None if weights is None else weights[rows] for rows in (held, piece.fold.learnt))
    train(network, watch, x, y, (x_apart, y_apart, of_apart) if len(held) else None, order, of_learnt)
    piece.fold.done()
    if watch.interrupted and not watch.usable:
        raise KeyboardInterrupt
    if not watch.usable:
        raise NonFiniteError("no epoch of the training gave a finite loss. Try a smaller --learning-rate.")
    if not watch.interrupted and piece.kinds == 1:  # of several kinds, `combining` says how each did
        show.line(watch.summary())
    outputs = outputs_of(network, x_apart, target, prior) if len(held) else np.zeros((0, len(target.labels)))
    return Member(network, encoder, watch, held, outputs, piece.kind, piece.fold.number - 1)


def _kept(found: list[Member], interrupted: bool, wanted: int, show: Show) -> list[Member]:
    """The networks that had finished; after Ctrl-C, if there are none, the first of those that had begun."""
    if not found:
        raise KeyboardInterrupt
    finished = [member for member in found if not member.watch.interrupted]
    if not interrupted:
        if len(finished) < wanted or any(member.watch.was_late for member in finished):
            show.line(f"note: the time was up: {len(finished)} of {wanted} networks, some perhaps stopped early; with "
                      "more --time, or on a faster machine, the result is another one")  # fmt: skip
        return finished
    if finished:
        several = f"are the {len(finished)} networks" if len(finished) > 1 else "is the network"
        show.line(f"interrupted: kept {several} that had finished")
        return finished
    show.line(f"interrupted: kept are the weights of epoch {found[0].watch.best_epoch}, the best so far")
    return found[:1]


def _say_plans(problem: Problem, pieces: Sequence[_Piece], plans: Sequence[Plan], show: Show) -> None:
    if len(plans) > 1:
        kinds = ", ".join(f"{plan.networks} x {plan.preset}" for plan in plans)
        show.line(f"kinds of networks: {kinds}; how much each counts is found out on rows that they hold out")


def _say_network(network: Any, piece: _Piece, held: int, show: Show) -> None:
    chosen, total = piece.plan, piece.total
    first, last = count(network.input_shape[-1], "input"), count(network.output_shape[-1], "output")
    kind = "" if chosen.preset == "mlp" else f"{chosen.preset}, "
    shape = " - ".join([first, *map(str, chosen.layers), last])
    inside = f" ({chosen.members} in one)" if chosen.members > 1 else ""
    each = f"{kind}{shape}{inside}, {network.count_params():,} weights"
    several = total > 1 and held
    which = "each" if piece.kinds == 1 else "the first"
    show.line(f"networks: {total}, averaged; {which} {each}" if several else f"network: {each}")
    rows = f"the {'validation' if held else 'training'} loss"
    if held:
        other = "other " if several else ""
        show.line(f"stopping: {'each' if several else 'it'} holds out {other}{count(held, 'row')} for validation")
    if chosen.schedule == "plateau":
        show.line(f"training ends when {rows} has not fallen for {count(chosen.patience, 'epoch')}")
