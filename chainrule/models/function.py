"""A graph of symbolic tensors as a function of its inputs, without training."""

from __future__ import annotations

from typing import Any

from ..errors import ArgumentError
from ..ir.tree import flatten, map_structure
from ..layers.trees import convert
from ..ops.symbolic import KerasTensor
from ..variables import unique_name
from . import functional
from .graph import Graph


class Function:
    """The computation between symbolic inputs and outputs, to be called on data.

    Args: inputs, outputs: symbolic tensors, or lists and dicts of them; name (default 'function', numbered).
    Raises: ArgumentError: there are none, or the outputs do not come from the inputs.

    Example:
    >>> from chainrule import Input
    >>> x = Input((2,))
    >>> Function(x, x * 2 + 1)([[1.0, 2.0]]).tolist()
    [[3.0, 5.0]]
    """

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None) -> None:
        if not flatten(inputs) or not flatten(outputs):
            raise ArgumentError(f"Function: expected inputs and outputs; got {inputs!r:.80} and {outputs!r:.80}.")
        self._graph = Graph(inputs, outputs)
        self.name = name or unique_name("function")

    @property
    def inputs(self) -> list[KerasTensor]:
        """The symbolic inputs."""
        return self._graph.input_tensors

    @property
    def outputs(self) -> list[KerasTensor]:
        """The symbolic outputs."""
        return self._graph.output_tensors

    @property
    def input(self) -> Any:
        """The symbolic inputs, nested as they were given."""
        return self._graph.inputs

    @property
    def output(self) -> Any:
        """The symbolic outputs, nested as they were given."""
        return self._graph.outputs

    def symbolic_call(self, inputs: Any) -> Any:
        """The outputs for other symbolic tensors, as part of their graph."""
        return self._graph.run(inputs)

    def get_config(self) -> dict[str, Any]:
        """Plain data from which `from_config` makes a function like this one, its layers with new weights."""
        return functional.graph_config(self.name, True, self._graph)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The function that `get_config` describes."""
        name, _, inputs, outputs = functional.graph_from_config(config, None)
        return cls(inputs, outputs, name=name)

    @property
    def operations(self) -> list[Any]:
        """What is called between them, in order."""
        return list(dict.fromkeys(node.operation for node in self._graph.nodes))

    def __call__(self, inputs: Any) -> Any:
        """The outputs for data, or for other symbolic tensors."""
        return self._graph.run(convert(inputs, None))

    call = __call__

    def compute_output_spec(self, inputs: Any) -> Any:
        """The types of the outputs, as symbolic tensors."""
        return map_structure(lambda t: KerasTensor(t.shape, t.dtype), self._graph.outputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shapes of the outputs."""
        return map_structure(lambda t: t.shape, self._graph.outputs)
