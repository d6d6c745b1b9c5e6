"""The graph between symbolic inputs and outputs: which calls, in which order."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .. import ops
from ..errors import ArgumentError, ShapeError, listed
from ..ir import Tensor
from ..ir.tree import flatten, unflatten
from ..layers import Input, InputLayer, Layer
from ..layers.trees import leaves
from ..ops.symbolic import KerasTensor, Node, replace_leaves
from .front import Front, front_of, is_prepared


class Graph:
    """The nodes needed to compute `outputs` from `inputs`, deepest first.

    Args: inputs, outputs: symbolic tensors, or trees of them; strict: whether data must have the sizes that the inputs
        say; else the rank and the size of the last axis count, and the layers see to the rest.
    """

    def __init__(self, inputs: Any, outputs: Any, strict: bool = True) -> None:
        self.inputs, self.outputs, self.strict = inputs, outputs, strict
        self._has_warned = False
        self.input_tensors: list[KerasTensor] = flatten(inputs)
        self.output_tensors: list[KerasTensor] = flatten(outputs)
        for what, tensors in (("inputs", self.input_tensors), ("outputs", self.output_tensors)):
            for t in tensors:
                if not isinstance(t, KerasTensor):
                    raise ArgumentError(
                        f"Model: expected {what} made by chainrule.Input and layers called on it; got {t!r}."
                    )
        self.nodes = self._order()
        self.front: Front | None = front_of(self)
        self.layers: list[Layer] = list(
            dict.fromkeys(n.operation for n in self.nodes if isinstance(n.operation, Layer))
        )  # fmt: skip
        names = [layer.name for layer in self.layers]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ArgumentError(f"Model: two layers are named {twice!r}; give one of them another name.")

    def _order(self) -> list[Node]:
        given = {id(t) for t in self.input_tensors}
        depth: dict[Node, int] = {}
        first_seen: dict[Node, int] = {}
        stack = [(t, 0) for t in reversed(self.output_tensors)]
        while stack:
            tensor, level = stack.pop()
            node = tensor.node
            if node is None or (id(tensor) in given and not isinstance(node.operation, InputLayer)):
                if id(tensor) not in given:
                    raise ArgumentError(f"Model: {tensor!r} is needed for an output but is not among the inputs.")
                continue
            if id(tensor) not in given and isinstance(node.operation, InputLayer):
                raise ArgumentError(f"Model: {tensor.name!r} is needed for an output but is not among the inputs.")
            first_seen.setdefault(node, len(first_seen))
            if depth.get(node, -1) < level:
                depth[node] = level
                stack += [(t, level + 1) for t in reversed(node.inputs)]
        for t in self.input_tensors:  # inputs come first, also those that no output needs
            if t.node is not None and isinstance(t.node.operation, InputLayer):
                first_seen.setdefault(t.node, len(first_seen))
                depth[t.node] = max([*depth.values(), 0]) + (t.node not in depth)
        deepest = max([*depth.values(), 0])
        is_input = {n: isinstance(n.operation, InputLayer) for n in depth}
        position = {id(t.node): k for k, t in enumerate(self.input_tensors)}
        key = lambda n: (  # noqa: E731
            (-deepest - 1, position.get(id(n), 0)) if is_input[n] else (-depth[n], first_seen[n])
        )
        return sorted(depth, key=key)

    def with_layers_for_inputs(self) -> Graph:
        """A graph whose inputs all come from an `InputLayer`: those that a layer made are replaced by new ones."""
        new: dict[int, KerasTensor] = {}
        for t in self.input_tensors:
            if t.node is None or not isinstance(t.node.operation, InputLayer):
                new[id(t)] = Input(batch_shape=t.shape, dtype=t.dtype, name=f"{t.name}CLONE")
        if not new:
            return self
        for node in self.nodes:
            if not isinstance(node.operation, InputLayer):
                args, kwargs = replace_leaves((node.args, node.kwargs), lambda t: new.get(id(t), t))
                outputs = replace_leaves(node.outputs, lambda t: new.setdefault(id(t), t.copied()))
                Node(node.operation, args, kwargs, outputs)
        inputs, outputs = (replace_leaves(tree, lambda t: new.get(id(t), t)) for tree in (self.inputs, self.outputs))
        return Graph(inputs, outputs, self.strict)

    def run(self, inputs: Any) -> Any:
        """The outputs for the given inputs (one tensor, a list, or a dict by input name)."""
        symbols = self.input_tensors if self.front is None else self.front.boundary
        values: dict[int, Tensor] = {}
        for symbol, tensor in zip(symbols, self._matched(inputs), strict=True):
            values[id(symbol)] = tensor
        done = () if self.front is None else self.front.nodes
        for node in self.nodes:
            if isinstance(node.operation, InputLayer) or node in done:
                continue
            if all(id(t) in values for t in leaves(node.outputs)):
                continue
            args, kwargs = replace_leaves((node.args, node.kwargs), lambda t: values[id(t)])
            results = leaves(node.operation(*args, **kwargs))
            for symbol, tensor in zip(leaves(node.outputs), results, strict=True):
                values[id(symbol)] = tensor
        return unflatten(self.outputs, [values[id(t)] for t in self.output_tensors])

    def _matched(self, inputs: Any) -> list[Tensor]:
        if self.front is not None:
            found = inputs if is_prepared(inputs) else self.front.prepared(inputs)
            given = [ops.convert_to_tensor(found[key]) for key in sorted(found)]
            return [_fitted(s, t, True) for s, t in zip(self.front.boundary, given, strict=True)]
        given = self._by_name(inputs) if isinstance(inputs, Mapping) else flatten(inputs)
        if isinstance(self.inputs, Mapping) and isinstance(inputs, (list, tuple)) and len(given) > 1:
            self._warn(inputs)
        if len(given) != len(self.input_tensors):
            count, names = len(self.input_tensors), listed(self.input_names)
            raise ArgumentError(f"expected {count} inputs ({names}); got {len(given)}.")
        return [_fitted(s, t, self.strict) for s, t in zip(self.input_tensors, given, strict=True)]

    def _warn(self, inputs: Any) -> None:
        """Say that a dict of inputs was expected. A list is taken in the order of its names, if there is no other."""
        is_list = not isinstance(inputs, Mapping)
        given = f"a {type(inputs).__name__}" if is_list else f"the names {listed(sorted(inputs))}"
        text = "The structure of `inputs` doesn't match the expected structure: expected a dict with the names "
        text += f"{listed(sorted(self.inputs))}; got {given}."
        if is_list and list(self.inputs) != sorted(self.inputs):
            raise ArgumentError(text)
        if not self._has_warned:
            self._has_warned = True
            warnings.warn(text, stacklevel=4)

    def _by_name(self, inputs: Mapping[str, Any]) -> list[Any]:
        is_named = isinstance(self.inputs, Mapping)
        names = sorted(self.inputs) if is_named else self.input_names
        if is_named and len(inputs) > len(names):
            self._warn(inputs)
        missing = [n for n in names if n not in inputs]
        if missing:
            raise ArgumentError(f"expected inputs named {listed(names)}; {listed(missing)} missing.")
        return [leaf for n in names for leaf in flatten(inputs[n])]

    @property
    def input_names(self) -> list[str]:
        return [t.node.operation.name if t.node is not None else t.name for t in self.input_tensors]

    @property
    def output_names(self) -> list[str]:
        return names_of(self.outputs, lambda t, place: _name_of(t))

    @property
    def operation_names(self) -> list[str]:
        """The names of the layers that made the outputs."""
        return [_name_of(t) for t in flatten(self.outputs)]


def names_of(outputs: Any, name: Callable[[Any, int], str]) -> list[str]:
    """A name for each of nested outputs: its keys, and where it is one of a list a name of its own.

    Args: outputs: nested tensors; name: the name of a tensor, which is that many outputs from the first.

    >>> names_of({"a": [1, 2], "b": {"c": 3}}, lambda tensor, place: f"output_{place + 1}")
    ['a/output_1', 'a/output_2', 'b/c']
    """
    found: list[str] = []
    for path, tensor in _paths(outputs, ()):
        is_key = bool(path) and isinstance(path[-1], str)
        parts = path if is_key else (*path[:-1], name(tensor, len(found)))
        label = "/".join(map(str, parts))
        found.append(label if label not in found else f"{label}_{len(found)}")
    return found


def _paths(tree: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The leaves in the order of `flatten`, each with the keys and places that lead to it."""
    if isinstance(tree, Mapping):
        for key in sorted(tree):
            yield from _paths(tree[key], (*path, str(key)))
    elif isinstance(tree, (list, tuple)):
        for place, item in enumerate(tree):
            yield from _paths(item, (*path, place))
    else:
        yield path, tree


