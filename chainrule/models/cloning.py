"""A model of the same architecture with new weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import ArgumentError
from ..ir.tree import flatten, map_structure
from ..layers import Input, InputLayer, Layer
from ..layers.trees import leaves
from ..ops.symbolic import KerasTensor, replace_leaves
from .graph import Graph
from .model import Model
from .sequential import Sequential


def clone_model(
    model: Any, input_tensors: Any = None, clone_function: Callable[[Layer], Layer] | None = None,
    call_function: Callable[..., Any] | None = None, recursive: bool = False, **kwargs: Any,
) -> Any:  # fmt: skip
    """A model of the same architecture with new layers and new weights.

    Args:
        model: functional, `Sequential`, or a subclass that `get_config` describes.
        input_tensors: symbolic inputs to build it on (default: new ones like the model's).
        clone_function: layer -> layer, for every layer but inputs (default: one from its config).
        call_function: (layer, *args, **kwargs) -> outputs, how the new layers are called; functional models only.
        recursive: clone models inside with the same functions, instead of giving them to clone_function (default
            False).

    Raises: ArgumentError: the model cannot be cloned in this way.

    Example:
    >>> from chainrule.layers import Dense
    >>> model = Sequential([Input((2,)), Dense(3)])
    >>> copy = clone_model(model, clone_function=lambda layer: Dense(layer.units, activation="relu"))
    >>> copy.layers[0].activation.__name__, copy.count_params()
    ('relu', 9)
    """
    if kwargs:
        raise ArgumentError(f"clone_model: unknown argument {next(iter(kwargs))!r}.")
    if not isinstance(model, Model):
        raise ArgumentError(f"clone_model: expected a model; got {model!r}.")
    if call_function is not None and (isinstance(model, Sequential) or model._graph is None):
        raise ArgumentError(f"clone_model: call_function is for functional models; {type(model).__name__} is none.")
    copy_layer = _copying(clone_function or _copy, call_function, recursive)
    copy = _clone(model, input_tensors, clone_function, copy_layer, call_function)
    if model.compiled and not copy.compiled:
        copy.compile_from_config(model.get_compile_config())
    return copy


def _clone(model: Any, input_tensors: Any, clone_function: Any, copy_layer: Any, call_function: Any) -> Any:
    if type(model) is Sequential and model._graph is None:
        return Sequential([copy_layer(layer) for layer in model.layers], model.trainable, model.name)
    if model._graph is None or type(model) not in (Model, Sequential):
        if clone_function or input_tensors is not None:
            raise ArgumentError(f"clone_model: {type(model).__name__} is a subclass, cloned from its config alone.")
        return _subclass_copy(model)
    if isinstance(model._graph.inputs, dict) and not isinstance(input_tensors, (dict, type(None))):
        raise ArgumentError(f"clone_model: expected input_tensors as a dict, like the inputs of {model.name!r}.")
    inputs = flatten(input_tensors) if input_tensors is not None else None
    if inputs is not None and len(inputs) != len(model._graph.input_tensors):
        raise ArgumentError(f"clone_model: expected {len(model._graph.input_tensors)} tensors; got {len(inputs)}.")
    graph = _copied(model._graph, inputs, copy_layer, call_function)
    if type(model) is Sequential:
        (first,) = graph.input_tensors
        clones = [layer for layer in graph.layers if not isinstance(layer, InputLayer)]
        return Sequential([first.node.operation, *clones], model.trainable, model.name)  # type: ignore[union-attr]
    return Model(graph.inputs, graph.outputs, name=model.name)


def _copying(copy: Callable[[Any], Any], call: Any, recursive: bool) -> Callable[[Any], Any]:
    """How one layer is copied; a model inside, if asked for, as the whole is."""
    if not recursive:
        return copy

    def whole(layer: Any) -> Any:
        if not isinstance(layer, Sequential) and getattr(layer, "_graph", None) is None:
            return copy(layer)
        inner = None if isinstance(layer, Sequential) else call
        return clone_model(layer, clone_function=copy, call_function=inner, recursive=True)

    return whole


def _copy(layer: Any) -> Any:
    return clone_model(layer) if isinstance(layer, Model) else type(layer).from_config(layer.get_config())


def _subclass_copy(model: Any) -> Any:
    copy = type(model).from_config(model.get_config())
    if not copy.built and model._input_symbols is not None:
        copy._build_symbolically(model._input_symbols)
    return copy


def _copied(
    graph: Graph, inputs: list[KerasTensor] | None, copy_layer: Callable[[Any], Any], call: Any = None
) -> Graph:
    """The same graph drawn again with other layers."""
    new: dict[int, KerasTensor] = {}
    for k, old in enumerate(graph.input_tensors):
        name = getattr(old.node.operation, "name", None) if old.node is not None else None
        new[id(old)] = inputs[k] if inputs else Input(batch_shape=old.shape, dtype=old.dtype, name=name)
    layers: dict[Any, Any] = {}
    for node in graph.nodes:
        if isinstance(node.operation, InputLayer):
            continue
        operation = node.operation
        if isinstance(operation, Layer):
            operation = layers.setdefault(operation, None) or copy_layer(operation)
            layers[node.operation] = operation
        args, kwargs = replace_leaves((node.args, node.kwargs), lambda t: new[id(t)])
        through = call is not None and isinstance(operation, Layer)
        outputs = call(operation, *args, **kwargs) if through else operation(*args, **kwargs)
        for old, made in zip(leaves(node.outputs), leaves(outputs), strict=True):
            new[id(old)] = made
    pick = lambda t: new[id(t)]  # noqa: E731
    return Graph(map_structure(pick, graph.inputs), map_structure(pick, graph.outputs))
