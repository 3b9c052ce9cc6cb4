"""Generated trees of R4: a resource of every shape that the definitions allow, odd values in all of it."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st

from adapter.fhir.xml_shape import Member, Shapes

__all__ = ["narratives", "resources"]

TYPES = ("Patient", "Claim", "Observation", "Procedure", "Parameters", "Bundle", "Device", "ExampleScenario", "ValueSet")
TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=[*map(chr, {*range(32)} - {9, 10, 13}), "\ufffe", "\uffff"]),
    min_size=1, max_size=8,
)
NUMBERS = st.integers(-(10**12), 10**12) | st.decimals(-(10**9), 10**9, allow_nan=False, places=3)
PRIMITIVES = {"string": TEXTS, "boolean": st.booleans(), "number": NUMBERS}
EXTENSIONS = st.lists(
    st.builds(lambda value, own: {"url": "urn:x", "valueDecimal": value} | ({"_valueDecimal": {"id": own}} if own else {}),
              NUMBERS, st.none() | TEXTS),
    min_size=1, max_size=2,
)
SIBLINGS = st.none() | st.fixed_dictionaries({"id": TEXTS}, optional={"extension": EXTENSIONS}) | st.fixed_dictionaries({"extension": EXTENSIONS})
XHTML = "http://www.w3.org/1999/xhtml"


@cache
def narratives() -> st.SearchStrategy[str]:
    """Give narratives, some with a prefix of their own, comments, line ends and characters of many bytes."""
    inner = st.sampled_from((
        "x", "<p>a &lt; b &#160;</p>", "<br/>", "<!-- <div> -->", "<![CDATA[</div>]]>", "é𝄞\r\n\ty", '<p title="a>b" xml:lang="de">ü</p>',
        "<div><div>deep</div></div>",
    ))
    plain = st.lists(inner, min_size=1, max_size=4).map("".join)
    wrapped = st.sampled_from((
        f'<div xmlns="{XHTML}">%s</div>', f"<div\n xmlns = '{XHTML}' >%s</div >", f'<div title=">" xmlns="{XHTML}">%s</div>',
    ))
    own = st.just(f'<h:div xmlns:h="{XHTML}">x<h:p>é</h:p></h:div>')
    return own | st.just(f'<div xmlns="{XHTML}"/>') | st.builds(lambda form, text: form.replace("%s", text), wrapped, plain)


def resources(shapes: Shapes) -> st.SearchStrategy[dict[str, Any]]:
    """Give trees of resources as the definitions shape them: null padding, `_x` siblings, contained resources."""
    return st.composite(_resource)(shapes, 0)  # type: ignore[operator]


def _resource(draw: Any, shapes: Shapes, depth: int) -> dict[str, Any]:
    name = draw(st.sampled_from(TYPES))
    return {"resourceType": name, **_members(draw, (shapes, name), depth, 0)}


def _members(draw: Any, place: tuple[Shapes, str], depth: int, least: int) -> dict[str, Any]:
    """Give members of a type in any order: at least so many, and few where it is deep."""
    shapes, name = place
    shape = shapes[name]
    known = [one for one in shape.by_name.values() if depth < 3 or one.kind in PRIMITIVES]
    chosen = draw(st.lists(st.sampled_from(known), min_size=least, max_size=4, unique_by=lambda one: one.name)) if known else []
    node: dict[str, Any] = {one: draw(TEXTS) for one in sorted(shape.attributes) if one == "url" or not chosen or draw(st.booleans())}
    for member in chosen:
        if member.kind in PRIMITIVES:
            node |= _primitive(draw, member, may_extend=f"_{member.name}" in shape.names)
        elif member.is_list:
            node[member.name] = [_value(draw, member, shapes, depth) for _ in range(draw(st.integers(1, 2)))]
        else:
            node[member.name] = _value(draw, member, shapes, depth)
    return node


def _value(draw: Any, member: Member, shapes: Shapes, depth: int) -> Any:
    if member.kind == "xhtml":
        return draw(narratives())
    if member.kind == "resource":
        return _resource(draw, shapes, depth + 1)
    return _members(draw, (shapes, member.type), depth + 1, 1)


def _primitive(draw: Any, member: Member, may_extend: bool) -> dict[str, Any]:
    """Give a primitive, its id and extensions, or both; in an array each of them may be absent."""
    pairs = []
    for _ in range(draw(st.integers(1, 3)) if member.is_list else 1):
        sibling = draw(SIBLINGS) if may_extend else None
        pairs.append((None if sibling and draw(st.booleans()) else draw(PRIMITIVES[member.kind]), sibling))
    values, beside = [value for value, _ in pairs], [sibling for _, sibling in pairs]
    told = {}
    if any(value is not None for value in values):
        told[member.name] = values if member.is_list else values[0]
    if any(beside):
        told[f"_{member.name}"] = beside if member.is_list else beside[0]
    return told
