"""What a customer brings under licence: known by its name, read line by line, refused with file and line where it is wrong."""

from __future__ import annotations

from datetime import date

import pytest

from adapter.load import TableError, data_folder, load_tables
from adapter.load.brought import KINDS, read_day
from tests.licensed import FILES, PTP_NAME, hcpcs_line, order_line, ptp, workbook, write_files

DAY = date(2026, 3, 2)
MUE_NAME, MUE_OF_HOSPITAL = "MCR_MUE_PractitionerServices_Eff_10-01-2025.csv", "MCR_MUE_OutpatientHospitalServices_Eff_10-01-2025.csv"
MUE_HEAD = "HCPCS/CPT Code,Outpatient Hospital Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n"
FEES = "code,charge,from,to\n"


def load(folder, files=FILES):
    return load_tables(data_folder("mappings"), write_files(folder, files))


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    return load(tmp_path_factory.mktemp("own"))


def same_day(tables, code, kind="practice", day=DAY):
    return tables.one("same-day", day, code=code, kind=kind)


def test_each_file_is_told_with_its_edition_and_the_lines_that_count(tables):
    told = {one.file: (one.kind, one.edition, one.lines, one.used) for one in tables.files}
    assert told == {
        PTP_NAME: ("ncci-ptp-practitioner", "v320r0", 12, 10), "ccioph-v320r0-f1.txt": ("ncci-ptp-hospital", "v320r0", 2, 2),
        MUE_NAME: ("ncci-mue-practitioner", "2025-10-01", 3, 2), "fee-schedule-2026.csv": ("fee-schedule", "fee-schedule-2026", 4, 3),
        "icd10cm_order_2026.txt": ("icd10cm", "2025-10-01", 8, 8), "HCPC2026_JAN_ANWEB.txt": ("hcpcs", "2026-01-01", 4, 2),
        "cpt-2026.csv": ("cpt", "2026-01-01", 2, 2), "carc-2026-03-01.csv": ("carc", "2026-03-01", 2, 2), "rarc.csv": ("rarc", "undated", 2, 2),
    }


@pytest.mark.parametrize(("code", "kind", "then"), [
    ("99211", "practice", {"relation": "drop", "indicator": "0"}), ("99211", "asc", {"relation": "drop", "indicator": "0"}),
    ("99211", "hospital", {"relation": "visit", "indicator": "1"}), ("99213", "practice", {"relation": "visit", "indicator": "1"}),
    ("77412", "practice", {"relation": "separate", "indicator": "1"}), ("88888", "practice", {"relation": "drop", "indicator": "0"}),
    ("96416", "practice", {"relation": "absorbs", "separable": False, "indicator": "0"}),
    ("12345", "practice", {"relation": "absorbs", "separable": True, "indicator": "1"}),
    ("36591", "hospital", {"relation": "drop", "indicator": "0"}),
])
def test_a_pair_of_the_refill_means_what_its_indicator_says_and_names_its_line(tables, code, kind, then):
    row = same_day(tables, code, kind)
    assert (row.own, dict(row.then)) == (True, then)
    setting, file = ("hospital", "ccioph") if kind == "hospital" else ("practitioner", "ccipra")
    assert row.source.shown.startswith(f"CMS NCCI procedure-to-procedure edits, {setting}, edition v320r0, line ")
    assert f"({file}-v320r0-f1.txt, read " in row.source.shown


def test_the_line_that_is_named_is_that_of_the_pair(tables):
    number = int(same_day(tables, "12345").source.title.rpartition(" ")[2])
    assert FILES[PTP_NAME].splitlines()[number - 1].startswith("12345\t96522")


def test_a_pair_that_was_deleted_bars_until_that_day_and_not_after_it(tables):
    assert same_day(tables, "95990", day=date(2025, 12, 31)).then == {"relation": "second", "pair": True, "indicator": "1"}
    assert same_day(tables, "95990", day=date(2026, 1, 1)).then == {"relation": "second", "pair": False}
    assert same_day(tables, "99215", day=date(2025, 12, 31)).text("relation") == "visit"
    assert same_day(tables, "99215", day=date(2026, 1, 1)).text("relation") == "beside"


def test_before_its_day_a_pair_leaves_the_shipped_row_as_it_is(tables):
    assert same_day(tables, "36591", "hospital", date(2025, 12, 31)).id == "same-day-blood-draw-hospital"


