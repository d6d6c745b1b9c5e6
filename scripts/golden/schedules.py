"""Golden values of every keras.optimizers.schedules class: tests/golden/schedules.json."""

from __future__ import annotations

from typing import Any

from common import case, keras, tf, write

STEPS = [0, 1, 2, 3, 4, 5, 9, 10, 11, 15, 19, 20, 21, 25, 30, 31, 50, 99, 100, 101, 250, 1000]
RATE = {"initial_learning_rate": 0.1, "decay_steps": 10}
RESTARTS = {"initial_learning_rate": 0.1, "first_decay_steps": 10}

CLASSES: dict[str, list[dict[str, Any]]] = {
    "ExponentialDecay": [{**RATE, "decay_rate": 0.96}, {**RATE, "decay_rate": 0.5, "staircase": True},
                         {"initial_learning_rate": 0.1, "decay_steps": 2.5, "decay_rate": 0.9}],
    "InverseTimeDecay": [{**RATE, "decay_rate": 0.5}, {**RATE, "decay_rate": 2.0, "staircase": True}],
    "PiecewiseConstantDecay": [{"boundaries": [5, 20], "values": [1.0, 0.5, 0.1]},
                               {"boundaries": [10], "values": [0.1, 0.0]},
                               {"boundaries": [2.0, 10.0, 100.0], "values": [0.4, 0.3, 0.2, 0.1]}],
    "PolynomialDecay": [RATE, {**RATE, "end_learning_rate": 0.01}, {**RATE, "power": 2.0}, {**RATE, "power": 0.5},
                        {**RATE, "cycle": True}, {**RATE, "cycle": True, "power": 2.0, "end_learning_rate": 0.02}],
    "CosineDecay": [RATE, {**RATE, "alpha": 0.1},
                    {"initial_learning_rate": 0.0, "decay_steps": 20, "warmup_target": 0.1, "warmup_steps": 5},
                    {**RATE, "warmup_target": 0.5, "warmup_steps": 10, "alpha": 0.2},
                    {**RATE, "warmup_target": None, "warmup_steps": 5}],
    "CosineDecayRestarts": [RESTARTS, {**RESTARTS, "t_mul": 1.0}, {**RESTARTS, "m_mul": 0.5},
                            {**RESTARTS, "alpha": 0.1},
                            {**RESTARTS, "t_mul": 1.5, "m_mul": 0.8, "alpha": 0.05}],
}  # fmt: skip


def schedule_case(name: str, config: dict[str, Any]) -> dict[str, Any]:
    """The rate at each step, and what get_config() says."""
    schedule = getattr(keras.optimizers.schedules, name)(**config)
    rates = [schedule(tf.constant(step, "int64")) for step in STEPS]
    return case(**{"class": name}, config=config, expected=rates, get_config=schedule.get_config())


if __name__ == "__main__":
    write(
        "schedules.json",
        "schedule = keras.optimizers.schedules.CLASS(**config); schedule(steps[i]) == expected[i] (steps are int64); "
        "schedule.get_config() == get_config",
        steps=STEPS,
        cases=[schedule_case(name, config) for name, configs in CLASSES.items() for config in configs],
    )
