"""What Prometheus is told: requests, searches, the index and its model."""

from __future__ import annotations

import os
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from byline.archive import Archive
from byline.errors import BylineError
from byline.search import Answer

#: Where several processes serve, each leaves its counts in files here.
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """One set of counts for one application."""

    def __init__(self, archive: Archive) -> None:
        own = CollectorRegistry()
        self._requests = Counter(
            "byline_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=own,
        )
        self._request_seconds = Histogram(
            "byline_request_seconds",
            "From a request's arrival to the end of its answer.",
            ("route",),
            buckets=_SECONDS,
            registry=own,
        )
        self._search_seconds = Histogram(
            "byline_search_seconds",
            "One search, its query's encoding included.",
            ("mode",),
            buckets=_SECONDS,
            registry=own,
        )
        if FOLDER in os.environ:
            self._registry = CollectorRegistry()
            MultiProcessCollector(self._registry)  # type: ignore[no-untyped-call]
        else:
            self._registry = own
        self._registry.register(_Index(archive))

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def searched(self, answer: Answer) -> None:
        self._search_seconds.labels(answer.mode.value).observe(answer.took)

    def text(self) -> bytes:
        """In Prometheus' own format."""
        return generate_latest(self._registry)


class _Index(Collector):
    """The archive as it is when it is asked."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        up = GaugeMetricFamily("byline_archive_up", "1 where the archive can be read.")
        try:
            with self._archive.engine.reader() as reader:
                stats, manifest, version = reader.stats(), reader.manifest, reader.version
        except BylineError:
            up.add_metric((), 0)
            yield up
            return
        up.add_metric((), 1)
        yield up
        for name, what, value in (
            ("articles", "Articles in the archive.", stats.articles),
            ("passages", "Passages in the archive.", stats.passages),
            ("archive_version", "Grows with each commit.", version),
        ):
            yield GaugeMetricFamily(f"byline_{name}", what, value=value)
        sizes = GaugeMetricFamily("byline_bytes", "Room the archive takes.", labels=("part",))
        for part, size in stats.bytes.items():
            sizes.add_metric((part,), size)
        yield sizes
        model = manifest.model
        facts = {
            "name": model.name if model else "",
            "weights": model.weights if model else "",
            "dimension": str(model.dimension) if model else "",
            "chunker": model.chunker if model else "",
        }
        yield InfoMetricFamily("byline_model", "The model that made the vectors.", value=facts)
