"""Data sets from folders and series, pictures, sounds, files in the cache folder."""

from __future__ import annotations

import hashlib
import io
import json
import sys
import tarfile
import wave
import zipfile
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers, utils
from chainrule.compat import active
from chainrule.errors import ArgumentError, DataError, FileError, UnsupportedError

CASES = json.loads((Path(__file__).parents[1] / "golden" / "utils.json").read_text(encoding="utf-8"))["cases"]
CLASSES = {"ants": 3, "bees": 4, "cats": 2}
Image = pytest.importorskip("PIL.Image")


def pixels(number, height, width, channels):
    """A made-up picture, as the script that made the golden file has it."""
    count = np.arange(height * width * channels)
    return ((count * 37 + number * 101) % 256).astype("uint8").reshape(height, width, channels)


@pytest.fixture
def pictures(tmp_path):
    number = 0
    for name, count in CLASSES.items():
        (tmp_path / name).mkdir()
        for k in range(count):
            utils.save_img(tmp_path / name / f"{name}{k}.png", pixels(number, 4 + k, 7 - k, 3), scale=False)
            number += 1
    return tmp_path


@pytest.fixture
def texts(tmp_path):
    for name, count in CLASSES.items():
        (tmp_path / name).mkdir()
        for k in range(count):
            (tmp_path / name / f"{k}.txt").write_text(f"text {k} of {name}", encoding="utf-8")
    return tmp_path


def of(function):
    return [case for case in CASES if case["function"] == function]


def as_lists(batch):
    return [np.asarray(part).tolist() for part in (batch if isinstance(batch, tuple) else (batch,))]


def check(batches, expected):
    batches = list(batches)
    assert len(batches) == len(expected)
    for batch, wanted in zip(batches, expected, strict=True):
        for part, goal in zip(batch if isinstance(batch, tuple) else (batch,), wanted, strict=True):
            assert np.shape(part) == np.shape(goal)
            if np.asarray(part).dtype.kind == "U":
                assert np.asarray(part).tolist() == goal
            else:
                np.testing.assert_allclose(np.asarray(part), goal, rtol=1e-5, atol=1e-3)


def tuples(kwargs):
    return {key: tuple(v) if key == "image_size" else v for key, v in kwargs.items()}


@pytest.mark.parametrize("case", of("image_dataset_from_directory"), ids=lambda c: str(c["kwargs"]))
def test_pictures(case, pictures):
    found = utils.image_dataset_from_directory(pictures, verbose=False, **tuples(case["kwargs"]))
    parts = found if isinstance(found, tuple) else (found,)
    files = [[str(Path(p).relative_to(pictures)) for p in part.file_paths] for part in parts]
    if case["kwargs"].get("shuffle") is False:
        assert files == case["files"]
        check(parts[0], case["batches"])
    else:
        assert files == case["files"]
    assert parts[0].class_names == case.get("classes")


@pytest.mark.parametrize("case", of("text_dataset_from_directory"), ids=lambda c: str(c["kwargs"]))
def test_texts(case, texts):
    found = utils.text_dataset_from_directory(texts, verbose=False, shuffle=False, **case["kwargs"])
    assert found.class_names == case["classes"]
    check(found, case["batches"])


@pytest.mark.parametrize("case", of("timeseries_dataset_from_array"), ids=lambda c: str(c["kwargs"]))
def test_series(case):
    data = np.arange(20, dtype="float32")
    found = utils.timeseries_dataset_from_array(data, data * 10 if case["targets"] else None, **case["kwargs"])
    check(found, case["batches"])


def test_each_pass_has_another_order_and_the_same_seed_the_same(pictures):
    def labels(data):
        return [np.asarray(y).tolist() for _, y in data]

    arguments = {"image_size": (4, 4), "batch_size": 3, "seed": 5, "verbose": False}
    first, second = (utils.image_dataset_from_directory(pictures, **arguments) for _ in range(2))
    passes = [labels(first), labels(first)]
    assert passes[0] != passes[1]
    assert passes == [labels(second), labels(second)]
    assert sorted(n for batch in passes[0] for n in batch) == [0] * 3 + [1] * 4 + [2] * 2


