"""The page of rules is what the tables say today, leaves none out, and reads as tables."""

from __future__ import annotations

import re
import shutil
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from adapter.load import TableError, data_folder
from tools.write_rules import write_page

MAPPINGS = data_folder("mappings")
PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
ANCHOR = re.compile(r'<a id="([^"]+)"></a>')


def cells(line):
    """Cut a line of a table where a reader does: at each bar that is not escaped."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def contents():
    return [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(MAPPINGS.rglob("*.toml"))]


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(MAPPINGS, tmp_path / "mappings"))


def append(folder, *lines):
    with (folder / "rules" / "http.toml").open("a", encoding="utf-8") as file:
        file.write("\n".join(["", "[[rule]]", *lines, ""]))


def test_the_page_is_what_the_tool_writes_today():
    assert PAGE.read_text(encoding="utf-8") == write_page(MAPPINGS), "run make docs"


def test_every_rule_and_every_row_has_one_place_on_the_page_and_nothing_else_has():
    ids = Counter(one["id"] for content in contents() for one in content.get("rule", []) + content.get("row", []))
    assert Counter(ANCHOR.findall(write_page(MAPPINGS))) == ids
    assert set(ids.values()) == {1}


def test_every_rule_stands_with_its_sentence_its_remedy_its_severity_and_its_source():
    lines = {ANCHOR.findall(line)[0]: line for line in write_page(MAPPINGS).splitlines() if ANCHOR.search(line)}
    for content in contents():
        for rule in content.get("rule", []):
            source = content["sources"][rule["source"]] if isinstance(rule["source"], str) else rule["source"]
            told = [rule["says"], rule.get("remedy", ""), rule.get("severity", ""), source["url"], str(source["read_on"])]
            assert [part for part in told if part not in lines[rule["id"]]] == []


def test_every_line_of_a_table_has_the_cells_of_its_head():
    blocks = re.findall(r"(?:^\|.*\n)+", write_page(MAPPINGS), re.MULTILINE)
    assert len(blocks) == sum("rule" in content for content in contents()) + sum("table" in content for content in contents())
    for block in blocks:
        assert len({len(cells(line)) for line in block.splitlines()}) == 1


def test_every_entry_of_the_contents_leads_to_a_heading():
    page = write_page(MAPPINGS)
    titles = re.findall(r"^## (.+)$", page, re.MULTILINE)
    leads = re.findall(r"^- \[(.+)\]\(#(.+)\)$", page, re.MULTILINE)
    assert leads == [(title, re.sub(r"[^a-z0-9-]", "", title.lower().replace(" ", "-"))) for title in titles]


def test_only_rules_whose_severity_the_table_gives_have_a_column_for_it():
    sections = dict(re.findall(r"^## (.+)\n\n(\|.+)$", write_page(MAPPINGS), re.MULTILINE))
    assert [title for title, head in sections.items() if "severity" in head] == ["Coding and reading a refill"]


def test_a_planted_rule_comes_onto_the_page_and_its_bars_do_not_break_the_table(folder):
    append(folder, 'id = "http.odd"', 'says = "One | two <b>."', 'remedy = "Ask."', 'source = "http"')
    (line,) = set(write_page(folder).splitlines()) - set(write_page(MAPPINGS).splitlines())
    assert cells(line)[:3] == ['<a id="http.odd"></a>`http.odd`', r"One \| two &lt;b>.", "Ask."]


def test_a_planted_rule_without_a_source_gives_no_page(folder):
    append(folder, 'id = "http.odd"', 'says = "Odd."')
    with pytest.raises(TableError, match=r"rules/http\.toml: rule \d+ \(http\.odd\): missing source"):
        write_page(folder)


def test_the_same_tables_give_the_same_page_wherever_they_lie(folder):
    assert write_page(folder) == write_page(MAPPINGS)
