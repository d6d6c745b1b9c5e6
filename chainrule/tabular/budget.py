"""How much can be trained in the time that a table may take: counted, not measured.

The time allowed is turned into a plan by counting multiplications, as if on a certain machine (below). So the plan, and
with it the result, depends on table, options and seed and not on how fast or how busy the machine is. The clock only
guards: when the time really is up, networks stop after their epoch, and that is said.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from ..errors import ArgumentError
from .architectures import Layout
from .network import Plan, Training, plan
from .presets import AUTO, PRESETS

DEFAULT_SECONDS = 60.0
KINDS = ("mlp", "tabm", "realmlp")  # of "auto", the one that gains most for its time first

# The machine that is counted on; a third of the time is left for reading, compiling and machines that are slower.
PROCESSORS, SHARE = 2, 2 / 3
_STEP, _NETWORK = 40e-6, 0.8  # seconds; what a processor multiplies in one is said in presets.py
_TYPICAL, _OF_WAVES = 0.25, 0.5  # the part of the epochs allowed after which training usually ends
_OF_CLEAR = 1.3  # where nothing is in doubt nearly all are needed; 0.3: validation, and a slow beginning
_MANY = 20_000  # rows from which on more networks of the first kind pay
_FEWEST_EPOCHS = 12
_SHARES = (1.0, 0.7, 0.5, 0.35, 0.25)


def seconds_of(chosen: Plan, layout: Layout, outputs: int, rows: int) -> float:
    """Seconds of one processor that the networks of a plan take, on the machine that is counted on.

    Args:
        chosen: Plan.
        layout: Layout. The inputs.
        outputs: int.
        rows: int. Rows that train or decide when to stop.
    """
    preset = PRESETS[chosen.preset]
    rows = rows - rows // chosen.folds  # the others are held out
    epoch = 6.0 * preset.work(chosen, layout, outputs) * rows / preset.speed
    epoch += _STEP * np.ceil(rows / chosen.batch_size)
    return chosen.networks * (_NETWORK + float(_part(chosen) * chosen.epochs * epoch))


def _part(chosen: Plan) -> float:
    """The part of the epochs allowed after which training usually ends."""
    waves = chosen.schedule == "waves"
    if chosen.clear:
        return _OF_CLEAR * (1.0 if waves else 0.5)
    if waves:
        return _OF_WAVES if chosen.epochs > 2 * chosen.patience else 1.0
    return _TYPICAL


def allowed_seconds(wanted: Training) -> float:
    """The time that training may take, 60 unless said; 0 for any.

    Args:
        wanted: Training.

    Raises:
        ArgumentError: it is below 0 or no number.
    """
    seconds = DEFAULT_SECONDS if wanted.seconds is None else wanted.seconds
    if not 0 <= seconds < np.inf:
        raise ArgumentError(f"--time: expected seconds from 0 (as long as it takes), like 60s or 5min; got {seconds}.")
    return seconds


def programme(wanted: Training, rows: int, layout: Layout, outputs: int) -> list[Plan]:
    """The plans of one or several kinds of networks that fit into the time.

    Args:
        wanted: Training. Its `seconds` is the time, default 60; 0 for as long as it takes.
        rows: int. Rows that train or decide when to stop.
        layout: Layout. The inputs, as far as known.
        outputs: int. Outputs of a network.

    Raises:
        ArgumentError: an option is out of range.

    >>> [chosen.preset for chosen in programme(Training(), 500, Layout.plain(20), 1)]
    ['mlp', 'tabm', 'realmlp']
    >>> [(chosen.preset, chosen.networks) for chosen in programme(Training(), 10**6, Layout.plain(200), 1)]
    [('mlp', 3)]
    """
    seconds = allowed_seconds(wanted)
    is_auto = wanted.preset == AUTO or (wanted.preset is None and wanted.layers is None)
    plans = [plan(replace(wanted, preset=kind), rows) for kind in (KINDS if is_auto else (wanted.preset,))]
    if not seconds:
        return plans
    budget = seconds * PROCESSORS * SHARE
    free = wanted.networks is None and wanted.folds is None
    if is_auto and wanted.clear:
        candidates = _of_clear_rows(plans[0], wanted, free)
    else:
        several = _of_several_kinds(plans, free and rows >= _MANY) if is_auto else ()
        candidates = itertools.chain(several, _of_one_kind(plans[0], wanted))
    for smaller in candidates:
        if sum(seconds_of(chosen, layout, outputs, rows) for chosen in smaller) <= budget:
            break
    return smaller


def _of_several_kinds(plans: Sequence[Plan], more: bool) -> Iterator[list[Plan]]:
    """All kinds, and what may take their place, ever less work; of each the first is there once more where `more`."""
    first, tabm, realmlp = plans
    twice = replace(first, networks=2 * first.networks)
    half = replace(tabm, members=max(1, tabm.members // 2))
    light = replace(tabm, members=max(1, tabm.members // 4), networks=min(2, tabm.networks))
    for others in ([tabm, realmlp], [half, realmlp], [light, realmlp], [half]):
        if more:
            yield [twice, *others]
        yield [first, *others]
    if more:
        yield from ([twice, light], [twice])
    yield [first, light]


def _of_clear_rows(first: Plan, wanted: Training, free: bool) -> Iterator[list[Plan]]:
    """Dense networks alone, which learn most in a second; where there is time, and it is `free`, twice as many."""
    if free:
        yield [replace(first, networks=2 * first.networks)]
    yield from _of_one_kind(first, wanted, (5, 4, 2, 1), (*_SHARES, 0.2, 0.15, 0.12))


def _of_one_kind(
    first: Plan, wanted: Training, counts: Sequence[int] = (3, 2, 1), shares: Sequence[float] = _SHARES
) -> Iterator[list[Plan]]:
    """Ever fewer networks and epochs of one kind; the last has to do. What was asked for stays."""
    yield [first]
    for networks in counts if wanted.networks is None else (first.networks,):
        for share in shares if wanted.epochs is None else (1.0,):
            epochs = first.epochs if share == 1.0 else max(_FEWEST_EPOCHS, round(share * first.epochs))
            yield [replace(first, networks=min(networks, first.networks), epochs=epochs)]
