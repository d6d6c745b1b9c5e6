"""Golden values of every keras.metrics class and its functions: tests/golden/metrics.json."""

from __future__ import annotations

from typing import Any

from common import case, keras, np, plain, write
from losses import array

Config = dict[str, Any]
Update = tuple[Any, Any, Any]  # y_true, y_pred, sample_weight

REAL = [([[0.5, -1.0], [2.0, 3.0], [0.0, -0.25]], [[0.4, -1.5], [2.25, 1.0], [0.1, -0.5]]),
        ([[-2.0, 1.5], [0.75, 10.0]], [[-2.0, 4.0], [0.5, 8.0]])]  # fmt: skip
COLUMN = [
    ([[1.0], [2.0], [3.0], [4.0]], [[1.1], [1.7], [3.5], [3.0]]),
    ([[0.5], [-1.0], [6.0]], [[0.0], [-1.5], [5.0]]),
]
FLAT = [([1.0, 2.0, 3.0, 4.0], [[1.1], [1.7], [3.5], [3.0]]), ([0.5, -1.0, 6.0], [[0.0], [-1.5], [5.0]])]
POSITIVE = [([[0.0, 1.0], [3.0, 0.5]], [[0.1, 1.5], [1.0, 0.75]]), ([[2.0, 0.25]], [[0.5, 0.0]])]
BINARY = [([[0], [1], [1], [0], [1], [0], [0], [1]], [[0.1], [0.8], [0.35], [0.6], [0.5], [0.5], [0.0], [1.0]]),
          ([[1], [1], [0], [0]], [[0.55], [0.2], [0.3], [0.9]]),
          ([[0], [0], [1]], [[0.05], [0.45], [0.7]])]  # fmt: skip
BINARY_FLAT = [([0, 1, 1, 0, 1], [[0.1], [0.8], [0.35], [0.6], [0.5]]), ([1.0, 0.0], [[0.55], [0.2]])]
BINARY_LOGITS = [([[0], [1], [1], [0]], [[-2.0], [1.5], [-0.5], [3.0]]), ([[1], [0], [0]], [[0.25], [-4.0], [0.0]])]
MULTI_LABEL = [([[0, 1, 1], [1, 0, 1], [1, 1, 0], [0, 0, 0]],
                [[0.2, 0.7, 0.45], [0.95, 0.51, 0.05], [0.6, 0.4, 0.3], [0.3, 0.1, 0.8]]),
               ([[1, 0, 0], [0, 1, 1]], [[0.8, 0.25, 0.4], [0.5, 0.9, 0.6]])]  # fmt: skip
ONE_HOT = [([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 0]],
            [[0.7, 0.2, 0.1], [0.3, 0.3, 0.4], [0.05, 0.05, 0.9], [0.1, 0.6, 0.3]]),
           ([[0, 0, 1], [1, 0, 0]], [[0.3, 0.5, 0.2], [0.6, 0.3, 0.1]])]  # fmt: skip
ONE_HOT_LOGITS = [([[1, 0, 0], [0, 0, 1]], [[2.0, -1.0, 0.5], [0.0, 3.0, 2.5]]), ([[0, 1, 0]], [[1.0, 0.25, -2.0]])]
SPARSE = [([0, 1, 2, 1], ONE_HOT[0][1]), ([2, 0], ONE_HOT[1][1])]
SPARSE_COLUMN = [([[0], [1], [2], [1]], ONE_HOT[0][1]), ([[2.0], [0.0]], ONE_HOT[1][1])]
SPARSE_LOGITS = [([0, 2], ONE_HOT_LOGITS[0][1]), ([1], ONE_HOT_LOGITS[1][1])]
SEQUENCE = [([[0, 2], [1, 1]], [[[0.6, 0.3, 0.1], [0.2, 0.2, 0.6]], [[0.1, 0.8, 0.1], [0.5, 0.3, 0.2]]])]
SIX = np.round(np.abs(np.sin(np.arange(30) * 2.1)), 2).reshape(5, 6)
TOP = [
    (np.eye(6, dtype=int)[[0, 3, 5, 2, 1]].tolist(), SIX.tolist()),
    (np.eye(6, dtype=int)[[4]].tolist(), [[0.5] * 6]),
]
TOP_SPARSE = [([0, 3, 5, 2, 1], SIX.tolist()), ([4], [[0.5] * 6])]
SORTED_IDS = [([0, 3, 5], [[0, 1, 2], [1, 4, 2], [2, 5, 3]])]
LABELS = [([0, 1, 2, 1], [0, 2, 2, 1]), ([0, 1, 1], [0, 1, 2])]
SIGN = [([[1.0, -1.0], [-1.0, 1.0]], [[0.6, -2.0], [0.3, 1.7]]), ([[0, 1]], [[0.5, -0.25]])]
CURVES = [([[1.0, 2.0, 3.0, 5.0], [0.0, 1.0, 0.0, 1.0]], [[1.5, 1.0, 4.0, 4.5], [0.2, 0.6, 0.4, 0.9]]),
          ([[3.0, 2.0, 2.5, 0.0]], [[1.0, 1.5, 1.25, 2.0]])]  # fmt: skip
