"""Texts as numbers of tokens: what each token contributed to an answer."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import ArgumentError, UnsupportedError
from ...layers import Embedding
from ...models import Model
from .gradients import pixel_gradients

_CLOSE = 1e-4  # what the two halves of a model may differ from the whole


def token_gradients(
    model: Any, tokens: Any, *, output: int | None = None, baseline: int = 0, steps: int = 64
) -> tuple[np.ndarray, float]:
    """Integrated gradients of a text: along straight lines from the vectors of a token that says nothing to its own.

    Args:
        model: Model made by Sequential or the functional API, whose one input goes into an Embedding.
        tokens: int array (length,).
        output: int or None. Which output; default None: the largest.
        baseline: int, default 0. The number of the token that says nothing, such as padding.
        steps: int, default 64. Points on the line.

    Returns:
        float64 array (length,) of contributions, and the gap f(tokens) - f(baseline) - sum.

    Raises:
        ArgumentError: the tokens are no numbers of one text; no such output.
        UnsupportedError: the model does not begin with an Embedding, or what follows it needs a mask.

    Source: Sundararajan, Taly and Yan 2017, arXiv:1703.01365, section 6.3.

    >>> from chainrule import Sequential, layers
    >>> net = Sequential([layers.Input((3,), dtype="int32"), layers.Embedding(5, 1), layers.Flatten(),
    ...                   layers.Dense(1, kernel_initializer="ones")])
    >>> net.layers[0].set_weights([np.array([[0.0], [1.0], [2.0], [3.0], [4.0]])])
    >>> values, gap = token_gradients(net, [4, 0, 1])
    >>> values.round(3).tolist(), abs(gap) < 1e-5
    ([4.0, 0.0, 1.0], True)
    """
    numbers = np.asarray(tokens)
    if numbers.ndim != 1 or numbers.dtype.kind not in "iu":
        raise ArgumentError(f"token_gradients: expected whole numbers, one a token; got shape {numbers.shape} of "
                            f"{numbers.dtype}.")  # fmt: skip
    vectors_of, rest = _halves(model)
    both = np.stack([np.full_like(numbers, baseline), numbers])
    start, end = np.asarray(vectors_of.predict(both, verbose=0), np.float32)
    whole, joined = (np.asarray(m.predict(x, verbose=0)) for m, x in ((model, both), (rest, np.stack([start, end]))))
    if not np.allclose(whole, joined, atol=_CLOSE):
        raise UnsupportedError(
            "token_gradients: what follows the Embedding answers otherwise without its mask. Build the model with "
            "mask_zero=False."
        )
    values, gap = pixel_gradients(rest, end, output=output, baseline=start, steps=steps)
    return values.sum(-1), gap


def _halves(model: Any) -> tuple[Model, Model]:
    """The model up to the vectors of its tokens, and from there to its output."""
    found = model.layers if isinstance(model, Model) and model._graph is not None and len(model.inputs) == 1 else []
    embedding = next((layer for layer in found if isinstance(layer, Embedding)), None)
    if embedding is None:
        raise UnsupportedError(
            "token_gradients: expected a Sequential or functional model whose one input goes into an Embedding; got "
            f"{type(model).__name__}."
        )
    return Model(model.inputs[0], embedding.output), Model(embedding.output, model.outputs[0])
