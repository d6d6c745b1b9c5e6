"""The bench: our side of every row runs, results become tables and lines of history, whoever is absent is said so.

No time is asserted.
"""

from __future__ import annotations

import json
import math
import mmap
import re
import shutil
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import chainrule
from bench import __main__ as command
from bench import history, host, processes, running, soak, table
from bench import work as works
from bench.contenders import keras_like
from bench.peers import CONTENDERS, ENVIRONMENTS, ROOT, Contender
from bench.results import Measured
from bench.rows import GROUPS, ROWS, Row

TINY = {
    "dense": {"network": "dense", "units": [4, 8, 1], "loss": "bce", "batch": 4, "rows": 8},
    "bfloat16": {"network": "dense", "units": [4, 8, 1], "batch": 4, "rows": 8, "policy": "mixed_bfloat16"},
    "many classes": {"network": "dense", "units": [4, 8, 3], "loss": "ce", "batch": 4, "rows": 8},
    "cnn": {"network": "cnn", "side": 10, "filters": [2, 3], "hidden": 4, "classes": 3, "batch": 2, "rows": 4},
    "transformer": {
        "network": "transformer", "blocks": 1, "width": 4, "heads": 2, "tokens": 3, "causal": True, "batch": 2,
        "rows": 4,
    },
    "lstm": {"network": "lstm", "units": 3, "time": 4, "features": 2, "batch": 2, "rows": 4},
    "residual": {"network": "residual", "side": 32, "blocks": [1], "classes": 3, "batch": 1, "rows": 1},
}  # fmt: skip
OURS = {"library": "chainrule"}
MACHINE = {
    "processor": "a processor", "cores": 2, "memory": 2**34, "system": "Linux", "python": "3.11", "peak": 1e11,
    "peak_by": "thinking", "load": 0.5,
}  # fmt: skip


def row(kind: str = "train", who: tuple[str, ...] = ("chainrule",), **more: Any) -> Row:
    return Row("a row", "small", kind, {**TINY["dense"], **more}, who, seconds=1e-4)


def measured(name: str, *seconds: float, **more: Any) -> Measured:
    return Measured(CONTENDERS[name], list(seconds), [0.0] * len(seconds), first=1.0, loss=0.5, **more)


# what is computed


@pytest.mark.parametrize("name", TINY)
def test_our_side_trains(name: str) -> None:
    loss = keras_like.train(TINY[name], OURS)(1)
    assert math.isfinite(loss) and loss > 0


def test_training_lowers_the_loss() -> None:
    run = keras_like.train({**TINY["dense"], "rows": 200, "separable": True}, OURS)
    first = run(1)
    assert run(20) < first


@pytest.mark.parametrize("call", ["predict", "model", "predict_on_batch"])
def test_our_side_predicts(call: str) -> None:
    keras_like.predict(TINY["dense"], {**OURS, "call": call})(2)


def test_the_networks_of_the_rows_are_those_that_are_tried_here() -> None:
    used = {r.work["network"] for r in ROWS if "network" in r.work}
    assert used == set(keras_like.NETWORKS) == {work["network"] for work in TINY.values()}


@pytest.mark.parametrize("name", ["dense", "many classes", "transformer"])
def test_operations_are_those_of_the_recorded_program(name: str) -> None:
    """Counted anew in the Program of a training step: every product has its pairs of numbers to multiply."""
    model = keras_like.compiled(TINY[name], OURS)
    x, y = (a[: TINY[name]["batch"]] for a in works.data(TINY[name]))
    loss = chainrule.losses.get(keras_like.LOSSES[works.loss(TINY[name])])

    def training(variables: Any) -> Any:
        return chainrule.value_and_grad(lambda v: chainrule.ops.mean(loss(y, model(x))))(variables)

    program = chainrule.passes.optimize(chainrule.trace_function(lambda: training(model.trainable_variables)))
    assert 2 * multiplications(program) == works.operations(TINY[name])


def multiplications(program: Any) -> int:
    """In the products of a Program: each number of a result is a sum of so many."""
    total = 0
    for equation in program.equations:
        if equation.primitive.name == "dot_general":
            summed = [equation.inputs[0].type.shape[axis] for axis in equation.params.contract[0]]
            total += equation.outputs[0].type.size * math.prod(summed)
    return total


def test_operations_of_convolutions() -> None:
    """By hand; the border of zeros around a gradient is nothing to multiply."""
    first, second = 8 * 8 * 9 * 1 * 2, 2 * 2 * 9 * 2 * 3  # 10 -> 8, pooled 4 -> 2, pooled 1
    dense = 1 * 3 * 4 + 4 * 3
    assert works.operations(TINY["cnn"]) == 2 * 2 * (2 * first + 3 * (second + dense))


