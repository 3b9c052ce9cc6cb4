"""The rules of texts: each element's length, letters and form, on the claim and on its envelope.

One row an element. Rule numbers: `.1` missing, `.2` too long or too short, `.3` letters, `.4` form.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from adapter.issues import Issue, IssueType, Severity
from adapter.terms import Address, Claim, Insurance, Person, Practitioner, ServiceLine
from adapter.x12.envelope import Envelope
from adapter.x12.form import (
    BILL_TYPE,
    DIAGNOSIS,
    EIN,
    FREQUENCY,
    GROUP,
    INTERCHANGE_ID,
    LONG_ZIP,
    MODIFIER,
    NDC,
    NINE,
    NOTHING,
    NPI,
    PHONE,
    PLACE,
    PROCEDURE,
    REPORT,
    REVENUE,
    STATE,
    STREET,
    TAXONOMY,
    TRANSMISSION,
    USAGE,
    ZIP,
    Check,
)
from adapter.x12.party import FACILITY_LOOPS, PROVIDERS
from adapter.x12.syntax import fold_text

__all__ = ["validate_claim_texts", "validate_envelope"]

@dataclass(frozen=True, slots=True)
class _Row:
    """One element to check: `exact` marks an identifier, in which only the case of letters may change."""

    element: str
    expression: str
    value: str | None
    longest: int = 60
    shortest: int = 1
    exact: bool = False
    check: Check | None = None


def validate_claim_texts(claim: Claim, root: str) -> tuple[Issue, ...]:
    """Check every text of a claim; `root` begins the expressions (`Claim` or `Claim[n]`)."""
    return tuple(issue for row in _claim_rows(claim) for issue in _validate(row, f"{root}."))


def validate_envelope(envelope: Envelope) -> tuple[Issue, ...]:
    """Check the envelope: its numbers, names and clock. Expressions begin at the field of `Envelope`."""
    issues = [issue for row in _envelope_rows(envelope) for issue in _validate(row, "")]
    if envelope.created_at.utcoffset() is None:
        issues.append(Issue(Severity.ERROR, IssueType.VALUE, "x12.1.ISA.ISA09.1", "The time of the envelope has no "
                            "zone. Give an aware time.", ("created_at",)))
    return tuple(issues)


def _validate(row: _Row, root: str) -> Iterator[Issue]:
    value = row.value
    if value is None:
        return
    expression, folded = (root + row.expression,), fold_text(value)
    if folded is None:
        yield Issue(Severity.ERROR, IssueType.VALUE, f"x12.1.{row.element}.3", f"{row.element} holds a letter that X12 "
                    "cannot write. Give the name in Latin letters.", expression)
        return
    if not folded:
        yield Issue(Severity.ERROR, IssueType.REQUIRED, f"x12.2.{row.element}.1",
                    f"{row.element} is empty. Complete the record.", expression)
        return
    if not row.shortest <= len(folded) <= row.longest:
        yield Issue(Severity.ERROR, IssueType.TOO_LONG, f"x12.1.{row.element}.2", f"{row.element} holds {row.shortest} "
                    f"to {row.longest} characters. Shorten or complete it at its source.", expression)
    if row.exact and folded != value.upper():
        yield Issue(Severity.ERROR, IssueType.VALUE, f"x12.1.{row.element}.3", f"{row.element} identifies something "
                    "and holds a sign that X12 cannot write, so it would not come back. Use letters, digits and "
                    "hyphens.", expression)
    elif row.check and not row.check[0](folded):
        yield Issue(Severity.ERROR, IssueType.VALUE, f"x12.5.{row.element}.4",
                    f"{row.element} is not {row.check[1]}. Correct it at its source.", expression)


def _claim_rows(claim: Claim) -> Iterator[_Row]:
    provider, insurance, facility = claim.billing_provider, claim.insurance, claim.facility
    yield _Row("2300.CLM01", "identifier[0].value", claim.identifier, longest=17, exact=True)
    if claim.form == "professional":
        yield _Row("2300.CLM05-1", "item[0].location", claim.place_of_service or "", check=PLACE)
    else:
        yield _Row("2300.CLM05-1", "subType", claim.bill_type or "", check=BILL_TYPE)
    yield _Row("2300.CLM05-3", "related[0].relationship", claim.frequency, check=FREQUENCY)
    yield _Row("2300.REF-G1", "insurance[0].preAuthRef", claim.authorisation, longest=50, exact=True)
    yield _Row("2300.REF-F8", "related[0].reference", claim.original_reference, longest=50, exact=True)
    yield _Row("2000A.PRV03", "provider.resolve().extension", provider.taxonomy, check=TAXONOMY)
    yield _Row("2010AA.NM103", "provider.resolve().name", provider.name)
    yield _Row("2010AA.NM109", "provider.resolve().identifier", provider.npi, check=NPI)
    yield _Row("2010AA.REF-EI", "provider.resolve().identifier", provider.tax_id, check=EIN)
    yield from _address_rows("2010AA", "provider.resolve().address", provider.address)
    dependent = insurance.subscriber is not None
    yield from _insurance_rows(insurance)
    yield from _person_rows("2010CA" if dependent else "2010BA", "patient.resolve()", claim.patient)
    if claim.patient.record_number:
        yield _Row("2300.REF-EA", "patient.resolve().identifier", claim.patient.record_number.value, longest=50,
                   exact=True)
    yield from _practitioner_rows(claim)
    if facility:
        loop = FACILITY_LOOPS[claim.form]
        yield _Row(f"{loop}.NM103", "facility.resolve().name", facility.name)
        yield _Row(f"{loop}.NM109", "facility.resolve().identifier", facility.npi, check=NPI)
        yield from _address_rows(loop, "facility.resolve().address", facility.address)
    if claim.pay_to:
        yield from _address_rows("2010AB", "payee.party.resolve().address", claim.pay_to)
    yield from _supporting_rows(claim)
    for place, code in enumerate(claim.diagnoses):
        yield _Row("2300.HI01", f"diagnosis[{place}].diagnosis", code, check=DIAGNOSIS)
    for place, line in enumerate(claim.lines):
        yield from _line_rows(f"item[{place}]", line, claim.form)
    for place, one in enumerate(claim.other_insurance, start=1):
        yield from _other_rows(f"insurance[{place}]", one)


def _supporting_rows(claim: Claim) -> Iterator[_Row]:
    yield _Row("2300.REF-9F", "referral.resolve().identifier", claim.referral.number if claim.referral else None, longest=50,
               exact=True)
    yield _Row("2300.NTE02", "supportingInfo", claim.note, longest=80)
    for one in claim.attachments:
        yield _Row("2300.PWK01", "supportingInfo", one.report, check=REPORT)
        yield _Row("2300.PWK02", "supportingInfo", one.transmission, check=TRANSMISSION)
        yield _Row("2300.PWK06", "supportingInfo", one.control_number, longest=50, exact=True)


def _other_rows(expression: str, insurance: Insurance) -> Iterator[_Row]:
    coverage = f"{expression}.coverage.resolve()"
    yield _Row("2320.SBR03", f"{coverage}.class", insurance.group_number, longest=50, exact=True)
    if not insurance.group_number:
        yield _Row("2320.SBR04", f"{coverage}.class", insurance.group_name)
    yield _Row("2330A.NM109", f"{coverage}.subscriberId", insurance.member_id, longest=80, shortest=2, exact=True)
    yield _Row("2330B.NM103", f"{coverage}.payor.resolve().name", insurance.payer.name)
    yield _Row("2330B.NM109", f"{coverage}.payor.resolve().identifier", insurance.payer.id, longest=80, shortest=2, exact=True)
    if insurance.decision:
        yield _Row("2330B.REF-F8", f"{expression}.claimResponse.resolve().identifier", insurance.decision.claim_number,
                   longest=50, exact=True)
    if insurance.subscriber:
        yield from _person_rows("2330A", f"{coverage}.subscriber.resolve()", insurance.subscriber)


def _insurance_rows(insurance: Insurance) -> Iterator[_Row]:
    coverage = "insurance[0].coverage.resolve()"
    yield _Row("2000B.SBR03", f"{coverage}.class", insurance.group_number, longest=50, exact=True)
    if not insurance.group_number:
        yield _Row("2000B.SBR04", f"{coverage}.class", insurance.group_name)
    yield _Row("2010BA.NM109", f"{coverage}.subscriberId", insurance.member_id, longest=80, shortest=2, exact=True)
    yield _Row("2010BB.NM103", f"{coverage}.payor.resolve().name", insurance.payer.name)
    yield _Row("2010BB.NM109", f"{coverage}.payor.resolve().identifier", insurance.payer.id, longest=80, shortest=2,
               exact=True)
    if insurance.subscriber:
        yield from _person_rows("2010BA", f"{coverage}.subscriber.resolve()", insurance.subscriber)


def _name_rows(loop: str, expression: str, person: Person | Practitioner) -> Iterator[_Row]:
    names = [name for name in person.given if fold_text(name) != ""]
    yield _Row(f"{loop}.NM103", f"{expression}.name[0].family", person.family)
    yield _Row(f"{loop}.NM104", f"{expression}.name[0].given[0]", names[0] if names else None, longest=35)
    yield _Row(f"{loop}.NM105", f"{expression}.name[0].given[1]", " ".join(names[1:]) or None, longest=25)
    yield _Row(f"{loop}.NM107", f"{expression}.name[0].suffix", person.suffix or None, longest=10)


def _person_rows(loop: str, expression: str, person: Person) -> Iterator[_Row]:
    yield from _name_rows(loop, expression, person)
    if person.address:
        yield from _address_rows(loop, f"{expression}.address[0]", person.address)


def _practitioner_rows(claim: Claim) -> Iterator[_Row]:
    told = (
        ("treating", "careTeam[0].provider.resolve()", claim.treating_provider),
        ("supervising", "careTeam[1].provider.resolve()", claim.supervising_provider),
        ("referring", "referral.resolve().requester.resolve()", claim.referral.requester if claim.referral else None),
    )
    for part, expression, one in told:
        place = PROVIDERS[claim.form].get(part)
        if one is None or place is None:
            continue
        yield from _name_rows(place.loop, expression, one)
        yield _Row(f"{place.loop}.NM109", f"{expression}.identifier", one.npi, check=NPI)
        if place.role:
            yield _Row(f"{place.loop}.PRV03", "careTeam[0].qualification", one.taxonomy, check=TAXONOMY)


def _address_rows(loop: str, expression: str, address: Address) -> Iterator[_Row]:
    """Give the rows of an address: at the billing provider a street, there and at the facility a long ZIP."""
    lines = [line for line in address.line if fold_text(line) != ""] or [""]
    street = STREET if loop == "2010AA" else None
    for place, line in enumerate(lines[:2], start=1):
        yield _Row(f"{loop}.N30{place}", f"{expression}.line[{place - 1}]", line, longest=55, check=street)
    if lines[2:]:
        yield _Row(f"{loop}.N302", f"{expression}.line[2]", lines[2], check=NOTHING)
    yield _Row(f"{loop}.N401", f"{expression}.city", address.city, longest=30, shortest=2)
    yield _Row(f"{loop}.N402", f"{expression}.state", address.state, check=STATE)
    zip_code = LONG_ZIP if loop in ("2010AA", "2310C", "2310E") else ZIP
    yield _Row(f"{loop}.N403", f"{expression}.postalCode", address.postal_code, check=zip_code)


def _line_rows(expression: str, line: ServiceLine, form: str) -> Iterator[_Row]:
    service = "2400.SV101" if form == "professional" else "2400.SV202"
    yield _Row(f"{service}-2", f"{expression}.productOrService", line.code, check=PROCEDURE)
    for place, modifier in enumerate(line.modifiers):
        yield _Row(f"{service}-3", f"{expression}.modifier[{place}]", modifier, check=MODIFIER)
    yield _Row(f"{service}-7", f"{expression}.productOrService.text", line.description, longest=80)
    yield _Row("2400.REF-6R", f"{expression}.extension", line.control_number, longest=30, exact=True)
    if form == "professional":
        yield _Row("2400.REF-G1", f"{expression}.extension", line.authorisation, longest=50, exact=True)
        yield _Row("2400.NTE02", f"{expression}.informationSequence", line.note, longest=80)
    else:
        yield _Row("2400.SV201", f"{expression}.revenue", line.revenue_code or "", check=REVENUE)
    if line.ndc:
        yield _Row("2410.LIN03", f"{expression}.detail[0].productOrService", line.ndc.code, check=NDC)
        yield _Row("2410.REF-XZ", f"{expression}.detail[0].extension", line.ndc.prescription_number, longest=50,
                   exact=True)


def _envelope_rows(envelope: Envelope) -> Iterator[_Row]:
    sender, receiver = envelope.submitter, envelope.receiver
    yield _Row("ISA.ISA13", "interchange_control_number", envelope.interchange_control_number, check=NINE)
    yield _Row("ISA.ISA15", "usage", envelope.usage, check=USAGE)
    yield _Row("GS.GS06", "group_control_number", envelope.group_control_number, check=GROUP)
    yield _Row("ST.ST02", "transaction_control_number", envelope.transaction_control_number, longest=9, shortest=4,
               exact=True)
    yield _Row("ST.BHT03", "batch_id", envelope.batch_id, longest=50, exact=True)
    yield _Row("1000A.NM103", "submitter.name", sender.name)
    yield _Row("1000A.NM109", "submitter.id", sender.id, exact=True, check=INTERCHANGE_ID)
    yield _Row("1000A.PER02", "submitter.contact_name", sender.contact_name)
    yield _Row("1000A.PER04", "submitter.contact_phone", sender.contact_phone, check=PHONE)
    yield _Row("1000B.NM103", "receiver.name", receiver.name)
    yield _Row("1000B.NM109", "receiver.id", receiver.id, exact=True, check=INTERCHANGE_ID)
