"""Golden values of every keras.losses class and function: tests/golden/losses.json."""

from __future__ import annotations

from typing import Any

from common import case, keras, np, tf, write
from keras.src.backend import set_keras_mask

Config = dict[str, Any]
Rows = list[tuple[Config, Any]]

REAL = ([[0.5, -1.0, 2.0], [3.0, 0.0, -0.25], [-2.0, 1.5, 0.75], [10.0, -4.0, 0.1]],
        [[0.4, -1.5, 2.25], [1.0, 0.1, -0.5], [-2.0, 4.0, 0.5], [-3.0, -4.5, 0.1]])  # fmt: skip
POSITIVE = ([[0.0, 1.0, 2.0], [3.0, 0.5, 10.0], [1.0, 0.0, 0.25]],
            [[0.1, 1.5, 2.0], [1.0, 0.75, 12.0], [0.001, 3.0, 0.0]])  # fmt: skip
COLUMN = ([[0.5], [-1.0], [2.0], [0.0], [1.25]], [[0.25], [-1.0], [0.5], [0.75], [3.0]])
FLAT = ([0.5, -1.0, 2.0, 0.0, 1.25], [0.25, -1.0, 0.5, 0.75, 3.0])
PROBABILITY = ([[0.0], [1.0], [1.0], [0.0], [1.0], [0.0], [1.0], [0.0]],
               [[0.1], [0.8], [0.35], [0.6], [1.0], [0.0], [0.0], [1.0]])  # fmt: skip
PROBABILITIES = ([[0, 1, 1], [1, 0, 1]], [[0.2, 0.7, 0.45], [0.99, 0.51, 0.05]])
LOGIT = ([[0.0], [1.0], [1.0], [0.0], [1.0], [0.0]], [[-2.0], [1.5], [-0.5], [3.0], [40.0], [90.0]])
LOGITS = ([[0, 1, 1], [1, 0, 1]], [[-1.5, 0.8, -0.2], [5.0, 0.0, -3.0]])
SOFT = ([[0.1, 0.9], [0.5, 0.25], [0.7, 0.3]], [[0.3, 0.6], [0.5, 0.1], [0.9, 0.05]])
SIGN = ([[1.0, -1.0, 1.0], [-1.0, -1.0, 1.0]], [[0.6, -2.0, -0.4], [0.3, -0.9, 1.7]])
ZERO_ONE = ([[1, 0, 1], [0, 0, 1]], [[0.6, -2.0, -0.4], [0.3, -0.9, 1.7]])
ONE_HOT = ([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 0]],
           [[0.7, 0.2, 0.1], [0.3, 0.3, 0.4], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])  # fmt: skip