def test_operations_of_a_recurrent_network() -> None:
    """By hand: four gates of 3 units at 4 moments see 2 features and 3 units; one unit sees 3."""
    assert works.operations(TINY["lstm"]) == 2 * 2 * (2 * (4 * 3 * 4 * 2) + 3 * (4 * 3 * 4 * 3 + 3))


def test_data_are_the_same_for_everybody() -> None:
    for work in TINY.values():
        (x, y), (again, _) = works.data(work), works.data(work)
        assert np.array_equal(x, again) and x.dtype == np.float32 and len(y) == work["rows"]


# who takes part


def test_every_row_names_contenders_that_exist() -> None:
    assert all(r.contenders() and r.contenders()[0].is_ours for r in ROWS)
    assert len({r.name for r in ROWS}) == len(ROWS)
    assert {name for r in ROWS for name in r.who} == set(CONTENDERS)


@pytest.mark.parametrize("variable", ENVIRONMENTS)
def test_an_absent_environment_is_a_reason(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, str(ROOT / "nowhere"))
    absent = [c.missing() for c in CONTENDERS.values() if c.environment == variable]
    assert absent and all(variable in why for why in absent)


# measuring


def test_rounds_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCH_TORCH", str(ROOT / "nowhere"))
    who = ("chainrule", "chainrule, 1 thread", "PyTorch")
    ((_, (ours, alone, absent)),) = running.measure_all([row(who=who)], 2, quiet=True)
    for m in (ours, alone):
        assert len(m.seconds) == 2 and min(m.seconds) > 0 and not m.absent
    assert ours.loss == alone.loss, "the number of threads changes no bit"
    assert not absent.seconds and "BENCH_TORCH" in absent.absent


def test_what_a_framework_raises_is_its_result() -> None:
    ((_, (found,)),) = running.measure_all([row(units=["nonsense", 1])], 1, quiet=True)
    assert not found.seconds and "nonsense" in found.absent


def test_compiling_is_the_first_time_less_the_second() -> None:
    ((_, (found,)),) = running.measure_all([row("compile")], 3, quiet=True)
    assert len(found.seconds) == 1


@pytest.mark.skipif(not shutil.which("gcc"), reason="no gcc")
def test_the_limit_in_c_learns() -> None:
    from bench.contenders import in_c

    work = {"network": "dense", "units": [20, 64, 32, 1], "loss": "bce", "batch": 32, "rows": 3200, "separable": True}
    run = in_c.train(work, {})
    first = run(1)
    assert run(5) < first < 1
    with pytest.raises(ValueError, match="20-64-32-1"):
        in_c.train(TINY["dense"], {})


def test_a_whole_process() -> None:
    commands = {"chainrule": ["-c", "import sys; sys.exit(0)"], "chainrule, nothing cached": ["-c", "oh no"]}
    ends = Row("ends", "start", "process", {"commands": commands}, tuple(commands))
    found = processes.measure(ends, 1, say=lambda text: None)
    assert len(found[0].seconds) == 1 and found[0].memory and found[0].work
    assert not found[1].seconds and "SyntaxError" in found[1].absent


@pytest.mark.parametrize("name", ["chainrule", "chainrule, nothing cached"])
@pytest.mark.parametrize("line", ["import", "import, build, 500 steps, predict", "CSV to accuracy"])
def test_our_scripts_run(line: str, name: str, tmp_path: Any) -> None:
    commands = next(r for r in ROWS if r.name == line).work["commands"]
    if name not in commands:
        pytest.skip("not in this row")
    ended = processes.run(CONTENDERS[name], commands[name], str(tmp_path))
    assert not ended.error and ended.seconds > 0


