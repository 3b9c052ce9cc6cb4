"""A profile, compiled: an overlay schema for what a schema can say, and closures for the rest.

Slices, extensible bindings, invariants, targets of references and profiles of types are looked at by closures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any, TypeAlias

import jsonschema_rs

from adapter.conformance.binding import compile_binding
from adapter.conformance.bound import compile_bounds
from adapter.conformance.discriminator import compile_discriminator
from adapter.conformance.element_tree import Node
from adapter.conformance.fault import MOST_ISSUES, Source, explain_error, write_path
from adapter.conformance.finding import Check, Finding
from adapter.conformance.instance import Instance, Step, equals, holds_pattern, reach, steps_to
from adapter.conformance.invariant import compile_invariants
from adapter.conformance.library import Library
from adapter.conformance.overlay import compile_overlay
from adapter.conformance.piece import Pieces
from adapter.conformance.rules import follow_link
from adapter.conformance.slicing import Slice, Slicing
from adapter.conformance.target import compile_targets
from adapter.issues import Issue, IssueType

__all__ = ["Rules", "compile_rules"]

Json: TypeAlias = dict[str, Any]
Way: TypeAlias = tuple[Step, ...]


@dataclass(frozen=True)
class Rules:
    """What a profile asks of an instance of its type.

    `overlay` is its schema; `checks` look at each instance at the end of a way, `slicings` at all of one parent. `proofs` are
    schemas: an instance that passes them all has nothing that checks and slicings find; None where that is not known.
    """

    overlay: jsonschema_rs.Draft202012Validator | None
    source: Source
    checks: tuple[tuple[Way, Check], ...]
    slicings: tuple[tuple[Way, Step, Slicing], ...]
    proofs: tuple[Json, ...] | None = None

    @cached_property
    def pieces(self) -> Pieces:
        """Give the pieces of the overlay, which tell one by one what is wrong."""
        return Pieces(self.source.schema)

    def check(self, instance: Instance, scene: Any) -> Iterator[Issue]:
        """Check an instance; issues have their place from the root of the scene."""
        if self.overlay is not None and isinstance(instance.value, dict) and not self.overlay.is_valid(instance.value):
            path = follow_link(instance.link)
            for error, link, schema in islice(self.pieces.find_faults(instance.value), MOST_ISSUES + 1):
                yield from explain_error(error, scene.root, (*path, *follow_link(link)), replace(self.source, schema=schema))
        for found in self._look(instance, scene):
            yield self._issue(found, scene) if isinstance(found, Finding) else found

    def _look(self, instance: Instance, scene: Any) -> Iterator[Finding | Issue]:
        for way, check in self.checks:
            for one in reach(instance, way):
                yield from check(one, scene)
        for way, last, slicing in self.slicings:
            for parent in reach(instance, way):
                yield from slicing.check(parent, list(reach(parent, (last,))), scene)

    def _issue(self, finding: Finding, scene: Any) -> Issue:
        place = write_path(scene.root, follow_link(finding.link), self.source.choices)
        text = f"{finding.element.removesuffix('[x]')} {finding.text} (profile {self.source.name})."
        return Issue(finding.severity, finding.code, finding.rule, text, (place,), self.source.citation)


def compile_rules(node: Node, owner: str, source: Source, library: Library) -> Rules:
    """Compile the rules of a tree of elements for instances of the type `owner`; a published schema of it is taken as it is.

    Errors: DefinitionError where something can be checked neither by schema nor by closure.
    """
    schema = library.published.get(source.citation) if node.name == owner else None
    if schema is None:
        schema = compile_overlay(owner, node, library) if owner in library.schema["$defs"] else {}
    own = replace(source, schema=schema)
    checks: list[tuple[Way, Check]] = []
    slicings: list[tuple[Way, Step, Slicing]] = []
    for names, element in node.walk():
        way = steps_to(names[:-1], owner, library.schema)
        for parent in [owner] if len(names) == 1 else [kind for _, kind in way[-1]] if way else []:
            (last,) = steps_to(names[-1:], parent, library.schema) or (None,)
            if last is None:
                continue
            checks += [((*way, last), check) for check in _element_checks(element, parent, last, (own, library))]
            slicing = _compile_slicing(element, last, own, library)
            slicings += [(way, last, slicing)] if slicing else []
    proofs = None if checks or slicings else ()
    return Rules(_validator(schema) if schema else None, own, tuple(checks), tuple(slicings), proofs)


def _validator(schema: Json) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema, pattern_options=jsonschema_rs.RegexOptions())


def _element_checks(node: Node, owner: str, last: Step, context: tuple[Source, Library]) -> Iterator[Check]:
    """Give the closures that look at each instance of one element; a slice has no `last` step."""
    source, library = context
    yield from compile_binding(node, owner, library, is_slice=not last)
    yield from compile_bounds(node)
    yield from compile_invariants(node, owner, library)
    yield from compile_targets(node, owner, library)
    if node.is_choice and node.children:
        rules = {kind: compile_rules(node, kind, source, library) for _, kind in last if _is_allowed(node, kind)}
        yield lambda instance, scene: rules[instance.type].check(instance, scene) if instance.type in rules else iter(())


def _is_allowed(node: Node, kind: str) -> bool:
    return not node.types or kind in {str(told.get("code")) for told in node.types}


def _compile_slicing(node: Node, last: Step, source: Source, library: Library) -> Slicing | None:
    if not node.slices:
        return None
    told: Mapping[str, Any] = node.element.get("slicing", {})
    slices = tuple(_compile_slice(piece, last, told.get("discriminator", ()), (source, library)) for piece in node.slices)
    rules, is_ordered = str(told.get("rules", "open")), told.get("ordered") is True
    return Slicing(node.name.removesuffix("[x]"), slices, rules, is_ordered, node.least > 0)


def _compile_slice(
    piece: Node, last: Step, discriminators: Sequence[Mapping[str, str]], context: tuple[Source, Library]
) -> Slice:
    source, library = context
    kinds = [kind for _, kind in last if len(last) == 1 or _is_allowed(piece, kind)]
    owner = kinds[0] if kinds else "Element"
    found = (compile_discriminator(piece, one, owner, library) for one in discriminators)
    facts = tuple(fact for fact in found if fact is not None)
    rules = compile_rules(piece, owner, source, library)
    checks = (*_value_checks(piece), *_element_checks(piece, owner, (), context))
    inner = _compile_slicing(piece, last, source, library)

    def check(instance: Instance, scene: Any) -> Iterator[Finding | Issue]:
        for one in checks:
            yield from one(instance, scene)
        yield from rules.check(instance, scene)

    return Slice(str(piece.element["sliceName"]), piece.least, piece.most, facts, check, inner)


def _value_checks(piece: Node) -> Iterator[Check]:
    """Give what a slice asks of the value of its instances."""
    fixed, pattern = piece.value("fixed"), piece.value("pattern")
    if fixed is not None:
        text = "is not the value that is fixed for its slice. Correct it"
        yield _value_check(piece, text, lambda value: equals(fixed, value))
    if pattern is not None:
        text = "has not what the pattern of its slice asks for. Correct it"
        yield _value_check(piece, text, lambda value: holds_pattern(pattern, value))


def _value_check(piece: Node, text: str, is_right: Callable[[Any], bool]) -> Check:
    def check(instance: Instance, scene: Any) -> Iterator[Finding]:  # noqa: ARG001 # every check takes the scene
        if not is_right(instance.value):
            yield Finding("profile.value", IssueType.VALUE, text, instance.link, piece.name)

    return check
