"""How good the answers are, for classes: who is confused with whom, ROC, precision and recall, calibration."""

from __future__ import annotations

import numpy as np

from .facts import Facts
from .markup import Markup, table, tag
from .numbers import number, percent, share_interval
from .plot import Axis, Plot, key

_MOST = 12  # classes of a confusion matrix
_CURVES = 4  # classes that get a curve each
_POINTS = 160  # of a curve


def class_quality(facts: Facts) -> Markup:
    """The figures."""
    figures = [_confusion(facts), _roc(facts), _precision(facts), _calibration(facts)]
    return tag("div", [figure for figure in figures if figure], class_="grid")


def _confusion(facts: Facts) -> Markup:
    words, labels = facts.words, facts.labels
    matrix = np.array(facts.scores["confusion"])
    wrong = matrix - np.diag(np.diag(matrix))
    if not wrong.any():
        title = words("confusion.none")
    else:
        i, j = np.unravel_index(int(wrong.argmax()), wrong.shape)
        title = words("confusion.most", count=f"{wrong[i, j]:,}", total=f"{matrix[i].sum():,}",
                      true=facts.label(int(i)), predicted=facts.label(int(j)))  # fmt: skip
    if len(labels) > _MOST:
        return _mistakes(facts, matrix, wrong, title)
    head = tag("tr", tag("th", words("score.true_predicted"), scope="col"),
               [tag("th", label, scope="col") for label in labels])  # fmt: skip
    rows = [tag("tr", tag("th", label, scope="row"), [_cell(matrix, i, j) for j in range(len(labels))])
            for i, label in enumerate(labels)]  # fmt: skip
    body = tag("table", tag("thead", head), tag("tbody", rows), class_="matrix")
    return tag("figure", tag("h3", title), tag("div", body, class_="wide", tabindex="0"),
               tag("figcaption", words("confusion.caption")))  # fmt: skip


def _cell(matrix: np.ndarray, i: int, j: int) -> Markup:
    share = matrix[i, j] / max(1, matrix[i].sum())
    colour = "var(--s1)" if i == j else "var(--s2)"
    shade = f"background:color-mix(in srgb,{colour} {45 * share:.0f}%,transparent)" if matrix[i, j] else None
    return tag("td", f"{matrix[i, j]:,}", style=shade, class_="n yes" if i == j else "n")


def _mistakes(facts: Facts, matrix: np.ndarray, wrong: np.ndarray, title: str) -> Markup:
    words, labels = facts.words, facts.labels
    order = np.argsort(-wrong, axis=None, kind="stable")[:_MOST]
    pairs = [np.unravel_index(int(k), wrong.shape) for k in order if wrong.flat[k]]
    rows = [[labels[int(i)], labels[int(j)], f"{wrong[i, j]:,}", percent(wrong[i, j] / matrix[i].sum(), 0)]
            for i, j in pairs]  # fmt: skip
    head = [words(f"confusion.{name}") for name in ("true", "predicted", "rows", "of")]
    caption = words("confusion.list", classes=words.count(len(labels), "class"))
    return tag("figure", tag("h3", title), table(head, rows, "ttnn"), tag("figcaption", caption))


def _shown(facts: Facts) -> list[int]:
    """Classes that get a curve: the second of two, else up to four, those told apart worst first."""
    from ...tabular.scores import roc_auc

    k = len(facts.labels)
    if k == 2:
        candidates = [1]
    else:
        candidates = list(range(k))
    known = {c: roc_auc(facts.truth == c, facts.outputs[:, c]) for c in candidates}
    there = [c for c, auc in known.items() if auc is not None]
    return sorted(there, key=lambda c: (known[c], c))


def _roc(facts: Facts) -> Markup | None:
    from ...tabular.scores import roc_auc

    words, order = facts.words, _shown(facts)
    if not order:
        return None
    auc = {c: float(roc_auc(facts.truth == c, facts.outputs[:, c]) or 0.0) for c in order}
    if len(order) == 1:
        title = words("roc.found", label=facts.label(order[0]), auc=percent(auc[order[0]]))
    elif f"{auc[order[0]]:.3f}" == f"{auc[order[-1]]:.3f}":
        title = words("roc.found_alike", auc=f"{auc[order[0]]:.3f}")
    else:
        title = words("roc.found_many", best=facts.label(order[-1]), high=f"{auc[order[-1]]:.3f}",
                      worst=facts.label(order[0]), low=f"{auc[order[0]]:.3f}")  # fmt: skip
    whole = lambda v: f"{v:.0%}"  # noqa: E731
    chart = Plot(Axis(words("roc.x"), 0, 1, form=whole), Axis(words("roc.y"), 0, 1, form=whole))
    chart.line([0, 1], [0, 1], "s0 thin")
    shown = order[:_CURVES]
    for place, c in enumerate(shown, 1):
        chart.line(*roc_curve(facts.truth == c, facts.outputs[:, c]), f"s{place}")
    entries = [(f"s{place}", f"{facts.label(c)} ({auc[c]:.3f})") for place, c in enumerate(shown, 1)]
    return tag("figure", tag("h3", title), key(*entries, ("s0", words("chart.guess"))), chart.svg(title),
               tag("figcaption", words("roc.caption")))  # fmt: skip


