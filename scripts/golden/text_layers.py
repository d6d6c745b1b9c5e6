"""Golden values of layers on text and categories: tests/golden/text_layers.json."""

from __future__ import annotations

from typing import Any

from common import case, keras, np, write
from layer_cases import config_case

Config = dict[str, Any]
ABOUT = (
    "layer = keras.layers.CLASS(**config); layer.adapt(adapt) if there is one; layer(input) == expected for each of "
    "calls; vocabulary: layer.get_vocabulary(); lists of strings are arrays, others int64 (for Discretization "
    "float32), 'pair' is a list of two inputs; shape: compute_output_shape((None, *shape of the first input)) "
    "configs: get_config() of CLASS(**arguments)"
)
TERMS = ["a", "b", "c"]
WORDS = [["a", "c", "d"], ["zebra", "b", "b"]]
COLUMN = [["a"], ["q"], ["c"]]
TEXTS = ["The quick brown fox.", "The lazy dog! the fox"]
LONG = [["the dog"], ["fox zebra"], [""]]
LETTERS = [["A", "B"], ["C", "D"], ["", "E"]]
NUMBERS = [[10, 30, 7], [20, 0, 11]]
MODES = ("one_hot", "multi_hot", "count")

CASES: list[tuple[str, Config, Any, list[Any]]] = [
    *(("StringLookup", {"vocabulary": TERMS, **config}, None, [WORDS, COLUMN, ["c", "a"]]) for config in (
        {}, {"num_oov_indices": 2}, {"num_oov_indices": 5, "mask_token": "zebra"}, {"mask_token": "q"},
        *({"output_mode": mode} for mode in MODES),
        {"output_mode": "multi_hot", "max_tokens": 8, "pad_to_max_tokens": True},
        {"output_mode": "tf_idf", "idf_weights": [0.5, 0.6, 0.7]},
        {"output_mode": "tf_idf", "idf_weights": [0.5, 0.6, 0.7], "max_tokens": 6, "pad_to_max_tokens": True},
        {"output_mode": "count", "mask_token": "q", "num_oov_indices": 2})),
    ("StringLookup", {"vocabulary": TERMS, "num_oov_indices": 0}, None, [["c", "a"], [["b"], ["b"]]]),
    ("StringLookup", {"vocabulary": TERMS, "num_oov_indices": 0, "mask_token": "m"}, None, [["c", "m"]]),
    ("StringLookup", {"vocabulary": ["", "[UNK]", "x"], "mask_token": ""}, None, [["x", "", "y"]]),
    ("StringLookup", {"vocabulary": ["[UNK]", "x"]}, None, [["x", "", "y"]]),
    *(("StringLookup", {"vocabulary": TERMS, "invert": True, **config}, None, [[[1, 0], [3, 7]]])
      for config in ({}, {"mask_token": ""}, {"num_oov_indices": 0}, {"num_oov_indices": 2})),
    *(("StringLookup", config, [["a", "b", "b"], ["c", "b", "a"], ["b", "d", "d"]], [WORDS])
      for config in ({}, {"max_tokens": 3}, {"output_mode": "tf_idf"}, {"mask_token": "d", "num_oov_indices": 2})),
    *(("IntegerLookup", {"vocabulary": [10, 20, 30], **config}, None, [NUMBERS, [10, 20], [[20], [5]]]) for config in (
        {}, {"num_oov_indices": 2}, {"mask_token": 0}, {"mask_token": 0, "num_oov_indices": 3},
        *({"output_mode": mode} for mode in MODES),
        {"output_mode": "count", "max_tokens": 7, "pad_to_max_tokens": True})),
    ("IntegerLookup", {"vocabulary": [30, 10, 20], "num_oov_indices": 0}, None, [[10, 30]]),
    ("IntegerLookup", {"vocabulary": [10, 20, 30], "invert": True}, None, [[[1, 0], [3, 9]]]),
    *(("IntegerLookup", config, [[1, 3], [3, 7], [-2, 3]], [[[3, 1, -2, 8]]])
      for config in ({}, {"max_tokens": 3}, {"mask_token": 7})),
    *(("Hashing", {"num_bins": bins, **config}, None, [LETTERS]) for bins in (3, 100) for config in (
        {}, {"mask_value": ""}, {"salt": 133}, {"salt": [133, 137]})),
    *(("Hashing", {"num_bins": 7, "output_mode": mode}, None, [LETTERS, [["A"], ["B"]]]) for mode in MODES),
    ("Hashing", {"num_bins": 10}, None, [NUMBERS, [-3, 12345678901]]),
    ("Hashing", {"num_bins": 10, "mask_value": 7, "salt": 3}, None, [NUMBERS]),
    ("HashedCrossing", {"num_bins": 1000}, None, [{"pair": [["A", "B", "A"], [101, 101, -5]]}]),
    ("HashedCrossing", {"num_bins": 5, "output_mode": "one_hot"}, None, [{"pair": [[["A"], ["B"]], [[1], [2]]]}]),
    ("HashedCrossing", {"num_bins": 50}, None, [{"pair": [["A", "B"], ["some longer text", ""]]}]),
    *(("TextVectorization", config, TEXTS, [TEXTS, LONG]) for config in (
        {}, {"max_tokens": 4}, {"output_sequence_length": 3}, {"output_sequence_length": 7}, {"standardize": None},
        {"standardize": "lower"}, {"standardize": "strip_punctuation"}, {"split": "character"}, {"split": None},
        {"ngrams": 2}, {"ngrams": [2]}, {"ngrams": [1, 3]}, {"output_mode": "multi_hot"}, {"output_mode": "count"},
        {"output_mode": "tf_idf"}, {"output_mode": "multi_hot", "max_tokens": 20, "pad_to_max_tokens": True},
        {"output_mode": "tf_idf", "max_tokens": 5}, {"split": "character", "ngrams": 2, "max_tokens": 9})),
    ("TextVectorization", {"vocabulary": ["hi", "you"]}, None, [["Hi me", "you"], [["äé HI\tyou\u00a0you"]]]),
    ("TextVectorization", {}, ["Ünïcode ÉÈ, ünïcode. don't stop-it a_b"], [["ÜNÏCODE dont"]]),
    ("Discretization", {"bin_boundaries": [0.0, 1.0, 2.0]}, None, [[[-1.5, 1.0, 3.4, 0.5], [0.0, 3.0, 1.3, 0.0]]]),
    *(("Discretization", {"bin_boundaries": [0.0, 1.0], "output_mode": mode}, None, [[[-1.5, 1.0, 1.4]], [[0.5], [2]]])
      for mode in MODES),
    *(("Discretization", {"num_bins": bins, **config}, [[-1.5, 1.0, 3.4, 0.5], [0.0, 3.0, 1.3, 0.0]],
       [[[-1.5, 1.0, 3.4, 0.5], [0.0, 3.0, 1.3, 0.0]]]) for bins in (2, 3, 4) for config in ({}, {"epsilon": 0.25})),
    *(("CategoryEncoding", {"num_tokens": 4, "output_mode": mode}, None, [[[0, 2, 2], [3, 1, 0]], [[1], [3]], [2, 0]])
      for mode in MODES),
]  # fmt: skip
ARGUMENTS: list[tuple[str, Config]] = [
    ("StringLookup", {}), ("StringLookup", {"vocabulary": TERMS, "mask_token": ""}), ("IntegerLookup", {}),
    ("IntegerLookup", {"vocabulary": [1, 2], "output_mode": "count"}), ("TextVectorization", {}),
    ("TextVectorization", {"vocabulary": TERMS, "output_sequence_length": 4}), ("Hashing", {"num_bins": 3}),
    ("HashedCrossing", {"num_bins": 3}), ("CategoryEncoding", {"num_tokens": 3}),
]  # fmt: skip


