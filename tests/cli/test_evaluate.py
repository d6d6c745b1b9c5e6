from __future__ import annotations

import json
from pathlib import Path

import pytest

from ..tabular.tables import write_classes, write_values
from .commands import QUICK, Command, command  # noqa: F401


def test_the_scores_of_a_test_file_are_those_of_fit(command: Command):  # noqa: F811
    for name, target, write in (("c", "label", write_classes), ("v", "price", write_values)):
        write(Path(f"{name}.csv"))
        write(Path(f"{name}_test.csv"), rows=40, seed=5)
        command("fit", f"{name}.csv", "--target", target, "--test", f"{name}_test.csv", *QUICK)
        numbers = json.loads(Path(f"{name}.model/metrics.json").read_text())
        found = json.loads(command("evaluate", f"{name}.model", f"{name}_test.csv", "--json").out)
        assert found["data"] == numbers["test"]
        assert found["baseline"] == numbers["baseline"]
        assert found["rows"] == 40
        assert found["target"] == target
        text = command("evaluate", f"{name}.model", f"{name}_test.csv").out
        assert text.startswith("40 data rows")
        assert ("majority class" if name == "c" else "always the mean") in text


def test_rows_without_a_target_are_left_out_and_said(command: Command):  # noqa: F811
    write_classes(Path("a.csv"))
    command("fit", "a.csv", "--target", "label", *QUICK)
    Path("b.csv").write_text("colour,size,label\nred,1,yes\nblue,2,\nblue,-1,no\n")
    found = command("evaluate", "a.model", "b.csv")
    assert found.status == 0
    assert found.out.startswith("2 data rows")
    assert found.error == "note: 1 row has no target ('label') and cannot be used\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("size,colour\n1,red\n", r"no column 'label'"),
        ("size,colour,label\n1,red,maybe\n", "expected the labels 'no', 'yes' of the training data; got 'maybe'"),
        ("size,label\n1,yes\n", "the column 'colour', which the model was trained on, is missing"),
        ("size,colour,label\n1,red,\n", "no row has a value in the target column 'label'"),
    ],
)
def test_rows_that_cannot_be_scored_are_refused(command: Command, text, message):  # noqa: F811
    write_classes(Path("a.csv"))
    command("fit", "a.csv", "--target", "label", *QUICK)
    Path("b.csv").write_text(text)
    assert message in command.fails("evaluate", "a.model", "b.csv")
