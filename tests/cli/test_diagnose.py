"""`chainrule diagnose` and `chainrule fit --fix` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from .commands import Command, command  # noqa: F401

SLOW = ("--layers", "16", "--networks", "2", "--epochs", "8", "--learning-rate", "0.00001", "--out", "m")


def write_rows(path: str, rows: int = 160, copy: bool = False) -> None:
    generator = np.random.default_rng(0)
    a, b = generator.normal(size=(2, rows))
    y = np.where(a + b + 0.5 * generator.normal(size=rows) > 0, "yes", "no")
    more = np.where(y == "yes", "paid", "open") if copy else np.where(b > 0, "up", "down")
    lines = [f"{p:.4f},{q:.4f},{r},{s}" for p, q, r, s in zip(a, b, more, y, strict=True)]
    Path(path).write_text("\n".join(["a,b,state,y", *lines]) + "\n")


def test_the_result_comes_with_what_was_checked(command: Command):  # noqa: F811
    write_rows("sound.csv")
    write_rows("leak.csv", copy=True)
    sound = command("fit", "sound.csv", "--target", "y", *SLOW[:6]).out
    checked = "checked: duplicates across the split, copies of the target, identifiers, the baseline"
    assert f"{checked}: nothing found\n" in sound and sound.index(checked) < sound.index("test rows   ")
    leak = command("fit", "leak.csv", "--target", "y", *SLOW[:6])
    assert "error: 'state' is the target 'y' in other words" in leak.out and "--drop state" in leak.out
    quiet = command("fit", "leak.csv", "--target", "y", *SLOW[:6], "--quiet", "--out", "quiet").out
    assert quiet.startswith("error: 'state' is the target 'y' in other words")
    stored = json.loads(Path("leak.model/metrics.json").read_text())["findings"]
    assert [f["id"] for f in stored] == ["target-copy"]


def test_fix_trains_again_with_what_is_proven(command: Command):  # noqa: F811
    write_rows("rows.csv")
    done = command("fit", "rows.csv", "--target", "y", *SLOW, "--fix")
    assert done.status == 0, done.error
    assert "warning: The learning rate 1e-05 is too small" in done.out
    assert "Measured on" in done.out and "fix: training again with --learning-rate" in done.out
    assert "on validation rows" in done.out and "kept --learning-rate" in done.out
    words = json.loads(Path("m/receipt.json").read_text())["command"]
    assert "--fix" not in words and words[-2] == "--learning-rate" and float(words[-1]) > 1e-5
    settings = json.loads(Path("m/metrics.json").read_text())["settings"]
    assert settings["learning_rate"] == float(words[-1])
    assert command("verify", "m", "rows.csv").status == 0


def test_diagnose_says_the_same_and_fixes_into_another_folder(command: Command):  # noqa: F811
    write_rows("rows.csv")
    command("fit", "rows.csv", "--target", "y", *SLOW)
    plain = command("diagnose", "m", "rows.csv", "--json")
    assert plain.status == 0 and "learning-rate-too-small" in [f["id"] for f in json.loads(plain.out)], plain.error
    before = Path("m/metrics.json").read_bytes()
    fixed = command("diagnose", "m", "rows.csv", "--fix", "--lang", "zh")
    assert fixed.status == 0 and "已保存到 m.fixed" in fixed.out, fixed.error
    assert "警告：学习率 1e-05 过小" in fixed.out
    assert Path("m/metrics.json").read_bytes() == before
    old, new = (json.loads(Path(d, "metrics.json").read_text()) for d in ("m", "m.fixed"))
    assert new["validation"]["log_loss"] < old["validation"]["log_loss"]
    again = command("diagnose", "m", "rows.csv", "--fix")
    assert again.status == 2 and "m.fixed exists already" in again.error


def test_wrong_inputs(command: Command):  # noqa: F811
    write_rows("rows.csv")
    assert "there is no such folder" in command("diagnose", "nothing", "rows.csv").error
    command("fit", "rows.csv", "--target", "y", *SLOW)
    assert command("diagnose", "m", "none.csv").status == 2
    Path("other.csv").write_text("p,q\n1,2\n3,4\n")
    missing = command("diagnose", "m", "other.csv")
    assert missing.status == 2 and "'y'" in missing.error
