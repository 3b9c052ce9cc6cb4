"""Whole answers of the samples, byte for byte: a change of any of them is seen, and meant.

`pytest --update-golden tests/test_golden.py` writes them anew; the change then stands in the commit for the reviewer.
JSON is laid out over lines, so that a difference is read in one; nothing else of its bytes is changed.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from adapter.coding.report import report_answer
from adapter.fhir.json import encode_json
from adapter.flow import locate_answer, restore_document
from tests.test_samples import CLAIMS, CODED, ROWS, Row, answer, back, context, each, written_837, written_claim

GOLDEN = Path(__file__).parent / "golden"


def laid_out(data: bytes) -> bytes:
    return msgspec.json.format(data, indent=2) + b"\n"


def case(row: Row) -> str:
    return row.sample.replace(".", "-") if row in CLAIMS else row.sample.removesuffix(".json")


def produced(row: Row) -> dict[str, bytes]:
    """Give every file that comes of a sample: what a claim restores to, else the record, and the claim in both languages."""
    if row in CLAIMS:
        restored = restore_document(row.read(), back(context(row.site))).value
        assert restored is not None
        return {"restored.json": laid_out(restored)}
    files = {"record.json": laid_out(encode_json(report_answer(locate_answer(row.read(), answer(row)))))}
    if row in CODED:
        files["claim.json"] = laid_out(written_claim(row))
    if row in CODED:
        files["claim.x12"] = written_837(row).encode()
    return files


def differences(folder: Path, files: dict[str, bytes]) -> list[str]:
    """Say which files of a folder are not what was produced, are missing, or stand there for nothing."""
    there = {path.name: path.read_bytes() for path in sorted(folder.glob("*"))}
    return [name for name in sorted({*files, *there}) if files.get(name) != there.get(name)]


def keep(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*"):
        path.unlink()
    for name, data in files.items():
        (folder / name).write_bytes(data)


@each(ROWS)
def test_a_sample_gives_the_golden_files(row: Row, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        keep(GOLDEN / case(row), produced(row))
    assert differences(GOLDEN / case(row), produced(row)) == []


def test_every_golden_folder_is_that_of_a_sample() -> None:
    assert sorted(path.name for path in GOLDEN.iterdir()) == sorted(case(row) for row in ROWS)


def test_a_changed_a_missing_and_a_superfluous_file_are_caught_until_they_are_updated(tmp_path: Path) -> None:
    row = CODED[0]
    files = produced(row)
    keep(tmp_path, files)
    assert differences(tmp_path, files) == []
    planted = files["claim.x12"].replace(b"SV1*HC:96522", b"SV1*HC:96521", 1)
    assert differences(tmp_path, {**files, "claim.x12": planted}) == ["claim.x12"]
    (tmp_path / "claim.json").unlink()
    (tmp_path / "old.json").write_bytes(b"{}\n")
    assert differences(tmp_path, files) == ["claim.json", "old.json"]
    keep(tmp_path, files)
    assert differences(tmp_path, files) == []
