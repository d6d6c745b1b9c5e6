"""Random Programs, equation by equation: well typed, with operands that every primitive accepts.

`Maker` holds the values that there are so far; a table of generators (`generators.py`) says how each primitive picks
operands among them and parameters that fit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

import numpy as np

from chainrule.errors import ChainruleError, ShapeError
from chainrule.ir import DTYPES, FLOAT, PRIMITIVES, Equation, Program, TensorType, Var, Where


class Scale(NamedTuple):
    """How large values are: the sizes of their axes, and how many elements they have at most."""

    dimensions: tuple[int, ...]
    elements: int
    products: int  # multiplications of one equation at most


SMALL = Scale((0, 1, 1, 2, 2, 2, 3, 3, 4, 5), 60, 1 << 16)
LARGE = Scale((1, 2, 3, 7, 16, 30, 33, 64, 129, 300, 500), 160_000, 1 << 24)
_GROWTH = 4  # a result may have so many times the elements that a shape is drawn with
_NUMBERS = (-2.0, -1.5, -1.0, -0.5, -0.0, 0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0)
_EXTREME = (math.inf, -math.inf, math.nan, 1e30, -1e30, 1e-30)
Generator = Callable[["Maker"], None]


def array_of(t: TensorType, seed: int, extreme: bool = True) -> np.ndarray:
    """Numbers for an input: mostly small and exact, now and then at the edge of the dtype."""
    rng = np.random.default_rng(seed)
    if t.dtype == "bool":
        return np.asarray(rng.integers(0, 2, t.shape), bool)
    if t.dtype in FLOAT:
        array = rng.choice(_NUMBERS, t.shape)
        if extreme and rng.random() < 0.3:
            array = np.where(rng.random(t.shape) < 0.3, rng.choice(_EXTREME, t.shape), array)
        with np.errstate(over="ignore"):
            return np.asarray(array, t.dtype)
    info = np.iinfo(t.dtype)
    array = rng.integers(max(info.min, -5), 6, t.shape)
    ends = rng.choice(np.array([info.min, info.max], t.dtype), t.shape)
    return np.asarray(np.where(rng.random(t.shape) < 0.1 * extreme, ends, array.astype(t.dtype)), t.dtype)


def smooth_array(t: TensorType, seed: int) -> np.ndarray:
    return np.asarray(np.random.default_rng(seed).uniform(-1, 1, t.shape))


class Maker:
    """A Program in the making. A closed one (a loop body) makes constants where an open one asks for inputs."""

    def __init__(
        self,
        rng: Random,
        table: Mapping[str, Generator],
        inputs: Sequence[TensorType] = (),
        smooth: bool = False,
        depth: int = 0,
        scale: Scale = SMALL,
    ) -> None:
        self.rng, self.table, self.smooth, self.depth, self.scale = rng, table, smooth, depth, scale
        self.closed = depth > 0
        self.inputs = [Var(t) for t in inputs]
        self.values = list(self.inputs)
        self.equations: list[Equation] = []

    # values

    def emit(self, name: str, *inputs: Var, **params: Any) -> Var:
        """Append an equation; its first result."""
        primitive = PRIMITIVES[name]
        canonical = primitive.canonical(**params)
        types = primitive.infer_types(canonical, [v.type for v in inputs])
        if any(t.size > _GROWTH * self.scale.elements for t in types):
            raise ShapeError(f"{name}: a result of that size is not wanted here.")
        where = Where(self.rng.choice(["", "dense", "block/conv"]), "")
        self.equations.append(Equation(primitive, inputs, canonical, tuple(map(Var, types)), where))
        self.values += self.equations[-1].outputs
        return self.equations[-1].outputs[0] if types else self.constant(TensorType("int32", ()))

    def constant(self, t: TensorType) -> Var:
        value = smooth_array(t, self.seed()) if self.smooth and t.dtype in FLOAT else array_of(t, self.seed(), False)
        if t.size > 8 and not self.smooth:
            return self.emit("broadcast", self.constant(TensorType(t.dtype, ())), shape=t.shape, axes=())
        return self.emit("constant", value=value)

    def number(self, value: float, t: TensorType) -> Var:
        one = self.emit("constant", value=np.asarray(value, t.dtype))
        return self.emit("broadcast", one, shape=t.shape, axes=())

    def fixed(self, array: np.ndarray) -> Var:
        return self.emit("constant", value=array)

    def seed(self) -> int:
        return self.rng.randrange(1000)

    def fresh(self, t: TensorType) -> Var:
        if t.size > _GROWTH * self.scale.elements:
            raise ShapeError("an operand of that size is not wanted here.")
        if self.closed or len(self.inputs) >= 6:
            return self.constant(t)
        self.inputs.append(Var(t))
        self.values.append(self.inputs[-1])
        return self.inputs[-1]

    def operand(self, t: TensorType) -> Var:
        """A value of this type, there already or new."""
        known = [v for v in self.values if v.type == t]
        return self.rng.choice(known) if known and self.rng.random() < 0.8 else self.fresh(t)

    def pick(self, dtypes: Sequence[str] = DTYPES, rank: int = 0) -> Var:
        """Any value of one of these dtypes with at least `rank` axes."""
        allowed = ("float64",) if self.smooth else dtypes
        known = [v for v in self.values if v.type.dtype in allowed and v.type.rank >= rank]
        if known and self.rng.random() < 0.85:
            return self.rng.choice(known[-6:])
        return self.fresh(TensorType(self.rng.choice(list(allowed)), self.shape(rank)))

    # parameters

    def shape(self, rank: int = 0, most: int = 3) -> tuple[int, ...]:
        shape = tuple(self.dimension() for _ in range(self.rng.randint(rank, max(rank, most))))
        return shape if math.prod(shape) <= self.scale.elements else shape[:1] + (1,) * (len(shape) - 1)

    def dimension(self) -> int:
        sizes = self.scale.dimensions
        return self.rng.choice(sizes[1:] if self.smooth else sizes)

    def extent(self, least: int, most: int) -> int:
        """A size from `least` to `most`; now and then one of those of large values."""
        return self.dimension() if self.scale is LARGE and self.rng.random() < 0.3 else self.rng.randint(least, most)

    def axis(self, x: Var) -> int:
        return self.rng.randrange(x.type.rank)

    def axes(self, x: Var) -> list[int]:
        return [a for a in range(x.type.rank) if self.rng.random() < 0.5]

    def order(self, rank: int) -> list[int]:
        order = list(range(rank))
        self.rng.shuffle(order)
        return order

    def indices(self, sizes: Sequence[int]) -> Var:
        """A constant of indices into axes of these sizes; none of them if there is nothing to point at."""
        lead = self.shape(0, 2)
        if 0 in sizes and 0 not in lead:
            lead = (0, *lead)
        columns = [np.random.default_rng(self.seed()).integers(0, max(n, 1), lead) for n in sizes]
        array = np.stack(columns, -1) if columns else np.zeros((*lead, 0))
        return self.fixed(array.astype("int32" if self.smooth else self.rng.choice(["int32", "int64", "uint8"])))

    # Programs

    def sub_program(
        self, name: str, inputs: Sequence[TensorType], outputs: Sequence[TensorType], extra: int = 0
    ) -> Program:
        """A closed Program of these types, with up to `extra` more outputs of any type."""
        m = Maker(self.rng, self.table, inputs, self.smooth, self.depth + 1, self.scale)
        m.grow(self.rng.randint(0, 3))
        results = [m.small(m.operand(t)) for t in outputs]
        floats = [v for v in m.values if v.type.dtype == "float64"] if self.smooth else m.values
        results += [self.rng.choice(floats) for _ in range(self.rng.randint(0, extra)) if floats]
        return Program(name, tuple(m.inputs), tuple(m.equations), tuple(results))

    def small(self, v: Var) -> Var:
        return self.emit("tanh", v) if self.smooth and v.type.dtype == "float64" else v

    def grow(self, count: int) -> None:
        """Add the equations of `count` generators."""
        names = [n for n in sorted(self.table) if self.depth < 2 or n not in ("loop", "cond", "while_loop")]
        for _ in range(count):
            before = len(self.equations), len(self.values)
            try:
                self.table[self.rng.choice(names)](self)
            except ChainruleError:  # parameters that do not fit this operand after all
                del self.equations[before[0] :]
                self.values = self.values[: before[1]]
                self.inputs = [v for v in self.inputs if v in self.values]

    def program(self, count: int) -> Program:
        self.grow(count)
        if not self.values:
            self.fresh(TensorType("float64", (2,)))
        last = self.values[-1]
        floats = [v for v in self.values if v.type.dtype == "float64"] or [self.fresh(TensorType("float64", (2,)))]
        chosen = [self.rng.choice(floats if self.smooth else self.values) for _ in range(self.rng.randint(0, 2))]
        outputs = [*chosen, floats[-1] if self.smooth else last]
        return Program("random", tuple(self.inputs), tuple(self.equations), tuple(outputs))
