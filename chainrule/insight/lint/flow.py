"""Rules about what a script does with its rows: splitting, scaling, training, testing, stopping, seeding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .facts import CROSSENTROPIES, Data, Event
from .reader import Reader
from .rules import Hit


def _of(script: Reader, *kinds: str) -> list[Event]:
    return [event for event in script.events if event.kind in kinds]


def _rows(value: Any) -> Data | None:
    if isinstance(value, (list, tuple)) and value:
        value = value[0]
    return value if isinstance(value, Data) else None


def scaled_before_split(script: Reader) -> Iterator[Hit]:
    """A scale learnt from all rows, then a split."""
    fitted = {e.values["rows"].root: e.line for e in _of(script, "scaler-fit") if not e.values["rows"].part}
    for event in _of(script, "split"):
        lines = [r.scaled or fitted.get(r.root, 0) for r in event.values["rows"] if not r.part]
        early = [line for line in lines if 0 < line < event.line]
        if early:
            yield Hit("scaled-before-split", event.line, {"scaled": early[0]})


def scaler_on_test(script: Reader) -> Iterator[Hit]:
    """A scaler fitted on test rows."""
    for event in _of(script, "scaler-fit"):
        if event.values["rows"].part in ("test", "validation"):
            yield Hit("scaler-fitted-on-test", event.line, {})


def scaler_saw_validation(script: Reader) -> Iterator[Hit]:
    """A scaler fitted on rows of which validation_split holds some out."""
    fits = [e for e in _of(script, "scaler-fit") if e.values["rows"].part in ("train", "")]
    for event in _of(script, "fit"):
        rows = _rows(event.values.get("x"))
        if event.values.get("validation_split") and rows is not None:
            seen = [e.line for e in fits if e.values["rows"].root == rows.root and e.line < event.line]
            if seen:
                yield Hit("scaler-saw-validation", event.line, {"scaled": seen[-1]})


def scaler_not_saved(script: Reader) -> Iterator[Hit]:
    """A model saved without its scaler."""
    saved = _of(script, "save")
    if saved and _of(script, "scaler-fit") and not _of(script, "scaler-saved"):
        yield Hit("scaler-not-saved", saved[0].line, {})


def rows_dropped(script: Reader) -> Iterator[Hit]:
    """dropna()."""
    for event in _of(script, "dropna"):
        yield Hit("rows-dropped", event.line, {})


def not_stratified(script: Reader) -> Iterator[Hit]:
    """A split of classes without stratify."""
    classes = any(network.loss in CROSSENTROPIES for network in script.networks)
    for event in _of(script, "split"):
        if classes and not event.values["stratified"] and event.values["shuffled"]:
            yield Hit("not-stratified", event.line, {})


def trained_on_test(script: Reader) -> Iterator[Hit]:
    """Training on test rows, or on all rows of which some are tested on."""
    split = {rows.root: event.line for event in _of(script, "split") for rows in event.values["rows"] if not rows.part}
    tested = {rows.root for e in _of(script, "evaluate") if (rows := _rows(e.values.get("x"))) and rows.part == "test"}
    for event in _of(script, "fit"):
        rows = _rows(event.values.get("x"))
        if rows is None:
            continue
        whole = not rows.part and rows.root in split and split[rows.root] < event.line and rows.root in tested
        if whole or rows.part == "test":
            yield Hit("trained-on-test", event.line, {})


def test_as_validation(script: Reader) -> Iterator[Hit]:
    """Test rows that are validation rows as well, or validation rows that are training rows."""
    tested = {rows for event in _of(script, "evaluate") if (rows := _rows(event.values.get("x")))}
    for event in _of(script, "fit"):
        held, rows = _rows(event.values.get("validation_data")), _rows(event.values.get("x"))
        if held is not None and held.part == "test" and held in tested:
            yield Hit("test-as-validation", event.line, {})
        if held is not None and held == rows and held.part == "train":
            yield Hit("validation-is-training", event.line, {})


def tested(script: Reader) -> Iterator[Hit]:
    """Evaluation on training rows alone, or none at all."""
    fits, evaluations = _of(script, "fit"), _of(script, "evaluate", "predict")
    held_out = any(e.values.get("validation_split") or "validation_data" in e.values for e in fits)
    if not fits or held_out:
        return
    parts = [rows.part if (rows := _rows(e.values.get("x"))) else "?" for e in evaluations]
    scored = [e for e in evaluations if e.kind == "evaluate"]
    if scored and parts and all(part == "train" for part in parts):
        yield Hit("tested-on-training", scored[0].line, {})
    rows = _rows(fits[0].values.get("x"))
    if not evaluations and rows is not None and rows.part == "train":
        yield Hit("never-tested", fits[0].line, {})


def random_labels(script: Reader) -> Iterator[Hit]:
    """Labels that were drawn at random."""
    for event in _of(script, "fit"):
        labels = _rows(event.values.get("y"))
        if labels is not None and labels.drawn and labels.drawn not in script.used:
            yield Hit("random-labels", event.line, {"drawn": labels.drawn})


def unseeded(script: Reader) -> Iterator[Hit]:
    """A network that is trained without a seed."""
    fits = _of(script, "fit")
    if fits and not _of(script, "seed"):
        partly = "unseeded.numpy" if _of(script, "numpy-seed") else None
        yield Hit("unseeded", fits[0].line, {}, partly)


def stopping(script: Reader) -> Iterator[Hit]:
    """What stops the training, and which weights are left."""
    keeps = any(e.values.get("save_best_only") is True for e in _of(script, "checkpoint"))
    for event in _of(script, "stopping"):
        monitor = event.values.get("monitor", "val_loss")
        if isinstance(monitor, str) and not monitor.startswith("val_"):
            yield Hit("stops-by-training-loss", event.line, {"monitor": monitor})
        if "restore_best_weights" not in event.values and not keeps:
            yield Hit("best-weights-lost", event.line, {})


RULES_OF_SCRIPTS: tuple[Callable[[Reader], Iterator[Hit]], ...] = (
    scaled_before_split, scaler_on_test, scaler_saw_validation, scaler_not_saved, rows_dropped, not_stratified,
    trained_on_test, test_as_validation, tested, random_labels, unseeded, stopping,
)  # fmt: skip
