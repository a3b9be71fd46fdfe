"""How much of GitHub's hourly budget is left, the least of all installations that this process asked for lately.

One series for each installation would grow with their number, for as long as a process lives, and tell whoever reads
the metrics who the customers are. What is acted on is the one that runs dry first.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from prometheus_client.core import GaugeMetricFamily

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

MOST = 10_000
"""So many installations are kept in mind, those that were asked for last."""


class RateLimits:
    """What answers said, by installation (None: the App itself), until GitHub fills the budget again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: OrderedDict[int | None, tuple[int, int, float]] = OrderedDict()

    def said(self, installation: int | None, headers: Mapping[str, str]) -> None:
        """Takes the headers of an answer, names in lower case; those of GraphQL are of a budget of its own."""
        values = [headers.get(f"x-ratelimit-{name}", "") for name in ("remaining", "limit", "reset")]
        if not all(each.isdecimal() for each in values) or headers.get("x-ratelimit-resource") == "graphql":
            return
        left, limit, reset = (int(each) for each in values)
        with self._lock:
            self._left[installation] = (left, limit, float(reset))
            self._left.move_to_end(installation)
            while len(self._left) > MOST:
                self._left.popitem(last=False)

    def collect(self) -> Iterator[Metric]:
        """Nothing where nobody was asked in the last hour."""
        now = time.time()
        with self._lock:
            current = [(left, limit) for left, limit, reset in self._left.values() if reset > now]
        if current:
            yield GaugeMetricFamily(
                "patchwright_github_rate_limit_left",
                "Requests left this hour, of the installation that has the fewest",
                value=min(left for left, _ in current),
            )
            yield GaugeMetricFamily(
                "patchwright_github_rate_limit_left_ratio",
                "The part of the hour's requests that is left, of the installation that has the least: 1 is all",
                value=min(left / limit if limit else 0.0 for left, limit in current),
            )


LIMITS = RateLimits()
