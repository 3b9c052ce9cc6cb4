"""Made-up files as CMS, AMA and X12 publish theirs: codes as bare numbers, no descriptor of anybody's."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

__all__ = ["FILES", "PTP_NAME", "hcpcs_line", "order_line", "ptp", "workbook", "write_files"]

PTP_NAME = "ccipra-v320r0-f1.txt"
_PTP_HEAD = (
    "Codes only, made up.\r\nColumn1/Column2 Edits\r\n"
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\r\n"
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t\r\n\t\t\t\t*=no data\t1=allowed\t\r\n"
)


def ptp(*pairs: str) -> str:
    """Write a PTP file from `column 1, column 2, effective, deletion, indicator`."""
    cells = [pair.split() for pair in pairs]
    return _PTP_HEAD + "".join(f"{one}\t{two}\t\t{start}\t{end}\t{indicator}\tMade up\r\n" for one, two, start, end, indicator in cells)


def order_line(number: int, code: str, flag: str) -> str:
    """Write a line of an ICD-10-CM order file."""
    return f"{number:05d} {code:<7} {flag} {'made up':<60} made up\r\n"


def hcpcs_line(code: str, record: str, added: str, ended: str = "") -> str:
    """Write a record of a HCPCS file: 320 positions."""
    head = f"{code:<5}00100{record}{'made up':<80}{'made up':<28}"
    return f"{head:<268}{added:<8}{added:<8}{ended:<8}N".ljust(320) + "\r\n"


FILES: Mapping[str, str] = {
    PTP_NAME: ptp(
        "96522 99211 20130101 * 0", "96522 99213 20130101 * 1", "96522 95990 20060101 20251231 1", "96522 77412 20200101 * 1",
        "96522 99215 20130101 20251231 1", "96416 96522 20060101 * 0", "12345 96522 20200101 * 1", "96522 88888 20200101 * 0",
        "62370 95990 20120101 * 0", "36593 76942 20200101 * 1", "11111 22222 20200101 * 0", "96522 36593 20200101 20200101 1",
    ),
    "ccioph-v320r0-f1.txt": ptp("96522 99211 20130101 * 1", "96522 36591 20260101 * 0"),
    "MCR_MUE_PractitionerServices_Eff_10-01-2025.csv": (
        '"Made up,\nno notice of anybody",,,\n"HCPCS/\nCPT Code",Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n'
        "J9200,7,3 Date of Service Edit: Clinical,Made up\n96522,2,3 Date of Service Edit: Clinical,Made up\n11111,9,1 Line Edit,Made up\n"
    ),
    "fee-schedule-2026.csv": "code,charge,from,to\n96522,199.00,2026-01-01,\n62368,88.50,2026-01-01,2026-06-30\n62368,90.00,2026-07-01,\n11111,1,2026-01-01,\n",
    "icd10cm_order_2026.txt": "".join(order_line(number, code, flag) for number, (code, flag) in enumerate((
        ("C18", "0"), ("C189", "1"), ("C78", "0"), ("C787", "1"), ("G35", "0"), ("G35D", "1"), ("Z5111", "1"), ("Z451", "1"),
    ), 1)),
    "HCPC2026_JAN_ANWEB.txt": (
        hcpcs_line("J9200", "3", "19930101") + hcpcs_line("J9200", "4", "19930101") + hcpcs_line("J3285", "3", "20060101", "20260131")
        + hcpcs_line("JW", "7", "20030101")
    ),
    "cpt-2026.csv": "code\n96522\n99213\n",
    "carc-2026-03-01.csv": "Code,Description,Start Date,Stop Date\n97,made-up words for 97,01/01/1995,\n58,made-up words for 58,1995-01-01,2020-12-31\n",
    "rarc.csv": "code,text\nM97,made-up words for M97\nN20,made-up words for N20\n",
}


def write_files(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files into a folder, and give it."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    return folder


def workbook(path: Path, rows: Iterable[Iterable[str | int | None]]) -> None:
    """Write a workbook as a spreadsheet saves it: texts shared, numbers in place, empty cells left out."""
    shared: list[str] = []
    lines = []
    for number, row in enumerate(rows, 1):
        cells = []
        for place, value in enumerate(row):
            name = f"{chr(65 + place)}{number}"
            if isinstance(value, int):
                cells.append(f'<c r="{name}"><v>{value}</v></c>')
            elif value is not None:
                shared.append(value.replace("&", "&amp;").replace("<", "&lt;"))
                cells.append(f'<c r="{name}" t="s"><v>{len(shared) - 1}</v></c>')
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    texts = "".join(f"<si><t>{text}</t></si>" for text in shared)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/sharedStrings.xml", f"<sst {space}>{texts}</sst>")
        book.writestr("xl/worksheets/sheet1.xml", f"<worksheet {space}><sheetData>{''.join(lines)}</sheetData></worksheet>")
