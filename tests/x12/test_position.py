"""The index leads from a segment of an 837 that we wrote to the element of our own Claim that stands there."""

import json
from datetime import UTC, date, datetime

import pytest

from adapter.bulk import Workplace, build_context
from adapter.fhir.json import decode_json
from adapter.fhirpath import Environment, compile_path, read_types
from adapter.fhirpath.conversion import to_text
from adapter.fhirpath.values import plain
from adapter.flow import code_document, write_claims, write_x12
from adapter.load import data_folder, load_rule_book
from adapter.settings import load_sites
from adapter.x12 import Envelope
from adapter.x12.position import index_positions
from adapter.x12.syntax import decode_segments, fold_text
from tests.samples import REFILL, SITE
from tests.x12.examples import DEPENDENT, OWN

WORKPLACE = Workplace(load_rule_book(), load_sites(SITE), datetime(2026, 10, 1, 12, tzinfo=UTC), date(2026, 10, 1))


@pytest.fixture(scope="module")
def types():
    return read_types(json.loads((data_folder("profiles") / "base" / "r4.schema.json").read_text(encoding="utf-8")))


def indexed(text):
    return index_positions(decode_segments(text).value.segments)


def place_of(text, start):
    index = indexed(text)
    ((transaction, places),) = index.transactions.items()
    number = next(i for i, place in enumerate(places, 1) if f"{place.segment.id}*{'*'.join(':'.join(e) for e in place.segment.elements)}".startswith(start))
    return index.find_place(transaction, number)


@pytest.mark.parametrize(
    ("start", "element", "component", "expression"),
    [
        ("CLM", 1, 0, "Claim.identifier[0].value"),
        ("CLM", 0, 0, "Claim"),
        ("CLM", 5, 1, "Claim.item[0].location"),
        ("HI", 2, 2, "Claim.diagnosis[1].diagnosis"),
        ("NM1*85", 9, 0, "Claim.provider.resolve().identifier"),
        ("REF*EI", 2, 0, "Claim.provider.resolve().identifier"),
        ("NM1*IL", 3, 0, "Claim.patient.resolve().name[0].family"),
        ("N3*7 SPEC", 2, 0, "Claim.patient.resolve().address[0].line[1]"),
        ("NM1*82", 9, 0, "Claim.careTeam[0].provider.resolve().identifier"),
        ("SV1*HC:J9190", 1, 3, "Claim.item[1].modifier[0]"),
        ("SV1*HC:J9190", 2, 0, "Claim.item[1].net"),
        ("SV1*HC:96522", 7, 2, "Claim.item[0].diagnosisSequence[1]"),
        ("LIN", 3, 0, "Claim.item[1].detail[0].productOrService"),
        ("BHT", 3, 0, None),
    ],
)
def test_an_element_of_an_837_is_found_in_the_claim(start, element, component, expression):
    assert place_of(OWN, start).find_expression(element, component) == expression


def test_a_subscriber_who_is_not_the_patient_is_found_in_the_coverage():
    assert place_of(DEPENDENT, "NM1*IL").find_expression(3) == "Claim.insurance[0].coverage.resolve().subscriber.resolve().name[0].family"
    assert place_of(DEPENDENT, "NM1*QC").find_expression(3) == "Claim.patient.resolve().name[0].family"


def test_a_segment_above_a_claim_belongs_to_the_claim_that_follows():
    assert place_of(OWN, "NM1*85").claim == "VISIT-0001"
    assert place_of(OWN, "SE").claim == ""


def test_an_institutional_claim_has_its_own_places():
    text = OWN.replace("X222A1", "X223A2").replace("NM1*82*1", "NM1*71*1").replace("SV1*HC:96522*310.00", "SV2*0335*HC:96522*310.00")
    assert place_of(text, "NM1*71").find_expression(9) == "Claim.careTeam[0].provider.resolve().identifier"
    assert place_of(text, "SV2").find_expression(3) == "Claim.item[0].net"
    assert place_of(text, "SV2").find_expression(1) == "Claim.item[0].revenue"
    assert place_of(text, "CLM").find_expression(5, 1) == "Claim.subType"


def test_a_number_outside_the_transaction_and_a_line_that_nobody_wrote_are_not_found():
    index = indexed(OWN)
    assert [index.find_place("0001", number) for number in (0, 41)] == [None, None]
    assert index.find_place("0002", 1) is None
    assert index.find_line("VISIT-0001", "visit-0001-2") == 1
    assert index.find_line("VISIT-0001", "other") is None
    assert (index.interchange_control_number, index.group_control_number) == ("000000042", "42")


def test_each_place_that_the_index_names_stands_in_our_own_claim(types):
    context = build_context(REFILL.read_bytes(), WORKPLACE).value
    answer = code_document(REFILL.read_bytes(), context)
    site = context.site
    envelope = Envelope("000000001", "1", "0001", "B-1", context.now, "T", site.submitter, site.receiver)
    text = write_x12(answer, envelope, context.rule_book).value
    bundle = decode_json(write_claims(answer, context)[0].value).value
    entries = {entry["fullUrl"]: types.node(entry["resource"]) for entry in bundle["entry"]}
    claim = types.node(bundle["entry"][0]["resource"])
    asked = 0
    for place in indexed(text).transactions["0001"]:
        for element, value in enumerate(place.segment.elements, 1):
            expression = place.find_expression(element)
            if expression and value != ("",) and not expression.startswith("Claim.related"):
                found = compile_path(expression)(claim, Environment(resolve=entries.get))
                assert found, f"{place.segment.id}{element:02} in {place.loop}: {expression}"
                asked += 1
                if place.segment.id in ("N3", "N4") or (place.segment.id, element) in {("CLM", 1), ("NM1", 3)}:
                    assert fold_text(to_text(plain(found[0])) or "") == value[0]
    assert asked > 60
