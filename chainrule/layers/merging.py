"""Layers that make one tensor out of several."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from .. import ops
from .. import primitives as P
from ..errors import ArgumentError, ShapeError
from ..serialization import builtin
from .checks import label
from .layer import Layer
from .masks import masks_of

Shape = tuple[int | None, ...]


class Merge(Layer):
    """Base of layers that combine a list of tensors element by element; their shapes broadcast.

    A tensor with fewer axes gets axes of size 1 after its batch axis. A subclass defines `_combine(tensors)`.
    """

    _count: int | None = None  # how many inputs there must be; None: one or more

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def _check_inputs(self, inputs: Any) -> None:
        wanted = f"a list of {self._count} tensors" if self._count else "a list of tensors"
        if not isinstance(inputs, (list, tuple)) or len(inputs) != (self._count or max(1, len(inputs))):
            found = f"a list of {len(inputs)}" if isinstance(inputs, (list, tuple)) else f"shape {inputs.shape}"
            raise ArgumentError(f"expected {wanted}; got {found}.")
        self._check_shapes([tuple(x.shape) for x in inputs])

    def _check_shapes(self, shapes: Sequence[Shape]) -> None:
        rank = max(map(len, shapes))
        for axis, sizes in enumerate(zip(*(_widened(shape, rank) for shape in shapes), strict=True)):
            if len({n for n in sizes if n not in (None, 1)}) > 1:
                listed = " and ".join(map(str, shapes))
                raise ShapeError(f"expected inputs whose shapes broadcast; got {listed}, which differ on axis {axis}.")

    def call(self, inputs: Any) -> Any:
        """The tensors combined."""
        rank = max(x.ndim for x in inputs)
        return self._combine([ops.reshape(x, _widened(x.shape, rank)) for x in inputs])

    def _combine(self, tensors: list[Any]) -> Any:
        raise NotImplementedError

    def _fold(self, function: Any, tensors: list[Any]) -> Any:
        return functools.reduce(function, tensors)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Seen where any input is seen; None if one of them has no mask."""
        masks = masks_in_order(inputs, previous_mask)
        return None if masks is None or any(m is None for m in masks) else functools.reduce(ops.logical_or, masks)


def masks_in_order(inputs: Any, masks: Any) -> list[Any] | None:
    """The masks of a list of inputs, one each.

    Raises: ArgumentError: they are no lists of one length.
    """
    if masks is None:
        return None
    if not isinstance(inputs, (list, tuple)) or not isinstance(masks, (list, tuple)) or len(inputs) != len(masks):
        raise ArgumentError(f"compute_mask: expected a list of inputs and a list of as many masks; got mask={masks!r}.")
    return list(masks)


class _Choosing(Merge):
    """Base: where one input is masked, the result is the other one."""

    def _masked_fold(self, function: Any, inputs: Any, tensors: list[Any]) -> Any:
        masks = masks_of(list(inputs)) or [None] * len(tensors)
        widened = [
            None if m is None else ops.reshape(m, (*m.shape, *[1] * (t.ndim - m.ndim)))
            for m, t in zip(masks, tensors, strict=True)
        ]
        found, seen = tensors[0], widened[0]
        for x, mask in zip(tensors[1:], widened[1:], strict=True):
            both = function(found, x)
            alone = both if seen is None else ops.where(seen, both, x)
            found = alone if mask is None else ops.where(mask, alone, found)
            seen = None if seen is None or mask is None else ops.logical_or(seen, mask)
        return found

    def call(self, inputs: Any) -> Any:
        """The tensors combined, each where it is seen."""
        rank = max(x.ndim for x in inputs)
        return self._masked_fold(self._function, inputs, [ops.reshape(x, _widened(x.shape, rank)) for x in inputs])

    @staticmethod
    def _function(x: Any, w: Any) -> Any:
        raise NotImplementedError


def _widened(shape: Sequence[Any], rank: int) -> Shape:
    """A shape brought to a rank by axes of size 1 after the batch axis."""
    return (*shape[:1], *[1] * (rank - len(shape)), *shape[1:])


