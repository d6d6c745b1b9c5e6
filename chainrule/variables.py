"""State: the weights of layers, the slots of optimizers, the counters of metrics.

A `Variable` holds an array. Inside a `StateScope` reading one gives the scope's tensor and assigning to one changes
only the scope: that is how a step that updates weights in place becomes a Program from old state to new state.
"""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self

import numpy as np

from . import config
from .errors import ArgumentError, DTypeError, ShapeError
from .ir import FLOAT, Tensor, TensorType, dtype_name, eager, is_tracing
from .ops import OPS, random
from .primitives.arithmetic import as_operand, cast

_names: dict[str, Iterator[int]] = {}


_version = 0


class _Open(threading.local):
    """What is open in this thread: another one may be recording a step of its own."""

    def __init__(self) -> None:
        self.scopes: list[StateScope] = []
        self.names: list[tuple[str, Any]] = []  # of the layers whose parts are being made, outermost first; who says so
        self.casting: list[str] = []  # the dtypes that the layers being called compute in, if any differs from weights'


_open = _Open()


def structure_version() -> int:
    """A number that grows whenever a Variable is made, or a layer gets, loses or freezes a part.

    While it stays the same, so do the variables of every model: what was found by walking over layers may be kept.
    """
    return _version


def structure_changed() -> None:
    """Something that `structure_version` tells of has happened."""
    global _version
    _version += 1


def unique_name(prefix: str) -> str:
    """`dense`, `dense_1`, `dense_2`, ...: a name that was not given before in this session.

    >>> unique_name("only_here"), unique_name("only_here")
    ('only_here', 'only_here_1')
    """
    number = next(_names.setdefault(prefix, itertools.count()))
    return f"{prefix}_{number}" if number else prefix


def reset_names() -> None:
    """Start counting names again (`clear_session`)."""
    _names.clear()


def is_scoped() -> bool:
    """Whether what is assigned now goes to a `StateScope`."""
    return bool(_open.scopes)


class StateScope:
    """`with StateScope({variable: tensor}) as scope:` reads and writes go to `scope.values`."""

    def __init__(self, values: dict[Variable, Tensor] | None = None) -> None:
        self.values: dict[Variable, Tensor] = dict(values or {})

    def read(self, variable: Variable) -> Tensor | None:
        """The tensor that stands for a variable in this scope, if it knows one."""
        return self.values.get(variable)

    def __enter__(self) -> Self:
        _open.scopes.append(self)
        return self

    def __exit__(self, *exception: object) -> None:
        _open.scopes.remove(self)


@contextmanager
def naming(name: str, owner: Any = None) -> Iterator[None]:
    """The paths of Variables made inside go on from `name`; once, however often its owner says it.

    >>> with naming("outer"), naming("inner"):
    ...     Variable(0.0, name="weight").path
    'outer/inner/weight'
    """
    if owner is not None and _open.names and _open.names[-1][1] is owner:
        yield
        return
    _open.names.append((name, owner))
    try:
        yield
    finally:
        _open.names.pop()


def current_path(*names: str) -> str:
    """The names around what is being made now, and its own, with slashes between them."""
    return "/".join([*(name for name, _ in _open.names), *names])


@contextmanager
def autocasting(compute_dtype: str, variable_dtype: str) -> Iterator[None]:
    """Inside, float Variables are read in the dtype that a layer computes in."""
    if compute_dtype == variable_dtype and not _open.casting:
        yield
        return
    _open.casting.append(compute_dtype)
    try:
        yield
    finally:
        _open.casting.pop()


class Variable:
    """A tensor that can be assigned to.

    Args:
        initializer: an array, a number, or a callable `(shape, dtype=) -> tensor`.
        shape: needed for a callable.
        dtype: default `floatx`.
        trainable: whether training may change it (default True).
        name: for messages and files.

    Example:
    >>> v = Variable(np.zeros(2))
    >>> v.assign_add([1.0, 2.0]).tolist()
    [1.0, 2.0]
    """

    def __init__(
        self,
        initializer: Any,
        shape: Sequence[int] | None = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        aggregation: str = "none",
        synchronization: str = "auto",
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        with eager():
            if callable(initializer) and not isinstance(initializer, (np.ndarray, Tensor)):
                value = initializer(tuple(shape or ()), dtype=dtype_name(dtype or config.floatx()))
            else:
                value = initializer
            tensor = as_operand(value, dtype or _default_dtype(value))
        structure_changed()
        self._value = Tensor(np.array(tensor.numpy()))
        self.name = name or unique_name("variable")
        self.path = current_path(self.name)
        self.trainable = self.began_trainable = trainable  # the second says where it stands among a layer's weights
        self.autocast = autocast
        self.aggregation = aggregation
        self.regularizer: Any = None
        self.constraint: Any = None
        self.overwrite_with_gradient = False

    @property
    def value(self) -> Tensor:
        """The tensor that it holds now."""
        for scope in reversed(_open.scopes):
            tensor = scope.read(self)
            if tensor is not None:
                break
        else:
            tensor = self._value
        return cast(tensor, _open.casting[-1]) if _open.casting and self.autocast and self.dtype in FLOAT else tensor

    @property
    def type(self) -> TensorType:
        return self._value.type

    @property
    def shape(self) -> tuple[int, ...]:
        return self._value.shape

    @property
    def dtype(self) -> str:
        return self._value.type.dtype

    @property
    def ndim(self) -> int:
        return self._value.ndim

    def numpy(self) -> np.ndarray:
        """The numbers, a copy that later training does not change."""
        return np.array(self.value.numpy())

    def assign(self, value: Any) -> Tensor:
        """Replace the value; the shape must be the same, the dtype is converted."""
        new = cast(as_operand(value), self.dtype)
        if new.shape != self.shape:
            raise ShapeError(f"variable {self.path!r}: expected a value of shape {self.shape}; got {new.shape}.")
        if _open.scopes:
            _open.scopes[-1].values[self] = new
        elif is_tracing():
            raise DTypeError(f"variable {self.path!r} is assigned to while a Program is recorded without its state.")
        else:
            self._value = Tensor(np.array(new.numpy()))
        return new

    def take(self, tensor: Tensor) -> None:
        """`assign` of a tensor of the right type that nobody else holds: it is not copied."""
        if _open.scopes:
            _open.scopes[-1].values[self] = tensor
        else:
            self._value = tensor

    def assign_add(self, value: Any) -> Tensor:
        """Add to the value."""
        return self.assign(self.value + value)

    def assign_sub(self, value: Any) -> Tensor:
        """Subtract from the value."""
        return self.assign(self.value - value)

    def __chainrule_tensor__(self) -> Tensor:
        return self.value

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self.value, dtype)

    def __getitem__(self, key: Any) -> Tensor:
        return self.value[key]  # type: ignore[index]

    def __len__(self) -> int:
        return len(self.value)

    def __float__(self) -> float:
        return float(self.value)

    def __int__(self) -> int:
        return int(self.value)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __repr__(self) -> str:
        return f"<Variable path={self.path}, shape={self.shape}, dtype={self.dtype}, value={self.value!s}>"

    def __format__(self, spec: str) -> str:
        return format(self.value, spec)


