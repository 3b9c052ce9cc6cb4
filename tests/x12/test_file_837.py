"""The professional claim both ways: three readers agree on what was written."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from adapter.issues import Severity
from adapter.x12 import Delimiters, read_837, write_837
from tests.strategies import claim_files, claims, envelopes
from tests.x12 import readers
from tests.x12.checkers import check_with_pyx12, read_with_x12sdk
from tests.x12.examples import DEPENDENT, OWN, recounted, without, written_claim, written_envelope

THOROUGH = settings(max_examples=30, phases=[Phase.explicit, Phase.generate], suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example])


@pytest.mark.long
def test_three_readers_agree_on_three_hundred_generated_claims():
    seen = []

    @settings(max_examples=50, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(claim_files(long=True))
    def draw(file):
        seen.extend(file[0])
        readers.agree_on(file)

    while len(seen) < 300:
        draw()
    assert {claim.form for claim in seen} == {"professional", "institutional"}
    assert max(len(claim.lines) for claim in seen) > 30
    assert max(len(claim.diagnoses) for claim in seen) >= 10
    assert any(claim.insurance.subscriber and claim.other_insurance for claim in seen)


PLANTS = {
    "write_837": lambda text: text.replace("*UN*", "*MJ*"),
    "read_837": lambda claims: (replace(claims[0], frequency="8" if claims[0].frequency != "8" else "7"), *claims[1:]),
}


@pytest.mark.parametrize("name", PLANTS)
def test_a_fault_in_writing_or_reading_is_seen_by_the_readers(name, monkeypatch):
    whole = getattr(readers, name)

    def planted(*given):
        found = whole(*given)
        if name == "write_837":
            return replace(found, value=PLANTS[name](found.value))
        return replace(found, value=replace(found.value, claims=PLANTS[name](found.value.claims)))

    file = [written_claim()], written_envelope()
    readers.agree_on(file)
    monkeypatch.setattr(readers, name, planted)
    with pytest.raises(AssertionError):
        readers.agree_on(file)


@settings(max_examples=5, deadline=None)
@given(st.integers(1, 50), st.integers(1, 12))
def test_fifty_lines_and_twelve_diagnoses_go_through(lines, diagnoses):
    claim = written_claim()
    long = replace(
        claim,
        diagnoses=tuple(f"C{place:02}.9" for place in range(diagnoses)),
        lines=tuple(replace(claim.lines[0], sequence=n, control_number=f"L{n}", diagnosis_pointers=(diagnoses,))
                    for n in range(1, lines + 1)),
    )
    text = write_837([long], written_envelope()).value
    assert check_with_pyx12(text) == []
    assert read_837(text).value.claims == (long,)


@pytest.mark.parametrize("text", [OWN, DEPENDENT])
def test_a_file_in_the_shape_that_clearinghouses_take_comes_back_byte_for_byte(text):
    answer = read_837(text)
    assert answer.issues == ()
    assert write_837(answer.value.claims, answer.value.envelope).value == text
    assert check_with_pyx12(text) == []


def test_the_claims_of_a_provider_hang_under_one_level():
    claim, other = written_claim(OWN), written_claim(DEPENDENT)
    provider = replace(claim.billing_provider, name="OTHER PRACTICE")
    third = replace(claim, identifier="VISIT-0009", billing_provider=provider)
    text = write_837([claim, other, third], written_envelope(OWN)).value
    levels = [line for line in text.splitlines() if line.startswith("HL")]
    assert levels == ["HL*1**20*1~", "HL*2*1*22*0~", "HL*3*1*22*1~", "HL*4*3*23*0~", "HL*5**20*1~", "HL*6*5*22*0~"]
    assert check_with_pyx12(text) == []


@pytest.mark.parametrize(("old", "new"), [
    ("SE*40*", "SE*41*"), ("11:B:1", "00:B:1"), ("HL*2*1*22*0", "HL*3*1*22*0"),
    ("ABK:Z5111", "XXX:Z5111"), ("N3*1 BILLING WAY~\n", ""), ("LX*2", "LX*4"),
])
def test_pyx12_sees_a_planted_fault(old, new):
    assert old in OWN
    assert check_with_pyx12(OWN) == []
    assert check_with_pyx12(OWN.replace(old, new, 1)) != []


def test_a_crash_of_pyx12_counts_as_a_rejection():
    assert check_with_pyx12(OWN.replace("***1:2~", "***1:2:3:4:5~", 1)) != []


def test_x12sdk_sees_a_planted_total():
    with pytest.raises(ValueError, match="Claim Amount"):
        read_with_x12sdk(OWN.replace("*1310.00*", "*1311.00*"))


def test_a_value_changed_on_the_way_is_seen_by_the_round_trip():
    text = OWN.replace("HC:96522*310.00", "HC:96522*320.00").replace("*1310.00*", "*1320.00*")
    assert read_837(text).value.claims != (written_claim(),)


@pytest.mark.parametrize(("old", "new", "rule"), [
    ("*1310.00*", "*1310.01*", "x12.total-differs"),
    ("11:B:1", "11:A:1", "x12.code-not-known"),
    ("*Y*A*Y*Y~", "*W*A*Y*Y~", "x12.code-not-known"),
    ("*Y*A*Y*Y~", "*Y*B*Y*Y~", "x12.code-not-known"),
    ("*Y*A*Y*Y~", "*Y*A*W*Y~", "x12.code-not-known"),
    ("*Y*A*Y*Y~", "*Y*A*Y*N~", "x12.code-not-known"),
    ("ABK:Z5111", "BK:Z5111", "x12.diagnosis-unreadable"),
    ("ABK:Z5111", "ABK:Z51.11", "x12.diagnosis-unreadable"),
    ("ABF:C787", "ABK:C787", "x12.diagnosis-unreadable"),
    ("HL*2*1*22*0", "HL*2*1*22*1", "x12.level-out-of-order"),
    ("HL*2*1*22*0", "HL*2*9*22*0", "x12.level-out-of-order"),
    ("HL*2*1*22*0", "HL*2*1*24*0", "x12.level-out-of-order"),
])
def test_a_claim_that_contradicts_itself_is_refused(old, new, rule):
    assert old in OWN
    answer = read_837(OWN.replace(old, new))
    assert answer.value is None
    assert rule in {issue.rule for issue in answer.issues}


def test_a_file_without_a_claim_is_refused():
    start, end = OWN.index("CLM*"), OWN.index("\nSE*") + 1
    answer = read_837(recounted(OWN[:start] + OWN[end:]))
    assert [issue.rule for issue in answer.issues] == ["x12.claim-missing"]


def test_a_claim_without_lines_is_refused():
    start, end = OWN.index("LX*"), OWN.index("\nSE*") + 1
    rules = {issue.rule for issue in read_837(recounted(OWN[:start] + OWN[end:])).issues}
    assert rules == {"x12.segment-missing", "x12.total-differs"}


@pytest.mark.parametrize(("place", "segments", "kinds"), [
    ("HL*2*1", "NM1*PE*2*PLAN*****PI*77~\nN3*PO BOX 5~\nN4*EXAMPLEVILLE*OH*440010003~\n", {"NM1*PE", "N3", "N4"}),
    ("REF*G1*AUTH-1", "DTP*431*D8*20260101~\nDTP*431*D8*20260102~\n", {"DTP*431"}),
    ("HI*ABK", "NTE*CER*A NOTE~\nAMT*F5*10~\n", {"NTE*CER", "AMT*F5"}),
    ("LX*1", "NM1*PW*2~\nN3*9 ROAD~\nN4*EXAMPLEVILLE*OH*44001~\n", {"NM1*PW", "N3", "N4"}),
    ("SE*40", "SVD*60054*100*HC:96522**1~\nCAS*CO*45*10~\nDTP*573*D8*20260303~\n", {"SVD", "CAS", "DTP*573"}),
    ("SE*40", "LIN**N4*00000999988~\nCTP****1*UN~\n", {"LIN", "CTP"}),
    ("SE*40", "ZZ9*X~\n", {"ZZ9"}),
])
def test_what_a_claim_cannot_keep_is_told_once_a_kind_and_changes_nothing_else(place, segments, kinds):
    assert place in OWN
    answer = read_837(recounted(OWN.replace(place, segments + place, 1)))
    assert answer.value.claims == (written_claim(),)
    assert {issue.rule for issue in answer.issues} == {"x12.segment-not-kept"}
    assert {issue.severity for issue in answer.issues} == {Severity.INFORMATION}
    assert {issue.expression[0] for issue in answer.issues} == kinds
    assert len(answer.issues) == len(kinds)


def test_an_element_that_a_claim_cannot_keep_is_told_too():
    answer = read_837(OWN.replace("SV1*HC:96522*310.00*UN*1***1:2", "SV1*HC:96522*310.00*UN*1*12**1:2"))
    assert [issue.expression for issue in answer.issues] == [("SV1",)]


def test_lower_case_and_other_delimiters_of_a_foreign_file_are_read_as_they_are():
    text = OWN.replace("SYNTHETIC*PAT", "Synthetic*Pat").replace("*", "|").replace(":", ">").replace("~\n", "~")
    answer = read_837(text)
    assert answer.issues == ()
    assert answer.value.claims[0].patient.family == "Synthetic"
    assert write_837(answer.value.claims, answer.value.envelope).value == OWN


def test_several_claims_of_one_subscriber_are_read_each():
    start, end = OWN.index("CLM*"), OWN.index("\nSE*") + 1
    second = OWN[start:end].replace("VISIT-0001", "VISIT-0005")
    answer = read_837(recounted(OWN[:end] + second + OWN[end:]))
    assert [claim.identifier for claim in answer.value.claims] == ["VISIT-0001", "VISIT-0005"]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_file_is_read_or_refused_and_never_raises(data):
    text = data.draw(st.sampled_from((OWN, DEPENDENT)))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 40)))
        text = text[:start] + data.draw(st.text(st.characters(), max_size=5) | st.sampled_from("*~:^") | st.just("9" * 5000)) + text[end:]
    answer = read_837(text)
    assert answer.value is not None or any(issue.is_error for issue in answer.issues)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_file_of_shuffled_segments_and_elements_is_read_or_refused_and_never_raises(data):
    lines = data.draw(st.sampled_from((OWN, DEPENDENT))).splitlines()
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(3, len(lines) - 4))
        other = data.draw(st.integers(3, len(lines) - 4))
        elements = lines[place].rstrip("~").split("*")
        elements[data.draw(st.integers(0, len(elements) - 1))] = data.draw(st.sampled_from(("", "X", "99", "-1", "a:b", "20260302")))
        lines[place], lines[other] = lines[other], "*".join(elements) + "~"
    answer = read_837(recounted("\n".join(lines) + "\n") if "GE*" in "\n".join(lines) else OWN)
    assert answer.value is not None or any(issue.is_error for issue in answer.issues)


@given(claims(), envelopes())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_same_claim_gives_the_same_bytes(claim, envelope):
    assert write_837([claim], envelope) == write_837([claim], envelope)


def test_the_total_is_the_sum_of_the_lines():
    claim = written_claim()
    assert claim.total == Decimal("1310.00")
    assert read_837(without(OWN, "REF*EA")).value.claims[0].patient.record_number is None


OTHERS = (Delimiters("|", ">", "!", "\n"), Delimiters("|", "\\", "`", "~"), Delimiters("\x1d", "\x1f", "\x1e", "\x1c"))


@pytest.mark.parametrize("delimiters", OTHERS, ids=repr)
def test_a_file_with_the_delimiters_of_a_receiver_reads_back_and_pyx12_takes_it(delimiters):
    claim = replace(written_claim(), note="A*B:C^D~E")
    text = write_837([claim], written_envelope(), delimiters).value
    assert (text[3], text[104], text[82], text[105]) == delimiters.marks
    answer = read_837(text)
    assert (answer.issues, answer.value.claims) == ((), (replace(claim, note="A B C D E"),))
    assert check_with_pyx12(text) == [] or not delimiters.element.isprintable()  # pyx12 reads no control characters


@pytest.mark.parametrize("marks", ["AB^~", "**^~", " :^~", "1:^~", "é:^~"])
def test_delimiters_that_no_reader_could_tell_apart_are_refused(marks):
    answer = write_837([written_claim()], written_envelope(), Delimiters(*marks))
    assert (answer.value, [issue.rule for issue in answer.issues]) == (None, ["x12.delimiters-unusable"])


@pytest.mark.parametrize(("delimiters", "changed"), [
    (Delimiters("."), {}), (Delimiters("-"), {}), (Delimiters("|"), {"note": "A|B"}), (Delimiters(terminator="'"), {"authorisation": "A'SE'GE"}),
])
def test_a_value_that_holds_a_delimiter_of_the_receiver_is_refused_and_never_becomes_syntax(delimiters, changed):
    answer = write_837([replace(written_claim(), **changed)], written_envelope(), delimiters)
    assert (answer.value, [issue.rule for issue in answer.issues]) == (None, ["x12.1.ISA.ISA11.3"])


def test_a_note_that_is_the_number_of_the_institutional_guide_is_read_alike_by_all_readers():
    readers.agree_on(([replace(written_claim(), note="005010X223A2")], written_envelope()))
