from __future__ import annotations

import json
from pathlib import Path

import pytest

from ..tabular.tables import write_classes, write_values
from .commands import QUICK, Command, command, read_until, run, start_on_a_terminal  # noqa: F401


@pytest.fixture
def classes(command: Command) -> Command:  # noqa: F811
    """A model of size and colour."""
    write_classes(Path("a.csv"))
    command("fit", "a.csv", "--target", "label", *QUICK, "--epochs", "40")
    return command


def test_a_model_is_explained_in_text_and_as_json(classes: Command):
    text = classes("explain", "a.model", "a.csv", "--by", "colour")
    assert text.status == 0 and text.error == ""
    for head in ("Which columns matter: how much the log loss", "What the network says when", "Columns whose effects",
                 "By colour: the class 'yes'", "true positive rate"):  # fmt: skip
        assert head in text.out
    found = json.loads(classes("explain", "a.model", "a.csv", "--by", "colour", "--json").out)
    assert found["target"] == "label" and found["outputs"] == ["no", "yes"]
    assert [c["column"] for c in found["importance"]["columns"]] == ["size", "colour"]
    assert found["importance"]["columns"][0]["increase"]["low"] > 0
    assert [c["column"] for c in found["curves"]] == ["size", "colour"] and len(found["interactions"]) == 1
    assert {g["name"] for g in found["fairness"][0]["groups"]} == {"red", "green", "blue"}


def test_a_row_is_explained_and_its_contributions_add_up(classes: Command):
    text = classes("explain", "a.model", "a.csv", "--row", "7", "--fixed", "colour")
    assert text.out.startswith("Row 7: ") and "left as they are: colour" in text.out
    assert text.error == ("note: rows like it and changes are looked for in the rows given; --train FILE looks in the "
                          "training rows\n")  # fmt: skip
    found = json.loads(classes("explain", "a.model", "a.csv", "--row", "7", "--fixed", "colour", "--json").out)
    for method in ("shapley", "gradients"):
        why = found[method]
        assert why["base"] + sum(c["value"]["value"] for c in why["contributions"]) + why["gap"] == pytest.approx(
            found["outputs"][found["answer"]])  # fmt: skip
    assert all(set(other["changes"]) == {"size"} for other in found["counterfactuals"]["found"])
    predicted = classes("predict", "a.model", "a.csv").out.splitlines()[7].split(",")
    assert predicted[0] == found["answer"]
    assert float(predicted[2]) == pytest.approx(found["outputs"]["yes"], abs=1e-5)


def test_rows_come_from_the_training_file(classes: Command):
    write_classes(Path("new.csv"), rows=5, seed=9)
    found = json.loads(classes("explain", "a.model", "new.csv", "--row", "2", "--train", "a.csv", "--json").out)
    assert found["notes"] == [] and max(near["row"] for near in found["neighbours"]) > 5
    lines = Path("a.csv").read_text().splitlines()
    for near in found["neighbours"]:
        size, colour, label = lines[near["row"]].split(",")
        assert near["truth"] == label
        assert near["different"]["size"][1] == size
        assert near["different"].get("colour", ["", colour])[1] == colour


def test_values(command: Command):  # noqa: F811
    write_values(Path("v.csv"))
    command("fit", "v.csv", "--target", "price", *QUICK)
    assert "units of price" in command("explain", "v.model", "v.csv").out
    found = command("explain", "v.model", "v.csv", "--row", "1")
    assert "for a change that leads to another value, say which: --want '>VALUE'" in found.error
    value = json.loads(command("explain", "v.model", "v.csv", "--row", "1", "--json").out)["outputs"]["price"]
    want = f">{value + 0.01:.4f}"
    found = json.loads(command("explain", "v.model", "v.csv", "--row", "1", "--want", want, "--json").out)
    assert found["counterfactuals"]["found"][0]["output"] > value


def test_chinese(classes: Command):
    assert "哪些列重要" in classes("explain", "a.model", "a.csv", "--lang", "zh").out
    found = classes("explain", "a.model", "a.csv", "--row", "1", "--lang", "zh")
    assert found.out.startswith("第 1 行：") and "怎样会变为" in found.out and "注意：相似的行" in found.error


def test_without_the_target_it_is_said(classes: Command):
    Path("b.csv").write_text("colour,size\nred,1\nblue,-1\ngreen,0.5\n")
    found = classes("explain", "a.model", "b.csv")
    assert "how far the answers move" in found.out
    assert "the column 'label' is not there" in found.error


def test_of_many_rows_a_sample_is_looked_at_and_that_is_said(classes: Command):
    head, *rows = Path("a.csv").read_text().splitlines()
    Path("many.csv").write_text("\n".join([head, *rows * 30, ""]))
    found = classes("explain", "a.model", "many.csv")
    assert "(2,000 rows, each column" in found.out
    assert "note: of the 3,600 rows at most 2,000, drawn at random, are looked at" in found.error


def test_the_same_seed_gives_the_same(classes: Command):
    one, two, three = (classes("explain", "a.model", "a.csv", "--seed", seed, "--json").out for seed in (1, 1, 2))
    assert one == two != three


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--columns", "0"), "--columns: expected a number from 1; got 0."),
        (("--row", "0"), "--row: expected a row from 1 to 120 of a.csv; got 0."),
        (("--row", "121"), "--row: expected a row from 1 to 120 of a.csv; got 121."),
        (("--by", "color"), "no column 'color' that the model reads. Did you mean 'colour'?"),
        (("--row", "1", "--fixed", "sizes"), "no column 'sizes' that the model reads. Did you mean 'size'?"),
        (("--row", "1", "--want", "maybe"), "no output 'maybe'. There are 'no', 'yes'"),
        (("--row", "1", "--output", "yess"), "no output 'yess'. Did you mean 'yes'?"),
    ],
)
def test_what_is_not_there_is_said(classes: Command, words, message):
    assert message in classes.fails("explain", "a.model", "a.csv", *words)


def test_a_missing_column_is_named(classes: Command):
    Path("b.csv").write_text("size,label\n1,yes\n")
    assert "the column 'colour', which the model was trained on, is missing" in classes.fails(
        "explain", "a.model", "b.csv"
    )


def test_of_several_targets_one_can_be_chosen(command: Command):  # noqa: F811
    write_classes(Path("a.csv"))
    command("fit", "a.csv", "--target", "label", "--target", "colour", *QUICK)
    both, one = command("explain", "a.model", "a.csv").out, command("explain", "a.model/2-colour", "a.csv").out
    assert both.index("target 'label':") < both.index(one)


def test_signs_that_a_terminal_lacks_are_replaced(classes: Command):
    found = run("explain", "a.model", "a.csv", "--row", "3", env={"PYTHONIOENCODING": "ascii"})
    assert found.status == 0 and "\\u" not in found.out and "####" in found.out


def test_on_a_terminal_progress_comes_and_goes(classes: Command):
    process, terminal = start_on_a_terminal("explain", "a.model", "a.csv")
    assert "Which columns matter" in read_until(terminal)
    assert process.wait() == 0
