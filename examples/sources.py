"""The data of the examples: real where it is found, otherwise made, small and of the same form.

The folder of real data is named by the environment variable CHAINRULE_DATA (default: ../shared/data beside the
repository); it holds one folder a data set, with the files named below. Nothing is downloaded. Each loader prints which
of the two it gives. With QUICK=1 in the environment every loader gives few rows.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import tarfile
import wave
from pathlib import Path

import numpy as np

QUICK = os.environ.get("QUICK", "") not in ("", "0")
FOLDER = Path(os.environ.get("CHAINRULE_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")


def pick(full, quick):
    """`full`, or `quick` where QUICK=1 asks for a run of seconds."""
    return quick if QUICK else full


def report(name: str, value: float) -> None:
    """The last line of an example."""
    print(f"result: {name} = {value:.4f}")


def find(*parts: str) -> Path | None:
    """The path of a real file, or None where data has to be made."""
    path = FOLDER.joinpath(*parts)
    print(f"data: {'/'.join(parts)}" if path.exists() else f"data: made in the form of {parts[0]}")
    return path if path.exists() else None


def text_of(path: Path, encoding: str = "utf-8") -> str:
    with gzip.open(path, "rb") as file:
        return file.read().decode(encoding)


def shuffled(rows: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).permutation(rows)


# --- images ------------------------------------------------------------------------------------------------------


def images(name: str = "mnist", made_rows: tuple[int, int] = (4000, 1000)):
    """`mnist` or `fashion_mnist`: (x, y) to train on and to test on; x (rows, 28, 28, 1) float32 in 0 to 1, y int32."""
    if find(name, "train-images-idx3-ubyte.gz"):
        parts = [_idx_images(FOLDER / name, part) for part in ("train", "t10k")]
    else:
        parts = [_made_images(rows, seed) for seed, rows in enumerate(made_rows)]
    limits = pick((None, None), (1500, 500))
    return tuple((x[:limit], y[:limit]) for (x, y), limit in zip(parts, limits, strict=True))


def _idx_images(folder: Path, part: str):
    """The format of LeCun's files: a header of 16 or 8 bytes, then bytes."""
    with gzip.open(folder / f"{part}-images-idx3-ubyte.gz") as file:
        x = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28, 1)
    with gzip.open(folder / f"{part}-labels-idx1-ubyte.gz") as file:
        y = np.frombuffer(file.read(), np.uint8, offset=8)
    return x.astype("float32") / 255, y.astype("int32")


def _made_images(rows: int, seed: int):
    """Ten fixed patterns of 5 x 5 blocks, moved by up to 2 pixels, of other brightness and with noise."""
    patterns = np.random.default_rng(1234).random((10, 5, 5)) < 0.45
    patterns = np.pad(patterns.repeat(4, axis=1).repeat(4, axis=2), ((0, 0), (4, 4), (4, 4))).astype("float32")
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 10, rows)
    shifts = rng.integers(-2, 3, (rows, 2))
    x = np.stack([np.roll(patterns[label], shift, axis=(0, 1)) for label, shift in zip(y, shifts, strict=True)])
    x = x * rng.uniform(0.6, 1.0, (rows, 1, 1)) + 0.1 * rng.standard_normal(x.shape)
    return np.clip(x, 0, 1).astype("float32")[..., None], y.astype("int32")


# --- text --------------------------------------------------------------------------------------------------------


def sentences(name: str = "rt_polarity"):
    """`rt_polarity` or `sst2`: (texts, labels 0 and 1) to train on, to validate on and to test on.

    SST-2 has parts of its own. The sentences of rt_polarity are shuffled and a tenth each is for validation and test.
    """
    if name == "sst2" and find("sst2", "stsa.binary.train.gz"):
        parts = [_labelled(FOLDER / "sst2" / f"stsa.binary.{part}.gz") for part in ("train", "dev", "test")]
    else:
        texts, labels = _polarity() if name == "rt_polarity" and find(name, "rt-polarity.pos.gz") else _opinions(3000)
        order, tenth = shuffled(len(texts)), len(texts) // 10
        rows = order[2 * tenth :], order[tenth : 2 * tenth], order[:tenth]
        parts = [([texts[i] for i in part], labels[part]) for part in rows]
    limits = pick((None, None, None), (1200, 300, 300))
    return tuple((np.array(texts[:n]), labels[:n]) for (texts, labels), n in zip(parts, limits, strict=True))


