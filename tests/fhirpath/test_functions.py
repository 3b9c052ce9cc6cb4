"""Every function by the rules of the specification: an own table, one line a rule (FHIRPath N1 section 5, R4 fhirpath.html)."""

import pytest

from adapter.fhirpath import CannotRun, PathError
from adapter.fhirpath.compiler import _PLAIN, _TYPED
from adapter.fhirpath.iteration import ITERATIONS, TRUTHS
from adapter.fhirpath.outside import OUTSIDE

T, F, EMPTY = ["true"], ["false"], []

RULES = [
    # 5.1 existence
    ("status.exists()", T), ("method.exists()", F), ("note.exists(text = 'b')", T), ("note.exists(text = 'c')", F),
    ("value.exists()", T), ("component[1].value.exists()", T), ("subject.reference.exists()", F),
    ("method.empty()", T), ("code.text.empty()", F), ("{}.not()", EMPTY), ("(status = 'x').not()", T), ("note.first().not()", F),
    ("note.all(text.length() = 1)", T), ("note.all(text = 'a')", F), ("method.all(false)", T), ("note.all({})", F),
    ("(true | false).allTrue()", F), ("{}.allTrue()", T), ("(true | false).anyTrue()", T), ("{}.anyTrue()", F),
    ("(true | false).allFalse()", F), ("(false).allFalse()", T), ("(true | false).anyFalse()", T), ("{}.anyFalse()", F),
    ("(1 | 2).subsetOf(1 | 2 | 3)", T), ("(1 | 4).subsetOf(1 | 2 | 3)", F), ("{}.subsetOf({})", T),
    ("(1 | 2 | 3).supersetOf(2)", T), ("(1).supersetOf(1 | 2)", F), ("note.count()", ["2"]), ("{}.count()", ["0"]),
    ("category.coding.code.distinct()", ["one", "two"]), ("category.coding.code.isDistinct()", F), ("note.isDistinct()", T),
    ("(1).combine(1.0).isDistinct()", F), ("note.combine(note).distinct().count()", ["2"]),
    # 5.2 filtering and projection
    ("category.coding.where(code = 'two').system", ["urn:a", "urn:b"]), ("note.where({}).count()", ["0"]),
    ("note.where($index = 1).text", ["b"]), ("note.select(text)", ["a", "b"]), ("note.select($index)", ["0", "1"]),
    ("category.select(coding.count())", ["2", "1"]), ("repeat(component).code.text", ["low", "high"]),
    ("value.ofType(Quantity).unit", ["mL"]), ("value.ofType(string)", EMPTY), ("status.ofType(string)", EMPTY),
    ("status.ofType(code)", ["final"]), ("contained.ofType(Device).id", ["d"]), ("contained.ofType(DomainResource).id", ["d"]),
    # 5.3 subsetting
    ("note[1].text", ["b"]), ("note[2]", EMPTY), ("note.single()", PathError), ("code.single().text", ["Reservoir"]),
    ("note.first().text", ["a"]), ("note.last().text", ["b"]), ("note.tail().text", ["b"]), ("note.skip(1).text", ["b"]),
    ("note.skip(-1).count()", ["2"]), ("note.take(1).text", ["a"]), ("note.take(0)", EMPTY), ("note.take(9).count()", ["2"]),
    ("category.coding.code.intersect('two' | 'six')", ["two"]), ("category.coding.code.exclude('two')", ["one"]),
    # 5.4 combining
    ("(1 | 2).union(2 | 3)", ["1", "2", "3"]), ("(1 | 2).combine(2)", ["1", "2", "2"]), ("note.text | 'c'", ["a", "b", "c"]),
    # 5.5 conversion
    ("iif(true, 'a')", ["a"]), ("iif({}, 'a', 'b')", ["b"]), ("iif(false, 'a')", EMPTY), ("iif('x', 'a')", PathError),
    ("note.iif(true, 1)", PathError), ("iif(true, 'a', note.single())", ["a"]),
    ("'12'.toInteger()", ["12"]), ("'1.5'.toInteger()", EMPTY), ("'+3'.toInteger()", ["3"]), ("true.toInteger()", ["1"]),
    ("'2147483648'.toInteger()", EMPTY), ("'1.50'.toDecimal()", ["1.50"]), ("'1e3'.toDecimal()", EMPTY), ("1.toDecimal()", ["1"]),
    ("'Yes'.toBoolean()", T), ("'0.0'.toBoolean()", F), ("2.toBoolean()", EMPTY), ("1.0.toBoolean()", T), ("'x'.toBoolean()", EMPTY),
    ("1.50.toString()", ["1.50"]), ("true.toString()", T), ("code.toString()", EMPTY), ("(1.5 'mg').toString()", ["1.5 'mg'"]),
    ("'2026-03'.toDate()", ["2026-03"]), ("'2026-13'.toDate()", EMPTY), ("'2026-03-01T10:00:00Z'.toDate()", ["2026-03-01"]),
    ("'2026-03-01'.toDateTime()", ["2026-03-01"]), ("'10:30'.toTime()", ["10:30"]), ("'25:00'.toTime()", EMPTY),
    ("'4 days'.toQuantity()", ["4 days"]), ("'4 \\'mg\\''.toQuantity()", ["4 'mg'"]), ("'4 mg'.toQuantity()", EMPTY),
    ("'1 \\'g\\''.toQuantity('g')", ["1 'g'"]), ("'a'.convertsToInteger()", F), ("{}.convertsToInteger()", EMPTY),
    ("'2026-02-30'.convertsToDate()", F), ("'1'.convertsToQuantity()", T), ("note.toString()", PathError),
    # 5.6 strings
    ("'abc'.indexOf('c')", ["2"]), ("'abc'.indexOf('x')", ["-1"]), ("'abca'.lastIndexOf('a')", ["3"]), ("'abc'.indexOf({})", EMPTY),
    ("'abc'.substring(1)", ["bc"]), ("'abc'.substring(1, 1)", ["b"]), ("'abc'.substring(3)", EMPTY), ("'abc'.substring(-1)", EMPTY),
    ("'abc'.startsWith('ab')", T), ("'abc'.endsWith('')", T), ("'abc'.contains('bc')", T), ("{}.contains('a')", EMPTY),
    ("1.startsWith('1')", PathError), ("code.startsWith('a')", PathError), ("note.text.upper()", PathError),
    ("'aB'.upper()", ["AB"]), ("'aB'.lower()", ["ab"]), ("'abab'.replace('b', 'x')", ["axax"]), ("'ab'.replace('', '-')", ["-a-b-"]),
    ("'abc'.matches('b')", T), ("'abc'.matches('^b$')", F), ("'a\\nc'.matches('a.c')", T), ("'abc'.matches({})", EMPTY),
    ("'abc'.matchesFull('b')", F), ("'abc'.matchesFull('a.c')", T), ("'ABC'.matches('b')", F),
    ("'a1b2'.replaceMatches('[0-9]', '-')", ["a-b-"]), ("'ab'.replaceMatches('', 'x')", ["ab"]),
    ("'2026-03'.replaceMatches('([0-9]+)-([0-9]+)', '$2/$1')", ["03/2026"]), ("'ab'.replaceMatches('(?P<x>a)', '${x}${x}')", ["aab"]),
    ("'é😀'.length()", ["2"]), ("''.length()", ["0"]), ("'ab'.toChars()", ["a", "b"]), ("' a '.trim()", ["a"]),
    ("'a,,b'.split(',')", ["a", "", "b"]), ("note.text.join('-')", ["a-b"]), ("note.text.join()", ["ab"]), ("{}.join()", EMPTY),
    ("'test'.encode('hex')", ["74657374"]), ("'dGVzdA=='.decode('base64')", ["test"]), ("'??'.decode('hex')", EMPTY),
    ("'a<b'.escape('html')", ["a&lt;b"]), ("'a&lt;b'.unescape('html')", ["a<b"]), ("'a'.encode('x')", EMPTY),
    ("'\"'.escape('json')", ['\\"']), ("'\"'.unescape('json')", ['"']), ("effective.start.startsWith('2026')", T),
    # 5.7 mathematics
    ("(-5).abs()", ["5"]), ("(-5.5 'mg').abs()", ["5.5 'mg'"]), ("1.1.ceiling()", ["2"]), ("(-1.1).floor()", ["-2"]),
    ("(-1.6).truncate()", ["-1"]), ("2.5.round()", ["3"]), ("3.14159.round(3)", ["3.142"]), ("(-2.5).round()", ["-3"]),
    ("0.exp()", ["1"]), ("1.ln()", ["0"]), ("0.ln()", EMPTY), ("8.log(2)", ["3"]), ("2.power(10)", ["1024"]),
    ("2.power(-1)", ["0.5"]), ("(-1).power(0.5)", EMPTY), ("10.power(1000000000)", EMPTY), ("81.sqrt()", ["9"]), ("(-1).sqrt()", EMPTY),
    ("'a'.abs()", PathError), ("1.round(-1)", PathError), ("{}.sqrt()", EMPTY),
    # 5.8 tree, 5.9 utility, 6.3 types
    ("code.children()", ["Reservoir"]), ("status.children()", ["s", "FHIR.Extension"]), ("note.descendants()", ["a", "b"]),
    ("note.trace('n').text", ["a", "b"]), ("note.trace('n', text).count()", ["2"]), ("(1 | 2 | 3).aggregate($this + $total, 0)", ["6"]),
    ("(1 | 2).aggregate(iif($total.empty(), $this, $total * 10 + $this))", ["12"]), ("(3 | 1 | 2).sort()", ["1", "2", "3"]),
    ("note.text.sort(-$this)", ["b", "a"]), ("component.sort(value).code.text", ["high", "low"]), ("(1 | 'a').sort()", PathError),
    ("1.type().name", ["Integer"]), ("status.type().namespace", ["FHIR"]), ("component.first().type().name", ["BackboneElement"]),
    ("status.is(code)", T), ("status.is(string)", T), ("status.is(System.String)", F), ("value.is(Quantity)", T), ("method.is(code)", EMPTY),
    ("note.is(Annotation)", PathError), ("value.as(Quantity).unit", ["mL"]), ("value.as(Period)", EMPTY), ("note.as(Annotation).text", ["a", "b"]),
    ("extension.value.is(Age)", T), ("extension.value.is(Quantity)", T), ("extension.value.is(Count)", F), ("1.is(Integer)", T),
    ("1.587.lowBoundary()", ["1.58650000"]), ("1.587.highBoundary(2)", ["1.59"]), ("@2026-02.highBoundary()", ["2026-02-28"]),
    ("@2026.lowBoundary(6)", ["2026-01"]), ("@2026-03-01T10:30.highBoundary()", ["2026-03-01T10:30:59.999-12:00"]),
    ("@T10:30:01.5.lowBoundary()", ["10:30:01.500"]), ("(1 'mg').lowBoundary(1)", ["0.5 'mg'"]), ("1.lowBoundary(40)", EMPTY),
    ("1.500.precision()", ["3"]), ("@2026-03.precision()", ["6"]), ("(1 'cm').comparable(1 '[in_i]')", T), ("(1 'cm').comparable(1 's')", F),
    # R4's own
    ("extension('http://example.org/age').value.unit", ["years"]), ("status.extension('http://example.org/why').value", ["because"]),
    ("status.hasValue()", T), ("component[1].value.hasValue()", F), ("code.hasValue()", F), ("method.hasValue()", F),
    ("status.getValue()", ["final"]), ("component[1].value.getValue()", EMPTY), ("note.text.hasValue()", F),
]


