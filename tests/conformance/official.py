"""What the official snapshots of R4's own profiles say, one digest each: the package itself is too large to be kept.

    python -m tests.conformance.official hl7.fhir.r4.core.tgz

writes official_snapshots.json anew from the package that tools/generate_base.py reads.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tools.generate_base import load_package

__all__ = ["RECORD", "digest_snapshot", "official_digests"]

Json = dict[str, Any]
RECORD = Path(__file__).parent / "official_snapshots.json"
_COMPARED = ("id", "path", "sliceName", "min", "max", "contentReference", "maxLength", "isModifier")


def digest_snapshot(elements: Iterable[Json]) -> str:
    text = json.dumps([_view(element) for element in elements], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _view(element: Json) -> Json:
    """Give what is compared: no prose; invariants by key, and the order of those is free."""
    view = {key: value for key, value in element.items() if key in _COMPARED or key.startswith(("fixed", "pattern"))}
    view["isModifier"] = bool(element.get("isModifier"))
    view["type"] = [{key: value for key, value in told.items() if key != "extension"} for told in element.get("type", ())]
    view["constraint"] = sorted(each["key"] for each in element.get("constraint", ()))
    view["binding"] = [element["binding"].get(key) for key in ("strength", "valueSet")] if "binding" in element else None
    slicing = element.get("slicing")
    view["slicing"] = slicing and [slicing.get("discriminator"), slicing.get("ordered", False), slicing["rules"]]
    return view


def official_digests(package: Path) -> dict[str, str]:
    profiles = [each for each in load_package(package) if each.get("derivation") == "constraint" and "snapshot" in each]
    return {each["url"]: digest_snapshot(each["snapshot"]["element"]) for each in sorted(profiles, key=lambda one: one["url"])}


if __name__ == "__main__":
    RECORD.write_text(json.dumps(official_digests(Path(sys.argv[1])), indent=0) + "\n", encoding="utf-8")
