"""`grad`, `value_and_grad`, `jvp`, `compile`, `check_gradients`, `trace_function`."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers, ops
from chainrule.errors import ArgumentError, NonFiniteError, NotDifferentiableError, TracedValueError

from .small import REAL, X, linear, same_weights

A = np.array([[1.0, -2.0], [0.5, 3.0]])


def numbers(tree):
    if isinstance(tree, dict):
        return {key: numbers(value) for key, value in tree.items()}
    return [numbers(item) for item in tree] if isinstance(tree, (list, tuple)) else np.asarray(tree).tolist()


# grad


def test_grad_of_numbers_arrays_and_integers():
    assert float(cr.grad(lambda x: x**3)(2.0)) == 12.0
    assert float(cr.grad(lambda x: x * x)(3)) == 6.0
    np.testing.assert_array_equal(cr.grad(lambda a: ops.sum(a * a))(A), 2 * A)
    assert cr.grad(lambda a: ops.sum(a))(A).dtype == np.float64
    assert cr.grad(lambda a: ops.sum(a))(A.astype("float32")).dtype == np.float32


def test_gradients_have_the_structure_of_the_arguments():
    tree = {"w": [np.float64(2.0), (np.float64(3.0),)], "b": np.float64(5.0)}
    value, slopes = cr.value_and_grad(lambda t: t["w"][0] * t["w"][1][0] + t["b"] ** 2)(tree)
    assert float(value) == 31.0 and numbers(slopes) == {"w": [3.0, [2.0]], "b": 10.0}
    assert isinstance(slopes["w"][1], tuple)


def test_argnums():
    def f(x, y, *, scale=1.0):
        return scale * x * y

    assert float(cr.grad(f, argnums=1)(2.0, 5.0)) == 2.0
    assert numbers(cr.grad(f, argnums=(0, 1))(2.0, 5.0)) == [5.0, 2.0]
    assert numbers(cr.grad(f, argnums=[1])(2.0, 5.0, scale=3.0)) == [6.0]
    assert float(cr.grad(f, argnums=-1)(2.0, 5.0)) == 2.0
    with pytest.raises(ArgumentError, match="argnums below 2"):
        cr.grad(f, argnums=2)(2.0, 5.0)


def test_has_aux():
    def f(x):
        return ops.sum(x * x), {"double": 2 * x, "nothing": None, "number": 7}

    (value, aux), slope = cr.value_and_grad(f, has_aux=True)(np.array([1.0, 2.0]))
    assert float(value) == 5.0 and numbers(slope) == [2.0, 4.0] and numbers(aux["double"]) == [2.0, 4.0]
    assert aux["nothing"] is None and int(aux["number"]) == 7
    slope, aux = cr.grad(f, has_aux=True)(np.array([1.0, 2.0]))
    assert numbers(slope) == [2.0, 4.0] and numbers(aux["double"]) == [2.0, 4.0]


def test_nested_gradients_and_hessians():
    f = lambda x: ops.sin(x) * x**2  # noqa: E731
    x = 1.3
    derivatives = [f]
    for _ in range(3):
        derivatives.append(cr.grad(derivatives[-1]))
    exact = [
        np.sin(x) * x**2, np.cos(x) * x**2 + 2 * x * np.sin(x),
        -np.sin(x) * x**2 + 4 * x * np.cos(x) + 2 * np.sin(x),
        -np.cos(x) * x**2 - 6 * x * np.sin(x) + 6 * np.cos(x),
    ]  # fmt: skip
    np.testing.assert_allclose([float(d(np.float64(x))) for d in derivatives], exact, rtol=1e-12)
    quadratic = lambda v: 0.5 * ops.sum(v * ops.matmul(A + A.T, v))  # noqa: E731
    rows = [cr.grad(lambda v, k=k: cr.grad(quadratic)(v)[k])(np.array([1.0, 2.0])) for k in range(2)]
    np.testing.assert_allclose(rows, A + A.T, rtol=1e-12)


def test_gradient_through_control_flow_and_closures():
    scale = np.full((2, 2), 3.0)

    def f(a):
        total = ops.scan(lambda c, row: (c + ops.sum(row * row), c), np.float64(0), a * scale)[0]
        return ops.cond(total > 1.0, lambda: total * 2.0, lambda: total)

    np.testing.assert_allclose(cr.grad(f)(A), 2 * 2 * 9 * A, rtol=1e-12)


def test_stop_gradient_and_unused_arguments():
    assert float(cr.grad(lambda x: x * ops.stop_gradient(x))(4.0)) == 4.0
    assert numbers(cr.grad(lambda x, y: x * 1.0, argnums=(0, 1))(2.0, np.ones(2))) == [1.0, [0.0, 0.0]]


@pytest.mark.parametrize(("function", "argument", "text"), [
    (lambda x: x, A, r"value is one float; got float64\[2,2\]. Use ops.sum"),
    (lambda x: ops.argmax(x), A, "value is one float; got"),
    (lambda x: ops.sum(x), np.array([1, 2]), r"float arguments to differentiate by; got int64\[2\]"),
    (lambda x: ops.sum(x), np.array([True]), "float arguments"),
])  # fmt: skip
def test_what_has_no_gradient(function, argument, text):
    with pytest.raises(NotDifferentiableError, match=text):
        cr.grad(function)(argument)


def test_numpy_inside_grad_says_what_to_do():
    with pytest.raises(TracedValueError, match=r"use chainrule.ops"):
        cr.grad(lambda x: float(x) ** 2)(3.0)


# Variables


def test_gradient_by_variables_that_the_function_reads():
    a, b = cr.Variable(2.0), cr.Variable([1.0, 3.0])
    value, slopes = cr.value_and_grad(lambda _: a * ops.sum(b * b))([a, b])
    assert float(value) == 20.0 and numbers(slopes) == [10.0, [4.0, 12.0]]
    assert float(cr.grad(lambda v: v * v)(a)) == 4.0 and float(a) == 2.0


def test_what_the_function_assigns_is_kept():
    count, w = cr.Variable(0.0), cr.Variable(3.0)

    def f(v):
        count.assign_add(1.0)
        return v * v + count

    value, slope = cr.value_and_grad(f)(w)
    assert float(value) == 10.0 and float(slope) == 6.0 and float(count) == 1.0
    value, _ = cr.value_and_grad(f)(2.0)
    assert float(value) == 6.0 and float(count) == 2.0


def test_a_training_loop_of_ones_own_is_fit():
    model, by_fit = linear(optimizer=cr.optimizers.Adam(0.05)), linear(optimizer=cr.optimizers.Adam(0.05))
    optimizer = model.optimizer

    def step(x, y):
        loss = lambda _: ops.mean(ops.square(model(x)[:, 0] - y))  # noqa: E731
        value, gradients = cr.value_and_grad(loss)(model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)
        return value

    compiled = cr.compile(step)
    for _ in range(3):
        compiled(X, REAL)
    by_fit.fit(X, REAL, batch_size=22, epochs=3, shuffle=False, verbose=0)
    for a, b in zip(model.get_weights(), by_fit.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)
    assert int(optimizer.iterations) == 3
    step(X, REAL)  # and without compile
    by_fit.fit(X, REAL, batch_size=22, shuffle=False, verbose=0)
    np.testing.assert_allclose(model.get_weights()[0], by_fit.get_weights()[0], rtol=1e-6)


def test_layers_with_state_inside_grad():
    norm, drop = layers.BatchNormalization(momentum=0.5), layers.Dropout(0.5, seed=3)
    norm(X)
    before = norm.moving_mean.numpy()
    loss = lambda vs: ops.sum(drop(norm(X, training=True), training=True) ** 2)  # noqa: E731
    one, two = (float(cr.value_and_grad(loss)(norm.trainable_variables)[0]) for _ in range(2))
    np.testing.assert_allclose(norm.moving_mean.numpy(), 0.25 * before + 0.75 * X.mean(0), rtol=1e-5, atol=1e-6)
    assert one != two  # another draw


# jvp


def test_jvp_is_the_directional_derivative():
    f = lambda a: {"s": ops.sin(a), "n": ops.sum(a * a)}  # noqa: E731
    direction = np.array([[0.1, 0.2], [-0.3, 0.4]])
    value, moved = cr.jvp(f, (A,), (direction,))
    np.testing.assert_allclose(value["s"], np.sin(A), rtol=1e-12)
    np.testing.assert_allclose(moved["s"], np.cos(A) * direction, rtol=1e-12)
    np.testing.assert_allclose(moved["n"], 2 * np.sum(A * direction), rtol=1e-12)


def test_forward_over_reverse_is_a_hessian_vector_product():
    f = lambda v: ops.sum(ops.exp(v) * v)  # noqa: E731
    v, u = np.array([0.5, -1.0]), np.array([1.0, 2.0])
    _, product = cr.jvp(cr.grad(f), (v,), (u,))
    np.testing.assert_allclose(product, np.exp(v) * (v + 2) * u, rtol=1e-12)


def test_jvp_of_several_arguments_and_of_the_wrong_number():
    value, moved = cr.jvp(lambda x, y: x * y, (3.0, 4.0), (1.0, 10.0))
    assert float(value) == 12.0 and float(moved) == 34.0
    with pytest.raises(ArgumentError, match="expected 2 tangents, one for each primal; got 1"):
        cr.jvp(lambda x, y: x * y, (3.0, 4.0), (1.0,))


# compile


def counting(function):
    def wrapped(*args, **kwargs):
        wrapped.traces += 1
        return function(*args, **kwargs)

    wrapped.traces = 0
    return wrapped


def test_compile_records_once_for_each_signature():
    f = counting(lambda x, n: x * n)
    compiled = cr.compile(f)
    for _ in range(3):
        assert numbers(compiled(np.ones(2, "float32"), 2)) == [2.0, 2.0]
    assert f.traces == 1
    compiled(np.zeros(2, "float32"), 2)
    assert f.traces == 1  # other numbers, same shape
    compiled(np.ones(3, "float32"), 2)
    compiled(np.ones(2, "float64"), 2)
    compiled(np.ones(2, "float32"), 3)
    assert f.traces == 4


def test_numbers_that_are_equal_and_not_the_same():
    compiled = cr.compile(lambda x, n: (x * n, type(n).__name__ == "bool"))
    assert compiled(np.int32(4), 1)[0].dtype == np.int32
    assert compiled(np.int32(4), 1.0)[0].dtype == np.float32
    assert bool(compiled(np.int32(4), True)[1])


def test_compile_takes_trees_keywords_and_static_arguments():
    def f(tree, *, mode="add", more=()):
        a, b = tree["a"], tree["b"][0]
        return {"r": a + b if mode == "add" else a * b, "n": len(more)}

    compiled = cr.compile(f)
    tree = {"a": np.float32(3), "b": [np.float32(4)]}
    assert float(compiled(tree)["r"]) == 7.0 and float(compiled(tree, mode="mul")["r"]) == 12.0
    assert int(compiled(tree, more=(1, 2))["n"]) == 2
    assert compiled.__name__ == "f"


def test_compile_with_static_functions_and_none():
    compiled = cr.compile(lambda f, x, y: f(x) if y is None else f(x) + y)
    assert float(compiled(ops.exp, np.float32(0), None)) == 1.0
    assert float(compiled(ops.cos, np.float32(0), np.float32(1))) == 2.0


def test_compile_reads_variables_anew_and_assigns_them():
    w, count = cr.Variable(2.0), cr.Variable(0)
    f = counting(lambda x: (count.assign_add(1), w * x)[1])
    compiled = cr.compile(f)
    assert float(compiled(np.float32(3))) == 6.0
    w.assign(5.0)
    assert float(compiled(np.float32(3))) == 15.0 and f.traces == 1 and int(count) == 2
    by_argument = cr.compile(lambda v, x: v.assign(v + x))
    by_argument(w, np.float32(1))
    by_argument(w, np.float32(1))
    assert float(w) == 7.0


@pytest.mark.parametrize("executor", ["reference", "native"])
def test_what_is_assigned_and_returned_is_no_memory_of_the_caller(executor, monkeypatch):
    monkeypatch.setitem(cr.config._settings, "executor", executor)
    kept, given = cr.Variable(np.zeros(3, "float32")), np.ones(3, "float32")
    same, turned = cr.compile(lambda x: (kept.assign(x), x[::-1]))(given)
    given[0] = 99
    assert numbers([kept.numpy(), same, turned]) == [[1.0, 1.0, 1.0]] * 3


def test_compile_draws_new_random_numbers_in_each_call():
    seeded = cr.random.SeedGenerator(1)
    for draw in (lambda x: x + cr.random.normal((2,)), lambda x: x + cr.random.normal((2,), seed=seeded)):
        compiled = cr.compile(draw)
        assert numbers(compiled(np.zeros(2, "float32"))) != numbers(compiled(np.zeros(2, "float32")))


def test_compile_of_grad_and_grad_of_compile():
    f = lambda a: ops.sum(ops.tanh(a) ** 2)  # noqa: E731
    exact = 2 * np.tanh(A) / np.cosh(A) ** 2
    for gradient in (cr.compile(cr.grad(f)), cr.grad(cr.compile(f)), cr.compile(cr.grad(cr.compile(f)))):
        np.testing.assert_allclose(gradient(A), exact, rtol=1e-12)
    value, slope = cr.compile(cr.value_and_grad(f))(A)
    np.testing.assert_allclose(value, np.sum(np.tanh(A) ** 2), rtol=1e-12)
    np.testing.assert_allclose(slope, exact, rtol=1e-12)


def test_compile_as_decorator_of_a_model_call():
    model = linear()
    forward = cr.compile(model)
    np.testing.assert_allclose(forward(X), model(X), rtol=1e-6)
    before = numbers(forward(X[:1]))
    model.set_weights([w + 1 for w in model.get_weights()])
    assert numbers(forward(X[:1])) != before
    assert same_weights(model, model.get_weights())


def test_compile_with_an_unknown_executor():
    with pytest.raises(ArgumentError, match=r"executor: .*'refrence'.*Did you mean 'reference'"):
        cr.compile(lambda x: x, executor="refrence")(np.float32(1))


def test_trace_function_gives_the_program():
    program = cr.trace_function(lambda a, b: a @ b + 1.0, A, A)
    assert program.equations[0].primitive.name == "dot_general"
    assert [t.shape for t in program.input_types] == [(2, 2), (2, 2)] and program.output_types[0].shape == (2, 2)


# check_gradients


def test_check_gradients_accepts_right_and_refuses_wrong_ones():
    assert cr.check_gradients(lambda a, b: ops.sum(ops.sigmoid(a) * b), A, A.T) < 1e-8
    assert cr.check_gradients(lambda x, n: ops.sum(x**n), np.array([1.5, 2.0]), 3) < 1e-7  # n is no float
    assert cr.check_gradients(lambda t: ops.sum(t["a"] * t["b"]), {"a": A.astype("float32"), "b": A}) < 1e-7
    with pytest.raises(ArgumentError, match=r"relative error 0\.\d+ is above the tolerance 1e-05"):
        cr.check_gradients(lambda x: ops.sum(x * ops.stop_gradient(x)), A)


def test_check_gradients_says_where_it_makes_no_sense():
    with pytest.raises(NonFiniteError, match="the slope is"):
        cr.check_gradients(lambda x: ops.sum(ops.log(x)), np.array([-1.0]))
    with pytest.raises(ArgumentError, match="at least one float argument"):
        cr.check_gradients(lambda n: ops.cast(n, "float32"), 3)
