"""A bug is told by its type and its places in the code alone."""

from adapter.bug import tell_bug
from adapter.fhir.json import encode_json


def planted(depth):
    if depth:
        return planted(depth - 1)
    return encode_json({"name": object()})


def test_a_bug_is_told_by_its_type_and_its_last_places_without_its_message():
    try:
        planted(20)
    except TypeError as bug:
        told = tell_bug(bug, "id-1")
    assert (told["log_id"], told["kind"]) == ("id-1", "TypeError")
    assert len(told["places"]) == 8
    assert told["places"][-1].startswith("fhir/json.py:")
    assert "object" not in str(told)
