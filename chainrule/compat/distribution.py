"""`keras.distribution` on one device: meshes, layouts and scopes, which change nothing about the computation."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..errors import ArgumentError, UnsupportedError
from ..ops import convert_to_tensor

_current: list[Any] = [None]


def list_devices(device_type: str | None = None) -> list[str]:
    """The devices by name.

    Args: device_type: 'cpu', 'gpu', 'tpu' or None for all.

    >>> list_devices(), list_devices("gpu")
    (['cpu:0'], [])
    """
    return ["cpu:0"] if device_type in (None, "cpu", "CPU") else []


def get_device_count(device_type: str | None = None) -> int:
    """How many devices there are."""
    return len(list_devices(device_type))


def initialize(job_addresses: Any = None, num_processes: int | None = None, process_id: int | None = None) -> None:
    """Start of a job on one machine; nothing to do.

    Raises: UnsupportedError: several machines are named.
    """
    if (num_processes or 1) > 1 or "," in (job_addresses or ""):
        raise UnsupportedError("keras.distribution.initialize: training runs on this machine only; name no others.")


class DeviceMesh:
    """Devices in a grid with named axes.

    Args: shape: sizes, of product 1; axis_names: one a size; devices: names (default all).
    Raises: ArgumentError: they do not fit each other.

    >>> DeviceMesh((1, 1), ["batch", "model"]).devices.shape
    (1, 1)
    """

    def __init__(self, shape: Sequence[int], axis_names: Sequence[str], devices: Any = None) -> None:
        if not shape or not axis_names:
            raise ArgumentError(
                f"DeviceMesh: expected shape and axis_names; got shape={shape}, axis_names={axis_names}."
            )
        if len(shape) != len(axis_names):
            raise ArgumentError(
                f"DeviceMesh: expected a name for each axis; got shape={shape}, axis_names={axis_names}."
            )
        found = np.array(list_devices() if devices is None else devices)
        if math.prod(shape) != found.size:
            raise ArgumentError(
                f"DeviceMesh: the shape {tuple(shape)} does not match the number of devices, {found.size}. "
                "keras.distribution.list_devices() lists them."
            )
        self.shape, self.axis_names, self.devices = tuple(shape), list(axis_names), found.reshape(shape)

    def __repr__(self) -> str:
        return f"<DeviceMesh shape={self.shape}, axis_names={self.axis_names}>"


class TensorLayout:
    """Along which axes of a mesh the axes of a tensor are cut.

    Args: axes: names of axes of the mesh, None for axes that are not cut; device_mesh: may be set later.
    Raises: ArgumentError: the mesh has no axis of a name.

    >>> TensorLayout([None, "model"], DeviceMesh((1,), ["model"])).axes
    (None, 'model')
    """

    def __init__(self, axes: Sequence[str | None], device_mesh: DeviceMesh | None = None) -> None:
        self.axes: tuple[str | None, ...] = tuple(axes)
        self._device_mesh = device_mesh
        self._check()

    def _check(self) -> None:
        if self._device_mesh is not None and set(self.axes) - {None} - set(self._device_mesh.axis_names):
            raise ArgumentError(f"TensorLayout: expected axes of {self._device_mesh.axis_names}; got {self.axes}.")

    @property
    def device_mesh(self) -> DeviceMesh | None:
        """The mesh; it can be set once."""
        return self._device_mesh

    @device_mesh.setter
    def device_mesh(self, mesh: DeviceMesh) -> None:
        if self._device_mesh is not None:
            raise ArgumentError("TensorLayout: it has a mesh already; make another layout.")
        self._device_mesh = mesh
        self._check()

    def __repr__(self) -> str:
        return f"<TensorLayout axes={self.axes}>"


class LayoutMap(MutableMapping[str, Any]):
    """Layouts by paths of weights; a path is looked up as it is, then by the keys as regular expressions.

    Args: device_mesh: for layouts that name none.

    >>> layouts = LayoutMap(DeviceMesh((1,), ["model"]))
    >>> layouts["dense.*kernel"] = (None, "model")
    >>> layouts["dense_1/kernel"].axes, layouts["other"]
    ((None, 'model'), None)
    """

    def __init__(self, device_mesh: DeviceMesh) -> None:
        self.device_mesh = device_mesh
        self._layouts: dict[str, TensorLayout] = {}

    def __getitem__(self, key: str) -> Any:
        if key in self._layouts:
            return self._layouts[key]
        fitting = [pattern for pattern in self._layouts if re.search(pattern, key)]
        if len(fitting) > 1:
            raise ArgumentError(f"LayoutMap: {key!r} fits several keys, {fitting}: make them more specific.")
        return self._layouts[fitting[0]] if fitting else None

    def __setitem__(self, key: str, layout: Any) -> None:
        if key in self._layouts:
            raise ArgumentError(f"LayoutMap: {key!r} has a layout already; delete it first.")
        layout = TensorLayout(layout) if isinstance(layout, (tuple, list)) else layout
        if not isinstance(layout, TensorLayout):
            raise ArgumentError(f"LayoutMap: expected a TensorLayout or a tuple of axes for {key!r}; got {layout!r}.")
        if layout.device_mesh is None:
            layout.device_mesh = self.device_mesh
        self._layouts[key] = layout

    def __delitem__(self, key: str) -> None:
        del self._layouts[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._layouts)

    def __len__(self) -> int:
        return len(self._layouts)


class Distribution:
    """What `DataParallel` and `ModelParallel` share. Args: device_mesh; batch_dim_name: the axis that cuts batches."""

    def __init__(self, device_mesh: DeviceMesh, batch_dim_name: str | None, auto_shard_dataset: bool = True) -> None:
        self.device_mesh, self.auto_shard_dataset = device_mesh, auto_shard_dataset
        self.batch_dim_name = batch_dim_name or device_mesh.axis_names[0]

    def get_data_layout(self, data_shape: Sequence[int]) -> TensorLayout:
        """The layout of a batch of a shape: cut along its first axis."""
        return TensorLayout((self.batch_dim_name, *(None for _ in data_shape[1:])), self.device_mesh)

    def get_variable_layout(self, variable: Any) -> TensorLayout:
        """The layout of a weight: whole."""
        return TensorLayout([None] * len(variable.shape), self.device_mesh)

    def get_tensor_layout(self, path: str) -> TensorLayout | None:
        """The layout of a tensor inside a model: as it comes."""
        return None

    def distribute_dataset(self, dataset: Any) -> Any:
        """The part of the data that this process reads: all."""
        return dataset

    @contextmanager
    def scope(self) -> Iterator[Distribution]:
        """Inside, this is what `distribution()` answers."""
        before = _current[0]
        set_distribution(self)
        try:
            yield self
        finally:
            set_distribution(before)


class DataParallel(Distribution):
    """Each device takes a part of every batch; here the one takes all.

    Args: device_mesh: of one axis, or devices: names (default all); auto_shard_dataset: accepted.

    >>> DataParallel().device_mesh.axis_names
    ['batch']
    """

    def __init__(
        self, device_mesh: DeviceMesh | None = None, devices: Any = None, auto_shard_dataset: bool = True
    ) -> None:
        if device_mesh is None:
            names = list_devices() if devices is None else list(devices)
            device_mesh = DeviceMesh((len(names),), ["batch"], names)
        super().__init__(device_mesh, None, auto_shard_dataset)


class ModelParallel(Distribution):
    """Weights are cut over the devices; here the one holds all.

    Args: layout_map: which weights how; batch_dim_name: default the first axis; auto_shard_dataset: accepted.
    Raises: ArgumentError: no LayoutMap is given.
    """

    def __init__(
        self, *, layout_map: LayoutMap | None = None, batch_dim_name: str | None = None,
        auto_shard_dataset: bool = True,
    ) -> None:  # fmt: skip
        if not isinstance(layout_map, LayoutMap):
            raise ArgumentError(f"ModelParallel: expected layout_map to be a LayoutMap; got {layout_map!r}.")
        super().__init__(layout_map.device_mesh, batch_dim_name, auto_shard_dataset)
        self._layout_map = layout_map

    def get_variable_layout(self, variable: Any) -> TensorLayout:
        """The layout that the map has for the weight's path."""
        return self._layout_map[variable.path] or super().get_variable_layout(variable)

    def get_tensor_layout(self, path: str) -> TensorLayout | None:
        """The layout that the map has for a path."""
        return self._layout_map[path]  # type: ignore[no-any-return]


def distribution() -> Any:
    """What `set_distribution` was given; None at first."""
    return _current[0]


def set_distribution(value: Any) -> None:
    """Choose how work is spread over devices. Args: value: a `DataParallel`, a `ModelParallel` or None."""
    _current[0] = value


def distribute_tensor(tensor: Any, layout: Any) -> Any:
    """The tensor, laid out over the devices: whole.

    >>> distribute_tensor([1.0], TensorLayout([None], DeviceMesh((1,), ["batch"]))).tolist()
    [1.0]
    """
    return convert_to_tensor(tensor)


__all__ = [
    "DataParallel", "DeviceMesh", "LayoutMap", "ModelParallel", "TensorLayout", "distribute_tensor", "distribution",
    "get_device_count", "initialize", "list_devices", "set_distribution",
]  # fmt: skip
