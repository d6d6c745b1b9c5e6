"""scikit-learn's gradient boosting and multilayer perceptron on a table, with inputs as in the README of the data.

HistGradientBoosting with its defaults: numbers as they are, categories as categories, what is missing left to it.
MLPClassifier or MLPRegressor with their defaults (300 epochs and a standardised target for values): numbers
standardised, medians and indicators for what is missing, categories one-hot.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule.data import Table, TableEncoder
from chainrule.tabular import Options
from chainrule.tabular.problem import Problem, read_problem
from chainrule.tabular.scores import classification_scores, regression_scores

_MOST_LEVELS = 255  # of a category that scikit-learn's boosting takes


def measure_peers(path: str, options: Options, seed: int) -> Iterator[tuple[str, dict[str, Any], float]]:
    """(name, scores on the test rows, seconds) of each of the two."""
    problem = read_problem(path, options)
    for name, run in (("HGB", _boosting), ("MLP", _perceptron)):
        started = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says that 200 epochs were not enough
            scores = run(problem, seed)
        yield name, scores, time.perf_counter() - started


def _boosting(problem: Problem, seed: int) -> dict[str, Any]:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    used = [report for report in problem.reports if report.used]
    levels = {r.name: problem.train.table.column(r.name).factor()[1][:_MOST_LEVELS - 1] for r in used
              if r.kind not in ("number", "date")}  # fmt: skip
    x, x_test = (_plain(part.table, [r.name for r in used], levels) for part in (problem.train, problem.test))
    kind = HistGradientBoostingClassifier if problem.target.is_classification else HistGradientBoostingRegressor
    model = kind(random_state=seed, categorical_features=[r.name in levels for r in used])
    return _scores(model.fit(x, problem.train.values), x_test, problem, (0.0, 1.0))


def _plain(table: Table, names: list[str], levels: dict[str, list[str]]) -> np.ndarray:
    """Numbers, and for categories their place among the levels of the training rows; NaN for what is missing or new."""
    found = []
    for name in names:
        column = table.column(name)
        if name not in levels:
            found.append(column.numbers())
            continue
        codes, own = column.factor()
        place = {level: float(k) for k, level in enumerate(levels[name])}
        found.append(np.array([place.get(level, np.nan) for level in own] + [np.nan])[codes])
    return np.stack(found, axis=1)


def _perceptron(problem: Problem, seed: int) -> dict[str, Any]:
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    encoder = TableEncoder(pieces=0).fit(problem.train.table, problem.reports, problem.target.name)
    x, x_test = (encoder.transform(part.table, []) for part in (problem.train, problem.test))
    if problem.target.is_classification:
        stops = len(x) > 100_000
        model = MLPClassifier(random_state=seed, early_stopping=stops).fit(x, problem.train.values)
        return _scores(model, x_test, problem, (0.0, 1.0))
    mean, deviation = problem.prior
    values = (problem.train.values - mean) / deviation
    return _scores(MLPRegressor(random_state=seed, max_iter=300).fit(x, values), x_test, problem, (mean, deviation))


def _scores(model: Any, x: np.ndarray, problem: Problem, scale: tuple[float, float]) -> dict[str, Any]:
    if problem.target.is_classification:
        outputs = np.zeros((len(x), len(problem.target.labels)))
        outputs[:, model.classes_] = model.predict_proba(x)
        return classification_scores(problem.test.values, outputs)
    return regression_scores(problem.test.values, model.predict(x) * scale[1] + scale[0])
