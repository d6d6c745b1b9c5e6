"""Threads that run one function together: barriers where they are needed, the same bits, stopping, faults."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest

from chainrule import Input, Sequential, config, layers, ops, utils
from chainrule.errors import ArgumentError, IndexRangeError, Interrupted, MemoryLimitError
from chainrule.executors import compile_program
from chainrule.executors.native import executable, memory, threads
from chainrule.executors.native.crew import Access, Bytes, Phases
from chainrule.executors.native.threads import Crew
from chainrule.ir import Program, TensorType, trace

from .sharing import everything_shared

COUNTS = (1, 2, 3, 7, 16)


@pytest.fixture(autouse=True)
def _as_before():
    yield
    config.set_threads(None)


def counting_loop(rounds: int, size: int = 200) -> Program:
    """A loop named `step` that counts its rounds and keeps a matrix busy; some work comes after it."""

    def step(carry, x):
        count, matrix = carry
        return (count + x, ops.tanh(ops.matmul(matrix, matrix) * 0.01) + x * 0.5), None

    def function(matrix):
        (count, matrix), _ = ops.scan(step, (ops.zeros((), "float32"), matrix), ops.ones((rounds,)))
        return [count, matrix, count * 2.0]

    return trace(function, [TensorType("float32", (size, size))], "counting")[0]


class TestPhases:
    A, B = Bytes("", 0, 64), Bytes("", 64, 128)

    def test_barrier_only_between_those_who_touch_the_same(self):
        phases = Phases()
        assert not phases.is_barrier_before(Access(True, (), (self.A,)))
        assert not phases.is_barrier_before(Access(True, (), (self.B,)))
        assert phases.is_barrier_before(Access(True, (self.A,), (Bytes("", 128, 192),)))
        assert not phases.is_barrier_before(Access(True, (self.B,), (Bytes("", 192, 256),)))
        assert phases.is_barrier_before(Access(False, (), (self.B,)))  # somebody may still be reading it

    def test_one_thread_need_not_wait_for_itself(self):
        phases = Phases()
        assert not phases.is_barrier_before(Access(False, (), (self.A,)))
        assert not phases.is_barrier_before(Access(False, (self.A,), (self.A,)))

    def test_reading_the_same_is_no_conflict(self):
        phases = Phases()
        assert not phases.is_barrier_before(Access(True, (self.A,), ()))
        assert not phases.is_barrier_before(Access(True, (self.A,), ()))
        assert not phases.is_barrier_before(Access(True, (Bytes("%v1", 0, 64),), (Bytes("%v2", 0, 64),)))


class TestCrew:
    def test_every_thread_gets_its_number(self):
        crew = Crew()
        for count in (1, 3, 2):
            seen: list[int] = []
            assert list(crew.run(lambda n, seen=seen: seen.append(n) or n, count)) == list(range(count))
            assert sorted(seen) == list(range(count))

    def test_a_second_run_meanwhile_is_turned_away(self):
        crew, inside, answers = Crew(), threading.Event(), []

        def task(number: int) -> int:
            if number:
                inside.wait(10)
            else:
                answers.append(crew.run(lambda n: n, 2))
                inside.set()
            return number

        assert crew.run(task, 2) == [0, 1]
        assert answers == [None]

    def test_an_exception_waits_for_the_workers(self):
        crew, stop, ended = Crew(), threading.Event(), []

        def task(number: int) -> int:
            assert stop.wait(10)
            ended.append(number)
            return 0

        def look() -> None:
            raise RuntimeError("enough")

        with pytest.raises(RuntimeError, match="enough"):
            crew.watch(task, 2, look, stop.set)
        assert sorted(ended) == [0, 1]
        assert list(crew.run(lambda n: n, 3)) == [0, 1, 2]

    def test_a_watched_run_is_turned_away_while_others_are_busy(self):
        crew, answers = Crew(), []
        assert crew.run(lambda n: n or len(answers.append(crew.watch(abs, 2, _nothing, _nothing)) or ()), 2) == [0, 1]
        assert answers == [None]

    def test_runs_of_one_thread_are_watched_side_by_side(self):
        crew, meeting, answers = Crew(), threading.Barrier(2, timeout=10), []

        def meet(number: int) -> int:
            meeting.wait()  # breaks if the two do not run at the same time
            return number + 7

        def caller() -> None:
            for _ in range(2):
                answers.append(crew.watch_alone(meet, _nothing, _nothing))

        callers = [threading.Thread(target=caller) for _ in range(2)]
        for thread in callers:
            thread.start()
        for thread in callers:
            thread.join()
        assert answers == [7, 7, 7, 7]
        assert len(crew._lone) <= 2  # they are used again


def _nothing() -> None:
    """Looks at nothing, stops nothing."""


def _sleep(number: int) -> int:
    time.sleep(0.3)  # without a processor all the time
    return number


def _compute(number: int) -> int:
    end = time.thread_time() + 0.3
    while time.thread_time() < end:
        pass
    return number


class TestCrowds:
    def test_threads_that_wait_for_processors_are_noticed(self, monkeypatch):
        crew = Crew()
        assert crew.is_welcome
        assert crew.run(_sleep, 2) == [0, 1]
        assert not crew.is_welcome
        later = time.monotonic() + 1.1 * threads._PAUSE
        monkeypatch.setattr(threads, "time", SimpleNamespace(monotonic=lambda: later))
        assert crew.is_welcome

    def test_a_watched_run_is_noticed_too(self):
        crew = Crew()
        assert crew.watch(_sleep, 2, lambda: None, lambda: None) == [0, 1]
        assert not crew.is_welcome

    def test_the_thread_that_waits_most_decides(self):
        crew = Crew()
        crew.watch(lambda number: (_sleep if number else _compute)(number), 2, lambda: None, lambda: None)
        assert not crew.is_welcome

    def test_short_runs_are_added_up(self):
        crew = Crew()
        for _ in range(3):
            crew._notice(0.3 * threads._LEAST, 0.25 * threads._LEAST)
        assert crew.is_welcome
        crew._notice(0.3 * threads._LEAST, 0.0)
        assert not crew.is_welcome

    def test_a_little_waiting_is_borne_and_forgotten(self):
        crew = Crew()
        for _ in range(10):
            crew._notice(1.0, 0.9 * threads._CROWDED)
        assert crew.is_welcome


class TestRuns:
    @pytest.fixture(autouse=True)
    def _even_on_a_crowded_machine(self, monkeypatch):
        monkeypatch.setattr(Crew, "is_welcome", True)

    def test_same_bits_for_every_number_of_threads(self):
        program = counting_loop(5)
        run = compile_program(program, "native", "step")
        matrix = np.random.default_rng(0).standard_normal((200, 200), dtype=np.float32)
        results = []
        for count in COUNTS:
            config.set_threads(count)
            results.append(run([matrix]))
        assert results[0][0] == 5
        for other in results[1:]:
            assert all(a.tobytes() == b.tobytes() for a, b in zip(results[0], other, strict=True))

    @pytest.mark.parametrize("count", [1, 2, 3])
    def test_stopping_keeps_what_was_done(self, count):
        rounds = 1_000_000
        run = compile_program(counting_loop(rounds), "native", "step")
        config.set_threads(count)
        seen: list[int] = []

        def watch(done: int) -> None:
            seen.append(done)
            if done > 2:
                raise KeyboardInterrupt

        with pytest.raises(Interrupted) as caught:
            run([np.eye(200, dtype=np.float32)], watch)
        done, matrix, twice = caught.value.outputs
        assert seen[-1] <= done < rounds
        assert twice == 2 * done  # what comes after the loop was computed too
        expected = compile_program(counting_loop(int(done)), "native", "step")([np.eye(200, dtype=np.float32)])
        assert expected[1].tobytes() == matrix.tobytes()

    def test_stopping_between_rounds_that_need_no_barrier(self, monkeypatch):
        """A thread may be so late that it asks whether to stop when the next round is over for another one."""
        rows = 300_000

        def step(carry, row):
            return carry + 1.0, ops.tanh(row)

        program = trace(lambda x: list(ops.scan(step, ops.zeros((), "float32"), x)),
                        [TensorType("float32", (rows, 64))], "rows")[0]  # fmt: skip
        with everything_shared():
            run = compile_program(program, "native", "step")
        monkeypatch.setattr(threads, "_LOOK", 0.001)
        monkeypatch.setattr(executable, "_LONG", -1.0)
        ones, ends = np.ones((rows, 64), np.float32), []

        def stop(done: int) -> None:
            raise KeyboardInterrupt

        def work() -> None:
            for k in range(30):
                config.set_threads(2 + k % 2)
                with pytest.raises(Interrupted) as caught:
                    run([ones], stop)
                done, found = caught.value.outputs
                ends.append(bool((found[: int(done)] == found[0, 0]).all()))

        thread = threading.Thread(target=work, daemon=True)  # where threads disagree they wait for ever
        thread.start()
        thread.join(60)
        assert ends == [True] * 30

    def test_all_wait_for_everything_that_one_thread_did(self):
        """The rate of Adam is computed by the first thread, beside metrics that wait for something else."""
        random = np.random.default_rng(0)
        x, y = random.random((64, 28, 28, 1)).astype("float32"), random.integers(0, 10, 64)
        found = []
        for count in (1, 2, 2, 3):
            config.set_threads(count)
            utils.set_random_seed(1)
            convolutions = [layers.Conv2D(8, 3, padding="same", activation="relu") for _ in range(2)]
            end = [layers.MaxPooling2D(), layers.Flatten(), layers.Dense(10, activation="softmax")]
            model = Sequential([Input((28, 28, 1)), *convolutions, *end])
            model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
            model.fit(x, y, batch_size=64, epochs=2, verbose=0, shuffle=False)
            found.append([w.tobytes() for w in model.get_weights()])
        assert all(weights == found[0] for weights in found)

    def test_a_fault_ends_all_threads(self):
        def function(table, rows):
            return [ops.matmul(ops.take(ops.matmul(table, table), rows, axis=0), table)]

        types = [TensorType("float32", (300, 300)), TensorType("int32", (5000,))]
        run = compile_program(trace(function, types, "taking")[0], "native")
        table, rows = np.ones((300, 300), np.float32), np.zeros(5000, np.int32)
        for count in COUNTS:
            config.set_threads(count)
            rows[4321] = 300
            with pytest.raises(IndexRangeError, match="got 300 at position"):
                run([table, rows])
            rows[4321] = 299
            assert run([table, rows])[0][0, 0] == 300 * 300

    def test_number_of_threads_is_checked(self):
        for wrong in (0, -1, 1.5, True):
            with pytest.raises(ArgumentError, match="positive integer"):
                config.set_threads(wrong)


class TestTinyNumbers:
    """Below 1.2e-38 an operation in float32 takes a hundred cycles; training counts such numbers as zero."""

    def halving(self) -> Program:
        def step(carry, _):
            return carry * 0.5, None

        return trace(lambda x: [ops.scan(step, x, length=140)[0]], [TensorType("float32", (64,))], "halving")[0]

    def test_they_are_zero_in_a_watched_run_and_nowhere_else(self):
        ones = np.ones(64, np.float32)
        assert (compile_program(self.halving(), "native", "step")([ones])[0] == 0).all()
        assert (compile_program(self.halving(), "native")([ones])[0] == np.float32(2.0**-140)).all()

    def test_the_processor_is_left_as_it_was(self):
        compile_program(self.halving(), "native", "step")([np.ones(64, np.float32)])
        assert np.float32(2.0**-140) * np.float32(0.5) == np.float32(2.0**-141) != 0


class TestMemory:
    def test_too_much_is_refused_before_the_run(self, monkeypatch):
        program = counting_loop(2, size=6000)
        run = compile_program(program, "native")
        monkeypatch.setattr(memory, "available", lambda: 100_000_000)
        with pytest.raises(MemoryLimitError, match=r"needs 0\.\d GB .* 0\.1 GB are free\. The largest value is"):
            run([np.ones((6000, 6000), np.float32)])

    def test_the_machine_says_what_is_free(self):
        free = memory.available()
        assert free is None or free > 1_000_000
