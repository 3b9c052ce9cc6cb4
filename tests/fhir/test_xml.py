"""FHIR XML to the tree that the equal JSON gives, and nothing that XML or FHIR forbids."""

from __future__ import annotations

import gc
import json
import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from adapter.fhir.json import decode_json, encode_json
from adapter.fhir.xml import decode_xml, encode_xml
from adapter.fhir.xml_position import scan_xml
from adapter.fhir.xml_shape import Shapes
from adapter.issues import Severity
from adapter.load import data_folder, load_rule_book
from tests.trees import resources

SHAPES: Shapes = load_rule_book().shapes
NS = 'xmlns="http://hl7.org/fhir"'
XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'
SAMPLES = sorted(data_folder("samples").glob("*.json"))

# Each pair of the page http://hl7.org/fhir/R4/json.html, and what it leaves unsaid.
PAIRS = [
    ('<code><coding><system value="s"/><code value="1"/></coding></code>', {"code": {"coding": [{"system": "s", "code": "1"}]}}),
    ('<id value="a"/>', {"id": "a"}),
    ('<date value="1970-03-30" id="7"><extension url="u"><valueString value="Easter"/></extension></date>',
     {"date": "1970-03-30", "_date": {"id": "7", "extension": [{"url": "u", "valueString": "Easter"}]}}),
    ('<date><extension url="u"><valueCode value="x"/></extension></date>', {"_date": {"extension": [{"url": "u", "valueCode": "x"}]}}),
    ('<note id="n"><text value="a&#10;&lt;&quot;é𝄞"/></note>', {"note": [{"id": "n", "text": 'a\n<"é𝄞'}]}),
    ('<extension url="u"><valueDecimal value="1.500"/></extension>', {"extension": [{"url": "u", "valueDecimal": Decimal("1.500")}]}),
    ('<extension url="u"><valueInteger value="-2"/></extension>', {"extension": [{"url": "u", "valueInteger": -2}]}),
    ('<extension url="u"><valueAttachment><url value="v"/></valueAttachment></extension>',
     {"extension": [{"url": "u", "valueAttachment": {"url": "v"}}]}),
    ('<extension url="u"><valueBoolean value="false"/></extension>', {"extension": [{"url": "u", "valueBoolean": False}]}),
    (f'<text><status value="empty"/><div {XHTML}><p>a &lt; b<br/></p><!-- c --></div></text>',
     {"text": {"status": "empty", "div": f"<div {XHTML}><p>a &lt; b<br/></p><!-- c --></div>"}}),
    ('<contained><Flag><id value="f"/></Flag></contained><contained><Basic><id value="b"/></Basic></contained>',
     {"contained": [{"resourceType": "Flag", "id": "f"}, {"resourceType": "Basic", "id": "b"}]}),
]
NAMES = [
    ('<given value="a"/><given id="g"/><given value="c"/>', {"given": ["a", None, "c"], "_given": [None, {"id": "g"}, None]}),
    ('<given id="g"/>', {"_given": [{"id": "g"}]}),
    ('<given value="a" id="x"/>', {"given": ["a"], "_given": [{"id": "x"}]}),
]


@pytest.mark.parametrize(("xml", "tree"), PAIRS)
def test_each_form_of_xml_gives_its_form_of_json_and_is_written_back(xml: str, tree: dict[str, Any]) -> None:
    data = f'<?xml version="1.0" encoding="UTF-8"?><List {NS}>{xml}</List>'.encode()
    whole = {"resourceType": "List", **tree}
    decoded = decode_xml(data, SHAPES)
    assert decoded.issues == ()
    assert encode_json(decoded.value) == encode_json(whole)
    assert decode_xml(encode_xml(whole, SHAPES).value, SHAPES).value == whole


@pytest.mark.parametrize(("xml", "name"), NAMES)
def test_arrays_of_primitives_are_padded_as_json_pads_them(xml: str, name: dict[str, Any]) -> None:
    data = f"<Patient {NS}><name>{xml}</name></Patient>".encode()
    assert decode_xml(data, SHAPES).value == {"resourceType": "Patient", "name": [name]}


def test_prefixes_comments_instructions_and_white_space_say_nothing() -> None:
    data = (
        b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- c --><?xml-stylesheet href="x"?>\r\n<f:Patient xmlns:f="http://hl7.org/fhir">\n'
        b'  <f:active value=\'true\'><!-- a -->\n</f:active>\n</f:Patient>\n'
    )
    assert decode_xml(data, SHAPES).value == {"resourceType": "Patient", "active": True}


