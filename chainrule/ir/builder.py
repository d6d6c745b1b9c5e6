"""Tensors, and `bind`: compute now, or write an equation into the Program being recorded."""

from __future__ import annotations

import functools
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ChainruleError, DTypeError, ProgramError, TracedValueError
from .program import NOWHERE, PRIMITIVES, Equation, Params, Primitive, Program, Var, Where, interpret
from .types import TensorType, type_of

_PACKAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))), "")
_SMALL = 16  # captured arrays up to this many elements become constants of the Program, larger ones inputs


class _State(threading.local):
    def __init__(self) -> None:
        self.builders: list[Builder | None] = []
        self.layers: list[tuple[str, str]] = []
        self.where: Where | None = None


_state = _State()


class Tensor:
    """A value with a dtype and a shape. Outside a trace it holds a NumPy array and behaves like one.

    Operators, indexing and methods are attached by `primitives.arithmetic` and `ops`.

    >>> Tensor(np.ones((2, 2), "float32")).shape
    (2, 2)
    """

    __slots__ = ("__weakref__", "_array", "_keras_mask", "logits")
    logits: Any  # set by a softmax or sigmoid activation: cross-entropy is computed from what it was applied to
    _keras_mask: Any  # set by a layer that masks steps: the next layers, the loss and the metrics leave them out

    def __init__(self, array: Any) -> None:
        self._array = np.asarray(array)

    @property
    def type(self) -> TensorType:
        return type_of(self._array)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.type.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(self.type.dtype)

    @property
    def ndim(self) -> int:
        return self.type.rank

    @property
    def size(self) -> int:
        return self.type.size

    def numpy(self) -> np.ndarray:
        """The numbers as a NumPy array."""
        return self._array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = self.numpy()
        if dtype is not None and array.dtype != dtype:
            return array.astype(dtype)
        return array.copy() if copy else array

    def item(self) -> Any:
        """The one number of a tensor of size 1, as a Python scalar."""
        return self.numpy().item()

    def tolist(self) -> Any:
        """The numbers as nested Python lists."""
        return self.numpy().tolist()

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __complex__(self) -> complex:
        return complex(self.item())

    def __index__(self) -> int:
        return self.numpy().__index__()

    def __bool__(self) -> bool:
        return bool(self.numpy())

    def __len__(self) -> int:
        if not self.shape:
            raise DTypeError("len() of a tensor without axes.")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))  # type: ignore[index]

    def __repr__(self) -> str:
        return repr(self.numpy()).replace("array(", "Tensor(", 1)

    def __str__(self) -> str:
        return str(self.numpy())

    def __format__(self, spec: str) -> str:
        return format(self.item() if spec and self.size == 1 else self.numpy(), spec)

    def __hash__(self) -> int:
        return id(self)

    if TYPE_CHECKING:  # attached by primitives.arithmetic and ops

        def _binary(self, other: Any) -> Tensor: ...
        def _unary(self) -> Tensor: ...
        def _method(self, *args: Any, **kwargs: Any) -> Tensor: ...
        def __getitem__(self, key: Any) -> Tensor: ...

        __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _binary
        __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = __matmul__ = __rmatmul__ = _binary
        __and__ = __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = __lt__ = __le__ = __gt__ = __ge__ = _binary
        __neg__ = __pos__ = __abs__ = __invert__ = _unary
        sum = mean = max = min = reshape = astype = _method


