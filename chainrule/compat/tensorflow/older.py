"""`tf.compat` and what belongs to TensorFlow's inside: text and bytes, things accepted, and things of TensorFlow 1."""

from __future__ import annotations

from typing import Any

from ...errors import UnsupportedError


def as_str(bytes_or_text: Any, encoding: str = "utf-8") -> str:
    """Text from bytes or text."""
    return bytes_or_text.decode(encoding) if isinstance(bytes_or_text, bytes) else str(bytes_or_text)


as_text = as_str_any = as_str


def as_bytes(bytes_or_text: Any, encoding: str = "utf-8") -> bytes:
    """Bytes from bytes or text."""
    return bytes_or_text if isinstance(bytes_or_text, bytes) else str(bytes_or_text).encode(encoding)


class UnconnectedGradients:
    """What `GradientTape.gradient` gives for what nothing depends on."""

    NONE, ZERO = "none", "zero"


class VariableAggregation:
    """Accepted: there is one replica."""

    NONE, SUM, MEAN, ONLY_FIRST_REPLICA = "none", "sum", "mean", "only_first_replica"


class VariableSynchronization:
    """Accepted: there is one replica."""

    AUTO, NONE, ON_WRITE, ON_READ = "auto", "none", "on_write", "on_read"


class Options:
    """Of a data set, or of saving: every attribute is accepted, and has no effect.

    >>> options = Options()
    >>> options.experimental_distribute.auto_shard_policy = "off"
    """

    def __init__(self, **kwargs: Any) -> None:
        self.__dict__.update(kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self.__dict__[name] = Options()
        return self.__dict__[name]


class AutoShardPolicy:
    """Accepted: data sets are not spread over machines."""

    OFF, AUTO, FILE, DATA, HINT = "off", "auto", "file", "data", "hint"


def do_not_convert(func: Any = None) -> Any:
    """The function as it is."""
    return func if func is not None else do_not_convert


def accept(*args: Any, **kwargs: Any) -> None:
    """Accepted, without effect."""


enable_eager_execution = enable_v2_behavior = reset_default_graph = initialize_tpu_system = accept
experimental_enable_numpy_behavior = set_loop_options = experimental_connect_to_cluster = accept


def get_build_info() -> dict[str, Any]:
    """What TensorFlow was built with: nothing of it is here.

    >>> get_build_info()["is_cuda_build"]
    False
    """
    return {"is_cuda_build": False, "is_rocm_build": False, "is_tensorrt_build": False, "cpu_compiler": "llvmlite"}


def _of_version_1(name: str) -> Any:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise UnsupportedError(
            f"tf.compat.v1.{name}: graphs and sessions of TensorFlow 1 are not here. Call functions on tensors "
            "directly, build models with keras.Sequential or keras.Model, and train with fit or tf.GradientTape."
        )

    refuse.__name__ = refuse.__qualname__ = name
    refuse.__doc__ = "Raises: UnsupportedError: always: it belongs to TensorFlow 1."
    return refuse


_V1 = (
    "ConfigProto", "GPUOptions", "Graph", "InteractiveSession", "Session", "disable_eager_execution",
    "disable_v2_behavior", "get_variable", "global_variables_initializer", "layers", "placeholder", "variable_scope",
    "Saver", "AdamOptimizer", "GradientDescentOptimizer", "set_session",
)  # fmt: skip
globals().update({name: _of_version_1(name) for name in _V1})
__all__ = [
    "AutoShardPolicy", "Options", "UnconnectedGradients", "VariableAggregation", "VariableSynchronization", "accept",
    "as_bytes", "as_str", "as_str_any", "as_text", "do_not_convert", "enable_eager_execution", "enable_v2_behavior",
    "experimental_connect_to_cluster", "experimental_enable_numpy_behavior", "get_build_info",
    "initialize_tpu_system", "reset_default_graph", "set_loop_options",
]  # fmt: skip
__all__ += [*_V1]  # noqa: PLE0604
