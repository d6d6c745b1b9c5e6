"""Tables larger than memory: read twice, piece by piece, and trained from a file of encoded rows.

First pass: rows are counted, and three samples are drawn by a hash of each row's number: rows to test on, rows to stop
by, and rows from which kinds of columns, medians, quantiles and categories are learnt. The first row of every label
joins the last of these. Second pass: all other rows are encoded and appended to a file. Networks are trained on blocks
of that file in an order drawn anew for each epoch. What is held at a time does not grow with the table.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..data import Table, TableEncoder, Target, blank_table, count_shared, resolve_target
from ..data.arrow import arrow_kind
from ..data.chunks import joined, table_chunks
from ..data.database import is_database
from ..data.duplicates import scrambled
from ..data.sources import check_file, is_packed
from ..errors import ArgumentError, DataError, FileError, NonFiniteError
from .architectures import Layout
from .batches import EncodedFile
from .budget import allowed_seconds
from .members import Member, Show
from .model import outputs_of
from .network import Plan, as_targets, build, plan
from .options import Options
from .parts import Part, times_of
from .problem import Problem, duplicates_notes, make_problem
from .training import Watch

TESTED, STOPPING, LEARNT_FROM = 50_000, 20_000, 100_000
_UNPACKED, _PARSED, _LABELS = 6.0, 8.0, 1000  # bytes in memory for one in the file, roughly
_EPOCHS, _PATIENCE = 12, 3


def is_large(data: Any) -> bool:
    """Whether a table would fill more than half of the memory.

    Args:
        data: str, the path of a file; anything else is not large.
    """
    if not isinstance(data, (str, os.PathLike)) or is_database(str(data)) or not os.path.isfile(data):
        return False
    check_file(os.fspath(data))
    packed = is_packed(os.fspath(data)) or bool(arrow_kind(os.fspath(data)))
    size = os.path.getsize(data) * (_UNPACKED if packed else 1.0) * _PARSED
    return size > 0.5 * os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


@dataclass
class _Sample:
    """The rows with the smallest keys, at most `size` of them."""

    size: int
    keys: list[np.ndarray] = field(default_factory=list)
    places: list[np.ndarray] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    limit: int = 2**64 - 1

    def add(self, table: Table, keys: np.ndarray, places: np.ndarray) -> None:
        """Look at the next rows; `places` are kept beside them."""
        chosen = np.flatnonzero(keys <= np.uint64(self.limit))
        if len(chosen):
            self.keys.append(keys[chosen])
            self.places.append(places[chosen])
            self.tables.append(table.take(chosen))
        if sum(map(len, self.keys)) > 2 * self.size:
            kept = self._order()[: self.size]
            self.keys, self.places = ([np.concatenate(parts)[kept]] for parts in (self.keys, self.places))
            self.tables = [joined(self.tables).take(kept)]
            self.limit = int(self.keys[0].max())

    def taken(self, end: int) -> tuple[np.ndarray, Table]:
        """Places and rows of the `end` smallest keys, in the order of the keys."""
        order = self._order()[:end]
        return np.concatenate(self.places)[order], joined(self.tables).take(order)

    def _order(self) -> np.ndarray:
        return np.argsort(np.concatenate(self.keys), kind="stable")


class _FirstPass:
    """What is learnt of the whole table before anything is encoded."""

    def __init__(self, path: str, options: Options) -> None:
        self.path, self.options, self.rows = path, options, 0
        self.low, self.high = _Sample(TESTED + STOPPING), _Sample(LEARNT_FROM)
        self._firsts: dict[str, Table] = {}  # label -> the first row that has it
        for places, table in keyed_chunks(path, options):
            self.rows += len(table)
            self.low.add(table, places, places)
            self.high.add(table, ~self._drawn(places), places)
            self._first_of_each_label(table)
        tested = 0 if options.test else min(TESTED, int(np.ceil(options.test_size * self.rows)))
        stopping = min(STOPPING, self.rows // 10)
        places, low = self.low.taken(tested + stopping)
        if self.rows < tested + stopping + 2:
            raise DataError(f"{path}: {self.rows} rows are too few to stream. Fit it without --stream.")
        self.cut = places[-1] if len(places) else np.uint64(0)  # rows up to this place do not train
        is_test = places <= places[tested - 1] if tested else np.zeros(len(places), bool)
        self.test, self.stopping = low.take(np.flatnonzero(is_test)), low.take(np.flatnonzero(~is_test))
        places, sample = self.high.taken(LEARNT_FROM)
        self._check_left(places > self.cut)
        self.sample = self._with_every_label(sample.take(np.flatnonzero(places > self.cut)))

    def _drawn(self, places: np.ndarray) -> np.ndarray:
        """What the rows that are learnt from are drawn by: their places, unless these follow a column."""
        if self.options.group is None and self.options.time is None:
            return places
        return scrambled(np.arange(self.rows - len(places), self.rows, dtype=np.uint64) + np.uint64(self.options.seed))

    def _check_left(self, trains: np.ndarray) -> None:
        if not trains.any() or not len(self.stopping):
            raise DataError(
                f"{self.path}: too few groups (--group) or moments (--time) to hold some out for the test and others "
                "to stop by: none is left. Fit it without --stream, or without the option."
            )

    def _first_of_each_label(self, table: Table) -> None:
        if len(self._firsts) > _LABELS:
            return  # a value, or no class that repeats
        codes, levels = table.column(resolve_target(table, self.options.target)).factor()
        for code in np.unique(codes[codes >= 0]):
            if levels[code] not in self._firsts:
                self._firsts[levels[code]] = table.take(np.flatnonzero(codes == code)[:1])

    def _with_every_label(self, sample: Table) -> Table:
        """The sample, and a row of each label that it lacks: the target has to know them all."""
        if len(self._firsts) > _LABELS:
            return sample
        codes, levels = sample.column(resolve_target(sample, self.options.target)).factor()
        there = {levels[code] for code in np.unique(codes[codes >= 0])}
        return joined([sample, *(row for label, row in self._firsts.items() if label not in there)])


def keyed_chunks(path: str, options: Options) -> Iterator[tuple[np.ndarray, Table]]:
    """The pieces of a table with a place for each row: 64 bits; rows in the first places are held out.

    The place depends on the number of the row and the seed; with `--group` on the group, so that groups stay together;
    with `--time` the latest come first.

    Args:
        path: str.
        options: Options.

    Raises:
        DataError: a row has no time.
    """
    start = 0
    reading = {"header": options.header, "delimiter": options.delimiter, "encoding": options.encoding}
    for table in table_chunks(path, query=options.query, **reading):
        numbers = np.arange(start, start + len(table), dtype=np.uint64)
        places = scrambled(numbers * np.uint64(2) + np.uint64(1) + (np.uint64(options.seed) << np.uint64(40)))
        if options.group is not None:
            places = _of_groups(table, resolve_target(table, options.group), options.seed, places)
        elif options.time is not None:
            places = ~_ascending(times_of(table, resolve_target(table, options.time)))
        yield places, table
        start += len(table)


def _of_groups(table: Table, name: str, seed: int, alone: np.ndarray) -> np.ndarray:
    """A place for each group, by a hash of its name; a row without one is a group of its own."""
    codes, levels = table.column(name).factor()
    digests = (hashlib.blake2b(f"{seed} {level}".encode(), digest_size=8).digest() for level in levels)
    places = np.array([int.from_bytes(digest, "little") for digest in digests] + [0], np.uint64)[codes]
    return np.where(codes < 0, alone, places)


def _ascending(values: np.ndarray) -> np.ndarray:
    """float64 as uint64 of the same order.

    >>> np.argsort(_ascending(np.array([2.0, -1.0, 0.0, -3.5]))).tolist()
    [3, 1, 2, 0]
    """
    bits = (values + 0.0).view(np.uint64)
    sign = np.uint64(1 << 63)
    return np.where(bits & sign, ~bits, bits | sign)


@dataclass(frozen=True)
class Streamed:
    """What was trained from a file of encoded rows.

    Args:
        problem: Problem. Its training rows are a sample; those that the networks stopped by come last.
        plans: list of Plan.
        members: list of Member.
        interrupted: bool.
        rows: int. Rows that trained.
    """

    problem: Problem
    plans: list[Plan]
    members: list[Member]
    interrupted: bool
    rows: int


def train_streamed(path: str, options: Options, show: Show) -> Streamed:
    """Read twice, encode into a file, train.

    Args:
        path: str.
        options: Options.
        show: Show.

    Raises:
        ArgumentError: `--search`, `--folds` or a learning rate that is to be found: these read the rows many times.
        DataError, FileError: as `read_problem`; or the disk has no room for the encoded rows.
    """
    _check_training(options)
    first = _FirstPass(path, options)
    show.line(f"{path}: {first.rows:,} rows, read piece by piece")
    problem, stopping = _problem(first, options)
    encoder = TableEncoder().fit(problem.train.take(np.setdiff1d(np.arange(len(problem.train)), stopping)).table,
                                 problem.reports, problem.target.name)  # fmt: skip
    folder = tempfile.mkdtemp(prefix="chainrule-rows-")
    try:
        _check_room(folder, first.rows, encoder.width)
        encoded = _encode(first, problem, options, encoder, os.path.join(folder, "rows"))
        size = f"{encoded.bytes / 2**20:,.0f} MiB on disk"
        show.line(f"encoded: {encoded.rows:,} rows of {encoder.width} numbers, {size}")
        chosen = _plan(options, encoded.rows)
        members, interrupted = _train(problem, stopping, encoder, encoded, chosen, options, show)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Streamed(problem, [chosen], members, interrupted, encoded.rows)


def _check_training(options: Options) -> None:
    wanted, said = options.training, "reads all rows many times, and this table is streamed"
    instead = "Try it on a part of the rows that fits into memory, and give what it finds as options here"
    if wanted.searches:
        raise ArgumentError(f"--search {said}. {instead} (--layers, --learning-rate, --weight-decay, --dropout).")
    if wanted.finds_rate:
        raise ArgumentError(f"--learning-rate find {said}. {instead} (--learning-rate RATE).")
    if wanted.folds is not None:
        raise ArgumentError(f"--folds {said}. {instead}; for several networks here say --networks.")


def _problem(first: _FirstPass, options: Options) -> tuple[Problem, np.ndarray]:
    """The problem of the samples, and which of its training rows the networks stop by."""
    table = joined([first.sample, first.stopping])
    made = make_problem(table, replace(options, test_size=0.0))
    known = made.target.encode(table).rows
    stopping = np.flatnonzero(known >= len(first.sample))
    if not options.test:
        test = made.target.encode(first.test)
        part = Part(first.test.take(test.rows), test.values)
        shared = count_shared(made.train.table, part.table)
        notes = (*made.notes, *duplicates_notes(0, shared, len(part)))
        made = replace(made, test=part, shared=shared, notes=notes)
    trained = f"{first.rows - len(first.test) - len(first.stopping):,} rows to train on"
    found = f"{first.path}: {first.rows:,} rows; what each column is was found out on {len(first.sample):,} of them"
    split = f"split: {trained}, {len(stopping):,} to stop by, {len(made.test):,} to test on"
    return replace(made, summary=(found, *made.summary[1:-1], split)), stopping


def _check_room(folder: str, rows: int, width: int) -> None:
    needed, free = rows * (4 * width + 8), shutil.disk_usage(folder).free
    if needed > free:
        raise FileError(
            f"{folder}: the encoded rows need {needed / 2**30:.1f} GiB on disk; {free / 2**30:.1f} GiB are free. Set "
            "TMPDIR to a folder with more room, or leave columns out with --drop."
        )


def _encode(first: _FirstPass, problem: Problem, options: Options, encoder: TableEncoder, path: str) -> EncodedFile:
    """The second pass: every row that trains, encoded, into a file."""
    target, weigh = problem.target, _Weighing(problem, options)
    blanks = {report.name: report.blanks for report in problem.reports if report.blanks}
    with EncodedFile.writing(path, encoder.width, weigh.any) as file:
        for keys, table in keyed_chunks(first.path, options):
            kept = table.take(np.flatnonzero(keys > first.cut))
            if not len(kept):
                continue
            encoded = target.encode(blank_table(kept, blanks)) if _has_target(target, kept) else None
            if encoded is None:
                continue
            kept = kept.take(encoded.rows)
            y = as_targets(encoded.values, target, problem.prior)
            file.append(encoder.transform(kept, []), y, weigh(kept, encoded.values))
    return file


def _has_target(target: Target, table: Table) -> bool:
    return bool((table.column(target.name).factor()[0] >= 0).any())


class _Weighing:
    """The weight of each row of a piece: on the scale of the sample's."""

    def __init__(self, problem: Problem, options: Options) -> None:
        self.column = None if options.weights is None else resolve_target(problem.train.table, options.weights)
        self.mean = 1.0 if self.column is None else float(problem.train.table.column(self.column).numbers().mean())
        self.by_class: np.ndarray | None = None
        if options.balance:
            counts = np.bincount(problem.train.values, minlength=len(problem.target.labels))
            self.by_class = counts.sum() / (np.count_nonzero(counts) * np.maximum(counts, 1))

    @property
    def any(self) -> bool:
        """Whether rows differ in weight."""
        return self.column is not None or self.by_class is not None

    def __call__(self, table: Table, values: np.ndarray) -> np.ndarray | None:
        if not self.any:
            return None
        weights = np.ones(len(table)) if self.column is None else table.column(self.column).numbers() / self.mean
        wrong = np.flatnonzero(~(weights >= 0))
        if len(wrong):
            raise DataError(f"{table.place(int(wrong[0]), self.column)}: expected a weight, a number from 0.")
        return weights if self.by_class is None else weights * self.by_class[values]


