"""The check of files as they came: every one-defect mutant is refused with segment and element, no valid file is."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from adapter.terms import Admission
from adapter.x12 import check_837, write_837
from tests.strategies import claim_files
from tests.x12.checkers import check_with_pyx12
from tests.x12.examples import DEPENDENT, OWN, recounted, written_claim, written_envelope

_OWN = written_claim()
HOSPITAL = write_837([replace(
    _OWN, form="institutional", place_of_service=None, bill_type="0131", admission=Admission("3", "1", "01"),
    lines=tuple(replace(one, revenue_code=revenue, diagnosis_pointers=(), authorisation=None)
                for one, revenue in zip(_OWN.lines, ("0335", "0636"), strict=True)),
)], written_envelope()).value
FILES = {"own": OWN, "dependent": DEPENDENT, "hospital": HOSPITAL}

# What is replaced, by what, and the place that has to be named. Each is applied to every file that holds it.
REPLACED = [
    ("*VISIT-0001*", "*VISIT-0001-56789012345*", "CLM/01"), ("*VISIT-0001*", "*VISIT-0001 *", "CLM/01"), (":B:1*", ":B:6*", "CLM/05"),
    (":B:1*", ":A:1*", "CLM/05"), (":A:1*", ":B:1*", "CLM/05"), (":B:1*", ":B:7*", "REF/02"), (":A:1*", ":A:8*", "REF/02"), ("11:B", "1:B", "CLM/05"),
    ("*Y*A*Y*Y~", "*X*A*Y*Y~", "CLM/06"), ("*A*Y*Y~", "*Q*Y*Y~", "CLM/07"), ("*A*Y*Y~", "*A*Q*Y~", "CLM/08"), ("*A*Y*Y~", "*A*Y*N~", "CLM/09"),
    ("*1310.00*", "*1310.01*", "CLM/02"), ("*1310.00*", "*1,310.00*", "CLM/02"), ("*310.00*UN", "*310.001*UN", "/02|/03"), ("*310.00*UN", "*-310.00*UN", "/02|/03"),
    ("*310.00*UN", "*$310*UN", "/02|/03"), ("*UN*1", "*MJ*1", "/03|/04"), ("310.00*UN*1", "310.00*UN*0", "/04|/05"), ("310.00*UN*1", "310.00*UN*-1", "/04|/05"), ("310.00*UN*1", "310.00*UN*ONE", "/04|/05"),
    ("HC:96522*", "HC:96522:59:XS:XE:XU:25*", "/01|/02"), ("HC:96522*", "HC:9652*", "/01|/02"), ("HC:96522*", "HC:96522:5*", "/01|/02"), ("HC:J9190:JZ", "HC:J7999:JZ", "/01|/02"), ("HC:J9190:JZ", "HC:J9190:JZZ", "/01|/02"),
    ("***1:2~", "***1:3~", "SV1/07"), ("***1:2~", "***1:1~", "SV1/07"), ("***1:2~", "***0~", "SV1/07"), ("***1:2~", "***1:2:1:2:1~", "SV1/07"), ("***1:2~", "***A~", "SV1/07"), ("***1:2~", "~", "SV1/07"),
    ("ABK:Z5111", "ABK:Z51.11", "HI/01"), ("ABK:Z5111", "BK:Z5111", "HI/01"), ("ABF:C787", "BF:C787", "HI/0"), ("ABF:C787", "ABK:C787", "HI/0"), ("ABF:C787", "ABF:7999", "HI/0"), ("ABF:C787", "ABF:Z5111", "HI/0"), ("ABK:C787", "ABK:C7", "HI/01"),
    ("XX*1993999907", "XX*1993999908", "NM1/09"), ("XX*1993999907", "XX*199399990", "NM1/09"), ("XX*1993999907", "XX*3993999907", "NM1/09"), ("XX*1882999901", "XX*1882999902", "NM1/09"), ("XX*1992999908", "XX*1992999909", "NM1/09"),
    ("NM1*82*1*EXEMPLAR*ALEX****XX*1882999901", "NM1*82*1*EXEMPLAR*ALEX****XX*1993999907", "NM1/09"),
    ("BI*PXC*207RX0202X", "BI*PXC*207RX02", "PRV/03"), ("PE*PXC*207RX0202X", "PE*PXC*207RX02021", "PRV/03"), ("AT*PXC*207RX0202X", "AT*PXC*207RX02021", "PRV/03"), ("REF*EI*987000001", "REF*EI*98-7000001", "REF/02"), ("REF*EI*987000001", "REF*EI*98700000", "REF/02"),
    ("N3*1 BILLING WAY", "N3*PO BOX 12", "N3/01"), ("N3*1 BILLING WAY", "N3*P.O. BOX 12", "N3/01"), ("*440010001~", "*44001~", "N4/03"), ("*440010001~", "*4400A~", "N4/03"), ("*440010002~", "*44001~", "N4/03"), ("*OH*44001~", "*OH*4401~", "N4/03"), ("*OH*44001~", "*QQ*44001~", "N4/02"),
    ("*OH*440010001~", "*ZZ*440010001~", "N4/02"), ("SBR*P*18", "SBR*P*", "SBR/02"), ("SBR*P***", "SBR*P*18**", "SBR/02"), ("SBR*P*18", "SBR*P*19", "SBR/02"), ("*****MB~", "~", "SBR/09"), ("*****CI~", "*****XX~", "SBR/09"),
    ("MI*1EG4TE5MK00", "MI*1SG4TE5MK00", "NM1/09"), ("MI*1EG4TE5MK00", "MI*123456789A", "NM1/09"), ("D8*19550102", "D8*20260303", "DMG/02"), ("D8*20080102", "D8*20260303", "DMG/02"),
    ("472*D8*20260302", "472*D8*20260304", "DTP/03"), ("472*D8*20260302", "472*D8*20260230", "DTP/03"), ("472*D8*20260302", "472*D8*2026032", "DTP/03"), ("472*D8*20260302", "472*RD8*20260302-20260301", "DTP/03"), ("472*D8*20260302", "472*D8*20260302-20260302", "DTP/03"),
    ("REF*6R*VISIT-0001-2", "REF*6R*VISIT-0001-1", "REF/02"), ("REF*6R*VISIT-0001-2", "REF*6R*" + "V" * 31, "REF/02"), ("REF*6R*VISIT-0002-1", "REF*6R*VISIT-0002-1 ", "REF/02"),
    ("N4*00000111122", "N4*0000-1111-22", "LIN/03"), ("N4*00000111122", "N4*0000111122", "LIN/03"), ("LIN**N4*00000111122", "LIN**UK*00012345678905", "LIN/03"), ("*20.5*ML", "*20.5*XX", "CTP/05"), ("*20.5*ML", "*0*ML", "CTP/05"), ("*20.5*ML", "**ML", "CTP/05"),
    ("LX*2", "LX*3", "LX/01"), ("LX*1", "LX*0", "LX/01"), ("HL*2*1*22", "HL*3*1*22", "HL/01"), ("HL*2*1*22", "HL*2*9*22", "HL/01"), ("HL*1**20*1", "HL*1**20*0", "HL/01"), ("HL*3*2*23*0", "HL*3*2*23*1", "HL/01"),
    ("~\nSE*", "~\nSE*9", "SE/01"), ("GE*1", "GE*2", "GE/01"), ("IEA*1*", "IEA*2*", "IEA/01"), ("*42~\nIEA", "*41~\nIEA", "GE/02"), ("*43~\nIEA", "*41~\nIEA", "GE/02"), ("*0001~\nGE", "*0002~\nGE", "SE/02"), ("IEA*1*0000000", "IEA*1*0000001", "IEA/02"),
    ("*X*005010X222A1", "*X*005010X223A2", "08|03"), ("*X*005010X223A2", "*X*005010X222A1", "08|03"), ("ST*837", "ST*835", "ST"), ("GS*HC", "GS*HP", "GS/01"),
    ("CL1*3*1*01", "CL1*33*1*01", "CL1/01"), ("CL1*3*1*01", "CL1*3*11*01", "CL1/02"), ("SV2*0335", "SV2*335", "SV2/01"), ("13:A", "1:A", "CLM/05"),
    ("REF*G1*AUTH-1", "REF*G1*AUTH-1 ", "REF/02"), ("REF*EA*MRN-0001", "REF*EA*" + "M" * 51, "REF/02"), ("REF*EA*MRN-0001", "REF*EA", "REF"), ("MI*M-0002", "MI*M", "NM1/09"), ("DMG*D8", "DMG*D", "DMG/01"), ("NM1*IL*1*SYNTHETIC*", "NM1*IL*1* SYNTHETIC*", "NM1/03"),
    ("NM1*IL*1*SYNTHETIC*", "NM1*IL*1**", "NM1/03"), ("NM1*QC*1*SYNTHETIC*", "NM1*QC*1**", "NM1/03"), ("NM1*85*2*SAMPLE ONCOLOGY PRACTICE", "NM1*85*2*" + "S" * 61, "NM1/03"), ("N3*7 SPECIMEN ROAD", "N3*" + "7" * 56, "N3/01"),
    ("N3*8 SPECIMEN ROAD", "N3*8 SPECIMEN ROAD*", "N3/02"), ("PRV*BI*PXC", "PRV*BI*PX", "PRV/02"), ("*UN*2", "*UN*2****************1", "/1|/08"), ("HI*ABK", "PWK*OZ*EL~\nHI*ABK", "PWK/06"), ("HI*ABK", "PWK*OZ*EL***AC~\nHI*ABK", "PWK/06"),
    ("HI*ABK", "NTE*ADD*" + "N" * 81 + "~\nHI*ABK", "NTE/02"), ("PAT*19", "PAT*199", "PAT/01"), ("BHT*0019", "BHT*19", "BHT/01"), ("TE*5555550199", "TEL*5555550199", "PER/03"),
]
DROPPED = ["SBR*", "NM1*IL", "NM1*PR", "N3*7", "N3*8", "N4*EXAMPLEVILLE*OH*44001~", "DMG*", "CL1*", "NM1*71", "SV1*", "SV2*", "DTP*472", "CTP*", "LX*1", "HI*ABK", "CLM*", "LX*2"]
EMPTIED = ["NM1*85*2*SAMPLE ONCOLOGY PRACTICE", "NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*60054", "CLM*VISIT-0003", "SV1*HC:96522", "DTP*472*D8*20260302", "HL*1"]


def mutants():
    for name, text in FILES.items():
        for old, new, place in REPLACED:
            for nth, found in enumerate(list(re.finditer(re.escape(old), text))[:3]):
                changed = text[: found.start()] + new + text[found.end():]
                yield pytest.param(recounted(changed) if "~\n" in new and "SE*" not in new else changed, place, id=f"{name}-{nth}-{old[:14]}-{new[:16]}".replace("\n", ""))
        for start in DROPPED:
            if f"\n{start}" in text:
                yield pytest.param(without_exact(text, start), "", id=f"{name}-without-{start}")
        for line in [one for one in text.split("\n") if one[:2] in ("N3", "N4", "LX", "SV", "LI", "CT", "CL", "SB", "DM", "RE", "DT")]:
            yield pytest.param(text.replace(line, line.replace("~", " ~"), 1), line[:2], id=f"{name}-space-{line[:16]}")
            yield pytest.param(text.replace(line, line.replace("~", "*~"), 1), line[:2], id=f"{name}-end-{line[:16]}")


def without_exact(text, start):
    return recounted(re.sub(rf"\n{re.escape(start)}[^\n]*", "", text, count=1))


MUTANTS = list(mutants())


def test_there_are_mutants_enough():
    assert len(MUTANTS) >= 300


@pytest.mark.parametrize(("text", "place"), MUTANTS)
def test_a_file_with_one_defect_is_refused_with_segment_and_element(text, place):
    assert text not in FILES.values()
    issues = [issue for issue in check_837(text) if issue.is_error]
    assert issues
    assert any(re.search(place, issue.expression[0]) for issue in issues if issue.expression), [(one.rule, one.expression) for one in issues]


@pytest.mark.parametrize("name", FILES)
def test_a_whole_file_is_not_refused(name):
    assert check_837(FILES[name]) == ()
    assert check_with_pyx12(FILES[name]) == []


@pytest.mark.long
@settings(max_examples=100, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
@given(claim_files())
def test_no_valid_file_is_refused(file):
    assert check_837(write_837(*file).value) == ()


@pytest.mark.parametrize(("old", "new"), [
    ("REF*G1*AUTH-1~", "DTP*431*D8*20260101~\nREF*G1*AUTH-1~\nREF*D9*CLAIM9~"), ("REF*EI*987000001", "REF*SY*987000001"), ("N4*EXAMPLEVILLE*OH*44001~", "N4*TORONTO*ON*M5V2T6*CA~"),
    ("472*D8*20260302", "472*RD8*20260301-20260302"), ("*20.5*ML", "*20.5*ME"), ("*A*Y*Y~", "*A*W*Y~"), ("LX*1~", "SBR*S*18*******CI~\nOI***Y***Y~\nNM1*IL*1*SECOND****MI*X9~\nNM1*PR*2*OTHER*****PI*77~\nLX*1~"),
])
def test_what_a_claim_here_has_no_place_for_is_no_fault_of_the_file(old, new):
    text = recounted(OWN.replace(old, new, 1))
    assert text != OWN
    assert check_837(text) == ()


def test_the_claim_element_behind_a_defect_is_named():
    issue, = check_837(OWN.replace("***1:2~", "***1:3~", 1))
    assert issue.expression == ("2400/SV1/07", "Claim.item[0].diagnosisSequence")
    assert (issue.rule, issue.line) == ("x12.4.2400.SV107.1", 31)


def test_a_refill_that_is_counted_in_minutes_is_refused_by_its_rule():
    assert "x12.6.2400.SV103.1" in {issue.rule for issue in check_837(OWN.replace("*UN*1", "*MJ*1", 1))}


def test_one_claim_twice_in_a_file_is_refused():
    start, end = OWN.index("CLM*"), OWN.index("\nSE*") + 1
    assert {issue.rule for issue in check_837(recounted(OWN[:end] + OWN[start:end] + OWN[end:]))} == {"x12.4.2300.CLM01.1"}


def test_other_delimiters_are_checked_as_well():
    assert check_837(OWN.replace("*", "|").replace(":", ">").replace("~\n", "'")) == ()
