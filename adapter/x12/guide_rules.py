"""The table of rules of a claim, of both forms: what breaks each, the Claim element behind it, and what to say.

A rule without `form` holds for both. Rules of single texts are those of `guide_text`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from adapter.issues import IssueType, Severity
from adapter.terms import Claim, LineDecision, PayerDecision, Person, ServiceLine
from adapter.terms.mbi import is_mbi
from adapter.x12.element import (
    FILING_INDICATORS,
    GENDERS,
    MONEY_PLACES,
    NDC_UNITS,
    QUANTITY_PLACES,
    RELATIONSHIPS,
    SEQUENCES,
    UNCLASSIFIED_DRUGS,
)

__all__ = ["ADJUSTMENT_GROUPS", "NUMBER_RULES", "RULES", "SENT_APART", "Rule"]

ADJUSTMENT_GROUPS = frozenset({"CO", "OA", "PI", "PR"})
"""X12 element 1033 (CAS01)."""

SENT_APART = frozenset({"BM", "EL", "EM", "FT", "FX"})
"""Ways in which an attachment travels under a number of its own: X12 element 756 (PWK02)."""

_REASON = re.compile(r"[A-Z]?[0-9]{1,3}")
_LARGEST_MONEY = Decimal("99999999.99")
_LARGEST_QUANTITY = Decimal("99999999.999")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its id, the kind of issue, the Claim element, what finds the places that break it, and what to say.

    `find` gets the folded claim and the day of the envelope, and gives for each broken place the index that fills the
    `{}` of `expression`. `institutional` is the id for an institutional claim, where its loop or element is another;
    `form` is the only form that has the rule.
    """

    id: str
    code: IssueType
    expression: str
    find: Callable[[Claim, date], Iterable[int]]
    text: str
    severity: Severity = Severity.ERROR
    form: str | None = None
    institutional: str | None = None


def _when(test: Callable[[Claim], bool]) -> Callable[[Claim, date], Iterable[int]]:
    """Make a finder out of a test that is true where the claim breaks the rule."""
    return lambda claim, _: [0] if test(claim) else []


def _lines(test: Callable[[ServiceLine], bool]) -> Callable[[Claim, date], Iterable[int]]:
    """Make a finder out of a test that is true for a line that breaks the rule."""
    return lambda claim, _: [place for place, line in enumerate(claim.lines) if test(line)]


def _misfit(value: Decimal, largest: Decimal, places: int) -> bool:
    """Tell whether a number is not finite, negative, too large or of too many decimals."""
    if not value.is_finite() or value < 0 or value > largest:
        return True
    exponent = value.normalize().as_tuple().exponent
    return isinstance(exponent, int) and -exponent > places


def _quantity_misfit(value: Decimal) -> bool:
    return _misfit(value, _LARGEST_QUANTITY, QUANTITY_PLACES) or value == 0


def _missing_demographics(claim: Claim) -> bool:
    return claim.patient.birth_date is None or claim.patient.gender is None


def _unanswered(claim: Claim) -> bool:
    signature = claim.provider_signature if claim.form == "professional" else True
    return None in (signature, claim.accept_assignment, claim.benefits_assignment, claim.release_of_information)


def _born_after(claim: Claim, _: date) -> list[int]:
    born = claim.patient.birth_date
    return [place for place, line in enumerate(claim.lines) if born and line.service_date < born]


def _repeated_control_numbers(claim: Claim, _: date) -> list[int]:
    numbers = [line.control_number for line in claim.lines]
    if len(set(numbers)) == len(numbers):
        return []
    counts = Counter(numbers)
    return [place for place, number in enumerate(numbers) if counts[number] > 1]


def _pointing_nowhere(claim: Claim, _: date) -> list[int]:
    inside = set(range(1, len(claim.diagnoses) + 1))
    return [place for place, line in enumerate(claim.lines) if not inside.issuperset(line.diagnosis_pointers)]


def _outside(count: int, claim: Claim, most: tuple[int, int]) -> bool:
    """Tell whether there is none, or more than the form holds; `most` is of professional and institutional claims."""
    return not 1 <= count <= most[claim.form != "professional"]


