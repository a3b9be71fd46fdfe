"""The stand-in by itself."""

from __future__ import annotations

import httpx

from tests.github.server import StandIn


def test_it_runs_without_pytest_and_leaves_nothing_behind():
    with StandIn(recording=False) as other:
        folder = other.folder
        other.create_repository("a/b", {"x": "1"})
        assert httpx.get(f"{other.api_url}/rate_limit").status_code == 200
        assert other.exchanges == []
    assert not folder.exists()
