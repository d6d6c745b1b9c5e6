"""Layers one after the other, as one layer."""

from __future__ import annotations

import inspect
from typing import Any

from ...errors import ArgumentError
from ...serialization import builtin, deserialize_keras_object, serialize_keras_object
from ..layer import Layer


@builtin
class Pipeline(Layer):
    """Layers applied one after the other; of use outside of models, in `map` of a data set.

    Args: layers: a list of layers; name.

    Example:
    >>> from chainrule.layers import Rescaling
    >>> Pipeline([Rescaling(2.0), Rescaling(1.0, offset=1.0)])([1.0, 2.0]).tolist()
    [3.0, 5.0]
    """

    def __init__(self, layers: Any, name: str | None = None) -> None:
        super().__init__(name=name)
        wrong = [layer for layer in layers if not isinstance(layer, Layer)]
        if wrong:
            raise ArgumentError(f"Pipeline: expected a list of layers; got {wrong[0]!r} among them.")
        self._pipeline_layers = list(layers)

    @property
    def layers(self) -> list[Layer]:
        """The layers, in order."""
        return list(self._pipeline_layers)

    @property
    def runs_on_host(self) -> bool:
        """Whether it begins with a layer that computes in NumPy."""
        return any(getattr(layer, "runs_on_host", False) for layer in self._pipeline_layers[:1])

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not self.runs_on_host:
            return super().__call__(*args, **kwargs)
        value = args[0]
        for layer in self._pipeline_layers:
            value = layer(value)
        return value

    def append(self, layer: Layer) -> None:
        """Add a layer at the end."""
        self._pipeline_layers.append(layer)

    def call(self, inputs: Any, training: bool | None = True, mask: Any = None) -> Any:
        """What the last layer gives."""
        value = inputs
        for layer in self._pipeline_layers:
            takes = inspect.signature(layer.call).parameters
            given = {"training": training, **({} if mask is None else {"mask": mask})}
            value = layer(value, **{key: given[key] for key in given if key in takes})
        return value

    def get_config(self) -> dict[str, Any]:
        """The layers as plain data."""
        return {"layers": [serialize_keras_object(layer) for layer in self._pipeline_layers], "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A pipeline of new layers."""
        return cls([deserialize_keras_object(layer) for layer in config["layers"]], name=config.get("name"))