@pytest.mark.parametrize(("expression", "expected"), RULES, ids=[rule[0] for rule in RULES])
def test_a_function_follows_its_rule(ask, expression, expected):
    if isinstance(expected, type):
        with pytest.raises(expected):
            ask(expression)
    else:
        assert ask(expression) == expected


def test_every_function_has_a_rule_here():
    table = " ".join(expression for expression, _ in RULES)
    missing = {*_PLAIN, *_TYPED, *ITERATIONS, *TRUTHS, "type"} - {name for name in (*_PLAIN, *_TYPED, *ITERATIONS, *TRUTHS, "type") if f"{name}(" in table}
    assert missing <= {"convertsToBoolean", "convertsToDecimal", "convertsToString", "convertsToDateTime", "convertsToTime"}


@pytest.mark.parametrize("name", OUTSIDE)
def test_what_asks_the_outside_says_that_nobody_answers(ask, name):
    argument = "'http://example.org'" if OUTSIDE[name][1] else ""
    with pytest.raises(CannotRun, match="none was given"):
        ask(f"code.{name}({argument})")


def test_the_outside_is_asked_what_the_expression_names(ask, types):
    device = types.node({"resourceType": "Device", "id": "d"})
    asked = []
    verdicts = {"http://example.org/yes": True, "http://example.org/no": False}

    def know(node, url):
        asked.append((node.type.name, url))
        return verdicts.get(url)

    assert ask("device.resolve().id", resolve={"#d": device}.get) == ["d"]
    assert ask("subject.resolve()", resolve={}.get) == []
    assert ask("device.reference.resolve().id", resolve={"#d": device}.get) == ["d"]
    assert ask("code.memberOf('http://example.org/yes')", member_of=know) == ["true"]
    assert ask("code.memberOf('http://example.org/unheld')", member_of=know) == []
    assert ask("conformsTo('http://example.org/no')", conforms_to=know) == ["false"]
    assert asked == [
        ("CodeableConcept", "http://example.org/yes"), ("CodeableConcept", "http://example.org/unheld"), ("Observation", "http://example.org/no"),
    ]
    assert ask("code.htmlChecks()", html_checks=lambda node: node.type.name == "CodeableConcept") == ["true"]
    with pytest.raises(PathError):
        ask("note.memberOf('http://example.org/yes')", member_of=know)
