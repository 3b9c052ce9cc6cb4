"""The quick way from text to tree never says anything else than the long one."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from adapter.fhir.json import decode_json
from adapter.fhir.plain_json import MAX_SIZE, decode_plain

# What the schema of sound trees says, and this reading leaves to it.
LEFT_TO_THE_SCHEMA = {"json.null", "json.empty-value", "json.number-out-of-range"}

_LEAVES = st.sampled_from([
    "1", "-0", "1.0", "-0.0", "0.000000000000000000001", "1e5", "1E-7", "9" * 40, "9" * 41, "0." + "1" * 39, "0." + "1" * 41,
    "true", "null", '""', '"a b"', r'"\u0041"', r'"\n"', r'"\b"', r'"\u0001"', r'"\/"', r'"\\u0001"', '"é"', '"[{"', '"]"', '"\\""',
])
_KEYS = st.sampled_from(["a", "b", "c", "é", "a b", r"\u0061"])


def _written(parts: list[tuple[str, str]], brackets: str, space: str) -> str:
    members = [f'"{key}":{space}{value}' if brackets == "{}" else value for key, value in parts]
    return brackets[0] + space + f",{space}".join(members) + space + brackets[1]


_TEXTS = st.recursive(
    _LEAVES,
    lambda inner: st.builds(
        _written, st.lists(st.tuples(_KEYS, inner), max_size=4), st.sampled_from(["{}", "[]"]), st.sampled_from(["", " ", "\n  "])
    ),
    max_leaves=12,
)


@given(_TEXTS)
@example('{"a":{"b":1},"a":{"b":1}}')
@example('{"a":"1","\\u0061":"1"}')
def test_a_tree_read_quickly_is_the_tree_read_closely(text: str) -> None:
    quick, close = decode_plain(text.encode()), decode_json(text.encode())
    if quick is None:
        return
    assert {issue.rule for issue in close.issues} <= LEFT_TO_THE_SCHEMA
    assert quick == json.loads(text, parse_float=Decimal)
    if close.value is not None:
        assert repr(quick) == repr(close.value)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_alike_or_not_at_all(data: bytes) -> None:
    quick = decode_plain(data)
    assert quick is None or decode_json(data).value in (quick, None)


@pytest.mark.parametrize("text", ['{"a":1.50,"b":["x","é"],"c":{"d":true}}', '{\n  "a": "x y",\n  "b": [ 1 ]\n}', '{"a":"\\n\\\\"}'])
def test_common_texts_are_read_quickly(text: str) -> None:
    assert decode_plain(text.encode()) == json.loads(text, parse_float=Decimal)


@pytest.mark.parametrize("data", [
    b"[1]", b"{", b"", b"\xff", b'{"a":NaN}', b'{"a":1,"a":1}', b'{"a":"\\ud800"}', b'{"a":1} x', b'{"a":"\\u0001"}', b'{"a":"\\b"}',
    b'{"a":' * 65 + b"1" + b"}" * 65, b"[" * 100_000, b'{"a":"' + b"x" * MAX_SIZE + b'"}',
])
def test_what_json_forbids_is_never_read_quickly(data: bytes) -> None:
    assert decode_plain(data) is None


@pytest.mark.parametrize("depth", [2, 63, 64])
def test_the_deepest_texts_that_are_read_are_read_alike(depth: int) -> None:
    data = b'{"a":' * depth + b"1" + b"}" * depth
    quick: Any = decode_plain(data)
    assert quick is None or quick == decode_json(data).value
    assert decode_plain(b'{"a":' * 32 + b"1" + b"}" * 32) is not None
