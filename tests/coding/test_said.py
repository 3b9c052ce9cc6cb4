"""All that coding says over the sentences of tests/cases, each saying once: texts with their places, reasons, steps, dropped services.

`pytest --update-golden tests/coding/test_said.py` writes tests/coding/said.txt anew; the change then stands in the commit for the reviewer.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.bundles import Shape, change_visit, clean_visit, render
from tests.coding.decisions import answer, load_decisions

SAID = Path(__file__).with_name("said.txt")
CODED = re.compile(r"(?:Bundle|Resource)\.entry\[(\d+)\](\.resource)?")


def placed(expression, types):
    """Name a resource by its type, not by where it stands in one Bundle: `MedicationAdministration.dosage.dose`."""
    return CODED.sub(lambda found: types[int(found[1])], expression)


def everything():
    """Give each saying once, sorted, with the kind of thing that it is."""
    found = set()
    for decision in load_decisions():
        tree = render(change_visit(clean_visit(), decision.change), Shape(decision.shape))
        types = [entry["resource"].get("resourceType", "no type") for entry in tree.get("entry", [])]
        said = answer(decision)
        for record in said.records:
            found |= {f"step     {one.fact}: {one.rule} at {placed(one.source, types)}" for one in record.trace}
            found |= {f"dropped  {one.code}: {one.rule} at {placed(one.source, types)}" for one in record.dropped}
            for line, because in zip(record.lines, record.because, strict=True):
                found |= {f"reason   {line.code}: {one.rule} at {placed(one.source, types)}" for one in because}
        for issue in said.all_issues:
            places = ", ".join(dict.fromkeys(placed(one, types) for one in issue.expression))
            found.add(f"{issue.severity:<8} {issue.rule} at {places or 'no place'}: {issue.text}")
    return "\n".join(sorted(found)) + "\n"


@pytest.mark.long
def test_coding_says_what_was_reviewed(request):
    said = everything()
    if request.config.getoption("--update-golden"):
        SAID.write_text(said, encoding="utf-8")
    assert sorted(set(said.splitlines()) ^ set(SAID.read_text(encoding="utf-8").splitlines())) == []


def test_every_saying_names_a_place_and_is_a_sentence():
    texts = [line for line in SAID.read_text(encoding="utf-8").splitlines() if line.split()[0] in ("error", "warning", "information")]
    assert len(texts) > 150
    assert [line for line in texts if " at no place:" in line or " at :" in line] == []
    assert [line for line in texts if not line.endswith(".") or "None" in line.split(": ", 1)[1]] == []


def test_a_planted_place_is_named_by_its_type():
    assert placed("Bundle.entry[1].resource.dosage.dose", ["Patient", "MedicationAdministration"]) == "MedicationAdministration.dosage.dose"
    assert placed("Procedure.status", []) == "Procedure.status"
