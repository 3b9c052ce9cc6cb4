"""Service lines: code, money, units, pointers, day and drug, as they are."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from adapter.x12 import read_837, write_837
from tests.x12.examples import OWN, without, written_claim, written_envelope


def with_line(**changes):
    claim = written_claim()
    return replace(claim, lines=(replace(claim.lines[0], **changes), *claim.lines[1:]))


@pytest.mark.parametrize(("changes", "segment"), [
    ({}, "SV1*HC:96522*310.00*UN*1***1:2~"),
    ({"charge": Decimal(310)}, "SV1*HC:96522*310*UN*1***1:2~"),
    ({"charge": Decimal("1E+3")}, "SV1*HC:96522*1000*UN*1***1:2~"),
    ({"charge": Decimal("0.50")}, "SV1*HC:96522*.50*UN*1***1:2~"),
    ({"units": Decimal("2.125")}, "SV1*HC:96522*310.00*UN*2.125***1:2~"),
    ({"modifiers": ("59", "XS")}, "SV1*HC:96522:59:XS*310.00*UN*1***1:2~"),
    ({"code": "J7999", "description": "Compound: 2*3"}, "SV1*HC:J7999:::::COMPOUND  2 3*310.00*UN*1***1:2~"),
    ({"diagnosis_pointers": (2,)}, "SV1*HC:96522*310.00*UN*1***2~"),
])
def test_a_line_is_written_as_it_is_and_reads_back(changes, segment):
    claim = with_line(**changes)
    text = write_837([claim], written_envelope()).value
    assert segment in text
    read = read_837(text).value.claims[0].lines[0]
    assert replace(read, description=None) == replace(claim.lines[0], description=None)


def test_the_drug_keeps_its_own_quantity_beside_the_units():
    ndc = written_claim().lines[1].ndc
    assert (ndc.code, ndc.quantity, ndc.unit, ndc.prescription_number) == ("00000111122", Decimal("20.5"), "ML", "RX-1")


def test_gaps_in_the_sequence_are_closed():
    claim = written_claim()
    gapped = replace(claim, lines=tuple(replace(line, sequence=line.sequence * 5) for line in claim.lines))
    assert write_837([gapped], written_envelope()).value == OWN


def test_a_period_of_one_day_is_that_day():
    answer = read_837(OWN.replace("DTP*472*D8*20260302", "DTP*472*RD8*20260302-20260302", 1))
    assert answer.value.claims[0].lines == written_claim().lines
    assert [issue.rule for issue in answer.issues] == ["x12.segment-not-kept"]


@pytest.mark.parametrize(("old", "new", "rule"), [
    ("DTP*472*D8*20260302", "DTP*472*RD8*20260302-20260303", "x12.date-unreadable"),
    ("DTP*472*D8*20260302", "DTP*472*D8*20260231", "x12.date-unreadable"),
    ("SV1*HC:96522", "SV1*ER:96522", "x12.code-not-known"),
    ("310.00*UN", "310.00*MJ", "x12.code-not-known"),
    ("310.00*UN*1*", "310.00*UN*ONE*", "x12.number-unreadable"),
    ("310.00*UN", "3E2*UN", "x12.number-unreadable"),
    ("***1:2~", "***1:B~", "x12.pointer-unreadable"),
    ("***1:2~", "~", "x12.element-missing"),
    ("20.5*ML", "20.5*ME", "x12.code-not-known"),
    ("LX*2~", "LX*3~", "x12.line-out-of-order"),
])
def test_a_line_that_cannot_be_read_is_an_issue(old, new, rule):
    assert old in OWN
    answer = read_837(OWN.replace(old, new, 1))
    assert answer.value is None
    assert rule in {issue.rule for issue in answer.issues}


def test_a_line_without_a_control_number_is_warned_of():
    answer = read_837(without(OWN, "REF*6R*VISIT-0001-1"))
    assert [issue.rule for issue in answer.issues] == ["x12.line-control-number-missing"]
    assert answer.value.claims[0].lines[0].control_number == ""


def test_a_device_number_in_the_place_of_the_drug_is_told_and_not_taken_for_one():
    answer = read_837(OWN.replace("LIN**N4*", "LIN**UK*"))
    assert answer.value.claims[0].lines[1].ndc is None
    assert "LIN" in {issue.expression[0] for issue in answer.issues}
