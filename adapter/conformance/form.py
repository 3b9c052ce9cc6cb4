"""Forms of codes that no list counts: language tags and media types."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from adapter.conformance.unit import is_unit

__all__ = ["FORMAT", "FORMS", "LANGUAGE_TAG", "MEDIA_TYPE", "fits"]

# All languages of two letters in IANA's registry of subtags (2024-05-16, https://www.iana.org/assignments/language-subtag-registry,
# carried by language-tags 1.3.2, PyPI), deprecated ones too: an old text keeps its tag. ISO 639 gives no more of them out.
_LANGUAGES: Final = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo "
    "es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik in io is it iu iw ja ji "
    "jv jw ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mo mr ms mt my na nb "
    "nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr "
    "ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
_NAMED: Final = (
    "en-GB-oed|sgn-BE-FR|sgn-BE-NL|sgn-CH-DE|i-(?:ami|bnn|default|enochian|hak|klingon|lux|mingo|navajo|pwn|tao|tay|tsu)"
)
_PRIVATE: Final = "[xX](?:-[A-Za-z0-9]{1,8})+"
# Extended language, script, region, variants, extensions, private use: RFC 5646, section 2.1.
_SUBTAGS: Final = (
    "(?:-[A-Za-z]{3}){0,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?(?:-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*"
    f"(?:-[A-WYZa-wyz0-9](?:-[A-Za-z0-9]{{2,8}})+)*(?:-{_PRIVATE})?"
)
# RFC 6838, section 4.2, with parameters of RFC 2045, section 5.1, whose values may be any text: examples of R4 have no quotes.
_WORD: Final = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_TYPE: Final = "[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
_VALUE: Final = r'[^\s;"]+(?:\s[^\s;"]+)*'
_QUOTED: Final = r'"(?:[^"\\\s]+(?:\s[^"\\\s]+)*)?"'
_MEDIA: Final = rf"{_TYPE}/{_TYPE}(?:\s?;\s?{_WORD}=(?:{_VALUE}|{_QUOTED}))*"


def _in_any_case(languages: str) -> str:
    """Write the languages as one expression: those of each first letter together."""
    seconds: dict[str, str] = {}
    for language in languages.split():
        seconds[language[0]] = seconds.get(language[0], "") + language[1] + language[1].upper()
    return "|".join(f"[{first}{first.upper()}][{told}]" for first, told in seconds.items())


LANGUAGE_TAG: Final = f"^(?:(?:{_in_any_case(_LANGUAGES)}|[A-Za-z]{{3}}){_SUBTAGS}|{_PRIVATE}|{_NAMED})$"
"""A language tag of BCP 47: a language of two letters that there is or any of three, and subtags of the right form."""

MEDIA_TYPE: Final = f"^{_MEDIA}$"
"""A media type of BCP 13 with its parameters."""

FORMAT: Final = f"^(?:xml|json|ttl|{_MEDIA})$"
"""A media type, or the short name of a format of FHIR: http://hl7.org/fhir/R4/http.html#mime-type."""


def _matcher(pattern: str) -> Callable[[str], bool]:
    found = re.compile(pattern)
    return lambda code: found.match(code) is not None and not code.endswith("\n")


FORMS: Final[Mapping[str, Callable[[str], bool]]] = {
    "http://unitsofmeasure.org": is_unit,
    "urn:ietf:bcp:13": _matcher(FORMAT),
    "urn:ietf:bcp:47": _matcher(LANGUAGE_TAG),
}
"""What tells whether a text is written as the codes of a system are."""


def fits(system: str, code: str) -> bool:
    """Tell whether a code is written as those of its system are; True where no form of the system is known.

    >>> [fits("urn:ietf:bcp:47", one) for one in ("es-MX", "zh-Hans", "en_US", "zz", "english")]
    [True, True, False, False, False]
    >>> [fits("urn:ietf:bcp:13", one) for one in ("text/plain; charset=utf-8", "no mime")]
    [True, False]
    """
    told = FORMS.get(system)
    return told is None or told(code)
