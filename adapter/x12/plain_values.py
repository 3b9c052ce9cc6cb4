"""The parts of a plain professional claim, 005010X222A1, and their elements, read and written side by side.

A part takes values that are right as they stand: `plain_part` says which. A `write_` here gives the elements of a part, empty
where a value has no place in it, so that the part does not take them; a `read_` gives None where a value is not what it seems.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final

from adapter.terms import (
    Address,
    Claim,
    Facility,
    Identifier,
    Insurance,
    Ndc,
    Organization,
    Payer,
    Person,
    Practitioner,
    Receiver,
    Referral,
    ServiceLine,
    Submitter,
)
from adapter.terms.npi import is_npi
from adapter.x12.diagnosis import fold_diagnosis
from adapter.x12.element import (
    ACCEPT_ASSIGNMENT,
    GENDERS,
    MONEY_PLACES,
    QUANTITY_PLACES,
    RELATIONSHIPS,
    RELEASE_OF_INFORMATION,
    SEQUENCES,
    YES_NO,
    read_table,
    write_day,
    write_number,
)
from adapter.x12.envelope import IMPLEMENTATIONS, Envelope
from adapter.x12.loop import parse_day
from adapter.x12.plain_part import Values, build_part

__all__ = [
    "CLAIM", "DEPENDENT", "FACILITY", "HEADER", "LINE", "PRACTITIONERS", "PROVIDER", "SUBSCRIBER", "TRAILER", "is_known_npi",
    "read_claim", "read_header", "read_insurance", "read_line", "read_person", "read_provider", "write_claim", "write_facility",
    "write_header", "write_insurance", "write_line", "write_person", "write_practitioner", "write_provider",
]

_SEXES: Final = read_table(GENDERS)
_ORDERS: Final = read_table(SEQUENCES)
_RELATIONS: Final = read_table(RELATIONSHIPS)
_ANSWERS: Final = read_table(YES_NO)
_ASSIGNMENTS: Final = read_table(ACCEPT_ASSIGNMENT)
_RELEASES: Final = read_table(RELEASE_OF_INFORMATION)
_MODIFIERS: Final = 4
is_known_npi = lru_cache(maxsize=4096)(is_npi)  # the same few providers stand in nearly every claim of a site
_GUIDE: Final = IMPLEMENTATIONS["professional"]
HEADER: Final = build_part(f"""
    ISA*00*          *00*          *ZZ*{{isa06:padded}}*ZZ*{{isa08:padded}}*{{isa09:digits6}}*{{isa10:clock}}*^*00501*""" f"""\
{{isa13:digits9}}*0*{{isa15:test}}*:~
    GS*HC*{{sender:text2-15}}*{{receiver:text2-15}}*{{day:day}}*{{isa10}}*{{gs06:count}}*X*{_GUIDE}~
    ST*837*{{st02:text4-9}}*{_GUIDE}~
    BHT*0019*00*{{bht03:text50}}*{{day}}*{{isa10}}*CH~
    NM1*41*2*{{sender_name:text60}}*****46*{{sender}}~
    PER*IC*{{per02:text60}}*TE*{{per04:digits10}}~
    NM1*40*2*{{receiver_name:text60}}*****46*{{receiver}}~
""")
PROVIDER: Final = build_part("""
    HL*{hl01:count}**20*1~
    PRV*BI*PXC*{prv03:taxonomy}~
    NM1*85*2*{nm103:text60}*****XX*{nm109:digits10}~
    N3*{n301:street}[*{n302:street}]~
    N4*{n401:text2-30}*{n402:state}*{n403:digits9}~
    REF*EI*{ref02:digits9}~
""")
_PERSON: Final = """
    N3*{n301:text55}[*{n302:text55}]~
    N4*{n401:text2-30}*{n402:state}*{n403:zip}~
    DMG*D8*{dmg02:day}*{dmg03:sex}~
"""
SUBSCRIBER: Final = build_part(f"""
    HL*{{hl01:count}}*{{hl02:count}}*22*{{hl04:child}}~
    SBR*{{sbr01:order}}*{{sbr02:own}}*{{sbr03:text50?}}*{{sbr04:text60?}}*****{{sbr09:filing}}~
    NM1*IL*1*{{nm103:text60}}*{{nm104:text35?}}*{{nm105:text25?}}**{{nm107:text10?}}*MI*{{nm109:text2-80}}~
    {_PERSON}
    NM1*PR*2*{{payer:text60}}*****PI*{{payer_id:text2-80}}~
""")
DEPENDENT: Final = build_part(f"""
    HL*{{hl01:count}}*{{hl02:count}}*23*0~
    PAT*{{pat01:relationship}}~
    NM1*QC*1*{{nm103:text60}}[*{{nm104:text35}}][*{{nm105:text25}}]~
    {_PERSON}
