"""The rules between the segments of one claim, as it was received."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from adapter.issues import Issue, IssueType, Severity
from adapter.terms.mbi import is_mbi
from adapter.x12 import form
from adapter.x12.element import FILING_INDICATORS, UNCLASSIFIED_DRUGS
from adapter.x12.guide_rules import SENT_APART
from adapter.x12.loop import ClaimLoops, Loop, Loops, parse_day
from adapter.x12.syntax import Segment

__all__ = ["check_claim", "tell_fault"]

_NUMBER = re.compile(r"-?[0-9]{0,15}(?:[0-9]|\.[0-9]{1,15})")
_PUMP_REFILLS = frozenset({"96521", "96522", "95990", "95991"})


def check_claim(claim: ClaimLoops, kind: str, made: date, root: str) -> list[Issue]:
    """Check one claim in loops; `made` is the day of the file, `root` what the claim is called in FHIRPath.

    Errors: `x12.1.*.1` to `x12.6.*.1`, and `x12.segment-missing`, `x12.total-differs` and so on, each at its segment.
    """
    return _Check(claim, kind, made, root).run()


def tell_fault(rule: str, places: tuple[str, ...], text: str, segment: Segment | None) -> Issue:
    """Tell what is wrong at a place in X12, then in a Claim, with the line of the segment."""
    return Issue(Severity.ERROR, IssueType.VALUE, rule, text, places, line=segment.line if segment else None)


@dataclass(slots=True)
class _Check:
    """The rules between the segments of one claim."""

    claim: ClaimLoops
    form: str
    made: date
    root: str
    found: list[Issue] = field(default_factory=list)

    def run(self) -> list[Issue]:
        self._check_subscriber()
        self._check_claim()
        diagnoses = self._check_diagnoses()
        self._check_lines(diagnoses)
        self._check_charges()
        return self.found

    def tell(self, rule: str, place: str, text: str, segment: Segment | None, element: str = "") -> None:
        self.found.append(tell_fault(rule, (place, f"{self.root}{element}"), text, segment))

    def _check_subscriber(self) -> None:
        level, person = self.claim.get("2000B"), self.claim.get("2010BA")
        sbr, name = level.find("SBR"), person.find("NM1")
        dependent = "2000C" in self.claim.loops
        if sbr is None or name is None or self.claim.get("2010BB").find("NM1") is None:
            self.tell("x12.segment-missing", "2000B/SBR", "The subscriber or the payer of a claim is missing (SBR, NM1*IL, "
                                                          "NM1*PR). "
                      "Ask for the whole claim.", sbr or name)
            return
        if (sbr.get(2) == "18") == dependent or (sbr.get(2) not in ("", "18")):
            self.tell("x12.4.2000B.SBR02.1", "2000B/SBR/02", "SBR02 is 18 where the patient is the subscriber, and empty above a "
                      "patient of its own (2000C). Make them agree.", sbr, ".insurance[0].coverage.resolve().relationship")
        if sbr.get(9) not in FILING_INDICATORS:
            self.tell("x12.5.2000B.SBR09.1", "2000B/SBR/09", "The claim filing indicator is missing or none of its list.", sbr,
                      ".insurance[0].coverage.resolve().type")
        if sbr.get(9) in ("MB", "MA") and not dependent and not is_mbi(name.get(9)):
            self.tell("x12.6.2010BA.NM109.1", "2010BA/NM1/09", "The member id of a Medicare claim has not the form of a Medicare "
                      "beneficiary identifier.", name, ".insurance[0].coverage.resolve().subscriberId")
        patient = self.claim.get("2010CA") if dependent else person
        loop = "2010CA" if dependent else "2010BA"
        born = patient.find("DMG")
        if born is None or patient.find("N3") is None or patient.find("N4") is None:
            self.tell("x12.4.2010BA.DMG.1", f"{loop}/DMG", "The patient has no birth date and sex (DMG), or no address (N3, N4).",
                      patient.find("NM1"), ".patient.resolve().birthDate")
        day = parse_day(born.get(2)) if born else None
        for place, line in enumerate(self.claim.lines):
            served = _first_day(line["2400"])
            if day and served and served < day:
                self.tell("x12.4.2010BA.DMG02.1", f"{loop}/DMG/02", "A line's service date is before the patient's birth "
                                                                    "date.", born,
                          f".item[{place}].servicedDate")

    def _check_claim(self) -> None:
        loop = self.claim.get("2300")
        claim, qualifier = loop.segments[0], "B" if self.form == "professional" else "A"
        if claim.get(5, 2) != qualifier:
            self.tell("x12.code-not-known", "2300/CLM/05-2", f"CLM05-2 is not {qualifier}.", claim, ".type")
        frequency = claim.get(5, 3)
        if frequency in ("7", "8") and loop.find("REF", "F8") is None:
            self.tell("x12.4.2300.REF-F8.1", "2300/REF/02", "A replacement or void names no claim of the payer (REF*F8).", claim,
                      ".related[0].claim")
        for segment in loop.segments:
            if segment.id == "PWK" and segment.get(2) in SENT_APART and not (segment.get(5) == "AC" and segment.get(6)):
                self.tell("x12.4.2300.PWK06.1", "2300/PWK/06", "An attachment that is sent apart has no control number "
                                                               "(PWK05 AC, "
                          "PWK06).", segment, ".supportingInfo")
        billing = self.claim.get("2010AA").find("NM1")
        treating = self.claim.get("2310B").find("NM1", "82")
        if billing and treating and billing.get(9) == treating.get(9):
            self.tell("x12.4.2310B.NM109.1", "2310B/NM1/09", "The rendering provider is the billing provider. Leave loop "
                                                             "2310B out.",
                      treating, ".careTeam[0].provider")
        if self.form == "institutional" and loop.find("CL1") is None:
            self.tell("x12.4.2300.CL1.1", "2300/CL1", "An institutional claim has no CL1.", claim, ".supportingInfo")
        if self.form == "institutional" and not self.claim.get("2310A").segments:
            self.tell("x12.4.2310A.NM1.1", "2310A/NM1", "An institutional claim names no attending provider.", claim, ".careTeam")

    def _check_diagnoses(self) -> int:
        """Check the HI segments, and give how many diagnoses a line may point to."""
        loop = self.claim.get("2300")
        told: list[str] = []
        for segment in (one for one in loop.segments if one.id == "HI"):
            for number, element in enumerate(segment.elements, 1):
                kind, code = element[0], element[1] if len(element) > 1 else ""
                if kind not in ("ABK", "ABF", "BK", "BF"):
                    continue
                right = ("ABF" if told else "ABK")
                if kind != right or "." in code or not form.DIAGNOSIS[0](code):
                    self.tell("x12.diagnosis-unreadable", f"2300/HI/{number:02}", "HI does not hold ICD-10-CM codes without "
                      "a dot, "
                              "ABK first and then ABF.", segment, f".diagnosis[{len(told)}].diagnosis")
                if code in told:
                    self.tell("x12.4.2300.HI01.1", f"2300/HI/{number:02}", "A diagnosis stands twice.", segment,
                              f".diagnosis[{len(told)}].diagnosis")
                told.append(code)
        if not told:
            self.tell("x12.1.2300.HI01.1", "2300/HI/01", "The claim has no diagnosis.", loop.segments[0], ".diagnosis")
        return len(told)

    def _check_lines(self, diagnoses: int) -> None:
        numbers: Counter[str] = Counter()
        for place, loops in enumerate(self.claim.lines):
            loop, item = loops["2400"], f".item[{place}]"
            if loop.segments[0].get(1) != str(place + 1):
                self.tell("x12.line-out-of-order", "2400/LX/01", "The lines of a claim are not numbered 1, 2, "
                                                                 "3.", loop.segments[0], item)
            served = _first_day(loop)
            if served is None:
                self.tell("x12.date-unreadable", "2400/DTP/03", "A line has no service date (DTP*472), or none that is a day.",
                          loop.find("DTP", "472") or loop.segments[0], f"{item}.serviced")
            elif served > self.made:
                self.tell("x12.4.2400.DTP03.1", "2400/DTP/03", "A line's service date is after the day of the file.",
                          loop.find("DTP", "472"), f"{item}.serviced")
            number = loop.find("REF", "6R")
            if number:
                numbers[number.get(2)] += 1
                if numbers[number.get(2)] > 1:
                    self.tell("x12.4.2400.REF-6R.1", "2400/REF/02", "Two lines have one control number.", number,
                        f"{item}.extension")
            self._check_service(loops, item, diagnoses)

    def _check_service(self, loops: Loops, item: str, diagnoses: int) -> None:
        professional = self.form == "professional"
        name, composite = ("SV1", 1) if professional else ("SV2", 2)
        service = loops["2400"].find(name)
        if service is None:
            self.tell("x12.segment-missing", f"2400/{name}", f"A line has no {name}.", loops["2400"].segments[0], item)
            return
        place, code = f"2400/{name}/{composite:02}", service.get(composite, 2)
        if code in UNCLASSIFIED_DRUGS and not service.get(composite, 7):
            rule = "x12.4.2400.SV101.1" if professional else "x12.4.2400.SV202.1"
            self.tell(rule, f"{place}-7", "A drug under a code for unclassified drugs has no description.", service,
                      f"{item}.productOrService.text")
        described = service.get(composite, 7)
        if service.get(composite, 6) and re.fullmatch(r"[A-Z0-9]{2}", described):
            rule = "x12.1.2400.SV101.1" if professional else "x12.1.2400.SV202.1"
            self.tell(rule, f"{place}-7", "A fifth modifier stands where the description is.", service, f"{item}.modifier")
        if code in _PUMP_REFILLS and service.get(composite + 2) != "UN":
            self.tell("x12.6.2400.SV103.1", f"2400/{name}/{composite + 2:02}", "A pump refill is counted in units (UN).", service,
                      f"{item}.quantity")
        if professional:
            pointers = [one for one in service.elements[6] if one] if len(service.elements) > 6 else []
            known = {str(number) for number in range(1, min(diagnoses, 12) + 1)}
            if not 1 <= len(pointers) <= 4 or not set(pointers) <= known or len(set(pointers)) < len(pointers):
                self.tell("x12.4.2400.SV107.1", "2400/SV1/07", "A line points to 1 to 4 diagnoses of the claim, each "
                                                               "once.", service,
                          f"{item}.diagnosisSequence")
        drug = loops.get("2410", Loop("2410")).find("LIN")
        price = loops.get("2410", Loop("2410")).find("CTP")
        unit = price.get(5) if price else ""
        if drug and (price is None or not _positive(price.get(4)) or unit not in ("F2", "GR", "ME", "ML", "UN")):
            self.tell("x12.5.2410.CTP05.1", "2410/CTP/05", "A drug has no quantity above 0 in F2, GR, ME, ML or "
                                                           "UN.", price or drug,
                      f"{item}.detail[0].quantity")

    def _check_charges(self) -> None:
        name, charge, units = ("SV1", 2, 4) if self.form == "professional" else ("SV2", 3, 5)
        claim, total = self.claim.get("2300").segments[0], Decimal(0)
        for place, loops in enumerate(self.claim.lines):
            service = loops["2400"].find(name)
            if service is None:
                continue
            if not _is_money(service.get(charge)):
                rule = "x12.1.2400.SV102.1" if name == "SV1" else "x12.1.2400.SV203.1"
                self.tell(rule, f"2400/{name}/{charge:02}", "The charge of a line is not an amount of 0 or more, with two "
                                                            "decimals.",
                          service, f".item[{place}].net")
                return
            if not _positive(service.get(units)):
                rule = "x12.1.2400.SV104.1" if name == "SV1" else "x12.1.2400.SV205.1"
                self.tell(rule, f"2400/{name}/{units:02}", "The units of a line are not more than "
                                                           "0.", service, f".item[{place}].quantity")
            total += Decimal(service.get(charge))
        if not self.claim.lines:
            self.tell("x12.segment-missing", "2400/LX", "A claim has no service line (LX).", claim, ".item")
        elif not _is_money(claim.get(2)) or Decimal(claim.get(2)) != total:
            self.tell("x12.total-differs", "2300/CLM/02", "CLM02 is not the sum of the charges of the lines.", claim, ".total")


def _is_money(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text)) and text[:1] != "-" and len(text.partition(".")[2]) <= 2


def _positive(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text)) and Decimal(text) > 0


def _first_day(loop: Loop) -> date | None:
    """Give the first day of a line's service, None where none is told that is one."""
    told = loop.find("DTP", "472")
    if told is None:
        return None
    start, mark, end = told.get(3).partition("-")
    first = parse_day(start)
    if told.get(2) == "RD8":
        last = parse_day(end) if mark else None
        return first if first and last and first <= last else None
    return first if told.get(2) == "D8" and not mark else None
