"""What scripts do with these layers: the ways of Keras's own examples, run unmodified."""

from __future__ import annotations

import textwrap

import numpy as np
import pytest

from chainrule.compat import active


def run(script):
    """The names that a script leaves behind."""
    names = {"__name__": "script"}
    with active():
        exec(textwrap.dedent(script), names)
    return names


TEXTS = """
    import re, string
    import numpy as np
    import tensorflow as tf
    import keras
    from keras import layers

    X = np.array(["This movie was great!<br />Loved it", "Terrible film...", "great acting", "terrible, awful"] * 8)
    Y = np.array([1, 0, 1, 0] * 8)
    raw = tf.data.Dataset.from_tensor_slices((X, Y)).batch(4)
"""


def test_text_classification_from_scratch():
    found = run(TEXTS + """
    @keras.saving.register_keras_serializable()
    def custom_standardization(input_data):
        lowercase = tf.strings.lower(input_data)
        stripped_html = tf.strings.regex_replace(lowercase, "<br />", " ")
        return tf.strings.regex_replace(stripped_html, f"[{re.escape(string.punctuation)}]", "")

    vectorize_layer = layers.TextVectorization(
        standardize=custom_standardization, max_tokens=50, output_mode="int", output_sequence_length=8)
    vectorize_layer.adapt(raw.map(lambda x, y: x))

    def vectorize_text(text, label):
        text = tf.expand_dims(text, -1)
        return vectorize_layer(text), label

    train_ds = raw.map(vectorize_text).cache().prefetch(buffer_size=10)
    inputs = keras.Input(shape=(None,), dtype="int64")
    x = layers.GlobalAveragePooling1D()(layers.Embedding(50, 16)(inputs))
    model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x))
    model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.05), metrics=["accuracy"])
    model.fit(train_ds, epochs=20, verbose=0)

    inputs = keras.Input(shape=(1,), dtype=tf.string)
    end_to_end = keras.Model(inputs, model(vectorize_layer(inputs)))
    end_to_end.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    accuracies = [model.evaluate(train_ds, verbose=0)[1], end_to_end.evaluate(raw, verbose=0)[1]]
    scores = end_to_end.predict(tf.constant([["great movie"], ["awful film"]]), verbose=0).ravel()
    """)
    assert found["accuracies"] == [1.0, 1.0]
    assert found["scores"][0] > 0.5 > found["scores"][1]
    assert "loved" in found["vectorize_layer"].get_vocabulary()


def test_multi_hot_bigrams_in_a_data_set():
    found = run(TEXTS + """
    text_vectorization = keras.layers.TextVectorization(ngrams=2, max_tokens=60, output_mode="multi_hot")
    text_vectorization.adapt(raw.map(lambda x, y: x))
    ds = raw.map(lambda x, y: (text_vectorization(x), y), num_parallel_calls=4)
    shapes = [tuple(x.shape) for x, y in ds]
    size = text_vectorization.vocabulary_size()
    """)
    assert found["shapes"] == [(4, found["size"])] * 8


def test_characters_there_and_back():
    found = run("""
    import tensorflow as tf
    from keras import layers
    characters = sorted(set("ab12c3a"))
    char_to_num = layers.StringLookup(vocabulary=list(characters), mask_token=None)
    num_to_char = layers.StringLookup(vocabulary=char_to_num.get_vocabulary(), mask_token=None, invert=True)
    label = char_to_num(tf.strings.unicode_split("ab12", input_encoding="UTF-8"))
    text = tf.strings.reduce_join(num_to_char(label)).numpy().decode("utf-8")
    """)
    assert found["text"] == "ab12"


def test_images_augmented_in_a_data_set_and_in_a_model():
    found = run("""
    import numpy as np
    import tensorflow as tf
    import keras
    from keras import layers
    images = np.random.default_rng(0).random((8, 10, 12, 3)).astype("float32")
    ds = tf.data.Dataset.from_tensor_slices((images, np.arange(8) % 2)).batch(4)
    augmentation = keras.Sequential([
        layers.RandomFlip("horizontal"), layers.RandomRotation(0.1), layers.RandomZoom(0.2),
        layers.RandomContrast(0.1)])
    augmented = ds.map(lambda x, y: (augmentation(x, training=True), y))
    resizing = layers.Resizing(6, 6)
    singles = ds.unbatch().map(lambda x, y: (resizing(x), y)).batch(3)
    shapes = [tuple(x.shape) for x, _ in augmented] + [tuple(x.shape) for x, _ in singles]
    model = keras.Sequential([keras.Input((10, 12, 3)), augmentation, layers.CenterCrop(8, 8),
                              layers.Rescaling(1.0 / 255), layers.Flatten(), layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy")
    history = model.fit(ds, epochs=2, verbose=0).history["loss"]
    patches = keras.ops.image.extract_patches(images, size=4)
    resized = keras.ops.image.resize(images, size=(5, 6))
    """)
    assert found["shapes"] == [(4, 10, 12, 3)] * 2 + [(3, 6, 6, 3), (3, 6, 6, 3), (2, 6, 6, 3)]
    assert np.isfinite(found["history"]).all()
    assert tuple(found["patches"].shape) == (8, 2, 3, 48)
    assert tuple(found["resized"].shape) == (8, 5, 6, 3)


