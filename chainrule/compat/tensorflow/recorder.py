"""What a tape records into where nothing is being recorded anyway: the numbers come when somebody asks for them."""

from __future__ import annotations

import weakref
from collections.abc import Sequence

import numpy as np

from ...ir import Builder, Equation, Tensor, TracedTensor, Var, evaluate_equation


class Recorder(Builder):
    """A Builder whose values have numbers. They are computed when they are asked for, all that were recorded by then;
    or, if the same was recorded before, together with the gradient by a compiled Program (`repeated.py`).

    What comes from outside is an input, however small, and a copy: it may be changed before anything is computed.
    """

    def __init__(self) -> None:
        super().__init__("tape")
        self.concrete = True
        self.tapes = 0  # that record here and may still be asked
        self.arrays: dict[Var, np.ndarray] = {}  # of inputs, and of what was computed
        self.inputs_read: list[Var] = []  # what was captured, in order
        self._computed = 0  # the equations up to here
        self._tensors: weakref.WeakValueDictionary[Var, TracedTensor] = weakref.WeakValueDictionary()
        self._lasting: dict[int, Tensor] = {}  # by id: tensors that nobody changes: those of Variables

    def results_of(self, equation: Equation, operands: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """The tensors of an equation's results, without numbers for now."""
        return tuple([self.tensor(v) for v in equation.outputs])

    def tensor(self, var: Var) -> TracedTensor:
        """The tensor of a value."""
        found = self._tensors.get(var)
        if found is None:
            found = self._tensors[var] = TracedTensor(self, var, self.arrays.get(var))
        return found

    def lasting(self, tensor: Tensor) -> Tensor:
        """The same tensor, which need not be copied: nobody changes its numbers."""
        self._lasting[id(tensor)] = tensor
        return tensor

    def _capture(self, tensor: Tensor) -> Var:
        var = Var(tensor.type)
        keeps = isinstance(tensor, TracedTensor) or id(tensor) in self._lasting
        self.arrays[var] = tensor.numpy() if keeps else tensor.numpy().copy()
        self.captured.append(tensor)
        self.inputs_read.append(var)
        return var

    def numbers_of(self, var: Var) -> np.ndarray | None:
        """The numbers of a value; computes what was recorded so far."""
        if var not in self.arrays:
            self._catch_up()
        return self.arrays[var]

    def _catch_up(self) -> None:
        while self._computed < len(self.equations):
            equation = self.equations[self._computed]
            if any(v not in self.arrays for v in equation.outputs):
                arrays = evaluate_equation(equation, [self.arrays[v] for v in equation.inputs])
                self.arrays.update(zip(equation.outputs, arrays, strict=True))
            self._computed += 1

    def waiting(self) -> list[Var]:
        """The values that somebody holds as a tensor and that have no numbers yet, in the order of recording."""
        held = {v for v, t in self._tensors.items() if t._array is None and v not in self.arrays}
        return [v for e in self.equations for v in e.outputs if v in held]

    def forget(self) -> None:
        """Let go of all that nobody holds."""
        for tensor in list(self._tensors.values()):
            tensor.numpy()
        self.arrays.clear()
        self.equations.clear()
        self.captured.clear()
        self.inputs_read.clear()
        self._known.clear()
        self._makers.clear()
        self._fixed.clear()
        self._lasting.clear()
        self._computed = 0


__all__ = ["Recorder"]
