"""Layers that hand on, hide or wrap: Identity, Masking, Lambda, Wrapper."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from .. import activations, ops
from ..errors import ArgumentError
from ..ops import OPS
from ..serialization import builtin, deserialize_keras_object, known_to_users, serialize_keras_object
from .checks import label
from .layer import Layer


@builtin
class Identity(Layer):
    """Hands its inputs on.

    Shapes: any, nested or not; the output is the input.

    Example:
    >>> Identity()([1.0, 2.0]).tolist()
    [1.0, 2.0]
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """The inputs."""
        return inputs


@builtin
class Masking(Layer):
    """Sets steps that hold nothing but one value to 0; `compute_mask` tells the others.

    Args: mask_value: number (default 0).
    Shapes: (batch, steps, ...) -> the same; the mask is (batch, steps).

    Example:
    >>> layer = Masking(mask_value=-1.0)
    >>> layer([[[1.0, -1.0], [-1.0, -1.0]]]).tolist()
    [[[1.0, -1.0], [0.0, 0.0]]]
    """

    def __init__(self, mask_value: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mask_value = mask_value
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """The inputs, empty steps set to 0."""
        return ops.where(ops.expand_dims(self.compute_mask(inputs), -1), inputs, 0)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Which steps hold something else than the value."""
        return ops.any(ops.not_equal(inputs, self.mask_value), -1)


@builtin
class Lambda(Layer):
    """Applies a function of one's own. Its configuration holds the function's name, never its code.

    Args:
        function: callable of the inputs; it may take `mask` and `training`.
        output_shape: accepted; shapes are found from the function itself (default None).
        mask: what `compute_mask` gives, or a function (inputs, mask) -> mask (default None).
        arguments: further named arguments of the function (default None).

    Shapes: what the function makes of them.
    Raises: ArgumentError: when loaded, if the function is not registered and not among `custom_objects`.

    Example:
    >>> Lambda(lambda x: x ** 2)([1.0, 3.0]).tolist()
    [1.0, 9.0]
    """

    def __init__(
        self, function: Callable[..., Any], output_shape: Any = None, mask: Any = None, arguments: Any = None,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        if not callable(function):
            raise ArgumentError(f"{label(self)}: expected a function; got {function!r}.")
        self.function, self.output_shape, self.mask = function, output_shape, mask
        self.arguments = dict(arguments or {})
        self.supports_masking = mask is not None
        try:
            self._takes = set(inspect.signature(function).parameters)
        except ValueError:  # some functions written in C have no signature
            self._takes = set()

    def call(self, inputs: Any, mask: Any = None, training: bool | None = None) -> Any:
        """`function(inputs)`."""
        given = {"mask": mask, "training": training}
        return self.function(inputs, **self.arguments, **{k: v for k, v in given.items() if k in self._takes})

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """`mask`, or what it makes of the inputs."""
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, the function by name."""
        config = {**self._base_config(), "function": _named(self.function)}
        if self.output_shape is not None:
            shape = self.output_shape
            config["output_shape"] = _named(shape) if callable(shape) else serialize_keras_object(shape)
        if self.mask is not None:
            config["mask"] = _named(self.mask) if callable(self.mask) else serialize_keras_object(self.mask)
        return {**config, "arguments": serialize_keras_object(self.arguments)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None,
                    safe_mode: bool | None = None) -> Any:  # fmt: skip
        """A layer like the one that `config` came from. No code is ever taken from `config`."""
        place = f"{cls.__name__} {config.get('name', '')!r}"
        found = {k: _function(place, config[k], custom_objects) for k in ("function", "output_shape", "mask")
                 if isinstance(config.get(k), dict)}  # fmt: skip
        return cls(**{**config, **found})


def _named(function: Callable[..., Any]) -> dict[str, Any]:
    name = getattr(function, "__registered_name__", None) or getattr(function, "__name__", type(function).__name__)
    module = str(getattr(function, "__module__", ""))
    own = module.startswith("chainrule.")
    origin = {"module": module if own else None, "registered_name": None if own else name}
    return {"class_name": "function", "config": name, **origin}


def _function(place: str, config: dict[str, Any], custom_objects: Mapping[str, Any] | None) -> Any:
    """The function that a file names; `__lambda__` is Keras's word for Python bytecode."""
    name = str(config.get("config")) if config.get("class_name") == "function" else ""
    found = (custom_objects or {}).get(name) or known_to_users(name)
    if found is None and str(config.get("module")).startswith("chainrule."):  # never for a user's function of that name
        found = OPS.get(name) or activations.ALL.get(name)
    if found is None:
        what = f"the function {name!r}, which is not registered" if name else "Python bytecode, which is never run"
        advice = f"custom_objects={{{name!r}: ...}}" if name.isidentifier() else "a named function in custom_objects"
        raise ArgumentError(
            f"{place}: expected a function that is known here; the file holds {what}. Register it with "
            f"@register_keras_serializable() before loading, or pass {advice}."
        )
    return found


@builtin
class Wrapper(Layer):
    """Base of layers around another layer, which it builds and keeps as `layer`.

    Args: layer: a `Layer`.
    Shapes: those of the layer inside, unless `call` says otherwise.

    Example:
    >>> class Twice(Wrapper):
    ...     def call(self, inputs): return self.layer(self.layer(inputs))
    >>> Twice(Lambda(lambda x: x + 1))([1.0]).tolist()
    [3.0]
    """

    def __init__(self, layer: Layer, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(layer, Layer):
            raise ArgumentError(f"{label(self)}: expected layer to be a Layer; got {layer!r} ({type(layer).__name__}).")
        self.layer = layer

    def build(self, input_shape: Any = None) -> None:
        """Build the layer inside."""
        if not self.layer.built:
            self.layer.build(input_shape)
            self.layer.built = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        """What the layer inside makes of the inputs."""
        return self.layer(inputs)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, the one inside included."""
        return {**super().get_config(), "layer": serialize_keras_object(self.layer)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
        """A layer like the one that `config` came from; its weights are new."""
        layer = deserialize_keras_object(config["layer"], custom_objects)
        return cls(**{**config, "layer": layer})
