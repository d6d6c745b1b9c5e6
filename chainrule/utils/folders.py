"""Folders of pictures, texts and sounds, one folder a class, as data sets of batches."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from .. import config, ops
from ..errors import ArgumentError, DataError, FileError, MissingFileError
from .arrays import to_categorical
from .batches import PyDataset
from .images import central_box, pillow

_PICTURES = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
_CHANNELS = {"rgb": ("RGB", 3), "rgba": ("RGBA", 4), "grayscale": ("L", 1)}
_LABELS = ("int", "categorical", "binary", None)


class FolderDataset(PyDataset):
    """Elements that are read when they are needed, in batches; another order in each pass if shuffled.

    Args:
        read: number of a file -> array (or text); labels: one an element, or None; batch_size: None for single
            elements; shuffle, seed: of the order; class_names, file_paths: kept as attributes.
    """

    def __init__(
        self, read: Callable[[int], Any], count: int, labels: np.ndarray | None, batch_size: int | None,
        shuffle: bool = False, seed: int | None = None, class_names: Any = None, file_paths: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.read, self.count, self.labels, self.batch_size = read, count, labels, batch_size
        self.class_names, self.file_paths = class_names, file_paths
        self._order = np.arange(count)
        self._random = np.random.RandomState(seed) if shuffle else None

    def __len__(self) -> int:
        return self.count if self.batch_size is None else -(-self.count // self.batch_size)

    def __getitem__(self, index: int) -> Any:
        if not 0 <= index < len(self):
            raise IndexError(index)
        if self.batch_size is None:
            k = self._order[index]
            x = self.read(k)
            return x if self.labels is None else (x, self.labels[k])
        chosen = self._order[index * self.batch_size : (index + 1) * self.batch_size]
        x = self._together([self.read(k) for k in chosen])
        return x if self.labels is None else (x, self.labels[chosen])

    @staticmethod
    def _together(items: list[Any]) -> np.ndarray:
        try:
            return np.stack([np.asarray(item) for item in items])
        except ValueError:
            shapes = sorted({np.shape(item) for item in items})
            raise DataError(f"expected elements of one shape in a batch; got {shapes}. Give a length.") from None

    def arrays(self) -> Iterator[Any]:
        """The batches of a new pass."""
        if self._random is not None:
            self._random.shuffle(self._order)
        return (self[k] for k in range(len(self)))

    def __iter__(self) -> Iterator[Any]:
        for item in self.arrays():
            parts = item if isinstance(item, tuple) else (item,)
            parts = tuple(p if np.asarray(p).dtype.kind in "US" else ops.convert_to_tensor(p) for p in parts)
            yield parts if isinstance(item, tuple) else parts[0]


def _listing(directory: str, folder: str, endings: tuple[str, ...], follow_links: bool) -> list[str]:
    top = os.path.join(directory, folder)
    found = []
    for root, _, names in sorted(os.walk(top, followlinks=follow_links)):
        found += [os.path.join(root, name) for name in sorted(names) if name.lower().endswith(endings)]
    return found


def _files(
    directory: Any, labels: Any, class_names: Any, endings: tuple[str, ...], follow_links: bool
) -> tuple[list[str], np.ndarray | None, list[str]]:
    """All files in order with the number of their class, and the names of the classes."""
    directory = os.fspath(directory)
    if not os.path.isdir(directory):
        raise MissingFileError(f"there is no folder {directory}.")
    if labels != "inferred":
        if class_names is not None:
            raise ArgumentError("class_names can only be given with labels='inferred'.")
        paths = _listing(directory, "", endings, follow_links)
        if labels is not None and len(labels) != len(paths):
            raise ArgumentError(f"expected as many labels as files, {len(paths)}; got {len(labels)}.")
        known = [] if labels is None else [str(label) for label in sorted(set(labels))]
        return paths, None if labels is None else np.asarray(labels), known
    folders = sorted(n for n in os.listdir(directory) if os.path.isdir(os.path.join(directory, n)) and n[0] != ".")
    if class_names is not None and not set(class_names) <= set(folders):
        raise ArgumentError(f"class_names: expected some of the folders {folders}; got {list(class_names)}.")
    names = list(class_names or folders)
    parts = [_listing(directory, name, endings, follow_links) for name in names]
    numbers = np.repeat(np.arange(len(names)), [len(part) for part in parts]).astype("int32")
    return [path for part in parts for path in part], numbers, names


def _check(label_mode: Any, labels: Any, validation_split: Any, subset: Any, shuffle: bool, seed: Any) -> None:
    if label_mode not in _LABELS:
        raise ArgumentError(f"label_mode: expected 'int', 'categorical', 'binary' or None; got {label_mode!r}.")
    if (validation_split is None) != (subset is None):
        raise ArgumentError("expected validation_split and subset both, or neither.")
    if subset not in ("training", "validation", "both", None):
        raise ArgumentError(f"subset: expected 'training', 'validation' or 'both'; got {subset!r}.")
    if validation_split is not None and not 0 < validation_split < 1:
        raise ArgumentError(f"validation_split: expected a number between 0 and 1; got {validation_split!r}.")
    if validation_split and shuffle and seed is None:
        raise ArgumentError("with shuffle and validation_split, give a seed: otherwise the two parts overlap.")
    if isinstance(labels, str) and labels != "inferred":
        raise ArgumentError(f"expected labels='inferred', None, or a list with one a file; got {labels!r}.")
    if labels is None and label_mode not in (None, "int"):
        raise ArgumentError(f"label_mode {label_mode!r} needs labels.")


def _encoded(numbers: np.ndarray | None, label_mode: Any, classes: int) -> np.ndarray | None:
    if numbers is None or label_mode is None:
        return None
    if label_mode == "categorical":
        return to_categorical(numbers, classes).astype("float32")
    if label_mode == "binary":
        if classes != 2:
            raise ArgumentError(f"label_mode='binary': expected two classes; got {classes}.")
        return numbers.astype("float32")[:, None]
    return numbers.astype("int32")


class _Folder:
    """A folder's files in order, and data sets of parts of them."""

    def __init__(
        self, directory: Any, labels: Any, label_mode: Any, class_names: Any, endings: tuple[str, ...], shuffle: bool,
        seed: int | None, validation_split: float | None, subset: str | None, follow_links: bool, verbose: bool,
    ) -> None:  # fmt: skip
        _check(label_mode, labels, validation_split, subset, shuffle, seed)
        labels = None if label_mode is None else labels  # as in Keras the files beside the folders count then
        self.paths, numbers, self.names = _files(directory, labels, class_names, endings, follow_links)
        if not self.paths:
            raise DataError(f"{directory}: expected files that end in {', '.join(endings)}; there are none.")
        if verbose:
            classes = f" belonging to {len(self.names)} classes" if labels is not None else ""
            print(f"Found {len(self.paths)} files{classes}.")
        self.seed = np.random.randint(1_000_000) if seed is None else seed
        self.shuffle, self.split, self.subset, self.verbose = shuffle, validation_split, subset, verbose
        order = np.arange(len(self.paths))
        if shuffle:
            np.random.RandomState(self.seed).shuffle(order)
        self.paths = [self.paths[k] for k in order]
        self.labels = _encoded(None if numbers is None else numbers[order], label_mode, len(self.names))

    def made(self, read: Callable[[str], Any], batch_size: int | None) -> Any:
        """The data set, or both parts of it."""
        held = int(self.split * len(self.paths)) if self.split else 0
        at = len(self.paths) - held
        parts = {None: slice(None), "training": slice(None, at), "validation": slice(at, None)}
        wanted = ("training", "validation") if self.subset == "both" else (self.subset,)
        found = [self._part(read, batch_size, parts[w], self.shuffle and w != "validation", w) for w in wanted]
        return tuple(found) if len(found) > 1 else found[0]

    def _part(self, read: Any, batch_size: Any, part: slice, shuffle: bool, name: Any) -> FolderDataset:
        paths = self.paths[part]
        if not paths:
            raise DataError(f"no files are left for {name}: there are too few for the validation_split.")
        if self.verbose and name:
            print(f"Using {len(paths)} files for {name}.")
        labels = None if self.labels is None else self.labels[part]
        names = None if labels is None else self.names
        return FolderDataset(
            lambda k: read(paths[k]), len(paths), labels, batch_size, shuffle, self.seed, names, paths
        )  # fmt: skip


