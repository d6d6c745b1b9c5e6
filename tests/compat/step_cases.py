"""Trainings with steps and loops of the user's own, as the examples of Keras and TensorFlow write them.

Each case is a function of the modules `tf` and `keras`; it returns plain numbers. scripts/golden/steps.py runs them on
the real ones, test_steps.py on chainrule. Nothing in them is random.
"""

from __future__ import annotations

from typing import Any

import numpy as np

X = np.sin(np.arange(120, dtype="float32") * 1.7).reshape(30, 4)
Y = (X @ np.array([[1.0], [-0.5], [0.25], [2.0]], "float32") + 0.1).astype("float32")
LABELS = (np.arange(30) * 7 % 3).astype("int32")
IMAGES = (np.cos(np.arange(30 * 6) * 0.9).reshape(30, 6) * 0.5 + 0.5).astype("float32")


def fill(model: Any) -> Any:
    """Weights that are the same everywhere."""
    for k, variable in enumerate(model.weights):
        count = int(np.prod(variable.shape))
        variable.assign((np.sin(np.arange(count) * 0.7 + k) * 0.4).reshape(tuple(variable.shape)).astype("float32"))
    return model


def numbers(tree: Any) -> Any:
    """Tensors, Variables and arrays as nested lists."""
    if isinstance(tree, dict):
        return {key: numbers(value) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [numbers(value) for value in tree]
    return None if tree is None else np.asarray(tree).tolist()


def outcome(model: Any, history: Any) -> dict[str, Any]:
    return {"history": history.history, "weights": numbers(model.get_weights())}


def dense(keras: Any, inputs: int, *units: int, last: str | None = None) -> Any:
    """A network of dense layers, filled."""
    made = [keras.layers.Dense(n, activation="tanh") for n in units[:-1]]
    return fill(keras.Sequential([keras.Input((inputs,)), *made, keras.layers.Dense(units[-1], activation=last)]))


def gan(tf: Any, keras: Any) -> Any:
    """Two optimizers in one step. The latent vectors are made from the data."""

    class GAN(keras.Model):
        def __init__(self, discriminator, generator):
            super().__init__()
            self.discriminator = discriminator
            self.generator = generator

        def compile(self, d_optimizer, g_optimizer, loss_fn):
            super().compile()
            self.d_optimizer = d_optimizer
            self.g_optimizer = g_optimizer
            self.loss_fn = loss_fn
            self.d_loss_metric = keras.metrics.Mean(name="d_loss")
            self.g_loss_metric = keras.metrics.Mean(name="g_loss")

        @property
        def metrics(self):
            return [self.d_loss_metric, self.g_loss_metric]

        def train_step(self, real_images):
            batch_size = tf.shape(real_images)[0]
            latent = real_images[:, :2] * 3.0
            generated = self.generator(latent)
            combined = tf.concat([generated, real_images], axis=0)
            labels = tf.concat([tf.ones((batch_size, 1)), tf.zeros((batch_size, 1))], axis=0)
            with tf.GradientTape() as tape:
                d_loss = self.loss_fn(labels, self.discriminator(combined))
            grads = tape.gradient(d_loss, self.discriminator.trainable_weights)
            self.d_optimizer.apply_gradients(zip(grads, self.discriminator.trainable_weights, strict=True))
            with tf.GradientTape() as tape:
                g_loss = self.loss_fn(tf.zeros((batch_size, 1)), self.discriminator(self.generator(latent)))
            grads = tape.gradient(g_loss, self.generator.trainable_weights)
            self.g_optimizer.apply_gradients(zip(grads, self.generator.trainable_weights, strict=True))
            self.d_loss_metric.update_state(d_loss)
            self.g_loss_metric.update_state(g_loss)
            return {"d_loss": self.d_loss_metric.result(), "g_loss": self.g_loss_metric.result()}

    model = GAN(dense(keras, 6, 5, 1), dense(keras, 2, 5, 6, last="sigmoid"))
    model.compile(
        d_optimizer=keras.optimizers.Adam(0.01), g_optimizer=keras.optimizers.SGD(0.1, momentum=0.9),
        loss_fn=keras.losses.BinaryCrossentropy(from_logits=True),
    )  # fmt: skip
    return outcome(model, model.fit(IMAGES, batch_size=8, epochs=3, shuffle=False, verbose=0))


def gradient_penalty(tf: Any, keras: Any) -> Any:
    """A tape inside a tape, and several updates of the critic a step."""

    class WGAN(keras.Model):
        def __init__(self, critic, generator):
            super().__init__()
            self.critic, self.generator, self.steps, self.weight = critic, generator, 2, 10.0

        def gradient_penalty(self, real, fake):
            interpolated = real + 0.3 * (fake - real)
            with tf.GradientTape() as gp_tape:
                gp_tape.watch(interpolated)
                pred = self.critic(interpolated, training=True)
            grads = gp_tape.gradient(pred, [interpolated])[0]
            norm = tf.sqrt(tf.reduce_sum(tf.square(grads), axis=[1]))
            return tf.reduce_mean((norm - 1.0) ** 2)

        def train_step(self, real):
            if isinstance(real, tuple):
                real = real[0]
            latent = real[:, 1:3]
            for _ in range(self.steps):
                with tf.GradientTape() as tape:
                    fake = self.generator(latent, training=True)
                    cost = tf.reduce_mean(self.critic(fake)) - tf.reduce_mean(self.critic(real))
                    loss = cost + self.gradient_penalty(real, fake) * self.weight
                gradients = tape.gradient(loss, self.critic.trainable_variables)
                self.optimizer.apply_gradients(zip(gradients, self.critic.trainable_variables, strict=True))
            return {"loss": loss, "cost": cost}

    model = WGAN(dense(keras, 6, 4, 1), dense(keras, 2, 6, last="sigmoid"))
    model.compile(optimizer=keras.optimizers.SGD(0.02))
    return outcome(model, model.fit(IMAGES, batch_size=10, epochs=2, shuffle=False, verbose=0))


def autoencoder(tf: Any, keras: Any) -> Any:
    """A variational autoencoder whose sample is the mean."""
    ops = keras.ops

    class VAE(keras.Model):
        def __init__(self, encoder, decoder, **kwargs):
            super().__init__(**kwargs)
            self.encoder = encoder
            self.decoder = decoder
            self.total_loss_tracker = keras.metrics.Mean(name="total_loss")
            self.reconstruction_loss_tracker = keras.metrics.Mean(name="reconstruction_loss")
            self.kl_loss_tracker = keras.metrics.Mean(name="kl_loss")

        @property
        def metrics(self):
            return [self.total_loss_tracker, self.reconstruction_loss_tracker, self.kl_loss_tracker]

        def losses_of(self, data):
            z_mean, z_log_var = ops.split(self.encoder(data), 2, axis=1)
            reconstruction = self.decoder(z_mean)
            reconstruction_loss = ops.mean(
                ops.sum(keras.losses.binary_crossentropy(data[:, :, None], reconstruction[:, :, None]), axis=1)
            )
            kl_loss = -0.5 * (1 + z_log_var - ops.square(z_mean) - ops.exp(z_log_var))
            return reconstruction_loss, ops.mean(ops.sum(kl_loss, axis=1))

        def train_step(self, data):
            with tf.GradientTape() as tape:
                reconstruction_loss, kl_loss = self.losses_of(data)
                total_loss = reconstruction_loss + kl_loss
            grads = tape.gradient(total_loss, self.trainable_weights)
            self.optimizer.apply_gradients(zip(grads, self.trainable_weights, strict=True))
            self.total_loss_tracker.update_state(total_loss)
            self.reconstruction_loss_tracker.update_state(reconstruction_loss)
            self.kl_loss_tracker.update_state(kl_loss)
            return {
                "loss": self.total_loss_tracker.result(),
                "reconstruction_loss": self.reconstruction_loss_tracker.result(),
                "kl_loss": self.kl_loss_tracker.result(),
            }

        def test_step(self, data):
            reconstruction_loss, kl_loss = self.losses_of(data)
            return {"loss": reconstruction_loss + kl_loss}

    model = VAE(dense(keras, 6, 5, 4), dense(keras, 2, 5, 6, last="sigmoid"))
    model.compile(optimizer=keras.optimizers.Adam(0.01))
    history = model.fit(IMAGES, epochs=3, batch_size=8, shuffle=False, verbose=0, validation_data=(IMAGES,))
    return outcome(model, history)


def distillation(tf: Any, keras: Any) -> Any:
    """A teacher and a student; the optimizer trains one of them, metrics come from `compile`."""

    class Distiller(keras.Model):
        def __init__(self, student, teacher):
            super().__init__()
            self.teacher = teacher
            self.student = student

        def compile(self, optimizer, metrics, student_loss_fn, distillation_loss_fn, alpha=0.1, temperature=3):
            super().compile(optimizer=optimizer, metrics=metrics)
            self.student_loss_fn = student_loss_fn
            self.distillation_loss_fn = distillation_loss_fn
            self.alpha = alpha
            self.temperature = temperature

        def call(self, x):
            return self.student(x)

        def train_step(self, data):
            x, y = data
            teacher_predictions = self.teacher(x, training=False)
            with tf.GradientTape() as tape:
                student_predictions = self.student(x, training=True)
                student_loss = self.student_loss_fn(y, student_predictions)
                distillation_loss = (
                    self.distillation_loss_fn(
                        tf.nn.softmax(teacher_predictions / self.temperature, axis=1),
                        tf.nn.softmax(student_predictions / self.temperature, axis=1),
                    )
                    * self.temperature**2
                )
                loss = self.alpha * student_loss + (1 - self.alpha) * distillation_loss
            trainable_vars = self.student.trainable_variables
            gradients = tape.gradient(loss, trainable_vars)
            self.optimizer.apply_gradients(zip(gradients, trainable_vars, strict=True))
            for metric in self.metrics:
                if metric.name != "loss":
                    metric.update_state(y, student_predictions)
            results = {"student_loss": student_loss, "distillation_loss": distillation_loss}
            return results

        def test_step(self, data):
            x, y = data
            loss = self.student_loss_fn(y, self.student(x, training=False))
            return {"student_loss": loss}

    model = Distiller(student=dense(keras, 4, 3), teacher=dense(keras, 4, 8, 3))
    model.compile(
        optimizer=keras.optimizers.Adam(0.02),
        metrics=[keras.metrics.SparseCategoricalAccuracy()],
        student_loss_fn=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        distillation_loss_fn=keras.losses.KLDivergence(),
        alpha=0.1,
        temperature=2,
    )
    history = model.fit(X, LABELS, batch_size=16, epochs=3, shuffle=False, verbose=0, validation_data=(X, LABELS))
    return outcome(model, history) | {"evaluate": model.evaluate(X, LABELS, verbose=0, return_dict=True)}


def contrastive(tf: Any, keras: Any) -> Any:
    """Two data sets with batches of different sizes, side by side; two networks with an optimizer each."""

    class ContrastiveModel(keras.Model):
        def __init__(self):
            super().__init__()
            self.temperature = 0.1
            self.encoder = dense(keras, 4, 6, 5)
            self.projection_head = dense(keras, 5, 4)
            self.linear_probe = dense(keras, 5, 3)

        def compile(self, contrastive_optimizer, probe_optimizer, **kwargs):
            super().compile(**kwargs)
            self.contrastive_optimizer = contrastive_optimizer
            self.probe_optimizer = probe_optimizer
            self.probe_loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
            self.contrastive_loss_tracker = keras.metrics.Mean(name="c_loss")
            self.similarity = keras.metrics.Mean(name="c_sim")
            self.probe_loss_tracker = keras.metrics.Mean(name="p_loss")

        @property
        def metrics(self):
            return [self.contrastive_loss_tracker, self.similarity, self.probe_loss_tracker]

        def contrastive_loss(self, projections_1, projections_2):
            projections_1 = tf.math.l2_normalize(projections_1, axis=1)
            projections_2 = tf.math.l2_normalize(projections_2, axis=1)
            similarities = tf.matmul(projections_1, projections_2, transpose_b=True) / self.temperature
            batch_size = tf.shape(projections_1)[0]
            labels = tf.range(batch_size)
            self.similarity.update_state(tf.reduce_mean(similarities))
            loss_of = keras.losses.sparse_categorical_crossentropy
            loss_1_2 = loss_of(labels, similarities, from_logits=True)
            loss_2_1 = loss_of(labels, tf.transpose(similarities), from_logits=True)
            return (loss_1_2 + loss_2_1) / 2

        def train_step(self, data):
            (unlabeled, _), (labeled, labels) = data
            images = tf.concat((unlabeled, labeled), axis=0)
            augmented_1, augmented_2 = images * 1.1, tf.tanh(images)
            with tf.GradientTape() as tape:
                projections_1 = self.projection_head(self.encoder(augmented_1, training=True), training=True)
                projections_2 = self.projection_head(self.encoder(augmented_2, training=True), training=True)
                contrastive_loss = tf.reduce_mean(self.contrastive_loss(projections_1, projections_2))
            weights = self.encoder.trainable_weights + self.projection_head.trainable_weights
            gradients = tape.gradient(contrastive_loss, weights)
            self.contrastive_optimizer.apply_gradients(zip(gradients, weights, strict=True))
            self.contrastive_loss_tracker.update_state(contrastive_loss)
            with tf.GradientTape() as tape:
                probe_loss = self.probe_loss(labels, self.linear_probe(self.encoder(labeled, training=False)))
            gradients = tape.gradient(probe_loss, self.linear_probe.trainable_weights)
            self.probe_optimizer.apply_gradients(zip(gradients, self.linear_probe.trainable_weights, strict=True))
            self.probe_loss_tracker.update_state(probe_loss)
            return {m.name: m.result() for m in self.metrics}

        def test_step(self, data):
            labeled, labels = data
            return {"p_loss": self.probe_loss(labels, self.linear_probe(self.encoder(labeled, training=False)))}

    unlabeled = tf.data.Dataset.from_tensor_slices((X, LABELS)).batch(8)
    labeled = tf.data.Dataset.from_tensor_slices((np.sin(X[::-1] * 3 + 1), LABELS[::-1].copy())).batch(5)
    data = tf.data.Dataset.zip((unlabeled, labeled)).prefetch(buffer_size=tf.data.AUTOTUNE)
    model = ContrastiveModel()
    model.compile(keras.optimizers.Adam(0.01), keras.optimizers.Adam(0.02))
    test = tf.data.Dataset.from_tensor_slices((X, LABELS)).batch(30)
    return outcome(model, model.fit(data, epochs=3, validation_data=test, verbose=0))


def by_hand(tf: Any, keras: Any) -> Any:
    """The first example of the guide: compute_loss, apply, a loop over the metrics of `compile`."""

    class CustomModel(keras.Model):
        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compute_loss(y=y, y_pred=y_pred)
            trainable_vars = self.trainable_variables
            gradients = tape.gradient(loss, trainable_vars)
            self.optimizer.apply(gradients, trainable_vars)
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred)
            return {m.name: m.result() for m in self.metrics if m.name == "loss"}

    inputs = keras.Input(shape=(4,))
    hidden = keras.layers.Dense(3, activation="tanh", kernel_regularizer="l2")(inputs)
    model = fill(CustomModel(inputs, keras.layers.Dense(1)(hidden)))
    model.compile(optimizer="adam", loss="mse", metrics=["mae"])
    return outcome(model, model.fit(X, Y, epochs=3, shuffle=False, verbose=0, batch_size=7))


