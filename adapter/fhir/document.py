"""A resource in JSON or in XML: which of the two a text is, its own first character says."""

from __future__ import annotations

from adapter.fhir.json import Tree, decode_json, encode_json
from adapter.fhir.xml import decode_xml
from adapter.fhir.xml_position import is_wide_xml, is_xml
from adapter.fhir.xml_shape import Shapes
from adapter.issues import Outcome

__all__ = ["decode_document", "rewrite_as_json"]


def decode_document(data: bytes, shapes: Shapes) -> Outcome[Tree]:
    """Decode the text of one resource, JSON or XML, into its tree.

    >>> [issue.rule for issue in decode_document(b"<Flag", Shapes({"$defs": {}})).issues]
    ['xml.syntax']
    """
    return decode_xml(data, shapes) if is_xml(data) or is_wide_xml(data) else decode_json(data)


def rewrite_as_json(data: bytes, shapes: Shapes) -> bytes:
    """Rewrite a resource that was read once as JSON; JSON stays as it is, byte for byte.

    >>> rewrite_as_json(b'{ "resourceType": "Flag" }', Shapes({"$defs": {}}))
    b'{ "resourceType": "Flag" }'
    """
    tree = decode_xml(data, shapes).value if is_xml(data) else None
    return data if tree is None else encode_json(tree)
