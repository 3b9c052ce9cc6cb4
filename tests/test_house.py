"""The house holds its own rules, and each of its checks is seen to catch a fault that was planted."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from adapter.cli import main
from adapter.conformance.fault import KINDS
from adapter.load import load_rule_book
from tests import house

ROOT = Path(__file__).parent.parent
ADAPTER, MAPPINGS = ROOT / "adapter", ROOT / "mappings"
DOCUMENTS = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("samples/*.md")})
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


# Rules whose ids the code puts together. An overlay of a profile asks neither for types nor against unknown elements.
_FAULTS = {*(name for name, _ in KINDS.values()), "resource-type"}
MADE = {
    "*.*": {*(f"base.{name}" for name in _FAULTS), *(f"profile.{name}" for name in _FAULTS - {"type", "unknown-element"})},
    "base.*": {f"base.{name}" for name in house.texts_like(ADAPTER / "conformance" / "rules.py", r"[a-z]{3}-\d")},
    "claim.*-missing": {f"claim.{name}-missing" for name in house.texts_given(ADAPTER / "fhir" / "claim.py", "_party")},
    "provider.*": {f"provider.{name}" for name in house.texts_given(ADAPTER / "fhir" / "organization.py", "_only")},
}


def shipped(root=ROOT):
    """Give every file of the repository: what git tracks; where git cannot tell, what stands there."""
    if shutil.which("git") and (root / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=False, text=True)
        if listed.returncode == 0:
            return [root / name for name in listed.stdout.split("\0") if name]
    return [path for path in root.rglob("*") if path.is_file() and not {".git", ".venv", "__pycache__"} & set(path.parts)]


def plant(folder, **files):
    """Plant files in a small tree: names hold `__` for a folder."""
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.mark.long
def test_every_module_exports_what_it_defines_sorted():
    assert house.broken_exports(ADAPTER) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("def thing(): ...\n", "no __all__"),
        ('__all__ = ["b", "a"]\ndef a(): ...\ndef b(): ...\n', "not sorted"),
        ('__all__ = ["a", "gone"]\ndef a(): ...\n', "lists what is not here: gone"),
        ("__all__ = []\nclass Thing: ...\n", "not in __all__: Thing"),
    ],
)
def test_a_planted_export_is_caught(tmp_path, text, fault):
    (tmp_path / "thing.py").write_text(text)
    (found,) = house.broken_exports(tmp_path)
    assert fault in found


def test_no_module_is_longer_than_the_house_allows():
    assert house.long_modules(ADAPTER) + house.long_modules(ROOT / "tests", 600) == []


def test_a_planted_long_module_is_caught(tmp_path):
    (tmp_path / "a.py").write_text("x = 1\n" * 401)
    (tmp_path / "b.py").write_text("x = 1\n" * 400)
    assert house.long_modules(tmp_path) == ["a.py: 401 lines"]


def test_no_function_is_longer_than_the_house_allows():
    assert house.long_functions(ADAPTER) == []


def test_a_planted_long_function_is_caught_and_its_docstring_is_not_counted(tmp_path):
    (tmp_path / "a.py").write_text("def long():\n" + "    x = 1\n" * 46)
    (tmp_path / "b.py").write_text('def told():\n    """' + "Word.\n" * 80 + '"""\n    return 1\n')
    assert house.long_functions(tmp_path) == ["a.py: long has 46 lines"]


def test_every_file_is_named_after_a_thing_and_folders_are_two_deep():
    assert house.broken_names(ADAPTER) == []


def test_a_planted_helper_and_a_planted_depth_are_caught(tmp_path):
    for name in ("utils.py", "helpers/thing.py", "a/b/thing.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert len(house.broken_names(tmp_path)) == 3


def test_every_module_of_the_command_line_has_its_tests():
    assert house.untested_modules(ADAPTER / "cli", ROOT / "tests" / "cli") == []


def test_a_planted_module_without_tests_is_caught(tmp_path):
    plant(tmp_path, **{"code__a.py": "", "code__b.py": "", "tests__test_b.py": ""})
    assert house.untested_modules(tmp_path / "code", tmp_path / "tests") == ["a.py: no test_a.py"]


def test_every_row_of_every_table_has_a_source():
    assert house.unsourced_rows(MAPPINGS) == []


def test_a_planted_row_without_a_source_is_caught(tmp_path):
    (tmp_path / "a.toml").write_text('[[row]]\nid = "x"\n[[row]]\nid = "y"\nsource = "nobody"\n')
    assert house.unsourced_rows(tmp_path) == ["a.toml: row 1 (x) has no source", "a.toml: row 2 (y) has no source"]


def test_every_rule_that_is_used_is_documented_and_the_other_way_round():
    assert house.rules_differ(ADAPTER, MAPPINGS, MADE) == []


PLANTED = {
    "an issue": 'Issue(e, c, "route.missing", "x")',
    "an issue by keyword": 'Issue(e, c, rule="route.missing")',
    "an issue of no form": 'Issue(e, c, "RouteMissing", "x")',
    "an issue of a table": 'tables.issue("route.missing", "x")',
    "a saying of a chart": 'chart.say("route.missing", "x")',
    "an error of a reading": 'reading.error("route.missing", path, "x")',
    "a note of a reading": 'reading.note(severity, "route.missing", path, "x")',
    "a report of X12": 'reading.report("x12.route-missing", "x")',
    "a key of a table in the code": 'FAULTS = {"route.missing": (code, "x")}',
    "a row of a table in the code": 'RULES = (Rule("x12.4.2300.CLM01.1", code, find),)',
    "one of two": 'rule = "route.missing" if odd else None',
    "a reason": 'Reason("odd-row", source)',
    "a step": 'TraceStep("route", value, source, "odd-row")',
    "a dropped service": 'Dropped(code, "odd-row")',
    "an id put together": 'self.report(f"x12.2.{loop}.1", "x")',
    "an id put together of parts alone": 'Issue(e, c, f"{room}.{name}", "x")',
}


@pytest.mark.parametrize("way", PLANTED)
def test_a_planted_rule_that_nobody_documents_is_caught(tmp_path, way):
    plant(tmp_path, **{"code__a.py": PLANTED[way] + "\n", "tables__rules__a.toml": ""})
    (found,) = house.rules_differ(tmp_path / "code", tmp_path / "tables", {})
    assert found.endswith(": used, but not documented")


def test_a_planted_rule_that_nobody_uses_is_caught(tmp_path):
    rules = "".join(f'[[rule]]\nid = "{name}"\n' for name in ("drug.odd", "drug.told", "x12.1.*.2", "base.one", "never.used"))
    code = 'book.issue("drug.odd", "x")\nreport(f"x12.1.{element}.2")\nreport(f"base.{name}")\n'
    plant(tmp_path, **{"code__a.py": code, "tables__rules__a.toml": rules, "tables__drug.toml": 'then = { rule = "drug.told" }\n'})
    found = house.rules_differ(tmp_path / "code", tmp_path / "tables", {"base.*": {"base.one", "base.two"}})
    assert found == ["base.two: used, but not documented", "never.used: documented, but not used"]


def uncited(folder):
    """Find rules that the code of a folder names and that the shipped tables have no citation for."""
    tables, found = load_rule_book().tables, []
    for rule in sorted(house.rules_used(folder, MADE)):
        try:
            assert "://" in tables.citation(rule)
        except KeyError:
            found.append(rule)
    return found


@pytest.mark.long
def test_every_rule_that_an_issue_may_name_has_a_citation():
    assert uncited(ADAPTER) == []


@pytest.mark.parametrize("way", PLANTED)
def test_a_planted_rule_without_a_citation_is_caught(tmp_path, way):
    (tmp_path / "a.py").write_text(re.sub(r"route\.missing|x12[^\"]*(?=\")|\{name\}", "planted.rule", PLANTED[way]) + "\n")
    assert len(uncited(tmp_path)) == 1


@pytest.mark.long
def test_every_rule_is_named_by_a_test():
    assert house.untested_rules(MAPPINGS, ROOT / "tests") == []


def test_a_planted_rule_that_no_test_names_is_caught(tmp_path):
    rules = "".join(f'[[rule]]\nid = "{name}"\n' for name in ("drug.odd", "drug.od", "x12.1.*.2", "x12.1.*.3", "told.here"))
    test = 'assert rule == "drug.odd"\nassert found == ["x12.1.2300.CLM01.2"]\n'
    plant(tmp_path, **{"tables__rules__a.toml": rules, "tests__test_a.py": test, "tests__test_house.py": '"told.here"'})
    assert house.untested_rules(tmp_path / "tables", tmp_path / "tests") == ["drug.od", "x12.1.*.3", "told.here"]


def test_every_exception_from_the_form_of_a_rule_is_needed():
    assert house.idle_exceptions(ADAPTER) == []


def test_a_planted_idle_exception_is_caught(tmp_path):
    (tmp_path / "a.py").write_text('x = ("a.json", "intake.sha256", "payee.party", "receiver.id")\n')
    assert len(house.idle_exceptions(tmp_path)) == 1


def test_every_command_in_the_documents_exists():
    commands = {*main.list_commands(None)}
    assert house.unknown_commands(DOCUMENTS, commands, TARGETS) == []


def test_a_planted_command_is_caught(tmp_path):
    path = tmp_path / "a.md"
    path.write_text("refill-adapter code x\n$ refill-adapter fly\nmake test\nmake tea\n")
    found = house.unknown_commands([path], {"code"}, {"test"})
    assert found == ["a.md: refill-adapter fly", "a.md: make tea"]


def test_no_text_names_the_workshop_or_a_registry():
    assert house.broken_words(shipped()) == []


@pytest.mark.parametrize("word", house.FORBIDDEN_WORDS)
def test_a_planted_word_is_caught(tmp_path, word):
    (tmp_path / "a").write_text(f"x {word}y")
    assert len(house.broken_words([tmp_path / "a"])) == 1


def test_a_file_that_is_tracked_counts_and_a_passing_one_does_not(tmp_path):
    plant(tmp_path, a="", passing="")
    for command in (["git", "init", "--quiet"], ["git", "add", "a"]):
        subprocess.run(command, cwd=tmp_path, check=True)
    assert shipped(tmp_path) == [tmp_path / "a"]
    shutil.rmtree(tmp_path / ".git")
    assert sorted(shipped(tmp_path)) == [tmp_path / "a", tmp_path / "passing"]
    assert house.broken_words([tmp_path / "gone", tmp_path]) == []


def test_the_lock_files_pin_every_package_by_hash_and_name_no_registry():
    for path in (ROOT / "requirements").glob("*.txt"):
        blocks = re.split(r"\n(?=[a-z])", re.sub(r"^#.*\n", "", path.read_text(), flags=re.MULTILINE))
        assert blocks
        assert [block for block in blocks if "==" not in block or "--hash=sha256:" not in block] == []
        assert "://" not in path.read_text()
