"""What a head prefers and asks for is read leniently, as clients send it."""

import pytest

from adapter.http.preference import Conditions, Preference, read_conditions, read_preference


@pytest.mark.parametrize(("text", "expected"), [
    ("", Preference()), ("return=minimal", Preference("minimal")), ("return=minimal; respond-async", Preference("minimal", is_async=True)),
    ("handling=strict,return=OperationOutcome", Preference("OperationOutcome", is_strict=True)), ("handling=lenient", Preference()),
    ("return=presentation", Preference()), ("wait=10, respond-async", Preference(is_async=True)), (";,;", Preference()),
])
def test_values_stand_between_commas_or_semicolons_and_unknown_ones_are_ignored(text, expected):
    assert read_preference(text) == expected


@pytest.mark.parametrize(("head", "expected"), [
    ({}, Conditions()), ({"If-Match": 'W/"1"'}, Conditions(match=("1",))), ({"If-Match": '"1", W/"2"'}, Conditions(match=("1", "2"))),
    ({"If-None-Match": "*"}, Conditions(none_match=("*",))), ({"If-Match": "1"}, Conditions(match=("1",))), ({"If-Match": ""}, Conditions(match=("",))),
    ({"If-Modified-Since": "yesterday"}, Conditions()), ({"If-None-Exist": "a=b"}, Conditions(none_exist="a=b")),
])
def test_conditions_are_read_and_a_date_that_is_none_is_ignored(head, expected):
    assert read_conditions(head) == expected