def test_a_pair_that_never_was_in_force_and_pairs_of_strangers_are_let_go(tables):
    assert same_day(tables, "36593").id == "same-day-beside"
    assert same_day(tables, "22222") is None


def test_pairs_of_two_other_services_are_kept_beside_the_shipped_ones(tables):
    assert tables.one("pair", DAY, column_1="36593", column_2="76942", kind="practice").then == {"indicator": "1"}
    assert tables.one("pair", DAY, column_1="36593", column_2="76942", kind="hospital") is None
    assert tables.one("pair", DAY, column_1="62370", column_2="95990", kind="practice").own
    assert tables.one("pair", DAY, column_1="62370", column_2="95990", kind="hospital").id == "pair-reprogrammed-refill"


def test_unit_limits_win_from_the_day_of_their_edition(tables):
    row = tables.one("unit-limit", DAY, code="J9200", kind="practice")
    assert (row.then, row.source.title) == ({"most": "7", "mai": "3"}, "CMS NCCI medically unlikely edits, practitioner, edition 2025-10-01, line 5")
    assert tables.one("unit-limit", date(2025, 9, 30), code="J9200", kind="practice").text("most") == "5"
    assert tables.one("unit-limit", DAY, code="J9200", kind="hospital").text("most") == "20"


def test_an_edition_holds_until_the_next_one(tmp_path):
    text = FILES[MUE_NAME]
    tables = load(tmp_path, {MUE_NAME: text, MUE_NAME.replace("10-01-2025", "01-01-2026"): text.replace("J9200,7", "J9200,8")})
    most = [tables.one("unit-limit", day, code="J9200", kind="asc").text("most") for day in (date(2025, 12, 31), date(2026, 1, 1))]
    assert most == ["7", "8"]


def test_charges_stand_by_their_days_and_only_for_what_can_be_billed(tables):
    charges = [tables.one("fee", day, code="62368").text("charge") for day in (date(2026, 6, 30), date(2026, 7, 1))]
    assert charges == ["88.50", "90.00"]
    assert tables.one("fee", DAY, code="11111") is None
    assert tables.one("fee", DAY, code="96522").source.title == "Fee schedule fee-schedule-2026, line 2"


@pytest.mark.parametrize(("name", "code", "day", "billable"), [
    ("icd10cm", "C787", DAY, True), ("icd10cm", "C78", DAY, False), ("icd10cm", "G35", DAY, False), ("icd10cm", "C999", DAY, None),
    ("hcpcs", "J3285", date(2026, 1, 31), True), ("hcpcs", "J3285", date(2026, 2, 1), False), ("hcpcs", "J9200", DAY, True), ("cpt", "96522", DAY, True),
])
def test_a_list_tells_what_may_be_billed_on_a_day(tables, name, code, day, billable):
    listed = tables.edition(name, day).find(code, day)
    assert (listed.is_billable if listed else None) == billable


@pytest.mark.parametrize(("name", "first", "last"), [
    ("icd10cm", date(2025, 10, 1), date(2026, 9, 30)), ("hcpcs", date(2026, 1, 1), date(2026, 12, 31)), ("cpt", date(2026, 1, 1), date(2026, 12, 31)),
])
def test_a_list_says_nothing_outside_its_days(tables, name, first, last):
    edition = tables.edition(name, first)
    assert edition is not None
    assert tables.edition(name, last) is edition
    assert tables.edition(name, first.replace(year=first.year - 1)) is None
    assert tables.edition(name, last.replace(year=last.year + 1)) is None
    assert tables.edition(name, None) is None


def test_an_edition_of_april_takes_over_in_april(tmp_path):
    files = {"icd10cm_order_2026.txt": order_line(1, "C787", "1"), "icd10cm-order-April-2026.txt": order_line(1, "C788", "1")}
    tables = load(tmp_path, files)
    assert [list(tables.edition("icd10cm", day).lines) for day in (date(2026, 3, 31), date(2026, 4, 1))] == [["C787"], ["C788"]]
    assert tables.edition("icd10cm", date(2026, 9, 30)) is not None
    assert tables.edition("icd10cm", date(2026, 10, 1)) is None


def test_texts_of_denials_are_the_customer_s_and_none_is_made_up(tables):
    assert tables.text("carc", "97", DAY) == "made-up words for 97"
    assert tables.text("rarc", "M97", date(1999, 1, 1)) == "made-up words for M97"
    assert [tables.text("carc", "1", DAY), tables.text("carc", "97", date(2026, 2, 28)), load_tables(data_folder("mappings")).text("carc", "97", DAY)] == [None] * 3


