"""Whether memory stays flat: many predictions, many short trainings, many new models, in one process.

    python -m bench.soak --predict 100000 --fit 1000 --models 500

prints the resident memory ten times in each phase and says whether it grew after the first tenth; the exit status is 1
if it did.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np

SLACK = 2 * 2**20  # bytes: allocators keep a little


def resident() -> int:
    """The bytes that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def soak(call: Callable[[], Any], calls: int) -> list[int]:
    """The resident memory after each tenth of so many calls."""
    found = []
    for part in range(10):
        for _ in range(calls * part // 10, calls * (part + 1) // 10):
            call()
        gc.collect()
        found.append(resident())
    return found


def grew(memory: Sequence[int]) -> int:
    """Bytes by which memory grew after the first tenth."""
    return memory[-1] - memory[0]


def phases(options: argparse.Namespace) -> list[tuple[str, Callable[[], Any], int]]:
    """What is repeated: one row predicted, one short fit, a new model made and fitted."""
    import chainrule

    random = np.random.default_rng(0)
    x = random.standard_normal((options.rows, 20), dtype=np.float32)
    y = (x.sum(axis=1, keepdims=True) > 0).astype(np.float32)

    widths = cycle(range(8, 18))  # ten kinds, for a process remembers what it compiled

    def made() -> Any:
        chainrule.utils.clear_session()
        hidden = chainrule.layers.Dense(next(widths), "relu")
        model = chainrule.Sequential([chainrule.Input((20,)), hidden, chainrule.layers.Dense(1, "sigmoid")])
        model.compile("adam", "binary_crossentropy")
        return model

    def fit(model: Any) -> None:
        model.fit(x, y, batch_size=32, epochs=1, verbose=0)

    model = made()
    return [
        ("predict", lambda: model.predict(x[:1], verbose=0), options.predict),
        ("fit", lambda: fit(model), options.fit),
        ("model", lambda: fit(made()), options.models),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the phases, say what came of them."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--predict", type=int, default=100_000, help="calls of predict with one row")
    parser.add_argument("--fit", type=int, default=1_000, help="calls of fit on one model")
    parser.add_argument("--models", type=int, default=500, help="new models, each fitted once")
    parser.add_argument("--rows", type=int, default=320, help="rows of the table")
    os.environ["CHAINRULE_CACHE"] = "off"  # everything is compiled in this process
    worse = 0
    for name, call, calls in phases(parser.parse_args(arguments)):
        if not calls:
            continue
        call()
        memory = soak(call, calls)
        flat = grew(memory) <= SLACK
        worse += not flat
        shown = " ".join(f"{held / 2**20:.1f}" for held in memory)
        verdict = "flat" if flat else f"grew by {grew(memory) / (0.9 * calls):,.0f} bytes a call"
        print(f"{name} x {calls:,}: MiB {shown}: {verdict}", flush=True)
    return min(worse, 1)


if __name__ == "__main__":
    sys.exit(main())
