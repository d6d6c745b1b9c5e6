"""`Sequential`: layers one after another."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from typing import Any

from .. import dtype_policies
from ..errors import ArgumentError, listed
from ..ir import FLOAT, dtype_name
from ..layers import Input, InputLayer, Layer
from ..ops.symbolic import KerasTensor
from ..serialization import builtin, deserialize_keras_object, serialize_keras_object
from ..training.data import is_stream
from ..variables import naming, structure_changed
from .front import input_like
from .graph import Graph
from .model import Model


@builtin
class Sequential(Model):
    """A stack of layers, each with one input and one output.

    Args: layers: a list (default empty; `add` appends); trainable; name.

    The weights are made when the shape of the input is known: from an `Input`, from `input_shape=` or `input_dim=` of
    the first layer, or at the first call.

    Example:
    >>> from chainrule.layers import Dense
    >>> model = Sequential([Dense(4, activation="relu", input_shape=(3,)), Dense(1)])
    >>> model.count_params()
    21
    """

    def __init__(self, layers: Sequence[Any] | None = None, trainable: bool = True, name: str | None = None) -> None:
        super().__init__(trainable=trainable, name=name)
        self._layers: list[Layer] = []
        self._input: KerasTensor | None = None
        if isinstance(layers, (Layer, KerasTensor, str)):
            raise ArgumentError(f"{self._label()}: expected a list of layers; got {layers!r}. Write Sequential([...]).")
        for layer in layers or []:
            self.add(layer)

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Append a layer (or an `Input`, as the first)."""
        if isinstance(layer, KerasTensor) and layer.node is not None and isinstance(layer.node.operation, InputLayer):
            layer = layer.node.operation
        if isinstance(layer, InputLayer):
            if self._input is not None:
                raise ArgumentError(f"{self._label()}: expected one Input; got another after {self._input.shape}.")
            self._input = layer.output
            if self._layers:  # it is the first all the same
                self._connect()
            return
        if not isinstance(layer, Layer):
            hint = " Did you forget to call the class, as in Dense(10)?" if isinstance(layer, type) else ""
            raise ArgumentError(f"{self._label()}: expected a layer; got {layer!r}.{hint}")
        if any(layer.name == other.name and layer is not other for other in self._layers):
            raise ArgumentError(f"{self._label()}: two layers are named {layer.name!r}; give one of them another name.")
        if not self._layers and self._input is None:
            self._input = self._first_input(layer)
        self._layers.append(layer)
        structure_changed()  # a list does not tell
        if self._graph is not None:
            with naming(self.name, self):
                self._graph = Graph(self._graph.inputs, layer(self._graph.outputs), strict=False)
        elif self._input is not None:
            self._connect()

    def _refuse_more_inputs(self, layer: Layer) -> None:
        needed = [p.name for p in inspect.signature(layer.call).parameters.values()
                  if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]  # fmt: skip
        if len(needed) > 1:
            raise ArgumentError(
                f"{self._label()}: a layer here can only have a single required positional argument, its input; "
                f"{layer.name!r} needs {listed(needed)}. Give the others a default, or use Model(inputs, outputs)."
            )

    def _first_input(self, layer: Layer) -> KerasTensor | None:
        shape = layer._input_shape_arg
        if shape is not None:
            return Input(batch_shape=shape, dtype=_input_dtype(layer))
        if isinstance(layer, Model) and layer._graph is not None:
            return Input(batch_shape=layer.inputs[0].shape, dtype=layer.inputs[0].dtype)
        return None

    def _connect(self) -> None:
        for layer in self._layers:
            self._refuse_more_inputs(layer)
        output: Any = self._input
        with naming(self.name, self):
            for layer in self._layers:
                output = layer(output)
        self._graph = Graph(self._input, output, strict=False)
        self.built = True

    def pop(self, rebuild: bool = True) -> Layer:
        """Remove the last layer and return it."""
        if not self._layers:
            raise ArgumentError(f"{self._label()} has no layers to remove.")
        layer = self._layers.pop()
        structure_changed()
        self._graph = None
        self.built = False
        if self._input is not None and self._layers:
            self._connect()
        return layer

    def build(self, input_shape: Any = None) -> None:
        if self._input is not None and input_shape is not None:
            known = self._input.shape
            if len(known) != len(input_shape) or any(None not in p and p[0] != p[1] for p in zip(known, input_shape)):  # noqa: B905
                raise ArgumentError(f"{self._label()}: its input has the shape {known}; got {tuple(input_shape)}.")
        if self._graph is None and input_shape is not None:
            if not self._layers:
                raise ArgumentError(f"{self._label()} has no layers yet; add some before it is built.")
            self._input = Input(batch_shape=tuple(input_shape), dtype=_input_dtype(self._layers[0]))
            self._connect()

    def _numbers(self, x: Any, training: bool = False) -> Any:
        if self._graph is None and self._layers and getattr(self._layers[0], "runs_on_host", False) and x is not None:
            if is_stream(x) and not isinstance(x, Iterator):
                first = next(iter(x))
                first = first[0] if isinstance(first, tuple) else first
            else:
                first = x
            shape, dtype = input_like(first)
            self._input = Input(batch_shape=shape, dtype=dtype)
            self._connect()
        return super()._numbers(x, training)

    def _maybe_build(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if self._graph is None:
            self._prepare_for(args[0], args[0].shape[:1] if hasattr(args[0], "shape") else ())

    def _prepare(self, x: Any) -> None:
        self._prepare_for(x, (None,))

    def _prepare_for(self, x: Any, rows: tuple[int | None, ...]) -> None:
        """Make the graph for inputs like these. Args: rows: how many the batches have, as far as the graph says it."""
        if self._graph is None:
            if not self._layers:
                raise ArgumentError(f"{self._label()} has no layers yet; add some before it is used.")
            if isinstance(x, (list, tuple, dict)):
                if hasattr(self._layers[0], "units") or hasattr(self._layers[0], "filters"):
                    raise ArgumentError(f"{self._label()} takes one input; got {len(x)}. Use Model(inputs, outputs).")
                self.built = True  # no graph: the layers are called one after the other
                return
            dtype = dtype_name(x.dtype)
            if dtype not in FLOAT and self._layers[0].autocast:
                dtype = _input_dtype(self._layers[0])  # whole numbers now, others perhaps later
            self._input = Input(batch_shape=(*rows, *x.shape[1:]), dtype=dtype)
            self._connect()

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """The layers one after the other."""
        if self._graph is not None:
            return super().call(inputs, training, mask)
        for layer in self._layers:
            inputs = layer(inputs)
        return inputs

    @property  # type: ignore[misc]  # the setter of Model, which refuses, is meant to be gone
    def layers(self) -> list[Layer]:
        """The layers, without the Input."""
        return list(self._layers)

    def get_config(self) -> dict[str, Any]:
        config: dict[str, Any] = {"name": self.name, "trainable": self.trainable, "layers": []}
        config["dtype"] = dtype_policies.serialize(self.dtype_policy)
        if self._input is not None and self._input.node is not None:
            config["layers"].append(serialize_keras_object(self._input.node.operation))
        config["layers"] += [serialize_keras_object(layer) for layer in self._layers]
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        layers = [deserialize_keras_object(layer, custom_objects) for layer in config["layers"]]
        return cls(layers, trainable=config.get("trainable", True), name=config.get("name"))


def _input_dtype(layer: Layer) -> str:
    return str(getattr(layer, "input_dtype", layer.compute_dtype))
