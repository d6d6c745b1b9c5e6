"""Golden values of every keras.optimizers class over twenty steps: tests/golden/optimizers.json."""

from __future__ import annotations

from typing import Any

from common import case, keras, np, plain, tf, write

Config = dict[str, Any]

VARIABLES = {"kernel": [[0.5, -1.0], [1.5, 0.25], [-0.75, 2.0]], "bias": [0.1, -0.4]}
STEPS = (1, 2, 5, 10, 20)


def listed_gradients() -> list[Config]:
    """Twenty gradients: signs change, sizes from 0.001 to 10, some entries zero."""
    found = []
    for step in range(20):
        wave = np.sin(np.arange(8) * 1.9 + step * 0.7) * (1 + np.cos(np.arange(8) * 0.9))
        wave = np.round(wave * (10 if step == 7 else 0.01 if step == 12 else 1), 3)
        wave[step % 8] = 0.0
        found.append({"kernel": wave[:6].reshape(3, 2).tolist(), "bias": wave[6:].tolist()})
    return found


GRADIENTS = listed_gradients()
LARGE = {"learning_rate": 0.1}
DECAY = {"learning_rate": 0.1, "weight_decay": 0.05}
SCHEDULES = [
    {"class": "ExponentialDecay", "config": {"initial_learning_rate": 0.1, "decay_steps": 4, "decay_rate": 0.5}},
    {"class": "PiecewiseConstantDecay", "config": {"boundaries": [3, 9], "values": [0.1, 0.05, 0.01]}},
    {"class": "CosineDecay",
     "config": {"initial_learning_rate": 0.0, "decay_steps": 10, "warmup_target": 0.1, "warmup_steps": 4}},
]  # fmt: skip
# What every optimizer is tried with, on top of its own variants.
COMMON: list[Config] = [{}, LARGE, DECAY, {**LARGE, "clipnorm": 0.5}, {**LARGE, "learning_rate": SCHEDULES[0]}]
# What the base class does for all of them, tried on two.
BASE: list[Config] = [
    {**LARGE, "clipvalue": 0.3}, {**LARGE, "global_clipnorm": 0.8}, {**LARGE, "loss_scale_factor": 4.0},
    {**LARGE, "use_ema": True}, {**LARGE, "use_ema": True, "ema_momentum": 0.8},
    {**LARGE, "use_ema": True, "ema_momentum": 0.8, "ema_overwrite_frequency": 5},
    {**LARGE, "gradient_accumulation_steps": 2}, {**LARGE, "gradient_accumulation_steps": 4, "clipnorm": 0.5},
    {**LARGE, "gradient_accumulation_steps": 4, "weight_decay": 0.05},
    {**LARGE, "gradient_accumulation_steps": 2, "use_ema": True, "ema_momentum": 0.8, "ema_overwrite_frequency": 3},
    {"learning_rate": SCHEDULES[1], "weight_decay": 0.05}, {"learning_rate": SCHEDULES[2]},
    {"learning_rate": SCHEDULES[0], "gradient_accumulation_steps": 4},
    {**DECAY, "clipvalue": 0.3, "use_ema": True, "ema_momentum": 0.9, "loss_scale_factor": 2.0},
]  # fmt: skip
OWN: dict[str, list[Config]] = {
    "SGD": [{**LARGE, "momentum": 0.9}, {**LARGE, "momentum": 0.9, "nesterov": True}, {**LARGE, "nesterov": True},
            {**DECAY, "momentum": 0.5}, *BASE],
    "Adam": [{**LARGE, "amsgrad": True}, {**LARGE, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 0.01}, *BASE],
    "AdamW": [{**LARGE, "weight_decay": 0.0}, {**LARGE, "amsgrad": True, "weight_decay": 0.1}],
    "RMSprop": [{**LARGE, "centered": True}, {**LARGE, "momentum": 0.9}, {**LARGE, "centered": True, "momentum": 0.9},
                {**LARGE, "rho": 0.5, "epsilon": 0.01}],
    "Adagrad": [{**LARGE, "initial_accumulator_value": 0.0},
                {**LARGE, "initial_accumulator_value": 1.0, "epsilon": 0.1}],
    "Adadelta": [{"learning_rate": 1.0}, {"learning_rate": 1.0, "rho": 0.5, "epsilon": 0.001}],
    "Adamax": [{**LARGE, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 0.01}],
    "Nadam": [{**LARGE, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 0.01}],
    "Lion": [{"learning_rate": 0.01, "beta_1": 0.5, "beta_2": 0.9}],
    "Ftrl": [{**LARGE, "l1_regularization_strength": 0.05}, {**LARGE, "l2_regularization_strength": 0.5},
             {**LARGE, "l1_regularization_strength": 0.05, "l2_shrinkage_regularization_strength": 0.1, "beta": 0.2},
             {**LARGE, "learning_rate_power": -0.8, "initial_accumulator_value": 0.5}],
    "Adafactor": [{**LARGE, "relative_step": False}, {**LARGE, "beta_2_decay": -0.5, "clip_threshold": 0.5}],
    "Lamb": [{**LARGE, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 0.01}],
    "Muon": [{**LARGE, "nesterov": False, "momentum": 0.5}, {**LARGE, "weight_decay": 0.0, "adam_weight_decay": 0.0},
             {**LARGE, "adam_lr_ratio": 0.1, "ns_steps": 3, "rms_rate": 0.5}],
    "ScheduleFreeAdamW": [{**LARGE, "warmup_steps": 5}, {**LARGE, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 0.01}],
}  # fmt: skip
NOTES = {"ScheduleFreeAdamW": "TensorFlow backend: the old momentum is read after its update"}