def test_fit_takes_them_and_scripts_go_on_with_them(pictures, capsys):
    model = cr.Sequential([cr.Input((4, 4, 3)), layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(3)])
    model.compile("adam", cr.losses.SparseCategoricalCrossentropy(from_logits=True))
    data = utils.image_dataset_from_directory(pictures, image_size=(4, 4), batch_size=4, seed=1)
    assert capsys.readouterr().out == "Found 9 files belonging to 3 classes.\n"
    assert np.isfinite(model.fit(data, verbose=0).history["loss"][0])
    with active():
        from tensorflow import keras

        found = keras.utils.image_dataset_from_directory(str(pictures), image_size=(4, 4), verbose=False, seed=1)
        assert found.class_names == ["ants", "bees", "cats"]
        mapped = found.map(lambda x, y: (x / 255.0, y)).prefetch(2)
        assert len(mapped) == 1
        (images, labels), *_ = mapped
        assert images.shape == (9, 4, 4, 3) and float(images.numpy().max()) <= 1 and labels.shape == (9,)
        assert np.isfinite(model.fit(mapped, verbose=0).history["loss"][0])


def test_messages_of_folders(pictures, tmp_path):
    make = utils.image_dataset_from_directory
    with pytest.raises(FileError, match="there is no folder"):
        make(tmp_path / "nowhere")
    with pytest.raises(ArgumentError, match="give a seed"):
        make(pictures, validation_split=0.5, subset="training")
    with pytest.raises(ArgumentError, match="two classes; got 3"):
        make(pictures, label_mode="binary", verbose=False)
    with pytest.raises(ArgumentError, match="as many labels as files, 9; got 2"):
        make(pictures, labels=[1, 2])
    with pytest.raises(ArgumentError, match="some of the folders"):
        make(pictures, class_names=["dogs"])
    with pytest.raises(DataError, match=r"files that end in \.wav"):
        utils.audio_dataset_from_directory(pictures)
    (pictures / "cats" / "broken.png").write_bytes(b"no picture")
    with pytest.raises(FileError, match=r"broken\.png"):
        list(make(pictures, shuffle=False, verbose=False))


def test_sounds(tmp_path):
    for name, count in (("hi", 5), ("ho", 3)):
        (tmp_path / name).mkdir()
        with wave.open(str(tmp_path / name / "a.wav"), "wb") as file:
            file.setparams((1, 2, 8000, count, "NONE", ""))
            file.writeframes(np.array([16384, -32768, 0, 1, 2], "<i2")[:count].tobytes())
    found = utils.audio_dataset_from_directory(tmp_path, shuffle=False, verbose=False)
    ((x, y),) = found
    assert x.shape == (2, 5, 1) and np.asarray(y).tolist() == [0, 1]
    np.testing.assert_allclose(np.asarray(x)[:, :3, 0], [[0.5, -1, 0], [0.5, -1, 0]], atol=1e-7)
    ((x, _),) = utils.audio_dataset_from_directory(tmp_path, output_sequence_length=2, verbose=False)
    assert x.shape == (2, 2, 1)
    with pytest.raises(DataError, match="sampling rate of 16000; got 8000"):
        list(utils.audio_dataset_from_directory(tmp_path, sampling_rate=16000, verbose=False))


def test_split_dataset():
    x, y = np.arange(10), np.arange(10) * 2
    left, right = utils.split_dataset((x, y), left_size=0.7)
    assert (len(left), len(right)) == (7, 3) and [int(b) for _, b in right] == [14, 16, 18]
    left, right = utils.split_dataset({"a": x}, right_size=4, shuffle=True, seed=1)
    assert sorted(int(row["a"]) for part in (left, right) for row in part) == list(range(10)) and len(left) == 6
    with pytest.raises(ArgumentError, match="cannot take 8 and 8 of 10"):
        utils.split_dataset(x, 8, 8)
    with pytest.raises(ArgumentError, match="left_size"):
        utils.split_dataset(x, 1.5)


