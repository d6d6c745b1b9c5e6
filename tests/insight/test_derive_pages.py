"""The pages of a derivation: HTML in a browser, LaTeX, Mermaid, the command, and what its warnings warn of."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers
from chainrule.cli import main
from chainrule.insight.derive import derive
from chainrule.insight.derive.htmlpage import _array
from chainrule.insight.derive.numeric import evaluate
from chainrule.insight.derive.plain import plain
from chainrule.insight.derive.terms import hadamard, matmul, minus, number, plus, symbol, times, transposed
from chainrule.insight.derive.textbook import ACTIVATIONS
from chainrule.insight.lint.setups import Setup, check_setup

from .browser import Browser, needs_browser


def network(loss="binary_crossentropy", units=1, activation="sigmoid"):
    model = cr.Sequential([layers.Input((3,)), layers.Dense(4, "relu"), layers.Dense(units, activation)])
    model.compile("adam", loss)
    return model


X = np.random.default_rng(3).normal(size=(40, 3))
Y = (X[:, 0] > 0).astype("float32")
VOID = {"meta", "link", "path", "rect", "br"}


class Balance(HTMLParser):
    """Every element that is opened is closed, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.outside: list[str] = []

    def handle_starttag(self, tag, attrs):
        links = [value or "" for key, value in attrs if key in ("src", "href", "action")]
        self.outside += [link for link in links if not link.startswith(("#", "data:"))]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open and self.open.pop() == tag, tag


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_html_is_whole_and_asks_for_nothing(lang):
    page = derive(network(), X, Y, steps=2, lang=lang).html()
    balance = Balance()
    balance.feed(page)
    assert not balance.open and not balance.outside and "<script" not in page
    assert "<math" in page and "<details>" in page and f'lang="{lang}"' in page
    assert ("前向传播" in page) == (lang == "zh")


@needs_browser
@pytest.mark.parametrize(("width", "dark"), [(1000, False), (390, True)])
def test_html_in_a_browser(width, dark, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(derive(network(), X, Y).html(), encoding="utf-8")
    with Browser(width, 800, dark) as browser:
        browser.open(file.as_uri())
        assert not browser.errors and not browser.outside(file.as_uri())
        assert browser.overflow() <= 0
        paper = browser.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (paper == "rgb(20, 23, 26)") == dark
        sizes = browser.evaluate("[...document.querySelectorAll('.f math')].map(m => m.getBoundingClientRect().height)")
        assert len(sizes) > 8 and min(sizes) > 8
        browser.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert browser.evaluate("document.querySelectorAll('td').length") > 100 and browser.overflow() <= 0


@needs_browser
def test_numbers_are_not_broken_on_a_phone(tmp_path):
    model = cr.Sequential([layers.Input((3,)), layers.Dense(12, "tanh"), layers.Dense(1)])
    model.compile("sgd", "mse")
    (tmp_path / "page.html").write_text(derive(model, X, Y).html(), encoding="utf-8")
    with Browser(390, 800) as browser:
        browser.open((tmp_path / "page.html").as_uri())
        browser.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        heights = browser.evaluate("[...document.querySelectorAll('td')].map(t => t.getBoundingClientRect().height)")
        assert max(heights) == min(heights) and browser.overflow() <= 0


@pytest.mark.parametrize(
    ("shape", "rows", "last"),
    [
        ((3, 2), 3, "4 5"), ((6, 9), 6, "45 46 47 48 49 50 …"), ((9, 2), 7, "⋮ ⋮"), ((9, 9), 7, "⋮ ⋮ ⋮ ⋮ ⋮ ⋮ …"),
        ((9,), 1, "0 1 2 3 4 5 …"), ((2, 9, 1), 7, "⋮"),
    ],
)  # fmt: skip
def test_dots_stand_where_a_matrix_goes_on(shape, rows, last):
    table = _array(np.arange(float(np.prod(shape))).reshape(shape)).partition("</table>")[0]
    assert table.count("<tr>") == rows
    assert re.findall("<td>(.*?)</td>", table.rpartition("<tr>")[2]) == last.split()


def test_latex_is_balanced_and_pure():
    text = derive(network(), X, Y).latex()
    assert text.count(r"\begin{") == text.count(r"\end{") and text.count("{") == text.count("}")
    assert text.count(r"\left(") == text.count(r"\right)") and text.count(r"\[") == text.count(r"\]")
    code = "\n".join(line for line in text.splitlines() if not line.startswith("%"))
    assert code.isascii(), sorted(set(re.sub("[\x00-\x7f]", "", code)))


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="LaTeX is not installed")
def test_latex_compiles(tmp_path):
    (tmp_path / "page.tex").write_text(derive(network(), X, Y).latex())
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout[-1500:].decode(errors="replace")


