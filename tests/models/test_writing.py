"""Files are written whole or not at all."""

from __future__ import annotations

import os

import pytest

from chainrule.errors import ArgumentError, FileError, UnsupportedError
from chainrule.models import load_model

from .test_saving import same, sequential


def test_overwriting(tmp_path):
    model, path = sequential(), tmp_path / "m.keras"
    model.save(path)
    first = path.read_bytes()
    model.set_weights([w + 1 for w in model.get_weights()])
    with pytest.raises(FileError, match="exists already"):
        model.save(path, overwrite=False)
    with pytest.raises(FileError, match="exists already"):
        model.save_weights(path, overwrite=False)
    assert path.read_bytes() == first
    model.save(path)
    assert path.read_bytes() != first


@pytest.mark.parametrize("name", ["fsync", "replace"])
def test_a_failure_in_the_middle_leaves_the_old_file(tmp_path, monkeypatch, name):
    model, path = sequential(), tmp_path / "m.keras"
    model.save(path)
    first = path.read_bytes()
    model.set_weights([w + 1 for w in model.get_weights()])

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, name, full)
    with pytest.raises(FileError, match=r"cannot write .*m.keras: No space left on device. What was there befor"):
        model.save(path)
    monkeypatch.undo()
    assert path.read_bytes() == first and os.listdir(tmp_path) == ["m.keras"]
    assert same(load_model(path), load_model(path))


def test_an_interruption_in_the_middle_leaves_the_old_file(tmp_path, monkeypatch):
    model, path = sequential(), tmp_path / "m.keras"
    model.save(path)
    first = path.read_bytes()
    model.set_weights([w + 1 for w in model.get_weights()])

    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        model.save(path)
    assert path.read_bytes() == first and os.listdir(tmp_path) == ["m.keras"]


def test_where_nothing_can_be_written(tmp_path):
    model = sequential()
    with pytest.raises(FileError, match="cannot write"):
        model.save(tmp_path / "missing" / "m.keras")
    (tmp_path / "folder.keras").mkdir()
    with pytest.raises(FileError, match="cannot write"):
        model.save(tmp_path / "folder.keras")
    with pytest.raises(ArgumentError, match=r"ends in .keras; got 'model.pb'"):
        model.save("model.pb")
    with pytest.raises(ArgumentError, match="save: unknown argument 'saveformat'"):
        model.save(tmp_path / "m.keras", saveformat="h5")


def test_an_older_name_without_h5py(tmp_path, monkeypatch):
    monkeypatch.setattr("chainrule.models.hdf5.is_available", lambda: False)
    model = sequential()
    with pytest.warns(UserWarning, match=r"becomes a .keras file"):
        model.save(tmp_path / "old.h5")
    assert same(load_model(tmp_path / "old.h5"), model)


def test_a_device_that_is_full():
    if not os.path.exists("/dev/full"):
        pytest.skip("needs /dev/full")
    with pytest.raises(FileError, match="cannot write"):
        sequential().save_weights("/dev/full/w")


def test_permissions_are_those_of_ordinary_files(tmp_path):
    sequential().save(tmp_path / "m.keras")
    (tmp_path / "plain").write_text("")
    assert (tmp_path / "m.keras").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_link_is_followed(tmp_path):
    (tmp_path / "real").mkdir()
    target = tmp_path / "real" / "m.keras"
    sequential().save(target)
    link = tmp_path / "link.keras"
    link.symlink_to(target)
    model = sequential()
    model.save(link)
    assert link.is_symlink() and same(load_model(target), model)


def test_reading_what_is_not_there(tmp_path):
    with pytest.raises(FileError, match=r"cannot read .*nothing.keras: No such file"):
        load_model(tmp_path / "nothing.keras")
    with pytest.raises(FileError, match="cannot read"):
        load_model(tmp_path)
    with pytest.raises(OSError):
        sequential().load_weights(tmp_path / "nothing")


def test_formats_of_other_programs_are_refused_with_the_way_there(tmp_path):
    with pytest.raises(UnsupportedError, match=r"load_model\('model.keras'\).export\('path', format='onnx'\)"):
        sequential().export(tmp_path / "m.onnx", format="onnx")
    with pytest.raises(ArgumentError, match="Did you mean 'onnx'"):
        sequential().export(tmp_path / "m.onnx", format="onx")
