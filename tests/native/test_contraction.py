"""Products of many shapes: tiles and their rests, packed and not, blocks of k, vectors along any axis, threads."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from chainrule import config
from chainrule.executors.native import compile_program
from chainrule.executors.native.contraction import Product, multiply, workspace_of
from chainrule.executors.native.emit import Value
from chainrule.executors.native.finish import Finish
from chainrule.executors.native.kernel import Kernel
from chainrule.executors.native.linking import link
from chainrule.executors.native.machine import attributes
from chainrule.executors.native.scheme import scheme_of, schemes_of
from chainrule.executors.native.units import Unit, compile_unit
from chainrule.ir import Equation, Params, TensorType, Var
from chainrule.primitives import PRIMITIVES

from ..core.compare import program_of

SHAPES = [
    (1, 1, 1), (1, 7, 33), (3, 1, 5), (17, 5, 1), (4, 33, 2), (13, 31, 17), (32, 20, 64), (29, 16, 47), (33, 65, 70),
    (31, 700, 129), (97, 641, 161), (400, 330, 65), (2, 900, 300), (300, 900, 2), (45, 1300, 90), (700, 50, 700),
    (1, 10, 200), (128, 10, 70), (9, 3000, 32), (260, 70, 1030),
]  # fmt: skip
THREADS = (2, 3, 16, 64)


def product(x: np.ndarray, w: np.ndarray, **params: object) -> np.ndarray:
    canonical = PRIMITIVES["dot_general"].canonical(**params)
    types = [TensorType(a.dtype.name, a.shape) for a in (x, w)]
    return compile_program(program_of("dot_general", canonical, types))([x, w])[0]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("turned", [(False, False), (False, True), (True, False), (True, True)])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_matrices(shape: tuple[int, int, int], turned: tuple[bool, bool], dtype: str) -> None:
    m, k, n = shape
    rng = np.random.default_rng(0)
    a, b = rng.integers(-3, 4, (m, k)).astype(dtype), rng.integers(-3, 4, (k, n)).astype(dtype)  # sums are exact
    x, w = (np.ascontiguousarray(v.T) if t else v for v, t in zip((a, b), turned, strict=True))
    contract = ((0 if turned[0] else 1,), (1 if turned[1] else 0,))
    np.testing.assert_array_equal(product(x, w, contract=contract), a @ b)


@pytest.mark.parametrize("turned", [(False, False), (False, True), (True, False), (True, True)])
def test_results_of_many_megabytes(turned: tuple[bool, bool]) -> None:
    test_matrices((1103, 9, 2011), turned, "float32")


@pytest.mark.parametrize("sizes", [(2, 3, 4, 5), (3, 40, 17, 50), (2, 70, 130, 600)], ids=str)
def test_batches_and_several_axes(sizes: tuple[int, int, int, int]) -> None:
    b, i, j, k = sizes
    rng = np.random.default_rng(0)
    x, w = rng.integers(-3, 4, (b, i, k)).astype("float32"), rng.integers(-3, 4, (b, j, k)).astype("float32")
    found = product(x, w, contract=((2,), (2,)), batch=((0,), (0,)))
    np.testing.assert_array_equal(found, np.einsum("bik,bjk->bij", x, w))
    found = product(x, w, contract=((0, 2), (0, 2)))
    np.testing.assert_array_equal(found, np.einsum("bik,bjk->ij", x, w))
    found = product(x, np.ascontiguousarray(w.transpose(2, 0, 1)), contract=((2,), (0,)))
    np.testing.assert_array_equal(found, np.einsum("bik,cjk->bicj", x, w))


class Alone:
    """A product as a function of its own, which can be called as any thread of any number of threads."""

    def __init__(
        self, product: Product, sharing: bool = True, others: int = 0, finish: Callable[..., Finish] | None = None
    ) -> None:
        t = TensorType(product.dtype, ())
        buffers = [Var(t) for _ in range(3 + others)]
        k = Kernel(Equation(PRIMITIVES["add"], tuple(buffers[:2]), Params(), (buffers[2],)), [], sharing)
        a, b, c, *rest = map(k.pointer, buffers)
        multiply(k, product, a, b, c, finish=finish(c, *rest) if finish else None)
        pointers = ", ".join(f"ptr %p{i}" for i in range(len(buffers)))
        numbers = [f"i64 {n}" for n in k.numbers]
        others = [*["ptr %workspace"] * k.uses_workspace, *["i64 %thread, i64 %threads"] * k.is_shared]
        arguments = [pointers, *numbers, *others]
        head = f"define void @run({pointers}, ptr %workspace, i64 %thread, i64 %threads) #0 {{"
        run = [head, "entry:", f"  call void @kernel({', '.join(arguments)})", "  ret void", "}"]
        text = "\n".join([k.text("kernel"), *run, *k.f.declarations, attributes()]) + "\n"
        self._code, _ = link([compile_unit(Unit(text, "registers")).code])
        kinds = [*[ctypes.c_void_p] * (1 + len(buffers)), ctypes.c_int64, ctypes.c_int64]
        self._run = ctypes.CFUNCTYPE(None, *kinds)(self._code.address)
        self._workspace = workspace_of(product)

    def __call__(self, *arrays: np.ndarray, thread: int = 0, threads: int = 1) -> None:
        workspace = np.full(self._workspace + 64, 0xFF, np.uint8)  # NaNs: what was not packed shows
        self._run(*(x.ctypes.data for x in (*arrays, workspace)), thread, threads)


def loops_of(m: int, n: int, k: int, turned: tuple[bool, bool] = (False, False), batch: int = 1) -> Product:
    """Matrices one behind the other."""
    rows = [(m, (1 if turned[0] else k, 0, n))]
    columns = [(n, (0, k if turned[1] else 1, 1))]
    sums = [(k, (m if turned[0] else 1, 1 if turned[1] else n, 0))]
    return Product("float32", [(batch, (m * k, k * n, m * n))] if batch > 1 else [], rows, columns, sums)


SHARED = {
    "layer": loops_of(128, 512, 784),
    "input gradient": loops_of(128, 784, 512, (False, True)),
    "input gradient of few": loops_of(32, 784, 512, (False, True)),
    "weight gradient": loops_of(784, 512, 128, (True, False)),
    "rows in groups": loops_of(1500, 100, 400),
    "one row": loops_of(1, 1000, 700),
    "dots": loops_of(3, 300, 700, (False, True)),
    "one tile": loops_of(9, 32, 3000),
    "batches": loops_of(128, 32, 128, batch=7),
    "plain": Product("int32", [], [(40, (30, 0, 50))], [(50, (0, 1, 1))], [(30, (1, 50, 0))]),
}


def operands(product: Product) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Random numbers, as many as the loops reach; and room for the result."""
    loops = [*product.batch, *product.rows, *product.columns, *product.sums]
    sizes = [1 + sum((n - 1) * s[x] for n, s in loops) for x in range(3)]
    rng = np.random.default_rng(0)
    a, b, c = ((rng.standard_normal(n) * 9).astype(product.dtype) for n in sizes)
    return a, b, np.full_like(c, 99)


