"""Check runs: what the App says of a commit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from bot.github.answers import moment, number, text, text_or_empty, within
from bot.github.errors import Passing
from bot.github.model import CheckAction, CheckAnnotation, CheckInfo
from bot.github.operations import calls
from bot.github.pulls import Pulls

_AT_ONCE = 50
"""As many annotations as one request may carry."""


class Checks(Pulls):
    """The check runs of the repository's commits."""

    @calls("checks/list-for-ref")
    def check_runs(self, sha: str, name: str | None = None) -> list[CheckInfo]:
        """The App's check runs called ``name`` on a commit, all of them; None for those of any name."""
        wanted = {} if name is None else {"check_name": name}
        path = self._at(f"/commits/{quote(sha)}/check-runs")
        pages = self._requests.pages(path, "check_runs", filter="all", **wanted)
        return [_read(each) for each in pages if text_or_empty(each, "app", "slug") in ("", self.app_slug)]

    @calls("checks/list-annotations")
    def annotations(self, check: int) -> list[CheckAnnotation]:
        """What a check run points at, in the order in which it was given."""
        pages = self._requests.pages(self._at(f"/check-runs/{check}/annotations"))
        return [
            CheckAnnotation(
                path=text(each, "path"),
                start_line=number(each, "start_line"),
                end_line=number(each, "end_line"),
                level=text_or_empty(each, "annotation_level"),
                message=text_or_empty(each, "message"),
            )
            for each in pages
        ]

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
        actions: Sequence[CheckAction] = (),
    ) -> CheckInfo:
        """A completed check run. More than 50 annotations go in several requests. ``actions``: at most three buttons."""
        content = {
            "name": name,
            "head_sha": sha,
            "external_id": external_id,
            **_outcome(conclusion, title, summary, annotations[:_AT_ONCE], actions or None),
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
                made.id,
                conclusion=conclusion,
                title=title,
                summary=summary,
                annotations=rest,
                actions=actions,
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
        actions: Sequence[CheckAction] | None = None,
    ) -> CheckInfo:
        """Brings a check run up to date. GitHub adds the annotations to those that it has: give the missing ones.

        ``actions`` are the buttons that it has from now on; None leaves them as they are.
        """
        made: CheckInfo | None = None
        rest = annotations
        while made is None or rest:
            content = _outcome(conclusion, title, summary, rest[:_AT_ONCE], actions)
            made = _read(self._requests.write("PATCH", self._at(f"/check-runs/{check}"), content))
            rest = rest[_AT_ONCE:]
        return made


def _outcome(
    conclusion: str,
    title: str,
    summary: str,
    annotations: Sequence[CheckAnnotation],
    actions: Sequence[CheckAction] | None,
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
    outcome: dict[str, Any] = {"status": "completed", "conclusion": conclusion, "output": output}
    if actions is not None:
        outcome["actions"] = [
            {"label": each.label, "description": each.description, "identifier": each.identifier}
            for each in actions
        ]
    return outcome


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
        name=text_or_empty(data, "name"),
        head_sha=text_or_empty(data, "head_sha"),
        started_at=moment(data, "started_at") if text_or_empty(data, "started_at") else None,
    )
