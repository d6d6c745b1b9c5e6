"""Equations in the place of one: the same result by other means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...ir import PRIMITIVES, Equation, Primitive, Var


class Writer:
    """Collects the equations that are written in the place of `e`."""

    def __init__(self, e: Equation) -> None:
        self.e, self.p, self.found = e, e.params, list[Equation]()
        self.rank = e.outputs[0].type.rank - 3  # of a convolution: axes of space

    def emit(self, primitive: str | Primitive, *inputs: Var, **params: Any) -> Var:
        """The result of one more equation."""
        if isinstance(primitive, str):
            primitive = PRIMITIVES[primitive]
        canonical = primitive.canonical(**params)
        (t,) = primitive.infer_types(canonical, [v.type for v in inputs])
        self.found.append(Equation(primitive, inputs, canonical, (Var(t),), self.e.where))
        return self.found[-1].outputs[0]

    def finished(self, v: Var) -> list[Equation]:
        """All equations; the last one brings `v` into the shape of the result."""
        primitive = PRIMITIVES["reshape"]
        params = primitive.canonical(shape=self.e.outputs[0].type.shape)
        return [*self.found, Equation(primitive, (v,), params, self.e.outputs, self.e.where)]

    def cut(self, v: Var, start: Sequence[int], counts: Sequence[int], steps: Sequence[int]) -> Var:
        """So many elements along each axis, some steps apart."""
        stop = [a + (n - 1) * s + 1 for a, n, s in zip(start, counts, steps, strict=True)]
        return self.emit("slice", v, start=tuple(start), stop=tuple(stop), strides=tuple(steps))
