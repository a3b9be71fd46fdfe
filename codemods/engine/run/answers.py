"""Whether what was found out earlier still holds: every answer that it rests on is asked for again, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.engine.project import UNANSWERED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codemods.engine.project import Project

Question = tuple[str, str]
Trace = tuple[tuple[Question, str], ...]
"""The questions that a result rests on, with their answers."""


class Answers:
    """Today's answers to questions of earlier runs, each asked once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[Question, str] = {}

    def hold(self, trace: Iterable[tuple[Question, str]]) -> bool:
        """Whether every answer is still the same."""
        return all(self.same(question, answer) for question, answer in trace)

    def same(self, question: Question, answer: str) -> bool:
        """Whether one answer is still the same."""
        return self._today(question) == answer != UNANSWERED

    def _today(self, question: Question) -> str:
        known = self._known.get(question)
        if known is None:
            known = self._known[question] = self._project.answer(*question)
        return known
