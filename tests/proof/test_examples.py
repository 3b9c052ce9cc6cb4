"""`make proof`: the official examples of R4, token for token and without a false alarm, and a page of what came of it."""

from __future__ import annotations

import hashlib
import platform
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

import adapter
from adapter.conformance.validation import validate_resource
from adapter.fhir.json import decode_json, encode_json
from adapter.load import load_rule_book
from tests.proof.examples import ARGUED, PACKAGE, fetch_examples, list_examples, tokens_differ
from tests.proof.hapi import EXAMPLES, read_marks

PAGES = Path(__file__).parents[2] / "docs" / "proof"
LIMIT = 64 * 1024 * 1024  # two files are larger than what is taken from callers


@dataclass(frozen=True)
class Looked:
    """One example: does it come back token for token, how many errors are found, how many HAPI finds (None: not asked)."""

    name: str
    same: bool
    errors: int
    theirs: int | None


def look(path: Path, marks: dict[str, int]) -> Looked:
    data = path.read_bytes()
    decoded = decode_json(data, LIMIT)
    theirs = marks.get(hashlib.sha256(data).hexdigest()[:10])
    if decoded.value is None:
        return Looked(path.name, False, len(decoded.issues), theirs)
    issues = validate_resource(decoded.value, load_rule_book().profiles)
    return Looked(path.name, not tokens_differ(data, encode_json(decoded.value)), sum(issue.is_error for issue in issues), theirs)


def alarms(looked: list[Looked]) -> list[str]:
    """Give the files that get an error here, not from the Java validator, and are not argued."""
    return [one.name for one in looked if one.errors and not one.theirs and one.name not in ARGUED]


def page(looked: list[Looked], day: str) -> str:
    both = Counter((bool(one.errors), None if one.theirs is None else bool(one.theirs)) for one in looked)
    lines = [
        f"# The official examples of R4, {day}", "",
        f"`make proof` read the {len(looked):,} JSON files of npm's `{PACKAGE}` and validated each against base R4.", "",
        f"Version {adapter.__version__} of refill-adapter, Python {platform.python_version()}. Verdicts of HAPI FHIR as they are recorded beside the harness.", "",
        f"- Decoded and encoded again token for token, the spelling of every number included: {sum(one.same for one in looked):,}.",
        f"- False alarms (an error here, none from HAPI, and not argued below): {len(alarms(looked))}.", "",
        "| | HAPI finds errors | HAPI finds none | not asked of HAPI |", "|---|---|---|---|",
        f"| errors here | {both[True, True]} | {both[True, False]} | {both[True, None]} |",
        f"| none here | {both[False, True]} | {both[False, False]} | {both[False, None]} |", "",
        "Files with an error here, and what they break:", "",
        *(f"- {one.name}: {ARGUED.get(one.name, 'HAPI refuses it too')}." for one in looked if one.errors), "",
    ]
    return "\n".join(lines)


@pytest.mark.proof
def test_every_official_example_comes_back_and_none_is_refused_that_is_sound():
    marks = read_marks(EXAMPLES)
    looked = [look(path, marks) for path in list_examples(fetch_examples())]
    day = datetime.now(UTC).date().isoformat()
    (PAGES / f"{day}-examples.md").write_text(page(looked, day), encoding="utf-8")
    assert len(looked) > 5_300
    assert [one.name for one in looked if not one.same] == []
    assert alarms(looked) == []
    assert sum(one.theirs is not None for one in looked) > 5_000


# ---------------------------------------------------------------- the plants


@pytest.mark.parametrize(("one", "other"), [
    (b'{"a":1.0}', b'{"a":1.00}'), (b'{"a":1E2}', b'{"a":100}'), (b'{"a":"x"}', b'{"a":"y"}'), (b'{"a":1,"b":2}', b'{"b":2,"a":1}'), (b"{}", b"{},"),
])
def test_a_changed_token_is_seen(one, other):
    assert tokens_differ(one, other)


def test_spaces_and_the_spelling_of_strings_are_no_change():
    assert not tokens_differ(b'{ "a" : "\\u00e9" }', '{"a":"é"}'.encode())


def test_a_false_alarm_is_seen_and_an_argued_one_is_none():
    assert alarms([Looked("a.json", True, 1, 0), Looked("b.json", True, 1, 1), Looked("c.json", True, 0, 0), Looked("ig-r4.json", True, 2, None)]) == ["a.json"]


def test_a_sound_file_of_our_own_is_looked_at(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b'{"resourceType": "Basic", "code": {"text": "x"}}')
    assert look(path, {}) == Looked("a.json", True, 0, None)
    path.write_bytes(b'{"resourceType": "Basic", "code": 1}')
    assert look(path, {hashlib.sha256(path.read_bytes()).hexdigest()[:10]: 3}) == Looked("a.json", True, 1, 3)
