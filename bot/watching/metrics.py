"""What this process counts, for Prometheus. What the database knows is read when it is asked for (`gauges`).

No label holds the name of a repository, a path, a branch or a login: their number has no bound, and a metrics server
is often open to more people than the code is. Installations are left out for the first reason, too.
"""

from __future__ import annotations

import platform
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)

from bot.version import own_version

REGISTRY: Final = CollectorRegistry(auto_describe=True)
"""The service's own: what libraries put into the default one does not get out."""

ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

EVENTS = frozenset(
    {
        "check_run", "check_suite", "create", "delete", "installation", "installation_repositories", "issue_comment",
        "issues", "member", "merge_group", "meta", "ping", "public", "pull_request", "pull_request_review",
        "pull_request_review_comment", "push", "repository",
    }
)  # fmt: skip
"""Events that are told apart; all others count as ``other``."""

BUILD = Gauge(
    "patchwright_build_info", "1, for the version that runs", ["version", "python"], registry=REGISTRY
)
BUILD.labels(own_version(), platform.python_version()).set(1)

DELIVERIES = Counter(
    "patchwright_deliveries",
    "Webhook requests; result: accepted, known, ignored, pong, the status of a refusal, or unavailable",
    ["event", "result"],
    registry=REGISTRY,
)
WEBHOOK_SECONDS = Histogram(
    "patchwright_webhook_seconds",
    "From a webhook request's head to its answer, reading the body included; result: taken, refused, unavailable",
    ["result"],
    buckets=(0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
RUNS = Counter(
    "patchwright_job_runs",
    "Ended runs of jobs; outcome: done, superseded, later, retry, dead",
    ["kind", "outcome"],
    registry=REGISTRY,
)
JOB_SECONDS = Histogram(
    "patchwright_job_seconds",
    "How long one run of a job took",
    ["kind"],
    buckets=(0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800),
    registry=REGISTRY,
)
STEP_SECONDS = Histogram(
    "patchwright_job_step_seconds",
    "How long one step of a job took",
    ["kind", "step"],
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300),
    registry=REGISTRY,
)
ANALYSES = Counter(
    "patchwright_analyses",
    "Analyses; result: done, failed, too_long, too_large, crashed. The last three cost a process, which is replaced",
    ["result"],
    registry=REGISTRY,
)
POOL_RESTARTS = Counter(
    "patchwright_analysis_pool_restarts",
    "How often all analysis processes were begun anew, because one died between two analyses",
    registry=REGISTRY,
)
GITHUB_REQUESTS = Counter(
    "patchwright_github_requests",
    "Requests to GitHub; kind: read, write, graphql; status: the answer's, or failed where there was none",
    ["kind", "status"],
    registry=REGISTRY,
)
GITHUB_SECONDS = Histogram(
    "patchwright_github_request_seconds",
    "How long GitHub took to answer, retried reads included",
    ["kind"],
    buckets=(0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30),
    registry=REGISTRY,
)
GITHUB_LIMITED = Counter(
    "patchwright_github_rate_limited",
    "How often GitHub said to come back later",
    registry=REGISTRY,
)
SWEEPS = Counter(
    "patchwright_sweeps",
    "Looks for failed deliveries at GitHub; result: done, failed",
    ["result"],
    registry=REGISTRY,
)
SWEPT = Counter(
    "patchwright_redeliveries",
    "Failed deliveries that GitHub was asked to repeat; result: asked, refused",
    ["result"],
    registry=REGISTRY,
)
UNDELIVERED = Gauge(
    "patchwright_undelivered",
    "Deliveries that GitHub could not deliver and that are not known here, as of the last look from this process",
    registry=REGISTRY,
)
SWEPT_AT = Gauge(
    "patchwright_last_sweep_timestamp_seconds",
    "When this process last looked for failed deliveries at GitHub; 0 before the first time",
    registry=REGISTRY,
)
FORGOTTEN = Counter(
    "patchwright_retention_deleted",
    "What was deleted because it was old; what: deliveries, jobs, runs, pull_requests, repositories, files, sessions",
    ["what"],
    registry=REGISTRY,
)

GITHUB_LIMITED.inc(0)
POOL_RESTARTS.inc(0)
for _result in ("done", "failed", "too_long", "too_large", "crashed"):
    ANALYSES.labels(_result).inc(0)
for _result in ("asked", "refused"):
    SWEPT.labels(_result).inc(0)
for _result in ("done", "failed"):
    SWEEPS.labels(_result).inc(0)


def delivery(event: str, result: str) -> None:
    """Counts one webhook request; ``event`` is empty where it is not known who sent it."""
    DELIVERIES.labels(event if event in EVENTS or not event else "other", result).inc()
