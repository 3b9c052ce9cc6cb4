"""Claims as forms: which value stands in which numbered box of a CMS-1500 or a UB-04.

The numbers are those that billers know (reference: the map of 837 to boxes in docs/contract); words and layout are our own,
and nothing of the artwork or wording of NUCC or NUBC is drawn. Empty boxes are what the claim does not tell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from adapter.issues import Issue, IssueType, Outcome, Severity
from adapter.picture.cms1500 import draw_professional
from adapter.picture.form import Page
from adapter.picture.ub04 import draw_institutional
from adapter.terms import Claim

__all__ = ["FORMS", "draw_claims"]

FORMS: Final[Mapping[str, tuple[str, Callable[[Claim, str | None], list[Page]]]]] = {
    "cms1500": ("professional", draw_professional),
    "ub04": ("institutional", draw_institutional),
}
"""Name of a picture to the form of claim that it shows, and what draws it."""


def draw_claims(claims: Sequence[Claim], form: str, note: str | None = None) -> Outcome[tuple[Page, ...]]:
    """Draw claims, one after the other, as many pages each as its lines want; `note` stands across every page.

    Errors: `picture.other-form` where a claim is not of the form that the picture shows.
    """
    kind, draw = FORMS[form]
    issues = tuple(
        Issue(Severity.ERROR, IssueType.NOT_SUPPORTED, "picture.other-form", f"The claim is not {kind}, and {form} shows "
              f"{kind} claims only. Ask for {next(name for name in FORMS if name != form)}.", ("Claim.type",))
        for claim in claims if claim.form != kind
    )
    pages = [page for claim in claims if not issues for page in draw(claim, note)]
    return Outcome(tuple(pages) if not issues else None, issues)
