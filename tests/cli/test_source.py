"""What a file is, and how much of it is read at once."""

import io

import pytest

from adapter.cli.source import list_files, open_source
from adapter.fhir.plain_json import MAX_SIZE

ONE = b'{"resourceType": "Patient"}'


def sizes(source):
    return [len(line) for line in source.lines]


def test_the_name_says_what_a_file_holds_and_without_one_its_first_two_lines(tmp_path):
    for name, data, lines in (
        ("a.ndjson", ONE, 1), ("a.JSONL", ONE + b"\n" + ONE, 2), ("a.json", ONE + b"\n" + ONE, None), ("a.xml", ONE, None),
        ("a", ONE + b"\n" + ONE, 2), ("a", b"\xef\xbb\xbf" + ONE + b"\r\n\r\n" + ONE + b"\n", 3), ("a", ONE, None), ("a", b"", None),
        ("a", b"{\n}", None), ("a", b'{"a": {}\n{}', 2), ("a", b"<a>\n<b/></a>", None), ("a", ONE + b"\n<a/>", None),
    ):
        (tmp_path / name).write_bytes(data)
        with open_source(str(tmp_path / name)) as source:
            found = None if source.lines is None else len(sizes(source))
            assert (name, data, found) == (name, data, lines)
            assert lines is not None or source.document == data


def test_a_text_without_line_breaks_is_not_read_further_than_it_may_be_decoded(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"{" * (MAX_SIZE + 50))
    with open_source(str(path)) as source:
        assert (source.lines, len(source.document) - MAX_SIZE) in [(None, 1), (None, 2)]


@pytest.mark.parametrize("over", [0, 1, 2, 3, MAX_SIZE])
def test_a_line_is_read_as_far_as_it_may_be_decoded_and_the_next_one_whole(tmp_path, over):
    path = tmp_path / "a.ndjson"
    path.write_bytes(b"x" * (MAX_SIZE + over) + b"\n" + ONE + b"\n")
    with open_source(str(path)) as source:
        first, second = sizes(source)
    assert (min(first, MAX_SIZE + 1), second) == (MAX_SIZE + 1, len(ONE) + 1)
    assert first <= MAX_SIZE + 2


def test_lines_are_counted_on_a_terminal_and_nowhere_else(tmp_path, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    path = tmp_path / "a.ndjson"
    path.write_bytes((ONE + b"\n") * 1200)
    for stream, shown in ((Terminal(), "\r500 lines\r1000 lines\n"), (io.StringIO(), "")):
        monkeypatch.setattr("sys.stderr", stream)
        with open_source(str(path)) as source:
            assert len(sizes(source)) == 1200
        assert stream.getvalue() == shown


def test_what_is_not_there_is_listed_so_that_it_is_refused(tmp_path):
    assert list(list_files(["-", "absent", str(tmp_path)])) == ["-", "absent", str(tmp_path)]
    for name in ("absent", str(tmp_path)):
        with pytest.raises(OSError), open_source(name):
            pass
