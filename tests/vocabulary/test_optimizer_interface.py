"""Optimizers as users meet them: names, signatures, configs, state, learning rates, own rules, errors."""

from __future__ import annotations

import inspect
import json
from typing import Any

import numpy as np
import pytest

from chainrule import ops, optimizers
from chainrule.optimizers import SGD, Adam, LossScaleOptimizer, Optimizer, schedules
from chainrule.variables import Variable, reset_names

from .optimizer_cases import CASES, FOLDER, GOLDEN, gradients_of, optimizer_of, record, run, variables_of

SIGNATURES = json.loads((FOLDER / "signatures.json").read_text())
CONFIGS = json.loads((FOLDER / "configs.json").read_text())["cases"]
KINDS = dict(zip(("p", "pk", "*", "k", "**"), inspect._ParameterKind, strict=True))
OURS = [
    name for name in SIGNATURES["signatures"]
    if name.startswith(("keras.optimizers.", "keras.Optimizer.")) and name != "keras.optimizers.Optimizer"
]  # fmt: skip


def found(name: str) -> Any:
    """The object of chainrule behind a name of Keras's."""
    value: Any = optimizers
    for part in name.removeprefix("keras.").removeprefix("optimizers.").split("."):
        value = inspect.getattr_static(value, part) if isinstance(value, type) else getattr(value, part)
    return value


@pytest.mark.parametrize("name", OURS)
def test_signature(name: str) -> None:
    entry, value = SIGNATURES["signatures"][name], found(name)
    if entry["kind"] == "property":
        assert isinstance(value, property)
        return
    if entry["parameters"] == [["args", "*"], ["kwargs", "**"]]:  # a class without a constructor of its own
        return
    function = value.__func__ if isinstance(value, classmethod) else value
    parameters = [p for p in inspect.signature(function).parameters.values() if p.name not in ("self", "cls")]
    assert [p.name for p in parameters] == [row[0] for row in entry["parameters"]]
    assert [p.kind for p in parameters] == [KINDS[row[1]] for row in entry["parameters"]]
    defaults = ["" if p.default is p.empty else repr(p.default) for p in parameters]
    assert defaults == [row[2] if len(row) > 2 else "" for row in entry["parameters"]]
    for base in SIGNATURES["bases"].get(name, ()):
        assert issubclass(value, found(base))


@pytest.mark.parametrize(
    "case", [c for c in CONFIGS if c["class"].startswith("keras.optimizers.")], ids=lambda case: case["class"]
)
def test_config_has_keras_entries(case: dict[str, Any]) -> None:
    reset_names()
    config = json.loads(json.dumps(found(case["class"])(**case["arguments"]).get_config()))
    assert config.keys() == case["expected"].keys()
    for key, value in case["expected"].items():
        assert config[key] == (pytest.approx(value, rel=1e-8) if isinstance(value, float) else value), key


def test_names() -> None:
    abstract = {"optimizer", "optimizermap", "multioptimizer", "lossscaleoptimizer"}  # need arguments, in Keras too
    for name, entry in GOLDEN["names"].items():
        if name not in abstract:
            for spelling in (name, entry["class"], name.upper()):
                assert type(optimizers.get(spelling)).__name__ == entry["class"]
    adam = Adam()
    assert optimizers.get(adam) is adam and optimizers.get(None) is None
    assert type(optimizers.get(Adam)) is Adam
    assert optimizers.get({"class_name": "adam", "config": {"beta_1": 0.3}}).beta_1 == 0.3
    assert [optimizers.get("AdamW").name[:6], optimizers.RMSprop(name="r").name] == ["adam_w", "r"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["class"])
def test_config_round_trip(case: dict[str, Any]) -> None:
    optimizer = optimizer_of(case["class"], case["config"])
    data = json.loads(json.dumps(optimizers.serialize(optimizer)))
    again = optimizers.deserialize(data)
    assert type(again) is type(optimizer)
    assert again.get_config() == optimizer.get_config()
    for key, value in case["config"].items():
        if not isinstance(value, dict):
            assert data["config"][key] == pytest.approx(value) and getattr(again, key) is not None


