"""`refill-adapter validate`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from adapter.bulk import Item
from adapter.cli.document import EXIT_FILE, failed, files_argument
from adapter.cli.listing import issue_line, json_line
from adapter.cli.source import list_files, open_source
from adapter.cli.workplace import load_rules
from adapter.coding.report import report_verdict
from adapter.flow import RuleBook, validate_document, validate_lines
from adapter.issues import Issue, has_errors

__all__ = ["validate"]


@click.command()
@files_argument
@click.option(
    "--profile", multiple=True, metavar="URL",
    help="Check against this profile (URL or URL|VERSION) as well as those the resource claims; may be given again.",
)
@click.option(
    "--profiles", multiple=True, type=click.Path(path_type=Path, exists=True), metavar="DIR",
    help="Folder or package (.tgz) of StructureDefinitions, ValueSets and CodeSystems of someone else; may be given again.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file.")
@click.pass_context
def validate(
    ctx: click.Context, files: tuple[str, ...], profile: tuple[str, ...], profiles: tuple[Path, ...], as_json: bool
) -> None:
    """Check documents against base R4 and the profiles; - reads standard input.

    A file is one resource in JSON or XML, or NDJSON (.ndjson, .jsonl), one resource a line, of any length. A folder stands
    for all such files in it.

    \b
    Example:
      refill-adapter validate refill.json
      refill-adapter validate --json samples export.ndjson
      refill-adapter validate --profiles theirs.tgz --profile https://example.org/fhir/StructureDefinition/pump refill.json
    """
    task = _Task(load_rules(profiles), profile, as_json)
    codes = [_validate_file(name, task) for name in list_files(files)]
    ctx.exit(max(codes))


@dataclass(frozen=True, slots=True)
class _Task:
    """What is done with each file."""

    rule_book: RuleBook
    nominated: tuple[str, ...]
    as_json: bool


@dataclass(slots=True)
class _Count:
    """What a file came to: its exit code, and how many lines held a resource where it holds one a line."""

    code: int = 0
    lines: int | None = None


def _validate_file(name: str, task: _Task) -> int:
    """Validate one file, and tell each issue as it is found; give the exit code that the file comes to."""
    count = _Count()
    issues = _find_issues(name, task, count)
    if task.as_json:
        _write_json(name, issues, count)
        return count.code
    for issue in issues:
        if count.code != EXIT_FILE:  # which is said on standard error
            click.echo(issue_line(name, issue))
    if not count.code:
        click.echo(f"{name}: valid" + ("" if count.lines is None else f" ({count.lines} resources)"))
    return count.code


def _find_issues(name: str, task: _Task, count: _Count) -> Iterator[Issue]:
    """Find the issues of a file; that it cannot be read, or read on, is the last of them."""
    try:
        with open_source(name) as source:
            if source.lines is None:
                found: Iterable[tuple[Issue, ...]] = [validate_document(source.document, task.rule_book, *task.nominated)]
            else:
                count.lines, found = 0, validate_lines(source.lines, task.rule_book, *task.nominated)
            for issues in found:
                count.lines = None if count.lines is None else count.lines + 1
                count.code = max(count.code, int(has_errors(issues)))
                yield from issues
    except OSError as error:
        count.code = EXIT_FILE
        yield failed(Item(name, failure=error.strerror or type(error).__name__), task.rule_book)


def _write_json(name: str, issues: Iterable[Issue], count: _Count) -> None:
    """Write the object of a file, issue by issue: however many there are, none is waited for."""
    opening = json_line({"file": name}).removesuffix("}") + ',"issues":['
    for issue in issues:
        click.echo(opening + json_line(report_verdict(issue)), nl=False)
        opening = ","
    closing = f'],"ok":{"false" if count.code else "true"}}}'
    click.echo(closing if opening == "," else opening + closing)
