"""Terminology: the code tables as CodeSystem, ValueSet and ConceptMap resources, each row with its days and its source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Final

from adapter import __version__
from adapter.fhir.code_set import code_set
from adapter.fhir.elements import filled
from adapter.fhir.references import Tree
from adapter.fhir.systems import BASE, ICD10CM, PLACE_OF_SERVICE, SNOMED, UCUM, own_code_system, own_structure
from adapter.tables import Row, Tables

__all__ = ["fact_uri", "write_terminology"]

_CLAIM_TYPE: Final = "http://terminology.hl7.org/CodeSystem/claim-type"
_COPYRIGHT: Final = "CPT codes are the American Medical Association's; they stand here without descriptors."
_ROW: Final = own_structure("table-row")
_PROCEDURE: Final = "procedure"  # CPT or HCPCS, by the form of the code
_ROUTE: Final = "route"          # SNOMED CT, or our delivery-route

# Our own code systems: id, name, title, description.
_SYSTEMS: Final = (
    ("refill-act", "RefillAct", "Refill act", "What was done to the pump."),
    ("pump-kind", "PumpKind", "Pump kind", "What kind of pump or access was filled."),
    ("delivery-route", "DeliveryRoute", "Delivery route", "Where the pump delivers the drug."),
    ("refill-observation", "RefillObservation", "Refill observation", "What was measured or checked at a refill."),
    ("container", "Container", "Drug container", "What the drug was drawn from."),
    ("performer-skill", "PerformerSkill", "Performer skill", "Whose skill the refill needed."),
    ("pump-class", "PumpClass", "Pump class", "In the body or worn: what a pump kind tells."),
    ("route-class", "RouteClass", "Route class", "The branch of the code family that a route leads to."),
    ("same-day-relation", "SameDayRelation", "Same-day relation", "What another service of the day means for the refill."),
    ("modifier-use", "ModifierUse", "Modifier use", "What becomes of an asserted modifier."),
    ("diagnosis-meaning", "DiagnosisMeaning", "Diagnosis meaning", "What a diagnosis means for a systemic refill."),
    ("documentation-element", "DocumentationElement", "Documentation element", "What the note of a refill must show."),
)


# What the code system of rules tells of a rule beside its sentence.
_OF_A_RULE: Final = (
    ("remedy", "What a person can do."), ("citation", "By whose word it is a rule."), ("page", "The page that explains it."),
)


@dataclass(frozen=True, slots=True)
class _Set:
    """A ValueSet: the codes that a table names under `when` or `then` at one key."""

    id: str
    name: str
    title: str
    table: str
    key: str
    system: str
    of: str = "when"


_SETS: Final = (
    _Set("accepted-route", "AcceptedRoute", "Routes that are read", "route", "code", _ROUTE),
    _Set("refill-code", "RefillCode", "Codes of the refill family", "act", "code", _PROCEDURE, "then"),
    _Set("asserted-code", "AssertedCode", "Codes that a record may assert on the act", "asserted", "code", _PROCEDURE),
    _Set("same-day-code", "SameDayCode", "Codes that mean something beside a refill", "same-day", "code", _PROCEDURE),
    _Set("drug-code", "DrugCode", "Drug codes that can be counted, and unlisted ones", "drug", "code", _PROCEDURE),
    _Set("drug-unit", "DrugUnit", "Units that convert", "unit", "unit", UCUM),
    _Set("modifier", "Modifier", "Modifiers that a record may assert, and what is refused", "modifier", "modifier", _PROCEDURE),
    _Set("refill-diagnosis", "RefillDiagnosis", "Diagnoses that mean something for a refill", "diagnosis", "code", ICD10CM),
    _Set("place-of-service", "PlaceOfService", "Place-of-service codes", "place-of-service", "place", PLACE_OF_SERVICE),
)


@dataclass(frozen=True, slots=True)
class _Map:
    """A ConceptMap of one table: (when or then, key, system, value set) of source and target.

    The other facts of a row are what the mapping depends on; `products` are answers that come with the target.
    """

    id: str
    name: str
    title: str
    table: str
    source: tuple[str, str, str, str]
    target: tuple[str, str, str, str]
    equivalence: str
    products: tuple[str, ...] = ()
    comment: str | None = None


_UNDER: Final = "Under the facts that it depends on."
_MAPS: Final = (
    _Map("refill-act-code", "RefillActCode", "Acts to billing codes", "act", ("when", "act", "refill-act", "refill-act"),
         ("then", "code", _PROCEDURE, "refill-code"), "narrower", (), _UNDER),
    _Map("route", "Route", "Routes that are read to our own", "route", ("when", "code", _ROUTE, "accepted-route"),
         ("then", "route", "delivery-route", "delivery-route"), "equivalent"),
    _Map("route-class", "RouteClassMap", "Routes to the branch of the code family", "route",
         ("when", "code", _ROUTE, "accepted-route"), ("then", "class", "route-class", "route-class"), "wider"),
    _Map("pump-class", "PumpClassMap", "Pump kinds to implanted, portable or port", "pump-kind",
         ("when", "kind", "pump-kind", "pump-kind"), ("then", "class", "pump-class", "pump-class"), "wider"),
    _Map("asserted-code", "AssertedCodeMap", "Asserted codes to those of today", "asserted",
         ("when", "code", _PROCEDURE, "asserted-code"), ("then", "code", _PROCEDURE, "asserted-code"), "relatedto"),
    _Map("asserted-act", "AssertedActMap", "Asserted codes to the act", "asserted",
         ("when", "code", _PROCEDURE, "asserted-code"), ("then", "act", "refill-act", "refill-act"), "wider"),
    _Map("same-day", "SameDay", "Other services of the day to what they mean", "same-day",
         ("when", "code", _PROCEDURE, "same-day-code"), ("then", "relation", "same-day-relation", "same-day-relation"),
         "relatedto", ("separable", "pair", "indicator")),
    _Map("modifier-use", "ModifierUseMap", "Asserted modifiers to what becomes of them", "modifier",
         ("when", "modifier", _PROCEDURE, "modifier"), ("then", "use", "modifier-use", "modifier-use"), "relatedto"),
    _Map("drug-unit", "DrugUnitMap", "Drug codes to their billing unit", "drug", ("when", "code", _PROCEDURE, "drug-code"),
         ("then", "unit", UCUM, "drug-unit"), "relatedto", ("amount", "packaged", "contradicts")),
    _Map("place-form", "PlaceForm", "Places of service to the form of the claim", "place",
         ("when", "place", PLACE_OF_SERVICE, "place-of-service"), ("then", "form", _CLAIM_TYPE, ""), "relatedto",
         ("bill_type",)),
    _Map("diagnosis-meaning", "DiagnosisMeaningMap", "Diagnoses to what they mean", "diagnosis",
         ("when", "code", ICD10CM, "refill-diagnosis"),
         ("then", "meaning", "diagnosis-meaning", "diagnosis-meaning"), "relatedto"),
    _Map("documentation", "Documentation", "Observations to the elements of the note that they show", "documentation",
         ("then", "shown_by", "refill-observation", "refill-observation"),
         ("when", "element", "documentation-element", "documentation-element"), "relatedto", ("applies", "asked")),
)


def write_terminology(tables: Tables) -> Iterator[Tree]:
    """Write every CodeSystem, ValueSet and ConceptMap that the tables tell: the shipped rows, and the customer's own.

    FHIR: ConceptMap.group.element.target (code, equivalence, dependsOn, product), ValueSet.compose.include.concept,
    CodeSystem.concept. The extension table-row gives id, days and source of the row that each comes from. Codes of CPT,
    HCPCS, SNOMED CT and ICD-10-CM have no display here. The same tables give the same resources.
    """
    for one in _SYSTEMS:
        yield from _write_system(one, tables)
    if tables.sentences:
        yield _write_rules(tables)
    for each in _SETS:
        yield _write_set(each, tables)
    for mapped in _MAPS:
        yield _write_map(mapped, tables)


def fact_uri(key: str) -> str:
    """Give the URI of a fact that a mapping depends on, or that comes with its target.

    >>> fact_uri("route_class")
    'https://refill-adapter.example/fhir/fact/route-class'
    """
    return f"{BASE}/fact/{key.replace('_', '-')}"


def _head(kind: str, named: tuple[str, str, str], description: str, rows: Sequence[Row]) -> Tree:
    """Write what every definition begins with; its date is the day on which the newest of its sources was read."""
    return _definition(kind, named, description, max(row.source.read_on for row in rows))


def _definition(kind: str, named: tuple[str, str, str], description: str, changed_on: date) -> Tree:
    id_, name, title = named
    return {
        "resourceType": kind, "id": id_, "url": f"{BASE}/{kind}/{id_}", "version": __version__, "name": name, "title": title,
        "status": "active", "experimental": False, "date": changed_on.isoformat(),
        "publisher": "refill-adapter", "description": description,
    }


def _write_system(told: tuple[str, str, str, str], tables: Tables) -> Iterator[Tree]:
    *named, description = told
    id_, name, title = named
    rows = tables["own-code"].find(None, system=id_)
    concepts = [{"code": row.when["code"][0], "display": row.text("display")} for row in rows]
    yield {
        **_head("CodeSystem", (id_, name, title), description, rows), "caseSensitive": True,
        "valueSet": f"{BASE}/ValueSet/{id_}", "content": "complete", "count": len(concepts), "concept": concepts,
    }
    head = _head("ValueSet", (id_, name, title), f"All codes of the code system {id_}.", rows)
    yield {**head, "compose": {"include": [{"system": own_code_system(id_)}]}}


def _write_rules(tables: Tables) -> Tree:
    """Write the rules that issues name as a code system: a fragment, for a `*` in an id stands for what the code puts in.

    FHIR: CodeSystem.concept.code is OperationOutcome.issue.details.coding.code.
    """
    texts = sorted(tables.sentences.items())
    described = "Every rule that an issue may name. A * in a code stands for a place that the issue names: a loop, an element."
    named = ("refill-rule", "RefillRule", "Rules that issues name")
    newest = max(tables.sources[name].read_on for name, _ in texts)
    return {
        **_definition("CodeSystem", named, described, newest), "caseSensitive": True, "content": "fragment",
        "count": len(texts), "property": [{"code": code, "description": says, "type": "string"} for code, says in _OF_A_RULE],
        "concept": [_write_rule(name, says, remedy, tables) for name, (says, remedy) in texts],
    }


def _write_rule(name: str, says: str, remedy: str, tables: Tables) -> Tree:
    told = {"remedy": remedy, "citation": tables.citation(name), "page": tables.page(name)}
    properties = [{"code": code, "valueString": text} for code, text in told.items() if text]
    return {"code": name, "definition": says, "property": properties}


def _write_set(told: _Set, tables: Tables) -> Tree:
    rows = tables[told.table].rows
    include = []
    for row in rows:
        by_system: dict[str, list[Tree]] = {}
        for code in _words(row, told.of, told.key):
            by_system.setdefault(_system(told.system, code), []).append({"code": code})
        include += [{"extension": [_write_row(row)], "system": system, "concept": codes} for system, codes in by_system.items()]
    described = f"Written from the table {told.table}, a row an include."
    return {**_head("ValueSet", (told.id, told.name, told.title), described, rows),
            **_rights(told.system), "compose": {"include": include}}


def _write_map(told: _Map, tables: Tables) -> Tree:
    rows = tables[told.table].rows
    known = {row.when["code"][0] for row in tables["own-code"].find(None, system="refill-observation")}
    groups: dict[tuple[str, str], dict[str, list[Tree]]] = {}
    for row in rows:
        for source, target in product(_words(row, *told.source[:2]), _words(row, *told.target[:2])):
            if told.source[2] == "refill-observation" and source not in known:
                continue  # consent, lot, order and more are shown by resources, not by an observation
            pair = _system(told.source[2], source), _system(told.target[2], target)
            targets = groups.setdefault(pair, {}).setdefault(source, [])
            related = "equal" if pair[0] == pair[1] and source == target else told.equivalence
            targets += [_write_target(told, row, (target, related), facts) for facts in _facts(told, row)]
    described = f"Written from the table {told.table}; each target names its row, days and source."
    sides = {"sourceCanonical": told.source[3], "targetCanonical": told.target[3]}
    canonical = {side: f"{BASE}/ValueSet/{name}" for side, name in sides.items() if name}
    return {
        **_head("ConceptMap", (told.id, told.name, told.title), described, rows),
        **_rights(told.source[2], told.target[2]), **canonical,
        "group": [
            {"source": source, "target": target, "element": [{"code": code, "target": each} for code, each in elements.items()]}
            for (source, target), elements in groups.items()
        ],
    }


def _write_target(told: _Map, row: Row, target: tuple[str, str], facts: tuple[tuple[str, str], ...]) -> Tree:
    code, equivalence = target
    answers = [(key, row.then[key]) for key in told.products if key in row.then]
    return filled(
        extension=[_write_row(row)], code=code, equivalence=equivalence,
        comment=told.comment if equivalence == told.equivalence else None,
        dependsOn=[_write_fact(key, value) for key, value in facts],
        product=[_write_fact(key, _word(value)) for key, value in answers],
    )


_FACT_SYSTEMS: Final = {"pump": "pump-class", "route_class": "route-class", "route": "delivery-route", "skill": "performer-skill"}


def _write_fact(key: str, value: str) -> Tree:
    system = {"system": own_code_system(_FACT_SYSTEMS[key])} if key in _FACT_SYSTEMS else {}
    return {"property": fact_uri(key), **system, "value": value}


def _facts(told: _Map, row: Row) -> Iterator[tuple[tuple[str, str], ...]]:
    """Give each combination of the facts that a row asks for beside its source and target."""
    used = {part[1] for part in (told.source, told.target) if part[0] == "when"}
    yield from product(*([(key, value) for value in values] for key, values in row.when.items() if key not in used))


def _write_row(row: Row) -> Tree:
    period = filled(start=row.start.isoformat(), end=row.end.isoformat() if row.end else None)
    own = [{"url": "own", "valueBoolean": True}] if row.own else []
    return {"url": _ROW, "extension": [
        {"url": "row", "valueString": row.id}, {"url": "effective", "valuePeriod": period},
        {"url": "title", "valueString": row.source.title}, {"url": "source", "valueUri": row.source.url},
        {"url": "read-on", "valueDate": row.source.read_on.isoformat()}, {"url": "reverse", "valueBoolean": row.reverse}, *own,
    ]}


def _words(row: Row, of: str, key: str) -> tuple[str, ...]:
    """Give what a row names at a key, as texts."""
    if of == "when":
        return row.when.get(key, ())
    value = row.then.get(key, ())
    return value if isinstance(value, tuple) else (_word(value),)


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _system(name: str, code: str) -> str:
    """Give the system of a code: by its form where it may be of two."""
    if name == _PROCEDURE:
        return code_set(code) or ""
    if name == _ROUTE:
        return SNOMED if code.isdigit() else own_code_system("delivery-route")
    return name if ":" in name else own_code_system(name)


def _rights(*systems: str) -> Tree:
    return {"copyright": _COPYRIGHT} if _PROCEDURE in systems else {}
