"""Where each element of an 837 stands in our own Claim: the index by which an answer of a payer is read.

A 999 names a segment by its number in its transaction, and an element of it by a number; the index turns both into the
FHIRPath of the Claim that was written there. It is made from the text that was sent, which is kept, and from nothing
else: the same text gives the same index, and a file of another writer has one too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from adapter.x12.syntax import Segment

__all__ = ["PATHS", "Place", "PositionIndex", "index_positions"]

_PARTIES: Final[Mapping[tuple[str, str], str]] = {
    ("header", "41"): "1000A", ("header", "40"): "1000B",
    ("2000A", "85"): "2010AA", ("2000A", "87"): "2010AB", ("2000A", "PE"): "2010AC",
    ("2000B", "IL"): "2010BA", ("2000B", "PR"): "2010BB",
    ("2000C", "QC"): "2010CA",
    ("2300", "71"): "2310A", ("2300", "72"): "2310B", ("2300", "ZZ"): "2310C",
    ("2300", "DN"): "2310A", ("2300", "P3"): "2310A", ("2300", "82"): "2310B", ("2300", "77"): "2310C",
    ("2300", "DQ"): "2310D", ("2300", "PW"): "2310E", ("2300", "45"): "2310F",
    ("2320", "IL"): "2330A", ("2320", "PR"): "2330B",
    ("2400", "82"): "2420A", ("2400", "QB"): "2420B", ("2400", "77"): "2420C", ("2400", "DQ"): "2420D",
    ("2400", "DK"): "2420E", ("2400", "DN"): "2420F", ("2400", "P3"): "2420F",
}
_LEVELS: Final = {"20": "2000A", "22": "2000B", "23": "2000C"}

_PROVIDER: Final = "provider.resolve()"
_COVERAGE: Final = "insurance[0].coverage.resolve()"
_PAYOR: Final = f"{_COVERAGE}.payor.resolve()"
_SUBSCRIBER: Final = f"{_COVERAGE}.subscriber.resolve()"
_TREATING: Final = "careTeam[0].provider.resolve()"
_FACILITY: Final = "facility.resolve()"


def _person(loop: str, root: str, identifier: str | None) -> dict[str, str]:
    """Give the rows of a person's loop: name, identifier, address, birth date and sex."""
    rows = {"NM1": root, "NM103": f"{root}.name[0].family", "NM104": f"{root}.name[0].given[0]",
            "NM105": f"{root}.name[0].given[1]", "NM107": f"{root}.name[0].suffix[0]",
            "DMG": root, "DMG02": f"{root}.birthDate", "DMG03": f"{root}.gender"}
    if identifier:
        rows["NM109"] = identifier
    return {f"{loop}.{name}": path for name, path in {**rows, **_address(f"{root}.address[0]")}.items()}


def _party(loop: str, root: str) -> dict[str, str]:
    """Give the rows of an organization's loop: name, identifier, address."""
    rows = {"NM1": root, "NM103": f"{root}.name", "NM109": f"{root}.identifier"}
    return {f"{loop}.{name}": path for name, path in {**rows, **_address(f"{root}.address")}.items()}


def _address(root: str) -> dict[str, str]:
    return {"N3": root, "N301": f"{root}.line[0]", "N302": f"{root}.line[1]", "N4": root, "N401": f"{root}.city",
            "N402": f"{root}.state", "N403": f"{root}.postalCode"}