def from_json(config: Config) -> Config:
    """The config with a schedule or an inner optimizer built."""
    made = dict(config)
    if isinstance(config.get("learning_rate"), dict):
        schedule = config["learning_rate"]
        made["learning_rate"] = getattr(keras.optimizers.schedules, schedule["class"])(**schedule["config"])
    if "inner_optimizer" in config:
        inner = config["inner_optimizer"]
        made["inner_optimizer"] = getattr(keras.optimizers, inner["class"])(**inner["config"])
    return made


def optimizer_case(name: str, config: Config, **extra: Any) -> dict[str, Any]:
    """The variables after some of the steps; for use_ema also once finalized; what else may change."""
    optimizer = getattr(keras.optimizers, name)(**from_json(config))
    variables = [keras.Variable(np.asarray(value, "float32"), name=key) for key, value in VARIABLES.items()]
    if "constraints" in extra:
        for variable in variables:
            if made := extra["constraints"].get(variable.name):
                variable.constraint = getattr(keras.constraints, made["class"])(**made["config"])
    if "exclude_from_weight_decay" in extra:
        optimizer.exclude_from_weight_decay(var_names=extra["exclude_from_weight_decay"])
    optimizer.build(variables)
    expected, rates, iterations = {}, {}, {}
    for step, gradients in enumerate(extra.get("gradients", GRADIENTS), 1):
        optimizer.apply([tf.constant(gradients[v.name], "float32") for v in variables], variables)
        if step in STEPS:
            expected[step] = plain({v.name: v.numpy() for v in variables})
            rates[step], iterations[step] = (
                plain(np.asarray(optimizer.learning_rate)),
                plain(np.asarray(optimizer.iterations)),
            )
    more: Config = {"learning_rate": rates, "iterations": iterations}
    if config.get("use_ema"):
        optimizer.finalize_variable_values(variables)
        more["finalized"] = {v.name: v.numpy() for v in variables}
    if name == "LossScaleOptimizer":
        more = {"dynamic_scale": optimizer.dynamic_scale.numpy()}
    return case(**{"class": name}, config=config, **extra, note=NOTES.get(name), expected=expected, **more)


def special_cases() -> list[dict[str, Any]]:
    """Constraints after the update, variables without decay, a zero gradient, loss scaling with overflow."""
    zero = [{"kernel": [[0.0, 0.0]] * 3, "bias": [0.0, 0.0]}] * 5
    scaled = [{key: (np.asarray(value) * 8).tolist() for key, value in row.items()} for row in GRADIENTS]
    scaled[3] = {**scaled[3], "bias": [float("inf"), 1.0]}
    inner = {"class": "Adam", "config": LARGE}
    constraints = {
        "kernel": {"class": "NonNeg", "config": {}},
        "bias": {"class": "MaxNorm", "config": {"max_value": 0.3}},
    }
    return [
        optimizer_case("SGD", LARGE, constraints=constraints),
        optimizer_case("Adam", DECAY, exclude_from_weight_decay=["bias"]),
        optimizer_case("AdamW", DECAY, exclude_from_weight_decay=["bias"]),
        *(optimizer_case(name, LARGE, gradients=zero) for name in OWN if name != "ScheduleFreeAdamW"),
        optimizer_case(
            "LossScaleOptimizer",
            {"inner_optimizer": inner, "initial_scale": 8.0, "dynamic_growth_steps": 5},
            gradients=scaled,
        ),
    ]


def cases() -> list[dict[str, Any]]:
    """Each optimizer with what all are tried with and its own variants; then the special cases."""
    found = []
    for name, own in OWN.items():
        found += [optimizer_case(name, config) for config in [*COMMON, *own]]
    return found + special_cases()


def names() -> dict[str, dict[str, str]]:
    """Every string that keras.optimizers.get takes, with the class it gives."""
    from keras.src.optimizers import ALL_OBJECTS_DICT

    return {string: {"class": found.__name__} for string, found in sorted(ALL_OBJECTS_DICT.items())}


if __name__ == "__main__":
    write(
        "optimizers.json",
        "keras.optimizers.CLASS(**config), built on the variables (named kernel and bias), then apply(gradients[i]) "
        "for each step (the case's own gradients where it has some); expected[step] are the variables after that many "
        "steps, learning_rate and iterations the properties then, finalized what finalize_variable_values leaves; "
        "loss_scale_factor: apply() divides the given gradients by it; names: string (lower case) -> class",
        variables=VARIABLES,
        gradients=GRADIENTS,
        cases=cases(),
        names=names(),
    )
