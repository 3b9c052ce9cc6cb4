"""`validate` says what is wrong, where, and nothing else."""

import io
import json
import re
import sys
import tarfile

import pytest

from tests.cli.running import run, shell
from tests.cli.shapes import broken_issues
from tests.samples import REFILL, SITE, in_xml, refill_bytes


def test_validate_says_that_a_sound_document_is_valid():
    result = run("validate", REFILL)
    assert (result.exit_code, result.stdout) == (0, f"{REFILL}: valid\n")


def test_validate_names_file_line_column_rule_and_place(tmp_path):
    path = tmp_path / "bad.json"
    path.write_text('{"resourceType": "Patient",\n "gender": "none"}')
    result = run("validate", path)
    assert result.exit_code == 1
    assert result.stdout.startswith(f"{path}:2:")
    assert ": error " in result.stdout
    assert result.stdout.endswith(" (Patient.gender) in Patient see https://refill-adapter.example/docs/rules#base.code\n")


def test_validate_gives_one_object_a_file_in_order(tmp_path):
    path = tmp_path / "bad.json"
    path.write_text("{")
    result = run("validate", "--json", REFILL, path, "-", stdin=refill_bytes())
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert [one["file"] for one in told] == [str(REFILL), str(path), "-"]
    assert [one["ok"] for one in told] == [True, False, True]
    assert [broken_issues(one) for one in told] == [[]] * 3
    assert set(told[1]) == {"file", "ok", "issues"}


def test_a_profile_that_nobody_knows_is_an_error():
    result = run("validate", "--profile", "https://nobody.example/profile", REFILL)
    assert result.exit_code == 1
    assert "profile.not-found" in result.stdout


def test_every_command_that_reads_a_resource_reads_it_in_xml_too(tmp_path):
    path, claim = tmp_path / "refill.xml", tmp_path / "claim.xml"
    path.write_bytes(in_xml(refill_bytes()))
    claim.write_bytes(in_xml(run("claim", "--site", SITE, REFILL).stdout_bytes))
    assert run("validate", path).stdout == f"{path}: valid\n"
    told = [json.loads(run("code", "--site", SITE, "--json", one).stdout) for one in (REFILL, path)]
    assert told[1]["records"] == told[0]["records"]
    assert json.loads(run("claim", "--site", SITE, path).stdout)["entry"][0]["resource"]["resourceType"] == "Claim"
    assert json.loads(run("restore", claim).stdout)["resourceType"] == "Bundle"


def test_validate_places_an_issue_in_xml_as_it_was_sent(tmp_path):
    path = tmp_path / "bad.xml"
    path.write_text('<Patient xmlns="http://hl7.org/fhir">\n <gender value="none"/></Patient>')
    assert run("validate", path).stdout.startswith(f"{path}:2:2: error ")


# ---------------------------------------------------------------- verdicts

URL = "urn:uuid:1c0e5a1a-0d2c-4a8e-9a52-3c7c0ad0b6d1"
BUNDLE = (
    '{"resourceType": "Bundle", "type": "collection", "entry": [\n'
    f'  {{"fullUrl": "{URL}", "resource": {{"resourceType": "Observation", "id": "o1", "code": {{"text": "é𝄞"}}, "status": "done"}}}}]}}'
)


def test_a_verdict_tells_found_entry_and_page_in_text_and_as_json(tmp_path):
    path = tmp_path / "bundle.json"
    path.write_text(BUNDLE, encoding="utf-8")
    column = BUNDLE.split("\n")[1].index('"done"') + 1
    page = "https://refill-adapter.example/docs/rules#base.code"
    (issue,) = json.loads(run("validate", "--json", path).stdout)["issues"]
    assert (issue["line"], issue["column"]) == (2, column)
    assert (issue["found"], issue["resource"], issue["full_url"], issue["page"]) == ('"done"', "Observation/o1", URL, page)
    text = run("validate", path).stdout
    assert text.startswith(f"{path}:2:{column}: error base.code: ")
    assert text.endswith(f'Found: "done". (Bundle.entry[0].resource.status) in Observation/o1 {URL} see {page}\n')


# ---------------------------------------------------------------- a resource a line

LINES = (
    b'{"resourceType": "Patient", "id": "a", "gender": "male"}\r\n\n'
    b'{"resourceType": "Observation", "id": "o1", "code": {"text": "\xc3\xa9"}, "status": "done"}\n'
    b'{"resourceType": "Patient", "x": NaN}\n<Patient/>\n{"resourceType": "Patient",\n{"resourceType": "Patient", "active": null}'
)


