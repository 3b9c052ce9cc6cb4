"""Text to tree and back: lossless, and nothing that JSON or FHIR forbids comes through."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from adapter.fhir.json import decode_json, encode_json
from adapter.issues import IssueType

REFUSED = [
    (b"", "json.empty"),
    (b" \n\t", "json.empty"),
    (b"\xef\xbb\xbf", "json.empty"),
    (b'{"a":"\xff"}', "json.not-utf8"),
    (b"\xff\xfe{\x00}\x00", "json.not-utf8"),
    (b'{"a":"\xed\xa0\x80"}', "json.not-utf8"),
    (b'{"a":1,}', "json.syntax"),
    (b'{"a":1', "json.syntax"),
    (b'{"a":1} {', "json.syntax"),
    (b'{"a":"\x01"}', "json.syntax"),
    (b'{"a":"\\x"}', "json.syntax"),
    (b'{"a":"\\u00g0"}', "json.syntax"),
    (b'{"a":01}', "json.syntax"),
    (b"{a:1}", "json.syntax"),
    (b'{"a":1,"a":1}', "json.duplicate-key"),
    (b'{"a":{"b":[{"c":1,"c":2}]}}', "json.duplicate-key"),
    (b'{"a":NaN}', "json.not-a-number"),
    (b'{"a":Infinity}', "json.not-a-number"),
    (b'{"a":-Infinity}', "json.not-a-number"),
    (b'{"a":-NaN}', "json.not-a-number"),
    (b'{"a":1e400}', "json.number-out-of-range"),
    (b'{"a":1e-308}', "json.number-out-of-range"),
    (b'{"a":1e99999999999999999999}', "json.number-out-of-range"),
    (b'{"a":' + b"9" * 41 + b"}", "json.number-out-of-range"),
    (b'{"a":' + b"9" * 5000 + b"}", "json.number-out-of-range"),
    (b'{"a":0.' + b"1" * 41 + b"}", "json.number-out-of-range"),
    (b"[" * 100_000, "json.too-deep"),
    (b'{"a":' * 100_000, "json.too-deep"),
    (b'{"a":' * 65 + b"1" + b"}" * 65, "json.too-deep"),
    (b'{"a":"\\ud800"}', "json.lone-surrogate"),
    (b'{"a":"\\udc00 x"}', "json.lone-surrogate"),
    (b'{"a":"\\ud800\\u0041"}', "json.lone-surrogate"),
    (b'{"a":"\\u0000"}', "json.control-character"),
    (b'{"a":"\\b"}', "json.control-character"),
    (b'{"a":"x\\fy"}', "json.control-character"),
    (b"[1]", "json.not-an-object"),
    (b'"a"', "json.not-an-object"),
    (b"null", "json.not-an-object"),
    (b'{"a":null}', "json.null"),
    (b'{"a":[{"b":1},null]}', "json.null"),
    (b'{"a":""}', "json.empty-value"),
    (b'{"a":[]}', "json.empty-value"),
    (b'{"a":{}}', "json.empty-value"),
    (b'{"a":["x",""]}', "json.empty-value"),
]


@pytest.mark.parametrize(("data", "rule"), REFUSED, ids=range(len(REFUSED)))
def test_what_json_or_fhir_forbids_is_refused_by_its_rule(data: bytes, rule: str) -> None:
    outcome = decode_json(data)
    assert outcome.value is None
    assert {issue.rule for issue in outcome.issues} == {rule}
    assert all(issue.is_error for issue in outcome.issues)


@pytest.mark.parametrize("data", [
    b'{"a":' * 64 + b"1" + b"}" * 64,
    b'{"a":' + b"9" * 40 + b"}",
    b'{"a":1e307,"b":1e-307}',
    b'{"given":["x",null],"_given":[null,{"id":"1"}]}',
    b'{"a":"\\ud83d\\ude00 \\n\\t\\\\u0000"}',
])
def test_what_stands_just_within_the_limits_is_taken(data: bytes) -> None:
    assert decode_json(data).issues == ()


def test_a_file_beyond_the_limit_is_refused_by_its_size_and_not_read() -> None:
    issues = decode_json(b"x" * 20_000_000).issues
    assert [(issue.rule, issue.code) for issue in issues] == [("json.too-large", IssueType.TOO_LONG)]
    assert "16777216" in issues[0].text
    assert decode_json(b'{"a":1}', limit=7).value == {"a": 1}
    assert decode_json(b'{"a":1}', limit=6).value is None


@pytest.mark.parametrize(("data", "line", "column"), [
    (b'{"a": tru}', 1, 7),
    ('{"é": "é",\n "è": tru}'.encode(), 2, 7),
    ('{"é": "é",\n "é": 1}'.encode(), 2, 2),
    (b'{"a":1,\r\n"a":2}', 2, 1),
    (b'{\n "a": 1,\n "a"\n:\n 2}', 3, 2),
    (b'{"a\\"b":1,"a\\"b":2}', 1, 11),
    (b'{"a":\n ' + b"9" * 5000 + b"}", 2, 2),
    (b"\n [1]", 2, 2),
    (b" ", 1, 1),
    (b'\xef\xbb\xbf{"a":NaN}', 1, 6),
    ('{"é":null}'.encode(), 1, 6),
    (b'{"a":\n  [{"b":""}]}', 2, 9),
])
def test_an_issue_tells_line_and_column_counted_in_characters(data: bytes, line: int, column: int) -> None:
    (issue,) = decode_json(data).issues
    assert (issue.line, issue.column) == (line, column)


@pytest.mark.parametrize(("data", "expression"), [
    (b'{"resourceType":"Claim","item":[{"sequence":1},{"sequence":tru}]}', "Claim.item[1].sequence"),
    (b'{"resourceType":"Claim","item":[{"sequence":1,"sequence":1}]}', "Claim.item[0].sequence"),
    (b'{"resourceType":"Claim","id":"a","total":{"value":NaN}}', "Claim.total.value"),
    (b'{"resourceType":"Claim","item":[{"sequence":1},', "Claim.item[0]"),
    (b'{"id":"a","text":{"div":"\\ud800"}}', "Resource.text.div"),
    (b'{"a b":tru}', "Resource"),
])
def test_an_issue_of_a_text_that_is_no_json_names_the_element_that_it_stands_in(data: bytes, expression: str) -> None:
    (issue,) = decode_json(data).issues
    assert issue.expression == (expression,)


@pytest.mark.parametrize("data", [
    b'{"Zebedee":1,"Zebedee":2}', b'{"name":"Zebedee","b":tru}', b'{"name":"Zebedee', b'{"Zebedee" 1}',
    b'{"a":Zebedee}', b'{"Mr Zebedee":null}', b'{"a":{"Mr Zebedee":""}}', b'{"resourceType":"Mr Zebedee","b":null}',
])
def test_no_issue_shows_anything_of_the_input(data: bytes) -> None:
    issues = decode_json(data).issues
    assert issues
    assert "Zebedee" not in repr([(issue.text, issue.citation) for issue in issues])
    assert "Mr" not in repr(issues)


@pytest.mark.parametrize("data", [
    b'{"a' + b'\\"' * 300_000 + b'":1,"a' + b'\\"' * 300_000 + b'":2}', b'{"a":1,"a' + b"\\" * 600_000, b'"' * 900_000,
])
def test_a_hostile_text_is_placed_in_time_in_proportion_to_its_length(data: bytes) -> None:
    started = time.monotonic()
    assert decode_json(data).issues
    assert time.monotonic() - started < 2


def test_every_fault_of_one_text_is_told() -> None:
    data = b'{"resourceType":"Patient","a":null,"b":{"c":[""]},"d":1e308}'
    found = {(issue.rule, issue.expression) for issue in decode_json(data).issues}
    assert found == {
        ("json.null", ("Patient.a",)), ("json.empty-value", ("Patient.b.c[0]",)),
        ("json.number-out-of-range", ("Patient.d",)),
    }


@pytest.mark.parametrize("written", ["1.00", "0.000001", "12345678901234567890.123456789", "1E+2", "-0.0", "312.50"])
def test_a_number_keeps_every_digit_there_and_back(written: str) -> None:
    data = f'{{"a":{written}}}'.encode()
    tree = decode_json(data).value
    assert tree is not None
    assert str(tree["a"]) == written
    assert encode_json(tree) == data


def test_no_float_comes_out() -> None:
    tree = decode_json(b'{"a":[1.5,2e3,1E-7,7,12345678901234567890123]}').value
    assert tree is not None
    assert [type(value) for value in tree["a"]] == [Decimal, Decimal, Decimal, int, int]


def test_the_members_keep_their_order() -> None:
    data = b'{"z":1,"a":2,"m":{"y":1,"b":2}}'
    assert encode_json(decode_json(data).value or {}) == data


_VALUES = st.recursive(
    st.booleans() | st.integers(-(10**30), 10**30) | st.text(st.characters(codec="utf-8", min_codepoint=32), min_size=1)
    | st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9),
    lambda inner: st.lists(inner, min_size=1, max_size=4)
    | st.dictionaries(st.text(st.characters(codec="ascii", min_codepoint=48), min_size=1), inner, min_size=1, max_size=4),
    max_leaves=20,
)


@pytest.mark.long
@given(st.dictionaries(st.text(st.characters(codec="ascii", min_codepoint=48), min_size=1), _VALUES, min_size=1))
def test_every_tree_comes_back_as_it_was_written(tree: dict[str, Any]) -> None:
    outcome = decode_json(encode_json(tree))
    assert outcome.issues == ()
    assert outcome.value == tree
    assert json.loads(encode_json(tree), parse_float=Decimal) == tree


_PIECES = st.sampled_from([
    b"{", b"}", b"[", b"]", b",", b":", b'"', b'"a"', b"1", b"-", b".5", b"e9", b"null", b"true", b"NaN", b"\\u", b"\\ud800",
    b"\\", b"\n", b" ", b"\xc3\xa9", b"\xff", b"\x00",
])


@given(st.binary(max_size=60) | st.lists(_PIECES, max_size=25).map(b"".join))
@example(b'{"a":"\\')
@example(b'{"a":"\\u')
@example(b'"\\ud8')
@example(b"\n\n-")
def test_any_bytes_give_a_tree_or_issues_and_agree_with_an_independent_parser(data: bytes) -> None:
    outcome = decode_json(data)
    assert (outcome.value is None) == bool(outcome.issues)
    assert all(issue.line is None or (issue.line >= 1 and (issue.column or 0) >= 1) for issue in outcome.issues)
    if outcome.value is not None:
        assert json.loads(data.removeprefix(b"\xef\xbb\xbf"), parse_float=Decimal) == outcome.value


def test_the_check_against_an_independent_parser_catches_a_lost_digit() -> None:
    planted = {"a": Decimal("1.0")}
    assert json.loads(b'{"a":1.01}', parse_float=Decimal) != planted
