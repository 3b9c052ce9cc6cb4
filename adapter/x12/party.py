"""The parties of a claim, each loop read and written side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adapter.terms import Address, Facility, Identifier, Insurance, Organization, Payer, Person, Practitioner
from adapter.x12.element import GENDERS, RELATIONSHIPS, SEQUENCES, read_table, write_day
from adapter.x12.loop import ClaimLoops, Loop, Reading
from adapter.x12.syntax import Segment, build_segment

__all__ = [
    "FACILITY_LOOPS",
    "PROVIDERS",
    "ProviderPlace",
    "read_billing_provider",
    "read_facility",
    "read_patient",
    "read_pay_to",
    "read_person",
    "read_provider",
    "read_subscriber",
    "write_billing_provider",
    "write_facility",
    "write_patient",
    "write_pay_to",
    "write_person",
    "write_provider",
    "write_subscriber",
]


@dataclass(frozen=True, slots=True)
class ProviderPlace:
    """Where a practitioner stands: the loop, NM101 and, where the loop has one, PRV01."""

    loop: str
    entity: str
    role: str = ""


PROVIDERS: Mapping[str, Mapping[str, ProviderPlace]] = {
    "professional": {
        "referring": ProviderPlace("2310A", "DN"),
        "treating": ProviderPlace("2310B", "82", "PE"),
        "supervising": ProviderPlace("2310D", "DQ"),
    },
    "institutional": {
        "treating": ProviderPlace("2310A", "71", "AT"),
        "referring": ProviderPlace("2310F", "DN"),
    },
}
"""Form and part of a practitioner in a claim to the place in X12."""

FACILITY_LOOPS: Mapping[str, str] = {"professional": "2310C", "institutional": "2310E"}
"""Form to the loop of the service facility, NM1*77."""

_OTHERS = {code: relationship for code, relationship in read_table(RELATIONSHIPS).items() if relationship != "self"}


def write_billing_provider(provider: Organization) -> tuple[Segment, ...]:
    """Write who bills, without its HL.

    X12: 2000A PRV*BI, 2010AA NM1*85, N3, N4, REF*EI. FHIR: Claim.provider.
    """
    return (
        build_segment("PRV", "BI", "PXC", provider.taxonomy),
        build_segment("NM1", "85", "2", provider.name, "", "", "", "", "XX", provider.npi),
        *_write_address(provider.address),
        build_segment("REF", "EI", provider.tax_id),
    )


def read_billing_provider(claim: ClaimLoops, reading: Reading) -> Organization:
    """Read who bills: 2000A PRV*BI, 2010AA. A taxonomy or EIN that the file leaves out is empty and warned of."""
    loop = claim.get("2010AA")
    reading.expect(loop, "NM102", "2")
    reading.expect(loop, "NM108", "XX")
    taxonomy, tax_id = reading.optional(claim.get("2000A"), "PRV[BI]03"), reading.optional(loop, "REF[EI]02")
    if taxonomy is None:
        reading.warn("x12.taxonomy-missing", "The billing provider has no taxonomy code (PRV*BI). A claim of ours "
                                             "names it.",
                     "2000A/PRV/03")
    if tax_id is None:
        reading.warn("x12.tax-id-missing", "The billing provider has no employer identification number (REF*EI). "
                     "A claim of ours names it.", "2010AA/REF/02")
    return Organization(
        name=reading.text(loop, "NM103"),
        npi=reading.npi(loop, "NM109"),
        tax_id=tax_id or "",
        taxonomy=taxonomy or "",
        phone=None,
        address=_read_required_address(loop, reading),
    )


def write_subscriber(insurance: Insurance, patient: Person) -> tuple[Segment, ...]:
    """Write the coverage that is billed, without its HL.

    X12: 2000B SBR, 2010BA NM1*IL, N3, N4, DMG, 2010BB NM1*PR. FHIR: Coverage. SBR04 only where there is no SBR03.
    """
    own = insurance.relationship == "self"
    group = insurance.group_number or ""
    return (
        build_segment("SBR", SEQUENCES[insurance.order], RELATIONSHIPS["self"] if own else "", group,
                      "" if group else insurance.group_name or "", "", "", "", "", insurance.filing_indicator or ""),
        *write_person("IL", insurance.subscriber or patient, ("MI", insurance.member_id)),
        build_segment("NM1", "PR", "2", insurance.payer.name, "", "", "", "", "PI", insurance.payer.id),
    )


def read_subscriber(claim: ClaimLoops, reading: Reading) -> Insurance:
    """Read the coverage that is billed: 2000B, 2010BA, 2010BB, and PAT01 of 2000C where the patient is another."""
    level, person, payer = claim.get("2000B"), claim.get("2010BA"), claim.get("2010BB")
    dependent = "2000C" in claim.loops
    if dependent:
        relationship = reading.code(claim.get("2000C"), "PAT01", _OTHERS)
    else:
        relationship = reading.code(level, "SBR02", {RELATIONSHIPS["self"]: "self"})
    reading.expect(person, "NM102", "1")
    reading.expect(person, "NM108", "MI")
    reading.expect(payer, "NM108", "PI")
    filing_indicator = reading.optional(level, "SBR09")
    if filing_indicator is None:
        reading.warn("x12.filing-indicator-missing", "The coverage has no claim filing indicator (SBR09). "
                     "A claim of ours names it.", "2000B/SBR/09")
    return Insurance(
        payer=Payer(reading.text(payer, "NM109"), reading.text(payer, "NM103")),
        member_id=reading.text(person, "NM109"),
        relationship=relationship,
        filing_indicator=filing_indicator,
        order=reading.code(level, "SBR01", read_table(SEQUENCES)),
        subscriber=read_person(person, reading) if dependent else None,
        group_number=reading.optional(level, "SBR03"),
        group_name=reading.optional(level, "SBR04"),
    )


def write_patient(insurance: Insurance, patient: Person) -> tuple[Segment, ...]:
    """Write a patient who is not the subscriber, without its HL.

    X12: 2000C PAT01, 2010CA NM1*QC, N3, N4, DMG. FHIR: Claim.patient, Coverage.relationship.
    """
    return (
        build_segment("PAT", RELATIONSHIPS[insurance.relationship]),
        *write_person("QC", patient, ("", "")),
    )


def read_patient(claim: ClaimLoops, reading: Reading) -> Person:
    """Read the patient: 2010CA, or 2010BA where the subscriber is the patient; the record number is 2300 REF*EA."""
    loop = claim.get("2010CA" if "2000C" in claim.loops else "2010BA")
    return read_person(loop, reading, reading.optional(claim.get("2300"), "REF[EA]02"))


def write_pay_to(address: Address) -> tuple[Segment, ...]:
    """Write where the payment goes.

    X12: 2010AB NM1*87, N3, N4. FHIR: Claim.payee.party.
    """
    return (build_segment("NM1", "87", "2"), *_write_address(address))


def read_pay_to(claim: ClaimLoops, reading: Reading) -> Address | None:
    """Read where the payment goes: 2010AB, None where it goes to the billing provider's address."""
    loop = claim.get("2010AB")
    return _read_required_address(loop, reading) if loop.segments else None


