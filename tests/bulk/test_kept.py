"""What was made and kept here comes back whole, and is never mixed with what was sent."""

import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from adapter.bulk import Workplace, build_context, build_restoring_context, pair_claims, restore_kept
from adapter.flow import code_document, restore_document, write_claims, write_x12
from adapter.issues import Outcome
from adapter.load import load_rule_book
from adapter.settings import load_sites
from adapter.store import open_store
from adapter.terms import CodingAnswer
from adapter.x12 import Envelope, write_837
from tests.samples import SAMPLES, SITE, in_xml, refill_bytes

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
WORKPLACE = Workplace(load_rule_book(), load_sites(SITE), NOW, date(2026, 10, 1))


def envelope(context):
    return Envelope("000000001", "1", "0001", "BATCH1", NOW, "T", context.site.submitter, context.site.receiver)


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def made(store):
    """Code the sample and keep it: its answer, its claim Bundle and its 837."""
    context = build_context(refill_bytes(), WORKPLACE).value
    answer = code_document(refill_bytes(), context)
    outcomes = write_claims(answer, context)
    store.keep(refill_bytes(), pair_claims(answer, outcomes), NOW)
    return {"answer": answer, "fhir": outcomes[0].value, "837": write_x12(answer, envelope(context), load_rule_book()).value.encode(), "context": context}


def resources(restored):
    return [entry["resource"] for entry in json.loads(restored.value)["entry"]]


def test_a_document_that_was_sent_in_xml_is_given_back_in_json(tmp_path):
    with closing(open_store(tmp_path)) as store:
        data = in_xml(refill_bytes())
        context = build_context(data, WORKPLACE).value
        answer = code_document(data, context)
        outcomes = write_claims(answer, context)
        store.keep(data, pair_claims(answer, outcomes), NOW)
        assert json.loads(restore_kept(in_xml(outcomes[0].value), WORKPLACE, store).value) == json.loads(refill_bytes())


@pytest.mark.parametrize("language", ["fhir", "837"])
def test_a_claim_that_was_made_here_gives_its_document_back(made, store, language):
    restored = restore_kept(made[language], WORKPLACE, store)
    assert (restored.value, restored.issues) == (refill_bytes(), ())


@pytest.mark.parametrize("language", ["fhir", "837"])
def test_without_a_store_or_without_its_claim_the_claim_alone_is_restored(made, store, tmp_path, language):
    alone = restore_document(made[language], build_restoring_context(made[language], WORKPLACE))
    assert restore_kept(made[language], WORKPLACE, None) == alone
    empty = open_store(tmp_path / "empty")
    assert restore_kept(made[language], WORKPLACE, empty) == alone
    empty.close()
    assert alone.value != refill_bytes()


@pytest.mark.parametrize(("language", "old", "new"), [("837", b"190.00*UN*1", b"190.00*UN*2"), ("fhir", b'"1949-04-11"', b'"1949-04-12"'), ("837", b"DMG*D8*19490411", b"DMG*D8*19490412")])
def test_a_claim_that_came_back_with_other_facts_is_restored_alone_with_a_warning(made, store, language, old, new):
    changed = made[language].replace(old, new)
    assert changed != made[language]
    restored = restore_kept(changed, WORKPLACE, store)
    alone = restore_document(changed, build_restoring_context(changed, WORKPLACE))
    assert restored.value == alone.value
    assert [issue.rule for issue in restored.issues if issue not in alone.issues] == ["claim.kept-differs"]
    assert all(issue.citation for issue in restored.issues)


def test_a_claim_that_is_not_kept_beside_one_that_is_stands_in_a_bundle_of_its_own(made, store):
    claim = made["answer"].records[0].claim
    other = replace(claim, identifier="ANOTHER", lines=tuple(replace(line, control_number=f"A{line.sequence}") for line in claim.lines))
    text = write_837([claim, other], envelope(made["context"])).value.encode()
    kept, restored = resources(restore_kept(text, WORKPLACE, store))
    assert kept == json.loads(refill_bytes())
    assert "ANOTHER" in json.dumps(restored)
    assert restored["resourceType"] == "Bundle"


