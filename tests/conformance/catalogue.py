"""The catalogue of mutants: sound sources, every defect of each, and a seeded choice of them that is the same everywhere."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from adapter.conformance.base import BaseFacts
from adapter.conformance.validation import compile_profiles
from adapter.fhir.json import decode_json, encode_json
from adapter.flow import RuleBook
from adapter.load import data_folder, load_base_facts, load_rule_book
from tests.conformance import resources, sliced
from tests.conformance.defects import DROP, Defect, base_defects
from tests.conformance.mutant import MARKED, Mutant
from tests.conformance.profile_defects import profile_defects
from tests.conformance.written import STYLES, write_text

__all__ = ["SEED", "SIZE", "TYPES", "choose_mutants", "list_sources", "load_rules", "shipped_definitions"]

Json = dict[str, Any]
Path = tuple[str | int, ...]

SEED, SIZE = "issue 4", 2_000
TYPES = ("Bundle", "Claim", "ClaimResponse", "Procedure", "Device", "MedicationAdministration", "Coverage", "Observation")
_MAKERS = (resources.claim, resources.claim_response, resources.procedure, resources.device, resources.administration,
           resources.coverage, resources.observation, resources.bundle)
_SAMPLES = ("two-pumps-one-day", "unitedhealthcare-methotrexate-authorised", "hospital-outpatient-floxuridine",
            "cigna-treprostinil-nurse-supervised")
_OF_ONE_SAMPLE = 2


def shipped_definitions() -> list[Json]:
    return [json.loads(path.read_bytes()) for path in sorted(data_folder("profiles").glob("*.json"))]


@cache
def load_rules() -> RuleBook:
    """Give the shipped rules, with the sliced profiles of the tests beside the shipped ones."""
    folder = data_folder("profiles")
    schema = json.loads((folder / "base" / "r4.schema.json").read_bytes())
    compiled = compile_profiles(schema, _facts(), [*shipped_definitions(), *sliced.definitions()])
    return replace(load_rule_book(), profiles=compiled)


@cache
def _facts() -> BaseFacts:
    return load_base_facts(data_folder("profiles"))


@cache
def list_sources() -> Mapping[str, Json]:
    """Give the sound resources by name: `base` claims no profile, `own` ours, `sliced` those of the tests, `sample` comes from samples."""
    found: dict[str, Json] = {}
    for make in _MAKERS:
        tree = make()
        found[f"base {tree['resourceType']}"] = _unclaimed(make())
        if "meta" in tree:
            found[f"own {tree['resourceType']}"] = tree
    kept = sliced.sliced_resources()
    found |= {f"sliced {kind}": tree for kind, tree in kept.items()}
    found["sliced Bundle"] = {"resourceType": "Bundle", "type": "collection", "entry": [
        {"fullUrl": f"https://example.org/{kind}/{tree['id']}", "resource": tree} for kind, tree in kept.items()]}
    for name in _SAMPLES:
        tree = json.loads((data_folder("samples") / f"{name}.json").read_bytes())
        found[f"sample {name}"] = tree
        for kind in TYPES:
            mine = [entry["resource"] for entry in tree["entry"] if entry["resource"]["resourceType"] == kind]
            found |= {f"sample {name} {kind} {number}": _unclaimed(one) for number, one in enumerate(mine[:_OF_ONE_SAMPLE])}
    return {name: _plain(tree) for name, tree in found.items()}


def _unclaimed(tree: Json) -> Json:
    for one in (tree, *(entry["resource"] for entry in tree.get("entry", ()))):
        one.pop("meta", None)
    return tree


def _plain(tree: Json) -> Json:
    """Give a tree of its own in which nothing is shared, with the numbers as they are written."""
    return decode_json(encode_json(tree)).value or {}


def _defects(tree: Json) -> Iterator[Defect]:
    """Give every defect of a source: of base R4, and of each profile that it or a resource in it claims."""
    yield from base_defects(tree, _facts())
    profiles = {each["url"]: each for each in (*shipped_definitions(), *sliced.definitions())}
    places: list[tuple[Path, Json]] = [((), tree)]
    places += [(("entry", number, "resource"), entry["resource"]) for number, entry in enumerate(tree.get("entry", ()))]
    for prefix, node in places:
        for canonical in node.get("meta", {}).get("profile", ()):
            own = profile_defects(node, profiles[canonical])
            told = sliced.sliced_defects(node["resourceType"]) if canonical == sliced.SLICED.get(node["resourceType"]) else ()
            yield from (_below(defect, prefix) for defect in (*own, *told))


def _below(defect: Defect, prefix: Path) -> Defect:
    rule_at = None if defect.rule_at is None else (*prefix, *defect.rule_at)
    return replace(defect, path=(*prefix, *defect.path), rule_at=rule_at, also=tuple(((*prefix, *path), put) for path, put in defect.also))


def choose_mutants(size: int) -> list[Mutant]:
    """Choose mutants in turn from every kind of defect in every type of resource, in an order that only the seed gives."""
    groups: dict[tuple[str, str, str], list[tuple[str, str, Defect]]] = defaultdict(list)
    for source, tree in list_sources().items():
        for defect in _defects(tree):
            put = "" if defect.put is DROP else write_text({"put": defect.put}).text
            rank = hashlib.sha256(f"{SEED}|{source}|{defect.kind}|{defect.path}|{put}".encode()).hexdigest()
            groups[defect.kind, _hurt(tree, defect.path), source.partition(" ")[0]].append((rank, source, defect))
    queues = sorted((sorted(each, key=lambda one: one[0]) for each in groups.values()), key=lambda each: each[0][0])
    chosen = [each[turn] for turn in range(max(map(len, queues))) for each in queues if turn < len(each)]
    return [_mutant(number, source, defect) for number, (_, source, defect) in enumerate(chosen[:size])]


def _hurt(tree: Json, path: Path) -> str:
    """Give the type of the resource that a path hurts."""
    kind, node = str(tree["resourceType"]), tree
    for step in path:
        node = node[step] if (isinstance(node, list) and isinstance(step, int) and step < len(node)) or (isinstance(node, dict) and step in node) else {}
        kind = node.get("resourceType", kind) if isinstance(node, dict) else kind
    return kind


def _mutant(number: int, source: str, defect: Defect) -> Mutant:
    """Write each mutant in another style, every second with characters of many bytes before the defect."""
    tree = list_sources()[source]
    if number % 2:
        tree = {"resourceType": tree["resourceType"], "_language": MARKED} | tree
    return Mutant(source, tree, defect, list(STYLES)[number % 3], load_rules().profiles.names.choices)
