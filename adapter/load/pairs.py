"""What NCCI pairs mean beside a refill: rows of the tables `same-day` and `pair`, each with the line that it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from adapter.load.ncci import KINDS_OF_SETTING, REFILL, Edit
from adapter.tables import Row, Table

__all__ = ["pair_rows", "same_day_rows"]

# CPT numbers evaluation and management 99202 to 99499.
_VISIT: Final = re.compile(r"99[2-4][0-9]{2}", re.ASCII)
_DAY: Final = timedelta(days=1)
_Then = dict[str, str | bool | int | tuple[str, ...]]


def same_day_rows(edits: Mapping[str, Sequence[Edit]], shipped: Table, problems: list[str]) -> Iterator[Row]:
    """Give what each partner of 96522 means beside it, from day to day; a pair that was deleted no longer bars its service.

    After a deletion a service that the shipped table does not know stays unknown: the pair was all that was told of it.
    """
    for setting, found in edits.items():
        partners: dict[str, list[Edit]] = {}
        for edit in found:
            if REFILL in (edit.column_1, edit.column_2):
                partners.setdefault(edit.column_2 if edit.column_1 == REFILL else edit.column_1, []).append(edit)
        for code, pairs in sorted(partners.items()):
            pairs.sort(key=lambda edit: edit.start)
            if _is_sound(pairs, problems):
                yield from _over_time(code, pairs, setting, shipped)


def pair_rows(edits: Mapping[str, Sequence[Edit]], problems: list[str]) -> Iterator[Row]:
    """Give the pairs of two other services of the day as rows of the table `pair`."""
    for setting, found in edits.items():
        pairs: dict[tuple[str, str], list[Edit]] = {}
        for edit in found:
            if REFILL not in (edit.column_1, edit.column_2):
                pairs.setdefault((edit.column_1, edit.column_2), []).append(edit)
        for (one, two), of_pair in sorted(pairs.items()):
            of_pair.sort(key=lambda edit: edit.start)
            if _is_sound(of_pair, problems):
                when = {"column_1": (one,), "column_2": (two,), "kind": KINDS_OF_SETTING[setting]}
                for edit in of_pair:
                    yield _row(edit, setting, when, {"indicator": edit.indicator})


def _is_sound(pairs: Sequence[Edit], problems: list[str]) -> bool:
    """Tell whether each pair ends before the next begins."""
    for one, following in pairwise(pairs):
        if one.end is None or one.end >= following.start:
            problems.append(
                f"{following.source.url}: {following.source.title.rpartition(', ')[2]}: {following.column_1} and "
                f"{following.column_2} are in force together with the pair of {one.source.title.rpartition(', ')[2]} "
                f"of {one.source.url}; one pair on one day was expected"
            )
            return False
    return True


def _over_time(code: str, pairs: Sequence[Edit], setting: str, shipped: Table) -> Iterator[Row]:
    when = {"code": (code,), "kind": KINDS_OF_SETTING[setting]}
    for number, edit in enumerate(pairs):
        known = shipped.one(edit.start, code=code, kind=KINDS_OF_SETTING[setting][0])
        yield _row(edit, setting, when, _meaning(edit, known))
        following = pairs[number + 1].start - _DAY if number + 1 < len(pairs) else None
        if edit.end is None or known is None or following == edit.end:
            continue
        is_second = known.text("relation") == "second"
        then: _Then = {"relation": "second", "pair": False} if is_second else {"relation": "beside"}
        yield _row(edit, setting, when, then, (edit.end + _DAY, following))


def _meaning(edit: Edit, known: Row | None) -> _Then:
    """Say what a pair with 96522 means in the words of the table `same-day`; indicator 1 lets a modifier part the two."""
    may_part = edit.indicator == "1"
    if edit.column_2 == REFILL:
        return {"relation": "absorbs", "separable": may_part, "indicator": edit.indicator}
    relation = known.text("relation") if known else ""
    if not may_part:
        return {"relation": "drop", "indicator": edit.indicator}
    if relation == "second":
        return {"relation": "second", "pair": True, "indicator": edit.indicator}
    is_visit = relation == "visit" or _VISIT.fullmatch(edit.column_2)
    return {"relation": "visit" if is_visit else "separate", "indicator": edit.indicator}


def _row(
    edit: Edit, setting: str, when: Mapping[str, tuple[str, ...]], then: _Then, after: tuple[date, date | None] | None = None
) -> Row:
    start, end = after or (edit.start, edit.end)
    name = f"ptp-{setting}-{edit.column_1}-{edit.column_2}-{'deleted-' if after else ''}{start:%Y%m%d}"
    return Row(name, when, then, start, end, reverse=False, source=edit.source, rank=1)
