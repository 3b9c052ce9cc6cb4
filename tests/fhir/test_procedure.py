"""A Procedure is an act on a pump by its codes, on the days that it tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from adapter.fhir.chart import Chart
from adapter.fhir.procedure import read_act_source, read_days, read_modifiers, read_service_codes, read_skills
from tests.bundles import SITE_PROCEDURES, concept, own
from tests.coding.decisions import context, site

TABLES = context().rule_book.tables


def read(code=None, zone=True, **more):
    tree = {"resourceType": "Procedure", "status": "completed", "code": code or concept("act refill"), **more}
    chart = Chart(tree, TABLES, site("practice") if zone else replace(site("practice"), time_zone=None))
    return read_act_source(chart, (tree, "Procedure")), [issue.rule for issue in chart.issues]


@pytest.mark.parametrize("act", ["refill", "flush", "aspiration", "analysis", "reprogramming", "infusion-start", "implantation"])
def test_every_code_of_refill_act_is_an_act(act):
    source, rules = read(concept(f"act {act}"))
    assert (source.acts[0].value, source.acts[0].source, rules) == (act, "Procedure.code.coding[0]", [])


@pytest.mark.parametrize("row", TABLES["asserted"].rows, ids=lambda row: row.id)
def test_a_code_of_the_family_is_an_act_that_is_asserted(row):
    code = row.when["code"][0]
    source, _ = read(concept(f"{'hcpcs' if code[0] in 'CG' else 'cpt'} {code}"))
    assert ([told.value for told in source.asserted], source.acts) == ([code], ())


@pytest.mark.parametrize("code", [concept("cpt 99213"), concept("act "), concept(f"{SITE_PROCEDURES} NOTHING"), {"text": "pump refill"}, concept("http://other.example 96522")])
def test_any_other_code_is_no_act(code):
    assert read(code)[0] is None


def test_a_code_that_refill_act_does_not_have_is_said():
    assert read(concept("act top-up")) == (None, ["act.unknown"])


def test_a_code_of_the_site_is_as_good_as_ours():
    (system, code), act = next(iter(site("practice").refill_acts.items()))
    assert read({"coding": [{"system": system, "code": code}]})[0].acts[0].value == act


@pytest.mark.parametrize(("more", "days", "rules"), [
    ({"performedDateTime": "2026-03-02"}, [date(2026, 3, 2)], []),
    ({"performedPeriod": {"start": "2026-03-02T23:00:00-05:00", "end": "2026-03-02T23:59:00-05:00"}}, [date(2026, 3, 2)] * 2, []),
    ({"performedPeriod": {"start": "2026-03-02T23:00:00-05:00", "end": "2026-03-03T00:10:00-05:00"}}, [date(2026, 3, 2), date(2026, 3, 3)], []),
    ({"performedPeriod": {"end": "2026-03-02"}}, [], ["service-date.imprecise"]), ({"performedDateTime": "2026-03"}, [], ["service-date.imprecise"]),
    ({"performedDateTime": "2026"}, [], ["service-date.imprecise"]), ({"performedString": "last Monday"}, [], []), ({}, [], []),
    ({"performedDateTime": "2026-03-03T04:30:00Z"}, [date(2026, 3, 2)], []),
])
def test_days_are_local_calendar_days(more, days, rules):
    source, said = read(**more)
    assert ([told.value for told in source.days], said) == (days, rules)
    assert source.day == (days[0] if len(set(days)) == 1 else None)


def test_a_utc_time_without_a_zone_is_said():
    source, rules = read(zone=False, performedDateTime="2026-03-03T04:30:00Z")
    assert (source.day, rules) == (date(2026, 3, 3), ["service-date.utc"])


@pytest.mark.parametrize("status", ["not-done", "entered-in-error"])
def test_what_was_not_done_has_no_day_and_no_word_about_it(status):
    source, rules = read(status=status, performedDateTime="2026-03")
    assert (source.is_active, source.days, rules) == (False, (), [])


def test_modifiers_skills_and_codes_have_their_places():
    tree = {"code": concept(["cpt 99213", "hcpcs G0463", "icd C78.7"]), "extension": [own("modifier", valueCodeableConcept=concept("cpt 25")), own("performer-skill", valueCode="clinical-staff")],
        "performer": [{}, {"extension": [own("performer-skill", valueCode="physician-skill")]}]}
    assert [told.value for told in read_service_codes(tree, "P")] == ["99213", "G0463"]
    assert [tuple(told) for told in read_modifiers(Chart(tree, context().rule_book.tables, site("practice")), tree, "P")] == [("25", "P.extension[0].value.coding[0]")]
    assert [tuple(told) for told in read_skills(tree, "P")] == [("clinical-staff", "P.extension[1].value"), ("physician-skill", "P.performer[1].extension[0].value")]


def test_occurrence_is_read_as_performed_is():
    chart = Chart({}, TABLES, site("practice"))
    assert [tuple(told) for told in read_days(chart, {"occurrenceDateTime": "2026-03-02"}, "occurrence", "C")] == [(date(2026, 3, 2), "C.occurrence")]
