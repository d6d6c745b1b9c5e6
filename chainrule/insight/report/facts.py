"""What a report is made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..words import Words
from .markup import Markup

PRIVATE = ("text", "identifier")  # kinds of columns whose cells are not shown: they may be names of people


@dataclass(frozen=True)
class Facts:
    """All that the sections may look at.

    Args:
        words: Words. The language.
        fitted: Fitted, from `chainrule.tabular`.
        receipt: dict, from `chainrule.insight.receipt`.
        command: str. The command line, as the user typed it; empty if there was none.
        found: dict name -> what other parts of `chainrule.insight` found; a section whose source is missing is not
            shown.
    """

    words: Words
    fitted: Any
    receipt: dict[str, Any]
    command: str = ""
    found: dict[str, Any] = field(default_factory=dict)

    @property
    def metrics(self) -> dict[str, Any]:
        """As in `metrics.json`."""
        return dict(self.fitted.metrics)

    @property
    def target(self) -> str:
        """The name of the target column."""
        return str(self.metrics["target"])

    @property
    def labels(self) -> list[str]:
        """The classes; empty for values."""
        return list(self.metrics["labels"])

    def label(self, c: int) -> str:
        """A class as it is called in a sentence: where some are numbers or signs, with the target before it."""
        name = self.labels[c]
        are_bare = any(len(label) < 3 or label.replace(".", "").isdecimal() for label in self.labels)
        return f"{self.target} = {name}" if are_bare else name

    @property
    def is_class(self) -> bool:
        """Whether the target is a class."""
        return self.metrics["task"] != "regression"

    @property
    def part(self) -> str:
        """The rows that were measured: "test", "validation" or "train"."""
        return str(self.metrics["measured_on"])

    @property
    def scores(self) -> dict[str, Any]:
        """The scores of the network on these rows."""
        return dict(self.metrics[self.part])

    @property
    def baseline(self) -> dict[str, Any]:
        """The scores of answering without looking."""
        return dict(self.metrics["baseline"])

    @property
    def rows(self) -> str:
        """`69 test rows`."""
        noun = {"test": "test row", "validation": "validation row", "train": "training row"}[self.part]
        return self.words.count(len(self.truth), noun)

    @property
    def truth(self) -> np.ndarray:
        """(n,) class numbers or values of the rows that were measured."""
        return np.asarray(self.fitted.truth)

    @property
    def outputs(self) -> np.ndarray:
        """(n, classes) probabilities or (n,) values: what the network says of them."""
        return np.asarray(self.fitted.outputs)


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Args:
        name: str. Its anchor.
        title: str.
        body: Markup.
    """

    name: str
    title: str
    body: Markup
