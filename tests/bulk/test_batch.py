"""Many documents are worked in order, and a bad file is in nobody's way."""

from hypothesis import given, strategies as st

from adapter.bulk import run_batch


def load(name):
    if name.startswith("!"):
        raise FileNotFoundError(2, "No such file or directory", name)
    return name.encode()


@given(st.lists(st.text(alphabet="ab!")))
def test_every_document_is_answered_in_its_order(names):
    items = list(run_batch(names, load, len))
    assert [item.name for item in items] == names
    assert [item.value for item in items] == [None if name.startswith("!") else len(name) for name in names]
    assert [item.failure is None for item in items] == [not name.startswith("!") for name in names]


def test_a_document_is_loaded_only_when_its_turn_comes():
    loaded = []

    def watched(name):
        loaded.append(name)
        return b""

    items = run_batch(["a", "b"], watched, len)
    next(items)
    assert loaded == ["a"]


def test_a_failure_says_why_and_quotes_no_path():
    (item,) = run_batch(["!secret"], load, len)
    assert item.failure == "No such file or directory"
