"""The fast way to read text tables means exactly what the slow one means, or steps aside."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.data import TextColumn, fast_csv, read_table, reading
from chainrule.errors import DataError
from tests.data.shared import shared

pytest.importorskip("pyarrow")


@pytest.fixture
def both(monkeypatch):
    """The table by the fast way, by the slow way, and whether the fast way was taken."""
    monkeypatch.setattr(fast_csv, "_SHORTEST", 1)
    fast = reading._Reader._collect_fast
    taken = []

    def watched(reader):
        taken.append(fast(reader))
        return taken[-1]

    def read(path, **options):
        monkeypatch.setattr(reading._Reader, "_collect_fast", watched)
        first = read_table(path, **options)
        monkeypatch.setattr(reading._Reader, "_collect_fast", lambda reader: False)
        return first, read_table(path, **options), taken.pop()

    return read


def same(first, second) -> None:
    assert (first.names, first.notes, first.header) == (second.names, second.notes, second.header)
    np.testing.assert_array_equal(first.lines, second.lines)
    for a, b in zip(first.columns, second.columns, strict=True):
        assert type(a) is type(b)
        if isinstance(a, TextColumn):
            assert a.levels == b.levels
            np.testing.assert_array_equal(a.codes, b.codes)
        else:
            np.testing.assert_array_equal(a.values, b.values)
            assert dict(a.odd) == dict(b.odd)


PLAIN = [
    "a,b\n1,x\n2,y\n",
    "1,x\n2,y\n3,x",
    'a,b\n"1, one",x\n" two ",y\n',
    "a;b\r\n1; x\r\n2;y \r\n",
    "a\tb\n\tNA\n?\t-\n",
    "a,b\nä,雪\n,\n",
    "a,b\n1e5,+7\n.5,5.\n0x10,1_0\ninf,nan\n",
    "a,b\n'x',y\n'z','w'\n",
]
UNUSUAL = [
    'a,b\n"one\ntwo",x\nthree,y\n',
    'a,b\n"say ""no""",x\nz,y\n',
    'a,b\n5" pipe,x\n6" pipe,y\n',
    'a,b\n1, "x"\n2, "y"\n',
    "a,b\n\n1,x\n2,y\n",
    "a,b\r1,x\r2,y\r",
    "a b\n1 2\n3 4\n",
    "a;b\n1,5;2\n2,5;3\n",
]


@pytest.mark.parametrize("text", PLAIN)
def test_plain_files_take_the_fast_way(both, tmp_path, text):
    (tmp_path / "t.csv").write_bytes(text.encode())
    first, second, taken = both(tmp_path / "t.csv")
    assert taken
    same(first, second)


@pytest.mark.parametrize("text", UNUSUAL)
def test_unusual_files_take_the_slow_way(both, tmp_path, text):
    (tmp_path / "t.csv").write_bytes(text.encode())
    first, second, taken = both(tmp_path / "t.csv")
    assert not taken
    same(first, second)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"a,b\n1,2\n3\n", "line 3: expected 2 cells"), (b"a,b\n1,\xe9\n2,3\n", "line 2, byte 3: the byte 0xe9"),
     (b"a,b\n1,\0\n2,3\n", "line 2: a NUL byte")],
)  # fmt: skip
def test_errors_name_the_line_all_the_same(tmp_path, monkeypatch, content, message):
    monkeypatch.setattr(fast_csv, "_SHORTEST", 1)
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_table(tmp_path / "t.csv")


def test_columns_that_become_numbers_on_the_way(both, tmp_path, monkeypatch):
    """Many different numbers, with texts among them, in chunks of 64 rows."""
    monkeypatch.setattr(reading, "_CELLS_PER_CHUNK", 1)
    g = np.random.default_rng(0)
    cells = [f"{v:.9g}" for v in g.normal(size=12_000)]
    cells[500], cells[11_000], cells[11_500], cells[11_900] = "abc", "NA", "inf", " 7 "
    (tmp_path / "t.csv").write_text("x,y\n" + "".join(f"{c},{i % 7}\n" for i, c in enumerate(cells)))
    first, second, taken = both(tmp_path / "t.csv")
    assert taken
    same(first, second)
    assert dict(first.column("x").odd) == {500: "abc", 11_500: "inf"}


@pytest.mark.parametrize(
    "path",
    ["adult/adult-train.csv.gz", "bank_marketing/bank-additional-full.csv.gz", "shuttle/shuttle.tsv.gz",
     "california_housing/housing.csv.gz", "higgs_small/binary.train.gz", "movielens_100k/u.data.gz",
     "sms_spam/sms.tsv.gz", "breast_cancer_ljubljana/breast-cancer.csv"],
)  # fmt: skip
def test_real_tables(both, path):
    first, second, _ = both(shared(path))
    same(first, second)
