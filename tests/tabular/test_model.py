from __future__ import annotations

import json
import shutil
import zipfile

import numpy as np
import pytest

from chainrule.data import Table, read_table
from chainrule.errors import DataError, FileError, UnsupportedError
from chainrule.tabular import TableModel, Training

from .tables import fitted, write_classes, write_values


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A table, a model of two networks, and its folder."""
    folder = tmp_path_factory.mktemp("model")
    path = write_classes(folder / "a.csv", labels=("low", "mid", "top"))
    model = fitted(path, "label", training=Training(layers=(4,), networks=2, epochs=2)).model
    (folder / "m").mkdir()
    model.save(str(folder / "m"))
    return path, model, folder / "m"


def test_a_saved_model_says_the_same(saved):
    path, model, folder = saved
    loaded = TableModel.load(str(folder))
    table = read_table(path)
    assert np.array_equal(loaded.outputs(table), model.outputs(table))
    assert loaded.target == model.target
    assert loaded.prior == model.prior
    assert sorted(p.name for p in folder.iterdir()) == ["network.keras", "table.json"]


def test_the_outputs_are_the_mean_of_the_networks(saved):
    path, model, _ = saved
    table = read_table(path)
    each = [TableModel([n], [e], model.target, model.prior).outputs(table)
            for n, e in zip(model.networks, model.encoders, strict=True)]  # fmt: skip
    assert np.allclose(model.outputs(table), np.mean(each, axis=0))
    labels = model.answers(model.outputs(table))
    assert labels == [model.target.labels[k] for k in model.outputs(table).argmax(1)]


def test_values_come_back_in_the_units_of_the_data(tmp_path):
    path = write_values(tmp_path / "v.csv")
    model = fitted(path, "price").model
    outputs = model.outputs(read_table(path))
    assert outputs.shape == (120,)
    assert 800 < outputs.mean() < 1200
    baseline = model.baseline(np.array([model.prior[0] + 3, model.prior[0] - 3]))
    assert baseline["rmse"] == pytest.approx(3)


def test_rows_may_have_other_columns_orders_and_cells(saved):
    path, model, _ = saved
    table = read_table(path)
    expected = model.outputs(table)
    mixed = Table((table.column("colour"), table.column("label").renamed("extra"), table.column("size")))
    assert np.array_equal(model.outputs(mixed), expected)
    notes: list[str] = []
    strange = Table.from_columns({"size": ["1.5", "", "wide"], "colour": ["mauve", "red", None]})
    outputs = model.outputs(strange, notes)
    assert np.isfinite(outputs).all()
    assert len(notes) == 2  # once each, not once a network
    assert "'wide'" in notes[0]
    assert "'mauve'" in notes[1]
    with pytest.raises(DataError, match="the column 'size', which the model was trained on, is missing"):
        model.outputs(table.without("size"))


def _damage(folder, tmp_path):
    copy = tmp_path / "m"
    shutil.copytree(folder, copy)
    return copy


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.pop("target"), lambda c: c.pop("prior"), lambda c: c.update(encoders=[]),
        lambda c: c.update(prior=[0.5]), lambda c: c.update(prior="ab"), lambda c: c.update(encoders=[{"codes": 3}]),
        lambda c: c["encoders"][0].pop("codes"), lambda c: c["encoders"][0]["codes"][0].pop("kind"),
        lambda c: c["encoders"][0]["codes"].pop(), lambda c: c.update(format="x"), lambda c: c.update(target=7),
    ],
)  # fmt: skip
def test_a_damaged_preparation_is_found(saved, tmp_path, change):
    folder = _damage(saved[2], tmp_path)
    config = json.loads((folder / "table.json").read_text())
    change(config)
    (folder / "table.json").write_text(json.dumps(config))
    with pytest.raises(FileError, match=r"Fit the model again\."):
        TableModel.load(str(folder))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_a_preparation_that_is_no_json_is_found(saved, tmp_path, content):
    folder = _damage(saved[2], tmp_path)
    (folder / "table.json").write_bytes(content)
    with pytest.raises(FileError, match=r"table\.json is damaged"):
        TableModel.load(str(folder))


def test_damaged_networks_are_found(saved, tmp_path):
    folder = _damage(saved[2], tmp_path)
    whole = (folder / "network.keras").read_bytes()
    for content in (b"", whole[: len(whole) // 2], whole.replace(b"hidden_1", b"hidden_!"), b"x" * 100):
        (folder / "network.keras").write_bytes(content)
        with pytest.raises(FileError, match=r"network\.keras"):
            TableModel.load(str(folder))
    with zipfile.ZipFile(folder / "network.keras", "w") as archive:
        archive.writestr("metadata.json", '{"format": 1}')
        archive.writestr("config.json", '{"model": {"class_name": "Nonsense", "config": 3}, "build": null}')
        archive.writestr("weights.safetensors", b"")
    with pytest.raises(FileError, match=r"network\.keras"):
        TableModel.load(str(folder))
    (folder / "network.keras").unlink()
    with pytest.raises(FileError, match=r"cannot read .*network\.keras"):
        TableModel.load(str(folder))


def test_files_of_two_models_do_not_go_together(saved, tmp_path):
    folder = _damage(saved[2], tmp_path)
    (tmp_path / "b.csv").write_text("x,label\n" + "".join(f"{i * i % 7},{'pq'[i % 2]}\n" for i in range(30)))
    other = fitted(str(tmp_path / "b.csv"), "label").model
    other.save(str(folder.parent))
    shutil.copy(folder.parent / "network.keras", folder / "network.keras")
    with pytest.raises(FileError, match="do not belong together"):
        TableModel.load(str(folder))


def test_a_later_format_is_named(saved, tmp_path):
    folder = _damage(saved[2], tmp_path)
    config = json.loads((folder / "table.json").read_text())
    (folder / "table.json").write_text(json.dumps({**config, "format": 99}))
    with pytest.raises(UnsupportedError, match="format 99; this chainrule reads up to 2"):
        TableModel.load(str(folder))


def test_a_folder_that_is_no_model_is_named(tmp_path):
    (tmp_path / "file").write_text("x")
    for name, message in (("nothing", "there is no such folder"), ("file", "that is a file"), ("", "it has no table")):
        with pytest.raises(FileError, match=message):
            TableModel.load(str(tmp_path / name))
