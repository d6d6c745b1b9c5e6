"""A search over the settings that matter, in part of the time that a table may take.

Each trial trains two networks, on two parts of the training rows, and is judged by the rows that they hold out. How
many trials there are is counted as in `budget.py`, so that the same seed gives the same search. Optuna chooses what is
tried next (tree-structured Parzen estimator). The test rows are never looked at.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..errors import NonFiniteError, UnsupportedError
from .architectures import Layout
from .budget import seconds_of
from .members import Show, train_members
from .network import Plan
from .problem import Problem
from .weighting import loss_of

FOLDS, FEWEST, MOST = 2, 5, 200
_WIDTHS = (64, 128, 192, 256, 384)


@dataclass(frozen=True)
class Searched:
    """What a search found.

    Args:
        plan: Plan. The best one; it trains as many networks as the first.
        trials: list of dict, of JSON's types: the settings tried and the mean loss on rows held out.
    """

    plan: Plan
    trials: list[dict[str, Any]]


def trials_for(chosen: Plan, layout: Layout, outputs: int, rows: int, seconds: float) -> int:
    """How many trials fit into seconds of one processor, 5 to 200.

    Args:
        chosen: Plan. What is tried is about as much work as this.
        layout: Layout.
        outputs: int.
        rows: int.
        seconds: float.
    """
    each = seconds_of(replace(chosen, networks=FOLDS), layout, outputs, rows)
    return int(min(MOST, max(FEWEST, seconds / each)))


def search(
    problem: Problem, first: Plan, trials: int, seed: int, show: Show, until: float | None = None
) -> Searched:
    """Look for settings with a lower loss on rows held out than those that a plan has.

    Args:
        problem: Problem.
        first: Plan. The first trial; its preset stays.
        trials: int.
        seed: int.
        show: Show.
        until: float or None, default None. When `time.monotonic()` is so late, no other trial begins.

    Raises:
        UnsupportedError: Optuna is not installed.
    """
    optuna = _optuna()
    quiet, found = _Quiet(), []
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=min(10, trials // 2)))
    study.enqueue_trial(_settings_of(first))

    def judge(trial: Any) -> float:
        chosen = replace(first, **_suggested(trial, first), networks=FOLDS)
        loss = _loss(problem, chosen, seed, quiet)
        found.append({"layers": list(chosen.layers), "learning_rate": chosen.learning_rate, "loss": loss,
                      "weight_decay": chosen.weight_decay, "dropout": chosen.dropout})  # fmt: skip
        return loss

    late: list[Callable[[Any, Any], None]] = []
    if until is not None:
        late.append(lambda study, trial: study.stop() if time.monotonic() > until else None)
    study.optimize(judge, n_trials=trials, callbacks=late)
    best = replace(first, **_suggested(study.best_trial, first))
    show.line(f"search: {len(found)} trials of {first.preset}; loss on rows held out {found[0]['loss']:.5g} before, "
              f"{study.best_value:.5g} with layers {list(best.layers)}, learning rate {best.learning_rate:.3g}, weight "
              f"decay {best.weight_decay:.3g}, dropout {best.dropout:.2g}")  # fmt: skip
    return Searched(best, found)


class _Quiet:
    """A `Show` of trials."""

    def line(self, text: str) -> None:
        """Nothing."""

    def epoch(self, watch: Any) -> None:
        """Nothing."""


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise UnsupportedError("--search needs Optuna: pip install 'chainrule[search]'.") from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def _settings_of(chosen: Plan) -> dict[str, Any]:
    """A plan as a trial; what is outside the range that is searched is moved to its end."""
    width = min(_WIDTHS, key=lambda units: abs(units - (chosen.layers[0] if chosen.layers else 0)))
    return {"width": width, "depth": min(max(len(chosen.layers), 1), 3), "faster": 1.0,
            "dropout": min(chosen.dropout, 0.5), "weight_decay": min(max(chosen.weight_decay, 1e-3), 10.0)}  # fmt: skip


def _suggested(trial: Any, first: Plan) -> dict[str, Any]:
    """The fields of `Plan` that a trial stands for. The first one is the plan itself."""
    if trial.number == 0:
        for name, value in _settings_of(first).items():
            _suggest(trial, name, value)
        return {}
    width, depth = _suggest(trial, "width", 0), _suggest(trial, "depth", 0)
    return {
        "layers": (width,) * depth, "learning_rate": first.learning_rate * _suggest(trial, "faster", 0),
        "weight_decay": _suggest(trial, "weight_decay", 0), "dropout": _suggest(trial, "dropout", 0),
    }  # fmt: skip


def _suggest(trial: Any, name: str, default: Any) -> Any:
    if name in trial.params:
        return trial.params[name]
    ask = {
        "width": lambda: trial.suggest_categorical("width", _WIDTHS),
        "depth": lambda: trial.suggest_int("depth", 1, 3),
        "faster": lambda: trial.suggest_float("faster", 0.2, 5.0, log=True),
        "weight_decay": lambda: trial.suggest_float("weight_decay", 1e-3, 10.0, log=True),
        "dropout": lambda: trial.suggest_float("dropout", 0.0, 0.5),
    }
    return ask[name]()


def _loss(problem: Problem, chosen: Plan, seed: int, show: Show) -> float:
    """The mean loss on rows held out; a large one for settings that do not learn."""
    try:
        members, interrupted = train_members(problem, chosen, seed, show)
    except NonFiniteError:
        return 1e6
    if interrupted:
        raise KeyboardInterrupt
    return _mean([loss_of(problem.target.task)(problem.train.values[m.held], m.outputs) for m in members])


def _mean(values: Sequence[float]) -> float:
    return float(sum(values) / len(values))