@pytest.mark.parametrize("name", SHARED)
def test_the_same_bits_for_any_number_of_threads(name: str) -> None:
    product = SHARED[name]
    a, b, alone = operands(product)
    Alone(product, sharing=False)(a, b, alone)
    shared = Alone(product)
    for threads in (1, *THREADS):
        found = np.full_like(alone, 99)
        for thread in reversed(range(threads)):
            shared(a, b, found, thread=thread, threads=threads)
        assert found.tobytes() == alone.tobytes()


def test_no_thread_writes_what_another_does() -> None:
    product = SHARED["rows in groups"]
    assert scheme_of(product).groups > 1 and scheme_of(product).blocked
    a, b, alone = operands(product)
    run = Alone(product)
    written = np.zeros(alone.shape, int)
    for thread in range(5):
        c = np.full_like(alone, np.nan)
        run(a, b, c, thread=thread, threads=5)
        written += ~np.isnan(c)
    assert (written == 1).all()


def test_real_threads() -> None:
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((200, 300), "float32"), rng.standard_normal((300, 500), "float32")
    found = []
    for threads in (1, 2, 5):
        config.set_threads(threads)
        found.append(product(x, w, contract=((1,), (0,))))
    config.set_threads(None)
    assert found[0].tobytes() == found[1].tobytes() == found[2].tobytes()
    np.testing.assert_allclose(found[0], x.astype("float64") @ w, rtol=1e-4, atol=1e-4)


