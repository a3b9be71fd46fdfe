"""Credentials for every origin; the page beside this folder explains the rule."""

from codemods.cors_wildcard.rule import RULE

__all__ = ["RULE"]
