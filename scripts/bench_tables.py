"""How accurate `chainrule fit` is without any option, beside scikit-learn: `make bench-tables`.

    python scripts/bench_tables.py                            every table, seeds 0, 1, 2, small ones first
    python scripts/bench_tables.py titanic pima_diabetes      some tables
    python scripts/bench_tables.py --set 'preset="mlp"'         another field of `Training`, as JSON
    python scripts/bench_tables.py --peers mushroom           scikit-learn's two, trained here
    python scripts/bench_tables.py --write                    nothing is trained; docs/results.md gets the table

The tables are those of ../shared/data (or CHAINRULE_SHARED); rows, splits and reference scores are those of its README:
a stratified fifth for testing (seed 42), or the test file that belongs to the set. A run is `fit_table` with the
training rows as the table and the test rows as `--test`, so that no test row is seen before the model is finished.
A plan is counted for two processors; the clock that guards it is given `--patience` times as long (default: 1, with one
thread 2), so that on a busy machine, too, the plan is carried out.
What was measured is kept in bench/tables.jsonl, one line a run; what is there for the same label (default: the commit)
is not done again.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from chainrule import config  # noqa: E402
from chainrule.tabular import Options, Training, fit_table, fitting  # noqa: E402

SHARED = Path(os.environ.get("CHAINRULE_SHARED", ROOT.parent / "shared")) / "data"
HISTORY, RESULTS = ROOT / "bench" / "tables.jsonl", ROOT / "docs" / "results.md"
BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"


class Source(NamedTuple):
    """A data set: its file, the target, the separator, whether the first line has names; columns that are left out."""

    path: str
    target: str = "last"
    header: bool = False
    delimiter: str = ","
    test: str | None = None
    drop: tuple[str, ...] = ()
    is_value: bool = False


def _pmlb(folder: str, name: str) -> Source:
    return Source(f"{folder}/{name}.tsv.gz", "target", True, "\t")


_BANK = "bank_marketing/bank-additional-full.csv.gz"
SOURCES = {
    "promoters_dna": _pmlb("promoters_dna", "molecular_biology_promoters"),
    "sonar": Source("sonar/sonar.csv.gz"),
    "breast_cancer_ljubljana": Source("breast_cancer_ljubljana/breast-cancer.csv"),
    "ionosphere": Source("ionosphere/ionosphere.csv.gz"),
    "boston_housing": Source("boston_housing/housing.csv.gz", is_value=True),
    "pima_diabetes": Source("pima_diabetes/pima-indians-diabetes.csv"),
    "titanic": Source("titanic/titanic.csv.gz", "Survived", True),
    "banknote": Source("banknote/banknote_authentication.csv.gz"),
    "wine_quality_red": Source("wine_quality/winequality-red.csv.gz"),
    "splice_dna": _pmlb("splice_dna", "splice"),
    "abalone": Source("abalone/abalone.csv.gz", is_value=True),
    "spambase": _pmlb("spambase", "spambase"),
    "wine_quality_white": Source("wine_quality/winequality-white.csv.gz"),
    "satimage": _pmlb("satimage", "satimage"),
    "higgs_small": Source("higgs_small/binary.train.gz", "first", False, "\t", "higgs_small/binary.test.gz"),
    "mushroom": _pmlb("mushroom", "mushroom"),
    "nursery": _pmlb("nursery", "nursery"),
    "california_housing": Source("california_housing/housing.csv.gz", "median_house_value", True, is_value=True),
    "adult": Source("adult/adult-train.csv.gz", "last", False, ",", "adult/adult-test.csv.gz"),
    "bank_marketing": Source(_BANK, "y", True, ";"),
    "bank_marketing_no_duration": Source(_BANK, "y", True, ";", drop=("duration",)),
    "shuttle": _pmlb("shuttle", "shuttle"),
    "kddcup99": _pmlb("kddcup99", "kddcup"),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=f"of {', '.join(SOURCES)} (default: all)")
    parser.add_argument("--seeds", default="0,1,2", help="comma-separated (default 0,1,2)")
    parser.add_argument("--label", default=None, help="what the runs are known by (default: the commit)")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a field of Training, as JSON")
    parser.add_argument("--patience", type=float, default=max(1, 2 // config.threads()), metavar="TIMES",
                        help="how much longer than the time allowed a run may take (default 1; with one thread 2)",
    )  # fmt: skip
    parser.add_argument("--peers", action="store_true", help="train scikit-learn's, not ours")
    parser.add_argument("--write", action="store_true", help="only write docs/results.md from what is kept")
    args = parser.parse_args()
    unknown = set(args.tables) - set(SOURCES)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; expected some of {', '.join(SOURCES)}")
    label = args.label or _commit()
    if not args.write:
        wanted = dict(pair.split("=", 1) for pair in args.set)
        fitting._OF_THE_TIME *= args.patience
        training = Training(**{name: json.loads(value) for name, value in wanted.items()})
        for name in args.tables or SOURCES:
            for seed in map(int, args.seeds.split(",")):
                for row in peers(name, seed) if args.peers else ours(name, seed, training, label):
                    keep(row)
    lines = comparison(label)
    print("\n".join(lines))
    if args.write:
        write_results(lines)
    return 0


def ours(name: str, seed: int, training: Training, label: str) -> Iterator[dict[str, Any]]:
    """One run of `fit`, unless it is known already."""
    if any((row["table"], row["seed"], row["label"]) == (name, seed, label) for row in history()):
        return
    source = SOURCES[name]
    train, test = split_files(name)
    options = Options(source.target, test=test, seed=seed, training=training, drop=source.drop)
    started, used = time.perf_counter(), time.process_time()
    metrics = fit_table(train, options).metrics
    seconds, processor = time.perf_counter() - started, time.process_time() - used
    yield _row(name, "chainrule", seed, label, metrics["test"], seconds, processor)


def peers(name: str, seed: int) -> Iterator[dict[str, Any]]:
    """scikit-learn's HistGradientBoosting and MLP with their defaults, inputs as in the README of the data."""
    from peer_tables import measure_peers

    source = SOURCES[name]
    train, test = split_files(name)
    for who, scores, seconds in measure_peers(train, Options(source.target, test=test, drop=source.drop), seed):
        yield _row(name, who, seed, "scikit-learn", scores, seconds, seconds)


