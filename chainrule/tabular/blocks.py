"""Layers that only networks for tables need.

`MemberDense`, `MemberHeads` and `MemberMean` hold several networks in one (BatchEnsemble, as in TabM);
`PeriodicNumbers` and `FeatureTokens` say what a number or a column is before it is mixed with others; `ScaledDense` and
`ScaledInputs` are the layers of RealMLP; `WeightedMean` puts the answers of networks together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import activations, initializers, ops
from ..layers import Layer
from ..serialization import builtin


def _around(width: int, seed: int | None) -> Any:
    """The start of TabM and of many others: uniform between +- 1 / sqrt(inputs)."""
    bound = 1.0 / float(np.sqrt(width))
    return initializers.RandomUniform(-bound, bound, seed=seed)


class _Seeded(Layer):
    """A layer whose configuration is its arguments, named in `settings`."""

    settings: tuple[str, ...] = ()

    def get_config(self) -> dict[str, Any]:
        """The arguments as plain data."""
        own = {name: getattr(self, name) for name in self.settings}
        if "activation" in own:
            own["activation"] = activations.serialize(own["activation"])
        return {**super().get_config(), **own}


@builtin
class MemberDense(_Seeded):
    """y_k = activation(((x_k * r_k) W) * s_k + b_k): members k that share W and have r, s and b of their own.

    Args:
        units: int. Outputs of each member.
        members: int. Members.
        activation: name or function (default None).
        spread: bool (default False). Whether r begins with random signs instead of ones, so that members differ.
        seed: int or None (default None).

    Shapes: (batch, inputs), the same for all members, or (batch, members, inputs) -> (batch, members, units).
    Source: Wen, Tran, Ba 2020 (BatchEnsemble), eq. 1; Gorishniy, Kotelnikov, Babenko 2025 (TabM).

    Example:
    >>> MemberDense(2, members=3, seed=0)(np.ones((4, 5), "float32")).shape
    (4, 3, 2)
    """

    settings = ("units", "members", "activation", "spread", "seed")

    def __init__(
        self, units: int, members: int, activation: Any = None, spread: bool = False, seed: int | None = None,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self.units, self.members, self.spread, self.seed = int(units), int(members), bool(spread), seed
        self.activation = activations.get(activation)

    def build(self, shape: Sequence[int]) -> None:
        """W (inputs, units), r (members, inputs), s and b (members, units)."""
        width = shape[-1]
        self.kernel = self.add_weight((width, self.units), _around(width, self.seed), name="kernel")
        start: Any = _Signs(self.seed) if self.spread else "ones"
        self.scale_in = self.add_weight((self.members, width), start, name="scale_in")
        self.scale_out = self.add_weight((self.members, self.units), "ones", name="scale_out")
        other = None if self.seed is None else self.seed + 1
        self.bias = self.add_weight((self.members, self.units), _around(width, other), name="bias")

    def call(self, inputs: Any) -> Any:
        """Every member's outputs."""
        x = ops.expand_dims(inputs, 1) if len(inputs.shape) == 2 else inputs
        return self.activation(ops.matmul(x * self.scale_in, self.kernel) * self.scale_out + self.bias)


