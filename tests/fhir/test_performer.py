"""Who did it and who answered for it, with NPI and taxonomy."""

from __future__ import annotations

import pytest

from adapter.fhir.chart import Chart
from adapter.fhir.performer import read_practitioners, read_providers
from adapter.terms import Practitioner
from tests.bundles import concept
from tests.coding.decisions import context, site

NPI = "http://hl7.org/fhir/sid/us-npi"
NUCC = "http://nucc.org/provider-taxonomy"


def doctor(npi="1882999901", **more):
    return {"resourceType": "Practitioner", "id": "d", "name": [{"family": "Sample", "given": ["Ann", None], "suffix": ["MD"]}], "identifier": [{"system": NPI, "value": npi}] if npi else [], **more}


def role(name="r", of="d", taxonomy="207RX0202X", **more):
    return {"resourceType": "PractitionerRole", "id": name, "practitioner": {"reference": f"Practitioner/{of}"}, "specialty": [concept(f"{NUCC} {taxonomy}")], **more}


def read(performers=(), participants=(), *resources):
    chart = Chart({"resourceType": "Bundle", "entry": [{"resource": one} for one in resources]}, context().rule_book.tables, site("practice"))
    procedure, encounter = {"performer": list(performers)}, {"participant": list(participants)}
    return read_practitioners(chart, (procedure, "P"), [(encounter, "E")])


def by(name, **more):
    return {"actor": {"reference": name}, **more}


def with_(name, **more):
    return {"individual": {"reference": name}, **more}


def test_a_performer_is_a_person_with_npi_and_taxonomy():
    (person,) = read([by("PractitionerRole/r")], (), doctor(), role())
    assert person.practitioner == Practitioner("Sample", ("Ann",), "MD", "1882999901", "207RX0202X")
    assert (person.source, person.is_supervisor, person.is_named) == ("Bundle.entry[0].resource", False, False)


@pytest.mark.parametrize(("resources", "taxonomy"), [((doctor(), role()), "207RX0202X"), ((doctor(),), None), ((doctor(), role(), role("s", taxonomy="208VP0014X")), None),
    ((doctor(), role(), role("s")), "207RX0202X"), ((doctor(qualification=[{"code": concept(f"{NUCC} 208VP0014X")}]),), "208VP0014X"), ((doctor(), role(of="x")), None),
    ((doctor(), role(active=False)), None)])
def test_a_taxonomy_is_told_once_or_it_is_not_known(resources, taxonomy):
    assert read([by("Practitioner/d")], (), *resources)[0].practitioner.taxonomy == taxonomy


@pytest.mark.parametrize(("performers", "participants", "expected"), [
    ([by("Practitioner/d")], [], [(False, False)]), ([by("Practitioner/d", function={"text": "Supervising physician"})], [], [(True, True)]),
    ([], [with_("Practitioner/d")], [(True, False)]), ([], [with_("Practitioner/d", type=[{"coding": [{"code": "ATND"}]}])], [(True, True)]),
    ([by("Practitioner/x")], [], []), ([by("Device/d")], [], []), ([{}], [{}], []),
])
def test_a_participant_may_have_supervised_and_one_who_is_called_so_is_named(performers, participants, expected):
    assert [(one.is_supervisor, one.is_named) for one in read(performers, participants, doctor())] == expected


@pytest.mark.parametrize("change", [{"name": []}, {"name": [{}]}, {"name": [{"given": [], "suffix": [None]}]}])
def test_a_name_without_a_part_is_no_name(change):
    assert read([by("Practitioner/d")], (), doctor(**change))[0].practitioner == Practitioner("", (), None, "1882999901")


@pytest.mark.parametrize(("names", "family"), [
    ([{"use": "maiden", "family": "Before"}, {"family": "Now"}], "Now"), ([{"family": "Usual"}, {"use": "official", "family": "Now"}], "Now"),
    ([{"family": "Now"}, {"family": "Now"}], "Now"), ([{"family": "One"}, {"family": "Other"}], ""), ([{"use": "old", "family": "Before"}], ""),
])
def test_the_name_is_the_one_in_use_and_of_several_none(names, family):
    assert read([by("Practitioner/d")], (), doctor(name=names))[0].practitioner.family == family


@pytest.mark.parametrize(("numbers", "rules"), [(["1882999901", "1993999907"], ["performer.npi-contradiction"]), (["1882999901", "1882999901"], [])])
def test_two_npis_of_one_practitioner_are_a_contradiction(numbers, rules):
    tree = doctor(identifier=[{"system": NPI, "value": number} for number in numbers])
    chart = Chart({"resourceType": "Bundle", "entry": [{"resource": tree}]}, context().rule_book.tables, site("practice"))
    read_practitioners(chart, ({"performer": [by("Practitioner/d")]}, "P"), [])
    assert [issue.rule for issue in chart.issues] == rules


def providers(*resources, name="Organization/o"):
    chart = Chart({"resourceType": "Bundle", "entry": [{"resource": one} for one in resources]}, context().rule_book.tables, site("practice"))
    return read_providers(chart, [({"serviceProvider": {"reference": name}}, "E")])


def organization(name="o", **more):
    return {"resourceType": "Organization", "id": name, "name": f"Invented {name}", **more}


def test_a_department_is_known_by_what_it_is_part_of():
    part = organization(partOf={"reference": "Organization/top"})
    top = organization("top", identifier=[{"system": NPI, "value": "1993999907"}, {"system": "urn:oid:2.16.840.1.113883.4.4", "value": "98-7000001"}])
    (found,) = providers(part, top)
    assert (found.npis, found.tax_ids, found.name) == (("1993999907",), ("987000001",), "Invented o")


def test_organizations_that_are_part_of_each_other_do_not_run_forever():
    one, other = organization(partOf={"reference": "Organization/p"}), organization("p", partOf={"reference": "Organization/o"})
    assert providers(one, other)[0].npis == ()


def test_a_provider_that_was_not_sent_is_none():
    assert providers() == []
