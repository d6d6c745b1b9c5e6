"""Every knob, once.

`set_floatx`, `set_epsilon` and `set_image_data_format` carry Keras's names. `CHAINRULE_EXECUTOR` (or `set_executor`)
chooses who runs compiled Programs: `native` (default: machine code) or `reference` (NumPy, one equation at a time).
`CHAINRULE_THREADS` (or `set_threads`): how many threads a compiled Program may use. `CHAINRULE_FILTERS=direct`: no
convolution multiplies less and rounds a little more (docs/design/036). `CHAINRULE_LANG` (or `set_language`): `en` or
`zh`, the language of the commands, reports and warnings about models. Two more environment variables
serve those who work on chainrule itself: `CHAINRULE_CHECK` (0: trust, 1: verify each Program that is compiled, 2:
verify after each pass as well) and `CHAINRULE_DUMP` (a folder: every stage of a compilation is written there as text).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from .errors import ArgumentError

_LANGUAGES = ("en", "zh")
_FLOATS = ("float16", "bfloat16", "float32", "float64")
_settings: dict[str, object] = {
    "floatx": "float32",
    "epsilon": 1e-7,
    "image_data_format": "channels_last",
    "profiling": 0,
    "profiles": 0,  # made so far
    "executor": os.environ.get("CHAINRULE_EXECUTOR", "native"),
    "language": os.environ.get("CHAINRULE_LANG", "en"),
}


def floatx() -> str:
    """The default float dtype, `'float32'` unless set.

    >>> floatx()
    'float32'
    """
    return str(_settings["floatx"])


def set_floatx(value: str) -> None:
    """Set the default float dtype: `'float16'`, `'bfloat16'`, `'float32'` or `'float64'`."""
    if value not in _FLOATS:
        raise ArgumentError(f"set_floatx: expected one of {', '.join(_FLOATS)}; got {value!r}.")
    _settings["floatx"] = value


def epsilon() -> float:
    """The small number that keeps logarithms and divisions finite, `1e-07` unless set.

    >>> epsilon()
    1e-07
    """
    return float(_settings["epsilon"])  # type: ignore[arg-type]


def set_epsilon(value: float) -> None:
    """Set the small number used by losses and metrics; a positive float."""
    if not value > 0:
        raise ArgumentError(f"set_epsilon: expected a positive number; got {value!r}.")
    _settings["epsilon"] = float(value)


def image_data_format() -> str:
    """`'channels_last'` (rows, columns, channels) or `'channels_first'`."""
    return str(_settings["image_data_format"])


def set_image_data_format(data_format: str) -> None:
    """Set the default order of image axes."""
    if data_format not in ("channels_last", "channels_first"):
        raise ArgumentError(
            f"set_image_data_format: expected 'channels_last' or 'channels_first'; got {data_format!r}."
        )
    _settings["image_data_format"] = data_format


def language() -> str:
    """`'en'` or `'zh'`: what the commands speak without `--lang`, and what is said of models (`LintWarning`).

    >>> language()
    'en'
    """
    found = str(_settings["language"])
    return found if found in _LANGUAGES else "en"


def set_language(value: str) -> None:
    """Set the language: `'en'` or `'zh'`."""
    if value not in _LANGUAGES:
        raise ArgumentError(f"set_language: expected one of {', '.join(_LANGUAGES)}; got {value!r}.")
    _settings["language"] = value


def executor() -> str:
    """The name of the executor that runs compiled Programs."""
    return str(_settings["executor"])


def set_executor(name: str) -> None:
    """Choose the executor for everything compiled from now on."""
    _settings["executor"] = name


def profiling() -> int:
    """The number of the profile that is being made; 0 if none is."""
    return int(_settings["profiling"])  # type: ignore[call-overload]


def set_profiling(on: bool) -> None:
    """Whether Programs that are compiled from now on measure their kernels. See `chainrule.profile`."""
    _settings["profiles"] = int(_settings["profiles"]) + on  # type: ignore[call-overload]
    _settings["profiling"] = _settings["profiles"] if on else 0


def compilation() -> tuple[str, int]:
    """What compiled Programs depend on besides themselves: the executor, and the profile that is being made."""
    return executor(), profiling()


def threads() -> int:
    """How many threads a compiled Program may use: all processors that this process may run on, unless set."""
    return int(_settings["threads"]) or _processors()  # type: ignore[call-overload]


def set_threads(count: int | None) -> None:
    """Let compiled Programs use `count` threads; None: all processors. Results do not depend on it, to the bit.

    Raises: ArgumentError: not a positive integer.
    """
    if count is not None and (not isinstance(count, int) or isinstance(count, bool) or count < 1):
        raise ArgumentError(f"set_threads: expected a positive integer or None; got {count!r}.")
    _settings["threads"] = count or 0


@contextmanager
def threads_limited_to(count: int) -> Iterator[None]:
    """Inside, compiled Programs use at most `count` threads: for whoever runs several of them side by side."""
    before = _settings["threads"]
    _settings["threads"] = min(count, threads())
    try:
        yield
    finally:
        _settings["threads"] = before


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _threads_from_environment() -> int:
    text = os.environ.get("CHAINRULE_THREADS", "")
    if text and not (text.isdecimal() and int(text) > 0):
        raise ArgumentError(f"CHAINRULE_THREADS: expected a positive integer; got {text!r}.")
    return int(text or 0)


_settings["threads"] = _threads_from_environment()


def max_epochs() -> int | None:
    """How many epochs `fit` trains at most, for scripts that are only tried out; None: as many as it is told.

    >>> max_epochs()
    """
    return _limit("max_epochs")


def set_max_epochs(max_epochs: int | None) -> None:
    """Let `fit` train so many epochs at most (also: `KERAS_MAX_EPOCHS` in the environment); None: no limit."""
    _set_limit("max_epochs", max_epochs)


def max_steps_per_epoch() -> int | None:
    """How many batches `fit`, `evaluate` and `predict` take at most; None: all.

    >>> max_steps_per_epoch()
    """
    return _limit("max_steps_per_epoch")


def set_max_steps_per_epoch(max_steps_per_epoch: int | None) -> None:
    """Let `fit`, `evaluate` and `predict` take so many batches at most (also: `KERAS_MAX_STEPS_PER_EPOCH`)."""
    _set_limit("max_steps_per_epoch", max_steps_per_epoch)


def _limit(name: str) -> int | None:
    value = _settings.get(name, os.environ.get(f"KERAS_{name.upper()}") or None)
    return None if value is None else int(value)  # type: ignore[call-overload, no-any-return]


def _set_limit(name: str, value: int | None) -> None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
        raise ArgumentError(f"set_{name}: expected a positive integer or None; got {value!r}.")
    _settings[name] = value


def filters_minimally() -> bool:
    """`CHAINRULE_FILTERS` (`minimal`; or `direct`): whether convolutions may multiply less, and round a little more."""
    return os.environ.get("CHAINRULE_FILTERS", "minimal") != "direct"


def check_level() -> int:
    """`CHAINRULE_CHECK`: 0, 1 (default) or 2."""
    return int(os.environ.get("CHAINRULE_CHECK", "1"))


def cache_folder() -> str:
    """`CHAINRULE_CACHE`: the folder that keeps compiled Programs; an empty string if there is none.

    Unless set it is the one that the system has for such files (`$XDG_CACHE_HOME/chainrule`, `~/.cache/chainrule`,
    `~/Library/Caches/chainrule`, `%LOCALAPPDATA%\\chainrule`). Set to nothing or `off`, nothing is kept.
    """
    chosen = os.environ.get("CHAINRULE_CACHE")
    if chosen is None:
        return _system_cache()
    return "" if chosen.strip().lower() in ("", "off") else os.path.abspath(os.path.expanduser(chosen))


def _system_cache() -> str:
    if sys.platform == "win32":
        parent = os.environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        parent = os.path.expanduser("~/Library/Caches")
    else:
        parent = os.environ.get("XDG_CACHE_HOME", "")
        parent = parent if os.path.isabs(parent) else os.path.expanduser("~/.cache")
    return os.path.join(parent, "chainrule") if os.path.isabs(parent) else ""  # no home, no cache


def cache_bytes() -> int:
    """`CHAINRULE_CACHE_MB` (default 512), in bytes: when the folder holds more, what was not used for longest goes."""
    text = os.environ.get("CHAINRULE_CACHE_MB", "512")
    if not text.isdecimal():
        raise ArgumentError(f"CHAINRULE_CACHE_MB: expected a number of megabytes; got {text!r}.")
    return int(text) << 20


def dump_folder() -> str:
    """`CHAINRULE_DUMP`: the folder for the text of every stage, or an empty string."""
    return os.environ.get("CHAINRULE_DUMP", "")
