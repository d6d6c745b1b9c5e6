"""How good `chainrule fit` is without any option, on real tables: prints a table of scores, writes nothing.

    python scripts/measure_tables.py                          every table, seeds 0, 1, 2
    python scripts/measure_tables.py --peer                   scikit-learn's MLP beside it, on the same rows
    python scripts/measure_tables.py titanic --seeds 0,1,2,3  one table

The tables are those of ../shared/data (or CHAINRULE_SHARED); its README gives the reference scores of scikit-learn's
MLPClassifier and MLPRegressor on one other split of the same size. `--peer` trains them on exactly the rows that
`chainrule fit` trains on: medians, indicators of what is missing, standardised numbers, one-hot categories.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import warnings
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from chainrule.data import TableEncoder  # noqa: E402
from chainrule.tabular import Options, fit_table  # noqa: E402
from chainrule.tabular.problem import Problem, read_problem  # noqa: E402
from chainrule.tabular.scores import classification_scores, regression_scores  # noqa: E402

SHARED = Path(os.environ.get("CHAINRULE_SHARED", ROOT.parent / "shared")) / "data"
CLASS, VALUE = ("accuracy", "log_loss", "roc_auc"), ("rmse", "mae", "r2")


class Table(NamedTuple):
    """A data set: its file in `SHARED`, the target, the scores of the README's MLP, a test file of its own."""

    path: str
    target: str
    reference: tuple[float, float, float]
    test: str | None = None


TABLES = {
    "pima_diabetes": Table("pima_diabetes/pima-indians-diabetes.csv", "last", (0.7403, 0.5014, 0.8141)),
    "titanic": Table("titanic/titanic.csv.gz", "Survived", (0.7821, 0.4403, 0.8606)),
    "adult": Table("adult/adult-train.csv.gz", "last", (0.8386, 0.3799, 0.8885), "adult/adult-test.csv.gz"),
    "wine_quality_red": Table("wine_quality/winequality-red.csv.gz", "last", (0.6281, 0.9649, 0.7994)),
    "wine_quality_white": Table("wine_quality/winequality-white.csv.gz", "last", (0.5592, 1.0442, 0.7851)),
    "banknote": Table("banknote/banknote_authentication.csv.gz", "last", (1.0, 0.0083, 1.0)),
    "california_housing": Table("california_housing/housing.csv.gz", "median_house_value", (54798, 36860, 0.7834)),
    "abalone": Table("abalone/abalone.csv.gz", "last", (2.129, 1.484, 0.5814)),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=f"of {', '.join(TABLES)} (default: all)")
    parser.add_argument("--seeds", default="0,1,2", help="comma-separated (default 0,1,2)")
    parser.add_argument("--peer", action="store_true", help="scikit-learn's MLP on the same rows as well")
    args = parser.parse_args()
    unknown = set(args.tables) - set(TABLES)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; expected some of {', '.join(TABLES)}")
    heads = ("table", "who", "seed", "accuracy|RMSE", "log loss|MAE", "ROC AUC|R2", "s")
    print("{:<19} {:<12} {:<6} {:>13} {:>12} {:>10} {:>6}".format(*heads))
    for name in args.tables or TABLES:
        measure(name, [int(seed) for seed in args.seeds.split(",")], args.peer)
    return 0


def measure(name: str, seeds: list[int], peer: bool) -> None:
    """Print the rows of one table."""
    table = TABLES[name]
    who = {"chainrule": ours, **({"scikit-learn": theirs} if peer else {})}
    for label, run in who.items():
        found = []
        for seed in seeds:
            started = time.perf_counter()
            scores = run(options_of(table, seed), str(SHARED / table.path))
            found.append((*scores, time.perf_counter() - started))
            show(name, label, str(seed), *found[-1])
        show(name, label, "median", *(median(column) for column in zip(*found, strict=True)))
    show(name, "README's MLP", "0", *table.reference, None)
    print(flush=True)


def options_of(table: Table, seed: int) -> Options:
    """No option but the target, the test file and the seed."""
    return Options(table.target, test=None if table.test is None else str(SHARED / table.test), seed=seed)


def ours(options: Options, path: str) -> tuple[float, ...]:
    """What `chainrule fit` scores on the test rows."""
    metrics = fit_table(path, options).metrics
    return tuple(metrics["test"][key] for key in (VALUE if metrics["task"] == "regression" else CLASS))


def theirs(options: Options, path: str) -> tuple[float, ...]:
    """What scikit-learn's MLP with its defaults scores on the same test rows."""
    problem = read_problem(path, options)
    encoder = TableEncoder(pieces=0).fit(problem.train.table, problem.reports, problem.target.name)
    x, x_test = (encoder.transform(part.table, []) for part in (problem.train, problem.test))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that 200 epochs were not enough
        predict = _classes if problem.target.is_classification else _values
        return predict(problem, options.seed, x, x_test)


def _classes(problem: Problem, seed: int, x: np.ndarray, x_test: np.ndarray) -> tuple[float, ...]:
    from sklearn.neural_network import MLPClassifier

    peer = MLPClassifier(random_state=seed).fit(x, problem.train.values)
    scores = classification_scores(problem.test.values, peer.predict_proba(x_test).astype(np.float64))
    return tuple(scores[key] for key in CLASS)


def _values(problem: Problem, seed: int, x: np.ndarray, x_test: np.ndarray) -> tuple[float, ...]:
    from sklearn.neural_network import MLPRegressor

    mean, deviation = problem.prior
    peer = MLPRegressor(random_state=seed, max_iter=300).fit(x, (problem.train.values - mean) / deviation)
    scores = regression_scores(problem.test.values, peer.predict(x_test) * deviation + mean)
    return tuple(scores[key] for key in VALUE)


def show(name: str, who: str, seed: str, first: float, second: float, third: float, seconds: float | None) -> None:
    """One line."""
    places = [f"{value:.4f}" if value < 100 else f"{value:.0f}" for value in (first, second, third)]
    time_text = "" if seconds is None else f"{seconds:.1f}"
    print(f"{name:<19} {who:<12} {seed:<6} {places[0]:>13} {places[1]:>12} {places[2]:>10} {time_text:>6}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