def test_the_chart_is_a_loop_that_ends():
    chart = derive(network()).mermaid()
    assert chart.startswith("flowchart TD") and "z⁽¹⁾ = x W⁽¹⁾ + b⁽¹⁾" in chart
    edges = set(re.findall(r"(n\d+) (?:-- \"[^\"]*\" )?--> (\w+)", chart))
    named = dict(re.findall(r"(n\d+)\W+\"([^\"]+)", chart))
    backward = next(k for k, v in named.items() if v.startswith("backward"))
    first = next(k for k, v in named.items() if "z⁽¹⁾ = x W⁽¹⁾" in v)
    reached, todo = set(), [backward]
    while todo:
        for a, b in edges:
            if a == todo[0] and b not in reached:
                reached.add(b)
                todo.append(b)
        todo.pop(0)
    assert first in reached and "done" in reached and backward in reached


SETUPS = [
    (("sigmoid", 2, "mean_squared_error", False, np.array([[3.0, 4.0]])), "unreachable-targets"),
    (("tanh", 1, "mean_absolute_error", False, np.array([[-2.0]])), "unreachable-targets"),
    (("softmax", 1, "binary_crossentropy", False, None), "softmax-one-unit"),
    (("", 3, "categorical_crossentropy", False, None), "logits-missing"),
    (("relu", 1, "binary_crossentropy", False, None), "loss-and-head"),
    (("sigmoid", 1, "binary_crossentropy", True, None), "from-logits-twice"),
    (("softmax", 3, "sparse_categorical_crossentropy", False, np.array([0, 3])), "labels-outside"),
    (("sigmoid", 1, "binary_crossentropy", False, np.array([1.0, 2.0])), "labels-outside"),
]
SOUND = [
    ("sigmoid", 2, "mean_squared_error", False, np.array([[0.0, 1.0]])),
    ("", 1, "mean_squared_error", False, np.array([[300.0]])),
    ("relu", 1, "mean_squared_error", False, np.array([[300.0]])),
    ("softmax", 3, "sparse_categorical_crossentropy", False, np.array([0, 2])),
    ("", 3, "sparse_categorical_crossentropy", True, np.array([0, 2])),
    ("sigmoid", 1, "binary_crossentropy", False, np.array([0.0, 1.0])),
]


@pytest.mark.parametrize(("setup", "code"), SETUPS)
def test_set_ups_that_cannot_work(setup, code):
    assert code in [f.rule for f in check_setup(Setup(*setup))]


@pytest.mark.parametrize("setup", SOUND)
def test_sound_set_ups_are_let_alone(setup):
    assert not check_setup(Setup(*setup))


@pytest.mark.parametrize(
    ("loss", "units", "activation", "code"),
    [("binary_crossentropy", 1, "softmax", "softmax-one-unit"), ("binary_crossentropy", 1, None, "logits-missing"),
     ("sparse_categorical_crossentropy", 3, "relu", "loss-and-head"),
     (cr.losses.BinaryCrossentropy(from_logits=True), 1, "sigmoid", "from-logits-twice"),
     (cr.losses.SparseCategoricalCrossentropy(from_logits=True), 3, "softmax", "from-logits-twice"),
     (cr.losses.BinaryCrossentropy(from_logits=True), 1, None, ""),
     ("sparse_categorical_crossentropy", 3, "softmax", ""), ("mse", 1, None, "")],
)  # fmt: skip
def test_set_ups_are_read_off_the_program(loss, units, activation, code):
    found = derive(network(loss, units, activation), X, Y)
    assert [f.rule for f in found.findings] == ([code] if code else [])
    assert len(found.warnings) == len(found.findings) and all(w in re.sub(r"\s+", " ", found.text()).replace("! ", "")
                                                              for w in found.warnings)  # fmt: skip


@pytest.mark.parametrize("name", [n for n, row in ACTIVATIONS.items() if row.slope is not None])
def test_slopes_of_the_textbook_are_those_of_its_formulas(name):
    row, z, a = ACTIVATIONS[name], symbol("z"), symbol("a")
    points = np.array([-4.3, -1.2, -0.4, 0.3, 0.9, 2.6, 5.1])

    def value(at):
        return evaluate(row.formula(z, 0.3), {z: at})

    slope = evaluate(row.slope(z, a, 0.3), {z: points, a: value(points)})
    measured = (value(points + 1e-6) - value(points - 1e-6)) / 2e-6
    np.testing.assert_allclose(np.broadcast_to(slope, points.shape), measured, rtol=1e-6, atol=1e-8)


