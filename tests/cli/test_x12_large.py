"""Files of claims of more than 50 MB: checked and read in the memory that a small one takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.x12.examples import OWN

HEAD, TAIL = OWN[:OWN.index("HL*2*")], OWN[OWN.index("\nSE*") + 1:]
NOTES = "".join(f"NTE*ADD*{'N' * 80}~\n" for _ in range(20))  # a claim has room for one: the others are named as not kept
BODY = OWN[OWN.index("HL*2*"):OWN.index("\nSE*") + 1].replace("HI*ABK", NOTES + "HI*ABK")
SIZE, ROOM = 50_000_000, 60_000_000


def write_claims(path, size):
    """Write a valid file of claims of at least a size, and give how many they are."""
    count = segments = written = 0
    with path.open("w", encoding="ascii") as stream:
        stream.write(HEAD)
        while written < size:
            count += 1
            claim = BODY.replace("HL*2*1", f"HL*{count + 1}*1").replace("VISIT-0001", f"V{count:09}").replace("AUTH-1", "A" * 50)
            written += stream.write(claim)
            segments += claim.count("~")
        transaction = HEAD[HEAD.index("ST*"):].count("~") + segments + 1
        stream.write(TAIL.replace("SE*40*", f"SE*{transaction}*"))
    return count


def measured(command, path, output):
    """Run a command, and give its exit code and the most memory that it held."""
    with output.open("wb") as stream:
        process = subprocess.Popen([sys.executable, "-m", "adapter", "x12", *command, str(path)], stdout=stream)
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, used.ru_maxrss * 1024


@pytest.mark.long
@pytest.mark.program
@pytest.mark.parametrize("command", [["check", "--json"], ["read"]])
def test_a_file_of_more_than_50_mb_is_answered_in_the_memory_of_a_small_one(tmp_path, command):
    small, large, output = tmp_path / "small.x12", tmp_path / "large.x12", tmp_path / "output"
    write_claims(small, 1)
    count = write_claims(large, SIZE)
    assert large.stat().st_size > SIZE
    code, room = measured(command, small, output)
    assert code == 0
    code, held = measured(command, large, output)
    assert code == 0
    assert held < room + ROOM
    if command[0] == "check":
        assert json.loads(output.read_text()) == {"file": str(large), "ok": True, "issues": []}
    else:
        with output.open("rb") as stream:
            assert sum(piece.count(b'"resourceType":"Claim"') for piece in stream) == count
