"""`restore` gives back what a claim can tell."""

import json

import pytest

from tests.cli.running import run
from tests.samples import REFILL, SITE


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
