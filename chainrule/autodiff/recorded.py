"""Reverse mode over equations that were recorded already: the forward pass is not written a second time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..ir import Equation, Tensor, Var, where
from .reverse import _backward, reached

Results = Callable[[Equation], tuple[Tensor, ...]]  # all results of an equation; of a loop also the saved carries


def pull_back_recorded(
    equations: Sequence[Equation], seeds: dict[Var, Tensor], sources: Sequence[Var],
    value_of: Callable[[Var], Tensor], results_of: Results,
) -> dict[Var, Tensor]:  # fmt: skip
    """The cotangents of `sources` from those of results, `seeds`; a source without one does not take part.

    Args: equations: in the order of recording; value_of: the tensor of a value; results_of: the tensors of an
        equation's results.
    Raises: NotDifferentiableError: an operation on the way has no derivative.
    """
    active = reached(equations, sources)
    values = _Values(value_of)
    ends = set(sources)
    cotangents = {v: seed for v, seed in seeds.items() if v in active}
    for equation in reversed(equations):
        if any(v in cotangents for v in equation.outputs) and any(v in active for v in equation.inputs):
            results = results_of(equation)
            with where(equation.where):
                _backward(equation, results if equation.primitive.multiple else results[0], values, cotangents, active)
        for v in equation.outputs:
            if v not in ends:
                cotangents.pop(v, None)  # done with
    return {v: cotangents[v] for v in sources if v in cotangents}


class _Values(dict[Var, Tensor]):
    """The tensors of values, looked up when they are needed."""

    def __init__(self, value_of: Callable[[Var], Tensor]) -> None:
        super().__init__()
        self.value_of = value_of

    def __missing__(self, v: Var) -> Tensor:
        self[v] = self.value_of(v)
        return self[v]
