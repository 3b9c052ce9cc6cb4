"""The measurement measures: its Bundles are coded and written, the figures come out, and a slowdown is seen in them."""

import re
import runpy
import time
from pathlib import Path

import pytest

FORWARD = Path(__file__).parent.parent / "bench" / "forward.py"
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
