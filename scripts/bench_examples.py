"""What the scripts in examples/ reach in full, on real data: `make bench-examples`.

    python scripts/bench_examples.py                          every script that is not in the history for this commit
    python scripts/bench_examples.py mnist_convnet gcn_cora   some of them
    python scripts/bench_examples.py --write                  nothing is run; docs/results.md gets the table

A run is `chainrule run examples/NAME.py` with one thread, as a process of its own; its last line is the result. The
data are those of ../shared/data (or CHAINRULE_DATA); a run that did not find them is refused.
What was measured is kept in bench/examples.jsonl, one line a run; the table shows the last run of each.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
HISTORY, RESULTS = ROOT / "bench" / "examples.jsonl", ROOT / "docs" / "results.md"
BEGIN, END = "<!-- examples: begin -->", "<!-- examples: end -->"
MADE = "data: made in the form of"  # what examples/sources.py prints where real files are missing


class Example(NamedTuple):
    """What a script is measured on, and what others reach or a guess would."""

    data: str
    rows: str
    others: str = ""


EXAMPLES = {  # the name, an argument after a space
    "mnist_convnet": Example("MNIST", "10,000 test digits", "LeNet-5 0.9905, two convolutions 0.992 to 0.994"),
    "fashion_mnist_convnet": Example("Fashion-MNIST", "10,000 test pictures",
                                     "two convolutions 0.876 to 0.925, ResNet-18 0.949"),
    "vision_transformer": Example("MNIST", "10,000 test digits"),
    "mixup": Example("MNIST, 500 digits", "10,000 test digits", "without mixing 0.9227"),
    "knowledge_distillation": Example("MNIST without threes", "1,010 threes for testing", "without a teacher: 0"),
    "transfer_learning": Example("MNIST, 20 digits a class", "test digits 5 to 9", "from random weights 0.9150"),
    "siamese_contrastive": Example("MNIST", "pairs of test digits", "a guess 0.5"),
    "dense_autoencoder": Example("MNIST", "10,000 test digits", "32 principal components 0.0169"),
    "convolutional_autoencoder": Example("MNIST", "10,000 test digits", "as they are 0.08"),
    "variational_autoencoder": Example("MNIST", "10,000 test digits"),
    "super_resolution": Example("Fashion-MNIST", "10,000 test pictures", "18.68 by bilinear interpolation"),
    "vector_quantization": Example("Fashion-MNIST", "10,000 test pictures", "the mean picture 1"),
    "unet_segmentation": Example("made", "test pictures", "all background 0.24"),
    "gan": Example("made", "points drawn", "untrained 0.2124"),
    "shakespeare_gpt": Example("tinyshakespeare", "last tenth of the text",
                               "nanoGPT of that size 1.88, 13 times larger 1.4697; five-grams 1.669"),
    "word2vec": Example("tinyshakespeare", "last tenth of the lines", "a guess 0.5"),
    "sentence_cnn": Example("rt-polarity", "a tenth, at random", "Kim 0.761 (2014, ten-fold, random start)"),
    "sentence_cnn sst2": Example("SST-2, sentences only", "1,821 test sentences",
                                 "words and pairs, logistic regression: 0.805; with phrases, CNN 0.835"),
    "bidirectional_lstm_sentiment": Example("rt-polarity", "the same tenth", "Kim 0.761"),
    "text_classification_transformer": Example("SST-2, sentences only", "1,821 test sentences",
                                               "as for `sentence_cnn sst2`"),
    "named_entities": Example("made", "words of new sentences", 'always "nothing" 0.6'),
    "addition_seq2seq": Example("made", "characters of new sums", "the commonest character of each place 0.5"),
    "timeseries_classification": Example("ECG5000", "4,499 test beats", "ResNet 0.934, ROCKET 0.947 (published)"),
    "anomaly_detection": Example("ECG5000, usual beats only", "4,499 test beats, kinds 2 to 5 against 1",
                                 "a guess 0.5"),
    "timeseries_forecasting_linear": Example("ETTh1, 336 hours to 96", "last 4 of 20 months, 7 channels",
                                             "DLinear 0.375 (Zeng et al. 2023)"),
    "airline_lstm": Example("airline passengers", "last 24 months, one month ahead", "as many as last month 51.8"),
    "spoken_digits": Example("half of FSDD", "300 official test recordings",
                             "multilayer perceptron on averages 0.957"),
    "speaker_spectrum": Example("made", "test sounds", "a guess 0.2"),
    "ctc_recognition": Example("made", "500 test sequences"),
    "structured_data": Example("Adult", "16,281 test rows", "logistic regression 0.8526, boosted trees 0.8709"),
    "splice_junctions": Example("splice", "a fifth, at random",
                                "perceptron 0.9498, boosted trees 0.9608 (another fifth)"),
    "imbalanced_classification": Example("made", "50,000 test rows", "a guess 0.002"),
    "neural_decision_forest": Example("made", "test rows", "a guess 0.5"),
    "ticket_routing": Example("made", "new letters", "the commonest department 0.27"),
    "masked_pooling": Example("made", "new sequences", "a guess 0.5"),
    "adding_problem": Example("made", "new sequences", "always the mean 0.167"),
    "rate_finder": Example("Fashion-MNIST", "10,000 test pictures", "two convolutions 0.876 to 0.925"),
    "low_rank_adaptation": Example("MNIST, a quarter turned", "10,000 test digits", "before it is adapted 0.112"),
    "named_classes": Example("made", "new flowers", "a guess 0.33"),
    "wide_and_deep_csv": Example("made", "test rows", "the commonest class 0.5"),
    "collaborative_filtering": Example("MovieLens 100k", "a fifth, at random", "SVD 0.934 (Surprise, five-fold)"),
    "gcn_cora": Example("Cora", "1,000 test papers", "GCN 0.815 (Kipf and Welling 2017)"),
    "graph_attention": Example("made", "test nodes", "a guess 0.25"),
    "dqn_gridworld": Example("made", "all free cells", "a random walk: from 0.13 of them"),
    "diffusion_points": Example("made", "points drawn", "noise 0.46"),
    "wgan_gradient_penalty": Example("made", "1,000 points drawn", "untrained 0.72"),
}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples", nargs="*", metavar="NAME", help="scripts (default: all)")
    parser.add_argument("--write", action="store_true", help="only write docs/results.md from what is kept")
    args = parser.parse_args()
    unknown = set(args.examples) - set(EXAMPLES)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; expected some of {', '.join(EXAMPLES)}")
    build = _commit()
    for name in [] if args.write else args.examples or EXAMPLES:
        if not any((run["example"], run["build"]) == (name, build) for run in history()):
            measure(name, build)
    if args.write:
        write_table()
    return 0


def measure(name: str, build: str) -> None:
    """Run one script in full, and keep what it says."""
    script, *arguments = name.split()
    environment = {**os.environ, "CHAINRULE_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
    command = [sys.executable, "-m", "chainrule", "run", f"examples/{script}.py", *arguments]
    before = _processor_seconds()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    found = re.fullmatch(r"result: (.+) = (-?\d+\.\d+)", lines[-1] if lines else "")
    if done.returncode or not found:
        sys.exit(f"{name} ended with {done.returncode}:\n{done.stdout[-1000:]}{done.stderr[-3000:]}")
    if MADE in done.stdout:
        sys.exit(f"{name}: the real data were not found. CHAINRULE_DATA names their folder.")
    run = {"example": name, "build": build, "measure": found[1], "value": float(found[2]),
           "processor_seconds": round(_processor_seconds() - before, 1)}  # fmt: skip
    with open(HISTORY, "a", encoding="utf-8") as file:
        file.write(json.dumps(run) + "\n")
    print(f"{name:<34}{run['measure']} {run['value']:.4f}{run['processor_seconds']:>10} s", flush=True)


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _commit() -> str:
    return subprocess.check_output(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], text=True).strip()


def history() -> list[dict[str, Any]]:
    """All runs that are kept, the latest last."""
    return [json.loads(line) for line in HISTORY.read_text("utf-8").splitlines()] if HISTORY.exists() else []


def table() -> list[str]:
    """The last run of each script, in Markdown."""
    last = {run["example"]: run for run in history()}
    head = ("script", "data", "measured on", "result", "for comparison", "seed", "processor seconds", "build")
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for name, (data, rows, others) in EXAMPLES.items():
        if run := last.get(name):
            seed = re.search(r"set_random_seed\((\d+)\)", (ROOT / f"examples/{name.split()[0]}.py").read_text("utf-8"))
            cells = [f"`{name}`", data, rows, f"{run['measure']} {run['value']:.4f}", others, seed[1] if seed else "",
                     f"{run['processor_seconds']:.0f}", run["build"]]  # fmt: skip
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def write_table() -> None:
    """Put the table between its marks in docs/results.md."""
    before, rest = RESULTS.read_text("utf-8").split(BEGIN)
    RESULTS.write_text(f"{before}{BEGIN}\n" + "\n".join(table()) + f"\n{END}{rest.split(END)[1]}", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
