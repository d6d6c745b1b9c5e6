"""The playground: settings, training, gradients, the server's refusals, and the page in a browser."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chainrule.data import Table
from chainrule.errors import ArgumentError, DataError, FileError
from chainrule.insight.play import Playground, Session, Settings, read_points

from .browser import Browser, needs_browser


def table(kind="classes", rows=160):
    random = np.random.default_rng(5)
    a, b = random.normal(size=(2, rows))
    targets = {"classes": np.where(a * b > 0, "same", "other"), "three": np.digitize(a + b, [-1, 1]), "number": a * b}
    target = targets[kind]
    return Table.from_columns({"a": a.tolist(), "b": b.tolist(), "colour": ["red", "blue"] * (rows // 2),
                               "id": [f"x{k}" for k in range(rows)], "target": target.tolist()})  # fmt: skip


@pytest.fixture
def session() -> Iterator[Session]:
    running = Session(read_points(table(), "target"))
    running.start()
    yield running
    running.stop()


def wait_for(session, condition, seconds=30.0):
    until = time.monotonic() + seconds
    while not condition():
        session.newer_than(session.version, 0.05)
        assert time.monotonic() < until


def test_columns_that_can_be_drawn():
    points = read_points(table(), "target")
    assert points.axes == ["a", "b", "colour"]  # the identifier cannot
    plane, mean, deviation = points.plane("a", "b")
    learnt = plane[~points.held]
    np.testing.assert_allclose(learnt.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(learnt.std(0), 1)
    raw = np.array([points.table.column(c).numbers() for c in "ab"]).T
    np.testing.assert_allclose(plane * deviation + mean, raw)
    with pytest.raises(DataError, match="Did you mean 'colour'"):
        points.plane("a", "color")
    with pytest.raises(DataError, match="expected two columns besides the target"):
        read_points(Table.from_columns({"a": [1, 2, 3, 4], "target": [0, 1, 0, 1]}), "target")


@pytest.mark.parametrize(
    "wrong", [{"units": [0]}, {"units": [8] * 7}, {"units": "8"}, {"activation": "relux"}, {"optimizer": "none"},
              {"learning_rate": 0.0}, {"learning_rate": "1"}, {"batch_size": 2000}, {"batch_size": True}, {"seed": -1},
              {"columns": ["a", "target"]}, {"columns": ["a"]}, {"unit": [3]}],
)  # fmt: skip
def test_settings_that_are_refused(wrong):
    (name,) = wrong
    with pytest.raises(ArgumentError, match=f"{name}.*(expected|Did you mean)"):
        Settings(("a", "b")).changed(wrong, ["a", "b"])


def test_it_learns_and_shows_what_it_has_learnt(session):
    wait_for(session, lambda: session.version > 0)
    start = session.latest
    assert start["epoch"] == 0 and len(start["cells"]) == 44 * 44
    session.running = True
    wait_for(session, lambda: session.latest["epoch"] >= 120)
    session.running = False
    now = session.latest
    assert now["history"][-1][1] < 0.6 * start["history"][0][1] and now["score"] > 0.85
    assert np.abs(np.array(now["weights"][0]) - np.array(start["weights"][0])).max() > 0.05
    cells = np.array(now["cells"]).reshape(44, 44, 2)
    np.testing.assert_allclose(cells.sum(-1), 1, atol=2e-3)
    same = 1 if session.points.target.labels[1] == "same" else 0
    assert cells[5, -6, same] > 0.5 > cells[5, 5, same] and cells[-6, 5, same] > 0.5 > cells[-6, -6, same]


def test_the_ends_of_the_axes_are_in_the_units_of_the_columns(session):
    wait_for(session, lambda: session.version > 0)
    told, points = session.ask(session.describe), session.points
    for name, ends in zip(told["settings"]["columns"], told["ends"], strict=True):
        learnt = points.table.column(name).numbers()[~points.held]
        expected = learnt.mean() + told["reach"] * np.array([-1, 1]) * learnt.std()
        np.testing.assert_allclose(np.array(ends, float), expected, rtol=1e-3)


def test_gradients_are_those_of_the_loss(session):
    wait_for(session, lambda: session.version > 0)

    def measured():
        model, part = session.model, ~session.is_held
        x, y = session.x[part], session.y[part]
        kernel = model.trainable_variables[0]
        before, slopes = kernel.numpy().copy(), []
        for index in np.ndindex(before.shape):
            values = []
            for sign in (1, -1):
                moved = before.copy()
                moved[index] += sign * 1e-2
                kernel.assign(moved)
                values.append(model.evaluate(x, y, batch_size=512, verbose=0))
            slopes.append((values[0] - values[1]) / 2e-2)
        kernel.assign(before)
        return np.reshape(slopes, before.shape)

    np.testing.assert_allclose(session.latest["gradients"][0], session.ask(measured), rtol=5e-3, atol=2e-4)


def test_changes_while_it_runs(session):
    wait_for(session, lambda: session.version > 0)
    session.running = True
    wait_for(session, lambda: session.latest["epoch"] >= 6)
    session.change({"learning_rate": 0.05})
    assert session.epoch >= 6 and float(session.model.optimizer.learning_rate) == pytest.approx(0.05)
    session.change({"units": [3, 2, 5], "activation": "relu"})
    assert [layer.units for layer in session.model.layers] == [3, 2, 5, 1]
    session.running = False
    session.change({"columns": ["b", "colour"]})
    assert session.epoch == 0 and session.latest["settings"]["columns"] == ("b", "colour")
    with pytest.raises(ArgumentError):
        session.change({"units": [99]})
    assert session.settings.units == (3, 2, 5)
    assert "<math" in session.ask(session.mathematics)


@pytest.mark.parametrize(("kind", "outputs"), [("three", 3), ("number", 1)])
def test_other_kinds_of_target(kind, outputs):
    running = Session(read_points(table(kind), "target"))
    running.start()
    try:
        wait_for(running, lambda: running.version > 0)
        first = running.latest["history"][0][1]
        running.running = True
        wait_for(running, lambda: running.latest["epoch"] >= 60)
        assert running.latest["history"][-1][1] < first and len(running.latest["cells"][0]) == outputs
    finally:
        running.stop()


def test_a_learning_rate_too_large_is_said(session):
    wild = {"activation": "linear", "optimizer": "sgd", "learning_rate": 10.0, "units": (32, 32, 32)}
    session.settings = replace(session.settings, **wild)
    session.ask(session._build)
    session.running = True
    wait_for(session, lambda: not session.running)
    assert session.problem == "diverged" and json.dumps(session.latest, allow_nan=False)


@pytest.fixture
def playground() -> Iterator[Playground]:
    made = Playground(read_points(table(), "target"), port=0)
    thread = threading.Thread(target=made.serve, daemon=True)
    thread.start()
    yield made
    made.stop()
    thread.join(timeout=20)
    assert not thread.is_alive()


def request(playground, method, path, body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", playground.port, timeout=30)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


JSON = {"Content-Type": "application/json"}


def test_the_server_answers_its_own_page_only(playground):
    assert playground.http.server_address[0] == "127.0.0.1"
    assert request(playground, "GET", "/")[0] == 200 and request(playground, "GET", "/else")[0] == 404
    assert request(playground, "GET", "/start", Host="example.com")[0] == 403
    assert request(playground, "POST", "/run", '{"running": true}')[0] == 403  # a form of another page
    assert request(playground, "POST", "/run", "{}", **JSON, Origin="http://example.com")[0] == 403
    assert not playground.session.running
    for body in ("{", "[1]", '{"units": [0]}'):
        status, text = request(playground, "POST", "/settings", body, **JSON)
        assert status == 400 and "error" in json.loads(text)
    status, text = request(playground, "POST", "/settings", '{"units": [2]}', **JSON)
    assert status == 200 and json.loads(text)["settings"]["units"] == [2]
    status, text = request(playground, "GET", "/events?once")
    assert status == 200 and json.loads(text.removeprefix("data: "))["settings"]["units"] == [2]
    with pytest.raises(FileError, match="--port 0"):
        Playground(playground.session.points, playground.port)


@needs_browser
def test_the_page_in_a_browser(playground):
    with Browser(1100, 900) as browser:
        browser.open(playground.address)
        browser.wait_until("document.body.dataset.epoch === '0'")
        blank = browser.evaluate("document.getElementById('plane').toDataURL()")
        browser.evaluate("document.getElementById('run').click()")
        browser.wait_until("Number(document.body.dataset.epoch) > 30")
        assert browser.evaluate("document.getElementById('plane').toDataURL()") != blank
        browser.evaluate("[...document.querySelectorAll('#layers > button')].pop().click()")
        browser.wait_until("document.querySelectorAll('.layer').length === 3")
        browser.evaluate("const e = document.getElementById('activation'); e.value = 'relu'; e.onchange()")
        browser.wait_until("about.settings.activation === 'relu' && Number(document.body.dataset.epoch) > 10")
        browser.evaluate("const r = document.getElementById('rate'); r.value = -3; r.oninput()")
        browser.wait_until("about.settings.learning_rate === 0.001")
        browser.evaluate("document.getElementById('run').click()")
        browser.wait_until("!latest.running")
        assert playground.session.settings.units == (8, 8, 4) and browser.overflow() <= 0
        assert re.search(r"validation .*\d", browser.evaluate("document.getElementById('numbers').textContent"))
        browser.open(playground.address + "mathematics")
        assert browser.evaluate("document.querySelectorAll('math').length") > 20
        assert not browser.errors and not browser.outside(playground.address)


@needs_browser
def test_the_page_on_a_phone(playground):
    with Browser(390, 800, dark=True) as browser:
        browser.open(playground.address)
        browser.wait_until("document.body.dataset.epoch === '0'")
        assert browser.overflow() <= 0 and not browser.errors


START = """import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # the shell that runs the tests may have had it ignored
from chainrule.cli import main
sys.exit(main(sys.argv[1:]))"""


def test_the_command_ends_with_ctrl_c(tmp_path: Path):
    data = tmp_path / "data.csv"
    data.write_text("a,b,t\n" + "\n".join(f"{k % 7},{k % 5},{k % 2}" for k in range(60)))
    process = subprocess.Popen(
        [sys.executable, "-c", START, "play", str(data), "--port", "0"], stdout=subprocess.PIPE, text=True,
        stderr=subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    line = process.stdout.readline()
    assert re.match(r"open http://127\.0\.0\.1:\d+/ in a browser", line)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=30)
    assert process.returncode == 0 and output.strip() == "ended" and not errors
