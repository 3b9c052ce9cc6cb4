"""Every sample comes to what samples/README.md says of it, and holds to the laws of claims."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest

from adapter.bulk import id_maker
from adapter.coding.report import explain_record, report_record
from adapter.fhir.claim import write_claim
from adapter.fhir.json import decode_json, encode_json
from adapter.fhir.provenance import Explanation, read_provenance
from adapter.flow import (
    Context,
    RestoringContext,
    code_document,
    read_claims,
    restore_document,
    validate_document,
    write_claims,
    write_x12,
)
from adapter.issues import Severity, has_errors
from adapter.load import data_folder, load_rule_book
from adapter.settings import load_site
from adapter.terms import CodingAnswer, CodingRecord, ServiceLine
from adapter.x12 import Envelope, complete_claim, fold_claim, read_837, write_837
from tests.proof.laws import routes
from tests.x12.checkers import check_with_pyx12

SAMPLES = data_folder("samples")
AS_OF = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
NOT_SAMPLES = {"README.md", "site.toml", "site-hospital.toml"}
RESTORED = {"Procedure", "Device", "MedicationAdministration", "Patient", "Coverage", "Provenance"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: the sample, its site file, what it comes to, the rules of its errors and warnings."""

    sample: str
    site: str
    outcome: str
    issues: str

    def read(self) -> bytes:
        return (SAMPLES / self.sample).read_bytes()


def read_table(page: str) -> tuple[Row, ...]:
    cells = re.findall(r"^\| `(.+?)` \| .+? \| `(.+?)` \| (.+?) \| (.+?) \|$", page, re.MULTILINE)
    return tuple(Row(*row) for row in cells)


ROWS = read_table((SAMPLES / "README.md").read_text(encoding="utf-8"))
RECORDS = tuple(row for row in ROWS if not row.outcome.startswith("restores"))
CLAIMS = tuple(row for row in ROWS if row.outcome.startswith("restores"))
CODED = tuple(row for row in RECORDS if row.outcome.startswith("coded"))


def each(rows: tuple[Row, ...]) -> pytest.MarkDecorator:
    assert rows
    return pytest.mark.parametrize("row", rows, ids=lambda row: row.sample)


def named_id(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, name))


@cache
def context(site: str, make_id: Callable[[str], str] = named_id) -> Context:
    return Context(load_rule_book(), load_site(SAMPLES / site), AS_OF, NOW, make_id)


def back(forward: Context) -> RestoringContext:
    return RestoringContext(forward.rule_book, {forward.site.billing_provider.npi: forward.site}, forward.now, forward.make_id)


@cache
def answer(row: Row) -> CodingAnswer:
    return code_document(row.read(), context(row.site))


def only_record(row: Row) -> CodingRecord:
    (record,) = answer(row).records
    return record


def envelope(row: Row) -> Envelope:
    site = context(row.site).site
    return Envelope("000000001", "1", "0001", "SYNBATCH1", NOW, "T", site.submitter, site.receiver)


def written_837(row: Row) -> str:
    written = write_x12(answer(row), envelope(row), load_rule_book())
    assert written.value is not None
    assert written.issues == ()
    return written.value


def written_claim(row: Row) -> bytes:
    (written,) = write_claims(answer(row), context(row.site))
    assert written.value is not None
    assert written.issues == ()
    return written.value


def tree_of(data: bytes) -> dict[str, Any]:
    tree = decode_json(data).value
    assert tree is not None
    return tree


# ---------------------------------------------------------------- what the table says


def told_line(line: ServiceLine) -> str:
    return "-".join((line.code, *line.modifiers)) + (f" x {line.units:f}" if line.units != 1 else "")


def told_record(record: CodingRecord) -> str:
    if record.status == "coded":
        dropped = f"; dropped {', '.join(one.code for one in record.dropped)}" if record.dropped else ""
        return f"coded: {', '.join(map(told_line, record.lines))}{dropped}"
    if record.status == "held":
        return f"held: {'proposed ' + ', '.join(record.proposed) if record.proposed else 'nothing proposed'}"
    return record.status.replace("-", " ")


def told_rules(issues: Iterator[Any]) -> str:
    rules = {issue.rule for issue in issues if issue.severity is not Severity.INFORMATION}
    return ", ".join(sorted(rules)) or "none"


