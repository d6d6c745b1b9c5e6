"""The page of a derivation: what stands on it, in which order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..words import TEXTS, Words
from .chart import boxes_of, drawn, mermaid
from .derivation import Derivation, Step
from .document import Block, Chart, Fold, Formula, Heading, Numbers, Say, filled, numbers_of, with_shapes
from .flow import Flow
from .lines import Line
from .plain import plain
from .symbols import spelled
from .terms import Term, relation, substitute, symbol, symbols
from .updates import RATE, THETA, Rule
from .walking import Walk

_FOLDED = 12  # a layer with more lines is folded
_ENDS = 2  # rounds of a loop that are shown at its beginning


def title_of(found: Derivation) -> str:
    """The title of the page."""
    return Words(found.lang)("derive.title", name=found.model.name)


def chart_of(found: Derivation) -> Chart:
    """The flow chart."""
    say = Words(found.lang)
    boxes = boxes_of(found.flow, found.forward, type(found.model.optimizer).__name__, say)
    return Chart(mermaid(boxes, say), drawn(boxes, say))


def blocks_of(found: Derivation) -> list[Block]:
    """The whole page."""
    say = Words(found.lang)
    blocks: list[Block] = [Heading(1, title_of(found)), *_opening(found, say)]
    blocks += [Say(f.sentence(found.lang), "warning") for f in found.findings]
    blocks += [Heading(2, say("derive.chart")), chart_of(found)]
    blocks += [Heading(2, say("derive.forward")), *_formulas(found.flow, found.forward, say)]
    blocks += [Heading(2, say("derive.backward")), *_formulas(found.flow, found.backward, say)]
    blocks += [Heading(2, say("derive.update")), *_rules(found, say)]
    for k, step in enumerate(found.steps, 1):
        blocks += _step(found, step, k, say)
    return blocks + list(_checked(found, say))


def _opening(found: Derivation, say: Words) -> Iterator[Block]:
    model, flow = found.model, found.flow
    loss = model._compile_arguments["loss"]
    name = loss if isinstance(loss, str) else getattr(loss, "name", getattr(loss, "__name__", type(loss).__name__))
    weights = sum(int(np.prod(v.shape)) for v in found.recording.trained)
    layout, optimizer = say("derive.column" if flow.column else "derive.row"), type(model.optimizer).__name__
    yield Say(say("derive.about", weights=f"{weights:,}", loss=name, optimizer=optimizer, layout=layout))
    if found.rows:
        row, n, whole = (found.rows[key] for key in ("row", "n", "all"))
        kind = "only_row" if whole == 1 else "all_rows" if n == whole else "first_rows"
        kind = kind if row is None else "one_row"
        yield Say(say("derive.batch", rows=say(f"derive.{kind}", row=(row or 0) + 1, n=n, all=whole), n=n))
    else:
        yield Say(say("derive.no_data"))
    yield Say(say("derive.signs"))


def _by_layer(lines: Sequence[Line]) -> Iterator[tuple[str, list[Line]]]:
    group: list[Line] = []
    for line in lines:
        if group and group[-1].layer != line.layer:
            yield group[-1].layer, group
            group = []
        group.append(line)
    if group:
        yield group[-1].layer, group


def _title(layer: str, say: Words) -> str:
    return layer.partition("/")[2] or layer or say("derive.between")


def _formulas(flow: Flow, lines: Sequence[Line], say: Words) -> Iterator[Block]:
    for layer, group in _by_layer(lines):
        yield Heading(3, _title(layer, say))
        blocks = [block for line in group for block in _formula(flow, line, say)]
        yield from _folded(f"{_title(layer, say)}: {len(blocks)}", blocks)


def _folded(title: str, blocks: list[Block]) -> list[Block]:
    """The blocks, behind a title if there are many."""
    return [Fold(title, tuple(blocks))] if len(blocks) > _FOLDED else blocks


def _formula(flow: Flow, line: Line, say: Words) -> Iterator[Block]:
    yield Formula(line.formula, _aside(flow, line), _note(line, say))
    if line.inner:
        inner = flow.bodies[line.loop]
        yield Fold(say("derive.rounds"), tuple(block for one in line.inner for block in _formula(inner, one, say)))


def _note(line: Line, say: Words) -> str:
    """What is said of a line, if anything is."""
    key = f"derive.{line.note}"
    return say(key) if key in TEXTS else ""


def _aside(flow: Flow, line: Line) -> str:
    """The shape of the result; of a product of matrices also those of its factors."""
    if not _has(line.right[0], "matmul"):
        return line.shape
    shapes = {}
    for v, term in flow.names.terms.items():
        shapes[term] = flow.shape(v)
        shapes[flow.names.gradient(v)] = flow.shape(v)
    return f"{plain(with_shapes(line.right[0], shapes))} → {line.shape}"


def _has(term: Term, kind: str) -> bool:
    return term.kind == kind or any(_has(p, kind) for p in term.parts if isinstance(p, Term))


def _rules(found: Derivation, say: Words) -> Iterator[Block]:
    for group in found.update.groups():
        names = ", ".join(plain(_name(found, rule)) for rule in group)
        yield Heading(3, say("derive.for_weights", names=names))
        for formula in group[0].formulas:
            yield Formula(formula)
        settings = [f"{plain(s)} = {spelled(v)}" for s, v in group[0].settings.items()]
        if RATE in symbols(relation(",", *group[0].formulas), {RATE}):
            settings.insert(0, f"η = {spelled(float(found.model.optimizer._learning_rate))}")
        if settings:
            yield Say(say("derive.with", settings=", ".join(settings)))


def _name(found: Derivation, rule: Rule) -> Term:
    """The symbol of the weight that a rule is for."""
    k = next(k for k, v in enumerate(found.recording.trained) if v is rule.variable)
    return found.flow.names.terms[found.recording.program.inputs[k]]


def _step(found: Derivation, step: Step, k: int, say: Words) -> Iterator[Block]:
    title = say("derive.numbers") if len(found.steps) == 1 else f"{say('derive.numbers')}: {say('derive.step', k=k)}"
    yield Heading(2, title)
    yield Heading(3, say("derive.state"))
    yield from _given(found, step)
    for key, lines in (("forward", found.forward), ("backward", found.backward)):
        yield Heading(3, say(f"derive.{key}"))
        for layer, group in _by_layer(lines):
            yield Heading(4, _title(layer, say))
            blocks = [b for line in group for b in _numbers(found.flow, step.walk, step.numbers, line, say)]
            yield from _folded(f"{_title(layer, say)}: {len(blocks)}", blocks)
    yield Heading(3, say("derive.update"))
    for rule in found.update.rules:
        yield from _updated(found, step, rule)


def _given(found: Derivation, step: Step) -> Iterator[Block]:
    """The arrays that go in."""
    used = {v for e in found.recording.program.equations for v in e.inputs}
    for v in found.recording.program.inputs:
        term = found.flow.names.terms.get(v)
        if v in used and term in step.numbers:
            yield Numbers(relation("=", term, *()), None, term, np.asarray(step.numbers[term]))


def _numbers(flow: Flow, walk: Walk, numbers: dict[Term, Any], line: Line, say: Words) -> Iterator[Block]:
    block = numbers_of(line, numbers)
    if block is not None:
        yield block
    if not line.inner:
        return
    rounds, inner = walk.rounds[line.loop], flow.bodies[line.loop]
    count = len(rounds)
    for t in sorted({*range(min(_ENDS, count)), count - 1}):
        own = inner.numbers(rounds[t])
        blocks = tuple(b for one in line.inner for b in _numbers(inner, rounds[t], own, one, say))
        yield Fold(say("derive.round", t=t + 1, of=count), blocks)


def _updated(found: Derivation, step: Step, rule: Rule) -> Iterator[Block]:
    """The rule for one weight with its numbers."""
    own = _name(found, rule)
    v = next(v for v, term in found.flow.names.terms.items() if term == own)
    gradient = found.flow.names.gradient(v)
    for formula, known, value in rule.numbered(found.update, step.updates, lambda a: found.flow.displayed(v, a)):
        yield Numbers(_named(formula, own, gradient), filled(formula.parts[2], known), formula.parts[1], value)


def _named(term: Term, own: Term, gradient: Term) -> Term:
    """A rule with the weight's own symbol for θ, its gradient for g."""

    def change(part: Term) -> Term | None:
        if part == symbol("g"):
            return gradient
        if part.kind == "symbol" and part.parts[0] == THETA:
            lower = part.parts[2]
            return Term("symbol", (own.parts[0], own.parts[1], lower)) if lower else own
        return None

    return substitute(term, change)


def _checked(found: Derivation, say: Words) -> Iterator[Block]:
    checks = found.checks
    if checks is None:
        return
    yield Heading(2, say("derive.checks"))
    facts = {k: spelled(v, 2) if isinstance(v, float) else v for k, v in vars(checks).items()}
    for key in ("check_formulas", "check_gradients", "check_step"):
        yield Say(say(f"derive.{key}", **facts))