@pytest.mark.parametrize("name", ["export.ndjson", "export.jsonl", "export", "-"])
def test_each_line_of_ndjson_is_a_resource_and_its_issues_stand_at_their_places_in_the_file(tmp_path, name):
    path = name if name == "-" else tmp_path / name
    if name != "-":
        path.write_bytes(LINES)
    result = run("validate", "--json", path, stdin=LINES)
    (told,) = [json.loads(line) for line in result.stdout.splitlines()]
    found = [(issue["rule"], issue["line"], issue["column"], issue["resource"]) for issue in told["issues"]]
    column = LINES.decode().split("\n")[2].index('"done"') + 1
    assert (result.exit_code, told["ok"]) == (1, False)
    assert found == [
        ("base.code", 3, column, "Observation/o1"), ("json.not-a-number", 4, 34, "Patient"), ("json.syntax", 5, 1, "Patient"),
        ("json.syntax", 6, 27, None), ("json.null", 7, 39, "Patient"),
    ]


def test_lines_that_are_sound_are_counted(tmp_path):
    path = tmp_path / "export.ndjson"
    path.write_bytes(b'\xef\xbb\xbf{"resourceType": "Patient"}\n' b'{"resourceType": "Patient"}\n')
    assert run("validate", path).stdout == f"{path}: valid (2 resources)\n"
    path.write_bytes(b"")
    assert run("validate", path).stdout == f"{path}: valid (0 resources)\n"
    assert run("validate", "--json", path).stdout == f'{{"file":"{path}","issues":[],"ok":true}}\n'


def test_a_document_of_several_lines_is_no_ndjson_and_what_follows_a_document_is_a_fault(tmp_path):
    assert run("validate", "-", stdin=b'{\n "resourceType": "Patient"\n}\n').stdout == "-: valid\n"
    assert run("validate", "-", stdin=b'\n\n{"resourceType": "Patient"}\n\n').stdout == "-: valid\n"
    assert ":2:1: error json.syntax" in run("validate", "-", stdin=b'{"resourceType": "Patient"}\n}').stdout
    path = tmp_path / "two.json"
    path.write_bytes(b'{"resourceType": "Patient"}\n{"resourceType": "Patient"}\n')
    assert f"{path}:2:1: error json.syntax" in run("validate", path).stdout


def test_a_line_that_is_too_large_is_told_and_the_next_one_read(tmp_path):
    path = tmp_path / "export.ndjson"
    path.write_bytes(b'{"a": "' + b"x" * 50_000_000 + b'"}\n{"resourceType": "Patient"}\n{"resourceType": "Frob"}\n')
    found = [(issue["rule"], issue["line"]) for issue in json.loads(run("validate", "--json", path).stdout)["issues"]]
    assert found == [("json.too-large", 1), ("base.resource-type", 3)]


def peak(path):
    """Give the memory that validating a file takes at most, in kB."""
    told = f"['{sys.executable}', '-m', 'adapter', 'validate', '--json', '{path}'], stdout=subprocess.DEVNULL"
    script = f"import resource, subprocess; subprocess.run({told}); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    return int(shell(f'{sys.executable} -c "{script}"').stdout)


@pytest.mark.program
def test_memory_does_not_grow_with_the_length_of_ndjson(tmp_path):
    tree = {"resourceType": "Patient", "name": [{"text": "x" * 20_000}], **{f"odd{number}": 1 for number in range(20)}}
    line, paths = json.dumps(tree) + "\n", (tmp_path / "short.ndjson", tmp_path / "long.ndjson")
    for path, count in zip(paths, (50, 1_000), strict=True):  # the longer one holds 20 MB and 20,000 issues
        with path.open("w") as file:
            file.writelines(line for _ in range(count))
    assert peak(paths[1]) < peak(paths[0]) + 8_000
    paths[1].with_suffix(".json").write_bytes(paths[1].read_bytes()[:15_000_000])  # read whole, as a document must be: seen
    assert peak(paths[1].with_suffix(".json")) > peak(paths[0]) + 8_000


# ---------------------------------------------------------------- many files, folders, packages


def test_a_folder_stands_for_the_documents_in_it_by_name(tmp_path):
    (tmp_path / "b").mkdir()
    for name in ("z.json", "b/a.XML", "b/c.ndjson", ".hidden.json", "note.txt"):
        (tmp_path / name).write_bytes(in_xml(b'{"resourceType":"Patient"}') if name.endswith("XML") else b'{"resourceType":"Patient"}')
    result = run("validate", tmp_path, REFILL)
    assert result.stdout.splitlines() == [
        f"{tmp_path}/b/a.XML: valid", f"{tmp_path}/b/c.ndjson: valid (1 resources)", f"{tmp_path}/z.json: valid", f"{REFILL}: valid",
    ]


def test_a_folder_without_a_document_is_a_failure(tmp_path):
    result = run("validate", tmp_path)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "no .json, .xml, .ndjson or .jsonl file is in this folder" in result.stderr


