"""`keras.preprocessing.image`: the generator of changed pictures that older tutorials use."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .. import ops
from ..errors import ArgumentError, DataError
from ..utils import PyDataset, img_to_array, load_img
from ..variables import SeedGenerator
from .tensorflow.data_batches import numbers_of

_FILES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm")


class ImageDataGenerator:
    """Batches of pictures, each changed by chance.

    Args:
        featurewise_center, featurewise_std_normalization: with the mean and deviation that `fit` finds (default False).
        samplewise_center, samplewise_std_normalization: of each picture by itself (default False).
        rotation_range: degrees; width_shift_range, height_shift_range: shares of the size, or pixels from 1 on.
        brightness_range: (low, high), factors; shear_range: degrees; zoom_range: a share or (low, high).
        channel_shift_range: added to channels; fill_mode: 'nearest' (default), 'constant' (`cval`), 'reflect', 'wrap'.
        horizontal_flip, vertical_flip: with probability 1/2; rescale: a factor for all numbers.
        preprocessing_function: of each changed picture; data_format: only channels last; validation_split: the share
            that `subset='validation'` gives.

    Example:
    >>> flow = ImageDataGenerator(rescale=0.5).flow(np.ones((4, 2, 2, 1)), np.arange(4), batch_size=3, shuffle=False)
    >>> x, y = next(flow)
    >>> x.shape, float(x.max()), y.tolist()
    ((3, 2, 2, 1), 0.5, [0, 1, 2])
    """

    def __init__(
        self, featurewise_center: bool = False, samplewise_center: bool = False,
        featurewise_std_normalization: bool = False, samplewise_std_normalization: bool = False,
        zca_whitening: bool = False, zca_epsilon: float = 1e-6, rotation_range: float = 0,
        width_shift_range: float = 0.0, height_shift_range: float = 0.0, brightness_range: Any = None,
        shear_range: float = 0.0, zoom_range: Any = 0.0, channel_shift_range: float = 0.0, fill_mode: str = "nearest",
        cval: float = 0.0, horizontal_flip: bool = False, vertical_flip: bool = False, rescale: Any = None,
        preprocessing_function: Callable[..., Any] | None = None, data_format: Any = None,
        validation_split: float = 0.0, interpolation_order: int = 1, dtype: Any = None,
    ) -> None:  # fmt: skip
        if zca_whitening or data_format == "channels_first":
            raise ArgumentError("ImageDataGenerator: zca_whitening and channels_first are not supported.")
        self.rotation_range, self.shear_range = float(rotation_range), float(shear_range)
        self.shifts = (height_shift_range, width_shift_range)
        self.brightness_range, self.channel_shift_range = brightness_range, channel_shift_range
        self.zoom_range = (1 - zoom_range, 1 + zoom_range) if isinstance(zoom_range, (int, float)) else zoom_range
        self.fill_mode, self.cval, self.rescale = fill_mode, cval, rescale
        self.horizontal_flip, self.vertical_flip = horizontal_flip, vertical_flip
        self.preprocessing_function, self.validation_split = preprocessing_function, validation_split
        self.center = (featurewise_center, samplewise_center)
        self.normalize = (featurewise_std_normalization, samplewise_std_normalization)
        self.mean: Any = None
        self.std: Any = None

    def fit(self, x: Any, augment: bool = False, rounds: int = 1, seed: Any = None) -> None:
        """Find mean and deviation of each channel, for the arguments that begin with featurewise."""
        data = np.asarray(x, np.float32)
        self.mean, self.std = data.mean((0, 1, 2)), (data - data.mean((0, 1, 2))).std((0, 1, 2))

    def standardize(self, x: Any) -> np.ndarray:
        """A picture after rescaling, centering and normalising."""
        x = np.asarray(x, np.float32)
        x = x if self.preprocessing_function is None else np.asarray(self.preprocessing_function(x), np.float32)
        x = x if self.rescale is None else x * np.float32(self.rescale)
        if self.center[1]:
            x = x - x.mean()
        if self.normalize[1]:
            x = x / (x.std() + 1e-6)
        if (self.center[0] or self.normalize[0]) and self.mean is None:
            raise ArgumentError("ImageDataGenerator: featurewise arguments need fit(x) first.")
        x = x - self.mean if self.center[0] else x
        return x / (self.std + 1e-6) if self.normalize[0] else x

    def random_transform(self, x: Any, random: np.random.Generator) -> np.ndarray:
        """A picture changed by chance."""
        x = np.asarray(x, np.float32)
        matrix = self._motion(random, x.shape)
        x = x if np.allclose(matrix, np.eye(3)) else _moved(x, matrix, self.fill_mode, self.cval)
        x = x[:, ::-1] if self.horizontal_flip and random.random() < 0.5 else x
        x = x[::-1] if self.vertical_flip and random.random() < 0.5 else x
        if self.channel_shift_range:
            by = random.uniform(-self.channel_shift_range, self.channel_shift_range)
            x = np.clip(x + by, x.min(), x.max())
        if self.brightness_range is not None:
            x = np.clip(x * random.uniform(*self.brightness_range), 0, 255 if x.max() > 1 else 1)
        return x.astype(np.float32)

    def _motion(self, random: np.random.Generator, shape: Any) -> np.ndarray:
        """Where each new pixel lies in the old picture, about its middle: rotation, shift, shear and zoom."""
        angle = math.radians(random.uniform(-self.rotation_range, self.rotation_range))
        shear = math.radians(random.uniform(-self.shear_range, self.shear_range))
        moves = [random.uniform(-s, s) * (n if s < 1 else 1) for s, n in zip(self.shifts, shape, strict=False)]
        low, high = self.zoom_range
        zooms = random.uniform(low, high, 2) if (low, high) != (1, 1) else (1, 1)
        turn = np.array([[math.cos(angle), -math.sin(angle), 0], [math.sin(angle), math.cos(angle), 0], [0, 0, 1]])
        slant = np.array([[1, -math.sin(shear), 0], [0, math.cos(shear), 0], [0, 0, 1]])
        shift = np.array([[1, 0, moves[0]], [0, 1, moves[1]], [0, 0, 1]])
        return turn @ shift @ slant @ np.diag([*zooms, 1])  # type: ignore[no-any-return]

    def flow(
        self, x: Any, y: Any = None, batch_size: int = 32, shuffle: bool = True, sample_weight: Any = None,
        seed: Any = None, save_to_dir: Any = None, subset: str | None = None, **kwargs: Any,
    ) -> ImageFlow:  # fmt: skip
        """Batches of pictures in memory, with their targets (and weights) if given, without end."""
        columns = [np.asarray(c) for c in (y, sample_weight) if c is not None]
        pictures = np.asarray(x)
        if pictures.ndim != 4:
            raise DataError(f"flow: expected pictures of shape (n, rows, columns, channels); got {pictures.shape}.")
        rows = _subset(len(pictures), self.validation_split, subset)
        load = lambda k: pictures[k]  # noqa: E731
        return ImageFlow(self, load, rows, columns, batch_size, shuffle, seed)

    def flow_from_directory(
        self, directory: Any, target_size: Any = (256, 256), color_mode: str = "rgb", classes: Any = None,
        class_mode: str | None = "categorical", batch_size: int = 32, shuffle: bool = True, seed: Any = None,
        subset: str | None = None, interpolation: str = "nearest", **kwargs: Any,
    ) -> ImageFlow:  # fmt: skip
        """Batches of the pictures in a folder, one folder below it for each class."""
        top = Path(directory)
        names = list(classes) if classes else sorted(p.name for p in top.iterdir() if p.is_dir())
        found = [(f, k) for k, name in enumerate(names)
                 for f in sorted((top / name).rglob("*")) if f.suffix.lower() in _FILES]  # fmt: skip
        rows = _within_classes([k for _, k in found], self.validation_split, subset)
        print(f"Found {len(rows)} images belonging to {len(names)} classes.")
        flow = self._from_files([f for f, _ in found], [k for _, k in found], rows, len(names), class_mode, target_size,
                                color_mode, interpolation, batch_size, shuffle, seed)  # fmt: skip
        flow.class_indices = {name: k for k, name in enumerate(names)}
        flow.filenames = [str(found[k][0].relative_to(top)) for k in rows]
        return flow

    def flow_from_dataframe(
        self, dataframe: Any, directory: Any = None, x_col: str = "filename", y_col: Any = "class",
        target_size: Any = (256, 256), color_mode: str = "rgb", classes: Any = None,
        class_mode: str | None = "categorical", batch_size: int = 32, shuffle: bool = True, seed: Any = None,
        subset: str | None = None, interpolation: str = "nearest", **kwargs: Any,
    ) -> ImageFlow:  # fmt: skip
        """Batches of the pictures that a table names, with the targets in it."""
        files = [Path(directory or "") / str(name) for name in dataframe[x_col]]
        rows = _subset(len(files), self.validation_split, subset)
        if class_mode in ("raw", "other", None):
            values: Any = None if class_mode is None else dataframe[y_col].to_numpy()
            flow = self._from_files(files, values, rows, 0, class_mode, target_size, color_mode, interpolation,
                                    batch_size, shuffle, seed)  # fmt: skip
        else:
            names = list(classes) if classes else sorted(set(dataframe[y_col]))
            labels = [names.index(label) for label in dataframe[y_col]]
            flow = self._from_files(files, labels, rows, len(names), class_mode, target_size, color_mode, interpolation,
                                    batch_size, shuffle, seed)  # fmt: skip
            flow.class_indices = {name: k for k, name in enumerate(names)}
        print(f"Found {len(rows)} validated image filenames.")
        return flow

    def _from_files(
        self, files: Any, labels: Any, rows: Any, count: int, mode: Any, size: Any, color: str, interpolation: str,
        batch: int, shuffle: bool, seed: Any,
    ) -> ImageFlow:  # fmt: skip
        def load(k: int) -> np.ndarray:
            return img_to_array(load_img(files[k], color_mode=color, target_size=size, interpolation=interpolation))

        columns = [] if mode is None else [_targets(labels, count, mode)]
        flow = ImageFlow(self, load, rows, columns, batch, shuffle, seed)
        flow.classes = None if labels is None else np.asarray(labels)[rows]
        flow.num_classes = count
        return flow


def _targets(labels: Any, count: int, mode: str) -> np.ndarray:
    """Labels in the form of a class_mode."""
    if mode == "categorical":
        return np.eye(count, dtype=np.float32)[np.asarray(labels)]
    if mode not in ("binary", "sparse", "raw", "other"):
        raise ArgumentError(f"expected class_mode 'categorical', 'binary', 'sparse', 'raw' or None; got {mode!r}.")
    return np.asarray(labels) if mode in ("raw", "other") else np.asarray(labels, np.float32)


def _subset(count: int, share: float, subset: str | None) -> np.ndarray:
    held, numbers = int(count * share), np.arange(count)
    if subset is None:
        return numbers
    return numbers[:held] if subset == "validation" else numbers[held:]


def _within_classes(labels: list[int], share: float, subset: str | None) -> np.ndarray:
    """The part of each class."""
    array = np.asarray(labels, int)
    rows = [np.flatnonzero(array == k) for k in np.unique(array)]
    return np.concatenate([r[_subset(len(r), share, subset)] for r in rows]) if rows else np.arange(0)


class ImageFlow(PyDataset):
    """Batches of changed pictures: `fit` takes it, and `next` gives one batch after the other."""

    def __init__(
        self, changes: ImageDataGenerator, load: Callable[[int], np.ndarray], rows: np.ndarray, columns: list[Any],
        batch_size: int, shuffle: bool, seed: Any,
    ) -> None:  # fmt: skip
        super().__init__()
        self._changes, self._load, self._rows, self._columns = changes, load, rows, columns
        self.batch_size, self.shuffle, self.samples = int(batch_size), shuffle, len(rows)
        self._random = numbers_of(SeedGenerator(None if seed is None else int(seed), name="image_flow"))
        self._order = self._next_order()
        self._at = 0
        self.classes: Any = None
        self.num_classes = 0
        self.class_indices: dict[str, int] = {}
        self.filenames: list[str] = []

    @property
    def n(self) -> int:
        """The number of pictures."""
        return self.samples

    def _next_order(self) -> np.ndarray:
        return self._random.permutation(self._rows) if self.shuffle else self._rows

    def __len__(self) -> int:
        return (self.samples + self.batch_size - 1) // self.batch_size

    def __getitem__(self, index: int) -> Any:
        rows = self._order[index * self.batch_size : (index + 1) * self.batch_size]
        pictures = [self._changes.random_transform(self._load(int(k)), self._random) for k in rows]
        x = np.stack([self._changes.standardize(p) for p in pictures])
        return (x, *(column[rows] for column in self._columns)) if self._columns else x

    def on_epoch_end(self) -> None:
        """Another order."""
        self._order = self._next_order()

    def reset(self) -> None:
        """Begin with the first batch."""
        self._at = 0

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        if self._at == len(self):
            self._at = 0
            self.on_epoch_end()
        self._at += 1
        return self[self._at - 1]

    next = __next__


def _moved(x: np.ndarray, matrix: np.ndarray, fill: str, value: float) -> np.ndarray:
    """A picture whose pixels come from other places, by linear interpolation."""
    rows, columns = x.shape[:2]
    middle = np.array([(rows - 1) / 2, (columns - 1) / 2])
    grid = np.stack(np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij"), -1) - middle
    at = grid @ matrix[:2, :2].T + matrix[:2, 2] + middle
    low = np.floor(at).astype(int)
    share = (at - low).astype(np.float32)
    total = np.zeros(x.shape, np.float32)
    for i in (0, 1):
        for j in (0, 1):
            weight = (share[..., 0] if i else 1 - share[..., 0]) * (share[..., 1] if j else 1 - share[..., 1])
            total += weight[..., None] * _pixels(x, low[..., 0] + i, low[..., 1] + j, fill, value)
    return total


def _pixels(x: np.ndarray, i: np.ndarray, j: np.ndarray, fill: str, value: float) -> np.ndarray:
    """Pixels at places, those outside filled in."""
    rows, columns = x.shape[:2]
    inside = (i >= 0) & (i < rows) & (j >= 0) & (j < columns)
    if fill == "wrap":
        i, j = i % rows, j % columns
    elif fill == "reflect":
        i, j = (np.abs((k + n) % (2 * n) - n + (((k + n) % (2 * n)) < n) * -1) for k, n in ((i, rows), (j, columns)))
    found = x[np.clip(i, 0, rows - 1), np.clip(j, 0, columns - 1)]
    return np.where(inside[..., None], found, value) if fill == "constant" else found


def smart_resize(x: Any, size: Sequence[int], interpolation: str = "bilinear", data_format: str | None = None) -> Any:
    """Pictures resized without distortion: the largest middle part of the new proportions, then its size.

    Args: x: one picture or a batch; size: (height, width); interpolation, data_format: as of `ops.image.resize`.
    Returns: a NumPy array for a NumPy array, else a tensor.
    Raises: ArgumentError: the size is no pair.

    >>> smart_resize(np.zeros((5, 9, 3)), (2, 2)).shape
    (2, 2, 3)
    """
    if len(size) != 2:
        raise ArgumentError(f"smart_resize: expected size to be (height, width); got {size!r}.")
    resized = ops.image.resize(
        ops.convert_to_tensor(x, "float32"), tuple(size), interpolation=interpolation, crop_to_aspect_ratio=True,
        data_format=data_format,
    )  # fmt: skip
    return resized.numpy() if isinstance(x, np.ndarray) else resized


__all__ = ["ImageDataGenerator", "smart_resize"]
