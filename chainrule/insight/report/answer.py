"""The answer first: how good the network is, against the baseline, in one sentence for everybody."""

from __future__ import annotations

import numpy as np

from ..finding import Finding
from .facts import Facts
from .markup import Markup, join, table, tag
from .numbers import number, percent, places, share_interval
from .plot import bars

_FORMS = {"accuracy": percent, "error_rate": percent, "balanced_accuracy": percent, "rmse": number, "mae": number}
_TOO_GOOD = ("target-copy", "leakage", "after-the-fact", "duplicates-across")
CLASS_SCORES = ("accuracy", "error_rate", "balanced_accuracy", "log_loss", "roc_auc", "f1")
VALUE_SCORES = ("rmse", "mae", "r2")


def answer(facts: Facts) -> Markup:
    """The sentence, what qualifies it, a picture and all scores."""
    first, more = (_classes if facts.is_class else _values)(facts)
    words = facts.words
    more.append(words(f"answer.on_{facts.part}", rows=facts.rows))
    if facts.fitted.interrupted:
        more.append(words("answer.interrupted"))
    warnings = [words("answer.no_better")] if no_better(facts) else []
    warnings += [words.joined(words("answer.doubtful"), finding.sentence(words.language)) for finding in _doubts(facts)]
    return join([
        tag("p", first, class_="answer"),
        [tag("p", warning, class_="warn") for warning in warnings],
        tag("div", tag("div", [tag("p", text) for text in more]), _compared(facts), class_="grid"),
        tag("details", tag("summary", words("score.all")), _scores(facts), open=""),
    ])  # fmt: skip


def _doubts(facts: Facts) -> list[Finding]:
    """Why the scores may be better than the network is."""
    found = facts.found.get("findings") or ()
    return [finding for finding in found if finding.id in _TOO_GOOD and finding.severity != "info"]


def no_better(facts: Facts) -> bool:
    """Whether the network is no better than the baseline by the measure that it was trained for."""
    measure = "log_loss" if facts.is_class else "rmse"
    return bool(facts.scores[measure] >= facts.baseline[measure])


def sentence(facts: Facts) -> str:
    """The answer in one sentence."""
    return (_classes if facts.is_class else _values)(facts)[0]


def _of_100(share: float) -> str:
    """How many of 100; more digits where that would be all or none."""
    if 0.005 <= share <= 0.995 or share in (0.0, 1.0):
        return f"{100 * share:.0f}"
    return number(100 * share, 4 if share > 0.5 else 2)


def _classes(facts: Facts) -> tuple[str, list[str]]:
    words, scores = facts.words, facts.scores
    base, right = facts.baseline["accuracy"], scores["accuracy"]
    common = facts.labels[int(np.argmax(facts.fitted.model.prior))]
    told = not no_better(facts)
    key = "" if right > base else "_same" if told else "_worse"
    first = words(f"answer.classes{key}", right=_of_100(right), target=f"“{facts.target}”", common=common,
                  base=_of_100(base))  # fmt: skip
    low, high = share_interval(round(right * len(facts.truth)), len(facts.truth))
    more = [words("answer.interval", accuracy=percent(right), error=percent(scores["error_rate"]), low=percent(low, 0),
                  high=percent(high, 0), rows=facts.rows)]  # fmt: skip
    if right > base:
        more[0] += " " + words("answer.errors_shrink", share=percent((right - base) / (1 - base), 0))
    counts = np.bincount(facts.truth, minlength=len(facts.labels))
    if counts.max() > 2 * max(1, counts[counts > 0].min()):
        chance = percent(facts.baseline["balanced_accuracy"])
        more.append(words("answer.imbalance", balanced=percent(scores["balanced_accuracy"]), chance=chance))
        more.append(_rarest(facts, counts))
    return first, more


def _rarest(facts: Facts, counts: np.ndarray) -> str:
    """How many rows of the rarest class are found, and how many that are taken for it are of it."""
    rare = int(np.where(counts > 0, counts, counts.max() + 1).argmin())
    matrix = np.array(facts.scores["confusion"])
    found, alarms = int(matrix[rare, rare]), int(matrix[:, rare].sum())
    return facts.words("answer.rarest" if alarms else "answer.rarest_none", label=facts.label(rare), found=f"{found:,}",
                       rows=f"{counts[rare]:,}", alarms=f"{alarms:,}")  # fmt: skip


def _values(facts: Facts) -> tuple[str, list[str]]:
    words, scores, base = facts.words, facts.scores, facts.baseline["mae"]
    mean = facts.fitted.model.prior[0]
    key = "_worse" if scores["mae"] >= base or no_better(facts) else ""
    first = words(f"answer.values{key}", target=f"“{facts.target}”", error=number(scores["mae"]), base=number(base),
                  mean=number(mean, 4))  # fmt: skip
    size = np.abs(facts.outputs - facts.truth)
    explained = None if scores["r2"] is None else max(0.0, scores["r2"])
    more = [words("answer.spread", rows=facts.rows, half=number(float(np.quantile(size, 0.5))),
                  most=number(float(np.quantile(size, 0.9))), r2=percent(explained, 0))]  # fmt: skip
    if not key:
        more[0] += " " + words("answer.error_shrinks", share=percent(1 - scores["mae"] / base, 0))
    return first, more


def _compared(facts: Facts) -> Markup:
    words = facts.words
    kind, measure = ("class", "accuracy") if facts.is_class else ("value", "mae")
    form = percent if facts.is_class else number
    found, base = facts.scores[measure], facts.baseline[measure]
    title = words("chart.compare_right" if facts.is_class else "chart.compare_error")
    rows = [(words("score.network"), found, form(found), "s1"),
            (words(f"score.baseline_{kind}"), base, form(base), "s0")]  # fmt: skip
    return tag("figure", tag("h3", title), bars(rows, title, 1.0 if facts.is_class else None))


def _scores(facts: Facts) -> Markup:
    words, kind = facts.words, "class" if facts.is_class else "value"
    head = [facts.rows, words("score.network"), words(f"score.baseline_{kind}"), ""]
    rows = []
    for name in CLASS_SCORES if facts.is_class else VALUE_SCORES:
        form = _FORMS.get(name, places)
        means = tag("span", words(f"score.means.{name}"), class_="quiet")
        rows.append([score_name(facts, name), form(facts.scores[name]), form(facts.baseline[name]), means])
    return table(head, rows, "tnnt", "meanings")


def score_name(facts: Facts, name: str) -> str:
    """What a score is called."""
    if name != "f1":
        return facts.words(f"score.{name}")
    if len(facts.labels) == 2:
        return facts.words("score.f1_of", label=facts.labels[1])
    return facts.words("score.f1_mean")
