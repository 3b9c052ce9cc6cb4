"""The site file is read whole or refused with every problem named."""

from contextlib import suppress
from dataclasses import fields
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from adapter.settings import SiteError, load_site, load_sites
from adapter.settings.keys import SECTIONS
from adapter.terms import SitePayer

SITE = """\
[submitter]
id = "SAMPLESUB1"
name = "Sample Practice"
contact_name = "Sample Desk"
contact_phone = "5555550199"

[receiver]
id = "SAMPLECLH"
name = "Example Clearinghouse"

[billing_provider]
kind = "practice"
name = "Sample Practice"
npi = "1993999907"
tax_id = "98-7000001"
taxonomy = "207RX0202X"
phone = "5555550199"
address_line = "1 Billing Way"
city = "Exampleville"
state = "OH"
postal_code = "440010001"
time_zone = "America/New_York"

[defaults]
accept_assignment = true
benefits_assignment = true
provider_signature = true
release_of_information = false

[[payer]]
id = "60054"
name = "Sample Payer"
kind = "commercial"
channel = "fhir"
url = "https://payer.example/fhir"
drug_authorisation = ["J9000-J9999", "J1644"]
places = ["12"]

[[fee]]
code = "96522"
charge = "178.00"
from = 2025-01-01
to = 2025-12-31

[[fee]]
code = "96522"
charge = "185.00"
from = 2026-01-01

[[revenue]]
code = "96522"
revenue = "0335"

[[drug]]
ndc = "9876-1234-01"
hcpcs = "J9200"
unit = "UN"
amount = "500"
amount_unit = "mg"
container = "single-dose"

[[code]]
system = "https://ehr.example/codes"
code = "PUMPFILL"
refill_act = "refill"

[[code]]
system = "https://ehr.example/codes"
code = "HAIP"
pump_kind = "implanted-constant-flow"
"""

