"""Device: the pump of a claim."""

from __future__ import annotations

from adapter.fhir.datatypes import codes, text
from adapter.fhir.elements import filled, write_concept
from adapter.fhir.reading import Reading
from adapter.fhir.references import Found, Tree
from adapter.fhir.systems import own_code_system
from adapter.issues import Severity
from adapter.terms import Pump

__all__ = ["identify_pump", "read_pump", "write_device"]

_KIND = own_code_system("pump-kind")
_IDENTITY = ("manufacturer", "modelNumber", "serialNumber", "lotNumber")


def write_device(pump: Pump, patient: Tree) -> Tree:
    """Write a pump as a Device of the patient.

    FHIR: Device.type (our pump-kind), .udiCarrier.carrierHRF and .deviceIdentifier, .manufacturer, .modelNumber,
    .serialNumber, .lotNumber. X12 5010 has no place for any of it.

    >>> write_device(Pump(None, serial_number="S1"), {"reference": "urn:uuid:1"})["serialNumber"]
    'S1'
    """
    carrier = filled(deviceIdentifier=pump.device_identifier, carrierHRF=pump.udi)
    return filled(
        resourceType="Device",
        udiCarrier=[carrier] if carrier else None,
        manufacturer=pump.manufacturer,
        lotNumber=pump.lot_number,
        serialNumber=pump.serial_number,
        modelNumber=pump.model_number,
        type=write_concept(_KIND, pump.kind) if pump.kind else None,
        patient=patient,
    )


def read_pump(found: Found, reading: Reading) -> Pump | None:
    """Read a pump; its kind is None where no coding of ours tells it.

    Two kinds, or two UDI carriers in human-readable form, are an error. A carrier only in AIDC form is not read, and an
    information issue says so.
    """
    tree, path = found
    kinds = codes(tree.get("type"), _KIND)
    pump, differs = identify_pump(found, kinds[0] if kinds else None)
    if len(kinds) > 1 or differs:
        reading.error("pump.several", path, "The Device tells two kinds or two UDIs; one of each was expected.")
    if pump.udi is None and any("carrierAIDC" in one for one in tree.get("udiCarrier", ())):
        note = "The UDI stands here in machine form only and is not read. Give carrierHRF."
        reading.note(Severity.INFORMATION, "pump.udi-not-read", f"{path}.udiCarrier", note)
    return pump


def identify_pump(found: Found, kind: str | None) -> tuple[Pump, bool]:
    """Read what tells a pump from every other, and whether its UDI carriers name two.

    FHIR: Device.udiCarrier.carrierHRF and .deviceIdentifier, .manufacturer, .modelNumber, .serialNumber, .lotNumber.

    >>> carriers = [{"deviceIdentifier": "A"}, {"deviceIdentifier": "B"}]
    >>> identify_pump(({"udiCarrier": carriers}, "Device"), None)[1]
    True
    """
    tree, _ = found
    carriers = tree.get("udiCarrier", ())
    udis = list(dict.fromkeys(udi for one in carriers if (udi := text(one, "carrierHRF"))))
    known = list(dict.fromkeys(number for one in carriers if (number := text(one, "deviceIdentifier"))))
    pump = Pump(kind, udis[0] if udis else None, known[0] if known else None, *[text(tree, name) for name in _IDENTITY])
    return pump, len(udis) > 1 or len(known) > 1
