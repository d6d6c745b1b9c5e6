from __future__ import annotations

import numpy as np

from chainrule.tabular.report import final_table
from chainrule.tabular.scores import classification_scores
from chainrule.tabular.words import width


def table(labels: list[str], part: str = "test", task: str = "multiclass", sharp: float = 0.9) -> str:
    classes = np.arange(40) % len(labels)
    rest = (1 - sharp) / (len(labels) - 1)
    probabilities = np.where(np.eye(len(labels))[classes] > 0, sharp, rest)
    scores = classification_scores(classes, probabilities)
    baseline = classification_scores(classes, np.full((40, len(labels)), 1 / len(labels)))
    return final_table(
        {"task": task, "labels": labels, "measured_on": part, "rows": {part: 40}, part: scores, "baseline": baseline}
    )


def test_everything_that_was_asked_for_is_there():
    text = table(["no", "yes"], task="binary")
    for name in ("accuracy", "error rate", "log loss", "ROC AUC", "F1 of yes", "majority class", "true \\ predicted"):
        assert name in text, name
    assert text.startswith("40 test rows")
    assert "100.00%" in text
    assert "0.1054" in text  # -ln 0.9
    assert "No better" not in text


def test_columns_line_up_in_every_script():
    for labels in (["no", "yes"], ["正常", "异常的很长很长的标签名字", "é"], ["a" * 40, "b"]):
        blocks = table(labels).split("\n\n")
        for block in blocks[:2]:
            assert len({width(line) for line in block.splitlines()}) == 1, block


def test_many_classes_get_no_matrix():
    assert "true" in table([str(i) for i in range(12)])
    assert "true" not in table([str(i) for i in range(13)])


def test_what_the_scores_do_not_show_is_said():
    assert "No test rows. Each of these rows was held out" in table(["a", "b"], part="validation")
    assert "40 training rows" in table(["a", "b"], part="train")
    assert "How well it does on others is not known" in table(["a", "b"], part="train")
    assert "No better than the baseline" in table(["a", "b"], sharp=0.5)


def test_scores_that_do_not_exist_are_a_dash():
    scores = {"rmse": 1.0, "mae": 1.0, "r2": None}
    lines = final_table(
        {"task": "regression", "labels": [], "measured_on": "test", "rows": {"test": 1}, "test": scores,
         "baseline": {"rmse": 2.5e6, "mae": 2.0, "r2": None}}
    ).splitlines()  # fmt: skip
    assert lines[0].startswith("1 test row ")
    assert lines[-1].split() == ["R2", "-", "-"]
    assert "2.5e+06" in lines[1]
