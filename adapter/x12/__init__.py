"""X12 005010: segments and text, the envelope, claims of both forms both ways, their rules and their losses."""

from adapter.x12.check_837 import check_837
from adapter.x12.envelope import Envelope
from adapter.x12.file_837 import Interchange837, read_837, write_837
from adapter.x12.guide import validate_837
from adapter.x12.losses import LOSSES, complete_claim, fold_claim
from adapter.x12.rewrite import rewrite_837
from adapter.x12.syntax import Delimiters

__all__ = [
    "LOSSES",
    "Delimiters",
    "Envelope",
    "Interchange837",
    "check_837",
    "complete_claim",
    "fold_claim",
    "read_837",
    "rewrite_837",
    "validate_837",
    "write_837",
]