ROW_WEIGHTS = [0.5, 2.0, 0.0, 1.25, 3.0, 1.0, 0.1, 4.0]
WHOLE_WEIGHTS = [1.0, 2.0, 0.0, 3.0, 1.0, 1.0, 2.0, 4.0]  # the IoU family casts weights to integers

THRESHOLDS: list[Config] = [{}, {"thresholds": 0.3}, {"thresholds": [0.0, 0.5, 0.95]}]
AT_VALUE: list[Config] = [{}, {"num_thresholds": 5}, {"num_thresholds": 1}]
AVERAGES = (None, "micro", "macro", "weighted")
IOU = {"num_classes": 3}

CLASSES: dict[str, list[tuple[Config, Any]]] = {
    **{name: [({}, REAL), ({}, COLUMN), ({}, FLAT)]
       for name in ("MeanSquaredError", "RootMeanSquaredError", "MeanAbsoluteError", "LogCoshError",
                    "MeanAbsolutePercentageError")},
    "MeanSquaredLogarithmicError": [({}, POSITIVE), ({}, COLUMN)],
    "CosineSimilarity": [({}, REAL), ({"axis": 0}, REAL)],
    "R2Score": [({}, COLUMN), ({}, REAL), ({"class_aggregation": None}, REAL), ({"num_regressors": 2}, COLUMN),
                ({"class_aggregation": "variance_weighted_average"}, REAL), ({}, [([[1.0], [1.0]], [[0.5], [1.0]])])],
    "Accuracy": [({}, LABELS), ({}, [([[1], [2], [3]], [[1.0], [2.0], [0.0]])])],
    "BinaryAccuracy": [({}, BINARY), ({}, BINARY_FLAT), ({}, MULTI_LABEL), ({"threshold": 0.3}, BINARY),
                       ({"threshold": 0.8}, BINARY)],
    "CategoricalAccuracy": [({}, ONE_HOT), ({}, ONE_HOT_LOGITS)],
    "SparseCategoricalAccuracy": [({}, SPARSE), ({}, SPARSE_COLUMN), ({}, SPARSE_LOGITS), ({}, SEQUENCE)],
    "TopKCategoricalAccuracy": [({}, TOP), ({"k": 1}, TOP), ({"k": 2}, TOP)],
    "SparseTopKCategoricalAccuracy": [({}, TOP_SPARSE), ({"k": 2}, TOP_SPARSE),
            ({"k": 2, "from_sorted_ids": True}, SORTED_IDS)],
    **{name: [*((config, BINARY) for config in THRESHOLDS), ({}, MULTI_LABEL)]
       for name in ("TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives")},
    **{name: [
        *((config, BINARY) for config in THRESHOLDS), ({}, MULTI_LABEL), ({"class_id": 1}, MULTI_LABEL),
        ({"top_k": 1}, ONE_HOT),
        ({"top_k": 2}, MULTI_LABEL), ({"top_k": 2, "class_id": 2}, MULTI_LABEL),
        ({"class_id": 0, "thresholds": [0.2, 0.6]}, ONE_HOT),
        ({}, [([[0], [0]], [[0.1], [0.2]])])] for name in ("Precision", "Recall")},
    **{name: [({key: value, **config}, BINARY) for config in AT_VALUE for value in (0.5, 0.7)]
       + [({key: 0.6, "class_id": 1}, MULTI_LABEL)]
       for name, key in (("SensitivityAtSpecificity", "specificity"), ("SpecificityAtSensitivity", "sensitivity"),
                         ("PrecisionAtRecall", "recall"), ("RecallAtPrecision", "precision"))},
    "AUC": [({}, BINARY), ({"curve": "PR"}, BINARY), ({"num_thresholds": 5}, BINARY),
            ({"num_thresholds": 5, "curve": "PR"}, BINARY),
            *(({"summation_method": method, "num_thresholds": 10, "curve": curve}, BINARY)
              for method in ("minoring", "majoring") for curve in ("ROC", "PR")),
            ({"thresholds": [0.2, 0.5, 0.7]}, BINARY), ({"from_logits": True}, BINARY_LOGITS), ({}, BINARY_FLAT),
            ({}, MULTI_LABEL), ({"multi_label": True}, MULTI_LABEL),
            ({"multi_label": True, "label_weights": [0.2, 0.5, 0.3]}, MULTI_LABEL),
            ({"multi_label": True, "num_labels": 3, "curve": "PR", "num_thresholds": 20}, MULTI_LABEL),
            ({}, [([[1], [1]], [[0.3], [0.6]])])],
    "FBetaScore": [({"beta": 2.0, "average": average}, data)
                   for average in AVERAGES for data in (ONE_HOT, MULTI_LABEL)]
    + [({"beta": 0.5, "threshold": 0.5}, MULTI_LABEL)],
    "F1Score": [({"average": average, "threshold": threshold}, MULTI_LABEL)
                for average in AVERAGES for threshold in (None, 0.5)]
    + [({"threshold": 0.5}, BINARY), ({"average": "macro"}, ONE_HOT)],
    "BinaryCrossentropy": [({}, BINARY), ({}, MULTI_LABEL), ({"from_logits": True}, BINARY_LOGITS),
            ({"label_smoothing": 0.1}, BINARY)],
    "CategoricalCrossentropy": [({}, ONE_HOT), ({"from_logits": True}, ONE_HOT_LOGITS),
            ({"label_smoothing": 0.1}, ONE_HOT)],
    "SparseCategoricalCrossentropy": [({}, SPARSE), ({"from_logits": True}, SPARSE_LOGITS),
            ({"ignore_class": 1}, SPARSE), ({}, SEQUENCE)],
    "KLDivergence": [({}, MULTI_LABEL), ({}, ONE_HOT)], "Poisson": [({}, POSITIVE)],
    "Hinge": [({}, SIGN)], "SquaredHinge": [({}, SIGN)], "CategoricalHinge": [({}, ONE_HOT), ({}, ONE_HOT_LOGITS)],
    "IoU": [({**IOU, "target_class_ids": [0]}, LABELS), ({**IOU, "target_class_ids": [0, 2]}, LABELS),
            ({**IOU, "target_class_ids": [0, 1], "ignore_class": 2}, LABELS),
            ({**IOU, "target_class_ids": [1], "sparse_y_pred": False}, SPARSE)],
    "BinaryIoU": [({}, BINARY), ({"target_class_ids": [1], "threshold": 0.3}, BINARY)],
    "MeanIoU": [(IOU, LABELS), ({"num_classes": 5}, LABELS), ({**IOU, "ignore_class": 0}, LABELS)],
    "OneHotIoU": [({**IOU, "target_class_ids": [0, 2]}, ONE_HOT),
                  ({**IOU, "target_class_ids": [1], "sparse_y_pred": True}, [(ONE_HOT[0][0], [0, 2, 2, 1])])],
    "OneHotMeanIoU": [(IOU, ONE_HOT)],
    "PearsonCorrelation": [({}, CURVES), ({"axis": 0}, CURVES[:1])],
    "ConcordanceCorrelation": [({}, CURVES), ({"axis": 0}, CURVES[:1])],
    "MeanMetricWrapper": [({"fn": "mean_absolute_error"}, REAL),
                          ({"fn": "binary_crossentropy", "from_logits": True}, BINARY_LOGITS)],
}  # fmt: skip
FUNCTIONS: dict[str, list[tuple[Config, Any]]] = {
    "binary_accuracy": [({}, MULTI_LABEL[0]), ({}, BINARY[0]), ({"threshold": 0.65}, MULTI_LABEL[0]),
            ({}, ([0, 1], [0.2, 0.4]))],
    "categorical_accuracy": [({}, ONE_HOT[0])],
    "sparse_categorical_accuracy": [({}, SPARSE[0]), ({}, SPARSE_COLUMN[0]), ({}, SEQUENCE[0])],
    "top_k_categorical_accuracy": [({"k": 2}, TOP[0]), ({}, TOP[0])],
    "sparse_top_k_categorical_accuracy": [({"k": 2}, TOP_SPARSE[0]), ({"k": 3}, TOP_SPARSE[1])],
    "pearson_correlation": [({}, CURVES[0]), ({"axis": 0}, CURVES[0])],
    "concordance_correlation": [({}, CURVES[0]), ({"axis": 0}, CURVES[0])],
}  # fmt: skip
REDUCTIONS: list[list[Config]] = [
    [{"values": [1.0, 3.0, 5.0, 7.0]}, {"values": [2.0, -4.5]}],
    [{"values": 2.5}, {"values": 4.0, "sample_weight": 3.0}],
    [{"values": [1.0, 3.0, 5.0], "sample_weight": [1.0, 0.0, 0.5]}, {"values": [[1.0, 2.0], [3.0, 4.0]],
            "sample_weight": [0.5, 2.0]}],
    [{"values": [[1.0, 2.0], [3.0, 4.0]], "sample_weight": [[0.5], [2.0]]}, {"values": [[1.0, 2.0]],
            "sample_weight": [[0.0, 0.25]]}],
    [{"values": [1, 2, 3, 4]}, {"values": [True, False, True]}],
    [{"values": [1.0, 2.0], "sample_weight": [0.0, 0.0]}],
]  # fmt: skip


