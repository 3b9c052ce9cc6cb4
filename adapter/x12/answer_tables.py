"""The make of the answers: 999 (005010X231A1), 277CA (005010X214), 835 (005010X221A1) and TA1, as `grammar` reads them.

Facts of the standard that our own readers and writers stand on, in a notation of ours: positions, types, lengths, code
numbers; no wording. Source: ASC X12 005010 as adopted by 45 CFR 162.1602 (835); the companion guides of CMS for 999 and
277CA (cms.gov, Medicare FFS EDI), read 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["ENVELOPE", "GRAMMARS", "GUIDES"]

GUIDES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "999": ("FA", ("005010X231A1", "005010X231")),
    "277": ("HN", ("005010X214",)),
    "835": ("HP", ("005010X221A1", "005010X221")),
}
"""ST01 to GS01 and the guides that GS08 (and ST03, which an 835 has not) may name, the one that is written first."""

ENVELOPE: Final = """
loop ISA 1..1
 ISA 1..1 ID2-2=00,01,02,03,04,05,06 | ?AN1-10 | ID2-2=00,01 | ?AN1-10 | ID2-2 | AN1-15 | ID2-2 | AN1-15 | DT6-6 | TM4-4 | - | \
ID5-5=00501 | N9-9 | ID1-1=0,1 | ID1-1=P,T
 GS 1..1 ID2-2=FA,HN,HP | AN2-15 | AN2-15 | DT8-8 | TM4-8 | N1-9 | ID1-2=X | AN1-12
 TA1 1..1 N9-9 | DT6-6 | TM4-4 | ID1-1=A,E,R | ID3-3={}
""".format(",".join(f"{number:03}" for number in range(32)))

_SET_CODES = "1,2,3,4,5,6,7,8,9,10,11,12,13,15,16,17,18,19,23,24,25,26,27,I5,I6"
_GROUP_CODES = "1,2,3,4,5,6,10,11,12,13,14,15,16,17,18,19,23,24,25,26"
_PLACE = "?(N1-2 : ?N1-2 : ?N1-4)"

_999: Final = f"""
loop ST 1..1
 ST 1..1 ID3-3=999 | AN4-9 | AN1-35
 AK1 1..1 ID2-2=BE,HB,HC,HI,HN,HP,HR,HS,RA | N1-9 | AN1-12
 loop 2000 0..n
  AK2 1..1 ID3-3 | AN4-9 | ?AN1-35
  loop 2100 0..n
   IK3 1..1 ID2-3 | N1-6 | ?AN1-4 | ?ID1-3=1,2,3,4,5,6,7,8,I4,I6,I7,I8,I9
   CTX 0..10 (AN1-35 : ?AN1-35) | ?ID2-3 | ?N1-6 | ?AN1-4 | {_PLACE} | ?(N1-4 : ?N1-4)
   loop 2110 0..n
    IK4 1..1 {_PLACE[1:]} | ?N1-4 | ID1-3=1,2,3,4,5,6,7,8,9,10,11,12,13,I10,I11,I12,I13,I6,I9 | ?AN1-99
    CTX 0..10 (AN1-35 : ?AN1-35) | ?ID2-3 | ?N1-6 | ?AN1-4 | {_PLACE} | ?(N1-4 : ?N1-4)
  IK5 1..1 ID1-1=A,E,M,R,W,X{f" | ?ID1-3={_SET_CODES}" * 5}
 AK9 1..1 ID1-1=A,E,M,P,R,W,X | N1-6 | N1-6 | N1-6{f" | ?ID1-3={_GROUP_CODES}" * 5}
 SE 1..1 N1-10 | AN4-9
