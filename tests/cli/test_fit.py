from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest

from ..tabular.tables import write_classes, write_values
from .commands import QUICK, ROOT, command, run  # noqa: F401


def metrics(folder: str) -> dict:
    return json.loads((Path(folder) / "metrics.json").read_text(encoding="utf-8"))


def without_time(folder: str) -> dict:
    return {key: value for key, value in metrics(folder).items() if key != "seconds"}


def test_a_table_becomes_a_model(command):  # noqa: F811
    write_classes(Path("pets.csv"))
    found = command("fit", "pets.csv", "--target", "label", *QUICK)
    assert found.status == 0
    assert found.error == ""
    for part in (
        "pets.csv: 120 rows, 2 columns and the target 'label'", "task: two classes", "split: 96 rows to train on",
        " inputs - 8 - 1 output", "training ends when the validation loss has not fallen for 20 epochs",
        "network: stopped after 3 epochs (no more were allowed), kept epoch", "24 test rows", "majority class",
        "log loss", "true \\ predicted",
        "saved in pets.model: the model, report.html, metrics.json, log.csv, report.txt, receipt.json",
        "next: chainrule predict pets.model",
    ):  # fmt: skip
        assert part in found.out, part
    assert sorted(os.listdir("pets.model")) == [
        "log.csv", "metrics.json", "network.keras", "receipt.json", "report.html", "report.txt", "table.json",
    ]  # fmt: skip
    report = Path("pets.model/report.txt").read_text()
    assert report.strip() in found.out.replace("\n\n\n", "\n\n")
    numbers = metrics("pets.model")
    assert {"task", "target", "rows", "seed", "test", "baseline", "seconds"} <= set(numbers)
    assert {"accuracy", "log_loss", "roc_auc"} <= set(numbers["test"])


def test_values(command):  # noqa: F811
    write_values(Path("prices.csv"))
    found = command("fit", "prices.csv", "--target", "price", *QUICK, "--out", "m")
    assert found.status == 0
    assert {"rmse", "mae", "r2"} <= set(metrics("m")["test"])
    assert "always the mean" in found.out
    assert "validation RMSE" in found.out


def test_what_is_asked_for_is_done(command):  # noqa: F811
    write_classes(Path("a.csv"))
    found = command(
        "fit", "a.csv", "--target", "last", "--out", "m", "--layers", "7,5", "--networks", "2", "--epochs", "2",
        "--batch-size", "16", "--learning-rate", "0.01", "--weight-decay", "0", "--dropout", "0.5", "--patience", "4",
        "--seed", "9", "--test-size", "0.5", "--drop", "colour", "--quiet",
    )  # fmt: skip
    assert found.status == 0
    assert found.out.startswith("60 test rows")
    numbers = metrics("m")
    assert numbers["seed"] == 9
    assert numbers["rows"]["test"] == 60
    assert numbers["settings"] == {
        "layers": [7, 5], "networks": 2, "epochs": 2, "batch_size": 16, "learning_rate": 0.01, "weight_decay": 0.0,
        "dropout": 0.5, "patience": 4, "preset": "mlp", "members": 1, "schedule": "plateau",
        "folds": 5, "clear": False,
    }  # fmt: skip
    assert [n["epochs"] for n in numbers["networks"]] == [2, 2]
    assert "colour" not in json.loads(Path("m/table.json").read_text())["encoders"][0]["codes"][0]["column"]


def test_test_size_zero_trains_on_every_row(command):  # noqa: F811
    write_classes(Path("a.csv"))
    found = command("fit", "a.csv", "--target", "label", "--test-size", "0", "--networks", "5", "--epochs", "1")
    assert found.status == 0
    assert "120 validation rows" in found.out
    assert "No test rows" in found.out
    assert metrics("a.model")["rows"]["train"] == 120
    assert metrics("a.model")["test"] is None


def test_a_test_file_of_its_own(command):  # noqa: F811
    write_classes(Path("a.csv"))
    write_classes(Path("b.csv"), rows=30, seed=1)
    found = command("fit", "a.csv", "--target", "label", "--test", "b.csv", *QUICK)
    assert found.status == 0
    assert "30 test rows" in found.out
    assert metrics("a.model")["rows"] == {"train": 120, "validation": 24, "test": 30}


