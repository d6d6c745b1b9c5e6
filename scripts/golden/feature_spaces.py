"""Golden values of FeatureSpace: tests/golden/feature_spaces.json."""

from __future__ import annotations

from typing import Any

from common import case, keras, np, tf, write

Config = dict[str, Any]
ABOUT = (
    "keras.utils.FeatureSpace({name: FeatureSpace.KIND(**arguments)}, **config), adapted to data in batches of 3; "
    "expected: of the call on `data`; single: of the call on the first row as plain values; features: [KIND, "
    "arguments], crosses: arguments of FeatureSpace.cross"
)
DATA: Config = {
    "age": [31.0, 45.0, 52.0, 28.0, 60.0, 39.0, 47.0], "fare": [1.5, 2.0, 0.5, 7.25, 3.0, 4.0, 1.0],
    "rooms": [1, 2, 2, 3, 1, 2, 9], "kind": ["b", "a", "b", "c", "a", "b", "q"],
    "town": ["Ulm", "Bonn", "Kiel", "Ulm", "Trier", "Bonn", "Ulm"],
}  # fmt: skip
CASES: list[tuple[Config, list[Config], Config]] = [
    ({"age": ["float", {}], "fare": ["float_normalized", {}], "kind": ["string_categorical", {}]}, [], {}),
    ({"age": ["float_discretized", {"num_bins": 3}], "rooms": ["integer_categorical", {}],
      "fare": ["float_rescaled", {"scale": 0.5, "offset": 1.0}],
      "town": ["string_hashed", {"num_bins": 5}]}, [{"feature_names": ["rooms", "town"], "crossing_dim": 8}], {}),
    ({"kind": ["string_categorical", {"num_oov_indices": 0, "output_mode": "int"}],
      "rooms": ["integer_hashed", {"num_bins": 4}],
      "age": ["float_discretized", {"num_bins": 2, "output_mode": "int"}]},
     [{"feature_names": ["kind", "rooms"], "crossing_dim": 16, "output_mode": "int"}], {"output_mode": "dict"}),
    ({"rooms": ["integer_categorical", {"max_tokens": 3, "num_oov_indices": 1}],
      "kind": ["string_categorical", {"max_tokens": 3}]}, [{"feature_names": ["kind", "rooms"], "crossing_dim": 6}],
     {"output_mode": "dict"}),
]  # fmt: skip


def space_case(features: Config, crosses: list[Config], config: Config) -> Config:
    """What a space makes of the data."""
    kinds = keras.utils.FeatureSpace
    space = kinds(
        {name: getattr(kinds, kind)(**arguments) for name, (kind, arguments) in features.items()},
        crosses=[kinds.cross(tuple(c["feature_names"]), *list(c.values())[1:]) for c in crosses] or None, **config,
    )  # fmt: skip
    data = {name: np.array(DATA[name]) for name in features}
    data = {name: v.astype("float32") if v.dtype.kind == "f" else v for name, v in data.items()}
    space.adapt(tf.data.Dataset.from_tensor_slices(data).batch(3))
    single = space({name: v[0] for name, v in data.items()})
    return case(features=features, crosses=crosses, config=config, data={n: DATA[n] for n in features},
                expected=space(data), single=single)  # fmt: skip


if __name__ == "__main__":
    write("feature_spaces.json", ABOUT, cases=[space_case(*row) for row in CASES])
