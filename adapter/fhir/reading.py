"""A reading: the references of a tree and the issues found on the way, with typed access to elements."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from adapter.fhir.references import Found, ReferenceIndex, Tree
from adapter.fhir.systems import canonical_system
from adapter.issues import Issue, IssueType, Severity

__all__ = ["Reading", "children", "codes", "day", "extension", "number", "positive", "text"]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Reading:
    """Gather all that is wrong while one tree is read, and follow its references.

    >>> reading = Reading({"resourceType": "Claim"}, "http://hl7.org/fhir/R4/claim.html")
    >>> reading.missing("claim.patient-missing", "Claim.patient", "The patient")
    >>> reading.issues[0].text
    'The patient is missing. Give it at this place: nothing is filled in for it.'
    """

    __slots__ = ("citation", "index", "issues")

    def __init__(self, root: Tree, citation: str) -> None:
        """Index the tree; `citation` stands in the issues."""
        self.index = ReferenceIndex(root)
        self.citation = citation
        self.issues: list[Issue] = []

    def error(self, rule: str, path: str, text: str, code: IssueType = IssueType.VALUE) -> None:
        """Note an error at a FHIRPath."""
        self.issues.append(Issue(Severity.ERROR, code, rule, text, (path,), self.citation))

    def missing(self, rule: str, path: str, what: str) -> None:
        """Note that something needed is not at its place."""
        text = f"{what} is missing. Give it at this place: nothing is filled in for it."
        self.error(rule, path, text, IssueType.REQUIRED)

    def note(self, severity: Severity, rule: str, path: str, text: str) -> None:
        """Note something that does not stop the reading: a warning or an information."""
        self.issues.append(Issue(severity, IssueType.INFORMATIONAL, rule, text, (path,), self.citation))

    def follow(self, tree: Tree, path: str, name: str) -> Found | None:
        """Give the resource that the element `name` refers to; None where the element is absent or leads nowhere.

        A reference that leads nowhere is an error; an absent one is the caller's to judge.
        """
        reference = tree.get(name)
        if reference is None:
            return None
        place = f"{path}.{name}"
        found = self.index.resolve(reference, place)
        problem = None if found else self.index.problem(reference, place)
        if problem:
            self.issues.append(problem)
        return found


def children(tree: Tree, path: str, name: str) -> list[Found]:
    """Give the complex elements of one name, repeated or not, each with its FHIRPath.

    >>> children({"item": [{"sequence": 1}]}, "Claim", "item")
    [({'sequence': 1}, 'Claim.item[0]')]
    """
    value = tree.get(name)
    if isinstance(value, dict):
        return [(value, f"{path}.{name}")]
    many = value if isinstance(value, list) else []
    return [(one, f"{path}.{name}[{position}]") for position, one in enumerate(many) if isinstance(one, dict)]


def text(tree: object, name: str) -> str | None:
    """Give a string element that says something.

    >>> text({"name": " "}, "name") is None
    True
    """
    value = tree.get(name) if isinstance(tree, dict) else None
    return value if isinstance(value, str) and value and not value.isspace() else None


def number(tree: object, name: str) -> Decimal | None:
    """Give a decimal element exactly; binary floating point is refused.

    >>> number({"value": 2}, "value"), number({"value": 2.5}, "value")
    (Decimal('2'), None)
    """
    value = tree.get(name) if isinstance(tree, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    exact = Decimal(value)
    return exact if exact.is_finite() else None


def positive(value: object) -> int | None:
    """Give a positiveInt.

    >>> positive(2), positive(0), positive(True)
    (2, None, None)
    """
    exact = number({"value": value}, "value")
    return int(exact) if exact is not None and exact >= 1 and exact == exact.to_integral_value() else None


def day(value: object) -> date | None:
    """Give the calendar day that a date or dateTime names, as it is written; None for a month or a year alone.

    >>> day("2026-03-02T23:30:00-05:00"), day("2026-03")
    (datetime.date(2026, 3, 2), None)
    """
    found = _DAY.match(value) if isinstance(value, str) else None
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None


def codes(concept: object, *systems: str) -> tuple[str, ...]:
    """Give the different codes of a CodeableConcept that stand in these systems or their aliases, in order.

    >>> codes({"coding": [{"system": "urn:oid:2.16.840.1.113883.6.12", "code": "96522"}]},
    ...       "http://www.ama-assn.org/go/cpt")
    ('96522',)
    """
    if not isinstance(concept, dict):
        return ()
    found = [text(one, "code") for one, _ in children(concept, "", "coding")
             if canonical_system(text(one, "system")) in systems]
    return tuple(dict.fromkeys(code for code in found if code))


def extension(tree: Tree, url: str) -> Tree | None:
    """Give the extension with this url where there is exactly one.

    >>> extension({"extension": [{"url": "u", "valueBoolean": True}]}, "u")
    {'url': 'u', 'valueBoolean': True}
    """
    found = [one for one, _ in children(tree, "", "extension") if one.get("url") == url]
    return found[0] if len(found) == 1 else None
