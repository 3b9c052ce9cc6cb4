"""A file of another writer with changed claims in it: everything else stays where it stood."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapter.x12 import read_837, rewrite_837
from adapter.x12.syntax import Delimiters
from tests.x12.answers import foreign
from tests.x12.checkers import check_with_pyx12
from tests.x12.examples import DEPENDENT, OWN, recounted

KEPT = ("PER*IC*SOMEBODY*TE*5555550100~", "REF*D9*CLAIM-1~", "NTE*DCP*ANOTHER NOTE~", "DTP*431*D8*20260201~", "K3*STATE DATA~")
FOREIGN = recounted(
    OWN.replace("REF*EI*987000001~", f"REF*EI*987000001~\n{KEPT[0]}").replace("REF*G1*AUTH-1~", f"{KEPT[3]}\nREF*G1*AUTH-1~\n{KEPT[1]}")
    .replace("HI*ABK", f"{KEPT[4]}\nHI*ABK").replace("REF*6R*VISIT-0001-2~", f"REF*6R*VISIT-0001-2~\n{KEPT[2]}")
)


@pytest.mark.parametrize("text", [OWN, DEPENDENT, FOREIGN, foreign(FOREIGN, Delimiters("|", ">", "!", "~"), "")])
def test_a_file_whose_claims_are_not_changed_comes_back_as_it_was(text):
    written = rewrite_837(text, read_837(text).value.claims).value
    assert written.replace("\n", "") == text.replace("\n", "")


def test_a_changed_claim_is_written_and_every_unknown_segment_stays_in_its_place():
    read = read_837(FOREIGN).value
    assert len(read.unkept) == len(KEPT)
    (claim,) = read.claims
    lines = (replace(claim.lines[0], charge=claim.lines[0].charge + 10, note="ADDED"), *claim.lines[1:])
    written = rewrite_837(FOREIGN, [replace(claim, lines=lines, authorisation="AUTH-2")]).value
    wanted = recounted(FOREIGN.replace("*1310.00*", "*1320.00*").replace("96522*310.00", "96522*320.00").replace("REF*G1*AUTH-1", "REF*G1*AUTH-2")
                       .replace("REF*6R*VISIT-0001-1~", "REF*6R*VISIT-0001-1~\nNTE*ADD*ADDED~"))
    assert written == wanted
    assert check_with_pyx12(written) == []


def test_a_change_of_what_the_claim_holds_in_part_is_refused():
    text = OWN.replace("SYNTHETIC*PAT*Q***MI", "SYNTHETIC*PAT*Q*DR**MI")
    (claim,) = read_837(text).value.claims
    answer = rewrite_837(text, [replace(claim, patient=replace(claim.patient, family="OTHER"))])
    assert (answer.value, [issue.rule for issue in answer.issues]) == (None, ["x12.rewrite-conflict"])


def test_what_cannot_be_read_or_breaks_a_rule_is_refused():
    assert rewrite_837("ISA*00*", []).issues[0].rule == "x12.isa-unreadable"
    (claim,) = read_837(OWN).value.claims
    assert rewrite_837(OWN, [replace(claim, diagnoses=())]).value is None
