"""Connectionist temporal classification under the names of `keras.ops`: the loss, and reading the labels."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import primitives as P
from ..errors import ArgumentError, ShapeError
from ..ir import NARROW, Tensor
from ..primitives.arithmetic import as_operand, cast
from .control import scan
from .indexing import one_hot, take_along_axis
from .math import argmax, cumsum, floating, logsumexp, max, sum, where
from .nn import log_softmax
from .numbers import outside_recordings
from .shaping import arange, broadcast_to, concatenate, expand_dims, full_like, pad, repeat, reshape, transpose
from .symbolic import OPS, op

_NEVER = -1e30  # the logarithm of a probability of zero; finite, so that gradients stay numbers


@op
def ctc_loss(target: Any, output: Any, target_length: Any, output_length: Any, mask_index: int = 0) -> Tensor:
    """-log of the summed probability of all paths that read the target: (n,), at least float32.

    Args:
        target: (n, length) integers; output: (n, times, classes) logits; target_length, output_length: (n,), how much
            of each counts; mask_index: the class of the blank (default 0).
    Source: Graves et al. 2006, "Connectionist temporal classification", section 4.1.
    """
    labels, logits = cast(as_operand(target), "int32"), floating(output)
    if logits.type.dtype in NARROW:
        return ctc_loss(labels, cast(logits, "float32"), target_length, output_length, mask_index)
    if labels.ndim != 2 or logits.ndim != 3 or labels.shape[0] != logits.shape[0]:
        raise ShapeError(
            f"ctc_loss: expected target (n, length) and output (n, times, classes); got {labels.shape} and "
            f"{logits.shape}."
        )
    blanks = full_like(labels, mask_index)
    states = reshape(OPS["stack"]([blanks, labels], 2), (labels.shape[0], -1))
    states = concatenate([states, blanks[:, :1]], 1)
    emitted = take_along_axis(log_softmax(logits), repeat(expand_dims(states, 1), logits.shape[1], 1), -1)
    reached = _reached(transpose(emitted, (1, 0, 2)), states, cast(as_operand(output_length), "int32"), mask_index)
    last = 2 * cast(as_operand(target_length), "int32")
    ends = expand_dims(last, 1) + as_operand(np.array([[-1, 0]], "int32"))
    ways = take_along_axis(reached, where(ends < 0, 0, ends), 1)
    total = logsumexp(where(ends < 0, _NEVER, ways), 1)
    return where(total < 0.5 * _NEVER, math.inf, -total)


def _shifted(x: Tensor, by: int, fill: Any) -> Tensor:
    return pad(x, ((0, 0), (by, 0)), constant_values=fill)[:, : x.shape[1]]


def _reached(by_time: Tensor, states: Tensor, lengths: Tensor, blank: int) -> Tensor:
    """log probability of being in each state after the last time step that counts."""
    jump = P.bit_and(states != blank, states != _shifted(states, 2, blank))

    def step(before: Tensor, now: Any) -> tuple[Tensor, None]:
        score, time = now
        ways = [before, _shifted(before, 1, _NEVER), where(jump, _shifted(before, 2, _NEVER), _NEVER)]
        after = logsumexp(OPS["stack"](ways), 0) + score
        return where(expand_dims(time < lengths, 1), after, before), None

    start = where(arange(states.shape[1]) < 2, by_time[0], _NEVER)
    times = arange(1, by_time.shape[0], dtype="int32")
    return scan(step, start, (by_time[1:], times))[0]


@op
def ctc_decode(
    inputs: Any, sequence_lengths: Any, strategy: str = "greedy", beam_width: int = 100, top_paths: int = 1,
    merge_repeated: bool = True, mask_index: int = 0,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """(labels, scores): what outputs (n, times, classes) read, filled up with -1: (paths, n, times); (n, paths).

    Args:
        inputs: logits; sequence_lengths: (n,), how many times count.
        strategy: 'greedy' (default: the best class of each time; its score is minus the sum of their logits) or
            'beam_search' (the most probable labels over all paths, with the logarithm of their probability; only
            outside recordings).
        beam_width, top_paths: of the beam search; merge_repeated: of the greedy one (default True).
        mask_index: the class of the blank (default 0).
    Source: Graves et al. 2006, section 3.2; Hannun et al. 2014, arXiv:1408.2873, algorithm 1.
    """
    logits, lengths = floating(inputs), cast(as_operand(sequence_lengths), "int32")
    logits = cast(logits, "float32") if logits.type.dtype in NARROW else logits
    if strategy == "greedy":
        return _greedy(logits, lengths, merge_repeated, mask_index)
    if strategy != "beam_search":
        raise ArgumentError(f"ctc_decode: expected strategy 'greedy' or 'beam_search'; got {strategy!r}.")
    scores, counts = outside_recordings("ctc_decode", lambda *a: a, log_softmax(logits), lengths)
    found = [_beam(row[:n], beam_width, top_paths, mask_index) for row, n in zip(scores, counts, strict=True)]
    labels = np.full((top_paths, len(found), scores.shape[1]), -1, "int32")
    totals = np.full((len(found), top_paths), -np.inf, scores.dtype)
    for row, paths in enumerate(found):
        for rank, (path, total) in enumerate(paths):
            labels[rank, row, : len(path)], totals[row, rank] = path, total
    return as_operand(labels), as_operand(totals)


def _greedy(logits: Tensor, lengths: Tensor, merge: bool, blank: int) -> tuple[Tensor, Tensor]:
    best, times = argmax(logits, -1), logits.shape[1]
    counts = expand_dims(lengths, 1) > arange(times, dtype="int32")
    keep = P.bit_and(counts, best != blank)
    if merge:
        before = pad(best, ((0, 0), (1, 0)), constant_values=-1)[:, :times]
        keep = P.bit_and(keep, best != before)
    place = where(keep, cumsum(cast(keep, "int32"), 1) - 1, times)
    hits = one_hot(place, times, dtype="int32")  # (n, times, places); what is not kept is out of range
    labels = sum(hits * expand_dims(best, -1), 1)
    found = where(sum(hits, 1) > 0, labels, -1)
    score = -sum(where(counts, max(logits, -1), 0.0), 1, True)
    return broadcast_to(expand_dims(found, 0), (1, *found.shape)), score


def _beam(scores: np.ndarray, width: int, paths: int, blank: int) -> list[tuple[tuple[int, ...], float]]:
    """The most probable labels: each kept with the probabilities of its paths that end in a blank and of the rest."""
    beams: dict[tuple[int, ...], tuple[float, float]] = {(): (0.0, -np.inf)}
    for now in scores.astype("float64"):
        after: dict[tuple[int, ...], tuple[float, float]] = {}

        def add(labels: tuple[int, ...], ends_blank: bool, value: float, after: Any = after) -> None:
            pair = list(after.get(labels, (-np.inf, -np.inf)))
            pair[not ends_blank] = np.logaddexp(pair[not ends_blank], value)
            after[labels] = (pair[0], pair[1])

        for labels, (with_blank, without) in beams.items():
            add(labels, True, np.logaddexp(with_blank, without) + now[blank])
            for k, value in enumerate(now):
                if k == blank:
                    continue
                if labels and labels[-1] == k:
                    add(labels, False, without + value)
                    add((*labels, k), False, with_blank + value)
                else:
                    add((*labels, k), False, np.logaddexp(with_blank, without) + value)
        best = sorted(after.items(), key=lambda item: -np.logaddexp(*item[1]))[:width]
        beams = dict(best)
    return [(labels, float(np.logaddexp(*pair))) for labels, pair in list(beams.items())[:paths]]
