"""The shipped sample as the shells are given it: bytes, and the site file beside it."""

from adapter.load import data_folder

__all__ = ["REFILL", "SAMPLES", "SITE", "refill_bytes"]

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
