"""How a model is to be quantized by data: `GPTQConfig`, `AWQConfig`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..serialization import builtin
from .fitting import Fitted, Seen, fit_awq, fit_gptq
from .settings import QuantizationConfig


class FittedConfig(QuantizationConfig):
    """Base of the two: which data, and how many.

    Args: dataset: texts or arrays, see `GPTQConfig`; tokenizer; weight_bits; num_samples; sequence_length; group_size;
        quantization_layer_structure.
    Raises: ArgumentError: a value that cannot be.
    """

    _kept: tuple[str, ...] = ("weight_bits", "num_samples", "sequence_length", "group_size")
    bits: tuple[int, ...] = (4,)

    def __init__(
        self, dataset: Any, tokenizer: Any, weight_bits: int, num_samples: int, sequence_length: int, group_size: int,
        quantization_layer_structure: Any,
    ) -> None:  # fmt: skip
        super().__init__()
        self.dataset, self.tokenizer = dataset, tokenizer
        self.weight_bits, self.group_size = weight_bits, group_size
        self.num_samples, self.sequence_length = num_samples, sequence_length
        self.quantization_layer_structure = quantization_layer_structure
        if weight_bits not in self.bits:
            raise ArgumentError(f"{type(self).__name__}: expected weight_bits among {self.bits}; got {weight_bits!r}.")
        if group_size < -1 or group_size == 0:
            raise ArgumentError(f"{type(self).__name__}: expected group_size above 0, or -1; got {group_size!r}.")
        for name in ("num_samples", "sequence_length"):
            if getattr(self, name) <= 0:
                raise ArgumentError(f"{type(self).__name__}: expected {name} above 0; got {getattr(self, name)!r}.")

    def get_config(self) -> dict[str, Any]:
        """The arguments that make these settings again; data and layers, needed only once, are left out."""
        return {"dataset": None, "tokenizer": None, **{name: getattr(self, name) for name in self._kept}}

    def dtype_policy_string(self) -> str:
        """The mode of the policy of a layer that is quantized so: 'gptq/4/128'."""
        return f"{self.mode}/{self.weight_bits}/{self.group_size}"

    def fitted(self, matrix: np.ndarray, seen: Seen) -> Fitted:
        """The numbers of a matrix. Args: matrix: (rows, columns); seen: its inputs."""
        raise NotImplementedError

    def batches(self) -> Iterator[np.ndarray]:
        """The data as a model takes them: windows of tokens, one a batch; without a tokenizer the rows, in one.

        Raises: ArgumentError: there are none.
        """
        if self.dataset is None or isinstance(self.dataset, (str, bytes)) or not hasattr(self.dataset, "__iter__"):
            raise ArgumentError(
                f"{type(self).__name__}: expected dataset to be texts or arrays; got {type(self.dataset).__name__}."
            )
        pieces = list(self.dataset)
        if not pieces:
            raise ArgumentError(f"{type(self).__name__}: the dataset is empty.")
        if self.tokenizer is None and not isinstance(pieces[0], str):
            yield np.stack([np.asarray(piece) for piece in pieces[: self.num_samples]])
            return
        if self.tokenizer is None:
            raise ArgumentError(f"{type(self).__name__}: texts need a tokenizer.")
        tokenize = getattr(self.tokenizer, "tokenize", self.tokenizer)
        parts = [np.asarray(tokenize(p) if isinstance(p, str) else p).reshape(-1).astype("int32") for p in pieces]
        tokens = np.concatenate(parts)
        tokens = np.tile(tokens, -(-self.num_samples * self.sequence_length // max(len(tokens), 1)))
        stride = max(1, (len(tokens) - self.sequence_length + 1) // self.num_samples)
        for k in range(self.num_samples):
            yield tokens[None, k * stride : k * stride + self.sequence_length]


@builtin
class GPTQConfig(FittedConfig):
    """Weights in few bits, chosen so that the outputs for given data change little: `model.quantize("gptq", config)`.

    Args:
        dataset: texts, or arrays of tokens, which are cut into windows; without a tokenizer rows of inputs as the model
            takes them.
        tokenizer: has a method `tokenize`, or is a function: a text to the numbers of its tokens.
        weight_bits: 2, 3, 4 (default; two weights a byte) or 8.
        num_samples: windows or rows that are used (default 128).
        per_channel: accepted; each output has steps of its own (default True).
        sequence_length: tokens a window (default 512).
        hessian_damping: this part of the mean of the diagonal is added to it (default 0.01).
        group_size: inputs of an output that share steps (default 128), -1 for all.
        symmetric: 0 is in the middle of the numbers (default False).
        activation_order: the inputs that matter most are rounded first (default False).
        quantization_layer_structure: `{"pre_block_layers": [...], "sequential_blocks": [...]}`: layers that are left
            alone, and those that are quantized one after the other, each seeing what the quantized ones before give.

    Raises: ArgumentError: a value that cannot be.
    Source: Frantar et al. 2022, arXiv:2210.17323.

    Example:
    >>> GPTQConfig(dataset=None, tokenizer=None, group_size=64).dtype_policy_string()
    'gptq/4/64'
    """

    mode = "gptq"  # type: ignore[assignment]
    bits = (2, 3, 4, 8)
    _kept = (*FittedConfig._kept, "per_channel", "hessian_damping", "symmetric", "activation_order")

    def __init__(
        self, dataset: Any, tokenizer: Any = None, *, weight_bits: int = 4, num_samples: int = 128,
        per_channel: bool = True, sequence_length: int = 512, hessian_damping: float = 0.01, group_size: int = 128,
        symmetric: bool = False, activation_order: bool = False, quantization_layer_structure: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(
            dataset, tokenizer, weight_bits, num_samples, sequence_length, group_size, quantization_layer_structure
        )
        if not 0 <= hessian_damping <= 1:
            raise ArgumentError(f"GPTQConfig: expected hessian_damping from 0 to 1; got {hessian_damping!r}.")
        self.per_channel, self.hessian_damping = per_channel, hessian_damping
        self.symmetric, self.activation_order = symmetric, activation_order

    def fitted(self, matrix: np.ndarray, seen: Seen) -> Fitted:
        """The numbers of a matrix."""
        return fit_gptq(matrix, seen.hessian, self.weight_bits, self.group_size, self.hessian_damping, self.symmetric,
                        self.activation_order)  # fmt: skip


@builtin
class AWQConfig(FittedConfig):
    """Weights in 4 bits, those with large inputs rounded more finely: `model.quantize("awq", config)`.

    Args: dataset, tokenizer, num_samples, sequence_length, group_size, quantization_layer_structure: as of
        `GPTQConfig`; weight_bits: 4; num_grid_points: powers that are tried (default 20).

    Raises: ArgumentError: a value that cannot be.
    Source: Lin et al. 2023, arXiv:2306.00978.

    Example:
    >>> AWQConfig(dataset=None, tokenizer=None).dtype_policy_string()
    'awq/4/128'
    """

    mode = "awq"  # type: ignore[assignment]
    _kept = (*FittedConfig._kept, "num_grid_points")

    def __init__(
        self, dataset: Any, tokenizer: Any = None, *, weight_bits: int = 4, num_samples: int = 128,
        sequence_length: int = 512, group_size: int = 128, num_grid_points: int = 20,
        quantization_layer_structure: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(
            dataset, tokenizer, weight_bits, num_samples, sequence_length, group_size, quantization_layer_structure
        )
        if num_grid_points <= 0:
            raise ArgumentError(f"AWQConfig: expected num_grid_points above 0; got {num_grid_points!r}.")
        self.num_grid_points = num_grid_points

    def fitted(self, matrix: np.ndarray, seen: Seen) -> Fitted:
        """The numbers of a matrix."""
        mean = seen.magnitudes / max(seen.count, 1)
        return fit_awq(matrix, seen.hessian, mean, self.weight_bits, self.group_size, self.num_grid_points)
