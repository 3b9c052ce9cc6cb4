"""The rules of the professional claim, checked on the claims before anything is written.

A rule is named `x12.<SNIP type>.<loop>.<element>.<n>`: SNIP types are 1 syntax, 2 guide, 3 balancing, 4 situations
between segments, 5 code sets, 6 line of business, 7 trading partner (WEDI SNIP). The expression is the FHIRPath of the
element of Claim that the rule is about; among several claims it begins `Claim[n]`. Texts are checked by `guide_text`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from adapter.issues import Issue, IssueType, Severity
from adapter.terms import Claim, Person, ServiceLine
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
from adapter.x12.envelope import Envelope
from adapter.x12.guide_text import validate_claim_texts, validate_envelope
from adapter.x12.losses import fold_claim

__all__ = ["NUMBER_RULES", "RULES", "Rule", "validate_837p"]

_LARGEST_MONEY = Decimal("99999999.99")
_LARGEST_QUANTITY = Decimal("99999999.999")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its id, the kind of issue, the Claim element, what finds the places that break it, and what to say.

    `find` gets the folded claim and the day of the envelope, and gives for each broken place the index that fills the
    `{}` of `expression`.
    """

    id: str
    code: IssueType
    expression: str
    find: Callable[[Claim, date], Iterable[int]]
    text: str
    severity: Severity = Severity.ERROR


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
    return None in (
        claim.provider_signature, claim.accept_assignment, claim.benefits_assignment, claim.release_of_information,
    )


def _born_after(claim: Claim, _: date) -> list[int]:
    born = claim.patient.birth_date
    return [place for place, line in enumerate(claim.lines) if born and line.service_date < born]


def _repeated_control_numbers(claim: Claim, _: date) -> list[int]:
    counts = Counter(line.control_number for line in claim.lines)
    return [place for place, line in enumerate(claim.lines) if counts[line.control_number] > 1]


def _pointing_nowhere(claim: Claim, _: date) -> list[int]:
    inside = range(1, len(claim.diagnoses) + 1)
    return [place for place, line in enumerate(claim.lines) if not set(line.diagnosis_pointers) <= set(inside)]


def _same_npi(claim: Claim) -> bool:
    treating = claim.treating_provider
    return treating is not None and treating.npi == claim.billing_provider.npi


NUMBER_RULES = (
    Rule("x12.1.2400.SV102.1", IssueType.VALUE, "Claim.item[{}].net",
         _lines(lambda line: _misfit(line.charge, _LARGEST_MONEY, MONEY_PLACES)),
         "The charge of a line is not an amount from 0 to 99999999.99 with two decimals. Correct the fee."),
    Rule("x12.1.2400.SV104.1", IssueType.VALUE, "Claim.item[{}].quantity",
         _lines(lambda line: _quantity_misfit(line.units)),
         "The units of a line are not more than 0, of eight digits and three decimals at most. Correct the units."),
    Rule("x12.1.2410.CTP04.1", IssueType.VALUE, "Claim.item[{}].detail[0].quantity",
         _lines(lambda line: line.ndc is not None and _quantity_misfit(line.ndc.quantity)),
         "The quantity of an NDC is not more than 0, of eight digits and three decimals at most. Correct the "
         "quantity."),
    Rule("x12.1.2300.CLM02.1", IssueType.VALUE, "Claim.total",
         _when(lambda claim: all(line.charge.is_finite() for line in claim.lines) and claim.total > _LARGEST_MONEY),
         "The charges of the lines add up to more than 99999999.99. Split the claim."),
)
"""What has to hold before a claim can be folded and written at all."""

