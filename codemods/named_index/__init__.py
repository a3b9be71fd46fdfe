"""Indexes named in one place and made without a name in another; the page beside this folder explains the rule."""

from codemods.named_index.rule import RULE

__all__ = ["RULE"]
