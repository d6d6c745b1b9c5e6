"""Golden values of keras.ops beyond the neural ones: results, their dtypes, gradients of decompositions."""

from __future__ import annotations

from typing import Any

from common import case, keras, np, tf, write

NAN, INF = float("nan"), float("inf")
F = {"float32": [-2.5, -1.0, -0.5, 0.0, 0.5, 1.5, 3.0], "int32": [-3, -1, 0, 2, 7], "bool": [True, False, True],
     "uint8": [0, 1, 7, 255]}  # fmt: skip
ODD = [NAN, INF, -INF, 0.0, -0.0, 2.5, -1.5]


def a(values: Any, dtype: str = "float32") -> dict[str, Any]:
    """An array as the file keeps it."""
    return {"array": np.asarray(values, dtype).tolist(), "dtype": dtype}


def wave(*shape: int, phase: float = 0.0) -> Any:
    """Made-up numbers of two digits, the same every time."""
    count = np.arange(int(np.prod(shape)))
    return a(np.round(2 * np.sin(count * 1.7 + phase) * np.cos(count * 0.6 + phase), 2).reshape(shape))


def definite(n: int) -> Any:
    m = np.asarray(wave(n, n)["array"])
    return a(np.round(m @ m.T + np.eye(n), 3))


def unary() -> Any:
    rows = {
        "cbrt exp2 erfc fabs sinc i0 angle": ("float32", "int32"),
        "trunc conj conjugate real imag isreal signbit": ("float32", "int32", "bool"),
        "isneginf isposinf nan_to_num": ("float32", "int32"), "bitwise_invert": ("int32", "uint8"),
    }  # fmt: skip
    for names, dtypes in rows.items():
        for name in names.split():
            yield from ((name, [a(F[dtype], dtype)], {}) for dtype in dtypes)
    yield from ((name, [a(ODD)], {}) for name in ("signbit", "isneginf", "isposinf", "nan_to_num", "trunc"))
    yield "nan_to_num", [a(ODD)], {"nan": 9.0, "posinf": 8.0, "neginf": -8.0}
    yield "erfc", [a([1.4, 1.6, 3.0, 6.0, 9.0])], {}
    yield "i0", [a([0.1, 10.0, 29.0, 31.0, 60.0])], {}


def binary() -> Any:
    pairs = [("float32", "float32"), ("int32", "int32"), ("int32", "float32"), ("uint8", "int32")]
    values = {"float32": [-2.5, 0.5, 3.0, -1.0], "int32": [-3, 2, 7, 0], "uint8": [0, 1, 7, 200]}
    others = {"float32": [1.5, -0.75, 2.0, 2.5], "int32": [2, -3, 3, 4]}
    rows = {
        "fmax fmin divide_no_nan hypot heaviside isclose": pairs,
        "fmod logaddexp2": pairs[:3],
        "gcd lcm": pairs[1:2],
        "ldexp": [("float32", "int32")],
        "nextafter": pairs[:1],
        "bitwise_left_shift bitwise_right_shift": [],
    }
    for names, dtypes in rows.items():
        for name in names.split():
            yield from ((name, [a(values[p], p), a(others[q], q)], {}) for p, q in dtypes)
    for name in ("bitwise_left_shift", "bitwise_right_shift"):
        yield name, [a([8, 5, -16], "int32"), a([1, 2, 3], "int32")], {}
    for name in ("fmax", "fmin"):
        yield name, [a([NAN, 1.0, NAN, INF]), a([2.0, NAN, NAN, 3.0])], {}
    yield "isclose", [a([1.0, NAN, 100.0]), a([1.000001, NAN, 101.0])], {"equal_nan": True, "rtol": 1e-2}
    yield "allclose", [a([1.0, 2.0]), a([1.0, 2.000001])], {}
    yield "divide_no_nan", [a([1.0, 0.0, 3.0]), a([0.0, 0.0, 2.0])], {}
    yield "isin", [a([1, 2, 3], "int32"), a([[3, 1]], "int32")], {}
    yield "isin", [a([1.0, 2.0]), a([2.0])], {"invert": True}
    yield "saturate_cast", [a([-5.0, 3.7, 300.0]), "uint8"], {}
    yield "saturate_cast", [a([-500, 7, 300], "int32"), "int8"], {}
    yield "inner", [wave(2, 3), wave(4, 3)], {}
    yield "outer", [wave(2), wave(3)], {}
    yield "outer", [a([1, 2], "int32"), a([1.5])], {}
    yield "vdot", [wave(2, 3), wave(2, 3)], {}
    yield "kron", [wave(2, 2), wave(1, 3)], {}
    for axes in ([3, 3], [2, 3], [3, 2], [2, 2]):
        yield "cross", [wave(4, axes[0]), wave(4, axes[1], phase=1.0)], {}
    yield "cross", [wave(3, 4), wave(3, 4, phase=1.0)], {"axis": 0}
    yield "cdist", [wave(2, 3, 4), wave(2, 5, 4, phase=1.0)], {}
    yield "psnr", [wave(2, 3), wave(2, 3, phase=0.1), 2.0], {}
    for mode in ("valid", "same", "full"):
        yield "correlate", [wave(5), wave(3, phase=1.0)], {"mode": mode}
        yield "correlate", [a([1, 2, 3, 4], "int32"), a([1, 2], "int32")], {"mode": mode}


