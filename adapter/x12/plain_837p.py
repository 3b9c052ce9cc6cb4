"""Professional claims whose every value is plain, written and read in one look a part: the short way of `file_837`.

It takes what nearly every claim of a refill is: one coverage, values that are right as they stand, segments in our order.
Whatever it does not take goes the long way, which alone says what is wrong; what it takes comes out as there, sign by sign
(docs/decisions/0062-plain-claims-in-one-look.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adapter.terms import Claim, Organization, ServiceLine
from adapter.x12.element import RELATIONSHIPS
from adapter.x12.envelope import Envelope
from adapter.x12.plain_part import PlainPart, Values
from adapter.x12.plain_values import (
    CLAIM,
    DEPENDENT,
    FACILITY,
    HEADER,
    LINE,
    PRACTITIONERS,
    PROVIDER,
    SUBSCRIBER,
    TRAILER,
    is_known_npi,
    read_claim,
    read_header,
    read_insurance,
    read_line,
    read_person,
    read_provider,
    write_claim,
    write_facility,
    write_header,
    write_insurance,
    write_line,
    write_person,
    write_practitioner,
    write_provider,
)

__all__ = ["read_plain", "write_plain"]

_MOST_LINES = 50
_MOST_DIAGNOSES = 12


def write_plain(claims: Sequence[Claim], envelope: Envelope) -> str | None:
    """Write plain professional claims as one file, or give None where one of their values is not plain.

    What is written reads back as it is, and breaks no rule of a single value; `guide` has the rules between values.
    """
    if envelope.created_at.utcoffset() is None or not all(map(_may_be_plain, claims)):
        return None
    parts, number, top, billing = [HEADER.write(write_header(envelope))], 0, 0, None
    for claim in claims:
        if claim.billing_provider != billing:
            number = top = number + 1
            billing = claim.billing_provider
            parts.append(PROVIDER.write(write_provider(billing, top)))
        parts += _write_claim(claim, number + 1, top)
        number += 1 if claim.insurance.subscriber is None else 2
    if None in parts:
        return None
    body = "".join([part for part in parts if part is not None])
    trailer = {"se01": str(body.count("~") - 1), "se02": envelope.transaction_control_number,
               "ge02": envelope.group_control_number, "iea02": envelope.interchange_control_number}
    closed = TRAILER.write(trailer)
    return None if closed is None else body + closed


def _may_be_plain(claim: Claim) -> bool:
    """Tell whether a claim has only what the parts have places for, and no more of it than a claim may have."""
    insurance, dependent = claim.insurance, claim.insurance.relationship != "self"
    return (
        claim.form == "professional" and not claim.other_insurance and claim.pay_to is None and not claim.attachments
        and 1 <= len(claim.lines) <= _MOST_LINES and 1 <= len(claim.diagnoses) <= _MOST_DIAGNOSES
        and dependent == (insurance.subscriber is not None) and not (dependent and claim.patient.suffix)
    )


def _write_claim(claim: Claim, number: int, top: int) -> Iterator[str | None]:
    """Write the levels of one claim and its loops; the total is added up after its charges are found to be amounts."""
    insurance = claim.insurance
    yield SUBSCRIBER.write(write_insurance(insurance, claim.patient, number, top))
    if insurance.subscriber:
        person = write_person(claim.patient)
        yield DEPENDENT.write({
            **person, "nm104": person["nm104"] or None, "nm105": person["nm105"] or None, "hl01": str(number + 1),
            "hl02": str(number), "pat01": RELATIONSHIPS.get(insurance.relationship),
        })
    lines = [LINE.write(write_line(place, line)) for place, line in enumerate(claim.lines, 1)]
    if None in lines:
        yield None
        return
    yield CLAIM.write(write_claim(claim))
    referring = claim.referral.requester if claim.referral else None
    if referring:
        yield write_practitioner("referring", referring)
    if claim.treating_provider:
        yield write_practitioner("treating", claim.treating_provider)
    if claim.facility:
        yield FACILITY.write(write_facility(claim.facility))
    if claim.supervising_provider:
        yield write_practitioner("supervising", claim.supervising_provider)
    yield from lines


def read_plain(text: str) -> tuple[Envelope, tuple[Claim, ...]] | None:
    """Read a file of plain professional claims, or give None where it holds anything else: no part of it is passed over.

    What is read has right values and counts; `guide` has the rules between values.
    """
    opened = HEADER.read(text, 0)
    envelope = read_header(opened[0]) if opened else None
    if opened is None or envelope is None:
        return None
    walk = _Walk(text, opened[1])
    claims: list[Claim] = []
    while (claim := walk.read_claim()) is not None:
        claims.append(claim)
    closed = walk.take(TRAILER)
    if not claims or closed is None or text[walk.at:].strip():
        return None
    counted = (str(text.count("~") - 4), envelope.transaction_control_number, envelope.group_control_number,
               envelope.interchange_control_number)
    if tuple(closed.values()) != counted:
        return None
    return envelope, tuple(claims)


@dataclass(slots=True)
class _Walk:
    """A text as far as its parts are read: the place after them, the level that is open, and who bills."""

    text: str
    at: int
    level: int = 0
    top: int = 0
    billing: Organization | None = None

    def take(self, part: PlainPart) -> Values | None:
        """Take a part where it stands next."""
        found = part.read(self.text, self.at)
        if found is None:
            return None
        self.at = found[1]
        return found[0]

    def read_claim(self) -> Claim | None:
        """Read the next claim, None where no whole one follows in which all is plain."""
        if not self._open_provider() or self.billing is None:
            return None
        subscriber, dependent = self.take(SUBSCRIBER), self.take(DEPENDENT)
        claim, parties = self.take(CLAIM), self._read_parties()
        if subscriber is None or claim is None or parties is None or not self._count_levels(subscriber, dependent):
            return None
        person, patient = read_person(subscriber), read_person(dependent) if dependent else None
        insurance = read_insurance(subscriber, dependent, person if dependent else None)
        patient = patient if dependent else person
        lines = self._read_lines()
        if insurance is None or patient is None or person is None or lines is None:
            return None
        return read_claim(claim, lines, parties, (patient, insurance, self.billing))

    def _open_provider(self) -> bool:
        """Read who bills where a level of it follows; a second level of the same one is not plain."""
        found = self.take(PROVIDER)
        if found is None:
            return True
        provider = read_provider(found)
        fits = found["hl01"] == str(self.level + 1) and provider != self.billing and is_known_npi(provider.npi)
        self.level = self.top = self.level + 1
        self.billing = provider
        return fits

    def _count_levels(self, subscriber: Values, dependent: Values | None) -> bool:
        told = [subscriber["hl01"], subscriber["hl02"], *((dependent["hl01"], dependent["hl02"]) if dependent else ())]
        own = self.level + 1
        self.level += 2 if dependent else 1
        return told == [str(own), str(self.top), *((str(own + 1), str(own)) if dependent else ())]

    def _read_parties(self) -> tuple[Values | None, ...] | None:
        """Read who referred, who treated, the place and who supervised; None where an NPI of them is wrong."""
        parts = PRACTITIONERS["referring"], PRACTITIONERS["treating"], FACILITY, PRACTITIONERS["supervising"]
        found = tuple([self.take(part) for part in parts])
        return found if all(is_known_npi(one["nm109"]) for one in found if one and one["nm109"] is not None) else None

    def _read_lines(self) -> tuple[ServiceLine, ...] | None:
        lines: list[ServiceLine] = []
        while (found := self.take(LINE)) is not None:
            line = read_line(found)
            if line is None or line.sequence != len(lines) + 1:
                return None
            lines.append(line)
        return tuple(lines)


