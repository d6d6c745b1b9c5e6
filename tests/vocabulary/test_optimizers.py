"""Optimizers: Keras's golden values, and recorded steps equal to eager ones bit for bit."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from chainrule import constraints, ops, optimizers
from chainrule.optimizers import SGD, Adam, LossScaleOptimizer, MultiOptimizer, Optimizer, OptimizerMap
from chainrule.optimizers.descent import orthogonal
from chainrule.variables import StateScope, Variable

from .optimizer_cases import CASES, GOLDEN, RULES, gradients_of, optimizer_of, record, run, variables_of


@pytest.fixture(autouse=True)
def one_operation_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Updates outside a recording are not compiled: it is the meaning of the operations that is compared with."""
    monkeypatch.setattr(optimizers.repeated, "_PATIENCE", 1000)


COMPARED = [case for case in CASES if case["class"] != "ScheduleFreeAdamW"]  # see test_schedule_free_adamw
NAMES = [f"{case['class']}-{json.dumps(case['config'])[1:60]}" for case in COMPARED]


def assert_close(variables: list[Variable], expected: dict[str, Any], rtol: float = 2e-6, atol: float = 2e-7) -> None:
    # float32: the roundings of 20 steps in another order of operations; the values are of size 1
    for variable in variables:
        np.testing.assert_allclose(variable.numpy(), expected[variable.name], rtol, atol, err_msg=variable.name)


@pytest.mark.parametrize("case", COMPARED, ids=NAMES)
def test_golden_steps(case: dict[str, Any]) -> None:
    optimizer, variables = optimizer_of(case["class"], case["config"]), variables_of()
    for variable in variables:
        if constraint := case.get("constraints", {}).get(variable.name):
            variable.constraint = getattr(constraints, constraint["class"])(**constraint["config"])
    if "exclude_from_weight_decay" in case:
        optimizer.exclude_from_weight_decay(var_names=case["exclude_from_weight_decay"])
    program, state = record(optimizer, variables)
    for step, gradients in enumerate(gradients_of(case.get("gradients", GOLDEN["gradients"])), 1):
        run(program, state, gradients)
        if str(step) in case["expected"]:
            assert_close(variables, case["expected"][str(step)])
            if "iterations" in case:
                assert int(optimizer.iterations) == case["iterations"][str(step)]
                assert float(optimizer.learning_rate) == pytest.approx(case["learning_rate"][str(step)], rel=2e-6)
    if "finalized" in case:
        optimizer.finalize_variable_values(variables)
        assert_close(variables, case["finalized"])
    if "dynamic_scale" in case:
        assert float(optimizer.dynamic_scale) == case["dynamic_scale"]


SHARED = [
    {"weight_decay": 0.05, "clipnorm": 0.5, "use_ema": True, "ema_overwrite_frequency": 2},
    {"global_clipnorm": 0.8, "loss_scale_factor": 4.0, "gradient_accumulation_steps": 3},
]
OWN: dict[str, dict[str, Any]] = {
    "SGD": {"momentum": 0.9, "nesterov": True}, "Adam": {"amsgrad": True},
    "RMSprop": {"centered": True, "momentum": 0.5}, "Ftrl": {"l1_regularization_strength": 0.05},
}  # fmt: skip


@pytest.mark.parametrize("shared", SHARED, ids=["every", "accumulated"])
@pytest.mark.parametrize("name", RULES)
def test_recorded_steps_are_the_eager_ones(name: str, shared: dict[str, Any]) -> None:
    config = {"learning_rate": {"class": "CosineDecay", "config": {"initial_learning_rate": 0.1, "decay_steps": 9}}}
    config |= {**OWN.get(name, {}), **shared}
    check_recorded(optimizer_of(name, config), optimizer_of(name, config))


@pytest.mark.parametrize("name", RULES)
def test_a_step_reads_only_its_state(name: str) -> None:
    """With variables too large to become constants of the Program, unlike those of the golden cases."""
    record(optimizer_of(name, {"use_ema": True, "gradient_accumulation_steps": 2}), [Variable(np.ones((5, 4, 2)))])


def test_recorded_steps_of_wrappers_are_the_eager_ones() -> None:
    for make in (
        lambda: LossScaleOptimizer(Adam(0.1, gradient_accumulation_steps=2), 2.0**40, 2),
        lambda: MultiOptimizer(OptimizerMap(Adam(0.1), {"bias": SGD(0.1, momentum=0.5)}), 2.0),
    ):
        check_recorded(make(), make())


def check_recorded(eager: Optimizer, recorded: Optimizer, steps: int = 6) -> None:
    left, right = variables_of(), variables_of()
    eager.build(left)
    program, state = record(recorded, right)
    for gradients in gradients_of()[:steps]:
        eager.apply(gradients, left)
        run(program, state, gradients)
    for a, b in zip([*left, *eager.variables], state, strict=True):
        assert a.type == b.type and a.numpy().tobytes() == b.numpy().tobytes(), a.path
    assert any((v.numpy() != w.numpy()).any() for v, w in zip(left, variables_of(), strict=True))


