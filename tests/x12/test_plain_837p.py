"""The short way of plain professional claims gives what the long way gives, or leaves the file to it."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from adapter.terms import Address, Identifier
from adapter.x12 import check_837, fold_claim, plain_part, read_837, write_837
from adapter.x12.check_837 import check_text
from adapter.x12.file_837 import read_segments, write_segments
from adapter.x12.plain_837p import read_plain, write_plain
from adapter.x12.syntax import fold_text
from tests.strategies import envelopes, professional_claims
from tests.x12.examples import DEPENDENT, OWN, written_claim, written_envelope

THOROUGH = settings(max_examples=40, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
ODD = ("", " ", "a", "B~C", "*", ":", "AB:CD", "A^B", "X~\nREF*F8*Y", "*ABF:C787", "ß", "é", "Ω", "A  B", " A", "A ", "PO BOX 7", "\x1d",
       "x" * 90, "0", "18", "%s", "%(clm01)s", "{x}", "AB", "\n", "12345678901", "200001011")


def folded(claim):
    """Give a claim that is plain but for its choice of segments: what an 837 holds of it, without what has no part."""
    whole = replace(fold_claim(claim), attachments=(), pay_to=None)
    insurance, patient = whole.insurance, whole.patient
    if insurance.subscriber:
        told = replace(patient, record_number=None, suffix=None)
        insurance, patient = replace(insurance, subscriber=replace(told, family="OTHER")), replace(patient, suffix=None)
    return replace(whole, patient=patient, insurance=insurance)


def agree(text):
    assert read_837(text) == read_segments(text)
    assert check_837(text) == check_text(text)


@THOROUGH
@given(st.lists(professional_claims(), min_size=1, max_size=3, unique_by=lambda one: one.identifier.upper()), envelopes(), st.booleans())
def test_both_ways_write_read_and_check_alike(made, envelope, plain):
    told = [folded(claim) for claim in made] if plain else made
    written = write_837(told, envelope)
    assert written == write_segments(told, envelope)
    if written.value is not None:
        agree(written.value)
        agree(written.value.replace("~\n", "~"))


@pytest.mark.parametrize("text", [OWN, OWN.replace("~\n", "~")])
def test_a_plain_file_goes_the_short_way(text):
    envelope, claims = read_plain(text)
    assert claims == (written_claim(),)
    assert write_plain(claims, envelope) == OWN


@settings(max_examples=400, deadline=None)
@given(st.sampled_from((OWN, DEPENDENT)), st.integers(0, 1700), st.integers(0, 3), st.text("0129AZaz*:~^ \n.é", max_size=3))
def test_a_file_changed_anywhere_reads_and_checks_alike(text, place, cut, put):
    agree(text[:place] + put + text[place + cut :])


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_file_whose_segments_are_moved_reads_and_checks_alike(data):
    segments = OWN.splitlines(keepends=True)
    taken = data.draw(st.integers(0, len(segments) - 1))
    segment = segments.pop(taken) if data.draw(st.booleans()) else segments[taken]
    segments.insert(data.draw(st.integers(0, len(segments))), segment)
    agree("".join(segments))


def _changed(claim, path, value):
    name, *rest = path.split(".")
    if isinstance(claim, tuple):
        return (_changed(claim[0], path, value), *claim[1:]) if not path.isdigit() else (value, *claim[1:])
    return replace(claim, **{name: _changed(getattr(claim, name), ".".join(rest), value) if rest else value})


TEXTS = (
    "identifier", "place_of_service", "frequency", "original_reference", "authorisation", "note", "patient.family", "patient.suffix",
    "patient.gender", "patient.given.0", "patient.address.line.0", "patient.address.city", "patient.address.state",
    "patient.address.postal_code", "patient.record_number.value", "insurance.payer.id", "insurance.payer.name",
    "insurance.member_id", "insurance.relationship", "insurance.filing_indicator", "insurance.group_number", "insurance.group_name",
    "billing_provider.name", "billing_provider.npi", "billing_provider.tax_id", "billing_provider.taxonomy",
    "billing_provider.address.line.0", "billing_provider.address.postal_code", "treating_provider.family", "treating_provider.npi",
    "treating_provider.taxonomy", "treating_provider.given.0", "facility.name", "facility.npi", "facility.address.line.0",
    "diagnoses.0", "lines.code", "lines.control_number", "lines.authorisation", "lines.note", "lines.description",
)


@pytest.mark.parametrize("path", TEXTS)
def test_an_odd_value_is_written_or_refused_as_by_the_long_way(path):
    for claim in (written_claim(), replace(written_claim(), lines=written_claim().lines[1:])):
        for value in ODD:
            changed = _changed(claim, path, value)
            assert write_837([changed], written_envelope()) == write_segments([changed], written_envelope())


LISTS = {
    "patient.given": [(), ("", "B"), ("A", ""), ("A", "B", ""), ("A", "B", "", "C"), (" ",), ("A", " B"), ("A*B",)],
    "patient.address": [None, Address((), "A", "OH", "44001"), Address(("A", "B", "C"), "AB", "OH", "44001"), Address(("A", ""), "AB", "OH", "44001")],
    "patient.record_number": [None, Identifier(None, "")],
    "diagnoses": [("Z5111", "C78.7"), ("C78.7", "C78.7"), ("C78.7*ABF:C22.0",), (), ("A00.0",) * 13, ("C7.87", "C22")],
    "lines": [()],
    "accept_assignment": [None], "provider_signature": [None], "frequency": ["7"], "treating_provider.npi": ["1993999907", None],
    "insurance.order": [0, 2, 12], "patient.birth_date": [None],
}
LINES = {
    "modifiers": [("59:RT",), ("",), ("A",), ("AA",) * 5, ("aa",), ("AA", "*")],
    "diagnosis_pointers": [(), (1, 1), (3,), (-1,), (1, 2, 1, 2, 1), (0,)],
    "units": [Decimal(x) for x in ("0", "-1", "1.0005", "1E+2", "NaN", "sNaN", "Infinity", ".5", "100000000", "0.050", "1.5000")],
    "charge": [Decimal(x) for x in ("0", "-1", "1.005", "1E+2", "NaN", "sNaN", "Infinity", ".50", "100000000", "0.05", "1.5000")],
}


@pytest.mark.parametrize(("path", "value"), [
    *((path, value) for path, values in LISTS.items() for value in values),
    *((f"lines.{path}", value) for path, values in LINES.items() for value in values),
], ids=repr)
def test_an_odd_part_is_written_or_refused_as_by_the_long_way(path, value):
    for claim in (written_claim(), replace(written_claim(), lines=written_claim().lines[1:])):
        changed = _changed(claim, path, value)
        assert write_837([changed], written_envelope()) == write_segments([changed], written_envelope())


def test_capitals_are_folded_alike_whatever_the_letter():
    signs = plain_part.build_part("X*{x:text9}~")
    capitals = ((f"A{chr(code)}A", f"A{chr(code)}A".upper()) for code in range(sys.maxunicode + 1) if chr(code).upper().isascii())
    taken = [pair for pair in capitals if signs.write({"x": pair[1]})]
    assert len(taken) > 90
    assert [one for one in taken if fold_text(one[0]) != one[1]] == []


def test_a_kind_that_takes_too_much_is_seen(monkeypatch):
    loose = plain_part.build_part("REF*6R*{x:text9}~")
    pattern = replace(loose, pattern=re.compile(r"REF\*6R\*(?P<x>[^~]*)~\n?"))
    assert loose.write({"x": "A*B"}) is None
    assert pattern.write({"x": "A*B"}) is not None