def test_positions_are_keras_positions() -> None:
    optimizer = Adam(0.1, 0.8, 0.9, 1e-3, True, 0.01, 1.0)
    assert (optimizer.amsgrad, optimizer.weight_decay, optimizer.clipnorm) == (True, 0.01, 1.0)
    assert optimizers.AdamW(0.1, 0.2).weight_decay == 0.2
    assert optimizers.Muon(0.1, 0.9, 0.99, 0.0, 1e-6, 0.1, 2.0).clipnorm == 2.0
    with pytest.raises(TypeError, match="multiple values"):
        SGD(0.1, learning_rate=0.2)


def test_learning_rate_can_be_changed() -> None:
    optimizer, (w,) = SGD(0.5), [Variable([1.0])]
    optimizer.learning_rate = 0.25
    assert float(optimizer.learning_rate) == 0.25
    optimizer.learning_rate.assign(0.125)
    optimizer.apply([np.ones(1)], [w])
    assert float(w[0]) == 0.875
    rate = optimizer.learning_rate
    optimizer.learning_rate = schedules.ExponentialDecay(1.0, 1, 0.5)
    assert float(optimizer.learning_rate) == 0.5  # one step was made
    assert all(v is not rate for v in optimizer.variables)
    with pytest.raises(TypeError, match="comes from a ExponentialDecay"):
        optimizer.learning_rate = 0.1
    assert float(SGD(lambda: 0.25).learning_rate) == 0.25


def test_state_in_a_stable_order_survives_a_checkpoint() -> None:
    def made() -> tuple[Optimizer, list[Variable]]:
        optimizer, variables = Adam(0.1, amsgrad=True, use_ema=True, name="adam"), variables_of()
        optimizer.build(variables)
        return optimizer, variables

    (first, left), (second, right) = made(), made()
    assert [v.path for v in first.variables] == [v.path for v in second.variables]
    assert [v.path for v in first.variables][:6] == [
        "adam/iteration", "adam/learning_rate", "adam/kernel_average", "adam/bias_average",
        "adam/kernel_momentum", "adam/kernel_velocity",
    ]  # fmt: skip
    rows = gradients_of()
    for gradients in rows[:5]:
        first.apply(gradients, left)
    store: dict[str, np.ndarray] = {}
    first.save_own_variables(store)
    second.load_own_variables(store)
    for a, b in zip(left, right, strict=True):
        b.assign(a)
    for gradients in rows[5:8]:
        first.apply(gradients, left)
        second.apply(gradients, right)
    for a, b in zip([*left, *first.variables], [*right, *second.variables], strict=True):
        assert a.numpy().tobytes() == b.numpy().tobytes()
    with pytest.warns(UserWarning, match="its state is not loaded. It is not built yet"):
        Adam().load_own_variables(store)


def test_set_weights() -> None:
    optimizer, variables = SGD(momentum=0.5), variables_of()
    with pytest.raises(ValueError, match="call build"):
        optimizer.set_weights([])
    optimizer.build(variables)
    weights = [v.numpy() + 1 for v in optimizer.variables]
    optimizer.set_weights(weights)
    assert all((v.numpy() == w).all() for v, w in zip(optimizer.variables, weights, strict=True))
    with pytest.raises(ValueError, match="expected shape"):
        optimizer.set_weights([*weights[:-1], np.zeros(7)])


class Heavy(Optimizer):
    """An optimizer as Keras's users write one: slots in `build`, everything through Keras's method names."""

    def __init__(self, learning_rate: float = 0.1, push: float = 0.9, **kwargs: Any) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.push = push

    def build(self, variables: Any) -> None:
        super().build(variables)
        self.momentums = [self.add_variable_from_reference(reference_variable=v, name="momentum") for v in variables]
        self.count = Variable(0.0, trainable=False)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        m = self.momentums[self._get_variable_index(variable)]
        rate = ops.cast(learning_rate, variable.dtype)
        self.assign(m, ops.subtract(ops.multiply(m, self.push), ops.multiply(gradient, rate)))
        self.assign_add(variable, m)
        self.count.assign_add(1.0)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "push": self.push}


