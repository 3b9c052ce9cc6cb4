"""`claim` writes a claim whole, or says why there is none."""

import json

import pytest

from adapter.store import open_store
from adapter.x12 import read_837
from tests.cli.running import refill, run
from tests.cli.shapes import broken_issues, told
from tests.samples import REFILL, SITE, refill_bytes


def test_claim_prints_the_claim_bundle():
    result = run("claim", "--site", SITE, REFILL)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["entry"][0]["resource"]["resourceType"] == "Claim"


def test_claim_writes_an_837_that_reads_back():
    result = run("claim", "--site", SITE, "--to", "837", REFILL)
    interchange = read_837(result.stdout)
    assert result.exit_code == 0
    assert interchange.value.envelope.usage == "P"
    assert [line.code for line in interchange.value.claims[0].lines] == ["96522", "J9200"]


def test_claim_writes_a_file_and_prints_nothing(tmp_path):
    result = run("claim", "--site", SITE, REFILL, "-o", tmp_path / "new" / "claim.json")
    assert (result.exit_code, result.stdout) == (0, "")
    assert json.loads((tmp_path / "new" / "claim.json").read_bytes())["resourceType"] == "Bundle"


@pytest.mark.parametrize("as_json", [[], ["--json"]], ids=["text", "json"])
def test_a_dash_is_standard_output_and_no_file(as_json, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run("claim", "--site", SITE, REFILL, "-o", "-", *as_json)
    assert result.exit_code == 0
    assert '"Claim"' in result.stdout
    assert list(tmp_path.iterdir()) == []
    assert run("claim", "--site", SITE, REFILL, "-o", "./-").stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["-"]


@pytest.mark.parametrize("language", ["fhir", "837"])
def test_of_a_held_record_nothing_is_written(held, tmp_path, language):
    result = run("claim", "--site", SITE, "--to", language, held, "-o", tmp_path / "claim")
    assert (result.exit_code, result.stdout) == (1, "")
    assert ": error " in result.stderr
    assert not (tmp_path / "claim").exists()


def test_nothing_to_bill_is_said_and_nothing_is_written():
    result = run("claim", "--site", SITE, "-", stdin=refill("not-done"))
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing to bill" in result.stderr


@pytest.mark.parametrize("language", ["cms1450", "pdf"])
def test_a_language_that_is_not_written_is_wrong_usage(language):
    result = run("claim", "--site", SITE, "--to", language, REFILL)
    assert result.exit_code == 2
    assert "fhir" in result.stderr


def test_a_place_that_takes_no_file_is_exit_code_3(tmp_path):
    (tmp_path / "file").write_text("")
    result = run("claim", "--site", SITE, REFILL, "-o", tmp_path / "file" / "claim.json")
    assert result.exit_code == 3
    assert "cannot be written" in result.stderr


# ---------------------------------------------------------------- as JSON


def test_as_json_the_claim_bundle_stands_in_one_object():
    result = run("claim", "--site", SITE, "--json", REFILL)
    (one,) = told(result)
    assert (result.exit_code, result.stderr) == (0, "")
    assert list(one) == ["file", "ok", "written", "result", "issues"]
    assert (one["file"], one["ok"], one["written"]) == (str(REFILL), True, None)
    plain = json.loads(run("claim", "--site", SITE, REFILL).stdout)
    assert one["result"]["entry"][0]["resource"]["item"] == plain["entry"][0]["resource"]["item"]
    assert "190.00" in result.stdout


def test_as_json_an_837_stands_as_text_and_a_file_by_its_name(tmp_path):
    (one,) = told(run("claim", "--site", SITE, "--json", "--to", "837", REFILL))
    assert read_837(one["result"]).value.claims
    (other,) = told(run("claim", "--site", SITE, "--json", REFILL, "-o", tmp_path / "claim.json"))
    assert (other["written"], other["result"]) == (str(tmp_path / "claim.json"), None)
    assert json.loads((tmp_path / "claim.json").read_bytes())["resourceType"] == "Bundle"


def test_as_json_a_held_record_and_a_missing_file_are_issues_and_nothing_to_bill_is_well(held, tmp_path):
    cases = [(held, b"", 1, False), (tmp_path / "absent.json", b"", 3, False), ("-", refill("not-done"), 0, True), ("-", b"{", 1, False)]
    for file, stdin, code, ok in cases:
        result = run("claim", "--site", SITE, "--json", file, stdin=stdin)
        (one,) = told(result)
        assert (result.exit_code, one["ok"], one["result"], one["written"]) == (code, ok, None, None)
        assert ok or any(issue["severity"] in ("error", "fatal") for issue in one["issues"])
        assert broken_issues(one) == []


# ---------------------------------------------------------------- with a store


@pytest.mark.parametrize("language", ["fhir", "837"])
def test_with_a_store_the_claim_is_kept_with_its_document_before_it_is_written(tmp_path, language):
    one = told(run("claim", "--site", SITE, "--json", "--to", language, "--data", tmp_path / "data", REFILL))[0]
    store = open_store(tmp_path / "data")
    identifier = one["result"]["entry"][0]["resource"]["identifier"][0]["value"] if language == "fhir" else read_837(one["result"]).value.claims[0].identifier
    (kept,) = store.find_claims(identifier)
    assert store.find_document(kept.source) == refill_bytes()
    store.close()


def test_of_a_held_record_nothing_is_kept(held, tmp_path):
    assert run("claim", "--site", SITE, "--data", tmp_path / "data", held).exit_code == 1
    assert not (tmp_path / "data").exists()


def test_what_cannot_be_kept_is_not_written(tmp_path):
    (tmp_path / "refill.db").mkdir()
    result = run("claim", "--site", SITE, "--data", tmp_path, REFILL)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "the store cannot be opened" in result.stderr
