"""Every row of the gradient table: against finite differences in float64, twice, and forward mode against reverse."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import primitives as P
from chainrule.autodiff import NONE, TABLE, ZERO, forward, reverse
from chainrule.errors import NotDifferentiableError
from chainrule.ir import FLOAT, PRIMITIVES, TensorType, evaluate, parse_program, trace
from chainrule.passes import optimize

from .compare import program_of, types_of
from .gradients import check_twice, float_positions, run
from .samples import SAMPLES

ROWS = sorted(name for name, row in TABLE.items() if row not in (ZERO, NONE) and name != "while_loop")


@pytest.mark.parametrize("name", ROWS)
def test_row_against_finite_differences(name: str) -> None:
    samples = [s for s in SAMPLES[name].good if s.smooth]
    assert samples, f"{name} has a gradient row and no sample to check it with"
    for number, s in enumerate(samples):
        check_twice(program_of(name, s.canonical(name), types_of(s.operands)), s.operands, seed=number)


@pytest.mark.parametrize("name", sorted(name for name, row in TABLE.items() if row == ZERO))
def test_zero_rows_are_zero(name: str) -> None:
    x = np.array([-1.4, 0.25, 2.75])
    program = program_of(name, PRIMITIVES[name].canonical(), types_of([x] * (2 if name == "floordiv" else 1)))
    arrays = [x, x + 1.1][: len(program.inputs)]
    wrt = range(len(arrays))
    y, *found = run(reverse(program, wrt), [*arrays, np.ones(3)])
    assert all(not g.any() for g in found)
    assert not run(forward(program, wrt), [*arrays, *arrays])[1].any()
    step = 1e-6  # and they are right: the derivative is zero here
    if name != "stop_gradient":
        np.testing.assert_array_equal(run(program, [a + step for a in arrays]), [y])


@pytest.mark.parametrize("name", sorted(name for name, row in TABLE.items() if row == NONE))
def test_rows_without_derivative_have_no_float_results_or_no_operands(name: str) -> None:
    for s in SAMPLES[name].good:
        params = s.canonical(name)
        results = PRIMITIVES[name].infer_types(params, types_of(s.operands))
        assert not s.operands or not any(t.dtype in FLOAT for t in results)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize("name", ROWS)
def test_gradients_keep_the_dtype(name: str, dtype: str) -> None:
    for s in SAMPLES[name].good:
        if s.smooth and not any(True for _ in s.canonical(name).programs()) and name != "convert":
            arrays = [a.astype(dtype) if a.dtype.kind == "f" else a for a in s.operands]
            program = program_of(name, s.canonical(name), types_of(arrays))
            wrt = float_positions(arrays)
            gradient = reverse(program, wrt)
            assert gradient.output_types[len(program.outputs) :] == tuple(program.input_types[i] for i in wrt)


def _gradient(text: str, *arrays: object) -> list[list[float]]:
    program = parse_program(text)
    operands = [np.asarray(a, t.dtype) for a, t in zip(arrays, program.input_types, strict=True)]
    ones = [np.ones(t.shape, t.dtype) for t in program.output_types if t.dtype in FLOAT]
    found = run(reverse(program, float_positions(operands)), [*operands, *ones])
    return [g.tolist() for g in found[len(program.outputs) :]]


def _unary(name: str, params: str = "", n: int = 3, result: str = "") -> str:
    result = result or f"float64[{n}]"
    return f"program f(%0: float64[{n}]) -> ({result}) {{ %1: {result} = {name}(%0) {params} return %1 }}"


def _binary(name: str) -> str:
    return (
        "program f(%0: float64[3], %1: float64[3]) -> (float64[3]) "
        f"{{ %2: float64[3] = {name}(%0, %1) return %2 }}"
    )  # fmt: skip


def test_choices_at_kinks_are_the_documented_ones() -> None:
    assert _gradient(_unary("abs"), [-1, 0, 2]) == [[-1, 0, 1]]
    assert _gradient(_binary("max"), [1, 2, 3], [3, 2, 1]) == [[0, 0.5, 1], [1, 0.5, 0]]
    assert _gradient(_binary("min"), [1, 2, 3], [3, 2, 1]) == [[1, 0.5, 0], [0, 0.5, 1]]
    shared = _unary("reduce_max", "{axes=(0,)}", 4, "float64[]")
    assert _gradient(shared, [1, 5, 5, 5]) == [[0, 1 / 3, 1 / 3, 1 / 3]]
    first = _unary("window_max", "{dilation=(1,), padding=((0, 0),), strides=(1,), window=(2,)}", 3, "float64[2]")
    assert _gradient(first, [4, 4, 4]) == [[1, 1, 0]]
    assert _gradient(_unary("cummax", "{axis=0, reverse=False}", 4), [1, 3, 3, 2]) == [[1, 3, 0, 0]]
    assert _gradient(_unary("cummax", "{axis=0, reverse=True}", 4), [1, 3, 3, 2]) == [[0, 0, 3, 1]]


def test_gradients_where_the_formula_divides_by_zero() -> None:
    assert _gradient(_binary("pow"), [0, 0, -2], [2, 0, 3]) == [[0, 0, 12], [0, 0, 0]]
    assert _gradient(_unary("reduce_prod", "{axes=(0,)}", 3, "float64[]"), [0, 2, 3]) == [[6, 0, 0]]
    assert _gradient(_unary("cumprod", "{axis=0, reverse=False}"), [2, 0, 3]) == [[1, 8, 0]]


def test_mod_agrees_with_floordiv_where_division_rounds_up() -> None:
    # 1.0 / 0.1 rounds to 10, but 0.1 (a little more than a tenth) goes into 1.0 only nine times
    assert _gradient(_binary("mod"), [1.0, 5.0, -5.0], [0.1, 3.0, 3.0]) == [[1, 1, 1], [-9, -1, 2]]


def _second(text: str, *arrays: object) -> list[list[float]]:
    """The gradient of the sum of the gradients."""
    program = parse_program(text)
    operands = [np.asarray(a, t.dtype) for a, t in zip(arrays, program.input_types, strict=True)]
    wrt = range(len(operands))
    first = reverse(program, wrt)
    first = first.replace(outputs=first.outputs[len(program.outputs) :])
    operands += [np.ones(t.shape, t.dtype) for t in program.output_types]
    found = run(reverse(first, wrt), [*operands, *(np.ones(t.shape, t.dtype) for t in first.output_types)])
    return [g.tolist() for g in found[len(first.outputs) :]]


def test_second_derivatives_of_pow_at_and_below_zero_are_numbers() -> None:
    # d/dx (w x^(w-1)) = w (w-1) x^(w-2); where x is not positive the derivative by w is 0 by definition
    (by_x, _) = _second(_binary("pow"), [-2, 0, 0], [3, 2, 3])
    assert by_x == [-12, 2, 0]


def test_what_cannot_be_differentiated_says_so() -> None:
    counts = parse_program("program f(%0: int32[2]) -> (int32[2]) { %1: int32[2] = add(%0, %0) return %1 }")
    with pytest.raises(NotDifferentiableError, match=r"float input.*int32\[2\]"):
        reverse(counts, [0])
    loop = parse_program(
        "program f(%0: float64[]) -> (float64[]) { %1: float64[] = while_loop(%0) {"
        " body=program b(%0: float64[]) -> (float64[]) { %1: float64[] = sin(%0) return %1 },"
        " test=program t(%0: float64[]) -> (bool[]) { %1: bool[] = lt(%0, %0) return %1 } } return %1 }"
    )
    for transform in (reverse, forward):
        with pytest.raises(NotDifferentiableError, match=r"while_loop has no gradient.*fori_loop"):
            transform(loop, [0])


def test_a_while_loop_off_the_way_does_no_harm() -> None:
    program = parse_program(
        "program f(%0: float64[], %1: float64[]) -> (float64[]) { %2: float64[] = while_loop(%1) {"
        " body=program b(%0: float64[]) -> (float64[]) { %1: float64[] = add(%0, %0) return %1 },"
        " test=program t(%0: float64[]) -> (bool[]) { %1: float64[] = constant() {value=float64[]<9.0>}"
        " %2: bool[] = lt(%0, %1) return %2 } } %3: float64[] = mul(%0, %2) return %3 }"
    )
    assert run(reverse(program, [0]), [np.array(2.0), np.array(3.0), np.array(1.0)])[1] == 12


def test_an_output_that_does_not_depend_on_the_input() -> None:
    text = "program f(%0: float64[2], %1: float64[2]) -> (float64[2], float64[2], int32[2])"
    program = parse_program(text + ' { %2: int32[2] = convert(%1) {dtype="int32"} return %1, %0, %2 }')
    x, c = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    assert [a.tolist() for a in run(reverse(program, [0]), [x, x, c, 2 * c])[3:]] == [[6, 8]]
    assert [a.tolist() for a in run(forward(program, [0]), [x, x, c])[3:]] == [[0, 0], [3, 4]]


def test_a_loop_differentiates_only_the_carries_on_the_way():
    """A carry that never meets the input keeps its operations, even those without a derivative, out of the gradient."""
    scalar = TensorType("float64", ())
    halve, _ = trace(lambda v: [v * 0.5], [scalar], "halve")
    large, _ = trace(lambda v: [v > 1.0], [scalar], "large")

    def body(x, beside, product):
        return [P.while_loop(beside, test=large, body=halve)[0], product * x]

    step, _ = trace(body, [scalar, scalar, scalar], "step")

    def power(x):
        beside, product = (P.constant(value=np.float64(v)) for v in (8.0, 1.0))
        return [P.loop(x, beside, product, body=step, length=3, invariants=1, carries=2)[1]]

    gradient = reverse(trace(power, [scalar], "power")[0], [0])
    assert evaluate(gradient, [np.float64(2.0), np.float64(1.0)])[1] == 12.0  # d x^3


def recurrent(h, w, xs):
    """The last state of h' = tanh(h w + x), and all states."""
    vector = TensorType("float64", h.shape)
    matrix = TensorType("float64", w.shape)

    def body(w, h, x):
        new = P.tanh(P.dot_general(h, w, contract=((1,), (0,))) + x)
        return [new, new]

    step, _ = trace(body, [matrix, vector, vector], "step")
    return P.loop(w, h, xs, body=step, length=xs.shape[0], invariants=1, carries=1)


