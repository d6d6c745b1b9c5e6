"""Every script in `examples/` runs in its quick form, on made data, and is better than a guess.

Four of them run by default; `make test-examples` (CHAINRULE_EXAMPLES=all) runs all.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "examples"
NOT_EXAMPLES = {"sources"}
FAST = {"airline_lstm", "dqn_gridworld", "gcn_cora", "timeseries_forecasting_linear"}
NOT_ALL = os.environ.get("CHAINRULE_EXAMPLES") != "all"

ABOVE, BELOW = "above", "below"
TRIVIAL: dict[str, tuple[str, float, str]] = {  # in quick form: the result has to be above or below that of a guess
    "adding_problem": (BELOW, 0.05, "always the mean: 0.167"),
    "addition_seq2seq": (ABOVE, 0.55, "the commonest character of each place: 0.5"),
    "airline_lstm": (BELOW, 33.7, "as many passengers as last month: 33.8"),
    "anomaly_detection": (ABOVE, 0.7, "a guess: 0.5"),
    "bidirectional_lstm_sentiment": (ABOVE, 0.7, "a guess: 0.5"),
    "collaborative_filtering": (BELOW, 0.9, "always the mean: 0.97"),
    "convolutional_autoencoder": (BELOW, 0.08, "the noisy pictures as they are: 0.082"),
    "ctc_recognition": (ABOVE, 0.5, "always nothing: 0"),
    "dense_autoencoder": (BELOW, 0.0523, "as many principal components"),
    "diffusion_points": (BELOW, 0.3, "noise: 0.46"),
    "dqn_gridworld": (ABOVE, 0.5, "a random walk: 0.13"),
    "fashion_mnist_convnet": (ABOVE, 0.3, "the commonest class: 0.1"),
    "gan": (BELOW, 0.23, "the network before training: 0.236"),
    "gcn_cora": (ABOVE, 0.4, "the commonest class: 0.2"),
    "graph_attention": (ABOVE, 0.6, "the commonest kind: 0.27"),
    "imbalanced_classification": (ABOVE, 0.2, "a guess: the share of frauds, 0.01"),
    "knowledge_distillation": (ABOVE, 0.1, "without a teacher: 0"),
    "low_rank_adaptation": (ABOVE, 0.5, "before it is adapted: 0.1"),
    "masked_pooling": (ABOVE, 0.8, "a guess: 0.5"),
    "mixup": (ABOVE, 0.5, "the commonest class: 0.1"),
    "mnist_convnet": (ABOVE, 0.5, "the commonest class: 0.1"),
    "named_classes": (ABOVE, 0.8, "a guess: 0.33"),
    "named_entities": (ABOVE, 0.75, "always nothing: 0.6"),
    "neural_decision_forest": (ABOVE, 0.75, "a guess: 0.5"),
    "rate_finder": (ABOVE, 0.5, "the commonest class: 0.1"),
    "sentence_cnn": (ABOVE, 0.7, "a guess: 0.5"),
    "shakespeare_gpt": (BELOW, 2.0, "the frequencies of single characters: 2.7"),
    "siamese_contrastive": (ABOVE, 0.7, "a guess: 0.5"),
    "speaker_spectrum": (ABOVE, 0.5, "the commonest voice: 0.2"),
    "splice_junctions": (ABOVE, 0.6, "the commonest class: 0.41"),
    "spoken_digits": (ABOVE, 0.4, "the commonest digit: 0.15"),
    "structured_data": (ABOVE, 0.83, "the commonest class: 0.81"),
    "super_resolution": (ABOVE, 0.0, "bilinear interpolation: 0 decibels"),
    "text_classification_transformer": (ABOVE, 0.7, "a guess: 0.5"),
    "ticket_routing": (ABOVE, 0.6, "the commonest department: 0.27"),
    "timeseries_classification": (ABOVE, 0.7, "the commonest kind: 0.60"),
    "timeseries_forecasting_linear": (BELOW, 0.16, "repeating the last day: 0.165"),
    "transfer_learning": (ABOVE, 0.5, "the commonest class: 0.2"),
    "unet_segmentation": (ABOVE, 0.35, "all background: 0.24"),
    "variational_autoencoder": (BELOW, 358.0, "each pixel's mean, independent of the others: 358"),
    "vector_quantization": (BELOW, 0.8, "the mean picture: 1"),
    "vision_transformer": (ABOVE, 0.3, "the commonest class: 0.1"),
    "wgan_gradient_penalty": (BELOW, 0.5, "the network before training: 0.68"),
    "wide_and_deep_csv": (ABOVE, 0.7, "the commonest class: 0.5"),
    "word2vec": (ABOVE, 0.6, "a guess: 0.5"),
}


def scripts() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in NOT_EXAMPLES)


def chosen() -> list[object]:
    """All; those that take longer are left out unless they are asked for."""
    why = "run by `make test-examples`"
    return [
        pytest.param(name, marks=pytest.mark.skipif(NOT_ALL and name not in FAST, reason=why)) for name in scripts()
    ]


def run(name: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The script as a process, on made data."""
    environment = {
        **os.environ, "QUICK": "1", "CHAINRULE_DATA": str(folder),
    }  # fmt: skip
    command = [sys.executable, "-m", "chainrule", "run", f"examples/{name}.py"]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.parametrize("name", chosen())
def test_an_example_ends_with_a_result_better_than_a_guess(name: str, tmp_path: Path) -> None:
    done = run(name, tmp_path)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    last = done.stdout.splitlines()[-1]
    found = re.fullmatch(r"result: .+ = (-?\d+\.\d+)", last)
    assert found, last
    side, guess, what = TRIVIAL[name]
    value = float(found[1])
    assert value > guess if side == ABOVE else value < guess, f"{last}; {what}"
    assert not list(tmp_path.iterdir())


def test_every_example_has_a_baseline_and_a_row_in_the_table() -> None:
    table = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert scripts() == sorted(TRIVIAL)
    assert FAST.issubset(TRIVIAL)
    assert [name for name in scripts() if f"[{name}]({name}.py)" not in table] == []


def test_the_table_of_full_runs_names_every_example_and_is_what_was_measured() -> None:
    spec = importlib.util.spec_from_file_location("bench_examples", ROOT / "scripts" / "bench_examples.py")
    assert spec and spec.loader
    bench = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bench)
    assert {name.split()[0] for name in bench.EXAMPLES} == set(scripts())
    written = (ROOT / "docs" / "results.md").read_text(encoding="utf-8").split(bench.BEGIN)[1].split(bench.END)[0]
    assert written.strip().splitlines() == bench.table()


@pytest.mark.parametrize("name", scripts())
def test_an_example_is_plain_keras_and_says_what_to_expect(name: str) -> None:
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    tree = ast.parse(text)
    document = ast.get_docstring(tree) or ""
    assert all(f"\n{word}: " in document for word in ("Shows", "Source", "Expect")), name
    assert "keras.utils.set_random_seed(" in text
    assert "chainrule" not in text
    assert 40 <= len(text.splitlines()) <= 110, len(text.splitlines())
    imported = {a.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    imported |= {(node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    ours = {"keras", "tensorflow", "numpy", "sources"}
    assert imported - set(sys.stdlib_module_names) <= ours, imported
