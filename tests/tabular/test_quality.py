"""`fit` without options on real tables, raw as they are. `scripts/bench_tables.py` measures all of them."""

from __future__ import annotations

import pytest

from chainrule.tabular import Options, Training, fit_table

from ..data.shared import shared

PIMA, TITANIC = "pima_diabetes/pima-indians-diabetes.csv", "titanic/titanic.csv.gz"


@pytest.mark.slow
@pytest.mark.parametrize(("path", "target", "log_loss", "auc"), [(PIMA, "last", 0.5014, 0.8141),
                                                                 (TITANIC, "Survived", 0.4403, 0.8606)])  # fmt: skip
def test_scores_are_those_of_a_good_network(path, target, log_loss, auc):
    """Reference: scikit-learn's MLPClassifier on another split. Between splits both move by about 0.03 and 0.016."""
    scores = fit_table(shared(path), Options(target)).metrics["test"]
    assert scores["log_loss"] < log_loss + 0.06
    assert scores["roc_auc"] > auc - 0.03


def test_a_test_file_with_labels_spelt_differently():
    """adult: no header, "?" for missing cells, labels in the test file with a full stop."""
    quick = Training(layers=(16,), networks=1, epochs=1)
    options = Options("last", test=shared("adult/adult-test.csv.gz"), training=quick)
    metrics = fit_table(shared("adult/adult-train.csv.gz"), options).metrics
    assert metrics["rows"] == {"train": 32561, "validation": 6513, "test": 16281}
    assert metrics["labels"] == ["<=50K", ">50K"]
    assert metrics["test"]["roc_auc"] > 0.88
    assert any("labels spelt differently" in note for note in metrics["notes"])