def image_dataset_from_directory(
    directory: Any, labels: Any = "inferred", label_mode: str | None = "int", class_names: Any = None,
    color_mode: str = "rgb", batch_size: int | None = 32, image_size: tuple[int, int] = (256, 256),
    shuffle: bool = True, seed: int | None = None, validation_split: float | None = None, subset: str | None = None,
    interpolation: str = "bilinear", follow_links: bool = False, crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False, data_format: str | None = None, format: str = "tf", verbose: bool = True,
) -> Any:  # fmt: skip
    """Batches of pictures from a folder with one folder for each class, read when they are needed.

    Args:
        directory: the folder; labels: 'inferred' (default: from the folders), None, or one a file in the order of their
            names; label_mode: 'int' (default), 'categorical' (rows of 0 and 1), 'binary' or None.
        class_names: the folders and their order (default: all, sorted); color_mode: 'rgb', 'rgba' or 'grayscale'.
        batch_size: default 32; None for single pictures; image_size: (height, width) that all are brought to.
        shuffle: another order in each pass (default True); seed: of it.
        validation_split, subset: keep a share apart; take 'training', 'validation' or 'both'.
        interpolation: of resizing (default 'bilinear'); follow_links: into linked folders.
        crop_to_aspect_ratio, pad_to_aspect_ratio: cut or fill up instead of changing the proportions.
        data_format: default of the configuration; format: accepted; verbose: print how many there are.

    Raises: FileError, DataError: no such folder, no pictures; ArgumentError; UnsupportedError: Pillow is missing.
    """
    if color_mode not in _CHANNELS:
        raise ArgumentError(f"color_mode: expected 'rgb', 'rgba' or 'grayscale'; got {color_mode!r}.")
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ArgumentError("expected only one of crop_to_aspect_ratio and pad_to_aspect_ratio.")
    pillow("image_dataset_from_directory")
    ops.image.resize(np.zeros((1, 1, 1), "float32"), (1, 1), interpolation)  # says so now if there is no such way
    folder = _Folder(directory, labels, label_mode, class_names, _PICTURES, shuffle, seed, validation_split, subset,
                     follow_links, verbose)  # fmt: skip
    first = (data_format or config.image_data_format()) == "channels_first"
    how = "crop" if crop_to_aspect_ratio else "pad" if pad_to_aspect_ratio else "stretch"

    def read(path: str) -> np.ndarray:
        pixels = _picture(path, color_mode, tuple(int(n) for n in image_size), interpolation, how)
        return pixels.transpose(2, 0, 1) if first else pixels

    return folder.made(read, batch_size)