def with_weights(tf: Any, keras: Any) -> Any:
    """Sample weights, compute_metrics, a predict_step, and `super().train_step`."""

    class Weighted(keras.Model):
        def train_step(self, data):
            if len(data) == 3:
                x, y, sample_weight = data
            else:
                sample_weight = None
                x, y = data
            with tf.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compute_loss(y=y, y_pred=y_pred, sample_weight=sample_weight)
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            return self.compute_metrics(x, y, y_pred, sample_weight)

        def predict_step(self, data):
            return self(data, training=False) * 100.0

    class Doubled(keras.Model):
        def train_step(self, data):
            x, y = data
            return super().train_step((x, 2.0 * y))

    found = {}
    for name, cls, more in (("weighted", Weighted, {"sample_weight": np.linspace(0, 2, 30)}), ("doubled", Doubled, {})):
        inputs = keras.Input(shape=(4,))
        model = fill(cls(inputs, keras.layers.Dense(1)(inputs)))
        model.compile(optimizer=keras.optimizers.SGD(0.05), loss="mse", metrics=["mae"], weighted_metrics=["mse"])
        found[name] = outcome(model, model.fit(X, Y, epochs=2, shuffle=False, verbose=0, batch_size=10, **more))
        found[name]["history"].pop("loss") if name == "weighted" else None  # its step does not update it
        found[name]["predict"] = numbers(model.predict(X[:3], verbose=0))
    return found