@builtin
class Add(Merge):
    """The sum of its inputs, element by element.

    Shapes: a list of shapes that broadcast -> their common shape.

    Example:
    >>> Add()([ops.full((1, 2), 1.0), ops.full((1, 2), 10.0)]).tolist()
    [[11.0, 11.0]]
    """

    def _combine(self, tensors: list[Any]) -> Any:
        return self._fold(ops.add, tensors)


@builtin
class Subtract(Merge):
    """The first input minus the second.

    Shapes: two shapes that broadcast -> their common shape.

    Example:
    >>> Subtract()([ops.full((1, 2), 1.0), ops.full((1, 2), 10.0)]).tolist()
    [[-9.0, -9.0]]
    """

    _count = 2

    def _combine(self, tensors: list[Any]) -> Any:
        return ops.subtract(*tensors)


@builtin
class Multiply(_Choosing):
    """The product of its inputs, element by element.

    Shapes: a list of shapes that broadcast -> their common shape.

    Example:
    >>> Multiply()([ops.full((1, 2), 2.0), ops.full((1, 2), 10.0)]).tolist()
    [[20.0, 20.0]]
    """

    _function = staticmethod(ops.multiply)


@builtin
class Average(Merge):
    """The mean of its inputs, element by element.

    Shapes: a list of shapes that broadcast -> their common shape.

    Example:
    >>> Average()([ops.full((1, 2), 1.0), ops.full((1, 2), 3.0)]).tolist()
    [[2.0, 2.0]]
    """

    def _combine(self, tensors: list[Any]) -> Any:
        return self._fold(ops.add, tensors) / float(len(tensors))


@builtin
class Maximum(_Choosing):
    """The largest of its inputs, element by element.

    Shapes: a list of shapes that broadcast -> their common shape.

    Example:
    >>> Maximum()([ops.full((1, 2), 1.0), ops.full((1, 2), 10.0)]).tolist()
    [[10.0, 10.0]]
    """

    _function = staticmethod(ops.maximum)


@builtin
class Minimum(_Choosing):
    """The smallest of its inputs, element by element.

    Shapes: a list of shapes that broadcast -> their common shape.

    Example:
    >>> Minimum()([ops.full((1, 2), 1.0), ops.full((1, 2), 10.0)]).tolist()
    [[1.0, 1.0]]
    """

    _function = staticmethod(ops.minimum)