def _picture(path: str, color_mode: str, size: tuple[int, ...], interpolation: str, how: str) -> np.ndarray:
    """(height, width, channels), float32 from 0 to 255."""
    try:
        with pillow("image_dataset_from_directory").open(path) as image:
            pixels = np.asarray(image.convert(_CHANNELS[color_mode][0]), "float32")
    except (OSError, ValueError) as error:
        raise FileError(f"cannot read the picture {path}: {error}.") from None
    pixels = pixels.reshape(*pixels.shape[:2], _CHANNELS[color_mode][1])
    if how == "crop":
        left, top, right, bottom = central_box(pixels.shape[1], pixels.shape[0], size[1], size[0])
        pixels = pixels[top:bottom, left:right]
    if pixels.shape[:2] == size:
        return pixels
    return np.asarray(ops.image.resize(pixels, size, interpolation, pad_to_aspect_ratio=how == "pad"))


def text_dataset_from_directory(
    directory: Any, labels: Any = "inferred", label_mode: str | None = "int", class_names: Any = None,
    batch_size: int | None = 32, max_length: int | None = None, shuffle: bool = True, seed: int | None = None,
    validation_split: float | None = None, subset: str | None = None, follow_links: bool = False, format: str = "tf",
    verbose: bool = True,
) -> Any:  # fmt: skip
    """Batches of texts from a folder of `.txt` files with one folder for each class: arrays of strings.

    Args: as for `image_dataset_from_directory`; max_length: cut texts to so many bytes (default None).
    """
    folder = _Folder(directory, labels, label_mode, class_names, (".txt",), shuffle, seed, validation_split, subset,
                     follow_links, verbose)  # fmt: skip

    def read(path: str) -> str:
        with open(path, "rb") as file:
            return file.read(-1 if max_length is None else max_length).decode("utf-8", "replace")

    return folder.made(read, batch_size)


