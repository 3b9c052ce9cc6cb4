"""`claim --post`: the claim goes to the payer that is named, and the answer is shown."""

import json

import pytest

from tests.cli.running import refill, run
from tests.samples import REFILL, SAMPLES, SITE
from tests.web.served import Served

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def payers(tmp_path_factory):
    running = {}

    def start(answer):
        if answer not in running:
            folder = tmp_path_factory.mktemp("payer")
            (folder / "behave.toml").write_text(f'answer = "{answer}"\n')
            running[answer] = Served("--data", str(folder / "kept"), "--behave", str(folder / "behave.toml"), command=("payer",)), folder / "kept"
        served, kept = running[answer]
        return f"http://127.0.0.1:{served.port}/fhir", kept

    yield start
    for served, _ in running.values():
        served.end()


def test_the_answer_stands_on_standard_output_and_the_claim_at_the_payer(payers, tmp_path):
    url, kept = payers("accept")
    result = run("claim", "--site", SITE, "--post", url, REFILL, "-o", tmp_path / "claim.json")
    answer = json.loads(result.stdout)
    assert result.exit_code == 0, result.stderr
    assert (answer["resourceType"], answer["outcome"]) == ("ClaimResponse", "complete")
    assert (tmp_path / "claim.json").read_bytes() in [file.read_bytes() for file in kept.iterdir()]


def test_as_json_claim_and_answer_stand_in_one_object(payers):
    url, _ = payers("accept")
    result = run("claim", "--site", SITE, "--post", url, "--json", REFILL)
    told = json.loads(result.stdout)
    assert (result.exit_code, told["ok"]) == (0, True)
    assert (told["result"]["resourceType"], told["answer"]["resourceType"]) == ("Bundle", "ClaimResponse")


@pytest.mark.parametrize(("answer", "rule"), [("reject", "payer.rejected"), ("lie", "payer.other-claim")])
def test_a_claim_that_is_not_taken_is_exit_code_1_with_the_reason(payers, answer, rule):
    url, _ = payers(answer)
    result = run("claim", "--site", SITE, "--post", url, REFILL)
    assert result.exit_code == 1
    assert rule in result.stderr
    assert json.loads(result.stdout)["resourceType"] == "ClaimResponse"


def test_with_a_store_the_same_claim_is_sent_again_byte_for_byte(payers, tmp_path):
    url, kept = payers("accept")
    before = set(kept.glob("*"))
    answers = [run("claim", "--site", SITE, "--data", tmp_path / "data", "--post", url, SAMPLES / "two-drug-fill.json") for _ in range(2)]
    assert [one.exit_code for one in answers] == [0, 0]
    assert len(set(kept.glob("*")) - before) == 1


def test_of_a_held_record_nothing_is_sent(payers):
    url, kept = payers("accept")
    before = len(list(kept.glob("*")))
    assert run("claim", "--site", SITE, "--post", url, "-", stdin=refill("in-progress")).exit_code == 1
    assert len(list(kept.glob("*"))) == before


def test_a_payer_that_is_not_there_is_exit_code_3_and_nothing_is_printed():
    result = run("claim", "--site", SITE, "--post", "http://127.0.0.1:1/fhir", REFILL)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "Traceback" not in result.stderr
    assert "was not answered" in result.stderr


@pytest.mark.parametrize("more", [["--to", "837"], ["--post", "http://payer.example/fhir"]])
def test_another_language_and_an_open_line_are_wrong_usage(more):
    assert run("claim", "--site", SITE, "--post", "https://payer.example/fhir", *more, REFILL).exit_code == 2
