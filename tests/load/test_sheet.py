"""Rows come out of tabs, commas and workbooks with their numbers, and what is damaged says so."""

from __future__ import annotations

import zipfile

import pytest
from hypothesis import given, settings, strategies as st

from adapter.load.sheet import Column, SheetError, read_columns, read_sheet
from tests.licensed import workbook

COLUMNS = (Column("code", ("code", "hcpcs/cpt code")), Column("to", ("to",), required=False))
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'


def write(path, text):
    path.write_bytes(text.encode())
    return path


def test_tabs_and_commas_give_the_same_rows(tmp_path):
    tabs = list(read_sheet(write(tmp_path / "a.txt", "a\tb\r\n\r\n1\t\r\n")))
    commas = list(read_sheet(write(tmp_path / "a.csv", "a,b\r\n\r\n1,\r\n")))
    assert tabs == [(1, ["a", "b"]), (2, [""]), (3, ["1", ""])]
    assert [row for row in commas if row[1]] == [(1, ["a", "b"]), (3, ["1", ""])]


def test_a_byte_order_mark_is_no_part_of_the_first_cell(tmp_path):
    assert next(read_sheet(write(tmp_path / "a.csv", "\ufeffcode,to\n"))) == (1, ["code", "to"])


def test_a_row_that_runs_over_lines_is_known_by_its_last(tmp_path):
    assert list(read_sheet(write(tmp_path / "a.csv", '"a\nb",c\nd,e\n'))) == [(2, ["a\nb", "c"]), (3, ["d", "e"])]


def test_columns_are_found_by_their_heading_below_titles_in_any_order(tmp_path):
    path = write(tmp_path / "a.csv", '"A title,\nover two lines",\nTo,"HCPCS/\nCPT Code"\n2026,96522\n,\n,99213\n')
    assert list(read_columns(path, COLUMNS)) == [(5, {"code": "96522", "to": "2026"}), (7, {"code": "99213", "to": ""})]


@pytest.mark.parametrize("text", ["", "to\n2026\n", "x\n" * 100 + "code\n96522\n"])
def test_a_file_without_its_heading_is_refused(tmp_path, text):
    with pytest.raises(SheetError, match="a row with the columns code was expected"):
        list(read_columns(write(tmp_path / "a.csv", text), COLUMNS))


def test_a_workbook_gives_texts_numbers_and_empty_cells_at_their_places(tmp_path):
    workbook(tmp_path / "a.xlsx", [("Code & more", None, "to"), (96522, None, 20260101), (None, None, None)])
    assert list(read_sheet(tmp_path / "a.xlsx")) == [(1, ["Code & more", "", "to"]), (2, ["96522", "", "20260101"]), (3, [])]


def parts(path, **texts):
    with zipfile.ZipFile(path, "w") as book:
        for name, text in texts.items():
            book.writestr({"sheet": "xl/worksheets/sheet1.xml", "shared": "xl/sharedStrings.xml"}[name], text)
    return path


def test_a_cell_with_its_text_in_place_is_read(tmp_path):
    path = parts(tmp_path / "a.xlsx", sheet=SHEET.format('<row><c t="inlineStr"><is><t>96522</t></is></c><c><v>1</v></c></row>'))
    assert list(read_sheet(path)) == [(1, ["96522", "1"])]


@pytest.mark.parametrize("sheet", [
    "", "<worksheet", SHEET.format('<row r="x"/>'), SHEET.format('<row><c t="s"><v>5</v></c></row>'), SHEET.format('<row><c t="s"><v>x</v></c></row>'),
    '<!DOCTYPE x [<!ENTITY a "aaaa">]>' + SHEET.format("<row><c><v>&a;</v></c></row>"),
])
def test_a_damaged_workbook_is_refused(tmp_path, sheet):
    with pytest.raises(SheetError, match="not readable as a workbook"):
        list(read_sheet(parts(tmp_path / "a.xlsx", sheet=sheet)))


def test_a_workbook_without_a_sheet_and_a_file_that_is_no_workbook_are_refused(tmp_path):
    for path in (parts(tmp_path / "a.xlsx", shared=SHEET), write(tmp_path / "b.xlsx", "code\n")):
        with pytest.raises(SheetError, match="not readable as a workbook"):
            list(read_sheet(path))


@pytest.mark.long
@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(st.one_of(st.none(), st.integers(0, 10**9), st.text("ab<&>é ", max_size=5).filter(bool)), max_size=6), max_size=5))
def test_what_a_workbook_was_written_with_comes_back(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("book") / "a.xlsx"
    workbook(path, [["" if cell is None else cell for cell in row] for row in rows])
    assert [row for _, row in read_sheet(path)] == [["" if cell is None else str(cell) for cell in row] for row in rows]
