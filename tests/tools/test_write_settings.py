"""The table of settings in the documents is the one that the program reads."""

from pathlib import Path

from adapter.settings import SETTINGS
from tools.write_settings import write_table

PAGE = (Path(__file__).parents[2] / "docs" / "running.md").read_text()


def test_the_page_holds_the_table_as_it_is_now():
    assert write_table(PAGE) == PAGE
    for name in SETTINGS:
        assert f"`REFILL_{name.upper()}`" in PAGE


def test_a_planted_difference_is_put_right():
    assert write_table(PAGE.replace("| `8080` |", "| `80` |")) == PAGE
