"""A resource in JSON or in XML: which of the two a text is, its own first character says."""

from __future__ import annotations

from adapter.fhir.json import Tree, decode_json
from adapter.fhir.xml import decode_xml
from adapter.fhir.xml_position import is_xml
from adapter.fhir.xml_shape import Shapes
from adapter.issues import Outcome

__all__ = ["decode_document"]


def decode_document(data: bytes, shapes: Shapes) -> Outcome[Tree]:
    """Decode the text of one resource, JSON or XML, into its tree.

    >>> [issue.rule for issue in decode_document(b"<Flag", Shapes({"$defs": {}})).issues]
    ['xml.syntax']
    """
    return decode_xml(data, shapes) if is_xml(data) else decode_json(data)