def found(row: Row) -> Row:
    """Give the row as it should stand in the table."""
    if row in CLAIMS or row.outcome.startswith("restores"):
        restored = restore_document(row.read(), back(context(row.site)))
        types = sorted({one["resourceType"] for one in resources(tree_of(restored.value or b"{}"))})
        return replace(row, outcome=f"restores to {', '.join(types)}", issues=told_rules(iter(restored.issues)))
    coded = code_document(row.read(), context(row.site))
    issues = (*coded.issues, *(issue for record in coded.records for issue in record.issues))
    return replace(row, outcome=" and ".join(map(told_record, coded.records)), issues=told_rules(iter(issues)))


def resources(tree: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in tree.get("entry", [])]


@each(ROWS)
def test_a_sample_comes_to_what_the_table_says(row: Row) -> None:
    assert found(row) == row


def test_every_file_stands_in_the_table_once() -> None:
    files = sorted(path.name for path in SAMPLES.iterdir() if path.name not in NOT_SAMPLES)
    assert sorted(row.sample for row in ROWS) == files


def test_every_line_of_the_table_is_read() -> None:
    page = (SAMPLES / "README.md").read_text(encoding="utf-8")
    assert len(ROWS) == sum(line.startswith("| `") for line in page.splitlines())


@pytest.mark.parametrize(("told", "instead"), [("J9200-JZ |", "J9200 |"), ("x 150", "x 151"), ("95990, 95991", "95990"),
                                               ("route.contradiction", "none"), ("restores to Coverage, ", "restores to ")])
def test_a_changed_expectation_is_caught(told: str, instead: str) -> None:
    page = (SAMPLES / "README.md").read_text(encoding="utf-8")
    assert told in page
    changed = [row for row in read_table(page.replace(told, instead)) if row not in ROWS]
    assert changed
    assert all(found(row) != row for row in changed)


@each(tuple(row for row in ROWS if row.sample.endswith(".json")))
def test_a_sample_is_valid(row: Row) -> None:
    assert [issue for issue in validate_document(row.read(), load_rule_book()) if issue.severity is not Severity.INFORMATION] == []


# ---------------------------------------------------------------- the laws of claims


@each(CODED)
def test_a_claim_reads_back_as_it_was_coded(row: Row) -> None:
    record, data = only_record(row), written_claim(row)
    assert read_claims(data, back(context(row.site))).value == (record.claim,)
    assert read_provenance(tree_of(data)) == Explanation(record.because, record.dropped, record.trace)


@each(CODED)
def test_a_written_claim_is_valid(row: Row) -> None:
    assert validate_document(written_claim(row), load_rule_book()) == ()


@each(CODED)
def test_the_same_input_gives_the_same_bytes(row: Row) -> None:
    again = code_document(row.read(), context(row.site))
    assert again == answer(row)
    assert [one.value for one in write_claims(again, context(row.site))] == [written_claim(row)]
    assert write_x12(again, envelope(row), load_rule_book()) == write_x12(answer(row), envelope(row), load_rule_book())


@each(CODED)
def test_an_837_reads_back_as_the_claim_but_for_the_losses(row: Row) -> None:
    record = only_record(row)
    read = read_837(written_837(row)).value
    assert record.claim is not None
    assert read is not None
    assert read.claims == (fold_claim(record.claim),)
    completed = replace(record, claim=complete_claim(read.claims[0], record.claim).value)
    assert encode_json(write_claim(completed, context(row.site).stamp).value or {}) == written_claim(row)


@each(CODED)
def test_an_837_becomes_claims_and_the_same_837_again(row: Row) -> None:
    text = written_837(row)
    read = read_837(text).value
    assert read is not None
    assert write_837(read.claims, read.envelope).value == text
    stamp = context(row.site).stamp
    written = [write_claim(CodingRecord("coded", claim=claim), stamp).value for claim in read.claims]
    again = [read_claims(encode_json(one or {}), back(context(row.site))).value for one in written]
    assert write_837([claim for claims in again for claim in claims or ()], read.envelope).value == text


@each(CODED)
def test_another_checker_accepts_the_837(row: Row) -> None:
    assert check_with_pyx12(written_837(row)) == []


