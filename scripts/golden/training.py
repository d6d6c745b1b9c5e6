"""Golden trainings: history, final weights, evaluate() and predict() of whole runs: tests/golden/training.json."""

from __future__ import annotations

from typing import Any

from common import case, keras, np, plain, write
from training_cases import BATCHES, SHAPES, TRAININGS, make_data

Spec = dict[str, Any]
DATA = {
    key: np.asarray(value, "int32" if np.asarray(value).dtype.kind == "i" else "float32")
    for key, value in make_data().items()
}


def build_object(spec: Any, *modules: Any) -> Any:
    """A class and config made into the object; names, lists and dicts of them likewise; the rest as it is."""
    if isinstance(spec, dict) and "class" in spec:
        module = next(m for m in (*modules, keras.optimizers.schedules) if hasattr(m, spec["class"]))
        return getattr(module, spec["class"])(**{k: build_object(v, *modules) for k, v in spec["config"].items()})
    if isinstance(spec, dict):
        return {key: build_object(value, *modules) for key, value in spec.items()}
    return [build_object(value, *modules) for value in spec] if isinstance(spec, list) else spec


def build_layer(spec: Spec) -> Any:
    """The layer of a spec (Input becomes the keras.Input function)."""
    config = {key: tuple(value) if key in ("shape", "input_shape") else value for key, value in spec["config"].items()}
    return keras.Input(**config) if spec["class"] == "Input" else getattr(keras.layers, spec["class"])(**config)


class InOrder(keras.Model):
    """A subclassed model that calls its layers one after the other, built at the first call."""

    def __init__(self, specs: list[Spec]) -> None:
        super().__init__()
        self.dense1, self.dense2 = (build_layer(spec) for spec in specs)

    def call(self, inputs: Any) -> Any:
        return self.dense2(self.dense1(inputs))


def build_model(spec: Spec, x: Any) -> Any:
    """The model of a spec: sequential, functional, or subclass."""
    if spec["kind"] == "subclass":
        model = InOrder(spec["layers"])
        model(x[:1])
        return model
    if spec["kind"] == "sequential":
        layers = [build_layer(one) for one in spec["layers"]]
        for one in layers:
            if "adapt" in spec and isinstance(one, keras.layers.Normalization):
                one.adapt(DATA[spec["adapt"]])
        return keras.Sequential(layers)
    made: dict[str, Any] = {}
    for one in spec["layers"]:
        name, inputs = one["config"]["name"], [made[source] for source in one.get("inputs", [])]
        made[name] = build_layer(one)(inputs if len(inputs) > 1 else inputs[0]) if inputs else build_layer(one)
    inputs = [made[one["config"]["name"]] for one in spec["layers"] if one["class"] == "Input"]
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], pick(spec["outputs"], made))


def pick(names: Any, among: dict[str, Any]) -> Any:
    """The named things: one for a string or a list of one, else a list or dict of them."""
    if isinstance(names, dict):
        return {key: among[name] for key, name in names.items()}
    found = [among[name] for name in ([names] if isinstance(names, str) else names)]
    return found[0] if len(found) == 1 else found


def initial_weights(model: Any) -> list[Any]:
    """Weights of three digits, of the size that training starts from."""
    random = np.random.RandomState(3)
    found = []
    for variable in model.weights:
        draw = random.normal(size=variable.shape)
        fan = variable.shape[0] if len(variable.shape) == 2 else 1
        if variable.name in ("mean", "variance", "count"):  # an adapted Normalization keeps what it has
            found.append(variable.numpy())
        elif variable.name in ("gamma", "moving_variance"):
            found.append(np.round(1 + 0.1 * np.abs(draw), 3))
        else:
            found.append(np.round(draw / np.sqrt(fan) if len(variable.shape) == 2 else 0.1 * draw, 3))
    return found


def callbacks(specs: list[Spec]) -> list[Any]:
    """The callbacks; a LearningRateScheduler is given by the rates of the epochs."""
    found = []
    for spec in specs:
        if "rates" in spec:
            found.append(keras.callbacks.LearningRateScheduler(lambda epoch, rates=spec["rates"]: rates[epoch]))
        else:
            found.append(getattr(keras.callbacks, spec["class"])(**spec["config"]))
    return found