PUMP = {
    "resourceType": "StructureDefinition", "url": "https://theirs.example/fhir/StructureDefinition/pump", "version": "2.0.0", "name": "Pump",
    "status": "active", "kind": "resource", "abstract": False, "type": "Device", "derivation": "constraint",
    "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Device",
    "differential": {"element": [{"id": "Device", "path": "Device"}, {"id": "Device.lotNumber", "path": "Device.lotNumber", "min": 1}]},
}
FILES = {
    "package.json": {"name": "theirs", "version": "2.0.0"},
    ".index.json": {"index-version": 2, "files": []},
    "StructureDefinition-pump.json": PUMP,
    "example/StructureDefinition-odd.json": {"resourceType": "StructureDefinition", "url": "x"},  # an example is no definition
    "example/Device-pump.json": {"resourceType": "Device"},
}


def folder(place, inside="package"):
    for name, tree in FILES.items():
        path = place / inside / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(tree))
    return place


def archive(place):
    path = place / "theirs.tgz"
    with tarfile.open(path, "w:gz") as files:
        for name, tree in FILES.items():
            data = json.dumps(tree).encode()
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(data)
            files.addfile(member, io.BytesIO(data))
    return path


LAID_OUT = {
    "the folder of a package": lambda place: folder(place) / "package",
    "a folder with a package in it": folder,
    "a cache of packages": lambda place: folder(place, "theirs#2.0.0/package"),
    "a package": archive,
    "a folder with a package in an archive": lambda place: archive(place).parent,
    "the same twice": lambda place: archive(folder(place)).parent,
    "one file": lambda place: folder(place) / "package" / "StructureDefinition-pump.json",
}


@pytest.mark.long
@pytest.mark.parametrize("form", LAID_OUT)
def test_profiles_of_someone_else_are_taken_as_they_are_laid_out(tmp_path, form):
    place, url = LAID_OUT[form](tmp_path), PUMP["url"]
    for named in (url, f"{url}|2.0.0"):
        result = run("validate", "--profiles", place, "--profile", named, "-", stdin=b'{"resourceType": "Device"}')
        assert (result.exit_code, "profile.required" in result.stdout) == (1, True)
    sound = b'{"resourceType": "Device", "lotNumber": "1"}'
    assert run("validate", "--profiles", place, "--profile", url, "-", stdin=sound).stdout == "-: valid\n"
    assert "profile.not-found" in run("validate", "--profiles", place, "--profile", f"{url}|3.0.0", "-", stdin=sound).stdout


@pytest.mark.parametrize(("name", "data", "words"), [
    ("a.tgz", b"no archive", "not readable as a package"), ("a.json", b"{", "not readable as JSON"),
    ("a.json", json.dumps({**PUMP, "type": "Frob"}).encode(), f"a.json: {PUMP['url']}: type Frob is no type of R4"),
    ("a.json", b'{"resourceType": "StructureDefinition"}', "a.json: url is missing"),
    ("a.json", b'{"resourceType": "Bundle", "type": "collection"}', "no StructureDefinition, ValueSet or CodeSystem is here"),
    ("read.me", b"", "no StructureDefinition, ValueSet or CodeSystem is here"),
])
def test_profiles_that_cannot_be_used_or_are_none_are_exit_code_3_with_their_place(tmp_path, name, data, words):
    (tmp_path / name).write_bytes(data)
    result = run("validate", "--profiles", tmp_path, REFILL)
    assert (result.exit_code, result.stdout) == (3, "")
    assert words in result.stderr
    assert str(tmp_path) in result.stderr


def test_a_profile_may_be_named_again_and_a_folder_too(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    second = {**PUMP, "url": f"{PUMP['url']}-2", "differential": {"element": [{"id": "Device", "path": "Device"}, {"id": "Device.owner", "path": "Device.owner", "min": 1}]}}
    (tmp_path / "one" / "a.json").write_text(json.dumps(PUMP))
    (tmp_path / "two" / "a.json").write_text(json.dumps(second))
    named = ["--profiles", tmp_path / "one", "--profiles", tmp_path / "two", "--profile", PUMP["url"], "--profile", second["url"]]
    told = json.loads(run("validate", "--json", *named, "-", stdin=b'{"resourceType": "Device"}').stdout)
    assert [issue["expression"] for issue in told["issues"]] == [["Device.lotNumber"], ["Device.owner"]]


@pytest.mark.parametrize(("data", "place", "words"), [
    (b'{"id": "a", "resourceType": "Pateint"}', (1, 29), "such as Patient, was expected. Correct it. Found: a text of 7 characters."),
    (b'{"resourceType": 5}', (1, 18), "Found: a number."), (b" {}", (1, 2), "resourceType is missing"),
    (b'{"resourceType": "Zyxwvu"}', (1, 18), "the name of one was expected"),
])
def test_a_resource_of_no_type_is_told_where_its_type_stands_and_once(data, place, words):
    (issue,) = json.loads(run("validate", "--json", "-", stdin=data).stdout)["issues"]
    assert (issue["rule"], issue["line"], issue["column"]) == ("base.resource-type", *place)
    assert words in issue["text"]
    assert not {"Pateint", "Zyxwvu"} & {*re.findall(r"\w+", issue["text"])}
