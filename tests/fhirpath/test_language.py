"""The language around the functions: literals, precedence, three-valued logic, comparison, variables, refusals with their place."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from adapter.fhirpath import CannotRun, Environment, PathError, compile_path

T, F, EMPTY = ["true"], ["false"], []

RULES = [
    # literals and comments
    ("{}", EMPTY), ("'\\u0041\\'\\n\\\\'", ["A'\n\\"]), ("1.50", ["1.50"]), ("@2026-03", ["2026-03"]), ("@T10:30", ["10:30"]), ("4 days", ["4 days"]),
    ("@2026-03-01T10:30:00.5-05:00", ["2026-03-01T10:30:00.5-05:00"]), ("2 + 2 // 4", ["4"]), ("2 /* a \n b */ + 2", ["4"]), ("10 'mg'", ["10 'mg'"]),
    ("`status`", ["final"]), ("Observation.status", ["final"]), ("DomainResource.status", ["final"]), ("Patient.status", EMPTY),
    # precedence, tightest first
    ("-1 + 2", ["1"]), ("1 + 2 * 3", ["7"]), ("(1 + 2) * 3", ["9"]), ("2 + 3 & 'x'", PathError), ("(1 | 1 is Integer).count()", ["2"]),
    ("1 | 2 = 2", F), ("1 < 2 = true", T), ("1 = 1 in true", T), ("true or true and false", T), ("false and true or true", T),
    ("true xor true or true", T), ("false implies true and false", T), ("1 > 2 is Boolean", PathError), ("-1.abs()", ["-1"]),
    ("-status", PathError), ("+'a'", PathError), ("-(4 days)", ["-4 days"]),
    # three-valued logic
    *[(f"{left} and {right}", result) for left, right, result in [
        ("true", "{}", EMPTY), ("{}", "true", EMPTY), ("false", "{}", F), ("{}", "false", F), ("{}", "{}", EMPTY), ("true", "true", T)]],
    *[(f"{left} or {right}", result) for left, right, result in [
        ("true", "{}", T), ("{}", "true", T), ("false", "{}", EMPTY), ("{}", "false", EMPTY), ("{}", "{}", EMPTY), ("false", "false", F)]],
    *[(f"{left} xor {right}", result) for left, right, result in [
        ("true", "{}", EMPTY), ("{}", "true", EMPTY), ("true", "false", T), ("true", "true", F), ("false", "false", F)]],
    *[(f"{left} implies {right}", result) for left, right, result in [
        ("true", "{}", EMPTY), ("false", "{}", T), ("{}", "true", T), ("{}", "false", EMPTY), ("{}", "{}", EMPTY), ("true", "false", F)]],
    ("note and true", PathError), ("code and true", T), ("'a' and true", T),
    # equality and equivalence
    ("1 = 1.0", T), ("1 = '1'", F), ("true = 1", F), ("1 = true", F), ("'a' = 'A'", F), ("'a  B' ~ 'A b'", T), ("{} = {}", EMPTY), ("{} ~ {}", T),
    ("{} != 1", EMPTY), ("{} ~ 1", F), ("(1 | 2) = (2 | 1)", F), ("(1 | 2) ~ (2 | 1)", T), ("(1 | 2) = 1", F), ("note = note", T),
    ("note[0] = note[1]", F), ("note[0] ~ note[1]", F), ("category[0] != category[1]", T), ("status = 'final'", T), ("status != 'final'", F),
    ("method = 'x'", EMPTY), ("note.text = 'a'", F), ("1.23 ~ 1.2", T), ("1.26 ~ 1.2", F), ("1.23 !~ 1.2", F), ("code ~ code", T),
    ("component[1].value = 'x'", EMPTY), ("effective.start = '2026-03-01'", T), ("(status = 'final') = code.exists()", T),
    ("@2026-03 = @2026-03-01", EMPTY), ("@2026-03 = @2027-03-01", F), ("@2026-03 ~ @2026-03-01", F), ("@2026 = @T10:00", F),
    ("@2026-03-01T10:00:00Z = @2026-03-01T11:00:00+01:00", T), ("@2026-03-01T10:00:00Z = @2026-03-01T10:00:00", EMPTY),
    ("@2026-03-01T10:00:00 = @2026-03-01T10:00:00.000", T), ("effective.start = @2026-03-01", T),
    ("1 'g' = 1000 'mg'", T), ("1 'g' = 1 'm'", EMPTY), ("1 'foo' = 1 'foo'", T), ("1 'foo' = 1 'bar'", EMPTY), ("1 = 1 '1'", T),
    ("7 days = 1 'wk'", T), ("12 months = 1 year", T), ("1 year = 1 'a'", EMPTY), ("1 year ~ 1 'a'", T), ("365 days = 1 year", EMPTY),
    ("4 'g' ~ 4040 'mg'", T), ("value = 18.5 'mL'", T), ("value = 0.0185 'L'", T), ("value ~ 19 'mL'", T), ("value = 'x'", F),
    # order
    ("1 < 2.0", T), ("'a' < 'b'", T), ("'B' < 'a'", T), ("{} < 1", EMPTY), ("1 < 'a'", PathError), ("true < false", PathError), ("note < 1", PathError),
    ("@2026-03 < @2026-04-01", T), ("@2026-03 < @2026-03-01", EMPTY), ("@T10:30 <= @T10:30:00", EMPTY), ("value > 1 'cL'", T), ("value > 1 'm'", EMPTY),
    ("effective.start <= effective.end", T), ("effective.start > effective.end", F), ("component[0].value >= 2", T), ("code < code", PathError),
    # membership, arithmetic, index
    ("'a' in note.text", T), ("'c' in note.text", F), ("{} in note", EMPTY), ("'a' in {}", F), ("note.text in 'a'", PathError), ("note.text contains 'b'", T),
    ("note[0] in note", T), ("(1 | 2.0) contains 2", T), ("1 + 1.0", ["2.0"]), ("0.1 + 0.2", ["0.3"]), ("'a' + 'b'", ["ab"]), ("'a' + {}", EMPTY),
    ("'a' & {}", ["a"]), ("{} & {}", [""]), ("1 - 'a'", PathError), ("1.20 * 2", ["2.40"]), ("1 / 0", EMPTY), ("1 / 4", ["0.25"]), ("7 div 2", ["3"]),
    ("-7 div 2", ["-3"]), ("-7 mod 2", ["-1"]), ("7 mod 0", EMPTY), ("1 'g' + 1 'mg'", ["1.001 'g'"]), ("1 'g' + 1 'm'", EMPTY), ("2 'm' * 3 'm' = 6 'm2'", T),
    ("6 'm' / 2 'm'", ["3 '1'"]), ("6 'm' / 2", ["3 'm'"]), ("@2024-02-29 + 1 year", ["2025-02-28"]), ("@2026-01-31 + 1 month", ["2026-02-28"]),
    ("@2026-03 + 60 days", ["2026-05"]), ("@2026-03-01 - 1 week", ["2026-02-22"]), ("@2026-03-01 + 1 'mo'", PathError), ("@T23:30 + 1 hour", ["00:30"]),
    ("@2026-03-01T23:59:59.9Z + 0.2 seconds", ["2026-03-02T00:00:00.1Z"]), ("@9999-12-31 + 1 day", EMPTY), ("@2026 + 1", PathError), ("note[{}]", EMPTY),
    ("note['a']", PathError), ("component.value.first() + 1", ["3"]),
    # variables
    ("$this.status", ["final"]), ("%resource.id", ["pump-1"]), ("%rootResource.id", ["pump-1"]), ("code.select(%context.status)", ["final"]),
    ("%ucum", ["http://unitsofmeasure.org"]), ("%sct", ["http://snomed.info/sct"]), ("%`vs-x`", ["http://hl7.org/fhir/ValueSet/x"]),
    ('%"ext-x"', ["http://hl7.org/fhir/StructureDefinition/x"]), ("value is Quantity", T), ("(value as Quantity).unit", ["mL"]), ("1 is System.Integer", T),
]


@pytest.mark.parametrize(("expression", "expected"), RULES, ids=[rule[0] for rule in RULES])
def test_an_expression_follows_its_rule(ask, expression, expected):
    if isinstance(expected, type):
        with pytest.raises(expected):
            ask(expression)
    else:
        assert ask(expression) == expected


REFUSED = [
    ("", 1, "expected"), ("a.", 3, "name"), ("a b", 3, "end here"), ("foo()", 1, "foo() is unknown"), ("a.where()", 3, "takes 1 arguments"),
    ("'a\\d'", 3, "no escape"), ("'open", 1, "no FHIRPath"), ("1 /* open", 3, "no FHIRPath"), ("@2026-02-30", 1, "no day"), ("@T10:00Z", 8, "end here"),
    ("%unknown", 1, "variable %unknown is unknown"), ("a.is(strng)", 3, "type strng is unknown"), ("a is Wrong.code", 3, "type"), ("$these", 1, "no FHIRPath"),
    ("a.matches('(?=x)')", 11, "regular expression"), ("a.matches('(')", 11, "regular expression"), ("(1", 3, "')' was expected"), ("a[1", 4, "']'"),
    ("a.elementDefinition()", 3, "unknown"), ("1 +", 4, "expected"), ("defineVariable('x')", 1, "unknown"), ("a." * 300 + "b", 502, "Too many steps"),
    ("(" * 80 + "1" + ")" * 80, 61, "too deeply"), ("1" + "+1" * 300, 502, "Too many operators"), ("a.is(1)", 3, "name of a type"), ("%", 1, "name"),
]


@pytest.mark.parametrize(("expression", "character", "reason"), REFUSED, ids=[case[0][:20] for case in REFUSED])
def test_what_cannot_be_run_is_refused_when_it_is_compiled_with_its_place(types, expression, character, reason):
    with pytest.raises(CannotRun) as caught:
        compile_path(expression, types)
    assert reason in str(caught.value)
    assert f"(at character {character} of the expression)" in str(caught.value)


@pytest.mark.parametrize(
    ("expression", "is_met"),
    [("true", True), ("false", False), ("{}", False), ("status", True), ("effective.start <= @2026-03", False), ("method = 'x'", False)],
)
def test_an_invariant_is_met_by_true_alone(types, pump, expression, is_met):
    assert compile_path(expression, types).holds(pump, Environment()) is is_met


def test_results_are_a_boolean_where_the_truth_is_asked_of_several_items(types, pump):
    with pytest.raises(PathError, match="several items"):
        compile_path("note", types).holds(pump, Environment())


def test_the_clock_is_the_callers(ask):
    now = datetime(2026, 3, 1, 23, 30, 5, 250_000, tzinfo=timezone(timedelta(hours=-5)))
    assert ask("now()", now=now) == ["2026-03-01T23:30:05.250-05:00"]
    assert ask("today()", now=now) == ["2026-03-01"]
    assert ask("timeOfDay()", now=now) == ["23:30:05.250"]
    assert ask("effective.start < today()", now=datetime(2026, 3, 2, tzinfo=UTC)) == ["true"]


def test_a_path_tells_what_it_needs_from_outside(types):
    assert compile_path("subject.resolve().exists() or now() > @2026", types).needs == {"resolve", "now"}
    assert compile_path("status.exists()", types).needs == frozenset()


def test_variables_that_the_environment_does_not_tell_are_said(types, pump):
    for name in ("%resource", "%rootResource"):
        with pytest.raises(CannotRun, match=name):
            compile_path(name, types)(pump, Environment())


def test_the_context_is_the_focus_unless_the_caller_tells_another(types, pump):
    path = compile_path("note.select(%context.id)", types)
    other = types.node({"resourceType": "Device", "id": "other"})
    assert [node.value for node in path(pump, Environment())] == ["pump-1"] * 2
    assert [node.value for node in path(pump, Environment(context=other))] == ["other"] * 2


def test_no_fault_repeats_a_value_of_the_instance(types, pump):
    for expression in ("note.single()", "status < 1", "code.startsWith('a')", "note.text.upper()", "status + 1", "-status"):
        with pytest.raises(PathError) as caught:
            compile_path(expression, types)(pump, Environment())
        assert not {"final", "Reservoir"} & set(str(caught.value).split())