def _name_of(tensor: KerasTensor) -> str:
    operation = tensor.node.operation if tensor.node is not None else tensor
    return str(getattr(operation, "name", None) or getattr(operation, "__name__", tensor.name))


def _fitted(symbol: KerasTensor, tensor: Any, strict: bool) -> Any:
    """The tensor, with a missing or superfluous last axis of size 1 mended as Keras does; else an error."""
    if tensor is None:
        if not getattr(getattr(symbol.node, "operation", None), "optional", False):
            raise ArgumentError(f"input {symbol.name!r}: expected a tensor; got None, and the input is not optional.")
        return None
    rank = len(symbol.shape)
    if tensor.ndim == rank - 1 and symbol.shape[-1] == 1:
        tensor = ops.expand_dims(tensor, -1)
    elif tensor.ndim == rank + 1 and tensor.shape[-1] == 1:
        tensor = ops.squeeze(tensor, -1)
    first = 1 if strict else max(1, rank - 1)
    ok = tensor.ndim == rank and all(
        a is None or b is None or a == b for a, b in zip(symbol.shape[first:], tensor.shape[first:], strict=False)
    )
    if not ok:
        raise ShapeError(
            f"input {symbol.name!r}: expected shape {symbol.shape} (None: any size); got {tuple(tensor.shape)}."
            + (" A single row is x[None, :]." if tensor.ndim == rank - 1 else "")
        )
    return ops.cast(tensor, symbol.dtype)
