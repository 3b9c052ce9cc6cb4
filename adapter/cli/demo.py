"""`refill-adapter demo`: the main job on a shipped sample."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from adapter.bulk import build_context
from adapter.cli.document import FileFault
from adapter.cli.listing import issue_line, json_line, lines_table
from adapter.cli.workplace import load_shipped_workplace
from adapter.cli.writing import write_as
from adapter.coding.report import explain_record, report_answer
from adapter.deliver import deliver_to_folder
from adapter.flow import code_document, locate_answer, validate_document
from adapter.issues import Issue, Outcome, has_errors
from adapter.load import data_folder
from adapter.terms import CodingAnswer

__all__ = ["demo"]

SAMPLE = "hepatic-artery-floxuridine-office-medicare.json"
_FILES: Final = {"claim.json": "fhir", "claim.837": "837"}


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for the files, else refill-demo.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object: the records, the issues and the files.")
@click.pass_context
def demo(ctx: click.Context, out: Path | None, as_json: bool) -> None:
    """Validate, code and explain a shipped sample, and write its Claim and 837.

    It uses what is shipped, whatever REFILL_* variables name.

    \b
    Example:
      refill-adapter demo --out /tmp/refill-demo
    """
    samples = data_folder("samples")
    workplace = load_shipped_workplace(samples / "site.toml")
    data = (samples / SAMPLE).read_bytes()
    issues = validate_document(data, workplace.rule_book)
    context = build_context(data, workplace)
    if context.value is None:
        raise FileFault("the shipped sample and the shipped site file do not fit; install the package again")
    answer = locate_answer(data, code_document(data, context.value))
    if not as_json:
        _print_records(issues, answer)
    files = {name: write_as(language, answer, context.value, "T") for name, language in _FILES.items()}
    done = all(written.value is not None for written in files.values())
    unwritten = [issue for written in files.values() for issue in written.issues]
    places = _deliver(files, out or _fresh_folder())
    if as_json:
        told = report_answer(replace(answer, issues=(*issues, *answer.issues, *unwritten)))
        click.echo(json_line({"file": SAMPLE, "ok": done, "written": places, **told}))
    else:
        for line in (*(f"   {issue_line(SAMPLE, issue)}" for issue in unwritten), *(f"4. Wrote {place}" for place in places)):
            click.echo(line)
    ctx.exit(0 if done else 1)


def _print_records(issues: tuple[Issue, ...], answer: CodingAnswer) -> None:
    click.echo(f"1. Validated {SAMPLE}: {'not valid' if has_errors(issues) else 'valid'}")
    for issue in issues:
        click.echo(f"   {issue_line(SAMPLE, issue)}")
    for record in answer.records:
        click.echo(f"2. Coded: {record.status} {record.code or ', '.join(record.proposed)}")
        click.echo("\n".join(lines_table(record)))
        for issue in record.issues:
            click.echo(f"   {issue_line(SAMPLE, issue)}")
        click.echo("3. Why")
        click.echo(explain_record(record))


def _deliver(files: Mapping[str, Outcome[bytes]], folder: Path) -> list[str]:
    """Deliver what was written into the folder, and name the files."""
    made = {name: written.value for name, written in files.items() if written.value is not None}
    try:
        return [str(deliver_to_folder(folder, name, data)) for name, data in made.items()]
    except OSError as error:
        raise FileFault(f"{folder}: cannot be written: {error.strerror}; name another folder with --out") from error


def _fresh_folder() -> Path:
    """Make a folder of its own: refill-demo here, the next free number after it, or a temporary one."""
    for number in range(1, 100):
        folder = Path("refill-demo" if number == 1 else f"refill-demo-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        except OSError:
            break
        return folder
    return Path(tempfile.mkdtemp(prefix="refill-demo-"))
