"""The envelope of an 837 that is made now: control numbers from the store or the clock, parties from the site."""

from __future__ import annotations

from datetime import datetime

from adapter.terms import Site
from adapter.x12 import Envelope

__all__ = ["make_control_number", "make_envelope"]


def make_control_number(now: datetime) -> str:
    """Make an ISA13 from the clock: tenths of a second over three years, nine digits; one a tenth, none repeats sooner.

    >>> from datetime import UTC
    >>> make_control_number(datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
    '368406000'
    """
    day = now.year % 3 * 366 + now.timetuple().tm_yday - 1
    tenth = (now.hour * 3600 + now.minute * 60 + now.second) * 10 + now.microsecond // 100_000
    return f"{day * 864_000 + tenth:09d}"


def make_envelope(site: Site, now: datetime, usage: str, taken: int | None = None) -> Envelope:
    """Make the envelope of an 837 under the control number that a store handed out, or else one from the clock.

    X12: ISA13 is that number, GS06 the same, ST02 0001, BHT03 the whole time with it; `usage` is ISA15.

    >>> from datetime import UTC
    >>> from types import SimpleNamespace
    >>> site = SimpleNamespace(submitter=None, receiver=None)
    >>> make_envelope(site, datetime(2026, 3, 2, 9, 30, tzinfo=UTC), "T").interchange_control_number
    '368406000'
    """
    number = make_control_number(now) if taken is None else f"{taken:09d}"
    return Envelope(
        interchange_control_number=number,
        group_control_number=number.lstrip("0") or "1",
        transaction_control_number="0001",
        batch_id=f"{now:%Y%m%d%H%M%S}" if taken is None else f"{now:%Y%m%d%H%M%S}-{number}",
        created_at=now,
        usage=usage,
        submitter=site.submitter,
        receiver=site.receiver,
    )