def test_a_workbook_says_what_its_text_says(tmp_path):
    write_files(tmp_path, {})
    workbook(tmp_path / "ccipra-v321r0-f1.xlsx", [
        ("Made up & only codes", None), ("Column 1", "Column 2", "*=in existence", "Effective", "Deletion", "Modifier", "Rationale"),
        (96522, "99211", None, 20130101, "*", 1, "Made up"), ("C8957", 96522, None, 20130101, "*", 0, None),
    ])
    tables = load_tables(data_folder("mappings"), tmp_path)
    assert [same_day(tables, code).text("relation") for code in ("99211", "C8957")] == ["visit", "absorbs"]
    assert same_day(tables, "99211").source.title.endswith("edition v321r0, line 3")


@pytest.mark.parametrize("name", [PTP_NAME, MUE_NAME])
def test_a_notice_above_a_published_file_may_be_in_any_encoding(tmp_path, name):
    (tmp_path / name).write_bytes("\u00a9 made up \u00ae\n".encode("cp1252") + FILES[name].encode())
    assert load_tables(data_folder("mappings"), tmp_path).files[0].used == {PTP_NAME: 10, MUE_NAME: 2}[name]


def test_the_newest_edition_of_a_pair_counts_whatever_the_order_of_the_names(tmp_path):
    old, new = ptp("96522 99211 20130101 * 0"), ptp("96522 99211 20130101 20251231 0")
    tables = load(tmp_path, {"a/ccipra-v322r0-f1.txt": new, "b/ccipra-v321r0-f1.txt": old})
    assert same_day(tables, "99211").text("relation") == "beside"


def test_a_row_that_the_customer_wrote_wins_over_a_file(tmp_path):
    own = """[table]
name = "same-day"
[[row]]
id = "ours"
when = { code = "99211", kind = ["practice", "asc"] }
then = { relation = "beside" }
effective = { start = 2026-01-01 }
source = { title = "Letter", url = "https://example.org", read_on = 2026-01-01 }
"""
    assert same_day(load(tmp_path, {**FILES, "own.toml": own}), "99211").id == "ours"