def test_structured_data_with_a_feature_space():
    found = run("""
    import numpy as np
    import tensorflow as tf
    import keras
    from keras import layers
    from keras.utils import FeatureSpace
    columns = {"age": np.array([40.0, 50.0, 60.0, 70.0]), "thal": np.array(["normal", "fixed", "normal", "odd"]),
               "sex": np.array([0, 1, 1, 0])}
    ds = tf.data.Dataset.from_tensor_slices((columns, np.array([0, 1, 0, 1]))).batch(2)
    feature_space = FeatureSpace(
        features={"age": FeatureSpace.float_discretized(num_bins=2), "thal": "string_categorical",
                  "sex": FeatureSpace.integer_categorical(num_oov_indices=0)},
        crosses=[("sex", "age"), FeatureSpace.cross(feature_names=("thal", "age"), crossing_dim=16)],
        output_mode="concat")
    feature_space.adapt(ds.map(lambda x, _: x))
    encoded = feature_space.get_encoded_features()
    output = layers.Dense(1, activation="sigmoid")(layers.Dropout(0.5)(encoded))
    training_model = keras.Model(inputs=encoded, outputs=output)
    training_model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    training_model.fit(ds.map(lambda x, y: (feature_space(x), y)), epochs=2, verbose=0)
    inference_model = keras.Model(inputs=feature_space.get_inputs(), outputs=output)
    sample = {"age": 60.0, "thal": "fixed", "sex": 1}
    score = inference_model.predict({name: tf.convert_to_tensor([v]) for name, v in sample.items()}, verbose=0)
    size = encoded.shape
    """)
    assert found["score"].shape == (1, 1)
    assert found["size"] == (None, 2 + 4 + 2 + 32 + 16)


def test_functions_of_images():
    found = run("""
    import numpy as np
    import tensorflow as tf
    x = (np.arange(2 * 4 * 6 * 3) % 251).reshape(2, 4, 6, 3).astype("uint8")
    floats = tf.image.convert_image_dtype(x, tf.float32)
    back = tf.image.convert_image_dtype(floats, tf.uint8)
    results = [
        tf.image.resize(x, (2, 3)), tf.image.resize(x, [8, 12], method="nearest"),
        tf.image.resize(x, (2, 2), preserve_aspect_ratio=True), tf.image.resize_with_pad(x, 8, 8),
        tf.image.central_crop(x, 0.5), tf.image.crop_to_bounding_box(x, 1, 2, 2, 3),
        tf.image.pad_to_bounding_box(x, 1, 2, 7, 9), tf.image.flip_left_right(x), tf.image.flip_up_down(x[0]),
        tf.image.random_flip_left_right(x, seed=1), tf.image.random_flip_up_down(x[0], seed=1),
        tf.image.rgb_to_grayscale(floats), tf.image.grayscale_to_rgb(x[..., :1]),
        tf.image.adjust_brightness(floats, 0.5), tf.image.adjust_contrast(floats, 2.0),
        tf.image.extract_patches(x, [1, 2, 2, 1], [1, 2, 2, 1], [1, 1, 1, 1], "VALID"),
    ]
    """)
    x, results = found["x"], [np.asarray(y) for y in found["results"]]
    assert [y.shape for y in results] == [
        (2, 2, 3, 3), (2, 8, 12, 3), (2, 1, 2, 3), (2, 8, 8, 3), (2, 2, 4, 3), (2, 2, 3, 3), (2, 7, 9, 3), x.shape,
        x[0].shape, x.shape, x[0].shape, (2, 4, 6, 1), x.shape, x.shape, x.shape, (2, 2, 3, 12),
    ]  # fmt: skip
    np.testing.assert_array_equal(found["back"], x)
    np.testing.assert_array_equal(results[1][:, ::2, ::2], x)
    np.testing.assert_allclose(results[0], x.reshape(2, 2, 2, 3, 2, 3).mean((2, 4)), rtol=1e-6)  # even sizes halved
    np.testing.assert_array_equal(results[5], x[:, 1:3, 2:5])
    np.testing.assert_array_equal(results[6][:, 1:5, 2:8], x)
    np.testing.assert_array_equal(results[7], x[:, :, ::-1])
    np.testing.assert_array_equal(results[8], x[0, ::-1])
    assert all((a == b).all() or (a == b[:, ::-1]).all() for a, b in zip(results[9], x, strict=True))
    np.testing.assert_allclose(results[14].mean((1, 2)), np.asarray(found["floats"]).mean((1, 2)), rtol=1e-5)


@pytest.mark.parametrize(
    "expression,wanted",
    [
        ("tf.strings.upper(['a', 'Ä']).tolist()", ["A", "Ä"]),
        ("tf.strings.strip([' a ']).tolist()", ["a"]),
        ("tf.strings.length(['äb', '']).tolist()", [3, 0]),
        ("tf.strings.length(['äb'], unit='UTF8_CHAR').tolist()", [2]),
        ("tf.strings.substr(['hello'], 1, 3).tolist()", ["ell"]),
        ("tf.strings.split(['a,b', 'c'], ',').to_list()", [["a", "b"], ["c"]]),
        ("tf.strings.join([['a'], ['b']], ' ').tolist()", ["a b"]),
        ("tf.strings.reduce_join([['a', 'b']], axis=1, keepdims=True).tolist()", [["ab"]]),
        ("tf.strings.regex_full_match(['ab', 'b'], 'a.').tolist()", [True, False]),
        ("tf.strings.regex_replace('aa', 'a', 'b', replace_global=False).item()", "ba"),
        ("tf.strings.to_number(['3'], tf.int32).tolist()", [3]),
        ("tf.strings.as_string([1.5], precision=2).tolist()", ["1.50"]),
        ("tf.strings.to_hash_bucket_fast(['A', 'B', 'C'], 3).tolist()", [1, 0, 1]),
        ("tf.squeeze(tf.constant([['a']])).item()", "a"),
        ("tf.concat([['a'], ['b']], 0).tolist()", ["a", "b"]),
        ("tf.reshape(['a', 'b'], (2, 1)).tolist()", [["a"], ["b"]]),
    ],
)
def test_functions_of_strings(expression, wanted):
    assert run(f"import tensorflow as tf\nfound = {expression}")["found"] == wanted
