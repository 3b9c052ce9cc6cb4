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
    return Outcome(RestoredRefill(claim, tuple(services)), tuple(issues))


def explain_code(line: ServiceLine, tables: Tables) -> RestoredService | None:
    """Say what one line means: an act on a pump, a drug, a supply or another procedure; None where no table knows its code.

    96522 tells a refill of an implanted pump by a systemic route; which of the two systemic routes, it cannot tell.
    """
    rows = tables["act"].explain(line.service_date, code=line.code)
    if rows:
        rows = tables["act"].answering(line.service_date, code=line.code)
        return RestoredService(line, "procedure", _shared(rows, "act"), _shared(rows, "pump"), _shared(rows, "route_class"))
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
