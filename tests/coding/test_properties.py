"""What must hold of every visit, whatever its shape: generated changes of the clean visit."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings, strategies as st

from adapter.fhir.systems import own_code_system, own_structure
from adapter.flow import code_document, restore_document, validate_document, write_claims
from tests.bundles import Shape, change_visit, clean_visit, concept, put, render, to_bytes
from tests.coding.decisions import back, context, load_decisions

REFERENCES = ("urn", "absolute", "relative", "plain", "logical", "contained")
BUNDLES = ("collection", "transaction", "batch", "message", "document", "searchset")
UNRELATED = {
    "allergy": {"resourceType": "AllergyIntolerance", "patient": {"to": "patient"}, "code": {"text": "latex"}},
    "weight": {"resourceType": "Observation", "status": "final", "subject": {"to": "patient"}, "code": {"text": "weight"}},
    "appointment": {"resourceType": "Appointment", "status": "booked", "participant": [{"actor": {"to": "patient"}, "status": "accepted"}]},
    "old": {"resourceType": "Procedure", "status": "completed", "subject": {"to": "patient"}, "performedDateTime": "2026-01-05", "code": concept("cpt 96413")},
    "problem": {"resourceType": "Condition", "subject": {"to": "patient"}, "code": concept("icd I10")},
    "tablet": {"resourceType": "MedicationAdministration", "status": "completed", "subject": {"to": "patient"}, "effectiveDateTime": "2026-03-02T09:00:00-05:00",
        "medicationCodeableConcept": {"text": "tablet"}, "dosage": {"route": concept("snomed 72607000"), "dose": {"value": 1}}},
    "neighbour": {"resourceType": "Patient", "name": [{"family": "Neighbour"}]},
}
CHANGES = [case.change for case in load_decisions() if case.site == "practice" and case.on is None and case.expect.get("records", 1) == 1
    and not any("documentation" in str(case.change.get(key)) for key in ("add",))]


# Where things stand; and the claim's number with its lines', which follow the Procedure's identifiers (logical references add one).
PLACES = ("source", "expression", "line", "column", "identifier", "control_number")


def without_places(value):
    """Give an answer with everything but the places of what it says; issues and steps are a set."""
    if is_dataclass(value) and not isinstance(value, type):
        kept = [field.name for field in fields(value) if field.name not in PLACES]
        return (type(value).__name__, *[(name, without_places(getattr(value, name))) for name in kept])
    if isinstance(value, tuple):
        return tuple(without_places(item) for item in value)
    return value


def said(visit, shape=None):
    answer = code_document(to_bytes(render(visit, shape or Shape())), context())
    return [
        (record.status, record.proposed, record.service_date, record.place_of_service, record.payer_id, record.diagnoses, without_places(record.claim),
         sorted((one.code, one.rule) for one in record.dropped), sorted({(issue.severity, issue.rule, issue.text) for issue in record.issues}))
        for record in answer.records
    ]


# ---------------------------------------------------------------- shape


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_order_references_ids_and_kind_of_bundle_change_nothing(data):
    change = data.draw(st.sampled_from(CHANGES))
    visit = change_visit(clean_visit(), change)
    order = data.draw(st.permutations(list(visit)))
    shape = Shape(data.draw(st.sampled_from(REFERENCES)), data.draw(st.sampled_from(BUNDLES)), data.draw(st.text(max_size=3)), lambda _: order)
    if _can_be_written(visit, shape):
        assert said(visit, shape) == said(visit)


def _can_be_written(visit, shape):
    """A single Procedure holds one act, and names its parts; what nothing refers to may not be contained in it (dom-3)."""
    identified = shape.references == "logical" and "again" in visit  # the identifier is what the case is about
    return not identified and not (shape.references in ("contained", "logical") and "nothing" in str(visit))


@pytest.mark.parametrize("references", REFERENCES)
def test_the_clean_visit_is_coded_in_every_style_of_reference(references):
    assert [record[0] for record in said(clean_visit(), Shape(references))] == ["coded"]


@pytest.mark.parametrize("bundle", BUNDLES)
def test_the_clean_visit_is_coded_in_every_kind_of_bundle(bundle):
    assert said(clean_visit(), Shape(bundle=bundle)) == said(clean_visit())


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(CHANGES), st.sets(st.sampled_from(sorted(UNRELATED)), min_size=1))
def test_unrelated_resources_change_nothing(change, names):
    visit = change_visit(clean_visit(), change)
    more = {**visit, **{f"unrelated-{name}": UNRELATED[name] for name in names}}
    assert said(more) == said(visit)


def test_the_comparison_catches_a_planted_change():
    visit = clean_visit()
    changed = change_visit(visit, {"set": {"dx3.code": {"codes": "icd C20"}}})
    assert said(changed) != said(visit)


# ---------------------------------------------------------------- dates


@pytest.mark.parametrize(("last", "change", "before", "after"), [
    (date(2025, 12, 31), {}, "178.00", "185.00"),
    (date(2025, 9, 30), {"diagnoses": ["G35", "C78.7"]}, "178.00", None),
    (date(2025, 9, 30), {"diagnoses": ["C78.7"]}, "178.00", "178.00"),
])
def test_a_day_moved_across_a_boundary_changes_what_the_tables_say(last, change, before, after):
    for day, charge in ((last, before), (last + timedelta(days=1), after)):
        data = to_bytes(render(change_visit(clean_visit(), {**change, "date": day.isoformat()})))
        (record,) = code_document(data, context()).records
        assert (record.lines[0].charge if record.lines else None) == (Decimal(charge) if charge else None)


TABLES = context().rule_book.tables
BOUNDARIES = {row.start for table in TABLES.tables.values() for row in table.rows}
BOUNDARIES |= {row.end + timedelta(days=1) for table in TABLES.tables.values() for row in table.rows if row.end}
BOUNDARIES |= {fee.start for fee in context().site.fees} | {fee.end + timedelta(days=1) for fee in context().site.fees if fee.end}
SOLUTIONS = [case.change for case in load_decisions() if case.site == "practice" and case.on is None and case.expect.get("status") == "coded"
    and not any("2026" in str(value) or key == "date" for key, value in case.change.items())
    and case.change.get("payer") != "90006"]  # its filing limit of 90 days counts each day


def of_the_day(change, day):
    """Give what comes of a visit on a day, with every mention of that day taken out."""
    return repr(said(change_visit(clean_visit(), {**change, "date": day.isoformat()}))).replace(repr(day), "DAY").replace(day.isoformat(), "DAY")


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SOLUTIONS), st.dates(date(2024, 1, 2), date(2026, 3, 30)))
def test_a_day_that_is_no_boundary_of_a_table_changes_nothing(change, day):
    assume(day not in BOUNDARIES)
    assert of_the_day(change, day) == of_the_day(change, day - timedelta(days=1))


def test_a_boundary_changes_something_and_the_comparison_sees_it():
    assert {date(2024, 10, 1), date(2025, 10, 1), date(2026, 1, 1)} <= BOUNDARIES
    assert of_the_day({}, date(2026, 1, 1)) != of_the_day({}, date(2025, 12, 31))
    assert of_the_day({"diagnoses": ["G35", "C78.7"]}, date(2025, 10, 1)) != of_the_day({"diagnoses": ["G35", "C78.7"]}, date(2025, 9, 30))


# ---------------------------------------------------------------- what every record holds


@pytest.mark.parametrize("case", load_decisions(), ids=str)
def test_every_record_gives_reasons_and_exact_charges(case):
    from tests.coding.decisions import answer, site
    fees = site(case.site).fees
    told = [one["code"] for one in case.change.get("services", []) if "price" in one]
    told += [one["code"]["codes"] for one in case.change.get("add", {}).values() if "priceOverride" in one]
    priced = {concept(code)["coding"][0]["code"] for code in told}
    for record in answer(case).records:
        assert len(record.because) == len(record.lines)
        assert all(reason.citation for reasons in record.because for reason in reasons)
        assert all(record.because)
        assert [one for one in record.claim.lines if one.charge != one.charge.quantize(Decimal("0.01"))] == [] if record.claim else True
        assert all(step.source and step.rule and step.value for step in record.trace)
        assert record.trace or record.status != "coded"
        assert (record.claim is None) == (record.status != "coded")
        assert (record.status == "held") == any(issue.is_error for issue in record.issues)
        assert all(issue.citation and issue.text for issue in record.issues)
        for line in record.lines:
            assert line.units > 0
            assert line.units == line.units.to_integral_value()
            assert (0 < len(line.diagnosis_pointers) <= 4) == (record.form == "professional")
            assert len(line.modifiers) <= 4
            if line.code not in priced:
                (fee,) = [fee.charge for fee in fees if fee.code == line.code and fee.start <= line.service_date and (fee.end is None or line.service_date <= fee.end)]
                assert line.charge == fee * line.units


# ---------------------------------------------------------------- wrong shapes


HUGE = {"huge-exponent": "1e400", "huge-fraction": "123456789012345678901234567890.5", "many-places": "0.0000000000000000000000000000000000001"}
"""Numbers that JSON may hold and a float may not, by the word that stands for them until the document is text."""

WRONG = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 10**30), st.sampled_from(
        ["", " ", "x", "#", "9999-12-31", "0001-01-01T00:00:00Z", "2026-02-30", "\ud7ff", "urn:uuid:x", "Patient/", [], [None], [[]], {}, {"a": {}}, [{}], ["x"], *HUGE]),
)


def _places(node, way=()):
    if way:
        yield way
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, child in items:
        yield from _places(child, (*way, step))


def _mutated(data, tree):
    tree = deepcopy(tree)
    for _ in range(data.draw(st.integers(1, 3))):
        way = data.draw(st.sampled_from(list(_places(tree))))
        node = tree
        for step in way[:-1]:
            node = node[step]
        if data.draw(st.booleans()):
            node[way[-1]] = deepcopy(data.draw(WRONG))
        else:
            del node[way[-1]]
        if not list(_places(tree)):
            break
    return _with_huge_numbers(tree)


def _with_huge_numbers(tree):
    text = json.dumps(tree)
    for word, number in HUGE.items():
        text = text.replace(f'"{word}"', number)
    return text.encode()


@pytest.mark.parametrize("number", HUGE)
@pytest.mark.parametrize("path", ["administration.dosage.dose.value", "administration.extension.1.valueQuantity.value", "charged.priceOverride.value",
    "charged.quantity.value", "medication.ingredient.0.strength.numerator.value"])
def test_a_number_of_any_size_gives_an_issue_and_no_exception(path, number):
    strength = {"numerator": {"value": 50, "code": "mg", "system": "http://unitsofmeasure.org"}, "denominator": {"value": 1, "code": "mL", "system": "http://unitsofmeasure.org"}}
    visit = change_visit(clean_visit(), {"services": [{"code": "hcpcs J9200", "price": "99.00", "key": "charged"}],
        "set": {"medication.ingredient.0": {"itemCodeableConcept": {"text": "floxuridine"}, "strength": strength},
            "administration.extension.1.valueQuantity": {"value": 320, "code": "mg", "system": "http://unitsofmeasure.org"},
            "administration.dosage.dose": {"value": 10 if "strength" in path else 180, "code": "mL" if "strength" in path else "mg", "system": "http://unitsofmeasure.org"}}})
    if "strength" in path:
        visit["medication"]["code"] = concept("hcpcs J9200", "floxuridine")
    put(visit, path, number)
    where = context()
    answer = code_document(_with_huge_numbers(render(visit)), where)
    assert answer.issues or answer.records
    assert all(written.value for written in write_claims(answer, where))


@pytest.mark.long
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_nothing_raises_on_a_mutated_visit(data):
    change = data.draw(st.sampled_from(CHANGES))
    tree = render(change_visit(clean_visit(), change), Shape(data.draw(st.sampled_from(("urn", "contained")))))
    document = _mutated(data, tree)
    where = context()
    write_claims(code_document(document, where), where)
    validate_document(document, where.rule_book)
    restore_document(document, back())


def _claim_bundle():
    where = context()
    answer = code_document(to_bytes(render(clean_visit())), where)
    return json.loads(write_claims(answer, where)[0].value)


CLAIM = _claim_bundle()


@pytest.mark.long
@settings(max_examples=100, deadline=None)
@given(st.data())
def test_nothing_raises_on_a_mutated_claim(data):
    document = _mutated(data, CLAIM)
    restore_document(document, back())
    validate_document(document, context().rule_book)


# ---------------------------------------------------------------- what no text may say


CANARY = "CANARY"


def _with_canaries(visit):
    """Plant words that may come back in no text: every free string of persons, identifiers and notes."""
    visit = deepcopy(visit)
    visit["patient"]["name"] = [{"family": f"{CANARY}family", "given": [f"{CANARY}given"]}]
    visit["patient"]["address"][0] |= {"line": [f"{CANARY}street"], "city": f"{CANARY}city"}
    visit["patient"]["telecom"] = [{"system": "phone", "value": f"{CANARY}phone"}]
    visit["patient"]["identifier"][0]["value"] = f"{CANARY}mrn"
    visit["patient"]["birthDate"] = "1913-11-13"
    visit["coverage"]["subscriberId"] = f"{CANARY}member"
    visit["procedure"]["note"] = [{"text": f"{CANARY}note"}]
    visit["procedure"]["identifier"] = [{"system": "https://ehr.example/p", "value": f"{CANARY}procedure"}]
    visit["parent"] = {"resourceType": "RelatedPerson", "patient": {"to": "patient"}, "name": [{"family": f"{CANARY}parent"}], "birthDate": "1913-11-13"}
    visit["coverage"]["subscriber"] = {"to": "parent"}
    return visit


def _texts(issues):
    return " ".join(f"{issue.text} {issue.citation} {issue.expression}" for issue in issues)


@pytest.mark.long
@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_issue_tells_who_the_patient_is(data):
    change = data.draw(st.sampled_from([one for one in CHANGES if "coverage" not in str(one) and "patient" not in str(one.get("remove", []))]))
    visit = _with_canaries(change_visit(clean_visit(), change))
    tree = render(visit)
    if data.draw(st.booleans()):
        way = data.draw(st.sampled_from([way for way in _places(tree) if CANARY in str(_at(tree, way)) or "1913" in str(_at(tree, way))]))
        _put(tree, way, data.draw(st.sampled_from([[_at(tree, way)], {"x": _at(tree, way)}, f"{CANARY} 1913-11-13 \x85"])))
    document = to_bytes(tree)
    where = context()
    answer = code_document(document, where)
    said_all = [*answer.issues, *[issue for record in answer.records for issue in record.issues], *validate_document(document, where.rule_book)]
    said_all += restore_document(document, back()).issues
    assert CANARY not in _texts(said_all)
    assert "1913" not in _texts(said_all)


NAME = f"{CANARY} Sample 1913-11-13"
CPT, HCPCS = "http://www.ama-assn.org/go/cpt", "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
PLACE = "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set"


@pytest.mark.parametrize("system", [CPT, HCPCS, PLACE, own_code_system("refill-act"), own_code_system("pump-kind"), own_code_system("delivery-route"), "http://snomed.info/sct",
    "http://hl7.org/fhir/sid/ndc", "http://hl7.org/fhir/sid/icd-10-cm", own_structure("modifier")])
@pytest.mark.parametrize("place", ["Procedure", "Device", "MedicationAdministration", "Medication", "Location", "Condition", "ChargeItem"])
def test_a_name_written_for_a_code_does_not_come_back(place, system):
    tree = render(clean_visit())
    if place == "ChargeItem":
        patient = next(entry for entry in tree["entry"] if entry["resource"]["resourceType"] == "Patient")
        charge = {"resourceType": "ChargeItem", "status": "billable", "subject": {"reference": patient["fullUrl"]}, "occurrenceDateTime": "2026-03-02"}
        tree["entry"].append({"resource": charge})
    for resource in (entry["resource"] for entry in tree["entry"]):
        if resource["resourceType"] != place:
            continue
        coding = {"coding": [{"system": system, "code": NAME}]}
        for element in ("code", "type", "medicationCodeableConcept"):
            resource[element] = [coding] if place == "Location" else coding
        resource.setdefault("dosage", {})["route"] = coding
        resource["extension"] = [{"url": own_structure(name), "valueCode": NAME} for name in ("modifier", "delivery-route", "container", "performer-skill")]
    answer = code_document(to_bytes(tree), context())
    assert answer.all_issues
    assert CANARY not in _texts(answer.all_issues)


def _at(tree, way):
    for step in way:
        tree = tree[step]
    return tree


def _put(tree, way, value):
    _at(tree, way[:-1])[way[-1]] = value


def test_a_planted_name_in_a_text_is_caught():
    from adapter.issues import Issue, IssueType, Severity
    assert CANARY in _texts((Issue(Severity.ERROR, IssueType.VALUE, "planted.text", f"The name {CANARY}family is wrong."),))
