"""The program and its commands; a command's module is imported when that command is called."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Final, TypeVar
from uuid import uuid4

import click

import adapter
from adapter.bug import tell_bug
from adapter.cli.document import EXIT_FILE, FileFault
from adapter.cli.listing import issue_line, json_line
from adapter.issues import Issue, IssueType, Severity

__all__ = ["main"]

T = TypeVar("T")

# Command: where it stands, and what the list of commands says of it.
_COMMANDS: Final = {
    "demo": ("adapter.cli.demo:demo", "Run the main job on a shipped sample, with no configuration."),
    "validate": ("adapter.cli.validate:validate", "Check documents against R4 and the profiles."),
    "code": ("adapter.cli.code:code", "Say what is billed for each refill, and why."),
    "claim": ("adapter.cli.claim:claim", "Write the claim of a refill, as FHIR or X12 837."),
    "restore": ("adapter.cli.restore:restore", "Turn a claim back into a clinical Bundle."),
    "x12": ("adapter.cli.x12:x12", "Check and read X12 files."),
    "serve": ("adapter.cli.serve:serve", "Serve the adapter over HTTP."),
    "payer": ("adapter.cli.payer:payer", "Be a payer to test against."),
    "store": ("adapter.cli.store:store", "Export, import, back up, restore and check what is kept."),
    "tables": ("adapter.cli.tables:tables", "Check and show the code tables."),
    "settings": ("adapter.cli.settings:settings", "Show what holds, and refuse what is unsafe."),
}


class _Program(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click passes it
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- as above
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 -- as above
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_, says) in _COMMANDS.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return _answer(ctx, lambda: super(_Program, self).parse_args(ctx, args))

    def invoke(self, ctx: click.Context) -> object:
        return _answer(ctx, lambda: super(_Program, self).invoke(ctx))


def _answer(ctx: click.Context, step: Callable[[], T]) -> T:
    """Take a step of the program and handle whatever happens to its answer: the one handler of this shell.

    A reader that has left wants no more, and nothing is said; but not everything was written, so the exit code is that of
    an answer that cannot be written.
    """
    if sys.stdout is None:  # the program was started without one
        raise FileFault("the answer cannot be written: standard output is closed; send it to a file, or to /dev/null")
    try:
        return step()
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except OSError as error:
        has_left = error.errno == errno.EPIPE
        # What is still in a buffer would fail once more when the interpreter ends.
        _send_nowhere(*((1, 2) if has_left else (1,)))
        if has_left:
            ctx.exit(EXIT_FILE)
        raise FileFault(f"the answer cannot be written: {error.strerror}; make room, or send it elsewhere") from error
    except Exception as bug:  # noqa: BLE001 -- no stack trace, no value of the input
        raise _log_bug(bug) from None


def _send_nowhere(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)


def _log_bug(bug: Exception) -> FileFault:
    """Log a bug on standard error, and give what is said of it: exit code 3, for nothing was decided of the document."""
    log_id = str(uuid4())
    click.echo(json_line({"event": "fault", **tell_bug(bug, log_id)}), err=True)
    text = f"The program failed and wrote a line of log. Give it to whoever looks after the program, by its log id {log_id}."
    return FileFault(issue_line("refill-adapter", Issue(Severity.FATAL, IssueType.EXCEPTION, "program.failed", text)))


@click.group(cls=_Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(adapter.__version__, prog_name="refill-adapter")
def main() -> None:
    """Turn implantable pump refills into claims that payers take, and back.

    Exit codes: 0 done (warnings allowed), 1 an error issue or a held record, 2 usage, 3 a file, network or store
    failure, or a bug.

    \b
    Example:
      refill-adapter demo
    """
