"""Resources keep every version, and a search finds what is there now."""

from datetime import UTC, datetime, timedelta

import pytest

from adapter.store import StoredSnapshot, TooManyError, resources
from adapter.terms import Bound, Condition, Match, SearchValue, SortKey, ValueMatch

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


@pytest.fixture
def unit(store):
    with store.begin() as begun:
        yield begun


def found(unit, *conditions, order=()):
    return [identity for _, identity, _ in unit.search("Patient", conditions, order)]


def wanted(parameter, *values, **more):
    return Condition(parameter, tuple(Match(value, **more) for value in values))


def test_every_version_of_a_resource_is_kept_and_the_newest_is_the_current_one(unit):
    first = unit.write("Patient", "p", b"one", [], NOW)
    second = unit.write("Patient", "p", b"two", [], NOW + timedelta(seconds=1))
    assert (first.version, second.version, unit.find("Patient", "p")) == (1, 2, second)
    assert [unit.find_version("Patient", "p", number) for number in (1, 2, 3)] == [first, second, None]
    assert (unit.find("Claim", "p"), unit.find("Patient", "q")) == (None, None)


def test_what_is_deleted_has_a_version_without_data_is_found_by_no_search_and_may_come_again(unit):
    unit.write("Patient", "p", b"one", [SearchValue("gender", "male")], NOW)
    gone = unit.delete("Patient", "p", NOW)
    assert (gone.version, gone.data, unit.find("Patient", "p")) == (2, None, gone)
    assert (found(unit), found(unit, wanted("gender", "male"))) == ([], [])
    assert unit.write("Patient", "p", b"three", [], NOW).version == 3
    assert found(unit) == ["p"]


def test_a_resource_that_is_only_reserved_is_not_there(unit):
    assert unit.reserve("Patient", "p") == 1
    assert (unit.find("Patient", "p"), found(unit), unit.history("Patient")) == (None, [], [])


def test_the_history_of_an_instance_a_type_and_all_is_the_newest_first(unit):
    unit.write("Patient", "p", b"one", [], NOW)
    unit.write("Claim", "c", b"one", [], NOW)
    unit.write("Patient", "q", b"one", [], NOW)
    unit.delete("Patient", "p", NOW)
    assert unit.history("Patient", "p") == [("Patient", "p", 2), ("Patient", "p", 1)]
    assert unit.history("Patient") == [("Patient", "p", 2), ("Patient", "q", 1), ("Patient", "p", 1)]
    assert len(unit.history()) == 4


def test_a_search_looks_at_the_current_version_alone(unit):
    unit.write("Patient", "p", b"one", [SearchValue("gender", "male")], NOW)
    unit.write("Patient", "p", b"two", [SearchValue("gender", "female")], NOW)
    assert (found(unit, wanted("gender", "male")), found(unit, wanted("gender", "female"))) == ([], ["p"])


VALUES = {
    "a": [SearchValue("family", "smith", "Smith"), SearchValue("identifier", "1", "urn:x"), SearchValue("born", low="1950", high="1951")],
    "b": [SearchValue("family", "smithson", "Smithson"), SearchValue("identifier", "1", "urn:y"), SearchValue("born", low="1960", high="1961")],
    "c": [SearchValue("family", "o'neil 100%", "O'Neil 100%"), SearchValue("identifier", "2", "")],
}


@pytest.mark.parametrize(("conditions", "expected"), [
    ([wanted("family", "smith")], "a"),
    ([wanted("family", "smith", how=ValueMatch.STARTS)], "ab"),
    ([wanted("family", "100%", how=ValueMatch.CONTAINS)], "c"),
    ([wanted("family", "%", how=ValueMatch.CONTAINS)], "c"),
    ([wanted("family", "_", how=ValueMatch.CONTAINS)], ""),
    ([wanted("family", "smith", "smithson")], "ab"),
    ([wanted("identifier", "1")], "ab"),
    ([wanted("identifier", "1", systems=("urn:y",))], "b"),
    ([wanted("identifier", "2", systems=("",))], "c"),
    ([wanted("identifier", None, systems=("urn:x",))], "a"),
    ([wanted("identifier", "1"), wanted("family", "smithson")], "b"),
    ([Condition("born", (Match(bounds=(Bound("low", ">=", "1955"),)),))], "b"),
    ([Condition("born", (Match(bounds=(Bound("low", "<=", "1950"), Bound("high", ">", "1950"))),))], "a"),
    ([Condition("born")], "ab"),
    ([Condition("born", is_wanted=False)], "c"),
    ([Condition("identifier", (Match("1"),), is_wanted=False)], "c"),
    ([Condition("nothing")], ""),
    ([], "abc"),
])
def test_a_search_finds_what_meets_every_condition_and_no_more(unit, conditions, expected):
    for identity, values in VALUES.items():
        unit.write("Patient", identity, b"{}", values, NOW)
    unit.write("Claim", "a", b"{}", VALUES["a"], NOW)
    assert sorted(found(unit, *conditions)) == list(expected)


def test_a_result_is_sorted_and_what_has_no_value_is_last(unit):
    for identity, values in VALUES.items():
        unit.write("Patient", identity, b"{}", values, NOW)
    assert found(unit, order=[SortKey("born")]) == ["a", "b", "c"]
    assert found(unit, order=[SortKey("born", is_descending=True)]) == ["b", "a", "c"]
    assert found(unit, order=[SortKey("identifier", is_descending=True), SortKey("family", is_descending=True)]) == ["c", "b", "a"]
    assert found(unit) == ["c", "b", "a"]


def test_texts_sort_by_their_bytes_on_both_databases(unit):
    for word in ("a", "B", "ä", "_", "Z", "zz"):
        unit.write("Patient", f"p{ord(word[0])}", b"{}", [SearchValue("family", word)], NOW)
    assert found(unit, order=[SortKey("family")]) == [f"p{ord(word[0])}" for word in sorted(("a", "B", "ä", "_", "Z", "zz"))]


def test_a_search_that_finds_too_many_is_refused_and_not_cut(unit, monkeypatch):
    monkeypatch.setattr(resources, "MAX_FOUND", 3)
    for number in range(3):
        unit.write("Patient", f"p{number}", b"{}", [], NOW)
    assert len(found(unit)) == 3
    unit.write("Patient", "p3", b"{}", [], NOW)
    with pytest.raises(TooManyError):
        found(unit)


def test_versions_are_read_in_the_order_that_is_asked_for(unit):
    keys = [("Patient", f"p{number}", 1) for number in range(450)]
    for kind, identity, _ in keys:
        unit.write(kind, identity, identity.encode(), [], NOW)
    assert [one.data for one in unit.read_versions(keys[::-1])] == [identity.encode() for _, identity, _ in keys[::-1]]


def test_a_snapshot_is_kept_for_a_day(unit):
    snapshot = StoredSnapshot((("Patient", "p", 1), ("Patient", "q", 2)), "shown so")
    unit.keep_snapshot("token", snapshot, NOW)
    assert unit.find_snapshot("token", NOW + timedelta(hours=23)) == snapshot
    assert unit.find_snapshot("token", NOW + timedelta(hours=25)) is None
    assert unit.find_snapshot("other", NOW) is None
    unit.keep_snapshot("later", snapshot, NOW + timedelta(hours=25))
    assert unit.find_snapshot("token", NOW) is None


def test_times_are_kept_to_the_millisecond_in_utc(unit):
    at = datetime.fromisoformat("2026-03-03T12:00:00.123456+02:00")
    assert unit.write("Patient", "p", b"{}", [], at).updated_at.isoformat() == "2026-03-03T10:00:00.123000+00:00"
