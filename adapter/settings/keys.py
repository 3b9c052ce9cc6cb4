"""The keys of the site file: how each value is written, what is expected there, and whether it may be left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from adapter.terms.npi import is_npi

__all__ = ["SECTIONS", "Key", "Section", "SettingsError"]


class SettingsError(Exception):
    """Settings that must not be used: every problem, in the order of the file."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Key:
    """One key: `read` gives the value or raises ValueError, `expected` says in words what it takes."""

    read: Callable[[Any], Any]
    expected: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Section:
    """One table of the site file: its keys, whether it is repeated and whether it must be there."""

    keys: Mapping[str, Key]
    many: bool = False
    required: bool = False


def _typed(value: Any, kind: type) -> Any:
    if type(value) is not kind:  # a boolean is no integer here, nor a date-time a date
        raise ValueError
    return value


def _read_text(value: Any) -> str:
    text: str = _typed(value, str)
    if not text.strip() or text != text.strip() or not text.isprintable():
        raise ValueError
    return text


def _read_npi(value: Any) -> str:
    npi: str = _typed(value, str)
    if not is_npi(npi):
        raise ValueError
    return npi


def _read_tax_id(value: Any) -> str:
    return str(_pattern(r"[0-9]{2}-[0-9]{7}", "").read(value)).replace("-", "")


def _read_range(value: Any) -> str:
    first, _, last = str(_pattern(rf"{_CODE}(-{_CODE})?", "").read(value)).partition("-")
    if last and (first[0] != last[0] or first > last):
        raise ValueError
    return str(value)


def _read_time_zone(value: Any) -> ZoneInfo:
    try:
        return ZoneInfo(_read_text(value))
    except (ZoneInfoNotFoundError, OSError) as error:  # a folder of zones is an OSError
        raise ValueError from error


def _read_decimal(value: Any) -> Decimal:
    return Decimal(_pattern(r"[0-9]{1,12}(\.[0-9]{1,6})?", "").read(value))


def _read_positive(value: Any) -> Decimal:
    amount = _read_decimal(value)
    if not amount:
        raise ValueError
    return amount


def _read_days(value: Any) -> int:
    days: int = _typed(value, int)
    if days < 1:
        raise ValueError
    return days


def _pattern(form: str, expected: str) -> Key:
    compiled = re.compile(form, re.ASCII)

    def read(value: Any) -> str:
        text: str = _typed(value, str)
        if not compiled.fullmatch(text):
            raise ValueError
        return text

    return Key(read, expected)


def _one_of(*codes: str) -> Key:
    return _pattern("|".join(map(re.escape, codes)), "one of " + ", ".join(codes))


def _list_of(item: Key) -> Key:
    return Key(lambda value: tuple(map(item.read, _typed(value, list))), f"a list, each item {item.expected}")


def _optional(key: Key) -> Key:
    return replace(key, required=False)


_CODE: Final = "[A-Z0-9][0-9]{3}[A-Z0-9]"
_TEXT: Final = Key(_read_text, "text, not empty, without control characters or blanks around it")
_BOOLEAN: Final = Key(lambda value: _typed(value, bool), "true or false")
_BILLING_CODE: Final = _pattern(_CODE, 'a CPT or HCPCS code of five characters, such as "96522"')
_PLACE: Final = _pattern("[0-9]{2}", 'a place of service of two digits, such as "11"')
_REVENUE: Final = _pattern("[0-9]{4}", 'a revenue code of four digits, such as "0636"')
_PHONE: Final = _pattern("[0-9]{10}", "a telephone number of ten digits without signs")
_DATE: Final = Key(lambda value: _typed(value, date), "a TOML date without quotes, such as 2026-01-01")
_DAYS: Final = Key(_read_days, "a whole number of days, 1 or more")
_MONEY: Final = Key(_read_positive, 'an exact sum above zero in quotes, such as "185.00"')
_AMOUNT: Final = Key(_read_positive, 'an exact amount above zero in quotes, such as "0.5"')

