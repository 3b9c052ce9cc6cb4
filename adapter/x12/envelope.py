"""The envelope around a professional claim file: ISA, GS, ST and BHT, and what closes them.

Control numbers and the clock are arguments: nothing here counts on or looks at a watch. SE01, GE01 and IEA01 are
counted from the segments themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from adapter.terms import Receiver, Submitter
from adapter.x12.element import write_day
from adapter.x12.loop import Loop, Reading, TransactionLoops, read_loops
from adapter.x12.syntax import Segment, build_segment

__all__ = ["IMPLEMENTATIONS", "Envelope", "check_frame", "read_body", "read_envelope", "read_parties", "write_envelope"]

IMPLEMENTATIONS: Mapping[str, str] = {"professional": "005010X222A1", "institutional": "005010X223A2"}
"""Form of a claim to the guide that GS08 and ST03 name, each with errata (45 CFR 162.1102)."""

_NO_CLAIMS: Mapping[str, str] = {
    "TA1": "an acknowledgement of an interchange (TA1)",
    "997": "an acknowledgement of a file (997)",
    "999": "an acknowledgement of a file (999)",
    "270": "a question about eligibility (270)",
    "271": "an answer about eligibility (271)",
    "275": "an attachment (275)",
    "276": "a question about the status of a claim (276)",
    "277": "an answer about claims: their acknowledgement or status (277, 277CA)",
    "278": "a request or answer about an authorisation (278)",
    "820": "a payment of premiums (820)",
    "824": "a report of rejected data (824)",
    "834": "an enrolment (834)",
    "835": "a payment advice (835)",
}
"""Transactions that are no claims, by ST01 (X12 element 143), or the segment that stands alone."""

_OTHER_CLAIMS: Mapping[str, str] = {
    "X224": "a dental claim (837D)",
}
"""Claims of other guides, by what GS08 and ST03 hold of their number."""

_OPENING = ("ISA", "GS", "ST", "BHT")
_CLOSING = ("SE", "GE", "IEA")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends what to whom, when, under which numbers.

    `interchange_control_number` ISA13 (nine digits), `group_control_number` GS06 (up to nine digits),
    `transaction_control_number` ST02 (four to nine characters), `batch_id` BHT03; `created_at` is aware and written as
    the clock of its own zone, to the minute: X12 has no zone, so it reads back as UTC. `usage` is T (test) or P.
    `submitter.id` is ISA06, GS02 and 1000A NM109, `receiver.id` ISA08, GS03 and 1000B NM109 (qualifiers ZZ and 46).
    """

    interchange_control_number: str
    group_control_number: str
    transaction_control_number: str
    batch_id: str
    created_at: datetime
    usage: str
    submitter: Submitter
    receiver: Receiver


def write_envelope(envelope: Envelope, form: str, claims: Sequence[Segment]) -> tuple[Segment, ...]:
    """Put the segments of the claims of one form (from the first HL on) into their envelope.

    X12: ISA, GS, ST, BHT, loops 1000A and 1000B before; SE, GE, IEA after.
    """
    sender, receiver = envelope.submitter, envelope.receiver
    day, clock = write_day(envelope.created_at.date()), f"{envelope.created_at:%H%M}"
    guide = IMPLEMENTATIONS[form]
    transaction = (
        build_segment("ST", "837", envelope.transaction_control_number, guide),
        build_segment("BHT", "0019", "00", envelope.batch_id, day, clock, "CH"),
        build_segment("NM1", "41", "2", sender.name, "", "", "", "", "46", sender.id),
        build_segment("PER", "IC", sender.contact_name, "TE", sender.contact_phone),
        build_segment("NM1", "40", "2", receiver.name, "", "", "", "", "46", receiver.id),
        *claims,
    )
    number, group = envelope.interchange_control_number, envelope.group_control_number
    return (
        build_segment("ISA", "00", "", "00", "", "ZZ", sender.id, "ZZ", receiver.id, day[2:], clock, "", "00501",
                      number, "0", envelope.usage),
        build_segment("GS", "HC", sender.id, receiver.id, day, clock, group, "X", guide),
        *transaction,
        build_segment("SE", str(len(transaction) + 1), envelope.transaction_control_number),
        build_segment("GE", "1", group),
        build_segment("IEA", "1", number),
    )


def read_body(segments: Sequence[Segment], reading: Reading) -> tuple[str, TransactionLoops] | None:
    """Open the envelope, and give the form of its claims and the transaction in loops; None where it cannot be opened.

    Errors: those of `check_frame`.
    """
    form = check_frame(segments, len(segments), reading)
    return (form, read_loops(segments[2:-3], form)) if form else None


def check_frame(segments: Sequence[Segment], count: int, reading: Reading) -> str | None:
    """Check the order, counts and numbers of an envelope, and give the form of its claims; None where it cannot be opened.

    `segments` are all of the file, or all but those between the first level and the end that are no envelope; `count` is how
    many the file has. Errors: `x12.not-a-claim`, `x12.transaction-not-supported`, `x12.transactions-many`,
    `x12.envelope-broken`, `x12.count-differs`, `x12.control-number-differs`.
    """
    ids = [segment.id for segment in segments]
    form = _check_transaction(segments, reading)
    many = [name for name, times in Counter(ids).items() if name in ("ISA", "GS", "ST") and times > 1]
    if many and not reading.issues:
        reading.report("x12.transactions-many", "The text holds more than one interchange, group or transaction. "
                       "Split it, one transaction each.", many[0])
    if reading.issues:
        return None
    if form is None or tuple(ids[:4]) != _OPENING or tuple(ids[-3:]) != _CLOSING:
        reading.report("x12.envelope-broken", "The text does not run ISA, GS, ST, BHT to SE, GE, IEA. "
                       "Send the interchange whole.", ids[0])
        return None
    by_id = {segment.id: Loop(segment.id, (segment,)) for segment in (*segments[:3], *segments[-3:])}
    _check_counts(by_id, count - len(("ISA", "GS", "GE", "IEA")), reading)
    return form


