"""The page of one job, through HTTP: who sees it, and what it tells them."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import bot
from bot.pages.run import DRAWN, bars
from bot.pages.work import STEPS
from bot.store.history import FindingRow
from bot.store.jobs import Step
from bot.store.tables import JobState
from tests.bot.pages.detail import NOW

if TYPE_CHECKING:
    from tests.bot.pages.detail import Details


def step(name: str, after: float, seconds: float) -> dict[str, object]:
    return {"name": name, "at": (NOW + timedelta(seconds=after)).isoformat(), "seconds": seconds}


def test_a_run_tells_what_was_done_found_and_left_out(details: Details) -> None:
    repo = details.repository()
    url = f"{details.world.github.url}/{repo.full_name}"
    details.keep_delivery("d-1", repo)
    details.keep_job(
        "gh-d-1",
        repo,
        delivery="d-1",
        started_at=NOW + timedelta(seconds=3),
        finished_at=NOW + timedelta(seconds=12),
        steps=[step("snapshot", 3, 1), step("analyse", 4, 4)],
        log=json.dumps(
            {
                "timestamp": NOW.isoformat(),
                "level": "warning",
                "event": "<slow>",
                "seconds": 4,
                "job": "gh-d-1",
            }
        ).encode(),
        outcome={
            "kind": "done",
            "summary": "main: 1 finding",
            "actions": [f"opened #3 Fix <it> ({url}/pull/3)", "deleted branch patchwright/old"],
        },
    )
    found = FindingRow("f1", "atomic-redis", "shop/a b.py", 7, "safe", "`incr` <then> `expire`")
    details.keep_run("gh-d-1", repo, found, skipped=(("vendor/x.py", "generated"), ("y.py", "too <large>")))
    page = details.get("/runs/gh-d-1").text
    for told in (
        "Bring the default branch up to date",
        "a push",
        "waited 3.0 s",
        "worked 9.0 s",
        'href="/deliveries/d-1"',
        f'opened <a href="{url}/pull/3">#3</a> Fix &lt;it&gt;</li>',
        "deleted branch patchwright/old",
        f'<a href="{url}/blob/{"a" * 40}/shop/a%20b.py#L7"><code>shop/<wbr>a b.py:7</code></a>',
        "<code>incr</code> &lt;then&gt; <code>expire</code>",
        "too &lt;large&gt;",
        "vendor/x.py",
        "12:00:00.000",
        "&lt;slow&gt;",
        "seconds=</span>4",
    ):
        assert told in page, told
    assert 'action="/runs' not in page, "there is nothing to retry"


def test_only_operators_are_led_to_deliveries(details: Details) -> None:
    repo = details.repository()
    details.keep_delivery("d-1", repo)
    details.keep_job("gh-d-1", repo, delivery="d-1")
    page = details.get("/runs/gh-d-1", details.may_read(repo))
    assert page.status_code == 200
    assert "/deliveries" not in page.text


def test_a_run_is_seen_by_those_who_see_its_repository(details: Details) -> None:
    repo, other = details.repository(), details.repository()
    details.keep_job("gh-1", repo)
    details.keep_job("gh-none", None)
    stranger = details.may_write(other)
    assert details.get("/runs/gh-1", details.may_read(repo)).status_code == 200
    hidden = details.get("/runs/gh-1", stranger)
    missing = details.get("/runs/gh-2", stranger)
    assert (hidden.status_code, hidden.text) == (404, missing.text)
    assert details.get("/runs/gh-none", stranger).status_code == 404
    assert details.get("/runs/gh-none").status_code == 200
    asked_to_sign_in = details.get("/runs/gh-1", None)
    assert asked_to_sign_in.status_code == 303
    assert asked_to_sign_in.headers["location"].startswith("/sign-in?next=")


def test_what_cannot_be_an_id_is_not_looked_for(details: Details) -> None:
    for odd in ("%00", "a%00b", "%ff", "%0a", "x" * 200, "%F0%9F%98%80"):
        for prefix in ("/runs/", "/deliveries/"):
            assert details.get(f"{prefix}{odd}").status_code == 404, odd
        assert details.post(f"/runs/{odd}/retry").status_code == 404, odd
        assert details.post(f"/deliveries/{odd}/redeliver").status_code == 404, odd


def test_a_dead_job_says_why_and_offers_a_retry_to_those_who_may(details: Details) -> None:
    repo = details.repository()
    details.keep_job("gh-1", repo, state=JobState.DEAD, reason="GitHub said <no>", failed=5, run=6)
    page = details.get("/runs/gh-1", details.may_write(repo)).text
    assert "GitHub said &lt;no&gt;" in page
    assert 'action="/runs/gh-1/retry"' in page
    assert 'name="csrf" value="token-of-mary"' in page
    assert "/retry" not in details.get("/runs/gh-1", details.may_read(repo)).text


def test_a_superseded_job_leads_to_the_newer_one(details: Details) -> None:
    repo = details.repository()
    details.keep_job("gh-1", repo, state=JobState.SUPERSEDED, outcome={"kind": "superseded", "by": "gh-2"})
    assert '<a href="/runs/gh-2">A newer job</a>' in details.get("/runs/gh-1").text


@pytest.mark.parametrize(
    ("state", "also", "told"),
    [
        (JobState.WAITING, {"work": None}, "Decide what is to be done"),
        (JobState.RUNNING, {"started_at": NOW}, "Running"),
        (
            JobState.LATER,
            {"due_at": NOW, "reason": "the hourly budget is used up"},
            "the hourly budget is used up",
        ),
        (JobState.WAITING, {"work": {"kind": "of another version"}}, "Waiting"),
    ],
)
def test_a_job_that_is_under_way(
    details: Details, state: JobState, also: dict[str, object], told: str
) -> None:
    details.keep_job("gh-1", details.repository(), state=state, **also)
    page = details.get("/runs/gh-1")
    assert page.status_code == 200
    assert told in page.text


def test_steps_are_named_in_words() -> None:
    (known,) = bars([Step("look", NOW, 1)])
    assert known.name == "Look at the branch on GitHub"
    assert bars([Step("of-an-older-version", NOW, 1)])[0].name == "of-an-older-version"


def test_every_step_has_words() -> None:
    used = {
        name
        for file in Path(bot.__file__).parent.rglob("*.py")
        for name in re.findall(r'\bwith step\("([^"]+)"\)', file.read_text())
    }
    assert used >= {"look", "analyse", "publish"}
    assert used <= set(STEPS)


def test_steps_are_drawn_on_one_scale() -> None:
    steps = [
        Step("a", NOW, 1),
        Step("b", NOW + timedelta(seconds=1), 3),
        Step("c", NOW + timedelta(seconds=4), 0),
    ]
    first, second, third = bars(steps)
    assert (first.start, first.width) == (0, DRAWN // 4)
    assert (second.start, second.width) == (DRAWN // 4, 3 * DRAWN // 4)
    assert third.start + third.width <= DRAWN
    assert third.width > 0, "what took no time can be seen"
    assert bars([]) == []
    assert bars([Step("a", NOW, 0)])[0].start == 0