@pytest.mark.parametrize("dtype", ["float16", "float64"])
@pytest.mark.parametrize("name", RULES)
def test_other_dtypes_stay_what_they_are(name: str, dtype: str) -> None:
    epsilon = {"epsilon": 1e-3} if "epsilon" in getattr(optimizers, name).settings and dtype == "float16" else {}
    epsilon |= {"epsilon_1": 1e-6} if name == "Adafactor" and dtype == "float16" else {}  # 1e-30 is 0 in float16
    wide, narrow = variables_of(), variables_of(dtype=dtype)
    for variables, kind in ((wide, "float32"), (narrow, dtype)):
        optimizer = optimizer_of(name, {"learning_rate": 0.01, **epsilon})
        for gradients in gradients_of(dtype=kind)[:3]:
            optimizer.apply(gradients, variables)
    for a, b in zip(wide, narrow, strict=True):
        assert b.dtype == dtype
        # float16 has 11 bits, and 1 - 0.999 there is 2 % off
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=2e-2 if dtype == "float16" else 2e-5, atol=1e-3)


def schedule_free(case: dict[str, Any], late: bool) -> dict[int, dict[str, np.ndarray]]:
    """Defazio et al. 2024, algorithm 1, in float64 with z as `momentum`; `late`: x is found with the new z."""
    rate, beta, beta_2 = case["config"].get("learning_rate", 0.0025), 0.9, np.float32(0.999).astype("float64")
    y = {key: np.asarray(value, "float64") for key, value in GOLDEN["variables"].items()}
    z, v, found = dict(y), dict.fromkeys(y, 0.0), {}
    for t, row in enumerate(GOLDEN["gradients"], 1):
        for key in y:
            g, old = np.asarray(row[key], "float64"), z[key]
            v[key] = beta_2 * v[key] + (1 - beta_2) * g**2
            z[key] = old - rate * g / (np.sqrt(v[key] / (1 - beta_2**t)) + 1e-8)
            x = (y[key] - (1 - beta) * (z[key] if late else old)) / beta
            y[key] = (1 - beta) * z[key] + beta * ((1 - 1 / t) * x + z[key] / t)
        found[t] = dict(y)
    return found


def test_schedule_free_adamw() -> None:
    """Keras on TensorFlow finds x with the new z (golden); the paper and chainrule with the old one."""
    for case in [c for c in CASES if c["class"] == "ScheduleFreeAdamW" and set(c["config"]) <= {"learning_rate"}][:2]:
        keras, paper = schedule_free(case, late=True), schedule_free(case, late=False)
        optimizer, variables = optimizer_of(case["class"], case["config"]), variables_of()
        for step, gradients in enumerate(gradients_of(), 1):
            optimizer.apply(gradients, variables)
            # x is found by a division that amplifies roundings
            assert_close(variables, paper[step], rtol=1e-5, atol=1e-6)
            for key, value in case["expected"].get(str(step), {}).items():
                np.testing.assert_allclose(keras[step][key], value, rtol=1e-5, atol=1e-6)


def test_schedule_free_warmup() -> None:
    optimizer, (w,) = optimizers.ScheduleFreeAdamW(0.5, warmup_steps=5), [Variable([1.0])]
    optimizer.apply([np.ones(1, "float32")], [w])
    assert float(w[0]) == pytest.approx(0.9)


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (5, 5)])
def test_muon_finds_the_orthogonal_factor(shape: tuple[int, int]) -> None:
    x = np.random.default_rng(0).normal(size=shape)
    u, _, v = np.linalg.svd(x, full_matrices=False)
    found = u.T @ orthogonal(ops.convert_to_tensor(x), 5, (3.4445, -4.775, 2.0315)).numpy() @ v.T
    np.testing.assert_allclose(found, np.diag(np.diag(found)), atol=1e-6)  # the singular vectors are those of x
    assert (np.diag(found) > 0.6).all() and (np.diag(found) < 1.3).all()


def test_steps_in_a_loop_are_steps_one_by_one() -> None:
    """A whole epoch as one equation: the state of a step is a carry of a loop."""
    config = {"gradient_accumulation_steps": 2, "use_ema": True, "learning_rate": 0.1}
    (one, left), (many, right) = [(Adam(**config), variables_of()) for _ in range(2)]
    one.build(left)
    many.build(right)
    state = [*right, *many.variables]

    def body(carry: list[Any], gradients: list[Any]) -> tuple[list[Any], None]:
        with StateScope(dict(zip(state, carry, strict=True))) as scope:
            many.apply(gradients)
        return [scope.values[v] for v in state], None

    rows = gradients_of()
    final, _ = ops.scan(body, [v.value for v in state], [np.stack(column) for column in zip(*rows, strict=True)])
    for gradients in rows:
        one.apply(gradients)
    for variable, value in zip([*left, *one.variables], final, strict=True):
        assert variable.numpy().tobytes() == value.numpy().tobytes(), variable.path


