"""Counts for Prometheus: requests by route and status, how long they took, intake, issues by rule, and what is so now."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

import adapter
from adapter.http.limits import Places
from adapter.issues import Issue

__all__ = ["Gauge", "Metrics"]

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_BUILD = {"version": adapter.__version__, "python": platform.python_version(), "fhir_version": "4.0.1"}


@dataclass(frozen=True, slots=True)
class Gauge:
    """One thing that is so now: its name, what it says, its labels and the value of each of their values."""

    name: str
    says: str
    labels: tuple[str, ...] = ()
    values: Iterable[tuple[tuple[str, ...], float]] = ()


class _Looked(Collector):
    """Gauges that are looked at when they are asked for, and cost nothing until then."""

    def __init__(self, look: Callable[[], Iterable[Gauge]]) -> None:
        self._look = look

    def collect(self) -> Iterator[Metric]:
        for gauge in self._look():
            family = GaugeMetricFamily(gauge.name, gauge.says, labels=gauge.labels)
            for labels, value in gauge.values:
                family.add_metric(labels, value)
            yield family

    def describe(self) -> Iterable[Metric]:
        return ()


class Metrics:
    """The counters of one application, in a registry of their own. No label holds anything of a request but its route."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "refill_requests", "Requests answered", ["route", "method", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "refill_request_seconds", "Time to answer", ["route"], registry=self._registry, buckets=_SECONDS
        )
        self._issues = Counter("refill_issues", "Issues told", ["severity", "code", "rule"], registry=self._registry)
        self._intake = Counter(
            "refill_intake_documents", "Documents taken in", ["operation", "result"], registry=self._registry
        )
        self._bytes = Counter("refill_intake_bytes", "Bytes of documents", ["operation"], registry=self._registry)
        self._turned_away = Counter(
            "refill_turned_away", "Requests that found no room, or had no allowance left", ["status"], registry=self._registry
        )
        self.watch(lambda: [Gauge("refill_build_info", "What runs", tuple(_BUILD), [(tuple(_BUILD.values()), 1.0)])])

    def watch(self, look: Callable[[], Iterable[Gauge]]) -> None:
        """Ask for further gauges whenever the counts are asked for."""
        self._registry.register(_Looked(look))

    def watch_places(self, places: Places) -> None:
        """Watch how many documents are worked on and how many wait for that."""
        self.watch(lambda: [
            Gauge("refill_places_working", "Documents that are worked on", (), [((), places.working)]),
            Gauge("refill_places_waiting", "Documents that wait for a place", (), [((), places.waiting)]),
        ])

    def count_request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answered request; `route` is the rule of the route, never the address that was sent."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def count_intake(self, operation: str, status: int, size: int) -> None:
        """Count one document that was worked on: taken, refused for what it is, or failed."""
        result = "taken" if status < 400 else "refused" if status < 500 else "failed"
        self._intake.labels(operation, result).inc()
        self._bytes.labels(operation).inc(size)

    def count_turned_away(self, status: int) -> None:
        """Count a request that was not looked at: 429 or 503."""
        self._turned_away.labels(str(status)).inc()

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
