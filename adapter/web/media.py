"""Content types: what a body may say it is, what an answer may be asked to be."""

from __future__ import annotations

from typing import Final

from flask import Request
from werkzeug.exceptions import NotAcceptable, UnsupportedMediaType
from werkzeug.http import parse_options_header

__all__ = ["FHIR_JSON", "check_accept", "read_body"]

FHIR_JSON: Final = "application/fhir+json"
_TAKEN: Final = (FHIR_JSON, "application/json", "text/json")
_FORMATS: Final = ("json", *_TAKEN)


def check_accept(request: Request) -> None:
    """Check that JSON of FHIR R4 is wanted: `_format` wins over Accept. Errors: NotAcceptable."""
    wanted = request.args.get("_format")
    if wanted is not None:
        if wanted.replace(" ", "+") not in _FORMATS:  # an unescaped + in a query is a blank
            raise NotAcceptable
        return
    if request.accept_mimetypes and not request.accept_mimetypes.best_match(_TAKEN):
        raise NotAcceptable


def read_body(request: Request) -> bytes:
    """Read the bytes of a JSON body. Errors: UnsupportedMediaType, RequestEntityTooLarge.

    `charset` may be UTF-8 only, `fhirVersion` 4.0 only; a body may not be compressed.
    """
    media, options = parse_options_header(request.headers.get("Content-Type"))
    fits = (
        media.lower() in _TAKEN
        and options.get("charset", "utf-8").lower() in ("utf-8", "utf8")
        and options.get("fhirVersion", options.get("fhirversion", "4.0")) in ("4.0", "4.0.1")
        and request.headers.get("Content-Encoding", "identity").lower() == "identity"
    )
    if not fits:
        raise UnsupportedMediaType
    return request.get_data(cache=False)
