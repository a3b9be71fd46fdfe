"""A dependency that never closes its session; the page beside this folder explains the rule."""

from codemods.session_leak.rule import RULE

__all__ = ["RULE"]
