from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from chainrule.errors import FileError, UnsupportedError
from chainrule.insight.receipt import (
    compare,
    flops,
    listing,
    machine_hash,
    read_receipt,
    receipt_of,
    speed,
    versions,
    weights_hash,
)
from chainrule.tabular import TableModel, Training

from ..tabular.tables import QUICK, fitted, write_classes


def receipt(path: str, **options) -> dict:
    result = fitted(path, "label", **options)
    return receipt_of(result, path, None, ["fit", path, "--target", "label"])


def differs(a: dict, b: dict) -> set[str]:
    return {name for name, same in compare(a, b).items() if not same}


def test_the_hash_of_the_data_is_that_of_the_file(tmp_path):
    path = write_classes(tmp_path / "a.csv")
    assert receipt(path)["hashes"]["data"] == hashlib.sha256(Path(path).read_bytes()).hexdigest()


def test_each_change_shows_where_it_was_made(tmp_path):
    path = write_classes(tmp_path / "a.csv")
    first = receipt(path)
    assert differs(first, receipt(path)) == set()
    assert differs(first, receipt(path, seed=1)) >= {"weights", "answers"}
    assert "data" not in differs(first, receipt(path, seed=1))
    assert differs(first, receipt(path, training=Training(layers=(9,), networks=1, epochs=3))) == {
        "program", "weights", "answers",
    }  # fmt: skip
    quicker = receipt(path, training=Training(layers=(8,), networks=1, epochs=3, batch_size=8))
    assert "program" in differs(first, quicker)
    text = Path(path).read_text()
    Path(path).write_text(text.replace("red", "rot"))
    assert "data" in differs(first, receipt(path))


def test_names_of_layers_and_lines_of_source_are_no_part_of_the_program(tmp_path):
    result = fitted(write_classes(tmp_path / "a.csv"), "label", training=QUICK)
    for compiled in result.model.networks[0]._engine._cache.values():
        assert "hidden_1" in str(compiled.program) and ".py:" in str(compiled.program)
        assert "hidden_1" not in listing(compiled.program) and ".py:" not in listing(compiled.program)
        assert listing(compiled.program).count("\n") == str(compiled.program).count("\n")


def test_a_single_bit_of_a_weight_is_seen(tmp_path):
    network = fitted(write_classes(tmp_path / "a.csv"), "label").model.networks[0]
    before = weights_hash([network])
    weights = network.get_weights()
    weights[0].view(np.uint32).flat[0] ^= 1
    network.set_weights(weights)
    assert weights_hash([network]) != before


def test_a_saved_model_has_the_weights_of_its_receipt(tmp_path):
    result = fitted(write_classes(tmp_path / "a.csv"), "label", training=Training(layers=(8,), networks=2, epochs=2))
    result.model.save(str(tmp_path))
    assert weights_hash(TableModel.load(str(tmp_path)).networks) == weights_hash(result.model.networks)


def test_speed_counts_what_dense_layers_compute(tmp_path):
    """Forward, weights' and inputs' gradients: 2 n inputs units each, the first layer without the last of the three."""
    path = write_classes(tmp_path / "a.csv", rows=400)
    result = fitted(path, "label", training=Training(layers=(16,), networks=1, epochs=4, batch_size=32))
    network = result.model.networks[0]
    width = network.input_shape[-1]
    rows = {"train": 256, "test": 64}
    products = {"train": 2 * 16 * (2 * width + 3), "test": 2 * 16 * (width + 1)}
    for key, compiled in network._engine._cache.items():
        if key[0] in rows:
            assert flops(compiled.program) == rows[key[0]] * products[key[0]], key[0]
    found = speed([network], 2.0)
    total = 4 * sum(rows[k] * products[k] for k in rows)
    assert found and found["flops_per_second"] == total / 2.0
    assert 0 < found["share_of_peak"] < 1


def test_receipts_that_cannot_be_read_say_why(tmp_path):
    with pytest.raises(FileError, match="has no receipt"):
        read_receipt(str(tmp_path))
    good = receipt(write_classes(tmp_path / "a.csv"))
    for broken, message in (
        ("{", "is damaged"), (json.dumps({}), "is damaged"), (json.dumps({**good, "hashes": {}}), "is damaged"),
        (json.dumps([1]), "is damaged"),
    ):  # fmt: skip
        (tmp_path / "receipt.json").write_text(broken)
        with pytest.raises(FileError, match=message):
            read_receipt(str(tmp_path))
    (tmp_path / "receipt.json").write_text(json.dumps({**good, "format": 99}))
    with pytest.raises(UnsupportedError, match="reads up to 1"):
        read_receipt(str(tmp_path))


def test_what_changes_the_last_bits_is_recorded_and_compared(monkeypatch):
    then = {"hashes": {"machine": machine_hash()}, "versions": versions()}
    assert then["versions"]["filters"] == "minimal" and then["versions"]["C library"]
    monkeypatch.setenv("CHAINRULE_FILTERS", "direct")
    now = {"hashes": {"machine": machine_hash()}, "versions": versions()}
    assert now["versions"] == {**then["versions"], "filters": "direct"}
    assert compare(then, now) == {"machine": False}
    monkeypatch.undo()
    assert compare(then, {"hashes": {"machine": machine_hash()}}) == {"machine": True}
