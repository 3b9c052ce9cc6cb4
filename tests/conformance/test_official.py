"""The snapshots of R4's own profiles, made anew from their differentials, are the official ones."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from adapter.conformance.base import BASE_URL, BaseFacts
from adapter.conformance.snapshot import find_base, make_snapshot
from tests.conformance.official import RECORD, digest_snapshot, official_digests

# Where the official snapshot says something else, and what.
_SIMPLE_QUANTITY = "it copies the invariants of SimpleQuantity to an element whose type names that profile"
_NO_SLICING = "it takes a slice name on an element without slicing into the id; the rules are the same"
OTHERWISE = {
    "bp": "it lays the short form valueQuantity of a component on value[x] itself, elsewhere on a slice by type; the rules are the same",
    "catalog": _NO_SLICING,
    "familymemberhistory-genetic": _NO_SLICING,
    "cholesterol": _SIMPLE_QUANTITY,
    "hdlcholesterol": _SIMPLE_QUANTITY,
    "ldlcholesterol": _SIMPLE_QUANTITY,
    "elementdefinition-de": "it lists the children of two extensions that nothing is said of",
    "provenance-relevant-history": "its slice lacks what the differential says of every agent; a content reference leads into the slice",
}


def _made(facts: BaseFacts, url: str) -> list[dict[str, Any]]:
    return make_snapshot(facts.profiles[url], lambda canonical: find_base(facts, canonical))


def test_every_profile_of_r4_gets_its_official_snapshot_but_for_those_listed(base_facts: BaseFacts) -> None:
    official = json.loads(RECORD.read_text())
    assert len(official) == 439
    differ = [url for url, digest in official.items() if digest_snapshot(_made(base_facts, url)) != digest]
    assert sorted(differ) == sorted(BASE_URL + name for name in OTHERWISE)


def test_one_fact_that_differs_is_seen(base_facts: BaseFacts) -> None:
    snapshot = _made(base_facts, f"{BASE_URL}bmi")
    assert digest_snapshot(snapshot) == json.loads(RECORD.read_text())[f"{BASE_URL}bmi"]
    place = next(number for number, each in enumerate(snapshot) if each["id"] == "Observation.status")
    for key, value in (("min", 7), ("id", "x"), ("type", []), ("constraint", []), ("fixedCode", "x"), ("binding", {"strength": "example"})):
        assert digest_snapshot([*snapshot[:place], {**snapshot[place], key: value}, *snapshot[place + 1 :]]) != digest_snapshot(snapshot)


def test_the_record_is_that_of_the_official_package() -> None:
    if package := os.environ.get("R4_PACKAGE"):  # the official package is too large to be kept here
        assert json.loads(RECORD.read_text()) == official_digests(Path(package))
    assert all(len(digest) == 16 for digest in json.loads(RECORD.read_text()).values())
