"""What may be wrong with FHIR XML, in our own words: nothing of the text, and nothing that the parser says."""

from __future__ import annotations

from typing import Final
from xml.parsers.expat import ExpatError

from adapter.issues import Issue, IssueType, Severity

__all__ = ["explain_syntax", "make_issue"]

_XML: Final = "https://www.w3.org/TR/xml/"
_FHIR: Final = "http://hl7.org/fhir/R4/xml.html"
_OF_XML: Final = ("xml.too-large", "xml.empty", "xml.syntax")

# What a rule means: FHIR issue type and sentence. Informational ones are warnings, all others errors.
_RULES: Final[dict[str, tuple[IssueType, str]]] = {
    "xml.too-large": (IssueType.TOO_LONG, "The text is larger than {detail} bytes. Send less at once."),
    "xml.empty": (IssueType.STRUCTURE, "The text is empty; an XML element was expected."),
    "xml.not-utf8": (IssueType.STRUCTURE, "The text is not UTF-8{detail}."),
    "xml.syntax": (IssueType.STRUCTURE, "This is not XML: {detail}. Correct it and send it again."),
    "xml.doctype": (
        IssueType.SECURITY,
        "A document type declaration stands here; FHIR allows none. Take it out.",
    ),
    "xml.entity": (
        IssueType.STRUCTURE,
        "An entity stands here that XML does not define. Write the character itself.",
    ),
    "xml.too-deep": (IssueType.STRUCTURE, "The text is nested more than 64 deep. Flatten it."),
    "xml.namespace": (
        IssueType.STRUCTURE,
        "Not of the namespace http://hl7.org/fhir, or http://www.w3.org/1999/xhtml in a narrative. Declare it with xmlns.",
    ),
    "xml.attribute": (
        IssueType.STRUCTURE,
        "No such attribute is defined; value, id or the url of an extension was expected. Write it as an element.",
    ),
    "xml.schema-location": (
        IssueType.INFORMATIONAL,
        "A schema is named here, which exchanged resources must not do; it was not looked at. Take it out.",
    ),
    "xml.not-an-element": (
        IssueType.STRUCTURE,
        "This is no element in XML: id and url are attributes here, and a resource's element is named after its type.",
    ),
    "xml.repeated": (IssueType.STRUCTURE, "An element stands twice where one is allowed. Keep one of them."),
    "xml.order": (
        IssueType.STRUCTURE,
        "An element stands after one that it must precede. Write them in the order of the definition.",
    ),
    "xml.text": (
        IssueType.STRUCTURE,
        "Text stands between elements; FHIR has it in value attributes only. Move it there.",
    ),
    "xml.empty-value": (
        IssueType.STRUCTURE,
        "An element or attribute is empty; FHIR leaves out what has no value. Give it one, or take it out.",
    ),
    "xml.resource": (
        IssueType.STRUCTURE,
        "One resource was expected here, as one element named after its type. Write it so.",
    ),
    "xml.number-out-of-range": (
        IssueType.VALUE,
        "A number has more than 40 digits or an exponent beyond 307 either way. Send a shorter one.",
    ),
    "xml.no-place": (
        IssueType.STRUCTURE,
        "XML has no place for what stands here: {detail}. Correct it, or ask for JSON.",
    ),
}

_UNDEFINED_ENTITY: Final = 11

# What Expat says, by its code.
_SYNTAX: Final = {
    3: "the text ends too early",
    4: "a character stands where it may not",
    5: "a tag or another piece of markup is not closed",
    7: "an end tag does not match its start tag",
    8: "an attribute stands twice in one tag",
    9: "something follows the end of the root element",
    14: "a character reference names a character that XML forbids",
    17: "the XML declaration does not stand first",
    20: "a CDATA section is not closed",
    27: "a prefix is not declared",
    30: "the XML declaration cannot be read",
}


def make_issue(rule: str, path: str | None, place: tuple[int, int] | None = None, detail: str = "") -> Issue:
    """Make the issue of a rule at a FHIRPath and at a line and column, both from 1.

    >>> make_issue("xml.order", "Patient.id", (3, 5)).citation
    'http://hl7.org/fhir/R4/xml.html'
    """
    code, text = _RULES[rule]
    severity = Severity.WARNING if code is IssueType.INFORMATIONAL else Severity.ERROR
    expression = () if path is None else (path,)
    line, column = place or (None, None)
    citation = _XML if rule in _OF_XML else _FHIR
    return Issue(severity, code, rule, text.format(detail=detail), expression, citation, line, column)


def explain_syntax(error: ExpatError, path: str | None = None) -> Issue:
    """Turn what Expat says into an issue at its line and column, and at the FHIRPath of the innermost element that is open."""
    rule = "xml.entity" if error.code == _UNDEFINED_ENTITY else "xml.syntax"
    return make_issue(rule, path, (error.lineno, error.offset + 1), _SYNTAX.get(error.code, "it cannot be read"))
