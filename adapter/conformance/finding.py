"""A finding: what a rule of a profile found in an instance, before it is an issue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias

from adapter.conformance.instance import Instance
from adapter.issues import Issue, IssueType, Severity

__all__ = ["Check", "Finding"]


class Finding(NamedTuple):
    """One thing that is wrong: the rule, the FHIR issue type, the predicate of the sentence.

    `link` leads to the node, `element` is the subject that the sentence speaks of.
    """

    rule: str
    code: IssueType
    text: str
    link: Any
    element: str
    severity: Severity = Severity.ERROR


Check: TypeAlias = Callable[[Instance, Any], Iterator[Finding | Issue]]
"""Looks at one instance in a scene."""