def _decisions(claim: Claim) -> list[tuple[int, PayerDecision]]:
    return [(place, one.decision) for place, one in enumerate(claim.other_insurance, start=1) if one.decision]


def _adjusted(decision: PayerDecision | LineDecision) -> Decimal:
    return sum((one.amount for one in decision.adjustments), Decimal(0))


def _unbalanced_decisions(claim: Claim, _: date) -> list[int]:
    """Find decisions in which what was paid and what was adjusted do not come to the charges of the claim."""
    return [
        place for place, one in _decisions(claim)
        if one.paid + _adjusted(one) + sum((_adjusted(line) for line in one.lines), Decimal(0)) != claim.total
    ]


def _unbalanced_lines(claim: Claim, _: date) -> list[int]:
    """Find decisions of which one is of no line, or does not come to the charge of its line."""
    charges = {line.sequence: line.charge for line in claim.lines}
    return [
        place for place, decision in _decisions(claim)
        if any(one.paid + _adjusted(one) != charges.get(one.sequence) for one in decision.lines)
    ]


def _unfit_adjustments(claim: Claim, _: date) -> list[int]:
    found = []
    for place, decision in _decisions(claim):
        told = [*decision.adjustments, *(each for one in decision.lines for each in one.adjustments)]
        if any(one.group not in ADJUSTMENT_GROUPS or not _REASON.fullmatch(one.reason) for one in told):
            found.append(place)
    return found


def _unfit_amounts(claim: Claim, _: date) -> list[int]:
    """Find decisions with an amount that is not finite, or of too many digits."""
    found = []
    for place, decision in _decisions(claim):
        told = [*decision.adjustments, *(each for one in decision.lines for each in one.adjustments)]
        amounts = [decision.paid, *(one.paid for one in decision.lines), *(one.amount for one in told)]
        units = [*(one.units for one in decision.lines), *(one.quantity for one in told if one.quantity is not None)]
        if any(_misfit(one.copy_abs(), _LARGEST_MONEY, MONEY_PLACES) for one in amounts) or any(
            _misfit(one, _LARGEST_QUANTITY, QUANTITY_PLACES) for one in units
        ):
            found.append(place)
    return found


def _undecided(claim: Claim) -> bool:
    """Tell whether a payer that pays before the one that is billed has decided nothing that is told."""
    earlier = [one for one in claim.other_insurance if one.order < claim.insurance.order]
    return claim.insurance.order > 1 and (not earlier or any(one.decision is None for one in earlier))


def _unfit_others(claim: Claim, _: date) -> list[int]:
    """Find other coverages whose order, relationship, subscriber or filing indicator is none that X12 has."""
    return [
        place for place, one in enumerate(claim.other_insurance, start=1)
        if one.order not in SEQUENCES or one.relationship not in RELATIONSHIPS or one.filing_indicator not in FILING_INDICATORS
        or (one.relationship == "self") != (one.subscriber is None)
    ]


def _repeated_orders(claim: Claim) -> bool:
    orders = [one.order for one in (claim.insurance, *claim.other_insurance)]
    payers = [one.payer.id for one in claim.other_insurance]
    return len(set(orders)) < len(orders) or len(set(payers)) < len(payers)


def _incomplete_admission(claim: Claim) -> bool:
    admission = claim.admission
    return admission is None or not (
        re.fullmatch("[1-59]", admission.type or "") and re.fullmatch("[0-9A-Z]", admission.source or "")
        and re.fullmatch("[0-9]{2}", admission.patient_status or "")
    )


def _unfit_stated(claim: Claim, _: date) -> list[int]:
    """Find stated codes without the day or amount of their kind, or of no form."""
    return [
        place for place, one in enumerate(claim.stated_codes)
        if not re.fullmatch("[0-9A-Z]{2}", one.code) or (one.kind == "occurrence") != (one.day is not None)
        or (one.kind == "value") != (one.amount is not None)
        or (one.amount is not None and _misfit(one.amount, _LARGEST_MONEY, MONEY_PLACES))
    ]


def _same_npi(claim: Claim) -> bool:
    treating = claim.treating_provider
    return treating is not None and treating.npi == claim.billing_provider.npi


