"""What tapes, loops in plain Python and data sets give: further cases, as in step_cases.py."""

from __future__ import annotations

from typing import Any

import numpy as np

from .step_cases import LABELS, X, Y, dense, fill, numbers, outcome


def tape(tf: Any, keras: Any) -> Any:
    """What a tape answers: orders, watching, persistence, weights of the target, what does not connect."""
    x, w = tf.Variable(3.0), tf.Variable([[1.0, 2.0], [3.0, -1.0]])
    fixed = tf.Variable(2.0, trainable=False)
    c = tf.constant([0.5, -1.5])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = x**3 * tf.sin(x)
        first = inner.gradient(y, x)
    second = outer.gradient(first, x)
    with tf.GradientTape(persistent=True) as t:
        t.watch(c)
        a = tf.linalg.matvec(w, c) if hasattr(tf.linalg, "matvec") else tf.reduce_sum(w * c, axis=1)
        b = tf.reduce_sum(a * a) * fixed
        with t.stop_recording():
            hidden = a * 5.0
        text = {"a": a, "b": b}
    with tf.GradientTape(watch_accessed_variables=False) as chosen:
        chosen.watch(x)
        product = x * x * tf.reduce_sum(w)
    with tf.GradientTape(persistent=True) as assigned:
        before = x * 2.0
        x.assign(10.0)
        after = x * x
    found = {
        "orders": [first, second],
        "by w and c": t.gradient(b, [w, {"c": c}]),
        "by a": t.gradient(b, a), "of both": t.gradient(text, c), "fixed": t.gradient(b, fixed),
        "weighted": t.gradient(a, w, output_gradients=tf.constant([1.0, 10.0])),
        "hidden": t.gradient(hidden, w), "zero": t.gradient(b, x, unconnected_gradients="zero"),
        "none": t.gradient(b, x), "jacobian": t.jacobian(a, [c, w]),
        "chosen": chosen.gradient(product, [x, w]),
        "assigned": [assigned.gradient(before, x), assigned.gradient(after, x), assigned.gradient(before + after, x)],
    }  # fmt: skip
    return numbers(found)


def hessian(tf: Any, keras: Any) -> Any:
    """Second order through a network with a recurrent layer, by its weights and its inputs."""
    model = fill(keras.Sequential([keras.Input((5, 2)), keras.layers.LSTM(3), keras.layers.Dense(1)]))
    x = tf.constant(np.sin(np.arange(30, dtype="float32")).reshape(3, 5, 2))
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = tf.reduce_sum(model(x))
        slope = inner.gradient(y, x)
        penalty = tf.reduce_sum(tf.square(slope))
    return numbers([slope, outer.gradient(penalty, [x, *model.trainable_variables])])


def loop_by_hand(tf: Any, keras: Any) -> Any:
    """A loop over batches in plain Python, with and without `tf.function`."""
    found = {}
    for name in ("plain", "compiled"):
        model = dense(keras, 4, 5, 3)
        optimizer = keras.optimizers.Adam(0.01)
        loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        train_acc_metric = keras.metrics.SparseCategoricalAccuracy()
        losses = []

        def train_step(x, y, model=model, optimizer=optimizer, loss_fn=loss_fn, metric=train_acc_metric):
            with tf.GradientTape() as tape:
                logits = model(x, training=True)
                loss_value = loss_fn(y, logits)
            grads = tape.gradient(loss_value, model.trainable_weights)
            optimizer.apply_gradients(zip(grads, model.trainable_weights, strict=True))
            metric.update_state(y, logits)
            return loss_value

        step_of = train_step if name == "plain" else tf.function(train_step)
        data = tf.data.Dataset.from_tensor_slices((X, LABELS)).batch(8)
        accuracies = []
        for _ in range(2):
            for _, (x_batch, y_batch) in enumerate(data):
                losses.append(float(step_of(x_batch, y_batch)))
            accuracies.append(float(train_acc_metric.result()))
            train_acc_metric.reset_state()
        found[name] = {"losses": losses, "accuracies": accuracies, "weights": numbers(model.get_weights())}
    return found