_LINE: Final = "item[{line}]"
PATHS: Final[Mapping[str, str]] = {
    "2000A.HL": "provider", "2000A.PRV": _PROVIDER, "2000A.PRV03": f"{_PROVIDER}.type",
    **_party("2010AA", _PROVIDER),
    "2010AA.REF*EI": f"{_PROVIDER}.identifier", "2010AA.REF*SY": f"{_PROVIDER}.identifier", "2010AA.PER": f"{_PROVIDER}.telecom",
    "2000B.HL": "insurance[0]", "2000B.SBR": "insurance[0]", "2000B.SBR01": "insurance[0].sequence",
    "2000B.SBR02": f"{_COVERAGE}.relationship", "2000B.SBR03": f"{_COVERAGE}.class", "2000B.SBR04": f"{_COVERAGE}.class",
    "2000B.SBR09": f"{_COVERAGE}.type",
    **_person("2010BA", _SUBSCRIBER, f"{_COVERAGE}.subscriberId"),
    **_party("2010BB", _PAYOR),
    "2000C.HL": "patient", "2000C.PAT": f"{_COVERAGE}.relationship", "2000C.PAT01": f"{_COVERAGE}.relationship",
    **_person("2010CA", "patient.resolve()", None),
    "2300.CLM": "", "2300.CLM01": "identifier[0].value", "2300.CLM02": "total", "2300.CLM05-1": "{place}",
    "2300.CLM05-3": "related[0].relationship", "2300.CLM06": "extension", "2300.CLM07": "extension",
    "2300.CLM08": "extension", "2300.CLM09": "extension", "2300.CL1": "supportingInfo",
    "2300.DTP": "billablePeriod", "2300.REF*G1": "insurance[0].preAuthRef", "2300.REF*F8": "related[0].claim.identifier",
    "2300.REF*EA": "patient.resolve().identifier", "2300.HI": "diagnosis", "2300.PWK": "supportingInfo",
    "2300.NTE": "supportingInfo",
    **_person("2310B", _TREATING, f"{_TREATING}.identifier"),
    "2310B.PRV": "careTeam[0]", "2310B.PRV03": "careTeam[0].qualification",
    **_party("2310C", _FACILITY),
    **{key.replace("2310C.", "2310E."): path for key, path in _party("2310C", _FACILITY).items()},
    "2320.SBR": "insurance",
    "2400.LX": _LINE, "2400.LX01": f"{_LINE}.sequence",
    "2400.SV1": _LINE, "2400.SV101": f"{_LINE}.productOrService", "2400.SV101-7": f"{_LINE}.productOrService.text",
    "2400.SV102": f"{_LINE}.net", "2400.SV103": f"{_LINE}.quantity", "2400.SV104": f"{_LINE}.quantity",
    "2400.SV105": f"{_LINE}.location", "2400.SV107": f"{_LINE}.diagnosisSequence",
    "2400.SV2": _LINE, "2400.SV201": f"{_LINE}.revenue", "2400.SV202": f"{_LINE}.productOrService",
    "2400.SV202-7": f"{_LINE}.productOrService.text", "2400.SV203": f"{_LINE}.net", "2400.SV204": f"{_LINE}.quantity",
    "2400.SV205": f"{_LINE}.quantity",
    "2400.DTP": f"{_LINE}.serviced", "2400.REF*6R": f"{_LINE}.extension", "2400.REF*G1": f"{_LINE}.extension",
    "2410.LIN": f"{_LINE}.detail[0]", "2410.LIN03": f"{_LINE}.detail[0].productOrService",
    "2410.CTP": f"{_LINE}.detail[0].quantity", "2410.REF": f"{_LINE}.detail[0].extension",
}
"""Loop and element to the path below Claim; a segment alone stands for all of its elements that have no row.

Source: the writers of this room and of `fhir`. 837I differs in 2310A (attending) and 2310E (facility), see `_keys`.
"""