def test_memory_is_watched(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAINRULE_CACHE", "off")
    soak.main(["--predict", "20", "--fit", "10", "--models", "10", "--rows", "32"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" x ")[0] for line in lines] == ["predict", "fit", "model"]
    assert all("flat" in line or "grew by" in line for line in lines)
    kept: list[mmap.mmap] = []

    def keep() -> None:  # pages of its own: a block from the heap may have been resident before
        kept.append(mmap.mmap(-1, 2**20))
        kept[-1].write(b"x" * 2**20)

    assert soak.grew(soak.soak(keep, 30)) > soak.SLACK, "what grows is seen"


# what comes of it


def results() -> list[tuple[Row, list[Measured]]]:
    absent = Measured(CONTENDERS["PyTorch"], absent="not installed")
    trained = [measured("chainrule", 2e-6, 3e-6, 9e-6), measured("JAX, epoch a call", 6e-6), absent]
    ended = [measured("chainrule", 0.25, memory=2**26), measured("Keras on TensorFlow", 5.0, memory=2**30)]
    return [
        (row(), [*trained, measured("C by hand, 1 thread", 1.5e-6)]),
        (Row("import", "start", "process", {"commands": {}}, ()), ended),
    ]


def test_the_tables() -> None:
    parts = [table.details(r, found, MACHINE) for r, found in results()]
    text = table.joined(table.machine_line(MACHINE), *parts, table.closing(results(), MACHINE))
    assert "| a row | 3.00 us |  | 6.00 us | JAX, epoch a call | 2.00 | 2.00 |" in text
    assert "| import | 250 ms |  | 5,000 ms | Keras on TensorFlow | 20.00 |" in text
    assert "- not installed: PyTorch (a row)" in text
    for block in re.findall(r"(?:^\|.*\n?)+", text, re.MULTILINE):
        assert len({line.count("|") for line in block.splitlines()}) == 1, "every line has all columns"


def test_tables_without_anybody() -> None:
    nobody = [(row(), [Measured(CONTENDERS["chainrule"], absent="gone")])]
    assert "gone: chainrule" in table.closing(nobody, MACHINE) and not table.details(*nobody[0], MACHINE)


def test_disturbed_rounds_do_not_count_if_there_are_others() -> None:
    m = Measured(CONTENDERS["chainrule"], [1.0, 5.0, 2.0], [0.0, 0.8, 0.02])
    assert (m.median, m.best, m.worst, table.disturbance(m)) == (1.5, 1.0, 2.0, "")
    m = Measured(CONTENDERS["chainrule"], [4.0, 5.0], [0.5, 0.8])
    assert (m.median, table.disturbance(m)) == (4.5, "65 %")


def test_a_line_of_history(tmp_path: Any) -> None:
    path = tmp_path / "history.jsonl"
    for _ in range(2):
        history.append(history.line(results(), MACHINE, 3), path)
    first, second = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    assert first["rows"] == second["rows"] and first["machine"] == MACHINE and first["rounds"] == 3
    kept = {"median": 3e-6, "best": 2e-6, "first": 1.0, "loss": 0.5, "others": 0.0}
    assert first["rows"]["a row"]["chainrule"] == kept
    assert "PyTorch" not in first["rows"]["a row"]
    assert {"date", "commit", "versions"} <= set(first)


def test_the_lines_that_are_there() -> None:
    lines = history.PATH.read_text(encoding="utf-8").splitlines() if history.PATH.exists() else []
    for line in map(json.loads, lines):
        assert set(line) == {"date", "commit", "rounds", "machine", "versions", "rows"}
        for found in line["rows"].values():
            assert all(numbers["median"] > 0 for numbers in found.values())


def test_the_machine() -> None:
    machine = host.describe()
    assert set(machine) == set(MACHINE) and machine["peak"] > 1e8 and machine["cores"] >= 1


def test_choosing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {r.group for r in command.chosen("small,cnn", "")} == {"small", "cnn"}
    assert {r.group for r in command.chosen("", "")} == set(command.DEFAULT) < set(GROUPS)
    assert all(name.startswith("chain") for r in command.chosen("small", "chain") for name in r.who)
    with pytest.raises(SystemExit, match=r"smal.*small"):
        command.chosen("smal", "")


def test_the_command(tmp_path: Any) -> None:
    path = tmp_path / "history.jsonl"
    chosen = ["--only", "small", "--contenders", "C by", "--rounds", "1", "--history", str(path)]
    line = [sys.executable, "-m", "bench", *chosen]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Summary" in done.stdout and len(path.read_text(encoding="utf-8").splitlines()) == 1


def test_contenders_run_without_our_restrictions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    from bench.results import environment

    found = environment(Contender("someone", "numpy", "", "none", {}, {"A": "B"}))
    assert "OPENBLAS_NUM_THREADS" not in found and found["A"] == "B"


def test_the_page_takes_a_table() -> None:
    page = command.PAGE.read_text(encoding="utf-8")
    entry = history.line(results(), MACHINE, 3)
    written = table.put_into(page, table.dated(results(), entry))
    assert "a row" in written and written.count("<!-- end results -->") == 1
    assert table.put_into(written, "other") == table.put_into(page, "other")
    with pytest.raises(ValueError, match="no block"):
        table.put_into("nothing", "other")
