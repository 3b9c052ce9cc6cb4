"""Conversions: toInteger, toDecimal, ..., convertsTo...: FHIRPath N1, 5.5. What cannot be converted gives empty."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from adapter.fhirpath.faults import PathError
from adapter.fhirpath.quantity import Quantity, compare_quantities, parse_quantity
from adapter.fhirpath.temporal import Temporal, parse_temporal
from adapter.fhirpath.values import single

__all__ = ["CONVERSIONS", "to_text"]

_INTEGER: Final = re.compile(r"[+-]?\d{1,40}")
_DECIMAL: Final = re.compile(r"[+-]?\d{1,40}(\.\d{1,40})?")
_TRUE: Final = frozenset({"true", "t", "yes", "y", "1", "1.0"})
_FALSE: Final = frozenset({"false", "f", "no", "n", "0", "0.0"})
_MAX_INTEGER: Final = 2**31


def to_text(value: Any) -> str | None:
    """Give the text of a System value; None for a complex element."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value) if isinstance(value, str | int | Temporal | Quantity) else None


def _to_integer(value: Any) -> int | None:
    if isinstance(value, int):
        return int(value)
    if not isinstance(value, str) or _INTEGER.fullmatch(value) is None:
        return None
    number = int(value)
    return number if -_MAX_INTEGER <= number < _MAX_INTEGER else None


def _to_decimal(value: Any) -> Decimal | None:
    if isinstance(value, int | Decimal):
        return Decimal(value)
    return Decimal(value) if isinstance(value, str) and _DECIMAL.fullmatch(value) else None


def _to_boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | Decimal):
        return bool(value) if value in (0, 1) else None
    if isinstance(value, str):
        return True if value.lower() in _TRUE else False if value.lower() in _FALSE else None
    return None


def _to_temporal(kind: str) -> Callable[[Any], Temporal | None]:
    def convert(value: Any) -> Temporal | None:
        if isinstance(value, str):
            if kind == "Date" and "T" in value:
                value = parse_temporal("DateTime", value)
            else:
                return parse_temporal(kind, value)
        if not isinstance(value, Temporal) or (value.kind == "Time") != (kind == "Time"):
            return None
        return Temporal("Date", value.parts[:3]) if kind == "Date" else Temporal(kind, value.parts, value.offset)  # type: ignore[arg-type]

    return convert


def _to_quantity(value: Any, unit: Any = None) -> Quantity | None:
    if isinstance(value, str):
        found = parse_quantity(value)
    elif isinstance(value, int | Decimal):
        found = Quantity(Decimal(value), "1")
    else:
        found = value if isinstance(value, Quantity) else None
    if found is None or unit is None:
        return found
    other = Quantity(found.value, str(unit))
    return other if compare_quantities(found, other) == 0 else None


_CONVERTERS: Final[dict[str, Callable[..., Any]]] = {
    "Boolean": _to_boolean,
    "Integer": _to_integer,
    "Decimal": _to_decimal,
    "String": to_text,
    "Date": _to_temporal("Date"),
    "DateTime": _to_temporal("DateTime"),
    "Time": _to_temporal("Time"),
    "Quantity": _to_quantity,
}


def _converter(name: str, tests: bool) -> Callable[..., list[Any]]:
    convert = _CONVERTERS[name]
    word = f"{'convertsTo' if tests else 'to'}{name}()"

    def run(items: list[Any], *arguments: list[Any]) -> list[Any]:
        value = single(items, word)
        units = [single(argument, word) for argument in arguments]
        if value is None or None in units:
            return []
        if any(not isinstance(unit, str) for unit in units):
            raise PathError(f"{word} takes a unit as its argument")
        found = convert(value, *units)
        return [found is not None] if tests else [] if found is None else [found]

    return run


# Name: function, least and most arguments.
CONVERSIONS: Final[dict[str, tuple[Callable[..., list[Any]], int, int]]] = {
    f"{prefix}{name}": (_converter(name, tests=prefix != "to"), 0, 1 if name == "Quantity" else 0)
    for name in _CONVERTERS for prefix in ("to", "convertsTo")
}
