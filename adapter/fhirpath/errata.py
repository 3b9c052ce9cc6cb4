"""Published invariants of R4 4.0.1 that do not say what their own sentence says, and what they should say.

An invariant is met by true alone; some were written when an empty result still passed, or before `matches` was told to
look for a part of the text. HL7 corrected them in later versions; a validator of R4 has to do it itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["ERRATA", "correct_invariant"]

_REF_1: Final = (
    "reference.startsWith('#').not() or (reference.substring(1).trace('url') in %rootResource.contained.id.trace('ids'))"
)
_ELD_19: Final = (
    r"[^\\s\\.,:;\\\'" + '"' + r"\\/|?!@#$%&*()\\[\\]{}]{1,64}"
    r"(\\.[^\\s\\.,:;\\\'" + '"' + r"\\/|?!@#$%&*()\\[\\]{}]{1,64}(\\[x\\])?(\\:[^\\s\\.]+)?)*"
)
_ELD_20: Final = r"[A-Za-z][A-Za-z0-9]*(\\.[a-z][A-Za-z0-9]*(\\[x])?)*"
_NAME: Final = "[A-Z]([A-Za-z0-9_]){0,254}"

#: Published expression: the corrected one. The reason stands beside each, with HL7's tracker where it has one.
ERRATA: Final[Mapping[str, str]] = MappingProxyType({
    # ref-1: a reference may have only an identifier or a display, and '#' is the containing resource (FHIR-37793, FHIR-31732).
    _REF_1: f"reference.exists() implies (reference = '#' or {_REF_1})",
    # bdl-8: an entry may have no fullUrl.
    "fullUrl.contains('/_history/').not()": "fullUrl.exists() implies fullUrl.contains('/_history/').not()",
    # adf-0 and its like on every knowledge resource: the name may be absent, and the whole of it is meant.
    f"name.matches('{_NAME}')": f"name.exists() implies name.matches('^{_NAME}$')",
    # dom-6: a contained resource is told by the narrative of the one around it.
    "text.`div`.exists()": "text.`div`.exists() or %rootResource != $this",
    # eld-19, eld-20: the whole path is meant.
    f"path.matches('{_ELD_19}')": f"path.matches('^{_ELD_19}$')",
    f"path.matches('{_ELD_20}')": f"path.matches('^{_ELD_20}$')",
    # minOccurs, maxOccurs (contextInvariant): a value of a choice has no name of its own in FHIRPath.
    "type!='display' and (required=true or %extension.valueInteger=0)":
        "type!='display' and (required=true or %extension.value=0)",
    "type!='display' and (repeats=true or %extension.valueInteger=1)":
        "type!='display' and (repeats=true or %extension.value=1)",
    # que-7: the answer is FHIR's boolean, not the language's Boolean (FHIR-25390).
    "operator = 'exists' implies (answer is Boolean)": "operator = 'exists' implies (answer is boolean)",
    # que-12: "more than one" is two and more.
    "enableWhen.count() > 2 implies enableBehavior.exists()": "enableWhen.count() > 1 implies enableBehavior.exists()",
    # ras-2: a prediction may have no probability.
    "probability is decimal implies (probability as decimal) <= 100":
        "probability.empty() or (probability is decimal implies (probability as decimal) <= 100)",
})


def correct_invariant(expression: str) -> str:
    """Give the expression that an invariant should have had; one that is not in the errata stays as it is.

    >>> correct_invariant("fullUrl.contains('/_history/').not()")
    "fullUrl.exists() implies fullUrl.contains('/_history/').not()"
    >>> correct_invariant("code.exists()")
    'code.exists()'
    """
    return ERRATA.get(expression, expression)
