"""Single defects against the elements of a profile: what its differential asks, at each node that it speaks of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.conformance.defects import DROP, Defect, look_up

__all__ = ["profile_defects"]

Json = dict[str, Any]
Path = tuple[str | int, ...]
# Another value for one that is fixed: a code that the base takes too.
_OTHER = {"final": "amended", "claim": "preauthorization", "complete": "partial", "active": "draft", "USD": "EUR", "collection": "searchset"}
_ELSEWHERE = "https://example.org/other"
_MOST = 60


def profile_defects(tree: Json, definition: Json) -> Iterator[Defect]:
    """Give the defects against a profile that is not sliced there: required, too many, fixed, pattern, forbidden types."""
    for element in definition["differential"]["element"]:
        steps = str(element["path"]).split(".")[1:]
        if not steps or ":" in element.get("id", "") or "sliceName" in element:
            continue
        for around in _reach(tree, (), steps[:-1]):
            yield from _at_element(look_up(tree, around), around, steps[-1], element)


def _reach(node: Any, path: Path, steps: list[str]) -> Iterator[Path]:
    if isinstance(node, list):
        for index, inner in enumerate(node):
            yield from _reach(inner, (*path, index), steps)
    elif isinstance(node, dict):
        if not steps:
            yield path
        else:
            name = _name_in(node, steps[0])
            if name is not None:
                yield from _reach(node[name], (*path, name), steps[1:])


def _name_in(node: Json, step: str) -> str | None:
    stem = step.removesuffix("[x]")
    return next((name for name in node if name == step or (stem != step and name.startswith(stem) and name[len(stem):len(stem) + 1].isupper())), None)


def _at_element(node: Json, around: Path, step: str, element: Json) -> Iterator[Defect]:
    name = _name_in(node, step)
    if name is None:
        return
    path, value, most = (*around, name), node[name], str(element.get("max", "*"))
    if element.get("min", 0) > 0:
        alone = len(node) == 1
        if not (alone and name != "coding"):
            yield Defect("profile required", path, missing=True, also=(((*around, "text"), "x"),) if alone else (),
                         rule_at=around if element["path"] == "Bundle.entry.resource" else None)
    if most not in ("*", "0") and isinstance(value, list) and int(most) <= _MOST:
        yield Defect("profile cardinality", path, [*value, *(value[:1] * int(most))])
    for word, asked in element.items():
        if word.startswith("fixed"):
            yield Defect("profile value", path, _OTHER.get(str(asked), _ELSEWHERE), rule_at=path)
        elif word.startswith("pattern") and "coding" in asked and "coding" in value:
            yield Defect("profile value", (*path, "coding", 0, "system"), _ELSEWHERE, rule_at=path)
            if "code" in asked["coding"][0]:
                yield Defect("profile value", (*path, "coding", 0, "code"), "oral", rule_at=path)
                yield Defect("profile value", (*path, "coding"), missing=True, rule_at=path, also=(((*path, "text"), "x"),))
    kinds = {str(kind["code"]) for kind in element.get("type", ())} if step.endswith("[x]") else set()
    if kinds and "dateTime" in kinds | {"date"} and kinds & {"date", "dateTime"}:
        yield Defect("profile choice-type", (*around, step.replace("[x]", "Period")), {"start": "2026-03-02"}, also=((path, DROP),)) \
            if "Period" not in kinds else Defect("profile choice-type", (*around, step.replace("[x]", "String")), "x", also=((path, DROP),))