@builtin
class MemberHeads(_Seeded):
    """y_k = activation(x_k W_k + b_k): an output layer for each member, nothing shared.

    Args:
        units: int. Outputs of each member.
        activation: name or function (default None).
        seed: int or None (default None).

    Shapes: (batch, members, inputs) -> (batch, members, units).
    Source: Gorishniy, Kotelnikov, Babenko 2025 (TabM), section 3.

    Example:
    >>> MemberHeads(1, seed=0)(np.ones((4, 3, 2), "float32")).shape
    (4, 3, 1)
    """

    settings = ("units", "activation", "seed")

    def __init__(self, units: int, activation: Any = None, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units, self.seed, self.activation = int(units), seed, activations.get(activation)

    def build(self, shape: Sequence[int]) -> None:
        """W (members, inputs, units), b (members, units)."""
        members, width = shape[-2:]
        other = None if self.seed is None else self.seed + 1
        self.kernel = self.add_weight((members, width, self.units), _around(width, self.seed), name="kernel")
        self.bias = self.add_weight((members, self.units), _around(width, other), name="bias")

    def call(self, inputs: Any) -> Any:
        """Every member's answer."""
        return self.activation(ops.einsum("bki,kio->bko", inputs, self.kernel) + self.bias)


@builtin
class MemberMean(Layer):
    """In training the members as they are, each with a loss of its own; else the mean of their answers.

    Shapes: (batch, members, units) -> the same in training, else (batch, units).
    Source: Gorishniy, Kotelnikov, Babenko 2025 (TabM), section 3: the mean of losses, not the loss of the mean.

    Example:
    >>> MemberMean()(np.array([[[1.0], [3.0]]], "float32")).tolist()
    [[2.0]]
    """

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The members, or their mean."""
        return inputs if training else ops.mean(inputs, axis=1)


@builtin
class PeriodicNumbers(_Seeded):
    """Some inputs as they are, and beside them others that swing with numbers: cos(2 pi (f x + c)) V + v.

    Args:
        numbers: list of int. Positions of the inputs that are numbers.
        kept: list of int or None (default None: all). Positions of the inputs that are handed on.
        frequencies: int (default 16). Waves of each number.
        units: int (default 3). What is made of the waves of a number.
        scale: float (default 0.1). Deviation of the frequencies at the start: the slower, the smoother.
        seed: int or None (default None).

    Shapes: (batch, inputs) -> (batch, len(kept) + units * len(numbers)).
    Source: Gorishniy, Rubachev, Babenko 2022, section 3.3; with a phase, and the number beside its waves, as in
    Holzmueller, Grinsztajn, Steinwart 2024 (RealMLP), appendix A.

    Example:
    >>> PeriodicNumbers([0, 2], units=3, seed=0)(np.ones((4, 5), "float32")).shape
    (4, 11)
    """

    settings = ("numbers", "kept", "frequencies", "units", "scale", "seed")

    def __init__(
        self, numbers: Sequence[int], kept: Sequence[int] | None = None, frequencies: int = 16, units: int = 3,
        scale: float = 0.1, seed: int | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self.kept = None if kept is None else [int(n) for n in kept]
        self.numbers, self.frequencies, self.units = [int(n) for n in numbers], int(frequencies), int(units)
        self.scale, self.seed = float(scale), seed

    def build(self, shape: Sequence[int]) -> None:
        """f, c (numbers, frequencies), V (numbers, frequencies, units), v (numbers, units)."""
        seeds = [None if self.seed is None else self.seed + k for k in range(4)]
        count, waves = len(self.numbers), self.frequencies
        start = initializers.RandomNormal(stddev=self.scale, seed=seeds[0])
        self.frequency = self.add_weight((count, waves), start, name="frequency")
        self.phase = self.add_weight((count, waves), initializers.RandomUniform(-0.5, 0.5, seed=seeds[1]), name="phase")
        self.kernel = self.add_weight((count, waves, self.units), _around(waves, seeds[2]), name="kernel")
        self.bias = self.add_weight((count, self.units), _around(waves, seeds[3]), name="bias")

    def call(self, inputs: Any) -> Any:
        """The inputs that are handed on, and what swings."""
        handed = inputs if self.kept is None else ops.take(inputs, np.array(self.kept, np.int32), axis=1)
        if not self.numbers:
            return handed
        x = ops.expand_dims(ops.take(inputs, np.array(self.numbers, np.int32), axis=1), -1)
        waves = ops.cos(2.0 * np.pi * (x * self.frequency + self.phase))
        made = ops.sum(ops.expand_dims(waves, -1) * self.kernel, axis=2) + self.bias
        return ops.concatenate([handed, ops.reshape(made, (-1, len(self.numbers) * self.units))], axis=1)


@builtin
class FeatureTokens(_Seeded):
    """A vector for each column, t_j = b_j + sum of x_i w_i over the inputs of column j, and one for the answer.

    Args:
        groups: list of int. For each input the number of its column, from 0.
        units: int. Length of a vector.
        seed: int or None (default None).

    Shapes: (batch, inputs) -> (batch, columns + 1, units); the answer's comes first.
    Source: Gorishniy, Rubachev, Khrulkov, Babenko 2021 (FT-Transformer), section 3.3.

    Example:
    >>> FeatureTokens([0, 0, 1], units=4, seed=0)(np.ones((2, 3), "float32")).shape
    (2, 3, 4)
    """

    settings = ("groups", "units", "seed")

    def __init__(self, groups: Sequence[int], units: int, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.groups, self.units, self.seed = [int(g) for g in groups], int(units), seed

    def build(self, shape: Sequence[int]) -> None:
        """w (inputs, units), b (columns + 1, units)."""
        self.columns = max(self.groups) + 1
        other = None if self.seed is None else self.seed + 1
        self.kernel = self.add_weight((shape[-1], self.units), _around(self.units, self.seed), name="kernel")
        self.bias = self.add_weight((self.columns + 1, self.units), _around(self.units, other), name="bias")
        self._where = np.eye(self.columns + 1, dtype=np.float32)[np.array(self.groups) + 1]  # (inputs, columns + 1)

    def call(self, inputs: Any) -> Any:
        """Every column's vector."""
        spread = ops.expand_dims(self._where, -1) * ops.expand_dims(self.kernel, 1)
        flat = ops.reshape(spread, (len(self.groups), (self.columns + 1) * self.units))
        return ops.reshape(ops.matmul(inputs, flat), (-1, self.columns + 1, self.units)) + self.bias


@builtin
class FirstToken(Layer):
    """The first of several vectors.

    Shapes: (batch, vectors, units) -> (batch, units).

    Example:
    >>> FirstToken()(np.array([[[1.0], [3.0]]], "float32")).tolist()
    [[1.0]]
    """

    def call(self, inputs: Any) -> Any:
        """One vector a row."""
        return inputs[:, 0]


@builtin
class ScaledInputs(_Seeded):
    """y = x * s: each input's weight, learnt.

    Shapes: (batch, inputs) -> the same.
    Source: Holzmueller, Grinsztajn, Steinwart 2024 (RealMLP), section 3.

    Example:
    >>> ScaledInputs()(np.ones((1, 2), "float32")).tolist()
    [[1.0, 1.0]]
    """

    def build(self, shape: Sequence[int]) -> None:
        """s (inputs,)."""
        self.scale = self.add_weight((shape[-1],), "ones", name="scale")

    def call(self, inputs: Any) -> Any:
        """The inputs, scaled."""
        return inputs * self.scale


@builtin
class ScaledDense(_Seeded):
    """y = activation(x W / sqrt(inputs) + b): W begins standard normal ("neural tangent" parametrisation).

    Args:
        units: int. Outputs.
        activation: name or function (default None).
        zero: bool (default False). Whether W begins at 0: for the last layer.
        seed: int or None (default None).

    Shapes: (batch, inputs) -> (batch, units).
    Source: Jacot, Gabriel, Hongler 2018; Holzmueller, Grinsztajn, Steinwart 2024 (RealMLP), section 3.

    Example:
    >>> ScaledDense(2, zero=True)(np.ones((1, 3), "float32")).tolist()
    [[0.0, 0.0]]
    """

    settings = ("units", "activation", "zero", "seed")

    def __init__(
        self, units: int, activation: Any = None, zero: bool = False, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.units, self.zero, self.seed = int(units), bool(zero), seed
        self.activation = activations.get(activation)

    def build(self, shape: Sequence[int]) -> None:
        """W (inputs, units), b (units,)."""
        start: Any = "zeros" if self.zero else initializers.RandomNormal(stddev=1.0, seed=self.seed)
        other = None if self.seed is None else self.seed + 1
        first: Any = "zeros" if self.zero else initializers.RandomNormal(stddev=0.5, seed=other)
        self.kernel = self.add_weight((shape[-1], self.units), start, name="kernel")
        self.bias = self.add_weight((self.units,), first, name="bias")

    def call(self, inputs: Any) -> Any:
        """What the units say."""
        factor = 1.0 / float(np.sqrt(inputs.shape[-1]))
        return self.activation(ops.matmul(inputs, self.kernel) * factor + self.bias)


@builtin
class WeightedMean(_Seeded):
    """sum of w_i x_i over inputs of one shape.

    Args: shares: list of float, the w_i, one an input; they sum to 1.

    Example:
    >>> WeightedMean([0.25, 0.75])([np.ones((1, 1), "float32"), np.zeros((1, 1), "float32")]).tolist()
    [[0.25]]
    """

    settings = ("shares",)

    def __init__(self, shares: Sequence[float], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shares = [float(share) for share in shares]

    def call(self, inputs: Any) -> Any:
        """The mean."""
        total: Any = 0.0
        for share, x in zip(self.shares, inputs, strict=True):
            total = total + share * x
        return total


@builtin
class _Signs(initializers.Initializer):
    """+1 and -1 at random. Args: seed: int or None."""

    def __init__(self, seed: int | None = None) -> None:
        self.seed = seed

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        start = initializers.RandomUniform(-1.0, 1.0, seed=self.seed)(shape, dtype)
        return ops.where(start < 0, -1.0, 1.0)

    def get_config(self) -> dict[str, Any]:
        return {"seed": self.seed}
