"""The tool that scores us on the official suite counts what is right, and says what is not."""

import pytest

from tools.score_fhirpath import main, read_cases, read_input, run_case

SUITE = """<tests><group name="g">
  <test name="right" inputfile="a.xml"><expression>name.given</expression><output type="string">A</output><output type="string">B</output></test>
  <test name="wrong value" inputfile="a.xml"><expression>name.given</expression><output type="string">A</output><output type="string">C</output></test>
  <test name="wrong type" inputfile="a.xml"><expression>gender</expression><output type="string">male</output></test>
  <test name="too few" inputfile="a.xml"><expression>name.given</expression><output type="string">A</output></test>
  <test name="unordered" ordered="false" inputfile="a.xml"><expression>name.given</expression><output type="string">B</output><output type="string">A</output></test>
  <test name="predicate" predicate="true" inputfile="a.xml"><expression>birthDate</expression><output type="boolean">true</output></test>
  <test name="error" inputfile="a.xml"><expression invalid="execution">name.given.single()</expression></test>
  <test name="no error" inputfile="a.xml"><expression invalid="execution">name.given</expression></test>
  <test name="raises" inputfile="a.xml"><expression>name.given.single()</expression><output type="string">A</output></test>
  <test name="sibling" inputfile="a.xml"><expression>birthDate.extension.value</expression><output type="integer">3</output></test>
  <test name="within" inputfile="a.xml"><expression>contained.active</expression><output type="boolean">false</output></test>
  <test name="no input"><expression>1 + 1</expression><output type="integer">2</output></test>
</group></tests>"""
INPUT = """<Patient xmlns="http://hl7.org/fhir"><text><status value="empty"/><div xmlns="http://www.w3.org/1999/xhtml">x</div></text>
  <contained><Patient><active value="false"/></Patient></contained><name><given value="A"/><given value="B"/></name><gender value="male"/>
  <birthDate value="1950-01-01"><extension url="http://example.org/a"><valueInteger value="3"/></extension></birthDate></Patient>"""


@pytest.fixture
def suite(tmp_path):
    (tmp_path / "r4" / "fhirpath").mkdir(parents=True)
    (tmp_path / "r4" / "fhirpath" / "tests-fhir-r4.xml").write_text(SUITE)
    (tmp_path / "r4" / "a.xml").write_text(INPUT)
    return tmp_path


def test_only_what_gives_the_expected_types_and_values_is_counted(suite, types):
    cases = read_cases(suite / "r4" / "fhirpath" / "tests-fhir-r4.xml")
    failed = [case.name for case in cases if run_case(case, read_input(suite, case.input, types), types)]
    assert failed == ["wrong value", "wrong type", "too few", "no error", "raises"]


def test_the_report_tells_the_score_and_every_case_that_differs(suite, capsys):
    report = suite / "proof" / "report.md"
    assert main([str(suite), str(report)]) == 0
    assert "as expected: 7 (58.3%)" in capsys.readouterr().out
    assert report.read_text().count("| g: ") == 5