@pytest.mark.parametrize(("around", "div", "told"), [
    (NS, f"<div {XHTML}>\r\né<p title='&#62;>'/></div >", f"<div {XHTML}>\r\né<p title='&#62;>'/></div >"),
    (NS, f'<div title=">" {XHTML}/>', f'<div title=">" {XHTML}/>'),
    (f'{NS} xmlns:h="http://www.w3.org/1999/xhtml"', "<h:div><h:p>a</h:p></h:div>", f"<div {XHTML}><p>a</p></div>"),
    (f'{NS} xmlns:h="http://www.w3.org/1999/xhtml"', f"<div {XHTML}><h:p>a</h:p></div>", f"<div {XHTML}><p>a</p></div>"),
])
def test_a_narrative_is_kept_as_sent_and_stands_on_its_own(around: str, div: str, told: str) -> None:
    data = f"<Basic {around}><text><status value='empty'/>{div}</text></Basic>".encode()
    assert decode_xml(data, SHAPES).value["text"]["div"] == told


def exact(tree: Any) -> str:
    """Give a tree as text in which every digit and type counts, and the order of keys does not."""
    if isinstance(tree, dict):
        return f"{{{', '.join(f'{key!r}: {exact(tree[key])}' for key in sorted(tree))}}}"
    return f"[{', '.join(map(exact, tree))}]" if isinstance(tree, list) else repr(tree)


@pytest.mark.long
@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(resources(SHAPES))
def test_every_tree_that_fhir_shapes_comes_back_from_xml(tree: dict[str, Any]) -> None:
    written = encode_xml(tree, SHAPES)
    assert written.issues == ()
    assert exact(decode_xml(written.value, SHAPES).value) == exact(tree)
    assert encode_xml(decode_xml(written.value, SHAPES).value, SHAPES).value == written.value


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_is_the_same_in_xml(path: Any) -> None:
    tree = decode_json(path.read_bytes()).value
    assert exact(decode_xml(encode_xml(tree, SHAPES).value, SHAPES).value) == exact(tree)


