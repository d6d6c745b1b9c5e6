"""Write the example tables of examples/data/ anew, from copies that two PyPI packages carry.

    python -m pip install palmerpenguins scikit-learn
    python scripts/make_example_data.py

The files are the same on every machine, and `tests/data/test_examples.py` holds them to their SHA-256.
"""

from __future__ import annotations

import csv
import importlib.resources
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "examples" / "data"


def penguins() -> None:
    """The table as the package palmerpenguins has it: 344 rows, 8 columns, 19 cells NA."""
    text = (importlib.resources.files("palmerpenguins") / "data" / "penguins.csv").read_text(encoding="utf-8")
    _write("penguins.csv", list(csv.reader(text.splitlines())))


def breast_cancer_wisconsin() -> None:
    """The 569 rows that scikit-learn bundles, with words for its class numbers and underscores in its names."""
    from sklearn.datasets import load_breast_cancer

    bunch = load_breast_cancer()
    header = [name.replace(" ", "_") for name in bunch.feature_names] + ["diagnosis"]
    rows = [
        [*(f"{value:.10g}" for value in values), bunch.target_names[label]]
        for values, label in zip(bunch.data, bunch.target, strict=True)
    ]
    _write("breast_cancer_wisconsin.csv", [header, *rows])


def _write(name: str, rows: list[list[str]]) -> None:
    with open(FOLDER / name, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    print(f"{name}: {len(rows) - 1} rows, {len(rows[0])} columns")


if __name__ == "__main__":
    penguins()
    breast_cancer_wisconsin()