def test_two_claims_of_one_document_give_it_back_once(made, store):
    claim = made["answer"].records[0].claim
    other = replace(claim, identifier="ANOTHER", lines=tuple(replace(line, control_number=f"A{line.sequence}") for line in claim.lines))
    answer = CodingAnswer((made["answer"].records[0], replace(made["answer"].records[0], claim=other)))
    store.keep(refill_bytes(), pair_claims(answer, write_claims(answer, made["context"])), NOW)
    text = write_837([claim, other], envelope(made["context"])).value.encode()
    assert restore_kept(text, WORKPLACE, store).value == refill_bytes()


def test_a_line_that_no_table_explains_lets_nothing_be_restored(made, store):
    claim = made["answer"].records[0].claim
    other = replace(claim, identifier="ANOTHER", lines=(replace(claim.lines[0], code="00000"),))
    text = write_837([claim, other], envelope(made["context"])).value.encode()
    restored = restore_kept(text, WORKPLACE, store)
    assert restored.value is None
    assert "explain.unknown-code" in {issue.rule for issue in restored.issues}


def test_a_kept_claim_that_does_not_read_back_is_a_bug(made, store):
    store.keep(refill_bytes(), [(made["answer"].records[0].claim.identifier, b"{}")], NOW)  # the newest: looked at first
    with pytest.raises(ValueError, match="does not read back"):
        restore_kept(made["837"], WORKPLACE, store)


def keep(store, data, workplace=WORKPLACE):
    context = build_context(data, workplace).value
    answer = code_document(data, context)
    outcomes = write_claims(answer, context)
    store.keep(data, pair_claims(answer, outcomes), workplace.now)
    return {"fhir": outcomes[0].value, "837": write_x12(answer, envelope(context), load_rule_book()).value.encode()}


@pytest.mark.parametrize("language", ["fhir", "837"])
def test_each_claim_of_a_visit_that_was_coded_twice_gives_the_document_that_it_was_made_of(made, store, language):
    data = refill_bytes().replace(b"C18.7", b"C18.9")
    again = keep(store, data)
    assert again[language] != made[language]
    assert len(store.find_claims(made["answer"].records[0].claim.identifier)) == 2
    assert restore_kept(made[language], WORKPLACE, store) == Outcome(refill_bytes())
    assert restore_kept(again[language], WORKPLACE, store) == Outcome(data)


def test_of_two_claims_that_bill_the_same_what_was_sent_byte_for_byte_tells_its_document_else_the_newest(made, store):
    data = refill_bytes() + b"\n"
    again = keep(store, data, replace(WORKPLACE, now=NOW.replace(hour=13)))
    assert restore_kept(made["fhir"], WORKPLACE, store).value == refill_bytes()
    assert restore_kept(again["fhir"], WORKPLACE, store).value == data
    assert restore_kept(made["837"], WORKPLACE, store).value == data


def test_what_equals_no_kept_claim_is_compared_with_the_newest(made, store):
    keep(store, refill_bytes().replace(b"C18.7", b"C18.9"))
    restored = restore_kept(made["837"].replace(b"DMG*D8*19490411", b"DMG*D8*19490412"), WORKPLACE, store)
    (text,) = [issue.text for issue in restored.issues if issue.rule == "claim.kept-differs"]
    assert "diagnoses" in text
    assert "patient" in text


def test_a_document_that_is_no_bundle_comes_back_as_the_entry_of_one_and_is_coded_alike(store):
    data = (SAMPLES / "single-procedure-contained.json").read_bytes()
    claim = keep(store, data)["fhir"]
    restored = restore_kept(claim, WORKPLACE, store)
    (procedure,) = resources(restored)
    assert procedure == json.loads(data)
    (first,), (again,) = (code_document(each, build_context(each, WORKPLACE).value).records for each in (data, restored.value))
    assert first.status == "coded"
    assert again.claim == first.claim


def test_only_what_was_written_is_paired_with_its_number(made):
    (pair,) = pair_claims(made["answer"], write_claims(made["answer"], made["context"]))
    assert pair == (made["answer"].records[0].claim.identifier, made["fhir"])
