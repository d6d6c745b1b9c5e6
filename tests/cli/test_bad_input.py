"""What goes wrong in people's files and folders: a message says where and what to do, and nothing is lost."""

from __future__ import annotations

import errno
import json
import os
import random
import resource
import signal
from pathlib import Path

import pytest

import chainrule.files

from ..tabular.tables import write_classes
from .commands import QUICK, Command, command, read_until, run, start, start_on_a_terminal  # noqa: F401

AGES = [random.Random(i).gauss(40, 10) for i in range(60)]
GOOD = "age,city,label\n" + "".join(
    f"{age:.1f},{'Rome' if i % 3 else 'Oslo'},{'yes' if i % 3 else 'no'}\n" for i, age in enumerate(AGES)
)
NAMES = "a,label\n" + "".join(f"{i % 7},n{i}\n" for i in range(30))


@pytest.mark.parametrize(
    ("name", "text", "target", "message"),
    [
        ("missing.csv", None, "label", "missing.csv: no such file"),
        ("empty.csv", "", "label", "empty.csv: the file is empty"),
        ("blank.csv", "\n \n", "label", "blank.csv: the file is empty"),
        ("header.csv", "a,b,label\n", "label", "header.csv: the file has a header (3 names) and no rows"),
        ("good.csv", GOOD, "lable", "no column 'lable' for the target. Did you mean 'label'? Its columns are 'age'"),
        ("good.csv", GOOD, "9", "no column '9' for the target"),
        ("one.csv", "a,label\n1,x\n2,x\n", "label", "the target column 'label' holds one value only ('x', 2 rows)"),
        ("none.csv", "a,label\n1,\n2,NA\n", "label", "every cell of the target column 'label' is missing"),
        ("same.csv", "a,v\n1,5.5\n2,5.5\n", "v", "holds one value only"),
        ("uneven.csv", GOOD + "1,Rome\n", "label", "uneven.csv, line 62: expected 3 cells, as the header names; got 2"),
        ("free.csv", "a,label\n1,x\n1,y\n1,x\n", "label", "no column is left to learn from: dropped 'a': every row"),
        ("alone.csv", "label\nx\ny\nx\n", "label", "no column is left to learn from: it has no column besides"),
        ("ids.csv", NAMES, "label", "30 different values in every"),
        ("latin.csv", GOOD.replace("city", "größe").encode("latin-1"), "label", "line 1, byte 7: the byte 0xf6 is"),
        ("zeros.csv", b"a,label\n1,x\x00\n", "label", "a NUL byte"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_used(command: Command, name, text, target, message):  # noqa: F811
    if text is not None:
        Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
    before = os.listdir(".")
    assert message in command.fails("fit", name, "--target", target)
    assert os.listdir(".") == before


def test_an_unreadable_file_and_a_folder(command: Command, monkeypatch):  # noqa: F811
    Path("secret.csv").write_text(GOOD)
    Path("folder").mkdir()

    def refused(path, *args, **kwargs):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    assert "expected a file, got a folder" in command.fails("fit", "folder", "--target", "label")
    monkeypatch.setattr("chainrule.data.sources.open", refused, raising=False)
    message = command.fails("fit", "secret.csv", "--target", "label")
    assert message == "secret.csv: cannot be read (Permission denied). Check its permissions."


@pytest.mark.parametrize("name", ["table.json", "metrics.json", "receipt.json"])
def test_what_may_not_be_read_is_not_called_damaged(command: Command, monkeypatch, name):  # noqa: F811
    Path("a.csv").write_text(GOOD)
    assert command("fit", "a.csv", "--target", "label", "--out", "m", *QUICK).status == 0
    really_open = open

    def refused(path, *args, **kwargs):
        if str(path).endswith(name):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return really_open(path, *args, **kwargs)

    monkeypatch.setattr("chainrule.files.open", refused, raising=False)
    words = ("verify", "m", "a.csv") if name == "receipt.json" else ("diagnose", "m", "a.csv", "--fix", "--out", "n")
    assert command.fails(*words) == f"cannot read m/{name}: Permission denied."


def test_training_rows_of_one_class_are_refused(command: Command):  # noqa: F811
    """The table is sorted by class, and the latest rows are held out: nothing could be learnt."""
    rows = "".join(f"{i},{i * 7 % 11},{'no' if i < 90 else 'yes'}\n" for i in range(100))
    Path("a.csv").write_text("day,b,label\n" + rows)
    message = command.fails("fit", "a.csv", "--target", "label", "--time", "day", *QUICK)
    assert "all 80 rows to train on have one value in the target column 'label', 'no'" in message
    assert "without --time or --group" in message and os.listdir(".") == ["a.csv"]
    assert command("fit", "a.csv", "--target", "label", "--time", "day", "--test-size", "0.05", *QUICK).status == 0


def test_words_that_are_no_command(command: Command):  # noqa: F811
    error = command("predit", "m").error
    assert "there is no command 'predit'. Did you mean 'predict'? Commands: inspect, fit," in error
    assert command("run").error.endswith("the following arguments are required: SCRIPT\n")


def test_text_and_infinities_in_a_column_of_numbers_are_said_and_count_as_missing(command: Command):  # noqa: F811
    lines = GOOD.splitlines()
    lines[4], lines[9] = "forty,Rome,yes", "inf,Oslo,no"
    Path("a.csv").write_text("\n".join(lines))
    found = command("fit", "a.csv", "--target", "label", *QUICK)
    assert found.status == 0
    assert "note: column 'age': 2 cells are no numbers: 'forty' (line 5), 'inf' (line 10); they count as missing" in (
        found.out
    )
    assert json.loads(Path("a.model/metrics.json").read_text())["notes"]


def test_a_latin_file_is_read_when_its_encoding_is_named(command: Command):  # noqa: F811
    Path("a.csv").write_bytes(GOOD.replace("Rome", "Köln").encode("latin-1"))
    assert command("fit", "a.csv", "--target", "label", *QUICK, "--encoding", "latin-1").status == 0
    assert "Köln" in Path("a.model/table.json").read_text(encoding="utf-8")
    assert "is not known. Did you mean" in command.fails("fit", "a.csv", "--target", "label", "--encoding", "latn-1",
                                                         "--out", "b")  # fmt: skip


def test_an_existing_folder_is_refused_before_anything_is_read(command: Command):  # noqa: F811
    Path("a.csv").write_text(GOOD)
    Path("m").mkdir()
    Path("m/precious.txt").write_text("x")
    message = command.fails("fit", "a.csv", "--target", "label", "--out", "m")
    assert message == "m exists already. Choose another --out, or replace it with --force."
    message = command.fails("fit", "a.csv", "--target", "label", "--out", "m", "--force")
    assert message == "m was not written by `chainrule fit`, so it is not replaced. Choose another --out."
    assert os.listdir("m") == ["precious.txt"]
    for seed in (1, 2):
        assert command("fit", "a.csv", "--target", "label", "--out", "n", "--force", *QUICK, "--seed", seed).status == 0
        assert json.loads(Path("n/metrics.json").read_text())["seed"] == seed
    assert sorted(os.listdir(".")) == ["a.csv", "m", "n"]


@pytest.mark.parametrize("place", ["/proc/nowhere/m", "a.csv/m", "/dev/null/m"])
def test_a_place_that_cannot_be_written(command: Command, place):  # noqa: F811
    Path("a.csv").write_text(GOOD)
    assert "cannot write into" in command.fails("fit", "a.csv", "--target", "label", "--out", place)


def test_a_full_disk_loses_nothing(command: Command, monkeypatch, tmp_path):  # noqa: F811
    """The disk of the wanted place is full: an older model there stays, and the new one goes elsewhere."""
    Path("a.csv").write_text(GOOD)
    Path("other").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "other"))
    assert command("fit", "a.csv", "--target", "label", "--out", "m", *QUICK).status == 0
    before = {p.name: p.read_bytes() for p in Path("m").iterdir()}
    write = chainrule.files.os.replace

    def full(source, target):
        if "other" not in str(target):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(source, target)

    monkeypatch.setattr(os, "replace", full)
    found = command("fit", "a.csv", "--target", "label", "--out", "m", "--force", "--seed", 5, *QUICK)
    assert found.status == 2
    assert found.error == (
        "chainrule: error: cannot write m: No space left on device. What was there before is unchanged.\n"
    )
    assert {p.name: p.read_bytes() for p in Path("m").iterdir()} == before
    assert "test rows" in found.out  # the scores are shown all the same
    place = found.out.split("saved in ")[1].split(" instead:")[0]
    assert place.startswith(str(tmp_path / "other"))
    assert json.loads((Path(place) / "metrics.json").read_text())["seed"] == 5
    assert sorted(os.listdir(".")) == ["a.csv", "m", "other"]
    message = command.fails("predict", "m", "a.csv", "--out", "answers.csv")
    assert "cannot write answers.csv: No space left on device" in message
    assert not Path("answers.csv").exists()


def test_a_disk_that_is_full_everywhere_says_so(command: Command, monkeypatch):  # noqa: F811
    Path("a.csv").write_text(GOOD)

    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    found = command("fit", "a.csv", "--target", "label", "--out", "m", *QUICK)
    assert found.status == 2
    assert "No space left on device" in found.error
    assert "test rows" in found.out
    assert os.listdir(".") == ["a.csv"]


def test_interrupted_in_training_it_keeps_the_best_weights(tmp_path):
    write_classes(tmp_path / "a.csv", rows=2000)
    forever = ("--networks", "1", "--epochs", "100000", "--patience", "100000")
    process, terminal = start_on_a_terminal("fit", "a.csv", "--target", "label", *forever, "--out", "m", cwd=tmp_path)
    read_until(terminal, ", epoch 2")
    process.send_signal(signal.SIGINT)
    out = read_until(terminal)
    assert process.wait(timeout=60) == 130, out
    assert "interrupted: kept are the weights of epoch" in out
    assert "400 test rows" in out
    assert "saved in m" in out
    assert "Traceback" not in out
    numbers = json.loads((tmp_path / "m" / "metrics.json").read_text())
    assert numbers["interrupted"] is True
    assert run("predict", "m", "a.csv", cwd=tmp_path).out.count("\n") == 2001


def test_interrupted_before_an_epoch_is_over_it_leaves_nothing(tmp_path):
    write_classes(tmp_path / "a.csv", rows=60_000)
    process = start("fit", "a.csv", "--target", "label", "--batch-size", "1", "--out", "m", cwd=tmp_path,
                    env={"CHAINRULE_THREADS": "1"})  # several networks side by side end after their epoch
    _wait_for(process, "training ends when")
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert error.splitlines() == ["chainrule: interrupted"]
    assert os.listdir(tmp_path) == ["a.csv"]


class _Impatient:
    """Presses Ctrl-C in the middle of a training that is to find something out."""

    def line(self, text: str) -> None:
        pass

    def epoch(self, watch) -> None:
        if watch.epochs == 2:
            raise KeyboardInterrupt


def test_interrupted_while_it_finds_out_what_is_wrong_it_keeps_the_model(command: Command, monkeypatch):  # noqa: F811
    from chainrule.insight.diagnosis import tables

    monkeypatch.setattr(tables, "_Silent", _Impatient)
    write_classes(Path("a.csv"))
    found = command("fit", "a.csv", "--target", "label", *QUICK, "--fix", "--out", "m")
    assert found.status == 130 and "interrupted: the model stays as it is\n" in found.out
    assert run("predict", "m", "a.csv", cwd=".").out.count("\n") == 121
    diagnosed = command("diagnose", "m", "a.csv")
    assert (diagnosed.status, diagnosed.error, diagnosed.out) == (130, "chainrule: interrupted\n", "")


def test_interrupted_while_the_report_is_made_it_saves_the_model(command: Command, monkeypatch):  # noqa: F811
    from chainrule.insight import report

    def interrupted(fitted):
        raise KeyboardInterrupt

    monkeypatch.setattr(report, "profile", interrupted)
    write_classes(Path("a.csv"))
    found = command("fit", "a.csv", "--target", "label", *QUICK, "--out", "m")
    assert found.status == 130 and "report.html could not be made: interrupted" in found.error
    assert sorted(os.listdir("m")) == [
        "log.csv", "metrics.json", "network.keras", "receipt.json", "report.txt", "table.json",
    ]  # fmt: skip


def test_interrupted_in_the_second_of_two_targets_it_keeps_the_first(command: Command, monkeypatch):  # noqa: F811
    from chainrule import tabular

    fit_table = tabular.fit_table

    def second(path, options, show):
        if options.target == "size":
            raise KeyboardInterrupt
        return fit_table(path, options, show)

    monkeypatch.setattr(tabular, "fit_table", second)
    write_classes(Path("a.csv"))
    assert command("fit", "a.csv", "--target", "label,size", *QUICK, "--out", "m").status == 130
    assert run("predict", "m", "a.csv", cwd=".").out.count("\n") == 121


def _wait_for(process, text: str) -> None:
    for line in process.stdout:
        if text in line:
            return
    raise AssertionError(process.stderr.read())


def test_output_that_nobody_reads_does_not_stop_a_training(tmp_path):
    write_classes(tmp_path / "a.csv")
    process = start("fit", "a.csv", "--target", "label", *QUICK, cwd=tmp_path)
    process.stdout.close()
    error = process.stderr.read()
    assert process.wait(timeout=60) == 0, error
    assert error == ""
    assert (tmp_path / "a.model" / "metrics.json").exists()


@pytest.mark.slow
def test_a_million_categories(tmp_path):
    """They are dropped, in little memory."""
    path = tmp_path / "million.csv"
    with path.open("w") as file:
        file.write("name,x,label\n")
        file.writelines(f"name{i},{i % 1009},{'yes' if i % 1009 > 500 else 'no'}\n" for i in range(1_000_000))
    words = ("--networks", "1", "--epochs", "1", "--layers", "none", "--batch-size", "50000", "--quiet")
    found = run("fit", path.name, "--target", "label", *words, cwd=tmp_path)
    assert found.status == 0, found.error
    notes = json.loads((tmp_path / "million.model" / "metrics.json").read_text())["notes"]
    assert "dropped 'name': it identifies rows (each cell is different)" in notes
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1_000_000  # kB


def test_as_many_labels_as_rows(command: Command):  # noqa: F811
    Path("a.csv").write_text("name,x\n" + "".join(f"name{i},{i % 7}\n" for i in range(100_000)))
    message = command.fails("fit", "a.csv", "--target", "name")
    assert "the target column 'name' holds 100000 different values in every row ('name0', 'name1'," in message
    assert "no class repeats enough to be learnt. Choose another target." in message
