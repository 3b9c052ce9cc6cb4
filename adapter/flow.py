"""The path, step by step, in both directions. The first file to read.

    forward  decode -> validate -> read -> decide -> build_record -> write_claim | write_837
    back     decode -> validate -> read_claim | read_837 -> explain -> write_refill
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from itertools import islice
from typing import Any, NamedTuple

from adapter import __version__
from adapter.coding.explain import explain_claim
from adapter.coding.record import Judgement, build_record, hold_second_places
from adapter.conformance.fault import name_choices
from adapter.conformance.validation import Profiles, is_sound, validate_resource, validate_sound
from adapter.fhir.claim import read_claim, write_claim
from adapter.fhir.declared import Declared
from adapter.fhir.document import decode_document
from adapter.fhir.json import Tree, decode_json, encode_json, review_plain
from adapter.fhir.plain_json import decode_plain
from adapter.fhir.position import locate_issues
from adapter.fhir.refill import READ_TYPES, read_refills
from adapter.fhir.restored import write_refill
from adapter.fhir.shaped import keep_shape
from adapter.fhir.stamp import Stamp
from adapter.fhir.verdict import complete_verdicts
from adapter.fhir.xml import is_xml
from adapter.fhir.xml_shape import Shapes
from adapter.issues import Issue, IssueType, Outcome, Severity, has_errors
from adapter.tables import Tables
from adapter.terms import Claim, CodingAnswer, CodingRecord, Identifier, RefillFacts, Site
from adapter.x12.envelope import Envelope
from adapter.x12.file_837 import read_837, write_837
from adapter.x12.guide_payer import validate_payers
from adapter.x12.text import decode_text, is_x12

__all__ = [
    "Context",
    "Looked",
    "RestoringContext",
    "RuleBook",
    "code_document",
    "locate_answer",
    "look_at_document",
    "read_claims",
    "read_x12",
    "restore_claims",
    "restore_document",
    "validate_document",
    "validate_lines",
    "validate_part",
    "write_claims",
    "write_read_claims",
    "write_x12",
]

# How resources are packed is no question of coding: a Procedure has no element that could refer to the Coverage in it.
_PACKING = "dom-3"
_ENTRY = re.compile(r"Bundle\.entry\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All that is loaded once: the code tables, the profiles, and the shapes of R4 by which XML is read and written."""

    tables: Tables
    profiles: Profiles
    shapes: Shapes


@dataclass(frozen=True, slots=True)
class Context:
    """All that the path needs beside the bytes: rules, site, days, clock and id-maker.

    `as_of` is the day on which filing limits are judged; `on` replays with the tables of another service date;
    `now` is aware; `make_id` gives the same UUID for the same name.
    """

    rule_book: RuleBook
    site: Site
    as_of: date
    now: datetime
    make_id: Callable[[str], str]
    on: date | None = None

    @property
    def stamp(self) -> Stamp:
        """Give what a writer may not find out by itself."""
        return Stamp(self.now, self.make_id, __version__)


@dataclass(frozen=True, slots=True)
class RestoringContext:
    """All that the way back needs beside the bytes: rules, sites by the NPI of their billing provider, clock and id-maker.

    What a claim has no place for is taken from the site of its own billing provider; without that site it stays absent.
    """

    rule_book: RuleBook
    sites: Mapping[str, Site]
    now: datetime
    make_id: Callable[[str], str]

    @property
    def stamp(self) -> Stamp:
        """Give what a writer may not find out by itself."""
        return Stamp(self.now, self.make_id, __version__)


# ---------------------------------------------------------------- forward


def validate_document(data: bytes, rule_book: RuleBook, *nominated: str) -> tuple[Issue, ...]:
    """Validate the bytes of a resource: decodable, base R4, claimed profiles, the nominated ones; each issue a whole verdict."""
    return look_at_document(data, rule_book, *nominated).issues


