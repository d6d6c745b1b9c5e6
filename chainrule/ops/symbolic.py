"""Tensors of a model that is being drawn: a dtype and a shape whose unknown sizes are None.

`Input()` makes one; layers and ops called on one record a `Node` and return the next. The shapes behind an op are
found by recording it on two different sizes in place of each None: sizes that differ between the two stay None.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from ..errors import DTypeError, MissingNameError, ShapeError, TracedValueError, UnsupportedError
from ..ir import Tensor, TensorType, TracedTensor, dtype_name, trace
from ..ir.tree import remade

_STAND_INS = (83, 1013)  # two primes that are unlikely to be a real size, so far apart that no stride makes them one
_DIVISIBLE = tuple(20160 * n for n in _STAND_INS)  # where an unknown size must be a multiple of something
_NOT_SYMBOLIC = frozenset((Tensor, TracedTensor, str, int, float, bool, type(None)))  # what most arguments are
_names = itertools.count(1)


class KerasTensor:
    """A symbolic tensor.

    Args: shape: sizes, None where unknown; dtype (default 'float32'); sparse, ragged: only False is available;
        ragged_rank, row_splits_dtype, record_history: accepted; name.

    >>> KerasTensor((None, 8)).shape
    (None, 8)
    """

    def __init__(
        self, shape: Sequence[int | None], dtype: Any = "float32", sparse: bool = False, ragged: bool = False,
        ragged_rank: int | None = None, row_splits_dtype: Any = None, record_history: bool = True,
        name: str | None = None,
    ) -> None:  # fmt: skip
        if sparse or ragged:
            raise UnsupportedError("KerasTensor: sparse and ragged tensors are not available; leave these out.")
        self.sparse, self.ragged = False, False
        self.ragged_rank, self.row_splits_dtype, self.record_history = ragged_rank, row_splits_dtype, record_history
        self.shape = tuple(None if n is None else int(n) for n in shape)
        self.dtype = "string" if dtype == "string" else dtype_name(dtype)  # text: in front of a model only
        self.name = name or f"keras_tensor_{next(_names)}"
        self.node: Node | None = None  # what made it; None for an input that stands alone
        self.index = 0  # which of the node's results it is
        self._mask: KerasTensor | None = None  # the mask that a layer let it carry

    @property
    def _keras_mask(self) -> KerasTensor | None:
        """The mask that a layer let it carry; like the tensor itself it can be called on."""
        if self._mask is not None and self._mask.node is None:
            Node(_mask_of, (self,), {}, self._mask)
        return self._mask

    def copied(self) -> KerasTensor:
        """One like it that nothing has made yet."""
        found = KerasTensor(self.shape, self.dtype, name=self.name)
        found._mask = None if self._mask is None else self._mask.copied()
        return found

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def reshape(self, newshape: Any) -> Any:
        """In another shape; see `ops.reshape`."""
        return OPS["reshape"](self, newshape)

    def squeeze(self, axis: Any = None) -> Any:
        """Without axes of size 1; see `ops.squeeze`."""
        return OPS["squeeze"](self, axis)

    def __round__(self, ndigits: int | None = None) -> Any:
        return OPS["round"](self, ndigits or 0)

    def __repr__(self) -> str:
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}, name={self.name}>"

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise TracedValueError(
            f"{self!r} stands for data that is not there yet. Use chainrule.ops or layers on it, not NumPy."
        )

    def __float__(self) -> float:
        raise TracedValueError(f"{self!r} stands for data that is not there yet: it is no number.")

    __int__ = __float__  # type: ignore[assignment]

    def __bool__(self) -> bool:
        raise TracedValueError(f"{self!r} has no truth value yet; use ops.where or ops.cond.")

    def __len__(self) -> int:
        raise TracedValueError(f"{self!r} has no length yet; use its shape.")

    def __iter__(self) -> Any:
        raise TracedValueError(f"{self!r} cannot be iterated over; use ops.unstack or indexing.")


class Node:
    """One call in a model's graph: `operation(*args, **kwargs) -> outputs`, symbolic tensors among the arguments."""

    def __init__(self, operation: Any, args: tuple[Any, ...], kwargs: dict[str, Any], outputs: Any) -> None:
        self.operation, self.args, self.kwargs, self.outputs = operation, args, kwargs, outputs
        self.inputs = symbolic_leaves((args, kwargs))
        for index, tensor in enumerate(symbolic_leaves(outputs)):
            tensor.node, tensor.index = self, index


def _mask_of(tensor: Tensor) -> Any:
    return tensor._keras_mask


def symbolic_leaves(tree: Any) -> list[KerasTensor]:
    """All symbolic tensors in nested lists, tuples and dicts."""
    if isinstance(tree, KerasTensor):
        return [tree]
    if isinstance(tree, dict):
        tree = tree.values()
    elif not isinstance(tree, (list, tuple)):
        return []
    found: list[KerasTensor] = []
    for item in tree:
        if item.__class__ not in _NOT_SYMBOLIC:
            found += symbolic_leaves(item)
    return found


