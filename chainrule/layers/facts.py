"""What can be asked of a layer without calling it on data: its weights as arrays, dtypes, shapes, place in a graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import dtype_policies
from ..errors import ArgumentError, NoGraphError, NotBuiltError, ShapeError, UnsupportedError
from ..ops.symbolic import KerasTensor, Node
from ..quantizers.settings import settings_of
from ..variables import Variable
from .arguments import call_defaults, shapes_for
from .storing import overrides
from .trees import map_shapes, map_tensors


class Facts:
    """The part of `Layer` that answers questions."""

    name: str
    built: bool
    dtype: str
    _compute_dtype: str
    _inbound: list[Node]

    @property
    def weights(self) -> list[Variable]:
        """All weights."""
        raise NotImplementedError

    @property
    def metrics(self) -> list[Any]:
        """Metrics held as attributes."""
        raise NotImplementedError

    def _label(self) -> str:
        raise NotImplementedError

    def _symbolic_outputs(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        raise NotImplementedError

    @property
    def path(self) -> str | None:
        """The names of the layers around it and its own, as its weights begin; None before it is built."""
        return self.__dict__.get("_path") or (self.name if self.built else None)

    @property
    def metrics_variables(self) -> list[Variable]:
        """The variables of the metrics that the layer holds."""
        return [v for metric in self.metrics for v in metric.variables]

    # weights as arrays

    def get_weights(self) -> list[np.ndarray]:
        """Copies of all weights, in the order of `weights`."""
        return [v.numpy() for v in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Assign all weights, in the order of `weights`."""
        own = self.weights
        if len(own) != len(weights):
            raise ArgumentError(
                f"{self._label()}: expected {len(own)} arrays, as get_weights() gives; got {len(weights)}."
            )
        for variable, value in zip(own, weights, strict=True):
            if variable.shape != np.shape(value):
                raise ShapeError(
                    f"{self._label()}: weight {variable.path!r} expected shape {variable.shape}; got {np.shape(value)}."
                )
        for variable, value in zip(own, weights, strict=True):
            variable.assign(np.asarray(value))

    def count_params(self) -> int:
        """The number of weights, counted by element."""
        if not self.built:
            raise NotBuiltError(f"{self._label()} has no weights yet: call it on data, or give its input shape.")
        return sum(int(np.prod(v.shape)) for v in self.weights)

    # dtypes

    @property
    def dtype_policy(self) -> dtype_policies.DTypePolicy:
        """The dtypes of weights and of computation; set it before the layer is built, but for quantized ones."""
        if self._quantized_policy is not None:
            return self._quantized_policy
        return dtype_policies.policy_of(self.dtype, self.compute_dtype)

    @dtype_policy.setter
    def dtype_policy(self, value: Any) -> None:
        policy = dtype_policies.get(value)
        if policy.quantization_mode is not None and self.built and self._quantized_policy is None:
            self.quantize(policy.quantization_mode, config=settings_of(policy))
        else:
            self._take_policy(value)

    def quantize(self, mode: str | None = None, type_check: bool = True, config: Any = None) -> None:
        """Keep weights in few bits: only layers around a matrix of weights can.

        Raises: UnsupportedError: always, here.
        """
        raise UnsupportedError(f"{self._label()} cannot be quantized: it has no matrix of weights that can be.")

    _quantized_policy: dtype_policies.DTypePolicy | None = None
    _policies: dtype_policies.DTypePolicyMap | None = None  # of the layers inside

    def _take_policy(self, value: Any) -> None:
        policy = dtype_policies.get(value)
        if isinstance(policy, dtype_policies.DTypePolicyMap):
            self._policies, policy = policy, policy[self.__dict__.get("_path") or self.name]
        self.dtype, self._compute_dtype = policy.variable_dtype, policy.compute_dtype
        if policy.quantization_mode is not None:
            self._quantized_policy = policy

    @property
    def compute_dtype(self) -> str:
        """The dtype of computation."""
        return self._compute_dtype if self.dtype == "float32" else self.dtype

    @property
    def variable_dtype(self) -> str:
        """The dtype of weights."""
        return self.dtype

    @property
    def input_dtype(self) -> str:
        """The dtype that float inputs are brought to."""
        return self.compute_dtype

    @property
    def quantization_mode(self) -> str | None:
        """'int8' or 'int4' if its weights are kept in so many bits, else None."""
        return None if self._quantized_policy is None else self._quantized_policy.quantization_mode

    # shapes

    def compute_output_shape(self, *args: Any, **kwargs: Any) -> Any:
        """The shape of the outputs for inputs of a shape (None: unknown size)."""
        symbolic = [map_shapes(s, lambda n: KerasTensor(n, self.compute_dtype)) for s in (*args, *kwargs.values())]
        return map_tensors(self._symbolic_outputs(tuple(symbolic), {}), lambda t: t.shape)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """The types of the outputs for symbolic inputs, as symbolic tensors; nothing is computed.

        Args: as `call` takes them, symbolic tensors in place of data.
        """
        if overrides(self, "compute_output_shape"):
            shapes, named = shapes_for(self.compute_output_shape, call_defaults(type(self)), args, kwargs)
            found = self.compute_output_shape(*shapes, **named)
            return map_shapes(found, lambda shape: KerasTensor(shape, self.compute_dtype))
        return self._symbolic_outputs(args, kwargs)

    def symbolic_call(self, *args: Any, **kwargs: Any) -> Any:
        """The outputs for symbolic inputs; the layer is called on them outside any graph."""
        return self.compute_output_spec(*args, **kwargs)

    # graph

    @property
    def input(self) -> Any:
        """The symbolic input of its first call in a functional model."""
        return self._first_node().args[0]

    @property
    def output(self) -> Any:
        """The symbolic output of its first call in a functional model."""
        return self._first_node().outputs

    def _first_node(self) -> Node:
        if not self._inbound:
            raise NoGraphError(f"{self._label()} was not called on an Input yet: it has no symbolic input or output.")
        return self._inbound[0]