FAULTS = {
    "an unknown name": ("ncci.csv", "x", ["ncci.csv", "not the name of a file that is known"]),
    "an archive": ("ccipra-v320r0.zip", "x", ["ccipra-v320r0.zip", "archive"]),
    "a PTP without edition": ("ccipra.txt", ptp("96522 99211 20130101 * 0"), ["ccipra.txt", "tells no edition"]),
    "a PTP without pairs": (PTP_NAME, ptp(), [PTP_NAME, "no pairs"]),
    "a PTP that is something else": (PTP_NAME, "x\n" * 40, [PTP_NAME, "line 26", "no pair"]),
    "a PTP line cut short": (PTP_NAME, ptp("96522 99211 20130101 * 0") + "96522\t99", [PTP_NAME, "line 7", "no pair"]),
    "a PTP code of no form": (PTP_NAME, ptp("96522 992x1 20130101 * 0"), [PTP_NAME, "line 6", "five characters"]),
    "a PTP day that is none": (PTP_NAME, ptp("96522 99211 20131301 * 0"), [PTP_NAME, "line 6", "YYYYMMDD"]),
    "a PTP deletion that is none": (PTP_NAME, ptp("96522 99211 20130101 soon 0"), [PTP_NAME, "line 6", "YYYYMMDD"]),
    "a PTP deletion before its effect": (PTP_NAME, ptp("96522 99211 20130101 20120101 0"), [PTP_NAME, "line 6", "before it takes effect"]),
    "a PTP indicator that is none": (PTP_NAME, ptp("96522 99211 20130101 * 2"), [PTP_NAME, "line 6", "0, 1 or 9"]),
    "two PTP pairs on one day": (PTP_NAME, ptp("96522 99211 20130101 * 0", "99211 96522 20140101 * 0"), [PTP_NAME, "line 7", "line 6", "in force together"]),
    "two pairs of others on one day": (PTP_NAME, ptp("62370 95990 20130101 * 0", "62370 95990 20140101 * 0"), [PTP_NAME, "line 7", "in force together"]),
    "texts in another encoding": ("carc.csv", "code,text\n97,\udcff\n", ["carc.csv", "UTF-8"]),
    "a PTP workbook that is none": ("ccipra-v320r0-f1.xlsx", "x", ["f1.xlsx", "not readable as a workbook"]),
    "an MUE without a day": ("ncci-mue-practitioner-2026.csv", FILES[MUE_NAME], ["2026.csv", "no day of effect"]),
    "an MUE without heading": (MUE_OF_HOSPITAL, "96522,1,3 x,x\n", [MUE_OF_HOSPITAL, "no heading", "hcpcs/cpt code"]),
    "an MUE without codes": (MUE_OF_HOSPITAL, MUE_HEAD, [MUE_OF_HOSPITAL, "no codes"]),
    "an MUE value in words": (MUE_OF_HOSPITAL, MUE_HEAD + "96522,one,3 x,x\n", [MUE_OF_HOSPITAL, "line 2", "whole number"]),
    "an MUE without indicator": (MUE_OF_HOSPITAL, MUE_HEAD + "96522,1,,x\n", [MUE_OF_HOSPITAL, "line 2", "indicator"]),
    "an MUE code twice": (MUE_OF_HOSPITAL, MUE_HEAD + "96522,1,3 x,x\n96522,2,3 x,x\n", [MUE_OF_HOSPITAL, "line 3", "already"]),
    "an MUE with an open quote": (MUE_OF_HOSPITAL, MUE_HEAD + '"96522,1,3 x,x\n', [MUE_OF_HOSPITAL, "comma-separated"]),
    "a fee without heading": ("fee-schedule.csv", "96522,1.00,2026-01-01\n", ["fee-schedule.csv", "no heading", "code, charge, from"]),
    "a fee schedule without fees": ("fee-schedule.csv", FEES, ["fee-schedule.csv", "no charges"]),
    "a fee of no code": ("fee-schedule.csv", FEES + "9652,1,2026-01-01,\n", ["line 2", "five characters"]),
    **{f"a fee of {fee!r}": ("fee-schedule.csv", FEES + f'96522,"{fee}",2026-01-01,\n', ["line 2", "exact amount above zero"])
       for fee in ("0", "-1", "$5", "1,000.00", "1e3", "", "NaN")},
    "a fee from no day": ("fee-schedule.csv", FEES + "96522,1,2026,\n", ["line 2", "YYYY-MM-DD"]),
    "a fee that ends before it begins": ("fee-schedule.csv", FEES + "96522,1,2026-01-02,2026-01-01\n", ["line 2", "ends before"]),
    "two fees on one day": ("fee-schedule.csv", FEES + "96522,1,2026-01-01,\n96522,2,2026-06-01,\n", ["line 3", "line 2", "already"]),
    "an order file without a year": ("icd10cm_order.txt", order_line(1, "C787", "1"), ["icd10cm_order.txt", "tells no year"]),
    "an order file without codes": ("icd10cm_order_2026.txt", "", ["icd10cm_order_2026.txt", "no codes"]),
    "an order line without flag": ("icd10cm_order_2026.txt", order_line(1, "C787", "2"), ["line 1", "position 15"]),
    "an order line with its dot": ("icd10cm_order_2026.txt", order_line(1, "C78.7", "1"), ["line 1", "positions 7 to 13"]),
    "a diagnosis twice": ("icd10cm_order_2026.txt", order_line(1, "C787", "1") * 2, ["line 2", "C787", "line 1"]),
    "a HCPCS record cut short": ("HCPC2026_JAN_ANWEB.txt", hcpcs_line("J9200", "3", "19930101")[:200], ["line 1", "320 positions"]),
    "a HCPCS day that is none": ("HCPC2026_JAN_ANWEB.txt", hcpcs_line("J9200", "3", "19931301"), ["line 1", "320 positions"]),
    "a HCPCS record of no kind": ("HCPC2026_JAN_ANWEB.txt", hcpcs_line("J9200", "5", "19930101"), ["line 1", "320 positions"]),
    "a CPT list without a year": ("cpt.csv", "code\n96522\n", ["cpt.csv", "tells no year"]),
    "a CPT code of no form": ("cpt-2026.csv", "code\nJ9200\n", ["line 2", "'J9200'"]),
    "a CPT day that is none": ("cpt-2026.csv", "code,from\n96522,soon\n", ["line 2", "from and to"]),
    "a CARC without text": ("carc.csv", "code,text\n97,\n", ["line 2", "no text"]),
    "a CARC list without texts": ("carc.csv", "code\n97\n", ["carc.csv", "no heading", "text"]),
    "a RARC of no form": ("rarc.csv", "code,text\nX1,made up\n", ["line 2", "'X1'"]),
}


