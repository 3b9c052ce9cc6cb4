"""X12 005010: segments and text, the envelope, the professional claim both ways, its rules and its losses."""

from adapter.x12.claim_837p import Interchange837, read_837p, write_837p
from adapter.x12.envelope import Envelope
from adapter.x12.guide import validate_837p
from adapter.x12.losses import LOSSES, complete_claim, fold_claim

__all__ = [
    "LOSSES",
    "Envelope",
    "Interchange837",
    "complete_claim",
    "fold_claim",
    "read_837p",
    "validate_837p",
    "write_837p",
]