# One fault each: what stands in the file, what stands there instead, and the place and the words of the problem.
FAULTS = [
    ('kind = "practice"', 'kind = "practise"', "[billing_provider]: kind: 'practise' is not one of practice, hospital, asc"),
    ('npi = "1993999907"', 'npi = "1993999908"', "[billing_provider]: npi: '1993999908' is not an NPI"),
    ('npi = "1993999907"', "npi = 1993999907", "[billing_provider]: npi: int 1993999907 is not an NPI in quotes"),
    ('tax_id = "98-7000001"', 'tax_id = "987000001"', "[billing_provider]: tax_id: '987000001' is not an EIN with its hyphen"),
    ('taxonomy = "207RX0202X"', 'taxonomy = "207RX0202"', "[billing_provider]: taxonomy"),
    ('postal_code = "440010001"', 'postal_code = "44001"', "[billing_provider]: postal_code: '44001' is not a ZIP of nine digits"),
    ('postal_code = "440010001"', 'postal_code = "44001-0001"', "[billing_provider]: postal_code"),
    ('state = "OH"', 'state = "Ohio"', "[billing_provider]: state"),
    ('city = "Exampleville"\n', "", "[billing_provider]: city: missing; expected text"),
    ('city = "Exampleville"', 'city = "Example\\u0007ville"', "[billing_provider]: city"),
    ('city = "Exampleville"', 'city = " "', "[billing_provider]: city"),
    ('"America/New_York"', '"America/Nowhere"', "[billing_provider]: time_zone: 'America/Nowhere' is not an IANA time zone"),
    ('"America/New_York"', '"America"', "[billing_provider]: time_zone"),
    ('"America/New_York"', '"../../etc/passwd"', "[billing_provider]: time_zone"),
    ('time_zone = "America/New_York"', 'off_campus_modifier = "PO"', "[billing_provider]: off_campus_modifier: only a hospital"),
    ("accept_assignment = true", 'accept_assignment = "yes"', "[defaults]: accept_assignment: 'yes' is not true or false"),
    ("accept_assignment = true", "accept_assignment = 1", "[defaults]: accept_assignment: int 1 is not true or false"),
    ("accept_assignment = true\n", "", "[defaults]: accept_assignment: missing"),
    ('contact_phone = "5555550199"', 'contact_phone = "555-555-0199"', "[submitter]: contact_phone"),
    ('kind = "commercial"', 'kind = "private"', "[[payer]] row 1: kind: 'private' is not one of medicare, commercial, blue"),
    ('url = "https://payer.example/fhir"\n', "", "[[payer]] row 1: url: missing; channel 'fhir' sends there"),
    ('url = "https://payer.example/fhir"', 'url = "payer.example"', "[[payer]] row 1: url"),
    ('"J9000-J9999"', '"J9999-J9000"', "[[payer]] row 1: drug_authorisation"),
    ('places = ["12"]', 'places = "12"', "[[payer]] row 1: places"),
    ('places = ["12"]', "places = [12]", "[[payer]] row 1: places"),
    ('places = ["12"]', "timely_filing_days = 0", "[[payer]] row 1: timely_filing_days: int 0 is not a whole number of days"),
    ('places = ["12"]', "timely_filing_days = true", "[[payer]] row 1: timely_filing_days"),
    ('places = ["12"]', "plcaes = []", "[[payer]] row 1: unknown key 'plcaes'; did you mean 'places'?"),
    ("[[revenue]]", "[[revenues]]", "[revenues]: unknown table; did you mean 'revenue'?"),
    ("[receiver]", "[[receiver]]", "receiver: write it as [receiver], once"),
    ("[[revenue]]", "[revenue]", "revenue: write it as [[revenue]]"),
    ('charge = "185.00"', 'charge = "185,00"', "[[fee]] row 2: charge: '185,00' is not an exact sum above zero"),
    ('charge = "185.00"', "charge = 185.00", "[[fee]] row 2: charge: float 185.0 is not an exact sum above zero"),
    ('charge = "185.00"', 'charge = "-1"', "[[fee]] row 2: charge"),
    ('charge = "185.00"', 'charge = "0.00"', "[[fee]] row 2: charge: '0.00' is not an exact sum above zero"),
    ('charge = "185.00"', 'charge = "1E2"', "[[fee]] row 2: charge"),
    ('charge = "185.00"', 'charge = "NaN"', "[[fee]] row 2: charge"),
    ("from = 2026-01-01", 'from = "2026-01-01"', "[[fee]] row 2: from: '2026-01-01' is not a TOML date without quotes"),
    ("from = 2026-01-01", "from = 2026-01-01T00:00:00", "[[fee]] row 2: from: datetime"),
    ("from = 2026-01-01", "from = 2025-12-31", "[[fee]] row 2: code 96522 has a charge in row 1"),
    ("to = 2025-12-31\n", "", "[[fee]] row 2: code 96522 has a charge in row 1"),
    ("to = 2025-12-31", "to = 2024-12-31", "[[fee]] row 1: to: 2024-12-31 lies before from: 2025-01-01"),
    ('revenue = "0335"', 'revenue = "335"', "[[revenue]] row 1: revenue: '335' is not a revenue code of four digits"),
    ('ndc = "9876-1234-01"', 'ndc = "09876123401"', "[[drug]] row 1: ndc: '09876123401' is not an NDC as the label has it"),
    ('unit = "UN"', 'unit = "EA"', "[[drug]] row 1: unit: 'EA' is not one of UN, ML, GR, F2"),
    ('amount = "500"', 'amount = "0"', "[[drug]] row 1: amount"),
    ('container = "single-dose"', 'container = "vial"', "[[drug]] row 1: container"),
    ('refill_act = "refill"', 'refill_act = "fill"', "[[code]] row 1: refill_act: 'fill' is not one of refill, flush"),
    ('refill_act = "refill"\n', "", "[[code]] row 1: expected either refill_act or pump_kind"),
    ('refill_act = "refill"', 'refill_act = "refill"\npump_kind = "port"', "[[code]] row 1: expected either"),
    ('pump_kind = "implanted-constant-flow"', 'pump_kind = "pump"', "[[code]] row 2: pump_kind"),
    ('code = "HAIP"\npump_kind = "implanted-constant-flow"', 'code = "PUMPFILL"\nrefill_act = "flush"', "[[code]] row 2: system and code: the same as in row 1"),
]


