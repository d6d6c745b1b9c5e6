"""Layers around a matrix of weights, which can be kept in few bits and can be given a small addition that is trained.

Neither is known where a layer computes: it asks for its matrix, and for its inputs as it sees them.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, ClassVar

import numpy as np

from .. import dtype_policies, initializers, ops
from ..errors import ArgumentError, NotBuiltError, UnsupportedError
from ..ir import eager
from ..quantizers.settings import settings_for
from ..serialization import deserialize_keras_object, serialize_keras_object
from ..variables import Variable, naming, structure_changed
from . import few_bits
from .checks import label
from .layer import Layer

_ARGUMENTS = ("lora_rank", "lora_alpha", "quantization_config")


class Matrix:
    """The attribute of a layer that is its matrix: the Variable, or a tensor: with what is added, or of 4 bits."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._kept = f"_{name}"

    def __get__(self, layer: Any, owner: type | None = None) -> Any:
        if layer is None:
            return self
        variable = layer.__dict__.get(self._kept)
        if variable is None:
            raise AttributeError(f"{label(layer)} has no {self._kept[1:]} before it is built.")
        if layer.lora_enabled:
            return layer._with_addition(variable)
        return variable if layer._scheme is None else layer._scheme.numbers(layer)

    def __set__(self, layer: Any, value: Any) -> None:
        setattr(layer, self._kept, value)

    def __delete__(self, layer: Any) -> None:
        delattr(layer, self._kept)


