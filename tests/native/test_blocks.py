"""Loops whose rows go their own ways: no barrier inside, the same bits for any number of threads, else as before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from chainrule import config, layers, ops
from chainrule.executors.native import compile_program
from chainrule.executors.native.blocks import blocks_of
from chainrule.executors.native.driver import Driver
from chainrule.executors.native.plan import plan_program
from chainrule.ir import Equation, Program, TensorType, trace
from chainrule.passes import optimize
from chainrule.utils import set_random_seed

from .compare import assert_close, run_both

STEPS, WIDE = 6, 64


@pytest.fixture(autouse=True)
def threads_as_before() -> Iterator[None]:
    before = config.threads()
    yield
    config.set_threads(before)


def program_of(layer: Any, rows: int, width: int = 24, steps: int = STEPS) -> Program:
    set_random_seed(0)
    layer.build((rows, steps, width))
    return optimize(trace(lambda x: [layer(x)], [TensorType("float32", (rows, steps, width))])[0])


def numbers(program: Program) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [(0.1 * rng.standard_normal(t.shape)).astype(t.dtype) for t in program.input_types]


def loops(program: Program) -> list[Equation]:
    return [e for e in program.walk() if e.primitive.name == "loop"]


def barriers_inside(program: Program) -> int:
    """How many barriers stand between the first and the last round of the loops of a module."""
    text = Driver(plan_program(program)).text()
    run = text[text.index("define i32 @run") :].split("\nfailed:")[0]
    depth = found = 0
    for line in run.split("\n"):
        depth += line.endswith(".head:") - line.endswith(".done:")
        found += depth > 0 and "@barrier(" in line
    return found


CELLS: list[Callable] = [
    lambda: layers.LSTM(WIDE), lambda: layers.GRU(WIDE), lambda: layers.SimpleRNN(WIDE),
    lambda: layers.GRU(WIDE, reset_after=False, return_sequences=True), lambda: layers.Bidirectional(layers.LSTM(WIDE)),
    lambda: layers.RNN([layers.LSTMCell(48), layers.GRUCell(48)]),
]  # fmt: skip


class Mixing(layers.Layer):
    """A cell in which rows meet: the state is centred over the batch."""

    state_size = WIDE

    def build(self, input_shape: Any) -> None:
        self.inside = layers.Dense(WIDE)
        self.inside.build((None, WIDE))

    def call(self, inputs: Any, states: Any) -> Any:
        state = ops.tanh(self.inside(states[0]) + ops.sum(inputs, axis=-1, keepdims=True))
        state = state - ops.mean(state, axis=0, keepdims=True)
        return state, [state]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("rows", [1, 3, 31, 32, 48, 64])
def test_agrees_with_the_reference_and_with_any_number_of_threads(cell: Callable, rows: int) -> None:
    program = program_of(cell(), rows)
    assert_close(*run_both(program, numbers(program)), ulps=256.0)
    native, found = compile_program(program), []
    for threads in (1, 2, 3):
        config.set_threads(threads)
        found.append([a.tobytes() for a in native(numbers(program))])
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("cell", CELLS)
def test_rows_of_recurrent_layers_meet_no_barrier(cell: Callable) -> None:
    program = program_of(cell(), 64)
    assert loops(program) and all(blocks_of(e) for e in loops(program))
    assert Driver(plan_program(program)).is_shared and barriers_inside(program) == 0


def test_rows_that_meet_have_barriers() -> None:
    program = program_of(layers.RNN(Mixing()), 256, steps=40)
    assert loops(program) and not any(blocks_of(e) for e in loops(program))
    assert barriers_inside(program) > 0
    assert_close(*run_both(program, numbers(program)), ulps=4096.0)


def test_a_mask_for_all_steps_goes_with_its_rows() -> None:
    def masked(x: Any, mask: Any, w: Any) -> Any:
        step = lambda h, e: (ops.tanh(ops.matmul(h, w) + e) * mask,) * 2  # noqa: E731
        return list(ops.scan(step, ops.zeros((64, WIDE)), x))

    types = [TensorType("float32", shape) for shape in ((STEPS, 64, WIDE), (64, WIDE), (WIDE, WIDE))]
    program = optimize(trace(masked, types)[0])
    (loop,) = loops(program)
    blocks = blocks_of(loop)
    assert blocks and sorted(blocks.are_rows) == [False, True, True, True]
    assert_close(*run_both(program, numbers(program)), ulps=256.0)


def test_a_square_weight_as_high_as_the_batch_is_no_row() -> None:
    program = program_of(layers.SimpleRNN(64), 64, width=64)
    (loop,) = loops(program)
    blocks = blocks_of(loop)
    assert blocks and not all(blocks.are_rows)
    assert_close(*run_both(program, numbers(program)), ulps=256.0)


@pytest.mark.parametrize("rows", [1, 2, 3, 31, 37])
def test_rows_that_make_no_blocks_stay_together(rows: int) -> None:
    assert not any(map(blocks_of, loops(program_of(layers.LSTM(WIDE), rows))))
