"""Files that are damaged, foreign or malicious: a clear error, nothing changed, nothing run."""

from __future__ import annotations

import io
import json
import os
import zipfile

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers
from chainrule.errors import ArgumentError, ChainruleError, FileError, UnsupportedError
from chainrule.models import load_model, model_from_json
from chainrule.models.archive import pack_tensors, unpack_tensors
from chainrule.models.saving import write_model

HDF5 = b"\x89HDF\r\n\x1a\n" + bytes(200)


@pytest.fixture(scope="module")
def model():
    model = cr.Sequential([cr.Input((3,)), layers.Dense(2, name="first"), layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit(np.ones((4, 3)), np.ones(4), verbose=0)
    return model


@pytest.fixture(scope="module")
def whole(model, tmp_path_factory):
    """The bytes of a good file in chainrule's own layout."""
    path = tmp_path_factory.mktemp("files") / "good.keras"
    write_model(model, path, True, as_keras=False)
    return path.read_bytes()


@pytest.fixture(scope="module")
def as_keras(model, tmp_path_factory):
    """The bytes of a good file in Keras's layout."""
    pytest.importorskip("h5py")
    path = tmp_path_factory.mktemp("files") / "good.keras"
    model.save(path)
    return path.read_bytes()


def parts_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts, method=zipfile.ZIP_STORED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(name, data if isinstance(data, (bytes, str)) else json.dumps(data))
    return buffer.getvalue()


def altered(data, change):
    """The file with its config changed."""
    parts = parts_of(data)
    config = json.loads(parts["config.json"])
    result = change(config)
    parts["config.json"] = json.dumps(config if result is None else result).encode()
    return zipped(parts)


def load(data, tmp_path, **arguments):
    path = tmp_path / "m.keras"
    path.write_bytes(data)
    return load_model(path, **arguments)


@pytest.mark.parametrize("keep", [0, 1, 10, 100, 1000, -1, -30, -200])
def test_truncated_files(whole, tmp_path, keep):
    with pytest.raises(FileError, match=r"m.keras (is not a model file written by chainrule, or it )?is damaged"):
        load(whole[:keep], tmp_path)


def test_every_flipped_byte_is_noticed_or_harmless(whole, tmp_path):
    """Nothing but an error of ours, or a model of the same shape, may come of it."""
    rng = np.random.default_rng(0)
    for position in rng.choice(len(whole), 150, replace=False):
        data = bytearray(whole)
        data[position] ^= 1 << int(rng.integers(8))
        try:
            model = load(bytes(data), tmp_path)
        except (FileError, UnsupportedError):
            continue
        assert [w.shape for w in model.weights] == [(3, 2), (2,), (2, 1), (1,)]


@pytest.mark.parametrize("data", [b"", b"hello", bytes(1000), os.urandom(500), b"PK\x03\x04" + bytes(100), b"{}"])
def test_random_bytes(data, tmp_path):
    with pytest.raises(FileError, match=r"m.keras is not a model file written by chainrule, or it is damaged"):
        load(data, tmp_path)
    model = cr.Sequential([cr.Input((3,)), layers.Dense(1)])
    before = model.get_weights()
    with pytest.raises(FileError, match="damaged"):
        model.load_weights(tmp_path / "m.keras")
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_files_of_keras_that_are_damaged(tmp_path):
    pytest.importorskip("h5py")
    model = cr.Sequential([cr.Input((3,)), layers.Dense(1)])
    nothing = {"metadata.json": {"keras_version": "3.15.1"}, "config.json": {}, "model.weights.h5": HDF5}
    described = {**nothing, "config.json": {"class_name": "Sequential", "config": {"name": "s", "layers": []}}}
    for data, why in ((HDF5, "HDF5 cannot be read"), (zipped(nothing), "does not describe a model"),
                      (zipped(described), "HDF5 cannot be read")):  # fmt: skip
        with pytest.raises(FileError, match=f"damaged: its .*{why}"):
            load(data, tmp_path)
        with pytest.raises(FileError, match="damaged"):
            model.load_weights(tmp_path / "m.keras")


@pytest.mark.parametrize("layout", ["whole", "as_keras"])
def test_files_of_the_future(request, layout, tmp_path):
    parts = parts_of(request.getfixturevalue(layout))
    parts["metadata.json"] = {**json.loads(parts["metadata.json"]), "format": 99}
    with pytest.raises(UnsupportedError, match=r"has format 99; this chainrule reads up to 2. Update it"):
        load(zipped(parts), tmp_path)


@pytest.mark.parametrize("missing", ["metadata.json", "config.json", "weights.safetensors"])
def test_missing_parts(whole, tmp_path, missing):
    parts = parts_of(whole)
    del parts[missing]
    with pytest.raises(FileError, match=missing.replace(".", r"\.")):
        load(zipped(parts), tmp_path)


@pytest.mark.parametrize(("name", "content"), [
    ("metadata.json", b"[]"), ("metadata.json", b"\xff\xfe"), ("metadata.json", b'{"format": "one"}'),
    ("config.json", b"{"), ("config.json", b"[1, 2]"), ("config.json", b'{"model": 3}'), ("config.json", b"null"),
    ("weights.safetensors", b""), ("weights.safetensors", bytes(100)), ("weights.safetensors", b"\xff" * 50),
])  # fmt: skip
def test_parts_that_are_not_what_they_should_be(whole, tmp_path, name, content):
    with pytest.raises(FileError, match="damaged"):
        load(zipped({**parts_of(whole), name: content}), tmp_path)


def _set(*path_and_value):
    *path, value = path_and_value

    def change(config):
        for key in path[:-1]:
            config = config[key]
        config[path[-1]] = value

    return change


LAYER = ("model", "config", "layers", 1, "config")


@pytest.mark.parametrize("change", [
    _set(*LAYER, "units", "many"), _set(*LAYER, "units", -3), _set(*LAYER, "activation", 5),
    _set(*LAYER, "kernel_initializer", {"class_name": "Nothing", "config": {}}), _set(*LAYER, "surprise", 1),
    _set("model", "config", "layers", 7), _set("model", "config", {}), _set("model", "class_name", "Sequentiall"),
    _set("model", "class_name", 5), _set("model", "config", "layers", 1, None), _set("compile", {"optimizer": "x"}),
    _set("compile", "optimizer", "config", {"nonsense": 1}), _set("compile", "loss", 5),
    _set("model", "config", "layers", 1, "config", "dtype", "complex1024"),
    _set("model", {"class_name": "Dense", "config": {"units": 3}}),
    _set("model", {"class_name": "Adam", "config": {}}), lambda config: config.pop("name") and None,
])  # fmt: skip
def test_configs_that_make_no_sense(whole, tmp_path, change):
    """An error of ours, with what is wrong in it: never an internal one."""
    with pytest.raises(ChainruleError) as caught:
        load(altered(whole, change), tmp_path)
    assert str(caught.value)


@pytest.mark.parametrize("change", [
    lambda t: {k: v for k, v in t.items() if not k.endswith("/first/bias")},
    lambda t: {**t, next(k for k in t if k.startswith("weights/00001")): np.zeros(5, "float32")},
    lambda t: {k: v for k, v in t.items() if k.startswith("optimizer")},
    lambda t: {k: v for k, v in t.items() if "momentum" not in k},
    lambda t: {**t, "weights/00099:more": np.zeros(2, "float32")},
])  # fmt: skip
def test_arrays_that_do_not_fit(whole, tmp_path, change):
    parts = parts_of(whole)
    parts["weights.safetensors"] = pack_tensors(change(unpack_tensors(parts["weights.safetensors"], "x")))
    with pytest.raises(ArgumentError, match="Nothing was changed"):
        load(zipped(parts), tmp_path)


def test_an_archive_that_would_fill_the_memory(whole, tmp_path):
    parts = {**parts_of(whole), "config.json": b" " * 200_000_000}
    with pytest.raises(FileError, match="too large"):
        load(zipped(parts, zipfile.ZIP_DEFLATED), tmp_path)


def test_other_members_are_not_looked_at(whole, tmp_path):
    data = zipped({**parts_of(whole), "../../escape.py": b"raise SystemExit", "__init__.py": b"raise SystemExit"})
    assert load(data, tmp_path).count_params() == 11
    assert not (tmp_path.parent / "escape.py").exists()


# nothing is run

MARK = []


def _evil(*arguments, **named):
    MARK.append(arguments)


EVIL = [
    {"class_name": "system", "module": "os", "config": {"command": "touch owned"}, "registered_name": "os>system"},
    {"class_name": "os.system", "config": "touch owned"},
    {"class_name": "function", "module": "os", "config": "system", "registered_name": "system"},
    {"class_name": "function", "module": "builtins", "config": "eval", "registered_name": "eval"},
    {"class_name": "function", "config": "os.system"},
    {"class_name": "function", "module": __name__, "config": "_evil", "registered_name": "_evil"},
    {"class_name": "_evil", "module": __name__, "config": {}, "registered_name": None},
    {"class_name": "__lambda__", "config": {"value": ["4wEAAAAAAAAAAAAAAAEAAAACAAAA", None, None]}},
    {"class_name": "__import__", "config": {"name": "os"}},
    {"class_name": "Popen", "module": "subprocess", "config": {"args": ["touch", "owned"]}, "registered_name": "Popen"},
]


@pytest.mark.parametrize("thing", EVIL, ids=lambda t: f"{t['class_name']} {str(t['config'])[:12]}")
@pytest.mark.parametrize("place", [
    ("model",), ("model", "config", "layers", 1), (*LAYER, "activation"), (*LAYER, "kernel_initializer"),
    ("compile", "loss"), ("compile", "optimizer"),
])  # fmt: skip
def test_files_that_name_code_are_refused(whole, tmp_path, monkeypatch, thing, place):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ChainruleError):
        load(altered(whole, _set(*place, thing)), tmp_path, safe_mode=False)
    assert not MARK and os.listdir(tmp_path) == ["m.keras"]


@pytest.mark.parametrize("thing", EVIL, ids=lambda t: f"{t['class_name']} {str(t['config'])[:12]}")
@pytest.mark.parametrize("place", [
    (), ("config", "layers", 1), ("config", "layers", 1, "config", "activation"),
    ("config", "layers", 1, "config", "kernel_initializer"), ("compile_config", "loss"),
    ("compile_config", "optimizer"),
])  # fmt: skip
def test_files_in_the_layout_of_keras_that_name_code_are_refused(as_keras, tmp_path, monkeypatch, thing, place):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ChainruleError):
        load(altered(as_keras, _set(*place, thing) if place else lambda config: thing), tmp_path, safe_mode=False)
    assert not MARK and os.listdir(tmp_path) == ["m.keras"]


