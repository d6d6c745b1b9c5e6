"""What is decided before the networks of a table are trained: their kinds, and, if asked for, rates and settings."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np

from ..data import TableEncoder
from ..data.encoding import pieces_for
from .architectures import Layout
from .budget import PROCESSORS, SHARE, allowed_seconds, programme
from .clearness import asks_whether_clear, is_clear
from .members import Show
from .network import Plan, Training, outputs_of_task
from .problem import Problem
from .rate_finder import find_learning_rate
from .search import search, trials_for

_SAMPLE = 20_000
_SEARCHED = 0.5  # of the time


def prepared(
    problem: Problem, wanted: Training, seed: int, show: Show, until: float | None = None
) -> tuple[list[Plan], dict[str, Any]]:
    """The plans of the networks to be trained.

    Args:
        problem: Problem.
        wanted: Training.
        seed: int.
        show: Show.
        until: float or None, default None. When `time.monotonic()` is so late, training ends; a search ends
            half-way.

    Returns:
        the plans, and for `metrics.json` what was tried: `search`, `learning_rates`; empty if nothing was asked for.
    """
    layout, outputs, rows = layout_of(problem), outputs_of_task(problem.target)[0], len(problem.train)
    seconds = allowed_seconds(wanted)
    part = 1 - _SEARCHED if wanted.searches else 1.0
    if asks_whether_clear(wanted, rows, seconds) and is_clear(problem, wanted, seed):
        wanted = replace(wanted, clear=True)
        show.line("the columns leave hardly any doubt: networks are trained without dropout, with little weight decay")
    plans = programme(replace(wanted, seconds=part * seconds), rows, layout, outputs)
    tried: dict[str, Any] = {}
    begun = time.monotonic()
    half = None if until is None else begun + _SEARCHED * (until - begun)
    for place, chosen in enumerate(plans if wanted.searches else ()):
        each = (_SEARCHED * seconds or 60.0) * PROCESSORS * SHARE / len(plans)
        count = trials_for(chosen, layout, outputs, rows, each)
        found = search(problem, chosen, count, seed, show, half)
        plans[place] = found.plan
        tried.setdefault("search", []).append({"preset": chosen.preset, "trials": found.trials})
    for place, chosen in enumerate(plans if wanted.finds_rate else ()):
        rate, rates, losses = find_learning_rate(problem, chosen, seed)
        show.line(f"learning rate of {chosen.preset}: {rate:.3g}, found by trying {len(rates)} from {rates[0]:.3g} to "
                  f"{rates[-1]:.3g}")  # fmt: skip
        plans[place] = replace(chosen, learning_rate=rate)
        tried.setdefault("learning_rates", []).append(
            {"preset": chosen.preset, "found": rate, "rates": rates.tolist(), "losses": losses.tolist()}
        )
    return plans, tried


def layout_of(problem: Problem) -> Layout:
    """What the inputs of the networks will be, as far as the rows, or every so many of them, tell.

    Args:
        problem: Problem.
    """
    rows = len(problem.train)
    sample = problem.train.take(np.arange(0, rows, max(1, rows // _SAMPLE))).table
    numbers = sum(report.used and report.kind in ("number", "date") for report in problem.reports)
    pieces = pieces_for(rows, numbers)  # as many as all rows will have
    return Layout.of(TableEncoder(pieces).fit(sample, problem.reports, problem.target.name))