def arranged() -> Any:
    x, ints = wave(2, 3), a([[3, 1, 2], [0, 5, 4]], "int32")
    for name in (
        "fliplr",
        "flipud",
        "diagonal",
        "trace",
        "diag",
        "diagflat",
        "diff",
        "rot90",
        "ptp",
        "copy",
        "empty_like",
        "median",
        "nanmedian",
        "corrcoef",
    ):
        yield name, [x], {}
        if name not in ("corrcoef", "empty_like"):
            yield name, [ints], {}
    yield from ((name, [[wave(3), wave(3, phase=1.0)]], {}) for name in ("hstack", "dstack"))
    yield from ((name, [[x, wave(2, 3, phase=1.0)]], {}) for name in ("hstack", "vstack", "dstack"))
    yield from (("append", [x, y], kw) for y, kw in ((ints, {}), (wave(2, 1), {"axis": 1})))
    yield "array", [a([1, 2], "int32")], {"dtype": "float32"}
    yield from (("array_split", [wave(7), n], {}) for n in (3, [2, 5]))
    yield "array_split", [wave(2, 5), 2], {"axis": 1}
    yield from ((name, [wave(2, 4, 4), 2], {}) for name in ("hsplit", "vsplit", "dsplit"))
    yield from (("rot90", [wave(2, 3, 2)], {"k": k, "axes": [1, 2]}) for k in (1, 3, -1))
    yield from (("diag", [x_], {"k": k}) for x_ in (wave(3), wave(3, 4)) for k in (-1, 2))
    yield "diagflat", [x], {"k": 1}
    yield from (("diagonal", [wave(2, 3, 4)], {"offset": k, "axis1": 1, "axis2": 2}) for k in (-1, 1))
    yield from (("trace", [wave(2, 3, 3)], {"offset": 1, "axis1": 1, "axis2": 2}), ("tri", [3, 4], {"k": -1}))
    yield from (("diff", [wave(2, 5)], {"n": n, "axis": axis}) for n, axis in ((2, -1), (1, 0)))
    yield from (("trapezoid", [x], kw) for kw in ({}, {"dx": 0.5, "axis": 0}, {"x": a([0.0, 1.0, 3.0])}))
    yield from (("vander", [a([1.0, 2.0, 3.0])], kw) for kw in ({}, {"N": 2}, {"increasing": True}))
    yield from (
        ("vander", [a([1, 2, 3], "int32")], {}),
        ("logspace", [0, 2], {"num": 5}),
        ("geomspace", [1, 16], {"num": 5}),
    )
    yield (
        "select",
        [
            [a([True, False, False], "bool"), a([True, True, False], "bool")],
            [a([1, 2, 3], "int32"), a([4, 5, 6], "int32")],
        ],
        {"default": 9},
    )
    yield "unravel_index", [a([5, 0, 23, -1], "int32"), [2, 3, 4]], {}
    yield from (("nonzero", [ints], {}), ("unique", [a([3, 1, 3, 2], "int32")], {}))
    yield "unique", [a([3, 1, 3, 2], "int32")], {"return_index": True, "return_inverse": True, "return_counts": True}
    yield from ((name, [n], {}) for name in ("bartlett", "blackman", "hamming", "hanning") for n in (1, 5, 6))
    yield from (("kaiser", [5, 3.0], {}), ("empty", [[2, 3]], {"dtype": "int32"}))
    yield from (
        ("rearrange", [wave(2, 4, 3), p], kw)
        for p, kw in (("b (h s) c -> b h (s c)", {"s": 2}), ("a b c -> c (a b)", {}), ("b ... -> ... b", {}))
    )
    yield from ((name, [wave(2, 2, 2, 8), 2], {}) for name in ("depth_to_space", "space_to_depth"))
    yield "get_item", [x, 1], {}
    for kw in ({}, {"dilation": 2}, {"padding": 1, "stride": 2}):
        yield "unfold", [wave(2, 2, 5, 4), 2], kw
        columns = keras.ops.unfold(np.asarray(wave(2, 2, 5, 4)["array"], "float32"), 2, **kw)
        yield "fold", [wave(*columns.shape), [5, 4], 2], kw
    yield "scatter_update", [wave(4), a([[1], [3], [1]], "int32"), wave(3, phase=1.0)], {"reduction": "add"}
    for how in ("max", "min", "mul"):
        yield "scatter_update", [wave(4, 2), a([[1], [3], [1]], "int32"), wave(3, 2, phase=1.0)], {"reduction": how}