def test_learning_rate_is_state_of_the_program() -> None:
    optimizer, (w,) = SGD(0.5), [Variable([1.0])]
    program, state = record(optimizer, [w])
    optimizer.learning_rate = 0.125
    run(program, state, [np.ones(1, "float32")])
    assert float(w[0]) == 0.875


def test_stateless_apply_changes_nothing_and_gives_the_same() -> None:
    optimizer, variables = Adam(0.1), variables_of()
    optimizer.build(variables)
    before = [v.numpy() for v in [*variables, *optimizer.variables]]
    new, state = optimizer.stateless_apply(optimizer.variables, gradients_of()[0], variables)
    for variable, value in zip([*variables, *optimizer.variables], before, strict=True):
        assert (variable.numpy() == value).all()
    optimizer.apply(gradients_of()[0])
    for variable, value in zip([*variables, *optimizer.variables], [*new, *state], strict=True):
        assert (variable.numpy() == value.numpy()).all()


def test_missing_gradients() -> None:
    optimizer, (kernel, bias) = SGD(0.5, weight_decay=0.1), variables_of()
    with pytest.warns(UserWarning, match=r"Gradients do not exist for variables \['bias'\]"):
        optimizer.apply([np.ones((3, 2), "float32"), None], [kernel, bias])
    assert (bias.numpy() == np.asarray(GOLDEN["variables"]["bias"], "float32")).all()
    assert int(optimizer.iterations) == 1
    with pytest.raises(ValueError, match=r"no gradients provided for any variable: all 2 are None \(kernel, bias\)"):
        optimizer.apply([None, None], [kernel, bias])
    optimizer.apply([], [])
    assert int(optimizer.iterations) == 1


def test_apply_gradients_takes_pairs_and_counts() -> None:
    optimizer, variables = SGD(0.5), variables_of()
    count = optimizer.apply_gradients(zip(gradients_of()[0], variables, strict=True))
    assert int(count) == 1 and optimizer.iterations.dtype == "int64"


def test_loss_scaling() -> None:
    assert float(SGD(loss_scale_factor=4.0).scale_loss(ops.ones(()))) == 4.0
    assert SGD().scale_loss(3.0) == 3.0
    optimizer, (w,) = LossScaleOptimizer(SGD(1.0), 8.0, 2), [Variable([1.0])]
    assert optimizer.scale_loss(1.0) == 8.0
    history = []
    for g in (8.0, np.inf, 4.0, np.nan, 2.0, 2.0, 4.0):
        optimizer.apply([np.asarray([g], "float32")], [w])
        history.append((float(w[0]), float(optimizer.dynamic_scale), int(optimizer.step_counter)))
    assert history == [(0, 8, 1), (0, 4, 0), (-1, 4, 1), (-1, 2, 0), (-2, 2, 1), (-3, 4, 0), (-4, 4, 1)]
    assert int(optimizer.iterations) == 5
    optimizer.learning_rate = 0.25
    assert float(optimizer.inner_optimizer.learning_rate) == 0.25


def test_overflow_is_not_hidden_by_clipping() -> None:
    optimizer, variables = SGD(0.1, global_clipnorm=1.0), variables_of()
    gradients = gradients_of()[0]
    gradients[1][0] = np.inf
    optimizer.apply(gradients, variables)
    assert all(np.isnan(v.numpy()).all() for v in variables)


def test_multi_optimizer() -> None:
    inner = {"kernel": Adam(0.1), "bias": SGD(0.1, momentum=0.5)}
    alone, together = variables_of(), variables_of()
    optimizer = MultiOptimizer(OptimizerMap(Adam(0.1), {"b.*": SGD(0.1, momentum=0.5)}))
    for kernel, bias in gradients_of()[:4]:
        optimizer.apply([kernel, bias], together)
        inner["kernel"].apply([kernel], alone[:1])
        inner["bias"].apply([bias], alone[1:])
    for a, b in zip(alone, together, strict=True):
        assert (a.numpy() == b.numpy()).all()
    assert [type(o) for o in optimizer.optimizers] == [SGD, Adam] and int(optimizer.iterations) == 4
    again = optimizers.deserialize(optimizers.serialize(optimizer))
    assert again.get_config() == optimizer.get_config()
    with pytest.raises(AttributeError, match="learning rate"):
        _ = optimizer.learning_rate
    with pytest.raises(ValueError, match="all match"):
        OptimizerMap(Adam(), {"b.*": SGD(), ".*s": SGD()})["bias"]
    with pytest.raises(ValueError, match="rule of its own"):
        OptimizerMap(LossScaleOptimizer(Adam()))


def test_equations_say_whose_they_are() -> None:
    program, _ = record(SGD(0.1, name="sgd"), variables_of())
    assert {e.where.layer for e in program.walk()} >= {"sgd/kernel", "sgd/bias"}