@pytest.mark.parametrize("notes", [3, {}, {"states": 5}, {"states": {}}, {"states": {"seeds/0": "many"}, "name": "n"}])
def test_notes_that_make_no_sense(as_keras, tmp_path, notes):
    parts = parts_of(as_keras)
    parts["metadata.json"] = {**json.loads(parts["metadata.json"]), "chainrule": notes}
    with pytest.raises(FileError, match=r"m\.keras"):
        load(zipped(parts), tmp_path)


def test_flipped_bytes_in_the_layout_of_keras(as_keras, tmp_path):
    rng = np.random.default_rng(0)
    for position in rng.choice(len(as_keras), 60, replace=False):
        data = bytearray(as_keras)
        data[position] ^= 1 << int(rng.integers(8))
        try:
            model = load(bytes(data), tmp_path)
        except (FileError, UnsupportedError):
            continue
        assert [w.shape for w in model.weights] == [(3, 2), (2,), (2, 1), (1,)]


def test_lambdas_in_files_are_never_run(whole, tmp_path):
    function = {"class_name": "__lambda__", "config": {"code": "4wEAAA==", "defaults": None}}
    bytecode = {"class_name": "Lambda", "module": "keras.layers", "config": {"name": "l", "function": function}}
    with pytest.raises(ArgumentError, match="bytecode, which is never run"):
        load(altered(whole, _set("model", "config", "layers", 1, bytecode)), tmp_path)
    with pytest.raises(ChainruleError):
        model_from_json(json.dumps({"class_name": "Sequential", "config": {"layers": [bytecode]}}))


def test_a_users_own_class_is_found_only_by_its_registered_name(whole, tmp_path):
    class Evil(layers.Layer):
        def __init__(self, **kwargs):
            MARK.append("made")
            super().__init__(**kwargs)

    thing = {"class_name": "Evil", "module": __name__, "config": {}, "registered_name": None}
    with pytest.raises(ArgumentError, match="'Evil' is not part of chainrule and not registered"):
        load(altered(whole, _set("model", "config", "layers", 1, thing)), tmp_path)
    assert not MARK
