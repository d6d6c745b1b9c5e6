"""A progress bar for loops of one's own, and whether there is somebody to look at it."""

from __future__ import annotations

import math
import sys
import time
from typing import Any

import numpy as np

from ..callbacks.progress import duration, number
from ..errors import ArgumentError

_settings = {"interactive": True}
_CLEAR = "\r\x1b[2K"  # to the beginning of the line, and erase it


def enable_interactive_logging() -> None:
    """Progress is written to standard output (the default)."""
    _settings["interactive"] = True


def disable_interactive_logging() -> None:
    """Progress goes to the logger `chainrule` instead of standard output."""
    _settings["interactive"] = False


def is_interactive_logging_enabled() -> bool:
    """Whether progress is written to standard output.

    >>> is_interactive_logging_enabled()
    True
    """
    return _settings["interactive"]


def _show(text: str) -> None:
    if _settings["interactive"]:
        sys.stdout.write(text)
        sys.stdout.flush()
    elif text.strip():
        import logging

        logging.getLogger("chainrule").info(text.replace(_CLEAR, "").strip())


class Progbar:
    """A bar with the averages of what is measured.

    Args:
        target: how many steps there will be; None if unknown.
        width: of the bar, in characters (default 20).
        verbose: 0 silent, 1 a bar that moves (default), 2 one line at the end.
        interval: least seconds between two drawings (default 0.05).
        stateful_metrics: names of values that are shown as they come, not averaged; or
        stateless_metrics: names of those that are averaged, the others being shown as they come.
        unit_name: of a step, for the time that one takes (default 'step').

    Example:
    >>> bar = Progbar(2, verbose=2)
    >>> bar.update(1, [("loss", 4.0)]); bar.update(2, [("loss", 2.0)])   # doctest: +ELLIPSIS
    2/2 - ... - loss: 2.0000
    """

    def __init__(
        self, target: int | None, width: int = 20, verbose: int = 1, interval: float = 0.05,
        stateful_metrics: Any = None, stateless_metrics: Any = None, unit_name: str = "step",
    ) -> None:  # fmt: skip
        if verbose not in (0, 1, 2):
            raise ArgumentError(f"Progbar: expected verbose 0, 1 or 2; got {verbose!r}.")
        self.target, self.width, self.verbose, self.interval = target, width, verbose, interval
        if stateful_metrics is not None and stateless_metrics is not None:
            raise ArgumentError("Progbar: expected stateful_metrics or stateless_metrics; got both.")
        self.stateful_metrics, self.unit_name = set(stateful_metrics or ()), unit_name
        self.stateless_metrics = None if stateless_metrics is None else set(stateless_metrics)
        self._sums: dict[str, list[float]] = {}
        self._seen = 0
        self._start = time.time()
        self._last = -math.inf

    def update(self, current: int, values: Any = None, finalize: bool | None = None) -> None:
        """Show that `current` steps are done.

        Args: values: [(name, value), ...], averaged over the steps since the last call, but for the last ones;
            finalize: whether this is the end (default: when the target is reached).
        """
        steps = max(current - self._seen, 1)
        done = self.target is not None and current >= self.target if finalize is None else finalize
        for name, value in values or ():
            old = [0.0, 0] if done or self._is_stateful(name) else self._sums.get(name, [0.0, 0])
            self._sums[name] = [old[0] + float(np.mean(value)) * steps, old[1] + steps]
        self._seen = current
        now = time.time()
        if self.verbose == 1 and (done or now - self._last >= self.interval):
            self._last = now
            _show(_CLEAR + self._line(now, done) + ("\n" if done else ""))
        elif self.verbose == 2 and done:
            _show(self._line(now, done) + "\n")

    def _is_stateful(self, name: str) -> bool:
        known = self.stateless_metrics
        return name in self.stateful_metrics if known is None else name not in known

    def add(self, n: int, values: Any = None) -> None:
        """Show that `n` more steps are done."""
        self.update(self._seen + n, values)

    def _line(self, now: float, done: bool) -> str:
        elapsed = now - self._start
        each = elapsed / self._seen if self._seen else 0.0
        count = f"{self._seen}/{self.target}" if self.target else f"{self._seen}/Unknown"
        left = elapsed if done or not self.target else each * max(self.target - self._seen, 0)
        if self.verbose == 1 and self.target:
            filled = min(self.width, self.width * self._seen // self.target)
            count += f" {'━' * filled}{' ' * (self.width - filled)}"
        times = [f"{left:.0f}s", f"{duration(each)}/{self.unit_name}"]
        parts = [count, *times] if self.verbose == 2 else [" ".join([count, *times])]
        for name, (total, count_) in self._sums.items():
            parts.append(f"{name}: {number(total / count_)}")
        return " - ".join(parts)


class Config:
    """Settings as attributes that can be frozen, saved as JSON and read again.

    Args: kwargs: the settings.

    >>> config = Config(rate=0.1); config.layers = 2
    >>> config.as_dict(), "rate" in config.keys()
    ({'rate': 0.1, 'layers': 2}, True)
    """

    def __init__(self, **kwargs: Any) -> None:
        object.__setattr__(self, "_config", dict(kwargs))
        object.__setattr__(self, "_frozen", False)

    def _table(self) -> dict[str, Any]:
        return object.__getattribute__(self, "_config")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._table():
            raise AttributeError(f"Config has no setting {name!r}; there are {sorted(self._table())}.")
        return self._table()[name]

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __getitem__(self, key: str) -> Any:
        return self._table()[key]

    def __setitem__(self, key: str, value: Any) -> None:
        if object.__getattribute__(self, "_frozen"):
            raise ArgumentError(f"Config: it is frozen, {key!r} cannot be set; unfreeze() it first.")
        self._table()[key] = value

    def __delitem__(self, key: str) -> None:
        del self._table()[key]

    def __contains__(self, key: str) -> bool:
        return key in self._table()

    def __iter__(self) -> Any:
        return iter(self._table())

    def __len__(self) -> int:
        return len(self._table())

    def __repr__(self) -> str:
        return f"<Config {self._table()}>"

    def freeze(self) -> None:
        """Let no setting change any more."""
        object.__setattr__(self, "_frozen", True)

    def unfreeze(self) -> None:
        """Let settings change again."""
        object.__setattr__(self, "_frozen", False)

    @property
    def frozen(self) -> bool:
        """Whether it is frozen."""
        return bool(object.__getattribute__(self, "_frozen"))

    def as_dict(self) -> dict[str, Any]:
        """The settings as a dict of their own."""
        return dict(self._table())

    def to_json(self) -> str:
        """The settings as JSON."""
        import json

        return json.dumps(self._table())

    def keys(self) -> Any:
        """The names of the settings."""
        return self._table().keys()

    def values(self) -> Any:
        """The values of the settings."""
        return self._table().values()

    def items(self) -> Any:
        """Names and values."""
        return self._table().items()

    def get(self, key: str, default: Any = None) -> Any:
        """A setting, or `default`."""
        return self._table().get(key, default)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Set several."""
        for key, value in dict(*args, **kwargs).items():
            self[key] = value

    @classmethod
    def from_json(cls, json_str: str) -> Config:
        """Settings from JSON."""
        import json

        return cls(**json.loads(json_str))
