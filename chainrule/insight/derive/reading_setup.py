"""What the checks of set-ups ask for, read off the units of a Program."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...ir import Var
from ..lint.rules import Hit
from ..lint.setups import Setup, check_setup
from .flow import Flow
from .units import Unit

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


def findings_of(
    flow: Flow, outputs: Sequence[Var], targets: Sequence[np.ndarray | None], compiled: tuple[str, bool]
) -> list[Hit]:
    """What cannot work about each output of a model with its loss and targets.

    Args:
        flow: Flow.
        outputs: the values that the model returns.
        targets: for each output its targets, or None.
        compiled: what `loss_of` says of the model.
    """
    made = {unit.output: unit for unit in flow.units}
    found: list[Hit] = []
    for output, target in zip(outputs, targets, strict=False):
        head, before = _head(made.get(output), output)
        loss = next((u for u in flow.units if u.inputs[-1:] and u.inputs[-1] in (output, before) and u.kind == "loss"),
                    None)  # fmt: skip
        name, from_logits = compiled if compiled[0] and len(outputs) == 1 else _LOSSES.get(
            flow.loss_kind(loss) if loss else "", ("", False))  # fmt: skip
        units = output.type.shape[-1] if output.type.shape else 1
        found += check_setup(Setup(head, units, name, from_logits, None if target is None else np.asarray(target)))
    return found


def _head(unit: Unit | None, output: Var) -> tuple[str, Var]:
    """(the activation of an output, what it was applied to): "" for none, "?" where it is not known."""
    if unit is not None and unit.kind == "activation":
        return unit.detail.pattern.name, unit.inputs[0]
    return "" if unit is not None and unit.kind == "affine" else "?", output
