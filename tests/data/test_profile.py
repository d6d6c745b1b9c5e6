"""What `profile_table` finds, and what it must not find."""

from __future__ import annotations

import json

import numpy as np
import pytest

from chainrule.data import Table, read_table
from chainrule.data.profile import profile_table
from chainrule.data.profile.alone import tells_classes, tells_values
from chainrule.data.profile.drift import chi_square_p, kolmogorov_p, kolmogorov_smirnov, stability
from chainrule.data.profile.numbers import summarize
from chainrule.errors import DataError
from chainrule.tabular import Options
from chainrule.tabular.problem import make_problem
from tests.data.shared import shared


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def sound(rows: int = 400, seed: int = 0) -> dict[str, list]:
    """Two numbers, a category and a target that depends on them with noise."""
    g = generator(seed)
    size, weight, colour = g.normal(10, 2, rows), g.lognormal(0, 1, rows), g.choice(["red", "green", "blue"], rows)
    label = np.where(size + g.normal(0, 1.5, rows) > 10, "yes", "no")
    columns = {"size": size.round(3), "weight": weight, "colour": colour, "label": label}
    return {name: values.tolist() for name, values in columns.items()}


def codes(columns: dict[str, list], target: str | None = "label", **more) -> dict[str, tuple[str, ...]]:
    return {f.code: f.columns for f in profile_table(Table.from_columns(columns), target, **more).findings}


def test_a_sound_table_has_no_findings():
    assert codes(sound()) == {}


@pytest.mark.parametrize("text", ["?", "NA", "", "n/a", "NULL"])
def test_spellings_of_missing_are_counted_as_they_stand(text):
    columns = sound()
    columns["colour"][:7] = [text] * 7
    column = profile_table(Table.from_columns(columns), "label").column("colour")
    assert (column.missing, column.spellings) == (7, {text: 7})


def test_disguises_are_suspected_and_nothing_is_changed():
    columns = sound()
    columns["size"][:5] = [-999.0] * 5
    columns["colour"][:3] = ["unknown"] * 3
    table = Table.from_columns(columns)
    profile = profile_table(table, "label")
    suspects = {c.name: [(s.text, s.count) for s in c.suspects] for c in profile.columns if c.suspects}
    assert suspects == {"size": [("-999", 5)], "colour": [("unknown", 3)]}
    assert profile.column("size").missing == profile.column("colour").missing == 0
    assert table.column("size").numbers().min() == -999


def test_zeros_are_suspected_only_where_nothing_else_comes_near():
    columns = sound()
    columns["size"][:5] = [0.0] * 5  # sizes lie from 4 to 16
    columns["weight"] = [max(0.0, w - 0.3) for w in columns["weight"]]  # here zero is the end of a slope
    assert codes(columns)["disguised-missing"] == ("size",)


def test_a_copy_of_the_target_under_other_names():
    columns = sound()
    columns["answer"] = ["A" if label == "yes" else "B" for label in columns["label"]]
    assert codes(columns)["target-copy"] == ("answer",)
    columns["label"] = np.arange(400.0).tolist()
    columns["celsius"] = (np.array(columns["label"]) * 1.8 + 32).tolist()
    assert codes(columns)["target-copy"] == ("celsius",)


def test_a_column_that_alone_predicts_the_target_is_a_leak_and_a_good_one_is_not():
    columns = sound(2000)
    g = generator(1)
    yes = np.array(columns["label"]) == "yes"
    columns["paid"] = np.where(yes, g.uniform(5, 9, 2000), g.uniform(0, 4, 2000)).tolist()
    columns["good"] = np.where(yes, g.normal(2, 1, 2000), g.normal(0, 1, 2000)).tolist()
    found = codes(columns)
    assert found["leakage"] == ("paid",)
    profile = profile_table(Table.from_columns(columns), "label")
    assert 0.3 < profile.column("good").alone < 0.8


def test_what_is_known_only_afterwards_in_order_of_time():
    g, rows = generator(2), 500
    y = np.cumsum(g.normal(size=rows)) * 0.3 + g.normal(size=rows)
    days = (np.datetime64("2020-01-01") + np.arange(rows)).astype(str)
    order = g.permutation(rows)  # the file need not be in order
    centred = np.convolve(y, np.ones(3) / 3, mode="same")
    before = np.concatenate([[0], y[:-1]])  # known in time
    noise = g.normal(size=rows)
    columns = {"day": days, "centred": centred, "total": np.cumsum(y), "before": before, "noise": noise, "y": y}
    table = Table.from_columns({name: np.asarray(values)[order].tolist() for name, values in columns.items()})
    found = {f.columns[0] for f in profile_table(table, "y").findings if f.code == "after-the-fact"}
    assert found == {"centred", "total"}


