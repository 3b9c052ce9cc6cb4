"""A reading: the references of a tree and the issues found on the way."""

from __future__ import annotations

from adapter.fhir.references import Found, ReferenceIndex, Tree
from adapter.issues import Issue, IssueType, Severity

__all__ = ["Reading"]

# What R4 lets these elements refer to; Claim.facility leads to an Organization too, as some write it.
_TARGETS = {
    "patient": ("Patient",),
    "facility": ("Location", "Organization"),
    "coverage": ("Coverage",),
    "subscriber": ("Patient", "RelatedPerson"),
    "diagnosisReference": ("Condition",),
    "locationReference": ("Location",),
    "organization": ("Organization",),
    "udi": ("Device",),
}


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
        return self.resolve(reference, f"{path}.{name}", name) if reference is not None else None

    def resolve(self, reference: Tree, place: str, name: str) -> Found | None:
        """Give the resource that a Reference at a FHIRPath names; `name` is the element, whose types R4 tells."""
        found = self.index.resolve(reference, place)
        problem = None if found else self.index.problem(reference, place)
        if problem:
            self.issues.append(problem)
        kinds = _TARGETS.get(name)
        if found and kinds and found[0].get("resourceType") not in kinds:
            text = f"The reference leads to another type of resource; {' or '.join(kinds)} was expected. Correct it."
            self.error("reference.type", place, text, IssueType.STRUCTURE)
            return None
        return found
