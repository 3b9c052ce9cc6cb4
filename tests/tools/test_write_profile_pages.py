"""Pages of profiles: what the definitions say, byte for byte, with an example that is sound, and code that runs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from adapter.conformance.validation import validate_resource
from adapter.fhir.json import decode_json
from adapter.load import data_folder, load_rule_book
from tools.write_profile_pages import main, page_files

ROOT = data_folder("profiles").parent
PAGES = ROOT / "docs" / "profiles"
PROFILES = {
    told["id"]: told for path in sorted((ROOT / "profiles").glob("StructureDefinition-*.json"))
    if (told := json.loads(path.read_bytes()))["type"] != "Extension"
}
NAMES = {
    "refill-procedure", "pump-device", "refill-medication-administration", "refill-medication", "refill-observation", "refill-encounter", "refill-location",
    "refill-coverage", "refill-claim-professional", "refill-claim-institutional", "refill-claim-response", "refill-bundle", "claim-bundle",
}


def _page(name: str) -> str:
    return (PAGES / f"{name}.md").read_text()


@pytest.mark.long
def test_the_shipped_pages_are_what_the_definitions_say() -> None:
    assert {path.name: path.read_text() for path in PAGES.glob("*.md")} == page_files()
    assert PROFILES.keys() == NAMES


def test_a_stale_page_is_taken_away_and_a_changed_one_mended(tmp_path: Path) -> None:
    (tmp_path / "gone.md").write_text("")
    (tmp_path / "pump-device.md").write_text("")
    assert main([str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in PAGES.iterdir()}
    assert (tmp_path / "pump-device.md").read_text() == _page("pump-device")


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_page_names_every_element_invariant_and_value_set_and_says_why(name: str) -> None:
    page, definition = _page(name), PROFILES[name]
    assert definition["purpose"] in page
    for element in definition["differential"]["element"]:
        if "." in element["id"]:
            assert f"| `{element['id'].partition('.')[2]}` |" in page
            assert element["short"] in page
        for told in element.get("constraint", ()):
            assert f"| {told['key']} | `{element['id']}` | {told['severity']} | {told['human']} |" in page
        if "binding" in element:
            assert element["binding"]["valueSet"].rpartition("/")[2] in page


@pytest.mark.parametrize("name", sorted(NAMES))
def test_the_example_of_a_page_is_one(name: str) -> None:
    profiles = load_rule_book().profiles
    shown = re.search(r"```json\n(.*?)```", _page(name), re.DOTALL)
    if PROFILES[name]["type"] == "Bundle":
        assert shown is None
        return
    assert shown is not None
    tree = decode_json(shown[1].encode()).value
    assert tree is not None
    assert tree["resourceType"] == PROFILES[name]["type"]
    assert validate_resource(tree, profiles, PROFILES[name]["url"]) == ()


def test_every_file_that_a_page_links_to_is_there() -> None:
    for path in PAGES.glob("*.md"):
        for link in re.findall(r"\]\(([^):]+)\)", path.read_text()):
            assert (PAGES / link).resolve().is_file(), (path.name, link)


def test_the_code_that_the_list_shows_runs_and_finds_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    shown = re.search(r"```python\n(.*?)```", _page("README"), re.DOTALL)
    assert shown is not None
    found: dict[str, Any] = {}
    exec(shown[1], found)  # noqa: S102 # our own page
    assert [error.message for error in found["errors"]] == ["'type' is a required property"]


@pytest.mark.parametrize(("name", "guide"), [
    ("refill-procedure", "us-core-procedure|6.1.0"), ("refill-procedure", "us-core-procedure|9.0.0"), ("pump-device", "us-core-implantable-device|6.1.0"),
    ("pump-device", "us-core-device|9.0.0"), ("refill-coverage", "us-core-coverage|6.1.0"),
])
def test_the_profile_of_another_guide_is_named_with_its_version_and_its_elements(name: str, guide: str) -> None:
    page = _page(name)
    assert f"`http://hl7.org/fhir/us/core/StructureDefinition/{guide}`" in page
    (mapped,) = [one for one in PROFILES[name]["mapping"] if one["uri"].endswith(f"/{guide}")]
    told = [element for element in PROFILES[name]["differential"]["element"] for each in element.get("mapping", ()) if each["identity"] == mapped["identity"]]
    assert told
    assert all(f"| `{element['id']}` |" in page for element in told)