def test_own_optimizer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optimizers.repeated, "_PATIENCE", 1000)  # one operation after the other: bits are compared
    ours, theirs = variables_of(), variables_of()
    heavy, plain = Heavy(clipnorm=0.5), SGD(0.1, momentum=0.9, clipnorm=0.5)
    program, state = record(heavy, theirs)
    for gradients in gradients_of()[:5]:
        plain.apply(gradients, ours)
        run(program, state, gradients)
    for a, b in zip(ours, theirs, strict=True):
        assert (a.numpy() == b.numpy()).all()
    assert float(heavy.count) == 10.0  # a Variable set as an attribute is state
    again = optimizers.deserialize(optimizers.serialize(heavy), {"Heavy": Heavy})
    assert again.get_config() == heavy.get_config()
    with pytest.raises(NotImplementedError, match="override update_step"):
        Optimizer(0.1).apply([np.ones((3, 2)), np.ones(2)], variables_of())


def test_add_variable_takes_numbers_and_tensors() -> None:
    optimizer = SGD()
    assert optimizer.add_variable((2,), 0.5).numpy().tolist() == [0.5, 0.5]
    assert optimizer.add_variable((2,), np.ones(2), "float64", name="x").dtype == "float64"
    pair = optimizer.add_optimizer_variables(variables_of(), ["a", "b"], ["zeros", 1.0])
    assert [len(column) for column in pair] == [2, 2] and pair[1][1].numpy().tolist() == [1.0, 1.0]
    with pytest.raises(ValueError, match="an initializer for each"):
        optimizer.add_optimizer_variables(variables_of(), ["a", "b"], ["zeros"])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Adam(lr=0.1), r"Adam: argument not recognized: lr=0.1. Did you mean 'learning_rate'\?"),
        (lambda: Adam(beta1=0.1), r"Did you mean 'beta_1'\?"),
        (lambda: SGD(clip_norm=1.0), r"Did you mean 'clipnorm'\?"),
        (lambda: Adam("fast"), r"learning_rate \(unless a schedule or a function\) to be a number; got 'fast'"),
        (lambda: Adam(float("nan")), "got nan"),
        (lambda: SGD(clipnorm=1.0, clipvalue=1.0), "at most one of .* got clipnorm=1.0, clipvalue=1.0"),
        (lambda: SGD(clipnorm="1"), "clipnorm to be a number"),
        (lambda: SGD(momentum=2.0), "momentum to be a number from 0 to 1; got 2.0"),
        (lambda: SGD(gradient_accumulation_steps=1), "gradient_accumulation_steps to be an integer of at least 2"),
        (lambda: SGD(use_ema=True, ema_momentum=1.5), "ema_momentum to be a number from 0 to 1"),
        (lambda: SGD(use_ema=True, ema_overwrite_frequency=2.5), "ema_overwrite_frequency to be an integer"),
        (lambda: optimizers.AdamW(weight_decay=None), "weight_decay to be a number; got None"),
        (lambda: optimizers.Lion(beta_1=0.0), "beta_1"),
        (lambda: optimizers.Ftrl(l1_regularization_strength=-1.0), "l1_regularization_strength to be a number from 0"),
        (lambda: optimizers.Ftrl(learning_rate_power=0.5), "learning_rate_power"),
        (lambda: LossScaleOptimizer(Adam(), clipnorm=1.0), "give it to the inner optimizer"),
        (lambda: optimizers.get("adm"), r"Did you mean 'adam'\?"),
        (lambda: optimizers.get(3), "expected a name"),
        (lambda: optimizers.get(len), "expected a name or an Optimizer"),
        (lambda: SGD().apply([np.ones(2)]), r"call build\(variables\) first"),
        (lambda: SGD().apply([np.ones(2)], variables_of()), "expected 2 gradients, one a variable; got 1"),
        (lambda: SGD().apply([np.ones(2), np.ones(2)], variables_of()), r"'kernel': expected a gradient of its shape"),
    ],
)
def test_errors(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_unknown_variable() -> None:
    optimizer, variables = SGD(), variables_of()
    optimizer.build(variables)
    with pytest.raises(ValueError, match="unknown variable 'other'"):
        optimizer.apply([np.ones(1)], [Variable([1.0], name="other")])


def test_deprecated_names_as_in_keras() -> None:
    with pytest.warns(UserWarning, match="`decay` is no longer supported"):
        assert not hasattr(SGD(decay=0.1), "decay")
    with pytest.warns(UserWarning, match="set `learning_rate`"):
        SGD().lr = 0.5
    with pytest.raises(AttributeError, match=r"Did you mean 'learning_rate'\?"):
        _ = SGD().lr
