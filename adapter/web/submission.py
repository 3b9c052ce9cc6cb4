"""A submission: what a body comes to before anything is kept, and how all of it is kept in one unit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Final, NamedTuple

from adapter.bulk import Workplace, build_context, build_restoring_context, id_maker, keep_sent, make_envelope
from adapter.fhir.document import decode_document
from adapter.fhir.json import Tree, decode_json, encode_json
from adapter.fhir.kept import stamp_resource
from adapter.fhir.outcome import write_outcome
from adapter.fhir.placing import Placed, gather_context, place_entries
from adapter.fhir.position import locate_issues
from adapter.fhir.receipt import QUEUED, Receipt, ReceivedClaim, write_receipt
from adapter.fhir.search_value import gather_values
from adapter.fhir.task import write_task
from adapter.flow import code_document, read_claims, write_claims
from adapter.http.answer import Answer, answer_issues
from adapter.http.status import status_of
from adapter.issues import Issue, IssueType, Severity, has_errors
from adapter.store import NewResource, Unit
from adapter.terms import Claim, SearchValue, Site
from adapter.web.service import Service
from adapter.x12 import write_837
from adapter.x12.guide_payer import validate_payers

__all__ = ["Submission", "Written", "keep_resource", "keep_submission", "leave_out_kept", "prepare_submission", "read_refill"]

_NOT_A_CLAIM: Final = Issue(
    Severity.ERROR, IssueType.STRUCTURE, "submit.not-a-claim", "A Claim, a Bundle of a Claim and what it refers to, or a refill "
    "Bundle was expected. Send one of these.", ("Resource",),
)
_NO_SITE: Final = Issue(
    Severity.ERROR, IssueType.NOT_FOUND, "submit.site-missing", "No site here is that of the claim's billing provider, so nobody "
    "is known to submit it. Serve with the site file of that provider.", ("Claim.provider",),
)
_DUPLICATE: Final = Issue(
    Severity.ERROR, IssueType.DUPLICATE, "submit.duplicate", "A Claim with this identifier is here already: Claim/{}. Read it; "
    "a changed claim is a replacement, with an identifier of its own and Claim.related.", ("Claim.identifier",),
)
_HELD: Final = Issue(
    Severity.INFORMATION, IssueType.INFORMATIONAL, "submit.held", "What is held waits for a decision: Task/{}. Decide it, or "
    "send a corrected Bundle.",
)


_DECIDED: Final = replace(_HELD, text="What is held was decided before: Task/{}. Read it and what it made.")


class Written(NamedTuple):
    """One claim as it is kept: the terms, its claim Bundle, and the site that submits it."""

    claim: Claim
    bundle: bytes
    site: Site


@dataclass(frozen=True, slots=True)
class Submission:
    """What a body comes to: its claims, what there is to say, and whether a record of it is held."""

    written: tuple[Written, ...] = ()
    issues: tuple[Issue, ...] = ()
    is_held: bool = False
    is_done: bool = False


def prepare_submission(data: bytes, service: Service, unit: Unit) -> Submission:
    """Make of a body what is to be kept; nothing is kept, and what a Claim alone refers to is looked for in the store.

    FHIR: a Claim, a Bundle with one and what it refers to, Parameters with `resource`, or a refill Bundle, which is coded.
    """
    decoded = decode_document(data, service.rule_book.shapes)
    if decoded.value is None:
        return Submission(issues=locate_issues(data, decoded.issues))
    tree = _unwrap(decoded.value)
    source = data if tree is decoded.value else encode_json(tree)
    kind = tree.get("resourceType")
    if kind == "Claim":
        bundle = gather_context(tree, lambda *key: _find(unit, *key))
        return _read_claim(encode_json(bundle) if len(bundle["entry"]) > 1 else source, bundle, service.workplace())
    if kind == "Bundle" and "Claim" in _types(tree):
        return _read_claim(source, tree, service.workplace())
    return read_refill(source, service.workplace()) if kind in ("Bundle", "Procedure") else Submission(issues=(_NOT_A_CLAIM,))


def _unwrap(tree: Tree) -> Tree:
    """Give the resource that Parameters of the operation hold, else the tree itself."""
    parts = tree.get("parameter") if tree.get("resourceType") == "Parameters" else None
    named = [one for one in parts if isinstance(one, dict) and one.get("name") == "resource"] if isinstance(parts, list) else []
    found = [one["resource"] for one in named if isinstance(one.get("resource"), dict)]
    return found[0] if len(found) == 1 else tree


def _types(bundle: Tree) -> Iterator[object]:
    entries = bundle.get("entry")
    for entry in entries if isinstance(entries, list) else ():
        resource = entry.get("resource") if isinstance(entry, dict) else None
        yield resource.get("resourceType") if isinstance(resource, dict) else None


def _find(unit: Unit, kind: str, identity: str) -> Tree | None:
    kept = unit.find(kind, identity)
    return decode_json(kept.data).value if kept is not None and kept.data is not None else None


def _read_claim(data: bytes, bundle: Tree, workplace: Workplace) -> Submission:
    """Take a Claim as it came, in its Bundle: it is kept as it is, and its 837 is written from what it says."""
    claims = read_claims(data, build_restoring_context(data, workplace))
    made = [(claim, encode_json(bundle)) for claim in claims.value or ()]
    return _write(made, workplace, Submission(issues=claims.issues))


def read_refill(data: bytes, workplace: Workplace) -> Submission:
    """Code a refill Bundle, and write the claims of what is coded."""
    context = build_context(data, workplace)
    if context.value is None:
        return Submission(issues=context.issues)
    answer = code_document(data, context.value)
    outcomes = write_claims(answer, context.value)
    claims = [record.claim for record in answer.records if record.claim]
    made = [(claim, one.value) for claim, one in zip(claims, outcomes, strict=True) if one.value is not None]
    issues = (*locate_issues(data, answer.all_issues), *(issue for one in outcomes for issue in one.issues))
    is_held = any(record.status == "held" for record in answer.records)
    return _write(made, workplace, Submission((), issues, is_held, not is_held and not made and not answer.is_stopped))


def _write(made: Sequence[tuple[Claim, bytes]], workplace: Workplace, found: Submission) -> Submission:
    """Look whether each claim can be written as an 837; what one of them cannot carry refuses the whole."""
    told, written = list(found.issues), []
    for claim, bundle in made:
        site = workplace.sites.get(claim.billing_provider.npi)
        issues = _refusals(claim, site, workplace) if site else (_NO_SITE,)
        told += workplace.rule_book.tables.cited(issues)
        if site is not None and not has_errors(issues):
            written.append(Written(claim, bundle, site))
    return replace(found, written=tuple(written) if len(written) == len(made) else (), issues=tuple(told))


def _refusals(claim: Claim, site: Site, workplace: Workplace) -> tuple[Issue, ...]:
    written = write_837([claim], make_envelope(site, workplace.now, "P"))
    return (*validate_payers([claim], site.payers), *written.issues)


def leave_out_kept(unit: Unit, submission: Submission) -> Submission:
    """Leave out the claims of a submission that are here already, where another of it is not: those were kept before it."""
    fresh = tuple(one for one in submission.written if not _is_here(unit, one))
    return replace(submission, written=fresh) if fresh else submission


def _is_here(unit: Unit, one: Written) -> bool:
    claim = next(entry["resource"] for entry in (decode_json(one.bundle).value or {})["entry"] if _is_claim(entry))
    return any(unit.find_named_claim(*_name(each)) is not None for each in claim.get("identifier", ()))


def keep_submission(unit: Unit, data: bytes, submission: Submission, service: Service) -> Answer:
    """Keep what a body comes to, all of it in one unit, and say what was kept.

    200 with the ClaimResponse of the claim, or a Bundle of several and of what there is to say; 200 with an OperationOutcome
    for nothing to bill; 400, 422 where there is no claim; 409 where a Claim.identifier is here already: nothing is kept then.
    """
    make_id, now = id_maker(data), service.clock()
    if not submission.written:
        issues = (*submission.issues, _keep_task(unit, data, submission, service)) if submission.is_held else submission.issues
        return answer_issues(status_of(issues, submission.is_done), issues, service.rule_book)
    placed = [
        (one, place_entries(decode_json(one.bundle).value or {}, _within(make_id, one.claim.identifier)))
        for one in submission.written
    ]
    first = _name_claims(unit, [resources for _, resources in placed])
    if first is not None:
        duplicate = replace(_DUPLICATE, text=_DUPLICATE.text.format(first))
        return answer_issues(HTTPStatus.CONFLICT, (duplicate,), service.rule_book)
    unit.keep(data, [(one.claim.identifier, one.bundle) for one in submission.written], now)
    responses = [_keep_claim(unit, one, resources, service) for one, resources in placed]
    if submission.is_held:
        told = service.rule_book.tables.explained((*submission.issues, _keep_task(unit, data, submission, service)))
        return Answer(HTTPStatus.OK, _gather([*responses, write_outcome(told)]), told)
    body = encode_json(responses[0]) if len(responses) == 1 else _gather(responses)
    return Answer(HTTPStatus.OK, body, submission.issues)


def _within(make_id: Callable[[str], str], scope: str) -> Callable[[str], str]:
    return lambda name: make_id(f"{scope}/{name}")


def _gather(resources: Iterable[Tree]) -> bytes:
    entries = [{"resource": one} for one in resources]
    return encode_json({"resourceType": "Bundle", "type": "collection", "entry": entries})


def _is_claim(entry: Tree) -> bool:
    return bool(entry["resource"]["resourceType"] == "Claim")


def _name(identifier: Tree) -> tuple[str, str]:
    return identifier.get("system", ""), identifier.get("value", "")


def _claim_of(resources: Iterable[Placed]) -> Placed:
    return next(one for one in resources if one.kind == "Claim")


def _name_claims(unit: Unit, placed: Iterable[Sequence[Placed]]) -> str | None:
    """Give each Claim its identifiers, or the id of the first Claim that has one of them: then none is given."""
    names = [
        (_claim_of(resources).id, *_name(one))
        for resources in placed for one in _claim_of(resources).tree.get("identifier", ())
    ]
    unit.hold(*(f"claim:{sha256(f'{system}|{value}'.encode()).hexdigest()}" for _, system, value in names))
    for _, system, value in names:
        if (first := unit.find_named_claim(system, value)) is not None:
            return first
    for identity, system, value in dict.fromkeys(names):
        unit.name_claim(system, value, identity)
    return None


def _keep_claim(unit: Unit, one: Written, resources: Sequence[Placed], service: Service) -> Tree:
    """Keep a claim with all that belongs to it, queue it, and give its ClaimResponse."""
    now, claim = service.clock(), _claim_of(resources)
    identity = id_maker(one.bundle)(f"{claim.id}/response")
    response = write_receipt(ReceivedClaim(claim.tree, None, identity), Receipt(*QUEUED), now)
    kept = (*resources, Placed("ClaimResponse", identity, response))
    unit.add([NewResource(each.kind, each.id, encode_json(each.tree), _values(each, now)) for each in kept], now)
    text = write_837([one.claim], make_envelope(one.site, now, "P", unit.take_control_number())).value
    sent = (text or "").encode()
    keep_sent(sent, unit, now)
    unit.queue_claim(claim.id, one.claim.insurance.payer.id, sent, now)
    return response


def keep_resource(unit: Unit, placed: Placed, service: Service) -> str:
    """Keep the next version of a resource, and give the address of that version."""
    at = service.clock()
    stored = unit.write(placed.kind, placed.id, encode_json(placed.tree), _values(placed, at), at)
    return f"{placed.kind}/{placed.id}/_history/{stored.version}"


def _values(placed: Placed, at: datetime) -> list[SearchValue]:
    """Give what a resource is found by."""
    return gather_values(stamp_resource({**placed.tree, "id": placed.id}, 1, at))


def _keep_task(unit: Unit, data: bytes, submission: Submission, service: Service) -> Issue:
    """Keep the document of a held record and the Task that waits for its decision, once; say where it waits."""
    make_id = id_maker(data)
    identity, document = make_id("task"), make_id("document")
    unit.hold(f"task:{identity}")
    known = _find(unit, "Task", identity)
    if known is not None and known["status"] != "requested":
        return replace(_DECIDED, text=_DECIDED.text.format(identity))
    if known is None:
        tree = decode_document(data, service.rule_book.shapes).value or {}
        kind = tree["resourceType"]
        keep_resource(unit, Placed(kind, document, {**tree, "id": document}), service)
        task = write_task(identity, f"{kind}/{document}", submission.issues, service.clock())
        keep_resource(unit, Placed("Task", identity, task), service)
    return replace(_HELD, text=_HELD.text.format(identity))