_MODIFIERS: Final = range(3, 7)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a segment of an 837 comes from: its loop, its claim (CLM01, empty above the claims) and its line from 0."""

    segment: Segment
    loop: str
    claim: str
    line: int | None
    is_dependent: bool
    is_institutional: bool

    def find_expression(self, element: int = 0, component: int = 0) -> str | None:
        """Find the FHIRPath of an element, of the segment where `element` is 0; None where a Claim has no place for it."""
        for key in self._keys(element, component):
            if key in PATHS:
                path = self._fill(PATHS[key], element, component)
                return f"Claim.{path}" if path else "Claim"
        return None

    def find_missing(self, name: str) -> str | None:
        """Find where a segment that is missing near this one would stand: its row in this loop, else that of this segment."""
        rows = [path for key, path in PATHS.items() if re.fullmatch(rf"{self.loop}\.{re.escape(name)}(\*\w+)?", key)]
        return f"Claim.{self._fill(rows[0], 0, 0)}".rstrip(".") if rows else self.find_expression()

    def _keys(self, element: int, component: int) -> Iterator[str]:
        loop, name = self.loop, self.segment.id
        if self.is_institutional and loop == "2310A":
            loop = "2310B"  # the attending provider is the careTeam of an institutional Claim
        qualified = f"{loop}.{name}*{self.segment.get(1)}"
        if element:
            if component:
                yield f"{loop}.{name}{element:02}-{component}"
            yield f"{loop}.{name}{element:02}"
            yield qualified
        yield qualified
        yield f"{loop}.{name}"

    def _fill(self, path: str, element: int, component: int) -> str:
        filled = path.format(line=self.line or 0, place="subType" if self.is_institutional else "item[0].location")
        if self.loop == "2010BA" and not self.is_dependent and filled.startswith(_SUBSCRIBER):
            return filled.replace(_SUBSCRIBER, "patient.resolve()", 1)
        if self.segment.id == "HI" and element:
            return f"diagnosis[{element - 1}].diagnosis"
        if (self.segment.id, element) in {("SV1", 1), ("SV2", 2)} and component in _MODIFIERS:
            return f"{_LINE.format(line=self.line or 0)}.modifier[{component - _MODIFIERS[0]}]"
        if (self.segment.id, element) == ("SV1", 7) and component:
            return f"{filled}[{component - 1}]"
        return filled


@dataclass(frozen=True, slots=True)
class PositionIndex:
    """The segments of one interchange by transaction (ST02) and number in it (ST is 1), and its claims and lines.

    `lines` are the line control numbers (REF*6R) of each claim, in their order.
    """

    interchange_control_number: str
    group_control_number: str
    transactions: Mapping[str, Sequence[Place]]
    lines: Mapping[str, Sequence[str]]

    def find_place(self, transaction: str, position: int) -> Place | None:
        """Find the segment that a 999 names by ST02 and number."""
        places = self.transactions.get(transaction, ())
        return places[position - 1] if 1 <= position <= len(places) else None

    def find_line(self, claim: str, control_number: str) -> int | None:
        """Find the line, from 0, that a payer names by its control number, which may come back in capitals."""
        numbers = [each.upper() for each in self.lines.get(claim, ())]
        wanted = control_number.upper()
        return numbers.index(wanted) if numbers.count(wanted) == 1 else None


@dataclass(slots=True)
class _Walk:
    lines: dict[str, list[str]]
    institutional: bool
    level: str = "header"
    loop: str = "header"
    claim: str = ""
    line: int | None = None
    dependent: bool = False

    def step(self, segment: Segment) -> Place:
        self._open(segment)
        if segment.id == "REF" and segment.get(1) == "6R" and self.level == "2400" and self.line is not None:
            self.lines[self.claim][self.line] = segment.get(2)
        return Place(segment, self.loop, self.claim, self.line, self.dependent, self.institutional)

    def _open(self, segment: Segment) -> None:
        match segment.id:
            case "HL" if segment.get(3) in _LEVELS:
                self.level = self.loop = _LEVELS[segment.get(3)]
                self.claim, self.line = "", None
                self.dependent = segment.get(3) == "23" or (segment.get(3), segment.get(4)) == ("22", "1")
            case "CLM":
                self.level = self.loop = "2300"
                self.claim, self.line = segment.get(1), None
                self.lines.setdefault(self.claim, [])
            case "LX" if self.claim:
                self.level = self.loop = "2400"
                self.lines[self.claim].append("")
                self.line = len(self.lines[self.claim]) - 1
            case "SBR" if self.level in ("2300", "2320"):
                self.level = self.loop = "2320"
            case "NM1":
                self.loop = self._party(segment.get(1))
            case "LIN" | "SVD" if self.level == "2400":
                self.loop = "2410" if segment.id == "LIN" else "2430"
            case "SE":
                self.level = self.loop = "trailer"
                self.claim, self.line = "", None

    def _party(self, entity: str) -> str:
        if self.institutional and self.level == "2300" and entity in ("77", "82"):
            return {"77": "2310E", "82": "2310D"}[entity]
        return _PARTIES.get((self.level, entity), f"{self.level}-NM1")


def index_positions(segments: Iterable[Segment]) -> PositionIndex:
    """Index the segments of an 837, professional or institutional, of one functional group.

    >>> from adapter.x12.syntax import build_segment as s
    >>> segments = s("ST", "837", "0001"), s("CLM", "R1", "310.00"), s("LX", "1"), s("SV1", ("HC", "96522")), s("SE")
    >>> index = index_positions(segments)
    >>> index.find_place("0001", 4).find_expression(2), index.find_place("0001", 2).find_expression(1)
    ('Claim.item[0].net', 'Claim.identifier[0].value')
    """
    numbers = {"ISA": "", "GS": ""}
    lines: dict[str, list[str]] = {}
    transactions: dict[str, tuple[Place, ...]] = {}
    walk: _Walk | None = None
    places: list[Place] = []
    for segment in segments:
        if segment.id in numbers:
            numbers[segment.id] = segment.get({"ISA": 13, "GS": 6}[segment.id])
        if segment.id == "ST":
            walk, places = _Walk(lines, "X223" in segment.get(3)), []
        if walk is not None:
            places.append(walk.step(segment))
        if segment.id == "SE" and walk is not None:
            transactions[places[0].segment.get(2)] = _give_claims(places)
            walk = None
    found = {claim: tuple(each) for claim, each in lines.items()}
    return PositionIndex(numbers["ISA"], numbers["GS"], transactions, found)


def _give_claims(places: Sequence[Place]) -> tuple[Place, ...]:
    """Give the segments above a claim (its levels and parties) the first claim that follows them."""
    claim, given = "", []
    for place in reversed(places):
        claim = place.claim or claim
        given.append(place if place.claim else replace(place, claim=claim))
    return tuple(reversed(given))