def _check_transaction(segments: Sequence[Segment], reading: Reading) -> str | None:
    """Check that what the first ST (or a TA1 alone) opens is a claim, name it where it is none, and give its form."""
    first = {one.id: one for one in reversed(segments)}
    group, start = first.get("GS"), first.get("ST")
    opening = start or first.get("TA1")
    kind = start.get(1).strip() if start else opening.id if opening else ""
    if kind in _NO_CLAIMS:
        reading.report("x12.not-a-claim", f"This is {_NO_CLAIMS[kind]}, not a claim: there is nothing in it to restore. "
                       "Send the claim that it is about (837).", "ST/ST/01" if start else "TA1", opening)
    if start is None or group is None or reading.issues:
        return None  # the order of the envelope says what is missing
    forms = {guide: form for form, guide in IMPLEMENTATIONS.items()}
    named = [guide for guide in (start.get(3).strip(), group.get(8).strip()) if guide in forms]
    wanted_guide = named[0] if named else " or ".join(forms)
    guides = start.get(3) + group.get(8)
    called = next((f"This is {name}. " for guide, name in _OTHER_CLAIMS.items() if guide in guides), "")
    found = ((group, 1, "HC"), (group, 8, wanted_guide), (start, 1, "837"), (start, 3, wanted_guide))
    wrong = [(segment, place, wanted) for segment, place, wanted in found if segment.get(place).strip() != wanted]
    for segment, place, wanted in wrong[:1] if called else wrong:
        reading.report("x12.transaction-not-supported", f"{called}{segment.id}{place:02} is not {wanted}: this reader "
                       "restores the professional and the institutional claim only. Send another claim as FHIR.",
                       f"{segment.id}/{segment.id}/{place:02}", segment)
    return forms.get(wanted_guide)


def _check_counts(by_id: dict[str, Loop], transaction: int, reading: Reading) -> None:
    for path, counted in (("SE01", transaction), ("GE01", 1), ("IEA01", 1)):
        loop = by_id[path[:-2]]
        if reading.text(loop, path).lstrip("0") != str(counted):
            reading.report("x12.count-differs", f"{path} is not the count of what it closes, {counted}. Something was "
                           "lost or added on the way: ask for the file "
                           "again.", f"{loop.name}/{loop.name}/01", loop.segments[0])
    for path, opening in (("SE02", "ST02"), ("GE02", "GS06"), ("IEA02", "ISA13")):
        loop = by_id[path[:-2]]
        if reading.text(loop, path) != reading.text(by_id[opening[:-2]], opening):
            reading.report("x12.control-number-differs", f"{path} is not the control number of {opening}. Two files "
                           "may have run together: ask for the file "
                           "again.", f"{loop.name}/{loop.name}/02", loop.segments[0])


def read_envelope(segments: Sequence[Segment], header: TransactionLoops, reading: Reading) -> Envelope:
    """Read the envelope whose order `read_body` has checked."""
    isa, group = Loop("ISA", (segments[0],)), Loop("GS", (segments[1],))
    start = header.header.get("ST", Loop("ST"))
    reading.expect(start, "BHT06", "CH")
    reading.expect(isa, "ISA12", "00501")
    submitter, receiver = read_parties(header, reading)
    return Envelope(
        interchange_control_number=reading.text(isa, "ISA13"),
        group_control_number=reading.text(group, "GS06"),
        transaction_control_number=reading.text(start, "ST02"),
        batch_id=reading.text(start, "BHT03"),
        created_at=_read_clock(group, reading),
        usage=reading.code(isa, "ISA15", {"T": "T", "P": "P"}),
        submitter=submitter,
        receiver=receiver,
    )


def read_parties(header: TransactionLoops, reading: Reading) -> tuple[Submitter, Receiver]:
    """Read who sends and who takes: loops 1000A and 1000B.

    A contact without a telephone number is empty and warned of (`x12.contact-missing`).
    """
    sender, receiver = header.header.get("1000A", Loop("1000A")), header.header.get("1000B", Loop("1000B"))
    reading.expect(sender, "NM108", "46")
    reading.expect(receiver, "NM108", "46")
    name, phone = reading.optional(sender, "PER[IC]02"), None
    if reading.optional(sender, "PER[IC]03") == "TE":
        phone = reading.optional(sender, "PER[IC]04")
    if name is None or phone is None:
        reading.warn("x12.contact-missing", "The submitter names no contact with a telephone number. "
                     "Writing the file again needs both.", "1000A/PER/04")
    return (
        Submitter(reading.text(sender, "NM109"), reading.text(sender, "NM103"), name or "", phone or ""),
        Receiver(reading.text(receiver, "NM109"), reading.text(receiver, "NM103")),
    )


def _read_clock(group: Loop, reading: Reading) -> datetime:
    day, clock = reading.day(group, "GS04"), reading.text(group, "GS05")
    known = clock.isascii() and clock.isdigit() and len(clock) in (4, 6, 8)
    if known and clock[:2] < "24" and clock[2:4] < "60":
        return datetime(day.year, day.month, day.day, int(clock[:2]), int(clock[2:4]), tzinfo=UTC)
    if clock:
        reading.report("x12.time-unreadable", "GS05 is not a time written HHMM. Ask the sender to correct it.",
                       "GS/GS/05", group.segments[0])
    return datetime(date.min.year, 1, 1, tzinfo=UTC)