def validate_lines(lines: Iterable[bytes], rule_book: RuleBook, *nominated: str) -> Iterator[tuple[Issue, ...]]:
    """Validate NDJSON, one resource a line: the issues of each line at their places in the file; blank lines are passed over.

    Nothing is kept of a line that was validated. Source: http://hl7.org/fhir/R4/nd-json.html.
    """
    for before, line in enumerate(lines):
        data = line.rstrip(b"\r\n")
        if data.strip():
            if is_xml(data):  # which has no lines of its own
                issues = _told(data, decode_json(data).issues, rule_book)
            else:
                issues = validate_document(data, rule_book, *nominated)
            yield tuple(replace(issue, line=(issue.line or 1) + before) for issue in issues)


def validate_part(data: bytes, part: tuple[Tree, str], rule_book: RuleBook, *nominated: str) -> tuple[Issue, ...]:
    """Validate a resource that stands in the document `data`: its tree, and the FHIRPath that leads to it.

    Expressions begin at the resource, lines and columns are those of the document.
    """
    tree, place = part
    return _told(data, _ask(validate_resource, tree, rule_book.profiles, nominated), rule_book, place)


class Looked(NamedTuple):
    """A document that was looked at: its tree where the text could be read, what is wrong, and whether that is nothing of R4."""

    tree: Tree | None
    issues: tuple[Issue, ...]
    is_sound: bool = False

    def shaped(self, shapes: Shapes) -> Tree:
        """Give the tree as it may be read."""
        return self.tree or {} if self.is_sound else keep_shape(self.tree, shapes)


def look_at_document(data: bytes, rule_book: RuleBook, *nominated: str) -> Looked:
    """Decode and validate the bytes of a resource: the tree beside the verdicts."""
    looked = _decode_and_validate(data, rule_book, nominated)
    return looked._replace(issues=_told(data, looked.issues, rule_book))


def _decode_and_validate(data: bytes, rule_book: RuleBook, nominated: Sequence[str] = ()) -> Looked:
    """Decode and validate a text: the quick way where it has no fault, else looking at each part of it."""
    profiles = rule_book.profiles
    tree = None if is_xml(data) else decode_plain(data)
    if tree is not None and is_sound(tree, profiles):
        return Looked(tree, _ask(validate_sound, tree, profiles, nominated), is_sound=True)
    decoded = decode_document(data, rule_book.shapes) if tree is None else review_plain(tree, data)
    if decoded.value is None and is_x12(data):
        return Looked(None, (_no_fhir(),))
    if decoded.value is None:
        return Looked(None, name_choices(decoded.issues, profiles.names.choices))
    issues = decoded.issues + _ask(validate_resource, decoded.value, profiles, nominated)
    return Looked(decoded.value, issues, is_sound=not issues)


def _ask(
    check: Callable[[Tree, Profiles, str | None], tuple[Issue, ...]], tree: Tree, profiles: Profiles, nominated: Sequence[str]
) -> tuple[Issue, ...]:
    """Check a tree against each nominated profile; what the base or a claimed profile asks is told once."""
    if not nominated:
        return check(tree, profiles, None)
    return tuple(dict.fromkeys(issue for one in nominated for issue in check(tree, profiles, one)))


def code_document(data: bytes, context: Context) -> CodingAnswer:
    """Code the bytes of a refill Bundle: a record for each visit, and the issues that belong to none.

    Issues name their FHIRPath; `locate_answer` adds line and column for whoever reads the text.
    """
    looked = _decode_and_validate(data, context.rule_book)
    tree, found = looked.tree, looked.issues
    cited = context.rule_book.tables.cited
    if tree is None:
        return CodingAnswer((), cited(found))
    if tree.get("resourceType") not in ("Bundle", "Procedure"):
        return CodingAnswer((), cited((_not_a_refill(),)))
    found = tuple(issue for issue in found if issue.rule.rpartition(".")[2] != _PACKING)
    ours, others = _part(found, lambda issue: _is_of_visit(issue, tree))
    facts, issues = read_refills(looked.shaped(context.rule_book.shapes), context.rule_book.tables, context.site)
    judgement = Judgement(context.site, context.rule_book.tables, context.as_of, context.on, ours)
    records = tuple(
        build_record(visit, judgement, _control_number(visit, context, number)) for number, visit in enumerate(facts, 1)
    )
    records = hold_second_places(facts, records, context.rule_book.tables)
    records = tuple(replace(one, issues=cited(one.issues)) if one.issues else one for one in records)
    return CodingAnswer(records, cited((*(others if records else found), *issues)))