DEEP = "<extension url='u'>" * 40 + "</extension>" * 40
LAUGHS = '<!DOCTYPE l [<!ENTITY a "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 30)) + "]>"
REFUSED = [
    ("", "xml.empty"), ("\ufeff \n", "xml.empty"),
    (f"<Basic {NS}>", "xml.syntax"), (f"<Basic {NS}></Flag>", "xml.syntax"), (f"<Basic {NS}/><Flag/>", "xml.syntax"),
    (f"<Basic {NS} {NS}/>", "xml.syntax"), (f"<Basic {NS}><id value='&#1;'/></Basic>", "xml.syntax"),
    (f"<Basic {NS}><id value='\x01'/></Basic>", "xml.syntax"), (f"<Basic {NS}><id value='\ufffe'/></Basic>", "xml.syntax"),
    (f"<Basic {NS}><x:id value='a'/></Basic>", "xml.syntax"), (f"<Basic {NS}><id value=a/></Basic>", "xml.syntax"),
    ("text", "xml.syntax"), (f" <?xml version='1.0'?><Basic {NS}/>", "xml.syntax"),
    (f"<?xml version='1.0' encoding='latin-1'?><Basic {NS}><id value='a'/></Basic>", "xml.not-utf8"),
    (f"<!DOCTYPE Basic><Basic {NS}/>", "xml.doctype"),
    (f"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><Basic {NS}><id value='&a;'/></Basic>", "xml.doctype"),
    (f"<!DOCTYPE x SYSTEM 'http://127.0.0.1:1/x.dtd'><Basic {NS}/>", "xml.doctype"),
    (f"{LAUGHS}<Basic {NS}><id value='&a29;'/></Basic>", "xml.doctype"),
    (f"<Basic {NS}><id value='&nbsp;'/></Basic>", "xml.entity"), (f"<Basic {NS}><id value='&a;'/></Basic>", "xml.entity"),
    (f"<Basic {NS}>{DEEP}</Basic>", "xml.too-deep"),
    (f"<Basic {NS}><text><div {XHTML}>{'<b>' * 70}{'</b>' * 70}</div></text></Basic>", "xml.too-deep"),
    ("<Basic/>", "xml.namespace"), ("<Basic xmlns='urn:x'><id value='a'/></Basic>", "xml.namespace"),
    (f"<Basic {NS}><id xmlns='urn:x' value='a'/></Basic>", "xml.namespace"),
    (f"<Basic {NS}><text><status value='empty'/><div>a</div></text></Basic>", "xml.namespace"),
    (f"<Basic {NS}><text><status value='empty'/><div {XHTML}><b xmlns='urn:x'/></div></text></Basic>", "xml.namespace"),
    (f"<Basic {NS}><text><status value='empty'/><div {XHTML} xmlns:x='urn:x' x:y='z'/></text></Basic>", "xml.namespace"),
    (f"<Basic {NS}><id value='a' valeu='b'/></Basic>", "xml.attribute"), (f"<Basic {NS} id='a'/>", "xml.attribute"),
    (f"<Basic {NS}><code value='a'/></Basic>", "xml.attribute"), (f"<Basic {NS}><contained id='a'><Flag/></contained></Basic>", "xml.attribute"),
    (f"<Basic {NS}><code><text value='a' url='b'/></code></Basic>", "xml.attribute"),
    (f"<Basic {NS}><extension url='a'><url value='b'/></extension></Basic>", "xml.not-an-element"),
    (f"<Basic {NS}><resourceType value='Flag'/></Basic>", "xml.not-an-element"),
    (f"<Basic {NS}><id value='a'/><_id value='b'/></Basic>", "xml.not-an-element"),
    (f"<Basic {NS}><id value='a'/><id value='a'/></Basic>", "xml.repeated"),
    (f"<Basic {NS}><code><text id='a'/><text value='a'/></code></Basic>", "xml.repeated"),
    (f"<Basic {NS}><code><text value='a'/></code><id value='a'/><implicitRules value='u'/></Basic>", "xml.order"),
    (f"<Patient {NS}><name><given value='a'/><prefix value='b'/><given value='c'/></name></Patient>", "xml.order"),
    (f"<Basic {NS}>text</Basic>", "xml.text"), (f"<Basic {NS}><id value='a'>b</id></Basic>", "xml.text"),
    (f"<Basic {NS}><code><![CDATA[x]]></code></Basic>", "xml.text"), (f"<Basic {NS}>\u00a0<id value='a'/></Basic>", "xml.text"),
    (f"<Basic {NS}><id value=''/></Basic>", "xml.empty-value"), (f"<Basic {NS}><id/></Basic>", "xml.empty-value"),
    (f"<Basic {NS}><code></code></Basic>", "xml.empty-value"), (f"<Basic {NS}><code id=''/></Basic>", "xml.empty-value"),
    (f"<Patient {NS}><name><given/></name></Patient>", "xml.empty-value"), (f"<Basic {NS}><stranger/></Basic>", "xml.empty-value"),
    (f"<Basic {NS}><contained/></Basic>", "xml.resource"), (f"<Basic {NS}><contained><Flag/><Flag/></contained></Basic>", "xml.resource"),
    *((f"<Basic {NS}><extension url='u'><valueDecimal value='{number}'/></extension></Basic>", "xml.number-out-of-range")
      for number in ("1e308", "1e-308", "9" * 41, "9" * 5000, "0." + "1" * 41, "1e99999999999999999999")),
]


@pytest.mark.parametrize(("text", "rule"), REFUSED, ids=range(len(REFUSED)))
def test_what_xml_or_fhir_forbids_is_one_issue_with_its_place(text: str, rule: str) -> None:
    outcome = decode_xml(text.encode(), SHAPES)
    assert outcome.value is None
    (issue,) = outcome.issues
    assert issue.rule == rule
    assert issue.is_error
    assert issue.line is not None
    assert 1 <= issue.column <= len(text) + 1


