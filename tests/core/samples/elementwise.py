"""Samples of the elementwise family: every dtype at its special numbers, and shapes from no axis to none of size."""

from __future__ import annotations

import numpy as np

from chainrule.errors import DTypeError
from chainrule.ir import BOOL, DTYPES, FLOAT, INTEGER, NUMBER

from .entry import Entry, Sample, bad, numbers, pairs, sample, smooth, special

# name: (dtypes, domain of the gradient check, units in the last place)
UNARY: dict[str, tuple[tuple[str, ...], tuple[float, float] | None, int]] = {
    "neg": (NUMBER, (-2, 2), 0),
    "abs": (NUMBER, (0.2, 2), 0),
    "sign": (NUMBER, None, 0),
    "floor": (FLOAT, None, 0),
    "ceil": (FLOAT, None, 0),
    "round": (FLOAT, None, 0),
    "exp": (FLOAT, (-2, 2), 4),
    "expm1": (FLOAT, (-2, 2), 4),
    "log": (FLOAT, (0.2, 3), 4),
    "log1p": (FLOAT, (-0.7, 3), 4),
    "sqrt": (FLOAT, (0.2, 3), 0),
    "sin": (FLOAT, (-3, 3), 4),
    "cos": (FLOAT, (-3, 3), 4),
    "tanh": (FLOAT, (-2, 2), 4),
    "sigmoid": (FLOAT, (-3, 3), 4),
    "erf": (FLOAT, (-2, 2), 0),
    "erf_inv": (FLOAT, (-0.9, 0.9), 8),
    "bit_not": (BOOL + INTEGER, None, 0),
    "stop_gradient": (NUMBER, None, 0),
}
BINARY: dict[str, tuple[tuple[str, ...], tuple[float, float] | None, int]] = {
    "add": (NUMBER, (-2, 2), 0),
    "sub": (NUMBER, (-2, 2), 0),
    "mul": (NUMBER, (-2, 2), 0),
    "div": (FLOAT, (0.5, 2), 0),
    "pow": (FLOAT, (0.2, 2), 4),
    "max": (NUMBER, (-2, 2), 0),
    "min": (NUMBER, (-2, 2), 0),
    "mod": (NUMBER, None, 1),
    "floordiv": (NUMBER, None, 0),
    "atan2": (FLOAT, (0.3, 2), 4),
    "bit_and": (BOOL + INTEGER, None, 0),
    "bit_or": (BOOL + INTEGER, None, 0),
    "bit_xor": (BOOL + INTEGER, None, 0),
    "shift_left": (INTEGER, None, 0),
    "shift_right": (INTEGER, None, 0),
    **dict.fromkeys(("eq", "ne", "lt", "le", "gt", "ge"), (DTYPES, None, 0)),
}
_F = np.ones(2, "float32")


def _wrong_dtype(dtypes: tuple[str, ...], count: int, name: str) -> list:
    outside = next((d for d in DTYPES if d not in dtypes), None)
    return [bad(f"{name} C1", *[np.ones(2, outside)] * count, error=DTypeError)] if outside else []


def _unary(name: str) -> Entry:
    dtypes, domain, ulps = UNARY[name]
    good = [sample(special(d)) for d in dtypes]
    good += [sample(numbers(shape, dtypes[-1])) for shape in ((), (0,), (2, 0, 3), (1, 1), (2, 3))]
    if domain:
        good += [sample(*smooth(shape, low=domain[0], high=domain[1]), smooth=True) for shape in ((), (2, 3), (0, 2))]
    return Entry(good, _wrong_dtype(dtypes, 1, name), ulps)


def _binary(name: str) -> Entry:
    dtypes, domain, ulps = BINARY[name]
    good = [sample(*pairs(special(d), special(d))) for d in dtypes]
    for shape in ((), (0,), (2, 0, 3), (1, 1), (2, 3)):
        good += [sample(numbers(shape, dtypes[-1]), numbers(shape, dtypes[-1], 1))]
    if domain:
        x, w = (smooth((2, 3), seed=s, low=domain[0], high=domain[1])[0] for s in (0, 1))
        good += [sample(x, w, smooth=True), sample(x[0, 0], w[0, 0], smooth=True), sample(x[:0], w[:0], smooth=True)]
    other = "int32" if dtypes[-1] in FLOAT else "uint32"
    x = np.ones(2, dtypes[-1])
    wrong = [
        *_wrong_dtype(dtypes, 2, name),
        bad(f"{name} C2", x, x.astype(other), error=DTypeError),
        bad(f"{name} C3", x, np.ones(3, dtypes[-1])),
        bad(f"{name} C3", x, np.ones((), dtypes[-1])),
    ]
    return Entry(good, wrong, ulps)


def _select() -> Entry:
    good = []
    for d in DTYPES:
        x, w = pairs(special(d), special(d))
        good.append(sample(numbers(x.shape, "bool"), x, w))
    x, w = smooth((2, 3), (2, 3))
    good += [sample(numbers((2, 3), "bool"), x, w, smooth=True)]
    good += [sample(np.array(True), np.float32(1), np.float32(np.nan)), sample(np.ones(0, bool), x[0, :0], w[0, :0])]
    wrong = [
        bad("select C1", _F, _F, _F, error=DTypeError),
        bad("select C2", _F > 0, _F, np.ones(2)),
        bad("select C2", _F > 0, _F, np.ones(3, "float32")),
        bad("select C3", np.array(True), _F, _F),
    ]
    return Entry(good, wrong)


def _convertible(source: str, target: str) -> np.ndarray:
    """Numbers of `source` that have a place in `target`: a float out of an integer's range is undefined."""
    x = special(source)
    if source in FLOAT and target in INTEGER:
        info = np.iinfo(target)
        wide = x.astype(np.float64)
        return x[np.isfinite(wide) & (wide > max(info.min, -1e4) - 0.9) & (wide < min(info.max, 1e4))]
    return x


def _convert() -> Entry:
    good = [Sample((_convertible(a, b),), {"dtype": b}) for a in DTYPES for b in DTYPES]
    good += [sample(*smooth((2, 3)), dtype="float64", smooth=True), sample(np.ones((0, 2)), dtype="int8")]
    return Entry(good, [bad("a dtype among", _F, dtype="float128", error=DTypeError)])


SAMPLES: dict[str, Entry] = {
    **{name: _unary(name) for name in UNARY},
    **{name: _binary(name) for name in BINARY},
    "select": _select(),
    "convert": _convert(),
}


def _add_samples(name: str, *more: Sample) -> None:
    entry = SAMPLES[name]
    SAMPLES[name] = Entry([*entry.good, *more], entry.bad, entry.ulps)


_add_samples("mod", sample(np.array([1.3, -2.6, 5.9]), np.array([0.7, 1.1, -2.2]), smooth=True))  # between its jumps
_add_samples("pow", sample(np.array([1.5, 0.3, 2.0]), np.array([0.0, 1.0, 2.0]), smooth=True))
