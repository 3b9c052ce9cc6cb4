"""The same pure step over many documents, and what each needs beside its bytes."""

from adapter.bulk.acknowledged import (
    Answering as Answering,
    acknowledge as acknowledge,
    index_document as index_document,
    keep_sent as keep_sent,
)
from adapter.bulk.batch import Item as Item, run_batch as run_batch
from adapter.bulk.context import (
    Workplace as Workplace,
    build_context as build_context,
    build_restoring_context as build_restoring_context,
    id_maker as id_maker,
    make_ids as make_ids,
)
from adapter.bulk.envelope import make_control_number as make_control_number, make_envelope as make_envelope
from adapter.bulk.kept import pair_claims as pair_claims, restore_kept as restore_kept

__all__ = [
    "Answering", "Item", "Workplace", "acknowledge", "build_context", "build_restoring_context", "id_maker",
    "index_document", "keep_sent", "make_control_number", "make_envelope", "make_ids", "pair_claims", "restore_kept",
    "run_batch",
]
