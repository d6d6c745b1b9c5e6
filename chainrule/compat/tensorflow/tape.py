"""`tf.GradientTape`: what is computed inside `with` is recorded, and can be differentiated.

Where a Program is being recorded anyway (a step inside `fit`, a `tf.function`), the tape remembers which of its
equations are its own; nothing is recorded twice. Elsewhere it brings a `Recorder`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from ... import ops
from ... import variables as _variables
from ...autodiff.control import keep_values
from ...autodiff.recorded import pull_back_recorded
from ...autodiff.reverse import reached
from ...errors import ArgumentError, ChainruleError, ShapeError
from ...ir import FLOAT, Builder, Equation, Tensor, TracedTensor, Var, bind, current_builder
from ...ir.tree import flatten, unflatten
from ...primitives.arithmetic import as_operand, cast, full, zeros_like
from ...variables import StateScope, Variable
from .recorder import Recorder
from .repeated import Repeated


class UsedTapeError(ChainruleError, RuntimeError):
    """A tape that is not persistent was asked for a second gradient."""


class _Through(dict[Variable, Tensor]):
    """The values of a scope that changes nothing: what is assigned goes to the scope below, or to the Variable."""

    def __init__(self, scope: _Reading) -> None:
        super().__init__()
        self.scope = scope

    def __setitem__(self, variable: Variable, tensor: Tensor) -> None:
        below = self.scope.below()
        if below:
            below[-1].values[variable] = tensor
        else:
            variable._value = tensor


class _Reading(StateScope):
    """Notes which trainable Variables are read, and as which tensors."""

    def __init__(self, tape: GradientTape) -> None:
        super().__init__()
        self.tape = tape
        self.values = _Through(self)

    def below(self) -> list[StateScope]:
        """The scopes around this one."""
        scopes = _variables._open.scopes
        return scopes[: scopes.index(self)]

    def read(self, variable: Variable) -> Tensor:
        found = next((t for t in (s.read(variable) for s in reversed(self.below())) if t is not None), variable._value)
        builder = self.tape._builder
        return self.tape._read(variable, builder.lasting(found) if isinstance(builder, Recorder) else found)


class GradientTape:
    """Records what is computed inside `with`, for gradients.

    Args:
        persistent: whether `gradient` may be called more than once (default False).
        watch_accessed_variables: whether trainable Variables that are read are watched (default True).

    Example:
    >>> x = Variable(3.0)
    >>> with GradientTape() as tape:
    ...     y = x * x
    >>> float(tape.gradient(y, x))
    6.0
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self.persistent, self.watch_accessed_variables = persistent, watch_accessed_variables
        self._builder: Builder | None = None
        self._owned = False  # whether the Builder is this tape's own
        self._segments: list[list[int]] = []  # the equations that are recorded: from, up to (the last is open)
        self._watched: dict[Var, None] = {}
        self._reads: dict[Variable, dict[Var, None]] = {}
        self._wanted: set[Variable] = set()  # Variables that `watch` named
        self._scope: _Reading | None = None
        self._used = False

    def __enter__(self) -> Self:
        if self._scope is not None:
            raise ArgumentError("GradientTape: it is recording already.")
        if self._builder is None or current_builder() is not self._builder:
            self._begin()
        self._scope = _Reading(self)
        self._scope.__enter__()
        self._open()
        return self

    def _begin(self) -> None:
        self.reset()
        surrounding = current_builder()
        self._owned = surrounding is None
        self._builder = surrounding or Recorder()
        if self._owned:
            self._builder.__enter__()
        if isinstance(self._builder, Recorder):
            self._builder.tapes += 1

    def __exit__(self, *exception: object) -> None:
        self._close()
        assert self._scope is not None and self._builder is not None
        self._scope.__exit__(*exception)
        self._scope = None
        if self._owned:
            self._builder.__exit__(*exception)

    def _open(self) -> None:
        assert self._builder is not None
        self._segments.append([len(self._builder.equations), -1])

    def _close(self) -> None:
        if self._segments and self._segments[-1][1] < 0:
            self._segments[-1][1] = len(self._equations_so_far())

    def _equations_so_far(self) -> list[Equation]:
        return self._builder.equations if self._builder is not None else []

    # what is watched

    def watch(self, tensor: Any) -> None:
        """Let gradients be taken by these tensors or Variables, alone or in lists and dicts."""
        for leaf in flatten(tensor):
            if isinstance(leaf, Variable):
                self._wanted.add(leaf)
                leaf.value  # noqa: B018 - reads it, which is noted
            elif isinstance(leaf, Tensor) and self._builder is not None:
                self._watched[self._builder.read(leaf)] = None
            else:
                raise ArgumentError(f"GradientTape.watch: expected a tensor or Variable; got {type(leaf).__name__}.")

    def watched_variables(self) -> tuple[Variable, ...]:
        """The Variables that are watched, in the order in which they were first read."""
        return tuple(self._reads)

    def _read(self, variable: Variable, tensor: Tensor) -> Tensor:
        """A Variable is read: as which tensor, and whether that is watched."""
        builder = self._builder
        is_watched = variable in self._wanted or (self.watch_accessed_variables and variable.began_trainable)
        if builder is None or not self._is_open() or tensor.type.dtype not in FLOAT or not is_watched:
            return tensor
        var = builder.read(tensor)
        if isinstance(builder, Recorder):
            tensor = builder.tensor(var)  # inside a loop a small tensor from outside would be taken for a constant
        self._watched[var] = None
        self._reads.setdefault(variable, {})[var] = None
        return tensor

    def _is_open(self) -> bool:
        return bool(self._segments) and self._segments[-1][1] < 0

    @contextmanager
    def stop_recording(self) -> Iterator[None]:
        """What is computed inside is not recorded."""
        self._close()
        try:
            yield
        finally:
            self._open()

    def reset(self) -> None:
        """Forget what was recorded."""
        self._segments, self._watched, self._reads, self._used = [], {}, {}, False
        if self._scope is not None:
            self._open()

    # gradients

    def gradient(
        self, target: Any, sources: Any, output_gradients: Any = None, unconnected_gradients: Any = "none"
    ) -> Any:
        """The gradient of the sum of all elements of `target` by each of `sources`.

        Args:
            target: a tensor, or several.
            sources: tensors and Variables, in any nesting; the result has the same.
            output_gradients: of the shapes of `target`: what each element counts (default 1).
            unconnected_gradients: 'none' (default): None for a source that `target` does not depend on; 'zero': zeros.

        Raises: UsedTapeError: a second call, of a tape that is not persistent; NotDifferentiableError.
        """
        if self._used and not self.persistent:
            raise UsedTapeError(
                "GradientTape.gradient: this tape gives one gradient. Make it as GradientTape(persistent=True), or ask "
                "for all gradients in one call."
            )
        self._used = True
        targets = [_tensor(t) for t in flatten(target)]
        weights = [None] * len(targets) if output_gradients is None else flatten(output_gradients)
        found = self._gradients(targets, weights, flatten(sources))
        if str(getattr(unconnected_gradients, "value", unconnected_gradients)) == "zero":
            found = [zeros_like(_tensor(s)) if g is None else g for g, s in zip(found, flatten(sources), strict=True)]
        self._leave()
        return unflatten(sources, found)

    def _leave(self) -> None:
        """The last of the tapes that share a Recorder and give one gradient lets it forget."""
        builder = self._builder
        if not self.persistent and isinstance(builder, Recorder) and self._scope is None:
            builder.tapes -= 1
            if builder.tapes == 0 and current_builder() is not builder:
                builder.forget()

    def jacobian(self, target: Tensor, sources: Any, unconnected_gradients: Any = "none", **kwargs: Any) -> Any:
        """The derivative of each element of `target`: shapes (*target.shape, *source.shape).

        Args: as of `gradient`; parallel_iterations and experimental_use_pfor are accepted.
        """
        target, leaves = _tensor(target), flatten(sources)
        rows = []
        for k in range(target.size):
            one = ops.reshape(ops.one_hot(k, target.size, dtype=target.type.dtype), target.shape)
            rows.append(self._gradients([target], [one], leaves))
        self._used = True
        found: list[Any] = []
        for k, source in enumerate(leaves):
            column = [row[k] for row in rows]
            shape = (*target.shape, *_tensor(source).shape)
            zero = ops.zeros(shape) if unconnected_gradients == "zero" else None
            found.append(zero if column[0] is None else ops.reshape(ops.stack(column), shape))
        return unflatten(sources, found)

    def batch_jacobian(self, target: Tensor, source: Any, unconnected_gradients: Any = "none", **kwargs: Any) -> Any:
        """The derivative of each row of `target` by the same row of `source`: shapes (batch, *target's, *source's).

        Args: as of `jacobian`. Rows must not depend on one another's sources.
        Raises: ShapeError: different numbers of rows.
        """
        target, shape = _tensor(target), _tensor(source).shape
        if not target.shape or target.shape[:1] != shape[:1]:
            raise ShapeError(f"batch_jacobian: expected as many rows in target as in source; got {target.shape} and "
                             f"{shape}.")  # fmt: skip
        size = target.size // max(1, len(target))
        columns = []
        for k in range(size):
            one = ops.broadcast_to(ops.one_hot(k, size, dtype=target.type.dtype), (len(target), size))
            columns.append(self._gradients([target], [ops.reshape(one, target.shape)], [source])[0])
        self._used = True
        if columns[0] is None:
            return ops.zeros((*target.shape, *shape[1:])) if unconnected_gradients == "zero" else None
        return ops.reshape(ops.stack(columns, 1), (*target.shape, *shape[1:]))

    def _gradients(self, targets: list[Tensor], weights: list[Any], sources: list[Any]) -> list[Any]:
        """One gradient a source, None where nothing connects."""
        equations = self._recorded()
        known = reached(equations, self._watched)
        groups = [[v for v in self._vars(source) if v in known] for source in sources]
        seeds: dict[Var, Tensor] = {}
        for tensor, weight in zip(targets, weights, strict=True):
            var = self._var(tensor)
            if var is not None and var.type.dtype in FLOAT:
                dtype = var.type.dtype
                one = full(tensor.shape, 1, dtype) if weight is None else cast(as_operand(weight), dtype)
                seeds[var] = seeds[var] + one if var in seeds else one
        wanted = list(dict.fromkeys(v for group in groups for v in group))
        repeated = self._repeated(seeds, wanted) if all(w is None for w in weights) else None
        found = repeated.find() if repeated is not None else None
        if found is None:
            found = pull_back_recorded(equations, seeds, wanted, self._value, self._results) if seeds and wanted else {}
            if repeated is not None:
                repeated.note(found)
        return [_sum([found[v] for v in group if v in found]) for group in groups]

    def _repeated(self, seeds: dict[Var, Tensor], wanted: list[Var]) -> Repeated | None:
        """This question to the tape as one that may have been asked before; None if it has to be recorded itself."""
        builder = self._builder
        if not isinstance(builder, Recorder) or self._scope is not None or current_builder() is not None:
            return None
        is_whole = self._segments == [[0, len(builder.equations)]]
        return Repeated(builder, list(seeds), wanted) if is_whole and seeds and wanted else None

    def _recorded(self) -> list[Equation]:
        equations = self._equations_so_far()
        return [e for start, stop in self._segments for e in equations[start : stop if stop >= 0 else len(equations)]]

    def _vars(self, source: Any) -> list[Var]:
        if isinstance(source, Variable):
            return list(self._reads.get(source, ()))
        var = self._var(as_operand(source))
        return [] if var is None else [var]

    def _var(self, tensor: Tensor) -> Var | None:
        """The value of the recording that a tensor is; None if it is none of them."""
        if isinstance(tensor, TracedTensor) and tensor.builder is self._builder:
            return tensor.var
        return self._builder._known.get(id(tensor)) if self._builder is not None else None

    def _value(self, var: Var) -> Tensor:
        builder = self._builder
        if isinstance(builder, Recorder):
            return builder.tensor(var)
        assert builder is not None
        return TracedTensor(builder, var)

    def _results(self, equation: Equation) -> tuple[Tensor, ...]:
        """The tensors of an equation's results; a loop is made to save its carries."""
        if equation.primitive.name == "loop":
            return self._saving(equation)
        return tuple(self._value(v) for v in equation.outputs)

    def _saving(self, equation: Equation) -> tuple[Tensor, ...]:
        builder, params = self._builder, keep_values(equation.params)
        assert builder is not None
        operands = [self._value(v) for v in equation.inputs]
        if isinstance(builder, Recorder):
            return tuple(bind(equation.primitive, operands, params))
        types = equation.primitive.infer_types(params, [v.type for v in equation.inputs])
        outputs = (*equation.outputs, *(Var(t) for t in types[len(equation.outputs) :]))
        place = builder.equations.index(equation)
        builder.equations[place] = Equation(equation.primitive, equation.inputs, params, outputs, equation.where)
        return tuple(self._value(v) for v in outputs)


def _tensor(value: Any) -> Tensor:
    return value.value if isinstance(value, Variable) else as_operand(value)


def _sum(parts: list[Tensor]) -> Tensor | None:
    total: Any = None
    for part in parts:
        total = part if total is None else total + part
    return total  # type: ignore[no-any-return]


__all__ = ["GradientTape", "UsedTapeError"]