def _row(
    name: str, who: str, seed: int, label: str, scores: dict[str, Any], wall: float, used: float
) -> dict[str, Any]:
    kept = {key: value for key, value in scores.items() if isinstance(value, float)}
    return {"table": name, "who": who, "seed": seed, "label": label, "seconds": round(wall, 2),
            "processor_seconds": round(used, 2), **kept}  # fmt: skip


def keep(row: dict[str, Any]) -> None:
    """Append a run to the history, and say it."""
    with open(HISTORY, "a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
    print(f"{row['table']:<28}{row['who']:<12}{row['seed']:<4}{row.get('log_loss', row.get('rmse')):<14.6g}"
          f"{row['seconds']:>8.1f} s {row['processor_seconds']:>8.1f} s", flush=True)  # fmt: skip


def history() -> list[dict[str, Any]]:
    """All runs that are kept, the latest last."""
    if not HISTORY.exists():
        return []
    return [json.loads(line) for line in HISTORY.read_text(encoding="utf-8").splitlines()]


def _commit() -> str:
    return subprocess.check_output(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], text=True).strip()


def split_files(name: str) -> tuple[str, str]:
    """Training and test rows of a set as two files, made once: the split of the README of the data."""
    source = SOURCES[name]
    if source.test:
        return str(SHARED / source.path), str(SHARED / source.test)
    folder = Path(tempfile.gettempdir()) / "chainrule-tables"
    paths = folder / f"{name}-train.csv", folder / f"{name}-test.csv"
    if not all(path.exists() for path in paths):
        folder.mkdir(exist_ok=True)
        packed = (SHARED / source.path).read_bytes()
        text = (gzip.decompress(packed) if source.path.endswith(".gz") else packed).decode()
        lines = [line for line in text.splitlines() if line.strip()]
        head = [lines.pop(0)] if source.header else []
        for path, rows in zip(paths, _split(lines, head, source), strict=True):
            path.write_text("\n".join([*head, *(lines[row] for row in rows), ""]), encoding="utf-8")
    return str(paths[0]), str(paths[1])


def _split(lines: list[str], head: list[str], source: Source) -> list[Any]:
    import numpy as np
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import LabelEncoder

    cells = list(csv.reader(io.StringIO("\n".join([*head, *lines])), delimiter=source.delimiter))
    names = cells.pop(0) if head else []
    position = names.index(source.target) if head else -1
    labels = None if source.is_value else LabelEncoder().fit_transform([row[position] for row in cells])
    found: list[Any] = train_test_split(np.arange(len(lines)), test_size=0.2, random_state=42, stratify=labels)
    return found


def reference() -> dict[tuple[str, str], float]:
    """(set, model) -> log loss or RMSE, as the README of the data has them."""
    found = {}
    for line in (SHARED / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] in SOURCES and len(cells) == 10 and cells[4] in ("HGB", "MLP"):
            found[cells[0], cells[4]] = float(cells[8])
        elif cells[0] in SOURCES and len(cells) == 6 and cells[2] in ("HGB", "MLP"):
            found[cells[0], cells[2]] = float(cells[3])
    return found


def comparison(label: str) -> list[str]:
    """The runs of a label beside the reference scores: a table in Markdown."""
    runs, known = history(), reference()
    head = ("table", "chainrule", "seeds", "MLP", "HGB", "better than", "seconds", "processor seconds")
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    wins, count = {"MLP": 0, "HGB": 0}, 0
    for name in SOURCES:
        mine = [row for row in runs if row["table"] == name and row["label"] == label]
        if not mine:
            continue
        measure = "rmse" if SOURCES[name].is_value else "log_loss"
        others = {who: _peer(runs, known, name, who, measure) for who in wins}
        value, count = mean(row[measure] for row in mine), count + 1
        better = [who for who, other in others.items() if value < other]
        for who in better:
            wins[who] += 1
        longest = [f"{max(row[key] for row in mine):.0f}" for key in ("seconds", "processor_seconds")]
        theirs = _digits(others["MLP"]), _digits(others["HGB"])
        cells = (name, _digits(value), len(mine), *theirs, " ".join(better) or "-", *longest)
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    lines += ["", f"Better than the MLP on {wins['MLP']} of {count} tables, than HGB on {wins['HGB']} of {count}."]
    return lines


def _peer(runs: list[dict[str, Any]], known: dict[tuple[str, str], float], name: str, who: str, measure: str) -> float:
    """The mean of what was measured here, else the README's number."""
    here = [row[measure] for row in runs if (row["table"], row["who"], row["label"]) == (name, who, "scikit-learn")]
    return mean(here) if here else known[name, who]


def _digits(value: float) -> str:
    return f"{value:.0f}" if value >= 1000 else f"{value:.4f}" if value >= 1e-3 else f"{value:.2g}"


def write_results(lines: list[str]) -> None:
    """Put the table between its marks in docs/results.md."""
    text = RESULTS.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    RESULTS.write_text(f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
