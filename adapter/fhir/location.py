"""Location: where the service was done, when that is not the billing provider's address."""

from __future__ import annotations

from adapter.fhir.datatypes import text
from adapter.fhir.elements import check_npis, filled, identifiers, read_address, write_address, write_concept, write_identifier
from adapter.fhir.reading import Reading
from adapter.fhir.references import Found, Tree
from adapter.fhir.systems import NPI, PLACE_OF_SERVICE
from adapter.terms import Facility

__all__ = ["read_facility", "write_location"]


def write_location(facility: Facility | None, place_of_service: str | None = None) -> Tree:
    """Write a facility as a Location, with the place of service as its type where one is given.

    FHIR: Location.identifier (NPI), .type (CMS place of service), .name, .address. X12: 2310C NM1*77, N3, N4.

    >>> write_location(None, "11")["type"][0]["coding"][0]["code"]
    '11'
    """
    return filled(
        resourceType="Location",
        identifier=[write_identifier(NPI, facility.npi)] if facility and facility.npi else None,
        name=facility.name if facility else None,
        type=[write_concept(PLACE_OF_SERVICE, place_of_service)] if place_of_service else None,
        address=write_address(facility.address) if facility else None,
    )


def read_facility(found: Found, reading: Reading) -> Facility | None:
    """Read a service facility from a Location or, as some write it, an Organization; name and address are needed."""
    tree, path = found
    name, address, numbers = text(tree, "name"), read_address(found, reading), identifiers(tree, [NPI])
    check_npis(found, reading)
    if name is None:
        reading.missing("facility.name-missing", f"{path}.name", "The facility's name")
    if address is None and not tree.get("address"):
        reading.missing("facility.address-missing", f"{path}.address", "The facility's address")
    if len(numbers) > 1:
        reading.error("facility.npi", f"{path}.identifier", "Several NPIs of the facility; one was expected.")
    return Facility(name, address, numbers[0].value if numbers else None) if name and address else None
