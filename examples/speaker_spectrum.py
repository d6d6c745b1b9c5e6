"""Who speaks: sounds in WAV files become spectra, and a residual network tells the speakers apart.

Shows: tf.io.read_file and tf.audio.decode_wav in a tf.data pipeline, complex numbers (tf.signal.fft), noise mixed in
batch by batch, one-dimensional residual blocks. The voices are made: a pitch and a colour of their own each.
Source: the set-up follows "Speaker Recognition" among Keras's examples; He et al. 2015 (residual blocks).
Expect: a test accuracy above 0.8; a guess 0.2.
"""

import os
import tempfile
import wave

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from sources import pick, report

keras.utils.set_random_seed(38)
rate, speakers = pick(4000, 2000), 5
rng = np.random.default_rng(38)
pitch, color = rng.uniform(90, 240, speakers), rng.dirichlet(np.ones(6), speakers)


def voice(who):
    """Half a second: six overtones of a pitch that wavers."""
    time, own = np.arange(rate // 2) / rate, pitch[who] * rng.normal(1, 0.03)
    waves = [np.sin(2 * np.pi * own * k * time + rng.uniform(0, 6)) for k in range(1, 7)]
    tones = [np.sqrt(share) * tone for share, tone in zip(color[who], waves, strict=True)]
    return np.sum(tones, axis=0) * 0.3 + rng.normal(0, 0.02, len(time))


def write(folder, per_speaker):
    """Files, and who speaks in each."""
    paths, labels = [], []
    for k in range(speakers * per_speaker):
        paths.append(os.path.join(folder, f"{per_speaker}-{k}.wav"))
        labels.append(k % speakers)
        with wave.open(paths[-1], "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes((np.clip(voice(labels[-1]), -1, 1) * 32767).astype("<i2").tobytes())
    return paths, labels


def sound(path):
    """The samples of a file."""
    samples, _ = tf.audio.decode_wav(tf.io.read_file(path), 1, rate // 2)
    return samples


def with_noise(samples):
    """Noise of a loudness by chance on each sound."""
    loudness = tf.random.uniform((tf.shape(samples)[0], 1, 1), 0.0, 0.1)
    return samples + loudness * tf.random.normal(tf.shape(samples))


def spectrum(samples):
    """How much there is of each frequency."""
    flat = tf.squeeze(samples, axis=-1)
    found = tf.signal.fft(tf.cast(tf.complex(real=flat, imag=tf.zeros_like(flat)), tf.complex64))
    return tf.math.abs(tf.expand_dims(found, axis=-1)[:, : flat.shape[1] // 2, :])


def residual(x, filters):
    """Two convolutions beside a short cut, then half as many places."""
    short = layers.Conv1D(filters, 1, padding="same")(x)
    x = layers.Conv1D(filters, 3, padding="same", activation="relu")(x)
    x = layers.Add()([layers.Conv1D(filters, 3, padding="same")(x), short])
    return layers.MaxPool1D(2)(layers.Activation("relu")(x))


inputs = layers.Input((rate // 4, 1))
x = residual(residual(residual(layers.Rescaling(0.02)(inputs), 8), 16), 16)
outputs = layers.Dense(speakers, activation="softmax")(layers.Dense(32, activation="relu")(layers.Flatten()(x)))
model = keras.Model(inputs, outputs)
model.compile(optimizer=keras.optimizers.Adam(2e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])

with tempfile.TemporaryDirectory() as folder:
    train, test = (tf.data.Dataset.from_tensor_slices(write(folder, n)) for n in (pick(80, 24), pick(40, 12)))
    train, test = (data.map(lambda path, who: (sound(path), who)).cache() for data in (train, test))
    train = train.shuffle(400).batch(16).map(lambda x, who: (spectrum(with_noise(x)), who))
    model.fit(train.prefetch(tf.data.AUTOTUNE), epochs=pick(20, 8), verbose=0)
    report("test accuracy", model.evaluate(test.batch(32).map(lambda x, y: (spectrum(x), y)), verbose=0)[1])
