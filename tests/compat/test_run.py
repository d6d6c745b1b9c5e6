"""`chainrule run` behaves like `python`."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import pytest

from chainrule.cli import COMMANDS, main
from chainrule.compat import run_script
from chainrule.errors import DataError, FileError

from .running import begin, chainrule, python

WHO = """import json, sys
print(json.dumps({"argv": sys.argv, "name": __name__, "file": __file__, "path": sys.path[0],
                  "main": sys.modules["__main__"].__dict__ is globals(), "doc": __doc__, "spec": __spec__}))
"""


@pytest.mark.parametrize("place", ["who.py", "below/who.py"])
def test_the_script_sees_what_python_would_show_it(place: str, tmp_path: Path) -> None:
    script = tmp_path / place
    script.parent.mkdir(exist_ok=True)
    script.write_text('"""Its doc."""\n' + WHO)
    words = ["--epochs", "3", "--", "-x", "--debug", "--help"]
    ours = json.loads(chainrule("run", place, *words, cwd=tmp_path).stdout)
    theirs = json.loads(python(place, *words, cwd=tmp_path).stdout)
    assert ours == theirs
    assert ours["name"] == "__main__" and ours["argv"][1:] == words and ours["main"] is True


def test_a_link_is_followed_to_the_modules_beside_the_script(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "neighbour.py").write_text("here = 'found'\n")
    (tmp_path / "real" / "script.py").write_text("import neighbour\nprint(neighbour.here)\n")
    (tmp_path / "link.py").symlink_to(tmp_path / "real" / "script.py")
    assert chainrule("run", "link.py", cwd=tmp_path).stdout == "found\n"


@pytest.mark.parametrize(("code", "status", "said"), [
    ("import sys; sys.exit()", 0, ""),
    ("import sys; sys.exit(7)", 7, ""),
    ("raise SystemExit('stopped')", 1, "stopped\n"),
    ("exit(3)", 3, ""),
    ("raise KeyboardInterrupt", 130, "chainrule: interrupted\n"),
    ("print('fine')", 0, ""),
])  # fmt: skip
def test_exit_codes_are_passed_on(code: str, status: int, said: str, tmp_path: Path) -> None:
    (tmp_path / "s.py").write_text(code)
    assert chainrule("run", "s.py", cwd=tmp_path, status=status).stderr == said


def test_ctrl_c_ends_the_script(tmp_path: Path) -> None:
    (tmp_path / "s.py").write_text("import time\nprint('ready', flush=True)\ntime.sleep(60)\n")
    started = begin("run", "s.py", cwd=tmp_path)
    assert started.stdout is not None and started.stdout.readline() == "ready\n"
    started.send_signal(signal.SIGINT)
    _, said = started.communicate(timeout=30)
    assert (started.returncode, said) == (130, "chainrule: interrupted\n")


FAILS = """def inner(x):
    return 1 / x

def outer():
    try:
        inner(0)
    except ZeroDivisionError:
        {"a": 1}["b"]

