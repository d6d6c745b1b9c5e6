"""`--lang zh`: nothing that the commands print is an English sentence."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import numpy as np
import pytest

from .commands import ROOT, Command, command  # noqa: F401

QUICK = ("--epochs", "3", "--networks", "2", "--layers", "8", "--lang", "zh")
# What stays as it is: names in quotes, options with their values, commands, files, settings, the machine, formulas.
_KEPT = re.compile(
    r"'[^']*'|--[a-z-]+(?: [^ ，。；]+)?|chainrule (?:fit|predict|verify) .*|\[[a-z-]+\]$|^preset .*|^chainrule .*"
    r"|\S+\.(?:csv|m|fixed|html|json|txt|py)\b|^[Lza].? = .*|^.*Linux.*$"
)
_WORD = re.compile(r"(?<![\w.])[A-Za-z]{2,}(?![\w(=.])")  # no part of a name_with_signs or of code()
_ALLOWED = {
    "chainrule", "ROC", "AUC", "RMSE", "MAE", "SHA", "Shapley", "mlp", "tabm", "realmlp", "AdamW", "Adam", "Keras",
    "NumPy", "Normalization", "Mermaid", "softmax", "sigmoid", "logit", "MiB", "dropout", "yes", "no", "red",
    "green", "blue", "day", "id", "colour", "size", "state", "weight", "price", "paid", "open", "hidden",
    "output",
}  # fmt: skip


def english(text: str) -> list[str]:
    """The lines in which two English words, or one long one, stand that need not."""
    found = []
    for line in text.splitlines():
        words = [word for word in _WORD.findall(_KEPT.sub(" ", line)) if word not in _ALLOWED]
        if len(words) > 1 or any(len(word) > 6 for word in words):
            found.append(line)
    return found


def write(path: str) -> None:
    """Rows with all that is usually wrong with them."""
    g = np.random.default_rng(0)
    rows = 240
    a, b = g.normal(size=(2, rows))
    colour = g.choice(["red", "green", "blue"], rows)
    y = np.where(a + (colour == "red") + 0.4 * g.normal(size=rows) > 0.5, "yes", "no")
    day = [f"2024-{1 + i // 28:02d}-{1 + i % 28:02d}" for i in range(rows)]
    size = np.where(g.random(rows) < 0.1, "", np.round(a * 10, 2).astype(str))
    size[3] = "-999"
    columns = {
        "id": np.arange(rows), "day": day, "a": a.round(3), "b": b.round(3), "size": size, "colour": colour,
        "state": np.where(y == "yes", "paid", "open"), "weight": (g.random(rows) + 0.5).round(2),
        "price": (3 * a + b).round(3), "y": y,
    }  # fmt: skip
    lines = [",".join(map(str, row)) for row in zip(*columns.values(), strict=True)]
    Path(path).write_text("\n".join([",".join(columns), *lines, *lines[:12], ""]), encoding="utf-8")


def said(command: Command, *words: object) -> str:  # noqa: F811
    """What a command prints, which must be Chinese."""
    done = command(*words)
    text = done.out + done.error
    assert done.status in (0, 1) and "chainrule: error" not in text, text
    assert english(text) == [] and re.search(r"[一-鿿]", text)
    return text


FITS = {
    "plain": ("--target", "y"),
    "weights": ("--target", "y", "--weights", "weight", "--balance", "--threshold", "f1", "--drop", "state"),
    "time": ("--target", "y", "--time", "day", "--drop", "state"),
    "group": ("--target", "y", "--group", "colour", "--test-size", "0", "--folds", "3", "--drop", "state"),
    "rate": ("--target", "price", "--learning-rate", "find"),
    "stream": ("--target", "y", "--stream", "--drop", "state"),
    "several": ("--target", "y,price", "--drop", "state"),
    "fix": ("--target", "price", "--fix", "--learning-rate", "0.00001"),
    "search": ("--target", "y", "--search", "--budget", "2s", "--drop", "state"),
}


@pytest.mark.parametrize("name", FITS)
def test_fit(command: Command, name: str) -> None:  # noqa: F811
    write("t.csv")
    said(command, "fit", "t.csv", "--out", "t.m", *FITS[name], *QUICK)


def test_what_is_done_with_a_model(command: Command) -> None:  # noqa: F811
    write("t.csv")
    command("fit", "t.csv", "--target", "y", "--out", "t.m", *QUICK)
    command("fit", "t.csv", "--target", "price", "--out", "p.m", *QUICK)
    for words in (
        ("diagnose", "t.m", "t.csv"), ("diagnose", "p.m", "t.csv", "--fix"), ("verify", "t.m", "t.csv"),
        ("explain", "p.m", "t.csv", "--by", "colour"), ("explain", "t.m", "t.csv", "--row", "3"),
        ("evaluate", "t.m", "t.csv"), ("predict", "t.m", "t.csv", "--out", "answers.csv"),
        ("inspect", "t.csv", "--target", "y"), ("inspect", "t.csv", "--against", "t.csv"),
        ("lint", ROOT / "tests/compat/scripts/p0_from_keras.py"),
        ("lint", ROOT / "tests/compat/scripts/p2_from_keras.py"),
    ):  # fmt: skip
        said(command, *words, "--lang", "zh")
    derived = command("derive", "p.m", "t.csv", "--row", "3", "--lang", "zh")
    told = [line for line in (derived.out + derived.error).splitlines() if re.search(r"[一-鿿]", line)]
    assert len(told) > 10 and english("\n".join(told)) == []


BAD = (
    "fit t.csv --target z", "fit t.csv --target day", "fit t.csv --target y --epochs 0",
    "fit t.csv --target y --dropout 2",
    "fit t.csv --target y --layers x", "fit t.csv --target y --missing zz", "fit t.csv --target y --drop y",
    "fit t.csv --target y --drop z", "fit t.csv --target y --weights a", "fit t.csv --target y --time a --time b",
    "fit t.csv --target y --group colour --time day", "fit t.csv --target price --balance", "fit t.csv --target y,y",
    "fit t.csv --target y --budget fast", "fit t.csv --target y --preset mpl", "fit t.csv --target y --test-size 20",
    "fit t.csv --target y --encoding klingon", "fit t.csv --target y --query x", "fit t.csv --target y --out t.csv",
    "fit no.csv --target y", "fit uneven.csv --target b", "fit empty.csv --target b", "fit head.csv --target b",
    "fit bytes.csv --target b", "fit one.csv --target y", "fit late.csv --target y --time c", "fit . --target y",
    "inspect t.csv --time zz", "predict none t.csv", "evaluate . t.csv", "derive t.csv", "lint none.py",
    "play t.csv --port 99999",
)  # fmt: skip


_NAMES = re.compile(
    "(?i:utf)-8|utf-16|latin-1|cp1252|gb18030|big5|shift_jis|euc_kr|Windows|COLUMN=VALUE|keras|Python|`.*?`"
)


def test_errors_are_chinese(command: Command) -> None:  # noqa: F811
    write("t.csv")
    files = {"uneven": b"a,b\n1,2\n3\n", "empty": b"", "head": b"a,b\n", "bytes": b"a,b\n\xff,2\n"}
    files["one"] = b"c,y\n1,x\n2,x\n"
    files["late"] = b"c,y\n1,x\n2,x\n3,x\n4,x\n5,z\n"
    for name, content in files.items():
        Path(f"{name}.csv").write_bytes(content)
    for words in BAD:
        message = command.fails(*words.split(), "--lang", "zh", mark="chainrule: 错误：")
        assert re.search(r"[一-鿿]", message) and english(_NAMES.sub("", message)) == [], message


def test_warnings_about_models_are_chinese(command: Command, monkeypatch) -> None:  # noqa: F811
    monkeypatch.setattr(warnings, "showwarning", lambda message, *_: said_of_models.append(str(message)))
    said_of_models: list[str] = []
    Path("one.py").write_text(
        "import keras\nmodel = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation='softmax')])\n"
        "model.compile(loss='mse')\n"
    )
    warnings.simplefilter("always")
    command("derive", "one.py", "--lang", "zh")
    assert len(said_of_models) == 1 and "softmax" in said_of_models[0] and english(said_of_models[0]) == []


def test_the_report(command: Command) -> None:  # noqa: F811
    write("t.csv")
    for target, folder in (("y", "t.m"), ("price", "p.m")):
        command("fit", "t.csv", "--target", target, "--out", folder, *QUICK)
        page = Path(folder, "report.html").read_text(encoding="utf-8")
        body = re.sub(r"<(style|script|math|pre|code)\b.*?</\1>", " ", page[page.index("<body") :], flags=re.DOTALL)
        texts = "\n".join(re.sub(r"\s+", " ", part) for part in re.split(r"<[^>]*>", body) if part.strip())
        assert len(texts) > 2000 and english(texts) == []


def test_an_english_sentence_would_be_found() -> None:
    assert english("注意：it is kept") == ["注意：it is kept"]
    assert english("注意：'it is kept' --drop it，ROC AUC") == []
