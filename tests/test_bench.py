"""The measurement measures: its sample is coded and written, and the figures come out."""

import re
import runpy
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_forward_path_is_measured_against_its_floor(capsys, monkeypatch):
    names = runpy.run_path(str(ROOT / "bench" / "forward.py"))
    monkeypatch.setitem(names["main"].__globals__, "ROUNDS", 10)
    assert names["main"]() == 0
    told = capsys.readouterr().out
    assert len(re.findall(r"[0-9.]+ x floor$", told, re.MULTILINE)) == 6
    assert re.search(r"^forward: validate, code, claim +[1-9][0-9]* us", told, re.MULTILINE)
    assert re.search(r"^15,[0-9]{3} bytes of XML are validated in [0-9.]+ times the time of JSON, lowest times", told, re.MULTILINE)
