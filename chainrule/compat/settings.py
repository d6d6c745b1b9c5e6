"""The settings of `keras.config` that concern Keras itself. Most have one value here; asking for another says so."""

from __future__ import annotations

from ..errors import ArgumentError, UnsupportedError
from ..utils import disable_interactive_logging, enable_interactive_logging, is_interactive_logging_enabled

_BACKENDS = ("chainrule", "tensorflow", "jax", "torch", "numpy", "openvino")
_settings = {"flash": True, "filtering": True}


def set_backend(backend: str) -> None:
    """Accepted for scripts that choose what computes; chainrule does, whatever is named.

    Raises: ArgumentError: a name that Keras does not have either.
    """
    if backend not in _BACKENDS:
        raise ArgumentError(f"set_backend: expected one of {', '.join(_BACKENDS)}; got {backend!r}.")


def is_nnx_enabled() -> bool:
    """Whether Flax's modules are used: never.

    >>> is_nnx_enabled()
    False
    """
    return False


def enable_unsafe_deserialization() -> None:
    """Always an error: no setting makes chainrule run code from a file.

    Raises: UnsupportedError: always.
    """
    raise UnsupportedError(
        "enable_unsafe_deserialization: code from files is never run. Register functions with "
        "@register_keras_serializable(), or pass custom_objects when loading."
    )


def enable_flash_attention() -> None:
    """Accepted: attention is computed in one way, whatever is set."""
    _settings["flash"] = True


def disable_flash_attention() -> None:
    """Accepted: attention is computed in one way, whatever is set."""
    _settings["flash"] = False


def is_flash_attention_enabled() -> bool:
    """What was set last (default True)."""
    return _settings["flash"]


def enable_traceback_filtering() -> None:
    """Accepted: errors are raised where they are found, and nothing is filtered."""
    _settings["filtering"] = True


def disable_traceback_filtering() -> None:
    """Accepted: errors are raised where they are found, and nothing is filtered."""
    _settings["filtering"] = False


def is_traceback_filtering_enabled() -> bool:
    """What was set last (default True)."""
    return _settings["filtering"]


__all__ = [
    "disable_flash_attention",
    "disable_interactive_logging",
    "disable_traceback_filtering",
    "enable_flash_attention",
    "enable_interactive_logging",
    "enable_traceback_filtering",
    "enable_unsafe_deserialization",
    "is_flash_attention_enabled",
    "is_interactive_logging_enabled",
    "is_nnx_enabled",
    "is_traceback_filtering_enabled",
    "set_backend",
]
