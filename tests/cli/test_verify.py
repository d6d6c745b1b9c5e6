from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from chainrule.tabular import TableModel

from ..tabular.tables import write_classes, write_values
from .commands import QUICK, command  # noqa: F401


def test_a_model_is_verified_to_the_bit(command):  # noqa: F811
    write_classes(Path("a.csv"))
    assert command("fit", "a.csv", "--target", "label", *QUICK, "--seed", 5, "--out", "m").status == 0
    found = command("verify", "m", "a.csv")
    assert (found.status, found.error) == (0, "")
    assert found.out.count("the same") == 6 and "DIFFERS" not in found.out
    assert "verified: a.csv and the recorded options give the same network, to the bit" in found.out
    chinese = command("verify", "m", "a.csv", "--lang", "zh")
    assert chinese.status == 0 and "验证通过" in chinese.out


def test_other_data_are_found_out(command):  # noqa: F811
    write_values(Path("a.csv"))
    command("fit", "a.csv", "--target", "price", *QUICK, "--out", "m")
    text = Path("a.csv").read_text()
    Path("b.csv").write_text(text.replace("red", "green", 1))
    found = command("verify", "m", "b.csv")
    assert found.status == 1
    assert "data: DIFFERS" in found.out and "program: the same" in found.out
    assert "not verified: b.csv is not the table that it was trained on" in found.out


def test_weights_that_were_changed_are_found_out(command):  # noqa: F811
    write_classes(Path("a.csv"))
    command("fit", "a.csv", "--target", "label", *QUICK, "--out", "m")
    model = TableModel.load("m")
    weights = model.networks[0].get_weights()
    weights[0] = weights[0] * np.float32(1.001)
    model.networks[0].set_weights(weights)
    model.save("m")
    found = command("verify", "m", "a.csv")
    assert found.status == 1
    assert "not verified: the weights in m were changed after the receipt was written" in found.out


def test_a_test_file_is_part_of_it(command):  # noqa: F811
    write_classes(Path("a.csv"))
    write_classes(Path("b.csv"), rows=30, seed=1)
    command("fit", "a.csv", "--target", "label", "--test", "b.csv", *QUICK, "--out", "m")
    Path("b.csv").rename("c.csv")
    assert "b.csv" in command.fails("verify", "m", "a.csv")
    assert command("verify", "m", "a.csv", "--test", "c.csv").status == 0
    write_classes(Path("c.csv"), rows=30, seed=2)
    found = command("verify", "m", "a.csv", "--test", "c.csv")
    assert found.status == 1 and "c.csv is not the test table that it was measured on" in found.out


def test_another_version_of_the_program_is_named(command):  # noqa: F811
    write_classes(Path("a.csv"))
    command("fit", "a.csv", "--target", "label", *QUICK, "--out", "m")
    receipt = json.loads(Path("m/receipt.json").read_text())
    receipt["hashes"] |= {"program": "0" * 64, "weights": receipt["hashes"]["weights"], "answers": "1" * 64}
    receipt["versions"]["chainrule"] = "0.0.9"
    Path("m/receipt.json").write_text(json.dumps(receipt))
    found = command("verify", "m", "a.csv")
    assert found.status == 1
    assert "computes something else than the one that trained it (0.0.9)" in found.out


def test_another_way_to_multiply_is_named_where_weights_differ(command, monkeypatch):  # noqa: F811
    write_classes(Path("a.csv"))
    command("fit", "a.csv", "--target", "label", *QUICK, "--out", "m")
    monkeypatch.setenv("CHAINRULE_FILTERS", "direct")
    found = command("verify", "m", "a.csv")  # a network without convolutions is the same all the same
    assert found.status == 0 and "DIFFERS" in found.out
    receipt = json.loads(Path("m/receipt.json").read_text())
    answers = receipt["hashes"]["answers"]
    receipt["hashes"]["answers"] = answers[::-1]
    Path("m/receipt.json").write_text(json.dumps(receipt))
    found = command("verify", "m", "a.csv")
    assert found.status == 1 and "filters minimal → filters direct" in found.out


def test_what_is_no_model_is_refused_in_one_line(command):  # noqa: F811
    write_classes(Path("a.csv"))
    command("fit", "a.csv", "--target", "label", *QUICK, "--out", "m")
    assert "nowhere" in command.fails("verify", "nowhere", "a.csv")
    receipt = json.loads(Path("m/receipt.json").read_text())
    for words in (["fit"], ["predict", "m", "a.csv"], ["fit", "a.csv", "--target", "label", "--no-such-option"], []):
        Path("m/receipt.json").write_text(json.dumps({**receipt, "command": words}))
        assert "the command in its receipt" in command.fails("verify", "m", "a.csv")
    Path("m/receipt.json").unlink()
    assert "has no receipt.json" in command.fails("verify", "m", "a.csv")
