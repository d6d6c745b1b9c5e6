"""What the tests of optimizers share: golden cases, variables and gradients, recording a step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from chainrule import optimizers
from chainrule.ir import Program, evaluate, trace, verify
from chainrule.optimizers import Optimizer, schedules
from chainrule.variables import StateScope, Variable

FOLDER = Path(__file__).parents[1] / "golden"
GOLDEN = json.loads((FOLDER / "optimizers.json").read_text())
CASES = GOLDEN["cases"]
RULES = sorted({case["class"] for case in CASES} - {"LossScaleOptimizer"})


def variables_of(values: dict[str, Any] = GOLDEN["variables"], dtype: str = "float32") -> list[Variable]:
    made = [Variable(np.asarray(value, dtype), dtype=dtype, name=name) for name, value in values.items()]
    for variable in made:
        variable.path = variable.name
    return made


def gradients_of(rows: list[Any] = GOLDEN["gradients"], dtype: str = "float32") -> list[list[np.ndarray]]:
    return [[np.asarray(row["kernel"], dtype), np.asarray(row["bias"], dtype)] for row in rows]


def optimizer_of(name: str, config: dict[str, Any]) -> Optimizer:
    config = dict(config)
    if isinstance(rate := config.get("learning_rate"), dict):
        config["learning_rate"] = getattr(schedules, rate["class"])(**rate["config"])
    if inner := config.get("inner_optimizer"):
        config["inner_optimizer"] = optimizer_of(inner["class"], inner["config"])
    return getattr(optimizers, name)(**config)


def record(optimizer: Optimizer, variables: list[Variable]) -> tuple[Program, list[Variable]]:
    """One step as a Program (state, gradients) -> state, and whose values the state is."""
    optimizer.build(variables)
    state = [*variables, *optimizer.variables]

    def step(*tensors: Any) -> list[Any]:
        with StateScope(dict(zip(state, tensors, strict=False))) as scope:
            optimizer.apply(list(tensors[len(state) :]), variables)
        assert set(scope.values) == set(state), "a step assigned to something that is not state"
        return [scope.values[v] for v in state]

    program, captured = trace(step, [v.type for v in [*state, *variables]], optimizer.name)
    assert not captured, "a step reads something that is not state"
    assert list(program.output_types[: len(state)]) == [v.type for v in state]
    verify(program)
    return program, state


def run(program: Program, state: list[Variable], gradients: list[np.ndarray]) -> None:
    """A step of the Program on the Variables."""
    values = evaluate(program, [*(v.numpy() for v in state), *gradients])
    for variable, value in zip(state, values, strict=True):
        variable.assign(value)