@builtin
class Concatenate(Merge):
    """Its inputs one after another along an axis.

    Args: axis: int (default -1).
    Shapes: a list of shapes that agree on all other axes -> that shape, sizes along the axis added.
    Raises: ShapeError: the shapes differ on another axis.

    Example:
    >>> Concatenate()([ops.full((1, 2), 1.0), ops.full((1, 1), 10.0)]).tolist()
    [[1.0, 1.0, 10.0]]
    """

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def _check_shapes(self, shapes: Sequence[Shape]) -> None:
        rank = len(shapes[0])
        if any(len(shape) != rank for shape in shapes) or not -rank <= self.axis < rank:
            listed = " and ".join(map(str, shapes))
            raise ShapeError(f"expected inputs with equally many axes, axis {self.axis} among them; got {listed}.")
        for axis, sizes in enumerate(zip(*shapes, strict=True)):
            if axis != self.axis % rank and len({n for n in sizes if n is not None}) > 1:
                listed = " and ".join(map(str, shapes))
                raise ShapeError(f"expected inputs of equal sizes but for axis {self.axis}; got {listed}.")

    def call(self, inputs: Any) -> Any:
        """The tensors in a row."""
        return ops.concatenate(list(inputs), self.axis)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The masks in a row; inputs without one are seen everywhere. None if no input has one."""
        masks = masks_in_order(inputs, previous_mask)
        if masks is None or all(m is None for m in masks):
            return None
        whole = [_whole(x, m) for x, m in zip(inputs, masks, strict=True)]
        return ops.any(ops.concatenate(whole, self.axis), -1)


def _whole(x: Any, mask: Any) -> Any:
    """A mask with the axes of the tensor; without one, all of it is seen."""
    if mask is not None and mask.ndim == x.ndim:
        return ops.cast(mask, "bool")
    every = ops.ones_like(x, "bool")
    return every if mask is None else ops.logical_and(every, ops.expand_dims(ops.cast(mask, "bool"), -1))


@builtin
class Dot(Merge):
    """For each row the sum of products of two inputs over one axis of each.

    Args:
        axes: int, or a pair of ints, one for each input: the axes that are summed over (0 is the batch axis).
        normalize: whether both are divided by their norm along these axes first, which gives their cosine (default
            False).

    Shapes: (batch, ..., n, ...), (batch, ..., n, ...) -> (batch, the other axes of both); (batch, 1) if there are none.
    Raises: ShapeError: the axes have different sizes.

    Example:
    >>> Dot(axes=1)([ops.full((1, 2), 1.0), ops.full((1, 2), 10.0)]).tolist()
    [[20.0]]
    """

    _count = 2

    def __init__(self, axes: Any, normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        pair = list(axes) if isinstance(axes, (list, tuple)) else [axes, axes]
        if len(pair) != 2 or not all(isinstance(axis, int) for axis in pair):
            raise ArgumentError(f"{label(self)}: expected axes to be an integer or two of them; got {axes!r}.")
        self.axes = axes if isinstance(axes, int) else pair
        self.normalize = normalize

    def _pair(self, ranks: Sequence[int]) -> list[int]:
        """The axes of both inputs, counted from 0."""
        pair = [self.axes] * 2 if isinstance(self.axes, int) else self.axes
        if any(not 1 <= axis % rank < rank or axis >= rank for axis, rank in zip(pair, ranks, strict=True)):
            raise ShapeError(f"expected axes after the batch axis; got axes={self.axes} for inputs of {ranks} axes.")
        return [axis % rank for axis, rank in zip(pair, ranks, strict=True)]

    def _check_shapes(self, shapes: Sequence[Shape]) -> None:
        pair = self._pair([len(shape) for shape in shapes])
        summed = [shape[axis] for shape, axis in zip(shapes, pair, strict=True)]
        batch = [shape[0] for shape in shapes]
        for what, sizes in (("batch axes", batch), (f"axes {tuple(pair)}", summed)):
            if None not in sizes and sizes[0] != sizes[1]:
                raise ShapeError(f"expected equal sizes on the {what}; got shapes {shapes[0]} and {shapes[1]}.")

    def call(self, inputs: Any) -> Any:
        """The sums of products."""
        x, w = inputs
        a, b = self._pair([x.ndim, w.ndim])
        if self.normalize:
            x, w = ops.normalize(x, a), ops.normalize(w, b)
        y = P.dot_general(x, w, contract=((a,), (b,)), batch=((0,), (0,)))
        return y if y.ndim > 1 else ops.expand_dims(y, 1)


def add(inputs: Any, **kwargs: Any) -> Any:
    """The sum of tensors: `Add(**kwargs)(inputs)`."""
    return Add(**kwargs)(inputs)


def subtract(inputs: Any, **kwargs: Any) -> Any:
    """The difference of two tensors: `Subtract(**kwargs)(inputs)`."""
    return Subtract(**kwargs)(inputs)


def multiply(inputs: Any, **kwargs: Any) -> Any:
    """The product of tensors: `Multiply(**kwargs)(inputs)`."""
    return Multiply(**kwargs)(inputs)


def average(inputs: Any, **kwargs: Any) -> Any:
    """The mean of tensors: `Average(**kwargs)(inputs)`."""
    return Average(**kwargs)(inputs)


def maximum(inputs: Any, **kwargs: Any) -> Any:
    """The largest of tensors, element by element: `Maximum(**kwargs)(inputs)`."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs: Any, **kwargs: Any) -> Any:
    """The smallest of tensors, element by element: `Minimum(**kwargs)(inputs)`."""
    return Minimum(**kwargs)(inputs)


def concatenate(inputs: Any, axis: int = -1, **kwargs: Any) -> Any:
    """Tensors one after another along an axis: `Concatenate(axis, **kwargs)(inputs)`."""
    return Concatenate(axis=axis, **kwargs)(inputs)


def dot(inputs: Any, axes: Any = -1, **kwargs: Any) -> Any:
    """Sums of products of two tensors over an axis: `Dot(axes, **kwargs)(inputs)`."""
    return Dot(axes=axes, **kwargs)(inputs)