def test_the_way_back_computes_nothing_costly_again():
    """The gradient of a loop: tanh is kept, and the weights' part is one product after the loop, not one a round."""
    types = [TensorType("float64", shape) for shape in ((2, 3), (3, 3), (5, 2, 3))]
    program = trace(lambda *a: [P.reduce_sum(recurrent(*a)[1], axes=(0, 1, 2))], types, "recurrent")[0]
    random = np.random.default_rng(0)
    check_twice(program, [random.normal(size=t.shape) for t in types])
    gradient = optimize(reverse(program, [0, 1, 2]))
    there, back = (e.params for e in gradient.equations if e.primitive.name == "loop")
    assert [e.primitive.name for e in there.body.equations].count("tanh") == 1
    names = [e.primitive.name for e in back.body.equations]
    assert "tanh" not in names
    assert names.count("dot_general") == 1  # the cotangent of h alone
    assert back.carries == 1
    after = [e for e in gradient.equations if e.primitive.name == "dot_general"]
    assert [e.inputs[0].type.shape for e in after] == [(5, 2, 3)]


def test_sums_that_need_every_round_stay_in_the_loop():
    """What a round adds to the gradient is no product or sum of its values: w is squared in every round."""
    vector = TensorType("float64", (3,))
    step, _ = trace(lambda w, h, x: [h * w * w + x], [vector] * 3, "step")
    types = [vector, vector, TensorType("float64", (4, 3))]
    program = trace(
        lambda w, h, xs: [P.reduce_sum(P.loop(w, h, xs, body=step, length=4, invariants=1, carries=1)[0], axes=(0,))],
        types, "squares",
    )[0]  # fmt: skip
    random = np.random.default_rng(1)
    check_twice(program, [random.normal(size=t.shape) for t in types])
