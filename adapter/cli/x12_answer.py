"""Answers of payers on the command line: checked, read, and written to an 837 that was received."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from adapter.bulk import Answering, Workplace, acknowledge, make_control_number
from adapter.cli.document import FileFault, load_document
from adapter.cli.keeping import open_named_store
from adapter.cli.writing import Result
from adapter.deliver import deliver_to_folder
from adapter.fhir.json import decode_json
from adapter.fhir.outcome import read_outcome
from adapter.flow import RuleBook
from adapter.issues import Issue, Outcome, has_errors
from adapter.settings import Settings
from adapter.x12.acknowledgement import Check, acknowledge_837
from adapter.x12.answer import AnswerEnvelope, validate_answers
from adapter.x12.answer_guide import is_answer
from adapter.x12.text import decode_text

__all__ = ["check_answer", "holds_answer", "put_999", "read_answer", "tell_words"]


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

    What it says stands beside it in issues, and is not done where it refuses something. Errors: FileFault where a file or the
    store cannot be read.
    """
    with open_named_store(settings) as store:
        outcome = acknowledge(data, Answering(workplace, store, _load(sent)))
    tree = decode_json(outcome.value).value if outcome.value is not None else None
    if tree is None:
        return Result(is_done=False, data=None, issues=outcome.issues)
    issues = read_outcome(tree["entry"][-1]["resource"])
    return Result(not has_errors(issues), outcome.value, issues)


def tell_words(data: bytes) -> Iterator[str]:
    """Tell the resources of an answer in words, a line each: which claim, what became of it, what is paid.

    >>> response = b'{"resourceType":"ClaimResponse","request":{"identifier":{"value":"R1"}},"disposition":"Rejected."}'
    >>> list(tell_words(b'{"resourceType":"Bundle","entry":[{"resource":' + response + b"}]}"))
    ['claim R1: Rejected.']
    """
    tree = decode_json(data).value or {}
    for entry in tree.get("entry", []):
        resource = entry["resource"]
        match resource:
            case {"resourceType": "ClaimResponse", "request": {"identifier": {"value": number}}, "disposition": said}:
                paid = f" {resource['payment']['amount']['value']} is paid." if "payment" in resource else ""
                undone = " It is taken back." if resource.get("status") == "cancelled" else ""
                yield f"claim {number}: {said}{paid}{undone}"
            case {"resourceType": "PaymentReconciliation", "paymentAmount": {"value": amount}, "paymentDate": day}:
                number, parts = resource["paymentIdentifier"]["value"], len(resource.get("detail", []))
                yield f"payment {number} of {day}: {amount}, {parts} parts"
            case {"resourceType": "Task", "status": status, "identifier": [{"value": number}]}:
                yield f"interchange {number}: {status}"


def _load(files: Iterable[str]) -> Sequence[bytes]:
    loaded = []
    for name in files:
        try:
            loaded.append(load_document(name))
        except OSError as error:
            raise FileFault(f"{name}: cannot be read: {error.strerror}") from error
    return loaded


def put_999(data: bytes, check: Check, place: Path | None, taken: int | None = None) -> Outcome[str]:
    """Write the 999 to an 837 into a file, or on standard output where none is named.

    X12: ISA13 and GS06 are the number that a store handed out, or else `make_control_number`; ISA15 as the 837 has it.
    """
    text = decode_text(data)
    if text.value is None:
        return Outcome(None, text.issues)
    now = datetime.now(UTC)
    number = make_control_number(now) if taken is None else f"{taken:09d}"
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
