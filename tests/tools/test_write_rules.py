"""The page of rules is what the tables and the code say today, and it leaves none out."""

from __future__ import annotations

from adapter.load import data_folder, load_tables
from tools.write_rules import ROOT, read_code_rules, write_page

PAGE = ROOT / "docs" / "rules.md"


def test_the_page_is_what_the_tool_writes_today():
    assert PAGE.read_text(encoding="utf-8") == write_page(load_tables(data_folder("mappings")), ROOT / "adapter")


def test_a_rule_that_is_planted_in_the_code_comes_onto_the_page(tmp_path):
    (tmp_path / "adapter").mkdir()
    (tmp_path / "adapter" / "a.py").write_text('Issue(e, c, "thing.odd", f"A {thing} is odd.")')
    assert "`thing.odd` | `adapter/a.py` | A … is odd. |" in write_page(load_tables(data_folder("mappings")), tmp_path / "adapter")


def test_the_sentence_may_stand_before_the_rule_in_a_table_or_in_the_call():
    code = """
RULES = {"a.first": (1, "In a table.")}
def f(x):
    text = "Said before."
    report(x, "a.second", text)
    report(x, "a.third", "Said there.")
"""
    assert dict(read_code_rules(code)) == {"a.first": "In a table.", "a.second": "Said before.", "a.third": "Said there."}
