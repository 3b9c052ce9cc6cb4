"""`make proof`: the service is asked what its description says, some ten thousand times."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

import adapter
from tests.http.asked import ask_schemathesis
from tests.web.served import Served

PAGES = Path(__file__).parents[2] / "docs" / "proof"


@pytest.mark.proof
def test_the_description_holds_whatever_is_asked(tmp_path):
    served = Served("--data", str(tmp_path / "data"))
    try:
        code, cases, said = ask_schemathesis(served.port, tmp_path, "--max-examples", "500", "--workers", "1")
    finally:
        served.end()
    day = datetime.now(UTC).date().isoformat()
    lines = [
        f"# The description in OpenAPI, {day}", "",
        f"`make proof` had schemathesis ask version {adapter.__version__} {cases:,} times, by every check that it has: "
        + ("no finding." if code == 0 else "there were findings."), "",
    ]
    (PAGES / f"{day}-openapi.md").write_text("\n".join(lines), encoding="utf-8")
    assert code == 0, said
    assert cases > 5_000