def fit_arguments(fit: Spec) -> Spec:
    """The keyword arguments of fit() with data in place of its names and whole numbers as classes."""
    made = dict(fit)
    if "validation_data" in fit:
        made["validation_data"] = tuple(DATA[name] for name in fit["validation_data"])
    if "sample_weight" in fit:
        made["sample_weight"] = pick(fit["sample_weight"], DATA)
    if "class_weight" in fit:
        made["class_weight"] = {int(key): value for key, value in fit["class_weight"].items()}
    return made


def settings(spec: Spec) -> Spec:
    """The keyword arguments of compile()."""
    modules = {
        "optimizer": keras.optimizers,
        "loss": keras.losses,
        "metrics": keras.metrics,
        "weighted_metrics": keras.metrics,
    }
    return {key: build_object(value, modules[key]) if key in modules else value for key, value in spec.items()}


def run(spec: Spec) -> Spec:
    """Trains, and records what came of it."""
    keras.utils.set_random_seed(0)
    x, y = pick(spec["x"], DATA), pick(spec["y"], DATA)
    model = build_model(spec["model"], x)
    given = initial_weights(model)
    model.set_weights(given)
    model.compile(**settings(spec["compile"]), jit_compile=False)
    arguments = {"shuffle": False, "verbose": 0, "callbacks": callbacks(spec.get("callbacks", []))}
    history = model.fit(x, y, **arguments, **fit_arguments(spec["fit"]))
    held_out = [DATA[name] for name in spec["evaluate"]] if "evaluate" in spec else [x, y]
    tested = dict(zip(("x", "y", "sample_weight"), held_out, strict=False))
    return case(
        **spec,
        parameters=model.count_params(),
        initial_weights=given,
        history=history.history,
        epochs_run=history.epoch,
        weights=model.get_weights(),
        evaluate_list=model.evaluate(**tested, verbose=0),
        evaluate_dict=model.evaluate(**tested, verbose=0, return_dict=True),
        predict=model.predict(keras.tree.map_structure(lambda part: part[:3], x), verbose=0),
    )


def take(names: Any, rows: slice) -> Any:
    """The rows of the named arrays."""
    return keras.tree.map_structure(lambda array: array[rows], pick(names, DATA))


def run_batches(spec: Spec) -> Spec:
    """Calls the batch methods one after the other, and records what each returns."""
    keras.utils.set_random_seed(0)
    model = build_model(spec["model"], None)
    given = initial_weights(model)
    model.set_weights(given)
    model.compile(**settings(spec["compile"]), jit_compile=False)
    results = []
    for call in spec["calls"]:
        rows = slice(*call["rows"])
        arguments = {key: take(call[key], rows) for key in ("x", "y", "sample_weight") if key in call}
        arguments.update({key: call[key] for key in ("return_dict",) if key in call})
        arguments.update(fit_arguments({key: call[key] for key in ("class_weight",) if key in call}))
        results.append(plain(getattr(model, call["method"])(**arguments)))
    return case(**spec, initial_weights=given, expected=results, weights=model.get_weights())


def words() -> list[Spec]:
    """The classes that "accuracy" and "crossentropy" stand for, by the shapes of y_true and y_pred."""
    from keras.src.trainers import compile_utils

    found = []
    for y_true, y_pred in SHAPES:
        shapes = np.zeros(y_true), np.zeros(y_pred)
        metric, loss = compile_utils.get_metric("accuracy", *shapes), compile_utils.get_loss("crossentropy", *shapes)
        found.append(
            {"y_true": y_true, "y_pred": y_pred, "accuracy": type(metric).__name__, "crossentropy": loss.fn.__name__}
        )
    return found


if __name__ == "__main__":
    write(
        "training.json",
        "data: arrays by name, integers int32, else float32, cases refer to them; each case: the model (Sequential "
        "layers, or functional layers called on the named inputs, or a subclass calling its layers in order), "
        "initial_weights for set_weights(), compile(**compile), fit(x, y, shuffle=False, **fit) with string keys of "
        "class_weight as ints; then history, the epochs run, get_weights(), evaluate() on x, y (or on the arrays named "
        "by evaluate) as list and dict, predict() of the first three rows; batches: the results of single calls on "
        "rows[0]:rows[1]; words: what the strings stand for",
        data={key: plain(value) for key, value in DATA.items()},
        cases=[run(spec) for spec in TRAININGS],
        batches=[run_batches(spec) for spec in BATCHES],
        words=words(),
    )
