"""`refill-adapter claim`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from adapter.bulk import Workplace, build_context, keep_sent, make_envelope, pair_claims, run_batch
from adapter.cli.document import check_output, load_document
from adapter.cli.keeping import open_named_store, store_options
from adapter.cli.picture import PICTURES, is_synthetic, write_picture
from adapter.cli.posting import first_kept, post_result, read_address
from adapter.cli.workplace import load_workplace, read_settings, site_option
from adapter.cli.writing import Result, put_result, write_as, write_sent
from adapter.flow import code_document, locate_answer, write_claims
from adapter.settings import Settings

__all__ = ["claim"]

@click.command()
@click.argument("file")
@site_option
@click.option(
    "--to", "language", type=click.Choice(["fhir", "837", *PICTURES]), default="fhir", show_default=True,
    help="The claim Bundle, an 837P or 837I, or a picture of the form: SVG, or PDF where -o names a file that ends in .pdf.",
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, allow_dash=True), callback=check_output,
    help="File to write, whole or not; - is standard output.",
)
@click.option(
    "--post", "payer", metavar="URL", callback=read_address,
    help="FHIR endpoint of a payer: the claim is sent to its Claim/$submit, and the answer stands on standard output.",
)
@store_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object: claim or file, the payer's answer, issues.")
@click.pass_context
def claim(ctx: click.Context, /, file: str, **options: Any) -> None:
    """Write the claim of a refill; - reads standard input. A file is one document, no folder and no NDJSON.

    Where a record is held nothing is written, its issues go to standard error and the exit code is 1. With a store the
    document and its claim are kept before anything is written or sent: `restore` gives them back. A claim that is sent again
    has the Idempotency-Key that it had.

    \b
    Example:
      refill-adapter claim --site site.toml refill.json -o claim.json
      refill-adapter claim --site site.toml --to 837 refill.json
      refill-adapter claim --site site.toml --to cms1500 refill.json -o claim.svg
      refill-adapter claim --site site.toml --post https://payer.example/fhir refill.json
    """
    if options["payer"] and options["language"] != "fhir":
        raise click.UsageError("--post sends the claim as FHIR; leave out --to.")
    settings = read_settings({name: options[name] for name in ("data", "database")})
    workplace, language = load_workplace(options["site"]), options["language"]
    output = None if options["output"] in (None, "-") else Path(options["output"])
    target = _Target(language, output, options["payer"])
    (item,) = run_batch([file], load_document, lambda data: _claim(data, workplace, target, settings))
    code = put_result(item, workplace.rule_book, output, options["as_json"])
    if item.value and item.value.data is None and not options["as_json"]:
        click.echo(f"{file}: {'nothing to bill' if item.value.is_done else 'no claim was written'}", err=True)
    ctx.exit(code)


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a claim goes: its language, the file that is named, the address of the payer."""

    language: str
    output: Path | None
    payer: str | None


def _claim(data: bytes, workplace: Workplace, target: _Target, settings: Settings) -> Result:
    language, output = target.language, target.output
    context = build_context(data, workplace)
    if context.value is None:
        return Result(is_done=False, data=None, issues=context.issues)
    answer = locate_answer(data, code_document(data, context.value))
    nothing = bool(answer.records) and all(record.status == "nothing-to-bill" for record in answer.records)
    if answer.is_stopped or nothing or not answer.records:
        return Result(nothing and not answer.is_stopped, None, answer.all_issues)
    with open_named_store(settings) as store:
        if language in PICTURES:
            written = write_picture(answer, language, output, is_synthetic(data), workplace.rule_book)
        elif store is not None and language == "837":
            envelope = make_envelope(context.value.site, context.value.now, "P", store.take_control_number())
            written = write_sent(answer, envelope, context.value)
        else:
            written = write_as(language, answer, context.value, "P")
        made = pair_claims(answer, write_claims(answer, context.value))
        if store is not None and written.value is not None:
            store.keep(data, made, context.value.now)
            if language == "837":
                keep_sent(written.value, store, context.value.now)
        bundles = [first_kept(number, bundle, store) for number, bundle in made] if target.payer else []
    result = Result(written.value is not None, written.value, (*answer.all_issues, *written.issues), language)
    return post_result(result, bundles, target.payer) if target.payer and written.value is not None else result
