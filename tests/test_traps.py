"""The traps of JSON and XML: each has one verdict at its place, alone, as a line among others, and in XML where it is there too."""

import gzip

import pytest

import adapter
from adapter.flow import validate_document, validate_lines
from adapter.load import load_rule_book

START = b'{"resourceType": "Observation", "status": "final", "code": {"text": "\xc3\xa9"}, '
SOUND = b'{"resourceType": "Patient"}\n'

# What follows the start: rule, what stands at its place, FHIRPath (with a * as far as it is told).
JSON = {
    "a key twice": (b'"id": "a", "id": "b"}', "json.duplicate-key", b'"id": "b"', "id"),
    "a key twice within": (b'"note": [{"text": "a", "text": "b"}]}', "json.duplicate-key", b'"text": "b"', "note[0].text"),
    "a key twice, once in escapes": (b'"id": "a", "\\u0069d": "b"}', "json.duplicate-key", b'"\\u0069d"', "id"),
    "NaN": (b'"referenceRange": [{"low": NaN}]}', "json.not-a-number", b"NaN", "referenceRange[0].low"),
    "Infinity": (b'"subject": Infinity}', "json.not-a-number", b"Infinity", "subject"),
    "minus Infinity": (b'"subject": -Infinity}', "json.not-a-number", b"Infinity", "subject"),
    "1e400": (b'"referenceRange": [{"low": 1e400}]}', "json.number-out-of-range", b"1e400", "referenceRange[0].low"),
    "41 digits": (b'"subject": ' + b"1" * 41 + b"}", "json.number-out-of-range", b"1" * 41, "subject"),
    "65 levels": (b'"component": ' + b"[" * 64 + b"1" + b"]" * 64 + b"}", "json.too-deep", b"[1]", "component" + "[0]" * 63),
    "no end of levels": (b'"component": ' + b"[" * 100_000, "json.too-deep", b"[", "component" + "[0]" * 63 + "*"),
    "the first half of a pair": (b'"id": "\\ud800"}', "json.lone-surrogate", b"\\ud800", "id"),
    "the second half of a pair": (b'"id": "\\udc00a"}', "json.lone-surrogate", b"\\udc00a", "id"),
    "a pair the wrong way round": (b'"id": "\\udc00\\ud800"}', "json.lone-surrogate", b"\\udc00\\ud800", "id"),
    "the first half before another character": (b'"id": "\\ud800\\u0041"}', "json.lone-surrogate", b"\\ud800\\u", "id"),
    "the first half before a letter": (b'"id": "\\ud800abcdefghijkl"}', "json.lone-surrogate", b"\\ud800a", "id"),
    "a bad escape behind a whole pair": (b'"id": "\\ud83d\\ude00\\u00g0"}', "json.syntax", b"g0", "id"),
    "null": (b'"subject": null}', "json.null", b"null", "subject"),
    "null among objects": (b'"component": [{"a": 1}, null]}', "json.null", b"null", "component[1]"),
    "an empty text": (b'"id": ""}', "json.empty-value", b'""', "id"),
    "an empty object": (b'"subject": {}}', "json.empty-value", b"{}", "subject"),
    "an empty array": (b'"component": []}', "json.empty-value", b"[]", "component"),
    "a control character in escapes": (b'"id": "\\u0001"}', "json.control-character", b'"\\u0001"', "id"),
    "a control character": (b'"id": "\x01"}', "json.syntax", b"\x01", "id"),
    "text behind it": (b'"id": "a"} x', "json.syntax", b"x", ""),
    "another object behind it": (b'"id": "a"} {}', "json.syntax", b"{}", ""),
    "a null byte behind it": (b'"id": "a"}\x00', "json.syntax", b"\x00", ""),
    "a comma too many": (b'"id": "a",}', "json.syntax", b"}", ""),
    "a comment": (b'"id": "a" /* x */}', "json.syntax", b"/*", "id"),
    "single quotes": (b"'id': 'a'}", "json.syntax", b"'id'", ""),
    "a leading zero": (b'"subject": 01}', "json.syntax", b"1}", "subject"),
    "a plus": (b'"subject": +1}', "json.syntax", b"+1", "subject"),
    "True": (b'"subject": True}', "json.syntax", b"True", "subject"),
    "bytes that are no UTF-8": (b'"id": "\xff"}', "json.not-utf8", b"\xff", "id"),
    "a surrogate in UTF-8": (b'"id": "\xed\xa0\x80"}', "json.not-utf8", b"\xed", "id"),
    "no end": (b'"id": "a"', "json.syntax", b'"', "id"),
}