def statistics() -> Any:
    holes = [[1.0, NAN, 3.0, -2.0], [NAN, NAN, NAN, NAN], [0.5, 2.5, NAN, 4.0]]
    for name in ("nanmax", "nanmin", "nansum", "nanprod", "nanmean", "nanvar", "nanstd", "nanmedian"):
        yield from (
            (name, [a(x)], kw) for x, kw in ((holes, {}), (holes, {"axis": 1}), (holes, {"axis": 0, "keepdims": True}))
        )
        yield name, [a([[1, 2], [3, 5]], "int32")], {"axis": 1}
    for name in ("nanargmax", "nanargmin", "nancumsum", "nancumprod"):
        yield from ((name, [a(holes)], kw) for kw in ({"axis": 1}, {"axis": 0}))
    for name, q in (("quantile", 0.3), ("percentile", 30.0)):
        for method in ("linear", "lower", "higher", "midpoint", "nearest"):
            yield name, [wave(3, 5), q], {"method": method, "axis": 1}
        yield name, [wave(3, 5), a([q, 2 * q])], {"axis": 0, "keepdims": True}
        yield name, [wave(2, 3, 4), a([q, 2 * q])], {"axis": [0, 2]}
        yield f"nan{name}", [a(holes), a([q, 2 * q])], {"axis": 1}
        yield f"nan{name}", [a(holes), q], {}
    yield from (("median", [a(holes)], {}), ("median", [wave(3, 4)], {"axis": 1, "keepdims": True}))
    yield from (
        ("average", [wave(3, 4)], kw)
        for kw in ({}, {"axis": 1}, {"axis": 1, "weights": wave(4, phase=0.3)}, {"weights": wave(3, 4, phase=0.3)})
    )
    yield from (("histogram", [wave(20)], kw) for kw in ({}, {"bins": 4}, {"bins": 3, "range": [-1.0, 1.0]}))
    data, ids = wave(6, 2), a([0, 2, 0, 3, 2, 2], "int32")
    for name in ("segment_sum", "segment_max", "segment_min", "segment_prod"):
        yield from ((name, [d, i], kw) for d, i, kw in ((data, ids, {"num_segments": 5}), (data, ids, {}),
                    (a([1, 5, 2], "int32"), a([1, 0, 1], "int32"), {"num_segments": 3})))  # fmt: skip


def transforms() -> Any:
    for n in (1, 2, 7, 48, 74):
        yield from ((name, [[wave(2, n), wave(2, n, phase=1.0)]], {}) for name in ("fft",))
        yield "rfft", [wave(2, n)], {}
    yield from ((name, [[wave(3, 6), wave(3, 6, phase=1.0)]], {}) for name in ("fft2", "ifft2"))
    yield from (("rfft", [wave(2, 6)], {"fft_length": n}) for n in (4, 9))
    yield from (("irfft", [[wave(2, 5), wave(2, 5, phase=1.0)]], {"fft_length": n}) for n in (None, 8, 9, 6, 12))
    for kw in ({}, {"window": "hamming"}, {"center": False}, {"window": None}):
        yield "stft", [wave(2, 40), 8, 3, 12], kw
        if kw.get("window", "") is not None:  # without a window it does not undo stft here
            yield "istft", [[wave(2, 9, 7), wave(2, 9, 7, phase=1.0)], 8, 3, 12], {**kw, "length": 25}
    yield "istft", [[wave(9, 7), wave(9, 7, phase=1.0)], 8, 4, 12], {}
    yield "extract_sequences", [wave(2, 11), 4, 3], {}


def sequences() -> Any:
    for blank in (0, 3):
        labels = [[1, 2, 2], [2, 1, 1]]
        yield (
            "ctc_loss",
            [a(labels, "int32"), wave(2, 8, 4), a([3, 2], "int32"), a([8, 6], "int32")],
            {"mask_index": blank},
        )
        for kw in ({}, {"merge_repeated": False}, {"strategy": "beam_search", "beam_width": 20, "top_paths": 3}):
            yield "ctc_decode", [wave(2, 6, 4), a([6, 4], "int32")], {**kw, "mask_index": blank}