def counts_by_score(positive: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many rows that are, and that are not, of the class have a score of at least each threshold, falling.

    Args:
        positive: bool (n,).
        score: float (n,).

    >>> counts_by_score(np.array([True, False, True]), np.array([0.9, 0.9, 0.1]))
    (array([1, 2]), array([1, 1]))
    """
    order = np.argsort(-score, kind="stable")
    last = np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)
    return np.cumsum(positive[order])[last], np.cumsum(~positive[order])[last]


def roc_curve(positive: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """False and true positive rates at falling thresholds, thinned to what can be seen.

    >>> roc_curve(np.array([True, False, True]), np.array([0.9, 0.5, 0.1]))
    (array([0., 0., 1., 1.]), array([0. , 0.5, 0.5, 1. ]))
    """
    true, false = counts_by_score(positive, score)
    x, y = np.append(0.0, false / max(1, false[-1])), np.append(0.0, true / max(1, true[-1]))
    kept = _thinned(x)
    return x[kept], y[kept]


def precision_curve(positive: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Recall and precision at falling thresholds as steps, and the area below these (average precision).

    Between two thresholds there is no straight line: what would be reached there is not a mean of both (Davis and
    Goadrich 2006).

    >>> recall, precision, area = precision_curve(np.array([True, False, True]), np.array([0.9, 0.5, 0.1]))
    >>> recall, precision.round(3), round(area, 3)
    (array([0. , 0.5, 0.5, 0.5, 0.5, 1. ]), array([1.   , 1.   , 0.5  , 0.5  , 0.667, 0.667]), 0.833)
    """
    true, false = counts_by_score(positive, score)
    recall, precision = true / max(1, true[-1]), true / (true + false)
    area = float(np.sum(np.diff(np.append(0.0, recall)) * precision))
    kept = _thinned(recall)
    from_, to = np.append(0.0, recall[kept][:-1]), recall[kept]
    return np.stack([from_, to], 1).ravel(), np.repeat(precision[kept], 2), area


def _thinned(x: np.ndarray) -> np.ndarray:
    """Of many rising numbers from 0 to 1 those that can be seen: the first and the last in each of so many cells."""
    if len(x) <= _POINTS:
        return np.arange(len(x))
    cell = np.floor(x * _POINTS)
    changes = np.flatnonzero(np.diff(cell))
    return np.unique(np.concatenate([[0], changes, changes + 1, [len(x) - 1]]))


def _precision(facts: Facts) -> Markup | None:
    words, labels = facts.words, facts.labels
    if len(labels) != 2 or not 0 < facts.truth.sum() < len(facts.truth):
        return None
    recall, precision, area = precision_curve(facts.truth == 1, facts.outputs[:, 1])
    half = float(precision[np.argmax(recall >= 0.5)])
    share = float(facts.truth.mean())
    title = words("pr.found", label=facts.label(1), precision=percent(half, 0))
    whole = lambda v: f"{v:.0%}"  # noqa: E731
    chart = Plot(Axis(words("pr.x"), 0, 1, form=whole), Axis(words("pr.y"), 0, 1, form=whole))
    chart.line([0, 1], [share, share], "s0 thin")
    chart.line(recall, precision, "s1")
    caption = words("pr.caption", ap=number(area), share=percent(share))
    entries = [("s1", facts.label(1)), ("s0", words("chart.guess"))]
    return tag("figure", tag("h3", title), key(*entries), chart.svg(title), tag("figcaption", caption))


def reliability(probability: np.ndarray, came_true: np.ndarray, bins: int = 10) -> list[tuple[float, int, int]]:
    """(mean probability, how many came true, rows) of groups of rows with like probabilities; empty groups left out.

    Source: DeGroot and Fienberg 1983.

    Args:
        probability: float (n,).
        came_true: bool (n,).
        bins: int, default 10.

    >>> reliability(np.array([0.05, 0.95, 0.95]), np.array([False, True, False]))
    [(0.05, 0, 1), (0.95, 1, 2)]
    """
    place = np.minimum((probability * bins).astype(int), bins - 1)
    return [(float(probability[place == b].mean()), int(came_true[place == b].sum()), int((place == b).sum()))
            for b in range(bins) if (place == b).any()]  # fmt: skip


def _fits(probability: float, right: int, rows: int) -> bool:
    low, high = share_interval(right, rows)
    return low <= probability <= high


def _calibration(facts: Facts) -> Markup:
    words, labels = facts.words, facts.labels
    if len(labels) == 2:
        probability, true = facts.outputs[:, 1], facts.truth == 1
        what = words("calibration.label", label=facts.label(1))
    else:
        probability, true = facts.outputs.max(1), facts.outputs.argmax(1) == facts.truth
        what = words("calibration.answer")
    groups = reliability(probability, true)
    error = sum(n * abs(p - t / n) for p, t, n in groups) / len(true)
    sure = np.where(probability >= 0.5, probability, 1 - probability) if len(labels) == 2 else probability
    right = true == (probability >= 0.5) if len(labels) == 2 else true
    way = "high" if sure.mean() > right.mean() else "low"
    fits = sum(n for p, t, n in groups if _fits(p, t, n)) >= 0.9 * len(true)
    said = "good" if error < 0.03 else "fits" if fits else way
    title = words(f"calibration.{said}", error=number(100 * error, 2), rows=facts.rows)
    whole = lambda v: f"{v:.0%}"  # noqa: E731
    chart = Plot(Axis(words("calibration.x"), 0, 1, form=whole), Axis(words("calibration.y"), 0, 1, form=whole))
    chart.line([0, 1], [0, 1], "s0 thin")
    for p, t, n in groups:
        chart.band(p, *share_interval(t, n), "s1")
        chart.dot(p, t / n, "s1", 2.5 + 5 * (n / len(true)) ** 0.5, f"{percent(p)}: {t:,} / {n:,}")
    caption = words("calibration.caption", what=what)
    return tag("figure", tag("h3", title), chart.svg(title), tag("figcaption", caption))