"""

_STATUS = "A0,A1,A2,A3,A4,A5,A6,A7,A8"
_STC = f"(ID2-2={_STATUS} : AN1-30 : ?ID2-3)"
_MORE = _STC.replace("(", "?(", 1)
_NAME = "AN1-60 | ?AN1-35 | ?AN1-25 | ?AN1-10 | ?AN1-10"

_277: Final = f"""
loop ST 1..1
 ST 1..1 ID3-3=277 | AN4-9 | AN1-35
 BHT 1..1 ID4-4=0085 | ID2-2=08 | AN1-50 | DT8-8 | TM4-8 | ID2-2=TH
 loop 2000A 1..1
  HL 1..1 AN1-12 | - | !ID1-2=20 | ID1-1=1
  loop 2100A 1..1
   NM1 1..1 ID2-3=PR,AY | ID1-1=2 | AN1-60 | - | - | - | - | ID2-2=46,FI,PI,XV | AN2-80
  loop 2200A 1..1
   TRN 1..1 ID1-2=1 | AN1-50
   DTP 1..1 !ID3-3=050 | ID2-3=D8 | DT8-8
   DTP 1..1 !ID3-3=009 | ID2-3=D8 | DT8-8
  loop 2000B 1..n
   HL 1..1 AN1-12 | AN1-12 | !ID1-2=21 | ID1-1=0,1
   loop 2100B 1..1
    NM1 1..1 ID2-3=41 | ID1-1=1,2 | {_NAME} | ID2-2=46 | AN2-80
   loop 2200B 1..1
    TRN 1..1 ID1-2=2 | AN1-50
    STC 1..n {_STC} | DT8-8 | ID1-2=U,WQ | R1-18 | - | - | - | - | - | {_MORE} | {_MORE}
    QTY 0..1 !ID2-2=90 | R1-15
    QTY 0..1 !ID2-2=AA | R1-15
    AMT 0..1 !ID1-3=YU | R1-18
    AMT 0..1 !ID1-3=YY | R1-18
   loop 2000C 0..n
    HL 1..1 AN1-12 | AN1-12 | !ID1-2=19 | ID1-1=0,1
    loop 2100C 1..1
     NM1 1..1 ID2-3=85 | ID1-1=1,2 | {_NAME} | ID1-2=FI,SV,XX | AN2-80
    loop 2200C 0..1
     TRN 1..1 ID1-2=1 | AN1-50
     STC 1..n {_STC} | - | ID1-2=U,WQ | R1-18 | - | - | - | - | - | {_MORE} | {_MORE}
     REF 0..6 ID2-3 | AN1-50
     QTY 0..1 !ID2-2=QA | R1-15
     QTY 0..1 !ID2-2=QC | R1-15
     AMT 0..1 !ID1-3=YU | R1-18
     AMT 0..1 !ID1-3=YY | R1-18
    loop 2000D 0..n
     HL 1..1 AN1-12 | AN1-12 | !ID1-2=PT | ?ID1-1=0
     loop 2100D 1..1
      NM1 1..1 ID2-3=QC | ID1-1=1 | {_NAME} | ID1-2=II,MI | AN2-80
     loop 2200D 1..n
      TRN 1..1 ID1-2=2 | AN1-50
      STC 1..n {_STC} | DT8-8 | ID1-2=U,WQ | R1-18 | - | - | - | - | - | {_MORE} | {_MORE} | ?AN1-264
      REF 0..1 !ID2-3=1K | AN1-50
      REF 0..1 !ID2-3=D9 | AN1-50
      REF 0..1 !ID2-3=BLT | AN1-50
      DTP 1..1 ID3-3=472 | ID2-3=RD8,D8 | AN1-35
      loop 2220D 0..n
       SVC 1..1 (ID2-2=AD,ER,HC,HP,IV,NU,WK : AN1-48{" : ?AN2-2" * 4}) | R1-18 | - | ?AN1-48 | - | - | ?R1-15
       STC 1..n {_STC} | DT8-8 | ID1-2=U | - | - | - | - | - | - | {_MORE} | {_MORE} | ?AN1-264
       REF 0..1 !ID2-3=FJ | AN1-50
       REF 0..1 !ID2-3=XZ | AN1-50
       DTP 0..1 ID3-3=472 | ID2-3=RD8,D8 | AN1-35
 SE 1..1 N1-10 | AN4-9
"""

_CAS = "ID1-2=CO,OA,PI,PR | ID1-5 | R1-18 | ?R1-15" + " | ?ID1-5 | ?R1-18 | ?R1-15" * 5 + " ; " + " ".join(
    f"C{amount:02}{amount - 1:02} L{amount - 1:02}{amount:02} C{amount + 1:02}{amount:02}" for amount in range(6, 19, 3)
)
_PERSON = "?AN1-60 | ?AN1-35 | ?AN1-25 | ?AN1-10 | ?AN1-10 | ?ID1-2 | ?AN2-80 | ?ID2-2 | ?AN3-3 ; P0809"
_REASON = (
    "50,51,72,90,AH,AM,AP,B2,B3,BD,BN,C5,CR,CS,CT,CV,CW,DM,E3,FB,FC,GO,HM,IP,IR,IS,J1,"
    "L3,L6,LE,LS,OA,OB,PI,PL,RA,RE,SL,TL,WO,WU"
)
_ITEM = "(ID2-2=AD,ER,HC,HP,IV,N4,N6,NU,UI,WK : AN1-48" + " : ?AN2-2" * 4 + " : ?AN1-80)"

_835: Final = f"""
loop ST 1..1
 ST 1..1 ID3-3=835 | AN4-9 | ?AN1-35
 BPR 1..1 ID1-2=C,D,H,I,P,U,X | R1-18 | ID1-1=C,D | ID3-3=ACH,BOP,CHK,FWT,NON | \
