"""An X12 file in pieces: its text and its faults are those of the file at once, wherever a piece ends."""

from __future__ import annotations

from hashlib import sha256

import pytest

from adapter.cli import x12_file
from adapter.cli.document import FileFault
from adapter.cli.x12_file import LargeFile, load_interchange, opened
from adapter.x12.text import decode_text
from tests.x12.answers import ANSWERS
from tests.x12.examples import OWN


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 64])
@pytest.mark.parametrize("data", [
    OWN.encode(), OWN.replace("SPECIMEN", "SP\u00c9CIM\u20acN").encode(), OWN.replace("~\n", "~").replace("SPECIMEN", "\U0001f600\u00e9").encode(),
    OWN.replace("SPECIMEN", "SP\u00c9CIMEN").encode("latin-1"), b"\xef\xbb\xbf" + OWN.encode(), b"", b"\xc3",
])
def test_a_text_in_pieces_is_the_text_at_once_with_its_issues(tmp_path, monkeypatch, data, piece):
    monkeypatch.setattr(x12_file, "_PIECE", piece)
    path = tmp_path / "a.x12"
    path.write_bytes(data)
    with path.open("rb") as stream:
        file, whole = LargeFile("a.x12", stream), decode_text(data)
        text = "".join(file.chunks())
        assert [(one.rule, one.line) for one in file.issues] == [(one.rule, one.line) for one in whole.issues]
        assert whole.value is None or text == whole.value
        assert file.digest() == sha256(data).hexdigest()


def test_only_a_large_file_of_claims_is_left_where_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(x12_file, "LARGE", 500)
    claims, answer, other = tmp_path / "claims.x12", tmp_path / "answer.x12", tmp_path / "other.x12"
    for path, text in ((claims, OWN), (answer, ANSWERS["835 paid"]), (other, "x" * 400)):
        path.write_text(text)
    with opened(load_interchange(str(claims))) as file:
        assert isinstance(file, LargeFile)
    assert file.stream.closed
    assert load_interchange(str(answer)) == ANSWERS["835 paid"].encode()
    assert load_interchange(str(other)) == b"x" * 400
    with pytest.raises(FileNotFoundError):
        load_interchange(str(tmp_path / "absent"))


def test_a_file_that_stops_being_readable_is_a_failure_of_the_file():
    class Broken:
        def seek(self, _):
            raise OSError(5, "Input/output error")

    with pytest.raises(FileFault, match=r"claims\.x12: cannot be read: Input/output error"):
        list(LargeFile("claims.x12", Broken()).chunks())