def write_provider(practitioner: Practitioner, place: ProviderPlace) -> tuple[Segment, ...]:
    """Write a practitioner: who treated, who referred or who supervised.

    X12: NM1, PRV. FHIR: Claim.careTeam, Claim.referral.

    >>> alex = Practitioner("Exemplar", ("Alex",), None, "1882999901", "207RX0202X")
    >>> name, taxonomy = write_provider(alex, PROVIDERS["professional"]["treating"])
    >>> name.get(9), taxonomy.get(3)
    ('1882999901', '207RX0202X')
    """
    taxonomy = practitioner.taxonomy
    first, middle = _write_given(practitioner.given)
    name = build_segment("NM1", place.entity, "1", practitioner.family, first, middle, "", practitioner.suffix or "",
                         "XX" if practitioner.npi else "", practitioner.npi or "")
    return (name, build_segment("PRV", place.role, "PXC", taxonomy)) if taxonomy and place.role else (name,)


def read_provider(claim: ClaimLoops, place: ProviderPlace | None, reading: Reading) -> Practitioner | None:
    """Read a practitioner, None where the claim has none there, or the form no place for one."""
    loop = claim.get(place.loop) if place else None
    if place is None or loop is None or not loop.segments or loop.segments[0].get(1) != place.entity:
        return None
    reading.expect(loop, "NM102", "1")
    npi = _read_npi(loop, reading)
    return Practitioner(
        family=reading.text(loop, "NM103"),
        given=_read_given(loop, reading),
        suffix=reading.optional(loop, "NM107"),
        npi=npi,
        taxonomy=reading.optional(loop, f"PRV[{place.role}]03") if place.role else None,
    )


