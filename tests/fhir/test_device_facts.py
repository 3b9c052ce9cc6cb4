"""The pump as its Device tells it: kinds, route, identity; nothing is read from a model or a name."""

from __future__ import annotations

import pytest

from adapter.fhir.chart import Chart
from adapter.fhir.device_facts import read_device, read_route_extension
from adapter.terms import Pump
from tests.bundles import SITE_DEVICES, concept, own
from tests.coding.decisions import context, site

TABLES = context().rule_book.tables


def read(**more):
    tree = {"resourceType": "Device", **more}
    chart = Chart(tree, TABLES, site("practice"))
    return read_device(chart, (tree, "Device")), [issue.rule for issue in chart.issues]


@pytest.mark.parametrize("kind", ["implanted-programmable", "implanted-constant-flow", "implanted-reservoir", "portable", "port"])
def test_every_code_of_pump_kind_is_a_kind(kind):
    device, rules = read(type=concept(f"kind {kind}"))
    assert ([tuple(told) for told in device.kinds], device.pump.kind, rules) == ([(kind, "Device.type.coding[0]")], kind, [])


@pytest.mark.parametrize(("kind", "rules"), [(concept("kind implanted"), ["pump.unknown-kind"]), (concept(f"{SITE_DEVICES} NOTHING"), []), (concept("http://other.example port"), []),
    ({"text": "implanted pump"}, []), ({}, [])])
def test_any_other_code_is_no_kind(kind, rules):
    device, said = read(type=kind, modelNumber="SPINAL 8", deviceName=[{"name": "implanted pump"}])
    assert (device.kinds, device.pump.kind, said) == ((), None, rules)


def test_a_code_of_the_site_is_as_good_as_ours_and_two_may_differ():
    (system, code), kind = next(iter(site("practice").pump_kinds.items()))
    device, _ = read(type={"coding": [{"system": system, "code": code}, *concept("kind port")["coding"]]})
    assert [told.value for told in device.kinds] == [kind, "port"]


def test_identity_is_taken_part_by_part():
    carriers = [{"deviceIdentifier": "00899999000029", "carrierHRF": "(01)00899999000029"}]
    device, _ = read(udiCarrier=carriers, manufacturer="Invented", modelNumber="M", serialNumber="S", lotNumber="L", manufactureDate="2024", expirationDate="2034-01-15")
    assert device.pump == Pump(None, "(01)00899999000029", "00899999000029", "Invented", "M", "S", "L")
    assert (device.has_udi, device.manufactured_on, device.expires_on) == (True, "2024", "2034-01-15")


@pytest.mark.parametrize(("carriers", "rules"), [
    ([{"deviceIdentifier": "A"}, {"deviceIdentifier": "B"}], ["pump.udi-differs"]), ([{"carrierHRF": "(01)A"}, {"carrierHRF": "(01)B"}], ["pump.udi-differs"]),
    ([{"deviceIdentifier": "A", "carrierAIDC": "AAA="}, {"deviceIdentifier": "A", "carrierHRF": "(01)A"}], []),
])
def test_two_carriers_name_one_device_or_it_is_said(carriers, rules):
    device, said = read(udiCarrier=carriers)
    assert (device.pump.device_identifier or "A", said) == ("A", rules)


@pytest.mark.parametrize(("carriers", "has_udi"), [([], True), ([{}], True), ([{"carrierAIDC": "AAA="}], True)])
def test_a_carrier_in_machine_form_gives_no_udi(carriers, has_udi):
    device, _ = read(udiCarrier=carriers)
    assert (device.pump.udi, device.has_udi) == (None, has_udi)


@pytest.mark.parametrize(("codes", "routes", "rules"), [(["intrathecal"], ["intrathecal"], []), (["intrathecal", "epidural"], ["intrathecal", "epidural"], []), (["spinal"], [], ["route.unknown"]),
    (["Intrathecal"], [], ["route.unknown"]), ([], [], [])])
def test_a_route_is_a_code_of_delivery_route_or_it_is_said(codes, routes, rules):
    tree = {"extension": [own("delivery-route", valueCode=code) for code in codes]}
    chart = Chart(tree, TABLES, site("practice"))
    assert [told.value for told in read_route_extension(chart, (tree, "Procedure"))] == routes
    assert [issue.rule for issue in chart.issues] == rules
