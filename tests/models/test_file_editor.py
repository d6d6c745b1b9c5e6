"""`KerasFileEditor`: files of weights looked into, compared with models, changed, and read again."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers
from chainrule.errors import ArgumentError, FileError, UnknownNameError
from chainrule.saving import KerasFileEditor

pytest.importorskip("h5py")


def network(*names):
    x = outputs = cr.Input((2,))
    for name in names:
        outputs = layers.Dense(3, name=name)(outputs)
    return cr.Model(x, outputs)


@pytest.fixture(params=["model.keras", "model.weights.h5"])
def editor(request, tmp_path):
    model, path = network("first", "last"), tmp_path / request.param
    model.save(path) if path.suffix == ".keras" else model.save_weights(path)
    found = KerasFileEditor(path)
    found.model = model
    return found


def test_what_is_in_a_file(editor, capsys):
    editor.summary()
    assert capsys.readouterr().out.splitlines() == [
        "layers", "  dense ('first')", "    0: shape=(2, 3), dtype=float32", "    1: shape=(3,), dtype=float32",
        "  dense_1 ('last')", "    0: shape=(3, 3), dtype=float32", "    1: shape=(3,), dtype=float32",
    ]  # fmt: skip
    kernel = editor.model.get_layer("last").kernel
    np.testing.assert_array_equal(editor.weights_dict["layers"]["dense_1"]["0"], kernel)
    assert (editor.config is None) == (editor.metadata is None) == editor.filepath.endswith(".h5")


def test_a_file_is_made_to_fit_a_larger_model(editor, tmp_path, capsys):
    larger = network("first", "middle", "last")
    assert editor.compare(editor.model) == {"status": "success", "error_count": 0, "match_count": 4}
    assert editor.compare(larger) == {"status": "error", "error_count": 1, "match_count": 4}
    assert capsys.readouterr().out == "layers/dense_2: in the model, not in the file\n"
    rows = np.random.default_rng(0)
    new = {"0": rows.normal(size=(3, 3)).astype("float32"), "1": np.ones(3, "float32")}
    editor.rename_object("dense_1", "dense_2")
    editor.add_object("layers/dense_1", {"0": new["0"]})
    assert editor.compare(larger)["error_count"] == 1
    editor.add_weights("dense_1", {"1": np.ones(7)})
    assert editor.compare(larger)["error_count"] == 1  # another shape
    editor.delete_weight("layers/dense_1", "1")
    editor.add_weights("dense_1", {"1": new["1"]})
    assert editor.compare(larger) == {"status": "success", "error_count": 0, "match_count": 6}
    editor.save(tmp_path / "larger.weights.h5")
    larger.load_weights(tmp_path / "larger.weights.h5")
    np.testing.assert_array_equal(larger.get_layer("first").kernel, editor.model.get_layer("first").kernel)
    np.testing.assert_array_equal(larger.get_layer("last").kernel, editor.model.get_layer("last").kernel)
    np.testing.assert_array_equal(larger.get_layer("middle").kernel, new["0"])
    assert KerasFileEditor(tmp_path / "larger.weights.h5").compare(larger)["status"] == "success"


def test_objects_are_taken_out_and_the_file_stays(editor):
    before = editor.model.get_weights()
    editor.delete_object("layers/dense_1")
    assert editor.compare(network("first"))["status"] == "success"
    again = KerasFileEditor(editor.filepath)
    assert again.compare(editor.model)["status"] == "success"
    np.testing.assert_array_equal(again.weights_dict["layers"]["dense"]["0"], before[0])


@pytest.mark.parametrize(("edit", "kind", "text"), [
    (lambda e: e.rename_object("dense_7", "a"), UnknownNameError, "name 'dense_7' not found.*Did you mean 'dense_1'"),
    (lambda e: e.delete_object("layers/dens"), UnknownNameError, "path 'layers/dens' not found"),
    (lambda e: e.rename_object("dense", "a/b"), ArgumentError, "a name, not a path"),
    (lambda e: e.rename_object("dense", "dense_1"), ArgumentError, "there is a 'dense_1'"),
    (lambda e: e.add_object("blocks/a", {}), UnknownNameError, "path 'blocks' not found"),
    (lambda e: e.add_object("a", [1]), ArgumentError, "expected weights to be a dict"),
    (lambda e: e.delete_weight("dense", "2"), UnknownNameError, "weight '2' not found in object 'dense'.*'0', '1'"),
    (lambda e: e.save("a.h5"), ArgumentError, "ends in .weights.h5"),
])  # fmt: skip
def test_what_cannot_be_done(editor, edit, kind, text):
    with pytest.raises(kind, match=text):
        edit(editor)


def test_a_name_that_occurs_twice_needs_its_path(tmp_path):
    inner = cr.Sequential([cr.Input((3,)), layers.Dense(3, name="a")], name="inner")
    model = cr.Sequential([cr.Input((3,)), inner, layers.Dense(3, name="b")])
    model.save_weights(tmp_path / "a.weights.h5")
    editor = KerasFileEditor(tmp_path / "a.weights.h5")
    with pytest.raises(ArgumentError, match="occurs more than once"):
        editor.delete_object("dense")
    editor.delete_object("layers/dense")
    assert list(editor.weights_dict["layers"]) == ["sequential"]


def test_files_that_are_none(tmp_path):
    with pytest.raises(ArgumentError, match=r"expected a .keras or .weights.h5 file; got 'a.h5'"):
        KerasFileEditor("a.h5")
    (tmp_path / "a.keras").write_bytes(b"no zip")
    with pytest.raises(FileError):
        KerasFileEditor(tmp_path / "a.keras")