def audio_dataset_from_directory(
    directory: Any, labels: Any = "inferred", label_mode: str | None = "int", class_names: Any = None,
    batch_size: int | None = 32, sampling_rate: int | None = None, output_sequence_length: int | None = None,
    ragged: bool = False, shuffle: bool = True, seed: int | None = None, validation_split: float | None = None,
    subset: str | None = None, follow_links: bool = False, verbose: bool = True,
) -> Any:  # fmt: skip
    """Batches of sounds from a folder of `.wav` files with one folder for each class: (time, channels), -1 to 1.

    Args: as for `image_dataset_from_directory`; output_sequence_length: cut or fill up to so many (default None: they
        are filled up to the longest of a batch); sampling_rate: must be that of the files; ragged: must be False.
    """
    if ragged:
        raise ArgumentError("ragged: there are no ragged tensors; give output_sequence_length.")
    if sampling_rate is not None and (not isinstance(sampling_rate, int) or sampling_rate < 1):
        raise ArgumentError(f"sampling_rate: expected a positive integer, or None; got {sampling_rate!r}.")
    folder = _Folder(directory, labels, label_mode, class_names, (".wav",), shuffle, seed, validation_split, subset,
                     follow_links, verbose)  # fmt: skip
    found = folder.made(lambda path: _sound(path, sampling_rate, output_sequence_length), batch_size)
    if output_sequence_length is None:
        for part in found if isinstance(found, tuple) else (found,):
            part._together = _filled_up
    return found


def _sound(path: str, rate: int | None, length: int | None) -> np.ndarray:
    import wave

    try:
        with wave.open(path, "rb") as file:
            width, channels, own = file.getsampwidth(), file.getnchannels(), file.getframerate()
            data = file.readframes(file.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise FileError(f"cannot read the sound {path}: {error}.") from None
    if rate is not None and rate != own:
        raise DataError(f"{path}: expected a sampling rate of {rate}; got {own}. Convert the files before.")
    if width not in (1, 2, 4):
        raise DataError(f"{path}: expected samples of 8, 16 or 32 bits; got {8 * width}.")
    numbers = np.frombuffer(data, {1: "u1", 2: "<i2", 4: "<i4"}[width]).astype("float32").reshape(-1, channels)
    numbers = (numbers - 128) / 128 if width == 1 else numbers / float(2 ** (8 * width - 1))
    return numbers if length is None else _filled_up([numbers], length)[0]


def _filled_up(items: Sequence[np.ndarray], length: int | None = None) -> np.ndarray:
    longest = length or max(len(item) for item in items)
    return np.stack([np.pad(item[:longest], ((0, longest - len(item[:longest])), (0, 0))) for item in items])
