"""Whether the network knows anything: against the baseline, against shuffled targets, validation against test."""

from __future__ import annotations

import numpy as np

from ..finding import Finding, Picture, Remedy, Series
from .case import Case
from .statistics import class_auc
from .subject import baseline, row_losses

_SURE = 4.0  # standard errors better than the baseline: there is a signal, nothing need be shuffled
_SHUFFLES = 19  # the smallest number with which p = 0.05 can be reached
_BROKEN = {"dead-units", "saturated-units", "vanishing-gradients", "exploding-gradients", "learning-rate-too-large"}
_JUDGED = 100  # rows held out that are enough to judge a training on shuffled targets
_APART = 4.0  # standard errors between validation and test that chance does not explain


def check_baseline(case: Case) -> list[Finding]:
    """Is it better than answering without looking?"""
    losses, blind = _against_baseline(case)
    better = blind - losses
    error = better.std(ddof=1) / np.sqrt(len(better))
    case.is_weak = not better.mean() > _SURE * error
    if better.mean() > 0:
        return []
    shown = [float(v if case.is_classification else np.sqrt(v)) for v in (losses.mean(), blind.mean())]
    values = {"measure": case.measure, "model": shown[0], "baseline": shown[1]}
    picture = Picture("bars", "present", case.measure, [Series(case.measure, ["model", "baseline"], shown)])
    return [Finding("no-better-than-baseline", "error", values, evidence={"standard error": float(error)},
                    picture=picture)]  # fmt: skip


def _against_baseline(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """The loss of each row, and that of the baseline: on test or validation rows of the model, else over the folds."""
    values = case.subject.values
    given = case.test or case.validation
    if given is not None:
        outputs, truth = given
        return row_losses(case.task, outputs, truth), row_losses(
            case.task, baseline(case.task, values, truth, outputs.shape[-1]), truth)  # fmt: skip
    own, blind = [], []
    for trial, (learn, held) in zip(case.present, case.parts, strict=True):
        own.append(row_losses(case.task, trial.outputs, values[held]))
        dumb = baseline(case.task, values[learn], values[held], trial.outputs.shape[-1])
        blind.append(row_losses(case.task, dumb, values[held]))
    return np.concatenate(own), np.concatenate(blind)


def check_signal(case: Case) -> list[Finding]:
    """The permutation test: how often shuffled targets are learnt as well as the true ones.

    It is made only where the network is not clearly better than the baseline, and with the settings that were proven
    better: a network that cannot learn says nothing about the data.

    Source: Ojala and Garriga 2010, "Permutation tests for studying classifier performance", test 1.
    """
    if not case.is_weak or (case.found & _BROKEN and not case.better):
        return []
    values = case.subject.values
    enough = np.cumsum([len(held) for _, held in case.parts]) >= _JUDGED
    folds = range(max(2, int(np.argmax(enough)) + 1) if enough.any() else len(case.parts))
    true = _learnt(case, values, folds)
    generator = np.random.default_rng((case.seed, 7))
    by_chance = []
    for _ in range(_SHUFFLES):
        by_chance.append(_learnt(case, values[generator.permutation(len(values))], folds))
        if sum(v >= true for v in by_chance) > 2:  # p is above 0.1 whatever follows
            break
    as_good = sum(v >= true for v in by_chance)
    p = (1 + as_good) / (1 + len(by_chance))
    if p <= 0.05:
        return []
    name = "AUC" if case.is_classification else "correlation"
    picture = Picture("bars", name, name, [Series("shuffled targets", list(range(1, len(by_chance) + 1)), by_chance),
                                          Series("true targets", ["true"], [true])])  # fmt: skip
    said = {"as_good": as_good, "trials": len(by_chance), "p": p}
    return [Finding("no-signal", "error", said, evidence={name: true, "p": p}, picture=picture,
                    remedies=[Remedy("other-columns")])]  # fmt: skip


def _learnt(case: Case, values: np.ndarray, folds: range) -> float:
    """How well networks trained on these targets order the rows held out."""
    trials = [case.train(case.better, fold, values) for fold in folds]
    return float(np.mean([_ranked(case, t.outputs, values[case.parts[f][1]]) for f, t in enumerate(trials)]))


def _ranked(case: Case, outputs: np.ndarray, values: np.ndarray) -> float:
    """How well outputs order the rows: AUC, or correlation; not touched by how sure the network is."""
    if case.is_classification:
        return class_auc(values, outputs)
    a, b = outputs.ravel() - outputs.mean(), values.ravel() - values.mean()
    length = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / length if length > 0 else 0.0


def check_disagreement(case: Case) -> list[Finding]:
    """Do validation and test rows tell the same?"""
    if case.asked is None or case.test is None:
        return []
    losses = [row_losses(case.task, *part) for part in (case.asked, case.test)]
    if min(map(len, losses)) < 20:
        return []
    means = [float(v.mean()) for v in losses]
    error = float(np.sqrt(sum(v.var(ddof=1) / len(v) for v in losses)))
    deviations = abs(means[0] - means[1]) / max(error, 1e-12)
    if deviations < _APART or abs(means[0] - means[1]) < 0.1 * max(means):
        return []
    if case.in_folds and means[1] < means[0]:  # several networks answer for the test rows, one for those of a fold
        return []
    shown = means if case.is_classification else [m**0.5 for m in means]
    values = {"measure": case.measure, "validation": shown[0], "test": shown[1], "deviations": deviations}
    bars = Picture("bars", "rows", case.measure, [Series(case.measure, ["validation", "test"], shown)])
    return [Finding("validation-disagrees", "warning", values, evidence={"standard errors": deviations}, picture=bars)]
