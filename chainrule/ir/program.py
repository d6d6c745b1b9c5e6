"""A Program: typed equations over primitives, each value assigned once (SSA)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..errors import ProgramError
from .types import TensorType, type_of


class Params(dict[str, Any]):
    """The parameters of an equation, read as attributes: `p.axes`."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def programs(self) -> Iterator[Program]:
        """The sub-programs among the values."""
        for value in self.values():
            if isinstance(value, Program):
                yield value
            elif isinstance(value, tuple):
                yield from (item for item in value if isinstance(item, Program))

    def has_programs(self) -> bool:
        """Whether there is a sub-program among the values."""
        for value in self.values():
            if value.__class__ is Program:
                return True
            if value.__class__ is tuple:
                for item in value:
                    if item.__class__ is Program:
                        return True
        return False


@dataclass(frozen=True, eq=False)
class Primitive:
    """One operation: its name, type rule and meaning. Other systems (gradients, executors) are tables by name.

    `infer(p, *types)` is the type rule, `evaluate(p, *arrays)` the meaning in NumPy; each returns one result, or
    a tuple when `multiple` says so. Calling a primitive on tensors binds it: see `builder.bind`.
    """

    name: str
    family: str
    infer: Callable[..., Any]
    evaluate: Callable[..., Any]
    doc: str = field(repr=False)
    multiple: bool = False
    canonical: Callable[..., Params] = field(default=lambda **p: Params(p), repr=False)

    def infer_types(self, params: Params, types: Sequence[TensorType]) -> tuple[TensorType, ...]:
        """The result types, as a tuple always."""
        result = self.infer(params, *types)
        return tuple(result) if self.multiple else (result,)

    def evaluate_arrays(self, params: Params, arrays: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
        """The result arrays, as a tuple always. bfloat16 is computed in float32 and rounded."""
        if any(a.dtype.kind == "V" for a in arrays):
            return self._evaluate_widened(params, arrays)
        result = self.evaluate(params, *arrays)
        return tuple(np.asarray(r) for r in result) if self.multiple else (np.asarray(result),)

    def _evaluate_widened(self, params: Params, arrays: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
        types = self.infer_types(params, [type_of(a) for a in arrays])
        results = self.evaluate_arrays(params, [a.astype(np.float32) if a.dtype.kind == "V" else a for a in arrays])
        return tuple(r.astype(t.dtype, copy=False) for r, t in zip(results, types, strict=True))

    def __call__(self, *operands: Any, **params: Any) -> Any:
        from .builder import bind

        return bind(self, operands, self.canonical(**params))


PRIMITIVES: dict[str, Primitive] = {}  # by name; filled by chainrule.primitives


def register(primitive: Primitive) -> Primitive:
    """Enter a primitive under its name; each name once."""
    if primitive.name in PRIMITIVES:
        raise ProgramError(f"primitive {primitive.name!r} is defined twice.")
    PRIMITIVES[primitive.name] = primitive
    return primitive


@dataclass(frozen=True, slots=True)
class Where:
    """Where an equation comes from: the user's layer and the user's source line."""

    layer: str = ""
    source: str = ""

    def __str__(self) -> str:
        layer = f"layer {self.layer!r}" if self.layer else ""
        return ", ".join(part for part in (layer, self.source) if part)


NOWHERE = Where()


class Var:
    """A value of a Program; two values are the same only if they are the same object."""

    __slots__ = ("type",)

    def __init__(self, type: TensorType) -> None:
        self.type = type

    def __repr__(self) -> str:
        return f"<{self.type}>"


@dataclass(frozen=True, slots=True, eq=False)
class Equation:
    """`outputs = primitive(*inputs, **params)`, and where the user wrote it."""

    primitive: Primitive
    inputs: tuple[Var, ...]
    params: Params
    outputs: tuple[Var, ...]
    where: Where = NOWHERE


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """Inputs, equations in order, outputs. Immutable; every change makes a new Program."""

    name: str
    inputs: tuple[Var, ...]
    equations: tuple[Equation, ...]
    outputs: tuple[Var, ...]

    def __str__(self) -> str:
        from .text import print_program

        return print_program(self)

    __repr__ = __str__

    @property
    def input_types(self) -> tuple[TensorType, ...]:
        return tuple(v.type for v in self.inputs)

    @property
    def output_types(self) -> tuple[TensorType, ...]:
        return tuple(v.type for v in self.outputs)

    def replace(self, **changes: Any) -> Program:
        return replace(self, **changes)

    def walk(self) -> Iterator[Equation]:
        """Every equation, those of sub-programs after the equation that holds them."""
        for equation in self.equations:
            yield equation
            for sub in equation.params.programs():
                yield from sub.walk()


Apply = Callable[[Equation, list[Any]], Sequence[Any]]


def interpret(program: Program, operands: Sequence[Any], apply: Apply) -> list[Any]:
    """Walk the equations in order: `apply(equation, values of its inputs)` gives the values of its outputs."""
    if len(operands) != len(program.inputs):
        raise ProgramError(f"program {program.name!r} takes {len(program.inputs)} inputs; got {len(operands)}.")
    values: dict[Var, Any] = dict(zip(program.inputs, operands, strict=True))
    for equation in program.equations:
        results = apply(equation, [values[v] for v in equation.inputs])
        values.update(zip(equation.outputs, results, strict=True))
    return [values[v] for v in program.outputs]


def evaluate(program: Program, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    """What a Program means: each equation by the NumPy meaning of its primitive."""
    operands = [np.asarray(a) for a in arrays]
    with np.errstate(all="ignore"):  # IEEE arithmetic: infinities and NaN are values, not warnings
        return interpret(program, operands, lambda eq, values: eq.primitive.evaluate_arrays(eq.params, values))
