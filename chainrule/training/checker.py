"""Who looks at a model when it is compiled or trained: looked up when it is first needed.

The rules know models and layers, so they stand above this package; here only their place is known.
"""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any

PLACE = "chainrule.insight.lint.live"
CHECKS = {"compile": "check_compile", "fit": "check_fit"}  # of (model) and of (model, data, validation, split)


def look(kind: str, model: Any, *given: Any) -> None:
    """Have a model looked at. What is wrong with it becomes a warning, and so does an error in looking: it ends no fit.

    Args:
        kind: "compile" or "fit".
        model: Model.
        given: what else there is to see.
    """
    if not getattr(model, "_is_checked", True):  # whoever made it says in words of its own what is wrong
        return
    try:
        getattr(import_module(PLACE), CHECKS[kind])(model, *given)
    except Warning:  # the user wants warnings to be errors
        raise
    except Exception as error:
        warnings.warn(f"the checks at {kind} failed ({type(error).__name__}: {error}) and are left out.", stacklevel=3)
