"""What a document is coded with: the tables, its site, the day, the clock and ids made from its own bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from adapter.flow import Context, RestoringContext, RuleBook
from adapter.issues import Outcome
from adapter.settings import choose_site
from adapter.terms import Site

__all__ = ["Workplace", "build_context", "build_restoring_context", "id_maker", "make_ids"]

# RFC 9562 section 4.1: the two top bits of the 17th digit are 10.
_VARIANT = {digit: "89ab"[number % 4] for number, digit in enumerate("0123456789abcdef")}


@dataclass(frozen=True, slots=True)
class Workplace:
    """What every document of one run shares.

    `sites` by the NPI of their billing provider; `now` is aware; filing limits are judged on `as_of`; `on` replays
    with the tables of another service date.
    """

    rule_book: RuleBook
    sites: Mapping[str, Site]
    now: datetime
    as_of: date
    on: date | None = None


def build_context(data: bytes, workplace: Workplace) -> Outcome[Context]:
    """Build the context of one document; the site is the one that the document names."""
    site = choose_site(data, workplace.sites, workplace.rule_book.shapes)
    if site.value is None:
        return Outcome(None, workplace.rule_book.tables.cited(site.issues))
    context = Context(
        rule_book=workplace.rule_book,
        site=site.value,
        as_of=workplace.as_of,
        now=workplace.now,
        make_id=id_maker(data),
        on=workplace.on,
    )
    return Outcome(context)


def build_restoring_context(data: bytes, workplace: Workplace) -> RestoringContext:
    """Build the context in which a claim is restored: it names its billing provider, and the site is that one's or none."""
    return RestoringContext(workplace.rule_book, workplace.sites, workplace.now, id_maker(data))


def id_maker(data: bytes) -> Callable[[str], str]:
    """Make the id-maker of one document: the same bytes and name give the same id, on every machine.

    >>> make_id = id_maker(b"{}")
    >>> make_id("Claim") == id_maker(b"{}")("Claim"), make_id("Claim") == make_id("Patient")
    (True, False)
    """
    return make_ids(sha256(data).hexdigest())


def make_ids(digest: str) -> Callable[[str], str]:
    """Make the id-maker of a document by the SHA-256 of its bytes, as `id_maker` does."""

    def make_id(name: str) -> str:
        text = sha256(f"{digest}/{name}".encode()).hexdigest()
        return f"{text[:8]}-{text[8:12]}-8{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:32]}"

    return make_id
