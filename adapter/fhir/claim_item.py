"""Claim.item: one service line, with its drug package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from adapter.fhir.claim_drug import read_ndc, write_ndc
from adapter.fhir.code_set import code_set
from adapter.fhir.datatypes import children, codes, day, extension, number, positive, text
from adapter.fhir.device import read_pump
from adapter.fhir.elements import filled, write_concept, write_money
from adapter.fhir.reading import Reading
from adapter.fhir.references import Found, Tree
from adapter.fhir.systems import CPT, HCPCS, NUBC_REVENUE, PLACE_OF_SERVICE, own_structure
from adapter.issues import IssueType, Severity
from adapter.terms import Pump, ServiceLine

__all__ = ["ItemContext", "read_item", "read_money", "read_places", "write_item"]

_CONTROL_NUMBER = own_structure("line-item-control-number")
_AUTHORISATION = own_structure("line-prior-authorisation")
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class ItemContext:
    """What the claim gives a line: its place, who treated (careTeam.sequence), references to pumps, sequences of its notes."""

    place_of_service: str | None
    care_team: tuple[int, ...]
    pumps: Mapping[Pump, Tree]
    notes: Mapping[int, list[int]] = field(default_factory=dict)


def write_item(line: ServiceLine, context: ItemContext) -> Tree:
    """Write one service line.

    FHIR: Claim.item.sequence, .careTeamSequence, .diagnosisSequence, .revenue, .productOrService (code in its canonical
    system; text is the description of an unlisted code), .modifier, .servicedDate, .locationCodeableConcept, .quantity,
    .unitPrice (only where it is whole cents), .net, .udi, .detail (NDC); extensions for the control number and the
    line's own authorisation. X12: loop 2400.
    """
    named = {_CONTROL_NUMBER: line.control_number, _AUTHORISATION: line.authorisation}
    product = write_concept(code_set(line.code) or "", line.code)
    price = _unit_price(line)
    return filled(
        extension=[{"url": url, "valueString": value} for url, value in named.items() if value],
        sequence=line.sequence,
        careTeamSequence=list(context.care_team),
        diagnosisSequence=list(line.diagnosis_pointers),
        informationSequence=context.notes.get(line.sequence),
        revenue=write_concept(NUBC_REVENUE, line.revenue_code) if line.revenue_code else None,
        productOrService={**product, "text": line.description} if line.description else product,
        modifier=[write_concept(code_set(one) or "", one) for one in line.modifiers],
        servicedDate=line.service_date.isoformat(),
        locationCodeableConcept=(
            write_concept(PLACE_OF_SERVICE, context.place_of_service) if context.place_of_service else None
        ),
        quantity={"value": line.units},
        unitPrice=write_money(price) if price is not None else None,
        net=write_money(line.charge),
        udi=[context.pumps[line.pump]] if line.pump else None,
        detail=[write_ndc(line.ndc)] if line.ndc else None,
    )


def _unit_price(line: ServiceLine) -> Decimal | None:
    if line.units <= 0:
        return None
    price = (line.charge / line.units).quantize(_CENT)
    return price if price * line.units == line.charge else None


def read_item(item: Found, positions: dict[int, int], form: str, reading: Reading) -> ServiceLine | None:
    """Read one Claim.item; None, with errors, where something that is billed is missing or wrong.

    `positions` gives the 1-based place in the claim's diagnoses for each diagnosis.sequence. A line without our
    control-number extension is known by its sequence, as X12 has it (an information issue says so).
    """
    tree, path = item
    sequence = positive(tree.get("sequence"))
    if sequence is None:
        reading.missing("item.sequence-missing", f"{path}.sequence", "The line's number, 1 or more,")
    code, served = _read_code(item, reading), _read_day(item, reading)
    units = number(tree.get("quantity"), "value")
    if units is None:
        reading.missing("item.quantity-missing", f"{path}.quantity.value", "The number of units")
    charge = read_money(item, "net", reading)
    _check_price(item, units, charge, reading)
    pointers, modifiers = _read_pointers(item, positions, form, reading), _read_modifiers(item, reading)
    revenue = codes(tree.get("revenue"), NUBC_REVENUE)
    if len(revenue) != 1 and tree.get("revenue") is not None:
        message = f"Exactly one coding in the system {NUBC_REVENUE} was expected."
        reading.error("item.revenue", f"{path}.revenue", message)
    ndc = read_ndc(item, reading)
    if sequence is None or code is None or served is None or units is None or charge is None:
        return None
    return ServiceLine(
        sequence, code, modifiers, units, charge, pointers, served, _control_number(item, sequence, reading),
        revenue[0] if revenue else None, ndc, text(tree.get("productOrService"), "text"),
        text(extension(tree, _AUTHORISATION), "valueString"), _read_pump(item, reading),
    )


def _read_pump(item: Found, reading: Reading) -> Pump | None:
    """Read the one Device that item.udi or item.detail.udi refers to; of several none is taken, and an issue says so."""
    found: dict[str, Found] = {}
    for owner in (item, *children(*item, "detail")):
        for reference, where in children(*owner, "udi"):
            if device := reading.resolve(reference, where, "udi"):
                found.setdefault(device[1], device)
    if len(found) > 1:
        note = "The line refers to several Devices; which of them is its pump is not told, and none is taken."
        reading.note(Severity.INFORMATION, "item.devices-several", f"{item[1]}.udi", note)
        return None
    return read_pump(next(iter(found.values())), reading) if found else None


def _read_code(item: Found, reading: Reading) -> str | None:
    tree, path = item
    place = f"{path}.productOrService"
    known = codes(tree.get("productOrService"), CPT, HCPCS)
    if len(known) != 1:
        message = f"{len(known)} CPT or HCPCS codes stand here; exactly one was expected, in {CPT} or {HCPCS}."
        reading.error("item.code", place, message, IssueType.REQUIRED if not known else IssueType.CONFLICT)
        return None
    if code_set(known[0]) is None or len(known[0]) != 5:
        message = "This has not the form of a CPT or HCPCS code; five characters of one were expected."
        reading.error("item.code-form", place, message, IssueType.CODE_INVALID)
        return None
    return known[0]


def _read_modifiers(item: Found, reading: Reading) -> tuple[str, ...]:
    found = []
    for concept, where in children(*item, "modifier"):
        known = codes(concept, CPT, HCPCS)
        if len(known) != 1 or code_set(known[0]) is None or len(known[0]) != 2:
            message = f"Exactly one modifier of two characters was expected, in {CPT} or {HCPCS}."
            reading.error("item.modifier", where, message, IssueType.CODE_INVALID)
        else:
            found.append(known[0])
    return tuple(found)


def _read_day(item: Found, reading: Reading) -> date | None:
    tree, path = item
    period = tree.get("servicedPeriod")
    if isinstance(period, dict):
        start, end = day(period.get("start")), day(period.get("end"))
        if start is None or start != end:
            message = "The period is not one calendar day. Give start and end on the same day, or servicedDate."
            reading.error("item.service-date", f"{path}.serviced", message)
            return None
        return start
    served = day(tree.get("servicedDate"))
    if served is None:
        reading.missing("item.service-date-missing", f"{path}.serviced", "The day of service, in full,")
    return served


def read_money(owner: Found, name: str, reading: Reading) -> Decimal | None:
    """Read a Money element as US dollars; another currency is an error, none at all a warning."""
    tree, path = owner
    amount, currency = number(tree.get(name), "value"), text(tree.get(name), "currency")
    if amount is None:
        reading.missing("money.missing", f"{path}.{name}", "The amount")
    elif currency is None:
        note = "The amount has no currency and is read as US dollars. Give currency USD."
        reading.note(Severity.WARNING, "money.currency-missing", f"{path}.{name}.currency", note)
    elif currency != "USD":
        reading.error("money.currency", f"{path}.{name}.currency", "Another currency stands here; USD was expected.")
    return amount


def _check_price(item: Found, units: Decimal | None, charge: Decimal | None, reading: Reading) -> None:
    """Compare net with unitPrice times quantity times factor, where all are told: a difference is a contradiction."""
    tree, path = item
    price = number(tree.get("unitPrice"), "value")
    factor = number(tree, "factor") if "factor" in tree else Decimal(1)
    if price is None or units is None or charge is None or factor is None:
        return
    if price * units * factor != charge:
        message = "net is not unitPrice times quantity times factor. Correct the one that is wrong."
        reading.error("item.net-differs", f"{path}.net", message, IssueType.CONFLICT)


def _read_pointers(item: Found, positions: dict[int, int], form: str, reading: Reading) -> tuple[int, ...]:
    tree, path = item
    sent = tree.get("diagnosisSequence")
    sequences = [positive(one) for one in sent] if isinstance(sent, list) else []
    pointers = [positions.get(one) if one is not None else None for one in sequences]
    if not sequences and form == "professional":
        reading.missing("item.diagnosis-missing", f"{path}.diagnosisSequence", "The line's diagnosis")
    for position, pointer in enumerate(pointers):
        if pointer is None:
            message = "No diagnosis of the claim has this sequence. Refer to one of Claim.diagnosis.sequence."
            place = f"{path}.diagnosisSequence[{position}]"
            reading.error("item.diagnosis-unknown", place, message, IssueType.NOT_FOUND)
    return tuple(one for one in pointers if one is not None)


def _control_number(item: Found, sequence: int, reading: Reading) -> str:
    tree, path = item
    sent = text(extension(tree, _CONTROL_NUMBER), "valueString")
    if sent is None:
        note = "The line has no control number: it is known by its sequence."
        reading.note(Severity.INFORMATION, "item.control-number-absent", f"{path}.extension", note)
    return sent or str(sequence)


def read_places(item: Found, reading: Reading) -> tuple[str, ...]:
    """Give the places of service of one line: locationCodeableConcept, or the type of the Location referred to."""
    tree, path = item
    found = list(codes(tree.get("locationCodeableConcept"), PLACE_OF_SERVICE))
    location = reading.follow(tree, path, "locationReference")
    if location:
        found += [code for one, _ in children(*location, "type") for code in codes(one, PLACE_OF_SERVICE)]
    return tuple(dict.fromkeys(found))
