"""`claim` writes a claim whole, or says why there is none."""

import json

import pytest

from adapter.x12 import read_837p
from tests.cli.running import refill, run
from tests.samples import REFILL, SITE


def test_claim_prints_the_claim_bundle():
    result = run("claim", "--site", SITE, REFILL)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["entry"][0]["resource"]["resourceType"] == "Claim"


def test_claim_writes_an_837_that_reads_back():
    result = run("claim", "--site", SITE, "--to", "837", REFILL)
    interchange = read_837p(result.stdout)
    assert result.exit_code == 0
    assert interchange.value.envelope.usage == "P"
    assert [line.code for line in interchange.value.claims[0].lines] == ["96522", "J9200"]


def test_claim_writes_a_file_and_prints_nothing(tmp_path):
    result = run("claim", "--site", SITE, REFILL, "-o", tmp_path / "new" / "claim.json")
    assert (result.exit_code, result.stdout) == (0, "")
    assert json.loads((tmp_path / "new" / "claim.json").read_bytes())["resourceType"] == "Bundle"


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


@pytest.mark.parametrize("language", ["cms1500", "ub04", "pdf"])
def test_a_language_that_is_not_written_is_wrong_usage(language):
    result = run("claim", "--site", SITE, "--to", language, REFILL)
    assert result.exit_code == 2
    assert "fhir" in result.stderr


def test_a_place_that_takes_no_file_is_exit_code_3(tmp_path):
    (tmp_path / "file").write_text("")
    result = run("claim", "--site", SITE, REFILL, "-o", tmp_path / "file" / "claim.json")
    assert result.exit_code == 3
    assert "cannot be written" in result.stderr
