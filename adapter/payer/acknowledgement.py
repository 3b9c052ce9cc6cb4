"""What the payer answers to an 837: a 999 where it cannot be read, else a 277CA as it was told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from adapter.bulk import make_control_number
from adapter.flow import RestoringContext, RuleBook, read_claims
from adapter.issues import Issue, Outcome
from adapter.terms import Claim, Payer, Status, Submitter
from adapter.x12 import check_837
from adapter.x12.acknowledgement import acknowledge_837
from adapter.x12.answer import AnswerEnvelope, wrap_answer
from adapter.x12.answer_277ca import Judgement, StatusHeader, write_277ca
from adapter.x12.syntax import Segment, decode_segments, encode_segments
from adapter.x12.text import decode_text

__all__ = ["Manner", "answer_837"]

_TAKEN: Final = Status("A2", "20", "PR")
_REFUSED: Final = Status("A7", "562", "85")


@dataclass(frozen=True, slots=True)
class Manner:
    """How a payer answers: what it was told, when, and who hands out its control numbers; nobody: the clock."""

    told: str
    now: datetime
    take_number: Callable[[], int] | None = None


def answer_837(data: bytes, rule_book: RuleBook, manner: Manner) -> Outcome[str]:
    """Answer the claims of an 837: `accept`, `slow`, `reject`, or `lie`, which names another claim.

    X12: 999 with IK3 and IK4 where the 837 breaks a rule of `check_837` or cannot be read, else 277CA with A2 and REF*1K or
    A7 for each claim. ISA13 and GS06 are a number that is handed out, else one of the clock, a tenth of a second each.
    Errors: those of `acknowledge_837` where there is nothing to answer to; OSError where no number can be handed out.
    """
    now, told = manner.now, manner.told
    text = decode_text(data)
    if text.value is None:
        return Outcome(None, text.issues)
    context = RestoringContext(rule_book, {}, now, lambda name: str(uuid5(NAMESPACE_URL, name)))
    claims = read_claims(data, context).value
    segments = decode_segments(text.value).value
    first = {one.id: one for one in reversed(segments.segments)} if segments else {}
    envelope = _make_envelope(first.get("ISA", Segment("ISA")), manner)
    if claims is None or segments is None or check_837(text.value):

        def check(lined: str) -> Iterable[Issue]:
            read = read_claims(lined.encode(), context).issues if claims is None else ()
            told = {(one.line, one.expression[:1]) for one in read}
            return (*read, *(one for one in check_837(lined) if (one.line, one.expression[:1]) not in told))

        return acknowledge_837(text.value, check, envelope)
    header = _read_header(segments.segments, claims, now)
    wrapped = wrap_answer(write_277ca([_judge(claim, told) for claim in claims], header), envelope)
    return Outcome(encode_segments(wrapped.value) if wrapped.value else None, wrapped.issues)


def _make_envelope(isa: Segment, manner: Manner) -> AnswerEnvelope:
    now = manner.now
    number = make_control_number(now) if manner.take_number is None else f"{manner.take_number():09d}"
    return AnswerEnvelope(
        number, number.lstrip("0") or "1", isa.get(8), isa.get(6), f"{now:%Y%m%d}", f"{now:%H%M}", isa.get(15) or "T"
    )


def _read_header(segments: Iterable[Segment], claims: tuple[Claim, ...], now: datetime) -> StatusHeader:
    names = {segment.get(1): segment for segment in segments if segment.id == "NM1" and segment.get(1) in ("40", "41")}
    batch = next((segment.get(3) for segment in segments if segment.id == "BHT"), "")
    sender = names.get("41", Segment("NM1"))
    payer = claims[0].insurance.payer
    return StatusHeader(
        "0001", f"CA{now:%Y%m%d%H%M%S}", Payer(payer.id, payer.name), Submitter(sender.get(9), sender.get(3), "", ""), batch, now
    )


def _judge(claim: Claim, told: str) -> Judgement:
    if told == "reject":
        return Judgement(claim, _REFUSED)
    digest = sha256(claim.identifier.encode()).hexdigest()
    if told == "lie":
        return Judgement(replace(claim, identifier=f"X{digest[:16].upper()}"), _TAKEN, f"P{digest[16:28].upper()}")
    return Judgement(claim, _TAKEN, f"P{digest[:12].upper()}")
