from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import chainrule
from chainrule.data.profile import profile_table
from chainrule.insight.words.sentences import SENTENCES, is_known, pattern_of, translated
from chainrule.tabular import Training

from ..tabular.tables import Listener, write_classes, write_values

PACKAGE = Path(chainrule.__file__).parent


@pytest.mark.parametrize("english, chinese", SENTENCES, ids=[english[:40] for english, _ in SENTENCES])
def test_both_halves_hold_the_same(english, chinese):
    assert set(re.findall(r"{(\w+)", chinese)) <= set(re.findall(r"{(\w+)", english))
    assert chinese == english or re.search(r"[一-鿿]", chinese) or english == "ROC AUC"
    begin, pattern, kinds = pattern_of(english)
    example = re.sub(r"\[([^\]|]+)\]|\[([^\]|]+)\|[^\]]+\]", r"\1\2", english)
    for name, kind in kinds.items():
        example = re.sub(rf"{{{name}(?::\w)?}}", {"n": "12", "h": " Did you mean 'x'?"}.get(kind, "x"), example)
    assert pattern.fullmatch(example) and example.startswith(begin)


COMPOSED = {  # phrases that the source puts together from parts; other tests make it say them
    "Choose another target, or --task regression.", "each holds out", "each holds out other",
    "expected a number above 0", "expected positive numbers of units, like 64,32", "holds no cell",
    "is no date like 2024-05-31", "it holds out", "kept is the network that had finished",
    "lines are taken for a title and not read", "that is a file.", "the first line is taken for a title and not read",
    "the table holds no cell", "there is no such folder.", "to test on, by", "to test on, the latest by",
    "training ends when the",
}  # fmt: skip


def phrases(template: str) -> list[str]:
    """What stands between the gaps of a template, cut behind full stops, colons and semicolons."""
    fixed = re.split(r"{[^}]*}|\w*\[[^]]*\]", template)
    found = (phrase.strip(" ();,") for part in fixed for phrase in re.split(r"(?<=[.:;?])(?:\W*\s)", part))
    return [phrase.rstrip(":") for phrase in found if re.search("[A-Za-z]{2}", phrase)]


def texts_of_the_source() -> str:
    """All texts of the package, those with values in them with a gap for each."""
    found = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if path.parent.name != "words" else ():
            if isinstance(node, ast.JoinedStr):
                found.append("".join(part.value if isinstance(part, ast.Constant) else "\0" for part in node.values))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    return "\0".join(found)


def test_every_template_is_a_sentence_that_the_code_says():
    """Each of its phrases stands in the source as it is, so that a message that was reworded is noticed."""
    texts = texts_of_the_source()
    missing = {phrase for english, _ in SENTENCES for phrase in phrases(english) if phrase not in texts}
    assert missing == COMPOSED


def lines_of(path: str, target: str, **options) -> list[str]:
    from chainrule.tabular import Options, final_table, fit_table

    listener = Listener()
    result = fit_table(path, Options(target, **options), listener)
    table: list[str] = []
    final_table(result.metrics, lambda text: table.append(text) or text)
    return [*listener.lines, *table, *(report.reason for report in result.problem.reports)]


@pytest.mark.parametrize("kind", ["classes", "values", "auto", "odd"])
def test_everything_that_a_training_says_is_translated(tmp_path, kind):
    quick = Training(layers=(8,), networks=2, epochs=2)
    if kind == "values":
        said = lines_of(write_values(tmp_path / "a.csv"), "price", training=quick)
    elif kind == "auto":
        said = lines_of(write_classes(tmp_path / "a.csv"), "label", training=Training(epochs=1))
    else:
        path = Path(write_classes(tmp_path / "a.csv"))
        if kind == "odd":
            rows = path.read_text().splitlines()
            extra = [f"{i},{'' if i % 3 else 'abc'},{i * i},same,name {i} of {i * 7}" for i in range(len(rows))]
            more = [f"{row},{cells}" for row, cells in zip(rows[1:], extra, strict=False)]
            more += [more[0], more[0]]
            path.write_text("\n".join([rows[0] + ",id,gaps,number,one,name", *more, ""]).replace("red,no", "red,", 1))
        said = lines_of(str(path), "label", training=quick, test_size=0.0 if kind == "odd" else 0.2)
    unknown = [text for text in said if not is_known(text)]
    assert not unknown
    left = [t for t in map(translated, said) if re.search(r"\b(?:rows|columns|missing|epochs?|loss|networks?)\b", t)]
    assert not left


def test_findings_of_a_profile_are_translated(tmp_path):
    from chainrule.data import Table

    classes = ["no", "yes"] * 100 + ["rare"]
    table = Table.from_columns({
        "copy": [c.upper() for c in classes], "size": [i % 7 for i in range(200)] + [99999], "y": classes,
        "word": ["unknown", "Red", "red"] * 67, "same": [i % 7 for i in range(200)] + [99999],
    })  # fmt: skip
    found = profile_table(table, "y").findings
    assert len({f.code for f in found}) >= 4
    for finding in found:
        assert is_known(finding.message), finding.message
        assert not finding.remedy or is_known(finding.remedy), finding.remedy


def test_what_is_not_known_stays_as_it_is():
    assert translated("What is this?") == "What is this?"
    assert not is_known("What is this?")
