"""Tables read piece by piece and trained from disk."""

from __future__ import annotations

import csv
import sqlite3
import subprocess
import sys

import numpy as np
import pytest

from chainrule.data import Table, read_table
from chainrule.data.chunks import joined, table_chunks
from chainrule.errors import ArgumentError, DataError
from chainrule.tabular import Options, Training, fit_table
from chainrule.tabular import streaming as streamed
from chainrule.tabular.batches import EncodedFile
from tests.cli.commands import ROOT
from tests.tabular.tables import Listener

QUICK = Training(layers=(16,), epochs=6, learning_rate=5e-3)


def write(path, rows=3000, seed=0, rare=False):
    """Two numbers, a category, a weight; the label depends on the first two."""
    g = np.random.default_rng(seed)
    x, colour = g.normal(size=rows), g.choice(["red", "green", "blue"], rows)
    label = np.where(x + (colour == "red") + 0.3 * g.normal(size=rows) > 0.3, "yes", "no").astype(object)
    if rare:
        label[rows // 2] = "perhaps"
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["x", "colour", "w", "label"])
        writer.writerows(zip(x.round(4), colour, g.integers(1, 3, rows), label, strict=True))
    return str(path)


def same_cells(first: Table, second: Table) -> None:
    assert first.names == second.names
    for a, b in zip(first.columns, second.columns, strict=True):
        assert [a.text(i) for i in range(len(a))] == [b.text(i) for i in range(len(b))]
        np.testing.assert_array_equal(a.numbers(), b.numbers())


def test_pieces_joined_are_the_whole(tmp_path):
    path = write(tmp_path / "t.csv", 2500)
    whole = read_table(path)
    pieces = list(table_chunks(path, rows=999))
    assert [len(piece) for piece in pieces] == [999, 999, 502]
    same_cells(joined(pieces), whole)
    np.testing.assert_array_equal(joined(pieces).lines, whole.lines)


def test_pieces_of_parquet_and_of_a_database(tmp_path):
    path = write(tmp_path / "t.csv", 250)
    whole = read_table(path)
    pandas, pyarrow, feather = (pytest.importorskip(name) for name in ("pandas", "pyarrow", "pyarrow.feather"))
    frame = pandas.read_csv(path)
    frame.to_parquet(tmp_path / "t.parquet")
    feather.write_feather(pyarrow.Table.from_pandas(frame), str(tmp_path / "t.feather"))
    with sqlite3.connect(tmp_path / "t.db") as connection:
        frame.to_sql("t", connection, index=False)
    connection.close()
    for name in ("t.parquet", "t.feather", "t.db"):
        pieces = list(table_chunks(str(tmp_path / name), rows=100))
        assert [len(piece) for piece in pieces] == [100, 100, 50]
        np.testing.assert_array_equal(joined(pieces).column("x").numbers(), whole.column("x").numbers())
        assert joined(pieces).column("label").text(249) == whole.column("label").text(249)


def test_a_number_in_one_piece_may_be_text_in_another():
    few, many = Table.from_columns({"x": ["1", "?", "abc"]}), Table.from_columns({"x": np.arange(3.0)})
    column = joined([few, many]).column("x")
    np.testing.assert_array_equal(column.numbers(), [1, np.nan, np.nan, 0, 1, 2])
    assert column.odd_rows().tolist() == [2]


def test_batches_hold_every_row_once_in_another_order_each_time(tmp_path, monkeypatch):
    monkeypatch.setattr("chainrule.tabular.batches._AT_ONCE", 4 * 4 * 64)  # four rows a block
    with EncodedFile.writing(str(tmp_path / "rows"), 2, True) as file:
        for start in range(0, 300, 100):
            numbers = np.arange(start, start + 100, dtype=np.float32)
            file.append(np.stack([numbers, -numbers], 1), numbers[:, None], numbers / 2)
    batches = file.batches(30, (0, 1))
    first, second = list(batches), list(batches)
    assert len(batches) == len(first) == 10
    for x, y, w in first:
        np.testing.assert_array_equal(x[:, 0], y[:, 0])
        np.testing.assert_array_equal(w, y[:, 0] / 2)
    order = [np.concatenate([y[:, 0] for _, y, _ in epoch]) for epoch in (first, second)]
    assert sorted(order[0]) == sorted(order[1]) == list(range(300))
    assert not np.array_equal(*order)
    assert np.abs(np.diff(order[0])).mean() > 20  # neighbours in the file are not neighbours in a batch
    again = list(file.batches(30, (0, 1)))
    np.testing.assert_array_equal(np.concatenate([y[:, 0] for _, y, _ in again]), order[0])


