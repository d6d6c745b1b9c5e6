"""Functions from functions: gradients, compilation, checks. All of them work on any Python function of tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import config
from .autodiff import pull_back, push_forward
from .errors import ArgumentError, NonFiniteError, NotDifferentiableError
from .executors import compile_program
from .ir import FLOAT, Builder, Program, Tensor, current_builder, kind_of, trace, verify
from .ir.tree import flatten, structure, unflatten
from .passes import optimize
from .primitives.arithmetic import as_operand, cast, full
from .variables import StateScope, Variable

Function = Callable[..., Any]


def trace_function(function: Function, *args: Any) -> Program:
    """The Program that `function` records for arguments like these.

    Args: function: tensors, or trees of them, to tensors; args: arrays, numbers, or trees of them.

    >>> def double(x): return x + x
    >>> print(trace_function(double, np.float32(1)))
    program double(%0: float32[]) -> (float32[]) {
      %1: float32[] = add(%0, %0)
      return %1
    }
    """
    leaves = [as_operand(a) for a in flatten(args)]
    inner = lambda *ts: _results(function(*unflatten(args, list(ts))))  # noqa: E731
    program, _ = trace(inner, [t.type for t in leaves], _name(function))
    return program


def _name(function: Function) -> str:
    return str(getattr(function, "__name__", type(function).__name__)).strip("<>")


def _results(tree: Any) -> list[Tensor]:
    return [as_operand(leaf) for leaf in flatten(tree) if leaf is not None]


def value_and_grad(function: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Function:
    """A function that returns `(value, gradients)` of a function whose value is one number.

    Args:
        function: tensors (or trees of them) -> a scalar float tensor; with `has_aux` a pair (scalar, anything). An
            argument may be a Variable, or a tree of Variables such as `model.trainable_variables`: then the gradient
            is by what the function reads from them. What it assigns to other Variables is kept.
        argnums: which arguments to differentiate by: the result has their structure (a tuple for several).
        has_aux: whether the function returns a pair (default False).

    Raises: NotDifferentiableError: an argument is no float, or the value not one number; ArgumentError: there is no
        such argument.

    Example:
    >>> value, slope = value_and_grad(lambda x: x * x)(3.0)
    >>> float(value), float(slope)
    (9.0, 6.0)
    """
    picked = [argnums] if isinstance(argnums, int) else list(argnums)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if not all(-len(args) <= i < len(args) for i in picked):
            raise ArgumentError(f"grad: expected argnums below {len(args)}, the number of arguments; got {argnums}.")
        wanted = tuple(args[i] for i in picked)
        leaves = [_float_leaf(leaf) for leaf in flatten(wanted)]
        call = _Call(function, args, kwargs, picked, has_aux)
        program, captured = trace(call, [t.type for t in leaves], _name(function))
        seeds: list[Tensor | None] = [full((), 1, program.outputs[0].type.dtype)]
        seeds += [None] * (len(program.outputs) - 1)
        (value, *rest), found = pull_back(program, [*leaves, *captured], seeds, range(len(leaves)))
        count = len(rest) - len(call.assigned)
        for variable, tensor in zip(call.assigned, rest[count:], strict=True):
            variable.assign(tensor)
        gradients = unflatten(wanted, found)
        result = gradients[0] if isinstance(argnums, int) else gradients
        return ((value, _refill(call.aux, rest[:count])) if has_aux else value), result

    return wrapped


class _Call:
    """A call of a function with some arguments replaced: tensors -> [value, auxiliary results, assigned state]."""

    def __init__(self, function: Function, args: Any, kwargs: Any, picked: list[int], has_aux: bool) -> None:
        self.function, self.args, self.kwargs, self.picked, self.has_aux = function, args, kwargs, picked, has_aux
        self.aux: Any = None
        self.assigned: list[Variable] = []

    def __call__(self, *tensors: Tensor) -> list[Tensor]:
        wanted, new = tuple(self.args[i] for i in self.picked), list(self.args)
        given = {v: t for v, t in zip(flatten(wanted), tensors, strict=True) if isinstance(v, Variable)}
        for i, value in zip(self.picked, unflatten(wanted, list(tensors)), strict=True):
            new[i] = value
        scope = StateScope(given)
        with scope:
            result = self.function(*new, **self.kwargs)
            value, self.aux = result if self.has_aux else (result, None)
            outputs = [_scalar(value), *_results(self.aux)]
        self.assigned = [v for v, t in scope.values.items() if t is not given.get(v)]
        return [*outputs, *(scope.values[v] for v in self.assigned)]


def _refill(aux: Any, tensors: list[Tensor]) -> Any:
    source = iter(tensors)
    return unflatten(aux, [None if leaf is None else next(source) for leaf in flatten(aux)])


def _float_leaf(value: Any) -> Tensor:
    tensor = as_operand(value)
    if tensor.type.dtype not in FLOAT:
        if isinstance(value, int):
            return cast(tensor, config.floatx())
        raise NotDifferentiableError(f"grad: expected float arguments to differentiate by; got {tensor.type}.")
    return tensor


def _scalar(value: Any) -> Tensor:
    tensor = as_operand(value)
    if tensor.shape != () or tensor.type.dtype not in FLOAT:
        raise NotDifferentiableError(
            f"grad: expected a function whose value is one float; got {tensor.type}. Use ops.sum or ops.mean on it."
        )
    return tensor


def grad(function: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Function:
    """A function that returns the gradient of a function whose value is one number; gradients can be nested.

    >>> float(grad(grad(lambda x: x ** 3))(2.0))
    12.0
    """
    both = value_and_grad(function, argnums, has_aux)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        value, gradients = both(*args, **kwargs)
        return (gradients, value[1]) if has_aux else gradients

    return wrapped


def jvp(function: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value of a function and its derivative in the direction `tangents` (forward mode).

    >>> value, slope = jvp(lambda x: x * x, (3.0,), (1.0,))
    >>> float(value), float(slope)
    (9.0, 6.0)
    """
    leaves, along = [_float_leaf(leaf) for leaf in flatten(tuple(primals))], flatten(tuple(tangents))
    if len(leaves) != len(along):
        raise ArgumentError(f"jvp: expected {len(leaves)} tangents, one for each primal; got {len(along)}.")
    directions = [cast(as_operand(d), t.dtype) for d, t in zip(along, leaves, strict=True)]
    kept: list[Any] = []

    def inner(*tensors: Tensor) -> list[Tensor]:
        kept.append(function(*unflatten(tuple(primals), list(tensors))))
        return _results(kept[0])

    program, captured = trace(inner, [t.type for t in leaves])
    outputs, moved = push_forward(program, [*leaves, *captured], directions, range(len(leaves)))
    return _refill(kept[0], outputs), _refill(kept[0], moved)  # type: ignore[arg-type]


