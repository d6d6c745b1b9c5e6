"""Names of layers made from names of classes."""

from __future__ import annotations

import re


def snake_case(name: str) -> str:
    """`BatchNormalization` -> `batch_normalization`.

    >>> snake_case("Conv2DTranspose"), snake_case("ReLU")
    ('conv2d_transpose', 're_lu')
    """
    text = re.sub(r"\W+", "", name)
    text = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", text)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", text).lower()