def _part(issues: Iterable[Issue], belongs: Callable[[Issue], bool]) -> tuple[tuple[Issue, ...], tuple[Issue, ...]]:
    inside: list[Issue] = []
    outside: list[Issue] = []
    for issue in issues:
        (inside if belongs(issue) else outside).append(issue)
    return tuple(inside), tuple(outside)


def _told(data: bytes, issues: Iterable[Issue], rule_book: RuleBook, part: str = "") -> tuple[Issue, ...]:
    """Give issues as they leave: each with its place in the text, its entry, and the citation and page of its rule."""
    explained = rule_book.tables.explained(tuple(issues))
    return complete_verdicts(data, explained, rule_book.profiles.resources, part)


def locate_answer(data: bytes, answer: CodingAnswer) -> CodingAnswer:
    """Give each issue of an answer its line and column, in one reading of the text, however many records there are."""
    told = iter(locate_issues(data, answer.all_issues))
    issues = tuple(islice(told, len(answer.issues)))
    records = tuple(replace(one, issues=tuple(islice(told, len(one.issues)))) for one in answer.records)
    return CodingAnswer(records, issues)


def _not_a_refill() -> Issue:
    text = "A refill Bundle, or a Procedure with contained resources, was expected here. Send the visit as one of these."
    return Issue(Severity.ERROR, IssueType.STRUCTURE, "document.not-a-refill", text, ("Resource",))


def _no_fhir() -> Issue:
    text = (
        "This is X12; a FHIR resource in JSON or XML was expected here. "
        "Check, read or restore it (x12 check, x12 read, restore; over HTTP Claim/$from-x12)."
    )
    return Issue(Severity.ERROR, IssueType.STRUCTURE, "document.x12", text, ("Resource",), line=1, column=1)


def _is_of_visit(issue: Issue, tree: dict[str, Any]) -> bool:
    """Tell whether an issue is about something that coding reads; an unrelated resource holds no record."""
    for expression in issue.expression:
        entry = _ENTRY.match(expression)
        if entry is None:
            return True
        found = tree["entry"][int(entry[1])]
        resource = found.get("resource") if isinstance(found, dict) else None
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        if not isinstance(kind, str) or kind in READ_TYPES:
            return True
    return not issue.expression


def _control_number(visit: RefillFacts, context: Context, number: int) -> str:
    """Make the patient control number of a record: 17 characters (X12 CLM01).

    The same visit has the same number however its Bundle is written: it is made from the patient, the identifiers of its
    Procedures, the day and the billing provider. An identifier without system says nothing outside its Bundle: where no
    Procedure has another, the number is made from the input, and is the n-th record's.
    """
    acts = {_written(one) for act in visit.acts for one in act.identifiers if one.system}
    if not acts:
        return "R" + context.make_id(f"claim-{number}").replace("-", "")[:16].upper()
    days = {told.value.isoformat() for told in visit.service_dates}
    seed = (context.site.billing_provider.npi, *sorted(days), *_who(visit), *sorted(acts))
    return "R" + sha256("\n".join(seed).encode("utf-8", "replace")).hexdigest()[:16].upper()


def _who(visit: RefillFacts) -> list[str]:
    """Tell one patient from another: by identifiers, else by name and birth date."""
    if visit.patient_identifiers:
        return sorted(map(_written, visit.patient_identifiers))
    patient = visit.patient
    return [patient.family, *patient.given, str(patient.birth_date)] if patient else []


def _written(identifier: Identifier) -> str:
    return f"{identifier.system}|{identifier.value}"


def write_claims(answer: CodingAnswer, context: Context) -> tuple[Outcome[bytes], ...]:
    """Write the claim Bundle of each coded record as JSON."""
    written = (write_claim(record, context.stamp) for record in answer.records if record.claim)
    cited = context.rule_book.tables.cited
    return tuple(Outcome(encode_json(one.value) if one.value is not None else None, cited(one.issues)) for one in written)


