"""From a code back to what it tells, for every row of every table that names a code, and nothing more than it tells."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from adapter.coding.explain import explain_claim, explain_code
from adapter.fhir.restored import write_refill
from adapter.flow import code_document, restore_document, write_claims
from tests.bundles import clean_visit, render, to_bytes
from tests.coding.decisions import back, context

TABLES = context().rule_book.tables
(RECORD,) = code_document(to_bytes(render(clean_visit())), context()).records
CLAIM = RECORD.claim
REVERSIBLE = [row for row in TABLES["act"].rows if row.reverse]
SERVICES = {code: row.text("relation") for row in TABLES["same-day"].rows for code in row.when["code"]}
ACTS = {code for row in REVERSIBLE for code in row.texts("code")}


def explain(code, day):
    return explain_code(replace(CLAIM.lines[0], code=code, service_date=day), TABLES)


def settled(code, key):
    """Give what every row of the code says of the key, None where they differ or one leaves it open."""
    told = {row.when.get(key, ()) for row in TABLES["act"].rows if code in row.texts("code")}
    (one,) = told if len(told) == 1 else ((),)
    return one[0] if len(one) == 1 else None


@pytest.mark.parametrize("row", REVERSIBLE, ids=lambda row: row.id)
def test_a_code_of_the_family_tells_its_act_and_only_what_its_rows_settle(row):
    told = explain(row.text("code"), row.start)
    assert (told.kind, told.act, told.pump_class, told.route_class) == ("procedure", *(settled(row.text("code"), key) for key in ("act", "pump", "route_class")))
    before = explain(row.text("code"), row.start - timedelta(days=1))
    assert before is None or before.act is None


@pytest.mark.parametrize("row", TABLES["drug"].rows, ids=lambda row: row.id)
def test_a_drug_code_is_a_drug_from_its_first_day_to_its_last(row):
    code = row.when["code"][0]
    for day in (row.start, row.end or date(2026, 3, 2)):
        told = explain(code, day)
        assert (told.kind, told.act, told.pump_class, told.route_class) == ("drug", None, None, None)
    outside = [row.start - timedelta(days=1)] + ([row.end + timedelta(days=1)] if row.end else [])
    assert [explain(code, day) for day in outside] == [None] * len(outside)


@pytest.mark.parametrize("code", sorted(SERVICES.keys() - ACTS))
def test_another_service_of_the_day_is_a_procedure_a_visit_or_the_kit(code):
    told = explain(code, date(2026, 3, 2))
    assert (told.kind, told.act) == ({"kit": "supply", "visit": "visit"}.get(SERVICES[code], "procedure"), None)


def test_96522_does_not_tell_which_systemic_route():
    told = explain("96522", date(2026, 3, 2))
    assert (told.act, told.pump_class, told.route_class) == ("refill", "implanted", "systemic")
    assert not {"intravenous", "intra-arterial"} & {str(getattr(told, name)) for name in ("act", "pump_class", "route_class", "kind")}


@pytest.mark.parametrize("code", ["", "00000", "9653", "96531", "96522 ", "j9200", "J9250", "J2275"])
def test_a_code_that_no_table_has_on_its_day_is_not_guessed(code):
    assert explain(code, date(2026, 3, 2)) is None
    explained = explain_claim(replace(CLAIM, lines=(*CLAIM.lines, replace(CLAIM.lines[0], sequence=len(CLAIM.lines) + 1, code=code))), TABLES)
    assert explained.value is None
    (issue,) = explained.issues
    assert (issue.rule, issue.is_error, issue.expression) == ("explain.unknown-code", True, (f"Claim.item[{len(CLAIM.lines)}].productOrService",))


def test_a_claim_is_explained_line_by_line_and_stays_as_it_is():
    explained = explain_claim(CLAIM, TABLES)
    assert explained.issues == ()
    assert explained.value.claim == CLAIM
    assert [(told.line, told.kind) for told in explained.value.services] == list(zip(CLAIM.lines, ("procedure", "drug"), strict=True))


def test_every_unknown_line_is_said():
    lines = tuple(replace(line, code=f"0000{line.sequence}") for line in CLAIM.lines)
    assert len(explain_claim(replace(CLAIM, lines=lines), TABLES).issues) == len(lines)


def test_what_the_rows_of_one_code_do_not_share_is_not_told():
    table = TABLES["act"]
    row = next(row for row in table.rows if row.id == "implanted-systemic-refill")
    other = replace(row, id="planted", when={**row.when, "pump": ("portable",)})
    planted = replace(TABLES, tables={**TABLES.tables, "act": replace(table, rows=(row, other))})
    told = explain_code(CLAIM.lines[0], planted)
    assert (told.act, told.pump_class, told.route_class) == ("refill", None, "systemic")
    wide = replace(TABLES, tables={**TABLES.tables, "act": replace(table, rows=(replace(row, when={**row.when, "route_class": ("spinal", "systemic")}),))})
    assert explain_code(CLAIM.lines[0], wide).route_class is None


RETIRED = {row.when["code"][0]: row.text("code") for row in TABLES["asserted"].rows if row.then["retired"] is True}


@pytest.mark.parametrize("old", sorted(RETIRED))
@pytest.mark.parametrize("day", [date(1999, 5, 4), date(2026, 3, 2)])
def test_an_old_number_tells_what_its_successor_does_and_is_not_written_again(old, day):
    told, now = explain(old, day), explain(RETIRED[old], date(2026, 3, 2))
    assert (told.act, told.pump_class, told.route_class, told.code, told.line.code) == (now.act, now.pump_class, now.route_class, RETIRED[old], old)
    lines = (replace(CLAIM.lines[0], code=old), *CLAIM.lines[1:])
    explained = explain_claim(replace(CLAIM, lines=lines), TABLES)
    assert [(issue.rule, issue.is_error) for issue in explained.issues] == [("explain.retired-code", False)]
    assert [(issue.text, issue.expression) for issue in explained.issues] == [
        (f"{old} is an old number; {RETIRED[old]} took its place and is what is written.", ("Claim.item[0].productOrService",))]
    written = json.dumps(write_refill(explained.value, context().stamp))
    assert f'"{old}"' not in written
    assert f'"{RETIRED[old]}"' in written


@pytest.mark.parametrize("row", TABLES["act"].rows, ids=lambda row: row.id)
def test_every_row_leads_from_its_facts_to_its_code_and_from_its_code_back_to_what_is_sure_of_them(row):
    facts = {key: values[0] for key, values in row.when.items()}
    day = row.start
    assert [one.id for one in TABLES["act"].find(day, **{**dict.fromkeys(TABLES["act"].keys, ""), **facts})] == [row.id]
    for code in row.texts("code"):
        told = explain(code, day)
        if code not in ACTS:  # a row that may not be read backwards, of a code that no other row explains
            assert (row.reverse, told is None or (told.act, told.pump_class, told.route_class) == (None, None, None)) == (False, True)
            continue
        said = {"act": told.act, "pump": told.pump_class, "route_class": told.route_class}
        assert all(value is None or value in row.when.get(key, (value,)) for key, value in said.items())


def test_an_old_claim_is_restored_with_the_number_of_today():
    where = context()
    (written,) = write_claims(code_document(to_bytes(render(clean_visit())), where), where)
    restored = restore_document(written.value.replace(b'"96522"', b'"96530"'), back())
    assert "explain.retired-code" in {issue.rule for issue in restored.issues}
    assert b'"96530"' not in restored.value
    assert b'"96522"' in restored.value
