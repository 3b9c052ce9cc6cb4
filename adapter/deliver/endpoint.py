"""A payer's FHIR endpoint: a claim Bundle is posted once, under a key that stays the same; the answer comes back as it is."""

from __future__ import annotations

import time
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

import requests

from adapter.fhir.json import Tree, decode_json, encode_json

__all__ = ["EndpointError", "PayerAnswer", "claim_key", "post_claim", "submit_address"]

_CLOCKS: Final = {"Claim": "created", "Provenance": "recorded"}
_OPERATION: Final = "/Claim/$submit"
_SECONDS: Final = (10.0, 60.0)  # to connect, and between two pieces of the answer
_WHOLE: Final = 120.0  # until the last piece of the answer
_MOST: Final = 16 * 1024 * 1024
_PIECE: Final = 65_536


class EndpointError(Exception):
    """A payer that could not be reached, or whose answer broke off: the text says what to do, and quotes nothing."""


@dataclass(frozen=True, slots=True)
class PayerAnswer:
    """What a payer answered: the HTTP status, the bytes of the body, and where it said that the result will be."""

    status: int
    body: bytes
    result_at: str | None = None


def submit_address(url: str) -> str:
    """Give the address of `Claim/$submit` of a FHIR base, or of the operation itself.

    Errors: ValueError where it is no address of HTTP, or would carry claims in the clear to another machine.

    >>> submit_address("https://payer.example/fhir/")
    'https://payer.example/fhir/Claim/$submit'
    >>> submit_address("http://payer.example/fhir")
    Traceback (most recent call last):
    ValueError: claims would travel in the clear; https:// was expected, http:// to this machine only
    """
    parts = urlsplit(url)
    _ = parts.port  # ValueError where it is none
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an address was expected that begins with https:// and names a host")
    if parts.query or parts.fragment or parts.username or parts.password:
        raise ValueError("the address of a FHIR base was expected, without user, query or fragment")
    if parts.scheme == "http" and not _is_this_machine(parts.hostname):
        raise ValueError("claims would travel in the clear; https:// was expected, http:// to this machine only")
    base = url.rstrip("/")
    return base if base.endswith(_OPERATION) else base + _OPERATION


def claim_key(bundle: bytes) -> str:
    """Make the Idempotency-Key of a claim Bundle: of all that it says but when it was written.

    FHIR: Claim.created, Provenance.recorded. The same claim that is written again has the same key, though not the same
    bytes: a payer that knows the key takes it for the claim that it has, or refuses it; it never has two.

    >>> written = b'{"entry":[{"resource":{"resourceType":"Claim","created":"2026-03-0%d"}}]}'
    >>> claim_key(written % 1) == claim_key(written % 2)
    True
    """
    tree = decode_json(bundle).value or {}
    entries = [entry | {"resource": _without_clock(entry["resource"])} for entry in tree.get("entry", ())]
    return sha256(encode_json(tree | {"entry": entries})).hexdigest()


def _without_clock(resource: Tree) -> Tree:
    clock = _CLOCKS.get(resource["resourceType"])
    return {name: value for name, value in resource.items() if name != clock}


def post_claim(address: str, bundle: bytes) -> PayerAnswer:
    """Post a claim Bundle to a payer's `Claim/$submit`, once: no redirect is followed and nothing is sent again by itself.

    Errors: EndpointError; the claim may then have arrived or not.
    """
    headers = {
        "Content-Type": "application/fhir+json", "Accept": "application/fhir+json", "Accept-Encoding": "identity",
        "Idempotency-Key": f'"{claim_key(bundle)}"',
    }
    try:
        with requests.Session() as session:
            session.trust_env = False  # no proxy and no password of the environment for patient data
            with session.post(
                address, bundle, headers=headers, timeout=_SECONDS, allow_redirects=False, stream=True
            ) as response:
                return PayerAnswer(response.status_code, _read(response), response.headers.get("Content-Location"))
    except requests.RequestException as fault:
        raise EndpointError(_explain(fault)) from None


def _read(response: requests.Response) -> bytes:
    body, ends = bytearray(), time.monotonic() + _WHOLE
    for piece in response.iter_content(_PIECE):
        body += piece
        if time.monotonic() > ends:
            raise EndpointError("the payer's answer takes too long; post the claim again, its Idempotency-Key stays the same")
        if len(body) > _MOST:
            raise EndpointError("the payer's answer is larger than 16 MiB and was not read; ask the payer")
    return bytes(body)


def _explain(fault: requests.RequestException) -> str:
    """Say what happened without the text of the library, which quotes the address."""
    if isinstance(fault, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(fault):
        return "the payer's certificate is not trusted; nothing was sent"
    if isinstance(fault, requests.ConnectTimeout):
        return "the payer cannot be reached in 10 seconds; nothing was sent"
    if isinstance(fault, requests.Timeout):
        return "the payer did not answer in 60 seconds; post the same claim again, its Idempotency-Key stays the same"
    if isinstance(fault, requests.exceptions.ChunkedEncodingError):
        return "the payer's answer broke off; post the same claim again, its Idempotency-Key stays the same"
    if isinstance(fault, requests.ConnectionError):
        return "the connection to the payer failed; post the same claim again, its Idempotency-Key stays the same"
    return f"the payer's answer is no HTTP that can be read ({type(fault).__name__}); ask the payer"


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
