"""Explanations as text for a terminal, with bars made of signs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...tabular.words import padded, shortened, width
from ..words import Words
from .results import (
    Attribution,
    Counterfactuals,
    EffectCurve,
    Estimate,
    Fairness,
    Importance,
    Interaction,
    ModelExplanation,
    Neighbour,
    RowExplanation,
)

_STEPS = "▁▂▃▄▅▆▇█"
_PARTS = " ▏▎▍▌▋▊▉█"
PLAIN = str.maketrans({**dict(zip(_STEPS, "12345678", strict=True)), **dict.fromkeys("▏▎▍▌▋▊▉", "#"), "█": "#",
                       "→": ">", "×": "x", "±": "+", "…": "~"})  # fmt: skip
_NAME, _MOST_COLUMNS, _MOST_OUTPUTS = 28, 15, 4


def bar(value: float, largest: float, cells: int = 20) -> str:
    """A bar of up to so many cells, to an eighth of one.

    >>> bar(5.0, 10.0, 4), bar(0.0, 10.0, 4), bar(1.0, 8.0, 4)
    ('██', '', '▌')
    """
    eighths = round(8 * cells * abs(value) / largest) if largest > 0 else 0
    return (_PARTS[8] * (eighths // 8) + _PARTS[eighths % 8]).strip()


def sparkline(values: np.ndarray, low: float, high: float) -> str:
    """One sign a value, the higher the larger.

    >>> sparkline(np.array([0.0, 0.5, 1.0]), 0.0, 1.0)
    '▁▅█'
    """
    span = high - low if high > low else 1.0
    return "".join(_STEPS[round(float(np.clip((v - low) / span, 0, 1)) * 7)] for v in values)


def aligned(rows: Sequence[Sequence[str]], left: Sequence[int]) -> list[str]:
    """Rows of cells as lines, indented; the columns named in `left` to the left, the others to the right.

    >>> aligned([["a", "1"], ["bb", "22"]], [0])
    ['  a    1', '  bb  22']
    """
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = (padded(cell, widths[i], left=i not in left) for i, cell in enumerate(row))
        lines.append(f"  {'  '.join(cells)}".rstrip())
    return lines


def number(value: float) -> str:
    """Four digits that count; no minus before what is shown as nothing.

    >>> number(0.123456), number(123456.7), number(-0.00001)
    ('0.1235', '1.235e+05', '-1e-05')
    """
    return f"{value:.4g}"


def _half(estimate: Estimate) -> str:
    return f"± {(estimate.high - estimate.low) / 2:.2g}"


def _signed(estimate: Estimate) -> str:
    return f"{estimate.value:+.3g} {_half(estimate)}"


def _inside(estimate: Estimate) -> str:
    return f"{number(estimate.value)} [{estimate.low:.3g}, {estimate.high:.3g}]"


def model_text(found: ModelExplanation, language: str = "en") -> str:
    """The explanation of a model.

    Args:
        found: ModelExplanation.
        language: str, default "en". "en" or "zh".
    """
    words = Words(language)
    blocks = [_importance(found.importance, words), _curves(found, words), _interactions(found, words),
              *(_fairness(table, found.task, words) for table in found.fairness)]  # fmt: skip
    return "\n\n".join("\n".join(lines) for lines in blocks if lines)


def _rows(count: int, words: Words) -> str:
    return words("why.row" if count == 1 else "why.rows", count=count)


def _importance(found: Importance, words: Words) -> list[str]:
    values = {"rows": _rows(found.rows, words), "repeats": found.repeats}
    if found.measure == "movement":
        head = words("why.importance.moved", **values)
    else:
        head = words("why.importance.head", measure=words.measure(found.measure), intact=found.intact, **values)
    largest = max((c.increase.value for c in found.columns), default=0.0)
    shown = found.columns[:_MOST_COLUMNS]
    lines = aligned([[shortened(c.column, _NAME), number(c.increase.value), _half(c.increase),
                      bar(max(0.0, c.increase.value), largest)] for c in shown], [0, 2, 3])  # fmt: skip
    if len(found.columns) > len(shown):
        lines.append(f"  {words('why.row.rest', count=len(found.columns) - len(shown))}")
    families = sorted({tuple(sorted({c.column, *c.twins})) for c in shown if c.twins})
    for family in families[:5]:
        lines.append(f"  {words('why.importance.twins', columns=', '.join(family[:6]))}")
    return [head, *lines]


def _curves(found: ModelExplanation, words: Words) -> list[str]:
    if not found.curves:
        return []
    head = words("why.curves.head", rows=_rows(found.curves[0].rows, words))
    numbers = [curve for curve in found.curves if curve.is_number]
    rows = [row for curve in numbers for row in _lines(curve, found.task, words)]
    lines = aligned(rows, [0, 1, 2, 3, 4]) if rows else []
    for curve in found.curves:
        lines += [] if curve.is_number else _categories(curve, found.task)
    return [head, *lines]


def _shown(curve: EffectCurve, task: str) -> list[int]:
    """The outputs that are shown: of two classes the second, of many those that change most."""
    spread = np.ptp(curve.mean, axis=0)
    return [1] if task == "binary" else sorted(np.argsort(-spread, kind="stable")[:_MOST_OUTPUTS].tolist())


def _lines(curve: EffectCurve, task: str, words: Words) -> list[list[str]]:
    outputs = _shown(curve, task)
    low, high = float(curve.mean[:, outputs].min()), float(curve.mean[:, outputs].max())
    ends, rows = words("why.curves.range", low=curve.values[0], high=curve.values[-1]), []
    for k in outputs:
        name = [shortened(curve.column, _NAME), ends] if k == outputs[0] else ["", ""]
        said = words("why.curves.range", low=number(curve.mean[:, k].min()), high=number(curve.mean[:, k].max()))
        rows.append([*name, shortened(curve.outputs[k], 16), sparkline(curve.mean[:, k], low, high), said])
    return rows


def _categories(curve: EffectCurve, task: str) -> list[str]:
    outputs = _shown(curve, task)
    rows = [["", shortened(value, _NAME), *(f"{number(curve.mean[i, k])} {_level(curve, i, k)}" for k in outputs)]
            for i, value in enumerate(curve.values)]  # fmt: skip
    head = [shortened(curve.column, _NAME), "", *(shortened(curve.outputs[k], 16) for k in outputs)]
    return aligned([head, *rows], [0, 1])


def _level(curve: EffectCurve, i: int, k: int) -> str:
    return f"± {(curve.high[i, k] - curve.low[i, k]) / 2:.1g}"


def _interactions(found: ModelExplanation, words: Words) -> list[str]:
    if not found.interactions:
        return []
    key = "why.interactions.units" if found.task == "regression" else "why.interactions.odds"
    unit = words(key, target=found.target)
    largest = found.interactions[0].size.value
    rows = [_pair(pair, largest) for pair in found.interactions[:8]]
    return [words("why.interactions.head", unit=unit), *aligned(rows, [0, 1, 2, 3])]


def _pair(pair: Interaction, largest: float) -> list[str]:
    names = f"{shortened(pair.first, _NAME)} × {shortened(pair.second, _NAME)}"
    return [names, f"{number(pair.size.value)} {_half(pair.size)}", f"H {pair.share.value:.2f} {_half(pair.share)}",
            bar(pair.size.value, largest, 12)]  # fmt: skip


def _fairness(found: Fairness, task: str, words: Words) -> list[str]:
    key = "why.fairness.values" if task == "regression" else "why.fairness.head"
    head = words(key, column=found.column, output=found.output)
    rows = [["", shortened(g.name, _NAME), _rows(g.rows, words), ""] for g in found.groups]
    for measure in found.groups[0].measures:
        known = [(g.name, e) for g in found.groups if (e := g.measures[measure]) is not None]
        largest = max((abs(e.value) for _, e in known), default=0.0)
        for i, (name, estimate) in enumerate(known):
            title = words(f"why.rate.{measure}") if i == 0 else ""
            rows.append([title, shortened(name, _NAME), _inside(estimate), bar(estimate.value, largest, 12)])
    gaps = [[words(f"why.rate.{gap.measure}"), _inside(gap.difference),
             words("why.fairness.pair", higher=gap.higher, lower=gap.lower)] for gap in found.gaps]  # fmt: skip
    lines = [head, *aligned(rows, [0, 1, 2, 3])]
    if gaps:
        lines += [words("why.fairness.gaps"), *aligned(gaps, [0, 1, 2])]
    return [*lines, f"  {words('why.fairness.note')}"]


def row_text(found: RowExplanation, language: str = "en") -> str:
    """The explanation of a row.

    Args:
        found: RowExplanation.
        language: str, default "en". "en" or "zh".
    """
    words = Words(language)
    key = "why.row.head" if found.truth is None else "why.row.truth"
    head = [words(key, row=found.row, answer=found.answer, truth=found.truth)]
    if len(found.outputs) > 1:
        likely = sorted(found.outputs.items(), key=lambda one: -one[1])[:8]
        head += aligned([[shortened(name, _NAME), f"{p:.2%}", bar(p, 1.0)] for name, p in likely], [0, 2])
    blocks = [head, _contributions(found, words), _neighbours(found.neighbours, words)]
    if found.counterfactuals is not None:
        blocks.append(_others(found.counterfactuals, found, words))
    return "\n\n".join("\n".join(lines) for lines in blocks if lines)


def _contributions(found: RowExplanation, words: Words) -> list[str]:
    why, other = found.shapley, found.gradients
    name = words("why.row.probability", output=why.output) if len(found.outputs) > 1 else why.output
    lines = [words("why.row.sum", name=name, prediction=number(why.prediction), base=number(why.base),
                 rows=_rows(why.background, words))]  # fmt: skip
    beside = {c.column: c.value for c in other.contributions} if other else {}
    largest = max((abs(c.value.value) for c in why.contributions), default=0.0)
    shown = why.contributions[:_MOST_COLUMNS]
    titles = [words("why.row.column"), words("why.row.cell"), words("why.row.shapley"), ""]
    rows = [[*titles, *([words("why.row.gradients")] if other else [])]]
    for c in shown:
        picture = bar(c.value.value, largest, 12)
        rows.append([shortened(c.column, _NAME), shortened(c.cell, 20), _signed(c.value),
                     picture if c.value.value >= 0 else f"- {picture}",
                     *([_signed(beside[c.column])] if other else [])])  # fmt: skip
    lines += aligned(rows, [0, 1, 3])
    if len(why.contributions) > len(shown):
        rest = sum(c.value.value for c in why.contributions[len(shown) :])
        lines.append(f"  {words('why.row.rest', count=len(why.contributions) - len(shown))}: {rest:+.3g}")
    return [*lines, f"  {_method(why, other, words)}"]


def _method(why: Attribution, other: Attribution | None, words: Words) -> str:
    how = words("why.row.exact" if why.is_exact else "why.row.sampled")
    if other is None:
        return words("why.row.method_alone", how=how, gap=why.gap)
    return words("why.row.method", how=how, gap=why.gap, base=number(other.base), other=other.gap)


def _neighbours(found: Sequence[Neighbour], words: Words) -> list[str]:
    if not found:
        return []
    rows = []
    for near in found:
        changes = [f"{name} {here} → {there}" for name, (here, there) in near.different.items()]
        rows.append([
            words("why.neighbours.line", row=near.row), f"{near.distance:.3f}",
            "" if near.truth is None else words("why.neighbours.truth", truth=near.truth),
            words("why.neighbours.answer", answer=near.answer),
            shortened(", ".join(changes) or words("why.neighbours.equal"), 60),
        ])  # fmt: skip
    return [words("why.neighbours.head"), *aligned(rows, [0, 2, 3, 4])]


def _others(found: Counterfactuals, row: RowExplanation, words: Words) -> list[str]:
    lines = [words("why.others.head", wanted=found.wanted, before=found.before)]
    if not found.found:
        lines.append(f"  {words('why.others.none')}")
    for number_of, one in enumerate(found.found, 1):
        many = len(row.outputs) > 1
        name = words("why.row.probability", output=found.wanted) if many else row.target
        then = words("why.others.then", name=name, output=number(one.output),
                   output_before=number(one.output_before))  # fmt: skip
        changes = ", ".join(f"{column} {before} → {after}" for column, (before, after) in one.changes.items())
        lines += [f"  {number_of}. {changes}", f"     {then}"]
        if one.nearest > found.usual:
            lines.append(f"     {words('why.others.far', near=one.nearest, usual=found.usual)}")
    if found.fixed:
        lines.append(f"  {words('why.others.fixed', columns=', '.join(found.fixed))}")
    return lines