def _plan(options: Options, rows: int) -> Plan:
    """One network unless more are asked for, few epochs of very many steps."""
    wanted = options.training
    preset = "mlp" if wanted.preset in (None, "auto") else wanted.preset
    return plan(replace(
        wanted, preset=preset, networks=wanted.networks or 1, epochs=wanted.epochs or _EPOCHS,
        patience=wanted.patience or _PATIENCE,
    ), rows)  # fmt: skip


def _train(
    problem: Problem, stopping: np.ndarray, encoder: TableEncoder, encoded: EncodedFile, chosen: Plan,
    options: Options, show: Show,
) -> tuple[list[Member], bool]:  # fmt: skip
    """Train the networks of the plan one after another, all on the same rows, from different weights.

    The time allowed counts from here, since reading takes as long as the table is large.
    """
    target, prior = problem.target, problem.prior
    apart = problem.train.take(stopping)
    held = (encoder.transform(apart.table, []), as_targets(apart.values, target, prior), apart.weights)
    allowed = allowed_seconds(replace(options.training, seconds=options.budget or options.training.seconds))
    until = time.monotonic() + allowed if allowed and options.budget != 0 else None
    members: list[Member] = []
    for number in range(1, chosen.networks + 1):
        if members and until is not None and time.monotonic() > until:
            break
        seeds = (options.seed, number, 0)
        network = build(encoder.width, target, chosen, seeds, f"network_{number}", Layout.of(encoder), encoded.rows)
        watch = _Hurried(number, chosen, target, prior[-1], True, show.epoch, chosen.networks, until)
        _fit(network, watch, encoded.batches(chosen.batch_size, (options.seed, number, 1)), held)
        if watch.interrupted and (members or not watch.usable):
            return _kept(members), True
        if not watch.usable:
            raise NonFiniteError("no epoch of the training gave a finite loss. Try a smaller --learning-rate.")
        show.line(watch.summary())
        outputs = outputs_of(network, held[0], target, prior)
        members.append(Member(network, encoder, watch, stopping, outputs, 0, number - 1))
        if watch.interrupted:
            return members, True
    return members, False


class _Hurried(Watch):
    """Ends an epoch, too, when the time is up: of a large table one may take longer than that."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Look at the clock."""
        if self.until is not None and time.monotonic() > self.until:
            self.model.stop_training = True


def _kept(members: Sequence[Member]) -> list[Member]:
    if not members:
        raise KeyboardInterrupt
    return list(members)


def _fit(network: Any, watch: Watch, batches: Any, held: tuple[Any, Any, Any]) -> None:
    try:
        network.fit(batches, epochs=watch.chosen.epochs, verbose=0, validation_data=held, validation_batch_size=4096,
                    callbacks=[watch])  # fmt: skip
    except KeyboardInterrupt:
        watch.interrupted = True
    watch.restore()
