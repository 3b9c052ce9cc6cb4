"""Write docs/rules.md: every rule that an issue, a reason or a step may name, with its sentence and its source.

Rules of coding and reading come from mappings/rules.toml and from the rows of the code tables; the rules that other rooms
make themselves come from the code, with the sentences that they say there.

    python -m tools.write_rules docs/rules.md
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from adapter.conformance.fault import KINDS
from adapter.issues import IssueType
from adapter.load import data_folder, load_tables
from adapter.tables import Row, Rule, Tables

__all__ = ["read_code_rules", "write_page"]

ROOT = Path(__file__).parents[1]
_RULE = re.compile(r"(?:[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*|base\.[a-z0-9-]+|x12(?:\.[A-Za-z0-9-]+)+|base\.[a-z]+-\d)")
# Of the shape of a rule and none: files, addresses, fields, names of elements.
_NOT_RULES = re.compile(
    r".*\.(html|json|toml|db|x12|837|sha256|id|name)|(lines|patient|insurance|billing_provider|treating_provider)\.[a-z_-]+"
    r"|adapter\..*|meta\.profile"
)


def write_page(tables: Tables, code: Path) -> str:
    """Write the page from the tables and the code of the rooms."""
    lines = [
        "# Rules",
        "",
        "Each issue, reason and step names a rule. Ids are stable and never reused.",
        "This page is written by `python -m tools.write_rules docs/rules.md`.",
        "",
        "## Coding and reading a refill",
        "",
        "| rule | severity | it says | what to do | source |",
        "|---|---|---|---|---|",
        *[_rule_row(rule) for _, rule in sorted(tables.rules.items())],
        "",
        "## Rows of the code tables",
        "",
        "| row | answers | in force | source |",
        "|---|---|---|---|",
        *[_table_row(name, row) for name, table in sorted(tables.tables.items()) for row in table.rows],
        "",
        "## Rules of the other rooms",
        "",
        "| rule | room | it says |",
        "|---|---|---|",
        *_code_rows(code, set(tables.rules)),
        *[
            f'| <a id="{prefix}.{name}"></a>`{prefix}.{name}` | `adapter/conformance/` | {code.value}: schema keyword {keyword} |'
            for prefix in ("base", "profile")
            for name, (keyword, code) in sorted(_schema_faults().items())
        ],
        *[
            f'| <a id="base.{name}"></a>`base.{name}` | `adapter/conformance/` | The invariant {name} of FHIR R4. |'
            for name in ("bdl-1", "bdl-2", "bdl-3", "bdl-4", "bdl-5", "bdl-7", "bdl-8", "dom-2", "mad-1")
        ],
    ]
    return "\n".join(lines) + "\n"


def _schema_faults() -> dict[str, tuple[str, IssueType]]:
    """Give the rules that schema keywords make, by name: the first keyword and the issue type."""
    faults: dict[str, tuple[str, IssueType]] = {}
    for keyword, (name, code) in KINDS.items():
        faults.setdefault(name, (keyword, code))
    return faults


def _rule_row(rule: Rule) -> str:
    source = f"[{rule.source.title}]({rule.source.url})"
    return f'| <a id="{rule.id}"></a>`{rule.id}` | {rule.severity} | {_cell(rule.says)} | {_cell(rule.remedy)} | {source} |'


def _table_row(name: str, row: Row) -> str:
    when = ", ".join(f"{key} {' or '.join(_few(values))}" for key, values in row.when.items())
    then = ", ".join(f"{key} {' or '.join(value) if isinstance(value, tuple) else value}" for key, value in row.then.items())
    end = f" to {row.end}" if row.end else ""
    source = f"[{row.source.title}]({row.source.url})"
    return f'| <a id="{row.id}"></a>`{row.id}` ({name}) | {_cell(f"{when}: {then}")} | from {row.start}{end} | {source} |'


def _few(values: tuple[str, ...]) -> tuple[str, ...]:
    return values if len(values) <= 6 else (*values[:3], f"{len(values) - 4} more", values[-1])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _code_rows(code: Path, known: set[str]) -> Iterator[str]:
    rules: dict[str, tuple[str, str]] = {}
    for path in sorted(code.rglob("*.py")):
        for rule, sentence in read_code_rules(path.read_text(encoding="utf-8")):
            if rule not in known and (rule not in rules or len(sentence) > len(rules[rule][1])):
                rules[rule] = (str(path.relative_to(code.parent)), sentence)
    for rule, (place, sentence) in sorted(rules.items()):
        yield f'| <a id="{rule}"></a>`{rule}` | `{place}` | {_cell(sentence)} |'


def read_code_rules(source: str) -> Iterator[tuple[str, str]]:
    r"""Give each rule id that stands in a module and the longest sentence that is said with it there.

    >>> list(read_code_rules('note = "It is odd."\\nissue("thing.odd", path, note)'))
    [('thing.odd', 'It is odd.')]
    """
    tree = ast.parse(source)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    said = {
        (target.id, node.lineno): sentence
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and (sentence := _sentence(node.value))
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_rule(node.value):
            around: ast.AST = node
            found: list[str] = []
            while not found and (around := parents.get(around, tree)) is not tree and not isinstance(around, ast.stmt):
                found = [text for child in _beside(around, node) if (text := _told(child, said))]
            yield node.value, max(found, key=len, default="")


def _is_rule(text: str) -> bool:
    return _RULE.fullmatch(text) is not None and _NOT_RULES.fullmatch(text) is None


def _beside(around: ast.AST, node: ast.AST) -> Iterator[ast.AST]:
    """Give what stands with a constant: its row of a table, or the other parts of a call."""
    if isinstance(around, ast.Dict):
        yield from (value for key, value in zip(around.keys, around.values, strict=True) if key is node)
    else:
        yield from ast.iter_child_nodes(around)


def _told(node: ast.AST, said: dict[tuple[str, int], str]) -> str:
    if isinstance(node, ast.Name):
        before = [(line, text) for (name, line), text in said.items() if name == node.id and line <= node.lineno]
        return max(before)[1] if before else ""
    if isinstance(node, ast.Tuple | ast.List):
        return max((_told(child, said) for child in node.elts), key=len, default="")
    return _sentence(node)


def _sentence(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value if " " in node.value.strip() else ""
    if isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else "…" for part in node.values]
        return "".join(map(str, parts))
    return ""


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(write_page(load_tables(data_folder("mappings")), ROOT / "adapter"), encoding="utf-8")