RULES = (
    Rule("x12.1.2400.LX01.1", IssueType.VALUE, "Claim.item", _when(lambda claim: not 1 <= len(claim.lines) <= 50),
         "A professional claim has 1 to 50 lines. Bill what was done, or split the claim."),
    Rule("x12.1.2300.HI01.1", IssueType.VALUE, "Claim.diagnosis",
         _when(lambda claim: not 1 <= len(claim.diagnoses) <= 12),
         "A professional claim has 1 to 12 diagnoses. Add one, or leave out those that support no line."),
    Rule("x12.4.2300.HI01.1", IssueType.DUPLICATE, "Claim.diagnosis",
         _when(lambda claim: len(set(claim.diagnoses)) < len(claim.diagnoses)),
         "A diagnosis stands twice. Name each once and point the lines to it."),
    Rule("x12.1.2400.SV101.1", IssueType.TOO_LONG, "Claim.item[{}].modifier",
         _lines(lambda line: len(line.modifiers) > 4),
         "A line holds four modifiers at most: a fifth would be read as a description. Leave out those that change no "
         "payment."),
    Rule("x12.1.2400.SV107.1", IssueType.VALUE, "Claim.item[{}].diagnosisSequence",
         _lines(lambda line: not 1 <= len(line.diagnosis_pointers) <= 4),
         "A line points to 1 to 4 diagnoses. Name those that support it."),
    Rule("x12.4.2400.SV107.1", IssueType.VALUE, "Claim.item[{}].diagnosisSequence", _pointing_nowhere,
         "A line points to a diagnosis that the claim does not have. Point to places 1 to the number of diagnoses."),
    Rule("x12.4.2400.SV107.2", IssueType.DUPLICATE, "Claim.item[{}].diagnosisSequence",
         _lines(lambda line: len(set(line.diagnosis_pointers)) < len(line.diagnosis_pointers)),
         "A line points to one diagnosis twice. Point to it once."),
    Rule("x12.4.2400.REF-6R.1", IssueType.DUPLICATE, "Claim.item[{}].extension", _repeated_control_numbers,
         "Two lines have one control number (REF*6R). Give each its own: the payer answers by it."),
    Rule("x12.4.2400.SV101.1", IssueType.REQUIRED, "Claim.item[{}].productOrService.text",
         _lines(lambda line: line.code in UNCLASSIFIED_DRUGS and line.description is None),
         "A drug billed under a code for unclassified drugs has no description (SV101-7). Say what was given."),
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
         "The rendering provider is the billing provider. Leave the rendering provider out (loop 2310B)."),
    Rule("x12.4.2310B.NM109.2", IssueType.REQUIRED, "Claim.careTeam[0].provider.resolve().identifier",
         _when(lambda claim: claim.treating_provider is not None and claim.treating_provider.npi is None),
         "The rendering provider has no NPI. Name the one who has, or the supervising practitioner."),
    Rule("x12.4.2320.SBR01.1", IssueType.INCOMPLETE, "Claim.insurance", _when(lambda claim: claim.insurance.order > 1),
         "What the payers before this one decided is not written yet (loops 2320 and 2430): a payer may reject the "
         "claim.",
         Severity.WARNING),
)
"""The rules of a claim, in the order of the loops."""


def _people(claim: Claim) -> tuple[Person, ...]:
    return (claim.patient, *([claim.insurance.subscriber] if claim.insurance.subscriber else []))


def validate_837p(claims: Sequence[Claim], envelope: Envelope) -> tuple[Issue, ...]:
    """Check claims and envelope by the rules of the professional claim, and tell all that is broken.

    Errors: `x12.form-not-supported` and the rules of this module and of `guide_text`.
    """
    issues = [*validate_envelope(envelope)]
    if not claims:
        issues.append(Issue(Severity.ERROR, IssueType.REQUIRED, "x12.2.2300.CLM.1", "There is no claim to write. Give "
                                                                                    "one."))
    today = envelope.created_at.date()
    for place, claim in enumerate(claims):
        root = f"Claim[{place}]" if len(claims) > 1 else "Claim"
        issues += _validate_claim(claim, today, root)
    if not any(issue.is_error for issue in issues):
        issues += _find_repeated_claims(claims)
    return tuple(issues)


def _find_repeated_claims(claims: Sequence[Claim]) -> Iterator[Issue]:
    identifiers = [fold_claim(claim).identifier for claim in claims]
    counts = Counter(identifiers)
    for place, identifier in enumerate(identifiers):
        if counts[identifier] > 1:
            yield Issue(Severity.ERROR, IssueType.DUPLICATE, "x12.4.2300.CLM01.1", "Two claims of the file have one "
                        "patient control number. Give each its own: the payer answers by it.",
                        (f"Claim[{place}].identifier[0].value",))


def _validate_claim(claim: Claim, today: date, root: str) -> list[Issue]:
    if claim.form != "professional":
        return [Issue(Severity.ERROR, IssueType.NOT_SUPPORTED, "x12.form-not-supported", "The claim is not a "
                      "professional one. An institutional claim (837I) is not written yet.", (f"{root}.type",))]
    issues = [*_apply(NUMBER_RULES, claim, today, root)]
    if issues:
        return issues
    issues += validate_claim_texts(claim, root)
    issues += _apply(RULES, fold_claim(claim), today, root)
    if claim.other_insurance:
        issues.append(Issue(Severity.WARNING, IssueType.INCOMPLETE, "x12.4.2320.SBR.1", "The patient's other coverages "
                            "are not written yet (loop 2320).", (f"{root}.insurance",)))
    return issues


def _apply(rules: Iterable[Rule], claim: Claim, today: date, root: str) -> Iterator[Issue]:
    for rule in rules:
        for place in rule.find(claim, today):
            expression = root + rule.expression.removeprefix("Claim").format(place)
            yield Issue(rule.severity, rule.code, rule.id, rule.text, (expression,))
