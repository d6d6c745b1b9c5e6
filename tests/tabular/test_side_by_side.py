"""Networks trained on several threads, in a time that is counted: the result does not depend on the timing."""

from __future__ import annotations

import threading
import time
from queue import SimpleQueue
from threading import Event

import numpy as np
import pytest

from chainrule import config
from chainrule.data import Target
from chainrule.errors import ArgumentError, NonFiniteError
from chainrule.tabular import Options, Training, fit_table
from chainrule.tabular.architectures import Layout
from chainrule.tabular.budget import KINDS, programme, seconds_of
from chainrule.tabular.crew import Telling, side_by_side
from chainrule.tabular.network import build, plan
from chainrule.tabular.training import Watch, train

from .tables import Listener, write_classes, write_values

SMALL = Training(preset="auto", networks=2, epochs=3)


@pytest.fixture
def threads():
    """Sets how many threads there are; afterwards it is as before."""
    before = config._settings["threads"]
    yield config.set_threads
    config._settings["threads"] = before


@pytest.mark.parametrize(("write", "target"), [(write_classes, "label"), (write_values, "price")])
def test_the_bits_and_the_words_are_the_same_on_one_thread_and_on_three(tmp_path, threads, write, target):
    path, found, said = write(tmp_path / "a.csv"), [], []
    for count in (1, 3):
        threads(count)
        listener = Listener()
        found.append(fit_table(path, Options(target, training=SMALL, seed=4), listener))
        said.append(listener.lines)
        assert config.threads() == count
    assert np.array_equal(found[0].outputs, found[1].outputs)
    assert said[0] == said[1]
    assert {k: v for k, v in found[0].metrics.items() if k != "seconds"} == {
        k: v for k, v in found[1].metrics.items() if k != "seconds"
    }
    assert [kind["preset"] for kind in found[0].metrics["kinds"]] == list(KINDS)
    assert sum(found[0].model.weights) == pytest.approx(1.0)


def test_what_pieces_say_comes_in_their_order_whatever_the_timing():
    def work(n, show):
        show.line(f"begin {n}")
        time.sleep(0.02 * (4 - n))
        show.line(f"end {n}")
        return n * n

    listener = Listener()
    assert side_by_side([1, 2, 3], work, listener, 3) == ([1, 4, 9], False)
    assert listener.lines == [f"{word} {n}" for n in (1, 2, 3) for word in ("begin", "end")]


def test_an_error_of_a_piece_reaches_the_caller_and_the_others_end():
    ended = threading.Event()

    def work(n, show):
        if n == 0:
            raise NonFiniteError("no epoch")
        ended.set()

    with pytest.raises(NonFiniteError, match="no epoch"):
        side_by_side([0, 1], work, Listener(), 2)
    assert not [t for t in threading.enumerate() if t.name.startswith("network-")]


class Impatient(Listener):
    """Presses Ctrl-C when a network has finished so many epochs."""

    def __init__(self, network: int, epoch: int) -> None:
        super().__init__()
        self.moment = (network, epoch)

    def epoch(self, watch) -> None:
        super().epoch(watch)
        if watch.number == self.moment[0] and watch.epochs >= self.moment[1]:
            raise KeyboardInterrupt


def test_ctrl_c_stops_every_thread_and_keeps_what_there_is(tmp_path, threads):
    path = write_classes(tmp_path / "a.csv", rows=400)
    threads(2)
    slow = Training(layers=(64,), networks=4, epochs=3000, patience=3000)
    result = fit_table(path, Options("label", training=slow), Impatient(1, 2))
    assert result.interrupted and result.metrics["interrupted"]
    assert len(result.model.networks) == 1
    assert result.metrics["networks"][0]["stopped"] == "interrupted"
    assert not [t for t in threading.enumerate() if t.name.startswith("network-")]


def test_ctrl_c_ends_an_epoch_under_way(tmp_path):
    """The network is told to end the moment it begins; its only epoch is far too long to wait for."""
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(200_000, 8)).astype(np.float32), generator.normal(size=(200_000, 1))
    target, chosen, stop = Target("y", "regression"), plan(Training(layers=(64, 64), batch_size=8), 600), Event()
    stop.set()
    network = build(8, target, chosen, (0,))
    look = Telling(0, SimpleQueue(), stop).look
    watch = Watch(1, chosen, target, 1.0, False, lambda watch: None, look=look)
    train(network, watch, x, y.astype(np.float32), None, 0)
    assert watch.interrupted and watch.epochs == 0
    assert 0 < int(network.optimizer.iterations) < 25_000


def test_a_piece_that_does_not_end_is_left_behind_after_ctrl_c():
    free = Event()

    def work(n, show):
        show.line(f"begin {n}")
        if n:
            free.wait(60)  # as a thread in the middle of compiling
        return n

    class Pressed(Listener):
        def line(self, text):
            super().line(text)
            if text == "begin 1":
                raise KeyboardInterrupt

    try:
        assert side_by_side([0, 1, 2], work, Pressed(), 2) == ([0, None, None], True)
        assert not free.is_set()
    finally:
        free.set()


def test_when_the_time_is_up_it_ends_and_says_so(tmp_path):
    path = write_classes(tmp_path / "a.csv", rows=400)
    slow = Training(layers=(64,), networks=2, epochs=100_000, patience=100_000, seconds=1.5)
    listener = Listener()
    result = fit_table(path, Options("label", training=slow), listener)
    assert result.metrics["networks"][0]["stopped"] == "the time was up"
    assert any(line.startswith("note: the time was up: ") for line in listener.lines)


def test_the_plan_is_counted_and_shrinks_with_the_time():
    layout = Layout.plain(150)
    work = []
    for seconds in (1.0, 5.0, 20.0, 60.0, 600.0, 6000.0):
        plans = programme(Training(seconds=seconds), 30_000, layout, 1)
        work.append(sum(seconds_of(chosen, layout, 1, 30_000) for chosen in plans))
        assert plans == programme(Training(seconds=seconds), 30_000, layout, 1)
        assert plans[0].preset == "mlp"
        assert seconds < 20 or work[-1] <= 2 * seconds
    assert work == sorted(work) and work[0] < work[-1] / 10
    whole = programme(Training(seconds=0), 30_000, layout, 1)
    assert [chosen.preset for chosen in whole] == list(KINDS)
    assert whole == [plan(Training(preset=kind), 30_000) for kind in KINDS]


def test_what_was_asked_for_is_not_made_smaller():
    wanted = Training(preset="tabm", networks=7, epochs=500, seconds=1.0)
    (chosen,) = programme(wanted, 100_000, Layout.plain(200), 1)
    assert (chosen.preset, chosen.networks, chosen.epochs) == ("tabm", 7, 500)
    (chosen,) = programme(Training(layers=(8,)), 500, Layout.plain(4), 1)
    assert (chosen.preset, chosen.layers) == ("mlp", (8,))
    with pytest.raises(ArgumentError, match="expected seconds from 0"):
        programme(Training(seconds=-1.0), 500, Layout.plain(4), 1)
    with pytest.raises(ArgumentError, match=r"--preset: expected one of 'mlp', .* Did you mean 'tabm'"):
        programme(Training(preset="tabn"), 500, Layout.plain(4), 1)
