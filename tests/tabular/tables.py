"""Small tables with a signal that a network finds in a few epochs."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from chainrule.tabular import Options, Training, fit_table

QUICK = Training(layers=(8,), networks=1, epochs=3)


class Listener:
    """A `Show` that remembers."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.epochs: list[tuple[int, int]] = []

    def line(self, text: str) -> None:
        self.lines.append(text)

    def epoch(self, watch) -> None:
        self.epochs.append((watch.number, watch.epochs))


def write_classes(path: Path, rows: int = 120, seed: int = 0, labels: tuple[str, ...] = ("no", "yes")) -> str:
    """Columns size, colour, label: the label depends on both."""
    generator = np.random.Generator(np.random.PCG64(seed))
    size, colour = generator.normal(size=rows), generator.choice(["red", "green", "blue"], size=rows)
    score = size + (colour == "red") + 0.1 * generator.normal(size=rows)
    place = np.clip(np.searchsorted(np.quantile(score, np.linspace(0, 1, len(labels) + 1)[1:-1]), score), 0, None)
    lines = [f"{s:.4f},{c},{labels[p]}" for s, c, p in zip(size, colour, place, strict=True)]
    path.write_text("\n".join(["size,colour,label", *lines, ""]), encoding="utf-8")
    return str(path)


def write_values(path: Path, rows: int = 120, seed: int = 0) -> str:
    """Columns size, colour, price: the price, around 1000, depends on both."""
    generator = np.random.Generator(np.random.PCG64(seed))
    size, colour = generator.normal(size=rows), generator.choice(["red", "green", "blue"], size=rows)
    price = 1000 + 50 * size + 30 * (colour == "red") + generator.normal(size=rows)
    lines = [f"{s:.4f},{c},{p:.3f}" for s, c, p in zip(size, colour, price, strict=True)]
    path.write_text("\n".join(["size,colour,price", *lines, ""]), encoding="utf-8")
    return str(path)


def fitted(path: str, target: str, **options):
    """Fit quickly and silently."""
    training = options.pop("training", QUICK)
    return fit_table(path, Options(target, training=training, **options))