def write_x12(answer: CodingAnswer, envelope: Envelope, rule_book: RuleBook, site: Site | None = None) -> Outcome[str]:
    """Write the claims of all coded records as one 837P or 837I; with a site, its payers' own rules are held as well."""
    claims = [record.claim for record in answer.records if record.claim]
    written = write_837(claims, envelope)
    issues = (*written.issues, *validate_payers(claims, site.payers if site else ()))
    return Outcome(written.value, rule_book.tables.cited(issues))


# ---------------------------------------------------------------- back


def read_claims(data: bytes, context: RestoringContext) -> Outcome[tuple[Claim, ...]]:
    """Read the claims of a document: a Claim or claim Bundle in JSON or XML, or an 837."""
    if is_x12(data):
        return read_x12(data, context)
    looked = _decode_and_validate(data, context.rule_book)
    if looked.tree is None:
        return Outcome(None, _told(data, looked.issues, context.rule_book))
    claim = read_claim(looked.shaped(context.rule_book.shapes), {npi: _declared(site) for npi, site in context.sites.items()})
    found = _told(data, dict.fromkeys((*looked.issues, *_untold(claim.issues, looked.issues))), context.rule_book)
    if claim.value is None or has_errors(found):
        return Outcome(None, found)
    return Outcome((claim.value,), found)


def _untold(read: Iterable[Issue], validated: Iterable[Issue]) -> Iterator[Issue]:
    """Give what reading found and validation has not told in its own words: a reference to a wrong type is one defect."""
    places = {issue.expression for issue in validated if issue.rule == "base.target"}
    return (issue for issue in read if issue.rule != "reference.type" or issue.expression not in places)


def _declared(site: Site) -> Declared:
    return Declared(
        site.provider_signature,
        site.accept_assignment,
        site.benefits_assignment,
        site.release_of_information,
        {payer.id: payer.filing_indicator for payer in site.payers if payer.filing_indicator},
    )


def read_x12(data: bytes, context: RestoringContext) -> Outcome[tuple[Claim, ...]]:
    """Read the claims of an 837P or 837I."""
    text = decode_text(data)
    if text.value is None:
        return Outcome(None, context.rule_book.tables.cited(text.issues))
    interchange = read_837(text.value)
    claims = interchange.value.claims if interchange.value else None
    return Outcome(claims, context.rule_book.tables.cited(text.issues + interchange.issues))


def write_read_claims(claims: Iterable[Claim], context: RestoringContext) -> Outcome[tuple[bytes, ...]]:
    """Write claims that were read from an 837 as claim Bundles; none where FHIR cannot carry one of them."""
    written = [write_claim(CodingRecord("coded", claim=claim), context.stamp) for claim in claims]
    issues = context.rule_book.tables.cited(issue for one in written for issue in one.issues)
    return Outcome(tuple(encode_json(one.value) for one in written if one.value is not None), issues)


def restore_document(data: bytes, context: RestoringContext) -> Outcome[bytes]:
    """Restore the clinical Bundle behind a Claim, a claim Bundle or an 837P; the claims of one file go into one Bundle."""
    claims = read_claims(data, context)
    if claims.value is None:
        return Outcome(None, claims.issues)
    restored = restore_claims(claims.value, context)
    return Outcome(restored.value, (*claims.issues, *restored.issues))


def restore_claims(claims: Iterable[Claim], context: RestoringContext) -> Outcome[bytes]:
    """Restore one clinical Bundle of claims that were read."""
    issues: list[Issue] = []
    entries: list[Tree] = []
    for claim in claims:
        explained = explain_claim(claim, context.rule_book.tables)
        issues += explained.issues
        if explained.value is not None:
            entries += write_refill(explained.value, context.stamp)["entry"]
    if has_errors(issues) or not entries:
        return Outcome(None, tuple(issues))
    return Outcome(encode_json({"resourceType": "Bundle", "type": "collection", "entry": entries}), tuple(issues))
