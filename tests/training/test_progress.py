"""What fit, evaluate and predict print."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import chainrule as cr
from chainrule.callbacks.progress import number

from .small import REAL, X, linear

TIME = r"\d+s \d+(ms|us|s)/step"
BAR = "━" * 20


def lines(capsys):
    text = capsys.readouterr().out
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text)  # nothing but lines where stdout is no terminal
    return text.splitlines()


@pytest.mark.parametrize("verbose", [1, "auto", True])
def test_a_line_for_each_epoch_with_a_full_bar(capsys, verbose):
    linear(metrics=["mae"]).fit(X, REAL, batch_size=8, epochs=2, validation_data=(X, REAL), verbose=verbose)
    shown = lines(capsys)
    assert [shown[0], shown[2]] == ["Epoch 1/2", "Epoch 2/2"] and len(shown) == 4
    numbers = " - ".join(rf"{name}: \d+\.\d{{4}}" for name in ("loss", "mae", "val_loss", "val_mae"))
    for line in (shown[1], shown[3]):
        assert re.fullmatch(rf"3/3 {BAR} {TIME} - {numbers}", line), line


def test_verbose_2_is_a_line_without_a_bar(capsys):
    model = linear()
    model.fit(X, REAL, batch_size=8, epochs=2, verbose=2)
    model.evaluate(X, REAL, verbose=2)
    model.predict(X, verbose=2)
    shown = lines(capsys)
    assert shown[0] == "Epoch 1/2" and re.fullmatch(r"3/3 - \d+s - \d+(ms|us|s)/step - loss: \d\.\d{4}", shown[1])
    assert re.fullmatch(r"1/1 - \d+s - \d+(ms|us|s)/step - loss: \d\.\d{4}", shown[4])
    assert re.fullmatch(r"1/1 - \d+s - \d+(ms|us|s)/step", shown[5])


def test_a_single_epoch_is_not_announced(capsys):
    model = linear()
    model.fit(X, REAL)
    model.evaluate(X, REAL)
    model.predict(X)
    shown = lines(capsys)
    assert len(shown) == 3 and all(re.match(rf"1/1 {BAR} \d+s ", line) for line in shown)


def test_verbose_0_prints_nothing(capsys):
    model = linear()
    model.fit(X, REAL, verbose=0, validation_split=0.3)
    model.evaluate(X, REAL, verbose=0)
    model.predict(X, verbose=0)
    assert capsys.readouterr().out == ""


def test_validation_is_silent_and_the_learning_rate_comes_last(capsys):
    plateau = cr.callbacks.ReduceLROnPlateau(patience=0, min_delta=100, verbose=1)
    linear().fit(X, REAL, epochs=2, validation_split=0.3, callbacks=[plateau])
    shown = lines(capsys)
    assert re.search(r"- loss: \S+ - val_loss: \S+ - learning_rate: 0\.0500$", shown[1])
    assert shown[4] == "Epoch 2: ReduceLROnPlateau reducing learning rate to 0.005000000074505806."
    assert len(shown) == 6


def test_batches_of_unknown_number(capsys):
    linear().fit((batch for batch in [(X[:5], REAL[:5]), (X[5:], REAL[5:])]), epochs=1)
    assert re.match(rf"2/2 {BAR} {TIME} - loss: ", lines(capsys)[0])


def test_evaluation_after_training_is_shown_again(capsys):
    progress = cr.callbacks.ProgbarLogger()
    model = linear()
    model.fit(X, REAL, callbacks=[progress])
    model.evaluate(X, REAL, callbacks=[progress])
    assert len(lines(capsys)) == 2


@pytest.mark.parametrize(("value", "shown"), [
    (0.0, "0.0000e+00"), (0.00012345, "1.2345e-04"), (0.5, "0.5000"), (12.0, "12.0000"), (float("nan"), "nan"),
    (-3.0, "-3.0000"), ([0.25, 0.75], "0.5000"), ("text", "text"),
])  # fmt: skip
def test_numbers_as_keras_shows_them(value, shown):
    import numpy as np

    assert number(np.array(value) if isinstance(value, list) else value) == shown


SCRIPT = """
import numpy as np, chainrule as cr, chainrule.callbacks.progress as progress
progress._INTERVAL = 0.0
model = cr.Sequential([cr.Input((2,)), cr.layers.Dense(1)])
model.compile("sgd", "mse")
seen = cr.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None)
model.fit(np.ones((6, 2)), np.ones(6), batch_size=2, epochs=1, callbacks=[seen])
"""


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")
def test_on_a_terminal_the_bar_moves_in_its_line():
    master, slave = os.openpty()
    environment = {**os.environ, "PYTHONPATH": str(Path(cr.__file__).parents[1])}
    subprocess.run([sys.executable, "-c", SCRIPT], env=environment, stdout=slave, check=True)
    os.close(slave)
    shown = os.read(master, 10000).decode()
    os.close(master)
    drawn = shown.replace("\r\n", "\n").split("\r\033[K")
    assert [part.split(" ")[0] for part in drawn[1:]] == ["1/3", "2/3", "3/3"]
    assert drawn[1].count("━") == 6 and drawn[3].endswith("\n") and shown.count("\n") == 1
