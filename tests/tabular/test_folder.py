from __future__ import annotations

import csv
import errno
import json
import os

import pytest

from chainrule.errors import FileError
from chainrule.tabular import check_folder, save

from .tables import fitted, write_classes

FILES = ["log.csv", "metrics.json", "network.keras", "report.txt", "table.json"]


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    return fitted(write_classes(tmp_path_factory.mktemp("data") / "a.csv"), "label")


def content(folder) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def test_the_folder_holds_model_numbers_and_log(result, tmp_path):
    save(str(tmp_path / "new" / "deep" / "m"), result, {"report.txt": "the report"})
    folder = tmp_path / "new" / "deep" / "m"
    assert sorted(content(folder)) == FILES
    assert json.loads((folder / "metrics.json").read_text()) == result.metrics
    rows = list(csv.DictReader((folder / "log.csv").open()))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert float(rows[2]["val_loss"]) == result.log[2]["val_loss"]
    assert (folder / "report.txt").read_text() == "the report"
    assert os.listdir(folder.parent) == ["m"]  # nothing else is left behind


def test_an_older_model_goes_only_when_the_new_one_is_complete(result, tmp_path, monkeypatch):
    folder = tmp_path / "m"
    save(str(folder), result, {"report.txt": "first"})
    before = content(folder)

    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(FileError, match=r"cannot write .*m: .*No space left on device"):
            save(str(folder), result, {"report.txt": "second"})
    assert content(folder) == before
    assert os.listdir(tmp_path) == ["m"]
    save(str(folder), result, {"report.txt": "second"})
    assert (folder / "report.txt").read_text() == "second"
    assert os.listdir(tmp_path) == ["m"]


def test_a_rename_that_fails_puts_the_older_model_back(result, tmp_path, monkeypatch):
    folder = tmp_path / "m"
    save(str(folder), result, {"report.txt": "first"})
    rename, calls = os.rename, []

    def fragile(source, target):
        calls.append(target)
        if len(calls) == 2:
            raise OSError(errno.EIO, "Input/output error")
        rename(source, target)

    monkeypatch.setattr(os, "rename", fragile)
    with pytest.raises(FileError, match="Input/output error"):
        save(str(folder), result, {"report.txt": "second"})
    assert (folder / "report.txt").read_text() == "first"
    assert os.listdir(tmp_path) == ["m"]


def test_a_place_is_refused_before_the_work_begins(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "file").write_text("x")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("x")
    check_folder(str(tmp_path / "new" / "m"), False)
    check_folder(str(tmp_path / "there"), True)
    assert not (tmp_path / "new").exists()
    for name, force, message in (
        ("there", False, "exists already. Choose another --out, or replace it with --force"),
        ("file", True, "is a file, not a folder"),
        ("other", True, "was not written by `chainrule fit`, so it is not replaced"),
        ("file/m", False, "cannot write into .*file: Not a directory"),
    ):
        with pytest.raises(FileError, match=message):
            check_folder(str(tmp_path / name), force)
    assert (tmp_path / "other" / "thesis.txt").exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    def refused(*args, **kwargs):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("tempfile.mkdtemp", refused)
    with pytest.raises(FileError, match=r"cannot write into .*: Permission denied\. Choose another --out"):
        check_folder(str(tmp_path / "m"), False)