def own_loss_tracker(tf: Any, keras: Any) -> Any:
    """`compute_loss` and a tracker of one's own in the built-in step; and logs of the last batch alone."""

    class Own(keras.Model):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.loss_tracker = keras.metrics.Mean(name="loss")

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
            loss = keras.ops.mean(keras.ops.abs(y_pred - y)) + keras.ops.sum(self.losses)
            self.loss_tracker.update_state(loss)
            return loss

        @property
        def metrics(self):
            return [self.loss_tracker]

    class Last(keras.Model):
        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.math.squared_difference(self(x), y))
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            return {"last": loss, "rate": 0.5}

    found = {}
    for name, cls in (("own", Own), ("last", Last)):
        inputs = keras.Input(shape=(4,))
        outputs = keras.layers.Dense(1, activity_regularizer="l2")(inputs)
        model = fill(cls(inputs, outputs))
        model.compile(optimizer=keras.optimizers.SGD(0.05))
        found[name] = outcome(model, model.fit(X, Y, epochs=2, shuffle=False, verbose=0, batch_size=10))
    return found


def mixed_precision(tf: Any, keras: Any) -> Any:
    """Weights in float32, computation in float16, the loss scaled."""
    keras.config.set_dtype_policy("mixed_float16")
    try:
        layers = keras.layers
        model = keras.Sequential(
            [keras.Input((4,)), layers.Dense(6, activation="tanh"), layers.BatchNormalization(), layers.Dense(4),
             layers.Dense(1, dtype="float32")]
        )  # fmt: skip
        fill(model)
        model.compile(keras.optimizers.SGD(0.02), "mse", metrics=["mae"])
        found = outcome(model, model.fit(X, Y, batch_size=10, epochs=3, shuffle=False, verbose=0))
        found["optimizer"] = type(model.optimizer).__name__
        found["scale"] = float(model.optimizer.dynamic_scale)
        found["dtypes"] = [f"{layer.compute_dtype} {layer.variable_dtype}" for layer in model.layers]
        return found
    finally:
        keras.config.set_dtype_policy("float32")


CASES = {
    f.__name__: f
    for f in (gan, gradient_penalty, autoencoder, distillation, contrastive, by_hand, with_weights, own_loss_tracker,
              mixed_precision)
}  # fmt: skip
