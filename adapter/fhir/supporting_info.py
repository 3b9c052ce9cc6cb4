"""Claim.supportingInfo: what a claim says beside its lines: admission, stated codes, attachments, notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapter.fhir.datatypes import children, codes, day, number, positive, text
from adapter.fhir.elements import filled, write_concept, write_identifier
from adapter.fhir.reading import Reading
from adapter.fhir.references import Found, Tree
from adapter.fhir.systems import own_identifier_system
from adapter.issues import IssueType
from adapter.terms import Admission, Attachment, Claim, StatedCode

__all__ = ["read_line_notes", "read_supporting_info", "write_line_notes", "write_supporting_info"]

_INFORMATION = "http://terminology.hl7.org/CodeSystem/claiminformationcategory"
# Categories and NUBC systems as CARIN Blue Button 2.2.0 has them (hl7.org/fhir/us/carin-bb), read 2026-11.
_CARIN = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSupportingInfoType"
_NUBC = "https://www.nubc.org/CodeSystem/"
_ADMISSION = {
    "type": ("admtype", f"{_NUBC}PriorityTypeOfAdmitOrVisit"),
    "source": ("pointoforigin", f"{_NUBC}PointOfOrigin"),
    "patient_status": ("discharge-status", f"{_NUBC}PatDischargeStatus"),
}
_STATED = {
    "condition": f"{_NUBC}ConditionCodes", "occurrence": f"{_NUBC}OccurrenceCodes", "value": f"{_NUBC}ValueCodes",
}
_REPORT = "https://codesystem.x12.org/005010/755"
_TRANSMISSION = "https://codesystem.x12.org/005010/756"
_ATTACHMENT_NUMBER = own_identifier_system("attachment-control-number")


def write_supporting_info(claim: Claim) -> list[Tree]:
    """Write all that stands beside the lines, numbered from 1; the notes of lines come last.

    FHIR: Claim.supportingInfo.category, .code, .timing, .value. X12: CL1, HI BG, BH, BE, PWK, NTE*ADD.

    >>> write_supporting_info(__import__("types").SimpleNamespace(
    ...     admission=None, stated_codes=(), attachments=(), note="A note", lines=()))[0]["valueString"]
    'A note'
    """
    found = [*_write_admission(claim), *map(_write_stated, claim.stated_codes), *map(_write_attachment, claim.attachments)]
    notes = [claim.note, *(line.note for line in claim.lines)]
    found += [filled(category=write_concept(_INFORMATION, "info"), valueString=note) for note in notes if note]
    return [{"sequence": place, **one} for place, one in enumerate(found, 1)]


def write_line_notes(claim: Claim, written: list[Tree]) -> dict[int, list[int]]:
    """Give, by sequence of a line, the supporting information that is its note."""
    noted = [line.sequence for line in claim.lines if line.note]
    start = 1 + len(written) - len(noted)
    return {sequence: [start + place] for place, sequence in enumerate(noted)}


def _write_admission(claim: Claim) -> Iterator[Tree]:
    for name, (category, system) in _ADMISSION.items():
        code = getattr(claim.admission, name) if claim.admission else None
        if code:
            yield {"category": write_concept(_CARIN, category), "code": write_concept(system, code)}


def _write_stated(stated: StatedCode) -> Tree:
    return filled(
        category=write_concept(_INFORMATION, "info"),
        code=write_concept(_STATED[stated.kind], stated.code),
        timingDate=stated.day.isoformat() if stated.day else None,
        valueQuantity={"value": stated.amount} if stated.amount is not None else None,
    )


def _write_attachment(attachment: Attachment) -> Tree:
    number_ = attachment.control_number
    told = ((_REPORT, attachment.report), (_TRANSMISSION, attachment.transmission))
    coding = [one for system, code in told for one in write_concept(system, code)["coding"]]
    reference = {"type": "DocumentReference", "identifier": write_identifier(_ATTACHMENT_NUMBER, number_)} if number_ else None
    return filled(category=write_concept(_INFORMATION, "attachment"), code={"coding": coding}, valueReference=reference)


def read_supporting_info(claim: Found, reading: Reading) -> dict[str, Any]:
    """Read what stands beside the lines, by field of Claim; what no field holds is passed over.

    A note that a line refers to is that line's. Several notes of the claim, or several answers to one question of the
    admission, are an error: a claim has one.
    """
    entries = children(*claim, "supportingInfo")
    of_lines = {one for item, _ in children(*claim, "item") for one in _sequences(item)}
    notes = [one for one in entries if _is_note(one[0]) and positive(one[0].get("sequence")) not in of_lines]
    if len(notes) > 1:
        message = "Several notes of the claim; a claim carries one. Put the others on their lines."
        reading.error("claim.notes-several", notes[1][1], message, IssueType.CONFLICT)
    return {
        "admission": _read_admission(entries, reading),
        "stated_codes": tuple(one for entry, _ in entries for one in _read_stated(entry)),
        "attachments": tuple(one for entry, _ in entries for one in _read_attachment(entry)),
        "note": text(notes[0][0], "valueString") if notes else None,
    }


def read_line_notes(claim: Found) -> dict[int, str]:
    """Give the note that each line refers to, by the sequence of the line."""
    entries = [one for one, _ in children(*claim, "supportingInfo") if _is_note(one)]
    notes = {positive(one.get("sequence")): text(one, "valueString") for one in entries}
    found: dict[int, str] = {}
    for item, _ in children(*claim, "item"):
        sequence = positive(item.get("sequence"))
        told = [note for note in map(notes.get, _sequences(item)) if note]
        if sequence is not None and told:
            found[sequence] = told[0]
    return found


def _sequences(item: Tree) -> list[int | None]:
    sent = item.get("informationSequence")
    return [positive(one) for one in sent] if isinstance(sent, list) else []


def _is_note(entry: Tree) -> bool:
    return "info" in codes(entry.get("category"), _INFORMATION) and isinstance(entry.get("valueString"), str)


def _read_admission(entries: Sequence[Found], reading: Reading) -> Admission | None:
    told: dict[str, str] = {}
    for name, (_, system) in _ADMISSION.items():
        found = tuple(dict.fromkeys(code for entry, _ in entries for code in codes(entry.get("code"), system)))
        if len(found) > 1:
            message = "Several codes stand here for one question of the admission; one was expected."
            reading.error("claim.admission-several", entries[0][1], message, IssueType.CONFLICT)
        elif found:
            told[name] = found[0]
    return Admission(**told) if told else None


def _read_stated(entry: Tree) -> Iterator[StatedCode]:
    for kind, system in _STATED.items():
        for code in codes(entry.get("code"), system):
            yield StatedCode(kind, code, day(entry.get("timingDate")), number(_tree(entry, "valueQuantity"), "value"))


def _read_attachment(entry: Tree) -> Iterator[Attachment]:
    report, transmission = codes(entry.get("code"), _REPORT), codes(entry.get("code"), _TRANSMISSION)
    if len(report) == len(transmission) == 1:
        sent = _tree(_tree(entry, "valueReference"), "identifier")
        yield Attachment(report[0], transmission[0], text(sent, "value"))


def _tree(owner: Mapping[str, Any], name: str) -> Tree:
    found = owner.get(name)
    return found if isinstance(found, dict) else {}