def test_the_same_seed_gives_the_same_bits(command):  # noqa: F811
    write_classes(Path("a.csv"))
    for name, seed in (("m1", 3), ("m2", 3), ("m3", 4)):
        assert command("fit", "a.csv", "--target", "label", *QUICK, "--seed", seed, "--out", name).status == 0
        assert command("predict", name, "a.csv", "--out", f"{name}.csv").status == 0
    assert without_time("m1") == without_time("m2") != without_time("m3")
    for name in ("log.csv", "network.keras", "table.json"):
        assert Path("m1", name).read_bytes() == Path("m2", name).read_bytes()
    assert Path("m1.csv").read_bytes() == Path("m2.csv").read_bytes() != Path("m3.csv").read_bytes()


@pytest.mark.parametrize("kind", ["tsv", "gz", "semicolon", "parquet"])
def test_tables_of_every_kind(command, kind):  # noqa: F811
    text = Path(write_classes(Path("a.csv"))).read_text()
    name = {"tsv": "a.tsv", "gz": "a.csv.gz", "semicolon": "a.txt", "parquet": "a.parquet"}[kind]
    if kind == "gz":
        Path(name).write_bytes(gzip.compress(text.encode()))
    elif kind == "parquet":
        import pandas

        pandas.read_csv("a.csv").to_parquet(name)
    else:
        Path(name).write_text(text.replace(",", "\t" if kind == "tsv" else ";"))
    command("fit", "a.csv", "--target", "label", *QUICK, "--out", "plain")
    assert command("fit", name, "--target", "label", *QUICK, "--out", "other").status == 0
    assert without_time("other") == {**without_time("plain"), "data": name}


def test_names_and_labels_of_every_script(command):  # noqa: F811
    text = Path(write_classes(Path("a.csv"), labels=("低", "中等", "很高"))).read_text(encoding="utf-8")
    Path("数据 – élève.csv").write_text(text.replace("size,colour,label", "大小,颜色,标签"), encoding="utf-8")
    found = command("fit", "数据 – élève.csv", "--target", "标签", *QUICK)
    assert found.status == 0
    assert "the target '标签'" in found.out
    assert "很高" in found.out
    assert metrics("数据 – élève.model")["labels"] == ["中等", "低", "很高"]
    predicted = command("predict", "数据 – élève.model", "数据 – élève.csv", "--out", "答案.csv")
    assert predicted.status == 0
    assert Path("答案.csv").read_text(encoding="utf-8").startswith("prediction,p_中等,p_低,p_很高\n")
    message = command.fails("fit", "数据 – élève.csv", "--target", "标", *QUICK, "--out", "x")
    assert "Its columns are '大小', '颜色', '标签'" in message


def test_a_terminal_that_knows_only_ascii_does_not_stop_a_training(tmp_path):
    write_classes(tmp_path / "a.csv", labels=("低", "高"))
    found = run("fit", "a.csv", "--target", "label", *QUICK, cwd=tmp_path, env={"PYTHONIOENCODING": "ascii"})
    assert found.status == 0, found.error
    assert r"F1 of \u9ad8" in found.out
    assert "高" in (tmp_path / "a.model" / "report.txt").read_text(encoding="utf-8")


def test_the_examples_that_ship(command):  # noqa: F811
    data = ROOT / "examples" / "data"
    for name, target, task in (
        ("penguins.csv", "species", "multiclass"), ("penguins.csv", "body_mass_g", "regression"),
        ("breast_cancer_wisconsin.csv", "diagnosis", "binary"),
    ):  # fmt: skip
        found = command("fit", data / name, "--target", target, "--layers", "32", "--networks", "1", "--out", target,
                        "--learning-rate", "0.01", "--epochs", "40")  # fmt: skip
        assert found.status == 0, found.error
        assert metrics(target)["task"] == task
        assert "No better" not in found.out
