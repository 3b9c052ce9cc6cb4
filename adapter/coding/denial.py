"""What a payer would answer, did the claim go out in spite of what was found: CARC and RARC by number."""

from __future__ import annotations

from adapter.coding.decision import Visit
from adapter.issues import Issue
from adapter.terms import Denial, Dropped

__all__ = ["expect_denials"]


def expect_denials(visit: Visit, issues: tuple[Issue, ...], dropped: tuple[Dropped, ...]) -> tuple[Denial, ...]:
    """Name the denial of each rule that found something, and of each service that was dropped, once a rule.

    Source: the table denial. A rule that it does not name leads to no denial that is known.
    """
    if not issues and not dropped:
        return ()
    causes = dict.fromkeys((*(issue.rule for issue in issues), *(one.rule for one in dropped)))
    rows = ((cause, visit.one("denial", cause=cause)) for cause in causes)
    return tuple(Denial(cause, row.texts("carc"), row.texts("rarc") if "rarc" in row.then else ()) for cause, row in rows if row)
