"""Further scripts in the style of tutorials. Each also runs on Keras 3 itself, where it prints the same lines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .running import SCRIPTS, chainrule

# Regular expressions that must match lines of the output, in this order.
EXPECTED: dict[str, list[str]] = {
    "autoencoder": ["falls: True", r"\(4, 3\) \(4, 3\)", r"\(2, 8\) 271"],
    "callbacks": [
        r"epoch 0 keys \['accuracy', 'learning_rate', 'loss', 'val_accuracy', 'val_loss'\]",
        r"Epoch \d+: early stopping",
        r"Restoring model weights from the end of the best epoch: \d+\.",
        "checkpoint: True",
        "log lines: True",
        "batches seen: True",
        "best val_loss matches: True",
        "learning rate: True",
    ],
    "celsius": ["Finished training the model", r"1/1 .*", r"\[\[21[01]\..*\]\]", r"These are .*", r"\[\[1[89]\..*\]\]"],
    "class_weight": [
        r"\{0: 0\.556, 1: 5\.0\}",
        r"\['auc', 'loss', 'precision', 'recall'\]",
        "recall rises: True",
        "500 True",
    ],
    "custom_layer": [
        r"trainable weights: 4 \[\(4, 8\), \(8,\), \(8, 1\), \(1,\)\]",
        "same predictions: True",
        r"called directly: \(2, 1\) 8",
    ],
    "custom_loss": [r"\['loss', 'rmse', 'within_one'\] True", "True True"] * 3,
    "functional": [
        r"│ numbers +│ \(None, 6\) +│ +0 │ - +│",
        r"│ concatenate +│ \(None, 19\) +│ +0 │ dense\[0\]\[0\], +│",
        r".*sold \(Dense\).*",
        r" Total params: 478 .*",
        r"\['loss', 'price_loss', 'price_mae', 'sold_accuracy', 'sold_loss'\]",
        "sold accuracy above 0.8: True",
        r"\(3, 1\) \(3, 1\)",
    ],
    "iris": [r"Test accuracy: (0\.9\d*|1\.000)", r"Predicted: \[1 0 2 1 1\] True: \[1 0 2 1 1\]", "Epochs: 120"],
    "keras2_style": [
        "Test accuracy above 0.8: True recall: True",
        r"\['accuracy', 'loss', 'recall_m', 'val_accuracy', 'val_loss', 'val_recall_m'\]",
    ],
    "kfold": [*[rf"Fold {k} loss: 9\d\.\d\d%" for k in range(3)], r"9\d\.\d\d% \(\+/- \d\.\d\d%\)"],
    "layers_and_weights": [
        'Model: "net"', r".*first \(Dense\).*16.*", r".*last \(Dense\).*10.*", r" Total params: 26 \(104\.00 B\)",
        "4 first 26", r"\(3, 4\) \(4,\)", r"\[0\. 1\.\]", r"\[\[0\.268941\d* +0\.731058\d* *\]\]",
        r"\(None, 3\) \(None, 2\)", "2 2", "first 4", "activation None", "dropout None", "last 2",
    ],
    "quickstart": [
        r"TensorFlow version: 2\..*", "Num GPUs Available:  0", r"1\.0", "first loss: True", "Epoch 5/5",
        r"4/4 - \d+s - .* - accuracy: .* - loss: .*", r"\(5, 10\)", "right: True",
    ],
    "regression": [r".*loss +mae +mse +val_loss +val_mae +val_mse +epoch", r"Testing set Mean Abs Error: .*",
                   "better than the mean: True"],
    "save_and_load": [
        r"2/2 - .*sparse_categorical_accuracy: .*", "True", r"Restored model, accuracy: .*%", "True", "True", "True",
    ],
    "schedules": [r"\[0\.1\d*, 0\.05\d*, 0\.025\d*\]", r"\[0\.1, 0\.05, 0\.025\]", r"0\.01"],
    "tensors": [
        r"True \[\]",
        r"\[\[10\.0, 13\.0\], \[22\.0, 29\.0\]\] \(2, 2\) True",
        r"\[4\. 6\.\] 2\.5 \[\[2\.0\], \[4\.0\]\]",
        r"\[1 2\] \[1 1\] 9",
        r"\[\[0\.5 0\.5\]\] 0\.0 \[0\. 1\.\]",
        r"\[\[1\.0, 0\.0, 0\.0\], \[0\.0, 0\.0, 1\.0\]\] \(4, 2\) \(1, 2, 2\)",
        r"\[\[0, 1, 2\], \[3, 4, 5\]\] \[\[1\.0, 3\.0\], \[2\.0, 4\.0\]\] \[\[0\.0\], \[0\.0\]\]",
        r"\[\[1, 0\], \[1, 1\]\] \[\[1\.5, 2\.0\], \[3\.0, 3\.5\]\]",
        r"\(2, 3\) \(4,\)",
        r"5\.0 \[0 1 2\]",
        "5.0 3 4 True",
    ],
    "train_on_batch": [
        *[rf"epoch {k} loss \d\.\d+ mae \d\.\d+" for k in range(5)],
        "learned: True", r"\(2, 1\)", "generator: 2", r"sequence: 2 \(128, 1\)",
    ],
    "xor": [r"\[\[0\.\]", r" \[1\.\]", r" \[1\.\]", r" \[0\.\]\]", r"1\.0"],
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_it_runs_unmodified_and_prints_what_it_should(name: str, folder: Path) -> None:
    done = chainrule("run", SCRIPTS / f"{name}.py", cwd=folder)
    lines = iter(done.stdout.splitlines())
    for pattern in EXPECTED[name]:
        assert any(re.fullmatch(pattern, line) for line in lines), f"no line {pattern!r} in:\n{done.stdout}"
    mistakes = {"autoencoder": "[validation-is-training]"}  # in the script itself, and said
    assert mistakes.get(name, "") in done.stderr
    assert "Warning" not in done.stderr.replace("LintWarning", "") and "Error" not in done.stderr, done.stderr


def test_every_script_is_tested() -> None:
    own = {file.stem for file in SCRIPTS.glob("*.py") if not re.match(r"p\d_", file.stem)}
    assert own == EXPECTED.keys()