def decompositions() -> Any:
    square, tall, wide = wave(2, 3, 3), wave(2, 4, 3), wave(2, 3, 4)
    triangle = a(np.tril(np.asarray(wave(3, 3)["array"])) + 2 * np.eye(3))
    yield from ((name, [x], {}) for name in ("cholesky", "inv", "logdet", "eigh", "pinv") for x in (definite(4),))
    yield from (("cholesky", [definite(3)], {"upper": True}), ("cholesky_inverse", [triangle], {}))
    yield from ((name, [square], {}) for name in ("inv", "det", "slogdet", "lu_factor"))
    yield from (("solve", [square, wave(2, 3, 2)], {}), ("solve", [wave(3, 3), wave(3)], {}))
    yield "solve_triangular", [triangle, wave(3, 2)], {"lower": True}
    yield "solve_triangular", [a(np.asarray(triangle["array"]).T), wave(3, 2)], {}
    yield from (("qr", [x], {"mode": mode}) for x in (square, tall, wide) for mode in ("reduced", "complete"))
    yield from (("svd", [x], {"full_matrices": full}) for x in (square, tall, wide) for full in (True, False))
    yield "svd", [tall], {"compute_uv": False}
    yield from ((name, [x], {}) for name in ("pinv",) for x in (wave(4, 3), wave(3, 4)))
    yield "matrix_rank", [a([[1.0, 2.0], [2.0, 4.0]])], {}
    yield from (("lstsq", [wave(5, 3), b], {}) for b in (wave(5), wave(5, 2)))
    yield from (("norm", [x], {}) for x in (wave(4), wave(3, 4), wave(2, 3, 4)))
    yield from (
        ("norm", [wave(3, 4)], {"ord": o, "axis": 1, "keepdims": k})
        for o in (1, 2, 3, 0, INF, -INF)
        for k in (False, True)
    )
    yield from (("norm", [wave(2, 3, 4)], {"ord": o, "axis": [1, 2]}) for o in ("fro", "nuc", 1, -1, 2, -2, INF, -INF))


WITHOUT_GRADIENT = {"lu_factor", "matrix_rank", "lstsq", "norm", "cholesky_inverse"}
SIGNS = {"qr", "svd", "eigh"}  # columns that could as well have the other sign


def made(value: Any) -> Any:
    """The argument that an entry of the file stands for."""
    if isinstance(value, dict) and "array" in value:
        return np.asarray(value["array"], value["dtype"])
    return tuple(value) if isinstance(value, list) and not any(isinstance(v, (dict, list)) for v in value) else (
        [made(v) for v in value] if isinstance(value, list) else value)  # fmt: skip


def op_case(name: str, args: list[Any], kwargs: dict[str, Any], with_gradient: bool = False) -> dict[str, Any]:
    """One call; complex numbers are pairs already."""
    given = [made(v) for v in args]
    named = {key: made(v) for key, v in kwargs.items()}
    if name in ("fft", "fft2", "ifft2", "irfft", "istft"):
        given[0] = tuple(given[0])
    function = getattr(keras.ops, name)
    gradients = None
    with tf.GradientTape() as tape:
        given = [tf.constant(v) if isinstance(v, np.ndarray) and with_gradient else v for v in given]
        tape.watch([v for v in given if isinstance(v, tf.Tensor)])
        results = keras.tree.flatten(function(*given, **named))
        total = tf.add_n([tf.reduce_sum(tf.square(y)) * (k + 1.0) + tf.reduce_sum(tf.sin(tf.square(y)))
                          for k, y in enumerate(results)]) if with_gradient else None  # fmt: skip
    if with_gradient:
        try:
            gradients = tape.gradient(total, [v for v in given if isinstance(v, tf.Tensor)])
        except Exception:
            gradients = None
        if gradients and any(g is None or not np.isfinite(np.asarray(g)).all() for g in gradients):
            gradients = None
    return case(op=name, args=args, kwargs=kwargs or None, expected=[np.asarray(y) for y in results],
                dtypes=[str(np.asarray(y).dtype) for y in results], gradients=gradients)  # fmt: skip


def cases() -> Any:
    for family in (unary, binary, arranged, statistics, transforms, sequences, decompositions):
        for name, args, kwargs in family():
            try:
                yield op_case(name, args, kwargs, family is decompositions and name not in WITHOUT_GRADIENT)
            except Exception as error:
                print("not on this backend:", name, kwargs, str(error).splitlines()[0][:100])


if __name__ == "__main__":
    write(
        "ops.json",
        "keras.ops.OP(*args, **kwargs) == expected (a flat list) of these dtypes; {array, dtype} is an array, a list "
        "of plain values a tuple; gradients: by the arrays among args, of sum over the k-th results y of (k + 1) "
        "sum(y^2) + sum(sin(y^2))",
        cases=list(cases()),
    )
