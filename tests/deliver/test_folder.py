"""A delivered file is there whole or not at all."""

import os
import stat

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from adapter.deliver import deliver_to_folder


def test_a_file_appears_with_its_bytes_and_nothing_beside_it(tmp_path):
    path = deliver_to_folder(tmp_path / "out" / "payer", "claim.837", b"ISA")
    assert path == tmp_path / "out" / "payer" / "claim.837"
    assert path.read_bytes() == b"ISA"
    assert [each.name for each in path.parent.iterdir()] == ["claim.837"]


def test_only_its_owner_may_read_it(tmp_path):
    path = deliver_to_folder(tmp_path, "claim.837", b"ISA")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_older_file_is_replaced_and_never_written_into(tmp_path):
    old = deliver_to_folder(tmp_path, "a", b"old")
    with old.open("rb") as reader:
        deliver_to_folder(tmp_path, "a", b"new")
        assert reader.read() == b"old"
    assert old.read_bytes() == b"new"


def test_a_link_or_pipe_of_that_name_is_left_as_it_is(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "target").write_bytes(b"old")
    (tmp_path / "link").symlink_to("target")
    for name in ("pipe", "link"):
        with pytest.raises(FileExistsError, match="name another file"):
            deliver_to_folder(tmp_path, name, b"new")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"old"


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/etc/passwd", "../a", "a\0b"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match="plain file name"):
        deliver_to_folder(tmp_path, name, b"")
    assert list(tmp_path.iterdir()) == []


def test_a_failure_on_the_way_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    deliver_to_folder(tmp_path, "a", b"old")

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        deliver_to_folder(tmp_path, "a", b"new")
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("a", b"old")]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.binary())
def test_whatever_the_bytes_they_come_back(tmp_path, data):
    assert deliver_to_folder(tmp_path, "a", data).read_bytes() == data
