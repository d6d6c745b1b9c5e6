"""A derivation's numbers are those of training, its formulas mean what it computes, the worked examples come out."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers, ops
from chainrule.autodiff import pull_back
from chainrule.insight.derive import derive
from chainrule.insight.derive.checking import check_rules
from chainrule.primitives.arithmetic import full


def sigma(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def compiled(parts, shape, loss, optimizer="sgd"):
    model = cr.Sequential([layers.Input(shape), *parts])
    model.compile(optimizer=optimizer, loss=loss)
    return model


# the two examples that introductory texts work by hand, as columns and with biases

X, TARGET = np.array([[1.0], [2.0]]), np.array([[3.0], [4.0]])
W1, B1 = np.array([[0.1, -0.2], [0.3, 0.4]]), np.array([[0.05], [-0.05]])
W2, B2 = np.array([[0.5, -0.6], [0.7, 0.8]]), np.array([[0.1], [0.2]])


def two_layers(rate=0.5):
    model = compiled([layers.Dense(2, "sigmoid", name="hidden"), layers.Dense(2, "sigmoid", name="out")], (2,), "mse",
                     cr.optimizers.SGD(rate))  # fmt: skip
    model.set_weights([W1.T, B1[:, 0], W2.T, B2[:, 0]])
    return model


def test_worked_example_one_columns_every_delta_gradient_and_update():
    found = derive(two_layers(), X.T, TARGET.T, notation="column")
    z1 = W1 @ X + B1
    a1 = sigma(z1)
    y = sigma(W2 @ a1 + B2)
    delta2 = (y - TARGET) * y * (1 - y)  # half the sum of squares: mse of two outputs
    delta1 = (W2.T @ delta2) * a1 * (1 - a1)
    expected = {
        "z⁽¹⁾": z1, "a⁽¹⁾": a1, "ŷ": y, "δ⁽²⁾": delta2, "δ⁽¹⁾": delta1, "∂L/∂W⁽²⁾": delta2 @ a1.T,
        "∂L/∂W⁽¹⁾": delta1 @ X.T, "∂L/∂b⁽²⁾": delta2, "∂L/∂b⁽¹⁾": delta1, "∂L/∂a⁽¹⁾": W2.T @ delta2,
    }  # fmt: skip
    for name, value in expected.items():
        np.testing.assert_allclose(found.value(name), value, rtol=2e-6, atol=1e-8, err_msg=name)
    assert found.loss == pytest.approx(0.5 * float(((y - TARGET) ** 2).sum()), rel=1e-6)
    after = {"hidden/kernel": (W1 - 0.5 * delta1 @ X.T).T, "hidden/bias": (B1 - 0.5 * delta1)[:, 0],
             "out/kernel": (W2 - 0.5 * delta2 @ a1.T).T, "out/bias": (B2 - 0.5 * delta2)[:, 0]}  # fmt: skip
    for path, value in after.items():
        np.testing.assert_allclose(found.weights_after[path], value, rtol=2e-6, err_msg=path)
    text = found.text()
    for line in ("z⁽¹⁾ = W⁽¹⁾ x + b⁽¹⁾", "= (W⁽²⁾ᵀ δ⁽²⁾) ⊙ a⁽¹⁾ ⊙ (1 − a⁽¹⁾)", "∂L/∂W⁽²⁾ = δ⁽²⁾ a⁽¹⁾ᵀ",
                 "∂L/∂W⁽¹⁾ = δ⁽¹⁾ xᵀ", "∂L/∂b⁽¹⁾ = δ⁽¹⁾", "W⁽¹⁾ ← W⁽¹⁾ − η ∂L/∂W⁽¹⁾"):  # fmt: skip
        assert line in text, line


def test_worked_example_one_rows_as_in_keras():
    text = derive(two_layers(), X.T, TARGET.T).text()
    for line in ("z⁽¹⁾ = x W⁽¹⁾ + b⁽¹⁾", "= (δ⁽²⁾ W⁽²⁾ᵀ) ⊙ a⁽¹⁾ ⊙ (1 − a⁽¹⁾)", "∂L/∂W⁽²⁾ = a⁽¹⁾ᵀ δ⁽²⁾",
                 "∂L/∂ŷ = 2/2 (ŷ − y)"):  # fmt: skip
        assert line in text, line


def test_worked_example_one_cannot_reach_its_targets():
    found = derive(two_layers(), X.T, TARGET.T)
    (finding,) = found.findings
    assert finding.rule == "unreachable-targets" and finding.values["infimum"] == 6.5
    assert "loss stays above 6.5" in found.warnings[0]
    trained = two_layers(20.0)
    trained.fit(X.T, TARGET.T, epochs=3000, verbose=0)
    assert 6.5 <= trained.evaluate(X.T, TARGET.T, verbose=0) < 6.55  # in float32 the outputs become 1


def test_worked_example_two_one_linear_neuron():
    x1, x2, w1, w2, b, y_true, rate = 2.0, 3.0, 0.5, -0.4, 0.1, 1.0, 0.01
    model = compiled([layers.Dense(1, name="neuron")], (2,), "mse", cr.optimizers.SGD(rate))
    model.set_weights([np.array([[w1], [w2]]), np.array([b])])
    found = derive(model, [[x1, x2]], [[y_true]])
    error = w1 * x1 + w2 * x2 + b - y_true
    assert found.loss == pytest.approx(error**2, rel=1e-5)
    np.testing.assert_allclose(found.value("∂L/∂ŷ"), [[2 * error]], rtol=1e-6)
    np.testing.assert_allclose(found.value("∂L/∂W"), [[2 * error * x1], [2 * error * x2]], rtol=1e-6)
    np.testing.assert_allclose(found.value("∂L/∂b"), [[2 * error]], rtol=1e-6)
    kernel = found.weights_after["neuron/kernel"].ravel()
    np.testing.assert_allclose(kernel, [w1 - rate * 2 * error * x1, w2 - rate * 2 * error * x2], rtol=1e-6)
    assert "∂L/∂ŷ = 2 (ŷ − y)" in found.text() and "∂L/∂W = xᵀ ∂L/∂ŷ" in found.text()


def test_the_slope_of_the_sigmoid_cancels_in_the_binary_cross_entropy():
    model = compiled([layers.Dense(3, "tanh"), layers.Dense(1, "sigmoid")], (2,), "binary_crossentropy")
    x, y = rng().normal(size=(5, 2)), np.array([0, 1, 1, 0, 1.0])
    found = derive(model, x, y)
    np.testing.assert_allclose(found.value("δ⁽²⁾"), (found.value("ŷ") - y[:, None]) / 5, rtol=1e-5, atol=1e-7)
    text = found.text()
    assert "δ⁽²⁾ = 1/n (ŷ − y)" in text and "the factor σ′ cancels" in text
    assert "L = −1/n Σ (y ⊙ ln(ŷ) + (1 − y) ⊙ ln(1 − ŷ))" in text


NETWORKS = {
    "dense": lambda: ([layers.Dense(4, "relu"), layers.Dense(3, "softmax")], (5,), "sparse_categorical_crossentropy",
                      3),
    "one-hot": lambda: ([layers.Dense(4, "gelu"), layers.Dense(3, "softmax")], (5,), "categorical_crossentropy", (3,)),
    "binary": lambda: ([layers.Dense(4, "elu"), layers.Dense(1, "sigmoid")], (5,), "binary_crossentropy", 2),
    "regression": lambda: ([layers.Dense(4, "leaky_relu"), layers.Dense(2)], (5,), "huber", (2,)),
    "norms": lambda: ([layers.Dense(6), layers.BatchNormalization(), layers.Activation("silu"),
                       layers.LayerNormalization(), layers.Dropout(0.4), layers.Dense(2)], (5,), "mae", (2,)),
    "convolution": lambda: ([layers.Conv2D(3, 2, activation="relu"), layers.MaxPooling2D(), layers.Flatten(),
                             layers.Dense(2)], (5, 5, 2), "mse", (2,)),
    "lstm": lambda: ([layers.LSTM(3, return_sequences=True), layers.GRU(2), layers.Dense(2)], (4, 3), "mse", (2,)),
    "embedding": lambda: ([layers.Embedding(7, 3), layers.GlobalAveragePooling1D(), layers.Dense(2)], (4,), "mse",
                           (2,)),
    "bidirectional": lambda: ([layers.Bidirectional(layers.LSTM(2)), layers.Dense(1)], (4, 3), "mae", (1,)),
    "regularized": lambda: ([layers.Dense(4, "softplus", kernel_regularizer="l2"), layers.Dense(1, activation="tanh",
                             use_bias=False)], (5,), "log_cosh", (1,)),
    "sequence": lambda: ([layers.Dense(4, "selu"), layers.Dense(3, "softmax")], (4, 2), "categorical_crossentropy",
                         (4, 3)),
}  # fmt: skip


def problem(name, rows=6):
    parts, shape, loss, target = NETWORKS[name]()
    random = rng()
    x = random.integers(0, 7, (rows, *shape)) if name == "embedding" else random.normal(size=(rows, *shape))
    if isinstance(target, int):
        y = random.integers(0, target, rows)
    elif loss == "categorical_crossentropy":
        y = np.eye(target[-1])[random.integers(0, target[-1], (rows, *target[:-1]))]
    else:
        y = random.normal(size=(rows, *target))
    return compiled(parts, shape, loss, cr.optimizers.SGD(0.1, momentum=0.9)), x, y


@pytest.mark.parametrize("notation", ["row", "column"])
@pytest.mark.parametrize("name", NETWORKS)
def test_numbers_are_those_of_training_and_formulas_mean_them(name, notation):
    model, x, y = problem(name)
    before = [w.copy() for w in model.get_weights()]
    found = derive(model, x, y, steps=2, notation=notation)
    checks = found.checks
    assert checks.formulas >= 5 and checks.formula_error < 2e-4
    assert checks.entries >= 4 and checks.gradient_error < 2e-3
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True)), "the model was changed"
    losses = [model.train_on_batch(x, y) for _ in range(2)]
    assert found.loss == pytest.approx(losses[0], rel=2e-5)
    assert found.steps[1].loss == pytest.approx(losses[1], rel=2e-5)
    for path, variable in zip(found.recording.paths, model.trainable_variables, strict=True):
        np.testing.assert_allclose(found.weights_after[path], variable.numpy(), rtol=1e-4, atol=2e-6)


@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_are_those_of_reverse_mode(name):
    model, x, y = problem(name)
    found = derive(model, x, y)
    program, walk = found.recording.program, found.steps[0].walk
    seeds = [full((), 1, "float32"), *[None] * (len(program.outputs) - 1)]
    count = len(found.recording.trained)
    _, gradients = pull_back(program, [walk.values[v] for v in program.inputs], seeds, range(count))
    for path, gradient in zip(found.recording.paths, gradients, strict=True):
        np.testing.assert_allclose(found.gradients[path], gradient.numpy(), rtol=1e-5, atol=1e-7)


def slid(x, w):
    """conv(x, W) by its definition, of rank 2: each place is the sum over the window and the channels."""
    height, width = x.shape[1] - w.shape[0] + 1, x.shape[2] - w.shape[1] + 1
    return np.array([[[np.sum(image[i : i + w.shape[0], j : j + w.shape[1], :, None] * w, axis=(0, 1, 2))
                       for j in range(width)] for i in range(height)] for image in x])  # fmt: skip


def test_a_convolution_is_that_of_the_textbooks():
    model = compiled([layers.Conv2D(2, 3, padding="same", activation="relu"), layers.Conv2D(3, 2, use_bias=False),
                      layers.MaxPooling2D(), layers.Flatten(), layers.Dense(1)], (5, 5, 2), "mse")  # fmt: skip
    x = rng().normal(size=(2, 5, 5, 2))
    found = derive(model, x, np.ones((2, 1)))
    lines = [" ".join(line.split()) for line in found.text().splitlines()]
    assert "z⁽¹⁾ = conv(x, W⁽¹⁾, padding ((1, 1), (1, 1))) + b⁽¹⁾ 2×5×5×2" in lines
    assert "z⁽²⁾ = conv(a⁽¹⁾, W⁽²⁾) 2×4×4×3" in lines
    assert "∂L/∂a⁽¹⁾ = conv(δ⁽²⁾, flip(W⁽²⁾)) 2×5×5×2" in lines
    assert "∂L/∂W⁽¹⁾ = conv(x, δ⁽¹⁾) 3×3×2×2" in lines
    w, delta, a = found.value("W⁽²⁾"), found.value("δ⁽²⁾"), found.value("a⁽¹⁾")
    np.testing.assert_allclose(found.value("z⁽²⁾"), slid(a, w), rtol=1e-4, atol=1e-5)
    around = np.pad(delta, [(0, 0), (1, 1), (1, 1), (0, 0)])
    back = slid(around, w[::-1, ::-1].swapaxes(2, 3))
    np.testing.assert_allclose(found.value("∂L/∂a⁽¹⁾"), back, rtol=1e-4, atol=1e-6)
    met = [[np.einsum("nijc,nijk->ck", a[:, p : p + 4, q : q + 4], delta) for q in range(2)] for p in range(2)]
    np.testing.assert_allclose(found.value("∂L/∂W⁽²⁾"), met, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found.value("∂L/∂b⁽¹⁾").ravel(), found.value("δ⁽¹⁾").sum((0, 1, 2)), rtol=1e-4)
    assert "∂L/∂z⁽²⁾" not in found.text() and any("if z⁽²⁾ = max of its window" in line for line in lines)


OPTIMIZERS = ["sgd", "rmsprop", "adagrad", "adadelta", "adam", "adamw", "adamax", "nadam", "ftrl", "lion", "lamb"]


@pytest.mark.parametrize("name", [*OPTIMIZERS, "momentum", "nesterov", "clipped", "schedule"])
def test_updates_are_those_of_the_optimizer(name):
    special = {
        "momentum": lambda: cr.optimizers.SGD(0.1, momentum=0.8),
        "nesterov": lambda: cr.optimizers.SGD(0.1, momentum=0.8, nesterov=True),
        "clipped": lambda: cr.optimizers.Adam(0.1, global_clipnorm=0.01),
        "schedule": lambda: cr.optimizers.SGD(cr.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)),
    }
    optimizer = special[name]() if name in special else name
    model = compiled([layers.Dense(3, "tanh"), layers.Dense(1)], (2,), "mse", optimizer)
    x, y = rng().normal(size=(4, 2)), rng().normal(size=(4, 1))
    found = derive(model, x, y, steps=3)
    assert found.checks.step_error < 1e-3 and found.checks.formula_error < 1e-3
    rules = [r.numbered(found.update, found.steps[1].updates, np.asarray) for r in found.update.rules]
    count, worst = check_rules(rules)
    assert count >= len(rules) and worst < 1e-3
    for _ in range(3):
        model.train_on_batch(x, y)
    for variable in model.trainable_variables:
        after = found.weights_after[variable.path.removeprefix(f"{model.name}/")]
        np.testing.assert_allclose(after, variable.numpy(), rtol=1e-5, atol=1e-7)


RULES = {
    "sgd": ["θ ← θ − η g"],
    "momentum": ["mₜ = μ mₜ₋₁ − η g", "θₜ = θₜ₋₁ + mₜ"],
    "adam": ["mₜ = mₜ₋₁ + (1 − β₁) (g − mₜ₋₁)", "vₜ = vₜ₋₁ + (1 − β₂) (g ⊙ g − vₜ₋₁)", "(√(vₜ) + ε)", "1 − β₂ᵗ"],
    "adamw": ["θₜ = θₜ₋₁ − η λ θₜ₋₁ − (η √(1 − β₂ᵗ) / (1 − β₁ᵗ)) mₜ / (√(vₜ) + ε)"],
    "rmsprop": ["vₜ = ρ vₜ₋₁ + (1 − ρ) (g ⊙ g)"],
    "adagrad": ["sₜ = sₜ₋₁ + g ⊙ g"],
}


def test_a_row_of_the_data_alone():
    model, x, y = problem("dense")
    found = derive(model, x, y, row=3)
    assert found.value("x").shape == (1, 5)
    np.testing.assert_allclose(found.value("x")[0], x[3], rtol=1e-6)
    assert found.loss == pytest.approx(float(model.test_on_batch(x[3:4], y[3:4])), rel=1e-5)


def test_shared_layers_and_sample_weights_add_up():
    tensor, shared = layers.Input((3,)), layers.Dense(3, "tanh")
    first = shared(tensor)
    output = layers.Dense(1)(layers.add([first, shared(first)]))
    model = cr.Model(tensor, output)
    model.compile("sgd", "mse")
    x, y, weight = rng().normal(size=(4, 3)), rng().normal(size=(4, 1)), np.array([1.0, 2.0, 0.5, 0.0])
    found = derive(model, x, y, weight)
    model.train_on_batch(x, y, sample_weight=weight)
    for variable in model.trainable_variables:
        after = found.weights_after[variable.path.removeprefix(f"{model.name}/")]
        np.testing.assert_allclose(after, variable.numpy(), rtol=1e-5, atol=1e-7)
    assert found.checks.formula_error < 1e-5 and " via " in found.text() and "s ⊙ (ŷ − y)²" in found.text()


def test_two_outputs_with_weights_and_attention():
    tensor = layers.Input((4, 6))
    seen = layers.LayerNormalization()(layers.Add()([tensor, layers.MultiHeadAttention(2, 3)(tensor, tensor)]))
    pooled = layers.GlobalAveragePooling1D()(seen)
    outputs = [layers.Dense(1, name="p")(pooled), layers.Dense(3, "softmax", name="q")(pooled)]
    model = cr.Model(tensor, outputs)
    model.compile("adam", {"p": "mse", "q": "categorical_crossentropy"}, loss_weights={"p": 1.0, "q": 0.5})
    x, y = rng().normal(size=(3, 4, 6)), {"p": rng().normal(size=(3, 1)), "q": np.eye(3)}
    found = derive(model, x, y)
    assert found.checks.formula_error < 1e-4 and found.checks.gradient_error < 1e-4 and found.checks.step_error < 1e-2
    loss = model.train_on_batch(x, y)
    assert found.loss == pytest.approx(loss[0] if isinstance(loss, list) else loss, rel=1e-5)
    text = found.text()
    assert "∂L/∂ŷ₁ = ∂L/∂" in text and "ŷ₂" in text


def test_a_subclassed_model_and_a_loss_of_ones_own():
    class Net(cr.Model):
        def __init__(self):
            super().__init__()
            self.inner, self.outer = layers.Dense(4), layers.Dense(1)

        def call(self, inputs):
            z = self.inner(inputs)
            return self.outer(z * ops.sigmoid(z) + ops.sin(z))

    model = Net()
    model.compile("adam", lambda y, p: 0.5 * ops.sum(ops.square(p - y), axis=-1))
    x, y = rng().normal(size=(4, 3)), rng().normal(size=(4, 1))
    found = derive(model, x, y)
    assert found.checks.formula_error < 1e-5 and found.checks.gradient_error < 1e-4
    model.train_on_batch(x, y)
    for variable in model.trainable_variables:
        after = found.weights_after[variable.path.removeprefix(f"{model.name}/")]
        np.testing.assert_allclose(after, variable.numpy(), rtol=1e-5, atol=1e-7)
    assert "sin(" in found.text() and "cos(" in found.text()


def test_errors_say_what_to_do():
    model = two_layers()
    with pytest.raises(ValueError, match=r"call model\.compile"):
        derive(cr.Sequential([layers.Dense(1)]), X.T, TARGET.T)
    with pytest.raises(ValueError, match=r"expected 'row' or 'column'.*Did you mean 'column'"):
        derive(model, X.T, TARGET.T, notation="columns")
    with pytest.raises(ValueError, match=r"the last one is number 1 .* got number 2 \(row=1\)"):
        derive(model, X.T, TARGET.T, row=1)
    with pytest.raises(ValueError, match="Give x and y"):
        unbuilt = cr.Sequential([layers.Dense(1)])
        unbuilt.compile("sgd", "mse")
        derive(unbuilt)
    with pytest.raises(ValueError, match="no numbers"):
        derive(model).gradients  # noqa: B018
    with pytest.raises(ValueError, match="Did you mean"):
        derive(model, X.T, TARGET.T).value("z⁽³⁾")
    class Own(cr.Sequential):
        def train_step(self, data):
            return {}

    own = Own([layers.Input((2,)), layers.Dense(2)])
    own.compile("sgd", "mse")
    with pytest.raises(NotImplementedError, match="train_step of its own"):
        derive(own, X.T, TARGET.T)
    with pytest.raises(ValueError, match="lang"):
        derive(model, X.T, TARGET.T, lang="fr")


@pytest.mark.parametrize("name", RULES)
def test_rules_read_as_in_the_papers(name):
    optimizer = cr.optimizers.SGD(0.1, momentum=0.8) if name == "momentum" else name
    text = derive(compiled([layers.Dense(1)], (2,), "mse", optimizer)).text()
    for part in RULES[name]:
        assert part in text, (part, text[text.index("Update") :])