SCHEMES = {
    "forward": loops_of(37, 70, 90),
    "input gradient": loops_of(37, 70, 90, (False, True)),
    "weight gradient": loops_of(70, 37, 90, (True, False)),
    "both turned": loops_of(37, 70, 20, (True, True)),
    "scattered": Product("float32", [], [(20, (1100, 0, 120))], [(40, (0, 1, 3))], [(1100, (1, 40, 0))]),
    "pixels": Product("float32", [], [(3, (60, 0, 350)), (5, (10, 0, 70)), (7, (1, 0, 10))], [(10, (0, 1, 1))],
                      [(2, (10, 30, 0)), (3, (1, 10, 0))]),
    "kernel gradient": Product("float32", [], [(5, (1, 0, 54)), (2, (50, 0, 27)), (3, (5, 0, 9))], [(9, (0, 1, 1))],
                               [(4, (10, 18, 0)), (2, (200, 72, 0)), (2, (5, 9, 0))]),
}  # fmt: skip


@pytest.mark.parametrize("name", SCHEMES)
def test_every_scheme_computes_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not only the one that is chosen here: another machine may choose another one."""
    product = SCHEMES[name]
    a, b, expected = (x.round() for x in operands(product))  # sums are exact
    plain(product, a, b, expected)
    found = list(schemes_of(4, *(tuple(part) for part in (product.batch, product.rows, product.columns, product.sums))))
    assert len(found) > 5 and scheme_of(product) in found
    for scheme in found[:: max(1, len(found) // 12)]:
        for module in ("tiles", "contraction"):
            monkeypatch.setattr(f"chainrule.executors.native.{module}.scheme_of", lambda p, scheme=scheme: scheme)
        c = np.full_like(expected, 99)
        Alone(product)(a, b, c)
        np.testing.assert_array_equal(c, expected, err_msg=str(scheme))


class TestFinish:
    """Bias, a factor for each row, a mask, a transposed operand, one number; two results."""

    DTYPES = ("float32", "float32", "bool", "float32", "float32")

    @staticmethod
    def product(m: int, n: int, k: int, turned: tuple[bool, bool]) -> Product:
        rows = [(m, (1 if turned[0] else k, 0, n, 0, 1, n, 1, 0))]
        columns = [(n, (0, k if turned[1] else 1, 1, 1, 0, 1, m, 0))]
        sums = [(k, (m if turned[0] else 1, 1 if turned[1] else n, *[0] * 6))]
        return Product("float32", [], rows, columns, sums, (0, 0, 2, 0, 0, 0, 0))

    @classmethod
    def finish(cls, c: str, positive: str, *reads: str) -> Finish:
        def compute(value: Value, others: Sequence[Value]) -> list[Value]:
            bias, factor, mask, matrix, number = others
            result = mask.where((value + bias) * factor, matrix * number - value)
            return [result, result.compare("gt", 0)]

        return Finish(list(zip(reads, cls.DTYPES, strict=True)), [(c, "float32"), (positive, "bool")], compute)

    @pytest.mark.parametrize("turned", [(False, False), (False, True), (True, False), (True, True)])
    @pytest.mark.parametrize("shape", [(37, 70, 90), (32, 64, 20), (40, 100, 800), (1, 50, 30), (3, 40, 300)], ids=str)
    def test_elementwise_work(self, shape: tuple[int, int, int], turned: tuple[bool, bool]) -> None:
        m, n, k = shape
        product, rng = self.product(m, n, k, turned), np.random.default_rng(0)
        whole = lambda *shape: rng.integers(-5, 6, shape).astype("float32")  # noqa: E731
        a, b, bias, factor, matrix, number = whole(m, k), whole(k, n), whole(n + 2), whole(m), whole(n, m), whole(1)
        mask = rng.integers(0, 2, (m, n)).astype(bool)
        c, positive = np.full((m, n), 99, "float32"), np.zeros((m, n), bool)
        x, w = (np.ascontiguousarray(v.T) if t else v for v, t in zip((a, b), turned, strict=True))
        run = Alone(product, others=6, finish=self.finish)
        for thread in range(3):
            run(x, w, c, positive, bias, factor, mask, matrix, number, thread=thread, threads=3)
        expected = np.where(mask, (a @ b + bias[2:]) * factor[:, None], matrix.T * number - a @ b)
        np.testing.assert_array_equal(c, expected)
        np.testing.assert_array_equal(positive, expected > 0)


def plain(product: Product, a: np.ndarray, b: np.ndarray, c: np.ndarray) -> None:
    """The loops as they are written."""
    outer, sums = [*product.batch, *product.rows, *product.columns], product.sums
    along = lambda loops, x: sum(np.ix_(*(np.arange(n) * s[x] for n, s in loops)))  # noqa: E731
    left = a[along([*outer, *sums], 0)].astype("float64")
    right = b[along([*outer, *sums], 1)].astype("float64")
    c[along(outer, 2)] = (left * right).sum(axis=tuple(range(len(outer), left.ndim)))