_PROVIDER: Final = {
    "kind": _one_of("practice", "hospital", "asc"),
    "name": _TEXT,
    "npi": Key(_read_npi, "an NPI in quotes: ten digits whose last is the right check digit"),
    "tax_id": Key(_read_tax_id, 'an EIN with its hyphen, such as "98-7000001"'),
    "taxonomy": _pattern("[0-9A-Z]{9}X", 'a NUCC taxonomy code of ten characters, such as "207RX0202X"'),
    "phone": _optional(_PHONE),
    "address_line": _TEXT,
    "city": _TEXT,
    "state": _pattern("[A-Z]{2}", 'a state of two capital letters, such as "OH"'),
    "postal_code": _pattern("[0-9]{9}", 'a ZIP of nine digits without hyphen, such as "440010001"'),
    "off_campus_modifier": _optional(_one_of("PO", "PN")),
    "time_zone": _optional(Key(_read_time_zone, 'an IANA time zone, such as "America/New_York"')),
}

_DEFAULTS: Final = {
    "accept_assignment": _BOOLEAN,
    "benefits_assignment": _BOOLEAN,
    "provider_signature": _BOOLEAN,
    "release_of_information": _BOOLEAN,
    "admission_type": _optional(_pattern("[1-59]", "a type of admission: 1 to 5 or 9")),
    "admission_source": _optional(_pattern("[0-9A-Z]", "a point of origin of one character")),
    "patient_status": _optional(_pattern("[0-9]{2}", 'a discharge status of two digits, such as "01"')),
}

_PAYER: Final = {
    "id": _TEXT,
    "name": _TEXT,
    "kind": _one_of("medicare", "commercial", "blue"),
    "channel": _one_of("folder", "fhir"),
    "folder": _optional(_TEXT),
    "url": _optional(_pattern(r"https?://[^\s/?#]+[^\s?#]*", "an http or https address without query")),
    "timely_filing_days": _optional(_DAYS),
    "kit_a4220": _optional(_BOOLEAN),
    "compound_code": _optional(_BILLING_CODE),
    "places": _optional(_list_of(_PLACE)),
    "discarded_drug_modifiers": _optional(_BOOLEAN),
    "kd_on_pump_drugs": _optional(_BOOLEAN),
    "drug_authorisation": _optional(_list_of(Key(_read_range, 'a HCPCS code or a range such as "J9000-J9999"'))),
    "filing_indicator": _optional(_pattern("[0-9A-Z]{2}", 'a claim filing indicator of two characters, such as "MB"')),
    "frequency_codes": _optional(_list_of(_one_of("1", "7", "8"))),
}

SECTIONS: Final[Mapping[str, Section]] = {
    "submitter": Section({"id": _TEXT, "name": _TEXT, "contact_name": _TEXT, "contact_phone": _PHONE}, required=True),
    "receiver": Section({"id": _TEXT, "name": _TEXT}, required=True),
    "billing_provider": Section(_PROVIDER, required=True),
    "defaults": Section(_DEFAULTS, required=True),
    "payer": Section(_PAYER, many=True),
    "fee": Section({"code": _BILLING_CODE, "charge": _MONEY, "from": _DATE, "to": _optional(_DATE)}, many=True),
    "revenue": Section({"code": _BILLING_CODE, "revenue": _REVENUE}, many=True),
    "drug": Section(
        {
            "ndc": _pattern(
                "[0-9]{4}-[0-9]{4}-[0-9]{2}|[0-9]{5}-[0-9]{3}-[0-9]{2}|[0-9]{5}-[0-9]{4}-[0-9]{1,2}",
                "an NDC as the label has it, with hyphens: 4-4-2, 5-3-2, 5-4-1 or 5-4-2 digits",
            ),
            "hcpcs": _BILLING_CODE,
            "unit": _one_of("UN", "ML", "GR", "F2"),
            "amount": _AMOUNT,
            "amount_unit": _pattern(r"[!-~]+", 'a UCUM unit, such as "mg"'),
            "container": _one_of("single-dose", "multi-dose", "compounded"),
        },
        many=True,
    ),
    "code": Section(
        {
            "system": _TEXT,
            "code": _TEXT,
            "refill_act": _optional(
                _one_of("refill", "flush", "aspiration", "analysis", "reprogramming", "infusion-start", "implantation")
            ),
            "pump_kind": _optional(
                _one_of("implanted-programmable", "implanted-constant-flow", "implanted-reservoir", "portable", "port")
            ),
        },
        many=True,
    ),
}
