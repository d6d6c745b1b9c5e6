"""What training.py runs: the data, and one entry a training, all of it plain JSON."""

from __future__ import annotations

from typing import Any

import numpy as np

Spec = dict[str, Any]


def make_data() -> dict[str, Any]:
    """Small made-up tables: inputs of 1, 3, 4 and 8 columns, targets that depend on them, and weights."""
    random = np.random.RandomState(7)
    x4, x3, x8 = (np.round(random.normal(size=(70, columns)), 2) for columns in (4, 3, 8))
    noise = random.normal(size=(70, 3)) * 0.4
    scores = np.stack([x4[:, 0] - x4[:, 1], x4[:, 2], -x4[:, 0] * x4[:, 3]], 1) + noise
    binary, classes = (scores[:, 0] > 0).astype(int), scores.argmax(1)
    eight = (x8[:, 0] + x8[:, 1] * x8[:, 2] - x8[:, 3] + noise[:, 0] > 0).astype(int)
    real = np.round(2 * x4[:, 0] - x4[:, 1] ** 2 + noise[:, 1], 2)
    two = np.round(np.stack([real, x4[:, 2] * 3 + noise[:, 2]], 1), 2)
    return {
        "x4": x4, "x3": x3, "x8": x8, "x2": x4[:, :2], "binary": binary, "binary_column": binary[:, None],
        "eight": eight, "eight_column": eight[:, None], "classes": classes, "classes_column": classes[:, None],
        "one_hot": np.eye(3, dtype=int)[classes],
        "real": real, "real_column": real[:, None], "two": two, "signs": 2 * binary - 1,
        "ids": random.randint(0, 5, size=(70, 2)), "weights": np.round(random.uniform(0, 2, 70), 2),
        "x4_more": np.round(random.normal(size=(20, 4)), 2), "binary_more": random.randint(0, 2, 20),
        "real_more": np.round(random.normal(size=20), 2), "weights_more": np.round(random.uniform(0, 2, 20), 2),
        "x8_more": np.round(random.normal(size=(20, 8)), 2),
    }  # fmt: skip


def layer(name: str, inputs: Any = None, /, **config: Any) -> Spec:
    """One layer; inputs are the names of the layers it is called on, in a functional model."""
    return {"class": name, "config": config, **({"inputs": inputs} if inputs else {})}


def made(name: str, /, **config: Any) -> Spec:
    """An optimizer, loss, metric, schedule or callback."""
    return {"class": name, "config": config}


def chain(columns: int, *layers: Spec) -> Spec:
    """A Sequential model that starts with Input((columns,))."""
    return {"kind": "sequential", "layers": [layer("Input", shape=[columns]), *layers]}


def dense(units: int, activation: str | None = None, **config: Any) -> Spec:
    """A Dense layer."""
    return layer("Dense", units=units, activation=activation, **config)


def training(name: str, model: Spec, compile: Spec, fit: Spec, x: Any, y: Any, **more: Any) -> Spec:
    """One training; fit gets shuffle=False and verbose=0 besides what is listed."""
    return {"name": name, "model": model, "compile": compile, "fit": fit, "x": x, "y": y, **more}


def stack(*layers: Spec) -> Spec:
    """A Sequential model of just these layers."""
    return {"kind": "sequential", "layers": list(layers)}


