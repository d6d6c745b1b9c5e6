"""What `check_setup` asks for, read off the units of a Program."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...ir import Var
from .flow import Flow
from .setups import Misfit, check_setup

# patterns of losses: Keras's name, and whether the loss takes logits from the user
_LOSSES = {
    "squared": ("mean_squared_error", False),
    "absolute": ("mean_absolute_error", False),
    "binary": ("binary_crossentropy", False),
    "binary_from_sigmoid": ("binary_crossentropy", False),
    "binary_from_logits": ("binary_crossentropy", True),
    "classes_from_softmax": ("categorical_crossentropy", False),
    "classes_from_logits": ("categorical_crossentropy", True),
    "numbered_from_softmax": ("sparse_categorical_crossentropy", False),
    "numbered_from_logits": ("sparse_categorical_crossentropy", True),
}


def findings_of(flow: Flow, outputs: Sequence[Var], targets: Sequence[np.ndarray | None]) -> list[Misfit]:
    """What cannot work about each output of a model with its loss and targets.

    Args:
        flow: Flow.
        outputs: the values that the model returns.
        targets: for each output its targets, or None.
    """
    made = {unit.output: unit for unit in flow.units}
    found: list[Misfit] = []
    for output, target in zip(outputs, targets, strict=False):
        unit = made.get(output)
        is_activation = unit is not None and unit.kind == "activation"
        head = unit.detail.pattern.name if unit is not None and is_activation else None
        before = unit.inputs[0] if unit is not None and is_activation else output
        loss = next((u for u in flow.units if u.inputs[-1:] and u.inputs[-1] in (output, before) and u.kind == "loss"),
                    None)  # fmt: skip
        name, from_logits = _LOSSES.get(flow.loss_kind(loss), (None, False)) if loss else _named(flow)
        found += check_setup(head, output.type.shape[-1] if output.type.shape else 1, name, from_logits, target)
    return found


def _named(flow: Flow) -> tuple[str | None, bool]:
    """A loss that no pattern describes, by the name of its equations."""
    names = {unit.layer.rpartition("/")[2] for unit in flow.units}
    return next(((n, False) for n in ("categorical_crossentropy", "sparse_categorical_crossentropy") if n in names),
                (None, False))  # fmt: skip
