"""The scene of one validation: the tree, its resources by their addresses, and what is being checked already."""

from __future__ import annotations

from typing import Any, TypeAlias

from adapter.conformance.instance import Instance
from adapter.conformance.rules import Link
from adapter.fhirpath import Environment, Node as FhirNode, Types

__all__ = ["Scene"]

Json: TypeAlias = dict[str, Any]


class Scene:
    """Hold one tree while it is validated: `root` is the name that expressions begin with.

    References resolve by fullUrl, by relative `Type/id` against the entry's own base, by type and id, and `#contained`.
    """

    __slots__ = ("_by_url", "_environments", "checking", "root", "tree")

    def __init__(self, tree: Json, root: str) -> None:
        """Take the tree; its addresses are gathered when a reference is first followed."""
        self.tree = tree
        self.root = root
        self.checking: set[tuple[str, int]] = set()
        self._by_url: dict[str, list[Instance]] | None = None
        self._environments: dict[int, Environment] = {}

    def resolve(self, reference: Instance) -> Instance | None:
        """Give the resource that a Reference leads to, None where it leads to none or to several."""
        literal = reference.value.get("reference")
        if not isinstance(literal, str):
            return None
        owner = self._owner(reference.link)
        if literal.startswith("#"):
            return self._contained(owner, literal[1:])
        table = self._addresses()
        found = table.get(literal.partition("/_history/")[0])
        if not found and ":" not in literal:
            base = self._base(owner)
            found = table.get(base + literal) if base else None
        return found[0] if found and len(found) == 1 else None

    def environment(self, types: Types, link: Link) -> Environment:
        """Give what an invariant may ask at a place: `%resource`, `%rootResource`, and where references lead from there."""
        owner, inner = self._owner(link), self._contained_at(link)
        key = id(owner.value if inner is None else inner)
        if key not in self._environments:
            root = types.node(owner.value)

            def resolve(reference: str) -> FhirNode | None:
                found = self.resolve(Instance({"reference": reference}, link, "Reference"))
                return types.node(found.value) if found else None

            resource = root if inner is None else types.node(inner)
            self._environments[key] = Environment(resource=resource, root_resource=root, resolve=resolve)
        return self._environments[key]

    def _contained_at(self, link: Link) -> Json | None:
        """Give the contained resource that a place stands in, None where it stands in none."""
        while link is not None:
            if len(link) == 3 and link[1] == "contained":
                found: Json = self._at(link)
                return found
            link = link[0]
        return None

    def _owner(self, link: Link) -> Instance:
        """Give the resource of an entry, or the root, that a place stands in: what contains `#x`."""
        steps = []
        while link is not None:
            steps.append(link)
            link = link[0]
        for at in reversed(steps):
            if at[-1] == "resource" and "resourceType" in (found := self._at(at)):  # RequestGroup.action.resource is a Reference
                return Instance(found, at, "Resource")
        return Instance(self.tree, None, self.root)

    def _at(self, link: Link) -> Any:
        if link is None:
            return self.tree
        value = self._at(link[0])
        for step in link[1:]:
            value = value[step]
        return value

    def _contained(self, owner: Instance, name: str) -> Instance | None:
        if not name:
            return owner
        inner = owner.value.get("contained", ())
        found = [Instance(one, (owner.link, "contained", index), "Resource") for index, one in enumerate(inner)
                 if isinstance(one, dict) and one.get("id") == name]
        return found[0] if len(found) == 1 else None

    def _base(self, owner: Instance) -> str | None:
        link = owner.link
        if link is None or link[-1] != "resource":
            return None
        entry = self._at((link[0], *link[1:-1]))
        url, kind = entry.get("fullUrl"), owner.value.get("resourceType")
        if not isinstance(url, str) or not isinstance(kind, str) or f"/{kind}/" not in url:
            return None
        return url.rpartition(f"{kind}/")[0]

    def _addresses(self) -> dict[str, list[Instance]]:
        if self._by_url is None:
            self._by_url = {}
            entries = self.tree.get("entry", ()) if self.tree.get("resourceType") == "Bundle" else ()
            for index, entry in enumerate(entries if isinstance(entries, list) else ()):
                resource = entry.get("resource") if isinstance(entry, dict) else None
                if isinstance(resource, dict) and isinstance(resource.get("resourceType"), str):
                    one = Instance(resource, (None, "entry", index, "resource"), resource["resourceType"])
                    url, name = entry.get("fullUrl"), f"{resource['resourceType']}/{resource.get('id')}"
                    for key in {url, name} if isinstance(url, str) else {name}:
                        self._by_url.setdefault(key, []).append(one)
        return self._by_url