def test_streamed_is_as_good_and_repeats(tmp_path):
    path = write(tmp_path / "t.csv")
    show = Listener()
    options = Options("label", training=QUICK, stream=True)
    first, second = fit_table(path, options, show), fit_table(path, options)
    assert first.metrics["test"]["accuracy"] > 0.85
    assert first.metrics["rows"] == {"train": 2100, "validation": 300, "test": 600}
    for a, b in zip(first.model.networks[0].get_weights(), second.model.networks[0].get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert any("read piece by piece" in line for line in show.lines)
    other = fit_table(path, Options("label", training=QUICK, stream=True, seed=1))
    assert other.metrics["test"] != first.metrics["test"]


def test_rows_that_train_are_not_those_that_test(tmp_path):
    path = write(tmp_path / "t.csv", 500)
    first = streamed._FirstPass(path, Options("label"))
    pieces = streamed.keyed_chunks(path, Options("label"))
    kept = [table.take(np.flatnonzero(keys > first.cut)) for keys, table in pieces]
    lines = [set(t.lines.tolist()) for t in (joined(kept), first.test, first.stopping)]
    assert [len(part) for part in lines] == [350, 100, 50]
    assert len(set.union(*lines)) == 500
    assert set(first.sample.lines.tolist()) <= lines[0]


def cells(table, name):
    column = table.column(name)
    return {column.text(row) for row in range(len(table))}


def test_groups_are_held_out_whole_and_times_are_the_latest(tmp_path):
    path = tmp_path / "t.csv"
    g = np.random.default_rng(0)
    lines = [f"{x:.3f},p{i % 97},2024-{i % 12 + 1:02}-{i % 28 + 1:02},{'ab'[int(x > 0)]}"
             for i, x in enumerate(g.normal(size=2000))]  # fmt: skip
    path.write_text("x,patient,day,label\n" + "\n".join(lines) + "\n")
    fits, parts = {}, {}
    for column, options in (("patient", {"group": "patient"}), ("day", {"time": "day"})):
        options = Options("label", training=QUICK, stream=True, **options)
        first = streamed._FirstPass(str(path), options)
        kept = joined([t.take(np.flatnonzero(k > first.cut)) for k, t in streamed.keyed_chunks(str(path), options)])
        parts[column] = [cells(part, column) for part in (kept, first.stopping, first.test)]
        assert 0.1 < len(first.test) / 2000 < 0.3 and len(first.stopping) > 50
        fits[column] = fit_table(str(path), options)
        assert fits[column].metrics["test"]["accuracy"] > 0.8
    trained, stopped, tested = parts["patient"]
    assert not trained & stopped and not trained & tested and not stopped & tested
    assert "patient" not in fits["patient"].model.encoders[0].columns
    trained, stopped, tested = parts["day"]
    assert max(trained) < min(stopped) <= max(stopped) < min(tested)


def test_the_time_allowed_ends_an_epoch_under_way(tmp_path):
    path = write(tmp_path / "t.csv")
    slow = Training(layers=(16,), epochs=500, batch_size=16, patience=500)
    fitted = fit_table(path, Options("label", training=slow, stream=True, budget=1e-6))
    assert fitted.metrics["networks"] == [{"epochs": 1, "best_epoch": 1, "stopped": "the time was up"}]
    assert int(fitted.model.networks[0].optimizer.iterations) == 1  # a batch of the 131


def test_weights_balance_several_networks_and_a_test_file(tmp_path):
    path, test = write(tmp_path / "t.csv"), write(tmp_path / "test.csv", 300, seed=1)
    training = Training(layers=(8,), epochs=3, networks=2)
    options = Options("label", training=training, stream=True, weights="w", balance=True, test=test)
    fitted = fit_table(path, options)
    assert len(fitted.metrics["networks"]) == 2
    assert fitted.metrics["rows"] == {"train": 2700, "validation": 300, "test": 300}
    assert "w" not in fitted.model.encoders[0].columns


def test_a_label_that_occurs_once_is_known(tmp_path, monkeypatch):
    monkeypatch.setattr(streamed, "LEARNT_FROM", 100)
    fitted = fit_table(write(tmp_path / "t.csv", rare=True), Options("label", training=QUICK, stream=True))
    assert fitted.model.target.labels == ("no", "perhaps", "yes")


def test_what_streaming_cannot_do_is_said(tmp_path, monkeypatch):
    path = write(tmp_path / "t.csv", 300)
    for training, said in (
        (Training(searches=True), "--search reads all rows many times, and this table is streamed"),
        (Training(finds_rate=True), "--learning-rate find reads"),
        (Training(folds=4), "for several networks here say --networks"),
    ):  # fmt: skip
        with pytest.raises(ArgumentError, match=said):
            fit_table(path, Options("label", training=training, stream=True))
    with pytest.raises(DataError, match="too few groups"):
        fit_table(path, Options("label", group="colour", stream=True))
    with pytest.raises(ArgumentError, match="a file or the URL"):
        fit_table({"a": [1]}, Options("a", stream=True))
    with pytest.raises(DataError, match="Did you mean 'label'"):
        fit_table(path, Options("lable", stream=True))
    monkeypatch.setattr(streamed.shutil, "disk_usage", lambda folder: type("Usage", (), {"free": 10})())
    with pytest.raises(OSError, match="TMPDIR"):
        fit_table(path, Options("label", stream=True))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc tells what a process needed")
def test_memory_does_not_grow_with_the_table(tmp_path):
    """Four times the rows, the same memory, once the samples are full."""
    code = """if True:
        import re, sys
        from chainrule.tabular import Options, Training, fit_table, streaming
        from chainrule.data import chunks
        streaming.TESTED = streaming.STOPPING = streaming.LEARNT_FROM = 2000
        streaming.table_chunks = lambda *a, **k: chunks.table_chunks(*a, **{**k, "rows": 5000})
        fit_table(sys.argv[1], Options("label", training=Training(layers=(8,), epochs=1), stream=True))
        print(int(re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())[1]))"""
    needed = []
    for rows in (20_000, 80_000):
        path = write(tmp_path / f"{rows}.csv", rows)
        done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, cwd=ROOT, check=True)
        needed.append(int(done.stdout))
    assert needed[1] < needed[0] + 12_000  # KiB; the file grows by 1,500, encoded by 14,000
