"""The stand-in itself under test."""

from __future__ import annotations

from tests.github.fixtures import github

__all__ = ["github"]