def _labelled(path: Path):
    lines = [line for line in text_of(path, "latin-1").split("\n") if line]
    return [line[2:] for line in lines], np.array([int(line[0]) for line in lines], "int32")


def _polarity():
    sides = [
        [line for line in text_of(FOLDER / "rt_polarity" / f"rt-polarity.{side}.gz", "latin-1").split("\n") if line]
        for side in ("neg", "pos")
    ]
    return sides[0] + sides[1], np.repeat(np.array([0, 1], "int32"), [len(side) for side in sides])


def _opinions(rows: int, seed: int = 0):
    """Sentences of neutral words with one to three words of praise or of blame."""
    rng = np.random.default_rng(seed)
    kinds = ("word", 150), ("good", 25), ("bad", 25)
    neutral, praise, blame = ([f"{kind}{i}" for i in range(n)] for kind, n in kinds)
    labels = rng.integers(0, 2, rows).astype("int32")
    texts = []
    for label in labels:
        words = list(rng.choice(neutral, rng.integers(5, 20))) + list(
            rng.choice(praise if label else blame, rng.integers(1, 4))
        )
        texts.append(" ".join(rng.permutation(words)))
    return texts, labels


def plain_text() -> str:
    """Tiny Shakespeare, or sentences of a small grammar."""
    path = find("tinyshakespeare", "input.txt.gz")
    if path:
        text = text_of(path)
    else:
        rng = np.random.default_rng(0)
        who, does, what = ["the king", "a fool", "my lord", "she"], ["loves", "hears", "fears"], ["the sea", "a song"]
        text = "".join(f"{rng.choice(who)} {rng.choice(does)} {rng.choice(what)}.\n" for _ in range(3000))
    return text[: pick(None, 30_000)]


def spliced_dna():
    """Windows of 60 bases (rows, 60) int32 with 0 to 3 for the bases, and labels: 0 and 1 are the two kinds of borders
    between coding and other parts, 2 is neither. The real file codes bases column by column, some of them ambiguous."""
    path = find("splice_dna", "splice.tsv.gz")
    if path:
        table = np.array([line.split("\t") for line in text_of(path).splitlines()[1:]], "int32")
        table = table[shuffled(len(table))]
        return table[:, :-1][: pick(None, 800)], table[:, -1][: pick(None, 800)]
    rng = np.random.default_rng(0)
    rows = pick(3000, 800)
    x, y = rng.integers(0, 4, (rows, 60)), rng.integers(0, 3, rows)
    x[y == 0, 30:34], x[y == 1, 26:30] = [2, 3, 0, 0], [1, 1, 0, 2]
    return x.astype("int32"), y.astype("int32")


# --- series and sound ----------------------------------------------------------------------------------------------


def ecg5000():
    """Heartbeats of 140 samples, five kinds 0 to 4: (x, y) to train on and to test on; x (rows, 140) float32."""
    path = find("ucr", "ECG5000_TRAIN.txt.gz")
    if path:
        train = np.loadtxt(path)
        with gzip.open(FOLDER / "ucr" / "ECG5000_TEST.npy.gz") as file:
            test = np.load(io.BytesIO(file.read()), allow_pickle=False)
    else:
        train, test = _made_beats(500, 0), _made_beats(1000, 1)
    tables = train, test[: pick(None, 500)]
    return tuple((t[:, 1:].astype("float32"), t[:, 0].astype("int32") - 1) for t in tables)


