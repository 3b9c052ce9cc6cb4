"""What holds is shown with its source and without a secret, and what is unsafe is told with a way out."""

from pathlib import Path

import pytest

from adapter.settings import SETTINGS, Settings, SettingsError, find_unsafe, list_effective
from adapter.settings.effective import mask


def test_every_setting_is_shown_and_says_where_it_came_from():
    found = list_effective({"host": "::1"}, {"REFILL_RATE": "600", "REFILL_PORT": ""})
    assert [one.name for one in found] == list(SETTINGS) == list(Settings.__dataclass_fields__)
    assert {one.name: (one.value, one.source) for one in found if one.value} == {
        "host": ("::1", "--host"), "port": ("8080", "default"), "rate": ("600", "REFILL_RATE"), "drain": ("1", "default"),
    }


def test_a_variable_that_the_command_line_overrules_is_no_source():
    found = {one.name: one for one in list_effective({"data": "d"}, {"REFILL_DATABASE": "postgresql://u:SECRET@db/x"})}
    assert (found["data"].value, found["data"].source) == ("d", "--data")
    assert (found["database"].value, found["database"].source) == (None, "default")


@pytest.mark.parametrize(("name", "text"), [("rate", "0"), ("rate", "1e3"), ("rate", "1000001"), ("drain", "-1"), ("drain", "601"), ("drain", "a while")])
def test_a_limit_that_is_none_is_refused_with_what_was_expected(name, text):
    with pytest.raises(SettingsError, match=f"REFILL_{name.upper()}: expected a number"):
        list_effective({}, {f"REFILL_{name.upper()}": text})


@pytest.mark.parametrize(("url", "shown"), [
    ("postgresql://u:SECRET@db/x", "postgresql://u:***@db/x"), ("postgresql://u@db/x?password=SECRET", "postgresql://u@db/x?password=***"),
    ("postgresql://:SECRET@db/x", "postgresql://:***@db/x"), ("postgresql://u:SE/CR@ET@db/x", "postgresql://u:***@db/x"),
    ("sqlite:///data/own.db", "sqlite:///data/own.db"), ("postgresql://u@db/x", "postgresql://u@db/x"), ("postgresql://u:@db/x", "postgresql://u:***@db/x"),
])
def test_a_password_is_masked_wherever_it_stands(url, shown):
    assert mask(url) == shown


@pytest.mark.parametrize(("settings", "word"), [
    (Settings(host="0.0.0.0"), "loopback"), (Settings(host="10.0.0.1"), "sign-in"),
    (Settings(database="postgresql://u:SECRET@db.example/x"), "sslmode=verify-full"), (Settings(database="postgresql://u@db.example/x?sslmode=prefer"), "sslmode=verify-full"),
])
def test_what_is_unsafe_is_told_with_a_way_out_and_without_a_secret(settings, word):
    (problem,) = find_unsafe(settings)
    assert word in problem
    assert "SECRET" not in problem


@pytest.mark.parametrize("settings", [
    Settings(), Settings(host="::1"), Settings(database="postgresql://u@db.example/x?sslmode=require"), Settings(database="postgresql://u@db/x?a=b&sslmode=verify-full"),
    Settings(database="postgresql:///x"), Settings(database="postgresql://u@localhost/x"), Settings(database="sqlite:///x.db"), Settings(data=Path("not-there-yet")),
])
def test_what_is_safe_is_let_be(settings):
    assert find_unsafe(settings) == []


@pytest.mark.parametrize(("mode", "word"), [(0o700, None), (0o750, None), (0o755, "read"), (0o701, "read"), (0o707, "change"), (0o1777, "change")])
def test_a_data_folder_that_others_may_look_into_is_unsafe(tmp_path, mode, word):
    tmp_path.chmod(mode)
    found = find_unsafe(Settings(data=tmp_path))
    assert [f"may {word} " in one for one in found] == ([True] if word else [])
    assert find_unsafe(Settings(data=tmp_path, database="sqlite:///x.db")) == []
    tmp_path.chmod(0o700)


@pytest.mark.parametrize("name", ["site", "tables"])
def test_what_others_may_change_decides_no_claim(tmp_path, name):
    path = tmp_path / "own"
    path.mkdir()
    for mode, wrong in ((0o755, 0), (0o757, 1)):
        path.chmod(mode)
        assert len(find_unsafe(Settings(**{name: path}))) == wrong