UNNORMALIZED = ([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], [[2.0, 1.0, 0.5], [0.3, 0.3, 0.1]])
ONE_HOT_LOGITS = ([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [[2.0, -1.0, 0.5], [0.0, 0.0, 0.0], [30.0, -80.0, 25.0]])
SPARSE = ([0, 1, 2, 1], ONE_HOT[1])
SPARSE_COLUMN = ([[0], [1], [2], [1]], ONE_HOT[1])
SPARSE_FLOAT = ([0.0, 1.0, 2.0, 1.0], ONE_HOT[1])
SPARSE_LOGITS = ([0, 1, 2], ONE_HOT_LOGITS[1])
IGNORED = ([0, 1, -1, 1], ONE_HOT[1])
IGNORED_LOGITS = ([0, 2, 2], ONE_HOT_LOGITS[1])
SEQUENCE = ([[0, 2], [1, 1]], [[[0.6, 0.3, 0.1], [0.2, 0.2, 0.6]], [[0.1, 0.8, 0.1], [0.3, 0.4, 0.3]]])
SEQUENCE_ONE_HOT = ([[[1, 0, 0], [0, 0, 1]], [[0, 1, 0], [0, 1, 0]]], SEQUENCE[1])
CHANNELS_FIRST = ([[[1, 0], [0, 1], [0, 0]]], [[[0.5, 0.2], [0.3, 0.7], [0.2, 0.1]]])
IMAGE = ([[[[1.0], [1.0]], [[0.0], [0.0]]], [[[1.0], [1.0]], [[0.0], [0.0]]]],
         [[[[0.0], [1.0]], [[0.0], [1.0]]], [[[0.4], [0.0]], [[0.0], [0.9]]]])  # fmt: skip
EMBEDDINGS = ([0, 1, 0, 2, 1],
              [[0.6, 0.8, 0.0], [0.0, 0.6, 0.8], [0.8, 0.6, 0.0], [0.0, 0.0, 1.0], [0.6, 0.0, 0.8]])  # fmt: skip
SPEECH = ([[1, 2, 0], [2, 2, 1]], np.round(np.sin(np.arange(48) * 1.3) * 2, 2).reshape(2, 6, 4))

REGRESSION: Rows = [({}, REAL), ({}, COLUMN), ({}, FLAT), ({}, (FLAT[0], COLUMN[1])), ({}, (COLUMN[0], FLAT[1])),
              ({}, ([[1, 2], [-3, 0]], [[1.5, 1.0], [-2.0, 0.25]]))]  # fmt: skip
BINARY: Rows = [
    ({}, PROBABILITY), ({}, PROBABILITIES), ({}, SOFT), ({"from_logits": True}, LOGIT), ({"from_logits": True}, LOGITS),
    ({}, ([0, 1, 1], [0.2, 0.7, 0.4])), ({}, ([0, 1, 1], [[0.2], [0.7], [0.4]])),
    ({}, ([[0], [1], [1]], [0.2, 0.7, 0.4])),
    ({"label_smoothing": 0.1}, PROBABILITY), ({"label_smoothing": 0.3, "from_logits": True}, LOGITS),
    ({"axis": 0}, PROBABILITIES),
]  # fmt: skip
FOCAL: Rows = [({"gamma": 0.0}, PROBABILITIES), ({"gamma": 5.0}, PROBABILITIES),
         ({"apply_class_balancing": True}, PROBABILITIES),
         ({"apply_class_balancing": True, "alpha": 0.75, "gamma": 1.0, "from_logits": True}, LOGITS),
         ({"apply_class_balancing": True, "label_smoothing": 0.2}, PROBABILITIES)]  # fmt: skip
CATEGORICAL: Rows = [
    ({}, ONE_HOT), ({}, UNNORMALIZED), ({}, SEQUENCE_ONE_HOT), ({"from_logits": True}, ONE_HOT_LOGITS),
    ({"label_smoothing": 0.1}, ONE_HOT), ({"label_smoothing": 0.3, "from_logits": True}, ONE_HOT_LOGITS),
    ({"axis": 1}, CHANNELS_FIRST), ({"axis": 1, "from_logits": True}, CHANNELS_FIRST),
]  # fmt: skip
HINGE: Rows = [
    ({}, SIGN),
    ({}, ZERO_ONE),
    ({}, ([1.0, -1.0, 0.0], [0.5, 0.5, 0.5])),
    ({}, ([1, 0, 1], [[0.5], [0.5], [-2.0]])),
]

CLASSES: dict[str, Rows] = {
    "MeanSquaredError": REGRESSION, "MeanAbsoluteError": REGRESSION, "MeanAbsolutePercentageError": REGRESSION,
    "MeanSquaredLogarithmicError": [({}, POSITIVE), *REGRESSION[:2]],
    "LogCosh": [*REGRESSION, ({}, ([[0.0, 0.0]], [[90.0, -90.0]]))],
    "Huber": [*REGRESSION[:4], ({"delta": 0.25}, REAL), ({"delta": 5.0}, REAL)],
    "CosineSimilarity": [*REGRESSION[:3], ({"axis": 0}, REAL), ({}, ([[0.0, 0.0]], [[1.0, 2.0]]))],
    "Poisson": [({}, POSITIVE), ({}, (POSITIVE[0][0], POSITIVE[1][0]))],
    "KLDivergence": [({}, SOFT), ({}, ONE_HOT), ({}, ([0.3, 0.7], [0.5, 0.5]))],
    "BinaryCrossentropy": BINARY, "BinaryFocalCrossentropy": BINARY + FOCAL,
    "CategoricalCrossentropy": CATEGORICAL,
    "CategoricalFocalCrossentropy": [*CATEGORICAL, ({"alpha": 0.5, "gamma": 1.0}, ONE_HOT),
                                     ({"alpha": [0.2, 0.3, 0.5]}, ONE_HOT), ({"gamma": 0.0}, ONE_HOT)],
    "SparseCategoricalCrossentropy": [
        ({}, SPARSE), ({}, SPARSE_COLUMN), ({}, SPARSE_FLOAT), ({}, SEQUENCE), ({"from_logits": True}, SPARSE_LOGITS),
        ({"ignore_class": -1}, IGNORED), ({"ignore_class": 2, "from_logits": True}, IGNORED_LOGITS),
        ({"ignore_class": 1}, SEQUENCE)],
    "CategoricalGeneralizedCrossEntropy": [({}, SPARSE), ({"q": 0.1}, SPARSE), ({"q": 0.9}, SPARSE)],
    "Hinge": HINGE, "SquaredHinge": HINGE,
    "CategoricalHinge": [({}, ONE_HOT), ({}, ONE_HOT_LOGITS), ({}, ([1.0, 0.0, 0.0], [0.2, 0.5, 0.3]))],
    "Dice": [({}, IMAGE), ({"axis": [1, 2, 3]}, IMAGE), ({"axis": [1]}, PROBABILITIES)],
    "Tversky": [({}, IMAGE), ({"alpha": 0.3, "beta": 0.7}, IMAGE),
                ({"alpha": 0.2, "beta": 0.8, "axis": [1, 2, 3]}, IMAGE)],
    "Circle": [({}, EMBEDDINGS), ({"gamma": 2.0, "margin": 0.25}, EMBEDDINGS),
               ({"remove_diagonal": False, "gamma": 4.0}, EMBEDDINGS)],
    "CTC": [({}, SPEECH)],
}  # fmt: skip
REDUCTIONS = ("sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none")
# The classes whose reductions and sample weights are gone through, with the data for it.
REDUCED: dict[str, tuple[Any, ...]] = {
    "MeanSquaredError": (REAL, COLUMN), "BinaryCrossentropy": (PROBABILITY,),
    "SparseCategoricalCrossentropy": (SPARSE, SEQUENCE), "Dice": (IMAGE,),
}  # fmt: skip
MASKS: list[tuple[str, Config, Any]] = [
    ("MeanSquaredError", {}, COLUMN),
    ("SparseCategoricalCrossentropy", {}, SEQUENCE),
]


def snake(name: str) -> str:
    """The function that a class wraps: MeanSquaredError -> mean_squared_error."""
    known = {"KLDivergence": "kl_divergence", "CTC": "ctc"}
    return known.get(name) or "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")


