"""Settings come from the command line, else from REFILL_* variables."""

from pathlib import Path

import pytest

from adapter.settings import Settings, SettingsError, load_settings


def test_without_anything_the_service_is_on_loopback():
    assert load_settings({}, {}) == Settings(host="127.0.0.1", port=8080)


def test_a_variable_of_each_setting_is_read():
    environ = {
        "REFILL_DATA": "d", "REFILL_DATABASE": "postgresql://x", "REFILL_SITE": "s.toml", "REFILL_TABLES": "t",
        "REFILL_HOST": "::1", "REFILL_PORT": "9",
    }
    assert load_settings({}, environ) == Settings(Path("d"), "postgresql://x", Path("s.toml"), Path("t"), "::1", 9)


def test_the_command_line_wins_and_an_empty_variable_counts_as_absent():
    assert load_settings({"port": 9000}, {"REFILL_PORT": "9"}).port == 9000
    assert load_settings({"port": None}, {"REFILL_PORT": ""}).port == 8080


@pytest.mark.parametrize("text", ["http", "65536", "-1", "8080.0", "٣"])
def test_a_port_that_is_none_is_refused_with_its_source(text):
    with pytest.raises(SettingsError, match="REFILL_PORT"):
        load_settings({}, {"REFILL_PORT": text})
    with pytest.raises(SettingsError, match="--port"):
        load_settings({"port": text}, {})


URL = "sqlite:///own.db"


@pytest.mark.parametrize(("given", "environ", "store"), [
    ({"data": "d"}, {}, (Path("d"), None)), ({"database": URL}, {}, (None, URL)), ({"data": "d", "database": None}, {"REFILL_DATABASE": URL}, (Path("d"), None)),
    ({"database": URL}, {"REFILL_DATA": "d"}, (None, URL)), ({}, {"REFILL_DATA": "d", "REFILL_DATABASE": URL}, (Path("d"), URL)),
])
def test_the_store_that_the_command_line_names_is_the_store(given, environ, store):
    settings = load_settings(given, environ)
    assert (settings.data, settings.database) == store


def test_two_stores_on_one_command_line_are_refused_beside_every_other_problem():
    with pytest.raises(SettingsError, match=r"--data and --database: expected one of them") as refused:
        load_settings({"data": "d", "database": URL, "port": "x"}, {})
    assert "--port" in str(refused.value)


def test_variables_of_others_are_let_be():
    assert load_settings({}, {"REFILL_CMD": "x"}) == Settings()


@pytest.mark.parametrize("url", ["sqlite:///data/own.db", "sqlite:////srv/my data/own.db", "postgresql://refill@db.example/refill", "postgresql+psycopg://u:p@h/d"])
def test_a_database_of_either_kind_is_taken(url):
    assert load_settings({"database": url}, {}).database == url


@pytest.mark.parametrize("url", ["mysql://u:SECRET@h/d", "sqlite://", "sqlite:///", "refill.db", "postgresql:SECRET", "sqlite:///\nx"])
def test_another_database_is_refused_without_repeating_what_may_hold_a_password(url):
    with pytest.raises(SettingsError, match="REFILL_DATABASE: expected sqlite:///PATH or postgresql://") as refused:
        load_settings({}, {"REFILL_DATABASE": url})
    assert "SECRET" not in str(refused.value)
