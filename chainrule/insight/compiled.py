"""What a model was compiled with."""

from __future__ import annotations

from typing import Any

from ..losses import ALL, LossFunctionWrapper


def loss_of(model: Any) -> tuple[str, bool]:
    """(the name of the compiled loss, whether it takes logits); ("", False) where it is not one of Keras's alone.

    >>> import chainrule
    >>> model = chainrule.Sequential([chainrule.layers.Dense(1)])
    >>> model.compile(loss="mse")
    >>> loss_of(model)
    ('mean_squared_error', False)
    """
    given = (model._compile_arguments or {}).get("loss")
    if isinstance(given, (list, tuple)) and len(given) == 1:
        given = given[0]
    if isinstance(given, str):
        given = ALL.get(given)
    if isinstance(given, type):
        given = given()
    if isinstance(given, LossFunctionWrapper):
        return getattr(given.fn, "__name__", ""), bool(given._fn_kwargs.get("from_logits", False))
    name = getattr(given, "__name__", "")
    return (name, False) if name and ALL.get(name) is given else ("", False)