class Adaptable(Layer):
    """Base of layers whose matrix can be quantized (`quantize`) or trained by a low-rank addition (`enable_lora`)."""

    matrix_name: ClassVar[str] = "kernel"
    modes: ClassVar[tuple[str, ...]] = ()  # in which its matrix can be kept
    lora_enabled = False
    lora_rank: int | None = None
    lora_alpha: float | None = None
    quantization_config: Any = None
    inputs_quantizer: Any = None

    def _take_variants(self, given: dict[str, Any]) -> dict[str, Any]:
        """Keep those of the arguments that are about this; the others."""
        rank, alpha, settings = (given.pop(name, None) for name in _ARGUMENTS)
        given.pop("gptq_unpacked_column_size", None)  # in files of Keras
        self.lora_rank, self.lora_alpha = rank, rank if alpha is None else alpha
        self.quantization_config = deserialize_keras_object(settings) if isinstance(settings, dict) else settings
        return given

    def _add_matrix(self, shape: Any, initializer: Any, regularizer: Any, constraint: Any) -> None:
        """The matrix, in few bits if the policy says so."""
        shape = tuple(shape)
        if self.quantization_mode in self.modes:
            self._scheme = few_bits.scheme_for(self, shape)
            self._store(self._scheme.blank())
        else:
            made = self.add_weight(shape, initializer, regularizer=regularizer, constraint=constraint,
                                   name=self.matrix_name)  # fmt: skip
            setattr(self, f"_{self.matrix_name}", made)

    def _finish_build(self) -> None:
        """Once all weights are there."""
        self.built = True
        if self.lora_rank and not self.lora_enabled:
            self._add_low_rank(self.lora_rank, self.lora_alpha, "he_uniform", "zeros")

    @property
    def _stored(self) -> Variable:
        return self.__dict__[f"_{self.matrix_name}"]  # type: ignore[no-any-return]

    # few bits

    _scheme: Any = None  # how the matrix is kept in few bits

    def _matrix(self) -> Any:
        """The matrix to compute with."""
        if self._scheme is None:
            return getattr(self, self.matrix_name)
        plain = self._scheme.matrix(self)
        return self._with_addition(plain) if self.lora_enabled else plain

    def _seen(self, inputs: Any) -> Any:
        """The inputs to compute with: rounded to as many steps as the matrix; gradients pass as if they were not."""
        if self.inputs_quantizer is None:
            return inputs
        q, scale = self.inputs_quantizer(inputs, axis=self._axes_of_inputs(inputs.ndim))
        return inputs + ops.stop_gradient(ops.divide(ops.cast(q, inputs.dtype), scale) - inputs)

    def _axes_of_inputs(self, rank: int) -> tuple[int, ...]:
        """The axes of the inputs that are summed over."""
        return (-1,)

    def _axes_of_matrix(self) -> tuple[int, ...]:
        """The axes of the matrix that are summed over, and so share a scale."""
        return (0,)

    def _store(self, arrays: dict[str, np.ndarray]) -> None:
        """Make the weights that a scheme consists of."""
        with eager(), naming(self.path or self.name, self):
            for name, array in arrays.items():
                dtype = array.dtype.name if array.dtype.kind in "iu" or name == "g_idx" else None
                made = self.add_weight(array.shape, "zeros", dtype=dtype, trainable=False, name=name)
                made.assign(array)
                setattr(self, f"_{name}" if name == self.matrix_name else name, made)
        if self.quantization_mode == "int8" or self.quantization_config is not None:
            self.inputs_quantizer = settings_for(None, self.quantization_config or "int8").activation_quantizer

    def quantize(self, mode: str | None = None, type_check: bool = True, config: Any = None) -> None:
        """Keep the matrix in few bits from now on: a quarter of the memory or less, and no longer trained.

        Args: mode: 'int8' or 'int4'; type_check: refuse subclasses (default True); config: a `QuantizationConfig`.
        Raises: NotBuiltError: it has no weights yet; ArgumentError: it is quantized already, or computes in float16;
            UnsupportedError: this layer or mode cannot be.
        """
        settings = settings_for(mode, config)
        if type_check and not type(self).__module__.startswith("chainrule."):
            raise UnsupportedError(f"{label(self)}: a subclass is quantized only with type_check=False.")
        if settings.mode not in self.modes:
            raise UnsupportedError(f"{label(self)} cannot be quantized to {settings.mode}: expected {self.modes}.")
        if not self.built:
            raise NotBuiltError(f"{label(self)} has no weights to quantize yet: call it on data first.")
        if self._scheme is not None:
            raise ArgumentError(f"{label(self)} is quantized already, to {self.quantization_mode}.")
        if settings.mode in ("gptq", "awq"):
            raise UnsupportedError(f"{label(self)}: {settings.mode} fits weights to what a model makes of data: call "
                                   "model.quantize.")  # fmt: skip
        self._take_few_bits(settings, config if not isinstance(config, str) else None, settings.weight_quantizer)

    def _take_few_bits(self, settings: Any, config: Any, how: Any) -> None:
        """Put the arrays of few bits into the place of the matrix. Args: how: a quantizer, or what fits the numbers."""
        policy = few_bits.policy_name(settings, self.dtype_policy.name)
        dtype_policies.get(policy)  # raises if it cannot be
        matrix = self._stored
        self._weights.remove(matrix)
        self._take_policy(policy)
        self.quantization_config = config
        self._scheme = few_bits.scheme_for(self, matrix.shape)
        self._store(self._scheme.quantized(matrix.numpy(), how))
        structure_changed()

    # a low-rank addition

    def enable_lora(
        self, rank: int, lora_alpha: float | None = None, a_initializer: Any = "he_uniform",
        b_initializer: Any = "zeros",
    ) -> None:  # fmt: skip
        """Freeze the matrix and train `lora_alpha / rank * a @ b`, added to it, instead.

        Args: rank: the columns of a; lora_alpha: default rank; a_initializer: default 'he_uniform'; b_initializer:
            default 'zeros', so that the layer computes what it did before.
        Raises: ArgumentError: the matrix has a constraint, or an addition already; NotBuiltError: no weights yet.
        Source: Hu et al. 2021, "LoRA: low-rank adaptation of large language models", equation 3.
        """
        if getattr(self, f"{self.matrix_name}_constraint", None) is not None:
            raise ArgumentError(f"{label(self)}: expected no {self.matrix_name}_constraint where something is added.")
        if not self.built or f"_{self.matrix_name}" not in self.__dict__:
            raise NotBuiltError(f"{label(self)} has no {self.matrix_name} to add to yet: call it on data first.")
        if self.lora_enabled:
            raise ArgumentError(f"{label(self)}: enable_lora was called before; it can be once.")
        self._add_low_rank(rank, lora_alpha, a_initializer, b_initializer)

    def _add_low_rank(self, rank: int, alpha: float | None, a_initializer: Any, b_initializer: Any) -> None:
        shape = self._scheme.shape if self._scheme is not None else self._stored.shape
        regularizer = getattr(self, f"{self.matrix_name}_regularizer", None)
        with eager(), naming(self.path or self.name, self):
            for part, size, initializer in (
                ("a", (*shape[:-1], rank), a_initializer), ("b", (rank, shape[-1]), b_initializer),
            ):  # fmt: skip
                name = f"lora_{self.matrix_name}_{part}"
                made = initializers.get(initializer)
                setattr(self, name, self.add_weight(size, made, "float32", regularizer=regularizer, name=name))
        self._stored.trainable = False
        self.lora_enabled, self.lora_rank = True, rank
        self.lora_alpha = rank if alpha is None else alpha
        structure_changed()

    def _low_rank(self) -> tuple[Variable, Variable]:
        return getattr(self, f"lora_{self.matrix_name}_a"), getattr(self, f"lora_{self.matrix_name}_b")

    def _addition(self, a: Any) -> Any:
        """What rows of a stand for, in the dtype of computation."""
        factor = self.lora_alpha / self.lora_rank  # type: ignore[operator]
        return ops.cast(ops.multiply(ops.matmul(a, self._low_rank()[1]), factor), self.compute_dtype)

    def _with_addition(self, matrix: Any) -> Any:
        return ops.add(ops.cast(matrix, self.compute_dtype), self._addition(self._low_rank()[0]))

    # files

    def _saved_variables(self) -> list[Variable]:
        """In the order of Keras's files: the matrix, the bias, what belongs to few bits."""
        if f"_{self.matrix_name}" not in self.__dict__:
            return self._own()
        names = [f"_{self.matrix_name}", "bias"]
        if self._scheme is not None:
            names = [*(names[::-1] if getattr(self._scheme, "is_after_bias", False) else names), *self._scheme.further]
        found = [self.__dict__.get(name) for name in names]
        listed = [v for v in found if isinstance(v, Variable)]
        known = {id(v) for v in listed} | ({id(v) for v in self._low_rank()} if self.lora_enabled else set())
        return [*listed, *(v for v in self._own() if id(v) not in known)]

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Put the weights into `store`, what was added to the matrix being part of it.

        Args: store: takes arrays by name.
        """
        if not self.built:
            return
        arrays = [v.numpy() for v in self._saved_variables()]
        if self.lora_enabled and self._scheme is None:
            arrays[0] = np.asarray(ops.cast(self._matrix(), self._stored.dtype))
        elif self.lora_enabled:
            new = self._scheme.quantized(np.asarray(self._matrix()), None)
            replaced = dict(zip((f"_{self.matrix_name}", *self._scheme.further), new.values(), strict=True))
            for name, array in replaced.items():
                place = next(k for k, v in enumerate(self._saved_variables()) if v is self.__dict__[name])
                arrays[place] = array
        store.update({str(k): array for k, array in enumerate(arrays)})

    def _settled(self) -> list[Variable]:
        """After a file was read: the addition, which is part of the matrix there, begins again from nothing."""
        if not self.lora_enabled:
            return []
        a, b = self._low_rank()
        b.assign(np.zeros(b.shape, "float32"))
        return [a, b]

    def _base_config(self) -> dict[str, Any]:
        config = super()._base_config()
        if self.lora_rank:
            config |= {"lora_rank": self.lora_rank, "lora_alpha": self.lora_alpha}
        if self.quantization_config is not None:
            config["quantization_config"] = serialize_keras_object(self.quantization_config)
        return config
