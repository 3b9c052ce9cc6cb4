"""`refill-adapter x12`: answers checked and read, a 999 written, each with its exit code."""

import json
import re

import pytest

from adapter.cli import x12_file
from tests.cli.running import run
from tests.samples import REFILL, SITE
from tests.x12.answers import ANSWERS, changed
from tests.x12.checkers import check_with_pyx12
from tests.x12.examples import OWN, recounted


def put(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="ascii")
    return path


def test_answers_and_claims_without_fault_are_checked_and_the_code_is_0(tmp_path):
    paths = [put(tmp_path, f"{number}.x12", text) for number, text in enumerate([OWN, *ANSWERS.values()])]
    result = run("x12", "check", *paths)
    assert (result.exit_code, result.stdout.count("no problem was found")) == (0, len(paths))


def test_a_fault_is_told_with_loop_segment_element_and_snip_type(tmp_path):
    path = put(tmp_path, "a.x12", changed(ANSWERS["835 paid"], "CAS*CO*45*122.00", "CAS*XX*45*122.00"))
    result = run("x12", "check", "--json", path)
    (issue,) = json.loads(result.stdout)["issues"]
    assert (result.exit_code, issue["loop"], issue["segment"], issue["element"], issue["snip"]) == (1, "2110", "CAS", "01", 2)
    assert run("x12", "check", path).stdout.startswith(f"{path}:21: error x12.2.2110.CAS01.5")


def test_a_999_is_written_and_an_independent_reader_takes_it(tmp_path):
    path = put(tmp_path, "claims.x12", OWN)
    assert run("x12", "check", "--999", tmp_path / "answer.x12", path).exit_code == 0
    assert check_with_pyx12((tmp_path / "answer.x12").read_text()) == []
    shown = run("x12", "check", "--999", "-", path).stdout
    assert check_with_pyx12(shown) == []
    assert run("x12", "check", "--999", "-", path, path).exit_code == 2
    assert run("x12", "check", "--999", "-", "-", stdin=b"{}").exit_code == 1
    assert run("x12", "check", "--999", "-", "-", stdin=b"\xff").exit_code == 1
    assert run("x12", "check", "--999", tmp_path / "answer.x12" / "below", path).exit_code == 3


def test_an_answer_is_read_with_the_837_that_was_sent(tmp_path):
    sent = put(tmp_path, "claims.x12", OWN)
    result = run("x12", "read", "--sent", sent, put(tmp_path, "answer.x12", ANSWERS["999 refused"]))
    (entry,) = json.loads(result.stdout)["entry"]
    assert entry["resource"]["issue"][0]["expression"] == ["Claim.provider.resolve().identifier"]
    assert run("x12", "read", "--sent", tmp_path / "absent", tmp_path / "answer.x12").exit_code == 3
    assert run("x12", "read", "-", stdin=b"ISA").exit_code == 1
    assert run("x12", "check", tmp_path / "absent").exit_code == 3


def test_an_837_that_was_written_into_the_store_is_found_by_its_answer(tmp_path):
    data = tmp_path / "data"
    text = run("claim", REFILL, "--site", SITE, "--to", "837", "--data", data).stdout
    group = next(line for line in text.splitlines() if line.startswith("GS*")).split("*")[6]
    answer = ANSWERS["999 refused"].replace("AK1*HC*42*", f"AK1*HC*{group}*")
    result = run("x12", "read", "--data", data, "-", stdin=answer.encode())
    issues = json.loads(result.stdout)["entry"][0]["resource"]["issue"]
    assert issues[0]["expression"] == ["Claim.provider.resolve().identifier"]
    assert "answer.file-unknown" not in result.stdout