def replace_leaves(tree: Any, new: Callable[[KerasTensor], Any]) -> Any:
    """The same nesting with each symbolic tensor replaced by `new(tensor)`."""
    if isinstance(tree, KerasTensor):
        return new(tree)
    if isinstance(tree, dict):
        return {key: replace_leaves(value, new) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        items = [replace_leaves(item, new) for item in tree]
        return remade(tree, items)
    return tree


def symbolic_result(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What `function` would return, as symbolic tensors: shapes and dtypes, nothing is computed."""
    leaves = symbolic_leaves((args, kwargs))
    text = next((leaf for leaf in leaves if leaf.dtype == "string"), None)
    if text is not None:
        raise DTypeError(
            f"expected numbers; got {text!r}. Only layers such as StringLookup and TextVectorization take text."
        )
    if not any(None in leaf.shape for leaf in leaves):
        return _with_sizes(function, args, kwargs, leaves, _STAND_INS[:1])
    try:
        return _with_sizes(function, args, kwargs, leaves, _STAND_INS)
    except ShapeError:
        with suppress(ShapeError):
            return _with_sizes(function, args, kwargs, leaves, _DIVISIBLE)
        with suppress(ShapeError):
            return symbolic_result(*_matched(function, args, kwargs, leaves))
        raise


def _matched(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], leaves: list[KerasTensor]
) -> tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]:
    """The arguments with unknown sizes as the others have them on the same axis, counted from the end: they must fit.

    Raises: ShapeError: none is known better.
    """
    known: dict[int, int] = {}
    for leaf in leaves:
        known.update({k: n for k, n in enumerate(leaf.shape[::-1]) if n not in (None, 1)})
    new = {id(t): [known.get(k) if n is None else n for k, n in enumerate(t.shape[::-1])][::-1] for t in leaves}
    if all(tuple(new[id(t)]) == t.shape for t in leaves):
        raise ShapeError("no unknown size is known better")
    args, kwargs = replace_leaves((args, kwargs), lambda t: KerasTensor(new[id(t)], t.dtype))
    return function, args, kwargs


def _with_sizes(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], leaves: list[KerasTensor],
    sizes: tuple[int, ...],
) -> Any:  # fmt: skip
    trees = [_record(function, args, kwargs, leaves, size) for size in sizes]
    return _merge(trees[0], trees[-1])


def _record(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], leaves: list[KerasTensor], size: int
) -> Any:
    masked = [leaf for leaf in leaves if leaf._mask is not None]
    given = [*leaves, *(leaf._mask for leaf in masked if leaf._mask is not None)]
    types = [TensorType(t.dtype, tuple(size if n is None else n for n in t.shape)) for t in given]
    kept: list[Any] = []

    def run(*tensors: Tensor) -> list[Tensor]:
        by_id = {id(leaf): tensor for leaf, tensor in zip(leaves, tensors, strict=False)}
        for leaf, mask in zip(masked, tensors[len(leaves) :], strict=True):
            by_id[id(leaf)]._keras_mask = mask
        new_args, new_kwargs = replace_leaves((args, kwargs), lambda leaf: by_id[id(leaf)])
        kept.append(_types_of(function(*new_args, **new_kwargs)))
        return []

    trace(run, types, "shapes")
    return kept[0]


class _Found(NamedTuple):
    """What is known of a result: its type, and that of the mask that it carries."""

    type: TensorType
    mask: TensorType | None


def _types_of(tree: Any) -> Any:
    if isinstance(tree, Tensor):
        mask = getattr(tree, "_keras_mask", None)
        return _Found(tree.type, None if mask is None else mask.type)
    if isinstance(tree, dict):
        return {key: _types_of(value) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return remade(tree, [_types_of(item) for item in tree])
    return tree


def _merge(first: Any, second: Any) -> Any:
    if isinstance(first, TensorType):
        shape = [a if a == b else None for a, b in zip(first.shape, second.shape, strict=True)]
        return KerasTensor(shape, first.dtype)
    if isinstance(first, _Found):
        tensor = _merge(first.type, second.type)
        tensor._mask = _merge(first.mask, second.mask)
        return tensor
    if isinstance(first, dict):
        return {key: _merge(first[key], second[key]) for key in first}
    if isinstance(first, (list, tuple)):
        return type(first)(_merge(a, b) for a, b in zip(first, second, strict=True))
    return first


class _Ops(dict[str, Callable[..., Any]]):
    """Every public op by name: what a saved functional model refers to. Some are imported when they are looked up."""

    find: Callable[[str], Any]

    def __missing__(self, name: str) -> Callable[..., Any]:
        try:
            return self.find(name)  # type: ignore[no-any-return]
        except MissingNameError:
            raise KeyError(name) from None

    def get(self, name: str, default: Any = None) -> Any:
        """The op of that name, or something else."""
        try:
            return self[name]
        except KeyError:
            return default

    def __contains__(self, name: object) -> bool:
        return self.get(str(name)) is not None


OPS = _Ops()
Call = tuple[tuple[Any, ...], dict[str, Any]]
SIZES: dict[str, Callable[..., Call]] = {}  # what the arguments of an op say about sizes that its inputs do not know
TEXT_OPS: dict[str, Callable[..., Any]] = {}  # what stands for an op on symbolic text; layers/preprocessing fills it


def op(function: Callable[..., Any], package: str = "") -> Callable[..., Any]:
    """Make a function of tensors an op: on symbolic tensors it records a node instead.

    Args:
        function: function.
        package: str, default "" for a public op. Else where it stands, for names that an op may have as well.
    """
    name = f"{package}.{function.__name__}" if package else function.__name__

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        leaves = symbolic_leaves((args, kwargs))
        if leaves and leaves[0].dtype == "string" and function.__name__ in TEXT_OPS:
            return TEXT_OPS[function.__name__](*args, **kwargs)
        if leaves:
            sized = SIZES.get(name)
            outputs = symbolic_result(function, *(sized(*args, **kwargs) if sized else (args, kwargs)))
            Node(OPS[name], args, kwargs, outputs)
            return outputs
        return function(*args, **kwargs)

    OPS[name] = _called(wrapper, name) if package else wrapper
    return wrapper


def _called(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The function under another name, by which a saved model refers to it."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    wrapper.__name__ = name
    return wrapper
