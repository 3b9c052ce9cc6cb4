"""`restore` gives back what a claim can tell."""

import json

import pytest

from tests.cli.running import run
from tests.cli.shapes import broken_issues, told
from tests.samples import REFILL, SITE, refill_bytes


@pytest.mark.parametrize("language", ["fhir", "837"])
def test_a_claim_is_restored_to_a_clinical_bundle_without_a_site_file(language):
    claim = run("claim", "--site", SITE, "--to", language, REFILL).stdout_bytes
    result = run("restore", "-", stdin=claim)
    types = [entry["resource"]["resourceType"] for entry in json.loads(result.stdout)["entry"]]
    assert result.exit_code == 0
    assert {"Procedure", "MedicationAdministration", "Coverage", "Patient", "Provenance"} <= set(types)


def test_what_is_no_claim_is_not_restored():
    result = run("restore", "-", stdin=b"{}")
    assert (result.exit_code, result.stdout) == (1, "")
    assert ": error " in result.stderr
    assert run("restore", "absent.json").exit_code == 3


@pytest.mark.parametrize("language", ["fhir", "837"])
def test_with_the_store_of_its_claim_the_document_comes_back(language, tmp_path):
    settings = {"REFILL_DATA": str(tmp_path / "data")}
    claim = run("claim", "--site", SITE, "--to", language, REFILL, environ=settings).stdout_bytes
    result = run("restore", "-", stdin=claim, environ=settings)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout_bytes.rstrip() == refill_bytes().rstrip()
    assert run("restore", "-", stdin=claim).stdout_bytes != result.stdout_bytes


def test_a_kept_claim_that_differs_is_said_and_not_mixed(tmp_path):
    settings = {"REFILL_DATA": str(tmp_path / "data")}
    claim = run("claim", "--site", SITE, "--to", "837", REFILL, environ=settings).stdout_bytes.replace(b"190.00*UN*1", b"190.00*UN*2")
    result = run("restore", "-", stdin=claim, environ=settings)
    assert result.exit_code == 0
    assert "warning claim.kept-differs" in result.stderr
    assert b"intra-arterial" in refill_bytes()
    assert b"intra-arterial" not in result.stdout_bytes


def test_as_json_the_bundle_stands_in_one_object_with_its_issues():
    claim = run("claim", "--site", SITE, REFILL).stdout_bytes
    for stdin, code, ok in ((claim, 0, True), (b"{}", 1, False)):
        result = run("restore", "--json", "-", stdin=stdin)
        (one,) = told(result)
        assert (result.exit_code, one["file"], one["ok"], result.stderr) == (code, "-", ok, "")
        assert list(one) == ["file", "ok", "written", "result", "issues"]
        assert (one["result"] is not None) is ok
        assert broken_issues(one) == []
    result = run("restore", "--json", "absent.json")
    assert (result.exit_code, told(result)[0]["issues"][0]["rule"]) == (3, "file.unreadable")


def test_only_the_site_of_the_claim_s_own_provider_answers_what_is_not_on_it(tmp_path):
    tree = json.loads(run("claim", "--site", SITE, REFILL).stdout)
    for entry in tree["entry"]:
        if entry["resource"]["resourceType"] == "Coverage":
            del entry["resource"]["type"]
    (tmp_path / "one.toml").write_text(SITE.read_text().replace("1993999907", "1882999901"))
    (tmp_path / "two.toml").write_text(SITE.read_text().replace('kind = "medicare"', 'kind = "medicare"\nfiling_indicator = "HM"'))
    for site, indicator in (((), None), (("--site", tmp_path / "one.toml"), None), (("--site", tmp_path), "HM")):
        result = run("restore", *site, "-", stdin=json.dumps(tree).encode())
        coverages = [entry["resource"] for entry in json.loads(result.stdout)["entry"] if entry["resource"]["resourceType"] == "Coverage"]
        assert [one.get("type", {}).get("coding", [{}])[0].get("code") for one in coverages] == [indicator]


@pytest.mark.parametrize("data", [b'{"resourceType": "Patient"}', refill_bytes()], ids=["patient", "refill"])
def test_what_holds_no_claim_is_told_how_one_is_made(data):
    result = run("restore", "-", stdin=data)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "No Claim is here; exactly one was expected." in result.stderr
    assert "(claim, over HTTP $refill-to-claim)" in result.stderr
