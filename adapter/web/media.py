"""Heads of requests: what a body may say it is, what an answer may be asked to be, how HTTP frames both."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from flask import Request
from werkzeug.exceptions import BadRequest, NotAcceptable, NotImplemented as NotServed, UnsupportedMediaType
from werkzeug.http import parse_options_header

__all__ = ["FHIR_JSON", "check_accept", "check_head", "read_body"]

FHIR_JSON: Final = "application/fhir+json"
_TAKEN: Final = (FHIR_JSON, "application/json", "text/json")
_FORMATS: Final = ("json", *_TAKEN)
_RANGES: Final = (*_TAKEN, "application/*", "text/*", "*/*")

# RFC 3986 section 3.2: what a Host header holds, which may be empty.
_HOST: Final = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9\-._~!$&'()*+,;=%]*)(?::[0-9]*)?")


def check_head(request: Request) -> None:
    """Check Host and Transfer-Encoding (RFC 9112 sections 3.2 and 6.1). Errors: BadRequest, NotServed (501)."""
    host = request.environ.get("HTTP_HOST")
    if host is None and request.environ.get("SERVER_PROTOCOL") != "HTTP/1.0":
        raise BadRequest
    if host is not None and _HOST.fullmatch(host.strip()) is None:
        raise BadRequest
    if request.headers.get("Transfer-Encoding", "chunked").strip().lower() != "chunked":
        raise NotServed


def check_accept(request: Request) -> None:
    """Check that JSON of FHIR R4 is wanted: `_format` wins over Accept. Errors: NotAcceptable."""
    wanted = request.args.get("_format")
    if wanted:
        if not _is_one_of(wanted.replace("fhir json", "fhir+json"), _FORMATS):  # an unescaped + in a query is a blank
            raise NotAcceptable
        return
    asked = request.accept_mimetypes
    if asked and not any(quality and _is_one_of(media, _RANGES) for media, quality in asked):
        raise NotAcceptable


def read_body(request: Request) -> bytes:
    """Read the bytes of a JSON body. Errors: UnsupportedMediaType, RequestEntityTooLarge, BadRequest where it broke off.

    `charset` may be UTF-8 only, `fhirVersion` 4.0 only; a body may not be compressed.
    """
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ("", "identity") or not _is_one_of(request.headers.get("Content-Type", ""), _TAKEN):
        raise UnsupportedMediaType
    data = request.get_data(cache=False)
    if request.content_length is not None and len(data) != request.content_length:
        raise BadRequest
    return data


def _is_one_of(text: str, kinds: Collection[str]) -> bool:
    """Tell whether a media type is one of these, and says nothing else than UTF-8 and R4 of itself.

    >>> _is_one_of("Application/FHIR+JSON; fhirVersion=4.0", _TAKEN), _is_one_of("text/json; charset=latin-1", _TAKEN)
    (True, False)
    """
    media, options = parse_options_header(text)
    told = {name.lower(): value.lower() for name, value in options.items()}
    charset, version = told.get("charset", "utf-8"), told.get("fhirversion", "4.0")
    return media.lower() in kinds and charset in ("utf-8", "utf8") and version in ("4.0", "4.0.1")