class _VariablesAsInputs(StateScope):
    """Variables read inside a recording become inputs of the Program, so that later values are seen."""

    def __init__(self, builder: Builder) -> None:
        super().__init__()
        self.builder = builder
        self.read_first: dict[Variable, Tensor] = {}

    def read(self, variable: Variable) -> Tensor:
        if variable not in self.values:
            self.values[variable] = self.read_first[variable] = self.builder.capture(variable._value)
        return self.values[variable]


class CompiledFunction:
    """A function that is recorded once for each signature and then runs as one compiled Program."""

    def __init__(self, function: Function, executor: str | None = None) -> None:
        self.function = function
        self.executor = executor
        self.__name__ = getattr(function, "__name__", "function")
        self.__doc__ = function.__doc__
        self._compiled: dict[Any, Function] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        leaves = flatten((args, kwargs))
        if current_builder():
            return self.function(*args, **kwargs)
        dynamic = [as_operand(leaf) if _is_array(leaf) else None for leaf in leaves]
        signature = tuple(
            t.type if t is not None else (type(leaf), leaf) for t, leaf in zip(dynamic, leaves, strict=True)
        )  # 1, 1.0 and True are equal, and not the same to a function
        key = (structure((args, kwargs)), signature, self.executor, config.compilation())
        if key not in self._compiled:
            self._compiled[key] = self._compile(args, kwargs, leaves, dynamic)
        return self._compiled[key]([t for t in dynamic if t is not None])

    def _compile(self, args: Any, kwargs: Any, leaves: list[Any], dynamic: list[Tensor | None]) -> Function:
        kept: list[Any] = []
        with Builder(self.__name__.strip("<>")) as builder:
            inputs = iter([builder.input(t.type) for t in dynamic if t is not None])
            filled = [leaf if t is None else next(inputs) for t, leaf in zip(dynamic, leaves, strict=True)]
            scope = _VariablesAsInputs(builder)
            with scope:
                new_args, new_kwargs = unflatten((args, kwargs), filled)
                kept.append(self.function(*new_args, **new_kwargs))
                results = _results(kept[0])
            changed = [v for v, t in scope.values.items() if t is not scope.read_first.get(v)]
            program = builder.finish([*results, *(scope.values[v] for v in changed)])
        program = optimize(verify(program) if config.check_level() else program)
        run = compile_program(program, self.executor or config.executor())
        variables = {id(v._value): v for v in scope.read_first}
        sources = [variables.get(id(t), t) for t in builder.captured]

        def call(tensors: list[Tensor]) -> Any:
            outside = [s.value if isinstance(s, Variable) else s for s in sources]
            outputs = [Tensor(a) for a in run([t.numpy() for t in (*tensors, *outside)])]
            for variable, value in zip(changed, outputs[len(results) :], strict=True):
                variable.take(value)
            return _refill(kept[0], outputs[: len(results)])

        return call


