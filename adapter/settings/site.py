"""Read a site file: TOML to one frozen Site, or every problem with its file, table, row and key."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from itertools import combinations
from pathlib import Path
from typing import Any

from adapter.settings.keys import SECTIONS, Key, SettingsError
from adapter.terms import Address, Fee, Organization, Receiver, Site, SiteDrug, SitePayer, Submitter
from adapter.terms.ndc import pad_ndc
from adapter.terms.utf8 import decode_utf8

__all__ = ["SiteError", "load_site", "load_sites"]

_Row = dict[str, Any]


class SiteError(SettingsError):
    """A site file that must not be used: every problem with its file, table, row and key."""


@dataclass(slots=True)
class _Reading:
    """One file while it is read: the rows that were understood and the problems so far."""

    file: str
    problems: list[str] = field(default_factory=list)

    def add(self, place: str, problem: str) -> None:
        self.problems.append(f"{self.file}: {place}: {problem}")


def load_site(path: Path) -> Site:
    """Load one site file.

    Keys: docs/site-file.md. Errors: SiteError names every problem, not the first.
    """
    reading = _Reading(path.name)
    content = _load_toml(path, reading)
    tables = _read_tables(content, reading) if content is not None else {}
    if content is not None:
        _check_rows(tables, reading)
    if reading.problems:
        raise SiteError(reading.problems)
    return _build_site(tables)


def load_sites(path: Path) -> dict[str, Site]:
    """Load a site file, or every `*.toml` of a folder, by the NPI of its billing provider.

    Errors: SiteError where a file is wrong, the folder holds none, or two files name one NPI.
    """
    if not path.is_dir():
        site = load_site(path)
        return {site.billing_provider.npi: site}
    sites: dict[str, Site] = {}
    files: dict[str, Path] = {}
    problems: list[str] = []
    for file in sorted(path.glob("*.toml")):
        try:
            site = load_site(file)
        except SiteError as error:
            problems.extend(error.problems)
            continue
        npi = site.billing_provider.npi
        if npi in sites:
            problems.append(f"{file}: [billing_provider]: npi: {npi} stands in {files[npi]} too; keep one of the two")
        sites[npi], files[npi] = site, file
    if not sites and not problems:
        problems.append(f"{path.name}: no site file (*.toml) in this folder; put one there or name a file")
    if problems:
        raise SiteError(problems)
    return sites


def _load_toml(path: Path, reading: _Reading) -> Mapping[str, Any] | None:
    try:
        return tomllib.loads(decode_utf8(path.read_bytes()))
    except OSError as error:
        reading.problems.append(f"{path}: the site file cannot be read: {error.strerror}")
    except ValueError as error:  # neither UTF-8 nor TOML
        reading.problems.append(f"{reading.file}: not readable as TOML: {error}")
    return None


def _read_tables(content: Mapping[str, Any], reading: _Reading) -> dict[str, list[_Row]]:
    for name in [name for name in content if name not in SECTIONS]:
        reading.add(f"[{name}]", f"unknown table{_nearest(name, SECTIONS)}")
    return {name: _read_table(name, content, reading) for name in SECTIONS}


def _read_table(name: str, content: Mapping[str, Any], reading: _Reading) -> list[_Row]:
    section, found = SECTIONS[name], content.get(name)
    if found is None:
        if section.required:
            reading.add(f"[{name}]", "missing; add the table with " + ", ".join(_required(section.keys)))
        return []
    rows = found if isinstance(found, list) else [found]
    if isinstance(found, list) is not section.many or not all(isinstance(row, dict) for row in rows):
        reading.add(name, f"write it as {f'[[{name}]]' if section.many else f'[{name}], once'}")
        return []
    return [_read_row(_place(name, number), row, reading) for number, row in enumerate(rows, 1)]


def _read_row(place: str, row: _Row, reading: _Reading) -> _Row:
    keys = SECTIONS[place.strip("[").partition("]")[0]].keys
    for name in [name for name in row if name not in keys]:
        reading.add(place, f"unknown key {name!r}{_nearest(name, keys)}")
    values: _Row = {}
    for name, key in keys.items():
        if name not in row:
            if key.required:
                reading.add(place, f"{name}: missing; expected {key.expected}")
            continue
        try:
            values[name] = key.read(row[name])
        except ValueError:
            values[name] = None
            reading.add(place, f"{name}: {_shown(row[name])} is not {key.expected}")
    return values


def _check_rows(tables: Mapping[str, list[_Row]], reading: _Reading) -> None:
    """Check what no single value shows: rows that clash, keys that want or forbid each other."""
    _check_unique("payer", [(row.get("id"),) for row in tables["payer"]], "id", reading)
    _check_unique("revenue", [(row.get("code"),) for row in tables["revenue"]], "code", reading)
    _check_unique("drug", [(pad_ndc(row.get("ndc") or ""),) for row in tables["drug"]], "ndc", reading)
    codes = [(row.get("system"), row.get("code"), "refill_act" in row) for row in tables["code"]]
    _check_unique("code", codes, "system and code", reading)
    _check_fees(tables["fee"], reading)
    for number, row in enumerate(tables["payer"], 1):
        wanted = {"folder": "folder", "fhir": "url"}.get(row.get("channel") or "")
        if wanted and wanted not in row:
            reading.add(_place("payer", number), f"{wanted}: missing; channel {row['channel']!r} sends there")
    for number, row in enumerate(tables["code"], 1):
        if ("refill_act" in row) is ("pump_kind" in row):
            reading.add(_place("code", number), "expected either refill_act or pump_kind, one of them")
    for row in tables["billing_provider"]:
        if "off_campus_modifier" in row and row.get("kind") in ("practice", "asc"):
            reading.add("[billing_provider]", "off_campus_modifier: only a hospital has one; remove it or correct kind")


def _check_unique(table: str, keys: Iterable[tuple[Any, ...]], name: str, reading: _Reading) -> None:
    first: dict[tuple[Any, ...], int] = {}
    for number, key in enumerate(keys, 1):
        if None not in key and first.setdefault(key, number) != number:
            reading.add(_place(table, number), f"{name}: the same as in row {first[key]}; keep one of them")


def _check_fees(rows: list[_Row], reading: _Reading) -> None:
    numbered = [(number, row) for number, row in enumerate(rows, 1) if row.get("code") and row.get("from")]
    for number, row in numbered:
        if (row.get("to") or date.max) < row["from"]:
            reading.add(_place("fee", number), f"to: {row['to']} lies before from: {row['from']}")
    for (earlier, one), (later, other) in combinations(numbered, 2):
        together = one["from"] <= (other.get("to") or date.max) and other["from"] <= (one.get("to") or date.max)
        if one["code"] == other["code"] and together:
            reading.add(
                _place("fee", later),
                f"code {one['code']} has a charge in row {earlier} for some of these days; end one before the other",
            )


def _build_site(tables: Mapping[str, list[_Row]]) -> Site:
    (provider,), (defaults,) = tables["billing_provider"], tables["defaults"]
    return Site(
        kind=provider["kind"],
        billing_provider=Organization(
            name=provider["name"],
            npi=provider["npi"],
            tax_id=provider["tax_id"],
            taxonomy=provider["taxonomy"],
            phone=provider.get("phone"),
            address=Address(
                (provider["address_line"],), provider["city"], provider["state"], provider["postal_code"],
            ),
        ),
        submitter=Submitter(**tables["submitter"][0]),
        receiver=Receiver(**tables["receiver"][0]),
        payers=tuple(SitePayer(**row) for row in tables["payer"]),
        fees=tuple(Fee(row["code"], row["charge"], row["from"], row.get("to")) for row in tables["fee"]),
        drugs=tuple(SiteDrug(**row) for row in tables["drug"]),
        revenue={row["code"]: row["revenue"] for row in tables["revenue"]},
        refill_acts=_codes(tables["code"], "refill_act"),
        pump_kinds=_codes(tables["code"], "pump_kind"),
        off_campus_modifier=provider.get("off_campus_modifier"),
        time_zone=provider.get("time_zone"),
        **defaults,
    )


def _codes(rows: Iterable[_Row], meaning: str) -> dict[tuple[str, str], str]:
    return {(row["system"], row["code"]): row[meaning] for row in rows if meaning in row}


def _place(table: str, number: int) -> str:
    return f"[[{table}]] row {number}" if SECTIONS[table].many else f"[{table}]"


def _required(keys: Mapping[str, Key]) -> list[str]:
    return [name for name, key in keys.items() if key.required]


def _nearest(name: str, names: Iterable[str]) -> str:
    near = get_close_matches(name, names, 1)
    return f"; did you mean {near[0]!r}?" if near else f"; expected one of {', '.join(names)}"


def _shown(value: Any) -> str:
    text = repr(str(value)) if isinstance(value, str) else f"{type(value).__name__} {value}"
    return text if len(text) <= 60 else text[:57] + "..."
