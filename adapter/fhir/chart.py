"""The record as it is read: its resources in force, its references, and what was noticed on the way."""

from __future__ import annotations

from adapter.fhir.datatypes import children
from adapter.fhir.inactive import is_inactive
from adapter.fhir.reading import Reading
from adapter.fhir.references import Found, Tree
from adapter.issues import Issue
from adapter.tables import Tables
from adapter.terms import Site

__all__ = ["Chart"]


class Chart:
    """Hold one tree while its facts are read: the index, the tables, the site, and the issues found so far.

    `patient` is the place of the patient whose visit is read.
    """

    __slots__ = ("_in_force", "_said", "index", "issues", "patient", "reading", "site", "tables")

    def __init__(self, root: Tree, tables: Tables, site: Site) -> None:
        """Index the tree; nothing in it is changed."""
        self.reading = Reading(root, "http://hl7.org/fhir/R4/")
        self.index = self.reading.index
        self.tables = tables
        self.site = site
        self.issues: list[Issue] = []
        self.patient: str | None = None
        self._said: set[tuple[str, str]] = set()
        self._in_force: dict[str, bool] = {}

    def say(self, rule: str, text: str, *expression: str) -> None:
        """Note an issue once a rule and place."""
        if (key := (rule, expression[0] if expression else "")) not in self._said:
            self._said.add(key)
            self.issues.append(self.tables.issue(rule, text, *expression))

    def take(self, start: int) -> tuple[Issue, ...]:
        """Take back the issues noted since there were `start` of them, with those of the parties read."""
        taken = (*self.issues[start:], *self.reading.issues)
        del self.issues[start:]
        self._said = {(issue.rule, issue.expression[0] if issue.expression else "") for issue in self.issues}
        self.reading.issues.clear()
        return taken

    def in_force(self, found: Found) -> bool:
        """Tell whether a resource counts; one that does not is said once."""
        resource, path = found
        known = self._in_force.get(path)
        if known is None:
            known = self._in_force[path] = not is_inactive(resource)
            if "modifierExtension" in resource:
                text = "An extension that may change what this resource means is not known here."
                self.say("resource.modifier-extension", text, f"{path}.modifierExtension")
        if not known:
            self.say("resource.inactive", f"This {resource.get('resourceType')} counts as absent by its own status.", path)
        return known

    def check_patient(self, found: Found, element: str = "subject") -> None:
        """Note where a resource of the visit is another patient's: whose record it is must agree everywhere."""
        named = self.index.named.get(found[0].get(element, {}).get("reference", ""))
        if named and named[1] == self.patient:  # by far the most
            return
        for _, path in self.follow(found[0], element, found[1], "Patient"):
            if self.patient is not None and path != self.patient:
                text = "This belongs to another patient than the act."
                self.say("patient.contradiction", text, f"{found[1]}.{element}")

    def all(self, *types: str) -> list[Found]:
        """Give the resources of these types that are in force, in document order a type."""
        return [found for found in self.index.of_type(*types) if self.in_force(found)]

    def follow(self, tree: Tree, element: str, path: str, *types: str) -> list[Found]:
        """Resolve every Reference of an element to resources of these types that are in force."""
        value = tree.get(element)
        if value is None:
            return []
        only = value if isinstance(value, dict) else value[0] if len(value) == 1 else {}
        if named := self.index.named.get(only.get("reference", "")):  # by far the most
            return [named] if (not types or named[0].get("resourceType") in types) and self.in_force(named) else []
        targets: list[Found] = []
        for reference, where in children(tree, path, element):
            found = self.index.resolve(reference, where)
            if found is None:
                self._say_unresolved(reference, where)
            elif (not types or found[0].get("resourceType") in types) and self.in_force(found):
                targets.append(found)
        return targets

    def _say_unresolved(self, reference: Tree, where: str) -> None:
        problem = self.index.problem(reference, where)
        if problem is not None and problem.rule == "reference.ambiguous":
            self.say("reference.ambiguous", problem.text, where)
        elif "reference" in reference:
            self.say("reference.not-found", "The reference leads to no resource that was sent.", where)
