"""Pooled connections that nobody tests; the page beside this folder explains the rule."""

from codemods.pool_pre_ping.rule import RULE

__all__ = ["RULE"]
