"""Documents and files of the command line: `-` is standard input, a failure is exit code 3."""

from __future__ import annotations

import errno
import sys
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click

from adapter.bulk import Item
from adapter.flow import RuleBook
from adapter.issues import Issue, IssueType, Severity

__all__ = [
    "EXIT_FILE", "FileFault", "check_output", "document_path", "failed", "files_argument", "load_document", "standard_input",
]

EXIT_FILE = 3

T = TypeVar("T")


class FileFault(click.ClickException):
    """A file, network or store failure: one line on standard error, exit code 3."""

    exit_code = EXIT_FILE


def files_argument(function: click.decorators.FC) -> click.decorators.FC:
    """Add `FILE...`, of which one may be standard input."""

    def check(_ctx: click.Context, _param: click.Parameter, files: tuple[str, ...]) -> tuple[str, ...]:
        if files.count("-") > 1:
            raise click.BadParameter("standard input (-) can be read once. Name it once.")
        return files

    return click.argument("files", nargs=-1, required=True, metavar="FILE...", callback=check)(function)


def check_output(_ctx: click.Context, _param: click.Parameter, output: T) -> T:
    """Check that an option names a file to write, if it is given; - is standard output. Errors: BadParameter."""
    if output is not None and Path(str(output)).name in ("", ".."):
        raise click.BadParameter("no file is named. Name one; - is standard output where a command says so.")
    return output


def load_document(name: str) -> bytes:
    """Load a file, or standard input for `-`. Errors: OSError; a file is one document, and a folder is none."""
    if name == "-":
        return standard_input().read()
    return document_path(name).read_bytes()


def document_path(name: str) -> Path:
    """Give the path of a file that is one document. Errors: OSError where it is a folder."""
    if Path(name).is_dir():
        raise OSError(errno.EISDIR, "it is a folder, and one document is read here; name the files in it")
    return Path(name)


def standard_input() -> BinaryIO:
    """Give standard input in bytes. Errors: OSError where the program was started without one."""
    if sys.stdin is None:
        raise OSError(errno.EBADF, "standard input is closed")
    return sys.stdin.buffer


def failed(item: Item[Any], rule_book: RuleBook) -> Issue:
    """Say on standard error that a file could not be read, and give it as an issue for `--json`."""
    text = f"The file cannot be read: {item.failure}. Name a file that exists and may be read."
    click.echo(f"{item.name}: {text}", err=True)
    (issue,) = rule_book.tables.cited([Issue(Severity.FATAL, IssueType.NOT_FOUND, "file.unreadable", text)])
    return issue
