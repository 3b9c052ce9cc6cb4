"""What validators of others are asked, and what is said of those that are not here."""

import pytest

from adapter.fhir.json import encode_json
from tests.conformance.catalogue import list_sources
from tools.peers import PEERS, Missing, Question, ask, ask_in_process

SOUND = encode_json(list_sources()["base Claim"])
CASES = (SOUND.replace(b'"use":"claim"', b'"use":5'), b"{", b'{"resourceType":"Zork"}', b"[]", SOUND)


def _question(seconds=0.2, rounds=5):
    return Question(CASES, SOUND, (), seconds, rounds)


@pytest.mark.parametrize("name", ["jsonschema, our schema of base R4", "fhir.resources (R4B models)"])
def test_a_peer_of_this_process_gives_its_verdicts_and_times(name):
    result = ask(name, _question())
    assert result.refused == [True, True, True, True, False]
    assert 3 <= len(result.times) <= 5
    assert min(result.times) > 0
    assert result.load > 0


def test_the_rounds_of_a_slow_peer_end_when_their_time_is_over():
    def start():
        return lambda data: sum(range(3_000_000)) < 0

    assert len(ask_in_process(start, _question(seconds=0.1, rounds=10_000)).times) < 20


@pytest.mark.parametrize(("name", "variable"), [("@medplum/core", "MEDPLUM"), ("HAPI FHIR (Java)", "HAPI_ORACLE")])
def test_a_peer_that_is_not_here_says_how_it_is_installed(name, variable, monkeypatch):
    monkeypatch.delenv(variable, raising=False)
    with pytest.raises(Missing, match=f"{variable}="):
        ask(name, _question())
    assert name in PEERS


def test_fhirkit_is_asked_where_it_is_installed_and_named_where_it_is_not(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "fhirkit", None)
    with pytest.raises(Missing, match="pip install fhirkit-rs"):
        ask("fhirkit-rs", _question())