BROKEN = [
    (f"<Patient {NS}><name>\n<family value='x'/></nam></Patient>", "Patient.name[0]", (2, 22)),
    (f"<Patient {NS}><name/><name><family value='x'/>\n<given value='a&b'/>", "Patient.name[1]", (2, 18)),
    (f"<Bundle {NS}><entry/><entry><resource><Patient><name><given value='a'/>\n<given value='a' value='b'/>",
     "Bundle.entry[1].resource.name[0]", (2, 18)),
    (f"<Observation {NS}><valueQuantity>\n<value value='1'/><x:y/></valueQuantity></Observation>", "Observation.valueQuantity", (2, 19)),
    (f"<Patient {NS}><text><div {XHTML}>\n<p>x</div></text></Patient>", "Patient.text.div", (2, 7)),
    (f"<Patient {NS}><name><family value='&x;'/></name></Patient>", "Patient.name[0]", None),
    (f"<Patient {NS}/>\n<Patient/>", "Patient", (2, 1)), ("<Pat", "Resource", (1, 1)),
]


@pytest.mark.parametrize(("text", "path", "place"), BROKEN, ids=range(len(BROKEN)))
def test_what_is_no_xml_is_told_at_the_innermost_element_that_is_open(text: str, path: str, place: tuple[int, int] | None) -> None:
    issue = decode_xml(text.encode(), SHAPES).issues[-1]
    assert issue.expression == (path,)
    assert place in (None, (issue.line, issue.column))


def test_a_byte_that_is_not_utf8_is_told_at_the_innermost_element_that_is_open() -> None:
    (issue,) = decode_xml(f"<Patient {NS}><name>\n<family value='\xe9'/></name></Patient>".encode("latin-1"), SHAPES).issues
    assert (issue.rule, issue.expression, issue.line, issue.column) == ("xml.not-utf8", ("Patient.name[0]",), 2, 16)
    (issue,) = decode_xml(f"<Patient {NS}/>".encode() + b"\xff", SHAPES).issues
    assert (issue.rule, issue.expression) == ("xml.not-utf8", ("Patient",))


@pytest.mark.parametrize("data", [b"<Basic \xff/>", b"\xff\xfe<\x00B\x00", "<Basic/>".encode("utf-16"), b"<a>\xed\xa0\x80</a>", b"<\xc3"])
def test_text_that_is_not_utf8_is_said_to_be_so(data: bytes) -> None:
    assert [issue.rule for issue in decode_xml(data, SHAPES).issues] == ["xml.not-utf8"]


def test_utf16_without_a_mark_is_no_xml_either() -> None:
    assert decode_xml("<Basic/>".encode("utf-16-le"), SHAPES).value is None


def test_more_bytes_than_the_limit_are_not_looked_at() -> None:
    assert [issue.rule for issue in decode_xml(b"<" * 11, SHAPES, limit=10).issues] == ["xml.too-large"]


def test_a_schema_that_is_named_is_a_warning_and_the_resource_is_read() -> None:
    data = f'<Basic {NS} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b"/>'.encode()
    outcome = decode_xml(data, SHAPES)
    assert outcome.value == {"resourceType": "Basic"}
    assert [(issue.rule, issue.severity) for issue in outcome.issues] == [("xml.schema-location", Severity.WARNING)]


def test_no_issue_repeats_what_the_text_says() -> None:
    for text, _ in REFUSED:
        secret = text.replace("'a'", "'Specimen'").replace("text", "Specimen").replace("stranger", "Specimen")
        assert not any("Specimen" in issue.text for issue in decode_xml(secret.encode(), SHAPES).issues)


def test_what_fhir_does_not_define_comes_through_for_the_validator_to_name() -> None:
    data = f"<Patient {NS}><foo value='1'/><foo value='2'/><bar><baz value='x'/></bar><active value='1'/></Patient>".encode()
    told = {"resourceType": "Patient", "foo": "1", "bar": {"baz": "x"}, "active": "1"}
    assert decode_xml(data, SHAPES).value == told
    assert decode_xml(f"<Foo {NS}><a value='b'/></Foo>".encode(), SHAPES).value == {"resourceType": "Foo", "a": "b"}


def test_names_that_nobody_defines_are_not_kept() -> None:
    before = len(SHAPES)
    for number in range(20):
        decode_xml(f"<Foo{number} {NS}><bar{number}><a value='b'/></bar{number}></Foo{number}>".encode(), SHAPES)
    assert len(SHAPES) == before


def test_a_reading_leaves_nothing_behind_for_the_collector() -> None:
    gc.collect()
    gc.disable()
    try:
        for text in (f"<Basic {NS}><id value='a'/></Basic>", f"<Basic {NS}><id", f"<!DOCTYPE a><Basic {NS}/>"):
            decode_xml(text.encode(), SHAPES)
            scan_xml(text)
        assert gc.collect() == 0
    finally:
        gc.enable()


