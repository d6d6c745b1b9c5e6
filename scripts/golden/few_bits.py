"""Layers in few bits, or with low-rank additions: tests/golden/few_bits.json and keras_files/few_bits.keras."""

from __future__ import annotations

from typing import Any

from common import FOLDER, case, keras, np, tf, write
from keras import layers, quantizers
from layer_cases import numbers

INT4 = quantizers.Int4QuantizationConfig
WEIGHTS = quantizers.Int8QuantizationConfig(activation_quantizer=None)
LAYERS: dict[str, tuple[Any, tuple[int, ...], Any]] = {  # name: layer, shape of the inputs, what is passed to quantize
    "dense": (lambda: layers.Dense(5, activation="tanh"), (4, 6), "int8"),
    "dense of weights": (lambda: layers.Dense(3), (2, 3, 4), WEIGHTS),
    "dense 4": (lambda: layers.Dense(5), (3, 7), INT4(block_size=None)),
    "dense 4 in blocks": (lambda: layers.Dense(5), (3, 7), INT4(block_size=3)),
    "heads": (lambda: layers.EinsumDense("abc,cde->abde", (None, 2, 3), bias_axes="de"), (2, 3, 4), "int8"),
    "heads joined": (lambda: layers.EinsumDense("abcd,cde->abe", (None, 5), bias_axes="e"), (2, 2, 2, 3), "int8"),
    "turned": (lambda: layers.EinsumDense("ab,bcd->adc", (3, 2)), (2, 4), "int8"),
    "heads 4": (lambda: layers.EinsumDense("abc,cde->abde", (None, 2, 3)), (2, 3, 4), INT4(block_size=2)),
    "embedding": (lambda: layers.Embedding(7, 4), (2, 3), "int8"),
    "embedding 4": (lambda: layers.Embedding(7, 5), (2, 3), INT4(block_size=None)),
    "embedding 4 in blocks": (lambda: layers.Embedding(7, 5), (2, 3), INT4(block_size=2)),
    "tied 4": (lambda: layers.ReversibleEmbedding(7, 4), (2, 3), INT4(block_size=3)),
    "tied": (lambda: layers.ReversibleEmbedding(7, 4), (2, 3), "int8"),
    "not tied": (lambda: layers.ReversibleEmbedding(7, 4, tie_weights=False, logit_soft_cap=0.5), (2, 3), "int8"),
}  # fmt: skip


def weighted(layer: Any) -> Any:
    for k, weight in enumerate(layer.weights):
        weight.assign(numbers(weight.shape, k + 1))
    return layer


def quantized(name: str) -> dict[str, Any]:
    """The output, its gradient, and what the file would hold."""
    make, shape, how = LAYERS[name]
    whole = "embedding" in name or "tied" in name
    x = (np.abs(numbers(shape, 3)) * 7 // 1.01).astype("int32") if whole else numbers(shape, 3).astype("float32")
    layer = make()
    layer.build(shape)
    config = weighted(layer).get_config()
    layer.quantize(how if isinstance(how, str) else how.mode, config=None if isinstance(how, str) else how)
    store: dict[str, Any] = {}
    layer.save_own_variables(store)
    more: dict[str, Any] = {}
    if whole:
        y = layer(x)
        more = {"logits": layer(numbers((2, 4), 5), reverse=True)} if "tied" in name else {}
    else:
        tensor = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(tensor)
            y = layer(tensor)
            loss = tf.reduce_sum(y * tf.constant(numbers(y.shape, 4), "float32"))
        more = {"gradient": tape.gradient(loss, tensor)}
    return case(
        name=name, layer=type(layer).__name__, config=config, x=x, y=y, mode=layer.quantization_mode,
        policy=layer.dtype_policy.name, block=getattr(how, "block_size", None),
        weights_alone=not isinstance(how, str) and how.mode == "int8",
        stored=[np.asarray(store[key]).tolist() for key in sorted(store, key=int)], **more,
    )  # fmt: skip


def low_rank(layer: Any, shape: tuple[int, ...]) -> dict[str, Any]:
    """The output with an addition, and the kernel that a file would hold."""
    x = np.array([[1, 5, 2]], "int32") if isinstance(layer, layers.Embedding) else numbers(shape, 3).astype("float32")
    layer.build(shape)
    layer.enable_lora(2, lora_alpha=3)
    config = weighted(layer).get_config()
    store: dict[str, Any] = {}
    layer.save_own_variables(store)
    return case(
        layer=type(layer).__name__, config=config, x=x, y=layer(x), shapes=[w.shape for w in layer.weights],
        trainable=[w.path.split("/")[-1] for w in layer.trainable_weights],
        weights=[np.asarray(w).tolist() for w in layer.weights], merged=store["0"],
    )  # fmt: skip


def whole() -> dict[str, Any]:
    """A model in few bits, in a file."""
    i = keras.Input((4,), name="i")
    h = layers.Dense(6, activation="relu", name="h")(i)
    model = keras.Model(i, layers.Dense(2, name="o")(h))
    for k, weight in enumerate(model.weights):
        weight.assign(numbers(weight.shape, k + 1))
    model.get_layer("h").quantize("int8")
    model.get_layer("o").quantize("int4", config=INT4(block_size=4))
    model.save(FOLDER / "keras_files" / "few_bits.keras")
    x = numbers((3, 4), 7)
    return case(x=x, y=model.predict(x, verbose=0))


if __name__ == "__main__":
    write(
        "few_bits.json",
        "layers after quantize(): output, gradient of the inputs, arrays of files; layers after enable_lora(2, 3)",
        quantized=[quantized(name) for name in LAYERS],
        low_rank=[
            low_rank(layers.Dense(3), (2, 4)), low_rank(layers.EinsumDense("abc,cde->abde", (None, 2, 3)), (2, 3, 4)),
            low_rank(layers.Embedding(6, 4), (1, 3)), low_rank(layers.Conv2D(3, 2), (1, 3, 3, 2)),
        ],
        whole=[whole()],
    )  # fmt: skip
