"""`refill-adapter validate`."""

from __future__ import annotations

from pathlib import Path

import click

from adapter.bulk import run_batch
from adapter.cli.document import EXIT_FILE, failed, files_argument, load_document
from adapter.cli.listing import issue_line, json_line
from adapter.cli.workplace import load_rules
from adapter.coding.report import report_issue
from adapter.flow import validate_document
from adapter.issues import has_errors

__all__ = ["validate"]


@click.command()
@files_argument
@click.option("--profile", metavar="URL", help="Check against this profile as well as those the resource claims.")
@click.option(
    "--profiles", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="DIR",
    help="Folder of StructureDefinitions, ValueSets and CodeSystems of someone else, added to ours.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file.")
@click.pass_context
def validate(
    ctx: click.Context, files: tuple[str, ...], profile: str | None, profiles: Path | None, as_json: bool
) -> None:
    """Check documents against base R4 and the profiles; - reads standard input.

    \b
    Example:
      refill-adapter validate refill.json
      refill-adapter validate --json *.json
      refill-adapter validate --profiles theirs --profile https://example.org/fhir/StructureDefinition/pump refill.json
    """
    rule_book = load_rules(profiles)
    unreadable = invalid = False
    for item in run_batch(files, load_document, lambda data: validate_document(data, rule_book, profile)):
        issues = item.value if item.value is not None else (failed(item, rule_book),)
        unreadable |= item.value is None
        bad = has_errors(issues)
        invalid |= bad
        if as_json:
            told = {"file": item.name, "ok": not bad, "issues": [report_issue(issue) for issue in issues]}
            click.echo(json_line(told))
        elif item.value is not None:
            for issue in issues:
                click.echo(issue_line(item.name, issue))
            if not bad:
                click.echo(f"{item.name}: valid")
    ctx.exit(EXIT_FILE if unreadable else int(invalid))
