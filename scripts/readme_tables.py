"""The measured tables of the README: fits the tables in examples/data, times training steps, rewrites two blocks.

    python scripts/readme_tables.py           measures (a few minutes) and rewrites README.md
    python scripts/readme_tables.py --print   measures and prints

Each table is fitted with `chainrule fit` without options but the seed: 0, 1 and 2. A block lies between the lines
`<!-- NAME: ... -->` and `<!-- end NAME -->`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

README = ROOT / "README.md"
SEEDS = (0, 1, 2)
JOBS = [  # table, target, the score to show, the same score of the baseline is shown beside it
    ("penguins.csv", "species", "accuracy"),
    ("penguins.csv", "body_mass_g", "rmse"),
    ("breast_cancer_wisconsin.csv", "diagnosis", "accuracy"),
]
NETWORKS = [  # units from input to output, batch
    ((20, 64, 32, 1), 32),
    ((784, 512, 512, 10), 128),
]
WORDS = {"accuracy": "accuracy", "rmse": "RMSE"}


def fit(table: str, target: str, seed: int) -> dict:
    """The metrics of one `chainrule fit`."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "model")
        subprocess.run(
            [sys.executable, "-m", "chainrule", "fit", f"examples/data/{table}", "--target", target, "--seed",
             str(seed), "--out", out, "--quiet"],
            cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        return json.loads(Path(out, "metrics.json").read_text(encoding="utf-8"))


def results() -> list[str]:
    """A row a job: the score for each seed, the median, the baseline, the seconds."""
    lines = [
        "| table | target | test rows | score | seed 0, 1, 2 | median | baseline | seconds a fit |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for table, target, score in JOBS:
        runs = [fit(table, target, seed) for seed in SEEDS]
        values = [run["test"][score] for run in runs]
        seconds = statistics.median(run["seconds"] for run in runs)
        baseline = statistics.median(run["baseline"][score] for run in runs)
        shown = ", ".join(number(v) for v in values)
        lines.append(
            f"| `{table}` | `{target}` | {runs[0]['rows']['test']} | {WORDS[score]} | {shown} | "
            f"{number(statistics.median(values))} | {number(baseline)} | {seconds:.1f} |"
        )
    return [*lines, "", f"{machine()}."]


def number(value: float) -> str:
    """Four digits that matter."""
    return f"{value:.4f}" if abs(value) < 10 else f"{value:.1f}"


def microseconds(units: Sequence[int], batch: int, executor: str, steps: int = 200, rounds: int = 5) -> float:
    """The time of a training step with Adam: the best of several epochs, the first (which compiles) not counted."""
    import numpy as np

    import chainrule
    from chainrule import config, layers

    config.set_executor(executor)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(batch * steps, units[0])).astype("float32")
    many = units[-1] > 1
    y = rng.integers(0, max(2, units[-1]), (len(x), 1)).astype("int32" if many else "float32")
    hidden = [layers.Dense(n, activation="relu") for n in units[1:-1]]
    last = layers.Dense(units[-1], activation="softmax" if many else "sigmoid")
    model = chainrule.Sequential([layers.Input((units[0],)), *hidden, last])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy" if many else "binary_crossentropy")
    model.fit(x, y, batch_size=batch, epochs=1, verbose=0)
    best = float("inf")
    for _ in range(rounds):
        started = time.perf_counter()
        model.fit(x, y, batch_size=batch, epochs=1, verbose=0)
        best = min(best, (time.perf_counter() - started) / steps)
    return best * 1e6


def speed() -> list[str]:
    """A row a network."""
    lines = ["| microseconds a training step with Adam | batch | reference | native |", "|---|---|---|---|"]
    for units, batch in NETWORKS:
        times = [microseconds(units, batch, executor) for executor in ("reference", "native")]
        shown = " | ".join(f"{t:,.0f}" if t >= 100 else f"{t:.1f}" for t in times)
        lines.append(f"| {'-'.join(map(str, units))} | {batch} | {shown} |")
    return [*lines, "", f"{machine()}; `fit` included, the best of 5 epochs of 200 steps."]


def machine() -> str:
    """The machine in words."""
    import numpy as np

    model = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    except OSError:
        pass
    cores = os.cpu_count()
    return f"Measured on {cores} cores of {model}, Python {platform.python_version()}, NumPy {np.__version__}"


def replaced(text: str, name: str, lines: Sequence[str]) -> str:
    """The text with new lines in a block."""
    pattern = re.compile(rf"(<!-- {name}:[^\n]*-->\n).*?(<!-- end {name} -->)", re.DOTALL)
    if not pattern.search(text):
        raise SystemExit(f"README.md has no block {name!r}.")
    body = "\n".join(lines)
    return pattern.sub(lambda m: f"{m[1]}\n{body}\n\n{m[2]}", text)


def main() -> int:
    """Measure, then rewrite or print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--print", action="store_true", help="print the tables, change nothing")
    parser.add_argument("--only", choices=["results", "speed"], help="one of the two")
    args = parser.parse_args()
    made = {name: make() for name, make in (("results", results), ("speed", speed)) if args.only in (None, name)}
    if args.print:
        print("\n\n".join("\n".join(lines) for lines in made.values()))
        return 0
    text = README.read_text(encoding="utf-8")
    for name, lines in made.items():
        text = replaced(text, name, lines)
    README.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