def several_outputs(tf: Any, keras: Any) -> Any:
    """Losses, weights and metrics of several outputs, as lists and as dicts, with batches of a data set."""
    found = {}
    specs = {
        "dicts": ({"a": "mse", "b": keras.losses.SparseCategoricalCrossentropy(from_logits=True)}, {"a": 2.0, "b": 0.5},
                  {"a": ["mae", "mse"], "b": "sparse_categorical_accuracy"}),
        "lists": (["mse", keras.losses.SparseCategoricalCrossentropy(from_logits=True)], [2.0, 0.5],
                  [["mae"], ["sparse_categorical_accuracy"]]),
    }  # fmt: skip
    for name, (loss, weights, metrics) in specs.items():
        inputs = keras.Input((4,), name="x")
        a, b = keras.layers.Dense(1, name="a")(inputs), keras.layers.Dense(3, name="b")(inputs)
        model = fill(keras.Model(inputs, {"a": a, "b": b} if name == "dicts" else [a, b]))
        model.compile(optimizer=keras.optimizers.SGD(0.05), loss=loss, loss_weights=weights, metrics=metrics)
        targets = {"a": Y, "b": LABELS} if name == "dicts" else (Y, LABELS)
        data = tf.data.Dataset.from_tensor_slices((X, targets)).batch(8)
        found[name] = outcome(model, model.fit(data, epochs=2, verbose=0))
    return found


def data_sets(tf: Any, keras: Any) -> Any:
    """What pipelines give that hold nothing random: elements, sizes, specifications."""
    Dataset = tf.data.Dataset
    five, pairs = Dataset.range(5), Dataset.from_tensor_slices(({"a": [1, 2, 3]}, np.arange(6.0).reshape(3, 2)))
    growing = Dataset.from_generator(
        lambda: ((np.arange(k), k) for k in range(1, 5)),
        output_signature=(tf.TensorSpec(shape=(None,), dtype=tf.float32), tf.TensorSpec(shape=(), dtype=tf.int64)),
    )
    made = {
        "map": five.map(lambda x: x * x, num_parallel_calls=tf.data.AUTOTUNE), "batch": five.batch(2),
        "batch without rest": five.batch(2, drop_remainder=True), "filter": five.filter(lambda x: x % 2 == 0),
        "take": five.take(3), "take all": five.take(-1), "skip": five.skip(3), "skip all": five.skip(9),
        "repeat": five.repeat(2), "no repeat": five.repeat(0), "endless": five.repeat().take(7),
        "concatenate": five.concatenate(Dataset.range(2)), "enumerate": five.enumerate(start=2),
        "zip": Dataset.zip((five, Dataset.range(10, 13))), "zip of dicts": Dataset.zip({"x": five, "y": (five, five)}),
        "unbatch": five.batch(2).unbatch(), "batched again": five.batch(2).unbatch().batch(3), "cache": five.cache(),
        "prefetch": five.prefetch(tf.data.AUTOTUNE), "pairs": pairs, "batches of pairs": pairs.batch(2),
        "map of pairs": pairs.map(lambda x, y: (x["a"], tf.reduce_sum(y))), "generator": growing,
        "padded": growing.padded_batch(2), "padded to": growing.padded_batch(3, padded_shapes=([5], []),
                                                                            padding_values=(-1.0, np.int64(0))),
        "one": Dataset.from_tensors([1, 2]), "shard": five.shard(2, 1),
        "flat map": five.flat_map(lambda x: Dataset.range(x)), "batched, mapped": five.batch(2).map(lambda x: -x),
        "interleave": Dataset.range(3).interleave(lambda x: Dataset.range(x * 10, x * 10 + 3), 2, 2),
        "window": five.window(3, shift=1, drop_remainder=True).flat_map(lambda w: w.batch(3)),
        "not shuffled": five.shuffle(1), "applied": five.apply(lambda d: d.batch(5)),
        "take of batches": pairs.batch(2).take(1), "range": Dataset.range(7, 1, -2),
    }  # fmt: skip
    found: dict[str, Any] = {}
    for name, data in made.items():
        found[name] = {
            "elements": numbers(list(data.as_numpy_iterator())), "count": int(data.cardinality()),
            "first": numbers(next(iter(data), None)),
        }  # fmt: skip
    specs = {name: made[name].element_spec for name in ("batch", "batch without rest", "generator", "one", "range")}
    found["specs"] = {
        name: [[list(s.shape), getattr(s.dtype, "name", s.dtype)] for s in parts]
        for name, spec in specs.items()
        for parts in [spec if isinstance(spec, tuple) else [spec]]
    }
    shuffled = five.shuffle(5, seed=1, reshuffle_each_iteration=False)
    found["again"] = list(shuffled.as_numpy_iterator()) == list(shuffled.as_numpy_iterator())
    found["sorted"] = numbers(sorted(five.map(lambda x: x).shuffle(3).as_numpy_iterator()))
    some = five.filter(lambda x: x > 1)
    found["sizes"] = [len(five.batch(2)), int(five.repeat().cardinality()), int(some.cardinality())]
    found["reduced"] = int(five.reduce(np.int64(0), lambda total, x: total + x))
    return found


CASES = {f.__name__: f for f in (tape, hessian, loop_by_hand, several_outputs, data_sets)}
