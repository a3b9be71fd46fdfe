"""Check runs: what the App says of a commit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from bot.github.answers import number, text, text_or_empty, within
from bot.github.errors import Passing
from bot.github.model import CheckAnnotation, CheckInfo
from bot.github.operations import calls
from bot.github.pulls import Pulls

_AT_ONCE = 50
"""As many annotations as one request may carry."""


class Checks(Pulls):
    """The check runs of the repository's commits."""

    @calls("checks/list-for-ref")
    def check_runs(self, sha: str, name: str) -> list[CheckInfo]:
        """The App's check runs called ``name`` on a commit, all of them."""
        pages = self._requests.pages(
            self._at(f"/commits/{quote(sha)}/check-runs"), "check_runs", check_name=name, filter="all"
        )
        return [_read(each) for each in pages if text_or_empty(each, "app", "slug") in ("", self.app_slug)]

    @calls("checks/create")
    def create_check(
        self,
        sha: str,
        name: str,
        *,
        external_id: str,
        conclusion: str,
        title: str,
        summary: str,
        annotations: Sequence[CheckAnnotation] = (),
    ) -> CheckInfo:
        """A completed check run. More than 50 annotations go in several requests."""
        content = {
            "name": name,
            "head_sha": sha,
            "external_id": external_id,
            **_outcome(conclusion, title, summary, annotations[:_AT_ONCE]),
        }
        try:
            made = _read(self._requests.write("POST", self._at("/check-runs"), content))
        except Passing:
            same = [each for each in self.check_runs(sha, name) if each.external_id == external_id]
            if not same:
                raise
            made = same[0]
        rest = annotations[_AT_ONCE:]
        if rest:
            return self.update_check(
                made.id, conclusion=conclusion, title=title, summary=summary, annotations=rest
            )
        return made

    @calls("checks/update")
    def update_check(
        self,
        check: int,
        *,
        conclusion: str,
        title: str,
        summary: str,
        annotations: Sequence[CheckAnnotation] = (),
    ) -> CheckInfo:
        """Brings a check run up to date. GitHub adds the annotations to those that it has: give the missing ones."""
        made: CheckInfo | None = None
        rest = annotations
        while made is None or rest:
            content = _outcome(conclusion, title, summary, rest[:_AT_ONCE])
            made = _read(self._requests.write("PATCH", self._at(f"/check-runs/{check}"), content))
            rest = rest[_AT_ONCE:]
        return made


def _outcome(
    conclusion: str, title: str, summary: str, annotations: Sequence[CheckAnnotation]
) -> dict[str, Any]:
    output: dict[str, Any] = {"title": title, "summary": summary}
    if annotations:
        output["annotations"] = [
            {
                "path": each.path,
                "start_line": each.start_line,
                "end_line": each.end_line,
                "annotation_level": each.level,
                "message": each.message,
            }
            for each in annotations
        ]
    return {"status": "completed", "conclusion": conclusion, "output": output}


def _read(data: Any) -> CheckInfo:
    count = within(data, "output", "annotations_count")
    return CheckInfo(
        id=number(data, "id"),
        external_id=text_or_empty(data, "external_id"),
        status=text(data, "status"),
        conclusion=text_or_empty(data, "conclusion"),
        title=text_or_empty(data, "output", "title"),
        summary=text_or_empty(data, "output", "summary"),
        annotations=count if isinstance(count, int) else 0,
    )
