"""An answer of a payer, matched to the claims that were made and sent here: TA1, 999, 277CA, 835 to resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

import adapter
from adapter.bulk.context import Workplace, build_restoring_context, id_maker
from adapter.fhir.claim_response import Answered, Describe, PaymentContext, write_claim_payment, write_claim_status
from adapter.fhir.json import Tree, decode_json, encode_json
from adapter.fhir.outcome import write_outcome
from adapter.fhir.payment_reconciliation import write_interchange_task, write_payment_reconciliation
from adapter.fhir.stamp import Stamp
from adapter.fhir.systems import own_structure
from adapter.flow import read_claims
from adapter.issues import Issue, IssueType, Outcome, Severity
from adapter.terms import ClaimPayment, Remittance, find_standing
from adapter.x12.answer import Answers, read_answers
from adapter.x12.answer_issue import read_file_issues, read_interchange_issue, read_report_issues, read_status_issues
from adapter.x12.losses import complete_claim
from adapter.x12.position import PositionIndex, index_positions
from adapter.x12.syntax import decode_segments
from adapter.x12.text import decode_text

if TYPE_CHECKING:  # SQLAlchemy is loaded only where something is kept
    from adapter.store import Store, Unit

__all__ = ["Answering", "acknowledge", "index_document", "keep_sent"]

_CONTROL_NUMBER = own_structure("line-item-control-number")


@dataclass(frozen=True, slots=True)
class Answering:
    """What an answer is read with: tables and clock, the store, 837 that were sent.

    `describe` gives the text of a CARC or RARC; without it the lists of the customer do, by the day of the payment.
    """

    workplace: Workplace
    store: Store | None = None
    sent: Sequence[bytes] = ()
    describe: Describe | None = None

    def describe_on(self, day: date) -> Describe:
        """Give what describes codes on a day."""
        tables = self.workplace.rule_book.tables
        return self.describe or (lambda code: tables.text("carc", code, day) or tables.text("rarc", code, day))


def index_document(data: bytes) -> PositionIndex | None:
    """Index an 837 as it was sent; None where it is no interchange."""
    text = decode_text(data).value
    segments = decode_segments(text).value if text is not None else None
    return index_positions(segments.segments) if segments else None


def keep_sent(data: bytes, store: Store | Unit, now: datetime) -> None:
    """Keep an 837 that goes out, so that an answer to it finds its segments and claims; in a unit, or one of its own."""
    index = index_document(data)
    if index is not None:
        store.keep_interchange(data, index.group_control_number, [*index.lines], now)


def acknowledge(data: bytes, answering: Answering) -> Outcome[bytes]:
    """Read an answer of a payer into a Bundle: its resources, and an OperationOutcome last that says it all in issues.

    With a store the answer is kept beside its claims before it is given; the same document again gives the same ids
    and keeps nothing more. Errors: those of `decode_text` and `read_answers`. Warnings: `answer.file-unknown`,
    `answer.claim-unknown`, `answer.reversal-unmatched`.
    """
    cited = answering.workplace.rule_book.tables.cited
    text = decode_text(data)
    if text.value is None:
        return Outcome(None, cited(text.issues))
    answers = read_answers(text.value)
    if answers.value is None:
        return Outcome(None, cited((*text.issues, *answers.issues)))
    stamp = Stamp(answering.workplace.now, id_maker(data), adapter.__version__)
    desk = _Desk(data, answering, stamp, [*text.issues, *answers.issues])
    desk.take(answers.value)
    resources = [tree for _, tree in desk.made]
    outcome = write_outcome(cited(desk.issues))
    if answering.store is not None:
        kept = [(name, encode_json(tree)) for name, tree in desk.made]
        kept += [(name, encode_json(write_outcome(cited(issues)))) for name, issues in desk.told.items()]
        answering.store.keep_answers(data, kept, answering.workplace.now)
    entries = [{"fullUrl": f"urn:uuid:{tree['id']}", "resource": tree} for tree in resources]
    return Outcome(encode_json({"resourceType": "Bundle", "type": "collection", "entry": [*entries, {"resource": outcome}]}))


@dataclass(slots=True)
class _Desk:
    """Where one answer is worked on: it holds what was made of it so far, and what there is to say."""

    data: bytes
    answering: Answering
    stamp: Stamp
    issues: list[Issue]
    made: list[tuple[str, Tree]] = field(default_factory=list)
    told: dict[str, list[Issue]] = field(default_factory=dict)
    payments: int = 0
    earlier: dict[str, list[tuple[ClaimPayment, str]]] = field(default_factory=dict)

    def take(self, answers: Answers) -> None:
        for number, interchange in enumerate(answers.interchanges, 1):
            self.issues.append(read_interchange_issue(interchange))
            self.made.append(("", write_interchange_task(interchange, self.stamp, number)))
        for file in answers.files:
            index = self._index(group_number=file.group_control_number)
            if index is None:
                self._warn("answer.file-unknown", "The 837 that this 999 answers is not known here: its places are given by loop "
                           "and element. Keep each 837 that is sent, or name it.", "GS")
            for claim, issue in read_file_issues(file, index):
                self.issues.append(issue)
                self.told.setdefault(claim or "", []).append(issue)
        self._take_reports(answers)
        for number, remittance in enumerate(answers.remittances, 1):
            self._take_remittance(remittance, number)

    def _take_reports(self, answers: Answers) -> None:
        number = 0
        for report in answers.reports:
            self.issues += read_report_issues(report)
            for status in report.claims:
                number += 1
                answered = self._answered(status.identifier)
                self.issues += read_status_issues(status, self._index(identifier=status.identifier))
                self.made.append((status.identifier, write_claim_status(status, report, answered, (self.stamp, number))))

    def _take_remittance(self, remittance: Remittance, number: int) -> None:
        responses = []
        for payment in remittance.claims:
            answered = self._answered(payment.identifier)
            context = PaymentContext(remittance, answered, self.answering.describe_on(remittance.payment_date))
            self.payments += 1
            tree = write_claim_payment(payment, context, (self.stamp, self.payments))
            self.made.append((payment.identifier, tree))
            responses.append((payment, answered, tree["id"]))
        for identifier in dict.fromkeys(one.identifier for one in remittance.claims):
            self._undo(identifier, [(payment, name) for payment, _, name in responses if payment.identifier == identifier])
        self.made.append(("", write_payment_reconciliation(remittance, responses, self.stamp, number)))

    def _undo(self, identifier: str, told: Sequence[tuple[ClaimPayment, str]]) -> None:
        """Cancel each response that a reversal undoes: of this document in place, an earlier one written again."""
        found = self.answering.store.find_answers(identifier) if self.answering.store else []
        digest = sha256(self.data).hexdigest()
        payments: list[tuple[ClaimPayment, str]] = []
        for source in dict.fromkeys([*(one.source for one in found), digest]):  # in the order in which they came
            payments += told if source == digest else self._payments_of(source, identifier)
        standing, unmatched = find_standing(payment for payment, _ in payments)
        kept, lost = set(map(id, standing)), set(map(id, unmatched))
        undone = {name for payment, name in payments if id(payment) not in kept and not payment.is_reversal}
        for _, tree in self.made:
            if tree["id"] in undone:
                tree["status"] = "cancelled"
        ours = {tree["id"] for _, tree in self.made}
        trees = [decode_json(one.resource).value or {} for one in found if undone]
        before = {tree["id"]: tree for tree in trees if tree.get("id") in undone - ours}
        self.made += [(identifier, {**tree, "status": "cancelled"}) for tree in before.values()]
        if any(id(payment) in lost for payment, _ in told):
            self._warn("answer.reversal-unmatched", "A reversal (CLP02 22) takes back a payment that is not known here. Find the "
                       "payment by the payer's claim number and take it back by hand.", "2100/CLP/02")

    def _payments_of(self, source: str, identifier: str) -> list[tuple[ClaimPayment, str]]:
        """Give the payments of a claim in a document that was kept before, each with the id of its response; it is read once."""
        store = self.answering.store
        if source not in self.earlier:
            document = store.find_document(source) if store else b""
            answers, make_id = read_answers(decode_text(document).value or "").value, id_maker(document)
            every = [one for each in (answers.remittances if answers else ()) for one in each.claims]
            self.earlier[source] = [(one, make_id(f"claim-payment-{at}")) for at, one in enumerate(every, 1)]
        return [pair for pair in self.earlier[source] if pair[0].identifier == identifier]

    # ------------------------------------------------------------ what was sent

    def _index(self, *, group_number: str | None = None, identifier: str | None = None) -> PositionIndex | None:
        for index in self._indexes(group_number, identifier):
            if group_number in (None, index.group_control_number) and (identifier is None or identifier in index.lines):
                return index
        return None

    def _indexes(self, group_number: str | None, identifier: str | None) -> Iterator[PositionIndex]:
        store = self.answering.store
        kept = store.find_interchanges(group_number=group_number, identifier=identifier) if store else []
        yield from (index for data in (*self.answering.sent, *kept) if (index := index_document(data)) is not None)

    def _answered(self, identifier: str) -> Answered | None:
        """Find the Claim that an answer is about: of several kept ones the one that was sent, else the newest."""
        store = self.answering.store
        kept = [one.bundle for one in store.find_claims(identifier)] if store else []
        if len(kept) > 1 and store:
            kept = self._sent_first(identifier, kept, store.find_interchanges(identifier=identifier))
        bundle = decode_json(kept[0]).value if kept else None
        if bundle:
            entry = bundle["entry"][0]
            return Answered(entry["resource"], entry.get("fullUrl"))
        if store is not None:
            self._warn("answer.claim-unknown", "A claim that is answered was not made here: patient, insurer and lines are not "
                       "told by the answer alone. See whether its number (CLM01) is one of yours.", "CLM/CLM/01")
        index = self._index(identifier=identifier)
        return Answered(_lines_alone(index.lines[identifier])) if index else None

    def _sent_first(self, identifier: str, bundles: Sequence[bytes], sent: Iterable[bytes]) -> list[bytes]:
        for document in sent:
            context = build_restoring_context(document, self.answering.workplace)
            claims = [claim for claim in read_claims(document, context).value or () if claim.identifier == identifier]
            for bundle in bundles if claims else ():
                ours = read_claims(bundle, build_restoring_context(bundle, self.answering.workplace)).value
                if ours and complete_claim(claims[0], ours[0]).value == ours[0]:
                    return [bundle]
        return list(bundles)

    def _warn(self, rule: str, text: str, place: str) -> None:
        issue = Issue(Severity.WARNING, IssueType.NOT_FOUND, rule, text, (place,))
        if issue not in self.issues:
            self.issues.append(issue)


def _lines_alone(numbers: Sequence[str]) -> Tree:
    """Write of a Claim what an 837 alone tells of its lines: their order and control numbers."""
    items = [
        {"sequence": place, "extension": [{"url": _CONTROL_NUMBER, "valueString": number}]}
        for place, number in enumerate(numbers, 1)
    ]
    return {"resourceType": "Claim", "item": items}