class TracedTensor(Tensor):
    """A tensor of a Program that is being recorded: its type is known, its numbers are not.

    They are known if it is small and made of constants alone (sizes, mostly), or if the Builder is concrete: it
    computes while it records.
    """

    __slots__ = ("builder", "var")

    def __init__(self, builder: Builder, var: Var, array: np.ndarray | None = None) -> None:
        self.builder, self.var = builder, var
        self._array = array  # type: ignore[assignment]  # None: not known

    @property
    def type(self) -> TensorType:
        return self.var.type

    def numpy(self) -> np.ndarray:
        if self._array is None:
            self._array = self.builder.numbers_of(self.var)  # type: ignore[assignment]
        if self._array is not None:
            return self._array
        raise TracedValueError(
            f"the numbers of a {self.type} are not known while a Program is being recorded. A Python `if`, "
            "`float()`, `.numpy()` or a NumPy function on such a tensor cannot work inside fit, compile or grad: "
            "use chainrule.ops (ops.where, ops.cond, ...), or compile(..., run_eagerly=True)."
        )

    def _can_be_shown(self) -> bool:
        return self._array is not None or self.builder.concrete

    def __repr__(self) -> str:
        if self._can_be_shown():
            return super().__repr__()
        return f"<Tensor {self.type}, being recorded in {self.builder.name!r}>"

    def __str__(self) -> str:
        return super().__str__() if self._can_be_shown() else repr(self)

    def __format__(self, spec: str) -> str:
        return super().__format__(spec) if self._can_be_shown() else repr(self)