""")
_NAME: Final = "{nm103:text60}*{nm104:text35?}*{nm105:text25?}**{nm107:text10?}*XX*{nm109:digits10}~"
CLAIM: Final = build_part("""
    CLM*{clm01:text17}*{clm02:money}***{clm05_1:digits2}:B:{clm05_3:frequency}*{clm06:yes}*{clm07:assigned}*{clm08:yes}*""" """\
{clm09:release}~
    [REF*9F*{ref_9f:text50}~]
    [REF*G1*{ref_g1:text50}~]
    [REF*F8*{ref_f8:text50}~]
    [REF*EA*{ref_ea:text50}~]
    [NTE*ADD*{nte02:text80}~]
    HI*ABK:{hi01:diagnosis}[{others:diagnoses}]~
""")
PRACTITIONERS: Final = {
    "referring": build_part(f"NM1*DN*1*{_NAME}"),
    "treating": build_part(f"NM1*82*1*{_NAME}[PRV*PE*PXC*{{prv03:taxonomy}}~]"),
    "supervising": build_part(f"NM1*DQ*1*{_NAME}"),
}
FACILITY: Final = build_part("""
    NM1*77*2*{nm103:text60}[*****XX*{nm109:digits10}]~
    N3*{n301:text55}[*{n302:text55}]~
    N4*{n401:text2-30}*{n402:state}*{n403:digits9}~
""")
LINE: Final = build_part("""
    LX*{lx01:count}~
    SV1*HC:{sv101_2:code}[{modifiers:modifiers}][{padding:padding}{sv101_7:description}]*{sv102:money}*UN*""" """\
{sv104:number}***{sv107:pointers}~
    DTP*472*D8*{dtp03:day}~
    [REF*G1*{ref_g1:text50}~]
    REF*6R*{ref_6r:text30}~
    [NTE*ADD*{nte02:text80}~]
    [LIN**N4*{lin03:digits11}~CTP****{ctp04:number}*{ctp05:unit}~]
    [REF*XZ*{ref_xz:text50}~]