@pytest.mark.parametrize("trap", JSON)
def test_each_trap_of_json_has_one_verdict_at_its_place(trap):
    rest, rule, shown, path = JSON[trap]
    data = START + rest
    (issue,) = adapter.validate(data)
    assert (issue.rule, issue.line) == (rule, 1)
    (found,) = issue.expression
    assert found.startswith(f"Observation.{path[:-1]}") if path.endswith("*") else found == f"Observation.{path}".rstrip(".")
    assert data.decode("utf-8", "replace")[issue.column - 1 :].encode().startswith(shown.decode("utf-8", "replace").encode())


@pytest.mark.parametrize("trap", JSON)
def test_each_trap_in_a_line_of_ndjson_has_the_verdict_of_its_document_at_its_line(trap):
    data = START + JSON[trap][0]
    (alone,) = validate_document(data, load_rule_book())
    found = list(validate_lines([SOUND, b"\n", data + b"\r\n", SOUND], load_rule_book()))
    ((issue,),) = [issues for issues in found if issues]
    assert len(found) == 3
    assert (issue.rule, issue.line, issue.column, issue.expression) == (alone.rule, 3, alone.column, alone.expression)


@pytest.mark.parametrize(("data", "rule"), [
    (b"", "json.empty"), (b" \r\n\t", "json.empty"), (b"[]", "json.not-an-object"), (b"null", "json.not-an-object"), (b'"x"', "json.not-an-object"),
    ((START + b'"id": "a"}').decode().encode("utf-16"), "json.not-utf8"), (b"\xef\xbb\xbf\xef\xbb\xbf{}", "json.syntax"), (b"{" * 17_000_000, "json.too-large"),
])
def test_what_is_no_object_in_utf_8_is_told_at_its_beginning(data, rule):
    (issue,) = adapter.validate(data)
    assert (issue.rule, issue.line, issue.column) == (rule, *((None, None) if rule == "json.too-large" else (1, 1)))


def test_a_byte_order_mark_is_passed_over_and_counts_for_nothing():
    for mark in (b"", b"\xef\xbb\xbf"):
        assert adapter.validate(mark + START + b'"id": "a"}') == ()
        (issue,) = adapter.validate(mark + START + b'"id": "a", "subject": null}')
        assert issue.column == len(START.decode()) + len('"id": "a", "subject": ') + 1


HEAD = '<Observation xmlns="http://hl7.org/fhir">\n <status value="final"/><code><text value="é"/></code>'
TAIL = "</Observation>"
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'