def _is_array(leaf: Any) -> bool:
    """Whether an argument is data. A Variable is not: it is read anew in each call, and may be assigned to."""
    is_data = isinstance(leaf, (np.ndarray, np.generic, Tensor)) or hasattr(leaf, "__chainrule_tensor__")
    return is_data and not isinstance(leaf, Variable)


def compile(function: Function, executor: str | None = None) -> CompiledFunction:
    """The same function as one compiled Program, recorded anew for each set of shapes, dtypes and Python values.

    Args:
        function: any function of tensors and trees of them. Python numbers and strings are part of the signature.
            Variables that it reads are read anew in each call, and those that it assigns to are assigned.
        executor: a name of `chainrule.executors.EXECUTORS`; default `config.executor()`.

    Called while a Program is recorded, it is recorded as part of that.

    Example:
    >>> compile(lambda x: x * 2.0)(np.ones(2, "float32")).tolist()
    [2.0, 2.0]
    """
    return CompiledFunction(function, executor)


def check_gradients(
    function: Function, *args: Any, step: float = 1e-6, tolerance: float = 1e-5, directions: int = 3, seed: int = 0
) -> float:
    """Compare the gradient of a function with central differences in float64, along random directions.

    Args:
        function: tensors -> a scalar float tensor.
        args: the point; float arguments are converted to float64.
        step, tolerance: of the difference quotient; the largest relative error allowed.
        directions, seed: how many random directions, and where they come from.

    Returns: the largest relative error found.
    Raises: NonFiniteError when a value is NaN, ArgumentError when an error is above `tolerance`.

    Example:
    >>> check_gradients(lambda x: (x * x).sum(), np.array([1.0, 2.0])) < 1e-5
    True
    """
    point = [_to_float64(a) for a in flatten(args)]
    floats = [i for i, a in enumerate(point) if kind_of(a.dtype) == "f"]
    if not floats:
        raise ArgumentError("check_gradients: expected at least one float argument; got none.")
    rng = np.random.default_rng(seed)

    def value_at(values: list[np.ndarray]) -> float:
        return float(function(*unflatten(args, [Tensor(v) for v in values])))

    def scalar(*picked: Any) -> Any:
        values: list[Any] = [Tensor(v) for v in point]
        for i, p in zip(floats, picked, strict=True):
            values[i] = p
        return function(*unflatten(args, values))

    gradients = grad(scalar, tuple(range(len(floats))))(*[point[i] for i in floats])
    worst = 0.0
    for _ in range(directions):
        move = [rng.standard_normal(point[i].shape) for i in floats]
        there, back = list(point), list(point)
        for i, m in zip(floats, move, strict=True):
            there[i], back[i] = point[i] + step * m, point[i] - step * m
        measured = (value_at(there) - value_at(back)) / (2 * step)
        claimed = sum(float(np.sum(np.asarray(g) * m)) for g, m in zip(gradients, move, strict=True))
        if not np.isfinite(measured) or not np.isfinite(claimed):
            raise NonFiniteError(f"check_gradients: the slope is {claimed} by the rules, {measured} by differences.")
        worst = max(worst, abs(measured - claimed) / max(1.0, abs(measured), abs(claimed)))
    if worst > tolerance:
        raise ArgumentError(f"check_gradients: relative error {worst:.3g} is above the tolerance {tolerance:.3g}.")
    return worst


def _to_float64(value: Any) -> np.ndarray:
    array = np.asarray(as_operand(value).numpy())
    return array.astype(np.float64) if kind_of(array.dtype) == "f" or isinstance(value, float) else array


__all__ = [
    "CompiledFunction", "check_gradients", "compile", "grad", "jvp", "trace_function", "value_and_grad",
]  # fmt: skip
