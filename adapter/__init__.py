"""The FHIR interoperability adapter for implantable drug-pump refills.

    adapter.validate(document)        what is wrong with a resource, against R4 and profiles
    adapter.code(document, site)      what is billed for each refill, and why
    adapter.claim(document, site)     the claim Bundle of each coded refill beside it
    adapter.restore(document)         the clinical Bundle behind a claim

These are loaded when they are first asked for; adapter/embedding.py says what they take and give.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adapter.embedding import (
        CodingAnswer as CodingAnswer,
        Document as Document,
        Issue as Issue,
        IssueType as IssueType,
        Outcome as Outcome,
        Severity as Severity,
        claim as claim,
        code as code,
        restore as restore,
        validate as validate,
    )

__all__ = [
    "CodingAnswer", "Document", "Issue", "IssueType", "Outcome", "Severity",
    "__version__", "claim", "code", "restore", "validate",
]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'adapter' has no attribute {name!r}")
    from adapter import embedding  # noqa: PLC0415 -- what the commands and the version do not need is not loaded for them

    value = globals()[name] = getattr(embedding, name)
    return value
