"""The adapter inside another Python program: what `import adapter` offers, as functions of one document.

A document is the bytes or the text of a resource in JSON or XML, or its tree. What is wrong with it is among the issues of
the answer, and nothing raises because of it; what is wrong with tables, profiles or a site file raises when it is loaded,
once for the process. Errors of loading: adapter.load.TableError, adapter.settings.SettingsError, OSError.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from adapter.bulk import Workplace, build_context, build_restoring_context
from adapter.fhir.tree import encode_tree
from adapter.flow import (
    RuleBook,
    code_document,
    locate_answer,
    restore_document,
    validate_document,
    write_claims,
)
from adapter.issues import Issue as Issue, IssueType as IssueType, Outcome as Outcome, Severity as Severity
from adapter.load import load_rule_book
from adapter.settings import load_settings, load_sites
from adapter.terms import CodingAnswer as CodingAnswer, Site

__all__ = ["CodingAnswer", "Document", "Issue", "IssueType", "Outcome", "Severity", "claim", "code", "restore", "validate"]

Document: TypeAlias = bytes | bytearray | memoryview | str | Mapping[str, Any]
Place: TypeAlias = str | Path


def validate(
    document: Document, *, profile: str | Iterable[str] = (), profiles: Place | Iterable[Place] = ()
) -> tuple[Issue, ...]:
    """Validate a document against base R4, the profiles that it claims, and those that are named.

    `profile` names one profile or several, as `url` or `url|version`; `profiles` are folders or packages (.tgz) with the
    definitions of someone else. Lines and columns are those of the text; a tree has none.

    >>> validate({"resourceType": "Patient", "gender": "male"})
    ()
    >>> (issue,) = validate(b'{"resourceType": "Patient", "gender": "none"}')
    >>> issue.rule, issue.expression, issue.line, issue.column
    ('base.code', ('Patient.gender',), 1, 39)
    """
    nominated = (profile,) if isinstance(profile, str) else tuple(profile)
    places = (profiles,) if isinstance(profiles, str | Path) else tuple(profiles)
    rule_book = _load_rules(tuple(Path(one) for one in places))
    text = _read_text(document)
    if text.value is None:
        return rule_book.tables.explained(text.issues)
    issues = validate_document(text.value, rule_book, *nominated)
    return tuple(replace(one, line=None, column=None) for one in issues) if isinstance(document, Mapping) else issues


def code(document: Document, site: Place, *, as_of: date | None = None, on: date | None = None) -> CodingAnswer:
    """Code a refill Bundle: a record for each visit, what it bills and why.

    `site` is a site file or a folder of them; filing limits are judged on `as_of` (today); `on` replays with the tables of
    another service date.

    >>> from adapter.load import data_folder
    >>> samples = data_folder("samples")
    >>> code((samples / "two-pumps-one-day.json").read_bytes(), samples / "site.toml").records[0].code
    '96522'
    """
    return claim(document, site, as_of=as_of, on=on)[0]


def claim(
    document: Document, site: Place, *, as_of: date | None = None, on: date | None = None
) -> tuple[CodingAnswer, tuple[Outcome[bytes], ...]]:
    """Code a refill Bundle, and write the claim Bundle of each coded record beside the answer of `code`, in its order.

    >>> from adapter.load import data_folder
    >>> samples = data_folder("samples")
    >>> answer, bundles = claim((samples / "two-pumps-one-day.json").read_bytes(), samples / "site.toml")
    >>> len(answer.records), bundles[0].value[:24]
    (1, b'{"resourceType":"Bundle"')
    """
    workplace = _load_workplace(site, as_of, on)
    text = _read_text(document)
    if text.value is None:
        return CodingAnswer((), workplace.rule_book.tables.cited(text.issues)), ()
    context = build_context(text.value, workplace)
    if context.value is None:
        return CodingAnswer((), context.issues), ()
    answer = code_document(text.value, context.value)
    bundles = write_claims(answer, context.value)
    return answer if isinstance(document, Mapping) else locate_answer(text.value, answer), bundles


def restore(document: Document, site: Place | None = None) -> Outcome[bytes]:
    """Restore the clinical Bundle behind a Claim, a claim Bundle or an 837.

    `site` answers what a Claim of another writer has no place for; without it that stays absent.

    >>> restore({"resourceType": "Patient"}).issues[0].is_error
    True
    """
    workplace = _load_workplace(site)
    text = _read_text(document)
    if text.value is None:
        return Outcome(None, workplace.rule_book.tables.cited(text.issues))
    return restore_document(text.value, build_restoring_context(text.value, workplace))


def _read_text(document: object) -> Outcome[bytes]:
    """Give the bytes of a document, whatever it is."""
    if isinstance(document, bytes | bytearray | memoryview):
        return Outcome(bytes(document))
    if isinstance(document, str):
        return Outcome(document.encode("utf-8", "surrogatepass"))
    return encode_tree(dict(document) if isinstance(document, Mapping) else document)


def _load_rules(profiles: tuple[Path, ...] = ()) -> RuleBook:
    return load_rule_book(profiles, load_settings().tables)


@cache
def _load_sites(path: Path) -> Mapping[str, Site]:
    return load_sites(path)


def _load_workplace(site: Place | None, as_of: date | None = None, on: date | None = None) -> Workplace:
    sites = {} if site is None else _load_sites(Path(site))
    now = datetime.now(UTC)
    return Workplace(_load_rules(), sites, now, as_of or now.astimezone().date(), on)
