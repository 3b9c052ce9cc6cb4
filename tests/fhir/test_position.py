"""The place of a node in the text."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, strategies as st

from adapter.fhir.json import decode_json
from adapter.fhir.position import locate, locate_issues
from adapter.issues import Issue, IssueType, Severity

TEXT = """{
  "resourceType": "Bundle",
  "note": "é \\" ] } { [ , :",
  "entry": [
    {"resource": {"resourceType": "Patient"}},
    {"resource": {
      "resourceType": "Procedure", "performedDateTime": "2026-03-02",
      "_status": {"extension": [{"url": "x", "valueCode": "unknown"}]},
      "code": {"coding": [{"code": "96522"}, {"code": "é", "system": "s"}]}
    }}
  ]
}""".encode()


@pytest.mark.parametrize(("expression", "shown"), [
    ("Bundle", b"{"),
    ("Bundle.entry", b"["),
    ("Bundle.entry[0].resource", b'{"resourceType": "Patient"}'),
    ("Bundle.entry[1].resource.code.coding[1].system", b'"s"'),
    ("Bundle.entry[1].resource.performed", b'"2026-03-02"'),
    ("Bundle.entry[1].resource.performed.ofType(dateTime)", b'"2026-03-02"'),
    ("Bundle.entry[1].resource.status.extension[0].value", b'"unknown"'),
    ("Bundle.entry[1].resource.location", b'{\n      "resourceType": "Procedure"'),
    ("Bundle.entry[7].resource", b'[\n    {"resource"'),
])
def test_a_path_leads_to_its_node_or_to_the_nearest_one_around_it(expression: str, shown: bytes) -> None:
    place = locate(TEXT, expression)
    assert place is not None
    line, column = place
    rest = "\n".join(TEXT.decode().split("\n")[line - 1 :])[column - 1 :]
    assert rest.startswith(shown.decode())


XML = """<?xml version="1.0"?>\r
<!-- é𝄞 --><Bundle xmlns="http://hl7.org/fhir"><entry><resource><Patient/></resource></entry>
  <entry><resource><f:Procedure xmlns:f="http://hl7.org/fhir">
    <f:id value="é𝄞"/><f:status><f:extension f="id='x'" id='>' url = "u"><f:valueCode value="unknown"/></f:extension></f:status>
    <f:code><f:coding/><f:coding id="c" value="é"/></f:code><f:performedDateTime value="2026-03-02"/>
  </f:Procedure></resource></entry></Bundle>""".encode()


@pytest.mark.parametrize(("expression", "shown"), [
    ("Bundle", "<Bundle"),
    ("Bundle.entry", "<entry><resource><Patient/>"),
    ("Bundle.entry[0].resource", "<resource><Patient/>"),
    ("Bundle.entry[1].resource.id", '<f:id value="é𝄞"/>'),
    ("Bundle.entry[1].resource.code.coding[1].id", 'id="c"'),
    ("Bundle.entry[1].resource.code.coding[1]", '<f:coding id="c"'),
    ("Bundle.entry[1].resource.code.coding[1].system", '<f:coding id="c"'),
    ("Bundle.entry[1].resource.performed", "<f:performedDateTime"),
    ("Bundle.entry[1].resource.performed.ofType(dateTime)", "<f:performedDateTime"),
    ("Bundle.entry[1].resource.status.extension[0].value", "<f:valueCode"),
    ("Bundle.entry[1].resource.status.extension[0].url", 'url = "u"'),
    ("Bundle.entry[1].resource.location", "<resource><f:Procedure"),
    ("Bundle.entry[7].resource", "<entry><resource><Patient/>"),
])
@pytest.mark.parametrize("form", ["sent", "minified", "marked"])
def test_a_path_leads_to_its_element_in_xml_however_it_is_laid_out(expression: str, shown: str, form: str) -> None:
    data = b" ".join(XML.split(b"\n")) if form == "minified" else b"\xef\xbb\xbf" * (form == "marked") + XML
    place = locate(data, expression)
    assert place is not None
    line, column = place
    rest = "\n".join(data.decode("utf-8-sig").split("\n")[line - 1 :])[column - 1 :]
    assert rest.startswith(shown)


@pytest.mark.parametrize("data", [b"<a", b"<a></b>", b"<!DOCTYPE a><a/>", b"<a>&x;</a>", b"<a>\xff</a>", b"<a/><b/>"])
def test_text_that_is_not_xml_has_no_places(data: bytes) -> None:
    assert locate(data, "X.a") is None


def test_the_text_may_be_minified_and_begin_with_a_byte_order_mark() -> None:
    assert locate(b'\xef\xbb\xbf{"a":"\xc3\xa9","b":[1,22]}', "X.b[1]") == (1, 17)


@pytest.mark.parametrize("key", [b"status", rb"\u0073tatus", rb"st\u0061tu\u0073", rb"\u0073\u0074\u0061\u0074\u0075\u0073"])
def test_a_key_is_found_whatever_way_the_text_writes_it(key: bytes) -> None:
    text = b'{"resourceType": "Claim",\n "item": [{"' + key + b'": {\n  "' + key + b'": null}}]}'
    assert locate(text, "Claim.item[0].status") == (2, 16 + len(key))
    assert locate(text, "Claim.item[0].status.status") == (3, 7 + len(key))
    (issue,) = decode_json(text).issues
    assert (issue.rule, issue.line, issue.column) == ("json.null", 3, 7 + len(key))


def test_a_key_whose_escape_means_no_character_is_passed_over() -> None:
    assert locate(rb'{"\ud800": 1,' + b'\n "id": 2}', "Claim.id") == (2, 8)


@pytest.mark.parametrize("data", [b"", b"\xff", b'{"a"', b"]", b"{]", rb'{"\x": 1, "id": 2}', rb'{"\u12": 1, "id": 2}', b'{"id": 1} x', b'{"id": 1,}'])
def test_text_that_is_not_json_has_no_places(data: bytes) -> None:
    assert locate(data, "X.a") is None


def test_a_path_of_another_kind_has_no_place() -> None:
    assert locate(TEXT, "Bundle.entry.where(x = 1)") is None
    assert locate(TEXT, "2300/CLM/05") is None


def test_issues_get_their_places_and_keep_those_that_they_have() -> None:
    issue = Issue(Severity.ERROR, IssueType.VALUE, "a.b", "Wrong.", ("Bundle.entry",))
    placed = replace(issue, line=9, column=9)
    assert locate_issues(TEXT, [issue, placed]) == (replace(issue, line=4, column=12), placed)


_TREES = st.recursive(
    st.integers() | st.text() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "bB", "c1"]), inner, max_size=3),
    max_leaves=15,
)


def _paths(value: Any, path: str) -> list[tuple[str, Any]]:
    found = [(path, value)]
    members: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in members:
        found += _paths(inner, f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}")
    return found


@given(st.dictionaries(st.sampled_from(["a", "bB", "c1"]), _TREES), st.sampled_from([None, 2]), st.booleans())
def test_at_the_place_of_every_node_an_independent_parser_reads_that_node(
    tree: dict[str, Any], indent: int | None, is_ascii: bool
) -> None:
    text = json.dumps(tree, indent=indent, ensure_ascii=is_ascii)
    for path, value in _paths(tree, "X"):
        if "]" in path and "][" in path:
            continue
        place = locate(text.encode("utf-8", "surrogatepass"), path)
        if place is None:
            assert any(0xD800 <= ord(character) < 0xE000 for character in text)
            return
        lines = text.split("\n")
        offset = sum(len(line) + 1 for line in lines[: place[0] - 1]) + place[1] - 1
        assert json.JSONDecoder().raw_decode(text, offset)[0] == value


def test_the_independent_parser_catches_a_place_that_is_one_off() -> None:
    assert json.JSONDecoder().raw_decode('{"a": 12}', 6)[0] == 12
    assert json.JSONDecoder().raw_decode('{"a": 12}', 7)[0] != 12