def test_brackets_where_they_are_needed():
    a, b, c = symbol("a"), symbol("b"), symbol("c")
    cases = {
        "a − (b + c)": minus(a, plus(b, c)), "(a + b) ⊙ c": hadamard(plus(a, b), c),
        "(a b) ⊙ c": hadamard(matmul(a, b), c),
        "(a + b)ᵀ": transposed(plus(a, b)), "2 (a − b)": times(number(2), minus(a, b)), "a − b": plus(a, minus(b)),
        "a ⊙ b ⊙ c": hadamard(a, hadamard(b, c)), "−a ⊙ b": minus(hadamard(a, b)),
    }  # fmt: skip
    for text, term in cases.items():
        assert plain(term) == text


def table(folder: Path) -> Path:
    path = folder / "data.csv"
    rows = [f"{a:.3f},{b:.3f},{int(a + b > 0)}" for a, b in X[:, :2]]
    path.write_text("a,b,label\n" + "\n".join(rows) + "\n")
    return path


def test_the_command_on_each_kind_of_model(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = table(tmp_path)
    model = cr.Sequential([layers.Input((2,)), layers.Dense(3, "tanh"), layers.Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy")
    model.save("m.keras")
    assert main(["derive", "m.keras", str(data), "--row", "2", "--notation", "column"]) == 0
    text = capsys.readouterr().out
    assert "z⁽¹⁾ = W⁽¹⁾ x + b⁽¹⁾" in text and "row 2 of 40" in text and f"[ {X[1, 0]:.3f}".rstrip("0") in text
    script = "import numpy as np, keras\nm = keras.Sequential([keras.layers.Dense(1, input_dim=2)])\nprint('said')\n"
    script += "m.compile('sgd', 'mse')\nm.fit(np.ones((4, 2)), np.ones(4), epochs=9)\nraise ValueError\n"
    Path("s.py").write_text(script)
    assert main(["derive", "s.py", "--format", "html", "--out", "s.html"]) == 0
    assert "s.html" in capsys.readouterr().out and "<math" in Path("s.html").read_text()
    assert main(["derive", "s.py", "--out", "s.html"]) == 2 and "--force" in capsys.readouterr().err
    fit = "fit data.csv --target label --layers 4 --networks 2 --epochs 2 --quiet --out f"
    assert main(fit.split()) == 0
    capsys.readouterr()
    assert main(["derive", "f", str(data), "--network", "2", "--steps", "2"]) == 0
    text = capsys.readouterr().out
    assert "Step 2" in text and "hidden_1" in text and "executor" in text


@pytest.mark.parametrize("preset", ["tabm", "realmlp", "resnet"])
def test_the_presets_of_fit(preset, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table(tmp_path)
    options = f"--target label --preset {preset} --layers 4 --networks 1 --epochs 2 --quiet --out f"
    assert main(["fit", "data.csv", *options.split()]) == 0
    capsys.readouterr()
    assert main(["derive", "f", "data.csv"]) == 0
    output = capsys.readouterr()
    off = re.search(r"weights differ by at most (\S+) of", re.sub(r"\s+", " ", output.out))
    assert off and float(off[1]) < 1e-2
    assert ("the learning rate had a schedule" in output.err) == (preset == "realmlp")


def test_every_kind_of_network_of_auto(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table(tmp_path)
    options = "--target label --preset auto --networks 1 --epochs 2 --quiet --out f"
    assert main(["fit", "data.csv", *options.split()]) == 0
    kinds = [kind["preset"] for kind in json.loads(Path("f/metrics.json").read_text())["kinds"] if kind["weight"] > 0]
    for place, kind in enumerate(kinds, start=1):
        capsys.readouterr()
        assert main(["derive", "f", "data.csv", "--network", str(place)]) == 0
        assert ("the learning rate had a schedule" in capsys.readouterr().err) == (kind == "realmlp")


@pytest.mark.parametrize(
    ("words", "said"),
    [(["nothing"], "there is no 'nothing'"), (["data.csv"], "a .keras file or a Python script"),
     (["empty.py"], "compiles no model"), (["m.keras", "data.csv", "--row", "99"], "the last one is number 40"),
     (["m.keras", "--row", "1"], "there are no rows"), (["m.keras", "wide.csv"], "there are 3 columns besides"),
     (["m.keras", "text.csv"], "column 'a', row 1: expected a number")],
)  # fmt: skip
def test_errors_of_the_command(words, said, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table(tmp_path)
    model = cr.Sequential([layers.Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.save("m.keras")
    Path("empty.py").write_text("x = 1\n")
    Path("wide.csv").write_text("a,b,c,label\n1,2,3,4\n5,6,7,8\n2,3,4,9\n")
    Path("text.csv").write_text("a,b,label\nred,2,0\ngreen,3,1\nred,5,1\n")
    assert main(["derive", *words]) == 2
    assert said in capsys.readouterr().err
