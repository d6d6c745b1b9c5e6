"""`tf.config`, `tf.test` and kin: questions about the machine, and settings that change nothing here."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

from .random import set_seed

set_random_seed = set_seed  # its name in tf.compat.v1


class PhysicalDevice(NamedTuple):
    """A device of the machine."""

    name: str
    device_type: str


def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices that scripts may use: the CPU, never a GPU.

    >>> list_physical_devices("GPU")
    []
    """
    devices = [PhysicalDevice("/physical_device:CPU:0", "CPU")]
    return [device for device in devices if device_type in (None, device.device_type)]


list_logical_devices = get_visible_devices = list_physical_devices


def is_gpu_available(cuda_only: bool = False, min_cuda_compute_capability: Any = None) -> bool:
    """Always False."""
    return False


def gpu_device_name() -> str:
    """Always empty: there is none."""
    return ""


def is_built_with_cuda() -> bool:
    """Always False."""
    return False


def get_inter_op_parallelism_threads() -> int:
    """The number of cores."""
    return os.cpu_count() or 1


get_intra_op_parallelism_threads = get_inter_op_parallelism_threads


_eagerly = False


def run_functions_eagerly(run_eagerly: bool) -> None:
    """Let functions made by `tf.function` run as plain Python (True) or compiled (False)."""
    global _eagerly
    _eagerly = bool(run_eagerly)


experimental_run_functions_eagerly = run_functions_eagerly


def functions_run_eagerly() -> bool:
    """Whether functions made by `tf.function` run as plain Python.

    >>> functions_run_eagerly()
    False
    """
    return _eagerly


def _accept(*args: Any, **kwargs: Any) -> None:
    """A setting of TensorFlow that has nothing to set here: accepted and without effect."""


enable_op_determinism = _accept  # results are reproducible anyway
set_inter_op_parallelism_threads = set_intra_op_parallelism_threads = _accept
set_jit = set_log_device_placement = set_memory_growth = set_soft_device_placement = _accept
set_verbosity = set_visible_devices = set_logical_device_configuration = set_virtual_device_configuration = _accept
set_experimental_options = experimental_connect_to_cluster = _accept


def LogicalDeviceConfiguration(*args: Any, **kwargs: Any) -> dict[str, Any]:  # noqa: N802 - TensorFlow's name
    """Accepted: devices are not divided."""
    return dict(kwargs)


VirtualDeviceConfiguration = LogicalDeviceConfiguration


def get_soft_device_placement() -> bool:
    """Always True."""
    return True


def get_memory_info(device: str) -> dict[str, int]:
    """The memory of a GPU: there is none.

    >>> get_memory_info("GPU:0")
    {'current': 0, 'peak': 0}
    """
    return {"current": 0, "peak": 0}


is_built_with_gpu_support = is_built_with_cuda

__all__ = [
    "LogicalDeviceConfiguration", "PhysicalDevice", "VirtualDeviceConfiguration", "enable_op_determinism",
    "experimental_connect_to_cluster", "experimental_run_functions_eagerly", "functions_run_eagerly",
    "get_inter_op_parallelism_threads", "get_intra_op_parallelism_threads", "get_memory_info",
    "get_soft_device_placement", "get_visible_devices", "gpu_device_name", "is_built_with_cuda",
    "is_built_with_gpu_support", "is_gpu_available", "list_logical_devices", "list_physical_devices",
    "run_functions_eagerly", "set_experimental_options", "set_inter_op_parallelism_threads",
    "set_intra_op_parallelism_threads", "set_jit", "set_log_device_placement", "set_logical_device_configuration",
    "set_memory_growth", "set_random_seed", "set_soft_device_placement", "set_verbosity",
    "set_virtual_device_configuration", "set_visible_devices",
]  # fmt: skip