def test_pictures_as_arrays(tmp_path):
    x = pixels(3, 5, 4, 3)
    path = tmp_path / "a.png"
    utils.save_img(path, x, scale=False)
    image = utils.load_img(path)
    np.testing.assert_array_equal(utils.img_to_array(image), x)
    assert utils.img_to_array(image).dtype == np.float32
    assert utils.img_to_array(image, "channels_first").shape == (3, 5, 4)
    assert utils.load_img(path, target_size=(8, 6)).size == (6, 8)
    assert utils.load_img(path, "grayscale").mode == "L" and utils.load_img(path, "rgba").mode == "RGBA"
    np.testing.assert_array_equal(utils.img_to_array(utils.load_img(io.BytesIO(path.read_bytes()))), x)
    wide = utils.load_img(path, target_size=(2, 4), keep_aspect_ratio=True)
    middle = Image.fromarray(x[1:3]).resize((4, 2), Image.Resampling.NEAREST)
    np.testing.assert_array_equal(np.asarray(wide), np.asarray(middle))
    scaled = utils.img_to_array(utils.array_to_img(np.array([[[1.0]], [[3.0]]])))
    assert scaled.ravel().tolist() == [0.0, 255.0]
    assert utils.array_to_img(np.full((2, 2, 1), 300.0), scale=False).mode == "I"
    utils.save_img(tmp_path / "b.jpg", np.zeros((2, 2, 4)))
    assert utils.load_img(tmp_path / "b.jpg").size == (2, 2)
    with pytest.raises(FileError, match="cannot read"):
        utils.load_img(tmp_path / "none.png")


def test_without_pillow_the_message_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(UnsupportedError, match=r"needs Pillow: pip install 'chainrule\[images\]'"):
        utils.load_img(tmp_path / "a.png")


def test_get_file(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    with pytest.raises(FileError, match="chainrule does not download"):
        utils.get_file("a.txt", "https://example.org/a.txt")
    source = tmp_path / "a.txt"
    source.write_text("hello", encoding="utf-8")
    found = Path(utils.get_file(origin=source.as_uri()))
    assert found == tmp_path / "home" / "datasets" / "a.txt" and found.read_text(encoding="utf-8") == "hello"
    assert utils.get_file("a.txt", "https://example.org/a.txt") == str(found)
    good = hashlib.sha256(b"hello").hexdigest()
    assert utils.get_file("a.txt", file_hash=good) == str(found)
    with pytest.raises(FileError, match="another file, or damaged"):
        utils.get_file("a.txt", md5_hash="0" * 32)


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_get_file_unpacks(kind, tmp_path):
    archive = tmp_path / f"data.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(archive, "w") as z:
            z.writestr("inside/b.txt", "b")
    else:
        (tmp_path / "b.txt").write_text("b", encoding="utf-8")
        with tarfile.open(archive, "w:gz") as t:
            t.add(tmp_path / "b.txt", "inside/b.txt")
    folder = Path(utils.get_file(f"data.{kind}", str(archive), extract=True, cache_dir=tmp_path / "home"))
    assert (folder / "inside" / "b.txt").read_text(encoding="utf-8") == "b"
    assert utils.get_file(f"data.{kind}", "https://nowhere", extract=True, cache_dir=tmp_path / "home") == str(folder)


@pytest.mark.parametrize(("name", "unpacked", "kept"), [
    (None, "data.zip", "data.zip_archive"), ("mine", "mine", "mine_archive"),
    ("mine.1.zip", "mine_extracted", "mine.1.zip"),
])  # fmt: skip
def test_get_file_unpacks_into_the_folder_that_keras_uses(name, unpacked, kept, tmp_path):
    with zipfile.ZipFile(tmp_path / "data.zip", "w") as z:
        z.writestr("b.txt", "b")
    home = tmp_path / "home"
    folder = utils.get_file(name, (tmp_path / "data.zip").as_uri(), extract=True, cache_dir=home, cache_subdir="")
    assert Path(folder) == home / unpacked and (home / unpacked / "b.txt").is_file() and (home / kept).is_file()


def test_get_file_unpacks_nothing_outside_its_folder(tmp_path):
    archive = tmp_path / "evil.tar"
    with tarfile.open(archive, "w") as t:
        t.addfile(tarfile.TarInfo("../../outside.txt"))
    with pytest.raises(FileError, match="cannot be unpacked"):
        utils.get_file("evil.tar", str(archive), extract=True, cache_dir=tmp_path / "home")
    assert not (tmp_path / "outside.txt").exists() and not (tmp_path / "home" / "outside.txt").exists()