@pytest.mark.long
@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_file_stops_the_start_with_its_name_and_line(tmp_path, fault):
    name, text, words = FAULTS[fault]
    (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(TableError) as error:
        load_tables(data_folder("mappings"), tmp_path)
    assert any(all(word in problem for word in (str(tmp_path), *words)) or all(word in problem for word in (name, *words)) for problem in error.value.problems), error.value.problems


PAIR = "96522\t99211\t\t20130101\t*\t0\tMade up"
HEAD = ptp()
QUIRKS = {
    "no rationale": (PTP_NAME, HEAD + PAIR.rpartition("\t")[0] + "\r\n"),
    "blanks around the cells": (PTP_NAME, HEAD + PAIR.replace("\t", " \t ") + "\r\n"),
    "cells in quotes": (PTP_NAME, HEAD + "\t".join(f'"{cell}"' for cell in PAIR.split("\t")) + "\r\n"),
    "a quote in the rationale alone": (PTP_NAME, HEAD + PAIR + ' "quoted\r\n'),
    "the mark of the end of an old file": (PTP_NAME, HEAD + PAIR + "\r\n\x1a"),
    "no end of the last line": (PTP_NAME, HEAD + PAIR),
    "text saved as Unicode by a spreadsheet": (PTP_NAME, (HEAD + PAIR + "\r\n").encode("utf-16")),
    "a byte order mark": (PTP_NAME, ("\ufeff" + HEAD + PAIR + "\r\n").encode()),
    "commas, everything in quotes": ("ccipra-v320r0-f1.csv", ",".join(f'"{cell}"' for cell in PAIR.replace("up", "up, yes").split("\t")) + "\n"),
    "an ending in capitals": ("CCIPRA-V320R0-F1.TXT", HEAD + PAIR + "\r\n"),
}


@pytest.mark.parametrize("quirk", QUIRKS)
def test_a_pair_is_read_however_the_file_writes_it(tmp_path, quirk):
    name, content = QUIRKS[quirk]
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    row = same_day(load_tables(data_folder("mappings"), tmp_path), "99211")
    assert (row.own, row.text("relation"), row.start, row.end) == (True, "drop", date(2013, 1, 1), None)


@pytest.mark.parametrize(("before", "effective", "deletion", "days"), [
    ("*", "19960101", "*", (date(1996, 1, 1), None)), ("*", "", "*", (date(1996, 1, 1), None)), ("", "20130101", "", (date(2013, 1, 1), None)),
    ("", "20130101", "20251231", (date(2013, 1, 1), date(2025, 12, 31))), ("", "20991231", "*", (date(2099, 12, 31), None)), ("", "20130101", "20130101", None),
])
def test_the_days_of_a_pair_are_those_of_its_columns(tmp_path, before, effective, deletion, days):
    (tmp_path / PTP_NAME).write_text(HEAD + f"96522\t99211\t{before}\t{effective}\t{deletion}\t0\tx\r\n", encoding="utf-8")
    (found, *_) = [(row.start, row.end) for row in load_tables(data_folder("mappings"), tmp_path)["same-day"].rows if row.own] or [None]
    assert found == days


def test_a_workbook_of_pairs_keeps_codes_and_days_as_numbers(tmp_path):
    head = ["Column 1", "Column 2", "*=in existence\nprior to 1996", "Effective\nDate", "Deletion\nDate", "Modifier", "Rationale"]
    workbook(tmp_path / "ccipra-v320r0-f1.xlsx", [["Made up"], head, [None], [96522, 99211, None, 20130101, "*", 0, "x"], ["96522", "99213", "*", None, "*", "1", "x"]])
    tables = load_tables(data_folder("mappings"), tmp_path)
    assert [(same_day(tables, code).text("relation"), same_day(tables, code).start) for code in ("99211", "99213")] == [("drop", date(2013, 1, 1)), ("visit", date(1996, 1, 1))]


def test_a_hcpcs_workbook_has_further_lines_and_modifiers_that_are_no_codes(tmp_path):
    head = ["HCPC", "SEQNUM", "RECID", "LONG DESCRIPTION", "ADD DT", "ACT EFF DT", "TERM DT"]
    rows = [["J9200", 100, 3, "x", 19930101, 19930101, None], ["J9200", 200, 4, "x"], ["JW", 100, 7, "x", 20030101], ["J3285", 100, 3, "x", 20060101, None, 20260131]]
    workbook(tmp_path / "HCPC2026_JAN_ANWEB.xlsx", [["Made up"], head, *rows])
    edition = load_tables(data_folder("mappings"), tmp_path).edition("hcpcs", DAY)
    assert [edition.find(code, DAY).is_billable for code in ("J9200", "J3285")] == [True, False]
    assert edition.find("J3285", date(2026, 1, 31)).is_billable
    assert edition.find("JW", DAY) is None


@pytest.mark.parametrize(("name", "rows"), [
    ("fee-schedule.csv", "code,charge,from,to\n96522,199.00,1/1/2026,06/30/2026\n"), ("fee-schedule.csv", "\ufeffcode,charge,from,to\n96522,199.00,20260101,2026-06-30\n"),
    ("fee-schedule.xlsx", [["code", "charge", "from", "to"], [96522, "199.00", 46023, 46203]]),
])
def test_the_days_of_a_fee_are_read_as_they_are_kept(tmp_path, name, rows):
    path = tmp_path / name
    path.write_text(rows, encoding="utf-8") if isinstance(rows, str) else workbook(path, rows)
    tables = load_tables(data_folder("mappings"), tmp_path)
    assert [tables.one("fee", date(*day), code="96522") is not None for day in ((2025, 12, 31), (2026, 1, 1), (2026, 6, 30), (2026, 7, 1))] == [False, True, True, False]


def test_a_number_is_a_day_in_a_workbook_alone(tmp_path):
    with pytest.raises(TableError, match="from and to are days"):
        load(tmp_path, {"fee-schedule.csv": FEES + "96522,1,46023,\n"})


def test_what_cms_lays_beside_its_files_is_let_be(tmp_path):
    beside = dict.fromkeys(("HCPC2026_recordlayout.txt", "proc_notes_JAN2026.txt", "NOC codes_JAN2026.xlsx", "HCPC2026_JAN_TRANS_ALL.xlsx", "icd10cm_order_addenda_2026.txt", "icd10cm_codes_2026.txt", "icd10cm_codes_addenda_2026.txt"), "x")
    assert [one.kind for one in load(tmp_path, {**beside, "icd10cm_order_2026.txt": FILES["icd10cm_order_2026.txt"] + "\x1a"}).files] == ["icd10cm"]


@pytest.mark.parametrize("name", [MUE_NAME, "icd10cm_order_2026.txt", "cpt-2026.csv"])
def test_one_edition_in_two_files_stops_the_start(tmp_path, name):
    with pytest.raises(TableError, match="already; keep one"):
        load(tmp_path, {name: FILES[name], f"again/{name}": FILES[name]})


def test_a_file_full_of_faults_tells_the_first_of_them(tmp_path):
    with pytest.raises(TableError) as error:
        load(tmp_path, {"fee-schedule.csv": FEES + "9652,1,2026-01-01,\n" * 1000})
    assert len(error.value.problems) == 21
    assert "mend these first" in error.value.problems[-1]


def test_what_a_customer_lays_beside_its_files_is_let_be(tmp_path):
    beside = {"README.txt": "x", "licence.txt": "x", "notes.md": "x", ".hidden.csv": "x", "~$fee-schedule.xlsx": "x"}
    assert [one.kind for one in load(tmp_path, {**beside, "rarc.csv": FILES["rarc.csv"]}).files] == ["rarc"]


def test_every_kind_of_file_is_among_the_made_up_ones():
    assert {kind for kind, pattern in KINDS.items() if any(pattern.fullmatch(name) for name in (*FILES, MUE_OF_HOSPITAL))} == set(KINDS)


@pytest.mark.parametrize(("name", "day"), [
    ("MCR_MUE_x_Eff_10_01_2025.csv", date(2025, 10, 1)), ("x-2026-03-01.csv", date(2026, 3, 1)), ("x_20260301.csv", date(2026, 3, 1)), ("x-2026-03.csv", date(2026, 3, 1)),
    ("icd10cm-order-Jan-2021.txt", date(2021, 1, 1)), ("HCPC2026_OCT_ANWEB_v2.txt", date(2026, 10, 1)), ("x-2026-13-01.csv", date(2026, 1, 1)),
])
def test_the_day_of_an_edition_is_read_from_its_name(name, day):
    assert read_day(name)[0] == day


def test_a_name_without_a_year_tells_no_day():
    assert read_day("carc.csv") is None
