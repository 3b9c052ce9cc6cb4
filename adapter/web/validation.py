"""The answer of `$validate`, on a type and on an instance: what is asked, of what, and the OperationOutcome of it.

Source: http://hl7.org/fhir/R4/resource-operation-validate.html.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from adapter.fhir.document import decode_document
from adapter.fhir.json import Tree, decode_json, encode_json
from adapter.fhir.position import locate_issues
from adapter.flow import Looked, look_at_document, validate_part
from adapter.http.answer import Answer, answer_issues
from adapter.http.status import validation_status
from adapter.issues import Issue, IssueType, Outcome, Severity
from adapter.web.claim_x12 import claim_of
from adapter.web.service import Service

__all__ = ["Asked", "answer_validation"]

_OF_INSTANCE: Final = ("update", "delete")
_MODES: Final = ("create", "profile", *_OF_INSTANCE)
# The members of Parameters.parameter that may hold a parameter, and what their value is.
_HOLDERS: Final[dict[str, tuple[tuple[str, ...], type]]] = {
    "resource": (("resource",), dict),
    "mode": (("valueCode", "valueString"), str),
    "profile": (("valueUri", "valueCanonical", "valueUrl", "valueString"), str),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: the type and, of an instance, the id of the address; nominated profiles and mode."""

    resource_type: str
    identity: str | None = None
    profiles: tuple[str, ...] = ()
    mode: str | None = None


class _Request(NamedTuple):
    """What is asked by address and body together; `resource` is that of Parameters, with the FHIRPath that leads to it."""

    asked: Asked
    is_wrapped: bool = False
    resource: tuple[Tree, str] | None = None


def answer_validation(data: bytes, asked: Asked, service: Service) -> Answer:
    """Answer `{type}/$validate` and `{type}/{id}/$validate`: an OperationOutcome with 200, whether or not the resource is valid.

    The body is the resource, or Parameters with `resource`, `profile` and `mode`; for an instance it may be left out: what is
    kept under the id is validated then. Kept are the Claims that were made here, under their patient control numbers.
    400 where body or parameters cannot be read or a nominated profile is unknown, 404 where nothing is kept under the id.
    """
    read = _read_request(data, asked, service)
    if read.value is None:
        return answer_issues(HTTPStatus.BAD_REQUEST, locate_issues(data, read.issues), service.rule_book)
    asked, kept = read.value.asked, None
    if asked.identity is not None:
        kept = _find_kept(asked.resource_type, asked.identity, service)
        if kept is None:
            return answer_issues(HTTPStatus.NOT_FOUND, (_NOT_KEPT,), service.rule_book)
    if asked.mode == "delete":
        return answer_issues(HTTPStatus.OK, (_UNCHANGED,), service.rule_book)
    looked = _validate(data, read.value, kept, service)
    if looked is None:
        return answer_issues(HTTPStatus.BAD_REQUEST, (_NO_RESOURCE,), service.rule_book)
    issues = (*read.issues, *looked.issues, *_check_purpose(looked.tree, asked, service))
    return answer_issues(validation_status(issues, asked.profiles), issues, service.rule_book)


def _read_request(data: bytes, asked: Asked, service: Service) -> Outcome[_Request]:
    """Read what is asked; Parameters are looked for where the body may be some, and a body that cannot be read is none."""
    request = _Request(asked)
    issues: tuple[Issue, ...] = ()
    if b"Parameters" in data and asked.resource_type != "Parameters":
        decoded = decode_document(data, service.rule_book.shapes)
        if decoded.value is not None and decoded.value.get("resourceType") == "Parameters":
            told = _read_parameters(decoded.value)
            issues = decoded.issues + told.issues
            request = _add_parameters(asked, told.value or {})
    mode, is_instance = request.asked.mode, asked.identity is not None
    if asked.mode and mode != asked.mode:
        issues = (*issues, _REPEATED)
    elif mode is not None and (mode not in _MODES or (mode in _OF_INSTANCE and not is_instance)):
        issues = (*issues, _BAD_MODE)
    elif mode == "profile" and not request.asked.profiles:
        issues = (*issues, _NO_PROFILE)
    return Outcome(request, issues)


def _read_parameters(tree: Tree) -> Outcome[dict[str, tuple[Any, str]]]:
    """Read the parameters that the operation has, each once, with the FHIRPath of its value; others are passed over."""
    issues: list[Issue] = []
    told: dict[str, tuple[Any, str]] = {}
    parts = tree.get("parameter")
    for index, one in enumerate(parts if isinstance(parts, list) else ()):
        name = one.get("name") if isinstance(one, dict) else None
        if not isinstance(name, str) or name not in _HOLDERS:
            continue
        keys, kind = _HOLDERS[name]
        place = f"Parameters.parameter[{index}]"
        key = next((key for key in keys if isinstance(one.get(key), kind)), None)
        if key is None or name in told:
            issues.append(replace(_BAD_VALUE if key is None else _REPEATED, expression=(place,)))
        else:
            told[name] = one[key], f"{place}.{key}"
    return Outcome(told, tuple(issues))