def test_what_is_known_only_afterwards_counts_all_rows_and_the_order_that_was_named():
    """Of every fifth row held out at random, the next training row is often not the next row."""
    g, rows = generator(2), 300
    y = g.normal(size=rows)
    later = np.append(y[1:], 0) + 0.2 * g.normal(size=rows)
    order = g.permutation(rows)
    columns = {"week": np.arange(rows) * 7.0, "later": later, "noise": g.normal(size=rows), "y": y}
    table = Table.from_columns({name: values[order] for name, values in columns.items()})
    timed = make_problem(table, Options("y", time="week"))
    assert [(f.code, f.columns) for f in timed.leaks] == [("after-the-fact", ("later",))]
    assert timed.leaks[0].evidence["next"] > 0.9
    assert make_problem(table, Options("y")).leaks == ()  # nothing says that week is a time


def test_columns_of_one_file_only():
    train, test = sound(), sound(100, seed=5)
    test["colours"], test["more"] = test.pop("colour"), [1.0] * 100
    del test["label"]
    found = profile_table(Table.from_columns(train), "label", Table.from_columns(test)).findings
    said = [(f.level, f.columns) for f in found if f.code == "missing-columns"]
    assert said == [("warning", ("colour",)), ("note", ("label",)), ("note", ("colours", "more"))]
    assert "Did you mean 'colours'?" in found[0].remedy
    assert "missing-columns" not in codes(train, against=Table.from_columns(sound(100, seed=5)))


def test_rows_that_stand_in_both_files():
    train, test = sound(), sound(100, seed=5)
    assert "shared-rows" not in codes(train, against=Table.from_columns(test))
    mixed = {name: test[name][:90] + train[name][:10] for name in test}
    finding = next(f for f in profile_table(Table.from_columns(train), "label", Table.from_columns(mixed)).findings)
    assert (finding.code, finding.level, finding.evidence) == ("shared-rows", "warning", {"shared": 10, "of": 100})


def test_drift_is_found_where_it_is_and_nowhere_else():
    train, test = sound(1000), sound(1000, seed=9)
    test["size"] = [s + 1.5 for s in test["size"]]
    test["colour"] = ["violet" if c == "red" else c for c in test["colour"]]
    profile = profile_table(Table.from_columns(train), None, Table.from_columns(test))
    assert {f.columns[0] for f in profile.findings if f.code == "drift"} == {"size", "colour"}
    colour = next(d for d in profile.drift if d.name == "colour")
    assert colour.unseen == pytest.approx(np.mean(np.array(test["colour"]) == "violet"))


def test_duplicates_and_contradictions():
    columns = sound(100)
    for name in columns:
        columns[name] += columns[name][:3]
    columns["label"][-1] = "yes" if columns["label"][-1] == "no" else "no"
    profile = profile_table(Table.from_columns(columns), "label")
    found = {f.code: f.evidence for f in profile.findings}
    assert (found["duplicates"], found["contradictions"]) == ({"copies": 2}, {"rows": 2})


def test_rare_and_imbalanced_classes():
    columns = sound()
    columns["label"] = ["fraud"] * 5 + ["no"] * 395
    found = codes(columns)
    assert {"rare-class", "imbalance"} <= set(found)


def test_spelling_and_same_columns():
    columns = sound()
    columns["colour"][:30] = ["Red"] * 30
    columns["again"] = columns["size"]
    found = codes(columns)
    assert (found["spelling"], found["same-column"]) == (("colour",), ("size", "again"))


def test_the_histogram_and_the_far_out():
    values = np.concatenate([generator().normal(size=1000), [80.0, np.nan]])
    found = summarize(values)
    assert sum(found.counts) + found.outliers == 1001
    assert found.extremes[0] == (1000, 80.0)
    assert summarize(np.array([np.nan])) is None
    assert summarize(np.array([1e300, -1e300, 1.0])).maximum == 1e300
    assert summarize(np.full(5, 7.0)).counts == (5,)


