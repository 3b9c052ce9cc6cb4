"""What a value in a row may be: a code of its form, an exact number above zero, else a word that the shipped rows use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from adapter.tables import Row, Table

__all__ = ["value_problems"]

_CODE = (r"[0-9]{4}[0-9A-Z]|[A-Z][0-9]{4}", "a CPT or HCPCS code: five characters")
_DIAGNOSIS = (r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?", "an ICD-10-CM code with its dot")
_NUMBER = (r"(?=.*[1-9])[0-9]+(\.[0-9]+)?", "an exact decimal number above zero")
_PLACE = (r"[0-9]{2}", "a place of service of two digits")
_ACT = ("refill|flush|aspiration|analysis|reprogramming|infusion-start|implantation", "an act of refill-act")
_KIND = ("practice|hospital|asc", "practice, hospital or asc")
_YES = ("yes|no", "yes or no")
_WHOLE = (r"[1-9][0-9]*", "a whole number above zero")
_INDICATOR = ("[01]", "the modifier indicator 0 or 1")
_WORDS = (r"\S(.*\S)?", "a text without blanks around it")
# A column with a form of its own, by table and key.
_FORMS = {
    ("act", "act"): _ACT,
    ("act", "code"): _CODE,
    ("act", "kind"): _KIND,
    ("act", "programmable"): _YES,
    ("act", "reprogrammed"): _YES,
    ("asserted", "act"): _ACT,
    ("asserted", "code"): _CODE,
    ("denial", "carc"): (r"[A-Z]?[0-9]{1,3}", "the number of a CARC"),
    ("denial", "cause"): _WORDS,
    ("denial", "rarc"): (r"(M|MA|N)[0-9]{1,3}", "the number of a RARC"),
    ("diagnosis", "code"): _DIAGNOSIS,
    ("diagnosis-ended", "code"): _DIAGNOSIS,
    ("diagnosis-ended", "successors"): _WORDS,
    ("documentation", "element"): _WORDS,
    ("diagnosis-group", "code"): _DIAGNOSIS,
    ("drug", "amount"): _NUMBER,
    ("drug", "code"): _CODE,
    ("drug", "substance"): (r"[a-z]+", "one word in small letters"),
    ("filing-indicator", "code"): (r"[0-9A-Z]{2}", "a claim filing indicator of two characters"),
    ("interval", "drug"): _CODE,
    ("interval", "most"): _WHOLE,
    ("interval", "payer"): _WORDS,
    ("interval", "usual"): _WHOLE,
    ("modifier", "modifier"): (r"[0-9A-Z]{2}", "a modifier of two characters"),
    ("modifier", "on"): ("refill|drug|service", "refill, drug or service"),
    ("ndc-layout", "layout"): ("[45]-[34]-[12]", "a layout such as 5-3-2"),
    ("ndc-unit", "unit"): ("[A-Z0-9]{2}", "a unit of two characters"),
    ("pair", "column_1"): _CODE,
    ("pair", "column_2"): _CODE,
    ("pair", "indicator"): _INDICATOR,
    ("pair", "kind"): _KIND,
    ("place", "bill_type"): (r"0[0-9]{3}", "a type of bill of four digits"),
    ("place", "kind"): _KIND,
    ("place", "place"): _PLACE,
    ("place-of-service", "place"): _PLACE,
    ("payer", "drug_authorisation"): (r"[A-Z0-9]{5}(-[A-Z0-9]{5})?", "a HCPCS code or a range such as J9000-J9999"),
    ("payer", "filing_days"): _WHOLE,
    ("payer", "other_filing_days"): _WHOLE,
    ("payer", "payer"): _WORDS,
    ("payer", "policy"): _WORDS,
    ("payer-id", "clearinghouse"): _WORDS,
    ("payer-id", "code"): _WORDS,
    ("payer-id", "plan"): _WORDS,
    ("payer-id", "transaction"): ("270|276|837P|837I|835", "270, 276, 837P, 837I or 835"),
    ("pump-model", "capacity"): _NUMBER,
    ("pump-model", "model"): _WORDS,
    ("revenue", "others"): ("[0-9]{4}", "a revenue code of four digits"),
    ("revenue", "usual"): ("[0-9]{4}", "a revenue code of four digits"),
    ("route", "code"): (r"\S+", "a code without blanks"),
    ("same-day", "code"): _CODE,
    ("same-day", "indicator"): _INDICATOR,
    ("same-day", "kind"): _KIND,
    ("tolerance", "capacity"): _NUMBER,
    ("tolerance", "model"): _WORDS,
    ("tolerance", "percent"): _NUMBER,
    ("tolerance", "volume"): _NUMBER,
    ("unit", "factor"): _NUMBER,
    ("unit", "unit"): (r"\S+", "a UCUM unit without blanks"),
    ("unit-limit", "code"): _CODE,
    ("unit-limit", "kind"): _KIND,
    ("unit-limit", "mai"): ("[123]", "the adjudication indicator 1, 2 or 3"),
    ("unit-limit", "most"): (r"0|[1-9][0-9]*", "a whole number"),
}
# A column whose words are those that a column of another table has.
_NAMED = {
    ("drug", "not_covered"): ("payer", "kind"),
    ("act", "pump"): ("pump-kind", "class"),
    ("act", "route"): ("route", "route"),
    ("act", "route_class"): ("route", "class"),
    ("drug", "contradicts"): ("route", "class"),
    ("diagnosis-group", "speaks_for"): ("route", "class"),
    ("drug", "unit"): ("unit", "unit"),
    ("payer-id", "payer"): ("payer", "payer"),
    ("pump-model", "kind"): ("pump-kind", "kind"),
    ("tolerance", "kind"): ("pump-kind", "kind"),
}
# The answers that a row wants beside the one that it gives: table, key, value (None: where the key is absent), wanted.
_WANTED = (
    ("drug", "unlisted", None, ("amount", "unit")),
    ("drug", "unlisted", False, ("amount", "unit")),
    ("place", "form", "institutional", ("bill_type",)),
    ("same-day", "relation", "absorbs", ("separable",)),
    ("same-day", "relation", "second", ("pair",)),
)


def value_problems(row: Row, name: str, shipped: Mapping[str, Table]) -> Iterator[str]:
    """Tell what is wrong with the values of a row of the table `name`, each with what was expected.

    `shipped` are the shipped tables: where a column has no form, its words are those of their rows.
    """
    for place, told in (("when", row.when), ("then", row.then)):
        for key, value in told.items():
            texts = value if isinstance(value, tuple) else (value,)
            for text in texts:
                expected = _expected(text, name, key, shipped)
                if expected:
                    yield f"{key} in {place} is {text!r}; expected {expected}"
    for table, key, given, wanted in _WANTED:
        if table == name and row.then.get(key) == given:
            for answer in wanted:
                if answer not in row.then:
                    yield f"no {answer} in then, which a row {f'with {key} {given}' if given else f'without {key}'} needs"


def _expected(text: str | bool | int, name: str, key: str, shipped: Mapping[str, Table]) -> str | None:
    """Say what was expected in the place of a text, None where the text may stand there."""
    form = _FORMS.get((name, key))
    if form is not None:
        return None if isinstance(text, str) and re.fullmatch(form[0], text, re.ASCII) else form[1]
    if not isinstance(text, str):
        return None
    table, column = _NAMED.get((name, key), (name, key))
    rows = shipped[table].rows if table in shipped else ()
    known = {word for row in rows for told in (row.when, row.then) for word in _words(told.get(column))}
    return None if text in known or not known else f"one of {', '.join(sorted(known))}"


def _words(value: object) -> tuple[str, ...]:
    words = value if isinstance(value, tuple) else (value,)
    return tuple(word for word in words if isinstance(word, str))
