"""A raw string where SQLAlchemy 2.0 takes ``text()``; the page beside this folder explains the rule."""

from codemods.sqlalchemy_text.rule import RULE

__all__ = ["RULE"]
