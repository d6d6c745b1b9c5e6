"""The gate: what is checked before a result of `fit` is shown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...tabular.problem import Problem
from ..finding import Finding, Picture, Series, by_severity
from ..words import Words
from . import leaks
from .subject import CLASSIFICATION, baseline, measure_name, row_losses

_CHECKED = "duplicates across the split, copies of the target, identifiers, the baseline"


def gate(problem: Problem, outputs: np.ndarray | None = None, truth: np.ndarray | None = None) -> list[Finding]:
    """What makes scores worthless: rows on both sides, columns that give the target away or count the rows, no gain.

    Args:
        problem: Problem.
        outputs, truth: the answers of the model on the rows that its scores are of, and what is true of them.

    Returns: findings, the gravest first.
    """
    found = leaks.duplicates_across(problem.shared, len(problem.test))
    found += leaks.leaking_columns(problem.leaks)
    numbers = [r.name for r in problem.reports if r.used and r.kind == "number"]
    found += leaks.identifiers([(name, problem.train.table.column(name).numbers()) for name in numbers])
    if outputs is not None and truth is not None and len(truth):
        found += _no_better(problem, outputs, truth)
    return by_severity(found)


def _no_better(problem: Problem, outputs: np.ndarray, truth: np.ndarray) -> list[Finding]:
    task, labels = problem.target.task, len(problem.target.labels)
    own = row_losses(task, outputs, truth).mean()
    blind = row_losses(task, baseline(task, problem.train.values, truth, labels), truth).mean()
    if own < blind:
        return []
    shown = [float(v if task in CLASSIFICATION else np.sqrt(v)) for v in (own, blind)]
    name = measure_name(task)
    picture = Picture("bars", "present", name, [Series(name, ["model", "baseline"], shown)])
    values = {"measure": name, "model": shown[0], "baseline": shown[1]}
    return [Finding("no-better-than-baseline", "error", values, picture=picture)]


def gate_lines(findings: Sequence[Finding], language: str = "en") -> list[str]:
    """What is printed before the scores.

    Args:
        findings: what `gate` returned.
        language: "en" or "zh".

    >>> gate_lines([], "zh")
    ['已检查：跨划分的重复行、目标的副本、标识符、基线：未发现问题']
    >>> gate_lines([])
    ['checked: duplicates across the split, copies of the target, identifiers, the baseline: nothing found']
    """
    words = Words(language)
    checked = words.labelled(words.term("checked"), words.term(_CHECKED))
    if not findings:
        return [words.labelled(checked, words.term("nothing found"))]
    lines = [words.labelled(checked, "").rstrip()]
    for finding in findings:
        remedy = finding.remedy
        said = [finding.sentence(language), *([] if remedy is None else [remedy.sentence(language)])]
        lines.append(f"  {words.labelled(words.term(finding.severity), words.joined(*said))}")
    return lines
