"""What the rows are like: too few, mislabelled, of unequal classes."""

from __future__ import annotations

import numpy as np

from ..finding import Finding, Gain, Picture, Remedy, Series
from .case import Case
from .statistics import class_auc, gain_on_folds
from .subject import balanced_error, errors

_MANY = 12  # row numbers that a sentence lists
_NOT_LEARNT = {"no-better-than-baseline", "learning-rate-too-small", "training-too-short"}  # all is wrong
_FEWEST, _ERRORS = 40, 5  # answers of a class that is looked at; errors among the surest
_EACH, _ALL, _SURELY, _ALIKE = 0.45, 0.7, 0.4, 0.2  # see `errors_do_not_end`
_SPREADS = 3.0  # distances between the quartiles by which such a value lies off the middle
_FAR = 12.0  # robust deviations from which a residual is far
_APART = 2.5  # such a value lies that many times as far off as those that are none: heavy tails have no gap


def check_amount(case: Case) -> list[Finding]:
    """The learning curve: what half and a quarter of the rows reach, and what twice as many would."""
    if case.is_sample or case.found & {"no-signal", "no-better-than-baseline"}:
        return []
    curve = {share: _scores_with(case, share) for share in (0.25, 0.5, 1.0)}
    held_share = len(case.parts[0][1]) / len(case.parts[0][0])
    gain = gain_on_folds(case.measure, curve[0.5], curve[1.0], held_share)
    if not gain.is_proven or gain.value < 0.03 * gain.before:
        return []
    quarter, half, whole = (float(np.mean(curve[share])) for share in (0.25, 0.5, 1.0))
    steeper = (half - whole) / (quarter - half) if quarter > half else 1.0
    expected = max(0.0, whole - (half - whole) * min(0.9, steeper))
    rows = len(case.parts[0][0])
    sizes = [rows // 4, rows // 2, rows]
    measured = Series("measured", sizes, [quarter, half, whole])
    picture = Picture("lines", "rows", case.measure,
                      [measured, Series("expected", [rows, 2 * rows], [whole, expected])], is_log_x=True)  # fmt: skip
    values = {"half": rows // 2, "rows": rows, "double": 2 * rows, "measure": case.measure, "before": half,
              "after": whole, "expected": expected}  # fmt: skip
    evidence = {"gain of the second half": gain.value, "low": gain.low, "high": gain.high}
    return [Finding("too-little-data", "info", values, evidence=evidence, picture=picture,
                    remedies=[Remedy("more-rows")])]  # fmt: skip


def _scores_with(case: Case, share: float) -> list[float]:
    """The score of each fold, trained on a share of its rows in as many steps."""
    found = []
    for fold, (learn, held) in enumerate(case.parts):
        values = case.subject.values[held]
        if share == 1.0:
            found.append(case.score(case.present[fold].outputs, values))
            continue
        some = np.sort(np.random.default_rng((case.seed, fold)).permutation(learn)[: int(share * len(learn))])
        change = {"epochs": round(case.subject.settings["epochs"] / share)}
        case.trainings += 1
        found.append(case.score(case.subject.train(change, some, held).outputs, values))
    return found


def suspects(classes: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Rows whose label contradicts what networks that had not seen them are confident of, the worst first.

    Args:
        classes: int array (n,): the labels given.
        probabilities: (n, k), each row by a network that was trained without it.

    Source: Northcutt, Jiang and Chuang 2021, "Confident learning": a row counts for class j if its probability of j
        is at least the mean probability of j among the rows labelled j; it is a suspect if that j is not its label.

    >>> p = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.05, 0.95]])
    >>> suspects(np.array([0, 0, 1, 1, 0]), p).tolist()
    [4]
    """
    k = probabilities.shape[1]
    seen = np.bincount(classes, minlength=k) > 0
    least = np.array([probabilities[classes == c, c].mean() if seen[c] else np.inf for c in range(k)])
    confident = np.where(probabilities >= least, probabilities, -1.0)
    likely = confident.argmax(1)
    rows = np.flatnonzero((confident.max(1) > 0) & (likely != classes))
    margin = probabilities[rows, likely[rows]] - probabilities[rows, classes[rows]]
    return rows[np.argsort(-margin, kind="stable")]


def errors_do_not_end(classes: np.ndarray, probabilities: np.ndarray) -> tuple[bool, float, float]:
    """Whether the surest answers are wrong nearly as often as less sure ones, and so for all classes alike.

    Overlapping classes give errors where networks are unsure; labels that are wrong at random give errors where they
    are sure as well. Of the answers of each class the surest third is compared with those after it, up to the last
    quarter, where classes meet. Rows of one class that cannot be told from another (most men of a wreck drowned, but
    nobody can say which) have such errors for that class alone.

    Args:
        classes: int array (n,): the labels given.
        probabilities: (n, k), each row by a network that was trained without it.

    Returns:
        whether it is so; the share of errors of the surest thirds; that of the answers after them.
    """
    wrong, answers, sure = errors(probabilities, classes), probabilities.argmax(1), probabilities.max(1)
    surest, others = [], []
    for c in range(probabilities.shape[1]):
        own = np.flatnonzero(answers == c)
        if len(own) >= _FEWEST:
            own = own[np.argsort(-sure[own], kind="stable")]
            surest.append(wrong[own[: len(own) // 3]])
            others.append(wrong[own[len(own) // 3 : 3 * len(own) // 4]])
    if len(surest) < 2:
        return False, 0.0, 0.0
    first, rest = np.concatenate(surest), float(np.concatenate(others).mean())
    share, least = float(first.mean()), min(part.mean() for part in surest)
    low = share - 1.5 * np.sqrt(share * (1 - share) / len(first))
    each = all(part.mean() >= _EACH * other.mean() for part, other in zip(surest, others, strict=True))
    alike = least > 0 and least >= _ALIKE * max(part.mean() for part in surest)
    found = each and alike and first.sum() >= _ERRORS and share >= _ALL * rest and low >= _SURELY * rest
    return bool(found), share, rest


def check_labels(case: Case) -> list[Finding]:
    """Rows that are probably mislabelled, where errors do not end with confidence (`errors_do_not_end`)."""
    if "no-signal" in case.found:
        return []
    rows, outputs = case.answers
    if not case.is_classification:
        return _far_values(case, rows, outputs)
    if case.found & _NOT_LEARNT:
        return []
    classes = case.subject.values[rows]
    suspected, surest, less = errors_do_not_end(classes, outputs)
    if not suspected or class_auc(classes, outputs) < 0.75:
        return []
    wrong, sure = errors(outputs, classes), np.argsort(-outputs.max(1), kind="stable")
    found = suspects(classes, outputs)
    if not len(found):
        return []
    labels, numbers = case.subject.labels, case.subject.numbers[rows]
    listed = [f"{numbers[i]} ({labels[classes[i]]}, probably {labels[outputs[i].argmax()]})" for i in found[:_MANY]]
    values = {"count": len(found), "rows": len(rows), "share": len(found) / len(rows),
              "listed": _shown(case, listed, found)}  # fmt: skip
    parts = [wrong[part].mean() for part in np.array_split(sure, 4)]
    picture = Picture(
        "bars",
        "confidence",
        "error rate",
        [Series("error rate", ["surest", "sure", "unsure", "least sure"], [float(v) for v in parts])],
    )
    evidence = {"errors of the surest third": surest, "errors of those after it": less}
    remedy = Remedy("drop-rows", gain=_gain_without(case, rows[found]))
    return [Finding("label-noise", "warning", values, evidence=evidence, picture=picture, remedies=[remedy],
                    rows=numbers[found].tolist())]  # fmt: skip


def _shown(case: Case, listed: list[str], found: np.ndarray) -> str:
    more = f" and {len(found) - len(listed)} more" if len(found) > len(listed) else ""
    return f"{case.subject.word} {', '.join(listed)}{more}"


def _gain_without(case: Case, rows: np.ndarray) -> Gain:
    """What training without some rows brings, in errors on all rows held out."""
    before, after = [], []
    for trial, (learn, held) in zip(case.present, case.parts, strict=True):
        classes = case.subject.values[held]
        case.trainings += 1
        cleaned = case.subject.train({}, np.setdiff1d(learn, rows), held)
        before.append(float(errors(trial.outputs, classes).mean()))
        after.append(float(errors(cleaned.outputs, classes).mean()))
    return gain_on_folds("error rate", before, after, len(case.parts[0][1]) / len(case.parts[0][0]))


def _far_values(case: Case, rows: np.ndarray, outputs: np.ndarray) -> list[Finding]:
    """Rows whose value lies absurdly far from what networks that had not seen them expect."""
    residual = (outputs.reshape(len(rows), -1) - case.subject.values[rows].reshape(len(rows), -1)).mean(1)
    centre = np.median(residual)
    scale = 1.4826 * np.median(np.abs(residual - centre))
    distance = np.abs(residual - centre) / scale if scale > 0 else np.zeros(len(rows))
    given = case.subject.values[rows].reshape(len(rows), -1).mean(1)
    low, middle, high = np.percentile(given, (25, 50, 75))
    off = apart(np.abs(given - middle) / max(high - low, 1e-300), _SPREADS)
    found = off[distance[off] > _FAR]
    if not len(found) or len(found) > 0.05 * len(rows):
        return []
    numbers = case.subject.numbers[rows]
    listed = [f"{numbers[i]} ({float(np.ravel(case.subject.values[rows[i]])[0]):.4g}, expected about "
              f"{float(np.ravel(outputs[i])[0]):.4g})" for i in found[:_MANY]]  # fmt: skip
    values = {"count": len(found), "rows": len(rows), "listed": _shown(case, listed, found)}
    return [Finding("label-noise", "warning", values, key="label-noise.values", remedies=[Remedy("drop-rows")],
                    evidence={"largest distance": float(distance.max())},
                    rows=numbers[found].tolist())]  # fmt: skip


def apart(distance: np.ndarray, least: float) -> np.ndarray:
    """The numbers of the distances above a limit that are apart from all others, the largest first.

    Args:
        distance: float (n,).
        least: float.

    >>> apart(np.array([1.0, 90.0, 2.0, 40.0]), 3.0).tolist(), apart(np.array([1.0, 3.0, 6.5, 7.0]), 3.0).tolist()
    ([1, 3], [])
    """
    order = np.argsort(-distance, kind="stable")
    falling = np.append(distance[order], 0.0)
    gaps = np.flatnonzero((falling[:-1] > least) & (falling[:-1] >= _APART * falling[1:]))
    return order[: gaps[-1] + 1] if len(gaps) else order[:0]


def check_imbalance(case: Case) -> list[Finding]:
    """A rare class that is hardly ever found although the network tells it from the others."""
    if not case.is_classification or "no-signal" in case.found:
        return []
    rows, outputs = case.answers
    classes = case.subject.values[rows]
    answered = outputs.argmax(1)
    worst = None
    for c in range(outputs.shape[1]):
        own = classes == c
        if own.sum() < 20 or own.mean() > 0.5 / outputs.shape[1]:
            continue
        recall = float((answered[own] == c).mean())
        if recall < 0.25 and class_auc((own).astype(int), np.stack([1 - outputs[:, c], outputs[:, c]], 1)) > 0.7:
            worst = min(worst or (recall, c), (recall, c))
    if worst is None:
        return []
    remedies = case.prove(case.subject.remedies("class-weight"), balanced_error, "balanced error rate")
    if not remedies:
        return []
    recall, c = worst
    recalls = [float((answered[classes == k] == k).mean()) if np.any(classes == k) else 0.0
               for k in range(outputs.shape[1])]  # fmt: skip
    values = {"label": case.subject.labels[c], "rows": int((classes == c).sum()), "recall": recall,
              "accuracy": float((answered == classes).mean())}  # fmt: skip
    picture = Picture("bars", "class", "recall", [Series("recall", case.subject.labels, recalls)])
    return [Finding("imbalance-ignored", "warning", values, picture=picture, remedies=remedies,
                    evidence={"share of the class": float((classes == c).mean()), "recall": recall})]  # fmt: skip