class Builder:
    """A Program in the making. `with Builder("f") as b:` records every `bind` into it.

    Tensors of the surroundings that are used inside are captured: they become further inputs of the Program, and
    `captured` lists them in that order. A `concrete` Builder computes each equation as it records it.
    """

    def __init__(self, name: str, concrete: bool = False) -> None:
        self.name, self.concrete = name, concrete
        self.inputs: list[Var] = []
        self.equations: list[Equation] = []
        self._makers: dict[Var, Equation] = {}  # of each result
        self._fixed: set[Var] = set()  # values that depend on no input: made of constants and captured tensors
        self._held: dict[Var, Tensor] = {}  # the captured tensors among them
        self.captured: list[Tensor] = []
        self._known: dict[int, Var] = {}

    def __enter__(self) -> Builder:
        _state.builders.append(self)
        return self

    def __exit__(self, *exception: object) -> None:
        _state.builders.pop()

    def input(self, type: TensorType, array: np.ndarray | None = None) -> TracedTensor:
        """A new input of the Program (with its numbers, for a concrete Builder)."""
        if self.captured:
            raise ProgramError(f"{self.name}: inputs come before captured tensors.")
        self.inputs.append(Var(type))
        return TracedTensor(self, self.inputs[-1], array)

    def capture(self, tensor: Tensor) -> TracedTensor:
        """A tensor of the surroundings as a further input, however small it is."""
        self.captured.append(tensor)
        self._known[id(tensor)] = Var(tensor.type)
        return TracedTensor(self, self._known[id(tensor)])

    def record(self, primitive: Primitive, operands: Sequence[Tensor], params: Params) -> tuple[Tensor, ...]:
        """Append an equation."""
        inputs = tuple(self.read(t) for t in operands)
        where = current_where()
        types = _infer(primitive, params, [v.type for v in inputs], where)
        outputs = tuple(Var(t) for t in types)
        self.equations.append(Equation(primitive, inputs, params, outputs, where))
        self._makers.update(dict.fromkeys(outputs, self.equations[-1]))
        if self._fixed.issuperset(inputs):
            self._fixed.update(outputs)
        return self.results_of(self.equations[-1], operands)

    def results_of(self, equation: Equation, operands: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """The tensors that stand for the results of the equation recorded last."""
        if self.concrete:
            arrays = _evaluate(equation.primitive, [t.numpy() for t in operands], equation.params)
            return tuple(TracedTensor(self, v, a) for v, a in zip(equation.outputs, arrays, strict=True))
        return tuple(TracedTensor(self, v) for v in equation.outputs)

    def numbers_of(self, var: Var) -> np.ndarray | None:
        """The numbers of a value that is made of constants and captured tensors; None if it depends on an input."""
        if var not in self._fixed:
            return None
        found: dict[Var, np.ndarray] = {v: t.numpy() for v, t in self._held.items()}
        pending = [var]
        while pending:
            maker = self._makers.get(pending[-1])
            missing = [] if maker is None else [v for v in maker.inputs if v not in found]
            if maker is not None and not missing and pending[-1] not in found:
                arrays = _evaluate(maker.primitive, [found[v] for v in maker.inputs], maker.params)
                found.update(zip(maker.outputs, arrays, strict=True))
            pending = pending + missing if missing else pending[:-1]
        return found[var]

    def read(self, tensor: Tensor) -> Var:
        """The value that stands for a tensor inside this Program, capturing it if it comes from outside."""
        if isinstance(tensor, TracedTensor):
            if tensor.builder is self:
                return tensor.var
            if tensor._array is None and not tensor.builder.concrete and tensor.builder not in _state.builders:
                raise TracedValueError(
                    f"{tensor!r} was kept after its recording ended. Return it from the function, or assign it "
                    "to a Variable, instead of storing it in an attribute or a list."
                )
        if id(tensor) not in self._known:
            self._known[id(tensor)] = self._capture(tensor)
        return self._known[id(tensor)]

    def _capture(self, tensor: Tensor) -> Var:
        if not isinstance(tensor, TracedTensor) and tensor.size <= _SMALL:
            self._keep = [*getattr(self, "_keep", []), tensor]  # ids must stay unique while we live
            value = np.array(tensor.numpy())
            value.flags.writeable = False
            (result,) = self.record(PRIMITIVES["constant"], (), Params(value=value))
            return self.read(result)
        self.captured.append(tensor)
        var = Var(tensor.type)
        if not isinstance(tensor, TracedTensor):
            self._fixed.add(var)
            self._held[var] = tensor
        return var

    def finish(self, outputs: Sequence[Tensor]) -> Program:
        """The Program; its inputs are the declared ones, then the captured ones."""
        results = tuple(self.read(t) for t in outputs)
        captured = tuple(self._known[id(t)] for t in self.captured)
        return Program(self.name, (*self.inputs, *captured), tuple(self.equations), results)


def trace(
    function: Callable[..., Sequence[Any]],
    types: Sequence[TensorType],
    name: str = "",
    arrays: Sequence[np.ndarray] | None = None,
) -> tuple[Program, list[Tensor]]:
    """Record `function(*tensors) -> tensors`; returns the Program and the tensors it captured.

    With `arrays`, the numbers of the inputs, everything is computed as well while it is recorded.
    """
    label = name or getattr(function, "__name__", "program").strip("<>")
    with Builder(label, concrete=arrays is not None) as builder:
        numbers = arrays if arrays is not None else [None] * len(types)
        results = function(*[builder.input(t, a) for t, a in zip(types, numbers, strict=True)])
        program = builder.finish([as_tensor(r) for r in results])
    return program, builder.captured


def current_builder() -> Builder | None:
    """The Builder that records right now, if any."""
    return _state.builders[-1] if _state.builders else None


def is_tracing() -> bool:
    """Whether operations are being recorded rather than computed."""
    return current_builder() is not None


@contextmanager
def eager() -> Iterator[None]:
    """Compute at once inside this block, even while a Program is being recorded around it."""
    _state.builders.append(None)
    try:
        yield
    finally:
        _state.builders.pop()


@contextmanager
def layer_scope(name: str, source: str = "") -> Iterator[None]:
    """Equations recorded (and errors raised) inside belong to this layer, made at the line `source`."""
    _state.layers.append((name, source))
    try:
        yield
    finally:
        _state.layers.pop()


def current_where() -> Where:
    """The layer and the user's source line that an equation recorded now comes from."""
    if _state.where:
        return _state.where
    source = _state.layers[-1][1] if _state.layers else ""
    return _place("/".join([name for name, _ in _state.layers]), source or user_source())


_place = functools.lru_cache(Where)  # many equations come from one place


def user_source() -> str:
    """`file.py:12` of the nearest caller outside chainrule, or an empty string (code typed at a prompt has no file)."""
    frame = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        name = _OUTSIDE.get(file)
        if name is None:
            name = _OUTSIDE[file] = "" if file.startswith((_PACKAGE, "<")) else os.path.basename(file)
        if name:
            return f"{name}:{frame.f_lineno}"
        if frame.f_code.co_name == "<module>" and file.startswith("<"):
            return ""  # the frames further out belong to the interpreter's prompt, or to doctest
        frame = frame.f_back  # type: ignore[assignment]
    return ""


_OUTSIDE: dict[str, str] = {}  # file -> its name without folders; "" for chainrule's own and for those that are none


def as_tensor(value: Any) -> Tensor:
    """A tensor as it is; a NumPy array (or scalar) wrapped."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, (np.ndarray, np.generic)):
        return Tensor(value)
    raise DTypeError(f"expected a tensor or a NumPy array; got {type(value).__name__}.")


def bind(primitive: Primitive, operands: Sequence[Any], params: Params) -> Any:
    """Apply a primitive: record it when a Program is being recorded, compute it otherwise."""
    tensors = [as_tensor(o) for o in operands]
    builder = current_builder()
    results = builder.record(primitive, tensors, params) if builder else _compute(primitive, tensors, params)
    return results if primitive.multiple else results[0]


def _compute(primitive: Primitive, tensors: Sequence[Tensor], params: Params) -> tuple[Tensor, ...]:
    arrays = [t.numpy() for t in tensors]
    _check(primitive, params, tuple(type_of(a) for a in arrays))
    return tuple(Tensor(a) for a in _evaluate(primitive, arrays, params))


def evaluate_equation(equation: Equation, arrays: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
    """The results of an equation by the NumPy meaning of its primitive; an error names where the equation is from."""
    with where(equation.where):
        return _evaluate(equation.primitive, arrays, equation.params)


def _evaluate(primitive: Primitive, arrays: Sequence[np.ndarray], params: Params) -> tuple[np.ndarray, ...]:
    with np.errstate(all="ignore"):
        try:
            return primitive.evaluate_arrays(params, arrays)
        except ChainruleError as error:
            raise error.located(str(current_where())) from None


def _check(primitive: Primitive, params: Params, types: tuple[TensorType, ...]) -> None:
    """Raise unless the operands fit; what did before is not looked at again."""
    if primitive.family != "control":  # whose params, Programs, are seldom seen twice, and large
        with suppress(TypeError, ChainruleError):  # not hashable; or an error, which `_infer` tells better
            return _fits(primitive, tuple(params.items()), types)
    _infer(primitive, params, types, None)
    return None


@functools.lru_cache(4096)
def _fits(primitive: Primitive, params: tuple[tuple[str, Any], ...], types: tuple[TensorType, ...]) -> None:
    primitive.infer_types(Params(params), types)


def _infer(
    primitive: Primitive, params: Params, types: Sequence[TensorType], where: Where | None
) -> tuple[TensorType, ...]:
    try:
        return primitive.infer_types(params, types)
    except ChainruleError as error:
        raise error.located(str(where or current_where())) from None


def inline(program: Program, operands: Sequence[Any]) -> list[Any]:
    """Bind every equation of a Program on the given tensors; each keeps where it came from."""

    def apply(equation: Equation, values: list[Any]) -> tuple[Any, ...]:
        with where(equation.where):
            result = bind(equation.primitive, values, equation.params)
        return result if equation.primitive.multiple else (result,)

    return interpret(program, [as_tensor(o) for o in operands], apply)


@contextmanager
def where(place: Where) -> Iterator[None]:
    """Equations recorded inside come from `place` (unless that is unknown)."""
    outer, _state.where = _state.where, (place if place != NOWHERE else _state.where)
    try:
        yield
    finally:
        _state.where = outer
