"""Policies of layers whose weights are kept in few bits."""

from __future__ import annotations

from typing import Any

from ..errors import ArgumentError, UnsupportedError
from ..serialization import builtin
from .policy import DTypePolicy, dtype_policy

MODES = ("int8", "int4", "gptq", "awq")
_REFUSED = {
    "float8": "there are no numbers of 8 bits with a point here: use 'int8', or 'mixed_bfloat16' to compute in 16 bits",
}


def check_mode(mode: Any) -> None:
    """Raise unless weights can be kept in this way.

    Raises: ArgumentError: there is no such way; UnsupportedError: Keras has it, chainrule has not.

    >>> check_mode("int8")
    """
    if isinstance(mode, str) and mode in _REFUSED:
        raise UnsupportedError(f"quantization mode {mode!r}: {_REFUSED[mode]}.")
    if mode not in MODES:
        raise ArgumentError(f"quantization mode: expected one of {MODES}; got {mode!r}.")


@builtin
class QuantizedDTypePolicy(DTypePolicy):
    """Weights in 8 or 4 bits, computation as another policy says.

    Args: mode: 'int8' or 'int4'; source_name: the policy of computation (default: the one that was set).

    Raises: ArgumentError: no such mode, or 'int8' with float16, in which products overflow; UnsupportedError: a mode
        that chainrule does not have.

    Example:
    >>> policy = QuantizedDTypePolicy("int8", "mixed_bfloat16")
    >>> policy.name, policy.compute_dtype, policy.quantization_mode
    ('int8_from_mixed_bfloat16', 'bfloat16', 'int8')
    """

    def __init__(self, mode: str, source_name: str | None = None) -> None:
        self._mode = mode
        check_mode(self._plain_mode)
        self._source = dtype_policy().name if source_name is None else source_name
        super().__init__(self._source)
        if mode == "int8" and self.compute_dtype == "float16":
            raise ArgumentError("QuantizedDTypePolicy: 'int8' does not work with float16, in which products overflow.")
        self._name = f"{mode}_from_{self._source}"

    @property
    def _plain_mode(self) -> str:
        return self._mode

    @property
    def source_name(self) -> str:
        """The policy of computation."""
        return self._source

    @property
    def quantization_mode(self) -> str:
        """How weights are kept."""
        return self._plain_mode

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this policy again."""
        return {"mode": self._mode, "source_name": self._source}

    def __repr__(self) -> str:
        return f'<{type(self).__name__} "{self.name}">'


@builtin
class Int4DTypePolicy(QuantizedDTypePolicy):
    """Weights in 4 bits, with one scale for so many rows of a matrix.

    Args: mode: 'int4/128' for 128 rows, 'int4/-1' for all of them; source_name: as for `QuantizedDTypePolicy`.

    Raises: ArgumentError: the mode does not read like that.

    Example:
    >>> Int4DTypePolicy("int4/64", "float32").block_size
    64
    """

    def __init__(self, mode: str, source_name: str | None = None) -> None:
        kind, slash, size = str(mode).partition("/")
        if kind != "int4" or not slash or not size.removeprefix("-").isdigit() or int(size) < -1 or int(size) == 0:
            raise ArgumentError(f"Int4DTypePolicy: expected a mode such as 'int4/128' or 'int4/-1'; got {mode!r}.")
        self.block_size = int(size)
        super().__init__(mode, source_name)

    @property
    def _plain_mode(self) -> str:
        return "int4"


class _FittedPolicy(QuantizedDTypePolicy):
    """Base: a mode of three parts, 'gptq/4/128': bits, and how many inputs share steps."""

    kind = ""
    bits: tuple[int, ...] = ()

    def __init__(self, mode: str, source_name: str | None = None) -> None:
        kind, *sizes = str(mode).split("/")
        whole = [int(size) for size in sizes if size.removeprefix("-").isdigit()]
        if kind != self.kind or len(whole) != 2 or len(sizes) != 2:
            raise ArgumentError(
                f"{type(self).__name__}: expected a mode such as '{self.kind}/4/128' or '{self.kind}/4/-1'; "
                f"got {mode!r}."
            )
        self.weight_bits, self.group_size = whole
        if self.weight_bits not in self.bits:
            raise ArgumentError(f"{type(self).__name__}: expected bits among {self.bits}; got {self.weight_bits}.")
        if self.group_size < -1 or self.group_size == 0:
            raise ArgumentError(f"{type(self).__name__}: expected groups above 0, or -1; got {self.group_size}.")
        super().__init__(mode, source_name)

    @property
    def _plain_mode(self) -> str:
        return self.kind


@builtin
class GPTQDTypePolicy(_FittedPolicy):
    """Weights in few bits that were fitted to data by GPTQ.

    Args: mode: 'gptq/4/128': bits (2, 3, 4, 8), and inputs that share steps, -1 for all; source_name: as for
        `QuantizedDTypePolicy`.

    Raises: ArgumentError: the mode does not read like that.

    Example:
    >>> GPTQDTypePolicy("gptq/4/128", "float32").weight_bits
    4
    """

    kind = "gptq"
    bits = (2, 3, 4, 8)


@builtin
class AWQDTypePolicy(_FittedPolicy):
    """Weights in 4 bits that were fitted to data by AWQ.

    Args: mode: 'awq/4/128': bits, and inputs that share steps, -1 for all; source_name: as for `QuantizedDTypePolicy`.

    Raises: ArgumentError: the mode does not read like that.

    Example:
    >>> AWQDTypePolicy("awq/4/-1", "float32").group_size
    -1
    """

    kind = "awq"
    bits = (4,)


def quantized_of_name(name: str) -> QuantizedDTypePolicy:
    """The policy of a name such as 'int8_from_float32' or 'int4/128_from_float32'.

    >>> quantized_of_name("int4/128_from_float32")
    <Int4DTypePolicy "int4/128_from_float32">
    """
    mode, _, source = name.partition("_from_")
    check_mode(mode.partition("/")[0])
    if not source:
        raise ArgumentError(f"dtype policy: expected a name such as 'int8_from_float32'; got {name!r}.")
    kinds = {"int4": Int4DTypePolicy, "gptq": GPTQDTypePolicy, "awq": AWQDTypePolicy}
    kind = mode.partition("/")[0]
    made = kinds[kind] if kind in kinds and mode != "int4" else QuantizedDTypePolicy
    return made(mode, source)


def is_quantized_name(name: str) -> bool:
    """Whether a name speaks of weights in few bits ('int8' alone is a dtype).

    >>> is_quantized_name("int8_from_float32"), is_quantized_name("int8"), is_quantized_name("float32")
    (True, False, False)
    """
    return "_from_" in name or name.partition("/")[0] in (*_REFUSED, "gptq", "awq")
