"""A server error's answer that tells what went wrong inside; the page beside this folder explains the rule."""

from codemods.error_detail.rule import RULE

__all__ = ["RULE"]
