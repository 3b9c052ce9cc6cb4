"""Answers about codes: what $translate, $validate-code and $lookup say, as Parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from adapter.fhir.code_library import Coded, CodeLibrary, CodeMap, Member, Target
from adapter.fhir.code_question import CodeQuestion
from adapter.fhir.references import Tree
from adapter.issues import Issue, IssueType, Outcome, Severity

__all__ = ["lookup_code", "translate_code", "validate_code"]

# ConceptMap.equivalence read from the target; those that are not here are the same both ways.
_TURNED: Final = {"wider": "narrower", "narrower": "wider", "subsumes": "specializes", "specializes": "subsumes"}
_NONE: Final = ("unmatched", "disjoint")


def translate_code(question: CodeQuestion, library: CodeLibrary) -> Outcome[Tree]:
    """Translate codes by one ConceptMap, or by all where none is named: every match with its equivalence.

    FHIR: ConceptMap/$translate, R4; read from target to source under `reverse`, with the equivalence turned. A mapping that
    depends on facts matches where no fact that was sent contradicts it; those that it depends on stand beside it.
    Issues: `terminology.unknown-map`.
    """
    named = library.maps.get(question.url) if question.url is not None else None
    if question.url is not None and named is None:
        return _unknown("terminology.unknown-map", "No ConceptMap of this url is here. Name one of this product, or none.")
    maps = {one.url: one for one in library.maps.values()}.values() if named is None else [named]
    known = [one for one in maps if _fits(one, question)]
    matches = [_write_match(one, told, question) for one in known for told in _in_force(one, question)]
    found = any(part["valueCode"] not in _NONE for match in matches for part in match["part"] if part["name"] == "equivalence")
    words = "No mapping of these codes holds on this day with these facts."
    message = [] if found else [{"name": "message", "valueString": words}]
    return _parameters({"name": "result", "valueBoolean": found}, *message, *matches)


def _fits(one: CodeMap, question: CodeQuestion) -> bool:
    source, target = (one.target, one.source) if question.is_reverse else (one.source, one.target)
    return question.source in (None, source) and question.target in (None, target)


def _in_force(one: CodeMap, question: CodeQuestion) -> list[Target]:
    """Give the mappings that answer on the day; a shipped one gives way to the customer's that covers it."""
    holding = [told for told in one.mappings if told.days.hold(question.day)]
    own = [told for told in holding if told.is_own]
    left = [told for told in holding if told.is_own or not any(each.covers(told) for each in own)]
    return [told for told in left if _matches(told, question)]


def _ends(told: Target, question: CodeQuestion) -> tuple[Coded, Coded]:
    return (told.target, told.source) if question.is_reverse else (told.source, told.target)


def _matches(told: Target, question: CodeQuestion) -> bool:
    source, target = _ends(told, question)
    return (
        source in question.codings
        and question.target_system in (None, target.system)
        and all(question.facts.get(name, value) == value for name, value in told.depends_on.items())
    )


def _write_match(one: CodeMap, told: Target, question: CodeQuestion) -> Tree:
    _, target = _ends(told, question)
    equivalence = _TURNED.get(told.equivalence, told.equivalence) if question.is_reverse else told.equivalence
    source = one.url + (f"|{one.version}" if one.version else "")
    return {"name": "match", "part": [
        {"name": "equivalence", "valueCode": equivalence},
        {"name": "concept", "valueCoding": {"system": target.system, "code": target.code}},
        *_write_facts("product", {} if question.is_reverse else told.products),
        *_write_facts("dependsOn", told.depends_on),
        {"name": "source", "valueUri": source},
    ]}


def _write_facts(name: str, facts: Mapping[str, str]) -> Iterator[Tree]:
    for uri, value in facts.items():
        yield {"name": name, "part": [{"name": "element", "valueUri": uri}, {"name": "concept", "valueCoding": {"code": value}}]}


def validate_code(question: CodeQuestion, library: CodeLibrary) -> Outcome[Tree]:
    """Tell whether one of the codes is in a value set on a day, with the display that it has here.

    FHIR: ValueSet/$validate-code, R4: result, message, display. A display that is sent must be the one that is known here;
    codes of licensed systems have none here, and theirs is not checked.
    Issues: `terminology.unknown-value-set`.
    """
    members = library.value_sets.get(question.url or "")
    if members is None:
        return _unknown("terminology.unknown-value-set", "No ValueSet of this url is here. Name one of this product.")
    valid = [member for member in members if member.days.hold(question.day)]
    held = [coded for coded in question.codings if any(_has(member, coded, library) for member in valid)]
    display = _display(held[0], library) if held else None
    differs = None not in (display, question.display) and display != question.display
    words = "No code is in this value set on this day." if not held else "The display is another one." if differs else None
    message = [{"name": "message", "valueString": words}] if words else []
    shown = [{"name": "display", "valueString": display}] if display else []
    return _parameters({"name": "result", "valueBoolean": bool(held) and not differs}, *message, *shown)


def _has(member: Member, coded: Coded, library: CodeLibrary) -> bool:
    """Tell whether a member is a code; a whole system has the codes that are known of it."""
    if member.code is not None or member.system != coded.system:
        return member[:2] == coded
    names = library.systems.get(coded.system)
    return names is not None and coded.code in names.displays


def lookup_code(question: CodeQuestion, library: CodeLibrary) -> Outcome[Tree]:
    """Look one code up in its code system.

    FHIR: CodeSystem/$lookup, R4: name, version, display. Issues: `terminology.unknown-code`, also for a code of a system
    that is not here, as CPT and SNOMED CT.
    """
    found = [(library.systems[one.system], one) for one in question.codings if one.system in library.systems]
    if len(question.codings) != 1 or not found or found[0][1].code not in found[0][0].displays:
        text = "This code system, or this code in it, is not here. Only code systems of this product can be looked up."
        return _unknown("terminology.unknown-code", text)
    names, coded = found[0]
    version = [{"name": "version", "valueString": names.version}] if names.version else []
    display = names.displays[coded.code]
    shown = [{"name": "display", "valueString": display}] if display else []
    return _parameters({"name": "name", "valueString": names.name}, *version, *shown)


def _display(coded: Coded, library: CodeLibrary) -> str | None:
    names = library.systems.get(coded.system)
    return names.displays.get(coded.code) if names else None


def _parameters(*parts: Tree) -> Outcome[Tree]:
    return Outcome({"resourceType": "Parameters", "parameter": list(parts)})


def _unknown(rule: str, text: str) -> Outcome[Tree]:
    return Outcome(None, (Issue(Severity.ERROR, IssueType.NOT_FOUND, rule, text, ("Parameters.parameter",)),))
