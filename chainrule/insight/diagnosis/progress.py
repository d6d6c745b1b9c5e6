"""How the training went: learning rate, length, under- and overfitting, scale of the inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..finding import Finding, Picture, Remedy, Series
from .case import Case
from .subject import baseline

_FALLS = 0.02  # a share of the whole fall in the last tenth of the epochs: still on the way
_ROUGH = 0.4  # rises of the loss against falls: it jumps about
_ROSE = 0.1  # a validation loss that rose by so much above its best
_GAP = 0.1  # training and held-out loss nearer than this: nothing is learnt by heart
_WIDE_GAP = 1.25  # the loss on rows held out, times that on training rows
_BETTER = 0.95  # of the loss of the baseline: something was learnt
_WIDE, _UNEQUAL = 30.0, 100.0  # the deviation of an input, the ratio of the largest to the smallest


def curve_picture(curves: Mapping[str, list[float]], marks: Sequence[tuple[float, str]] = ()) -> Picture:
    """Training and validation loss by epoch."""
    names = {"loss": "training loss", "val_loss": "validation loss"}
    lines = [Series(name, list(range(1, len(curves[key]) + 1)), [float(v) for v in curves[key]])
             for key, name in names.items() if key in curves]  # fmt: skip
    return Picture("lines", "epoch", "loss", lines, marks)


def check_rate(case: Case) -> list[Finding]:
    """The learning rate, and whether the training was long enough."""
    losses = np.asarray(case.curves.get("loss", ()), float)
    if not np.isfinite(losses).all():
        return [_diverged(case, losses)]
    if len(losses) < 2 or case.better:  # the cause is known already
        return []
    falling, rises = _still_falls(losses), int(np.sum(np.diff(losses) > 0))
    jumps, learns = losses[-1] > losses[0] or _roughness(losses) > _ROUGH, _learns(case)
    questions = [["rate-down"]] if jumps or not learns else []
    questions += [["rate-up", "epochs"]] if falling >= _FALLS or not learns else []
    remedies: list[Remedy] = []
    for kinds in questions:  # one after the other: the more is tried at once, the wider the intervals
        remedies = remedies or case.prove([remedy for kind in kinds for remedy in case.subject.remedies(kind)])
    case.better = dict(remedies[0].settings) if remedies else {}
    rates = [r for r in remedies if "learning_rate" in r.settings]
    evidence = {"share of the fall in the last tenth": falling, "roughness": _roughness(losses)}
    common: dict[str, Any] = {"evidence": evidence, "picture": curve_picture(case.curves), "remedies": remedies}
    if rates:
        return [_rate_finding(case, losses, rates[0], rises, common)]
    if remedies:
        tail = float(losses[-1 - max(1, len(losses) // 10)] - losses[-1])
        values = {"epochs": len(losses), "measure": "training loss", "fall": tail}
        return [Finding("training-too-short", "warning", values, **common)]
    return []


def _rate_finding(case: Case, losses: np.ndarray, best: Remedy, rises: int, common: dict[str, Any]) -> Finding:
    rate, better = case.subject.settings["learning_rate"], best.settings["learning_rate"]
    values = {"rate": f"{rate:g}", "better": f"{better:g}", "epochs": len(losses), "rises": rises,
              "measure": "training loss", "loss": float(losses[-1])}  # fmt: skip
    if better > rate:
        return Finding("learning-rate-too-small", "warning", values, **common)
    return Finding("learning-rate-too-large", "warning", values, **common)


def _diverged(case: Case, losses: np.ndarray) -> Finding:
    rate = case.subject.settings["learning_rate"]
    epoch = int(np.argmin(np.isfinite(losses))) + 1
    held, values = case.parts[0][1], case.subject.values
    lower: list[Any] = []
    for remedy in case.subject.remedies("rate-down"):
        score = case.score(case.train(remedy.settings, 0).outputs, values[held])
        lower += [(score, remedy)] if np.isfinite(score) else []
    lower = [remedy for _, remedy in sorted(lower, key=lambda pair: pair[0])[:1]]
    case.better = dict(lower[0].settings) if lower else {}
    return Finding("learning-rate-too-large", "error", {"rate": f"{rate:g}" if rate else "?", "epoch": epoch},
                   key="learning-rate-too-large.diverged", remedies=lower)  # fmt: skip


def _learns(case: Case) -> bool:
    """Whether the networks of the folds fit the rows that they were trained on clearly better than the baseline."""
    values, found = case.subject.values, []
    for trial, (learn, _) in zip(case.present, case.parts, strict=True):
        blind = baseline(case.task, values[learn], values[learn], trial.learnt.shape[-1])
        found.append(case.score(trial.learnt, values[learn]) < _BETTER * case.score(blind, values[learn]))
    return sum(found) * 2 > len(found)


def _still_falls(losses: np.ndarray) -> float:
    """The share of the whole fall of the loss that fell to the last tenth of the epochs."""
    fall = losses[0] - losses[-1]
    return float((losses[-1 - max(1, len(losses) // 10)] - losses[-1]) / fall) if fall > 0 else 0.0


def _roughness(losses: np.ndarray) -> float:
    """How much the loss rose after the first fifth of the epochs, as a share of how much it fell there."""
    steps = np.diff(losses[len(losses) // 5 :])
    falls = -steps[steps < 0].sum()
    return float(steps[steps > 0].sum() / falls) if falls > 0 else 1.0


def check_convergence(case: Case) -> list[Finding]:
    """Whether another learning rate would need far fewer epochs."""
    if case.better or case.found or case.history is None:
        return []
    epochs = int(case.subject.settings["epochs"])
    for remedy in case.subject.remedies("rate-up")[1::-1]:
        reached = [_epochs_to_reach(case, remedy, fold) for fold in range(2)]
        needed = max(reached)
        if needed * 3 <= epochs:
            values = {"better": f"{remedy.settings['learning_rate']:g}", "fewer": needed, "epochs": epochs,
                      "measure": "training loss"}  # fmt: skip
            return [Finding("slow-convergence", "info", values, remedies=[remedy],
                            evidence={"epochs": float(needed)})]  # fmt: skip
    return []


def _epochs_to_reach(case: Case, remedy: Remedy, fold: int) -> int:
    """After how many epochs a training reaches the last loss of the present one, no worse on rows held out."""
    trial, now, held = case.train(remedy.settings, fold), case.present[fold], case.parts[fold][1]
    values = case.subject.values[held]
    below = np.flatnonzero(np.asarray(trial.history["loss"]) <= now.history["loss"][-1])
    worse = case.score(trial.outputs, values) > 1.02 * case.score(now.outputs, values)
    return int(1e9) if worse or not len(below) else int(below[0]) + 1


def check_overfitting(case: Case) -> list[Finding]:
    """Whether the validation loss rises again, and since when."""
    losses, held = (np.asarray(case.curves.get(name, ()), float) for name in ("loss", "val_loss"))
    if case.kept or len(held) < 4 or not np.isfinite(held).all():
        return []
    best = int(np.argmin(held))
    rose = (held[-1] - held[best]) / max(abs(held[best]), 1e-12)
    if len(held) - 1 - best < 3 or rose < _ROSE or losses[-1] >= losses[best]:
        return []
    remedies = case.prove(case.subject.remedies("overfitting"))
    case.better = case.better or (dict(remedies[0].settings) if remedies else {})
    values = {"epoch": best + 1, "best": float(held[best]), "last": float(held[-1]), "measure": "loss"}
    return [Finding("overfitting", "warning" if remedies else "info", values, evidence={"rise": float(rose)},
                    picture=curve_picture(case.curves, [(best + 1, "best")]), remedies=remedies)]  # fmt: skip


def check_gap(case: Case) -> list[Finding]:
    """Whether rows held out are predicted much worse than training rows although the best weights were kept."""
    if not case.kept or case.better or case.is_weak:
        return []
    train, held, _ = _means(case)
    if held < _WIDE_GAP * train:
        return []
    remedies = case.prove(case.subject.remedies("overfitting"))
    if not remedies:
        return []
    case.better = dict(remedies[0].settings)
    values = {"measure": case.measure, "train": train, "validation": held}
    bars = [Series(case.measure, ["training", "held out"], [train, held])]
    return [Finding("overfitting", "warning", values, key="overfitting.gap", evidence={"ratio": held / train},
                    picture=Picture("bars", "rows", case.measure, bars), remedies=remedies)]  # fmt: skip


def _means(case: Case) -> tuple[float, float, float]:
    """The mean score over the folds on training rows, on rows held out, and of the baseline."""
    values = case.subject.values
    train, held, dumb = [], [], []
    for trial, (learn, apart) in zip(case.present, case.parts, strict=True):
        train.append(case.score(trial.learnt, values[learn]))
        held.append(case.score(trial.outputs, values[apart]))
        blind = baseline(case.task, values[learn], values[apart], trial.outputs.shape[-1])
        dumb.append(case.score(blind, values[apart]))
    return float(np.mean(train)), float(np.mean(held)), float(np.mean(dumb))


def check_underfitting(case: Case) -> list[Finding]:
    """Whether a network that can do more does better on rows that it has not seen."""
    if case.better or "no-signal" in case.found:
        return []
    train, held, dumb = _means(case)
    gap = (held - train) / held
    if gap > _GAP or train < 0.05 * dumb:
        return []
    remedies = case.prove(case.subject.remedies("larger"), worth=0.05)
    if not remedies:
        return []
    said = {"train": train, "validation": held, "measure": case.measure}
    bars = [Series(case.measure, ["training", "held out", "baseline"], [train, held, dumb])]
    return [Finding("underfitting", "warning", said, evidence={"gap": float(gap)}, remedies=remedies,
                    picture=Picture("bars", "rows", case.measure, bars))]  # fmt: skip


def check_scale(case: Case) -> list[Finding]:
    """Whether inputs of very different or very large scale hinder the training."""
    if not isinstance(case.x, np.ndarray) or case.x.ndim != 2 or not case.subject.remedies("scale"):
        return []
    deviations = case.x.std(0, dtype=np.float64)
    some = deviations[deviations > 0]
    if not len(some) or (some.max() < _WIDE and some.max() < _UNEQUAL * some.min()):
        return []
    remedies = case.prove(case.subject.remedies("scale"), worth=0.05)
    if not remedies:
        return []
    case.better = {**case.better, **remedies[0].settings}
    values = {"smallest": float(some.min()), "largest": float(some.max())}
    return [Finding("unscaled-inputs", "warning", values, evidence=values, remedies=remedies)]
