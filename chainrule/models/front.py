"""The part of a model that works on text: in NumPy, before the compiled part begins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError, UnsupportedError, listed
from ..ir import is_tracing
from ..ir.tree import flatten
from ..layers.preprocessing.reading import is_followed
from ..layers.preprocessing.strings import is_text, text_array
from ..layers.trees import leaves
from ..ops.symbolic import KerasTensor, Node, replace_leaves

_KEY = "front:"  # how the names of prepared inputs begin


def front_of(graph: Any) -> Front | None:
    """The nodes of a graph that run on the host; None if there are none."""
    given = {id(t) for t in graph.input_tensors}
    wanted: set[int] = set()  # tensors that a node on the host needs
    for node in reversed(graph.nodes):
        made = {id(t) for t in leaves(node.outputs)} & wanted
        if node.inputs and (made or _is_host(node)) and not all(id(t) in given for t in leaves(node.outputs)):
            wanted.update(id(t) for t in node.inputs)
    nodes = [node for node in graph.nodes if node.inputs and not all(id(t) in given for t in leaves(node.outputs))
             and (_is_host(node) or any(id(t) in wanted for t in leaves(node.outputs)))]  # fmt: skip
    if not nodes and all(t.dtype != "string" for t in graph.input_tensors):
        return None
    return Front(graph, nodes)


def _is_host(node: Node) -> bool:
    """Whether a node reads text, or its layer computes in NumPy."""
    return getattr(node.operation, "runs_on_host", False) or any(t.dtype == "string" for t in node.inputs)


class Front:
    """What runs before the compiled part: from the inputs of a model to the first tensors of numbers.

    Args: graph: the model's graph; nodes: those that run here, in order.
    """

    def __init__(self, graph: Any, nodes: list[Node]) -> None:
        self.graph, self.nodes = graph, nodes
        behind = [t for node in graph.nodes if node not in nodes for t in node.inputs]
        wanted = {id(t) for t in (*behind, *graph.output_tensors)}
        made = [t for node in nodes for t in leaves(node.outputs)]
        candidates: list[KerasTensor] = [*graph.input_tensors, *made]
        self.boundary = [t for t in candidates if id(t) in wanted]
        text = [t for t in self.boundary if t.dtype == "string"]
        if text:
            raise UnsupportedError(
                f"Model: {text[0].name!r} is text, which only layers such as StringLookup and TextVectorization take; "
                "it cannot be an output."
            )

    def prepared(self, inputs: Any) -> dict[str, Any]:
        """The numbers that the compiled part begins with, by names that say so."""
        if is_prepared(inputs):
            return dict(inputs)
        values = {id(t): fitted(t, x) for t, x in zip(self.graph.input_tensors, self._given(inputs), strict=True)}
        for node in self.nodes:
            args, kwargs = replace_leaves((node.args, node.kwargs), lambda t: values[id(t)])
            results = flatten(node.operation(*args, **kwargs))
            for symbol, result in zip(leaves(node.outputs), results, strict=True):
                values[id(symbol)] = result if symbol.dtype == "string" or is_tracing() else np.asarray(result)
        return {f"{_KEY}{k:03d}": values[id(t)] for k, t in enumerate(self.boundary)}

    def _given(self, inputs: Any) -> list[Any]:
        symbols, names = self.graph.input_tensors, self.graph.input_names
        if isinstance(inputs, Mapping):
            by_name = sorted(self.graph.inputs) if isinstance(self.graph.inputs, Mapping) else names
            missing = [n for n in by_name if n not in inputs]
            if missing:
                raise ArgumentError(f"expected inputs named {listed(by_name)}; {listed(missing)} missing.")
            return [inputs[n] for n in by_name]
        if len(symbols) == 1:
            single = isinstance(inputs, (list, tuple)) and len(inputs) == 1 and isinstance(inputs[0], np.ndarray)
            return [inputs[0] if single and inputs[0].ndim else inputs]
        if not isinstance(inputs, (list, tuple)) or len(inputs) != len(symbols):
            raise ArgumentError(f"expected {len(symbols)} inputs ({listed(names)}).")
        return list(inputs)

    def check_trainable(self) -> None:
        """Raise if something here would have to be trained.

        Raises: UnsupportedError.
        """
        for node in self.nodes:
            if getattr(node.operation, "trainable_variables", None):
                raise UnsupportedError(
                    f"{node.operation.name!r} reads text and has weights to train. Put the layers that read text in "
                    "front, and call the rest on what they give."
                )


def is_prepared(inputs: Any) -> bool:
    """Whether these inputs have been through a front."""
    return isinstance(inputs, Mapping) and bool(inputs) and all(str(key).startswith(_KEY) for key in inputs)


def fitted(symbol: KerasTensor, value: Any) -> Any:
    """An array with the number of axes of a symbol: a last axis of size 1 is added, or taken away."""
    if is_followed(value):
        return value
    array = text_array(value) if symbol.dtype == "string" else np.asarray(value)
    rank = len(symbol.shape)
    if array.ndim == rank - 1 and symbol.shape[-1:] == (1,):
        array = array[..., None]
    elif array.ndim == rank + 1 and array.shape[-1] == 1:
        array = array[..., 0]
    if array.ndim != rank:
        raise ShapeError(f"input {symbol.name!r}: expected shape {symbol.shape} (None: any size); got {array.shape}.")
    return array


def input_like(value: Any) -> tuple[tuple[int | None, ...], str]:
    """The shape and dtype of the input of a model for such values."""
    array = text_array(value) if is_text(value) else np.asarray(value)
    return (None, *array.shape[1:]), "string" if is_text(value) else array.dtype.name


class PreparedStream:
    """Batches `(x,)`, `(x, y)`, ... with each x prepared.

    Args: source: an iterable of batches, not an iterator; front: a `Front`.
    """

    def __init__(self, source: Any, front: Front) -> None:
        self._source, self._front = source, front
        if hasattr(source, "__len__"):
            self.__class__ = _SizedStream
        for name in ("on_epoch_begin", "on_epoch_end"):
            if hasattr(source, name):
                setattr(self, name, getattr(source, name))

    def __iter__(self) -> Iterator[Any]:
        return prepared_items(iter(_items(self._source)), self._front)


class _SizedStream(PreparedStream):
    def __len__(self) -> int:
        return len(self._source)


def _items(source: Any) -> Iterable[Any]:
    """The batches of something that is gone through, or asked for batch by batch."""
    if hasattr(source, "__iter__"):
        return source  # type: ignore[no-any-return]
    return (source[k] for k in range(len(source)))


def prepared_items(items: Iterator[Any], front: Front) -> Iterator[Any]:
    """Batches with each x prepared."""
    for item in items:
        if isinstance(item, tuple):
            yield (front.prepared(_plain(item[0])), *item[1:])
        else:
            yield (front.prepared(_plain(item)),)


def _plain(value: Any) -> Any:
    return value.numpy() if hasattr(value, "numpy") and not isinstance(value, np.ndarray) else value
