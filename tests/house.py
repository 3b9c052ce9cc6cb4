"""The rules of the house that no linter knows: each takes a folder and gives what breaks the rule there."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

__all__ = [
    "FORBIDDEN_WORDS", "NO_RULES", "broken_exports", "broken_names", "broken_words", "idle_exceptions", "long_functions",
    "long_modules", "rules_differ", "rules_used", "texts_given", "texts_like", "unknown_commands", "unsourced_rows",
    "untested_modules", "untested_rules",
]

MODULE_LINES, FUNCTION_LINES = 400, 45
_RULE = re.compile(r"[a-z][a-z0-9-]*(\.[A-Za-z0-9*-]+)+")
# Where a call asks for a rule: the place among its arguments.
_RULE_PLACES = {"Issue": 2, "Reason": 0, "Dropped": 1, "TraceStep": 3}
_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "engine", "processor", "misc"}
_COMMAND = re.compile(r"^(?:\$ )?(refill-adapter|make) +([a-z0-9]+)", re.MULTILINE)

# Texts of the form of a rule id that are none, and what they are.
NO_RULES = {
    r".+\.(837|db|html|json|toml)": "names of files",
    r"(intake|interchange)\.sha256": "columns of the store",
    r"diagnosis\.diagnosis|item\.(location|productOrService)|payee\.party": "places below a Claim",
    r"(receiver|submitter)\.(id|name)": "fields of an envelope",
    r"insurance\.(decision|subscriber)|lines\.(authorisation|note|pump|sequence)|patient\.(gender|given)|referral\.requester": "fields of a Claim that an 837 loses",
}

# Pieces of words, so that this file itself does not hold them.
FORBIDDEN_WORDS = tuple(
    "".join(pieces)
    for pieces in (
        ("/work", "/"), ("/sha", "red/"), ("files.python", "hosted"), ("pypi", ".org"), ("registry.npm", "js"),
        ("repo.maven", ".apache"), ("index", "-url ="), ("--extra-index", "-url"), ("/opt", "/wheels"),
    )
)


_parse = cache(ast.parse)


def _modules(folder: Path) -> Iterator[tuple[str, str, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        if "_data" not in path.parts:
            text = path.read_text(encoding="utf-8")
            yield str(path.relative_to(folder)), text, _parse(text)


def broken_exports(folder: Path) -> list[str]:
    """Find modules whose `__all__` is missing, unsorted, or not what they define in public."""
    return [f"{name}: {fault}" for name, _, tree in _modules(folder) for fault in _export_faults(tree)]


def _export_faults(tree: ast.Module) -> Iterator[str]:
    listed = next(
        (
            ast.literal_eval(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == "__all__"
        ),
        None,
    )
    public = {each.name for each in tree.body if isinstance(each, ast.FunctionDef | ast.ClassDef)}
    if listed is None:
        if public or any(isinstance(each, ast.ImportFrom) and each.module != "__future__" for each in tree.body):
            yield "no __all__"
        return
    if list(listed) not in (sorted(listed), sorted(listed, key=_by_kind)):
        yield "__all__ is not sorted"
    bound = set(_bound(tree))
    if missing := sorted(set(listed) - bound):
        yield f"__all__ lists what is not here: {', '.join(missing)}"
    if hidden := sorted(each for each in public - set(listed) if not each.startswith("_")):
        yield f"public, but not in __all__: {', '.join(hidden)}"


def _by_kind(name: str) -> tuple[bool, bool, str]:
    """Sort as linters do: CONSTANTS, then Classes, then functions."""
    return (not name.isupper(), not name[0].isupper(), name)


def _bound(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)


def long_modules(folder: Path, limit: int = MODULE_LINES) -> list[str]:
    """Find modules of more lines than the house allows."""
    counted = ((name, text.count("\n")) for name, text, _ in _modules(folder))
    return [f"{name}: {lines} lines" for name, lines in counted if lines > limit]


def long_functions(folder: Path, limit: int = FUNCTION_LINES) -> list[str]:
    """Find functions of more lines than the house allows, their docstring aside."""
    found = []
    for name, _, tree in _modules(folder):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                first = node.body[1] if ast.get_docstring(node) is not None and len(node.body) > 1 else node.body[0]
                lines = (node.end_lineno or 0) - first.lineno + 1
                if lines > limit:
                    found.append(f"{name}: {node.name} has {lines} lines")
    return found


def broken_names(folder: Path) -> list[str]:
    """Find modules and folders that are named after no thing, or nested deeper than two."""
    found = []
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        if (path.suffix == ".py" and path.stem in _NAMES) or (path.is_dir() and path.name in _NAMES):
            found.append(f"{place}: name the thing")
        if path.suffix == ".py" and "_data" not in path.parts and len(place.parts) > 2:
            found.append(f"{place}: folders are two deep")
    return found


def untested_modules(folder: Path, tests: Path) -> list[str]:
    """Find modules without a module of tests under the same name."""
    names = (path.name for path in sorted(folder.glob("*.py")) if path.name != "__init__.py")
    return [f"{name}: no test_{name}" for name in names if not (tests / f"test_{name}").exists()]


def unsourced_rows(folder: Path) -> list[str]:
    """Find rows of code tables without a source of title, address and day."""
    found = []
    for path in sorted(folder.rglob("*.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        sources = content.get("sources", {})
        for number, row in enumerate(content.get("row", []) + content.get("rule", []), 1):
            source = row.get("source")
            source = sources.get(source, {}) if isinstance(source, str) else source or {}
            if not {"title", "url", "read_on"} <= source.keys():
                found.append(f"{path.relative_to(folder)}: row {number} ({row.get('id')}) has no source")
    return found


def rules_differ(folder: Path, mappings: Path, made: Mapping[str, Iterable[str]]) -> list[str]:
    """Find rules that the code names and no file of `mappings/rules` documents, and rules there that nobody names.

    `made` gives, for an id that the code puts together, the ids that come of it: `base.*` stands for f"base.{name}".
    """
    documented = {
        rule["id"]
        for path in sorted((mappings / "rules").glob("*.toml"))
        for rule in tomllib.loads(path.read_text(encoding="utf-8")).get("rule", [])
    }
    used = rules_used(folder, made)
    tables = (path.read_text(encoding="utf-8") for path in mappings.rglob("*.toml") if path.parent != mappings / "rules")
    told = {word for text in tables for word in re.findall(r'"([^"]+)"', text)}
    forms = [rule for rule in documented if "*" in rule]
    unknown = sorted(rule for rule in used - documented if not any(fnmatchcase(rule, form) for form in forms))
    return [f"{rule}: used, but not documented" for rule in unknown] + [
        f"{rule}: documented, but not used" for rule in sorted(documented - used - told)
    ]


def rules_used(folder: Path, made: Mapping[str, Iterable[str]]) -> set[str]:
    """Give every rule that the code names; what it puts together by `made`, as `rules_differ` takes it."""
    named = {rule for _, _, tree in _modules(folder) for rule in _rules_named(tree)}
    return {one for rule in named for one in made.get(rule, (rule,))}


def untested_rules(mappings: Path, tests: Path) -> list[str]:
    """Find documented rules whose id stands in no test and no case; a `*` stands for any loop and element.

    The tests of the house itself do not count: they name rules and raise none.
    """
    files = sorted(path for path in tests.rglob("*") if path.suffix in (".py", ".toml") and not path.stem.endswith("house"))
    named = "\n".join(path.read_text(encoding="utf-8") for path in files)
    rules = [
        rule["id"]
        for path in sorted((mappings / "rules").glob("*.toml"))
        for rule in tomllib.loads(path.read_text(encoding="utf-8")).get("rule", [])
    ]
    forms = {rule: re.escape(rule).replace(r"\*", "[A-Za-z0-9.-]+") for rule in rules}
    return [rule for rule, form in forms.items() if not re.search(f"[\"']{form}[\"']", named)]


def idle_exceptions(folder: Path) -> list[str]:
    """Find exceptions from the form of a rule id that no text of the code needs any more."""
    texts = {text for _, _, tree in _modules(folder) for _, text in _texts(tree) if _RULE.fullmatch(text)}
    return [pattern for pattern in NO_RULES if not any(re.fullmatch(pattern, text) for text in texts)]


def texts_like(path: Path, pattern: str) -> set[str]:
    """Give the texts of a module that have a form."""
    return {text for _, text in _texts(_parse(path.read_text(encoding="utf-8"))) if re.fullmatch(pattern, text)}


def texts_given(path: Path, function: str) -> set[str]:
    """Give the texts that a module hands to a function."""
    calls = [node for node in ast.walk(_parse(path.read_text(encoding="utf-8"))) if _called(node) == function]
    return {text for call in calls if isinstance(call, ast.Call) for each in call.args for _, text in _texts(each, 1)}


def _rules_named(tree: ast.Module) -> Iterator[str]:
    """Give what has the form of a rule id, and what stands where a rule is asked for, whatever its form."""
    asked = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            place = _RULE_PLACES.get(_called(node))
            asked |= {id(each.value) for each in node.keywords if each.arg == "rule"}
            asked |= {id(node.args[place])} if place is not None and place < len(node.args) else set()
    for node, text in _texts(tree):
        formed = _RULE.fullmatch(text) and not any(re.fullmatch(pattern, text) for pattern in NO_RULES)
        if text and (formed or id(node) in asked):
            yield text


def _called(node: ast.AST) -> str:
    function = node.func if isinstance(node, ast.Call) else None
    return str(getattr(function, "attr", None) or getattr(function, "id", ""))


def _texts(tree: ast.AST, depth: int = 0) -> Iterator[tuple[ast.AST, str]]:
    """Give every text with its node, of the node alone where `depth` is 1; an f-string has `*` for each part put in."""
    for node in (tree,) if depth else ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node, node.value
        elif isinstance(node, ast.JoinedStr):
            yield node, "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)


def unknown_commands(documents: list[Path], commands: set[str], targets: set[str]) -> list[str]:
    """Find commands in documents that neither the program nor the Makefile knows."""
    known = {"refill-adapter": commands, "make": targets}
    return [
        f"{path.name}: {program} {word}"
        for path in documents
        for program, word in _COMMAND.findall(path.read_text(encoding="utf-8"))
        if word not in known[program]
    ]


def broken_words(files: list[Path]) -> list[str]:
    """Find texts that name a place of the workshop or the address of a package registry; what is no file is passed over."""
    found = []
    for path in files:
        try:
            data = path.read_bytes()
        except (FileNotFoundError, IsADirectoryError):
            continue
        text = data.decode("utf-8", "replace")
        found += [f"{path.name}: holds {word!r}" for word in FORBIDDEN_WORDS if word in text]
    return found
