"""Golden values of keras.utils: data sets from folders and series, pictures as arrays: tests/golden/utils.json."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from common import case, keras, np, tf, write

CLASSES = {"ants": 3, "bees": 4, "cats": 2}


def pixels(number: int, height: int, width: int, channels: int) -> Any:
    """A made-up picture, the same on every machine."""
    count = np.arange(height * width * channels)
    return ((count * 37 + number * 101) % 256).astype("uint8").reshape(height, width, channels)


def pictures(home: Path) -> None:
    """A folder for each class, with pictures of different sizes."""
    number = 0
    for name, count in CLASSES.items():
        (home / name).mkdir()
        for k in range(count):
            data = tf.io.encode_png(pixels(number, 4 + k, 7 - k, 3)).numpy()
            (home / name / f"{name}{k}.png").write_bytes(data)
            number += 1


def texts(home: Path) -> None:
    for name, count in CLASSES.items():
        (home / name).mkdir()
        for k in range(count):
            (home / name / f"{k}.txt").write_text(f"text {k} of {name}", encoding="utf-8")


def image_case(**kwargs: Any) -> dict[str, Any]:
    """Without shuffling all batches, else which files in which part."""
    with tempfile.TemporaryDirectory() as folder:
        pictures(Path(folder))
        found = keras.utils.image_dataset_from_directory(folder, verbose=False, **kwargs)
        parts = found if isinstance(found, (tuple, list)) else [found]
        files = [[str(Path(p).relative_to(folder)) for p in part.file_paths] for part in parts]
        batches = None
        if kwargs.get("shuffle") is False:
            batches = [[np.asarray(t).tolist() for t in (b if isinstance(b, tuple) else (b,))] for b in parts[0]]
    return case(function="image_dataset_from_directory", kwargs=kwargs, files=files, classes=parts[0].class_names,
                batches=batches)  # fmt: skip


def text_case(**kwargs: Any) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        texts(Path(folder))
        found = keras.utils.text_dataset_from_directory(folder, verbose=False, shuffle=False, **kwargs)
        batches = [[[t.decode() for t in np.asarray(b[0]).tolist()], np.asarray(b[1]).tolist()] for b in found]
    return case(function="text_dataset_from_directory", kwargs=kwargs, classes=found.class_names, batches=batches)


def series_case(targets: bool, **kwargs: Any) -> dict[str, Any]:
    data = np.arange(20, dtype="float32")
    found = keras.utils.timeseries_dataset_from_array(data, data * 10 if targets else None, **kwargs)
    batches = [[np.asarray(t).tolist() for t in (b if isinstance(b, tuple) else (b,))] for b in found]
    return case(function="timeseries_dataset_from_array", targets=targets, kwargs=kwargs, batches=batches)


SMALL: dict[str, Any] = {"batch_size": 4, "image_size": [5, 6], "shuffle": False}
IMAGES: list[dict[str, Any]] = [
    SMALL, {**SMALL, "label_mode": "categorical"}, {**SMALL, "label_mode": None},
    {**SMALL, "labels": None, "label_mode": None},
    {**SMALL, "interpolation": "nearest"}, {**SMALL, "crop_to_aspect_ratio": True, "image_size": [4, 4]},
    {**SMALL, "class_names": ["cats", "ants"]}, {**SMALL, "data_format": "channels_first"},
    {**SMALL, "labels": [3, 1, 2, 1, 1, 2, 3, 3, 1]},
    {**SMALL, "batch_size": None, "validation_split": 0.3, "subset": "validation"},
    {"seed": 7}, {"seed": 7, "validation_split": 0.25, "subset": "both"},
    {"seed": 3, "validation_split": 0.4, "subset": "training"},
]  # fmt: skip
SERIES: list[tuple[bool, dict[str, Any]]] = [
    (True, {"sequence_length": 5, "batch_size": 4}),
    (False, {"sequence_length": 4, "sequence_stride": 3, "batch_size": 2}),
    (True, {"sequence_length": 3, "sampling_rate": 2, "sequence_stride": 2, "start_index": 2, "end_index": 15}),
    (True, {"sequence_length": 3, "batch_size": None, "end_index": 7}),
]  # fmt: skip

if __name__ == "__main__":
    write(
        "utils.json",
        "FUNCTION(folder or arange(20) [, 10 times that], **kwargs): files in their order, batches where nothing is "
        "shuffled; the pictures are pixels() of the script, sized (4 + k, 7 - k) for the k-th of each class",
        cases=[*(image_case(**kw) for kw in IMAGES), text_case(batch_size=4), text_case(batch_size=3, max_length=6),
               *(series_case(targets, **kw) for targets, kw in SERIES)],
    )  # fmt: skip
