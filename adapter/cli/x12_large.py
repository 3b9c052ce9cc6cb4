"""A large 837 read into claim Bundles, a claim at a time: what is made waits in a temporary file until all is read."""

from __future__ import annotations

from collections.abc import Iterable
from tempfile import TemporaryFile
from typing import IO, Final

import click

from adapter.bulk import Workplace, make_ids
from adapter.cli.listing import issue_line, json_line
from adapter.cli.x12_file import LargeFile
from adapter.coding.report import report_issue
from adapter.flow import RestoringContext, write_read_claims
from adapter.issues import Issue, Severity, has_errors
from adapter.x12.stream import stream_claims

__all__ = ["read_large"]

_OPENED: Final = b'{"resourceType":"Bundle","type":"collection","entry":['
_ENTRY: Final = b'{"resource":%b}'
_CLOSED: Final = b"]}"
_PIECE: Final = 1 << 18
_ALONE: Final = frozenset({"x12.envelope-broken", "x12.transactions-many"})
"""What makes a file none that can be read: beside it, as beside what is fatal, nothing is told of its claims."""


def read_large(file: LargeFile, workplace: Workplace, *, as_json: bool) -> int:
    """Put the claim Bundles of a large 837 on standard output as `put_result` puts a small one's, and give the exit code.

    Nothing of it is put where one claim, or the file as a whole, has an error.
    """
    context = RestoringContext(workplace.rule_book, workplace.sites, workplace.now, make_ids(file.digest()))
    with TemporaryFile() as made:
        issues = _write_entries(file, context, made)
        is_done = not has_errors(issues)
        made.seek(0)
        if not as_json:
            for issue in issues:
                click.echo(issue_line(file.name, issue), err=True)
            if is_done:
                _copy(made, b"", b"\n")
            return int(not is_done)
        opened = json_line({"file": file.name, "ok": is_done, "written": None, "result": None})[: -len("null}")].encode()
        closed = ("," + json_line({"issues": [report_issue(issue) for issue in issues]})[1:] + "\n").encode()
        if is_done:
            _copy(made, opened, closed)
        else:
            click.echo(opened + b"null" + closed, nl=False)
    return int(not is_done)


def _write_entries(file: LargeFile, context: RestoringContext, made: IO[bytes]) -> tuple[Issue, ...]:
    """Write each claim as an entry, and give all that there is to say, each once; after an error nothing more is written."""
    read: dict[Issue, None] = {}
    written: dict[Issue, None] = {}
    waiting, count = b"", 0
    for outcome in stream_claims(file.chunks()):
        if any(issue.severity is Severity.FATAL or issue.rule in _ALONE for issue in outcome.issues):
            read = {}
        read |= dict.fromkeys(outcome.issues)
        if outcome.value is None or has_errors(read):
            continue
        one = write_read_claims([outcome.value], context)
        written |= dict.fromkeys(one.issues)
        for bundle in one.value or ():
            count += 1
            if count > 1:
                made.write((_OPENED if count == 2 else b",") + _ENTRY % waiting)
            waiting = bundle
    made.write(b"," * (count > 1) + _ENTRY % waiting + _CLOSED if count > 1 else waiting)
    return _told(file, context, read, written)


def _told(file: LargeFile, context: RestoringContext, *found: Iterable[Issue]) -> tuple[Issue, ...]:
    """Give what is wrong with the bytes alone, else all that is said of them, of what was read and of what was written."""
    read, written = found
    cited = context.rule_book.tables.cited
    return cited(file.issues) if has_errors(file.issues) else (*cited((*file.issues, *read)), *written)


def _copy(made: IO[bytes], before: bytes, after: bytes) -> None:
    click.echo(before, nl=False)
    while piece := made.read(_PIECE):
        click.echo(piece, nl=False)
    click.echo(after, nl=False)
