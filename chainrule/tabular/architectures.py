"""What the networks for tables look like: one function an architecture, from the encoded row to the answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .. import activations, initializers, layers
from .blocks import (
    FeatureTokens,
    FirstToken,
    MemberDense,
    MemberHeads,
    MemberMean,
    PeriodicNumbers,
    ScaledDense,
    ScaledInputs,
)


@dataclass(frozen=True)
class Layout:
    """What the inputs of a network are.

    Args:
        width: int. Inputs.
        groups: tuple of int. For each input the number of its column, from 0.
        numbers: tuple of int. Positions of the inputs that are standardised numbers.
        pieces: tuple of int. Positions of those that are pieces of numbers.
    """

    width: int
    groups: tuple[int, ...]
    numbers: tuple[int, ...] = ()
    pieces: tuple[int, ...] = ()

    @property
    def without_pieces(self) -> list[int]:
        """Positions of all inputs that are no pieces."""
        left_out = set(self.pieces)
        return [place for place in range(self.width) if place not in left_out]

    @staticmethod
    def plain(width: int) -> Layout:
        """Every input a column of its own; none known to be a number."""
        return Layout(width, tuple(range(width)))

    @staticmethod
    def of(encoder: Any) -> Layout:
        """The inputs that a `TableEncoder` makes.

        >>> from chainrule.data import Table, TableEncoder
        >>> from chainrule.data.columns import inspect_columns
        >>> table = Table.from_columns({"sex": list("mff"), "age": [20.5, 25.1, 30.2]})
        >>> Layout.of(TableEncoder().fit(table, inspect_columns(table)))
        Layout(width=3, groups=(0, 0, 1), numbers=(2,), pieces=())
        """
        groups: list[int] = []
        numbers: list[int] = []
        pieces: list[int] = []
        for place, code in enumerate(encoder.codes):
            if code.kind == "number":
                numbers.append(len(groups))
                pieces += range(len(groups) + 1, len(groups) + len(code.edges))
            groups += [place] * len(code.outputs)
        return Layout(len(groups), tuple(groups), tuple(numbers), tuple(pieces))


@dataclass(frozen=True)
class Making:
    """What an architecture is made from.

    Args:
        layout: Layout.
        plan: Plan. Sizes and dropout.
        units: int. Outputs.
        activation: str or None. Of the outputs.
        seeds: iterator of int. A seed for each start of weights and each dropout.
    """

    layout: Layout
    plan: Any
    units: int
    activation: str | None
    seeds: Iterator[int]

    def dropped(self, x: Any, name: str) -> Any:
        """With the plan's dropout, if there is one."""
        return layers.Dropout(self.plan.dropout, seed=next(self.seeds), name=name)(x) if self.plan.dropout else x

    def dense(self, x: Any, units: int, name: str, activation: str | None = None) -> Any:
        """A dense layer that begins as He et al. 2015 say."""
        start: Any = initializers.HeNormal(seed=next(self.seeds))
        return layers.Dense(units, activation=activation, kernel_initializer=start, name=name)(x)

    def answer(self, x: Any) -> Any:
        """The output layer."""
        start = initializers.GlorotUniform(seed=next(self.seeds))
        return layers.Dense(self.units, activation=self.activation, kernel_initializer=start, name="output")(x)


def mlp(row: Any, made: Making) -> Any:
    """Dense layers of ReLU units with dropout."""
    return made.answer(_hidden(row, made))


def _hidden(row: Any, made: Making) -> Any:
    x = row
    for position, units in enumerate(made.plan.layers, start=1):
        x = made.dropped(made.dense(x, units, f"hidden_{position}", "relu"), f"dropout_{position}")
    return x


