"""`make proof`: 2,000 mutants with one defect each, beside what the Java validator said of them, and a page of what came of it."""

from __future__ import annotations

import platform
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import adapter
from adapter.flow import validate_document
from tests.conformance.catalogue import SEED, SIZE, TYPES, choose_mutants, load_rules
from tests.conformance.mutant import Survey, survey
from tests.proof.hapi import MUTANTS, read_marks

PAGES = Path(__file__).parents[2] / "docs" / "proof"

# What only this validator refuses, by kind, and why it is right.
ONLY_OURS = {
    "form": "a control character is illegal in a string (datatypes.html#string: only tab, line feed and carriage return below U+0020); HAPI warns",
    "no-json": "half a surrogate pair is no character (RFC 8259, 8.2); HAPI reads on",
    "empty": "an array is never empty (json.html#primitive); HAPI passes some",
    "null": "null stands in arrays of primitives alone (json.html#null)",
}

def compare(told: Survey, marks: dict[str, int]) -> dict[str, tuple[int, int, int, int]]:
    """Give for each kind: mutants, refused by both, by this validator alone, by the Java one alone."""
    rows: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for mutant, verdict in told.verdicts:
        row, theirs = rows[mutant.defect.kind], marks[mutant.digest] > 0
        row[0] += 1
        row[1] += verdict.refused and theirs
        row[2] += verdict.refused and not theirs
        row[3] += theirs and not verdict.refused
    return {kind: tuple(row) for kind, row in sorted(rows.items())}


def page(told: Survey, marks: dict[str, int], day: str) -> str:
    rows = compare(told, marks)
    both, ours, theirs = (sum(row[column] for row in rows.values()) for column in (1, 2, 3))
    errors = [marks[mutant.digest] for mutant, _ in told.verdicts if marks[mutant.digest]]
    lines = [
        f"# Mutants, {day}", "",
        f"`make proof` planted one defect in each of {len(told.verdicts):,} copies of sound resources ({', '.join(TYPES)}), in base R4 and under profiles,",
        f"chosen by the seed `{SEED}`, written indented and minified, half of them with characters of many bytes.", "",
        f"Version {adapter.__version__} of refill-adapter, Python {platform.python_version()}.", "",
        f"- Refused at the hurt node, placed in it, in at most three issues: {len(told.verdicts) - len(told.wrong):,} of {len(told.verdicts):,}.",
        f"- Issues a refused mutant: {told.issues_each:.2f}, {max(len(verdict.issues) for _, verdict in told.verdicts)} at most.",
        f"- Errors that HAPI gives a mutant that it refuses: {sum(errors) / len(errors):.2f}.",
        f"- Refused by both: {both:,}; by this validator alone: {ours}; by HAPI alone: {theirs}.", "",
        "| kind of defect | mutants | both refuse | only we | only HAPI |", "|---|---|---|---|---|",
        *(f"| {kind} | {' | '.join(map(str, row))} |" for kind, row in rows.items()), "",
        "Why we are right where we are alone:", "",
        *(f"- {kind}: {ONLY_OURS.get(kind, 'not argued yet')}." for kind, row in rows.items() if row[2]), "",
    ]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def told() -> Survey:
    return survey(choose_mutants(SIZE), lambda data: validate_document(data, load_rules()))


@pytest.mark.proof
def test_every_mutant_is_refused_where_it_is_hurt(told):
    marks = read_marks(MUTANTS)
    missing = [mutant.digest for mutant, _ in told.verdicts if mutant.digest not in marks]
    assert missing == [], "record the verdicts anew: python -m tests.proof.hapi mutants"
    day = datetime.now(UTC).date().isoformat()
    PAGES.mkdir(parents=True, exist_ok=True)
    (PAGES / f"{day}-mutants.md").write_text(page(told, marks, day), encoding="utf-8")
    assert len(told.verdicts) == SIZE
    assert told.wrong == []
    assert told.issues_each <= 1.3


@pytest.mark.proof
def test_the_java_validator_alone_refuses_none_and_what_this_one_alone_refuses_is_argued(told):
    rows = compare(told, read_marks(MUTANTS))
    assert {kind for kind, row in rows.items() if row[3]} == set()
    assert {kind for kind, row in rows.items() if row[2]} <= ONLY_OURS.keys()


# ---------------------------------------------------------------- the plants


@pytest.mark.long
def test_a_defect_that_the_java_validator_alone_refuses_is_counted():
    mutants = choose_mutants(20)
    blind = survey(mutants, lambda data: ())
    marks = {mutant.digest: 1 for mutant in mutants}
    assert sum(row[3] for row in compare(blind, marks).values()) == 20
    assert "by HAPI alone: 20" in page(replace(blind), marks, "2026-03-02")


@pytest.mark.long
def test_the_record_has_a_mark_for_most_of_the_mutants_of_the_suite():
    marks = read_marks(MUTANTS)
    known = [mutant.digest in marks for mutant in choose_mutants(100)]
    assert sum(known) > 50, "record the verdicts anew: python -m tests.proof.hapi mutants"
