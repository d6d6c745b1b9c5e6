"""Batches whose inputs hold text: what the model makes of it takes its place, before a Program is made or run."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir import Tensor, eager
from ..ir.tree import map_structure
from ..layers.preprocessing.reading import Reading, seen, texts_in, with_texts
from ..layers.preprocessing.strings import text_array
from ..ops.symbolic import KerasTensor
from ..variables import StateScope, structure_version
from . import custom

_ROWS = 32  # of arrays, on which the model is tried out


def without_text(model: Any, kind: str, item: Any) -> Any:
    """A batch as a data set yields it, with numbers in place of the text among its inputs.

    Args: model; kind: "train", "test" or "predict"; item: x, (x, y) or (x, y, sample weight).
    """
    x, *others = item if isinstance(item, tuple) and item else (item,)
    if not (custom.is_own(model, kind) or custom.callable_on_data(model)):
        return item
    texts = [text_array(text) for text in texts_in(x)]
    if not texts:
        return item
    key = (kind, len(texts))
    known = model._engine.readings.get(key)
    if known is None or known[0] != structure_version():
        reading = _tried_out(model, kind, item)
        known = model._engine.readings[key] = (structure_version(), reading)
    x = with_texts(x, known[1].read(texts))
    return (x, *others) if isinstance(item, tuple) else x


def _tried_out(model: Any, kind: str, item: Any) -> Reading:
    """What the model makes of the texts of a batch, found out on some of its rows; what that assigns is forgotten."""
    rows = slice(0, _ROWS)
    x, *others = item if isinstance(item, tuple) else (item,)
    texts = [text_array(text) for text in texts_in(x)]
    reading = Reading(len(texts))
    followed = with_texts(x, [seen(text[rows], reading, k) for k, text in enumerate(texts)])
    batch = map_structure(lambda part: _first(part, rows), (followed, *others))
    if model._input_symbols is None:
        model._input_symbols = map_structure(_symbol, batch[0])
    with eager(), StateScope(), model._as_compiled():
        if custom.is_own(model, kind):
            custom.call(model, kind, batch if isinstance(item, tuple) else batch[0])
        else:
            model._forward(batch[0], training=kind == "train")
    return reading


def _first(part: Any, rows: slice) -> Any:
    if part is None or hasattr(part, "reading"):
        return part
    array = np.asarray(part)
    return Tensor(array[rows].astype("float32") if array.dtype == np.float64 else array[rows])


def _symbol(part: Any) -> Any:
    return KerasTensor((None, *part.shape[1:]), "string" if hasattr(part, "reading") else str(part.dtype))
