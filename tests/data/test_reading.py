from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile

import numpy as np
import pytest

from chainrule.data import NumberColumn, TextColumn, read_table
from chainrule.data.collecting import ColumnCollector
from chainrule.errors import ArgumentError, DataError
from tests.data.shared import shared


@pytest.fixture
def write(tmp_path):
    def to_file(text, name="t.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return to_file


def cells(table):
    return [[column.text(row) for column in table.columns] for row in range(len(table))]


def test_a_plain_file(write):
    table = read_table(write("age,sex\n22,m\n35,f\n"))
    assert table.names == ["age", "sex"]
    assert table.header
    assert cells(table) == [["22", "m"], ["35", "f"]]
    assert table.column("age").numbers().tolist() == [22, 35]
    assert table.lines.tolist() == [2, 3]


def test_without_header_columns_are_numbered(write):
    table = read_table(write("6,148,1\n1,85,0\n"))
    assert (table.names, table.header, len(table)) == (["column_1", "column_2", "column_3"], False, 2)
    assert "no header" in table.notes[0]


def test_the_header_can_be_decided_by_the_caller(write):
    path = write("a,b\nc,d\n")
    assert len(read_table(path, header=False)) == 2
    assert read_table(write("1,2\n3,4\n"), header=True).names == ["1", "2"]
    with pytest.raises(ArgumentError, match="header"):
        read_table(path, header="perhaps")


def test_names_known_from_training_keep_a_small_file_whole(write):
    path = write("red,round\nblue,square\n")
    assert len(read_table(path)) == 1
    assert len(read_table(path, known_names=["column_1", "column_2", "column_3"])) == 2


@pytest.mark.parametrize("separator", ["\t", ";", "|", "  "])
def test_other_separators(write, separator):
    table = read_table(write(f"a{separator}b\n1.5{separator}x\n2{separator}y\n"))
    assert cells(table) == [["1.5", "x"], ["2", "y"]]


def test_decimal_commas(write):
    table = read_table(write("a;b\n1,5;x,y\n2,25;z\n"))
    assert table.column("a").numbers().tolist() == [1.5, 2.25]
    assert table.column("b").text(0) == "x,y"


def test_byte_order_marks_line_ends_and_blank_lines(write):
    assert read_table(write("\ufeffa,b\r\n1,2\r\n\r\n3,4", encoding="utf-8")).names == ["a", "b"]
    table = read_table(write("a,b\r1,2\r3,4\r"))
    assert cells(table) == [["1", "2"], ["3", "4"]]
    table = read_table(write("a,b\n\n1,2\n\n\n3,4\n\n"))
    assert table.lines.tolist() == [3, 6]
    assert cells(read_table(write("a,b\nä,2\n", encoding="utf-16"))) == [["ä", "2"]]


def test_quotes(write):
    table = read_table(write('a,b\n"x, y","say ""hi"""\n"two\nlines",z\n5\'10" tall,w\n'))
    assert cells(table) == [["x, y", 'say "hi"'], ["two\nlines", "z"], ["5'10\" tall", "w"]]
    assert table.lines.tolist() == [2, 3, 5]
    assert "several lines: 1, the first from line 3" in table.notes[1]
    table = read_table(write("'a','b,c','1'\n'd',nan,'2'\n"))
    assert cells(table) == [["a", "b,c", "1"], ["d", "nan", "2"]]


def test_cells_are_stripped_of_spaces(write):
    table = read_table(write("a,b\n 1 , x\n2,x \n"))
    assert cells(table) == [["1", "x"], ["2", "x"]]
    assert table.column("b").factor()[1] == ["x"]


def test_empty_names_get_one(write):
    assert read_table(write(",a,\n0,1,2\n1,3,4\n")).names == ["column_1", "a", "column_3"]


def test_other_encodings_are_named(write):
    path = write("name,x\nJosé,1\n", encoding="latin-1")
    assert read_table(path, encoding="latin-1").column("name").text(0) == "José"
    path = write("名,x\n张,1\n", encoding="gb18030")
    assert read_table(path, encoding="gb18030").names == ["名", "x"]


@pytest.mark.parametrize(("name", "pack"), [("g", gzip.compress), ("b", bz2.compress), ("x", lzma.compress)])
def test_compression_is_seen_in_the_bytes(write, name, pack):
    table = read_table(write(pack(b"a,b\n1,2\n"), name))
    assert cells(table) == [["1", "2"]]


def test_a_zip_archive_with_one_member(tmp_path):
    path = tmp_path / "t.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("folder/", "")
        archive.writestr("folder/t.csv", "a,b\n1,2\n")
        archive.writestr("__MACOSX/t.csv", "junk")
    assert cells(read_table(path)) == [["1", "2"]]


def test_a_gz_name_on_plain_text_is_no_obstacle(write):
    assert len(read_table(write("a,b\n1,2\n", "t.csv.gz"))) == 1


def test_a_column_of_one_cell_a_row(write):
    assert cells(read_table(write("name\nAnn\nBob\n"))) == [["Ann"], ["Bob"]]


def test_many_numbers_become_floats_and_keep_odd_cells(write):
    rows = [f"{i + 0.5},{'abc' if i == 11_000 else ''}{i},{'' if i % 2 else i}" for i in range(12_000)]
    table = read_table(write("x,y,z\n" + "\n".join(rows) + "\n"))
    assert isinstance(table.column("x"), NumberColumn)
    assert table.column("x").numbers()[7] == 7.5
    assert table.column("y").odd_rows().tolist() == [11_000]
    assert table.column("y").text(11_000) == "abc11000"
    assert isinstance(table.column("z"), TextColumn)
    assert np.isnan(table.column("z").numbers()).sum() == 6000


def test_a_collector_that_switches_loses_nothing():
    cells_in = [[str(i), "?", "inf", "1_0", "x"] for i in range(50)]
    collector, exact = ColumnCollector("c", most_texts=20), ColumnCollector("c")
    for chunk in cells_in:
        collector.append(chunk)
        exact.append(chunk)
    switched, kept = collector.finish(), exact.finish()
    assert isinstance(kept, TextColumn)
    np.testing.assert_array_equal(switched.numbers(), kept.numbers())
    np.testing.assert_array_equal(switched.odd_rows(), kept.odd_rows())
    assert [switched.text(r) for r in switched.odd_rows()] == [kept.text(r) for r in kept.odd_rows()]


def test_a_collector_of_numbers_switches_and_one_of_texts_does_not():
    numbers, texts = ColumnCollector("n", most_texts=20), ColumnCollector("t", most_texts=20)
    for i in range(30):
        numbers.append([f"{i}.5", "NA" if i == 25 else "7", "abc" if i == 28 else "1e3"])
        texts.append([f"id{i}", f"{i}"])
    column = numbers.finish()
    assert isinstance(column, NumberColumn)
    assert (len(column), column.odd_rows().tolist(), column.text(86)) == (90, [86], "abc")
    assert np.isnan(column.numbers()[[76, 86]]).all()
    assert isinstance(texts.finish(), TextColumn)


def test_a_million_categories_stay_small(tmp_path):
    import tracemalloc

    path = tmp_path / "t.csv"
    with open(path, "w") as file:
        file.write("id,y\n")
        file.writelines(f"user{i},1\n" for i in range(100_000))
    tracemalloc.start()
    table = read_table(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(table) == 100_000
    assert peak / 100_000 < 400  # bytes a row: the text, its place in the index, a code, a line number


STRAY = 'ham\t"Oh, he said\nspam\tcall 5" now\nham\tbye" then\nham\tyes\n' * 3


def test_stray_quotes_do_not_join_rows(tmp_path):
    (tmp_path / "t.tsv").write_text(STRAY)
    table = read_table(tmp_path / "t.tsv")
    assert len(table) == 12
    assert table.column("column_2").text(0) == '"Oh, he said'
    assert "quotes are taken for ordinary signs: the row of line 1 would run over" in table.notes[1]


def test_cells_of_several_lines_stay_whole(tmp_path):
    (tmp_path / "t.csv").write_text('a,b\n"one\ntwo",x\nthree,y\n')
    table = read_table(tmp_path / "t.csv")
    assert (len(table), table.column("a").text(0)) == (2, "one\ntwo")
    (tmp_path / "t.csv").write_text('a,b\n"one,1\ntwo,2 ",x\nthree,y\n')  # a line of three cells without quotes
    assert len(read_table(tmp_path / "t.csv")) == 2


def test_text_messages_one_a_line():
    table = read_table(shared("sms_spam/sms.tsv.gz"))
    labels = table.column("column_1")
    assert (len(table), sum(labels.text(i) == "spam" for i in range(len(table)))) == (5574, 747)



def test_names_that_occur_several_times_are_numbered(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("x,call,x,x_2,call\n1,a,2,3,b\n4,a,5,6,b\n")
    table = read_table(path)
    assert table.names == ["x", "call", "x_3", "x_2", "call_2"]
    assert "column names that occur several times were numbered: 'x_3', 'call_2'" in table.notes


def test_a_title_above_the_table_is_not_read(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("# exported 2024-01-01\nReport\n\na,b\n1,x\n2,y\n3,z\n")
    table = read_table(path)
    assert table.names == ["a", "b"] and table.column("a").numbers().tolist() == [1, 2, 3]
    assert table.lines.tolist() == [5, 6, 7]
    assert "the first 2 lines are taken for a title and not read" in table.notes


def test_rows_that_all_end_in_a_separator_have_an_empty_column_more(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,x,\n2,y,\n")
    assert read_table(path).names == ["a", "b", "column_3"]
    path.write_text("a,b\n1,x,\n2,y,7\n")
    with pytest.raises(DataError, match="line 2: expected 2 cells"):
        read_table(path)
