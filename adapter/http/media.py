"""Heads of requests: what a body may say it is, what an answer may be asked to be, how HTTP frames both."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final
from urllib.parse import parse_qsl

from flask import Request
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import (
    BadRequest,
    NotImplemented as NotServed,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)
from werkzeug.http import parse_accept_header, parse_options_header

from adapter.fhir.xml import is_xml

__all__ = [
    "EDI_X12", "FHIR_JSON", "FHIR_XML", "MAX_BODY", "check_head", "format_of_head", "has_no_body", "names_other_format",
    "read_body", "wanted_format",
]

FHIR_JSON: Final = "application/fhir+json"
FHIR_XML: Final = "application/fhir+xml"
EDI_X12: Final = "application/edi-x12"
MAX_BODY: Final = 16 * 1024 * 1024
"""Bytes of a body. One more is read: werkzeug ends a body without a length at its own limit and does not say that it was cut."""
_JSON: Final = (FHIR_JSON, "application/json", "text/json")
_XML: Final = (FHIR_XML, "application/xml", "text/xml")
_TAKEN: Final = (*_JSON, *_XML)
_X12: Final = (EDI_X12, "application/edi-consent", "text/plain")
_WRITES_X12: Final = "/$to-x12"
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


def wanted_format(request: Request) -> str | None:
    """Say which of JSON and XML of FHIR R4 is wanted: JSON where either is, None where neither is and X12 is not written.

    `_format` wins over Accept, and of several types in Accept the one that is wanted most.
    """
    wanted, accept = request.args.get("_format"), request.accept_mimetypes
    writes_x12 = request.path.rstrip("/").endswith(_WRITES_X12)
    if writes_x12 and any(media.lower() in _X12 for media in (wanted or "", *accept.values())):
        return FHIR_JSON  # what is refused there; what is answered is X12
    return _choose_format(wanted, accept)


def format_of_head(head: bytes) -> str:
    r"""Say which format whoever sent a head wants, as far as it can be read: JSON where nothing says XML.

    >>> format_of_head(b"GET /fhir?_format=xml HTTP/1.1\r\n"), format_of_head(b"GE(T / HTTP\r\nAccept: text/xml\r\nHo")
    ('application/fhir+xml', 'application/fhir+xml')
    """
    first, *lines = head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    fields = [line.partition(":") for line in lines]
    accept = ",".join(value for name, _, value in fields if name.strip().lower() == "accept")
    asked = dict(reversed(parse_qsl(first.partition("?")[2].partition(" ")[0]))).get("_format")
    return _choose_format(asked, parse_accept_header(accept, MIMEAccept)) or FHIR_JSON


def _choose_format(wanted: str | None, accept: MIMEAccept) -> str | None:
    if wanted:
        named = re.sub("fhir (?=json|xml)", "fhir+", wanted)  # an unescaped + in a query is a blank
        if not _is_one_of(named, ("json", "xml", *_TAKEN)):
            return None
        return FHIR_XML if _is_one_of(named, ("xml", *_XML)) else FHIR_JSON
    asked = [(media, quality) for media, quality in accept if quality and _is_one_of(media, _RANGES)]
    if accept and not asked:
        return None
    most = max((quality for _, quality in asked), default=0)
    best = [media for media, quality in asked if quality == most]
    return FHIR_XML if best and all(_is_one_of(media, _XML) for media in best) else FHIR_JSON


def has_no_body(request: Request) -> bool:
    """Tell whether a request is without a body: it tells neither a length above nothing nor a transfer coding."""
    return not request.content_length and "Transfer-Encoding" not in request.headers


def names_other_format(request: Request, data: bytes) -> bool:
    """Tell whether Content-Type names XML and the body is none, or JSON and the body is XML."""
    return _is_one_of(request.headers.get("Content-Type", ""), _XML) is not is_xml(data)


def read_body(request: Request, *, is_x12: bool = False) -> bytes:
    """Read the bytes of a JSON or XML body, or of an X12 one.

    Errors: UnsupportedMediaType, RequestEntityTooLarge, BadRequest where it broke off.

    `charset` may be UTF-8 only, `fhirVersion` 4.0 only; a body may not be compressed.
    """
    taken = _X12 if is_x12 else _TAKEN
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ("", "identity") or not _is_one_of(request.headers.get("Content-Type", ""), taken):
        raise UnsupportedMediaType
    data = request.get_data(cache=False)
    if request.content_length is not None and len(data) != request.content_length:
        raise BadRequest
    if len(data) > MAX_BODY:
        raise RequestEntityTooLarge
    return data


def _is_one_of(text: str, kinds: Collection[str]) -> bool:
    """Tell whether a media type is one of these, and says nothing else than UTF-8 and R4 of itself.

    >>> _is_one_of("Application/FHIR+JSON; fhirVersion=4.0", _JSON), _is_one_of("text/json; charset=latin-1", _JSON)
    (True, False)
    """
    media, options = parse_options_header(text)
    told = {name.lower(): value.lower() for name, value in options.items()}
    charset, version = told.get("charset", "utf-8"), told.get("fhirversion", "4.0")
    return media.lower() in kinds and charset in ("utf-8", "utf8") and version in ("4.0", "4.0.1")
