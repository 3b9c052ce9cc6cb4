"""The measurement measures: its Bundles are coded and written, the figures come out, and a slowdown is seen in them."""

import re
import runpy
import time
from pathlib import Path

import pytest

FORWARD = Path(__file__).parent.parent / "bench" / "forward.py"
CONFORMANCE = FORWARD.with_name("conformance.py")
# Four times what is measured: beside other work the ratio moves little, since both times are of the processor.
BOUND = 40


@pytest.fixture
def forward(monkeypatch):
    names = runpy.run_path(str(FORWARD))["main"].__globals__
    monkeypatch.setitem(names, "ROUNDS", 10)
    return names


def ratios(told, step):
    return [float(ratio) for ratio in re.findall(rf"^{step}.* ([0-9.]+) x floor$", told, re.MULTILINE)]


def test_the_forward_path_is_measured_and_is_within_its_bound_of_the_floor(forward, capsys):
    assert forward["main"]() == 0
    told = capsys.readouterr().out
    sizes = [int(size.replace(",", "")) for size in re.findall(r"([0-9,]+) bytes, [0-9,]+ nodes, 10 rounds", told)]
    assert len(sizes) == len(forward["BUNDLES"]) == 4
    assert max(sizes) > 15_000
    assert len(ratios(told, "")) == 24
    assert len(re.findall(r"^sent as XML it is validated in [0-9.]+ times the time of JSON", told, re.MULTILINE)) == 4
    assert all(0 < ratio < BOUND for ratio in ratios(told, "forward: ")), told


def test_a_planted_slowdown_breaks_the_bound(forward, capsys, monkeypatch):
    code_document = forward["code_document"]

    def slow(*given):
        ends = time.process_time() + 0.02
        while time.process_time() < ends:
            pass
        return code_document(*given)

    monkeypatch.setitem(forward, "code_document", slow)
    monkeypatch.setitem(forward, "BUNDLES", {"one refill": forward["BUNDLES"]["one refill"]})
    assert forward["main"]() == 0
    assert min(ratios(capsys.readouterr().out, "forward: ")) > BOUND


@pytest.mark.parametrize(("bundle", "fault"), [(("missing-route.json", None, 0), "makes no claim"), (("two-pumps-one-day.json", None, 1), "makes 0 warnings, not 1")])
def test_a_bundle_that_measures_nothing_is_said(forward, capsys, monkeypatch, bundle, fault):
    monkeypatch.setitem(forward, "BUNDLES", {"planted": bundle})
    assert forward["main"]() == 1
    assert fault in capsys.readouterr().err


@pytest.fixture
def conformance(monkeypatch):
    names = runpy.run_path(str(CONFORMANCE))["main"].__globals__
    monkeypatch.setitem(names, "ROUNDS", 20)
    monkeypatch.setitem(names, "PEERS", {name: peer for name, peer in names["PEERS"].items() if name.startswith(("fhir.resources", "fhirkit", "@", "HAPI"))})
    monkeypatch.delenv("MEDPLUM", raising=False)
    monkeypatch.delenv("HAPI_ORACLE", raising=False)
    return names


def row(told, name):
    found = re.search(rf"^{re.escape(name)} +(\d+) of 30 +(\d+) of 3 +[0-9,]+ us +([0-9.]+) x +([0-9.]+) x +[0-9,]+ ms$", told, re.MULTILINE)
    assert found, told
    return int(found[1]), int(found[2]), float(found[3])


@pytest.mark.program
def test_validation_is_measured_beside_others_and_those_that_are_not_here_are_said(conformance, capsys):
    assert conformance["main"]() == 0
    told = capsys.readouterr().out
    refused, alarms, ratio = row(told, "refill-adapter")
    assert (alarms, ratio < 3.5 * 4) == (0, True)
    theirs, _, slower = row(told, "fhir.resources (R4B models)")
    assert theirs < refused
    assert slower > ratio
    for name, hint in (("@medplum/core", "MEDPLUM=FOLDER"), ("HAPI FHIR (Java)", "HAPI_ORACLE=FOLDER")):
        assert re.search(rf"^{re.escape(name)} +not here: .*{hint}", told, re.MULTILINE)
    assert re.search(r"all profiles loaded in \d+ ms, \d+ MB at most", told)


@pytest.mark.program
def test_a_validator_that_refuses_all_is_no_measurement(conformance, capsys, monkeypatch):
    monkeypatch.setitem(conformance, "start_ours", lambda: lambda data: True)
    assert conformance["main"]() == 1
    assert "not sound" in capsys.readouterr().err
