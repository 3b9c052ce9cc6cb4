"""Generated claims and envelopes, for every room that has to carry them: all valid, many of them odd."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import strategies as st

from adapter.terms import (
    Address,
    Adjustment,
    Admission,
    Attachment,
    Claim,
    Facility,
    Identifier,
    Insurance,
    LineDecision,
    Ndc,
    Organization,
    Payer,
    PayerDecision,
    Person,
    Practitioner,
    Pump,
    Receiver,
    Referral,
    ServiceLine,
    StatedCode,
    Submitter,
)
from adapter.x12 import Envelope

__all__ = ["addresses", "claim_files", "claims", "digits", "envelopes", "for_fhir", "identifiers", "insurances", "names", "npis", "persons",
    "professional_claims", "quantities", "service_lines", "wider_claims", "words"]

FIRST_DAY = datetime(2026, 9, 15, tzinfo=UTC)
SERVICE_DAYS = (date(2026, 1, 1), date(2026, 9, 14))
TAXONOMIES = ("207RX0202X", "207RH0003X", "208VP0014X", "163W00000X")
CODES = ("96522", "95990", "99213", "J9190", "J2270", "A4220")
MODIFIERS = ("25", "59", "XS", "JW", "JZ", "KD", "RT")
STATES = ("MA", "OH", "CA", "TX", "PR", "DC")
FIRST = "ABCDEFGHJKLMNOPRSTVWZabcdefghjkz"
REST = FIRST + "ÄÖÜäöüßéèñçøØåÅæœłđþ*~:^|'-.,&()#/ \t\x1d\u2019\u2013\u00a0"
MBI = "[1-9][A-H][0-9][0-9][J-N][0-9][0-9][A-H][A-H][0-9][0-9]".replace("A-H", "AC-H").replace("J-N", "JKMN")
IDENTIFIER = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"


@cache
def names(longest: int = 20) -> st.SearchStrategy[str]:
    """Give names with accents, delimiters and control characters in them; each begins with a plain letter."""
    return st.builds(str.__add__, st.sampled_from(FIRST), st.text(REST, max_size=longest - 1))


@cache
def identifiers(longest: int, shortest: int = 2) -> st.SearchStrategy[str]:
    """Give identifiers of letters, digits and hyphens."""
    return st.text(IDENTIFIER, min_size=shortest, max_size=longest)


@cache
def digits(count: int) -> st.SearchStrategy[str]:
    """Give so many digits."""
    return st.integers(0, 10**count - 1).map(f"{{:0{count}}}".format)


def npis() -> st.SearchStrategy[str]:
    """Give NPIs that begin with 19, their check digit right."""
    return digits(7).map(lambda seven: _with_check_digit("19" + seven))


def _with_check_digit(nine: str) -> str:
    figures = [int(figure) for figure in reversed("80840" + nine)]
    total = sum(sum(divmod(2 * figure, 10)) for figure in figures[::2]) + sum(figures[1::2])
    return nine + str(-total % 10)


@cache
def addresses(zip_digits: int) -> st.SearchStrategy[Address]:
    """Give addresses with a ZIP code of so many digits; none of them is a PO box."""
    streets = st.builds("{} {} Ave".format, st.integers(1, 9999), names(12))
    return st.builds(
        Address,
        line=st.builds(lambda street, more: (street, *more), streets, st.lists(names(10), max_size=1)),
        city=st.builds("{}ville".format, names(10)),
        state=st.sampled_from(STATES),
        postal_code=digits(zip_digits),
    )


def persons(**fixed: Any) -> st.SearchStrategy[Person]:
    """Give people with everything that a patient needs; keywords replace single fields."""
    parts: dict[str, Any] = {
        "family": names(25),
        "given": st.lists(names(6), max_size=3).map(tuple),
        "suffix": st.none() | st.sampled_from(("Jr", "III")),
        "gender": st.sampled_from(("male", "female", "other", "unknown")),
        "birth_date": st.dates(date(1920, 1, 1), date(2025, 12, 31)),
        "address": st.sampled_from((5, 9)).flatmap(addresses),
        "record_number": st.none() | st.builds(Identifier, st.none() | st.just("urn:example:mrn"), identifiers(20, 1)),
    }
    return st.builds(Person, **{**parts, **fixed})


@cache
def _own() -> st.SearchStrategy[tuple[str, Person | None]]:
    return st.just(("self", None))


@cache
def _others() -> st.SearchStrategy[tuple[str, Person | None]]:
    subscribers = persons(gender=st.none() | st.just("male"), birth_date=st.none() | st.just(date(1960, 2, 29)),
                          address=st.none() | addresses(9))
    return st.tuples(st.sampled_from(("spouse", "child", "other")), subscribers)


@cache
def insurances() -> st.SearchStrategy[Insurance]:
    """Give coverages of the patient's own and of somebody else."""
    return st.builds(
        lambda related, member, **parts: Insurance(
            relationship=related[0], subscriber=related[1], filing_indicator=member[0], member_id=member[1], **parts),
        _own() | _others(),
        st.tuples(st.sampled_from(("CI", "BL")), identifiers(20)) | st.tuples(st.just("MB"), st.from_regex(MBI, fullmatch=True)),
        payer=st.builds(Payer, identifiers(20), names(30)),
        order=st.integers(1, 3),
        group_number=st.none() | identifiers(15),
        group_name=st.none() | names(20),
    )