def _made_beats(rows: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    y = rng.choice(5, rows, p=[0.58, 0.35, 0.02, 0.03, 0.02])
    time = np.arange(140)
    peak = np.array([20, 45, 70, 95, 120])[y] + rng.normal(0, 3, rows)
    x = 3 * np.exp(-((time - peak[:, None]) ** 2) / 50) + np.sin(time / 22) + 0.3 * rng.standard_normal((rows, 140))
    return np.column_stack([y + 1, x])


def transformer_temperatures() -> np.ndarray:
    """ETTh1: 7 channels an hour, (hours, 7) float32."""
    path = find("time_series", "ETTh1.csv.gz")
    if path:
        return np.array([line.split(",")[1:] for line in text_of(path).splitlines()[1:]], "float32")
    rng = np.random.default_rng(0)
    hours = np.arange(pick(6000, 2500))[:, None]
    phase, size = rng.uniform(0, 6, 7), rng.uniform(1, 3, 7)
    daily = size * np.sin(2 * np.pi * hours / 24 + phase) + 0.5 * np.sin(2 * np.pi * hours / 168 + phase)
    return (daily + 0.3 * rng.standard_normal(daily.shape)).astype("float32")


def airline_passengers() -> np.ndarray:
    """Thousands of passengers, 144 months from January 1949 on."""
    path = find("time_series", "airline-passengers.csv")
    if path:
        return np.array([row[1] for row in list(csv.reader(path.read_text().splitlines()))[1:]], "float32")
    months, rng = np.arange(144), np.random.default_rng(0)
    season = 1 + 0.2 * np.sin(2 * np.pi * (months - 3) / 12)
    return ((110 + 2.5 * months) * season * (1 + 0.02 * rng.standard_normal(144))).astype("float32")


def spoken_digits():
    """Recordings, 8,000 samples a second: list of float32 arrays, digits, and which part each belongs to.

    The official test part (0) are the recordings 0 to 4 of each speaker and digit; 5 to 8 are for validation (1), the
    rest for training (2).
    """
    path = find("fsdd", "recordings.tar.gz")
    if not path:
        return _made_sounds(pick(600, 300))
    sounds, digits, parts = [], [], []
    with tarfile.open(path) as archive:
        for member in sorted((m for m in archive.getmembers() if m.name.endswith(".wav")), key=lambda m: m.name):
            digit, _, index = Path(member.name).stem.split("_")
            if QUICK and int(index) % 5 > 1:
                continue
            with wave.open(archive.extractfile(member)) as file:
                sounds.append(np.frombuffer(file.readframes(file.getnframes()), "<i2").astype("float32") / 32768)
            digits.append(int(digit))
            parts.append(0 if int(index) < 5 else 1 if int(index) < 9 else 2)
    return sounds, np.array(digits, "int32"), np.array(parts)


def _made_sounds(rows: int):
    """Two tones a digit, one after the other, of changing length and pitch."""
    rng = np.random.default_rng(0)
    digits = rng.integers(0, 10, rows).astype("int32")
    sounds = []
    for digit in digits:
        time = np.arange(rng.integers(1600, 3200)) / 8000 * rng.uniform(0.95, 1.05)
        first, second = np.sin(2 * np.pi * (300 + 150 * digit) * time), np.sin(2 * np.pi * (2500 - 180 * digit) * time)
        sound = np.where(np.arange(len(time)) < len(time) // 2, first, second)
        sounds.append((0.3 * sound + 0.02 * rng.standard_normal(len(time))).astype("float32"))
    return sounds, digits, rng.permutation(np.arange(rows) % 10 // 2).clip(0, 2)


# --- tables and graphs ---------------------------------------------------------------------------------------------

ADULT = (
    "age", "work_class", "weight", "education", "years_of_education", "marital_status", "occupation", "relationship",
    "race", "sex", "gain", "loss", "hours", "country",
)  # fmt: skip


def census():
    """Adult: (columns by name, label 1 above 50,000 dollars) to train on and to test on; text columns stay text."""
    if find("adult", "adult-train.csv.gz"):
        parts = [
            [line.split(",") for line in text_of(FOLDER / "adult" / f"adult-{part}.csv.gz").splitlines() if "," in line]
            for part in ("train", "test")
        ]
    else:
        parts = [_made_people(3000, 0), _made_people(1000, 1)]
    return tuple(_columns(rows[: pick(None, 1500)]) for rows in parts)


def _columns(rows: list[list[str]]):
    values = list(zip(*([cell.strip() for cell in row] for row in rows), strict=True))
    numbers = {"age", "weight", "years_of_education", "gain", "loss", "hours"}
    columns = {
        name: np.array(column, "float32" if name in numbers else str)
        for name, column in zip(ADULT, values, strict=False)
    }
    return columns, np.array([">" in cell for cell in values[-1]], "float32")


def _made_people(rows: int, seed: int) -> list[list[str]]:
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(rows):
        age, years, hours = rng.integers(17, 80), rng.integers(1, 17), rng.integers(10, 70)
        married = rng.random() < 0.5
        score = 0.04 * age + 0.3 * years + 0.04 * hours + 1.5 * married - 8.5 + rng.logistic(0, 0.5)
        words = [f"work{rng.integers(4)}", "", f"level{years // 4}", "", "yes" if married else "no"]
        words += [f"job{rng.integers(8)}", f"tie{rng.integers(3)}", f"group{rng.integers(3)}", f"sex{rng.integers(2)}"]
        made.append([str(age), words[0], "0", words[2], str(years), *words[4:], "0", "0", str(hours), "here"])
        made[-1].append(">50K" if score > 0 else "<=50K")
    return made


def ratings():
    """MovieLens 100k: users, films (both int32 from 0 on), ratings 1 to 5 (float32), in a random order."""
    path = find("movielens_100k", "u.data.gz")
    if path:
        table = np.array([line.split()[:3] for line in text_of(path).splitlines() if line.strip()], "int64")
        users, films, stars = table[:, 0] - 1, table[:, 1] - 1, table[:, 2]
    else:
        rng = np.random.default_rng(0)
        rows = pick(20_000, 8000)
        users, films = rng.integers(0, 200, rows), rng.integers(0, 150, rows)
        taste, kind = rng.standard_normal((200, 3)), rng.standard_normal((150, 3))
        wish = 3.5 + 0.5 * (taste[users] * kind[films]).sum(1) + 0.4 * rng.standard_normal(200)[users]
        stars = np.clip(np.round(wish + 0.4 * rng.standard_normal(rows)), 1, 5)
    order = shuffled(len(users), 42)[: pick(None, 8000)]
    return users[order].astype("int32"), films[order].astype("int32"), stars[order].astype("float32")


def citations():
    """Cora: features (nodes, words), edges (n, 2), labels, and the indices of the nodes to train, validate, test on."""
    path = find("planetoid", "cora.npz")
    if path:
        data = np.load(path, allow_pickle=False)
        starts, columns = data["feature_indptr"], data["feature_indices"]
        features = np.zeros((len(starts) - 1, int(data["n_features"])), "float32")
        features[np.repeat(np.arange(len(features)), np.diff(starts)), columns] = 1
        return features, data["edges"], data["labels"], data["train_idx"], data["val_idx"], data["test_idx"]
    rng = np.random.default_rng(0)
    nodes, classes = 400, 7
    labels = rng.integers(0, classes, nodes)
    chance = np.where(labels[:, None] == labels, 0.06, 0.003)
    edges = np.argwhere(np.triu(rng.random((nodes, nodes)) < chance, 1))
    topics = rng.random((classes, 100)) < 0.1
    features = (rng.random((nodes, 100)) < np.where(topics[labels], 0.15, 0.05)).astype("float32")
    return features, edges, labels, np.arange(140), np.arange(140, 200), np.arange(200, nodes)
