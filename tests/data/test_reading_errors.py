"""Bad input gets an error that says where, what was expected, what came, and what to do."""

from __future__ import annotations

import gzip
import os
import zipfile

import pytest

from chainrule.data import read_table
from chainrule.data.frames import table_of
from chainrule.errors import ArgumentError, ChainruleError, DataError, FileError


def message(tmp_path, content, name="t.csv", error=DataError, **arguments):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(error) as caught:
        read_table(path, **arguments)
    assert isinstance(caught.value, ChainruleError)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_a_missing_file_names_its_neighbour(tmp_path):
    (tmp_path / "titanic.csv").write_text("a,b\n1,2\n")
    with pytest.raises(FileError, match=r"titanc\.csv: no such file\. Did you mean 'titanic\.csv'\?"):
        read_table(tmp_path / "titanc.csv")
    with pytest.raises(OSError, match=r"the folder '.*nowhere' does not exist"):
        read_table(tmp_path / "nowhere" / "t.csv")


def test_a_folder(tmp_path):
    (tmp_path / "a.csv").write_text("a\n1\n")
    with pytest.raises(FileError, match=r"expected a file, got a folder\. Name one of its files: 'a\.csv'"):
        read_table(tmp_path)


@pytest.mark.skipif(os.name == "nt" or getattr(os, "geteuid", lambda: 0)() == 0, reason="root may read everything")
def test_an_unreadable_file(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a\n1\n")
    path.chmod(0)
    with pytest.raises(FileError, match="permissions"):
        read_table(path)


@pytest.mark.parametrize("content", ["", "\n\n  \n", "\ufeff"])
def test_an_empty_file(tmp_path, content):
    assert "the file is empty" in message(tmp_path, content)


def test_a_header_only(tmp_path):
    assert "has a header (2 names) and no rows" in message(tmp_path, "age,label\n")


def test_uneven_rows_name_the_line(tmp_path):
    text = message(tmp_path, "a,b,c\n1,2,3\n\n4,5\n6,7,8\n")
    assert "line 4: expected 3 cells, as the header names; got 2" in text
    assert "'4,5'" in text
    text = message(tmp_path, "1,2,3\n4,5,6\n7,8,9,10\n")
    assert "line 3: expected 3 cells, as most rows have; got 4" in text
    text = message(tmp_path, "1,2\n1,2,3\n4,5,6\n7,8,9\n")
    assert "line 1: expected 3 cells" in text
    text = message(tmp_path, 'a,b\n1,2\n"x\ny",3,4\n')
    assert "line 3: expected 2 cells" in text
    assert "runs on to line 4" in text


def test_an_uneven_row_far_down(tmp_path):
    rows = ["a,b"] + [f"{i},{i}" for i in range(5000)] + ["1,2,3"]
    assert "line 5002: expected 2 cells" in message(tmp_path, "\n".join(rows))


def test_bytes_of_another_encoding(tmp_path):
    text = message(tmp_path, b"name,x\nAnna,1\nJos\xe9,2\n")
    assert "line 3, byte 4: the byte 0xe9 is not UTF-8" in text
    assert "--encoding latin-1" in text
    far = b"name,x\n" + b"Anna,1\n" * 40_000 + b"Jos\xe9,2\n"
    assert "line 40002, byte 4" in message(tmp_path, far)
    assert "line 40002, byte 4" in message(tmp_path, gzip.compress(far))


def test_an_unknown_encoding(tmp_path):
    (tmp_path / "t.csv").write_text("a\n1\n")
    with pytest.raises(ArgumentError, match="'latin-2000' is not known"):
        read_table(tmp_path / "t.csv", encoding="latin-2000")


def test_duplicate_names_of_a_frame():
    pandas = pytest.importorskip("pandas")
    with pytest.raises(DataError, match=r"'age' occurs twice \(columns 1 and 3\)"):
        table_of(pandas.DataFrame([[1, 2, 3]], columns=["age", "sex", "age"]))


def test_nul_bytes(tmp_path):
    assert "line 3: a NUL byte at character 2" in message(tmp_path, b"a,b\n1,2\n3\x00,4\n")
    assert "utf-16-le" in message(tmp_path, "a,b\n1,2\n".encode("utf-16-le"))
    assert "utf-16-le" in message(tmp_path, "a,b\nü,2\n".encode("utf-16-le"))


def test_a_quote_that_never_closes(tmp_path):
    text = message(tmp_path, 'a,b\n1,2\n3,"four\n5,6\n7,8,9\n')
    assert 'line 3: a quote (") opens in this row and is not closed' in text
    long = 'a,b\n1,2\n3,"four\n' + "5,6\n" * 100_000 + "7,8,9\n"
    assert "line 3: a quote" in message(tmp_path, long)


def test_other_kinds_of_files(tmp_path):
    with zipfile.ZipFile(tmp_path / "text.docx", "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("word/document.xml", "<x/>")
    assert "save the sheet as CSV" in message(tmp_path, (tmp_path / "text.docx").read_bytes())
    assert "zstd -d" in message(tmp_path, b"\x28\xb5\x2f\xfd1234")
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a.csv", "a\n1\n")
        archive.writestr("b.csv", "a\n1\n")
    text = message(tmp_path, (tmp_path / "two.zip").read_bytes())
    assert "expected a zip archive with one file; got 2: 'a.csv', 'b.csv'" in text


def test_damaged_archives(tmp_path):
    whole = gzip.compress(b"a,b\n" + os.urandom(3000).hex().encode() + b",2\n")
    assert "damaged or incomplete" in message(tmp_path, whole[:-100], error=FileError)
    broken = bytearray(whole)
    broken[40:60] = bytes(20)
    assert "damaged or incomplete" in message(tmp_path, bytes(broken), error=FileError)
    assert "damaged or incomplete" in message(tmp_path, b"PK\x03\x04 and no archive", error=FileError)


def test_errors_are_what_users_of_python_catch(tmp_path):
    message(tmp_path, "", error=ValueError)
    with pytest.raises(OSError):
        read_table(tmp_path / "absent.csv")
