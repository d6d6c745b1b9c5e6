"""What is computed: the data of each network and how many floating-point operations a training step takes.

A `work` is plain data, so that it travels to processes of other environments as JSON:

    dense        units (from input to output), loss ('bce', 'mse', 'ce')
    cnn          side, filters (one convolution each, 3x3, then pooling 2x2), hidden, classes
    transformer  blocks, width, heads, tokens, causal
    lstm         units, time, features
    residual     side, blocks (a number for each of four stages), classes

and for all of them `network`, `batch` and `rows`. With `separable` the targets of 'bce' can be learned without error;
else there is noise in them, and the loss stays where it is in long training. `policy`, if there is one, is
'mixed_bfloat16': products of bfloat16, weights of float32.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Work = dict[str, Any]


def data(work: Work) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets, the same for everybody: float32, and int32 for classes."""
    random = np.random.default_rng(0)
    x = random.standard_normal((work["rows"], *input_shape(work)), dtype=np.float32)
    return x, TARGETS[loss(work)](random, x, work)


def input_shape(work: Work) -> tuple[int, ...]:
    """The shape of one row of x."""
    return {
        "dense": lambda: (work["units"][0],),
        "cnn": lambda: (work["side"], work["side"], 1),
        "transformer": lambda: (work["tokens"], work["width"]),
        "lstm": lambda: (work["time"], work["features"]),
        "residual": lambda: (work["side"], work["side"], 3),
    }[work["network"]]()


def output_shape(work: Work) -> tuple[int, ...]:
    """The shape of one row of the output."""
    return {
        "dense": lambda: (work["units"][-1],),
        "cnn": lambda: (work["classes"],),
        "transformer": lambda: (work["tokens"], work["width"]),
        "lstm": lambda: (1,),
        "residual": lambda: (work["classes"],),
    }[work["network"]]()


def loss(work: Work) -> str:
    """`bce` (one probability), `ce` (classes) or `mse`."""
    return str(work.get("loss", "ce" if "classes" in work else "mse"))


def _sign_of_the_sum(random: np.random.Generator, x: np.ndarray, work: Work) -> np.ndarray:
    total = x.reshape(len(x), -1).sum(axis=1, keepdims=True)
    if not work.get("separable"):
        total += random.normal(0, total.std(), total.shape).astype(np.float32)
    return (total > 0).astype(np.float32)


def _numbers(random: np.random.Generator, x: np.ndarray, work: Work) -> np.ndarray:
    return random.standard_normal((len(x), *output_shape(work)), dtype=np.float32)


def _classes(random: np.random.Generator, x: np.ndarray, work: Work) -> np.ndarray:
    return random.integers(0, output_shape(work)[0], len(x)).astype(np.int32)


TARGETS: dict[str, Callable[..., np.ndarray]] = {"bce": _sign_of_the_sum, "mse": _numbers, "ce": _classes}


def steps(work: Work) -> int:
    """Training steps in an epoch."""
    return int(work["rows"] // work["batch"])


def operations(work: Work) -> int:
    """Floating-point operations of one training step: products and convolutions, a multiplication and an addition each.

    Each product is done three times (forward, gradient by the weights, gradient by the input); the first one twice,
    for nobody needs the gradient by the data. What is done element by element is not counted.
    """
    first, *others = PRODUCTS[work["network"]](work)
    return 2 * int(work["batch"]) * (2 * first + 3 * sum(others))


def _dense_products(work: Work) -> list[int]:
    return [a * b for a, b in zip(work["units"], work["units"][1:], strict=False)]


def _cnn_products(work: Work) -> list[int]:
    side, channels, found = work["side"], 1, []
    for filters in work["filters"]:
        found.append((side - 2) ** 2 * 9 * channels * filters)
        side, channels = (side - 2) // 2, filters
    return [*found, side**2 * channels * work["hidden"], work["hidden"] * work["classes"]]


def _transformer_products(work: Work) -> list[int]:
    """The input of the first block passes through a normalization that is trained, so its gradient is needed."""
    tokens, width = work["tokens"], work["width"]
    block = tokens * (4 * width**2 + 8 * width**2) + 2 * tokens**2 * width
    return [0] + [block] * work["blocks"]


def _lstm_products(work: Work) -> list[int]:
    gates = 4 * work["units"] * work["time"]
    return [gates * work["features"], gates * work["units"], work["units"]]


PRODUCTS: dict[str, Callable[[Work], list[int]]] = {
    "dense": _dense_products, "cnn": _cnn_products, "transformer": _transformer_products, "lstm": _lstm_products,
}  # fmt: skip