def array(value: Any, name: str) -> Any:
    """Strings as an array of str, numbers as int64 or float32."""
    if isinstance(value, dict):
        return tuple(array(one, name) for one in value["pair"])
    found = np.array(value)
    return found if found.dtype.kind == "U" else found.astype("float32" if name == "Discretization" else "int64")


def text(value: Any) -> Any:
    """Arrays of bytes as lists of strings."""
    found = np.asarray(value)
    return np.vectorize(bytes.decode)(found).tolist() if found.dtype.kind == "O" else found


def layer_case(name: str, config: Config, data: Any, calls: list[Any]) -> Config:
    """What a layer finds and gives."""
    plain = {k: tuple(v) if isinstance(v, list) and k == "ngrams" else v for k, v in config.items()}
    layer = getattr(keras.layers, name)(**plain)
    if data is not None:
        layer.adapt(array(data, name))
    results = [layer(array(one, name)) for one in calls]
    first = calls[0]
    shape = None
    if name in ("StringLookup", "IntegerLookup", "Hashing", "CategoryEncoding") and not isinstance(first, dict):
        shape = layer.compute_output_shape((None, *np.shape(first)[1:]))
        shape = shape if tuple(shape[1:]) == results[0].shape[1:] else None  # Hashing forgets an axis
    return case(
        **{"class": name}, config=config, adapt=data, calls=calls, expected=[text(y) for y in results],
        dtypes=[y.dtype.name for y in results], shape=shape,
        vocabulary=[v.item() if hasattr(v, "item") else v for v in layer.get_vocabulary()]
        if hasattr(layer, "get_vocabulary") else None,
        boundaries=layer.bin_boundaries if name == "Discretization" else None,
    )  # fmt: skip


if __name__ == "__main__":
    write("text_layers.json", ABOUT, cases=[layer_case(*row) for row in CASES],
          configs=[config_case(*row) for row in ARGUMENTS])  # fmt: skip
