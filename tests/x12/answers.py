"""Valid answers of payers, all of them invented: 999, 277CA and 835 in the shapes that are seen."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from time import perf_counter

from adapter.terms import Payer, Status, Submitter
from adapter.x12.answer import AnswerEnvelope, read_answers, wrap_answer
from adapter.x12.answer_277ca import Judgement, StatusHeader, write_277ca
from adapter.x12.syntax import Delimiters, decode_segments, encode_segments
from tests.x12.examples import DEPENDENT, OWN, written_claim

__all__ = ["ANSWERS", "ENVELOPE", "changed", "foreign", "fuzz", "lined", "wrapped"]

ENVELOPE = AnswerEnvelope("000000101", "101", "SAMPLECLH", "SAMPLESUB1", "20260304", "1300", "T")
_GROUPS = {"999": ("FA", "005010X231A1"), "277": ("HN", "005010X214"), "835": ("HP", "005010X221A1")}


def wrapped(body: str, kind: str, before: str = "") -> str:
    """Put the segments of a transaction between ST and SE, GS and GE, ISA and IEA; one a line, `~` left out."""
    code, guide = _GROUPS[kind]
    segments = [line.strip() for line in body.strip().splitlines()]
    start = f"ST*{kind}*0001" + ("" if kind == "835" else f"*{guide}")
    lines = [
        "ISA*00*          *00*          *ZZ*SAMPLECLH      *ZZ*SAMPLESUB1     *260304*1300*^*00501*000000101*0*T*:",
        *filter(None, [before]),
        f"GS*{code}*SAMPLECLH*SAMPLESUB1*20260304*1300*101*X*{guide}", start, *segments,
        f"SE*{len(segments) + 2}*0001", "GE*1*101", "IEA*1*000000101",
    ]
    return "".join(f"{line}~\n" for line in lines)


_999_TAKEN = """
AK1*HC*42*005010X222A1
AK2*837*0001*005010X222A1
IK5*A
AK9*A*1*1*1"""
_999_REFUSED = """
AK1*HC*42*005010X222A1
AK2*837*0001*005010X222A1
IK3*NM1*8*2010*8
CTX*SITUATIONAL TRIGGER*CLM*19**5:3
IK4*9*67*7*1993999900
IK4*3**1
IK3*SV1*34*2400*8
CTX*CLM01:VISIT-0001
IK4*1:3*1339*I12*JZ
IK3*REF*11*2010*3
IK5*R*5
AK9*R*1*1*0"""
_999_PART = """
AK1*HC*42*005010X222A1
AK2*837*0001*005010X222A1
IK3*DTP*32*2400*8
IK4*3*1251*8*20260399
IK5*E*5
AK2*837*0002*005010X222A1
IK5*R*4
AK9*P*2*2*1"""

_277_LINE = """
BHT*0085*08*CA1*20260304*1330*TH
HL*1**20*1
NM1*PR*2*EXAMPLE MEDICARE CONTRACTOR*****PI*99999
TRN*1*CA1
DTP*050*D8*20260304
DTP*009*D8*20260304
HL*2*1*21*1
NM1*41*2*SAMPLE ONCOLOGY PRACTICE*****46*SAMPLESUB1
TRN*2*BATCH0042
STC*A1:19:PR*20260304*WQ*1310
QTY*AA*1
AMT*YY*1310
HL*3*2*19*1
NM1*85*2*SAMPLE ONCOLOGY PRACTICE*****XX*1993999907
TRN*1*0
STC*A1:19:PR**WQ*1310
QTY*QC*1
AMT*YY*1310
HL*4*3*PT
NM1*QC*1*SYNTHETIC*PAT****MI*1EG4TE5MK00
TRN*2*VISIT-0001
STC*A7:21*20260304*U*1310*******A7:507
REF*D9*CLEAR-1
DTP*472*D8*20260302
SVC*HC:J9190:JZ*1000*****2
STC*A7:507*20260304*U
REF*FJ*VISIT-0001-2
DTP*472*D8*20260302"""
_277_FILE = """
BHT*0085*08*CA2*20260304*1330*TH
HL*1**20*1
NM1*AY*2*EXAMPLE CLEARINGHOUSE*****46*SAMPLECLH
TRN*1*CA2
DTP*050*D8*20260304
DTP*009*D8*20260304
HL*2*1*21*0
NM1*41*2*SAMPLE ONCOLOGY PRACTICE*****46*SAMPLESUB1
TRN*2*BATCH0042
STC*A8:24:41*20260304*U*1310
QTY*AA*1
AMT*YY*1310"""

_835_HEAD = """
BPR*I*{amount}*C*{method}************20260330
TRN*1*CHK000777*1999999901
DTM*405*20260330
N1*PR*EXAMPLE MEDICARE CONTRACTOR
N3*1 PAYER PLAZA
N4*EXAMPLEVILLE*OH*44001
REF*2U*99999
PER*BL*EDI DESK*TE*8005550100
N1*PE*SAMPLE ONCOLOGY PRACTICE*XX*1993999907
LX*1"""
_835_PAID = """
CLP*VISIT-0001*1*1310.00*992.40*195.60*MB*2226258000123*11*1
NM1*QC*1*SYNTHETIC*PAT*Q***MI*1EG4TE5MK00
NM1*82*1*EXEMPLAR*ALEX****XX*1882999901
MOA***MA01
DTM*050*20260306
SVC*HC:96522*310.00*150.40**1
DTM*472*20260302
CAS*CO*45*122.00
CAS*PR*2*37.60
REF*6R*VISIT-0001-1
AMT*B6*188.00
SVC*HC:J9190:JZ*1000.00*842.00**2
DTM*472*20260302
CAS*PR*1*100.00**2*58.00
REF*6R*VISIT-0001-2
AMT*B6*1000.00
LQ*HE*N519"""
_835_UNDONE = """
CLP*VISIT-0001*22*-1310.00*-992.40**MB*2226258000123*11*1
NM1*QC*1*SYNTHETIC*PAT*Q***MI*1EG4TE5MK00
SVC*HC:96522*-310.00*-150.40**-1
DTM*472*20260302
CAS*CO*45*-122.00
CAS*PR*2*-37.60
REF*6R*VISIT-0001-1
SVC*HC:J9190:JZ*-1000.00*-842.00**-2
DTM*472*20260302
CAS*PR*1*-100.00**2*-58.00
REF*6R*VISIT-0001-2
CLP*VISIT-0001*1*1310.00*800.00*388.00*MB*2226258000124*11*1
CAS*PR*3*388.00
CAS*CO*45*122.00
NM1*QC*1*SYNTHETIC*PAT*Q***MI*1EG4TE5MK00"""
_835_DENIED = """
CLP*VISIT-0002*4*310.00*0*0*MB*2226258000200*11*1
NM1*QC*1*SYNTHETIC*ADA****MI*1EG4TE5MK00
SVC*HC:96522*310.00*0**1
DTM*472*20260302
CAS*CO*16*310.00
REF*6R*VISIT-0002-1
LQ*HE*M119
PLB*1993999907*20261231*WO:2226258000001*50.00*L6:INT*-3.25"""


def _835(amount: str, *claims: str, method: str = "CHK") -> str:
    return wrapped(_835_HEAD.format(amount=amount, method=method) + "".join(claims), "835")


def _277(status: Status, text: str, number: str | None) -> str:
    claim = written_claim(text)
    payer = claim.insurance.payer
    header = StatusHeader(
        "0001", "CA0003", Payer(payer.id, payer.name), Submitter("SAMPLESUB1", "Sample Oncology Practice", "", ""), "BATCH0042",
        datetime(2026, 3, 4, 13, tzinfo=UTC),
    )
    segments = wrap_answer(write_277ca([Judgement(claim, status, number)], header), ENVELOPE).value
    assert segments is not None
    return encode_segments(segments)


ANSWERS = {
    "999 taken": wrapped(_999_TAKEN, "999"),
    "999 refused": wrapped(_999_REFUSED, "999"),
    "999 in part": wrapped(_999_PART, "999"),
    "999 with TA1": wrapped(_999_TAKEN, "999", "TA1*000000042*260303*0915*A*000"),
    "277 taken": _277(Status("A2", "20", "PR"), OWN, "P1"),
    "277 refused": _277(Status("A7", "562", "82"), DEPENDENT, None),
    "277 line": wrapped(_277_LINE, "277"),
    "277 file": wrapped(_277_FILE, "277"),
    "835 paid": _835("992.40", _835_PAID),
    "835 undone": _835("0", _835_UNDONE, "\nPLB*1993999907*20261231*FB:FORWARD*-192.40"),
    "835 denied": _835("0", _835_DENIED.replace("WO:2226258000001*50.00*L6:INT*-3.25", "WO:2226258000001*50.00*FB:FORWARD*-50.00"), method="NON"),
}


def changed(text: str, old: str, new: str) -> str:
    """Change one place of a text, and count SE01 again."""
    assert text.count(old) >= 1, old
    lines = text.replace(old, new, 1).splitlines()
    lines = [line for line in lines if line != "~"]
    first = next(at for at, line in enumerate(lines) if line.startswith("ST*"))
    last = next(at for at, line in enumerate(lines) if line.startswith("SE*"))
    if not old.startswith("SE*"):
        parts = lines[last].split("*")
        lines[last] = "*".join([parts[0], str(last - first + 1), *parts[2:]])
    return "\n".join(lines) + "\n"


def foreign(text: str, delimiters: Delimiters, line_break: str = "") -> str:
    """Write a text with the delimiters of another sender, all of it on one line."""
    decoded = decode_segments(text).value
    assert decoded is not None
    return encode_segments(decoded.segments, delimiters).replace("\n", line_break)


def fuzz(count: int, seed: int) -> float:
    """Read random and mutated texts; each is answered with a value or an error. Gives the longest time, in seconds."""
    chance, texts, longest = Random(seed), sorted(ANSWERS.values()), 0.0  # noqa: S311 -- the same faults each time
    for _ in range(count):
        text = chance.choice(texts)
        for _ in range(chance.randint(1, 6)):
            start, cut = chance.randint(0, len(text)), chance.randint(0, 40)
            put = "".join(chance.choice("*~:^AZ09\n|> \x00\u00e9-.STSEHL") for _ in range(chance.randint(0, 6)))
            text = text[:start] + put + text[start + cut:]
        begun = perf_counter()
        read = read_answers(text)
        longest = max(longest, perf_counter() - begun)
        assert read.value is not None or any(issue.is_error for issue in read.issues)
    return longest


def lined(text: str) -> list[str]:
    """Give the segments of a text."""
    return [line.rstrip("~") for line in text.splitlines()]