@cache
def service_lines(diagnoses: int) -> st.SearchStrategy[ServiceLine]:
    """Give lines that point into so many diagnoses; their sequence is 1 and their control number not yet unique."""
    described = st.just("Compounded drug") | st.builds("Drug {}".format, names(30))
    ndcs = st.builds(Ndc, code=digits(11), quantity=quantities(), unit=st.sampled_from(("UN", "ML", "GR", "F2")),
                     prescription_number=st.none() | identifiers(12))
    charges = st.decimals(0, 9999, places=2) | st.integers(0, 9999).map(Decimal) | st.just(Decimal("1E+2"))
    services = st.tuples(st.sampled_from(CODES), st.none() | described) | st.tuples(st.just("J7999"), described)
    return st.builds(
        lambda service, **parts: ServiceLine(sequence=1, code=service[0], description=service[1], **parts),
        services,
        modifiers=st.lists(st.sampled_from(MODIFIERS), max_size=4).map(tuple),
        units=quantities(),
        charge=charges,
        diagnosis_pointers=st.lists(st.integers(1, diagnoses), min_size=1, max_size=4, unique=True).map(tuple),
        service_date=st.dates(*SERVICE_DAYS),
        control_number=identifiers(10, 1),
        ndc=st.none() | ndcs,
        authorisation=st.none() | identifiers(15),
        note=st.none() | names(30),
        pump=st.none() | st.builds(Pump, st.just("implanted-programmable"), serial_number=st.sampled_from(("SN1", "SN2"))),
    )


@cache
def quantities() -> st.SearchStrategy[Decimal]:
    """Give quantities above zero with up to three decimals."""
    return st.integers(1, 3000).map(Decimal) | st.decimals("0.001", "300", places=3)


def _numbered(lines: list[ServiceLine], steps: list[int]) -> tuple[ServiceLine, ...]:
    """Number lines with gaps, and make their control numbers unique."""
    return tuple(
        replace(line, sequence=place + sum(steps[:place]), control_number=f"{line.control_number}-{place}")
        for place, line in enumerate(lines, start=1)
    )


@cache
def _providers() -> st.SearchStrategy[Organization]:
    return st.builds(
        Organization, name=names(40), npi=npis(), tax_id=digits(9), taxonomy=st.sampled_from(TAXONOMIES),
        phone=st.none() | st.just("5555550100"), address=addresses(9),
    )


@cache
def _treating() -> st.SearchStrategy[Practitioner]:
    return st.builds(
        Practitioner, family=names(25), given=st.lists(names(6), max_size=3).map(tuple),
        suffix=st.none() | st.just("MD"), npi=digits(7).map(lambda seven: _with_check_digit("18" + seven)),
        taxonomy=st.none() | st.sampled_from(TAXONOMIES),
    )


@cache
def _referrals() -> st.SearchStrategy[Referral | None]:
    referrals = st.tuples(st.none() | identifiers(20), st.none() | _treating()).filter(any)
    return st.none() | referrals.map(lambda both: Referral(*both))


@cache
def _attachments() -> st.SearchStrategy[tuple[Attachment, ...]]:
    return st.lists(
        st.builds(Attachment, st.sampled_from(("OZ", "B4", "M1")), st.sampled_from(("BM", "EL", "FX")), identifiers(20))
        | st.just(Attachment("OZ", "AA")), max_size=2,
    ).map(tuple)


@st.composite
def _coordinated(draw: st.DrawFn, claim: Claim) -> Claim:
    """Give a claim up to two other coverages, each with its own place in the order, and what some of their payers decided."""
    others = draw(st.lists(insurances(), max_size=2, unique_by=lambda one: one.payer.id.upper()))
    first, *rest = (replace(one, order=order) for one, order in zip([claim.insurance, *others], draw(st.permutations([1, 2, 3])), strict=False))
    decided = [replace(one, decision=draw(st.none() | _decisions(claim))) for one in rest]
    return replace(claim, insurance=first, other_insurance=tuple(decided))