def build(name: str, config: Config) -> Any:
    """The metric; MeanMetricWrapper's fn is given by its name in keras.losses."""
    config = {key: getattr(keras.losses, value) if key == "fn" else value for key, value in config.items()}
    return getattr(keras.metrics, name)(**config)


def metric_case(name: str, config: Config, updates: list[Config]) -> dict[str, Any]:
    """result() before any update (where it has one), and after each update."""
    metric = build(name, config)
    try:
        initial = plain(metric.result())
    except (ValueError, AttributeError):
        initial = None
    expected = []
    for update in updates:
        metric.update_state(**{key: array(value) for key, value in update.items()})
        expected.append(plain(metric.result()))
    return case(**{"class": name}, config=config, updates=updates, initial=initial, expected=expected)


def weightings(name: str, config: Config, data: Any) -> list[list[Config]]:
    """The updates without weights; with a weight a row as (n,) and, in turn, as (n, 1)."""
    bare = [{"y_true": y_true, "y_pred": y_pred} for y_true, y_pred in data]
    weights = WHOLE_WEIGHTS if "IoU" in name else ROW_WEIGHTS
    rows = [weights[: len(update["y_pred"])] for update in bare]
    weighted = [{**update, "sample_weight": row} for update, row in zip(bare, rows, strict=True)]
    found = [bare, weighted]
    if data is SEQUENCE:
        found[1] = [{**update, "sample_weight": [[1.0, 0.0], [0.5, 2.0]]} for update in bare]
    elif np.ndim(data[0][1]) == 2 and config == CLASSES[name][0][0] and "Score" not in name:
        columns = [{**update, "sample_weight": [[w] for w in row]} for update, row in zip(bare, rows, strict=True)]
        found.append([columns[0], *weighted[1:-1], bare[-1]] if len(bare) > 1 else columns)
    return found[:1] if "axis" in config else found  # one value a column: row weights do not fit


