"""Device: the pump of a claim."""

from __future__ import annotations

from adapter.fhir.datatypes import children, codes, text
from adapter.fhir.elements import filled, write_concept
from adapter.fhir.reading import Reading
from adapter.fhir.references import Found, Tree
from adapter.fhir.systems import own_code_system
from adapter.issues import Severity
from adapter.terms import Pump

__all__ = ["read_pump", "write_device"]

_KIND = own_code_system("pump-kind")


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
    carriers = [one for one, _ in children(tree, path, "udiCarrier")]
    udis = tuple(dict.fromkeys(udi for one in carriers if (udi := text(one, "carrierHRF"))))
    known = tuple(dict.fromkeys(number for one in carriers if (number := text(one, "deviceIdentifier"))))
    if len(kinds) > 1 or len(udis) > 1 or len(known) > 1:
        reading.error("pump.several", path, "The Device tells two kinds or two UDIs; one of each was expected.")
    if not udis and any("carrierAIDC" in one for one in carriers):
        note = "The UDI stands here in machine form only and is not read. Give carrierHRF."
        reading.note(Severity.INFORMATION, "pump.udi-not-read", f"{path}.udiCarrier", note)
    return Pump(
        kinds[0] if kinds else None,
        udis[0] if udis else None,
        known[0] if known else None,
        text(tree, "manufacturer"),
        text(tree, "modelNumber"),
        text(tree, "serialNumber"),
        text(tree, "lotNumber"),
    )
