"""The five laws of claims, each a check of one drawn case, and the harness that holds them to very many.

1. A claim is read from FHIR as it was written, its explanation too.
2. A claim is read from an 837 as it was written, but for the losses of the table, which the kept claim puts back.
3. FHIR to 837 and back gives the same bytes; 837 to FHIR and back gives the same text.
4. A restored Bundle tells what the claim tells, is closed, and tells no route.
5. The same input gives the same bytes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import given, seed, settings, strategies as st

import tests.profiles  # noqa: F401 -- registers the profile, also in a process of its own
from adapter.coding.explain import explain_claim
from adapter.fhir.claim import read_claim, write_claim
from adapter.fhir.json import Tree, decode_json, encode_json
from adapter.fhir.provenance import Explanation, read_provenance
from adapter.fhir.restored import write_refill
from adapter.load import load_rule_book
from adapter.terms import Claim, CodingRecord
from adapter.x12 import Envelope, complete_claim, fold_claim, read_837, write_837
from tests.fhir.claim_cases import STAMP, record_of
from tests.strategies import claim_files, claims, for_fhir, wider_claims

__all__ = ["LAWS", "Law", "Proof", "prove", "routes"]

File = tuple[list[Claim], Envelope]


@dataclass(frozen=True, slots=True)
class Law:
    """One law: what it says, from what its cases are drawn, and the check of one case."""

    number: int
    says: str
    cases: Callable[[], st.SearchStrategy[Any]]
    check: Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Proof:
    """What became of a law: the first seed, how many cases, how long, and the fault with its seed, if there was one."""

    number: int
    seed: int
    cases: int
    seconds: float
    fault: str | None = None


def prove(number: int, first_seed: int, most_cases: int, most_seconds: float) -> Proof:
    """Hold a law to random cases, a batch a seed, until there are enough, the time is over, or one breaks it."""
    law, cases, began, batch = LAWS[number - 1], 0, time.perf_counter(), first_seed
    profile = settings.get_profile("proof")
    drawn = settings(profile, max_examples=min(profile.max_examples, most_cases))

    def check(case: Any) -> None:
        nonlocal cases
        cases += 1
        law.check(case)

    while cases < most_cases and time.perf_counter() - began < most_seconds:
        try:
            seed(batch)(drawn(given(law.cases())(check)))()
        except Exception as error:  # noqa: BLE001 -- a crash breaks a law as well as a wrong answer does
            return Proof(number, first_seed, cases, time.perf_counter() - began, f"{type(error).__name__} at seed {batch}")
        batch += 1
    return Proof(number, first_seed, cases, time.perf_counter() - began)


def _written(record: CodingRecord) -> bytes:
    tree = write_claim(record, STAMP).value
    assert tree is not None
    return encode_json(tree)


def _read(data: bytes) -> Claim:
    tree = decode_json(data).value
    assert tree is not None
    claim = read_claim(tree).value
    assert claim is not None
    return claim


def _text(made: list[Claim], envelope: Envelope) -> str:
    text = write_837(made, envelope).value
    assert text is not None
    return text


def _back(text: str) -> tuple[Claim, ...]:
    answer = read_837(text)
    assert answer.value is not None
    assert answer.issues == ()
    return answer.value.claims


def _completed(read: Claim, kept: Claim) -> Claim:
    outcome = complete_claim(read, kept)
    assert outcome.value is not None
    assert outcome.issues == ()
    return outcome.value


def _first(claim: Claim) -> None:
    record = record_of(claim)
    data = _written(record)
    assert _read(data) == claim
    assert read_provenance(decode_json(data).value or {}) == Explanation(record.because, record.dropped, record.trace)


def _second(file: File) -> None:
    made, envelope = file
    back = _back(_text(made, envelope))
    assert list(back) == [fold_claim(claim) for claim in made]
    assert list(map(_completed, back, made)) == made


def _third(file: File) -> None:
    made, envelope = [for_fhir(claim) for claim in file[0]], file[1]
    sent = [_written(record_of(claim)) for claim in made]
    text = _text([_read(data) for data in sent], envelope)
    back = _back(text)
    assert [_written(record_of(_completed(one, claim))) for one, claim in zip(back, made, strict=True)] == sent
    again = [_read(_written(CodingRecord("coded", claim=claim))) for claim in back]
    assert _text(again, envelope) == text


def _fourth(claim: Claim) -> None:
    explained = explain_claim(claim, load_rule_book().tables).value
    assert explained is not None
    tree = write_refill(explained, STAMP)
    told = [entry["resource"] for entry in tree["entry"]]
    assert routes(tree) == []
    assert {"Patient", "Coverage", "Provenance"} <= {one["resourceType"] for one in told}
    codes = [one["code"]["coding"][0]["code"] for one in told if one["resourceType"] == "Procedure"]
    assert codes == [one.line.code for one in explained.services if one.kind in ("procedure", "visit")]
    given_drugs = [one for one in explained.services if one.kind == "drug" and "JW" not in one.line.modifiers]
    assert sum(one["resourceType"] == "MedicationAdministration" for one in told) == len(given_drugs)
    assert set(_references(tree)) <= {entry["fullUrl"] for entry in tree["entry"]}


def _fifth(file: File) -> None:
    made, envelope = file
    for claim in map(for_fhir, made):
        assert _written(record_of(claim)) == _written(record_of(claim))
    assert _text(made, envelope) == _text(made, envelope)


def routes(tree: Any) -> list[Any]:
    """Find every element named route and every extension that tells one."""
    if isinstance(tree, list):
        return [one for part in tree for one in routes(part)]
    if not isinstance(tree, dict):
        return []
    own = [tree] if "route" in tree or str(tree.get("url", "")).endswith("/delivery-route") else []
    return own + [one for part in tree.values() for one in routes(part)]


def _references(tree: Tree | list[Any]) -> list[str]:
    parts = tree if isinstance(tree, list) else list(tree.values())
    own = [tree["reference"]] if isinstance(tree, dict) and isinstance(tree.get("reference"), str) else []
    return own + [one for part in parts if isinstance(part, dict | list) for one in _references(part)]


LAWS = (
    Law(1, "A claim is read from FHIR as it was written, its explanation too.", wider_claims, _first),
    Law(2, "A claim is read from an 837P as it was written but for the losses, which the kept claim puts back.", claim_files, _second),
    Law(3, "FHIR to 837P and back gives the same bytes, and 837P to FHIR and back the same text.", claim_files, _third),
    Law(4, "A restored Bundle tells what the claim tells, is closed, and tells no route.", claims, _fourth),
    Law(5, "The same input gives the same bytes.", claim_files, _fifth),
)
