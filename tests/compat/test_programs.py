"""The five programs of the introductory texts, unmodified, in four import styles."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.compat import is_installed, run_script

from .running import ROOT, SCRIPTS, chainrule

STYLES = ("tf_keras", "from_tensorflow_keras", "from_keras", "from_tensorflow")
PROGRAMS = [f"p{number}_{style}" for number in range(5) for style in STYLES]
PARAMETERS = {"p0": 8 * 64 + 64 + 64 * 32 + 32 + 33, "p1": 162, "p2": 121, "p3": 187, "p4": 9}
GOLDEN = json.loads((ROOT / "tests/golden/training.json").read_text())
DATA = {
    name: np.asarray(value, "int32" if np.asarray(value).dtype.kind == "i" else "float32")
    for name, value in GOLDEN["data"].items()
}
CASES = {case["name"].lower(): case for case in GOLDEN["cases"]}


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_command_runs_it(program: str, folder: Path) -> None:
    done = chainrule("run", SCRIPTS / f"{program}.py", cwd=folder)
    assert done.stderr == ""
    epochs = 100 if program.startswith("p1") else 10
    assert done.stdout.count("Epoch ") == epochs
    assert f"Epoch {epochs}/{epochs}" in done.stdout
    losses = [float(text) for text in re.findall(r" loss: ([0-9.e+-]+)", done.stdout)]
    assert len(losses) >= epochs and losses[epochs - 1] < losses[0]
    if program.startswith("p0"):
        accuracy, error = (float(re.search(rf"{word}: ([0-9.]+)%", done.stdout)[1]) for word in ("准确率", "误差率"))  # type: ignore[index]
        assert accuracy > 80 and accuracy + error == pytest.approx(100, abs=0.011)
    if program.startswith("p1"):
        rows = re.findall(r"\[\s*(-?[0-9.e+-]+)\s+(-?[0-9.e+-]+)\s*\]", done.stdout)
        assert len(rows) == 5, "print(predictions) shows five rows of two numbers"


@pytest.mark.parametrize("program", PROGRAMS)
def test_numbers_are_those_of_keras(program: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its model, with Keras's weights and data put in when it calls fit, trains and predicts as in Keras."""
    case = CASES[program[:2]]
    seen: dict[str, Any] = {}
    original = cr.Model.fit

    def fit(model: Any, *args: Any, **kwargs: Any) -> Any:
        x, y = DATA[case["x"]], DATA[case["y"]]
        model(x[:1])
        assert model.count_params() == case["parameters"]
        model.set_weights(case["initial_weights"])
        history = original(model, x, y, shuffle=False, verbose=0, **case["fit"])
        tested = [DATA[name] for name in case.get("evaluate", (case["x"], case["y"]))]
        seen.update(
            history=history.history, weights=model.get_weights(), scores=model.evaluate(*tested, verbose=0),
            predictions=model.predict(x[:3], verbose=0), arguments=kwargs,
        )  # fmt: skip
        return history

    monkeypatch.setattr(cr.Model, "fit", fit)
    assert run_script(SCRIPTS / f"{program}.py") == 0
    assert seen["arguments"]["epochs"] in (10, 100), "the script's own call was seen"
    assert seen["history"].keys() == case["history"].keys()
    for name, values in case["history"].items():
        np.testing.assert_allclose(seen["history"][name], values, rtol=1e-5, err_msg=name)
    np.testing.assert_allclose(seen["scores"], case["evaluate_list"], rtol=1e-5)
    np.testing.assert_allclose(seen["predictions"], case["predict"], rtol=1e-5)
    for ours, theirs in zip(seen["weights"], case["weights"], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)  # Adam divides by small square roots


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_number_of_parameters(program: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the texts' networks have them; P2 has its own only once it has seen data."""
    counts = []
    original = cr.Model.fit

    def fit(model: Any, x: Any, y: Any, epochs: int, **kwargs: Any) -> Any:
        history = original(model, x, y, epochs=1, verbose=0, **kwargs)
        counts.append(model.count_params())
        return history

    monkeypatch.setattr(cr.Model, "fit", fit)
    assert run_script(SCRIPTS / f"{program}.py") == 0
    assert counts == [PARAMETERS[program[:2]]]


def test_a_run_in_this_process_leaves_no_trace(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import sys

    before = list(sys.path), list(sys.argv), sys.modules["__main__"]
    assert run_script(SCRIPTS / "p4_tf_keras.py") == 0
    assert "Epoch 10/10" in capsys.readouterr().out
    assert (list(sys.path), list(sys.argv), sys.modules["__main__"]) == before
    assert not is_installed() and not {"keras", "tensorflow", "tensorflow.keras"} & sys.modules.keys()


def test_two_runs_give_the_same_numbers(folder: Path) -> None:
    """Weights and shuffling are seeded by default; only the data of this script are drawn by NumPy."""
    seeded = folder / "seeded.py"
    seeded.write_text("import numpy as np\nnp.random.seed(0)\n" + (SCRIPTS / "p1_tf_keras.py").read_text())
    first, second = (chainrule("run", seeded, cwd=folder).stdout for _ in range(2))
    assert first.splitlines()[-5:] == second.splitlines()[-5:]
