"""Operands small and large, whole and in parts, read-only and empty: what goes in and comes out of a call."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from chainrule import ops
from chainrule.errors import ProgramError
from chainrule.executors.native import compile_program
from chainrule.executors.native.frame import _SMALL, address
from chainrule.ir import TensorType, trace

SMALL, LARGE = 3, _SMALL  # as many rows of two float32 are 24 bytes, and 8 for each byte that counts as few


def doubled(*shapes, dtype="float32"):
    """A Program that adds each operand to itself."""
    program, _ = trace(lambda *xs: [x + x for x in xs], [TensorType(dtype, shape) for shape in shapes], "doubled")
    return compile_program(program)


def variants(rows):
    """The same numbers lying differently."""
    x = np.random.default_rng(0).normal(size=(rows, 2)).astype("float32")
    frozen = x.copy()
    frozen.flags.writeable = False
    shifted = np.frombuffer(b"-" + x.tobytes(), np.uint8)[1:].view("float32").reshape(x.shape)
    return {
        "as it is": x, "columns": np.asfortranarray(x), "part": np.repeat(x, 2, axis=0)[::2], "frozen": frozen,
        "backwards": x[::-1].copy()[::-1], "unaligned": shifted,
    }  # fmt: skip


@pytest.mark.parametrize("rows", [SMALL, LARGE])
def test_however_an_operand_lies(rows):
    run = doubled((rows, 2))
    for name, x in variants(rows).items():
        before = x.copy()
        (found,) = run([x])
        np.testing.assert_array_equal(found, 2 * x, err_msg=name)
        np.testing.assert_array_equal(x, before, err_msg=name)


@pytest.mark.parametrize("rows", [SMALL, LARGE])
def test_every_call_reads_anew_and_gives_new_arrays(rows):
    run = doubled((rows, 2))
    x = variants(rows)["as it is"]
    (first,) = run([x])
    kept = first.copy()
    x += 1  # in place
    (second,) = run([x])
    np.testing.assert_array_equal(second, 2 * x)
    np.testing.assert_array_equal(first, kept)
    first[:] = 0
    np.testing.assert_array_equal(run([x])[0], second)


def test_small_and_large_ones_in_any_order():
    shapes = [(LARGE, 2), (SMALL, 2), (), (LARGE, 2), (0, 2)]
    run = doubled(*shapes)
    arrays = [np.full(shape, i + 1, "float32") for i, shape in enumerate(shapes)]
    for a, b in zip(run(arrays), arrays, strict=True):
        assert a.shape == b.shape and (a == 2 * b).all()
    assert run([*arrays[:2], np.float32(5), *arrays[3:]])[2] == 10  # a scalar of NumPy


@pytest.mark.parametrize("rows", [SMALL, LARGE])
def test_other_types_are_refused_and_the_next_call_is_right(rows):
    run = doubled((rows, 2), (2,))
    x, y = np.ones((rows, 2), "float32"), np.ones(2, "float32")
    for wrong in ([x], [x, y, y], [x.T, y], [x[None], y], [x.astype("float64"), y], [x, y.astype(">f4")], [x, 1.0]):
        with pytest.raises(ProgramError, match="program 'doubled' takes"):
            run(wrong)
    np.testing.assert_array_equal(run([x, y])[0], 2 * x)


def test_calls_at_once_do_not_share_what_they_write():
    program, _ = trace(
        lambda x: [ops.fori_loop(0, 200, lambda i, y: ops.tanh(y + x), x)], [TensorType("float32", (40, 40))], "busy"
    )
    run = compile_program(program)
    inputs = [np.full((40, 40), k, "float32") for k in range(8)]
    alone = [run([x])[0] for x in inputs]
    together = [[] for _ in inputs]

    def work(k):
        for _ in range(20):
            together[k].append(run([inputs[k]])[0])

    workers = [threading.Thread(target=work, args=(k,)) for k in range(len(inputs))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for expected, found in zip(alone, together, strict=True):
        assert all(np.array_equal(expected, f) for f in found)
    assert len(run._frames) <= len(inputs)


def test_address_of_arrays_of_every_kind():
    whole = np.ones((2, 3))
    frozen = whole.copy()
    frozen.flags.writeable = False
    for array in (whole, whole.astype("float16"), whole > 0, np.array(1.0), np.zeros((0, 2)), frozen):
        assert address(array) == array.ctypes.data
