"""Cells one after another, at every step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ... import ops
from ...errors import ArgumentError
from ...serialization import builtin, deserialize_keras_object, serialize_keras_object
from ..arguments import call_defaults
from ..checks import label
from ..layer import Layer


@builtin
class StackedRNNCells(Layer):
    """Cells one after another as one cell: each takes the output of the one before.

    Args: cells: a list of cells.
    Shapes: inputs (batch, n), states: a list of those of each cell -> output of the last cell, the new states.
    Raises: ArgumentError: a cell lacks `call` or `state_size`.
    Source: Graves, Mohamed and Hinton 2013, arXiv:1303.5778, section 3.

    Example:
    >>> from chainrule.layers import GRUCell, LSTMCell
    >>> cell = StackedRNNCells([LSTMCell(4), GRUCell(2)])
    >>> cell.state_size, cell.output_size
    ([[4, 4], 2], 2)
    """

    def __init__(self, cells: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for cell in cells:
            if not hasattr(cell, "call") or not hasattr(cell, "state_size"):
                raise ArgumentError(f"{label(self)}: expected cells with call and state_size; got {cell!r}.")
        self.cells = list(cells)

    @property
    def state_size(self) -> list[Any]:
        """The sizes of the states of each cell."""
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> int:
        """The size of the output, that of the last cell."""
        return output_size(self.cells[-1])

    def get_initial_state(self, batch_size: int | None = None) -> list[Any]:
        """Those of each cell."""
        return [self._initial(cell, batch_size) for cell in self.cells]

    def _initial(self, cell: Any, batch_size: int | None) -> Any:
        if hasattr(cell, "get_initial_state"):
            return cell.get_initial_state(batch_size=batch_size)
        size = cell.state_size
        zeros = lambda n: ops.zeros((batch_size, n), self.compute_dtype)  # noqa: E731
        return [zeros(n) for n in size] if isinstance(size, (list, tuple)) else zeros(size)

    def build(self, input_shape: Any) -> None:
        """Build the cells."""
        for cell in self.cells:
            if isinstance(cell, Layer) and not cell.built:
                cell.build(input_shape)
                cell.built = True
            input_shape = (input_shape[0], output_size(cell))
        self.built = True

    def call(self, inputs: Any, states: Any, training: bool | None = False) -> tuple[Any, Any]:
        """The output of the last cell, the new states of all."""
        new = []
        for cell, old in zip(self.cells, states, strict=True):
            many = isinstance(old, (list, tuple))
            given = (
                {"training": training} if isinstance(cell, Layer) and "training" in call_defaults(type(cell)) else {}
            )
            inputs, found = (cell if callable(cell) else cell.call)(inputs, list(old) if many else [old], **given)
            listed = list(found) if isinstance(found, (list, tuple)) else [found]
            new.append(listed if many else listed[0])
        return inputs, new

    # what a layer over many steps computes with, as `Cell` has it

    @property
    def in_two_parts(self) -> bool:
        """Whether `project` and `step` do what `call` does."""
        own = type(self).call is StackedRNNCells.call
        return own and all(getattr(cell, "in_two_parts", False) for cell in self.cells)

    def draw(self, input_shape: Any, training: bool | None) -> list[Any]:
        """The dropout masks of one call, cell by cell."""
        masks = []
        for cell in self.cells:
            masks.append(cell.draw(input_shape, training))
            input_shape = (input_shape[0], cell.output_size)
        return masks

    def project(self, inputs: Any, masks: Any) -> Any:
        """What the first cell computes from the inputs alone."""
        return self.cells[0].project(inputs, masks[0])

    def step(self, projected: Any, states: Any, masks: Any) -> tuple[Any, Any]:
        """The output of the last cell, the new states of all."""
        x, new = projected, []
        for k, (cell, old) in enumerate(zip(self.cells, states, strict=True)):
            many = isinstance(old, (list, tuple))
            z = cell.project(x, masks[k]) if k else x
            x, found = cell.step(z, old if many else [old], masks[k])
            new.append(found if many else found[0])
        return x, new

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, the cells included."""
        return {**self._base_config(), "cells": [serialize_keras_object(cell) for cell in self.cells]}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
        """A layer like the one that `config` came from; its weights are new."""
        cells = [deserialize_keras_object(cell, custom_objects) for cell in config["cells"]]
        return cls(**{**config, "cells": cells})


def output_size(cell: Any) -> int:
    """The size of a cell's output: what it says, else that of its first state."""
    size = getattr(cell, "output_size", None) or cell.state_size
    return size[0] if isinstance(size, (list, tuple)) else size
