"""The rules of the house that no linter knows: each takes a folder and gives what breaks the rule there."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

__all__ = [
    "FORBIDDEN_WORDS", "broken_exports", "broken_names", "broken_words", "long_functions", "long_modules", "rules_differ",
    "unknown_commands", "unsourced_rows",
]

MODULE_LINES, FUNCTION_LINES = 400, 60
_RULE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "engine", "processor", "misc"}
_COMMAND = re.compile(r"^(?:\$ )?(refill-adapter|make) +([a-z0-9]+)", re.MULTILINE)

# Pieces of words, so that this file itself does not hold them.
FORBIDDEN_WORDS = tuple(
    "".join(pieces)
    for pieces in (
        ("/work", "/"), ("/sha", "red/"), ("files.python", "hosted"), ("pypi", ".org"), ("registry.npm", "js"),
        ("repo.maven", ".apache"), ("index", "-url ="), ("--extra-index", "-url"), ("/opt", "/wheels"),
    )
)


def _modules(folder: Path) -> Iterator[tuple[str, str, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        if "_data" not in path.parts:
            text = path.read_text(encoding="utf-8")
            yield str(path.relative_to(folder)), text, ast.parse(text)


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


def rules_differ(folder: Path, mappings: Path, documents: list[Path]) -> list[str]:
    """Find rules that the program uses and no document tells, and rules of `rules.toml` that nobody uses.

    A document tells a rule between backticks.
    """
    tabled = {rule["id"] for rule in tomllib.loads((mappings / "rules.toml").read_text(encoding="utf-8")).get("rule", [])}
    told = {word for path in documents for word in re.findall(r"`([^`\s]+)`", path.read_text(encoding="utf-8"))}
    used, seen = set(), set()
    for _, _, tree in _modules(folder):
        used |= set(_rules_used(tree))
        seen |= {each.value for each in ast.walk(tree) if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    for path in mappings.rglob("*.toml"):
        if path.name != "rules.toml":
            seen |= set(re.findall(r'"([^"]+)"', path.read_text(encoding="utf-8")))
    return [f"{rule}: used, but not documented" for rule in sorted((used | tabled) - told)] + [
        f"{rule}: documented, but not used" for rule in sorted(tabled - seen)
    ]


def _rules_used(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
            wanted = [each.value for each in node.keywords if each.arg == "rule"]
            if name == "Issue" and len(node.args) > 2:
                wanted.append(node.args[2])
            elif name in ("issue", "report", "warn") and node.args:
                wanted.append(node.args[0])
            yield from _texts(wanted)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if getattr(target, "id", "").endswith("_RULES"):
                yield from _texts([key for key in node.value.keys if key is not None])


def _texts(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _RULE.fullmatch(node.value):
            yield node.value


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
    """Find texts that name a place of the workshop or the address of a package registry."""
    found = []
    for path in files:
        text = path.read_bytes().decode("utf-8", "replace")
        found += [f"{path.name}: holds {word!r}" for word in FORBIDDEN_WORDS if word in text]
    return found
