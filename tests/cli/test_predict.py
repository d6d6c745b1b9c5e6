from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from ..tabular.tables import fitted, write_classes, write_values
from .commands import Command, command  # noqa: F401


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A folder with tables and models of classes and of values."""
    from chainrule.tabular import Training, save

    folder = tmp_path_factory.mktemp("models")
    training = Training(layers=(8,), networks=2, epochs=30, learning_rate=0.03)
    for name, target, path in (
        ("classes", "label", write_classes(folder / "classes.csv", labels=("low", "mid", "top"))),
        ("values", "price", write_values(folder / "values.csv")),
    ):
        save(str(folder / name), fitted(path, target, training=training), {})
    return folder


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def test_answers_and_probabilities_in_the_order_of_the_rows(command: Command, models):  # noqa: F811
    found = command("predict", models / "classes", models / "classes.csv")
    assert (found.status, found.error) == (0, "")
    rows = table(found.out)
    assert list(rows[0]) == ["prediction", "p_low", "p_mid", "p_top"]
    truth = [row["label"] for row in table((models / "classes.csv").read_text())]
    assert len(rows) == len(truth) == 120
    assert np.mean([row["prediction"] == label for row, label in zip(rows, truth, strict=True)]) > 0.7
    for row in rows:
        probabilities = {name: float(row[f"p_{name}"]) for name in ("low", "mid", "top")}
        assert sum(probabilities.values()) == pytest.approx(1, abs=1e-6)
        assert row["prediction"] == max(probabilities, key=probabilities.__getitem__)


def test_values(command: Command, models):  # noqa: F811
    found = command("predict", models / "values", models / "values.csv", "--out", "answers.csv")
    assert (found.status, found.out) == (0, "120 predictions written to answers.csv\n")
    rows = table(Path("answers.csv").read_text())
    assert list(rows[0]) == ["prediction"]
    assert all(700 < float(row["prediction"]) < 1300 for row in rows)


def test_columns_may_be_moved_added_and_named_when_missing(command: Command, models):  # noqa: F811
    expected = command("predict", models / "classes", models / "classes.csv").out
    rows = table((models / "classes.csv").read_text())
    lines = ["note,colour,size", *(f"hello,{row['colour']},{row['size']}" for row in rows)]
    Path("moved.csv").write_text("\n".join(lines) + "\n")
    assert command("predict", models / "classes", "moved.csv").out == expected
    Path("missing.csv").write_text("colour,Size\nred,1\n")
    message = command.fails("predict", models / "classes", "missing.csv")
    assert message == (
        "missing.csv: the column 'size', which the model was trained on, is missing. For 'size': did you mean 'Size'? "
        "The table has 'colour', 'Size'."
    )


def test_cells_never_seen_are_answered_and_said(command: Command, models):  # noqa: F811
    Path("new.csv").write_text("size,colour\n0.5,mauve\n,red\nwide,blue\n1e400,green\n")
    found = command("predict", models / "classes", "new.csv")
    assert found.status == 0
    assert len(table(found.out)) == 4
    assert "nan" not in found.out
    assert found.error.splitlines() == [
        "note: column 'size': 2 cells are no numbers: 'wide' (line 4), '1e400' (line 5); they count as missing",
        "note: column 'colour': 1 cell is of no category seen in training ('mauve'); treated as an average one",
    ]


def test_a_file_is_replaced_only_with_force(command: Command, models):  # noqa: F811
    Path("answers.csv").write_text("precious")
    words = ("predict", models / "values", models / "values.csv", "--out", "answers.csv")
    message = command.fails(*words)
    assert message == "answers.csv exists already. Choose another --out, or replace it with --force."
    assert Path("answers.csv").read_text() == "precious"
    assert command(*words, "--force").status == 0
    assert Path("answers.csv").read_text().startswith("prediction\n")


def test_one_row_is_enough(command: Command, models):  # noqa: F811
    Path("one.csv").write_text("size,colour\n0.5,red\n")
    assert len(table(command("predict", models / "classes", "one.csv").out)) == 1


def test_tables_without_rows_are_refused(command: Command, models):  # noqa: F811
    Path("empty.csv").write_text("")
    Path("header.csv").write_text("size,colour\n")
    assert "the file is empty" in command.fails("predict", models / "classes", "empty.csv")
    assert "no rows" in command.fails("predict", models / "classes", "header.csv")
    assert "no such file" in command.fails("predict", models / "classes", "nowhere.csv")


def test_a_model_that_is_none_is_refused(command: Command, models, tmp_path):  # noqa: F811
    assert "there is no such folder" in command.fails("predict", "nowhere", models / "classes.csv")
    Path("broken").mkdir()
    Path("broken/table.json").write_text("{")
    assert "table.json is damaged" in command.fails("predict", "broken", models / "classes.csv")
