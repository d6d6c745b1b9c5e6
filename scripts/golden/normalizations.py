"""Batch renormalization and older settings of normalizations: tests/golden/normalizations.json."""

from __future__ import annotations

from typing import Any

from common import case, keras, np, tf, write
from keras import layers
from layer_cases import numbers

LIMITS = {"rmin": 0.4, "rmax": 2.0, "dmax": 0.3}
CASES: dict[str, dict[str, Any]] = {
    "renorm": {"layer": "BatchNormalization", "renorm": True, "momentum": 0.7, "renorm_momentum": 0.6},
    "limited": {"layer": "BatchNormalization", "renorm": True, "renorm_clipping": LIMITS, "momentum": 0.7, "axis": 1},
    "without gamma": {"layer": "BatchNormalization", "renorm": True, "scale": False, "renorm_momentum": 0.5},
    "rms": {"layer": "LayerNormalization", "rms_scaling": True},
}  # fmt: skip


def described(name: str) -> dict[str, Any]:
    """Two calls in training, with gradients, then one that is none."""
    settings = dict(CASES[name])
    layer = getattr(layers, settings.pop("layer"))(**settings)
    shape = (4, 3, 2)
    layer.build(shape)
    for k, weight in enumerate(layer.trainable_weights):
        weight.assign(numbers(weight.shape, k + 1) + 1)
    is_batch = isinstance(layer, layers.BatchNormalization)
    calls = []
    for seed in (3, 4):
        x = tf.constant(numbers(shape, seed) * 2 + 0.5, "float32")
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, training=True) if is_batch else layer(x)
            loss = tf.reduce_sum(y * tf.constant(numbers(shape, 5), "float32"))
        gradients = tape.gradient(loss, [x, *layer.trainable_weights])
        calls.append(case(x=x, y=y, gradients=[np.asarray(g).tolist() for g in gradients]))
    return case(
        name=name, class_name=type(layer).__name__, settings=settings, calls=calls, after=layer(x),
        weights=[[w.name, np.asarray(w).tolist()] for w in layer.weights],
    )  # fmt: skip


if __name__ == "__main__":
    keras.config.set_floatx("float32")
    write(
        "normalizations.json", "two calls in training with gradients of inputs and weights, one call after, weights",
        cases=[described(name) for name in CASES],
    )  # fmt: skip
