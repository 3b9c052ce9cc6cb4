"""The shipped sample as the shells are given it: bytes, and the site file beside it."""

from adapter.fhir.json import decode_json
from adapter.fhir.xml import encode_xml
from adapter.load import data_folder, load_rule_book

__all__ = ["REFILL", "SAMPLES", "SITE", "in_xml", "refill_bytes"]

SAMPLES = data_folder("samples")
REFILL = SAMPLES / "hepatic-artery-floxuridine-office-medicare.json"
SITE = SAMPLES / "site.toml"


def refill_bytes(**replaced: str) -> bytes:
    """Give the sample, with pieces of its text replaced: each must be there."""
    text = REFILL.read_text(encoding="utf-8")
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    return text.encode()


def in_xml(data: bytes) -> bytes:
    """Give the XML of a resource in JSON."""
    tree = decode_json(data).value
    assert tree is not None
    written = encode_xml(tree, load_rule_book().shapes).value
    assert written is not None
    return written
