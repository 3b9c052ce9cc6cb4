"""Organization: who bills and who pays."""

from __future__ import annotations

from adapter.fhir.datatypes import children, codes, text
from adapter.fhir.elements import check_npis, filled, identifiers, read_address, write_address, write_concept, write_identifier
from adapter.fhir.reading import Reading
from adapter.fhir.references import Found, Tree
from adapter.fhir.systems import EIN, NPI, NUCC, own_identifier_system
from adapter.terms import Organization, Payer

__all__ = ["read_organization", "read_payer", "write_organization", "write_payer"]

_PAYER_ID = own_identifier_system("payer-id")


def write_organization(organization: Organization) -> Tree:
    """Write the billing provider as an Organization.

    FHIR: Organization.identifier (NPI, EIN), .type (NUCC taxonomy), .name, .telecom, .address.
    X12: 2000A PRV*BI, 2010AA.

    >>> from adapter.terms import Address
    >>> clinic = Organization("Sample Clinic", "1993999907", "987000001", "207RX0202X", None,
    ...                       Address(("1 Billing Way",), "Exampleville", "OH", "440010001"))
    >>> write_organization(clinic)["type"][0]["coding"][0]["code"]
    '207RX0202X'
    """
    return filled(
        resourceType="Organization",
        identifier=[write_identifier(NPI, organization.npi), write_identifier(EIN, organization.tax_id)],
        type=[write_concept(NUCC, organization.taxonomy)],
        name=organization.name,
        telecom=[{"system": "phone", "value": organization.phone}] if organization.phone else None,
        address=[write_address(organization.address)],
    )


def read_organization(found: Found, reading: Reading, role: Found | None = None) -> Organization | None:
    """Read a billing provider; every part but the phone is needed and its absence an error.

    `role` is the PractitionerRole that led here: its specialty gives the taxonomy where the Organization has none.
    """
    tree, path = found
    name = text(tree, "name")
    if name is None:
        reading.missing("provider.name-missing", f"{path}.name", "The billing provider's name")
    npi = _only(found, reading, NPI, "npi")
    check_npis(found, reading)
    tax_id = _only(found, reading, EIN, "tax-id")
    places = [(tree, path, "type"), *([(*role, "specialty")] if role else [])]
    concepts = [one for where, _, element in places for one, _ in children(where, "", element)]
    known = tuple(dict.fromkeys(code for one in concepts for code in codes(one, NUCC)))
    if len(known) != 1:
        text_ = "Exactly one NUCC taxonomy code of the billing provider was expected. Give it as a coding of type."
        reading.error("provider.taxonomy", f"{path}.type", text_)
    address = read_address(found, reading)
    if address is None and not tree.get("address"):
        reading.missing("provider.address-missing", f"{path}.address", "The billing provider's address")
    phones = [text(one, "value") for one, _ in children(tree, path, "telecom") if one.get("system") == "phone"]
    if name is None or npi is None or tax_id is None or len(known) != 1 or address is None:
        return None
    return Organization(name, npi, tax_id.replace("-", ""), known[0], phones[0] if phones else None, address)


def write_payer(payer: Payer) -> Tree:
    """Write a payer as an Organization.

    FHIR: Organization.identifier, .name. X12: 2010BB NM109 (PI) and NM103.

    >>> write_payer(Payer("60054", "Sample Payer"))["identifier"][0]["value"]
    '60054'
    """
    identifier = [write_identifier(_PAYER_ID, payer.id)]
    return {"resourceType": "Organization", "identifier": identifier, "name": payer.name}


def read_payer(found: Found, reading: Reading) -> Payer | None:
    """Read a payer: the identifier in our payer-id system, else the only one there is; and the name."""
    tree, path = found
    known = identifiers(tree, [_PAYER_ID]) or identifiers(tree)
    name = text(tree, "name")
    if tree.get("resourceType") != "Organization":
        text_ = "The payer is no Organization. Refer to the Organization of the payer."
        reading.error("payer.not-an-organization", path, text_)
        return None
    if len(known) != 1:
        text_ = f"{len(known)} payer ids stand here; exactly one was expected. Give one in the system {_PAYER_ID}."
        reading.error("payer.id", f"{path}.identifier", text_)
    if name is None:
        reading.missing("payer.name-missing", f"{path}.name", "The payer's name")
    return Payer(known[0].value, name) if len(known) == 1 and name else None


def _only(found: Found, reading: Reading, system: str, what: str) -> str | None:
    tree, path = found
    known = identifiers(tree, [system])
    if len(known) != 1:
        text_ = f"{len(known)} identifiers of the billing provider in the system {system}; exactly one was expected."
        reading.error(f"provider.{what}", f"{path}.identifier", text_)
        return None
    return known[0].value