@st.composite
def _decisions(draw: st.DrawFn, claim: Claim) -> PayerDecision:
    """Give a decision that balances: of each line what is not paid is adjusted, or of the claim as one."""
    number, day = draw(st.none() | identifiers(20)), draw(st.dates(date(2026, 9, 1), date(2026, 9, 14)))
    if len(claim.lines) > 8 or draw(st.booleans()):
        kept = draw(st.decimals(0, claim.total, places=2))
        return PayerDecision(day, kept, number, _adjusted(draw, claim.total - kept))
    lines = []
    for line in claim.lines:
        kept = draw(st.decimals(0, line.charge, places=2))
        lines.append(LineDecision(line.sequence, kept, line.units, _adjusted(draw, line.charge - kept)))
    return PayerDecision(day, sum((one.paid for one in lines), Decimal(0)), number, (), tuple(lines))


def _adjusted(draw: st.DrawFn, amount: Decimal) -> tuple[Adjustment, ...]:
    if not amount:
        return ()
    cut = draw(st.decimals(0, amount, places=2))
    parts = [part for part in (cut, amount - cut) if part]
    return tuple(Adjustment(draw(st.sampled_from(("CO", "PR"))), draw(st.sampled_from(("45", "1", "A2"))), part) for part in parts)


@st.composite
def _institutional(draw: st.DrawFn, claim: Claim) -> Claim:
    """Make a claim an institutional one, with what only that form says."""
    lines = tuple(replace(line, diagnosis_pointers=(), revenue_code=draw(st.sampled_from(("0335", "0636")))) for line in claim.lines)
    stated = st.builds(StatedCode, st.just("condition"), st.sampled_from(("09", "A6"))) | st.builds(
        StatedCode, st.just("occurrence"), st.just("11"), st.dates(*SERVICE_DAYS)) | st.builds(
        StatedCode, st.just("value"), st.just("80"), amount=st.decimals("0.01", "99.99", places=2))
    return replace(
        claim, form="institutional", place_of_service=None, bill_type=draw(st.sampled_from(("0131", "0851"))), lines=lines,
        treating_provider=claim.treating_provider or draw(_treating()), supervising_provider=None,
        admission=Admission(draw(st.sampled_from("123")), draw(st.sampled_from("12")), draw(st.sampled_from(("01", "06")))),
        stated_codes=tuple(draw(st.lists(stated, max_size=3))),
    )


@st.composite
def _lengthened(draw: st.DrawFn, claim: Claim) -> Claim:
    """Give one claim in eight up to 50 lines, the most that a professional claim has."""
    if draw(st.integers(0, 7)):
        return claim
    more = range(len(claim.lines), draw(st.integers(len(claim.lines), 50)))
    repeated = [replace(claim.lines[place % len(claim.lines)], control_number=f"L{place}-0") for place in more]
    lines = [replace(line, sequence=place) for place, line in enumerate([*claim.lines, *repeated], start=1)]
    return replace(claim, lines=tuple(lines))


@cache
def claims(most_lines: int = 5, *, long: bool = False) -> st.SearchStrategy[Claim]:
    """Give claims of both forms that a payer could take, with whatever else they may carry; `long`: some with very many lines."""
    return st.one_of(*_forms(most_lines, long=long))


@cache
def _forms(most_lines: int, *, long: bool) -> tuple[st.SearchStrategy[Claim], st.SearchStrategy[Claim]]:
    professional = professional_claims(most_lines)
    whole = (professional.flatmap(_lengthened) if long else professional).flatmap(_coordinated)
    return whole, whole.flatmap(_institutional)


@cache
def professional_claims(most_lines: int = 5) -> st.SearchStrategy[Claim]:
    """Give professional claims of one coverage."""
    codes = st.from_regex(r"[A-TV-Z][0-9][0-9AB](\.[0-9A-Z]{1,4})?", fullmatch=True)
    diagnoses = st.lists(codes, min_size=1, max_size=12, unique_by=lambda code: code.replace(".", "")).map(tuple)
    filed = st.just(("1", None)) | st.tuples(st.sampled_from(("7", "8")), identifiers(20))
    gaps = st.lists(st.integers(0, 2), min_size=most_lines, max_size=most_lines)
    facilities = st.builds(Facility, names(30), addresses(9), st.none() | npis())
    coded = diagnoses.flatmap(lambda found: st.tuples(
        st.just(found), st.lists(service_lines(len(found)), min_size=1, max_size=most_lines)
    ))

    def build(coded: Any, steps: list[int], filed: Any, **parts: Any) -> Claim:
        lines = _numbered(coded[1], steps)
        return Claim(form="professional", bill_type=None, service_date=min(line.service_date for line in lines),
                     diagnoses=coded[0], lines=lines, frequency=filed[0], original_reference=filed[1], **parts)

    return st.builds(
        build, coded, gaps, filed,
        identifier=identifiers(17),
        place_of_service=st.sampled_from(("11", "19", "22", "24", "49")),
        patient=persons(),
        insurance=insurances(),
        billing_provider=_providers(),
        treating_provider=st.none() | _treating(),
        facility=st.none() | facilities,
        authorisation=st.none() | identifiers(20),
        accept_assignment=st.booleans(),
        benefits_assignment=st.booleans(),
        provider_signature=st.booleans(),
        release_of_information=st.booleans(),
        referral=_referrals(),
        supervising_provider=st.none() | _treating(),
        pay_to=st.none() | addresses(5),
        attachments=_attachments(),
        note=st.none() | names(60),
    )