def test_statistics_agree_with_scipy():
    stats = pytest.importorskip("scipy.stats")
    g = generator(3)
    a, b = np.sort(g.normal(size=300)), np.sort(g.normal(0.15, 1, 200))
    theirs = stats.ks_2samp(a, b, method="asymp")
    assert kolmogorov_smirnov(a, b) == pytest.approx(theirs.statistic)
    assert kolmogorov_p(theirs.statistic, 300, 200) == pytest.approx(theirs.pvalue, abs=0.03)
    for counts in ([[50, 30, 20], [40, 45, 15]], [[500, 300, 200, 90], [380, 350, 210, 60]]):
        table = np.array(counts, float)
        assert chi_square_p(*table) == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue)
    p, q = np.array([0.2, 0.3, 0.5]), np.array([0.3, 0.3, 0.4])
    assert stability(p, q) == pytest.approx(stats.entropy(p, q) + stats.entropy(q, p))


def test_what_one_column_tells_is_what_the_formula_says():
    g = generator(4)
    x = g.integers(0, 2, 40_000)
    y = np.where(g.uniform(size=40_000) < 0.9, x, 1 - x)  # a channel that errs in one of ten
    entropy = -(0.9 * np.log2(0.9) + 0.1 * np.log2(0.1))
    assert tells_classes(x, 2, y, 2)[0] == pytest.approx(1 - entropy, abs=0.01)
    noise = g.normal(size=40_000)
    assert tells_values(x, 2, 2.0 * x + noise, None) == pytest.approx(0.5, abs=0.02)  # variance 1 of 2
    assert tells_classes(g.permutation(x), 2, y, 2)[0] < 0.01


def test_json_holds_all_of_it():
    columns = sound()
    columns["size"][0] = float("inf")
    config = profile_table(Table.from_columns(columns), "label", Table.from_columns(sound(50, 1))).to_config()
    text = json.dumps(config, allow_nan=False)
    assert json.loads(text)["columns"][0]["name"] == "size"
    assert len(config["drift"]) == 4


def test_wrong_names_are_said():
    table = Table.from_columns(sound())
    with pytest.raises(DataError, match="Did you mean 'label'"):
        profile_table(table, "lable")
    with pytest.raises(DataError, match="expected columns of"):
        profile_table(table, None, Table.from_columns({"else": [1, 2]}))


SOUND = [
    ("sonar/sonar.csv.gz", "last"), ("ionosphere/ionosphere.csv.gz", "last"), ("boston_housing/housing.csv.gz", "last"),
    ("wine_quality/winequality-red.csv.gz", "last"), ("abalone/abalone.csv.gz", "last"),
    ("banknote/banknote_authentication.csv.gz", "last"), ("titanic/titanic.csv.gz", "Survived"),
    ("california_housing/housing.csv.gz", "median_house_value"), ("mushroom/mushroom.tsv.gz", "target"),
    ("higgs_small/binary.train.gz", "first"), ("spambase/spambase.tsv.gz", "target"),
    ("time_series/ETTh1.csv.gz", "OT"), ("time_series/pollution.csv.gz", "pm2.5"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "target"), SOUND)
def test_no_warning_on_sound_tables(path, target):
    profile = profile_table(read_table(shared(path)), target)
    assert [f.message for f in profile.findings if f.level == "warning"] == []
    assert not [c.name for c in profile.columns if c.suspects]


def test_the_disguises_of_real_tables():
    pima = profile_table(read_table(shared("pima_diabetes/pima-indians-diabetes.csv")), "last")
    assert [c.name for c in pima.columns if c.suspects] == [f"column_{i}" for i in range(2, 7)]
    bank = profile_table(read_table(shared("bank_marketing/bank-additional-full.csv.gz")), "y")
    assert {c.name: c.suspects[0].text for c in bank.columns if c.suspects} == {
        **dict.fromkeys(["job", "marital", "education", "default", "housing", "loan"], "unknown"), "pdays": "999",
    }  # fmt: skip


def test_train_and_test_of_adult_do_not_differ():
    train, test = (read_table(shared(f"adult/adult-{part}.csv.gz")) for part in ("train", "test"))
    profile = profile_table(train, "last", test)
    assert max(d.psi for d in profile.drift) < 0.01
    assert [f.code for f in profile.findings if f.level == "warning"] == []
