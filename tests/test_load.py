"""A bad table stops the start and says file and row: one deliberately broken file for each rule of the loader."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from copy import deepcopy
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from adapter.load import TableError, data_folder, load_profiles, load_rule_book, load_rule_texts, load_tables, values
from adapter.load.table import read_table

SOURCES = """
[sources.invented]
title = "Invented"
url = "https://example.org"
read_on = 2026-01-01
"""
HEAD = f"""
[table]
name = "invented"
asks = "What?"
keys = ["act", "route"]
values = ["code"]
{SOURCES}"""
RULES = f"""title = "Invented rules"
{SOURCES}
[[rule]]
id = "thing.problem"
severity = "error"
code = "required"
says = "A thing is needed."
source = "invented"
"""


def row(name="one", **changes):
    """Write a row, with keys changed or (None) left out."""
    fields = {"id": f'"{name}"', "when": '{ act = "refill" }', "code": '"96522"', "effective": "{ start = 2006-01-01 }", "source": '"invented"', **changes}
    return "\n[[row]]\n" + "".join(f"{key} = {value}\n" for key, value in fields.items() if value is not None)


def rule(**changes):
    fields = {"id": '"other.problem"', "severity": '"error"', "code": '"required"', "says": '"A thing."', "source": '"invented"', **changes}
    return "\n[[rule]]\n" + "".join(f"{key} = {value}\n" for key, value in fields.items() if value is not None)


def problems(folder, table=None, rules=RULES):
    (folder / "room").mkdir()
    (folder / "room" / "table.toml").write_text(HEAD + row() if table is None else table, encoding="utf-8")
    if rules is not None:
        (folder / "rules").mkdir(exist_ok=True)
        (folder / "rules" / "coding.toml").write_text(rules, encoding="utf-8")
    try:
        load_tables(folder)
    except TableError as error:
        return error.problems
    return []


def test_a_good_table_loads(tmp_path):
    assert problems(tmp_path) == []


ROW_FAULTS = {
    "unknown key": (row(remark='"x"'), ["row 1 (one)", "unknown key 'remark'"]),
    "no id": (row(id=None), ["row 1 (no id)", "no id"]),
    "id is a number": (row(id="5"), ["row 1", "id"]),
    "unknown fact": (row(when='{ pump = "port" }'), ["row 1 (one)", "unknown fact 'pump'", "act, route"]),
    "unknown answer": (row(code=None, then='{ units = "1" }'), ["row 1 (one)", "unknown answer 'units'"]),
    "no answer": (row(code=None), ["row 1 (one)", "no answer"]),
    "missing source": (row(source=None), ["row 1 (one)", "missing source"]),
    "unknown source": (row(source='"nobody"'), ["row 1 (one)", "missing source"]),
    "source without a date": (row(source='{ title = "T", url = "https://example.org" }'), ["row 1 (one)", "read_on"]),
    "source with a date in words": (row(source='{ title = "T", url = "https://example.org", read_on = "2026" }'), ["row 1 (one)", "read_on"]),
    "no dates": (row(effective=None), ["row 1 (one)", "effective"]),
    "a date in words": (row(effective='{ start = "2006-01-01" }'), ["row 1 (one)", "effective"]),
    "a date with a time": (row(effective="{ start = 2006-01-01T00:00:00 }"), ["row 1 (one)", "effective"]),
    "an unknown date": (row(effective="{ start = 2006-01-01, until = 2007-01-01 }"), ["row 1 (one)", "effective"]),
    "an end before the start": (row(effective="{ start = 2006-01-01, end = 2005-01-01 }"), ["row 1 (one)", "ends before it starts"]),
    "a fact that is a number": (row(when="{ act = 5 }"), ["row 1 (one)", "act"]),
    "a fact that is a table": (row(when='{ act = { is = "refill" } }'), ["row 1 (one)", "act"]),
    "no value for a fact": (row(when="{ act = [] }"), ["row 1 (one)", "act"]),
    "facts in words": (row(when='"refill"'), ["row 1 (one)", "when"]),
    "reverse in words": (row(reverse='"yes"'), ["row 1 (one)", "reverse"]),
    "id used twice": (row() + row(when='{ act = "flush" }'), ["'one'", "twice"]),
    "the same facts twice": (row() + row("two", code='"96521"'), ["'one'", "'two'", "overlap"]),
    "a wildcard over a row": (row() + row("two", when='{ route = "intravenous" }'), ["'one'", "'two'", "overlap"]),
    "a list over a row": (row() + row("two", when='{ act = ["flush", "refill"] }'), ["'one'", "'two'", "overlap"]),
    "one day in two rows": (row(effective="{ start = 2006-01-01, end = 2020-01-01 }") + row("two", effective="{ start = 2020-01-01 }"), ["'one'", "'two'", "overlap"]),
    "no rows": ("", ["no rows"]),
}


@pytest.mark.parametrize("fault", ROW_FAULTS)
def test_a_bad_row_stops_the_start_with_file_and_row(tmp_path, fault):
    text, words = ROW_FAULTS[fault]
    found = problems(tmp_path, HEAD + text)
    assert found, "the table was taken"
    assert any(all(word in problem for word in ("room/table.toml", *words)) for problem in found), found


@pytest.mark.parametrize(("table", "words"), [
    (HEAD + row() + "\n[other]\nx = 1\n", ["unknown key 'other'"]),
    (HEAD.replace('asks = "What?"\n', "") + row(), ["[table] must have name, asks, keys and values"]),
    (HEAD.replace('keys = ["act", "route"]', "keys = []") + row(when="{}"), ["keys"]),
    ("[table\n", ["not readable as TOML"]),
    (HEAD + row() + '\n[[row]]\nid = "two"\nid = "three"\n', ["not readable as TOML"]),
    ("", ["[table]"]),
])
def test_a_bad_file_stops_the_start_with_its_name(tmp_path, table, words):
    found = problems(tmp_path, table)
    assert any(all(word in problem for word in ("room/table.toml", *words)) for problem in found), found


def test_a_file_that_is_no_text_stops_the_start(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "coding.toml").write_text(RULES, encoding="utf-8")
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(TableError, match=r"bad\.toml: not readable as TOML"):
        load_tables(tmp_path)


def test_two_tables_of_one_name_stop_the_start(tmp_path):
    (tmp_path / "again.toml").write_text(HEAD + row(), encoding="utf-8")
    assert any("'invented'" in problem and "unique" in problem for problem in problems(tmp_path))


RULE_FAULTS = {
    "a severity that FHIR does not have": (rule(severity='"bad"'), ["rule 2 (other.problem)", "severity"]),
    "a code that FHIR does not have": (rule(code='"bad"'), ["rule 2 (other.problem)", "code"]),
    "an unknown key": (rule(remark='"x"'), ["rule 2 (other.problem)", "unknown key 'remark'", "expected"]),
    "no sentence": (rule(says=None), ["rule 2 (other.problem)", "says"]),
    "a sentence that is a number": (rule(says="5"), ["rule 2 (other.problem)", "says"]),
    "a remedy that is a number": (rule(remedy="5"), ["rule 2 (other.problem)", "remedy"]),
    "no id": (rule(id=None), ["rule 2 (no id)", "id"]),
    "an id of another form": (rule(id='"Other problem"'), ["rule 2 (Other problem)", "thing.problem"]),
    "a severity without a code": (rule(code=None), ["rule 2 (other.problem)", "together"]),
    "a code without a severity": (rule(severity=None), ["rule 2 (other.problem)", "together"]),
    "no source": (rule(source=None), ["rule 2 (other.problem)", "missing source"]),
    "an unknown source": (rule(source='"nobody"'), ["rule 2 (other.problem)", "missing source"]),
    "the same id twice": (rule(id='"thing.problem"'), ["rule 2 (thing.problem)", "twice"]),
}


@pytest.mark.parametrize("fault", RULE_FAULTS)
def test_a_bad_rule_stops_the_start_with_its_place(tmp_path, fault):
    text, words = RULE_FAULTS[fault]
    found = problems(tmp_path, rules=RULES + text)
    assert any(all(word in problem for word in ("rules/coding.toml", *words)) for problem in found), found


@pytest.mark.parametrize(("rules", "words"), [
    (RULES.replace("[[rule]]", "[[rules]]"), ["unknown key 'rules'", "expected title, sources, rule"]),
    (RULES.replace("[[rule]]", "[[rules]]"), ["no rules"]),
    (RULES.replace('title = "Invented rules"', ""), ["no title"]),
    ('title = "T"\nrule = "thing.problem"\n', ["no rules"]),
])
def test_a_bad_file_of_rules_stops_the_start_with_its_name(tmp_path, rules, words):
    found = problems(tmp_path, rules=rules)
    assert any(all(word in problem for word in ("rules/coding.toml", *words)) for problem in found), found


def test_no_rules_stop_the_start(tmp_path):
    assert any("no rules" in problem for problem in problems(tmp_path, rules=None))


def test_a_row_id_in_two_tables_stops_the_start(tmp_path):
    (tmp_path / "other.toml").write_text((HEAD + row()).replace('name = "invented"', 'name = "other"'), encoding="utf-8")
    (found,) = problems(tmp_path)
    assert "row id 'one' stands in another table too" in found


def test_an_id_in_two_files_of_rules_stops_the_start_with_both_places(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "again.toml").write_text(RULES, encoding="utf-8")
    (found,) = problems(tmp_path)
    assert found.startswith("rules/coding.toml: rule 1 (thing.problem): the id is used twice")
    assert found.endswith("rules/again.toml: rule 1 (thing.problem)")


def test_a_rule_that_the_code_makes_is_documented_and_makes_no_issue_by_its_table(tmp_path):
    text = RULES + rule(severity=None, code=None) + rule(id='"x12.1.*.2"', severity=None, code=None)
    assert problems(tmp_path, rules=text) == []
    assert list(load_tables(tmp_path).rules) == ["thing.problem"]
    assert [(one.id, one.made is None) for one in load_rule_texts(tmp_path)] == [
        ("thing.problem", False), ("other.problem", True), ("x12.1.*.2", True),
    ]


def test_a_bad_rule_is_refused_wherever_the_rules_are_read(tmp_path):
    problems(tmp_path, rules=RULES + rule(source=None))
    with pytest.raises(TableError, match="missing source"):
        load_rule_texts(tmp_path)


def test_every_problem_of_every_file_is_told_at_once(tmp_path):
    found = problems(tmp_path, HEAD + row(remark='"x"') + row("two", source=None), RULES + rule(severity='"bad"'))
    assert len(found) == 3


def test_the_shipped_tables_and_profiles_load_once():
    assert load_rule_book() is load_rule_book()


def test_a_bad_profile_stops_the_start_with_its_file(tmp_path):
    shutil.copytree(data_folder("profiles") / "base", tmp_path / "base")
    (tmp_path / "bad.json").write_text("{", encoding="utf-8")
    with pytest.raises(TableError, match=r"bad\.json"):
        load_profiles(tmp_path)


def test_a_json_that_defines_nothing_is_passed_by(tmp_path):
    shutil.copytree(data_folder("profiles") / "base", tmp_path / "base")
    (tmp_path / "list.json").write_text(json.dumps([1]), encoding="utf-8")
    assert load_profiles(tmp_path) is not None


# ---------------------------------------------------------------- any value at any place of a row


GOOD = {str(path.relative_to(data_folder("mappings"))): tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted(data_folder("mappings").rglob("*.toml")) if path.parent.name != "rules"}
ODD = st.sampled_from([True, 5, -1, 1.5, "", " ", "x", [], [1], [""], ["x", "x"], {}, {"x": 1}, {"start": "2026-01-01"}])
PLACES = ("id", "when", "effective", "reverse", "source")


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(GOOD)), st.data())
def test_an_odd_value_in_a_row_is_refused_by_file_and_row_or_changes_only_that_row(file, data):
    content = deepcopy(GOOD[file])
    number = data.draw(st.integers(0, len(content["row"]) - 1))
    place = data.draw(st.sampled_from(PLACES))
    odd = data.draw(ODD)
    content["row"][number][place] = odd
    found: list[str] = []
    table = read_table(content, file, found)
    assert (table is None) == bool(found)
    assert all(problem.startswith(f"{file}: ") for problem in found)
    if place in ("effective", "source") or (place == "reverse" and not isinstance(odd, bool)):
        assert any(f": row {number + 1} (" in problem for problem in found)


@pytest.mark.parametrize("file", GOOD)
def test_a_shipped_table_without_its_planted_fault_is_taken(file):
    found: list[str] = []
    assert read_table(GOOD[file], file, found) is not None
    assert found == []


# ---------------------------------------------------------------- the customer's own rows


OWN = f"""[table]
name = "filing-indicator"
{SOURCES}
[[row]]
id = "mine"
when = {{ kind = "medicare", form = "professional" }}
code = "MC"
effective = {{ start = 2026-01-01 }}
source = "invented"
"""
SECOND_ROW = OWN[OWN.index("[[row]]"):].replace('"mine"', '"mine-too"')


def own_problems(folder, *files):
    for number, text in enumerate(files):
        (folder / f"own-{number}.toml").write_text(text, encoding="utf-8")
    try:
        load_tables(data_folder("mappings"), folder)
    except TableError as error:
        return error.problems
    return []


def test_a_customer_s_row_is_added_to_its_table_and_known_as_the_customer_s(tmp_path):
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "own.toml").write_text(OWN)
    (tmp_path / "licence.txt").write_text("not a table")
    table = load_tables(data_folder("mappings"), tmp_path)["filing-indicator"]
    assert [row.id for row in table.rows if row.own] == ["mine"]
    assert table.one(date(2026, 1, 1), kind="medicare", form="professional").text("code") == "MC"
    assert table.one(date(2025, 12, 31), kind="medicare", form="professional").text("code") == "MB"


def test_the_example_of_the_page_loads(tmp_path):
    (example,) = re.findall(r"^```toml\n(.+?)^```$", (Path(__file__).parents[1] / "docs" / "tables.md").read_text(), re.MULTILINE | re.DOTALL)
    assert own_problems(tmp_path, example) == []


OWN_FAULTS = {
    "unknown key": (OWN + 'remark = "x"\n', ["row 1 (mine)", "unknown key 'remark'"]),
    "missing source": (OWN.replace('source = "invented"\n', ""), ["row 1 (mine)", "missing source"]),
    "unknown fact": (OWN.replace("kind =", "sort ="), ["row 1 (mine)", "unknown fact 'sort'", "kind, form"]),
    "a bad date": (OWN.replace("2026-01-01 }", '"2026" }'), ["row 1 (mine)", "effective"]),
    "overlap": (OWN + SECOND_ROW, ["'mine'", "'mine-too'", "overlap"]),
    "another table": (OWN.replace("filing-indicator", "nobody"), ["[table] name", "filing-indicator"]),
    "no table": (OWN.replace('[table]\nname = "filing-indicator"', ""), ["[table] name"]),
    "other keys": (OWN.replace('indicator"\n', 'indicator"\nkeys = ["kind"]\n', 1).replace(', form = "professional"', ""), ["keys and values are those of the shipped table"]),
    "a shipped id": (OWN.replace('"mine"', '"filing-mb"'), ["row 1 (filing-mb)", "give yours its own"]),
    "a fact left out": (OWN.replace('kind = "medicare", ', ""), ["row 1 (mine)", "no kind in when"]),
    "an answer of another form": (OWN.replace('code = "MC"', 'code = ["MC"]'), ["row 1 (mine)", "code has another form"]),
    "no rows": (OWN[:OWN.index("[[row]]")], ["no rows"]),
    "no TOML": ("[table", ["not readable as TOML"]),
}


@pytest.mark.parametrize("fault", OWN_FAULTS)
def test_a_bad_row_of_the_customer_stops_the_start_with_file_and_row(tmp_path, fault):
    text, words = OWN_FAULTS[fault]
    found = own_problems(tmp_path, text)
    assert any(all(word in problem for word in ("own-0.toml", *words)) for problem in found), found


def test_an_answer_that_every_shipped_row_gives_is_wanted_of_the_customer_s_too(tmp_path):
    text = OWN.replace("filing-indicator", "unit").replace('kind = "medicare", form = "professional"', 'unit = "drop"').replace('code = "MC"', 'then = { base = "mL" }')
    assert any("row 1 (mine)" in problem and "no factor in then" in problem for problem in own_problems(tmp_path, text))


def test_rows_of_one_table_stand_in_one_file(tmp_path):
    (problem,) = own_problems(tmp_path, OWN, OWN.replace("2026-01-01", "2027-01-01"))
    assert "own-1.toml" in problem
    assert "one file" in problem


def test_a_folder_without_a_table_is_no_silent_start(tmp_path):
    assert any("no table" in problem for problem in own_problems(tmp_path))
    assert any("no table" in problem for problem in own_problems(tmp_path / "absent"))


# ---------------------------------------------------------------- what a value may be


def own_row(table, when, then):
    return OWN.replace("filing-indicator", table).replace('kind = "medicare", form = "professional"', when).replace('code = "MC"', f"then = {{ {then} }}")


BACLOFEN = 'amount = "10", unit = "mg", contradicts = "systemic"'
VALUE_FAULTS = {
    "an alarm that nothing raises": ("drug", 'code = "J0475"', BACLOFEN.replace("systemic", "sistemic"), ["contradicts", "'sistemic'", "systemic"]),
    **{f"a drug amount of {amount!r}": ("drug", 'code = "J9200"', f'amount = "{amount}", unit = "mg"', ["amount", repr(amount), "above zero"])
       for amount in ("-100", "abc", "NaN", "0", "0.00", "1e3", " 5", "1/2", "Infinity", "\u0665")},
    "a drug amount that is true": ("drug", 'code = "J9200"', 'amount = true, unit = "mg"', ["amount", "above zero"]),
    "a drug without an amount": ("drug", 'code = "J9200"', 'unit = "mg"', ["no amount in then"]),
    "a listed drug without a unit": ("drug", 'code = "J9200"', 'amount = "5", unlisted = false', ["no unit in then"]),
    "a drug in furlongs": ("drug", 'code = "J9200"', 'amount = "5", unit = "furlong"', ["unit", "'furlong'", "mg"]),
    "a drug of no code": ("drug", 'code = "HELLO WORLD"', BACLOFEN, ["code in when", "five characters"]),
    "a factor of words": ("unit", 'unit = "drop"', 'base = "mL", factor = "abc"', ["factor", "above zero"]),
    "a factor over nothing": ("unit", 'unit = "drop"', 'base = "mL", factor = "1/0"', ["factor", "above zero"]),
    "a relation that is none": ("same-day", 'code = "12345"', 'relation = "besides"', ["relation", "'besides'", "beside"]),
    "what takes in, without saying whether it can be apart": ("same-day", 'code = "12345"', 'relation = "absorbs"', ["no separable in then"]),
    "a second pump without saying whether there is a pair": ("same-day", 'code = "12345"', 'relation = "second"', ["no pair in then"]),
    "a kind of provider that is none": ("same-day", 'code = "12345", kind = "practise"', 'relation = "drop"', ["kind in when", "practice"]),
    "a form that is none": ("place", 'place = "12", kind = "practice"', 'form = "profesional"', ["form", "'profesional'", "professional"]),
    "an institutional form without its bill": ("place", 'place = "12", kind = "hospital"', 'form = "institutional"', ["no bill_type in then"]),
    "a route class that is none": ("route", 'code = "ours"', 'route = "intravenous", class = "systemik"', ["class", "'systemik'", "systemic"]),
    "an act of no code": ("act", 'act = "refill", pump = "implanted", kind = "asc"', 'code = "HELLO WORLD"', ["code in then", "five characters"]),
    "an act on a pump that is none": ("act", 'act = "refill", pump = "implant"', 'code = "96522"', ["pump in when", "implanted"]),
    "a modifier of one character": ("modifier", 'modifier = "X"', 'use = "kept"', ["modifier in when", "two characters"]),
}


@pytest.mark.long
@pytest.mark.parametrize("fault", VALUE_FAULTS)
def test_a_value_that_the_product_could_not_use_stops_the_start_with_what_was_expected(tmp_path, fault):
    table, when, then, words = VALUE_FAULTS[fault]
    found = own_problems(tmp_path, own_row(table, when, then))
    assert any(all(word in problem for word in ("own-0.toml", "row 1 (mine)", *words)) for problem in found), found


@pytest.mark.parametrize(("table", "when", "then"), [
    ("drug", 'code = "J0475"', BACLOFEN), ("drug", 'code = "J3590"', "unlisted = true"), ("drug", 'code = "J0475"', BACLOFEN.replace('"10"', '"0.5"')),
    ("unit", 'unit = "{drop}"', 'base = "mL", factor = "0.05"'), ("same-day", 'code = "0123T", kind = "asc"', 'relation = "beside"'),
    ("place", 'place = "24", kind = "asc"', 'form = "professional"'), ("route", 'code = "ours"', 'route = "intravenous", class = "systemic"'),
    ("act", 'act = "implantation", pump = "implanted", route = "epidural", kind = "practice"', 'code = "62362"'),
])
def test_a_row_in_the_words_of_the_product_is_taken(tmp_path, table, when, then):
    assert own_problems(tmp_path, own_row(table, when, then)) == []


def test_every_column_with_a_form_is_one_of_its_table():
    tables = load_rule_book().tables.tables
    columns = {*values._FORMS, *values._NAMED, *values._NAMED.values(), *((table, key) for table, key, _, _ in values._WANTED)}
    assert [(table, key) for table, key in columns if key not in {*tables[table].keys, *tables[table].values}] == []


def test_a_shipped_row_is_held_to_the_same_values(tmp_path):
    shutil.copytree(data_folder("mappings"), tmp_path / "mappings")
    path = tmp_path / "mappings" / "hcpcs" / "drug.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('amount = "500"', 'amount = "-500"', 1), encoding="utf-8")
    with pytest.raises(TableError, match=r"hcpcs/drug\.toml: row 1 \(drug-j9200\): amount in then is '-500'; expected an exact decimal"):
        load_tables(tmp_path / "mappings")