words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)
_MAYBE = st.none() | words
_NONE: st.SearchStrategy[None] = st.none()
_EITHER = st.booleans()
_DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
_GIVEN = st.lists(words, max_size=3).map(tuple)
# What a Claim in FHIR can hold and an 837 cannot: texts of any letters, and less or more of what may be there.
_WIDER: dict[type, dict[str, st.SearchStrategy[Any]]] = {
    Address: {"line": st.lists(words, min_size=1, max_size=2).map(tuple), "city": words, "state": words},
    Person: {"family": words, "given": _GIVEN, "suffix": _MAYBE, "gender": _NONE, "birth_date": _NONE | _DAYS, "address": _NONE,
             "record_number": _NONE | st.builds(Identifier, _MAYBE, words)},
    Practitioner: {"family": words, "given": _GIVEN, "suffix": _MAYBE, "npi": _NONE, "taxonomy": _NONE},
    Organization: {"name": words, "phone": _MAYBE},
    Facility: {"name": words, "npi": _NONE},
    Payer: {"id": words, "name": words},
    Insurance: {"member_id": words, "group_number": _MAYBE, "group_name": _MAYBE},
    Pump: {"kind": _NONE, **dict.fromkeys(("udi", "device_identifier", "manufacturer", "model_number", "lot_number"), _MAYBE)},
    Ndc: {"prescription_number": _MAYBE},
    ServiceLine: {"code": st.from_regex(r"[0-9]{4}[0-9FTU]|[A-V][0-9]{4}", fullmatch=True), "service_date": _DAYS, "control_number": words,
                  "revenue_code": st.just("0335"), "description": _MAYBE, "authorisation": _MAYBE},
    Claim: {"identifier": words, "service_date": _DAYS, "authorisation": _MAYBE, "original_reference": _MAYBE},
}


@st.composite
def wider_claims(draw: st.DrawFn) -> Claim:
    """Give claims of either form with all that FHIR can hold; up to three coverages, each with its own place in the order."""
    return for_fhir(_widened(draw, draw(claims())))


def _widened(draw: st.DrawFn, value: Any) -> Any:
    """Put, here and there in a claim, what only FHIR can hold."""
    if isinstance(value, tuple):
        return tuple(_widened(draw, one) for one in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    parts = {one.name: _widened(draw, getattr(value, one.name)) for one in fields(value)}
    parts |= {name: draw(wider) for name, wider in _WIDER.get(type(value), {}).items() if draw(_EITHER)}
    return type(value)(**parts)


def for_fhir(claim: Claim) -> Claim:
    """Give a claim as FHIR can hold it: no control character."""
    kept: Claim = _without_controls(claim)
    return kept


def _without_controls(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x1d", "")
    if isinstance(value, tuple):
        return tuple(map(_without_controls, value))
    if not is_dataclass(value) or isinstance(value, type):
        return value
    return replace(value, **{one.name: _without_controls(getattr(value, one.name)) for one in fields(value)})


def envelopes() -> st.SearchStrategy[Envelope]:
    """Give envelopes of the day after the last service day, whole to the minute, in UTC."""
    numbers = st.integers(1, 999_999_999)
    return st.builds(
        Envelope,
        interchange_control_number=numbers.map("{:09}".format),
        group_control_number=numbers.map(str),
        transaction_control_number=numbers.map("{:04}".format),
        batch_id=identifiers(30),
        created_at=st.integers(0, 150_000).map(lambda minutes: FIRST_DAY + timedelta(minutes=minutes)),
        usage=st.sampled_from("TP"),
        submitter=st.builds(Submitter, identifiers(15), names(30), names(30), st.just("5555550199")),
        receiver=st.builds(Receiver, identifiers(15), names(30)),
    )


def claim_files(most: int = 3, *, long: bool = False) -> st.SearchStrategy[tuple[list[Claim], Envelope]]:
    """Give a few claims of different numbers and the envelope that they go in."""
    def several(one: st.SearchStrategy[Claim]) -> st.SearchStrategy[list[Claim]]:
        return st.lists(one, min_size=1, max_size=most, unique_by=lambda claim: claim.identifier.upper())

    return st.tuples(st.one_of(*map(several, _forms(5, long=long))), envelopes())
