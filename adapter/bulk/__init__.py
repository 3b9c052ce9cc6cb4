"""The same pure step over many documents, and what each needs beside its bytes."""

from adapter.bulk.batch import Item as Item, run_batch as run_batch
from adapter.bulk.context import (
    Workplace as Workplace,
    build_context as build_context,
    build_restoring_context as build_restoring_context,
    id_maker as id_maker,
)
from adapter.bulk.kept import pair_claims as pair_claims, restore_kept as restore_kept

__all__ = [
    "Item", "Workplace", "build_context", "build_restoring_context", "id_maker", "pair_claims", "restore_kept", "run_batch",
]
