"""Write docs/rules.md: every rule that an issue, a reason or a step may name, with sentence, remedy and source.

The rules come from mappings/rules/, the rows that reasons and steps name from the code tables.

    python -m tools.write_rules docs/rules.md
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from adapter.load import RuleText, data_folder, load_rule_texts, load_tables
from adapter.tables import Row, Source

__all__ = ["write_page"]

_SHOWN = 6
_ROWS = "Rows of the code tables"
_OPENING = """\
# Rules

Each issue, reason and step names a rule. Ids are stable and never reused.
A rule without a severity here is made by the code of its room, which gives each issue its own.
A `*` in an id stands for the parts that the issue fills in.
This page is written by `make docs` from `mappings/`; a test holds it to what the tables say today.
"""


def write_page(folder: Path) -> str:
    """Write the page from a folder of tables: a section for each file of rules, then one for each code table.

    Rules that issues are made of by their table come first; ids are sorted, so that one is found by eye.
    Errors: TableError.
    """
    rules = sorted(load_rule_texts(folder), key=lambda rule: (rule.made is None, rule.title, rule.id))
    rooms = [(title, list(found)) for title, found in groupby(rules, key=lambda rule: rule.title)]
    lines = [_OPENING, *[f"- [{title}](#{_anchor(title)})" for title in (*dict(rooms), _ROWS)]]
    for title, found in rooms:
        lines += ["", f"## {title}", "", *_write_room(found)]
    lines += ["", f"## {_ROWS}", "", "A reason or a step that follows a row of a table names the row."]
    return "\n".join([*lines, *_write_tables(folder)]) + "\n"


def _anchor(title: str) -> str:
    return "".join(one for one in title.lower().replace(" ", "-") if one.isalnum() or one == "-")


def _write_room(rules: Sequence[RuleText]) -> Iterator[str]:
    graded = any(rule.made for rule in rules)
    yield from _head("rule", *(["severity"] if graded else []), "it says", "what to do", "source")
    for rule in rules:
        severity = [str(rule.made.severity) if rule.made else ""] if graded else []
        yield _line(_named(rule.id), *severity, _cell(rule.says), _cell(rule.remedy), _link(rule.source))


def _write_tables(folder: Path) -> Iterator[str]:
    tables = load_tables(folder).tables
    for path in sorted(folder.rglob("*.toml")):
        head = tomllib.loads(path.read_text(encoding="utf-8")).get("table")
        if head is not None:
            place = f"{folder.name}/{path.relative_to(folder).as_posix()}"
            yield from ("", f"### {head['name']}", "", f"{head['asks']} (`{place}`)", "")
            yield from _head("row", "where", "answers", "in force", "source")
            yield from (_write_row(row) for row in tables[head["name"]].rows)


def _write_row(row: Row) -> str:
    when = ", ".join(f"{key} {' or '.join(_few(values))}" for key, values in row.when.items())
    answers = {key: " or ".join(value) if isinstance(value, tuple) else value for key, value in row.then.items()}
    then = ", ".join(f"{key} {value}" for key, value in answers.items())
    end = f" to {row.end}" if row.end else ""
    return _line(_named(row.id), _cell(when), _cell(then), f"from {row.start}{end}", _link(row.source))


def _few(values: tuple[str, ...]) -> tuple[str, ...]:
    """Shorten a long list of values: the first three, how many more, and the last."""
    return values if len(values) <= _SHOWN else (*values[:3], f"{len(values) - 4} more", values[-1])


def _head(*names: str) -> tuple[str, str]:
    return _line(*names), "|" + "---|" * len(names)


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _named(name: str) -> str:
    return f'<a id="{name}"></a>`{name}`'


def _link(source: Source) -> str:
    return f"[{_cell(source.title)}]({source.url}), {source.read_on}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(write_page(data_folder("mappings")), encoding="utf-8")