def _default_dtype(value: Any) -> str | None:
    dtype = getattr(value, "dtype", None)
    if dtype is None or dtype_name(dtype) in FLOAT:
        return config.floatx()
    return None


def _equal(self: Variable, other: Any) -> Any:
    """Number by number with numbers and arrays; with another Variable whether they are the same."""
    return self is other if other is None or isinstance(other, (Variable, str)) else OPS["equal"](self.value, other)


def _attach_operators() -> None:
    cls: Any = Variable
    cls.__eq__, cls.__hash__ = _equal, object.__hash__
    cls.__ne__ = lambda self, other: not found if isinstance(found := _equal(self, other), bool) else ~found
    for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"):
        for method in (f"__{name}__", f"__r{name}__"):
            setattr(Variable, method, lambda self, other, m=method: getattr(self.value, m)(other))
    for method in ("__lt__", "__le__", "__gt__", "__ge__"):
        setattr(Variable, method, lambda self, other, m=method: getattr(self.value, m)(other))
    cls.__neg__ = lambda self: -self.value
    cls.__abs__ = lambda self: OPS["absolute"](self.value)


_attach_operators()

_default_seeds = itertools.count(1337)


def set_default_seed(seed: int | None) -> None:
    """Where the seeds of layers and initializers without a seed of their own come from.

    Without a call they come from 1337 upwards: two runs of a script give the same numbers. None draws the start from
    the operating system.
    """
    global _default_seeds, _ambient
    _ambient = None
    if seed is None:
        start = int.from_bytes(os.urandom(4), "little")
    else:
        start = int(seed) * 0x9E3779B1 % 2**32  # neighbouring seeds must not give overlapping sequences
    _default_seeds = itertools.count(start)


def next_default_seed() -> int:
    """The next seed for something without a seed of its own."""
    return next(_default_seeds) % 2**32


class SeedGenerator:
    """A source of keys for random numbers: state (seed, count), one key a draw.

    Args: seed: an integer, or None for the next default seed; name.
    Raises: ArgumentError: another argument.

    >>> SeedGenerator(5).next().tolist()
    [5, 0]
    """

    def __init__(self, seed: int | None = None, name: str | None = None, **kwargs: Any) -> None:
        if kwargs:
            raise ArgumentError(f"SeedGenerator: expected seed and name; got {', '.join(kwargs)}.")
        self.seed = next_default_seed() if seed is None else int(seed)
        self.name = name or unique_name("seed_generator")
        with eager():  # it may be made while a Program is being recorded
            start = np.array(random.key_of(self.seed).numpy())
        with naming(self.name):
            self.state = Variable(start, dtype="uint32", trainable=False, name="seed_generator_state")

    def next(self, ordered: bool = True) -> Tensor:
        """A key, uint32[2]; the state moves on by one draw."""
        key = self.state.value
        self.state.assign(key + np.array([0, 1], np.uint32))
        return key

    def get_config(self) -> dict[str, Any]:
        return {"seed": self.seed}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SeedGenerator:
        return cls(**config)


_ambient: SeedGenerator | None = None


def ambient_generator() -> SeedGenerator:
    """Where random numbers without a seed come from. Its state is part of every training step's state."""
    global _ambient
    if _ambient is None:
        _ambient = SeedGenerator(name="ambient")
    return _ambient


def draw_key(seed: Any) -> Tensor:
    """A key from a seed as users give it: an integer, a SeedGenerator, or None (new numbers with each draw)."""
    if seed is None or isinstance(seed, SeedGenerator):
        return (seed or ambient_generator()).next()
    return random.key_of(int(seed))
