"""The whole explanation of a model, and of a row: what the command and the report show."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np

from ...errors import NotDifferentiableError, UnsupportedError
from ..words import Words
from .counterfactual import counterfactuals
from .curves import effect_curve
from .distance import nearest_rows
from .fairness import fairness
from .gradients import integrated_gradients
from .importance import permutation_importance
from .interactions import interactions
from .results import Attribution, Counterfactuals, ModelExplanation, RowExplanation
from .shapley import shapley_values
from .subject import Subject

_PAIRED = 5  # of so many of the most important columns the pairs are looked at
Tell = Callable[[str], None]


def explain_model(
    about: Subject, *, columns: int = 6, by: Sequence[str] = (), seed: int = 0, language: str = "en",
    tell: Tell | None = None,
) -> ModelExplanation:  # fmt: skip
    """What a model does with its columns: importance of all, curves and interactions of the most important ones.

    Args:
        about: Subject.
        columns: int, default 6. Of so many columns curves are computed, and of the first five of them interactions.
        by: names of columns. A fairness table for each.
        seed: int, default 0.
        language: str, default "en". Of the notes: "en" or "zh".
        tell: function of a str, default None. Told what is being computed.

    Raises:
        ArgumentError: an unknown column.

    >>> from chainrule import Sequential, layers
    >>> from .subject import subject
    >>> net = Sequential([layers.Input((2,)), layers.Dense(1)])
    >>> x = np.random.default_rng(0).normal(size=(50, 2)).astype("float32")
    >>> found = explain_model(subject(net, x, x[:, 0]))
    >>> len(found.importance.columns), len(found.curves), len(found.interactions)
    (2, 2, 1)
    """
    tell, words = tell or (lambda what: None), Words(language)
    tell(words("why.doing.importance"))
    importance = permutation_importance(about, seed=seed)
    first = [column.column for column in importance.columns[:columns]]
    tell(words("why.doing.curves"))
    curves = tuple(effect_curve(about, name, seed=seed) for name in first)
    tell(words("why.doing.interactions"))
    pairs = interactions(about, first[:_PAIRED], seed=seed) if len(first) > 1 else ()
    tell(words("why.doing.fairness"))
    tables = tuple(fairness(about, name) for name in by)
    notes = [] if about.truth is not None else [words("why.note.no_truth", target=about.target)]
    if importance.rows < about.rows:
        notes.append(words("why.note.sample", rows=importance.rows, all=about.rows))
    return ModelExplanation(
        about.target, about.task, tuple(about.outputs), importance, curves, pairs, tables, tuple(notes)
    )


def explain_row(
    about: Subject, row: int = 0, *, output: str | None = None, fixed: Collection[str] = (), want: str | None = None,
    seed: int = 0, language: str = "en", tell: Tell | None = None,
) -> RowExplanation:  # fmt: skip
    """Why a row got its answer: contributions of its columns, rows like it, and what would change the decision.

    Args:
        about: Subject.
        row: int from 0, default 0.
        output: a class, default None: the one that is decided on.
        fixed: names of columns that a counterfactual must not touch.
        want: str or None. The decision that a counterfactual leads to, see `counterfactuals`. Of values there are none
            without it.
        seed: int, default 0.
        language, tell: as of `explain_model`.

    Raises:
        ArgumentError: there is no such row, column or class.

    >>> from chainrule import Sequential, layers
    >>> from .subject import subject
    >>> net = Sequential([layers.Input((2,)), layers.Dense(1)])
    >>> x = np.random.default_rng(0).normal(size=(50, 2)).astype("float32")
    >>> found = explain_row(subject(net, x), 3)
    >>> found.row, found.shapley.is_exact, len(found.neighbours), found.counterfactuals
    (4, True, 5, None)
    """
    tell, words = tell or (lambda what: None), Words(language)
    notes: list[str] = []
    outputs = about.ask(about.whole(np.array([about.check_row(row)])))[0]
    tell(words("why.doing.shapley"))
    shapley = shapley_values(about, row, output=output, seed=seed)
    tell(words("why.doing.gradients"))
    gradients = _gradients(about, row, shapley.output, seed, words, notes)
    tell(words("why.doing.neighbours"))
    neighbours = nearest_rows(about, row)
    if not about.has_training_rows:
        notes.append(words("why.note.no_training_rows"))
    tell(words("why.doing.counterfactuals"))
    others = _counterfactuals(about, row, fixed, want, seed, words, notes)
    return RowExplanation(
        row + 1, about.target, about.answer_text(outputs), about.truth_text(row),
        dict(zip(about.outputs, map(float, outputs), strict=True)), shapley, gradients, neighbours, others,
        tuple(notes),
    )  # fmt: skip


def _gradients(
    about: Subject, row: int, output: str, seed: int, words: Words, notes: list[str]
) -> Attribution | None:
    try:
        return integrated_gradients(about, row, output=output, seed=seed)
    except (UnsupportedError, NotDifferentiableError) as error:
        notes.append(words("why.note.no_gradients", why=str(error)))
        return None


def _counterfactuals(
    about: Subject, row: int, fixed: Collection[str], want: str | None, seed: int, words: Words, notes: list[str]
) -> Counterfactuals | None:
    if not about.is_classification and want is None:
        notes.append(words("why.note.no_want"))
        return None
    return counterfactuals(about, row, fixed=fixed, want=want, seed=seed)
