"""Claims sent to a payer's FHIR endpoint from the command line, and what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from adapter.cli.document import FileFault
from adapter.deliver import gather_bundles
from adapter.fhir.json import decode_json, encode_json
from adapter.fhir.payer_answer import read_payer_answer
from adapter.issues import Issue, has_errors

if TYPE_CHECKING:
    from adapter.cli.writing import Result
    from adapter.store import Store

__all__ = ["first_kept", "post_result", "read_address"]


def read_address(_ctx: click.Context, _param: click.Parameter, url: str | None) -> str | None:
    """Read the address of a payer's `Claim/$submit`. Errors: click.BadParameter."""
    if url is None:
        return None
    from adapter.deliver.endpoint import submit_address  # noqa: PLC0415 -- requests is loaded only where something is sent

    try:
        return submit_address(url)
    except ValueError as error:
        raise click.BadParameter(f"{error}.") from error


def first_kept(number: str, bundle: bytes, store: Store | None) -> bytes:
    """Give the Bundle in which the same claim was first written, where it is kept: what is sent again are the same bytes."""
    from adapter.deliver.endpoint import claim_key  # noqa: PLC0415 -- as above

    key = claim_key(bundle)
    kept = [one.bundle for one in store.find_claims(number) if claim_key(one.bundle) == key] if store is not None else []
    return kept[-1] if kept else bundle


def post_result(result: Result, bundles: Sequence[bytes], address: str) -> Result:
    """Post each claim Bundle of a result, in their order, and give the result with what the payer said.

    Several answers stand in one Bundle; where none can be read it is empty. Errors: FileFault where the payer cannot be
    reached, with how many claims it took.
    """
    from adapter.deliver.endpoint import EndpointError, post_claim  # noqa: PLC0415 -- as above

    answers: list[bytes] = []
    issues: list[Issue] = list(result.issues)
    for number, bundle in enumerate(bundles):
        try:
            answered = post_claim(address, bundle)
        except EndpointError as error:
            before = f"claims answered before it: {number} of {len(bundles)}; " if number else ""
            raise FileFault(f"the claim was not answered: {before}{error}") from error
        read = read_payer_answer(answered.status, answered.body, decode_json(bundle).value or {})
        issues += read.issues
        if read.resource is not None:
            answers.append(encode_json(read.resource))
    answer = answers[0] if len(answers) == 1 else gather_bundles(answers) if answers else b""
    return replace(result, is_done=not has_errors(issues[len(result.issues):]), issues=tuple(issues), answer=answer)