def array(data: Any) -> Any:
    """int32 for whole lists of integers, float32 for the rest."""
    values = np.asarray(data)
    return values.astype("int32" if values.dtype.kind in "iu" else "float32")


def as_arguments(config: Config) -> Config:
    """Axes as the tuples that Keras documents (JSON has lists only)."""
    return {key: tuple(value) if key == "axis" and isinstance(value, list) else value for key, value in config.items()}


def class_case(name: str, config: Config, data: Any, weight: Any = None, mask: Any = None) -> dict[str, Any]:
    """loss(y_true, y_pred, sample_weight), and for a scalar its gradient by y_pred."""
    loss = getattr(keras.losses, name)(**as_arguments(config))
    y_true, y_pred = array(data[0]), tf.constant(data[1], "float32")
    with tf.GradientTape() as tape:
        tape.watch(y_pred)
        if mask is not None:
            set_keras_mask(y_pred, tf.constant(mask, "bool"))
        value = loss(y_true, y_pred, sample_weight=None if weight is None else array(weight))
    gradient = None
    if value.shape == ():
        slopes = tape.gradient(value, y_pred).numpy()
        gradient = np.where(np.isfinite(slopes), slopes.astype(object), None)
    return case(**{"class": name}, config=config, y_true=data[0], y_pred=data[1], sample_weight=weight, mask=mask,
                expected=value, gradient=gradient)  # fmt: skip


