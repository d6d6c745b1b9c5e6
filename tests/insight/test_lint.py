"""The linter: each rule where it must speak, and where it must not; scripts as people write them."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import chainrule
from chainrule import layers
from chainrule.compat.finder import active
from chainrule.errors import DataError, FileError
from chainrule.insight.lint import RULES, LintWarning, lint_script, lint_text, live, recording
from chainrule.insight.lint.rules import ELSEWHERE

SCRIPTS = Path(__file__).parents[1] / "compat" / "scripts"
IN_SCRIPTS = [name for name, rule in RULES.items() if "script" in rule.seen]
IN_RUNS = [name for name, rule in RULES.items() if "run" in rule.seen]


@pytest.mark.parametrize("name", IN_SCRIPTS)
def test_a_rule_speaks_where_it_must_and_nowhere_else(name):
    found = lint_text(RULES[name].bad)
    assert name in [hit.rule for hit in found]
    assert [hit.rule for hit in lint_text(RULES[name].good)] == []
    for hit in found:
        assert hit.line <= RULES[name].bad.count("\n") + 1
        assert "{" not in hit.sentence() + hit.sentence("zh")


@pytest.mark.parametrize(("step", "found"), [
    ("w = w + 0.01 * dw", ["climbs"]), ("w += 0.01 * dw", ["climbs"]), ("w -= 0.01 * dw", []),
    ("w += -0.01 * dw", []), ("w += 0.01 * du", []),
])  # fmt: skip
def test_a_gradient_is_known_by_the_name_of_its_weight(step, found):
    assert [hit.rule for hit in lint_text(f"for _ in range(9):\n    dw = x.T @ (x @ w - y)\n    {step}\n")] == found


def warned(source: str) -> list[str]:
    """The rules that speak when a script is run."""
    with warnings.catch_warnings(record=True) as caught, active():
        warnings.simplefilter("always")
        exec(compile(source, "script.py", "exec"), {"__name__": "__main__"})
    said = [w for w in caught if issubclass(w.category, LintWarning)]
    assert all(w.filename == "script.py" for w in said)
    return [str(w.message).rsplit("[", 1)[1].rstrip("]") for w in said]


def test_words_by_number_are_no_inputs_of_a_large_scale_where_paths_meet_behind_an_embedding():
    assert warned(
        "import numpy as np\nfrom keras import Input, Model, layers\nwords = Input((9,))\n"
        "vectors = layers.Embedding(5000, 4)(words)\n"
        "both = layers.Concatenate()([layers.Flatten()(layers.Conv1D(2, k)(vectors)) for k in (1, 2)])\n"
        "model = Model(words, layers.Dense(1)(both))\nmodel.compile('adam', 'mse')\n"
        "model.fit(np.arange(576).reshape(64, 9) * 8 % 5000, np.arange(64) % 7 / 7, verbose=0)\n"
    ) == []  # fmt: skip


@pytest.mark.parametrize("name", IN_RUNS)
def test_a_rule_warns_when_the_script_is_run(name):
    assert warned(RULES[name].bad) == [name]
    assert warned(RULES[name].good) == []


def test_every_mistake_is_covered_or_said_not_to_be():
    covered = {mistake for rule in RULES.values() for mistake in rule.mistakes.split(", ")}
    assert covered | set(ELSEWHERE) == {f"E{n}" for n in range(1, 23)}
    assert not covered & set(ELSEWHERE)


def test_warnings_come_once():
    model = chainrule.Sequential([layers.Input((2,)), layers.Dense(1, activation="sigmoid")])
    x = np.random.default_rng(0).normal(size=(40, 2))
    with pytest.warns(LintWarning, match=r"targets reach from 3 to 4; the output, sigmoid, can only give values"):
        model.compile(loss="mse")
        model.fit(x, np.where(x[:, 0] > 0, 3, 4), verbose=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(x, np.where(x[:, 0] > 0, 3, 4), verbose=0)


def test_what_is_recorded_is_no_warning():
    with recording() as hits, warnings.catch_warnings():
        warnings.simplefilter("error")
        model = chainrule.Sequential([layers.Input((2,)), layers.Dense(1, activation="softmax")])
        model.compile(loss="mse")
    assert [hit.rule for hit in hits] == ["softmax-one-unit"]
    assert "model.compile" in Path(__file__).read_text(encoding="utf-8").splitlines()[hits[0].line - 1]


def small_model():
    model = chainrule.Sequential([layers.Input((2,)), layers.Dense(1)])
    model.compile(loss="mse")
    return model


def broken(*given):
    raise ZeroDivisionError("oh")


def test_a_check_that_fails_ends_no_training(monkeypatch):
    monkeypatch.setattr(live, "RULES_OF_DATA", (broken, *live.RULES_OF_DATA))
    monkeypatch.setattr(live, "_failed", set())
    x = np.random.default_rng(0).normal(size=(40, 2))
    with pytest.warns(LintWarning) as said:
        history = small_model().fit(x, np.full(40, 3.0), verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    failed, constant = (str(w.message) for w in said)
    assert failed == "the check 'broken' failed (ZeroDivisionError: oh) and is left out."
    assert constant.startswith("All targets are 3"), "the other checks go on"
    assert all(Path(w.filename) == Path(__file__) for w in said)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        small_model().fit(x, x[:, 0], verbose=0)  # said once


@pytest.mark.parametrize("kind", ["compile", "fit"])
def test_an_error_while_looking_ends_no_training(monkeypatch, kind):
    monkeypatch.setattr(live, f"check_{kind}", broken)
    x = np.random.default_rng(0).normal(size=(40, 2))
    with pytest.warns(UserWarning, match=f"checks at {kind} failed"):
        history = small_model().fit(x, x[:, 0], verbose=0)
    assert np.isfinite(history.history["loss"]).all()


SOUND = {  # what must not be said, though it looks alike
    "pixels before a Rescaling layer": ([layers.Rescaling(1 / 255), layers.Dense(1)], 128.0, "mse", None),
    "words before an embedding": ([layers.Embedding(500, 4), layers.Flatten(), layers.Dense(1)], 128.0, "mse", None),
    "an autoencoder": ([layers.Dense(3, activation="sigmoid")], 0.5, "mse", 3),
    "several labels a row": ([layers.Dense(3, activation="sigmoid")], 0.5, "binary_crossentropy", 3),
}


@pytest.mark.parametrize("name", SOUND)
def test_nothing_is_said_of_sound_models(name):
    stack, size, loss, width = SOUND[name]
    generator = np.random.default_rng(0)
    x = (2 * size * generator.random((60, 3))).astype("int32" if size > 1 else "float32")
    y = (generator.random((60, width)) > 0.5).astype("float32") if width else generator.normal(size=60)
    model = chainrule.Sequential([layers.Input((3,), dtype=str(x.dtype)), *stack])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.compile(optimizer="adam", loss=loss)
        model.fit(x, y, verbose=0)


def test_class_numbers_are_judged_by_an_output_that_is_known():
    """The last layer is no Dense: how many classes there are is not known, and nothing is said."""
    x = np.random.default_rng(0).normal(size=(60, 3)).astype("float32")
    scores = layers.Softmax()(layers.Reshape((3,))(layers.Dense(3)(inputs := chainrule.Input((3,)))))
    model = chainrule.Model(inputs, scores)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.compile(loss="sparse_categorical_crossentropy")
        model.fit(x, x.argmax(1), verbose=0)


EXPECTED = {  # the programs of the introductory texts, and what is wrong with them
    "p0_from_keras.py": {"rows-dropped", "not-stratified", "scaler-saw-validation", "unseeded"},
    "p1_from_keras.py": {"metric-repeats-loss", "unseeded"},
    "p2_from_keras.py": {"random-labels", "never-tested", "unseeded"},
    "p3_from_keras.py": {"never-tested", "unseeded"},
    "p4_from_keras.py": {"never-tested", "unseeded"},
}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_programs_of_the_texts(name):
    assert {hit.rule for hit in lint_script(str(SCRIPTS / name))} == EXPECTED[name]


def test_examples_are_sound():
    for path in sorted((Path(__file__).parents[2] / "examples").glob("*.py")):
        assert [(path.name, hit.line, hit.rule) for hit in lint_script(str(path)) if hit.severity != "hint"] == []


def test_what_is_no_script_is_said(tmp_path):
    with pytest.raises(FileError, match="does not exist"):
        lint_script(str(tmp_path / "none.py"))
    with pytest.raises(FileError, match="is a folder"):
        lint_script(str(tmp_path))
    broken = tmp_path / "broken.py"
    broken.write_text("model = (\n")
    with pytest.raises(DataError, match=r"line 1"):
        lint_script(str(broken))
    broken.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="not a Python script"):
        lint_script(str(broken))


def test_a_fit_loads_nothing_heavy_for_it():
    code = (
        "import numpy as np, sys, chainrule; m = chainrule.Sequential([chainrule.layers.Dense(1)]);"
        "m.compile(loss='mse'); m.fit(np.zeros((4, 2)), np.arange(4.), verbose=0);"
        "print(*(f'chainrule.{name}' in sys.modules for name in ('insight.lint.reader', 'insight.words', 'tabular')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"] * 3