def cases() -> list[dict[str, Any]]:
    """Mean and Sum; every other class with and without weights; the functions that are no losses."""
    found = [metric_case(name, {}, updates) for name in ("Mean", "Sum") for updates in REDUCTIONS]
    for name, rows in CLASSES.items():
        for config, data in rows:
            found += [metric_case(name, config, updates) for updates in weightings(name, config, data)]
    for name, rows in FUNCTIONS.items():
        for kwargs, data in rows:
            expected = getattr(keras.metrics, name)(array(data[0]), array(data[1]), **kwargs)
            found.append(case(function=name, kwargs=kwargs, y_true=data[0], y_pred=data[1], expected=expected))
    return found


def names() -> dict[str, dict[str, str]]:
    """Every string that keras.metrics.get takes, with the class it gives."""
    from keras.src.metrics import ALL_OBJECTS_DICT

    return {string: {"class": found.__name__} for string, found in sorted(ALL_OBJECTS_DICT.items())}


if __name__ == "__main__":
    write(
        "metrics.json",
        "metric = keras.metrics.CLASS(**config); metric.result() == initial; after metric.update_state(**updates[i]) "
        "metric.result() == expected[i] (state adds up); or keras.metrics.FUNCTION(y_true, y_pred, **kwargs) == "
        "expected; config fn names a function of keras.losses; names: string -> class that get() gives",
        cases=cases(),
        names=names(),
    )
