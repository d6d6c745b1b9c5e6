"""How a layer is to be quantized: which quantizers for its weights and for its inputs."""

from __future__ import annotations

from typing import Any

from ..dtype_policies.quantized import check_mode
from ..errors import ArgumentError
from ..serialization import builtin, deserialize_keras_object, serialize_keras_object
from .quantizers import AbsMaxQuantizer, Quantizer


class QuantizationConfig:
    """Base of the settings.

    Args: weight_quantizer: of the weights (default None: as the mode has it); activation_quantizer: of the inputs
        (default None: they stay as they are).
    """

    def __init__(self, weight_quantizer: Any = None, activation_quantizer: Any = None) -> None:
        self.weight_quantizer, self.activation_quantizer = weight_quantizer, activation_quantizer
        for kept in (weight_quantizer, activation_quantizer):
            if kept is not None and not isinstance(kept, Quantizer):
                raise ArgumentError(f"{type(self).__name__}: expected quantizers or None; got {kept!r}.")

    @property
    def mode(self) -> str:
        """'int8' or 'int4': a subclass says it."""
        raise NotImplementedError(f"{type(self).__name__} does not define mode.")

    def get_config(self) -> dict[str, Any]:
        """The arguments that make these settings again."""
        return {
            "weight_quantizer": serialize_keras_object(self.weight_quantizer),
            "activation_quantizer": serialize_keras_object(self.activation_quantizer),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The settings that `get_config` describes."""
        return cls(**deserialize_keras_object(config))


@builtin
class Int8QuantizationConfig(QuantizationConfig):
    """Weights in 8 bits, and inputs too: a scale for each column of weights and for each row of inputs.

    Args: weight_quantizer: default `AbsMaxQuantizer` over the axes that are summed over; activation_quantizer: of the
        inputs (default 'default': `AbsMaxQuantizer`), None to leave them as they are.

    Raises: ArgumentError: no quantizer, or one of another dtype.

    Example:
    >>> Int8QuantizationConfig(activation_quantizer=None).mode
    'int8'
    """

    mode = "int8"  # type: ignore[assignment]

    def __init__(self, weight_quantizer: Any = None, activation_quantizer: Any = "default") -> None:
        default = isinstance(activation_quantizer, str) and activation_quantizer == "default"
        super().__init__(weight_quantizer, AbsMaxQuantizer() if default else activation_quantizer)
        _check_dtype(self)


@builtin
class Int4QuantizationConfig(QuantizationConfig):
    """Weights in 4 bits, two in each byte.

    Args: weight_quantizer: with value_range (-8, 7) (default `AbsMaxQuantizer`); activation_quantizer: of the inputs
        (default: they stay as they are); block_size: rows that share a scale (default 128), None or -1 for all. With
        blocks there can be no quantizers of one's own.

    Raises: ArgumentError: see above.

    Example:
    >>> Int4QuantizationConfig().block_size
    128
    """

    mode = "int4"  # type: ignore[assignment]

    def __init__(
        self, weight_quantizer: Any = None, activation_quantizer: Any = "default", block_size: int | None = 128
    ) -> None:
        default = isinstance(activation_quantizer, str) and activation_quantizer == "default"
        super().__init__(weight_quantizer, None if default else activation_quantizer)
        if block_size is not None and block_size != -1 and block_size <= 0:
            raise ArgumentError(f"Int4QuantizationConfig: expected block_size above 0, None or -1; got {block_size}.")
        self.block_size = block_size
        given = self.weight_quantizer is not None or self.activation_quantizer is not None
        if given and self.has_blocks:
            raise ArgumentError("Int4QuantizationConfig: quantizers of one's own need block_size=None.")
        _check_dtype(self)
        if getattr(weight_quantizer, "value_range", (-8, 7)) != (-8, 7):
            raise ArgumentError(f"Int4QuantizationConfig: expected a value_range of (-8, 7); got "
                                f"{weight_quantizer.value_range}.")  # fmt: skip

    @property
    def has_blocks(self) -> bool:
        """Whether rows share scales in blocks."""
        return self.block_size not in (None, -1)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make these settings again."""
        return {**super().get_config(), "block_size": self.block_size}


def _check_dtype(settings: QuantizationConfig) -> None:
    quantizer = settings.weight_quantizer
    if quantizer is not None and quantizer.output_dtype != "int8":
        raise ArgumentError(
            f"{type(settings).__name__}: expected a weight_quantizer of dtype int8; got {quantizer.output_dtype}."
        )


def settings_for(mode: Any, config: Any) -> Any:
    """The settings that the arguments of `quantize` mean.

    Args: mode: 'int8' or 'int4', or None if config says it; config: settings, or None for those of the mode.
    Raises: ArgumentError: neither is given, or they contradict; UnsupportedError: a mode that chainrule does not have.

    >>> settings_for("int8", None).mode
    'int8'
    """
    if isinstance(config, str):
        mode, config = config, None
    if mode is None and config is None:
        raise ArgumentError("quantize: expected a mode or a config; got neither.")
    if config is not None and not isinstance(config, QuantizationConfig):
        raise ArgumentError(f"quantize: expected config to be a QuantizationConfig; got {type(config).__name__}.")
    if config is None:
        check_mode(mode)
        if mode in ("gptq", "awq"):
            kind = f"{mode.upper()}Config"
            raise ArgumentError(f"quantize({mode!r}) fits weights to data: expected config={kind}(dataset, ...).")
        return Int8QuantizationConfig() if mode == "int8" else Int4QuantizationConfig()
    if mode not in (None, config.mode):
        raise ArgumentError(f"quantize: mode={mode!r}, but the config is for {config.mode!r}.")
    return config


def settings_of(policy: Any) -> Any:
    """The settings that a policy stands for: None for those of its mode.

    >>> from chainrule.dtype_policies import get
    >>> settings_of(get("int4/64_from_float32")).block_size
    64
    """
    if policy.quantization_mode in ("gptq", "awq"):
        from .fitted_settings import AWQConfig, GPTQConfig

        made = GPTQConfig if policy.quantization_mode == "gptq" else AWQConfig
        return made(None, None, weight_bits=policy.weight_bits, group_size=policy.group_size)
    size = getattr(policy, "block_size", None)
    return None if size is None else Int4QuantizationConfig(block_size=size)
