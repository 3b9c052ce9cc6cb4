"""The definitions at hand: profiles, extensions and value sets by their canonical urls, each compiled once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Final, TypeAlias

from adapter.conformance.base import BaseFacts, DefinitionError
from adapter.conformance.base_invariant import BaseInvariants
from adapter.conformance.element_tree import Node, grow_tree
from adapter.conformance.expansion import Expansion, Terminology, expand_value_set, gather_terminology, list_codes
from adapter.conformance.fault import Source
from adapter.conformance.instance import Instance
from adapter.conformance.invariant import compile_invariants
from adapter.conformance.profile import Rules, compile_rules
from adapter.conformance.proof import prove, prove_parts
from adapter.conformance.snapshot import Snapshots, find_base
from adapter.fhirpath import CannotRun, CompiledPath, Environment, PathError, Types, compile_path, read_types
from adapter.fhirpath.errata import correct_invariant
from adapter.issues import Issue

__all__ = ["Definitions"]

Json: TypeAlias = dict[str, Any]

# Profiles of R4 that its own definitions use as if they were types.
_NARROWED: Final = {"SimpleQuantity": "Quantity", "MoneyQuantity": "Quantity"}

# Codes that a later edition of HL7's terminology has beside those that R4 came with: claims of the CARIN guides say them.
_LATER: Final[Mapping[str, frozenset[str]]] = {
    "http://terminology.hl7.org/CodeSystem/claimcareteamrole": frozenset({
        "attending", "operating", "otheroperating", "prescribing", "purchasedservice", "referring", "rendering",
    }),
}


class Definitions:
    """Hold the definitions of base R4 and of folders, and what was compiled of them.

    A profile is compiled when it is first asked for; `check_all` compiles every one of the folders, so that a bad
    definition stops the start.
    """

    def __init__(
        self, schema: Mapping[str, Any], facts: BaseFacts, definitions: Sequence[Json],
        published: Mapping[str, Json] | None = None,
    ) -> None:
        """Take base R4 and the definitions of the folders; of two with one url and version the program does not start.

        `published` are the schemas of profiles that were compiled before, by `url|version`.
        """
        self.schema = schema
        self.published = published or {}
        self.facts = facts
        self.resources = frozenset(schema["$defs"]["Resource"]["else"]["properties"]["resourceType"]["enum"])
        self._versions: dict[str, list[Json]] = {}
        self._trees: dict[str, Node] = {}
        self._rules: dict[str, Rules] = {}
        self._expansions: dict[str, Expansion] = {}
        self._terminology: Terminology = gather_terminology(definitions, facts)
        self._snapshots = Snapshots(self.find)
        self._paths: dict[str, CompiledPath] = {}
        self._codes: dict[str, frozenset[str]] = {}
        for definition in definitions:
            is_structure = definition.get("resourceType") == "StructureDefinition"
            if is_structure and definition.get("derivation") != "specialization":  # a logical model constrains no type of R4
                self._add(definition)

    def _add(self, definition: Json) -> None:
        for word in ("url", "type", "baseDefinition"):
            if word not in definition:
                raise DefinitionError(f"{definition.get('url', 'A StructureDefinition')}: {word} is missing.")
        if not definition.keys() & {"differential", "snapshot"}:
            raise DefinitionError(f"{definition['url']}: differential is missing.")
        if definition["type"] not in self.facts.names:
            raise DefinitionError(f"{definition['url']}: type {definition['type']} is no type of R4.")
        versions = self._versions.setdefault(definition["url"], [])
        if definition in versions:  # the same one from two folders: an installed package has ours too
            return
        if any(other.get("version") == definition.get("version") for other in versions):
            raise DefinitionError(f"{definition['url']}|{definition.get('version', '')} is defined twice.")
        versions.append(definition)
        versions.sort(key=_version_key)

    @cached_property
    def types(self) -> Types:
        """The types as FHIRPath walks them: read where an invariant asks for them."""
        return read_types(self.schema)

    @cached_property
    def invariants(self) -> BaseInvariants:
        """The invariants of base R4: read where a tree is looked at rule by rule."""
        return BaseInvariants(self.facts, self.types)

    def codes_of(self, url: str) -> frozenset[str] | None:
        """Give the codes of a code system that is here whole; None for another."""
        if url not in self._codes:
            system = self._terminology.code_system(url)
            if system is None or system.get("content", "complete") != "complete" or not system.get("concept"):
                return None  # not remembered: the name may come from an instance
            self._codes[url] = list_codes(system) | _LATER.get(url, frozenset())
        return self._codes[url]

    def is_modifier(self, canonical: str) -> bool:
        """Tell whether the definition of an extension makes it a modifier."""
        tree = self.tree(canonical)
        return tree is not None and tree.element.get("isModifier") is True

    def find(self, canonical: str) -> Json | None:
        """Give the StructureDefinition that `url` or `url|version` names, without a version the newest; None where unknown."""
        url, _, version = canonical.partition("|")
        known = self._versions.get(url, ())
        found = next((one for one in reversed(known) if version in ("", one.get("version"))), None)
        return found or find_base(self.facts, canonical)

    def type_of(self, canonical: str) -> str | None:
        """Give the type that a canonical constrains, or that it is the base definition of; None where it is unknown."""
        named = self.facts.type_named(canonical)
        found = self.find(canonical) if named is None else None
        return named or (str(found["type"]) if found else None)

    def tree(self, canonical: str) -> Node | None:
        """Give the element tree of a profile; None for a type of base R4, which asks nothing more, and for an unknown one."""
        if canonical not in self._trees:
            definition = self.find(canonical) if self.facts.type_named(canonical) is None else None
            if definition is None:  # not remembered: the name may come from an instance
                return None
            whole = _whole_name(definition)
            if whole not in self._trees:
                self._trees[whole] = grow_tree(self._snapshots.of(definition))
            self._trees[canonical] = self._trees[whole]
        return self._trees[canonical]

    def rules(self, canonical: str) -> Rules | None:
        """Give the compiled rules of a profile, None where `tree` gives none."""
        if canonical not in self._rules:
            definition, tree = self.find(canonical), self.tree(canonical)
            if definition is None or tree is None:
                return None
            whole = _whole_name(definition)
            if whole not in self._rules:
                self._rules[whole] = self._compile(definition, tree)
            self._rules[canonical] = self._rules[whole]
        return self._rules[canonical]

    def _compile(self, definition: Json, tree: Node) -> Rules:
        version = definition.get("version")
        citation = definition["url"] + (f"|{version}" if version else "")
        source = Source("profile", definition["url"].rpartition("/")[2], citation, {}, self.schema["x-choices"])
        try:
            rules = compile_rules(tree, str(definition["type"]), source, self)
            own = [((), check) for check in compile_invariants(tree, "", self)]
            if definition["type"] == "Extension" and [one.element for _, _, one in rules.slicings] == ["extension"]:
                parts = prove_parts(tree)
                rules = replace(rules, proofs=(parts,) if parts is not None and not rules.checks else None)
            return replace(rules, checks=(*rules.checks, *own), proofs=rules.proofs if not own else self._prove(rules, tree))
        except DefinitionError as error:
            raise DefinitionError(f"{citation}: {error}") from error

    def _prove(self, rules: Rules, tree: Node) -> tuple[Json, ...] | None:
        """Give what shows that the invariants of a profile's root hold, where it has nothing beside them but its schema."""
        kind = str(tree.name)
        known = {told["key"] for told in (self.base_element("", kind) or {}).get("constraint", ())}
        added = [told for told in tree.element.get("constraint", ()) if told["key"] not in known and "expression" in told]
        proofs = [prove(told["expression"], kind, self.schema) for told in added]
        shown = tuple(proof for proof in proofs if proof is not None)
        return (*rules.proofs, *shown) if rules.proofs is not None and len(shown) == len(proofs) else None

    def check_all(self) -> None:
        """Compile every definition of the folders; DefinitionError where one cannot be used."""
        for versions in self._versions.values():
            for one in versions:
                self.rules(_whole_name(one))
                for expression in one.get("contextInvariant", ()):
                    self.holds(expression, f"{_whole_name(one)}: contextInvariant")

    def extensions(self) -> dict[str, Mapping[str, Any] | None]:
        """Give what is said of each Extension of the folders, by url: the schema where that says all, else None.

        What has slices, invariants or bindings beside its schema says more, unless a schema proves those.
        """
        ours = [url for url, versions in self._versions.items() if versions[-1]["type"] == "Extension"]
        known = {url: rules for url in ours if (rules := self.rules(url)) is not None}
        return {url: None if one.proofs is None else _with_proofs(one) for url, one in known.items()}

    def homes(self) -> dict[str, frozenset[str]]:
        """Give, for each Extension of the folders that has a context or is a modifier, the definitions that it may stand in.

        None where only the rules can tell: a modifier, a context below another extension or by FHIRPath, an invariant of the
        context.
        """
        found: dict[str, frozenset[str]] = {}
        for url, versions in self._versions.items():
            contexts = versions[-1].get("context", ()) if versions[-1]["type"] == "Extension" else ()
            told = {str(one.get("expression")) for one in contexts if one.get("type") == "element"}
            if self.is_modifier(url) or "contextInvariant" in versions[-1]:
                found[url] = frozenset()
            elif contexts and not told & {"Element", "Resource"}:
                found[url] = frozenset(told)
        return found

    def in_order(self, kind: str, lesser: str, greater: str, value: Json) -> bool:
        """Tell whether one element of a value is not above another, as FHIRPath compares them; False where it cannot."""
        expression = f"{lesser} <= {greater}"
        if expression not in self._paths:
            self._paths[expression] = compile_path(expression, self.types)
        try:
            return self._paths[expression].holds(self.types.node(value, kind), Environment())
        except (CannotRun, PathError):
            return False

    def whole_profiles(self) -> dict[str, tuple[str, Mapping[str, Any]]]:
        """Give type and schema of each profile that a schema says whole, by every canonical that claims it.

        The schema is that of the profile, and with it what proves its invariants.
        """
        found: dict[str, tuple[str, Mapping[str, Any]]] = {}
        for url, versions in self._versions.items():
            for canonical in (url, *(f"{url}|{one['version']}" for one in versions if "version" in one)):
                rules, kind = self.rules(canonical), str(versions[-1]["type"])
                if rules and kind in self.resources and rules.proofs is not None:
                    found[canonical] = (kind, _with_proofs(rules))
        return found

    def holds(self, expression: str, where: str) -> Callable[[Instance, Any], bool | None]:
        """Compile an invariant, None where an instance lets it have no result; DefinitionError where it cannot be run."""
        if expression not in self._paths:
            try:
                self._paths[expression] = compile_path(correct_invariant(expression), self.types)
            except (CannotRun, PathError) as error:
                raise DefinitionError(f"{where}: {error}") from error
        path, types = self._paths[expression], self.types

        def holds(instance: Instance, scene: Any) -> bool | None:
            try:
                return path.holds(types.node(instance.value, instance.type), scene.environment(types, instance.link))
            except (CannotRun, PathError):
                return None

        return holds

    def expansion(self, canonical: str) -> Expansion:
        """Give what a value set holds as far as it can be counted out here."""
        url = canonical.partition("|")[0]
        if url not in self._expansions:
            known = self.facts.value_set(url) if url not in self._terminology.value_sets else None
            self._expansions[url] = known or expand_value_set(url, self._terminology)
        return self._expansions[url]

    def base_element(self, owner: str, name: str) -> Mapping[str, Any] | None:
        """Give what base R4 says of an element of a type or backbone element; of a type itself where there is no owner."""
        found = self.facts.element(f"{_NARROWED.get(owner, owner)}.{name}" if owner else name)
        return found.definition if found else None

    def check(self, canonical: str, instance: Instance, scene: Any) -> Iterator[Issue]:
        """Check an instance against a profile; what is being checked already is not checked again."""
        rules = self.rules(canonical)
        key = (canonical, id(instance.value))
        if rules is None or key in scene.checking:
            return
        scene.checking.add(key)
        try:
            yield from rules.check(instance, scene)
        finally:
            scene.checking.discard(key)

    def conforms(self, canonical: str, instance: Instance, scene: Any) -> bool:
        """Tell whether an instance is of the profile's type and without an error against it."""
        kind = self.type_of(canonical)
        own = instance.value.get("resourceType", instance.type) if isinstance(instance.value, dict) else instance.type
        if kind is None or (kind != own and kind not in self.facts.ancestors(str(own))):
            return False
        return not any(issue.is_error for issue in self.check(canonical, instance, scene))


def _with_proofs(rules: Rules) -> Mapping[str, Any]:
    """Give the schema of a profile with what proves the rest of it."""
    schema = rules.source.schema
    return {**schema, "allOf": [*schema.get("allOf", ()), *rules.proofs]} if rules.proofs else schema


def _whole_name(definition: Mapping[str, Any]) -> str:
    """Give the canonical of a definition with its version: it is compiled once, whichever of its names is asked for."""
    return f"{definition['url']}|{definition['version']}" if "version" in definition else str(definition["url"])


def _version_key(definition: Mapping[str, Any]) -> tuple[list[tuple[int, str]], bool, str]:
    """Order versions by their numbers; one with a pre-release label stands before the release itself."""
    release, _, label = str(definition.get("version", "")).partition("-")
    parts = [(int(part), "") if part.isdigit() else (-1, part) for part in release.split(".")]
    return parts, not label, label
