"""Diagnosis of tables: what must be found, what must not, on made tables and on real ones."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.data import Table
from chainrule.insight.diagnosis.case import Case
from chainrule.insight.diagnosis.gate import gate, gate_lines
from chainrule.insight.diagnosis.rows import check_labels
from chainrule.insight.diagnosis.tables import TableSubject, diagnose_table
from chainrule.tabular import Options, Training
from chainrule.tabular.problem import make_problem, read_problem

from ..data.shared import shared

SMALL = Training(networks=1, layers=(16,), epochs=30, patience=8)


def columns(rows: int = 300, seed: int = 0) -> dict[str, object]:
    generator = np.random.default_rng(seed)
    a, b = generator.normal(size=(2, rows))
    c = generator.choice(["red", "green", "blue"], rows)
    y = np.where(a + (c == "red") + 0.5 * generator.normal(size=rows) > 0.4, "yes", "no")
    return {"a": a, "b": b, "colour": c, "y": y}


def problem(made: dict[str, object], **options):
    return make_problem(Table.from_columns(made), Options("y", training=SMALL, **options))


def test_the_gate_says_what_it_checked():
    assert gate(problem(columns())) == []
    assert gate_lines([]) == [
        "checked: duplicates across the split, copies of the target, identifiers, the baseline: nothing found"
    ]


def test_copies_of_the_target_do_not_pass():
    made = columns()
    numbers = {**made, "paid": np.where(made["y"] == "yes", 100.0, 0.0) + np.arange(300) / 1e4}
    words = {**made, "state": np.where(made["y"] == "yes", "closed", "open")}
    cases = ((numbers, "paid", "leakage", "warning"), (words, "state", "target-copy", "error"))
    for table, name, finding, severity in cases:
        made_of_it = problem(table)
        found = gate(made_of_it)
        assert [(f.id, f.severity, f.values["column"]) for f in found] == [(finding, severity, name)]
        assert found[0].remedy.option == f"--drop {name}"
        assert found[0].sentence().rstrip(".") in " ".join(made_of_it.notes), "the data profile says the same words"
        assert "仅凭" in found[0].sentence("zh") or "一一对应" in found[0].sentence("zh")
    assert gate(problem({**numbers, "y": made["y"]}, drop=("paid",))) == []


def test_what_is_known_only_afterwards_does_not_pass():
    generator = np.random.default_rng(0)
    sold = generator.normal(100, 20, 200)
    days = [f"2024-{1 + i // 28:02d}-{1 + i % 28:02d}" for i in range(200)]
    table = {"day": days, "total": np.cumsum(sold), "y": sold}
    assert [f.id for f in gate(problem(table, test_size=0.0))] == ["after-the-fact"]
    assert gate(problem({**table, "total": np.concatenate([[0.0], np.cumsum(sold)[:-1]])}, test_size=0.0)) == []


def test_a_target_that_is_sorted_makes_no_column_a_copy():
    made = columns(200)
    order = np.argsort(made["y"])
    assert gate(problem({name: np.asarray(column)[order] for name, column in made.items()})) == []


def test_rows_on_both_sides_do_not_pass():
    made = columns(150)
    twice = {name: np.concatenate([column, column]) for name, column in made.items()}
    (finding,) = gate(problem(twice))
    assert finding.id == "duplicates-across" and finding.severity == "warning"
    assert finding.values["count"] > 0.5 * finding.values["rows"]


def test_a_result_no_better_than_the_baseline_does_not_pass():
    made = problem(columns())
    truth = made.test.values
    blind = np.tile(made.prior, (len(truth), 1))
    (finding,) = gate(made, blind, truth)
    assert finding.id == "no-better-than-baseline" and finding.severity == "error"
    right = np.eye(2)[truth] * 0.8 + 0.1
    assert gate(made, right, truth) == []


def test_options_are_what_is_tried():
    made = problem(columns(400))
    subject = TableSubject(made, SMALL, seed=1, rows=100)
    assert len(subject.values) == 100 and subject.word == "rows"
    learn, held = np.arange(80), np.arange(80, 100)
    first, again = (subject.train({"learning_rate": 0.01}, learn, held) for _ in range(2))
    assert (first.outputs == again.outputs).all() and first.outputs.shape == (20, 2)
    assert (subject.train({"balance": True}, learn, held).outputs != first.outputs).any()
    assert subject.remedies("rate-up")[0].option == "--learning-rate 0.003"
    assert subject.remedies("unheard of") == []


def test_a_learning_rate_that_is_too_small_is_found_and_fixed():
    options = Options("y", training=Training(networks=1, layers=(16,), epochs=15, learning_rate=1e-5))
    found = diagnose_table(make_problem(Table.from_columns(columns(400)), options), options, folds=5)
    assert "learning-rate-too-small" in found.ids
    assert found.kept is not None and found.kept.settings["learning_rate"] > 1e-5
    assert "--learning-rate" in found.kept.option


def test_labels_without_a_meaning_are_found():
    made = {**columns(400), "y": np.random.default_rng(3).choice(["yes", "no"], 400)}
    options = Options("y", training=Training(networks=1, layers=(8,), epochs=10))
    found = diagnose_table(make_problem(Table.from_columns(made), options), options, folds=3)
    assert found.ids[:1] == ["no-better-than-baseline"] or "no-signal" in found.ids
    assert found.kept is None


def test_wrong_labels_are_named_by_the_line_of_the_file(tmp_path):
    generator = np.random.default_rng(0)
    a, b = generator.normal(size=(2, 500))
    y = (a > 0).astype(int)
    wrong = generator.permutation(500)[:60]
    y[wrong] = 1 - y[wrong]
    path = tmp_path / "rows.csv"
    path.write_text("a,b,y\n" + "".join(f"{p},{q},{'ab'[r]}\n" for p, q, r in zip(a, b, y, strict=True)))
    options = Options("y", training=SMALL, test_size=0.0)
    finding = diagnose_table(read_problem(str(path), options), options)["label-noise"]
    lines = set((wrong + 2).tolist())  # the header is line 1
    assert len(lines & set(finding.rows)) > 0.7 * len(finding.rows) > 20
    assert "lines " in finding.values["listed"]


@pytest.mark.parametrize("kind", ["wrong", "overlap"])
def test_labels_wrong_at_random_are_told_from_classes_that_overlap(kind):
    generator = np.random.default_rng(5)
    x = generator.normal(size=(800, 4))
    clear = x.sum(1) / 2 > 0
    wrong = generator.permutation(800)[:60]  # 7.5 %
    if kind == "overlap":
        y = generator.uniform(size=800) < 1 / (1 + np.exp(-2 * x.sum(1)))
    else:
        y = clear ^ np.isin(np.arange(800), wrong)
    table = {**{f"x{i}": x[:, i] for i in range(4)}, "y": np.where(y, "yes", "no")}
    subject = TableSubject(problem(table, test_size=0.0), Training())
    found = check_labels(Case(subject, 5, 0, kept=True, in_folds=True))
    assert [finding.id for finding in found] == (["label-noise"] if kind == "wrong" else [])
    for finding in found:
        assert len(set(finding.rows) & set((wrong + 1).tolist())) > 0.8 * len(finding.rows) > 30


REAL = {
    "sonar": ("sonar/sonar.csv.gz", "last"), "ionosphere": ("ionosphere/ionosphere.csv.gz", "last"),
    "pima": ("pima_diabetes/pima-indians-diabetes.csv", "last"), "boston": ("boston_housing/housing.csv.gz", "last"),
    "banknote": ("banknote/banknote_authentication.csv.gz", "last"), "titanic": ("titanic/titanic.csv.gz", "Survived"),
    "breast cancer": ("breast_cancer_ljubljana/breast-cancer.csv", "last"),
    "abalone": ("abalone/abalone.csv.gz", "last"),
    "white wine": ("wine_quality/winequality-white.csv.gz", "last"), "spambase": ("spambase/spambase.tsv.gz", "target"),
    "california": ("california_housing/housing.csv.gz", "median_house_value"),
    "mushroom": ("mushroom/mushroom.tsv.gz", "target"), "satimage": ("satimage/satimage.tsv.gz", "target"),
    "nursery": ("nursery/nursery.tsv.gz", "target"), "splice": ("splice_dna/splice.tsv.gz", "target"),
    "promoters": ("promoters_dna/molecular_biology_promoters.tsv.gz", "target"),
    "higgs": ("higgs_small/binary.train.gz", "1"),
}  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_the_gate_lets_sound_tables_pass(name):
    path, target = REAL[name]
    found = gate(read_problem(shared(path), Options(target)))
    assert {f.id for f in found if f.severity != "info"} <= {"duplicates-across"}, [f.sentence() for f in found]
    for finding in found:  # rows that really are on both sides, counted by `fit` as well
        assert finding.id == "duplicates-across"


@pytest.mark.parametrize("name", ["sonar"])
def test_nothing_is_wrong_with_sound_tables(name):
    path, target = REAL[name]
    options = Options(target)
    found = diagnose_table(read_problem(shared(path), options), options)
    assert [f.sentence() for f in found if f.severity != "info"] == []
