"""Counts for Prometheus: requests by route and status, how long they took, issues by rule."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from adapter.issues import Issue

__all__ = ["Metrics"]


class Metrics:
    """The counters of one application, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "refill_requests", "Requests answered", ["route", "method", "status"], registry=self._registry
        )
        self._seconds = Histogram("refill_request_seconds", "Time to answer", ["route"], registry=self._registry)
        self._issues = Counter("refill_issues", "Issues told", ["severity", "code", "rule"], registry=self._registry)

    def count_request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answered request; `route` is the rule of the route, never the address that was sent."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def count_refusal(self, status: int, issue: Issue) -> None:
        """Count a request that was refused before its route and method were known."""
        self._requests.labels("none", "none", str(status)).inc()
        self.count_issues([issue])

    def count_issues(self, issues: Iterable[Issue]) -> None:
        """Count the issues of one answer."""
        for issue in issues:
            self._issues.labels(str(issue.severity), str(issue.code), issue.rule).inc()

    def text(self) -> bytes:
        """Give the counts as Prometheus reads them."""
        return generate_latest(self._registry)
