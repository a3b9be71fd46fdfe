"""Databases for the programs that the rules' tests run."""

from __future__ import annotations

from tests.postgres import database_url, postgres, postgres_url  # noqa: F401