L2 = {"class_name": "L2", "config": {"l2": 0.02}}
L1L2 = {"class_name": "L1L2", "config": {"l1": 0.01, "l2": 0.03}}
SHORT = {"class_name": "MaxNorm", "config": {"max_value": 0.5}}
BINARY = chain(4, dense(5, "relu"), dense(1, "sigmoid"))
CLASSES = chain(4, dense(6, "tanh"), dense(3, "softmax"))
REAL = chain(4, dense(5, "relu"), dense(1))
ACCURACY = {"optimizer": "adam", "loss": "binary_crossentropy", "metrics": ["accuracy"]}
SPARSE = {"optimizer": "adam", "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}
SQUARED = {"optimizer": made("SGD", learning_rate=0.02, momentum=0.9), "loss": "mse", "metrics": ["mae"]}
THREE = {"epochs": 3, "batch_size": 32}
SPLIT = {**THREE, "validation_split": 0.2}
FAST = made("Adam", learning_rate=0.02)


def binary(name: str, settings: Spec | None = None, fit: Spec = THREE, model: Spec = BINARY, x: str = "x4",
           y: str = "binary", **more: Any) -> Spec:  # fmt: skip
    """A training of two classes: the usual settings, and what differs."""
    return training(name, model, {**ACCURACY, **(settings or {})}, fit, x, y, **more)


def classes(
    name: str, settings: Spec | None = None, fit: Spec = THREE, model: Spec = CLASSES, y: str = "classes"
) -> Spec:
    """A training of three classes."""
    return training(name, model, {**SPARSE, **(settings or {})}, fit, "x4", y)


def real(
    name: str, settings: Spec | None = None, fit: Spec = THREE, model: Spec = REAL, y: str = "real", **more: Any
) -> Spec:
    """A regression."""
    return training(name, model, {**SQUARED, **(settings or {})}, fit, "x4", y, **more)


PROGRAMS = [
    training("P0", stack(dense(64, "relu", input_dim=8), dense(32, "relu"), dense(1, "sigmoid")), ACCURACY, SPLIT,
             "x8", "eight", evaluate=["x8_more", "binary_more"]),
    training("P1", stack(dense(10, "relu", input_shape=[2]), dense(10, "relu"), dense(2)),
             {"optimizer": "adam", "loss": "mean_squared_error", "metrics": ["mse"]}, {"epochs": 5}, "x2", "two"),
    training("P2", {"kind": "subclass", "layers": [dense(10, "relu"), dense(1, "sigmoid")]},
             {"optimizer": made("Adam"), "loss": made("BinaryCrossentropy"), "metrics": ["accuracy"]},
             {"epochs": 4}, "x8", "eight_column"),
    training("P3", stack(dense(10, "relu", input_dim=8), dense(8, "relu"), dense(1, "sigmoid")), ACCURACY,
             {"epochs": 4, "batch_size": 32}, "x8", "eight"),
    training("P4", stack(dense(1, "sigmoid", input_dim=8)), {**ACCURACY, "optimizer": "sgd"},
             {"epochs": 4, "batch_size": 32}, "x8", "eight"),
]  # fmt: skip

PLAIN = [
    binary("binary", fit=SPLIT, y="binary_column"),
    binary("binary, y of shape (n,)", fit=SPLIT),
    binary("binary, last batch of 6"),
    binary("binary, batches of 1", {"optimizer": "sgd"}, {"epochs": 1, "batch_size": 1}),
    binary("binary, one batch", {"optimizer": FAST}, {"epochs": 4, "batch_size": 100}),
    binary("binary, validation data", fit={**THREE, "validation_data": ["x4_more", "binary_more"]}),
    binary("binary from logits, accuracy at 0.5",
           {"optimizer": FAST, "loss": made("BinaryCrossentropy", from_logits=True),
            "metrics": ["accuracy", made("BinaryAccuracy", threshold=0.0)]},
           SPLIT, chain(4, dense(5, "relu"), dense(1))),
    binary("binary, label smoothing and metric objects",
           {"optimizer": FAST, "loss": made("BinaryCrossentropy", label_smoothing=0.1),
            "metrics": [made("AUC"), made("Precision"), made("Recall", name="found"), "binary_crossentropy",
                        made("F1Score", threshold=0.5)]},
           SPLIT, y="binary_column"),
    binary("hinge", {"optimizer": FAST, "loss": "hinge", "metrics": ["hinge"]}, THREE, chain(4, dense(1, "tanh")),
           y="signs"),
    binary("focal", {"optimizer": FAST, "loss": "binary_focal_crossentropy"}, y="binary_column"),
    classes("classes", fit=SPLIT),
    classes("classes, y of shape (n, 1)", {"metrics": ["accuracy", "sparse_categorical_crossentropy"]},
            y="classes_column"),
    classes("classes from logits",
            {"optimizer": FAST, "loss": made("SparseCategoricalCrossentropy", from_logits=True)},
            SPLIT, chain(4, dense(6, "tanh"), dense(3))),
    classes("classes, one-hot",
            {"optimizer": "rmsprop", "loss": "categorical_crossentropy",
             "metrics": ["accuracy", "categorical_crossentropy"]},
            SPLIT, y="one_hot"),
    classes("classes, one-hot, smoothing",
            {"optimizer": FAST, "loss": made("CategoricalCrossentropy", label_smoothing=0.2),
             "metrics": ["acc", made("TopKCategoricalAccuracy", k=2)]}, y="one_hot"),
    classes("classes by the word crossentropy", {"optimizer": FAST, "loss": "crossentropy"}),
    real("regression", fit=SPLIT, y="real_column"),
    real("regression, y of shape (n,)", {"metrics": ["mae", "mse", made("RootMeanSquaredError"), made("R2Score")]},
         SPLIT),
    real("regression, huber, two targets", {"optimizer": FAST, "loss": made("Huber", delta=0.5)},
         {**THREE, "validation_data": ["x4", "two"]}, chain(4, dense(5, "elu"), dense(2)), y="two"),
    real("regression, initial epoch", fit={"epochs": 4, "initial_epoch": 2, "batch_size": 16}),
]  # fmt: skip

THREE_CLASSES = {**THREE, "class_weight": {"0": 0.5, "1": 2.0, "2": 1.0}}
WEIGHTED = [
    binary("class weight", fit={**SPLIT, "class_weight": {"0": 1.0, "1": 3.0}}),
    classes("class weight, classes", {"weighted_metrics": ["accuracy"]}, THREE_CLASSES),
    classes("class weight, one-hot", {"loss": "categorical_crossentropy"}, THREE_CLASSES, y="one_hot"),
    binary("sample weight", {"weighted_metrics": ["accuracy", "mse"]}, {**SPLIT, "sample_weight": "weights"},
           evaluate=["x4_more", "binary_more", "weights_more"]),
    real("sample weight, regression, weighted validation data", {"weighted_metrics": ["mae"]},
         {**THREE, "sample_weight": "weights", "validation_data": ["x4_more", "real_more", "weights_more"]}),
    real("sample weight, mean_with_sample_weight",
         {"loss": made("MeanSquaredError", reduction="mean_with_sample_weight")},
         {**THREE, "sample_weight": "weights"}),
    real("sum reduction",
         {"optimizer": made("SGD", learning_rate=0.0005), "loss": made("MeanSquaredError", reduction="sum")}),
]  # fmt: skip

LAYERED = [
    real("l2", fit=SPLIT, model=chain(4, dense(5, "relu", kernel_regularizer=L2, bias_regularizer="l1"),
                                      dense(1, kernel_regularizer=L1L2))),
    real("activity regularizer", fit=SPLIT, model=chain(4, dense(5, "relu", activity_regularizer=L2), dense(1))),
    binary("batch normalization", {"optimizer": FAST}, {**SPLIT, "batch_size": 16},
           chain(4, dense(5, use_bias=False), layer("BatchNormalization"), layer("Activation", activation="relu"),
                 dense(1, "sigmoid"))),
    real("batch normalization, momentum 0.5, frozen second", fit=SPLIT,
         model=chain(4, layer("BatchNormalization", momentum=0.5), dense(4, "tanh"),
                     layer("BatchNormalization", trainable=False, momentum=0.5), dense(1))),
    classes("layer normalization", {"optimizer": FAST}, SPLIT,
            chain(4, dense(5, "gelu"), layer("LayerNormalization"), dense(3, "softmax"))),
    real("normalization adapted", fit=SPLIT, model={**chain(4, layer("Normalization"), dense(1)), "adapt": "x4"}),
    real("frozen layer", model=chain(4, dense(5, "relu", trainable=False), dense(1))),
    real("constraints", model=chain(4, dense(5, "relu", kernel_constraint=SHORT),
                                    dense(1, kernel_constraint="non_neg"))),
    binary("embedding", {"optimizer": FAST}, SPLIT,
           stack(layer("Input", shape=[2], dtype="int32"), layer("Embedding", input_dim=5, output_dim=3),
                 layer("Flatten"), dense(1, "sigmoid")), x="ids"),
    real("many activations", model=chain(4, dense(4, "selu"), layer("LeakyReLU"), dense(4, "softplus"), layer("PReLU"),
                                         dense(1))),
]  # fmt: skip

OPTIMIZERS = [
    made("AdamW", learning_rate=0.02), made("Nadam", learning_rate=0.02), made("Adagrad", learning_rate=0.1),
    made("Adam", learning_rate=0.02, clipnorm=0.1), made("Adam", learning_rate=0.02, global_clipnorm=0.1),
    made("Adam", learning_rate=0.02, use_ema=True, ema_momentum=0.8),
    made("SGD", learning_rate=0.1, gradient_accumulation_steps=2),
    made("SGD", learning_rate=0.1, nesterov=True, momentum=0.9, weight_decay=0.01),
    made("SGD", learning_rate=made("ExponentialDecay", initial_learning_rate=0.5, decay_steps=2, decay_rate=0.7)),
    made("Adam", learning_rate=made("CosineDecay", initial_learning_rate=0.05, decay_steps=8)),
]  # fmt: skip
OPTIMIZED = [
    binary(f"optimizer {number}: {optimizer['class']}", {"optimizer": optimizer})
    for number, optimizer in enumerate(OPTIMIZERS, 1)
]

STOP, TWELVE = {"optimizer": made("SGD", learning_rate=1.5)}, {**SPLIT, "epochs": 12}
CALLBACKS = [
    binary("early stopping", STOP, TWELVE, callbacks=[made("EarlyStopping", patience=1)]),
    binary("early stopping, best weights, by accuracy", STOP, TWELVE,
           callbacks=[made("EarlyStopping", monitor="val_accuracy", patience=2, restore_best_weights=True)]),
    binary("early stopping, min_delta, start_from_epoch", STOP, TWELVE,
           callbacks=[made("EarlyStopping", monitor="loss", min_delta=0.05, patience=2, start_from_epoch=2,
                           restore_best_weights=True)]),
    binary("reduce on plateau", STOP, {**SPLIT, "epochs": 10},
           callbacks=[made("ReduceLROnPlateau", factor=0.5, patience=1, min_lr=0.1, cooldown=1)]),
    binary("learning rate scheduler", {"optimizer": "sgd"}, {**SPLIT, "epochs": 4},
           callbacks=[{"class": "LearningRateScheduler", "rates": [0.5, 0.2, 0.1, 0.05]}]),
    real("terminate on nan", {"optimizer": made("SGD", learning_rate=1e20)}, {"epochs": 4, "batch_size": 10},
         chain(4, dense(1)), callbacks=[made("TerminateOnNaN")]),
]  # fmt: skip

TWO_HEADS = {"kind": "functional", "layers": [
    layer("Input", shape=[4], name="table"), layer("Dense", ["table"], units=6, activation="relu", name="trunk"),
    layer("Dense", ["trunk"], units=1, activation="sigmoid", name="flag"),
    layer("Dense", ["trunk"], units=1, name="amount")],
    "outputs": ["flag", "amount"]}  # fmt: skip
TWO_INPUTS = {"kind": "functional", "layers": [
    layer("Input", shape=[4], name="left"), layer("Input", shape=[3], name="right"),
    layer("Dense", ["left"], units=3, activation="relu", name="a"),
    layer("Dense", ["right"], units=3, activation="tanh", name="b"),
    layer("Concatenate", ["a", "b"], name="joined"), layer("Add", ["a", "b"], name="sum"),
    layer("Multiply", ["a", "b"], name="product"), layer("Concatenate", ["joined", "sum", "product"], name="all"),
    layer("Dense", ["all"], units=1, activation="sigmoid", name="answer")],
    "outputs": ["answer"]}  # fmt: skip
PAIR, BOTH = {"flag": "binary", "amount": "real"}, ["binary", "real"]
LOSSES = {"optimizer": FAST, "loss": ["binary_crossentropy", "mse"], "metrics": [["accuracy"], ["mae"]]}
FUNCTIONAL = [
    training("two outputs, lists", TWO_HEADS, LOSSES, SPLIT, "x4", BOTH),
    training("two outputs, dicts and loss weights", TWO_HEADS,
             {"optimizer": FAST, "loss": {"flag": "binary_crossentropy", "amount": "mse"},
              "loss_weights": {"flag": 2.0, "amount": 0.1},
              "metrics": {"flag": ["accuracy", made("AUC", name="auc")], "amount": "mae"}}, SPLIT, "x4", PAIR),
    training("two outputs, loss weights list", TWO_HEADS,
             {"optimizer": FAST, "loss": ["mse", "mse"], "loss_weights": [0.5, 0.25]}, THREE, "x4", BOTH),
    training("two outputs, sample weights", TWO_HEADS,
             {**LOSSES, "metrics": None, "weighted_metrics": LOSSES["metrics"]},
             {**THREE, "sample_weight": ["weights", "weights"]}, "x4", BOTH),
    training("two inputs", TWO_INPUTS, {**ACCURACY, "optimizer": FAST}, SPLIT, ["x4", "x3"], "binary"),
    training("two inputs, dict", TWO_INPUTS, {**ACCURACY, "optimizer": FAST}, THREE,
             {"left": "x4", "right": "x3"}, "binary"),
]  # fmt: skip

FIRST, SECOND = {"x": "x4", "y": "binary", "rows": [0, 10]}, {"x": "x4", "y": "binary", "rows": [10, 25]}
TRAIN, TEST = {"method": "train_on_batch"}, {"method": "test_on_batch"}
BATCHES = [
    {"name": "train_on_batch", "model": BINARY, "compile": {**ACCURACY, "optimizer": FAST}, "calls": [
        {**TRAIN, **FIRST}, {**TRAIN, **SECOND, "return_dict": True}, {**TRAIN, **FIRST, "sample_weight": "weights"},
        {**TRAIN, **FIRST, "class_weight": {"0": 1.0, "1": 2.0}}, {**TEST, **SECOND},
        {**TEST, **SECOND, "return_dict": True, "sample_weight": "weights"},
        {"method": "predict_on_batch", "x": "x4", "rows": [0, 3]}]},
    {"name": "train_on_batch, two outputs", "model": TWO_HEADS, "compile": LOSSES, "calls": [
        {**TRAIN, **FIRST, "y": BOTH}, {**TRAIN, **SECOND, "y": BOTH},
        {**TEST, **FIRST, "y": BOTH, "return_dict": True}]},
]  # fmt: skip

# Shapes of y_true and y_pred for which the words "accuracy" and "crossentropy" must find their class.
SHAPES = [([8], [8, 1]), ([8, 1], [8, 1]), ([8, 3], [8, 3]), ([8], [8, 3]), ([8, 1], [8, 3]), ([8, 5], [8, 5, 3]),
          ([8, 5, 1], [8, 5, 3]), ([8, 5, 3], [8, 5, 3]), ([8, 5, 1], [8, 5, 1]), ([8, 2], [8, 2])]  # fmt: skip

TRAININGS = PROGRAMS + PLAIN + WEIGHTED + LAYERED + OPTIMIZED + CALLBACKS + FUNCTIONAL