def write_facility(facility: Facility) -> tuple[Segment, ...]:
    """Write where it was done.

    X12: NM1*77, N3, N4 of 2310C (professional) or 2310E (institutional). FHIR: Claim.facility.

    >>> place = Facility("Sample Suite", Address(("2 Clinic Way",), "Exampleville", "OH", "440010002"), "1992999908")
    >>> [segment.id for segment in write_facility(place)]
    ['NM1', 'N3', 'N4']
    """
    npi = facility.npi
    name = build_segment("NM1", "77", "2", facility.name, "", "", "", "", "XX" if npi else "", npi or "")
    return (name, *_write_address(facility.address))


def read_facility(claim: ClaimLoops, form: str, reading: Reading) -> Facility | None:
    """Read where it was done: 2310C or 2310E, None where the claim has none."""
    loop = claim.get(FACILITY_LOOPS[form])
    if not loop.segments:
        return None
    npi = _read_npi(loop, reading)
    return Facility(reading.text(loop, "NM103"), _read_required_address(loop, reading), npi)


def _read_npi(loop: Loop, reading: Reading) -> str | None:
    """Read the NPI of a party that may have none."""
    if reading.optional(loop, "NM109") is None:
        return None
    reading.expect(loop, "NM108", "XX")
    return reading.npi(loop, "NM109")


def write_person(entity: str, person: Person, identity: tuple[str, str]) -> tuple[Segment, ...]:
    """Write a person under NM101, with what NM108 and NM109 are: NM1, N3, N4, DMG."""
    first, middle = _write_given(person.given)
    segments = [build_segment("NM1", entity, "1", person.family, first, middle, "", person.suffix or "", *identity)]
    if person.address:
        segments += _write_address(person.address)
    if person.birth_date and person.gender:
        segments.append(build_segment("DMG", "D8", write_day(person.birth_date), GENDERS[person.gender]))
    return tuple(segments)


def read_person(loop: Loop, reading: Reading, record_number: str | None = None) -> Person:
    """Read a person: NM1, N3, N4, DMG."""
    told = loop.find("DMG") is not None
    if told:
        reading.expect(loop, "DMG01", "D8")
    return Person(
        family=reading.text(loop, "NM103"),
        given=_read_given(loop, reading),
        suffix=reading.optional(loop, "NM107"),
        gender=reading.code(loop, "DMG03", read_table(GENDERS)) if told else None,
        birth_date=reading.day(loop, "DMG02") if told else None,
        address=_read_required_address(loop, reading) if loop.find("N4") or loop.find("N3") else None,
        record_number=Identifier(None, record_number) if record_number else None,
    )


def _write_given(given: tuple[str, ...]) -> tuple[str, str]:
    return given[0] if given else "", " ".join(given[1:])


def _read_given(loop: Loop, reading: Reading) -> tuple[str, ...]:
    first, middle = reading.optional(loop, "NM104"), reading.optional(loop, "NM105")
    return tuple(name for name in (first, middle) if name)


def _write_address(address: Address) -> tuple[Segment, ...]:
    return (
        build_segment("N3", *address.line),
        build_segment("N4", address.city, address.state, address.postal_code),
    )


def _read_required_address(loop: Loop, reading: Reading) -> Address:
    second = reading.optional(loop, "N302")
    postal_code = reading.text(loop, "N403").replace("-", "")
    if postal_code and not (postal_code.isascii() and postal_code.isdigit()):
        reading.report("x12.postal-code-unreadable", f"N403 of loop {loop.name} is not a ZIP code of digits. This "
                       "reader takes addresses in the United States only.", f"{loop.name}/N4/03", loop.find("N4"))
    return Address(
        line=(reading.text(loop, "N301"), *([second] if second else [])),
        city=reading.text(loop, "N401"),
        state=reading.text(loop, "N402"),
        postal_code=postal_code,
    )
