"""Two independent readers of X12 that share no code with ours: pyx12 checks, x12sdk reads."""

from __future__ import annotations

import io
import json
import logging
from functools import lru_cache
from typing import Any

import pyx12.map_if  # type: ignore[import-untyped]  # pyx12 ships no types
import pyx12.params  # type: ignore[import-untyped]  # as above
import pyx12.x12n_document  # type: ignore[import-untyped]  # as above
from x12sdk.io import X12ModelReader

__all__ = ["check_with_pyx12", "read_with_x12sdk"]

# pyx12 parses a map of a megabyte for every document; the maps do not change, so parse each once.
pyx12.map_if.load_map_file = lru_cache(maxsize=8)(pyx12.map_if.load_map_file)
logging.getLogger("pyx12").setLevel(logging.CRITICAL)


@lru_cache(maxsize=1)
def _params() -> Any:
    return pyx12.params.params()


def check_with_pyx12(text: str) -> list[str]:
    """Give what pyx12 finds wrong, empty where it accepts the file; a crash of it is a rejection."""
    found = io.StringIO()
    try:
        accepted = pyx12.x12n_document.x12n_document(
            param=_params(), src_file=io.StringIO(text), fd_997=io.StringIO(), fd_html=None, fd_json=found
        )
    except Exception as fault:  # noqa: BLE001 - a crash of the checker, of whatever kind, is a rejection
        return [repr(fault)]
    errors = _errors(json.loads(found.getvalue() or "{}"))
    return [] if accepted and not errors else errors or ["not accepted"]


def _errors(node: Any) -> list[str]:
    if isinstance(node, list):
        return [error for part in node for error in _errors(part)]
    if not isinstance(node, dict):
        return []
    own = [f"{error.get('err_cde')} {error.get('err_str')}" for error in node.get("errors", [])]
    return own + [error for key, part in node.items() if key != "errors" for error in _errors(part)]


def read_with_x12sdk(text: str) -> list[Any]:
    """Give the transactions that x12sdk reads; it raises where it cannot."""
    with X12ModelReader(text) as reader:
        return list(reader.models())