""")
TRAILER: Final = build_part("SE*{se01:count}*{se02:text4-9}~GE*1*{ge02:count}~IEA*1*{iea02:digits9}~")


def write_header(envelope: Envelope) -> Values:
    """Give the elements of ISA, GS, ST, BHT, 1000A and 1000B."""
    at, sender, receiver = envelope.created_at, envelope.submitter, envelope.receiver
    day = write_day(at.date())
    return {
        "isa06": sender.id.ljust(15), "isa08": receiver.id.ljust(15), "isa09": day[2:], "isa10": f"{at.hour:02}{at.minute:02}",
        "isa13": envelope.interchange_control_number, "isa15": envelope.usage, "sender": sender.id, "receiver": receiver.id,
        "day": day, "gs06": envelope.group_control_number, "st02": envelope.transaction_control_number,
        "bht03": envelope.batch_id, "sender_name": sender.name.upper(), "per02": sender.contact_name.upper(),
        "per04": sender.contact_phone, "receiver_name": receiver.name.upper(),
    }


def read_header(values: Values) -> Envelope | None:
    """Read the envelope; None where it is of no day, or names one party in two ways."""
    day, clock = parse_day(values["day"]), values["isa10"]
    fits = values["isa06"].rstrip() == values["sender"] and values["isa08"].rstrip() == values["receiver"]
    if day is None or not fits or values["isa09"] != values["day"][2:]:
        return None
    return Envelope(
        values["isa13"], values["gs06"], values["st02"], values["bht03"],
        datetime(day.year, day.month, day.day, int(clock[:2]), int(clock[2:]), tzinfo=UTC), values["isa15"],
        Submitter(values["sender"], values["sender_name"], values["per02"], values["per04"]),
        Receiver(values["receiver"], values["receiver_name"]),
    )


def _write_address(address: Address | None) -> Values:
    lines = address.line if address else ()
    if address is None or not 1 <= len(lines) <= 2:
        return {"n301": "", "n302": None, "n401": "", "n402": "", "n403": ""}
    return {"n301": lines[0].upper(), "n302": lines[1].upper() if len(lines) > 1 else None, "n401": address.city.upper(),
            "n402": address.state, "n403": address.postal_code}


def _read_address(values: Values) -> Address:
    first, second = values["n301"], values["n302"]
    return Address((first, second) if second else (first,), values["n401"], values["n402"], values["n403"])


def write_provider(provider: Organization, top: int) -> Values:
    """Give the elements of 2000A and 2010AA under the number of their level."""
    return {"hl01": str(top), "prv03": provider.taxonomy, "nm103": provider.name.upper(), "nm109": _npi(provider.npi),
            **_write_address(provider.address), "ref02": provider.tax_id}


def read_provider(values: Values) -> Organization:
    """Read who bills; its NPI is not checked here."""
    return Organization(values["nm103"], values["nm109"], values["ref02"], values["prv03"], None, _read_address(values))


def _npi(npi: str | None) -> str:
    """Give an NPI, empty where its check digit is wrong: no part takes that."""
    return npi if npi is not None and is_known_npi(npi) else ""


def _write_name(person: Person | Practitioner) -> Values:
    """Give the elements of a name; a third given name, or an empty one, no part takes."""
    given = person.given
    plain = len(given) <= 2 and all(given)
    return {
        "nm103": person.family.upper() if plain else "", "nm104": given[0].upper() if given else "",
        "nm105": given[1].upper() if len(given) > 1 else "", "nm107": person.suffix.upper() if person.suffix else "",
    }


def _read_given(values: Values) -> tuple[str, ...]:
    return tuple([name for name in (values["nm104"], values["nm105"]) if name])


def write_person(person: Person) -> Values:
    """Give the elements of NM1, N3, N4 and DMG."""
    born = person.birth_date
    return {**_write_name(person), **_write_address(person.address), "dmg02": write_day(born) if born else "",
            "dmg03": GENDERS.get(person.gender or "", "")}


def read_person(values: Values) -> Person | None:
    """Read a person; None where the birth date is none, or a middle name stands alone."""
    born = parse_day(values["dmg02"])
    if born is None or (values["nm105"] and not values["nm104"]):
        return None
    return Person(values["nm103"], _read_given(values), values.get("nm107") or None, _SEXES[values["dmg03"]], born,
                  _read_address(values))


def write_insurance(insurance: Insurance, patient: Person, number: int, top: int) -> Values:
    """Give the elements of 2000B, 2010BA and 2010BB under their number and that of the level above."""
    group, dependent = insurance.group_number, insurance.subscriber is not None
    return {
        "hl01": str(number), "hl02": str(top), "hl04": "1" if dependent else "0", "sbr01": SEQUENCES.get(insurance.order, ""),
        "sbr02": "" if dependent else "18", "sbr03": "" if group is None else group or " ",
        "sbr04": "" if group or insurance.group_name is None else insurance.group_name.upper() or " ",
        "sbr09": insurance.filing_indicator, **write_person(insurance.subscriber or patient),
        "nm109": insurance.member_id, "payer": insurance.payer.name.upper(), "payer_id": insurance.payer.id,
    }


def read_insurance(values: Values, dependent: Values | None, subscriber: Person | None) -> Insurance | None:
    """Read the coverage; None where SBR02, HL04 and the patient's own level do not agree."""
    own = dependent is None
    if (values["sbr02"] == "18") != own or (values["hl04"] == "0") != own or (values["sbr03"] and values["sbr04"]):
        return None
    return Insurance(
        Payer(values["payer_id"], values["payer"]), values["nm109"],
        "self" if dependent is None else _RELATIONS[dependent["pat01"]], values["sbr09"], _ORDERS[values["sbr01"]], subscriber,
        values["sbr03"] or None, values["sbr04"] or None,
    )


def write_claim(claim: Claim) -> Values:
    """Give the elements of 2300, whose lines have charges that can be added."""
    first, *others = [_write_code(code) for code in claim.diagnoses]
    number = claim.patient.record_number
    return {
        "clm01": claim.identifier, "clm02": write_number(claim.total, MONEY_PLACES), "clm05_1": claim.place_of_service,
        "clm05_3": claim.frequency, "clm06": YES_NO.get(claim.provider_signature),
        "clm07": ACCEPT_ASSIGNMENT.get(claim.accept_assignment), "clm08": YES_NO.get(claim.benefits_assignment),
        "clm09": RELEASE_OF_INFORMATION.get(claim.release_of_information),
        "ref_9f": claim.referral.number if claim.referral else None, "ref_g1": claim.authorisation,
        "ref_f8": claim.original_reference, "ref_ea": number.value if number else None,
        "nte02": None if claim.note is None else claim.note.upper(), "hi01": first,
        "others": "".join([f"*ABF:{code}" for code in others]) or None,
    }


def _write_code(code: str) -> str:
    """Write a diagnosis without its dot; what is written otherwise than it comes back, no part takes."""
    plain = code.replace(".", "")
    return plain if plain.isalnum() and fold_diagnosis(plain) == code else ""


