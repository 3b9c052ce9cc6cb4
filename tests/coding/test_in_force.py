"""The customer's own lists, charges and pairs decide where it brought them, and every answer names file, line and edition."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapter.flow import code_document
from adapter.load import data_folder, load_tables
from tests.bundles import change_visit, clean_visit, render, to_bytes
from tests.coding.decisions import context
from tests.licensed import FILES, order_line, ptp, write_files


@pytest.fixture(scope="module")
def code(tmp_path_factory):
    """Code a changed visit with files of the customer in place of, or beside, those that are made up for all."""

    def run(change=None, files=None, on=None, fees=True):
        folder = write_files(tmp_path_factory.mktemp("own"), {**FILES, **(files or {})} if files is not None else {})
        usual = context(on=on)
        tables = load_tables(data_folder("mappings"), folder if files is not None else None)
        site = usual.site if fees else replace(usual.site, fees=tuple(fee for fee in usual.site.fees if fee.code != "96522"))
        visit = change_visit(clean_visit(), change or {})
        answer = code_document(to_bytes(render(visit)), replace(usual, rule_book=replace(usual.rule_book, tables=tables), site=site))
        return answer.records[0]

    return run


def found(record, rule):
    return [issue for issue in record.issues if issue.rule == rule]


def test_the_clean_visit_is_coded_the_same_with_lists_that_have_its_codes(code):
    ours, shipped = code(files={}), code()
    assert (ours.status, [line.code for line in ours.lines]) == ("coded", [line.code for line in shipped.lines])


def test_a_diagnosis_that_the_order_file_does_not_have_holds_the_record_and_names_the_file(code):
    record = code(files={"icd10cm_order_2026.txt": order_line(1, "C787", "1") + order_line(2, "Z5111", "1")})
    (issue,) = found(record, "diagnosis.not-listed")
    assert record.status == "held"
    assert "C18.9" in issue.text
    assert issue.citation.startswith("ICD-10-CM order file, edition from 2025-10-01 (icd10cm_order_2026.txt, read ")


def test_a_heading_of_the_order_file_holds_the_record_and_names_its_line(code):
    lines = "".join(order_line(number, one, flag) for number, (one, flag) in enumerate((("C787", "0"), ("C189", "1"), ("Z5111", "1")), 1))
    (issue,) = found(code(files={"icd10cm_order_2026.txt": lines}), "diagnosis.not-a-leaf")
    assert "edition from 2025-10-01, line 1 (icd10cm_order_2026.txt" in issue.citation


def test_where_the_order_file_covers_the_day_no_shipped_row_says_more(code):
    change = {"diagnoses": ["G35", "C78.7"]}
    lists = {"icd10cm_order_2026.txt": FILES["icd10cm_order_2026.txt"].replace("G35     0", "G35     1")}
    assert found(code(change), "diagnosis.ended")
    assert code(change, lists).status == "coded"


def test_a_day_that_no_list_covers_is_left_to_the_shipped_rows(code):
    record = code(files={"icd10cm_order_2026.txt": order_line(1, "Z999", "1")}, on="2025-03-03")
    assert not found(record, "diagnosis.not-listed")


@pytest.mark.parametrize(("files", "words"), [
    ({"cpt-2026.csv": "code\n99213\n"}, ["96522", "it is not there", "CPT list, edition from 2026-01-01 (cpt-2026.csv"]),
    ({"cpt-2026.csv": "code,from,to\n96522,2006-01-01,2026-03-01\n"}, ["96522", "its days there are others", "line 2 (cpt-2026.csv"]),
])
def test_a_code_that_is_not_in_force_by_the_customer_s_list_holds_the_record(code, files, words):
    record = code(files=files)
    (issue,) = found(record, "service.code-not-in-force")
    assert record.status == "held"
    assert all(word in f"{issue.text} {issue.citation}" for word in words)


def test_the_fee_schedule_stands_below_the_site_s_own_fee(code):
    assert str(code(files={}).lines[0].charge) == "185.00"
    record = code(files={}, fees=False)
    assert str(record.lines[0].charge) == "199.00"
    (reason,) = [one for one in record.because[0] if one.rule == "fee-96522-20260101"]
    assert reason.citation.startswith("Fee schedule fee-schedule-2026, line 2 (fee-schedule-2026.csv, read ")
    assert not [one for one in code(files={}).because[0] if one.rule.startswith("fee-")]


def test_without_fee_and_schedule_there_is_no_charge(code):
    record = code(fees=False)
    assert record.status == "held"
    assert found(record, "charge.missing")


def test_a_fee_of_the_schedule_is_multiplied_by_the_units(code):
    record = code({"services": [{"code": "cpt 77412", "units": 2, "modifiers": ["59"]}]}, {"fee-schedule-2026.csv": "code,charge,from\n77412,10.25,2026-01-01\n", "cpt-2026.csv": "code\n96522\n77412\n"})
    assert [str(line.charge) for line in record.lines if line.code == "77412"] == ["20.50"]


def test_a_pair_of_the_customer_s_file_drops_a_service_and_names_the_line(code):
    record = code({"services": [{"code": "cpt 36593"}]}, {"ccipra-v320r0-f1.txt": ptp("96522 36593 20200101 * 0")})
    assert [(one.code, one.rule) for one in record.dropped] == [("36593", "ptp-practitioner-96522-36593-20200101")]


@pytest.mark.parametrize(("modifiers", "lines", "dropped"), [
    ([], ["96522", "J9200"], ["77412"]), (["59"], ["96522", "J9200", "77412"], []), (["XS"], ["96522", "J9200", "77412"], []), (["GA"], ["96522", "J9200"], ["77412"]),
])
def test_a_service_that_must_be_told_apart_stands_with_a_modifier_that_does(code, modifiers, lines, dropped):
    record = code({"services": [{"code": "cpt 77412", "modifiers": modifiers}]}, {"fee-schedule-2026.csv": "code,charge,from\n77412,1,2026-01-01\n", "cpt-2026.csv": "code\n96522\n77412\n"})
    assert ([line.code for line in record.lines], [one.code for one in record.dropped]) == (lines, dropped)
    assert bool(found(record, "same-day.not-separate")) == bool(dropped)


BOTH = {"fee-schedule-2026.csv": "code,charge,from\n36593,1,2026-01-01\n76942,1,2026-01-01\n", "cpt-2026.csv": "code\n96522\n36593\n76942\n"}


@pytest.mark.parametrize(("indicator", "modifiers", "lines", "warns"), [
    ("0", [], ["96522", "J9200", "36593"], False), ("1", [], ["96522", "J9200", "36593"], True), ("1", ["XU"], ["96522", "J9200", "36593", "76942"], False),
])
def test_of_two_other_services_that_exclude_each_other_the_first_column_stands(code, indicator, modifiers, lines, warns):
    files = {**BOTH, "ccipra-v320r0-f1.txt": ptp(f"36593 76942 20200101 * {indicator}")}
    record = code({"services": [{"code": "cpt 36593"}, {"code": "cpt 76942", "modifiers": modifiers}]}, files)
    assert [line.code for line in record.lines] == lines
    assert [one.rule for one in record.dropped] == ([] if len(lines) == 4 else ["ptp-practitioner-36593-76942-20200101"])
    assert bool(found(record, "same-day.not-separate")) == warns


def test_two_services_of_no_pair_both_stand(code):
    record = code({"services": [{"code": "cpt 36593"}, {"code": "cpt 76942"}]}, {**BOTH, "ccipra-v320r0-f1.txt": ptp("11111 96522 20200101 * 0")})
    assert [line.code for line in record.lines] == ["96522", "J9200", "36593", "76942"]


def test_an_issue_that_comes_of_a_customer_s_row_names_its_line_and_one_of_a_shipped_row_its_rule(code):
    services = {"services": [{"code": "cpt 96416"}, {"code": "cpt 99213"}]}
    ours, shipped = code(services, {}), code(services)
    for rule in ("same-day.absorbed", "visit.not-separate"):
        assert found(ours, rule)[0].citation.startswith("CMS NCCI procedure-to-procedure edits, practitioner, edition v320r0, line ")
        assert "line " not in found(shipped, rule)[0].citation


def test_a_limit_of_the_customer_s_file_is_judged_and_names_its_line(code):
    name = "MCR_MUE_PractitionerServices_Eff_10-01-2025.csv"
    (issue,) = found(code({"payer": "90001"}, {name: FILES[name].replace("J9200,7", "J9200,0")}), "unit-limit.exceeded")
    assert "J9200" in issue.text
    assert issue.citation.startswith("CMS NCCI medically unlikely edits, practitioner, edition 2025-10-01, line 5 (")
    assert not found(code({"payer": "90001"}), "unit-limit.exceeded")