?ID1-10=CCP,CTX | ?ID2-2=01,04 | ?AN3-12 | ?ID1-3=DA | ?AN1-35 | ?AN10-10 | \
?AN9-9 | ?ID2-2=01,04 | ?AN3-12 | ?ID1-3=DA,SG | ?AN1-35 | DT8-8 ; \
P0607 C0809 P1213 C1415
 TRN 1..1 ID1-2=1 | AN1-50 | AN10-10 | ?AN1-50
 CUR 0..1 ID2-3=PR | ID3-3 | ?R4-10
 REF 0..1 !ID2-3=EV | AN1-50
 REF 0..1 !ID2-3=F2 | AN1-50
 DTM 0..1 ID3-3=405 | DT8-8
 loop 1000A 1..1
  N1 1..1 !ID2-3=PR | AN1-60 | ?ID1-2=XV | ?AN2-80 ; P0304
  N3 1..1 AN1-55 | ?AN1-55
  N4 1..1 AN2-30 | ?ID2-2 | ?ID3-15 | ?ID2-3 | - | - | ?ID1-3
  REF 0..4 ID2-3=2U,EO,HI,NF | AN1-50
  PER 1..n ID2-2=CX,BL,IC | ?AN1-60 | ?ID2-2=EM,FX,TE,UR | ?AN1-256 | ?ID2-2=EM,EX,FX,TE,UR | ?AN1-256 | \
?ID2-2=EM,EX,FX,UR | ?AN1-256 ; P0304 P0506 P0708
 loop 1000B 1..1
  N1 1..1 !ID2-3=PE | AN1-60 | ID1-2=FI,XV,XX | AN2-80
  N3 0..1 AN1-55 | ?AN1-55
  N4 0..1 AN2-30 | ?ID2-2 | ?ID3-15 | ?ID2-3 | - | - | ?ID1-3
  REF 0..n ID2-3=0B,D3,PQ,TJ | AN1-50
  RDM 0..1 ID1-2=BM,EM,FT,OL | ?AN1-60 | ?AN1-256
 loop 2000 0..n
  LX 1..1 N1-6
  TS3 0..1 AN1-50 | AN1-2 | DT8-8 | R1-15 | R1-18{" | ?R1-18" * 19}
  TS2 0..1 ?R1-18{" | ?R1-18" * 18}
  loop 2100 1..n
   CLP 1..1 AN1-38 | ID1-2=1,2,3,4,19,20,21,22,23,25 | R1-18 | R1-18 | ?R1-18 | \
ID1-2=12,13,14,15,16,17,AM,CH,DS,HM,LM,MA,MB,MC,OF,TV,VA,WC,ZZ | AN1-50 | ?AN1-2 | ?ID1-1 | - | ?ID1-4 | ?R1-15 | ?R1-10
   CAS 0..99 {_CAS}
   NM1 1..1 !ID2-3=QC | ID1-1=1 | {_PERSON}
   NM1 0..6 !ID2-3=IL,74,82,TT,PR,GB | ID1-1=1,2 | {_PERSON}
   MIA 0..1 R1-15 | ?R1-18 | ?R1-15 | ?R1-18 | ?AN1-50{" | ?R1-18" * 9} | ?R1-15{" | ?R1-18" * 4}{" | ?AN1-50" * 4} | ?R1-18
   MOA 0..1 ?R1-10 | ?R1-18{" | ?AN1-50" * 5} | ?R1-18 | ?R1-18
   REF 0..15 ID2-3 | AN1-50
   DTM 0..4 ID3-3=232,233,036,050 | DT8-8
   PER 0..2 ID2-2=CX | ?AN1-60 | ID2-2=EM,FX,TE | AN1-256 | ?ID2-2=EM,EX,FX,TE | ?AN1-256 | ?ID2-2=EX | ?AN1-256 ; P0506 P0708
   AMT 0..13 ID1-3=AU,D8,DY,F5,I,NL,T,T2,ZK,ZL,ZM,ZN,ZO | R1-18
   QTY 0..14 ID2-2=CA,CD,LA,LE,NE,NR,OU,PS,VS,ZK,ZL,ZM,ZN,ZO | R1-15
   loop 2110 0..999
    SVC 1..1 {_ITEM} | R1-18 | R1-18 | ?AN1-48 | ?R1-15 | ?{_ITEM} | ?R1-15
    DTM 0..2 ID3-3=150,151,472 | DT8-8
    CAS 0..99 {_CAS}
    REF 0..24 ID2-3 | AN1-50
    AMT 0..9 ID1-3=B6,KH,T,T2,ZK,ZL,ZM,ZN,ZO | R1-18
    QTY 0..6 ID2-2=ZK,ZL,ZM,ZN,ZO | R1-15
    LQ 0..99 ID1-3=HE,RX | AN1-30
 PLB 0..n AN1-50 | DT8-8 | (ID2-2={_REASON} : ?AN1-50) | \
R1-18{f" | ?(ID2-2={_REASON} : ?AN1-50) | ?R1-18" * 5} ; P0506 P0708 P0910 P1112 P1314
 SE 1..1 N1-10 | AN4-9
"""

GRAMMARS: Final[Mapping[str, str]] = {"999": _999, "277": _277, "835": _835}
"""ST01 to its table."""