print("before")
outer()
"""


@pytest.mark.parametrize(
    "code", [FAILS, "x = 1\nif x\n    pass\n", "x = (\n", "raise ValueError('a', 2)", "import nowhere_at_all"]
)
def test_a_failing_script_prints_pythons_own_traceback(code: str, tmp_path: Path) -> None:
    (tmp_path / "fails.py").write_text(code)
    ours = chainrule("run", "fails.py", cwd=tmp_path, status=1)
    theirs = python("fails.py", cwd=tmp_path, status=1)
    assert ours.stdout == theirs.stdout
    assert ours.stderr.replace(f"{tmp_path}/", "") == theirs.stderr.replace(f"{tmp_path}/", "")


def test_the_hook_of_the_script_is_used(tmp_path: Path) -> None:
    (tmp_path / "s.py").write_text("import sys\nsys.excepthook = lambda *e: print('hooked', e[0].__name__)\n1 / 0\n")
    assert chainrule("run", "s.py", cwd=tmp_path, status=1).stdout == "hooked ZeroDivisionError\n"


WRONG_SHAPE = """import tensorflow as tf
from helper import train
train(tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(3,))]))
"""
HELPER = "import numpy as np\ndef train(model):\n    model(np.zeros((2, 4)))\n"


def test_errors_of_chainrule_show_the_lines_of_the_user_only(tmp_path: Path) -> None:
    (tmp_path / "s.py").write_text(WRONG_SHAPE)
    (tmp_path / "helper.py").write_text(HELPER)
    short = chainrule("run", "s.py", cwd=tmp_path, status=1).stderr
    assert "s.py" in short and "helper.py" in short and "chainrule/layers" not in short
    assert short.splitlines()[-1].startswith("chainrule.errors.") and "(2, 4)" in short.splitlines()[-1]
    for words in (("--debug", "run", "s.py"), ("run", "--debug", "s.py")):
        full = chainrule(*words, cwd=tmp_path, status=1).stderr
        assert "chainrule/layers" in full and "running.py" not in full


def test_an_absent_name_shows_the_line_that_asked_for_it(tmp_path: Path) -> None:
    (tmp_path / "s.py").write_text("import os\nfrom tensorflow.keras.layers import Conv9D\n")
    said = chainrule("run", "s.py", cwd=tmp_path, status=1).stderr.splitlines()
    assert said[0] == "Traceback (most recent call last):"
    assert said[1].endswith('s.py", line 2, in <module>') and said[2].strip().startswith("from tensorflow.keras")
    assert len(said) == 4 and "keras.layers.Conv9D is not part of chainrule yet" in said[3]


def test_scripts_that_cannot_be_run(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("")
    (tmp_path / "zero.py").write_bytes(b"x = 1\0")
    cases = {
        "trian.py": "there is no script 'trian.py'. Did you mean 'train.py'?",
        "nowhere/train.py": "there is no script 'nowhere/train.py'.",
        ".": "'.' is a folder; give the script in it.",
        "zero.py": "'zero.py' is not a Python script: it holds null bytes.",
    }
    for script, message in cases.items():
        done = chainrule("run", script, cwd=tmp_path, status=2)
        assert done.stderr == f"chainrule: error: run: {message}\n" and done.stdout == ""
    assert "Traceback" in chainrule("run", "--debug", "trian.py", cwd=tmp_path, status=1).stderr
    for script, error in (("trian.py", FileError), ("zero.py", DataError)):
        with pytest.raises(error):
            run_script(tmp_path / script)


def test_an_encoding_named_in_the_script_is_respected(tmp_path: Path) -> None:
    (tmp_path / "s.py").write_bytes("# -*- coding: gbk -*-\nprint('准确率')\n".encode("gbk"))
    assert chainrule("run", "s.py", cwd=tmp_path).stdout == "准确率\n"


def test_settings_of_tensorflow_in_the_environment_do_nothing(tmp_path: Path) -> None:
    (tmp_path / "s.py").write_text(
        "import os\nos.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'\nos.environ['KERAS_BACKEND'] = 'jax'\n"
        "os.environ['CUDA_VISIBLE_DEVICES'] = ''\nimport keras\nprint(keras.backend.backend())\n"
    )
    done = chainrule("run", "s.py", cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("chainrule\n", "")


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import chainrule as package

    assert python("-m", "chainrule", "--version", cwd=tmp_path).stdout == f"chainrule {package.__version__}\n"
    entry = "import sys; from chainrule.cli import main; sys.exit(main())"
    (tmp_path / "s.py").write_text("import sys; sys.exit(5)")
    python("-c", entry, "run", "s.py", cwd=tmp_path, status=5)
    assert main([]) == 0
    shown = " ".join(capsys.readouterr().out.split())  # long lines are broken
    assert all(name in shown and about in shown for name, about in COMMANDS.items())
    with pytest.raises(SystemExit) as stop:
        main(["tarin"])
    assert stop.value.code == 2 and "there is no command 'tarin'." in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    shown = capsys.readouterr().out
    assert f"chainrule {command}" in shown and "--debug" in shown


def test_run_imports_no_other_command(tmp_path: Path) -> None:
    (tmp_path / "s.py").write_text("import sys\nprint(sorted(m for m in sys.modules if m.startswith('chainrule.cli')))")
    assert chainrule("run", "s.py", cwd=tmp_path).stdout == "['chainrule.cli', 'chainrule.cli.run']\n"
    heavy = "print({'pandas', 'sklearn', 'pyarrow', 'rich'} & set(sys.modules))"
    assert python("-c", f"import sys, chainrule.compat, chainrule.cli.run; {heavy}", cwd=tmp_path).stdout == "set()\n"


def test_an_error_of_a_command_is_one_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["run", "no_such_script.py"]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("chainrule: error: ") and said.err.count("\n") == 1

    def interrupted(*args: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("chainrule.cli.run.run_script", interrupted)
    assert main(["run", "x.py"]) == 130
    assert capsys.readouterr().err == "chainrule: interrupted\n"
    with pytest.raises(KeyboardInterrupt):
        main(["--debug", "run", "x.py"])
    assert "chainrule.cli.run" in sys.modules
