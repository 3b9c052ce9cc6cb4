"""One warning for each element that the record does not show, and the label of the pump against its Device."""

from __future__ import annotations

from datetime import date

import pytest

from adapter.coding.act import ActCode
from adapter.coding.decision import Visit
from adapter.coding.documentation import find_places, judge_documentation, judge_udi, read_documentation
from adapter.coding.pump import PumpKind
from adapter.terms import Act, Device, Drug, Observation, Person, Practitioner, PractitionerFacts, Pump, RefillFacts, Told
from tests.coding.decisions import context, site

DAY = date(2026, 3, 2)
ACT = Act("Procedure", Told("completed", "status"))
TABLES = context().rule_book.tables
SHOWN = ("identity-check", "residual-aspirated", "volume-injected", "aspiration-check", "patient-tolerance", "interrogation")
NURSE = PractitionerFacts("Nurse", Practitioner("Sample"))
UDI = "(01)00899999000029(11)240115(17)340115(10)L100(21)SN100"


def judge(shown=SHOWN, *, consents=("Consent",), people=(NURSE,), lots=("D1",), programmable=True):
    drugs = tuple(Drug(f"Drug{number}", 0, lot_number=Told(lot, "lot") if lot else None) for number, lot in enumerate(lots))
    facts = RefillFacts(acts=(ACT,), patient=Person("Placeholder"), observations=tuple(Observation("Obs", code) for code in shown), consents=consents, practitioners=people, drugs=drugs)
    act = ActCode(ACT, "refill", "96522", pump=PumpKind(is_programmable=programmable))
    visit = Visit(facts, site("practice"), TABLES, DAY, DAY, DAY)
    return judge_documentation(visit, read_documentation(visit, (act,)))


def test_a_complete_note_has_no_warning():
    assert judge() == []


@pytest.mark.parametrize("missing", SHOWN)
def test_each_observation_that_is_missing_is_one_warning(missing):
    (issue,) = judge([code for code in SHOWN if code != missing])
    assert (issue.rule, issue.severity, issue.expression) == ("documentation.missing", "warning", ("Procedure",))


@pytest.mark.parametrize(("changes", "count"), [
    ({"consents": ()}, 1), ({"people": ()}, 1), ({"people": (PractitionerFacts("Chief", Practitioner("Sample"), is_supervisor=True),)}, 1), ({"lots": ("D1", None)}, 1),
    ({"lots": ()}, 0), ({"shown": (), "consents": (), "people": (), "lots": (None,)}, 9), ({"shown": SHOWN[:-1], "programmable": False}, 0), ({"shown": SHOWN[:-1], "programmable": None}, 0),
])
def test_each_other_element_that_is_missing_is_one_warning(changes, count):
    assert len(judge(**changes)) == count


def test_a_missing_lot_names_the_drug_that_lacks_it():
    assert judge(lots=("D1", None))[0].expression == ("Drug1.medication",)


def test_an_integrity_check_is_as_good_as_an_aspiration_check():
    assert judge([*[code for code in SHOWN if code != "aspiration-check"], "integrity-check"]) == []


def read(**more):
    drugs = (Drug("Drug0", 0, containers=(Told("single-dose", "Drug0.container"),), order="Drug0.request"), Drug("Drug1", 0, containers=(Told("multi-dose", "Drug1.container"),)))
    facts = RefillFacts(acts=(ACT,), patient=Person("Placeholder"), drugs=drugs, **more)
    return read_documentation(Visit(facts, site("practice"), TABLES, DAY, DAY, DAY), (ActCode(ACT, "refill"),))


def test_an_element_of_each_drug_is_shown_where_all_show_it_and_names_those_that_do_not():
    told = {one.name: find_places(one, read().facts)[1:] for one in read().elements}
    assert told["container of each drug"][0] == ("Drug0.container", "Drug1.container")
    assert told["order"] == ((), ("Drug1.medication",))
    assert told["amount discarded"] == ((), ("Drug0.medication",))
    assert "interrogation" not in told


@pytest.mark.parametrize(("source", "shown"), [("Procedure.performed", False), ("Procedure.performed.end", True)])
def test_start_and_end_are_shown_by_a_period_with_both(source, shown):
    documentation = read(service_dates=(Told(DAY, "Procedure.performed.start"), Told(DAY, source)))
    (times,) = [one for one in documentation.elements if one.ways == ("times",)]
    assert bool(find_places(times, documentation.facts).sources) == shown


def test_nothing_is_read_of_a_record_without_a_patient():
    visit = Visit(RefillFacts(acts=(ACT,)), site("practice"), TABLES, DAY, DAY, DAY)
    assert read_documentation(visit, ()) is None
    assert judge_documentation(visit, None) == []


def udi(carrier=UDI, manufactured_on="2024-01-15", expires_on="2034-01-15", **pump):
    told = {"device_identifier": "00899999000029", "lot_number": "L100", "serial_number": "SN100", **pump}
    device = Device("Device", Pump("port", udi=carrier, **told), has_udi=carrier is not None, manufactured_on=manufactured_on, expires_on=expires_on)
    visit = Visit(RefillFacts(acts=(ACT,), devices=(device,)), site("practice"), TABLES, DAY, DAY, DAY)
    return judge_udi(visit, ActCode(ACT, "refill", pump=PumpKind(source="Device")))


@pytest.mark.parametrize(("changes", "element"), [
    ({"device_identifier": "00899999000030"}, "udiCarrier[0].deviceIdentifier"), ({"lot_number": "L101"}, "lotNumber"), ({"serial_number": "sn100"}, "serialNumber"),
    ({"manufactured_on": "2024-01-16"}, "manufactureDate"), ({"expires_on": "2034-02-15T00:00:00Z"}, "expirationDate"),
])
def test_one_part_that_differs_is_named(changes, element):
    (issue,) = udi(**changes)
    assert (issue.rule, issue.expression) == ("pump.udi-differs", (f"Device.{element}",))


@pytest.mark.parametrize("changes", [{}, {"lot_number": None, "serial_number": None}, {"manufactured_on": "2024"}, {"carrier": "(01)00899999000029"}, {"carrier": "no label"},
    {"carrier": UDI.replace("340115", "340100"), "expires_on": "2034-01-31"}, {"carrier": "(01)00899999000029(17)280200", "expires_on": "2028-02-29"}])
def test_a_label_that_agrees_or_does_not_say_is_silent(changes):
    assert udi(**changes) == ()


def test_a_day_of_nothing_is_the_last_of_its_month_and_no_other():
    assert [issue.rule for issue in udi(carrier=UDI.replace("340115", "340100"), expires_on="2034-01-30")] == ["pump.udi-differs"]


def test_no_label_is_a_piece_of_information():
    assert [(issue.rule, issue.severity) for issue in udi(carrier=None)] == [("pump.udi-missing", "information")]
