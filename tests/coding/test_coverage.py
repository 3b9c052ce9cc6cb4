"""Every row of the decision tables of the field has its sentences: one on each side, and there are enough of them."""

from __future__ import annotations

import pytest

from tests.coding.decisions import load_decisions

DECISIONS = load_decisions()
SAYS = {decision.says for decision in DECISIONS}
# Each row of the reference (1.4 codes, 2.2 and 2.5 same day, 2.6 modifiers, 3 places, 4.3 waste, 7.1 forms): the sentence in which it
# holds, and the one just beside it in which it does not.
ROWS = {
    "1.4 intravenous, implanted, refill": ("SNOMED CT intravenous is systemic.", "A worn pump on a vein is 96521."),
    "1.4 intra-arterial, implanted, refill": ("The clean visit is a 96522 with its drug.", "No place tells the route: hold, and propose nothing."),
    "1.4 first start, chemotherapy, intravenous": ("The first chemotherapy fill into a vein is 96416.", "The first treprostinil fill at a practice has no code here: hold without a proposal."),
    "1.4 first start, chemotherapy, intra-arterial": ("The first floxuridine fill into the artery is 96425, not 96522.", "The first fill of another drug into an artery has no code: hold without a proposal."),
    "1.1 first start, other drug, hospital": ("The first treprostinil fill at a hospital is C8957.", "A start without a drug has no code: hold without a proposal."),
    "1.4 portable, refill": ("A worn pump is 96521, which is not submitted.", "An implanted reservoir is implanted."),
    "1.4 port, flush only": ("A port flushed and nothing else is 96523, which is not submitted.", "A port is not refilled: hold."),
    "1.4 port, flush beside a paid service": ("A flush beside a paid visit is nothing to bill.", "A port flushed and nothing else is 96523, which is not submitted."),
    "1.4 spinal, refill, staff": ("Morphine into the spine by clinical staff is 95990.", "A spinal refill without the skill points to both spinal codes."),
    "1.4 spinal, refill, physician": ("Morphine into the spine by a physician's skill is 95991.", "Two skills that differ: hold."),
    "1.4 spinal, refill, reprogrammed, staff": ("A spinal pump refilled and reprogrammed by staff is 62369.", "A spinal pump refilled and analysed by staff is 95990, which includes the analysis."),
    "1.4 spinal, refill, reprogrammed, physician": ("A spinal pump refilled and reprogrammed by a physician's skill is 62370.", "A physician's skill does not change 96522."),
    "1.4 spinal, analysed": ("An analysis of a spinal pump alone is 62367.", "An analysis of a systemic pump alone has no code: hold."),
    "1.4 spinal, reprogrammed": ("A reprogramming of a spinal pump alone is 62368.", "A reprogramming of a systemic pump alone has no code: hold."),
    "1.4 ventricle, refill, staff": ("An implanted pump into the ventricle, refilled by staff, is 95990.", "An implanted pump into the ventricle, refilled by a physician's skill, is 95991."),
    "1.4 ventricle, reservoir, tap": ("A tap of a reservoir into the ventricle is 61070 or 96542, for a person.", "An aspiration of a systemic pump alone has no code: hold."),
    "1.4 other route": ("Intraperitoneal delivery has no code of the family.", "The clean visit is a 96522 with its drug."),
    "1.4 subcutaneous": ("Subcutaneous delivery has no code of the family.", "SNOMED CT intravenous is systemic."),
    "1.1 old numbers": ("The old number 96530 is understood and written as 96522.", "The record asserts 95990, the facts say 96522: hold."),
    "2.1 unit limit": ("Six units are more: a warning, and the denial to expect is named.", "Five units of floxuridine are the most that a practice is paid."),
    "2.2 flush": ("A port flush that was charged is dropped.", "Declotting has no pair with the refill: both are billed."),
    "2.2 blood draw": ("A blood draw from the port at a practice is dropped.", "A blood draw from the port at a hospital stands: the pair is in the practitioner file alone."),
    "2.2 spinal refill": ("A second, spinal pump refilled on the same day is a line of its own with XS.", "A spinal refill charged that day with XS and no second pump: hold."),
    "2.2 visits": ("A visit with 25 and a note of its own is billed beside the refill.", "A visit with 25 and no note is dropped with a warning."),
    "2.2 99211": ("99211 beside a refill at a practice is dropped, and no modifier helps.", "99211 at a hospital stands with 25 and a note."),
    "2.2 clinic visit": ("A clinic visit of a hospital stands with 25 and a note.", "A visit with a note and no 25 is dropped with a warning."),
    "2.2 standards of practice": ("A home visit without 25 is dropped with a warning.", "A visit with 25 and a note of its own is billed beside the refill."),
    "2.2 subsequent visits": ("A subsequent inpatient visit at a practice is dropped, whatever its modifier.", "A subsequent inpatient visit at a hospital is judged like a visit: without 25 it is dropped with a warning."),
    "2.2 separate procedure": ("Exploration of the retroperitoneum is a separate procedure: dropped, whatever its modifier.", "Declotting has no pair with the refill: both are billed."),
    "2.2 starts": ("The start of a pump infusion takes the refill in, whatever the modifier and the access.", "A chemotherapy infusion with XU by a second access stands beside the refill, which carries XU."),
    "2.2 infusions": ("A chemotherapy infusion takes the refill in.", "A chemotherapy infusion with XU by a second access stands beside the refill, which carries XU."),
    "2.2 implantations": ("An implantation charged that day takes the refill in.", "The same port, with its price: both are billed and the refill carries XU."),
    "2.2 spinal programming": ("The programming of a spinal pump charged that day needs a second device.", "The spinal pump was read out and its own Device is shown, with XS: both are billed, and the refill carries XS."),
    "2.2 kit": ("The refill kit is billed to a payer that pays it apart.", "The refill kit is dropped for a payer that does not."),
    "2.5 second refill": ("Two refills of one pump on one day are one unit.", "Two refills on two days are two records."),
    "2.5 two pumps": ("Two pumps refilled on one day are one record and one unit.", "Procedure and administration name two pumps: hold."),
    "2.6 25": ("A visit with 25 and a note of its own is billed beside the refill.", "25 belongs on the visit, never on the refill: hold."),
    "2.6 59, XS, XU": ("59 is as good a proof as XS for a second pump, and stays as it was asserted.", "59 without anything to be separate from: hold."),
    "2.6 76, 77": ("76 does not lift the limit of one: hold.", "Two refills of one pump on one day are one unit."),
    "2.6 52": ("Stopped after it began, hospital claim: 52.", "52 asserted on a professional refill that was stopped: hold."),
    "2.6 53": ("Stopped after it began, office claim: 53.", "53 on a facility claim: hold."),
    "2.6 73, 74": ("74 needs planned anaesthesia: hold.", "Stopped after it began, hospital claim: 52."),
    "2.6 not valid": ("26 is not valid on an incident-to code: hold.", "GA is kept."),
    "2.6 KX": ("KX is kept where it is asserted.", "A modifier that no table knows: hold."),
    "2.6 JW, JZ": ("JZ belongs on the drug: hold.", "Nothing thrown away is JZ."),
    "2.6 KD": ("KD on the drug of an implanted pump for a contractor that wants it; it changes the price and stands before JZ.", "Nothing thrown away is JZ."),
    "2.6 coverage": ("GA is kept.", "GA and GZ on one refill contradict each other: hold."),
    "2.6 PO, PN": ("A hospital department off campus reports PO to Medicare, on the service line.", "A hospital department off campus reports no PO to a commercial payer."),
    "2.6 JG, TB": ("TB stands on the drug for which it is asserted.", "JW asserted on a drug of which no whole unit was thrown away: hold."),
    "2.6 SS, SD": ("SS of a home infusion supplier is none that this product writes: hold.", "KX is kept where it is asserted."),
    "2.6 four a line": ("Five modifiers do not fit on a line: hold.", "Payment first, information after: 53 before GA."),
    "3 place 11": ("The clean visit is a 96522 with its drug.", "A hospital does not bill at 11."),
    "3 place 49": ("An independent clinic is professional.", "Procedure says 11, Encounter says 49: hold."),
    "3 place 12": ("At home for a payer whose places name it.", "At home for a payer that does not say so: hold."),
    "3 place 19": ("A hospital department off campus reports PO to Medicare, on the service line.", "A practice is not paid at 19."),
    "3 place 22": ("A hospital bills 22 on an institutional claim with revenue codes.", "A practice is not paid at 22."),
    "3 place 24": ("A surgery center is not paid for 96522 at 24.", "A practice is not paid at 24."),
    "3 places 02, 10": ("A refill by telehealth cannot be.", "A refill by telehealth at home cannot be either."),
    "3 places 21, 23, 31": ("A practice is not paid at 21.", "A practice is not paid at 31, where the patient is in a skilled facility."),
    "3 place 32": ("In a nursing facility for a payer whose places name it.", "In a nursing facility for another payer: hold."),
    "4.3 JW and JZ by payer": ("Nothing thrown away is JZ.", "A payer that does not want JW and JZ gets neither, and no line for what was thrown away."),
    "4.3 JW on its own line": ("Whole units thrown away from a single-dose vial stand on a line with JW.", "A vial of 500 mg of which 180 mg were used is one unit with JZ: the unit covers the rest."),
    "4.3 one whole unit": ("A second vial thrown away whole is one unit of JW.", "Less than a unit thrown away is no JW line."),
    "4.3 packaged drugs": ("Packaged heparin has no JZ at a hospital.", "A drug packaged by Medicare is paid apart in an office and has JZ there."),
    "4.3 multi-dose": ("A multi-dose vial has neither JW nor JZ.", "Nothing thrown away is JZ."),
    "4.3 compounded": ("A compounded fill has no JZ, though its payer wants JZ on single-dose containers.", "Nothing thrown away is JZ."),
    "4.3 amount in the record": ("A single-dose vial without a word of what was thrown away: hold, JZ is never assumed.", "The same for a payer that does not ask: coded."),
    "4.3 residual is no waste": ("What was drawn from the pump is not thrown away from the vial: it was billed at the fill before, and makes no JW.",
        "Whole units thrown away from a single-dose vial stand on a line with JW."),
    "7.1 office and clinic": ("The clean visit is a 96522 with its drug.", "A surgery center does not bill at 11 either."),
    "7.1 hospital outpatient": ("A hospital bills 22 on an institutional claim with revenue codes.", "A hospital's line without a revenue code: hold."),
    "7.1 surgery center": ("A surgery center is not paid for 96522 at 24.", "A hospital is not paid for the line at 24."),
    "7.1 diagnoses by form": ("A line points to at most four diagnoses.", "A hospital bills 22 on an institutional claim with revenue codes."),
    "8.2 residual": ("Much more was left than expected: explain it, the claim still goes.", "Two millilitres more than expected are within the tolerance."),
    "8.2 pocket fill": ("More than a millilitre less may lie in the pocket: make sure.", "A 20 mL pump that holds a millilitre less than was injected: within the tolerance."),
    "8.2 capacity": ("30 mL do not go into a reservoir of 20.", "30 mL go into a reservoir of 40."),
}


def missing(rows):
    """Give each sentence that a row names and no case says."""
    return sorted({says for pair in rows.values() for says in pair} - SAYS)


def test_every_row_has_a_sentence_on_each_side():
    assert missing(ROWS) == []
    assert all(holds != beside for holds, beside in ROWS.values())


def test_a_planted_row_without_a_sentence_is_caught():
    assert missing({**ROWS, "planted": ("Nobody says so.", "GA is kept.")}) == ["Nobody says so."]


def test_there_are_sentences_enough_and_each_is_one():
    assert len(DECISIONS) >= 450
    assert [one.says for one in DECISIONS if one.says[-1] != "." or len(one.says.split()) < 2] == []


@pytest.mark.parametrize("status", ["coded", "held", "nothing-to-bill"])
def test_every_end_of_a_record_is_among_them(status):
    assert sum(one.expect.get("status") == status for one in DECISIONS) >= (4 if status == "nothing-to-bill" else 100)
