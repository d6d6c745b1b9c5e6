"""Golden values and distributions of every keras.initializers class: tests/golden/initializers.json."""

from __future__ import annotations

from typing import Any

from common import case, keras, np, plain, write
from keras.src.initializers.random_initializers import compute_fans

Config = dict[str, Any]

EXACT: list[tuple[str, Config, list[list[int]]]] = [
    ("Zeros", {}, [[2, 3], [4], []]),
    ("Ones", {}, [[2, 3], [4], []]),
    ("Constant", {}, [[2, 2]]),
    ("Constant", {"value": 0.3}, [[2, 3], [1, 2, 2, 1], []]),
    ("Identity", {}, [[3, 3], [2, 4], [4, 2]]),
    ("Identity", {"gain": 0.5}, [[3, 3]]),
    ("STFT", {}, [[8, 1, 5]]),
    ("STFT", {"side": "imag", "window": "hamming", "scaling": "spectrum", "periodic": True}, [[8, 1, 5]]),
    ("STFT", {"window": None, "scaling": None}, [[8, 1, 5]]),
]
DENSE, CONV, VECTOR = [400, 500], [3, 3, 120, 185], [200_000]
RANDOM: list[tuple[str, Config, list[int]]] = [
    ("RandomNormal", {}, DENSE), ("RandomNormal", {"mean": 1.0, "stddev": 2.0}, DENSE),
    ("TruncatedNormal", {}, DENSE), ("TruncatedNormal", {"mean": -1.0, "stddev": 0.5}, DENSE),
    ("RandomUniform", {}, DENSE), ("RandomUniform", {"minval": 0.0, "maxval": 3.0}, DENSE),
    *((prefix + suffix, {}, shape) for prefix in ("Glorot", "He", "Lecun") for suffix in ("Uniform", "Normal")
      for shape in (DENSE, [1000, 200], CONV)),
    ("GlorotUniform", {}, VECTOR),
    ("GlorotUniform", {"input_axes": [0], "output_axes": [1, 2]}, [100, 40, 50]),
    ("VarianceScaling", {}, DENSE),
    *(("VarianceScaling", {"scale": 2.0, "mode": mode, "distribution": distribution}, [200, 1000])
      for mode in ("fan_in", "fan_out", "fan_avg")
      for distribution in ("truncated_normal", "untruncated_normal", "uniform")),
    ("VarianceScaling", {"scale": 0.5, "mode": "fan_avg", "distribution": "uniform"}, CONV),
]  # fmt: skip
SCALING = {  # what the named ones are, in terms of VarianceScaling
    "GlorotUniform": (1.0, "fan_avg", "uniform"), "GlorotNormal": (1.0, "fan_avg", "truncated_normal"),
    "HeUniform": (2.0, "fan_in", "uniform"), "HeNormal": (2.0, "fan_in", "truncated_normal"),
    "LecunUniform": (1.0, "fan_in", "uniform"), "LecunNormal": (1.0, "fan_in", "truncated_normal"),
}  # fmt: skip
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
CUT = 0.87962566103423978  # the standard deviation of a standard normal cut at -2 and 2


def law(name: str, config: Config, shape: list[int]) -> Config:
    """The distribution as the documentation states it: its kind, parameters (before the cut) and limits."""
    if name == "RandomUniform":
        return {"kind": "uniform", "low": config.get("minval", -0.05), "high": config.get("maxval", 0.05)}
    if name in ("RandomNormal", "TruncatedNormal"):
        mean, stddev = config.get("mean", 0.0), config.get("stddev", 0.05)
        cut = {"low": mean - 2 * stddev, "high": mean + 2 * stddev} if name == "TruncatedNormal" else {}
        return {"kind": "truncated_normal" if cut else "normal", "mean": mean, "stddev": stddev, **cut}
    defaults = {"scale": 1.0, "mode": "fan_in", "distribution": "truncated_normal"}
    scale, mode, distribution = SCALING.get(name) or (config.get(key, default) for key, default in defaults.items())
    fan_in, fan_out = compute_fans(shape, config.get("input_axes"), config.get("output_axes"))
    fan = {
        "fan_in": fan_in,
        "fan_out": fan_out,
        "fan_avg": (fan_in + fan_out) / 2,
        "fan_geo_avg": (fan_in * fan_out) ** 0.5,
    }
    stddev = (scale / max(1.0, fan[mode])) ** 0.5
    if distribution == "uniform":
        return {"kind": "uniform", "low": -(3**0.5) * stddev, "high": 3**0.5 * stddev}
    if distribution == "untruncated_normal":
        return {"kind": "normal", "mean": 0.0, "stddev": stddev}
    return {
        "kind": "truncated_normal",
        "mean": 0.0,
        "stddev": stddev / CUT,
        "low": -2 * stddev / CUT,
        "high": 2 * stddev / CUT,
    }


