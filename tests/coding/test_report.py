"""The JSON of a record has every key that outsiders rely on, of its own type; the sentences tell the same."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal

import pytest

from adapter.coding.report import explain_record, report_answer, report_issue, report_record
from adapter.issues import Issue, IssueType, Severity
from adapter.terms import CodingRecord, Ndc
from tests.coding.decisions import Decision, answer, load_decisions

TEXT, NUMBER = str, int
OPTIONAL = (str, type(None))
RECORD = {"status": TEXT, "form": OPTIONAL, "code": OPTIONAL, "proposed": list, "service_date": OPTIONAL, "place_of_service": OPTIONAL, "bill_type": OPTIONAL,
    "billing_provider_npi": OPTIONAL, "payer_id": OPTIONAL, "diagnoses": list, "lines": list, "dropped": list, "trace": list, "issues": list,
    "documentation": list, "denials": list}
LINE = {"sequence": NUMBER, "code": TEXT, "modifiers": list, "units": TEXT, "charge": TEXT, "diagnosis_pointers": list, "revenue_code": OPTIONAL,
    "ndc": (dict, type(None)), "description": OPTIONAL, "because": list}
NDC = {"code": TEXT, "quantity": TEXT, "unit": TEXT}
REASON = {"rule": TEXT, "source": TEXT, "citation": OPTIONAL}
DROPPED = {"code": TEXT, "rule": TEXT}
STEP = {"fact": TEXT, "value": TEXT, "source": TEXT, "rule": TEXT}
ISSUE = {"severity": TEXT, "code": TEXT, "rule": TEXT, "text": TEXT, "expression": list, "citation": OPTIONAL}
ELEMENT = {"element": TEXT, "status": TEXT, "sources": list, "expected": list, "asked": bool, "rule": TEXT}
DENIAL = {"cause": TEXT, "carc": list, "rarc": list}
STATUSES = {"coded", "held", "nothing-to-bill"}
EXACT = re.compile(r"\d+(\.\d+)?")


def faults(tree, shape, name):
    """Compare one object with its shape: keys that are missing, values of another type."""
    missing = [f"{name}.{key} is missing" for key in shape if key not in tree]
    return missing + [f"{name}.{key} is {type(tree[key]).__name__}" for key, kind in shape.items() if key in tree and not isinstance(tree[key], kind)]


def record_faults(tree):
    found = faults(tree, RECORD, "record")
    for key, shape in (("lines", LINE), ("dropped", DROPPED), ("trace", STEP), ("issues", ISSUE), ("documentation", ELEMENT), ("denials", DENIAL)):
        found += [fault for one in tree.get(key, []) for fault in faults(one, shape, key)]
    for line in tree.get("lines", []):
        found += [fault for reason in line.get("because", []) for fault in faults(reason, REASON, "because")]
        found += faults(line["ndc"], NDC, "ndc") if line.get("ndc") else []
    return found


@pytest.mark.parametrize("case", load_decisions(), ids=str)
def test_every_record_has_every_key_and_survives_json(case):
    report = report_answer(answer(case))
    assert report.keys() == {"records", "issues"}
    assert json.loads(json.dumps(report)) == report
    for record in report["records"]:
        assert record_faults(record) == []
        assert record["status"] in STATUSES
        assert all((one["status"] == "shown") == bool(one["sources"]) == (not one["expected"]) for one in record["documentation"])
        assert (record["code"] is None) == (record["status"] != "coded")
        assert not (record["place_of_service"] and record["form"] == "institutional")
        assert not (record["bill_type"] and record["form"] != "institutional")
        for line in record["lines"]:
            assert EXACT.fullmatch(line["units"])
            assert re.fullmatch(r"\d+\.\d\d", line["charge"])
            assert (line["revenue_code"] is None) == (record["form"] == "professional")
            assert line["ndc"] is None or (re.fullmatch(r"\d{11}", line["ndc"]["code"]) and EXACT.fullmatch(line["ndc"]["quantity"]))
            assert line["because"]


@pytest.mark.parametrize("change", [lambda tree: tree.pop("payer_id"), lambda tree: tree.update(proposed=None), lambda tree: tree["lines"][0].update(units=1),
    lambda tree: tree["lines"][0].update(charge=185.0), lambda tree: tree["lines"][0]["because"][0].pop("rule"), lambda tree: tree["trace"][0].update(value=None)])
def test_a_planted_fault_of_shape_is_caught(change):
    tree = report_record(clean())
    assert record_faults(tree) == []
    change(tree)
    assert len(record_faults(tree)) == 1


def clean():
    return next(record for case in load_decisions() if not case.change for record in answer(case).records if record.status == "coded")


def test_an_issue_has_its_place_in_the_text_too():
    issue = Issue(Severity.ERROR, IssueType.REQUIRED, "route.missing", "No route.", ("Bundle",), "Source", 3, 7)
    assert report_issue(issue) == {"severity": "error", "code": "required", "rule": "route.missing", "text": "No route.", "expression": ["Bundle"], "line": 3, "column": 7,
        "citation": "Source"}


@pytest.mark.parametrize(("number", "text"), [("1E+2", "100"), ("1E-7", "0.0000001"), ("0.360", "0.360"), ("185.00", "185.00")])
def test_numbers_are_written_in_full_with_all_their_digits(number, text):
    record = clean()
    line = replace(record.lines[0], units=Decimal(number), charge=Decimal(number), ndc=Ndc("98765432101", Decimal(number), "UN"))
    (written,) = report_record(replace(record, lines=(line,), because=record.because[:1]))["lines"]
    assert (written["units"], written["charge"], written["ndc"]["quantity"]) == (text, text, text)


@pytest.mark.parametrize("case", load_decisions()[::5], ids=str)
def test_the_sentences_name_everything_that_the_record_holds(case):
    for record in answer(case).records:
        told = explain_record(record)
        for line, because in zip(record.lines, record.because, strict=True):
            assert f"{line.sequence}. {'-'.join((line.code, *line.modifiers))} x " in told
            assert all(f"because {reason.rule} at {reason.source}" in told for reason in because)
        assert all(f"{one.code} dropped by {one.rule}" in told for one in record.dropped)
        assert all(issue.rule in told and issue.text in told for issue in record.issues)
        assert all(code in told for code in (*record.proposed, *record.diagnoses))
        assert told.splitlines()[0].startswith({"coded": "coded:", "held": "held:", "nothing-to-bill": "nothing to bill"}[record.status])


def test_a_record_of_nothing_still_says_so():
    assert explain_record(CodingRecord("held")) == "held: a person must decide or complete; codes that the facts point to: none (an unknown day)"
    assert explain_record(CodingRecord("nothing-to-bill")) == "nothing to bill (an unknown day)"


def test_the_report_of_an_auditor_lists_what_is_missing_first_and_where_the_rest_stands():
    told = explain_record(clean()).splitlines()
    start = next(place for place, line in enumerate(told) if "elements are shown" in line)
    marks = [line.split("]")[0].strip() for line in told[start + 1:] if line.startswith("    [")]
    assert told[start] == f"  documentation: {marks.count('[x')} of {len(marks)} elements are shown"
    assert marks == sorted(marks)
    assert any(line.startswith("    [x] consent: Bundle.entry[") for line in told)
    assert any(line.startswith("    [ ] order: missing, not asked for; expected at Bundle.entry[") for line in told)


def test_the_report_says_that_what_was_dropped_would_have_been_denied():
    case = next(one for one in load_decisions() if one.says.startswith("99211 beside a refill at a practice"))
    (record,) = answer(case).records
    told = [line for line in explain_record(record).splitlines() if "a denial is to be expected" in line]
    assert told
    assert all(line.startswith("  had it been billed, ") for line in told)


def test_the_report_says_which_denial_to_expect():
    (record,) = next(answer(case) for case in load_decisions() if case.expect.get("denials") == ["filing.late 29"]).records
    assert "  sent as it is, a denial is to be expected by filing.late: CARC 29" in explain_record(record).splitlines()


def test_all_below_the_first_sentence_is_set_in_by_two_blanks_and_what_is_missing_says_where_it_is_expected():
    (record,) = answer(next(case for case in load_decisions() if str(case) == "route: The clean visit is a 96522 with its drug.")).records
    first, *rest = explain_record(record).splitlines()
    assert first.startswith("coded: ")
    assert [line for line in rest if not line.startswith("  ") or line.strip() == ""] == []
    assert [line for line in rest if re.match(r"  \d\. ", line)] == ["  1. 96522 x 1 = 185.00", "  2. J9200-JZ x 1 = 96.00, NDC 98765432101 1 UN"]
    (without,) = answer(Decision("planted", "no consent", {"remove": ["consent"]}, {})).records
    missing = [line for line in explain_record(without).splitlines() if line.startswith("    [ ]")]
    assert [line.split(":")[1].split(";")[0] for line in missing[:2]] == [" missing", " missing, not asked for"]
    assert [line for line in missing if not re.fullmatch(r"    \[ \] [^;]+: missing(, not asked for)?; expected at \S.*", line)] == []
