"""Loops: where a segment belongs, and what reading says of what is missing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from adapter.x12.loop import Loop, Reading, parse_day, read_loops
from adapter.x12.syntax import build_segment, decode_segments
from tests.x12.examples import DEPENDENT, OWN

SERVICE = Loop("2400", (build_segment("SV1", ("HC", "96522"), "310.00"), build_segment("REF", "G1", "A"),
                        build_segment("REF", "6R", "B"), build_segment("DTP", "472", "D8", "20260230")))


def loops_of(text):
    return read_loops(decode_segments(text).value.segments[2:-3], "professional")


def test_each_claim_stands_on_its_own_loops():
    first, second = loops_of(DEPENDENT).claims
    assert set(first.loops) == {"2000A", "2010AA", "2000B", "2010BA", "2010BB", "2000C", "2010CA", "2300"}
    assert set(second.loops) == {"2000A", "2010AA", "2000B", "2010BA", "2010BB", "2300"}
    assert first.get("2010BA") != second.get("2010BA")


def test_each_line_has_its_own_drug():
    lines = loops_of(OWN).claims[0].lines
    assert [set(line) for line in lines] == [{"2400"}, {"2400", "2410"}]


def test_another_coverage_inside_a_claim_does_not_become_the_subscriber():
    other = "SBR*S*18*******CI~\nOI***Y***Y~\nNM1*IL*1*OTHER****MI*X1~\nNM1*PR*2*OTHER PLAN*****PI*9~\nREF*G1*NOT OURS~\n"
    claim = loops_of(OWN.replace("LX*1~", other + "LX*1~", 1)).claims[0]
    plain = loops_of(OWN).claims[0]
    assert {name: claim.get(name) for name in plain.loops} == dict(plain.loops)


def test_a_line_without_a_claim_does_not_join_the_claim_before():
    text = DEPENDENT.replace("CLM*VISIT-0003*185***49:B:1*N*A*Y*Y~\n", "")
    first, = loops_of(text).claims
    assert len(first.lines) == 1


def test_elements_are_named_by_path():
    reading = Reading()
    assert reading.text(SERVICE, "SV101-2") == "96522"
    assert reading.text(SERVICE, "REF[6R]02") == "B"
    assert reading.number(SERVICE, "SV102") == Decimal("310.00")
    assert reading.optional(SERVICE, "SV107-3") is None
    assert reading.issues == []


@pytest.mark.parametrize(("read", "rule", "place"), [
    (lambda reading: reading.text(SERVICE, "SV103"), "x12.element-missing", "2400/SV1/03"),
    (lambda reading: reading.text(SERVICE, "LIN03"), "x12.segment-missing", "2400/LIN"),
    (lambda reading: reading.day(SERVICE, "DTP[472]03"), "x12.date-unreadable", "2400/DTP/03"),
    (lambda reading: reading.number(SERVICE, "SV101"), "x12.number-unreadable", "2400/SV1/01"),
    (lambda reading: reading.code(SERVICE, "DTP[472]02", {"RD8": 1}), "x12.code-not-known", "2400/DTP/02"),
])
def test_what_cannot_be_read_is_an_issue_at_its_place(read, rule, place):
    reading = Reading()
    read(reading)
    assert [(issue.rule, issue.expression, issue.is_error) for issue in reading.issues] == [(rule, (place,), True)]


@pytest.mark.parametrize("text", ["", "2026030", "20260230", "00000101", "2026-3-2", "\uff12\uff10\uff12\uff16\uff10\uff13\uff10\uff12"])
def test_what_is_no_day_is_none(text):
    assert parse_day(text) is None
    assert parse_day("20260302") == date(2026, 3, 2)
