"""Networks of keras.applications with weights that a formula gives; used by the golden script and by the tests."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np

NAMES = (
    "ConvNeXtTiny", "DenseNet121", "EfficientNetB0", "EfficientNetB3", "EfficientNetV2B0", "EfficientNetV2S",
    "InceptionResNetV2", "InceptionV3", "MobileNet", "MobileNetV2", "MobileNetV3Large", "MobileNetV3Small",
    "NASNetMobile", "ResNet50", "ResNet50V2", "VGG16", "Xception",
)  # fmt: skip
LEAST = {"InceptionResNetV2": 75, "InceptionV3": 75, "Xception": 71}


def filled(model: Any) -> None:
    """Give every weight numbers that its place and kind decide."""
    weights = []
    for k, weight in enumerate(model.weights):
        value = np.asarray(weight.numpy())
        wave = np.sin(np.arange(value.size) * 0.7 + k).reshape(value.shape)
        kind = weight.path.split("/")[-1]
        if kind in ("moving_variance", "variance"):
            wave = 1 + 0.3 * wave
        elif kind == "gamma":
            wave = 1 + 0.1 * wave
        elif kind.endswith("kernel"):
            wave = wave * np.sqrt(3 / np.prod(value.shape[:-1]))
        else:
            wave = 0.1 * wave
        weights.append(value if kind == "count" else wave.astype(value.dtype))
    model.set_weights(weights)


def image(name: str) -> np.ndarray:
    """An image of the smallest size."""
    size = LEAST.get(name, 64)
    return (np.arange(size * size * 3).reshape(1, size, size, 3) * 37 % 256).astype("float32")


def described(make: Any, name: str) -> dict[str, Any]:
    """How many weights there are, of which layers and shapes, and what comes out."""
    x = image(name)
    model = make(weights=None, classes=10, input_shape=x.shape[1:], classifier_activation=None)
    filled(model)
    named = [(layer.name, [list(w.shape) for w in layer.weights]) for layer in model.layers if layer.weights]
    named = [("" if counted(layer) else layer, shapes) for layer, shapes in named]
    return {
        "params": model.count_params(),
        "layers": len(model.layers),
        "names": hashlib.sha256(json.dumps(named).encode()).hexdigest(),
        "logits": np.asarray(model.predict(x, verbose=0)).ravel().astype("float64").round(5).tolist(),
    }


def counted(name: str) -> bool:
    """Whether a name was not given: it is the class's, with a number that depends on what else was made."""
    words = ("batch_normalization", "conv2d", "layer_normalization", "normalization")
    return name.rstrip("0123456789").rstrip("_") in words
