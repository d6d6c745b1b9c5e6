"""Keras's API, which is chainrule's: the same lines build and train with either library.

Options: `library` ('chainrule' or 'keras'), `steps_per_execution`, `call` ('predict', 'model' or 'predict_on_batch').
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from .. import work as works
from ..work import Work

POLICIES = {"chainrule": "chainrule.dtype_policies", "keras": "keras.config"}  # where `set_dtype_policy` is
LOSSES = {"bce": "binary_crossentropy", "mse": "mean_squared_error", "ce": "sparse_categorical_crossentropy"}
LAST = {"bce": "sigmoid", "mse": None, "ce": "softmax"}


def library_of(options: dict[str, Any]) -> Any:
    """The module, silent."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    return import_module(options["library"])


def train(work: Work, options: dict[str, Any]) -> Callable[[int], float]:
    """`fit` for so many epochs, in one call."""
    model = compiled(work, options)
    x, y = works.data(work)

    def run(times: int) -> float:
        return float(model.fit(x, y, batch_size=work["batch"], epochs=times, verbose=0).history["loss"][-1])

    return run


def predict(work: Work, options: dict[str, Any]) -> Callable[[int], None]:
    """So many calls with one row each."""
    model = compiled(work, options)
    x = works.data({**work, "rows": 1})[0]
    call = {
        "predict": lambda: model.predict(x, verbose=0),
        "predict_on_batch": lambda: model.predict_on_batch(x),
        "model": lambda: np.asarray(model(x)),
    }[options.get("call", "predict")]

    def run(times: int) -> None:
        for _ in range(times):
            call()

    return run


def compiled(work: Work, options: dict[str, Any]) -> Any:
    """The network of a work, with Adam and its loss."""
    library = library_of(options)
    library.utils.clear_session()
    import_module(POLICIES[options["library"]]).set_dtype_policy(work.get("policy", "float32"))
    model = NETWORKS[work["network"]](library, work)
    execution = {k: options[k] for k in ("steps_per_execution",) if k in options}
    model.compile(optimizer="adam", loss=LOSSES[works.loss(work)], **execution)
    return model


def _dense(library: Any, work: Work) -> Any:
    layers, units = library.layers, work["units"]
    hidden = [layers.Dense(n, activation="relu") for n in units[1:-1]]
    last = layers.Dense(units[-1], activation=LAST[works.loss(work)])
    return library.Sequential([library.Input((units[0],)), *hidden, last])


def _cnn(library: Any, work: Work) -> Any:
    layers = library.layers
    pairs = [(layers.Conv2D(n, 3, activation="relu"), layers.MaxPooling2D()) for n in work["filters"]]
    body = [layer for pair in pairs for layer in pair]
    head = [layers.Dense(work["hidden"], activation="relu"), layers.Dense(work["classes"], activation="softmax")]
    return library.Sequential([library.Input(works.input_shape(work)), *body, layers.Flatten(), *head])


def _transformer(library: Any, work: Work) -> Any:
    layers, width, heads = library.layers, work["width"], work["heads"]
    inputs = x = library.Input(works.input_shape(work))
    for _ in range(work["blocks"]):
        normal = layers.LayerNormalization()(x)
        attention = layers.MultiHeadAttention(heads, width // heads)
        x = layers.Add()([x, attention(normal, normal, use_causal_mask=work["causal"])])
        hidden = layers.Dense(4 * width, activation="gelu")(layers.LayerNormalization()(x))
        x = layers.Add()([x, layers.Dense(width)(hidden)])
    return library.Model(inputs, x)


def _lstm(library: Any, work: Work) -> Any:
    layers = library.layers
    return library.Sequential([library.Input(works.input_shape(work)), layers.LSTM(work["units"]), layers.Dense(1)])


def _residual(library: Any, work: Work) -> Any:
    """With 3, 4, 6 and 3 blocks, 50 layers that have weights (He et al. 2015, "Deep residual learning", table 1)."""
    layers = library.layers
    inputs = library.Input(works.input_shape(work))
    x = layers.MaxPooling2D(3, 2, padding="same")(_convolved(layers, inputs, 64, 7, 2))
    for stage, blocks in enumerate(work["blocks"]):
        for block in range(blocks):
            x = _bottleneck(layers, x, 64 * 2**stage, 2 if stage and not block else 1, widen=not block)
    return library.Model(inputs, layers.Dense(work["classes"], "softmax")(layers.GlobalAveragePooling2D()(x)))


def _bottleneck(layers: Any, x: Any, filters: int, stride: int, widen: bool) -> Any:
    """Three convolutions and a way around them."""
    around = _convolved(layers, x, 4 * filters, 1, stride, relu=False) if widen else x
    x = _convolved(layers, _convolved(layers, x, filters, 1, stride), filters, 3)
    x = _convolved(layers, x, 4 * filters, 1, relu=False)
    return layers.Activation("relu")(layers.Add()([around, x]))


def _convolved(layers: Any, x: Any, filters: int, size: int, stride: int = 1, relu: bool = True) -> Any:
    """Convolution, normalization over the batch, relu."""
    x = layers.Conv2D(filters, size, stride, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    return layers.Activation("relu")(x) if relu else x


NETWORKS: dict[str, Callable[[Any, Work], Any]] = {
    "dense": _dense, "cnn": _cnn, "transformer": _transformer, "lstm": _lstm, "residual": _residual,
}  # fmt: skip