NUMBER_RULES = (
    Rule("x12.1.2400.SV102.1", IssueType.VALUE, "Claim.item[{}].net",
         _lines(lambda line: _misfit(line.charge, _LARGEST_MONEY, MONEY_PLACES)),
         "The charge of a line is not an amount from 0 to 99999999.99 with two decimals. Correct the fee.",
         institutional="x12.1.2400.SV203.1"),
    Rule("x12.1.2400.SV104.1", IssueType.VALUE, "Claim.item[{}].quantity",
         _lines(lambda line: _quantity_misfit(line.units)),
         "The units of a line are not more than 0, of eight digits and three decimals at most. Correct the units.",
         institutional="x12.1.2400.SV205.1"),
    Rule("x12.1.2410.CTP04.1", IssueType.VALUE, "Claim.item[{}].detail[0].quantity",
         _lines(lambda line: line.ndc is not None and _quantity_misfit(line.ndc.quantity)),
         "The quantity of an NDC is not more than 0, of eight digits and three decimals at most. Correct the "
         "quantity."),
    Rule("x12.1.2300.CLM02.1", IssueType.VALUE, "Claim.total",
         _when(lambda claim: all(line.charge.is_finite() for line in claim.lines) and claim.total > _LARGEST_MONEY),
         "The charges of the lines add up to more than 99999999.99. Split the claim."),
    Rule("x12.1.2320.AMT02.1", IssueType.VALUE, "Claim.insurance[{}].claimResponse.resolve()", _unfit_amounts,
         "An amount or a quantity that a payer decided is not of eight digits at most, with two or three decimals. Correct "
         "the decision."),
)
"""What has to hold before a claim can be folded and written at all."""