@pytest.mark.parametrize("text", [
    f"<Basic {NS}>" + "<code>" * 400_000, f"<Basic {NS}>" + "<id/>" * 400_000 + "</Basic>", "<a>" * 500_000,
    f"<Basic {NS}><text><div {XHTML}>" + "<p/>" * 400_000 + "</div></text></Basic>", f"<Basic {NS} " + "a='b' " * 100_000 + "/>",
    f"<Basic {NS}><id value='" + "&#65;" * 400_000 + "'/></Basic>", f"<Basic {NS}><!--" + "-" * 2_000_000, "<" * 2_000_000,
    f"<Basic {NS} " + " ".join(f"a{n}='b'" for n in range(200_000)) + "/>",
])
def test_a_text_of_two_megabytes_made_to_hurt_takes_seconds_at_most(text: str) -> None:
    started = time.process_time()
    decode_xml(text.encode(), SHAPES)
    assert time.process_time() - started < 8


@pytest.mark.long
@settings(max_examples=300)
@given(st.data())
def test_a_text_cut_or_changed_anywhere_never_raises(data: Any) -> None:
    text = bytearray(encode_xml(decode_json(SAMPLES[0].read_bytes()).value, SHAPES).value)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(text) - 1))
        text[place : place + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=4) | st.sampled_from([b"<", b"/>", b"&", b"<id/>"]))
    outcome = decode_xml(bytes(text), SHAPES)
    assert outcome.value is not None or outcome.issues


NO_PLACE = [
    ({"resourceType": "Foo"}, "Resource"), ({}, "Resource"), ({"resourceType": "Patient", "foo": 1}, "Patient.foo"),
    ({"resourceType": "Patient", "active": "true"}, "Patient.active"), ({"resourceType": "Patient", "id": 1}, "Patient.id"),
    ({"resourceType": "Patient", "id": "a\x00"}, "Patient.id"), ({"resourceType": "Patient", "id": "\ud800"}, "Patient.id"),
    ({"resourceType": "Patient", "id": ""}, "Patient.id"), ({"resourceType": "Patient", "name": {"text": "a"}}, "Patient.name"),
    ({"resourceType": "Patient", "name": []}, "Patient.name"), ({"resourceType": "Patient", "name": [{}]}, "Patient.name[0]"),
    ({"resourceType": "Patient", "name": [{"given": [None]}]}, "Patient.name[0].given[0]"),
    ({"resourceType": "Patient", "birthDate": ["a"]}, "Patient.birthDate"), ({"resourceType": "Patient", "_id": {"id": "a"}}, "Patient.id"),
    ({"resourceType": "Patient", "multipleBirthInteger": True}, "Patient.multipleBirthInteger"),
    ({"resourceType": "Patient", "name": [{"resourceType": "HumanName"}]}, "Patient.name[0].resourceType"),
    ({"resourceType": "Patient", "contained": [{"resourceType": "Foo"}]}, "Patient.contained[0]"),
    *(({"resourceType": "Patient", "text": {"div": div}}, "Patient.text.div") for div in (
        "<div>a</div>", f"<div {XHTML}>&nbsp;</div>", f"<div {XHTML}>", f"<p {XHTML}/>", f"<div {XHTML}/><!-- -->", "x", 1,
        f"<div {XHTML}/><div {XHTML}/>", f"<div {XHTML}>{'<b>' * 70}{'</b>' * 70}</div>", f"<div {XHTML}>\x00</div>",
    )),
]


@pytest.mark.parametrize(("tree", "expression"), NO_PLACE)
def test_what_xml_has_no_place_for_is_an_issue_and_not_lost(tree: dict[str, Any], expression: str) -> None:
    outcome = encode_xml(tree, SHAPES)
    assert outcome.value is None
    assert {(issue.rule, issue.expression) for issue in outcome.issues} == {("xml.no-place", (expression,))}


def test_elements_are_written_in_the_order_of_the_definition_and_read_in_no_other() -> None:
    tree = json.loads('{"birthDate": "1970", "name": [{"given": ["a"], "family": "b"}], "resourceType": "Patient", "id": "p"}')
    written = encode_xml(tree, SHAPES).value.decode()
    assert written.index("<id") < written.index("<name") < written.index("<family") < written.index("<given") < written.index("<birthDate")