# Whole text: rule, line, what stands at its place or before it.
XML = {
    "an element twice": (HEAD.replace("<status", '<status value="final"/><status') + TAIL, "xml.repeated", 2, "<status"),
    "an attribute twice": (HEAD + '<valueString value="a" value="b"/>' + TAIL, "xml.syntax", 2, 'value="b"'),
    "1e400": (HEAD + '<valueQuantity><value value="1e400"/></valueQuantity>' + TAIL, "xml.number-out-of-range", 2, "<value "),
    "41 digits": (HEAD + f'<valueQuantity><value value="{"1" * 41}"/></valueQuantity>' + TAIL, "xml.number-out-of-range", 2, "<value "),
    "NaN": (HEAD + '<valueQuantity><value value="NaN"/></valueQuantity>' + TAIL, "base.type", 2, "<value "),
    "65 levels": (HEAD + "<component>" * 70 + "</component>" * 70 + TAIL, "xml.too-deep", 2, "<component>"),
    "half of a pair": (HEAD + '<valueString value="&#xD800;"/>' + TAIL, "xml.syntax", 2, "&#xD800;"),
    "a control character": (HEAD + '<valueString value="&#1;"/>' + TAIL, "xml.syntax", 2, "&#1;"),
    "an empty value": (HEAD + '<valueString value=""/>' + TAIL, "xml.empty-value", 2, "<valueString"),
    "an empty element": (HEAD + "<valueString/>" + TAIL, "xml.empty-value", 2, TAIL),
    "text behind it": (HEAD + TAIL + "x", "xml.syntax", 2, "x"),
    "another element behind it": (HEAD + TAIL + "\n<a/>", "xml.syntax", 3, "<a/>"),
    "text within": (HEAD + "x" + TAIL, "xml.text", 2, ""),
    "a document type": (LAUGHS + HEAD + TAIL, "xml.doctype", 1, ""),
    "a document type elsewhere": ('<!DOCTYPE x SYSTEM "file:///etc/passwd">' + HEAD + TAIL, "xml.doctype", 1, ""),
    "an entity": (HEAD + '<valueString value="&a;"/>' + TAIL, "xml.entity", 2, "<valueString"),
    "no namespace": ("<Observation/>", "xml.namespace", 1, "<Observation/>"),
    "another encoding": ('<?xml version="1.0" encoding="UTF-16"?>' + HEAD + TAIL, "xml.not-utf8", 1, 'UTF-16"?>'),
    "another encoding, further on": ("<?xml version='1.0'\n encoding='ISO-8859-1'?>" + HEAD + TAIL, "xml.not-utf8", 2, "ISO-8859-1"),
    "no end": (HEAD, "xml.syntax", 2, ""),
}


@pytest.mark.parametrize("trap", XML)
def test_each_trap_of_xml_has_one_verdict_at_its_place(trap):
    text, rule, line, shown = XML[trap]
    (issue,) = adapter.validate(text)
    assert (issue.rule, issue.line) == (rule, line)
    assert text.split("\n")[line - 1][issue.column - 1 :].startswith(shown)
    assert all(word not in repr(issue) for word in ("passwd", "haha", "1e400"))


def test_bytes_that_are_no_utf_8_are_told_in_xml_at_their_place():
    (issue,) = adapter.validate(HEAD.encode() + b"\xff" + TAIL.encode())
    assert (issue.rule, issue.line, issue.column) == ("xml.not-utf8", 2, len(HEAD.split("\n")[1]) + 1)


def test_a_text_that_declares_latin_1_is_told_at_its_declaration_and_not_at_its_first_letter():
    (issue,) = adapter.validate(f'<?xml version="1.0" encoding="ISO-8859-1"?>{HEAD}{TAIL}'.encode("latin-1"))
    assert (issue.rule, issue.line, issue.column) == ("xml.not-utf8", 1, len('<?xml version="1.0" encoding="') + 1)


WIDE = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")


@pytest.mark.parametrize(("text", "rule"), [((START + b'"id": "a"}').decode(), "json.not-utf8"), (HEAD + TAIL, "xml.not-utf8")], ids=["json", "xml"])
@pytest.mark.parametrize("encoding", WIDE)
def test_a_text_in_wide_letters_is_named_in_the_words_of_its_own_language(text, rule, encoding):
    (issue,) = adapter.validate(text.encode(encoding))
    assert (issue.rule, issue.line, issue.column) == (rule, 1, 1)
    assert f"but {encoding[:6].upper()}. Write it in UTF-8." in issue.text


@pytest.mark.parametrize(("data", "words"), [(gzip.compress(SOUND, mtime=0), "packed by gzip. Unpack it first."), (b"PK\x03\x04\x14\0", "a zip archive"), (b"%PDF-1.7\n", "a PDF")])
def test_what_is_packed_is_named(data, words):
    (issue,) = adapter.validate(data)
    assert (issue.rule, issue.line, issue.column) == ("json.not-utf8", 1, 1)
    assert words in issue.text


def test_the_table_is_seen_to_catch_a_trap_that_is_none():
    assert adapter.validate(START + b'"id": "a"}') == ()
    assert adapter.validate(HEAD + TAIL) == ()
