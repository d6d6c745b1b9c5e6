"""Steps as Keras on JAX has them: `train_step(self, state, data)` is given all state as values and returns it anew."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from ..errors import ArgumentError
from ..variables import Variable


def is_stateless(method: Callable[..., Any]) -> bool:
    """Whether a step of the user's takes the state beside the data.

    >>> is_stateless(lambda state, data: None), is_stateless(lambda data: None)
    (True, False)
    """
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    needed = [p for p in inspect.signature(method).parameters.values() if p.kind in kinds and p.default is p.empty]
    return len(needed) == 2


def state_of(model: Any, kind: str) -> list[list[Variable]]:
    """What a step is given, by group: trained weights, the others, the optimizer's, the metrics'."""
    groups = [model.trainable_variables, model.non_trainable_variables]
    groups += [model.optimizer.variables] if kind == "train" else []
    return groups if kind == "predict" else [*groups, model.metrics_variables]


def call_stateless(model: Any, method: Callable[..., Any], kind: str, data: Any, name: str) -> Any:
    """What the step returns besides the state, which is taken over.

    Args: kind: 'train', 'test' (both return logs, state) or 'predict' (outputs, other weights); name: for messages.
    Raises: ArgumentError: it returns something else.
    """
    groups = state_of(model, kind)
    returned = method(tuple([v.value for v in group] for group in groups), data)
    if not (isinstance(returned, (tuple, list)) and len(returned) == 2):
        raise ArgumentError(f"{name}: expected it to return a pair, {_WANTED[kind]}; got {type(returned).__name__}.")
    result, state = returned
    news = [groups[0], list(state)] if kind == "predict" else [list(group) for group in state]
    if [len(new) for new in news] != [len(group) for group in groups]:
        counts = [len(new) for new in news]
        raise ArgumentError(
            f"{name}: expected it to return as many values of state as it was given, "
            f"{[len(group) for group in groups]}; got {counts}."
        )
    for group, new in zip(groups, news, strict=True):
        for variable, value in zip(group, new, strict=True):
            if value is not variable:
                variable.assign(value)
    return result


_WANTED = {
    "train": "(logs, state)", "test": "(logs, state)", "predict": "(outputs, non-trainable variables)",
}  # fmt: skip
