"""`Finding`: one thing that was found out about data, a model or a training, with evidence, picture and remedy.

A finding holds a key and values, no text: `sentence` makes the text in a language from the table of texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import ArgumentError
from .words import Words

SEVERITIES = ("error", "warning", "info")


@dataclass(frozen=True)
class Series:
    """One line or row of bars of a picture.

    Args:
        name: str. A key of the table of words, such as "validation loss", or a text that is shown as it is.
        x: sequence of float or of str: positions, or the names under the bars.
        y: sequence of float.
        low, high: sequences of float or None: the interval around each y.
    """

    name: str
    x: Sequence[Any]
    y: Sequence[float]
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None


@dataclass(frozen=True)
class Picture:
    """The evidence, as data that a report draws.

    Args:
        kind: "lines" or "bars".
        x_label, y_label: str. Keys of the table of words.
        series: sequence of Series.
        marks: sequence of (float, str): places on the x axis, and what is there.
        is_log_x: bool. Whether the x axis is best drawn logarithmically.
    """

    kind: str
    x_label: str
    y_label: str
    series: Sequence[Series]
    marks: Sequence[tuple[float, str]] = ()
    is_log_x: bool = False


@dataclass(frozen=True)
class Gain:
    """What a remedy brought, measured on folds: rows that took no part in the training of either side.

    Args:
        measure: str. "log loss", "RMSE" or "error rate": smaller is better.
        before, after: float. Its mean over the folds without and with the remedy.
        low, high: float. The interval of `before - after`.
        level: float. The confidence of that interval, such as 0.95.
        folds: int. How many pairs of trainings it comes from.
    """

    measure: str
    before: float
    after: float
    low: float
    high: float
    level: float
    folds: int

    @property
    def value(self) -> float:
        """`before - after`: positive if the remedy helped."""
        return self.before - self.after

    @property
    def is_proven(self) -> bool:
        """Whether the whole interval lies above 0."""
        return self.low > 0


@dataclass(frozen=True)
class Remedy:
    """What to change.

    Args:
        key: str. Its text in the table of texts.
        option: str. The option or the code that applies it: `--weight-decay 2`.
        settings: dict. The same as names and values, for those who apply it.
        gain: Gain or None (not measured).
        values: dict. For the text.
    """

    key: str
    option: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    gain: Gain | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    def sentence(self, language: str = "en") -> str:
        """What to do, and what it was measured to bring.

        Args:
            language: "en" or "zh".

        >>> gain = Gain("log loss", 0.52, 0.47, 0.02, 0.08, 0.95, 5)
        >>> print(Remedy("weight-decay", "--weight-decay 2", gain=gain).sentence())
        A stronger pull of the weights towards 0: --weight-decay 2. Measured on 5 folds: log loss 0.52 -> 0.47,
        a gain of 0.05 (95% interval 0.02 to 0.08).
        """
        words = Words(language)
        parts = [words(f"remedy.{self.key}", **self.values)]
        if self.option:
            stop = "." if language == "en" else "。"
            parts[0] = words.labelled(parts[0].rstrip(".。"), self.option) + stop
        if self.gain is not None:
            proven = "gain.proven" if self.gain.is_proven else "gain.unproven"
            parts.append(words(proven, **{**vars(self.gain), "gain": self.gain.value}))
        return words.joined(*parts)


@dataclass(frozen=True)
class Finding:
    """One thing that was found out.

    Args:
        id: str. Which check found it: "overfitting".
        severity: "error" (results cannot be trusted), "warning" (something costs accuracy or time) or "info".
        values: dict of numbers and texts for the sentence.
        key: str or None. Which text says it; None: the one of the name `id`.
        evidence: dict of name to number: what the judgement rests on.
        picture: Picture or None.
        remedies: sequence of Remedy, the best first. Those that were measured have a gain.
        rows: sequence of int. Row numbers that it is about, counted from 1 as in the data.

    Raises:
        ArgumentError: the severity is none of the three.

    >>> finding = Finding("overfitting", "warning", {"epoch": 7, "best": 0.41, "last": 0.66, "measure": "loss"})
    >>> print(finding.sentence())
    Overfitting since epoch 7: the validation loss rose from 0.41 to 0.66 while the training loss kept falling.
    """

    id: str
    severity: str
    values: Mapping[str, Any] = field(default_factory=dict)
    key: str | None = None
    evidence: Mapping[str, float] = field(default_factory=dict)
    picture: Picture | None = None
    remedies: Sequence[Remedy] = ()
    rows: Sequence[int] = ()

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES:
            raise ArgumentError(f"Finding {self.id!r}: expected severity to be one of {SEVERITIES}; "
                                f"got {self.severity!r}.")  # fmt: skip

    def sentence(self, language: str = "en") -> str:
        """What was found, in a sentence or two.

        Args:
            language: "en" or "zh".
        """
        return Words(language)(f"finding.{self.key or self.id}", **self.values)

    @property
    def remedy(self) -> Remedy | None:
        """The best remedy: the first one."""
        return self.remedies[0] if self.remedies else None

    def to_config(self) -> dict[str, Any]:
        """All of it as plain data, of JSON's types, with the English text."""
        remedies = [
            {"key": r.key, "option": r.option, "settings": dict(r.settings), "values": dict(r.values),
             "gain": None if r.gain is None else {**vars(r.gain), "value": r.gain.value}, "text": r.sentence()}
            for r in self.remedies
        ]  # fmt: skip
        picture = None if self.picture is None else {
            **vars(self.picture), "series": [{**vars(s), "x": list(s.x), "y": list(s.y)} for s in self.picture.series],
        }  # fmt: skip
        return {
            "id": self.id, "severity": self.severity, "key": self.key or self.id, "text": self.sentence(),
            "values": dict(self.values), "evidence": dict(self.evidence), "rows": list(self.rows),
            "picture": picture, "remedies": remedies,
        }  # fmt: skip


def by_severity(findings: Sequence[Finding]) -> list[Finding]:
    """The gravest first, else in the order given.

    >>> [f.id for f in by_severity([Finding("a", "info"), Finding("b", "error")])]
    ['b', 'a']
    """
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
