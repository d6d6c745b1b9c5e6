"""The arguments that every optimizer takes, and `rule`, which spells them out in the signature of each."""

from __future__ import annotations

import functools
import inspect
import math
import numbers
from typing import Any, TypedDict, TypeVar

from ..errors import ArgumentError, did_you_mean
from ..serialization import builtin

T = TypeVar("T", bound=type)

SHARED: dict[str, Any] = {
    "weight_decay": None, "clipnorm": None, "clipvalue": None, "global_clipnorm": None, "use_ema": False,
    "ema_momentum": 0.99, "ema_overwrite_frequency": None, "loss_scale_factor": None,
    "gradient_accumulation_steps": None, "name": None,
}  # fmt: skip
_OTHER_NAMES = {"lr": "learning_rate", "alpha": "learning_rate", "eps": "epsilon", "l1": "l1_regularization_strength"}


class SharedButDecay(TypedDict, total=False):
    """The shared arguments, for a rule that names `weight_decay` itself."""

    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None
    use_ema: bool
    ema_momentum: float
    ema_overwrite_frequency: int | None
    loss_scale_factor: float | None
    gradient_accumulation_steps: int | None
    name: str | None


class Shared(SharedButDecay, total=False):
    """The shared arguments; `Optimizer` says what they mean."""

    weight_decay: float | None


def rule(cls: T) -> T:
    """Decorator: register an optimizer, and let `**shared` in its `__init__` stand for the shared arguments.

    They can then be given by position too, in Keras's order: after the rule's own arguments, except that own arguments
    written after a `*` come last.
    """
    init = cls.__init__  # type: ignore[misc]
    signature = _spelled_out(inspect.signature(init))

    @functools.wraps(init)
    def spelled(*args: Any, **kwargs: Any) -> None:
        given = signature.bind(*args, **kwargs).arguments
        init(given.pop("self"), **given.pop("kwargs", {}), **given)

    spelled.__signature__ = signature  # type: ignore[attr-defined]
    cls.__init__ = spelled  # type: ignore[misc]
    return builtin(cls)


def _spelled_out(written: inspect.Signature) -> inspect.Signature:
    own = [p for p in written.parameters.values() if p.kind != p.VAR_KEYWORD]
    first = [p for p in own if p.kind != p.KEYWORD_ONLY]
    last = [p.replace(kind=p.POSITIONAL_OR_KEYWORD) for p in own if p.kind == p.KEYWORD_ONLY]
    taken = {p.name for p in own}
    middle = [
        inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default)
        for name, default in SHARED.items() if name not in taken
    ]  # fmt: skip
    rest = inspect.Parameter("kwargs", inspect.Parameter.VAR_KEYWORD)
    return written.replace(parameters=[*first, *middle, *last, rest])


def refuse_unknown(cls: type, unknown: dict[str, Any]) -> None:
    """Raise for arguments that no rule has, with the name that was probably meant."""
    for name, value in unknown.items():
        known = [p for p in inspect.signature(cls).parameters if p != "kwargs"]
        other = _OTHER_NAMES.get(name)
        hint = f" Did you mean {other!r}?" if other in known else did_you_mean(name, known)
        raise ArgumentError(
            f"{cls.__name__}: argument not recognized: {name}={value!r}.{hint} It takes {', '.join(known)}."
        )


def check_number(owner: str, name: str, value: Any, low: float = -math.inf, high: float = math.inf) -> None:
    """Raise unless `value` is a number from low to high.

    >>> check_number("SGD", "momentum", 0.9, 0, 1)
    """
    if isinstance(value, numbers.Real) and not isinstance(value, bool) and low <= float(value) <= high:
        return
    limits = "" if low == -math.inf else f" from {low:g}" + ("" if high == math.inf else f" to {high:g}")
    raise ArgumentError(f"{owner}: expected {name} to be a number{limits}; got {value!r} ({type(value).__name__}).")


def check_count(owner: str, name: str, value: Any, low: int) -> None:
    """Raise unless `value` is None or an integer of at least `low`."""
    if value is not None and (not isinstance(value, numbers.Integral) or isinstance(value, bool) or value < low):
        raise ArgumentError(
            f"{owner}: expected {name} to be an integer of at least {low} or None; got {name}={value!r}."
        )


def check_shared(owner: str, given: dict[str, Any]) -> None:
    """Raise for values of the shared arguments that make no sense; `given` has them by name."""
    for name in ("weight_decay", "clipnorm", "clipvalue", "global_clipnorm", "loss_scale_factor"):
        if given[name] is not None:
            check_number(owner, name, given[name])
    clips = {name: given[name] for name in ("clipnorm", "clipvalue", "global_clipnorm") if given[name] is not None}
    if len(clips) > 1:
        shown = ", ".join(f"{name}={value}" for name, value in clips.items())
        raise ArgumentError(f"{owner}: expected at most one of clipnorm, clipvalue and global_clipnorm; got {shown}.")
    check_count(owner, "gradient_accumulation_steps", given["gradient_accumulation_steps"] or None, 2)
    if given["use_ema"]:
        check_number(owner, "ema_momentum", given["ema_momentum"], 0, 1)
        check_count(owner, "ema_overwrite_frequency", given["ema_overwrite_frequency"] or None, 1)