def _add_parameters(asked: Asked, told: dict[str, tuple[Any, str]]) -> _Request:
    profile, mode = (told[name][0] if name in told else None for name in ("profile", "mode"))
    profiles = dict.fromkeys((*asked.profiles, *((profile,) if profile else ())))
    return _Request(replace(asked, profiles=tuple(profiles), mode=mode or asked.mode), True, told.get("resource"))


def _find_kept(resource_type: str, identity: str, service: Service) -> Tree | None:
    """Find a resource that is kept here; a Claim also under the patient control number under which it was made."""
    if service.store is None:
        return None
    with service.store.reading() as unit:
        kept = unit.find(resource_type, identity)
        made = unit.find_claims(identity) if resource_type == "Claim" else ()
    if kept is not None and kept.data is not None:
        return decode_json(kept.data).value
    return claim_of(made[0].bundle) if made else None


def _validate(data: bytes, request: _Request, kept: Tree | None, service: Service) -> Looked | None:
    """Validate what was sent, else what is kept; None where there is neither."""
    profiles = request.asked.profiles
    if request.resource is not None:
        return Looked(request.resource[0], validate_part(data, request.resource, service.rule_book, *profiles))
    if data and not request.is_wrapped:
        return look_at_document(data, service.rule_book, *profiles)
    if kept is None:
        return look_at_document(data, service.rule_book, *profiles) if not request.is_wrapped else None
    found = look_at_document(encode_json(kept), service.rule_book, *profiles).issues
    return Looked(kept, tuple(replace(issue, line=None, column=None) for issue in found))  # nobody sent this text


def _check_purpose(tree: Tree | None, asked: Asked, service: Service) -> Iterator[Issue]:
    """Check what the address and the mode ask of a resource that could be read."""
    if tree is None:
        return
    kind = tree.get("resourceType")
    if isinstance(kind, str) and kind != asked.resource_type:
        yield _OTHER_TYPE
    if asked.mode == "update":
        if tree.get("id") != asked.identity:
            yield replace(_OTHER_ID, expression=(f"{asked.resource_type}.id",))
        yield _UNCHANGED
    if asked.mode == "create" and kind == "Claim" and any(_find_kept("Claim", one, service) for one in _identifiers(tree)):
        yield _DUPLICATE


def _identifiers(tree: Tree) -> list[str]:
    found = tree.get("identifier")
    values = [one.get("value") for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return [value for value in values if isinstance(value, str)]


def _issue(code: IssueType, rule: str, text: str, *expression: str) -> Issue:
    return Issue(Severity.ERROR, code, rule, text, expression)


_NO_RESOURCE: Final = _issue(
    IssueType.REQUIRED, "parameters.resource-missing",
    "The Parameters hold no resource; a parameter named resource was expected. Add it, or send the resource itself.",
    "Parameters.parameter",
)
_BAD_VALUE: Final = _issue(
    IssueType.VALUE, "parameters.wrong-type",
    "The parameter has no value of its type; resource, a code (mode) or a uri (profile) was expected. Correct it.",
)
_REPEATED: Final = _issue(
    IssueType.STRUCTURE, "parameters.repeated", "A parameter is given twice; once was expected. Keep one of them.",
)
_BAD_MODE: Final = _issue(
    IssueType.VALUE, "parameters.mode",
    "The mode cannot be used here; create or profile was expected, or, at the address of an instance, update or delete. "
    "Correct it, or the address.",
)
_NO_PROFILE: Final = _issue(
    IssueType.REQUIRED, "parameters.profile-missing",
    "Mode profile asks for a profile, and none is named; the parameter profile was expected. Add it.",
)
_NOT_KEPT: Final = _issue(
    IssueType.NOT_FOUND, "validate.not-kept",
    "Nothing is kept under this id; the patient control number of a Claim that was made here was expected. "
    "Correct it, or send the resource to the address of its type.",
)
_OTHER_TYPE: Final = _issue(
    IssueType.INVALID, "validate.other-type",
    "The resource is of another type than the address names. Send it to the address of its own type.",
)
_OTHER_ID: Final = _issue(
    IssueType.VALUE, "validate.other-id", "The id of the resource is not that of the address; the same was expected. Correct it.",
)
_UNCHANGED: Final = _issue(
    IssueType.NOT_SUPPORTED, "validate.unchangeable",
    "A Claim that was made here is neither changed nor deleted. Send a claim that replaces it.",
)
_DUPLICATE: Final = _issue(
    IssueType.DUPLICATE, "validate.duplicate",
    "A Claim with this identifier is kept here already. Send a claim that replaces it, or one of its own number.",
    "Claim.identifier",
)
