"""Device: the pump, its kind and the route that its catheter takes."""

from __future__ import annotations

from adapter.fhir.chart import Chart
from adapter.fhir.datatypes import own_extension, own_extension_codes, read_codes
from adapter.fhir.device import identify_pump
from adapter.fhir.references import Found
from adapter.fhir.systems import SNOMED, own_code_system
from adapter.terms import Device, Told

__all__ = ["read_device", "read_route_extension"]

_INSULIN_PUMP = "69805005"
# SNOMED CT types of other devices than an implanted pump: each contradicts a pump kind, and alone tells none.
# Source: US Core example Device udi-4; FHIR R4 value set device-type.
_OTHER_DEVICES = {"433296005": "external-pump", "102318003": "venous-catheter", "118426006": "ommaya-reservoir"}
_OWN = own_code_system("pump-kind")


def read_device(chart: Chart, found: Found) -> Device:
    """Read a Device with its kinds and routes.

    FHIR: Device.type (pump-kind, or a code mapped in the site file), extension delivery-route, .udiCarrier, .serialNumber.
    """
    resource, path = found
    kinds: list[Told[str]] = []
    others: list[Told[str]] = []
    site_kinds = chart.site.pump_kinds
    for code in read_codes(resource, "type", path):
        if code.system == _OWN:
            if chart.tables.one("pump-kind", None, kind=code.code):
                kinds.append(Told(code.code, code.source))
            else:
                chart.say("pump.unknown-kind", "This is no code of pump-kind.", code.source)
        elif (code.system or "", code.code) in site_kinds:
            kinds.append(Told(site_kinds[code.system or "", code.code], code.source))
        elif code.system == SNOMED and code.code == _INSULIN_PUMP:
            chart.say("pump.insulin", "The Device is typed as an insulin pump, which no code here is for.", code.source)
            others.append(Told("insulin-pump", code.source))
        elif code.system == SNOMED and code.code in _OTHER_DEVICES:
            others.append(Told(_OTHER_DEVICES[code.code], code.source))
    pump, differs = identify_pump(found, kinds[0].value if kinds else None)
    if differs:
        chart.say("pump.udi-differs", "The UDI carriers of the Device name two devices.", f"{path}.udiCarrier")
    return Device(
        source=path,
        pump=pump,
        kinds=(*kinds, *others),
        routes=tuple(read_route_extension(chart, found)),
        has_udi="udiCarrier" in resource,
        manufactured_on=resource.get("manufactureDate"),
        expires_on=resource.get("expirationDate"),
        is_patients=all(where == chart.patient for _, where in chart.follow(resource, "patient", path, "Patient")),
    )


def read_route_extension(chart: Chart, found: Found) -> list[Told[str]]:
    """Read the extension delivery-route of a Device or Procedure; a route that is told and not read is an issue."""
    resource, path = found
    told: list[Told[str]] = []
    if "extension" not in resource:
        return told
    codes = own_extension_codes(resource, "delivery-route", path)
    for _, where in own_extension(resource, "delivery-route", path):
        if not any(code.source.startswith(f"{where}.") for code in codes):
            chart.say("route.not-understood", "The route is told in words, or without a code.", where)
    for code in codes:
        row = chart.tables.one("route", None, code=code.value)
        if row is None:
            chart.say("route.unknown", "This is no route that this product knows.", code.source)
        else:
            told.append(Told(row.text("route"), code.source))
    return told