def resnet(row: Any, made: Making) -> Any:
    """x + Dropout(W2 Dropout(ReLU(W1 BatchNorm(x)))) a block, of twice the width inside.

    Source: Gorishniy, Rubachev, Khrulkov, Babenko 2021, section 3.2.
    """
    width = made.plan.layers[0] if made.plan.layers else 1
    x = made.dense(row, width, "first")
    for position, units in enumerate(made.plan.layers, start=1):
        h = layers.BatchNormalization(name=f"norm_{position}")(x)
        h = made.dropped(made.dense(h, 2 * units, f"widen_{position}", "relu"), f"dropout_{position}")
        h = made.dense(h, width, f"narrow_{position}")
        x = layers.Add(name=f"block_{position}")([x, h])
    x = layers.BatchNormalization(name="norm_last")(x)
    return made.answer(layers.Activation("relu", name="relu_last")(x))


def tabm(row: Any, made: Making) -> Any:
    """Members that share the matrices of their hidden layers and differ in scales, biases and output layers.

    Source: Gorishniy, Kotelnikov, Babenko 2025 (TabM), section 3.
    """
    x = row
    for position, units in enumerate(made.plan.layers, start=1):
        layer = MemberDense(
            units, made.plan.members, "relu", spread=position == 1, seed=next(made.seeds), name=f"hidden_{position}"
        )
        x = made.dropped(layer(x), f"dropout_{position}")
    if not made.plan.layers:
        x = layers.RepeatVector(made.plan.members, name="members")(row)
    x = MemberHeads(made.units, made.activation, seed=next(made.seeds), name="output")(x)
    return MemberMean(name="mean")(x)


def realmlp(row: Any, made: Making) -> Any:
    """Numbers beside waves of them instead of pieces, learnt scales, wide scaled layers, an output that begins at 0.

    Source: Holzmueller, Grinsztajn, Steinwart 2024 (RealMLP), section 3 and appendix A. Left out: learning rates by
    kind of weight; label smoothing, which spoils probabilities.
    """
    waves = PeriodicNumbers(made.layout.numbers, made.layout.without_pieces, seed=next(made.seeds), name="waves")
    x = waves(row)
    x = ScaledInputs(name="scale")(x)
    activation = "mish" if made.activation is None else "selu"
    for position, units in enumerate(made.plan.layers, start=1):
        x = ScaledDense(units, activation, seed=next(made.seeds), name=f"hidden_{position}")(x)
        x = made.dropped(x, f"dropout_{position}")
    return ScaledDense(made.units, made.activation, zero=True, seed=next(made.seeds), name="output")(x)


def wide_and_deep(row: Any, made: Making) -> Any:
    """A linear model beside a dense network; their answers are added before the activation.

    Source: Cheng et al. 2016, eq. 3.
    """
    deep = made.dense(_hidden(row, made), made.units, "deep")
    wide = made.dense(row, made.units, "wide")
    both = layers.Add(name="sum")([wide, deep])
    return layers.Activation(activations.get(made.activation), name="output")(both)


def ft_transformer(row: Any, made: Making) -> Any:
    """A vector for each column; the vectors attend to one another; the answer is read from one that is no column's.

    Source: Gorishniy, Rubachev, Khrulkov, Babenko 2021, section 3.3 (ReLU for ReGLU).
    """
    width = made.plan.layers[0] if made.plan.layers else 8
    x = FeatureTokens(made.layout.groups, width, seed=next(made.seeds), name="tokens")(row)
    for position, units in enumerate(made.plan.layers, start=1):
        h = x if position == 1 else layers.LayerNormalization(name=f"norm_{position}")(x)
        start: Any = initializers.GlorotUniform(seed=next(made.seeds))
        heads = layers.MultiHeadAttention(
            4, max(1, width // 4), kernel_initializer=start, seed=next(made.seeds), name=f"heads_{position}"
        )
        x = layers.Add(name=f"attended_{position}")([x, made.dropped(heads(h, h), f"dropout_{position}")])
        h = layers.LayerNormalization(name=f"norm_inside_{position}")(x)
        h = made.dense(made.dense(h, 2 * units, f"widen_{position}", "relu"), width, f"narrow_{position}")
        x = layers.Add(name=f"block_{position}")([x, h])
    answer = layers.LayerNormalization(name="norm_last")(FirstToken(name="first")(x))
    return made.answer(layers.Activation("relu", name="relu_last")(answer))
