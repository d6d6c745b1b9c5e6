"""`Model`: a layer that can be trained, evaluated, asked and saved."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..errors import ArgumentError, NoGraphError, ReservedNameError, did_you_mean, listed
from ..ir import Tensor, eager
from ..ir.tree import flatten, map_structure
from ..layers import Layer
from ..layers.preprocessing.reading import hidden
from ..layers.preprocessing.strings import is_text
from ..layers.storing import overrides
from ..layers.trees import leaves, map_tensors
from ..ops.symbolic import KerasTensor, symbolic_leaves, symbolic_result
from ..serialization import builtin, serialize_keras_object
from ..training import Trainer
from ..training.data import is_stream
from ..variables import StateScope, unique_name
from . import functional
from .front import PreparedStream, prepared_items
from .graph import Graph, names_of
from .state_tree import StateTree
from .summary import print_summary


@builtin
class Model(StateTree, Trainer, Layer):
    """A network of layers with training, evaluation, prediction and saving.

    Three ways to make one: `Model(inputs, outputs)` from symbolic tensors (the functional API), a subclass with
    layers as attributes and a `call` method, or `Sequential`.

    Args: inputs, outputs: symbolic tensors (or lists, dicts of them); name; trainable; dtype.

    Example:
    >>> import chainrule
    >>> inputs = chainrule.Input((3,))
    >>> model = Model(inputs, chainrule.layers.Dense(1)(inputs))
    >>> model.predict(np.zeros((2, 3)), verbose=0).tolist()
    [[0.0], [0.0]]
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        given = dict(zip(("inputs", "outputs", "name"), args, strict=False)) | kwargs
        inputs, outputs = given.pop("inputs", None), given.pop("outputs", None)
        if type(self) is Model and given.get("name") is None:
            given["name"] = unique_name("functional")
        super().__init__(**given)
        self._graph: Graph | None = None
        if inputs is not None or outputs is not None:
            if inputs is None or outputs is None:
                raise ArgumentError("Model: expected both inputs and outputs, or neither (then define call).")
            self._set_graph(Graph(inputs, outputs).with_layers_for_inputs())

    def __repr__(self) -> str:
        kind = "Functional" if type(self) is Model and self.__dict__.get("_graph") else type(self).__name__
        return f"<{kind} name={self.__dict__.get('name')}, built={self.__dict__.get('built')}>"

    def _set_graph(self, graph: Graph) -> None:
        self._graph = graph
        self.autocast = self.compute_dtype == self.dtype  # in mixed precision each layer converts its own inputs
        self._layers = graph.layers
        self.built = True

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """The outputs. A subclass defines it; a functional model runs its graph."""
        if self._graph is None:
            raise NotImplementedError(
                f"{type(self).__name__}: define call(self, inputs), or make the model as Model(inputs, outputs)."
            )
        return self._graph.run(inputs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if args and not symbolic_leaves((args, kwargs)):
            args = (self._numbers(hidden(args[0])), *args[1:])
        return super().__call__(*args, **kwargs)

    # text in front

    @property
    def runs_on_host(self) -> bool:
        """Whether it begins with layers that compute in NumPy."""
        return self._graph is not None and self._graph.front is not None

    def _numbers(self, x: Any, training: bool = False) -> Any:
        """Data with all done that comes before the compiled part: the layers that read text."""
        graph = self.__dict__.get("_graph")  # not there if super().__init__() was forgotten
        front = None if graph is None else graph.front
        if front is None or x is None:
            return x
        if training:
            front.check_trainable()
        if not is_stream(x):
            return front.prepared(x)
        return prepared_items(x, front) if isinstance(x, Iterator) else PreparedStream(x, front)

    def _symbolic_outputs(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if self.runs_on_host:
            return map_tensors(self._graph_or_error().outputs, lambda t: KerasTensor(t.shape, t.dtype))
        return super()._symbolic_outputs(args, kwargs)

    # structure

    @property
    def layers(self) -> list[Layer]:
        """The layers of the model, outermost level."""
        if self._graph is not None:
            return list(self._layers)
        return list(dict.fromkeys(part for part in self._parts() if isinstance(part, Layer)))

    @layers.setter
    def layers(self, value: Any) -> None:
        raise ReservedNameError(f"{type(self).__name__}: 'layers' is taken; name your list of layers otherwise.")

    @property
    def operations(self) -> list[Any]:
        """The layers and functions of the graph, each once, in the order in which they run."""
        return list(dict.fromkeys(node.operation for node in self._graph_or_error().nodes))

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """A layer by name or by position."""
        if (name is None) == (index is None):
            raise ArgumentError("get_layer: expected either name or index.")
        if index is not None:
            if not -len(self.layers) <= index < len(self.layers):
                raise ArgumentError(f"get_layer: expected an index below {len(self.layers)}; got {index}.")
            return self.layers[index]
        for layer in self.layers:
            if layer.name == name:
                return layer
        names = [layer.name for layer in self.layers]
        raise ArgumentError(f"get_layer: no layer is named {name!r}; there are {listed(names)}."
                            f"{did_you_mean(str(name), names)}")  # fmt: skip

    def _graph_or_error(self) -> Graph:
        if self._graph is None:
            raise NoGraphError(f"{self._label()} has no symbolic inputs and outputs: it was not made from Input().")
        return self._graph

    @property
    def inputs(self) -> list[KerasTensor]:
        """The symbolic inputs, a flat list."""
        return self._graph_or_error().input_tensors

    @property
    def outputs(self) -> list[KerasTensor]:
        """The symbolic outputs, a flat list."""
        return self._graph_or_error().output_tensors

    @property
    def input(self) -> Any:
        """The symbolic inputs that it was made from; of a subclass, those of its first call inside another model."""
        is_drawn = self._graph is not None or not self._inbound
        return self._graph_or_error().inputs if is_drawn else self._first_node().args[0]

    @property
    def output(self) -> Any:
        """The symbolic outputs that it was made from; of a subclass, those of its first call inside another model."""
        is_drawn = self._graph is not None or not self._inbound
        return self._graph_or_error().outputs if is_drawn else self._first_node().outputs

    @property
    def input_shape(self) -> Any:
        """The shape of the input, None where unknown; of several inputs a list, as Keras has it."""
        return _shapes_of(self.inputs)

    @property
    def output_shape(self) -> Any:
        """The shape of the output, None where unknown; of several outputs a list."""
        return _shapes_of(self.outputs)

    @property
    def input_names(self) -> list[str]:
        return self._graph_or_error().input_names

    @property
    def output_names(self) -> list[str]:
        return self._graph_or_error().output_names

    def summary(
        self, line_length: int | None = None, positions: Any = None, print_fn: Callable[[str], Any] | None = None,
        expand_nested: bool = False, show_trainable: bool = False, layer_range: Any = None,
    ) -> None:  # fmt: skip
        """Print a table of the layers: output shapes, numbers of weights, and connections if it is no chain.

        Args:
            line_length: of the table (default 88, 108 with connections, at most what the terminal has).
            positions: where columns end, as shares of the length; print_fn: takes the text (default `print`).
            expand_nested: also the layers of models inside (default False).
            show_trainable: whether each layer is trained (default False).
            layer_range: the names (or patterns) of the first and the last layer to be shown.
        """
        print_summary(self, line_length, print_fn, expand_nested, show_trainable, positions, layer_range)

    # building

    def build(self, input_shape: Any = None) -> None:
        """Create the weights for inputs of a shape (batch axis included, None for any size)."""
        if self._graph is None and input_shape is not None:
            if self._input_symbols is None:  # else a `build` of the user's calls this one, and dtypes are known
                self._input_symbols = _symbols(input_shape, self.compute_dtype)
            self._call_symbolically()
        self.built = True

    def _maybe_build(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if not self.built and type(self).build is not Model.build:
            super()._maybe_build(args, kwargs)
        if not self.built:
            if self._input_symbols is None and args and not is_text(args[0]):
                self._input_symbols = _like(args[0])
            self.built = True  # layers inside build themselves when they are called

    _input_symbols: Any = None  # dtypes and shapes of the inputs, kept for saving

    def _build_symbolically(self, symbols: Any) -> Any:
        self._input_symbols = symbols
        if any(t.dtype == "string" for t in leaves(symbols)):
            return self._build_on(map_tensors(symbols, _one_row))
        if not self.built and type(self).build is not Model.build:
            with eager():
                self.build(map_tensors(symbols, lambda t: t.shape))
        return self._call_symbolically()

    def _call_symbolically(self) -> Any:
        with eager():
            outputs = symbolic_result(self._run_converted, (self._input_symbols,), {})
        self._clear_losses()
        self.built = True
        return outputs

    def _prepare(self, x: Any) -> None:
        if self._graph is None and not self._weights_made():
            self._try_out(x)

    def _try_out(self, x: Any) -> Any:
        """Create the weights, and find out what the outputs for such data are, as symbols."""
        was_text = hidden(x) is not x
        if not self.run_eagerly and not was_text:
            return self._build_symbolically(_like(x))
        self._input_symbols = self._input_symbols if was_text else _like(x)
        alike = len({len(a) for a in flatten(x) if a.ndim}) == 1  # one row of each input is enough
        return self._build_on(map_structure(lambda a: Tensor(a[:1] if alike else a), x))

    def _build_on(self, x: Any) -> Any:
        """Create the weights by a call on data, and find out what the outputs are, as symbols."""
        with eager(), StateScope():  # what the trial assigns is forgotten
            outputs = self(x, training=False)
        self.built = True
        return map_tensors(outputs, lambda t: KerasTensor((None, *t.shape[1:]), t.type.dtype))

    def _weights_made(self) -> bool:
        return self._input_symbols is not None and all(layer.built for layer in self._flatten_layers())

    def _output_symbols(self, x: Any) -> Any:
        return self._try_out(x) if self._graph is None else self._graph.outputs

    def _output_names(self, y_pred: Any) -> list[str]:
        if self._graph is not None:
            return self._graph.output_names
        return names_of(y_pred, lambda _, place: f"output_{place + 1}")

    def _output_labels(self, y_pred: Any) -> list[str]:
        """The names of the outputs before those of metrics: without the keys that lead to nested ones, as in Keras."""
        parts = y_pred.values() if isinstance(y_pred, dict) else y_pred if isinstance(y_pred, (list, tuple)) else ()
        is_deep = any(isinstance(part, (list, tuple, dict)) for part in parts)
        return self._graph.operation_names if is_deep and self._graph else self._output_names(y_pred)

    def _names_outputs(self, y_pred: Any) -> bool:
        """Whether the outputs have names of their own: those of a graph, or keys."""
        return self._graph is not None or isinstance(y_pred, dict)

    def _forward(self, x: Any, training: bool) -> Any:
        self._clear_losses()
        return self(x, training=training)

    # few bits

    def quantize(  # type: ignore[override]
        self, mode: str | None = None, config: Any = None, filters: Any = None, type_check: bool = True
    ) -> None:
        """Keep the weights of all layers that allow it in few bits: a quarter of the memory or less.

        What is quantized is not trained any more. Other layers stay as they are, with a warning.

        Args: mode: 'int8' or 'int4'; 'gptq' or 'awq', whose config says by which data weights are chosen; config: a
            `quantizers.QuantizationConfig`, `GPTQConfig` or `AWQConfig`; filters: patterns of names, or a function of a
            layer: which layers are meant (default None: all); type_check: leave subclasses of the user's alone
            (default True).
        Raises: ArgumentError: the arguments; UnsupportedError: 'float8'.

        Example:
        >>> import chainrule
        >>> model = chainrule.Sequential([chainrule.Input((3,)), chainrule.layers.Dense(1, name="d")])
        >>> model.quantize("int8")
        >>> model.layers[0].kernel.dtype, model.layers[0].dtype_policy
        ('int8', <QuantizedDTypePolicy "int8_from_float32">)
        """
        from . import quantizing

        quantizing.quantize(self, mode, config, filters, type_check)

    # saving

    def save(self, filepath: Any, overwrite: bool = True, zipped: bool | None = None, **kwargs: Any) -> None:
        """Write architecture, weights, optimizer state and compile arguments (see `saving.save_model`, `load_model`).

        Args: filepath: ends in .keras, or .h5 for the older layout; overwrite: replace a file of that name (default
            True); zipped: False for a folder; include_optimizer: for .h5.
        Raises: FileError: it cannot be written, or exists and `overwrite` is False.
        """
        from . import saving

        saving.save_model(self, filepath, overwrite, zipped, **kwargs)

    def save_weights(
        self, filepath: Any, overwrite: bool = True, max_shard_size: float | None = None, **kwargs: Any
    ) -> None:
        """Write the weights alone, as safetensors; under a name that ends in .weights.h5 as Keras does (with h5py).

        Args: filepath; overwrite: replace a file of that name (default True); max_shard_size: gigabytes a file, for
            several files, objects_to_skip (see `saving.save_weights`).
        """
        from . import weight_files

        weight_files.save_weights(self, filepath, overwrite, max_shard_size, **kwargs)

    def load_weights(self, filepath: Any, skip_mismatch: bool = False, **kwargs: Any) -> None:
        """Read weights written by `save_weights` (or from a saved model), the first for the first.

        Args: filepath; skip_mismatch: leave out what does not fit instead of raising (default False); by_name,
            objects_to_skip: see `saving.load_weights`.
        Raises: ArgumentError, ShapeError: they do not fit this model, which is then unchanged; FileError.
        """
        from . import weight_files

        weight_files.load_weights(self, filepath, skip_mismatch, **kwargs)

    def export(
        self, filepath: Any, format: str = "tf_saved_model", verbose: Any = None, input_signature: Any = None,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        """Refused: what other programs serve is made by their own tools, from a file that `save` writes.

        Args: filepath; format: 'tf_saved_model', 'onnx', 'openvino', 'litert' or 'torch'; verbose, input_signature.
        Raises: UnsupportedError: always, with what to do; ArgumentError: no such format.
        """
        from . import exporting

        exporting.refuse(format)

    def to_json(self, **kwargs: Any) -> str:
        """The architecture as JSON (see `model_from_json`)."""
        from . import saving

        return saving.to_json(self, **kwargs)

    def get_config(self) -> dict[str, Any]:
        """Plain data from which `from_config` makes a model like this one, with new weights."""
        if self._graph is not None and type(self).__init__ is Model.__init__:
            return functional.graph_config(self.name, self.trainable, self._graph)
        config: dict[str, Any] = {}
        own = inspect.signature(type(self).__init__).parameters
        if overrides(self, "get_config"):  # which adds the arguments
            takes_all = any(p.kind == p.VAR_KEYWORD for p in own.values())
            return {key: value for key, value in self._base_config().items() if takes_all or key in own}
        for p in own.values():
            if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) and p.name != "self":
                if p.name not in self.__dict__ and p.default is p.empty:
                    raise NotImplementedError(
                        f"{self._label()}: its argument {p.name!r} is not kept as self.{p.name}. Define get_config()."
                    )
                config[p.name] = serialize_keras_object(self.__dict__.get(p.name, p.default))
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """A model like the one that `config` came from; its weights are new."""
        if "input_layers" in config:
            name, trainable, inputs, outputs = functional.graph_from_config(config, custom_objects)
            return cls(inputs, outputs, name=name, trainable=trainable)
        from ..serialization import deserialize_keras_object

        return cls(**{key: deserialize_keras_object(value, custom_objects) for key, value in config.items()})

    def get_compile_config(self) -> dict[str, Any] | None:
        """The arguments of `compile` as plain data; None before it."""
        from . import saving

        return saving.compile_config(self) if self.compiled else None

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """`compile` with what `get_compile_config` gave, its objects made again."""
        self.compile(**config)


def _shapes_of(tensors: list[KerasTensor]) -> Any:
    shapes = [t.shape for t in tensors]
    return shapes[0] if len(shapes) == 1 else shapes


def _like(x: Any) -> Any:
    """Symbols for inputs like these arrays or tensors, with any batch size."""
    if leaves(x):
        return map_tensors(x, lambda t: KerasTensor((None, *t.shape[1:]), np.dtype(t.dtype).name))
    return map_structure(lambda a: KerasTensor((None, *np.shape(a)[1:]), np.asarray(a).dtype.name), x)


def _one_row(symbol: KerasTensor) -> Any:
    shape = (1, *(n or 1 for n in symbol.shape[1:]))
    return np.full(shape, "", object) if symbol.dtype == "string" else Tensor(np.zeros(shape, symbol.dtype))


def _symbols(shape: Any, dtype: str) -> Any:
    if isinstance(shape, dict):
        return {key: _symbols(value, dtype) for key, value in shape.items()}
    if all(n is None or isinstance(n, (int, np.integer)) for n in shape):
        return KerasTensor(tuple(shape), dtype)
    return [_symbols(item, dtype) for item in shape]