@each(CODED)
@pytest.mark.parametrize("language", ["fhir", "837"])
def test_a_claim_restores_to_what_it_can_tell(row: Row, language: str) -> None:
    data = written_claim(row) if language == "fhir" else written_837(row).encode()
    restored = restore_document(data, back(context(row.site)))
    assert restored.value is not None
    types = {one["resourceType"] for one in resources(tree_of(restored.value))}
    given = RESTORED if "drug.missing" not in row.issues else RESTORED - {"MedicationAdministration"}
    assert given <= types
    assert routes(tree_of(restored.value)) == []
    assert not has_errors(validate_document(restored.value, load_rule_book()))


@each(CODED)
def test_the_search_for_routes_finds_those_of_the_record(row: Row) -> None:
    assert routes(tree_of(row.read()))


def test_the_stored_claims_are_those_of_the_sample_they_name() -> None:
    data = (SAMPLES / "hepatic-artery-floxuridine-office-medicare.json").read_bytes()
    made = replace(context("site.toml"), make_id=id_maker(data))
    claim = code_document(data, made).records[0].claim
    assert claim is not None
    assert read_claims((SAMPLES / "claim-to-restore.json").read_bytes(), back(made)).value == (claim,)
    assert read_claims((SAMPLES / "claim-to-restore.x12").read_bytes(), back(made)).value == (fold_claim(claim),)


# ---------------------------------------------------------------- order and privacy


def reversed_order(data: bytes) -> bytes:
    tree = json.loads(data)
    name = "entry" if "entry" in tree else "contained"
    return json.dumps({**tree, name: tree[name][::-1]}).encode()


def without_places(record: CodingRecord) -> Any:
    """Give the record without where things stand: lines and steps that the record gives no order have none here."""
    told = report_record(record)
    for name in ("lines", "trace", "issues", "dropped", "documentation"):
        told[name] = sorted(map(_placeless, told[name]))  # type: ignore[call-overload]  # a report is a dict of objects
    return told


def _placeless(one: dict[str, Any]) -> str:
    kept = {key: value for key, value in one.items() if key not in ("source", "sources", "expected", "expression", "line", "column", "sequence")}
    if "because" in one:
        kept["because"] = sorted(map(_placeless, one["because"]))
    return json.dumps(kept)


@each(RECORDS)
def test_the_order_of_the_resources_decides_nothing(row: Row) -> None:
    turned = code_document(reversed_order(row.read()), context(row.site))
    assert [without_places(one) for one in turned.records] == [without_places(one) for one in answer(row).records]
    assert [one.claim for one in turned.records] == [one.claim for one in answer(row).records]


def private_texts(row: Row) -> set[str]:
    """Gather what tells a person: names, birth dates, streets, record and member numbers."""
    tree = tree_of(row.read())
    people = [*resources(tree), *tree.get("contained", [])]
    texts: set[str] = set()
    for one in people:
        if one["resourceType"] in ("Patient", "RelatedPerson"):
            name, address = one["name"][0], one["address"][0]
            texts |= {name["family"], *name["given"], one["birthDate"], *address["line"]}
            texts |= {number["value"] for number in one.get("identifier", [])}
        elif one["resourceType"] == "Coverage":
            texts.add(one["subscriberId"])
    return {text for text in texts if len(text) > 1}


def leaks(texts: set[str], told: str) -> list[str]:
    return [text for text in texts if re.search(rf"\b{re.escape(text)}\b", told)]


@each(RECORDS)
def test_nothing_that_is_said_of_a_record_tells_a_person(row: Row) -> None:
    told = "\n".join(explain_record(record) for record in answer(row).records)
    issues = (*answer(row).issues, *(issue for record in answer(row).records for issue in record.issues))
    assert private_texts(row)
    assert leaks(private_texts(row), "\n".join((told, *(issue.text for issue in issues)))) == []


@each(RECORDS)
def test_a_told_person_is_caught(row: Row) -> None:
    for text in private_texts(row):
        assert leaks(private_texts(row), f"The patient {text} has no route.")


def test_the_samples_lie_where_the_package_finds_them() -> None:
    assert Path(__file__).parents[1] / "samples" == SAMPLES