RULES = (
    Rule("x12.1.2400.LX01.1", IssueType.VALUE, "Claim.item", _when(lambda claim: _outside(len(claim.lines), claim, (50, 999))),
         "A professional claim has 1 to 50 lines, an institutional one 1 to 999. Bill what was done, or split the claim."),
    Rule("x12.1.2300.HI01.1", IssueType.VALUE, "Claim.diagnosis",
         _when(lambda claim: _outside(len(claim.diagnoses), claim, (12, 25))),
         "A professional claim has 1 to 12 diagnoses, an institutional one 1 to 25. "
         "Add one, or leave out those that support no line."),
    Rule("x12.4.2300.HI01.1", IssueType.DUPLICATE, "Claim.diagnosis",
         _when(lambda claim: len(set(claim.diagnoses)) < len(claim.diagnoses)),
         "A diagnosis stands twice. Name each once and point the lines to it."),
    Rule("x12.1.2400.SV101.1", IssueType.TOO_LONG, "Claim.item[{}].modifier",
         _lines(lambda line: len(line.modifiers) > 4),
         "A line holds four modifiers at most: a fifth would be read as a description. Leave out those that change no "
         "payment.", institutional="x12.1.2400.SV202.1"),
    Rule("x12.1.2400.SV107.1", IssueType.VALUE, "Claim.item[{}].diagnosisSequence",
         _lines(lambda line: not 1 <= len(line.diagnosis_pointers) <= 4),
         "A line points to 1 to 4 diagnoses. Name those that support it.", form="professional"),
    Rule("x12.4.2400.SV107.1", IssueType.VALUE, "Claim.item[{}].diagnosisSequence", _pointing_nowhere,
         "A line points to a diagnosis that the claim does not have. Point to places 1 to the number of diagnoses.",
         form="professional"),
    Rule("x12.4.2400.SV107.2", IssueType.DUPLICATE, "Claim.item[{}].diagnosisSequence",
         _lines(lambda line: len(set(line.diagnosis_pointers)) < len(line.diagnosis_pointers)),
         "A line points to one diagnosis twice. Point to it once.", form="professional"),
    Rule("x12.4.2400.REF-6R.1", IssueType.DUPLICATE, "Claim.item[{}].extension", _repeated_control_numbers,
         "Two lines have one control number (REF*6R). Give each its own: the payer answers by it."),
    Rule("x12.4.2400.SV101.1", IssueType.REQUIRED, "Claim.item[{}].productOrService.text",
         _lines(lambda line: line.code in UNCLASSIFIED_DRUGS and line.description is None),
         "A drug billed under a code for unclassified drugs has no description (SV101-7, SV202-7). Say what was "
         "given.", institutional="x12.4.2400.SV202.1"),
    Rule("x12.4.2400.DTP03.1", IssueType.BUSINESS_RULE, "Claim.item[{}].servicedDate",
         lambda claim, today: [place for place, line in enumerate(claim.lines) if line.service_date > today],
         "A line's service date is after the day on which the file is made. Bill what was done."),
    Rule("x12.4.2010BA.DMG02.1", IssueType.BUSINESS_RULE, "Claim.item[{}].servicedDate", _born_after,
         "A line's service date is before the patient's birth date. Correct the one that is wrong."),
    Rule("x12.5.2410.CTP05.1", IssueType.CODE_INVALID, "Claim.item[{}].detail[0].quantity.unit",
         _lines(lambda line: line.ndc is not None and line.ndc.unit not in NDC_UNITS),
         "The unit of an NDC is not F2, GR, ML or UN. Convert the quantity to one of these."),
    Rule("x12.5.2000B.SBR01.1", IssueType.CODE_INVALID, "Claim.insurance[0].sequence",
         _when(lambda claim: claim.insurance.order not in SEQUENCES),
         "The order of the coverage is not 1 to 11. Number the coverages from the primary one."),
    Rule("x12.5.2000B.SBR02.1", IssueType.CODE_INVALID, "Claim.insurance[0].coverage.resolve().relationship",
         _when(lambda claim: claim.insurance.relationship not in RELATIONSHIPS),
         "The patient's relationship to the subscriber is not self, spouse, child or other. Choose one of these."),
    Rule("x12.4.2000B.SBR02.1", IssueType.INVARIANT, "Claim.insurance[0].coverage.resolve().subscriber",
         _when(lambda claim: (claim.insurance.relationship == "self") != (claim.insurance.subscriber is None)),
         "The relationship and the subscriber do not agree: self has no other subscriber, every other relationship has "
         "one."),
    Rule("x12.5.2000B.SBR09.1", IssueType.CODE_INVALID, "Claim.insurance[0].coverage.resolve().type",
         _when(lambda claim: claim.insurance.filing_indicator not in FILING_INDICATORS),
         "The claim filing indicator (SBR09) is not a code of its list. Set it for the payer in the site file."),
    Rule("x12.6.2010BA.NM109.1", IssueType.CODE_INVALID, "Claim.insurance[0].coverage.resolve().subscriberId",
         _when(lambda claim: claim.insurance.filing_indicator in ("MA", "MB") and not is_mbi(claim.insurance.member_id)),
         "The member id of a Medicare claim has not the form of a Medicare beneficiary identifier. Correct it."),
    Rule("x12.5.2010BA.DMG03.1", IssueType.CODE_INVALID, "Claim.patient.resolve().gender",
         _when(lambda claim: any(person.gender not in (None, *GENDERS) for person in _people(claim))),
         "A sex is not male, female, other or unknown. Correct it."),
    Rule("x12.4.2010BA.DMG.1", IssueType.REQUIRED, "Claim.patient.resolve().birthDate", _when(_missing_demographics),
         "The patient has no birth date or no sex. Complete the patient's record."),
    Rule("x12.4.2010BA.N3.1", IssueType.REQUIRED, "Claim.patient.resolve().address",
         _when(lambda claim: claim.patient.address is None),
         "The patient has no address. Complete the patient's record."),
    Rule("x12.4.2300.CLM06.1", IssueType.REQUIRED, "Claim.extension", _when(_unanswered),
         "The claim does not answer all of provider signature, assignment, benefits assignment and release of information "
         "(CLM06 to CLM09). Give the extensions, or the site file of the billing provider."),
    Rule("x12.4.2300.REF-F8.1", IssueType.REQUIRED, "Claim.related[0].reference",
         _when(lambda claim: claim.frequency in ("7", "8") and claim.original_reference is None),
         "A replacement or void names no claim of the payer (REF*F8). Take it from the payer's answer to the first "
         "claim."),
    Rule("x12.4.2300.REF-F8.2", IssueType.BUSINESS_RULE, "Claim.related[0].reference",
         _when(lambda claim: claim.frequency == "1" and claim.original_reference is not None),
         "An original claim names an earlier claim of the payer (REF*F8). Send it as a replacement or leave the number "
         "out."),
    Rule("x12.4.2310B.NM109.1", IssueType.DUPLICATE, "Claim.careTeam[0].provider.resolve().identifier",
         _when(_same_npi),
         "The rendering provider is the billing provider. Leave the rendering provider out (loop 2310B).",
         form="professional"),
    Rule("x12.4.2310B.NM109.2", IssueType.REQUIRED, "Claim.careTeam[0].provider.resolve().identifier",
         _when(lambda claim: claim.treating_provider is not None and claim.treating_provider.npi is None),
         "The provider who treated has no NPI. Name the one who has, or the supervising practitioner.",
         institutional="x12.4.2310A.NM109.1"),
    Rule("x12.4.2320.SBR01.1", IssueType.INCOMPLETE, "Claim.insurance", _when(_undecided),
         "What the payers before this one decided is not told (loops 2320 and 2430): a payer may reject the claim.",
         Severity.WARNING),
    Rule("x12.4.2320.SBR01.2", IssueType.CONFLICT, "Claim.insurance", _when(_repeated_orders),
         "Two coverages have one place in the order of payment, or two others one payer. Number them, each once."),
    Rule("x12.5.2320.SBR.1", IssueType.CODE_INVALID, "Claim.insurance[{}].coverage.resolve()", _unfit_others,
         "Another coverage has an order, relationship or filing indicator that X12 has not, or a subscriber that does not fit "
         "its relationship. Complete the Coverage."),
    Rule("x12.5.2320.CAS.1", IssueType.CODE_INVALID, "Claim.insurance[{}].claimResponse.resolve()", _unfit_adjustments,
         "An adjustment has a group other than CO, OA, PI or PR, or no reason code. Take both from the payer's answer."),
    Rule("x12.3.2320.AMT02.1", IssueType.VALUE, "Claim.insurance[{}].claimResponse.resolve()", _unbalanced_decisions,
         "What a payer paid and what it adjusted do not come to the charges of the claim. Take all from the payer's answer."),
    Rule("x12.3.2430.SVD02.1", IssueType.VALUE, "Claim.insurance[{}].claimResponse.resolve()", _unbalanced_lines,
         "What a payer paid and adjusted of a line does not come to its charge, or is of no line. Take all from the payer's "
         "answer."),
    Rule("x12.4.2300.CL1.1", IssueType.REQUIRED, "Claim.supportingInfo", _when(_incomplete_admission),
         "The claim has no admission type, source and patient status (CL1), in their NUBC codes. Set admission_type, "
         "admission_source and patient_status in the site file.", form="institutional"),
    Rule("x12.4.2310A.NM1.1", IssueType.REQUIRED, "Claim.careTeam", _when(lambda claim: claim.treating_provider is None),
         "An institutional claim names no attending provider (loop 2310A). Name the practitioner.", form="institutional"),
    Rule("x12.5.2300.HI01.1", IssueType.CODE_INVALID, "Claim.supportingInfo", _unfit_stated,
         "A condition, occurrence or value code is not of two characters with the day or amount of its kind. Correct it.",
         form="institutional"),
    Rule("x12.4.2300.PWK06.1", IssueType.REQUIRED, "Claim.supportingInfo",
         _when(lambda claim: any(one.transmission in SENT_APART and one.control_number is None for one in claim.attachments)),
         "An attachment that is sent apart (PWK02 BM, EL, EM, FT or FX) has no control number (PWK06). Give it the number that "
         "it is sent under."),
)
"""The rules of a claim, in the order of the loops."""


def _people(claim: Claim) -> tuple[Person, ...]:
    return (claim.patient, *([claim.insurance.subscriber] if claim.insurance.subscriber else []))
