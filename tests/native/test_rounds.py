"""Products of single rows round by round: what becomes a loop, that results agree, the same bits for any threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from chainrule import config, ops
from chainrule.autodiff import reverse
from chainrule.executors.native import compile_program
from chainrule.executors.native.plan import plan_program
from chainrule.executors.native.rounds import in_rounds
from chainrule.ir import Equation, Program, TensorType, trace, verify
from chainrule.passes import optimize

from .compare import assert_close, run_both


@pytest.fixture(autouse=True)
def threads_as_before() -> Iterator[None]:
    before = config.threads()
    yield
    config.set_threads(before)


def attention(q: Any, k: Any, v: Any, mask: Any) -> Any:
    scores = ops.einsum("bthd,bshd->bhts", q * 0.2, k) + mask
    return ops.einsum("bhts,bshd->bthd", ops.softmax(scores), v)


def program_of(f: Callable, *shapes: tuple[int, ...], wrt: tuple[int, ...] = ()) -> Program:
    program = trace(lambda *x: [f(*x)], [TensorType("float32", shape) for shape in shapes])[0]
    return optimize(reverse(program, wrt) if wrt else program)


def with_gradients(batch: int, tokens: int = 64, heads: int = 2, width: int = 16) -> Program:
    rows = [(batch, tokens, heads, width)] * 3
    layer = lambda w, *x: ops.tanh(ops.matmul(attention(*x), w))  # noqa: E731
    return program_of(layer, (width, width), *rows, (tokens, tokens), wrt=(0, 1, 2, 3, 4))


def loops(program: Program) -> list[Equation]:
    return [e for e in program.equations if e.primitive.name == "loop"]


def numbers(program: Program) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.standard_normal(t.shape).astype(t.dtype) for t in program.input_types]


def check(program: Program, ulps: float = 256.0) -> None:
    assert_close(*run_both(program, numbers(program)), ulps=ulps)
    native, found = compile_program(program), []
    for threads in (1, 2, 3):
        config.set_threads(threads)
        found.append([a.tobytes() for a in native(numbers(program))])
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("batch", [40, 37, 64])
def test_attention_and_its_gradients_are_two_loops_with_the_same_results(batch: int) -> None:
    program = with_gradients(batch)
    changed = in_rounds(program)
    verify(changed)
    forward, backward = loops(changed)
    assert forward.params.carries == backward.params.carries == 0
    assert not any(e.primitive.name == "dot_general" and e.params.batch[0] for e in changed.equations)
    assert [s.apart for s in plan_program(program).steps if s.control] == [True, True]
    check(program, ulps=4096.0)


def test_a_loop_says_what_the_equations_said() -> None:
    program = with_gradients(40)
    want, got = (p for p in (program, in_rounds(program)))
    from chainrule.ir import evaluate

    for a, b in zip(evaluate(want, numbers(program)), evaluate(got, numbers(program)), strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-4, atol=1e-5)


def test_probabilities_are_not_kept_for_the_way_back() -> None:
    forward, _ = loops(in_rounds(with_gradients(40)))
    wide = [v for v in forward.outputs if v.type.size == 40 * 2 * 64 * 64]
    assert len(wide) == 1  # e^x, and its sums


@pytest.mark.parametrize(("batch", "tokens"), [(4, 256), (16, 8), (1, 64), (0, 64), (16, 512)])
def test_few_rows_small_or_large_ones_stay_as_they_were(batch: int, tokens: int) -> None:
    program = with_gradients(batch, tokens)
    assert in_rounds(program) is program


def test_products_with_rows_meeting_between_them_stay_apart() -> None:
    def f(x: Any, w: Any) -> Any:
        y = ops.matmul(x, w)
        return ops.matmul(y - ops.mean(y, axis=0, keepdims=True), w)

    program = program_of(f, (64, 64, 64), (64, 64, 64))
    assert in_rounds(program) is program
    check(program)


def test_a_weight_with_as_many_rows_as_the_batch_is_no_row() -> None:
    """A mask of 64 x 64 beside 64 images of 64 tokens; and a result that a view outside reads."""

    def f(x: Any, w: Any, mask: Any) -> Any:
        y = ops.exp(ops.matmul(x, w) * 0.1 + mask)
        return ops.transpose(ops.matmul(y, w), (0, 2, 1)), ops.sum(y, axis=0)

    program = optimize(
        trace(lambda *x: list(f(*x)), [TensorType("float32", (64, 64, 64))] * 2 + [TensorType("float32", (64, 64))])[0]
    )
    (loop,) = loops(in_rounds(program))
    assert loop.params.invariants == 1
    check(program, ulps=4096.0)


def test_rounds_of_a_loop_without_carries_are_shared() -> None:
    """A loop that somebody wrote; a fault in one of its rounds is found."""

    def f(x: Any, table: Any) -> Any:
        step = lambda c, e: (c, ops.take(table, ops.cast(e, "int32"), axis=0) * 2.0)  # noqa: E731
        return ops.scan(step, (), x)[1]

    program = optimize(trace(lambda *x: [f(*x)], [TensorType("float32", s) for s in ((24, 8000), (5, 3))])[0])
    (step,) = [s for s in plan_program(program).steps if s.control]
    assert step.apart
    index = np.zeros((24, 8000), "float32")
    table = np.arange(15, dtype="float32").reshape(5, 3)
    index[20] = 3
    for threads in (1, 2, 3):
        config.set_threads(threads)
        (found,) = compile_program(program)([index, table])
        np.testing.assert_array_equal(found, 2 * table[index.astype(int)])
