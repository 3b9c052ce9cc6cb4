"""`refill-adapter demo`: the main job on a shipped sample."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from adapter.bulk import build_context
from adapter.cli.document import FileFault
from adapter.cli.listing import issue_line, lines_table
from adapter.cli.workplace import load_workplace
from adapter.cli.writing import write_as
from adapter.coding.report import explain_record
from adapter.deliver import deliver_to_folder
from adapter.flow import Context, code_document, validate_document
from adapter.issues import has_errors
from adapter.load import data_folder
from adapter.terms import CodingAnswer

__all__ = ["demo"]

SAMPLE = "hepatic-artery-floxuridine-office-medicare.json"


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for the files, else refill-demo.")
@click.pass_context
def demo(ctx: click.Context, out: Path | None) -> None:
    """Validate, code and explain a shipped sample, and write its Claim and 837.

    \b
    Example:
      refill-adapter demo --out /tmp/refill-demo
    """
    samples = data_folder("samples")
    workplace = load_workplace(samples / "site.toml")
    data = (samples / SAMPLE).read_bytes()
    issues = validate_document(data, workplace.rule_book)
    click.echo(f"1. Validated {SAMPLE}: {'not valid' if has_errors(issues) else 'valid'}")
    for issue in issues:
        click.echo(f"   {issue_line(SAMPLE, issue)}")
    context = build_context(data, workplace)
    if context.value is None:
        raise FileFault("the shipped sample and the shipped site file do not fit; install the package again")
    answer = code_document(data, context.value)
    _print_records(answer)
    folder = out or _fresh_folder()
    done = _deliver(answer, context.value, folder)
    ctx.exit(0 if done else 1)


def _print_records(answer: CodingAnswer) -> None:
    for record in answer.records:
        click.echo(f"2. Coded: {record.status} {record.code or ', '.join(record.proposed)}")
        click.echo("\n".join(lines_table(record)))
        for issue in record.issues:
            click.echo(f"   {issue_line(SAMPLE, issue)}")
        click.echo("3. Why")
        click.echo(explain_record(record))


def _deliver(answer: CodingAnswer, context: Context, folder: Path) -> bool:
    languages = {"claim.json": "fhir", "claim.837": "837"}
    files = {name: write_as(language, answer, context, "T") for name, language in languages.items()}
    for issue in (issue for written in files.values() for issue in written.issues):
        click.echo(f"   {issue_line(SAMPLE, issue)}")
    try:
        for name, written in files.items():
            if written.value is not None:
                click.echo(f"4. Wrote {deliver_to_folder(folder, name, written.value)}")
    except OSError as error:
        raise FileFault(f"{folder}: cannot be written: {error.strerror}; name another folder with --out") from error
    return all(written.value is not None for written in files.values())


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
