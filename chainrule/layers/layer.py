"""`Layer`: weights, and a function of tensors that uses them."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from .. import dtype_policies, initializers, regularizers
from ..errors import ArgumentError, ChainruleError, ForgottenInitError, did_you_mean
from ..ir import FLOAT, dtype_name, eager, layer_scope, user_source
from ..ops.symbolic import Node, symbolic_leaves, symbolic_result
from ..primitives.arithmetic import as_operand, cast
from ..serialization import builtin, deserialize_keras_object, serialize_keras_object
from ..variables import SeedGenerator, StateScope, Variable, autocasting, naming, structure_changed, unique_name
from .arguments import (
    call_defaults,
    declared_shape,
    first_input,
    gone,
    kept_argument,
    known_arguments,
    shapes_for,
    weight_arguments,
)
from .facts import Facts
from .masks import lose_masks, mark, with_masks
from .naming import snake_case
from .spec import InputSpec
from .storing import Storing, described_class, overrides
from .trees import convert, convert_arrays, leaves, tracked


class _CallState(threading.local):
    def __init__(self) -> None:
        self.training: list[bool | None] = []
        self.layers: list[Layer] = []


_calls = _CallState()


@builtin
class Layer(Storing, Facts):
    """Base of all layers. Subclasses create weights in `build` (or `__init__`) and compute in `call`.

    Args:
        activity_regularizer: a regularizer of the outputs, added to the loss (divided by the batch size).
        trainable: whether training changes its weights (default True).
        dtype: of weights and computation (default `floatx`).
        autocast: convert float inputs to the computation's dtype (default True).
        name: default the class in snake_case, numbered.
        input_shape, input_dim, batch_input_shape, batch_size: for the first layer of a `Sequential`.

    Example:
    >>> class Scale(Layer):
    ...     def build(self, input_shape):
    ...         self.factor = self.add_weight(shape=(input_shape[-1],), initializer="ones")
    ...     def call(self, inputs):
    ...         return inputs * self.factor
    >>> Scale()([[1.0, 2.0]]).tolist()
    [[1.0, 2.0]]
    """

    _with_losses = False  # whether any layer at all has had a loss: if not, there are none to clear
    # attributes without parts
    _untracked: ClassVar[frozenset[str]] = frozenset(("_given", "_inbound", "_losses", "_weights"))

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        layer = object.__new__(cls)
        object.__setattr__(layer, "_source", user_source())
        object.__setattr__(layer, "_given", (args, kwargs))
        return layer

    def __init__(
        self,
        *,
        activity_regularizer: Any = None,
        trainable: bool = True,
        dtype: Any = None,
        autocast: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.name = name or unique_name(snake_case(type(self).__name__))
        self._weights: list[Variable] = []
        self._inbound: list[Node] = []
        self._losses: list[Any] = []
        if not isinstance(trainable, bool):
            raise ArgumentError(f"{type(self).__name__}: expected trainable to be True or False; got {trainable!r}.")
        self._trainable = bool(trainable)
        self._take_policy(dtype)
        self.autocast = autocast
        self.built = type(self).build is Layer.build and type(self).__module__.startswith("chainrule.")
        self.input_spec: Any = None
        self.supports_masking = type(self).compute_mask is not Layer.compute_mask
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self._input_shape_arg = declared_shape(kwargs)
        if kwargs:
            name, known = next(iter(kwargs)), known_arguments(type(self), Layer)
            raise ArgumentError(f"{self._label()}: unknown argument {name!r}.{did_you_mean(name, known)}")

    def __getattr__(self, name: str) -> Any:
        if name == "_weights":
            kind = type(self).__name__
            raise ForgottenInitError(f"{kind}: call super().__init__() before anything else in __init__.")
        declared = getattr(type(self), name, None)
        if isinstance(declared, property) and declared.fget is not None:
            return declared.fget(self)  # it is this that had no such attribute: let it say so
        label = f"{type(self).__name__} {self.__dict__.get('name', '')!r}"
        raise AttributeError(f"{label} has no attribute {name!r}.{gone(name)}")

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "_trainable" or next(tracked(value), None) is not None:
            structure_changed()
            self.__dict__.pop(name, None)  # parts are in the order in which they came, not in that of their names
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        structure_changed()
        object.__delattr__(self, name)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.__dict__.get('name')}, built={self.__dict__.get('built')}>"

    def build(self, *shapes: Any) -> None:
        """Create the weights, knowing the shapes of the inputs (None: unknown size)."""
        self.built = True

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs from the inputs."""
        raise NotImplementedError(f"{type(self).__name__} does not define call(self, inputs).")

    def get_config(self) -> dict[str, Any]:
        """Plain data from which `from_config` makes a layer like this one."""
        config, cls = self._base_config(), described_class(self)
        if cls.__init__ is not Layer.__init__:
            own = inspect.signature(cls.__init__).parameters.values()
            for p in own:
                if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) and p.name not in ("self", *config):
                    config[p.name] = kept_argument(self, cls, p)
        return config

    def _base_config(self) -> dict[str, Any]:
        """What every layer keeps."""
        config: dict[str, Any] = {"name": self.name, "trainable": self.trainable}
        config["dtype"] = dtype_policies.serialize(self.dtype_policy)
        if self.activity_regularizer is not None:
            config["activity_regularizer"] = serialize_keras_object(self.activity_regularizer)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer like the one that `config` came from; its weights are new."""
        if cls.__module__.startswith("chainrule."):  # our own take plain data where they take objects
            return cls(**config)
        made = deserialize_keras_object(config)
        if isinstance(made.get("dtype"), dtype_policies.DTypePolicy):
            made["dtype"] = dtype_policies.plain(made["dtype"])
        return cls(**made)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The mask of the outputs; handed on unchanged unless a layer says otherwise."""
        return previous_mask

    # weights

    def add_weight(
        self,
        *args: Any,
        shape: Sequence[int] | None = None,
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str = "none",
        overwrite_with_gradient: bool = False,
        name: str | None = None,
    ) -> Variable:
        """A new weight.

        Args:
            shape: sizes (default (): one number); may come first without its name, then initializer and dtype.
            initializer: default glorot-uniform for floats, zeros for other dtypes.
            dtype: default that of the layer's weights.
            trainable: whether training changes it (default True).
            regularizer, constraint: default None; name: for messages and files.
            autocast, aggregation, overwrite_with_gradient: accepted for Keras scripts.
        Raises: ArgumentError: it is called inside `call`, or the layer is built already and has it.
        """
        from .. import constraints

        if _calls.layers and _calls.layers[-1] is self:
            raise ArgumentError(f"{self._label()}: expected weights to be added in __init__ or build, once; got "
                                "add_weight inside call, which would add them again and again.")  # fmt: skip
        shape, initializer, dtype, name = weight_arguments(args, shape, initializer, dtype, name)
        if self.built and name is not None and any(name == other.name for other in self._weights):
            raise ArgumentError(
                f"{self._label()}: expected weights to be added once; {name!r} is there already, and the layer is "
                "built. Do not call build() again."
            )
        dtype = dtype_name(dtype or self.variable_dtype)
        if initializer is None:
            initializer = "glorot_uniform" if dtype in FLOAT else "zeros"
        with eager(), naming(self.name, self):
            variable = Variable(
                initializers.get(initializer), shape, dtype, trainable, autocast, name=name or "variable"
            )
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        variable.overwrite_with_gradient = overwrite_with_gradient
        self._weights.append(variable)
        variable.trainable = trainable and self._trainable
        return variable

    def add_variable(
        self, shape: Sequence[int], initializer: Any, dtype: Any = None, trainable: bool = True, autocast: bool = True,
        regularizer: Any = None, constraint: Any = None, name: str | None = None,
    ) -> Variable:  # fmt: skip
        """The same as `add_weight`."""
        return self.add_weight(
            shape=shape, initializer=initializer, dtype=dtype, trainable=trainable, autocast=autocast,
            regularizer=regularizer, constraint=constraint, name=name,
        )  # fmt: skip

    def add_loss(self, loss: Any) -> None:
        """Add a tensor to the training loss; call it inside `call`."""
        Layer._with_losses = True
        self._losses.extend(loss if isinstance(loss, (list, tuple)) else [loss])

    @property
    def losses(self) -> list[Any]:
        """Tensors that training adds to the loss: those of `add_loss` and those of weight regularizers."""
        found = [loss for layer in self._flatten_layers() for loss in layer._losses]
        for v in self.trainable_variables:
            if v.regularizer is not None:
                found.append(v.regularizer(v.value))
        return found

    def _clear_losses(self) -> None:
        if Layer._with_losses:
            for layer in self._flatten_layers():
                layer._losses = []

    def _parts(self) -> Iterator[Any]:
        """Layers, Variables, SeedGenerators and metrics among the attributes, in the order of assignment."""
        for key, value in list(self.__dict__.items()):
            if key not in self._untracked:
                yield from tracked(value)

    def _flatten_layers(self) -> list[Layer]:
        """This layer and all layers inside, each once, outermost first."""
        found: dict[int, Layer] = {}

        def visit(layer: Layer) -> None:
            if id(layer) not in found:
                found[id(layer)] = layer
                for part in layer._parts():
                    if isinstance(part, Layer):
                        visit(part)

        visit(self)
        return list(found.values())

    def _own(self) -> list[Variable]:
        """The variables of this very layer: trainable ones, then the others, in the order of creation."""
        direct = [part for part in self._parts() if isinstance(part, Variable)]
        own = list(dict.fromkeys([*self._weights, *direct]))
        return [v for v in own if v.began_trainable] + [v for v in own if not v.began_trainable]

    @property
    def weights(self) -> list[Variable]:
        """All weights, layer by layer (without the states of random generators)."""
        return list(dict.fromkeys(v for layer in self._flatten_layers() for v in layer._own()))

    @property
    def variables(self) -> list[Variable]:
        """All weights, and the states of random generators."""
        found: list[Variable] = []
        for layer in self._flatten_layers():
            found += [*layer._own(), *layer._seeds()]
        return list(dict.fromkeys(found))

    def _seeds(self) -> list[Variable]:
        """The states of this very layer's random generators."""
        return [part.state for part in self._parts() if isinstance(part, SeedGenerator)]

    def _seed_states(self) -> list[Variable]:
        return [state for layer in self._flatten_layers() for state in layer._seeds()]

    @property
    def trainable_variables(self) -> list[Variable]:
        """The weights that training changes: none if this layer is frozen, else those that are not."""
        return [v for v in self.weights if v.trainable] if self._trainable else []

    trainable_weights = trainable_variables

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that training leaves alone (or that a layer updates itself, like moving averages)."""
        trained = set(self.trainable_variables)
        return [v for v in self.weights if v not in trained]

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """Like `non_trainable_weights`, with the states of random generators."""
        trained = set(self.trainable_variables)
        return [v for v in self.variables if v not in trained]

    @property
    def trainable(self) -> bool:
        """Whether training changes the weights; setting it reaches the layers inside, and the weights."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        for layer in self._flatten_layers():
            layer._set_trainable(bool(value))

    def _set_trainable(self, value: bool) -> None:
        """This layer alone: weights that were made not to be trained stay so."""
        self._trainable = value
        for variable in self._own():
            variable.trainable = value and variable.began_trainable

    @property
    def metrics(self) -> list[Any]:
        """Metrics held as attributes."""
        from ..metrics import Metric

        parts = (part for layer in self._flatten_layers() for part in layer._parts())
        return list(dict.fromkeys(part for part in parts if isinstance(part, Metric)))

    # calling

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self._weights  # noqa: B018  says so if super().__init__() was forgotten
        if not _calls.training:  # the outermost call: losses are those of this call
            self._clear_losses()
        if symbolic_leaves((args, kwargs)):
            return self._symbolic_call(args, kwargs)
        args, kwargs = self._converted(args, kwargs)
        try:
            self._check_inputs(first_input(args, kwargs))
            self._maybe_build(args, kwargs)
        except ChainruleError as error:
            raise error.located(self._label()) from None
        return self._run(*args, **kwargs)

    def stateless_call(
        self, trainable_variables: Sequence[Any], non_trainable_variables: Sequence[Any], *args: Any,
        return_losses: bool = False, **kwargs: Any,
    ) -> Any:  # fmt: skip
        """The outputs as a function of all state, which itself does not change.

        Args: values in the order of `trainable_variables` and of `non_trainable_variables`; then what the layer is
            called on; return_losses: hand out the losses of the call too (default False).
        Returns: outputs, the new values of the non-trainable variables, and the losses if asked for.
        """
        own, others = self.trainable_variables, self.non_trainable_variables
        if not self.built or len(own) != len(trainable_variables) or len(others) != len(non_trainable_variables):
            raise ArgumentError(
                f"{self._label()}: expected {len(own)} trainable and {len(others)} other values, of a layer that is "
                f"built; got {len(trainable_variables)} and {len(non_trainable_variables)}."
            )
        values = zip((*own, *others), (*trainable_variables, *non_trainable_variables), strict=True)
        scope = StateScope({variable: cast(as_operand(value), variable.dtype) for variable, value in values})
        with scope:
            outputs = self(*args, **kwargs)
            losses = self.losses if return_losses else []
        new = [scope.values[v] for v in others]
        return (outputs, new, losses) if return_losses else (outputs, new)

    def _converted(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Arrays as tensors, floats in the dtype of computation."""
        dtype = self.compute_dtype if self.autocast else None
        named = {key: convert_arrays(value, dtype) for key, value in kwargs.items()}
        return tuple(convert(a, dtype) for a in args), named

    def _run(self, *args: Any, **kwargs: Any) -> Any:
        """`call`, with `training` filled in, errors and equations carrying this layer's name."""
        args, kwargs, training = self._with_training(args, kwargs)
        _calls.training.append(training)
        _calls.layers.append(self)
        try:
            with layer_scope(self.name, self._made_at()), naming(self.name, self):
                kwargs, masks = with_masks(call_defaults(type(self)), args, kwargs)
                with autocasting(self.compute_dtype, self.dtype):
                    outputs = self.call(*args, **kwargs)
                self._regularize_activity(outputs)
                if self.supports_masking:
                    mark(outputs, self.compute_mask(first_input(args, kwargs), masks))
        except ChainruleError as error:
            raise error.located(self._label()) from None
        finally:
            _calls.training.pop()
            _calls.layers.pop()
        return outputs

    def _with_training(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any], bool | None]:
        """`training` as given, else that of the call around this one, else the default of `call`."""
        takes = call_defaults(type(self))
        place = list(takes).index("training") if "training" in takes else len(args)
        given = args[place] if place < len(args) else kwargs.pop("training", None)
        outer = _calls.training[-1] if _calls.training else None
        training = next((t for t in (given, outer, takes.get("training")) if t is not None), None)
        if place < len(args):
            return (*args[:place], training, *args[place + 1 :]), kwargs, training
        return args, {**kwargs, "training": training} if "training" in takes else kwargs, training

    def _regularize_activity(self, outputs: Any) -> None:
        if self.activity_regularizer is not None:
            Layer.add_loss(self, [self.activity_regularizer(y) / max(1, y.shape[0]) for y in leaves(outputs)])

    def _symbolic_call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        declares = type(self).compute_output_spec is not Facts.compute_output_spec
        if declares or overrides(self, "compute_output_shape"):
            outputs = self._declared_outputs(args, kwargs)
        else:
            outputs = self._symbolic_outputs(args, kwargs)
        if not self.supports_masking:
            lose_masks(self._label(), first_input(args, kwargs), outputs)
        self._inbound.append(Node(self, args, kwargs, outputs))
        return outputs

    def _declared_outputs(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The types of the outputs as a subclass says them, without computing anything."""
        first = first_input(args, kwargs)
        self._check_inputs(first)
        self._maybe_build(args, kwargs)
        if any(not layer.built for layer in self._flatten_layers()):  # layers inside, which `call` builds
            self._symbolic_outputs(args, kwargs)
        try:
            outputs = self.compute_output_spec(*args, **kwargs)
        except NotImplementedError:
            return self._symbolic_outputs(args, kwargs)
        if self.supports_masking:
            mark(outputs, self.compute_mask(first, with_masks(call_defaults(type(self)), args, kwargs)[1]))
        return outputs

    def _symbolic_outputs(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The types of the outputs; nothing that happens in `call` meanwhile changes a variable or a loss."""
        try:
            self._check_inputs(first_input(args, kwargs))
            self._maybe_build(args, kwargs)
            return symbolic_result(self._run_converted, args, kwargs)
        except ChainruleError as error:
            raise error.located(self._label()) from None
        finally:
            self._clear_losses()

    def _run_converted(self, *args: Any, **kwargs: Any) -> Any:
        args, kwargs = self._converted(args, kwargs)
        with StateScope():  # one for each recording: what is assigned here is forgotten
            return self._run(*args, **kwargs)

    def _maybe_build(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if self.built:
            return
        with eager(), layer_scope(self.name), naming(self.name, self):
            shapes, named = shapes_for(self.build, call_defaults(type(self)), args, kwargs)
            self.build(*shapes, **named)
        self.built = True

    def _check_inputs(self, inputs: Any) -> None:
        """Raise unless the inputs are what `input_spec` asks for."""
        if self.input_spec is None:
            return
        specs = self.input_spec if isinstance(self.input_spec, (list, tuple)) else [self.input_spec]
        for spec, tensor in zip(specs, leaves(inputs), strict=False):
            if isinstance(spec, InputSpec):
                spec.check(tensor.shape)

    def _label(self) -> str:
        """`Dense 'hidden' (made at train.py:12)`, for messages."""
        place = f" (made at {self._source})" if self.__dict__.get("_source") else ""
        return f"{type(self).__name__} {self.__dict__.get('name', '')!r}{place}"

    def _made_at(self) -> str:
        """Where equations of this layer come from: for our own layers the line that made the layer."""
        return self.__dict__.get("_source", "") if type(self).__module__.startswith("chainrule.") else ""
