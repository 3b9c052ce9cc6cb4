"""A picture shows each value of a claim in the box that billers look for, and nothing that a value holds can break it."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, strategies as st

from adapter.picture import draw_claims, write_pdf, write_svg
from adapter.picture.form import HEIGHT, MARGIN, WIDTH, Box, Page, Row, lay_out
from adapter.picture.value import show_address, show_answer, show_subscriber
from adapter.terms import Admission, Attachment, Insurance, Payer, PayerDecision, Practitioner, Referral, StatedCode
from tests.x12.examples import DEPENDENT, written_claim

CLAIM = written_claim()
BILL = replace(
    CLAIM, form="institutional", place_of_service=None, bill_type="0131",
    lines=tuple(replace(line, revenue_code="0335", diagnosis_pointers=()) for line in CLAIM.lines),
)
SVG = "{http://www.w3.org/2000/svg}"


def boxes(claim, form):
    """Give what stands in each box, by its number, in the order of the form."""
    found = {}
    for page in draw_claims([claim], form).value:
        for row in page.rows:
            for box in row.boxes:
                found.setdefault(box.number, []).append(" / ".join(line for line in box.value if line))
    return found


def texts(svg):
    return [text.text for text in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314 -- our own text


@pytest.mark.parametrize(("number", "value"), {
    "1": "MB", "1a": "1EG4TE5MK00", "2": "SYNTHETIC, PAT Q", "3": "01 02 1955  FEMALE", "6": "SELF", "11": "GRP-7", "11d": "NO", "12": "YES",
    "13": "YES", "21": "A Z51.11   B C78.7", "22": "", "23": "AUTH-1", "24A": "03 02 2026", "24B": "11", "24D": "96522", "24E": "AB",
    "24F": "310.00", "24G": "1", "24J": "1882999901", "25": "987000001", "26": "VISIT-0001", "27": "YES", "28": "1310.00", "31": "YES",
    "32": "SAMPLE INFUSION SUITE / 2 CLINIC WAY / EXAMPLEVILLE OH 44001-0002", "32a": "1992999908", "33a": "1993999907", "33b": "207RX0202X",
}.items())
def test_each_value_of_a_professional_claim_stands_in_its_box(number, value):
    assert boxes(CLAIM, "cms1500")[number][0] == value


SENT = Practitioner("Referral", ("Ann",), None, "1992999908")


def test_who_sent_the_patient_and_what_goes_with_the_claim_is_shown():
    whole = replace(CLAIM, referral=Referral("R-1", SENT), note="See report", attachments=(Attachment("OZ", "EL", "A-1"), Attachment("B4", "AA")))
    found = boxes(whole, "cms1500")
    assert [found[one][0] for one in ("17", "17a", "17b", "19")] == [
        "DN  Referral, Ann", "R-1", "1992999908", "See report  PWK OZ EL A-1  PWK B4 AA"]
    assert boxes(replace(CLAIM, supervising_provider=SENT), "cms1500")["17"] == ["DQ  Referral, Ann"]
    assert [boxes(CLAIM, "cms1500")[one] for one in ("17", "19")] == [[""]] * 2


def test_admission_and_stated_codes_of_an_institutional_claim_are_shown():
    stated = (StatedCode("condition", "A6"), StatedCode("occurrence", "11", date(2026, 3, 1)), StatedCode("value", "80", None, Decimal("31.5")))
    whole = replace(BILL, admission=Admission("3", "1", "01"), stated_codes=stated, referral=Referral(None, SENT), note="See report")
    found = boxes(whole, "ub04")
    assert [found[one] for one in ("14", "15", "17", "18-28", "31-36", "39-41", "80")] == [
        ["3"], ["1"], ["01"], ["A6"], ["11 03 01 2026"], ["80 31.50"], ["See report"]]
    assert found["78"] == ["Referral, Ann", "1992999908"]
    assert [boxes(BILL, "ub04")[one] for one in ("14", "78")] == [[""], ["", ""]]


def test_a_drug_line_shows_its_package_above_its_code():
    assert boxes(CLAIM, "cms1500")["24D"][1] == "N400000111122 ML20.5 / J9190 JZ"


def test_a_replacement_names_the_earlier_claim_and_a_dependent_the_member():
    assert boxes(replace(CLAIM, frequency="7", original_reference="P1"), "cms1500")["22"] == ["7  P1"]
    found = boxes(written_claim(DEPENDENT), "cms1500")
    assert found["2"] != found["4"]
    assert found["6"][0] in ("CHILD", "SPOUSE", "OTHER")


def test_another_coverage_is_shown_and_so_is_that_there_is_one():
    other = Insurance(Payer("77777", "Second Plan"), "W1", "self", "CI", 2)
    found = boxes(replace(CLAIM, other_insurance=(other,)), "cms1500")
    assert (found["9"], found["9a"], found["9d"], found["11d"]) == ([found["2"][0]], ["W1"], ["Second Plan"], ["YES"])
    assert boxes(replace(BILL, other_insurance=(other,)), "ub04")["60"] == ["1EG4TE5MK00", "W1"]


@pytest.mark.parametrize(("number", "value"), {
    "3a": "VISIT-0001", "3b": "MRN-0001", "4": "0131", "5": "987000001", "6": "03 02 2026", "8": "SYNTHETIC, PAT Q", "11": "FEMALE",
    "42": "0335", "44": "96522", "46": "1", "47": "310.00", "50": "EXAMPLE MEDICARE CONTRACTOR", "51": "99999", "52": "YES", "56": "1993999907",
    "59": "18", "60": "1EG4TE5MK00", "63": "AUTH-1", "66": "0", "67": "Z51.11", "67A-Q": "A C78.7", "76": "EXEMPLAR, ALEX", "81": "B3 207RX0202X",
}.items())
def test_each_value_of_an_institutional_claim_stands_in_its_box(number, value):
    assert boxes(BILL, "ub04")[number][0] == value


@pytest.mark.parametrize(("claim", "form", "most"), [(CLAIM, "cms1500", 6), (BILL, "ub04", 12)])
def test_more_lines_than_a_page_holds_go_on_and_the_total_stands_on_the_last(claim, form, most):
    many = replace(claim, lines=claim.lines[:1] * (most + 1))
    pages = draw_claims([many], form).value
    shown = [text for page in pages for text in (shape.text for shape in lay_out(page))]
    assert len(pages) == 2
    assert shown.count("CONTINUED") == 1
    assert f"{Decimal(310) * (most + 1):.2f}" in shown


@pytest.mark.parametrize(("claim", "form", "other"), [(CLAIM, "ub04", "cms1500"), (BILL, "cms1500", "ub04")])
def test_a_claim_of_the_other_form_is_refused_by_name(claim, form, other):
    (issue,) = draw_claims([claim], form).issues
    assert issue.rule == "picture.other-form"
    assert f"Ask for {other}." in issue.text


SECOND = Insurance(Payer("77777", "Second Plan"), "W1", "self", "CI", 2)


@pytest.mark.parametrize(("claim", "form"), [
    (CLAIM, "cms1500"), (BILL, "ub04"), (replace(BILL, other_insurance=(SECOND,)), "ub04"), (replace(CLAIM, other_insurance=(SECOND,)), "cms1500"),
])
def test_everything_that_is_drawn_lies_on_the_page(claim, form):
    for page in draw_claims([claim], form, "synthetic").value:
        for shape in lay_out(page):
            assert MARGIN <= shape.x <= shape.x + shape.width <= WIDTH - MARGIN + 0.01
            assert MARGIN <= shape.y <= shape.y + shape.height <= HEIGHT - MARGIN
            wide = len(shape.text) * shape.size * 0.6
            assert shape.kind == "note" or shape.x + wide <= WIDTH


@given(st.text(max_size=60))
def test_whatever_a_name_holds_the_picture_is_xml_and_shows_it(name):
    claim = replace(CLAIM, patient=replace(CLAIM.patient, family=name, given=(), suffix=None))
    svg = write_svg(draw_claims([claim], "cms1500").value)
    shown = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", name).replace("\r\n", "\n").replace("\r", "\n")
    assert not shown or shown in texts(svg)


def test_a_name_of_markup_adds_no_element():
    evil = replace(CLAIM, patient=replace(CLAIM.patient, family='</text><script href="x">&'))
    plain, odd = (ET.fromstring(write_svg(draw_claims([one], "cms1500").value)) for one in (CLAIM, evil))  # noqa: S314 -- as above
    assert [element.tag for element in plain.iter()] == [element.tag for element in odd.iter()]


def test_the_watermark_stands_on_every_page_and_only_where_it_is_asked_for():
    many = replace(CLAIM, lines=CLAIM.lines * 4)
    assert texts(write_svg(draw_claims([many], "cms1500", "synthetic").value)).count("synthetic") == 2
    assert "synthetic" not in texts(write_svg(draw_claims([many], "cms1500").value))


def test_a_pdf_has_a_page_for_each_page_and_the_same_bytes_for_the_same_claim():
    pages = draw_claims([replace(CLAIM, lines=CLAIM.lines * 4)], "cms1500", "synthetic").value
    data = write_pdf(pages)
    assert data.startswith(b"%PDF-")
    assert data.count(b"/Type /Page\n") + data.count(b"/Type /Page ") == 2
    assert data == write_pdf(pages)


def test_a_planted_box_that_runs_off_the_page_is_seen():
    shapes = list(lay_out(Page("x", [Row([Box("1", "w", ["v"], 30)])])))
    assert max(shape.x + shape.width for shape in shapes) > WIDTH - MARGIN


def test_what_is_not_told_is_an_empty_box():
    assert (show_answer(None), show_address(None)) == ("", [])
    assert show_subscriber(CLAIM.insurance, CLAIM.patient) == CLAIM.patient


def test_what_payers_before_have_paid_is_shown_and_nothing_where_none_has_decided():
    decided = [replace(SECOND, decision=PayerDecision(date(2026, 3, 9), paid)) for paid in (Decimal(80), Decimal("20.5"))]
    assert boxes(CLAIM, "cms1500")["29"] == boxes(replace(CLAIM, other_insurance=(SECOND,)), "cms1500")["29"] == [""]
    assert boxes(replace(CLAIM, other_insurance=tuple(decided)), "cms1500")["29"] == ["100.50"]
    assert boxes(replace(BILL, other_insurance=(decided[1],)), "ub04")["54"] == ["", "20.50"]


def full(form):
    """Give a claim that tells all that a claim of its form can hold."""
    other = replace(SECOND, group_number="G9", decision=PayerDecision(date(2026, 3, 9), Decimal(80)))
    whole = replace(
        CLAIM, insurance=replace(CLAIM.insurance, group_number="G1", group_name="Group"), other_insurance=(other,), referral=Referral("R-1", SENT), frequency="7",
        original_reference="P1", note="See report", facility=written_claim().facility,
    )
    stated = (StatedCode("condition", "A6"), StatedCode("occurrence", "11", date(2026, 3, 1)), StatedCode("value", "80", None, Decimal("31.5")))
    return whole if form == "cms1500" else replace(
        whole, form="institutional", place_of_service=None, bill_type="0137", lines=BILL.lines, admission=Admission("3", "1", "01"), stated_codes=stated)


@pytest.mark.parametrize("form", ["cms1500", "ub04"])
def test_no_box_is_drawn_that_no_claim_can_fill(form):
    assert [number for number, values in boxes(full(form), form).items() if number and not any(values)] == []


@pytest.mark.parametrize("form", ["cms1500", "ub04"])
def test_a_viewer_without_the_faces_named_has_a_face_of_its_own_to_draw_each_text_with(form):
    svg = write_svg(draw_claims([full(form)], form).value)
    (faces,) = set(re.findall(r'font-family="([^"]*)"', svg))
    assert faces.split(", ")[-1] == "monospace"
    assert "@font-face" not in svg
    assert all(float(size) > 0 for size in re.findall(r'font-size="([^"]*)"', svg))
