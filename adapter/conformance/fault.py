"""Faults: what a JSON Schema error means in FHIR's words, one issue each, at the leaf, no value shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any, Final

from adapter.issues import Issue, IssueType, Severity

__all__ = ["KINDS", "MOST_ISSUES", "Source", "explain_error", "name_choices", "write_path"]

MOST_ISSUES: Final = 10_000
"""Issues that one tree is told: a text that is wrong everywhere is no use to anyone, and takes its time."""

_NAME: Final = re.compile(r"_?[A-Za-z][A-Za-z0-9]{0,63}")
_STEP: Final = re.compile(r"\.([A-Za-z0-9]+)(?!\[)\b")
_MAX_SHOWN: Final = 12

# JSON Schema keyword to what stands after `base.` or `profile.`, and the FHIR issue type.
KINDS: Final[dict[str, tuple[str, IssueType]]] = {
    "required": ("required", IssueType.REQUIRED),
    "additionalProperties": ("unknown-element", IssueType.STRUCTURE),
    "type": ("type", IssueType.STRUCTURE),
    "enum": ("code", IssueType.CODE_INVALID),
    "const": ("value", IssueType.VALUE),
    "pattern": ("value", IssueType.VALUE),
    "minimum": ("value", IssueType.VALUE),
    "maximum": ("value", IssueType.VALUE),
    "minLength": ("value", IssueType.VALUE),
    "maxLength": ("value", IssueType.TOO_LONG),
    "minItems": ("cardinality", IssueType.STRUCTURE),
    "maxItems": ("cardinality", IssueType.STRUCTURE),
    "falseSchema": ("not-allowed", IssueType.STRUCTURE),
    "contains": ("value", IssueType.VALUE),
    "anyOf": ("code", IssueType.CODE_INVALID),
}

_TYPES: Final = {
    "object": "an object", "array": "an array", "string": "a string", "boolean": "true or false", "number": "a number",
    "integer": "a whole number", "null": "null",
}

_UNKNOWN: Final = "is no element that FHIR R4 has here. Remove it or correct its name"

_FORMS: Final = {
    "date": "a date: YYYY, YYYY-MM or YYYY-MM-DD, a day that the calendar has",
    "dateTime": "a dateTime: a date, or YYYY-MM-DDThh:mm:ss with a time zone",
    "instant": "an instant: YYYY-MM-DDThh:mm:ss with a time zone",
    "time": "a time: hh:mm:ss",
    "id": "an id: 1 to 64 letters, digits, hyphens and full stops",
    "code": "a code: no white space at either end and single spaces inside",
    "uri": "a URI without white space",
    "url": "a URL without white space",
    "canonical": "a canonical URL without white space",
    "oid": "an OID: urn:oid: and numbers",
    "uuid": "a UUID: urn:uuid: and lower-case digits",
    "base64Binary": "base64 text",
    "positiveInt": "a whole number from 1 to 2147483647",
    "unsignedInt": "a whole number from 0 to 2147483647",
    "integer": "a whole number of 32 bits",
    "codes:all-languages": "a language tag of BCP 47 such as en or es-MX",
    "codes:mimetypes": "a media type such as text/plain",
    "codes:formats": "a media type such as application/fhir+json",
}


@dataclass(frozen=True, slots=True)
class Source:
    """Say by whose word an instance is wrong.

    `prefix` is base or profile, `name` is what a text shows; errors point into `schema`; `choices` maps the variants of
    choices to their elements.
    """

    prefix: str
    name: str
    citation: str
    schema: Mapping[str, Any]
    choices: Mapping[str, str]


def write_path(root: str, path: Sequence[str | int], choices: Mapping[str, str]) -> str:
    """Write a JSON path as FHIRPath: a choice without its type, a `_x` as its element, indices on arrays.

    A choice is never an array: a name with an index behind it is a plain one.

    >>> write_path("Observation", ["component", 0, "valueQuantity", "value"], {"valueQuantity": "value"})
    'Observation.component[0].value.value'
    >>> write_path("Patient", ["_birthDate", "extension", 0], {})
    'Patient.birthDate.extension[0]'
    """
    parts = [root]
    for step, following in zip_longest(path, path[1:]):
        if isinstance(step, int):
            parts.append(f"[{step}]")
        elif _NAME.fullmatch(step):
            name = step.removeprefix("_")
            parts.append(f".{name if isinstance(following, int) else choices.get(name, name)}")
        else:
            break
    return "".join(parts)


def name_choices(issues: Sequence[Issue], choices: Mapping[str, str]) -> tuple[Issue, ...]:
    """Write the expressions of issues that know names of JSON alone as FHIRPath: a choice without its type.

    >>> issue = Issue(Severity.ERROR, IssueType.VALUE, "json.null", "Wrong.", ("Claim.valueMoney.value",))
    >>> name_choices([issue], {"valueMoney": "value"})[0].expression
    ('Claim.value.value',)
    """
    def name(found: re.Match[str]) -> str:
        return f".{choices.get(found[1], found[1])}"

    return tuple(replace(one, expression=tuple(_STEP.sub(name, place) for place in one.expression)) for one in issues)


def explain_error(error: Any, root: str, path: Sequence[str | int], source: Source) -> Iterator[Issue]:
    """Explain one error of the validator as issues: one each, but one for every unknown element.

    `path` is the JSON path from the root named `root` to the object that was validated.
    """
    keyword = error.kind.name
    place = [*path, *error.instance_path]
    if keyword == "additionalProperties":
        for name in error.kind.unexpected:
            yield _issue(keyword, _UNKNOWN, [*place, name], (root, source))
        return
    if keyword == "required":
        place.append(error.kind.property.removesuffix("[x]"))
    asked = ""
    if keyword in ("contains", "anyOf"):
        part = _part(error, source.schema)
        asked = _asked(part)
        keyword = "anyOf" if isinstance(part, list) or "anyOf" in part else keyword  # a binding, else a pattern
    yield _issue(keyword, _sentence(keyword, error, asked), place, (root, source))


def _issue(keyword: str, sentence: str, place: Sequence[str | int], context: tuple[str, Source]) -> Issue:
    root, source = context
    suffix, code = KINDS[keyword]
    last = next((step for step in reversed(place) if isinstance(step, str)), "")
    if last == "resourceType" and keyword != "additionalProperties":
        suffix = "resource-type"
    shown = last.removeprefix("_")
    subject = source.choices.get(shown, shown) if _NAME.fullmatch(last) else "A member with an impossible name"
    by = f" (profile {source.name})" if source.prefix == "profile" else ""
    text = f"{subject or root} {sentence}{by}."
    expression = (write_path(root, place, source.choices),)
    return Issue(Severity.ERROR, code, f"{source.prefix}.{suffix}", text, expression, source.citation)


def _sentence(keyword: str, error: Any, asked: str) -> str:
    kind = error.kind
    if keyword == "required":
        return "is missing; it was expected here. Add it"
    if keyword == "type":
        types = [_TYPES[name] for name in kind.types if name != "null"]
        return f"has the wrong JSON type; {' or '.join(types)} was expected. Correct it"
    if keyword == "enum":
        return f"is not one of the codes of its value set; {_choice(kind.options)} was expected. Correct it"
    if keyword == "const":
        return f"is not the value that is fixed here; {_scalar(kind.expected_value)} was expected. Correct it"
    if keyword in ("pattern", "minimum", "maximum"):
        return f"is not written as its type asks; {_form(error)} was expected. Correct it"
    if keyword == "minItems":
        return f"has too few entries; at least {kind.limit} was expected. Add what is missing"
    if keyword == "maxItems":
        return f"has too many entries; at most {kind.limit} was expected. Remove what is too much"
    if keyword == "maxLength":
        return f"is too long; at most {kind.limit} characters were expected. Shorten it"
    if keyword in ("contains", "anyOf"):
        return f"has not what is asked for; {asked} was expected. Correct it"
    return _PLAIN[keyword]


_PLAIN: Final = {
    "minLength": "is empty; some text was expected. Fill it or leave it out",
    "falseSchema": "is not allowed here; nothing was expected. Remove it",
}


def _form(error: Any) -> str:
    names = [step.removesuffix("?") for step in error.schema_path if isinstance(step, str)]
    return next((_FORMS[name] for name in reversed(names) if name in _FORMS), "another form")


def _part(error: Any, schema: Mapping[str, Any]) -> Any:
    """Give the part of the profile's schema that an entry fails."""
    part: Any = schema
    for step in error.schema_path:
        part = part[step]
    return part


def _asked(part: Any) -> str:
    """Say in words what a part of the profile's schema asks."""
    options = part.get("anyOf", [part]) if isinstance(part, dict) else part
    told = [" and ".join(_constants(option, "")) for option in options]
    return "an entry with " + (" or ".join(told) if len(told) <= _MAX_SHOWN else f"one of {len(told)} codes")


def _constants(schema: Mapping[str, Any], name: str) -> list[str]:
    if "const" in schema:
        return [f"{name} {schema['const']}"]
    return [told for key, inner in schema.get("properties", {}).items() for told in _constants(inner, key)]


def _choice(options: Sequence[Any]) -> str:
    codes = [str(option) for option in options if option is not None]
    return ", ".join(codes) if len(codes) <= _MAX_SHOWN else f"one of {len(codes)} codes such as {', '.join(codes[:3])}"


def _scalar(value: Any) -> str:
    return str(value) if isinstance(value, (str, int)) else "another value"
