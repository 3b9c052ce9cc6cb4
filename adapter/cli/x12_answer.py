"""Answers of payers on the command line: checked, read, and written to an 837 that was received."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from adapter.bulk import Answering, Workplace, acknowledge, make_control_number
from adapter.cli.document import FileFault, load_document
from adapter.cli.keeping import open_named_store
from adapter.cli.writing import Result
from adapter.deliver import deliver_to_folder
from adapter.flow import RuleBook
from adapter.issues import Issue, Outcome
from adapter.settings import Settings
from adapter.x12.acknowledgement import Check, acknowledge_837
from adapter.x12.answer import AnswerEnvelope, validate_answers
from adapter.x12.answer_guide import is_answer
from adapter.x12.text import decode_text

__all__ = ["check_answer", "holds_answer", "put_999", "read_answer"]


def holds_answer(data: bytes) -> bool:
    """Tell whether bytes are TA1, 999, 277CA or 835, and no claims."""
    text = decode_text(data).value
    return text is not None and is_answer(text)


def check_answer(data: bytes, rule_book: RuleBook) -> tuple[Issue, ...]:
    """Check TA1, 999, 277CA or 835."""
    text = decode_text(data)
    found = validate_answers(text.value) if text.value is not None else ()
    return rule_book.tables.cited((*text.issues, *found))


def read_answer(data: bytes, workplace: Workplace, settings: Settings, sent: Iterable[str] = ()) -> Result:
    """Read an answer into a Bundle of resources, with the 837 that were sent (files) and the store that is named.

    Errors: FileFault where a file or the store cannot be read.
    """
    with open_named_store(settings) as store:
        outcome = acknowledge(data, Answering(workplace, store, _load(sent)))
    return Result(outcome.value is not None, outcome.value, outcome.issues)


def _load(files: Iterable[str]) -> Sequence[bytes]:
    loaded = []
    for name in files:
        try:
            loaded.append(load_document(name))
        except OSError as error:
            raise FileFault(f"{name}: cannot be read: {error.strerror}") from error
    return loaded


def put_999(data: bytes, check: Check, place: Path | None) -> Outcome[str]:
    """Write the 999 to an 837 into a file, or on standard output where none is named; its numbers come from the clock.

    X12: ISA13 and GS06 by `make_control_number`; ISA15 as the 837 has it.
    """
    text = decode_text(data)
    if text.value is None:
        return Outcome(None, text.issues)
    now = datetime.now(UTC)
    number = make_control_number(now)
    usage = text.value.lstrip("\ufeff \t\r\n")[102:103]
    envelope = AnswerEnvelope(
        number, number.lstrip("0") or "1", "", "", f"{now:%Y%m%d}", f"{now:%H%M}", usage if usage in ("T", "P") else "P"
    )
    written = acknowledge_837(text.value, check, envelope)
    if written.value is not None and place is None:
        click.echo(written.value, nl=False)
    elif written.value is not None and place is not None:
        try:
            deliver_to_folder(place.parent, place.name, written.value.encode("ascii"))
        except OSError as error:
            raise FileFault(f"{place}: cannot be written: {error.strerror}") from error
    return written