def function_case(name: str, kwargs: Config, data: Any) -> dict[str, Any]:
    """function(y_true, y_pred, **kwargs): one value a row."""
    function = getattr(keras.losses, snake(name))
    value = function(array(data[0]), array(data[1]), **as_arguments(kwargs))
    return case(function=snake(name), kwargs=kwargs, y_true=data[0], y_pred=data[1], expected=value)


def weights(data: Any) -> list[Any]:
    """No weights, one a row as (n,) and as (n, 1), some of them zero; per element for sequences; all zero."""
    rows = np.shape(data[1])[0]
    row = [0.5, 2.0, 0.0, 1.25, 3.0, 1.0, 0.1, 4.0][:rows]
    found: list[Any] = [None, row, [[value] for value in row]]
    if data is SEQUENCE:
        found[1:] = [[[1.0, 0.0], [0.5, 2.0]]]
    return [*found, [0.0] * rows] if np.ndim(data[1]) == 2 else found


def class_cases() -> list[dict[str, Any]]:
    """Configs and data of each class; then reductions with weights; then masks."""
    found = [class_case(name, config, data) for name, rows in CLASSES.items() for config, data in rows]
    for name, sets in REDUCED.items():
        for data in sets:
            for reduction in REDUCTIONS:
                config = {"reduction": reduction, **({"axis": [1, 2, 3]} if name == "Dice" else {})}
                some = weights(data)[:2] if name == "Dice" else weights(data)
                found += [class_case(name, config, data, weight) for weight in some]
    for name in CLASSES:
        if name not in REDUCED and name not in ("Dice", "Tversky"):
            config, data = CLASSES[name][0]
            found.append(class_case(name, config, data, weights(data)[1]))
    for name, config, data in MASKS:
        mask = [[True, False], [True, True]] if data is SEQUENCE else [True, True, False, False, True]
        for reduction in REDUCTIONS[:4]:
            found.append(class_case(name, {**config, "reduction": reduction}, data, mask=mask))
    return found


def function_cases() -> list[dict[str, Any]]:
    """The function of each class on the same data; the class's defaults where the function has none."""
    needed = {"CategoricalGeneralizedCrossEntropy": {"q": 0.5}}
    return [
        function_case(name, {**needed.get(name, {}), **config}, data)
        for name, rows in CLASSES.items()
        for config, data in rows
        if np.ndim(data[0]) == np.ndim(data[1]) or "Sparse" in name or data[0] in (EMBEDDINGS[0], SPARSE[0], SPEECH[0])
    ]


def names() -> dict[str, dict[str, str]]:
    """Every string that keras.losses.get takes, with the class or function it gives."""
    from keras.src.losses import ALL_OBJECTS_DICT

    kinds = {string: "class" if isinstance(found, type) else "function" for string, found in ALL_OBJECTS_DICT.items()}
    return {string: {kinds[string]: found.__name__} for string, found in sorted(ALL_OBJECTS_DICT.items())}


if __name__ == "__main__":
    write(
        "losses.json",
        "keras.losses.CLASS(**config)(y_true, y_pred, sample_weight=...) == expected, gradient is by y_pred (null "
        "where not finite); or keras.losses.FUNCTION(y_true, y_pred, **kwargs) == expected; mask is the mask that "
        "y_pred carries; integers in y_true are int32; names: string -> what get() gives",
        cases=class_cases() + function_cases(),
        names=names(),
    )