def random_case(name: str, config: Config, shape: list[int]) -> dict[str, Any]:
    """Mean, standard deviation, extremes and quantiles of one large sample."""
    sample = np.asarray(getattr(keras.initializers, name)(**config, seed=1)(shape), "float64")
    moments = {"mean": sample.mean(), "std": sample.std(), "min": sample.min(), "max": sample.max()}
    quantiles = dict(zip(QUANTILES, np.quantile(sample, QUANTILES), strict=True))
    return case(**{"class": name}, config=config, shape=shape, count=sample.size, sample=moments, quantiles=quantiles,
                law=law(name, config, shape))  # fmt: skip


def orthogonal_case(config: Config, shape: list[int]) -> dict[str, Any]:
    """The smaller Gram matrix of the value seen as a matrix (all axes but the last, the last)."""
    value = np.asarray(keras.initializers.Orthogonal(**config, seed=1)(shape), "float64").reshape(-1, shape[-1])
    side = "columns" if value.shape[0] >= value.shape[1] else "rows"
    gram = value.T @ value if side == "columns" else value @ value.T
    return case(**{"class": "Orthogonal"}, config=config, shape=shape, orthogonal=side, gram=np.round(gram, 5) + 0.0)


def seed_cases() -> list[dict[str, Any]]:
    """Whether a second call of one object, and a second object of the same seed, give the same values again."""
    found = []
    for name in ("GlorotUniform", "RandomNormal", "TruncatedNormal", "Orthogonal"):
        for label, seed in (
            ("int", lambda: 3),
            ("SeedGenerator", lambda: keras.random.SeedGenerator(3)),
            ("None", lambda: None),
        ):
            first, second = (getattr(keras.initializers, name)(seed=seed()) for _ in range(2))
            one, again, other = (np.asarray(made((4, 4))) for made in (first, first, second))
            found.append(case(**{"class": name}, seed=label, same_object_repeats=bool((one == again).all()),
                              equal_objects_agree=bool((one == other).all())))  # fmt: skip
    return found


def names() -> dict[str, dict[str, str]]:
    """Every string that keras.initializers.get takes, with the class it gives."""
    from keras.src.initializers import ALL_OBJECTS_DICT

    return {string: {"class": found.__name__} for string, found in sorted(ALL_OBJECTS_DICT.items())}


if __name__ == "__main__":
    write(
        "initializers.json",
        "exact: keras.initializers.CLASS(**config)(shape) == expected; random: statistics of one sample of "
        "CLASS(**config, seed=1)(shape) (count numbers), and the law it is drawn from (stddev before truncation, low "
        "and high its limits); orthogonal: gram of the rows or columns; seeds: what repeats; names: what get() gives",
        exact=[
            case(
                **{"class": name},
                config=config,
                shape=shape,
                expected=plain(getattr(keras.initializers, name)(**config)(shape)),
            )
            for name, config, shapes in EXACT
            for shape in shapes
        ],
        random=[random_case(*row) for row in RANDOM],
        orthogonal=[
            orthogonal_case(config, shape)
            for config, shape in [({}, [4, 4]), ({}, [6, 3]), ({}, [3, 6]), ({"gain": 2.0}, [4, 3]), ({}, [2, 2, 3, 5])]
        ],
        seeds=seed_cases(),
        names=names(),
    )
