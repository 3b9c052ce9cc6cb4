"""The rules of a claim, professional or institutional, checked before anything is written.

A rule is named `x12.<SNIP type>.<loop>.<element>.<n>`: SNIP types are 1 syntax, 2 guide, 3 balancing, 4 situations
between segments, 5 code sets, 6 line of business, 7 trading partner (WEDI SNIP). The expression is the FHIRPath of the
element of Claim that the rule is about; among several claims it begins `Claim[n]`. Texts are checked by `guide_text`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from adapter.issues import Issue, IssueType, Severity
from adapter.terms import Claim
from adapter.x12.envelope import IMPLEMENTATIONS, Envelope
from adapter.x12.guide_rules import NUMBER_RULES, RULES, Rule
from adapter.x12.guide_text import validate_claim_texts, validate_envelope
from adapter.x12.losses import fold_claim
from adapter.x12.syntax import fold_text

__all__ = ["MOST_CLAIMS", "breaks_no_rule", "validate_837"]

MOST_CLAIMS = 5000
"""Claims in one transaction: the limit that the guides recommend and clearinghouses hold to."""


def validate_837(claims: Sequence[Claim], envelope: Envelope) -> tuple[Issue, ...]:
    """Check claims of one form and their envelope by the rules of that form, and tell all that is broken.

    Errors: `x12.form-not-supported` and the rules of this module and of `guide_text`.
    """
    issues = [*validate_envelope(envelope)]
    if not claims:
        issues.append(Issue(Severity.ERROR, IssueType.REQUIRED, "x12.2.2300.CLM.1", "There is no claim to write. Give "
                                                                                    "one."))
    if len(claims) > MOST_CLAIMS:
        issues.append(Issue(Severity.ERROR, IssueType.TOO_COSTLY, "x12.2.2300.CLM.2", f"The file would hold more than "
                            f"{MOST_CLAIMS} claims. Make several files."))
    if len({claim.form for claim in claims}) > 1:
        issues.append(Issue(Severity.ERROR, IssueType.CONFLICT, "x12.2.ST.ST03.1", "Professional and institutional claims do "
                            "not go into one file. Make a file for each form.", ("Claim.type",)))
    today = envelope.created_at.date()
    for place, claim in enumerate(claims):
        root = f"Claim[{place}]" if len(claims) > 1 else "Claim"
        issues += _validate_claim(claim, today, root)
    if not any(issue.is_error for issue in issues):
        issues += _find_repeated_claims(claims)
    return tuple(issues)


def breaks_no_rule(claims: Sequence[Claim], today: date) -> bool:
    """Tell whether professional claims whose values are all plain (`plain_837p`) break no rule between values.

    The rules of single values and of numbers are those that a plain value keeps by its form.
    """
    if len(claims) > MOST_CLAIMS or (len(claims) > 1 and len({claim.identifier for claim in claims}) < len(claims)):
        return False
    for claim in claims:
        for find in _FINDERS:
            if find(claim, today):
                return False
    return True


_FINDERS = tuple(rule.find for rule in RULES if rule.form in (None, "professional"))


def _find_repeated_claims(claims: Sequence[Claim]) -> Iterator[Issue]:
    identifiers = [fold_text(claim.identifier) or claim.identifier for claim in claims]
    counts = Counter(identifiers)
    for place, identifier in enumerate(identifiers):
        if counts[identifier] > 1:
            yield Issue(Severity.ERROR, IssueType.DUPLICATE, "x12.4.2300.CLM01.1", "Two claims of the file have one "
                        "patient control number. Give each its own: the payer answers by it.",
                        (f"Claim[{place}].identifier[0].value",))


def _validate_claim(claim: Claim, today: date, root: str) -> list[Issue]:
    if claim.form not in IMPLEMENTATIONS:
        return [Issue(Severity.ERROR, IssueType.NOT_SUPPORTED, "x12.form-not-supported", "The claim is neither professional "
                      "nor institutional. No other claim is written.", (f"{root}.type",))]
    issues = [*_apply(NUMBER_RULES, claim, today, root)]
    if issues:
        return issues
    issues += validate_claim_texts(claim, root)
    return [*issues, *_apply(RULES, fold_claim(claim), today, root)]


def _apply(rules: Iterable[Rule], claim: Claim, today: date, root: str) -> Iterator[Issue]:
    for rule in rules:
        if rule.form not in (None, claim.form):
            continue
        for place in rule.find(claim, today):
            expression = root + rule.expression.removeprefix("Claim").format(place)
            name = rule.institutional if claim.form == "institutional" and rule.institutional else rule.id
            yield Issue(rule.severity, rule.code, name, rule.text, (expression,))