def write(folder: Path, text: str, name: str = "site.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path) -> list[str]:
    with pytest.raises(SiteError) as caught:
        load_site(path)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return caught.value.problems


def test_a_whole_site_file_is_read_into_the_terms(tmp_path):
    site = load_site(write(tmp_path, SITE))
    assert (site.kind, site.billing_provider.npi, site.billing_provider.tax_id) == ("practice", "1993999907", "987000001")
    assert site.billing_provider.address.line == ("1 Billing Way",)
    assert str(site.time_zone) == "America/New_York"
    assert [(fee.charge, fee.end is None) for fee in site.fees] == [(Decimal("178.00"), False), (Decimal("185.00"), True)]
    assert site.drugs[0].ndc == "9876-1234-01"
    assert site.revenue == {"96522": "0335"}
    assert site.refill_acts == {("https://ehr.example/codes", "PUMPFILL"): "refill"}
    assert site.pump_kinds == {("https://ehr.example/codes", "HAIP"): "implanted-constant-flow"}
    assert site.payers[0].places == ("12",)
    assert site.payers[0].drug_authorisation == ("J9000-J9999", "J1644")
    assert (site.accept_assignment, site.release_of_information) == (True, False)


@pytest.mark.parametrize(("sound", "fault", "words"), FAULTS, ids=[fault for _, fault, _ in FAULTS])
def test_one_fault_is_one_problem_with_file_table_row_and_key(tmp_path, sound, fault, words):
    assert sound in SITE
    found = problems(write(tmp_path, SITE.replace(sound, fault)))
    assert [problem for problem in found if problem.startswith(f"site.toml: {words}")], found
    assert len(found) <= 2


def test_every_problem_is_reported_and_not_the_first(tmp_path):
    text = SITE
    for sound, fault in [('"OH"', '"Ohio"'), ('"185.00"', "185.00"), ('"UN"', '"EA"'), ('"refill"', '"fill"')]:
        text = text.replace(sound, fault)
    assert len(problems(write(tmp_path, text))) == 4


@pytest.mark.parametrize("table", ["payer", "drug", "revenue"])
def test_a_row_that_stands_twice_is_refused(tmp_path, table):
    start = SITE.index(f"[[{table}]]")
    row = SITE[start:].split("\n\n", maxsplit=1)[0]
    found = problems(write(tmp_path, f"{SITE}\n{row}\n"))
    assert len(found) == 1
    assert f"[[{table}]] row 2" in found[0]
    assert "the same as in row 1" in found[0]


def test_one_package_in_two_label_forms_is_refused(tmp_path):
    row = SITE[SITE.index("[[drug]]"):].split("\n\n", maxsplit=1)[0].replace("9876-1234-01", "09876-1234-01")
    assert "ndc: the same as in row 1" in problems(write(tmp_path, f"{SITE}\n{row}\n"))[0]


@pytest.mark.parametrize("text", ["x = ", "a = 1\na = 2\n", "\x00"])
def test_what_is_no_toml_is_refused_with_its_place(tmp_path, text):
    assert problems(write(tmp_path, text))[0].startswith("site.toml: not readable as TOML")


def test_bytes_that_are_no_utf8_are_refused(tmp_path):
    path = tmp_path / "site.toml"
    path.write_bytes(b"\xff\xfe")
    assert "not readable as TOML" in problems(path)[0]


def test_a_byte_order_mark_is_passed_over_and_wide_letters_are_named(tmp_path):
    path = tmp_path / "site.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SITE.encode())
    assert load_site(path).billing_provider.npi == "1993999907"
    path.write_bytes(SITE.encode("utf-16"))
    assert problems(path) == ["site.toml: not readable as TOML: text in UTF-8 was expected, this is UTF-16. Write it in UTF-8."]


def test_a_missing_file_is_named(tmp_path):
    assert "absent.toml" in problems(tmp_path / "absent.toml")[0]


def test_an_empty_file_lacks_every_required_table(tmp_path):
    found = problems(write(tmp_path, ""))
    assert [problem.split(": ")[1] for problem in found] == ["[submitter]", "[receiver]", "[billing_provider]", "[defaults]"]


def test_every_payer_key_has_its_place_in_the_terms():
    assert set(SECTIONS["payer"].keys) == {field.name for field in fields(SitePayer)}


def test_a_folder_of_site_files_is_read_by_npi(tmp_path):
    write(tmp_path, SITE, "one.toml")
    write(tmp_path, SITE.replace("1993999907", "1882999901"), "two.toml")
    assert set(load_sites(tmp_path)) == {"1993999907", "1882999901"}
    assert set(load_sites(tmp_path / "one.toml")) == {"1993999907"}


def test_two_site_files_of_one_provider_are_refused(tmp_path):
    write(tmp_path, SITE, "one.toml")
    write(tmp_path, SITE, "two.toml")
    with pytest.raises(SiteError, match=r"two\.toml: \[billing_provider\]: npi: 1993999907 stands in .*one\.toml too; keep one of the two"):
        load_sites(tmp_path)


def test_problems_of_all_files_of_a_folder_are_reported(tmp_path):
    write(tmp_path, "", "one.toml")
    write(tmp_path, "", "two.toml")
    with pytest.raises(SiteError) as caught:
        load_sites(tmp_path)
    assert len(caught.value.problems) == 8


def test_a_folder_without_site_files_is_refused(tmp_path):
    with pytest.raises(SiteError, match="no site file"):
        load_sites(tmp_path)


@given(st.sampled_from(range(SITE.count("\n"))), st.text(max_size=20))
def test_whatever_stands_in_a_line_the_file_is_read_or_refused(tmp_path_factory, number, text):
    lines = SITE.splitlines()
    lines[number] = text
    path = tmp_path_factory.mktemp("site") / "site.toml"
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    with suppress(SiteError):
        assert load_site(path).billing_provider.npi == "1993999907"


def test_the_documentation_tells_every_key_as_the_program_reads_it():
    text = (Path(__file__).parents[2] / "docs" / "site-file.md").read_text(encoding="utf-8")
    for name, section in SECTIONS.items():
        part = text.split(f"[{name}]", 1)[1].split("\n## ", 1)[0]
        for key, told in section.keys.items():
            assert f"| `{key}` | {told.expected} | {'no' if told.required else 'yes'} |" in part
