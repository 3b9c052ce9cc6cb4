"""Three readers of one file of claims that share no code: ours, pyx12 and x12sdk. They have to agree."""

from __future__ import annotations

import re
from dataclasses import replace

from adapter.terms import Claim
from adapter.x12 import Envelope, check_837, complete_claim, fold_claim, read_837, write_837
from tests.x12.checkers import check_with_pyx12, read_with_x12sdk
from tests.x12.examples import recounted

__all__ = ["agree_on", "bearable"]


def agree_on(file: tuple[list[Claim], Envelope]) -> None:
    """Assert that a file of claims is accepted by all readers, and that each gives back what was written.

    Ours gives the records, but for the losses, which the kept record puts back; x12sdk writes the same text again from what
    it read, so that it agrees in every element that it models; pyx12 and our own check find nothing.
    """
    made, envelope = file
    text = write_837(made, envelope).value
    assert text is not None
    answer = read_837(text)
    assert answer.value is not None
    assert answer.issues == ()
    assert list(answer.value.claims) == [fold_claim(claim) for claim in made]
    assert [complete_claim(*pair).value for pair in zip(answer.value.claims, made, strict=True)] == made
    assert write_837(answer.value.claims, answer.value.envelope).value == text
    found = check_837(text)
    assert found == (), found
    assert check_with_pyx12(text) == []
    borne = bearable(write_837([_borne(claim) for claim in made], envelope).value or "")
    (transaction,) = read_with_x12sdk(borne)
    again = re.sub(r"\*0\.(?=[0-9])", "*.", transaction.x12()).replace("~\n", "~").replace("~", "~\n")
    assert again == borne[borne.index("ST*837") : borne.index("\nGE*") + 1]


def _borne(claim: Claim) -> Claim:
    """Give a claim as x12sdk can hold it: it keeps one 2430 a line, so one payer that decided the lines."""
    decided = [one for one in claim.other_insurance if one.decision and one.decision.lines]
    return replace(claim, other_insurance=tuple(decided[:1])) if len(decided) > 1 else claim


def bearable(text: str) -> str:
    """Give a file without what x12sdk is known not to know, though 005010 has it.

    The sex U; in an 837I the billing note (NTE*ADD), and a drug without a prescription number (2410 REF).
    """
    text = text.replace("*U~\n", "*F~\n")
    if not re.search(r"(?m)^ST\*837\*[^*~]*\*005010X223A2~", text):  # a value of a claim may be this number too
        return text
    return recounted(re.sub(r"(CTP\*[^~]*~\n)(?!REF\*XZ)", r"\1REF*XZ*0~\n", text.replace("NTE*ADD", "NTE*UPI")))
