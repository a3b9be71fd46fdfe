"""The dashboard and the alert rules name what there is, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.parser import text_string_to_metric_families as read_text

from bot.watching import metrics
from bot.watching.exposition import Exposition
from bot.watching.gauges import DatabaseGauges
from bot.watching.rate_limit import LIMITS

if TYPE_CHECKING:
    from bot.store.database import Database

DOCS = Path(__file__).parents[3] / "docs"
_NAME = re.compile(r"\b(?:patchwright|process)_[a-z_]+\b")
_LABELS = re.compile(r"(patchwright_[a-z_]+)\{([^}]*)\}")


def _dashboard() -> Iterator[str]:
    for panel in json.loads((DOCS / "grafana-dashboard.json").read_text())["panels"]:
        for target in panel.get("targets", []):
            yield target["expr"]


def _alerts() -> list[dict[str, object]]:
    read = yaml.safe_load((DOCS / "alert-rules.yml").read_text())
    return [rule for group in read["groups"] for rule in group["rules"]]


@pytest.fixture
def shown(database: Database) -> set[str]:
    """The names of everything that ``/metrics`` can show."""
    LIMITS.said(
        None, {"x-ratelimit-remaining": "1", "x-ratelimit-limit": "2", "x-ratelimit-reset": "9999999999"}
    )
    text = Exposition(DatabaseGauges(database)).text("")[0].decode()
    LIMITS._left.clear()
    names = set()
    for family in read_text(text):
        names.add(family.name)
        if family.type == "counter":
            names.add(f"{family.name}_total")
        if family.type == "histogram":
            names |= {f"{family.name}_{end}" for end in ("bucket", "count", "sum")}
    return names


def test_every_metric_that_the_dashboard_and_the_alerts_name_is_there(shown: set[str]) -> None:
    expressions = [*_dashboard(), *(str(each["expr"]) for each in _alerts())]
    assert len(expressions) > 40
    for each in expressions:
        named = set(_NAME.findall(each))
        assert named, each
        assert named <= shown, each


def test_every_metric_of_ours_is_on_the_operators_page(shown: set[str]) -> None:
    page = set(_NAME.findall((DOCS / "operators.md").read_text()))
    ours = {name for name in shown if name.startswith("patchwright_")}
    told = {re.sub(r"_(bucket|count|sum|created)$", "", name) for name in ours}
    assert {name for name in told if not page & {name, f"{name}_total"}} == set()


def test_every_label_that_they_name_is_one_of_the_metric(shown: set[str]) -> None:
    known = {
        getattr(each, "_name", ""): set(getattr(each, "_labelnames", ()))
        for each in vars(metrics).values()
        if isinstance(each, MetricWrapperBase)
    }
    assert len(known) > 10
    for expression in [*_dashboard(), *(str(each["expr"]) for each in _alerts())]:
        for name, inside in _LABELS.findall(expression):
            short = re.sub(r"_(total|bucket|count|sum)$", "", name)
            labels = set(re.findall(r"([a-z]+)\s*[=!]", inside)) - {"job"}
            if short in known:
                assert labels <= known[short], expression


def test_every_alert_says_what_is_the_matter() -> None:
    alerts = _alerts()
    assert len({each["alert"] for each in alerts}) == len(alerts)
    for each in alerts:
        assert set(each) <= {"alert", "expr", "for", "labels", "annotations"}
        assert each["labels"]["severity"] in {"info", "warning", "critical"}  # type: ignore[index]
        assert set(each["annotations"]) == {"summary", "description"}  # type: ignore[call-overload]


def test_the_dashboard_has_what_grafana_needs() -> None:
    read = json.loads((DOCS / "grafana-dashboard.json").read_text())
    assert read["uid"] == "patchwright"
    ids = [panel["id"] for panel in read["panels"]]
    assert len(set(ids)) == len(ids)
    taken = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in read["panels"]]
    assert len(set(taken)) == len(taken), "no panel lies on another"
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in read["panels"])
