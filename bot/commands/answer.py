"""What a command's one answer says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot import templates
from bot.plan.marker import comment_marker


class Ending(StrEnum):
    """How a command ended. TOLD: it only asked for something to be said."""

    DONE = "done"
    NOTHING = "nothing"
    FAILED = "failed"
    TOLD = "told"


@dataclass(frozen=True, slots=True)
class Answer:
    """``text`` is Markdown, ready to be read."""

    ending: Ending
    text: str

    def body(self, command: str, key: str) -> str:
        """The comment, with the hidden marker of ``key``; ``command`` is what it answers, empty where that is plain."""
        return templates.render(
            "commands/answer.md.j2",
            command=command,
            ending=self.ending.value,
            text=self.text,
            marker=comment_marker(key),
        )

    def summary(self) -> str:
        """For the log."""
        return f"{self.ending}: {' '.join(self.text.split())[:200]}"


def done(template: str, case: str, **values: object) -> Answer:
    """It was done; ``case`` of the template says what, with links."""
    return Answer(Ending.DONE, _text(template, case, values))


def nothing(template: str, case: str, **values: object) -> Answer:
    """There was nothing to do, and why."""
    return Answer(Ending.NOTHING, _text(template, case, values))


def failed(template: str, case: str, **values: object) -> Answer:
    """It was not done, and why."""
    return Answer(Ending.FAILED, _text(template, case, values))


def told(template: str, case: str = "", **values: object) -> Answer:
    """What was asked for."""
    return Answer(Ending.TOLD, _text(template, case, values))


def _text(template: str, case: str, values: dict[str, object]) -> str:
    text = templates.render(f"commands/{template}.md.j2", case=case, **values).strip()
    assert text, f"{template} says nothing for {case}"
    return text
