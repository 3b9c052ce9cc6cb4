"""The text of an expression as a tree: FHIRPath N1, grammar fhirpath.g4, precedence by the section Operator Precedence."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypeAlias

from adapter.fhirpath.faults import CannotRun
from adapter.fhirpath.quantity import Quantity
from adapter.fhirpath.temporal import CALENDAR, Temporal, parse_temporal

__all__ = [
    "Binary", "Call", "Dot", "Index", "Literal", "Member", "Syntax", "TypeTest", "Unary", "Variable", "parse",
]

_MAX_DEPTH: Final = 60
_MAX_CHAIN: Final = 250

_TOKENS: Final = re.compile(
    r"""
    (?P<space>(?:\s|//[^\r\n]*|/\*(?s:.*?)\*/)+)
  | (?P<time>@T\d{2}(?::\d{2}(?::\d{2}(?:\.\d+)?)?)?)
  | (?P<date>@\d{4}(?:-\d{2}(?:-\d{2})?)?(?P<clock>T(?:\d{2}(?::\d{2}(?::\d{2}(?:\.\d+)?)?)?(?:Z|[+-]\d{2}:\d{2})?)?)?)
  | (?P<number>\d+(?:\.\d+)?)
  | (?P<string>'(?:[^'\\]|\\.)*')
  | (?P<quoted>`(?:[^`\\]|\\.)*`|"(?:[^"\\]|\\.)*")
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<this>\$(?:this|index|total))
  | (?P<sign><=|>=|!=|!~|[()\[\]{}.,|&+\-*/<>=~%])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE: Final = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPES: Final = {"r": "\r", "n": "\n", "t": "\t", "f": "\f", "\\": "\\", "/": "/", "'": "'", '"': '"', "`": "`"}

# Operators by how tightly they bind, the loosest first.
_BINDING: Final = {
    sign: strength
    for strength, signs in enumerate((
        "implies", "or xor", "and", "in contains", "= ~ != !~", "> < >= <=", "|", "is as", "+ - &", "* / div mod",
    ), 1) for sign in signs.split()
}
_UNARY: Final = 11


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant, or {} where `value` is None."""

    value: Any
    at: int


@dataclass(frozen=True, slots=True)
class Variable:
    """`%name`, `$this`, `$index` or `$total`, the sign included."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Member:
    """An element's name."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function with what stands in its parentheses."""

    name: str
    arguments: tuple[Syntax, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Dot:
    """A step from one collection to a member or through a function."""

    source: Syntax
    step: Member | Call
    at: int


@dataclass(frozen=True, slots=True)
class Index:
    """`source[place]`."""

    source: Syntax
    place: Syntax
    at: int


@dataclass(frozen=True, slots=True)
class Unary:
    """`+` or `-` before a number or quantity."""

    sign: str
    operand: Syntax
    at: int


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands and what stands between."""

    sign: str
    left: Syntax
    right: Syntax
    at: int


@dataclass(frozen=True, slots=True)
class TypeTest:
    """`operand is Name` or `operand as Name`; the name may be qualified (`FHIR.Patient`)."""

    sign: str
    operand: Syntax
    name: str
    at: int


Syntax: TypeAlias = Literal | Variable | Member | Call | Dot | Index | Unary | Binary | TypeTest


@dataclass(slots=True)
class _Text:
    """The tokens still to be read."""

    tokens: list[tuple[str, str, int]]
    at: int = 0
    depth: int = 0

    def peek(self) -> tuple[str, str, int]:
        return self.tokens[self.at]

    def take(self) -> tuple[str, str, int]:
        word = self.tokens[self.at]
        self.at += 1
        return word

    def takes(self, sign: str) -> bool:
        kind, text, _ = self.peek()
        if kind in ("sign", "name") and text == sign:
            self.at += 1
            return True
        return False

    def expect(self, sign: str) -> None:
        if not self.takes(sign):
            raise CannotRun(f"{sign!r} was expected here", self.peek()[2])


def parse(expression: str) -> Syntax:
    """Read an expression into its tree; what is no FHIRPath raises CannotRun with its place.

    >>> parse("a.b").step
    Member(name='b', at=2)
    """
    text = _Text(_tokens(expression))
    tree = _expression(text, 0)
    if text.peek()[0] != "end":
        raise CannotRun("The expression should end here", text.peek()[2])
    return tree


def _tokens(expression: str) -> list[tuple[str, str, int]]:
    tokens, at = [], 0
    while at < len(expression):
        found = _TOKENS.match(expression, at)
        if found is None or (found.lastgroup == "sign" and expression.startswith("/*", at)):
            raise CannotRun("This is no FHIRPath", at)
        kind = str(found.lastgroup)
        if kind != "space":
            tokens.append((kind, found[0], at))
        at = found.end()
    return [*tokens, ("end", "", at)]


def _expression(text: _Text, strength: int) -> Syntax:
    """Read operands and operators that bind tighter than `strength`."""
    text.depth += 1
    if text.depth > _MAX_DEPTH:
        raise CannotRun("The expression is nested too deeply", text.peek()[2])
    tree = _unary(text)
    for _ in range(_MAX_CHAIN):
        kind, sign, at = text.peek()
        binding = _BINDING.get(sign, 0) if kind in ("sign", "name") else 0
        if binding <= strength:
            text.depth -= 1
            return tree
        text.take()
        if sign in ("is", "as"):
            tree = TypeTest(sign, tree, _type_name(text), at)
        else:
            tree = Binary(sign, tree, _expression(text, binding), at)
    raise CannotRun("Too many operators stand in a row", text.peek()[2])


def _unary(text: _Text) -> Syntax:
    kind, sign, at = text.peek()
    if kind == "sign" and sign in "+-":
        text.take()
        return Unary(sign, _expression(text, _UNARY), at)
    tree = _term(text)
    for _ in range(_MAX_CHAIN):
        at = text.peek()[2]
        if text.takes("."):
            tree = Dot(tree, _invocation(text), at)
        elif text.takes("["):
            tree = Index(tree, _expression(text, 0), at)
            text.expect("]")
        else:
            return tree
    raise CannotRun("Too many steps stand in a row", text.peek()[2])


def _term(text: _Text) -> Syntax:
    kind, word, at = text.peek()
    if kind in ("name", "quoted") and word not in ("true", "false"):
        return _invocation(text)
    text.take()
    if kind == "this":
        return Variable(word, at)
    if word == "(":
        tree = _expression(text, 0)
        text.expect(")")
        return tree
    if word == "{":
        text.expect("}")
        return Literal(None, at)
    if word == "%":
        name_kind, name, _ = text.take()
        if name_kind not in ("name", "quoted", "string"):
            raise CannotRun("A name was expected after %", at)
        return Variable("%" + _bare(name_kind, name, at), at)
    if kind == "number":
        return _number(text, word, at)
    reader = _LITERALS.get(kind)
    if reader is None:
        raise CannotRun("A value, a name or a parenthesis was expected here", at)
    return Literal(reader(word, at), at)


def _invocation(text: _Text) -> Member | Call:
    kind, word, at = text.take()
    if kind not in ("name", "quoted"):
        raise CannotRun("A name was expected here", at)
    name = _bare(kind, word, at)
    if not text.takes("("):
        return Member(name, at)
    arguments: list[Syntax] = []
    while not text.takes(")"):
        if arguments:
            text.expect(",")
        arguments.append(_expression(text, 0))
    return Call(name, tuple(arguments), at)


def _type_name(text: _Text) -> str:
    names = []
    while True:
        kind, word, at = text.take()
        if kind not in ("name", "quoted"):
            raise CannotRun("The name of a type was expected here", at)
        names.append(_bare(kind, word, at))
        if not text.takes("."):
            return ".".join(names)


def _number(text: _Text, word: str, at: int) -> Literal:
    """Read a number, or a quantity where a unit follows."""
    kind, unit, unit_at = text.peek()
    if kind == "string":
        text.take()
        name = _bare(kind, unit, unit_at)
        return Literal(Quantity(Decimal(word), name), at)
    if kind == "name" and unit.removesuffix("s") in CALENDAR:
        text.take()
        return Literal(Quantity(Decimal(word), unit, True), at)
    return Literal(Decimal(word) if "." in word else int(word), at)


def _bare(kind: str, word: str, at: int) -> str:
    """Give the text of a name or string without its quotes and escapes."""
    if kind == "name":
        return word

    def unescape(found: re.Match[str]) -> str:
        code = found[1]
        if len(code) == 5:
            return chr(int(code[1:], 16))
        if code not in _ESCAPES:
            raise CannotRun(f"\\{code} is no escape; a backslash itself is written \\\\", at + found.start() + 1)
        return _ESCAPES[code]

    return _ESCAPE.sub(unescape, word[1:-1])


def _temporal(word: str, at: int) -> Temporal:
    kind = "Time" if word.startswith("@T") else "DateTime" if "T" in word else "Date"
    value = parse_temporal(kind, word[1:])
    if value is None:
        raise CannotRun("This is no day or time that exists", at)
    return value


_LITERALS: Final[dict[str, Callable[[str, int], Any]]] = {
    "string": lambda word, at: _bare("string", word, at),
    "name": lambda word, _: word == "true",
    "date": _temporal,
    "time": _temporal,
}
