"""From codes back to facts, by the same tables: what a claim tells, and nothing that it does not."""

from __future__ import annotations

from adapter.issues import Outcome
from adapter.tables import Row, Tables
from adapter.terms import Claim, RestoredRefill, RestoredService, ServiceLine

__all__ = ["explain_claim", "explain_code"]

_KINDS = {"kit": "supply", "visit": "visit"}


def explain_claim(claim: Claim, tables: Tables) -> Outcome[RestoredRefill]:
    """Explain each line of a claim by the tables of its service date.

    A code that no table knows is an error: what it means is not guessed.
    """
    services = []
    issues = []
    for place, line in enumerate(claim.lines):
        service = explain_code(line, tables)
        if service is None:
            text = f"No table explains {line.code} on its service date."
            issues.append(tables.issue("explain.unknown-code", text, f"Claim.item[{place}].productOrService"))
        else:
            services.append(service)
            if service.successor:
                text = f"{line.code} is an old number; {service.successor} took its place and is what is written."
                issues.append(tables.issue("explain.retired-code", text, f"Claim.item[{place}].productOrService"))
    return Outcome(RestoredRefill(claim, tuple(services)), tuple(issues))


def explain_code(line: ServiceLine, tables: Tables) -> RestoredService | None:
    """Say what one line means: an act on a pump, a drug, a supply or another procedure; None where no table knows its code.

    96522 tells a refill of an implanted pump by a systemic route; which of the two systemic routes, it cannot tell.
    An old number (96520, 96530, 96414) tells what its successor does, whose rows start after the days on which it was used.
    """
    old = tables.one("asserted", None, code=line.code)
    successor = old.text("code") if old is not None and old.then["retired"] is True else None
    code, day = (successor, None) if successor else (line.code, line.service_date)
    if tables["act"].explain(day, code=code):
        rows = tables["act"].answering(day, code=code)
        told = (_shared(rows, "act"), _shared(rows, "pump"), _shared(rows, "route_class"))
        return RestoredService(line, "procedure", *told, successor)
    if tables["drug"].find(line.service_date, code=line.code):
        return RestoredService(line, "drug")
    relations = {row.text("relation") for row in tables["same-day"].find(line.service_date, code=line.code)}
    if not relations:
        return None
    return RestoredService(line, next((kind for relation, kind in _KINDS.items() if relation in relations), "procedure"))


def _shared(rows: tuple[Row, ...], key: str) -> str | None:
    """Give the one value that all rows ask for under a key, None where they differ or leave it open."""
    values = {row.when.get(key) for row in rows}
    if len(values) != 1:
        return None
    value = values.pop()
    return value[0] if value is not None and len(value) == 1 else None
