"""Recording: what becomes an input, a constant or an error, and where each equation says it comes from."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from chainrule import ops
from chainrule.errors import DTypeError, ProgramError, ShapeError, TracedValueError
from chainrule.ir import (
    NOWHERE,
    Builder,
    Program,
    Tensor,
    TensorType,
    TracedTensor,
    Where,
    as_tensor,
    current_builder,
    eager,
    evaluate,
    inline,
    is_tracing,
    layer_scope,
    parse_program,
    trace,
    user_source,
    verify,
    where,
)
from chainrule.primitives import add, gather, mul, neg, reduce_sum, top_k

F = TensorType("float32", (3,))
BIG = np.arange(20, dtype="float32")
HERE = Path(__file__).name


@contextmanager
def leaking() -> Iterator[list[Tensor]]:
    """A list for tensors that outlive their recording."""
    yield []


def names(program: Program) -> list[str]:
    return [e.primitive.name for e in program.equations]


# eager -------------------------------------------------------------------------------------------------------------


def test_outside_a_trace_tensors_behave_like_arrays() -> None:
    x = Tensor(np.array([1.0, 2.0], "float32"))
    y = add(x, x)
    assert not is_tracing() and current_builder() is None
    assert isinstance(y, Tensor) and not isinstance(y, TracedTensor)
    assert (y.shape, y.dtype, y.ndim, y.size, len(y)) == ((2,), np.dtype("float32"), 1, 2, 2)
    assert y.tolist() == [2, 4] and np.asarray(y).sum() == 6 and np.asarray(y, "int32").dtype == "int32"
    assert repr(y) == "Tensor([2., 4.], dtype=float32)" and str(y) == "[2. 4.]"
    assert f"{reduce_sum(y, axes=(0,)):.2f}" == "6.00" and f"{y}" == "[2. 4.]"
    assert float(reduce_sum(y, axes=(0,))) == 6 and int(reduce_sum(y, axes=(0,))) == 6 and bool(y.numpy()[0])
    assert [1, 2, 3][as_tensor(np.int32(2))] == 3 and complex(as_tensor(np.float32(2))) == 2
    assert {x: "x"}[x] == "x"


def test_what_is_no_tensor_is_refused() -> None:
    with pytest.raises(DTypeError, match=r"expected a tensor or a NumPy array; got list"):
        neg([1.0])
    with pytest.raises(DTypeError, match=r"len\(\) of a tensor without axes"):
        len(as_tensor(np.float32(1)))
    with pytest.raises(DTypeError, match="expected a dtype among"):
        neg(np.array(["a"]))


def test_eager_errors_name_the_line() -> None:
    with pytest.raises(ShapeError, match=rf"^{HERE}:\d+: add C3"):
        add(np.ones(2), np.ones(3))
    with layer_scope("dense"), pytest.raises(ShapeError, match=rf"^layer 'dense', {HERE}:\d+: add C3"):
        add(np.ones(2), np.ones(3))


# traces ------------------------------------------------------------------------------------------------------------


def test_a_trace_is_a_program() -> None:
    program, captured = trace(lambda x, w: [mul(add(x, w), x)], [F, F], "f")
    assert captured == [] and names(program) == ["add", "mul"] and program.name == "f"
    assert program.input_types == (F, F) and program.output_types == (F,)
    assert evaluate(verify(program), [np.full(3, 2, "float32"), np.ones(3, "float32")])[0].tolist() == [6, 6, 6]


def test_nothing_of_a_traced_tensor_is_known_but_its_type() -> None:
    def look(x: Tensor) -> list[Tensor]:
        assert is_tracing() and x.shape == (3,) and x.dtype == "float32" and len(x) == 3
        assert repr(x) == str(x) == f"{x}" == f"{x:.3f}" == "<Tensor float32[3], being recorded in 'look'>"
        for use in (bool, float, int, np.asarray, TracedTensor.numpy, Tensor.tolist):
            with pytest.raises(TracedValueError, match=r"float32\[3\] are not known while a Program is being recorded"):
                use(x)
        return [x]

    trace(look, [F])


def test_large_arrays_are_captured_and_small_ones_become_constants() -> None:
    big, small = Tensor(BIG), Tensor(np.arange(16, dtype="float32"))
    program, captured = trace(lambda: [neg(big), add(big, big), neg(small), add(small, small)], [], "f")
    assert len(captured) == 1 and captured[0] is big
    assert program.input_types == (TensorType("float32", (20,)),)
    assert names(program) == ["neg", "add", "constant", "neg", "add"]  # each read once, however often it is used
    assert evaluate(program, [BIG])[1].tolist() == (2 * BIG).tolist()


def test_constants_do_not_change_with_the_array_they_came_from() -> None:
    array = np.ones(2, "float32")
    program, _ = trace(lambda: [neg(array)], [], "f")
    array[:] = 7
    assert evaluate(program, [])[0].tolist() == [-1, -1]


def test_capture_makes_an_input_of_a_small_tensor() -> None:
    weight = Tensor(np.ones(3, "float32"))
    with Builder("f") as builder:
        builder.input(F)
        inside = builder.capture(weight)
        program = builder.finish([neg(inside), add(weight, weight)])
    assert builder.captured == [weight] and program.input_types == (F, F) and names(program) == ["neg", "add"]


def test_inputs_come_before_captured_tensors() -> None:
    with Builder("f") as builder:
        neg(Tensor(BIG))
        with pytest.raises(ProgramError, match="inputs come before captured tensors"):
            builder.input(F)


def test_nested_traces_capture_the_tensors_of_the_outer_one() -> None:
    inner_programs = []

    def outer(x: Tensor, w: Tensor) -> list[Tensor]:
        doubled = add(x, x)
        inner, captured = trace(lambda z: [mul(z, doubled), add(z, w)], [F], "inner")
        inner_programs.append(inner)
        assert len(captured) == 2 and captured[0] is doubled and captured[1] is w
        return inline(inner, [x, *captured])

    program, captured = trace(outer, [F, F], "outer")
    assert captured == [] and names(program) == ["add", "mul", "add"] and names(inner_programs[0]) == ["mul", "add"]
    assert inner_programs[0].input_types == (F, F, F)
    x, w = np.arange(3, dtype="float32"), np.ones(3, "float32")
    assert [a.tolist() for a in evaluate(verify(program), [x, w])] == [[0, 2, 8], [1, 2, 3]]


def test_the_inner_trace_does_not_leave_equations_in_the_outer_one() -> None:
    def outer(x: Tensor) -> list[Tensor]:
        trace(lambda z: [neg(z)], [F], "forgotten")
        return [neg(x)]

    assert names(trace(outer, [F], "outer")[0]) == ["neg"]


def test_eager_inside_a_trace_computes() -> None:
    def function(x: Tensor) -> list[Tensor]:
        with eager():
            assert not is_tracing()
            table = add(BIG, BIG)
            assert table.tolist()[1] == 2
            with pytest.raises(TracedValueError):
                neg(x)  # the numbers of x do not exist yet
        assert is_tracing()
        return [neg(x), neg(table)]

    program, captured = trace(function, [F], "f")
    assert names(program) == ["neg", "neg"] and len(captured) == 1


def test_a_trace_inside_eager_inside_a_trace() -> None:
    def function(x: Tensor) -> list[Tensor]:
        with eager():
            inner, _ = trace(lambda z: [neg(z)], [F], "inner")
        return inline(inner, [x])

    assert names(trace(function, [F], "f")[0]) == ["neg"]


def test_an_exception_ends_the_recording() -> None:
    def fails(x: Tensor) -> list[Tensor]:
        raise KeyError("stop")

    with pytest.raises(KeyError):
        trace(fails, [F])
    assert not is_tracing()
    with pytest.raises(KeyError), eager(), layer_scope("a"):
        raise KeyError("stop")
    assert not is_tracing() and trace(lambda x: [neg(x)], [F])[0].equations[0].where.layer == ""


def test_leaked_tensors_are_named() -> None:
    with leaking() as kept:
        trace(lambda x: [kept.append(neg(x)) or x], [F], "first")
        with pytest.raises(TracedValueError, match=r"being recorded in 'first'.* was kept after its recording ended"):
            trace(lambda x: [add(x, kept[0])], [F], "second")
        with pytest.raises(TracedValueError, match="not known while a Program is being recorded"):
            neg(kept[0])  # no recording at all any more
        with pytest.raises(TracedValueError, match="was kept after"):
            trace(lambda x: [kept[0]], [F], "third")  # as a result, too


def test_threads_record_apart() -> None:
    seen: list[bool] = []

    def function(x: Tensor) -> list[Tensor]:
        thread = threading.Thread(target=lambda: seen.append(is_tracing()))
        thread.start()
        thread.join()
        return [neg(x)]

    trace(function, [F])
    assert seen == [False]


def test_results_must_be_tensors() -> None:
    with pytest.raises(DTypeError, match="expected a tensor or a NumPy array; got float"):
        trace(lambda x: [1.0], [F])
    program, _ = trace(lambda x: [np.ones(2, "float32"), x], [F])  # arrays are: they become constants
    assert names(program) == ["constant"]


def test_a_concrete_trace_knows_the_numbers() -> None:
    x = np.array([1.0, -2.0, 3.0], "float32")

    def function(t: Tensor) -> list[Tensor]:
        if t.numpy().sum() > 0:  # Python may look at them
            t = neg(t)
        assert repr(t) == "Tensor([-1.,  2., -3.], dtype=float32)" and f"{t}" == str(t) == "[-1.  2. -3.]"
        return [add(t, np.ones(3, "float32"))]

    program, _ = trace(function, [F], "f", arrays=[x])
    assert names(program) == ["neg", "constant", "add"] and evaluate(program, [x])[0].tolist() == [0, 3, -2]


def test_primitives_with_several_results() -> None:
    program, _ = trace(lambda x: list(top_k(x, k=2)), [F], "f")
    assert [str(t) for t in program.output_types] == ["float32[2]", "int32[2]"]
    assert [t.tolist() for t in inline(program, [np.array([3, 1, 2], "float32")])] == [[3, 2], [0, 2]]


# where -------------------------------------------------------------------------------------------------------------


def _line() -> int:
    import inspect

    return inspect.stack()[1].lineno


def test_an_equation_knows_its_layer_and_its_line() -> None:
    def function(x: Tensor) -> list[Tensor]:
        with layer_scope("block"), layer_scope("dense"):
            y = neg(x)
            lines.append(_line() - 1)
        z = neg(y)
        lines.append(_line() - 1)
        return [z]

    lines: list[int] = []
    program, _ = trace(function, [F], "f")
    assert [e.where for e in program.equations] == [
        Where("block/dense", f"{HERE}:{lines[0]}"),
        Where("", f"{HERE}:{lines[1]}"),
    ]
    assert str(program.equations[0].where) == f"layer 'block/dense', {HERE}:{lines[0]}" and str(NOWHERE) == ""


def test_a_layer_may_name_the_line_it_was_made_at() -> None:
    def function(x: Tensor) -> list[Tensor]:
        with layer_scope("dense", "model.py:3"):
            return [neg(x)]

    assert trace(function, [F])[0].equations[0].where == Where("dense", "model.py:3")


def test_user_source_is_the_nearest_frame_outside_chainrule() -> None:
    assert re.fullmatch(rf"{HERE}:\d+", user_source())
    found: dict[str, str] = {}
    code = compile("from chainrule.ir import user_source\nfound['typed'] = user_source()", "<stdin>", "exec")
    exec(code, {"found": found})
    assert found == {"typed": ""}  # and not a line of pytest


def test_inlined_equations_keep_where_they_come_from() -> None:
    place = Where("old", "old.py:1")
    text = 'program f(%0: float32[3]) -> (float32[3]) { %1: float32[3] = neg(%0) @ "old" "old.py:1" return %1 }'
    program, _ = trace(lambda x: inline(parse_program(text), [x]), [F], "g")
    assert program.equations[0].where == place
    with where(place):
        within, _ = trace(lambda x: [neg(x)], [F], "h")
    assert within.equations[0].where == place


def test_errors_while_recording_and_while_running_name_the_layer() -> None:
    def wrong(x: Tensor) -> list[Tensor]:
        with layer_scope("hidden"):
            return [add(x, np.ones(20, "float32"))]

    with pytest.raises(ShapeError, match=rf"^layer 'hidden', {HERE}:\d+: add C3"):
        trace(wrong, [F])

    def late(x: Tensor, i: Tensor) -> list[Tensor]:
        with layer_scope("embedding"):
            return [gather(x, i)]

    from chainrule.executors import compile_program

    program, _ = trace(late, [F, TensorType("int32", (1, 1))])
    with pytest.raises(IndexError, match=rf"^layer 'embedding', {HERE}:\d+: gather C3: .*got 9 at position \(0,\)"):
        compile_program(program, "reference")([np.ones(3, "float32"), np.array([[9]], "int32")])


def test_numbers_made_of_constants_are_known_while_recording():
    """Sizes are computed with ops, too: `ops.tile(x, ops.concatenate([ops.expand_dims(n, 0), [1]]))`."""
    known = []

    def f(x):
        sizes = ops.concatenate([ops.expand_dims(ops.shape(x)[0], 0), ops.convert_to_tensor([2])], 0)
        known.append(sizes.tolist())
        with pytest.raises(TracedValueError, match="are not known"):
            (sizes * ops.cast(x[0, 0], "int32")).tolist()
        known.append(int(ops.max(ops.arange(100) + edges)))
        with pytest.raises(TracedValueError, match="are not known"):
            (edges * ops.cast(x[0, 0], "int32")).numpy()
        return [ops.tile(x, sizes)]

    edges = ops.convert_to_tensor(np.arange(100, dtype="int32"))
    x = np.arange(6, dtype="float32").reshape(3, 2)
    program, captured = trace(f, [TensorType("float32", (3, 2))])
    found = evaluate(program, [x, *(t.numpy() for t in captured)])
    np.testing.assert_array_equal(found[0], np.tile(x, (3, 2)))
    assert known == [[3, 2], 198]
    np.testing.assert_array_equal(ops.tile(x, ops.convert_to_tensor([1, 2])), np.tile(x, (1, 2)))