def write_practitioner(part: str, one: Practitioner) -> str | None:
    """Write 2310A, 2310B or 2310D, None where it is not plain."""
    values = {**_write_name(one), "nm109": _npi(one.npi)}
    return PRACTITIONERS[part].write({**values, "prv03": one.taxonomy} if part == "treating" else values)


def _read_practitioner(values: Values | None) -> Practitioner | None:
    if values is None:
        return None
    return Practitioner(values["nm103"], _read_given(values), values["nm107"] or None, values["nm109"], values.get("prv03"))


def write_facility(facility: Facility) -> Values:
    """Give the elements of 2310C."""
    npi = facility.npi
    return {"nm103": facility.name.upper(), "nm109": None if npi is None else _npi(npi), **_write_address(facility.address)}


def _read_facility(values: Values | None) -> Facility | None:
    return None if values is None else Facility(values["nm103"], _read_address(values), values["nm109"])


def _read_codes(values: Values) -> tuple[str, ...]:
    others = values["others"][5:].split("*ABF:") if values["others"] else []
    return tuple(map(fold_diagnosis, (values["hi01"], *others)))


def write_line(place: int, line: ServiceLine) -> Values:
    """Give the elements of 2400 and 2410 under the number of the line."""
    ndc, described = line.ndc, line.description is not None
    return {
        "lx01": str(place), "sv101_2": line.code,
        "modifiers": "".join([f":{one}" if one.isalnum() else "::" for one in line.modifiers]) or None,
        "padding": ":" * (_MODIFIERS + 1 - len(line.modifiers)) if described else None,
        "sv101_7": line.description.upper() if line.description is not None else None,
        "sv102": write_number(line.charge, MONEY_PLACES), "sv104": write_number(line.units, QUANTITY_PLACES),
        "sv107": ":".join(map(str, line.diagnosis_pointers)), "dtp03": write_day(line.service_date),
        "ref_g1": line.authorisation, "ref_6r": line.control_number, "nte02": None if line.note is None else line.note.upper(),
        "lin03": ndc.code if ndc else None, "ctp04": write_number(ndc.quantity, QUANTITY_PLACES) if ndc else None,
        "ctp05": ndc.unit if ndc else None, "ref_xz": ndc.prescription_number if ndc else None,
    }


def read_line(values: Values) -> ServiceLine | None:
    """Read a line; None where its day is none, or its description does not stand in its place."""
    modifiers = tuple(values["modifiers"][1:].split(":")) if values["modifiers"] else ()
    day, drug = parse_day(values["dtp03"]), values["lin03"]
    padded = values["padding"] is None or len(modifiers) + len(values["padding"]) == _MODIFIERS + 1
    if day is None or not padded or (drug is None and values["ref_xz"] is not None):
        return None
    return ServiceLine(
        int(values["lx01"]), values["sv101_2"], modifiers, Decimal(values["sv104"]), Decimal(values["sv102"]),
        tuple(map(int, values["sv107"].split(":"))), day, values["ref_6r"], None,
        Ndc(drug, Decimal(values["ctp04"]), values["ctp05"], values["ref_xz"]) if drug else None,
        values["sv101_7"], values["ref_g1"], None, values["nte02"],
    )


def read_claim(values: Values, lines: tuple[ServiceLine, ...], parties: tuple[Values | None, ...],
                 people: tuple[Person, Insurance, Organization]) -> Claim | None:
    """Read a claim with its lines; `parties` are 2310A to 2310D. None where CLM02 is not their sum as it is written."""
    referring, treating, facility, supervising = parties
    requester, (patient, insurance, billing) = _read_practitioner(referring), people
    number = values["ref_ea"]
    if not lines or write_number(sum([line.charge for line in lines], Decimal(0)), MONEY_PLACES) != values["clm02"]:
        return None
    return Claim(
        identifier=values["clm01"], form="professional", service_date=min([line.service_date for line in lines]),
        place_of_service=values["clm05_1"], bill_type=None,
        patient=replace(patient, record_number=Identifier(None, number)) if number else patient,
        insurance=insurance, billing_provider=billing, treating_provider=_read_practitioner(treating),
        facility=_read_facility(facility), diagnoses=_read_codes(values), lines=lines, authorisation=values["ref_g1"],
        frequency=values["clm05_3"], original_reference=values["ref_f8"], accept_assignment=_ASSIGNMENTS[values["clm07"]],
        benefits_assignment=_ANSWERS[values["clm08"]], provider_signature=_ANSWERS[values["clm06"]],
        release_of_information=_RELEASES[values["clm09"]],
        referral=Referral(values["ref_9f"], requester) if values["ref_9f"] or requester else None,
        supervising_provider=_read_practitioner(supervising), note=values["nte02"],
    )
