"""`diagnose`: every check on a model and its rows, the gravest finding first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...errors import ArgumentError, NotBuiltError
from ...training.data import ArrayData, array_data
from ...training.stream import StreamData, make_data
from ..finding import Finding, Remedy, by_severity
from ..words import Words
from . import inside, leaks, progress, rows, signal, speed
from .case import Case
from .keras_subject import KerasSubject

# In this order: a later check may look at what the earlier ones found.
CHECKS: dict[str, tuple[Callable[[Case], list[Finding]], str]] = {
    "baseline": (signal.check_baseline, "better than the baseline"),
    "disagreement": (signal.check_disagreement, "validation and test agree"),
    "gradients": (inside.check_gradients, "gradients neither vanish nor explode"),
    "scale": (progress.check_scale, "inputs of one scale"),
    "rate": (progress.check_rate, "learning rate and length of the training"),
    "convergence": (progress.check_convergence, "no fewer epochs would do"),
    "units": (inside.check_units, "no dead or saturated units"),
    "overfitting": (progress.check_overfitting, "no overfitting"),
    "gap": (progress.check_gap, "rows held out are not predicted much worse"),
    "signal": (signal.check_signal, "a signal"),
    "underfitting": (progress.check_underfitting, "no underfitting"),
    "labels": (rows.check_labels, "no labels that look wrong"),
    "imbalance": (rows.check_imbalance, "rare classes are found"),
    "amount": (rows.check_amount, "enough rows"),
}


@dataclass(frozen=True)
class Diagnosis:
    """What was found.

    Args:
        findings: list of Finding, the gravest first.
        passed: list of str. What was checked and is in order.
        trainings: int. How many networks were trained to find out.
        kept: Remedy or None. What all proven remedies together come to, as far as they are proven together.
    """

    findings: Sequence[Finding]
    passed: Sequence[str]
    trainings: int
    kept: Remedy | None = None

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def __getitem__(self, key: str) -> Finding:
        """The finding of that id.

        Raises:
            ArgumentError: there is none.
        """
        for finding in self.findings:
            if finding.id == key:
                return finding
        raise ArgumentError(f"no finding {key!r}; there are {[finding.id for finding in self.findings]}.")

    @property
    def ids(self) -> list[str]:
        """The ids of the findings."""
        return [finding.id for finding in self.findings]

    def __str__(self) -> str:
        return self.text()

    def text(self, language: str = "en") -> str:
        """All of it in sentences.

        Args:
            language: "en" or "zh".
        """
        lines, words = [], Words(language)
        for finding in self.findings:
            lines.append(words.labelled(words.term(finding.severity), finding.sentence(language)))
            lines += [f"    {remedy.sentence(language)}" for remedy in finding.remedies]
        if self.passed:
            passed = ("; " if language == "en" else "；").join(words.term(what) for what in self.passed)
            lines.append(words.labelled(words.term("in order"), passed))
        return "\n".join(lines)


def run_checks(case: Case, before: Sequence[Finding] = ()) -> Diagnosis:
    """Run the checks of the table on a case.

    Args:
        case: Case.
        before: findings that were made already.
    """
    findings, passed = list(before), []
    for check, about in CHECKS.values():
        found = check(case)
        findings += found
        case.found |= {finding.id for finding in found}
        if not found:
            passed.append(about)
    kept = _together(case, [f.remedy for f in findings if f.remedy is not None])
    return Diagnosis(by_severity(findings), passed, case.trainings, kept)


def _together(case: Case, remedies: Sequence[Remedy]) -> Remedy | None:
    """The proven remedies as one: all of them if that is proven too, else the one that brings most.

    What makes rare classes be found costs some log loss, so it is added at the end.
    """
    proven = [r for r in remedies if r.gain is not None and r.gain.is_proven and r.settings]
    main = [r for r in proven if r.gain is not None and r.gain.measure == case.measure]
    main = list({r.option: r for r in main}.values())
    if len(main) > 1:
        merged = _merged(main)
        main = case.prove([merged]) or sorted(main, key=lambda r: -(r.gain.value if r.gain else 0.0))[:1]
    others = [r for r in proven if r.gain is not None and r.gain.measure != case.measure]
    both = [*main, *others]
    return None if not both else both[0] if len(both) == 1 else replace(_merged(both), gain=both[0].gain)


def _merged(remedies: Sequence[Remedy]) -> Remedy:
    settings = {name: value for r in reversed(remedies) for name, value in r.settings.items()}
    return Remedy("together", " ".join(r.option for r in remedies), settings)


def diagnose(
    model: Any, x: Any, y: Any = None, *, history: Any = None, validation: Any = None, test: Any = None,
    epochs: int | None = None, batch_size: int = 32, rows: int = 2000, folds: int = 5, seed: int = 0,
) -> Diagnosis:  # fmt: skip
    """What is wrong with a model, its data and its training, and which remedies are proven to help.

    Copies of the model are trained on folds of the rows, as they are and with each remedy that the evidence suggests;
    a remedy is offered with the gain that it brought and the interval of it. The model itself is not changed.

    Args:
        model: Model, compiled, with one output and a cross-entropy or a distance of values for its loss.
        x, y: the training rows, as for `fit`: arrays, or a generator of batches as x alone.
        history: what `fit` returned, or a dict of lists; None: the mean history of the folds is looked at.
        validation, test: (x, y) or None. Rows that the model did not learn from.
        epochs: int. How long it is trained (default: as the history says, else 10).
        batch_size: int, default 32.
        rows: int, default 2000. At most so many rows, drawn at random, are trained on.
        folds: int from 2, default 5.
        seed: int, default 0. The same seed gives the same findings; times are the exception.

    Returns: Diagnosis.

    Raises:
        NotBuiltError: the model is not compiled.
        ArgumentError: `folds` or `rows` make no sense.
        DataError, UnsupportedError: the targets do not fit the loss, or the model has several outputs.

    Example:
    >>> import chainrule
    >>> generator = np.random.default_rng(0)
    >>> x, y = generator.normal(size=(120, 3)), generator.integers(0, 2, 120)
    >>> model = chainrule.Sequential([chainrule.Input((3,)), chainrule.layers.Dense(1, activation="sigmoid")])
    >>> model.compile(optimizer="adam", loss="binary_crossentropy")
    >>> "no-signal" in diagnose(model, x, y, epochs=5, folds=2).ids
    True
    """
    if not model.compiled or model.loss is None:
        raise NotBuiltError("diagnose: call model.compile(optimizer=..., loss=...) first.")
    if folds < 2 or rows < 10:
        raise ArgumentError(f"diagnose: expected at least 2 folds and 10 rows; got folds={folds}, rows={rows}.")
    data, slow = _data(model, x, y, rows)
    past = getattr(history, "history", history)
    length = epochs or (len(past["loss"]) if past and past.get("loss") else 10)
    some = np.arange(data.rows)
    if data.rows > rows:
        some = np.sort(np.random.default_rng(seed).permutation(data.rows)[:rows])
    part = data.take(some)
    model._prepare(part.x)
    subject = KerasSubject(model, part, length, batch_size, seed, some + 1)
    held, apart = (_answers(subject, given) if given else None for given in (validation, test))
    case = Case(subject, folds, seed, past, _kept(model, past, validation), model, part.x, held, apart)
    case.is_sample = len(some) < data.rows
    leaking = _leaks(subject, data, [given for given in (validation, test) if given])
    return run_checks(case, [*leaking, *slow])


def _data(model: Any, x: Any, y: Any, rows: int) -> tuple[ArrayData, list[Finding]]:
    made = make_data(x, y)
    if not isinstance(made, StreamData):
        return made, []
    data, fetch, batches = speed.gather(made, rows)
    model._prepare(data.x)
    compute = speed.seconds_of_a_step(model, data.take(slice(0, 32)))
    return data, speed.slowness(fetch, compute, batches, model.count_params())


def _answers(subject: KerasSubject, given: Any) -> tuple[np.ndarray, np.ndarray]:
    """The model's outputs on rows that it did not learn from, and the truth."""
    data = array_data(*given[:2])
    _, values = subject._targets(data)
    return subject.outputs(subject.model, data.x), values


def _kept(model: Any, past: Mapping[str, list[float]] | None, validation: Any) -> bool:
    """Whether the model has the weights of its best epoch."""
    if not past or "val_loss" not in past or validation is None:
        return False
    held, now = past["val_loss"], model.evaluate(*validation[:2], verbose=0)
    now = now[0] if isinstance(now, list) else now
    return bool(abs(now - min(held)) < 0.01 * abs(min(held)))


def _leaks(subject: KerasSubject, data: ArrayData, others: list[Any]) -> list[Finding]:
    if not isinstance(data.x, np.ndarray):
        return []
    found = []
    for given in others:
        held = array_data(given[0]).x
        found += leaks.duplicates_across(leaks.shared_rows(data.x, held), len(held))
    if data.x.ndim == 2:
        part = subject.data
        columns = [(f"x[:, {i}]", part.x[:, i].astype(np.float64)) for i in range(part.x.shape[1])]
        found += leaks.leaking_inputs(columns, subject.task, subject.values)
        found += leaks.identifiers([(name, data.x[:, i].astype(np.float64)) for i, (name, _) in enumerate(columns)])
    return [replace(f, remedies=[replace(r, option="") for r in f.remedies]) for f in found]