def test_what_an_answer_says_stands_in_words_on_standard_error_and_a_refusal_is_exit_code_1(tmp_path):
    paid = run("x12", "read", put(tmp_path, "paid.x12", ANSWERS["835 paid"]))
    assert paid.exit_code == 0
    assert "claim VISIT-0001: Claim decided as the primary payer (CLP02 1). 992.40 is paid." in paid.stderr
    assert "payment CHK000777 of 2026-03-30: 992.40, 1 parts" in paid.stderr
    undone = run("x12", "read", put(tmp_path, "undone.x12", ANSWERS["835 undone"]))
    assert "-992.40 is paid. It is taken back." in undone.stderr
    refused = run("x12", "read", put(tmp_path, "refused.x12", ANSWERS["277 line"]))
    assert refused.exit_code == 1
    assert "claim VISIT-0001: Rejected (claim status A7:21, A7:507)." in refused.stderr
    assert "error answer.claim-rejected" in refused.stderr
    assert "interchange 000000042: accepted" in run("x12", "read", put(tmp_path, "ta1.x12", ANSWERS["999 with TA1"])).stderr


REPLACEMENT = recounted(OWN.replace(":B:1*", ":B:7*").replace("REF*G1*AUTH-1~", "REF*G1*AUTH-1~\nREF*F8*P-77~"))


def test_with_a_site_file_claims_are_held_to_what_it_says_of_their_payer_and_a_999_is_not(tmp_path):
    site = tmp_path / "site.toml"
    site.write_text(SITE.read_text().replace('id = "99902"', 'id = "99999"'))
    path = put(tmp_path, "claims.x12", REPLACEMENT)
    assert run("x12", "check", path).exit_code == 0
    result = run("x12", "check", "--json", "--site", site, path)
    (issue,) = json.loads(result.stdout)["issues"]
    assert (result.exit_code, issue["rule"], issue["snip"]) == (1, "x12.7.2300.CLM05-3.1", 7)
    assert (issue["loop"], issue["segment"], issue["element"]) == ("2300", "CLM", "05-3")
    assert run("x12", "check", path, environ={"REFILL_SITE": str(site)}).exit_code == 1
    assert run("x12", "check", "--site", site, put(tmp_path, "own.x12", OWN)).exit_code == 0
    assert "AK9*A*" in run("x12", "check", "--site", site, "--999", "-", path).stdout


def test_a_999_has_a_control_number_of_the_store_where_one_is_named(tmp_path):
    path, data = put(tmp_path, "claims.x12", OWN), tmp_path / "data"
    shown = [run("x12", "check", "--999", "-", "--data", data, path).stdout for _ in range(3)]
    assert [one.split("*")[13] for one in shown] == ["000000001", "000000002", "000000003"]
    assert all(check_with_pyx12(one) == [] for one in shown)


def without_clock(text):
    return re.sub(r'"(recorded|created)":"[^"]*"', "", text)


SECOND = OWN[OWN.index("HL*2*"):OWN.index("\nSE*") + 1].replace("HL*2*1", "HL*3*1").replace("VISIT-0001", "VISIT-0009")


@pytest.mark.parametrize("text", [
    OWN, recounted(OWN.replace("\nSE*", "\n" + SECOND + "SE*")), REPLACEMENT.replace("*1310.00*", "*1310.01*"), recounted(OWN.replace("LX*2", "AMT*F5*3~\nLX*2")),
    OWN.replace("IEA*1*", "IEA*2*"), OWN.replace("SPECIMEN", "SPÉCIMEN"), OWN.replace("SPECIMEN", "SP\udcff"), OWN.replace("~\n", "~"), OWN.replace("~\nGE", "~\n?\nGE"),
    OWN + OWN, OWN.replace("IEA*", "NTE*ADD*X~\nIEA*"),
])
@pytest.mark.parametrize("command", [["read"], ["read", "--json"], ["check", "--json"]])
def test_what_is_said_of_a_large_file_is_what_is_said_of_a_small_one(tmp_path, monkeypatch, text, command):
    data = text.encode("utf-8", "surrogateescape")
    path = tmp_path / "claims.x12"
    path.write_bytes(data)
    named, piped = run("x12", *command, path), run("x12", *command, "-", stdin=data)
    monkeypatch.setattr(x12_file, "LARGE", 500)
    monkeypatch.setattr(x12_file, "_PIECE", 600)
    for small, large in ((named, run("x12", *command, path)), (piped, run("x12", *command, "-", stdin=data))):
        assert (large.exit_code, without_clock(large.stdout), large.stderr) == (small.exit_code, without_clock(small.stdout), small.stderr)
