"""The page of a pull request, through HTTP: asked live from the stand-in for GitHub."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.pages import pull_request
from bot.store import history, pulls

if TYPE_CHECKING:
    import pytest

    from tests.bot.pages.detail import Details


def test_an_open_pull_request_is_explained_with_its_diff(details: Details) -> None:
    repo = details.repository()
    pull = details.update(repo)
    details.update_nothing(repo)
    page = details.get(f"/repositories/{repo.id}/pulls/{pull.number}", details.may_read(repo)).text
    for told in (
        "Open</span>",
        "atomic-redis",
        f'href="{details.world.github.url}/{repo.full_name}/pull/{pull.number}"',
        "<h3>Why it matters</h3>",
        '<tr class="added">',
        '<td class="sign">-</td>',
        '<span class="k">with</span>',
        "shop/<wbr>limits.py:7",
    ):
        assert told in page, told
    assert pull.title in page
    assert "patchwright:pull" not in page, "what the App notes for itself"
    assert "/undo" not in page


def test_what_people_write_there_stays_text(details: Details) -> None:
    repo = details.repository()
    pull = details.update(repo)
    marker = pull.body[pull.body.rindex("<!--") :]
    pull.title = "<script>alert(1)</script> \u202e"
    pull.body = f"<script>alert(2)</script>[x](javascript:alert(3)) <img src=x onerror=alert(4)>\n\n{marker}"
    page = details.get(f"/repositories/{repo.id}/pulls/{pull.number}").text
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "javascript:" not in page.replace("[x](javascript:alert(3))", "")
    assert "<img" not in page
    assert "\u202e" not in page


def test_who_may_not_write_cannot_take_a_no_back(details: Details) -> None:
    repo = details.repository()
    pull = details.update(repo)
    pull.close("a-person")
    address = f"/repositories/{repo.id}/pulls/{pull.number}"
    assert "/undo" not in details.get(address, details.may_read(repo)).text
    assert "/undo" in details.get(address, details.may_write(repo)).text
    details.post(f"/repositories/{repo.id}/pause")
    assert "/undo" not in details.get(address, details.may_write(repo)).text


def test_a_merged_pull_request_says_so(details: Details) -> None:
    repo = details.repository()
    pull = details.update(repo)
    pull.merge("a-person")
    assert "Merged</span>" in details.get(f"/repositories/{repo.id}/pulls/{pull.number}").text


def test_only_pull_requests_of_the_app_and_of_repositories_one_sees_have_a_page(details: Details) -> None:
    repo, other = details.repository(), details.repository()
    pull = details.update(repo)
    repo.push("topic", {"shop/other.py": b"x = 1\n"})
    persons = repo.open_pull("topic")
    asked = len(details.world.github.exchanges)
    stranger = details.may_write(other)
    assert details.get(f"/repositories/{repo.id}/pulls/{pull.number}", stranger).status_code == 404
    assert len(details.world.github.exchanges) == asked, "GitHub is not asked for strangers"
    for number in (persons.number, 999, 0, 10**12):
        assert details.get(f"/repositories/{repo.id}/pulls/{number}").status_code == 404, number
    assert details.get("/repositories/99999/pulls/1").status_code == 404
    assert details.get(f"/repositories/{repo.id}/pulls/x").status_code == 404


def test_without_github_what_is_kept_is_shown(details: Details) -> None:
    repo = details.repository()
    pull = details.update(repo)
    details.update_nothing(repo)
    address = f"/repositories/{repo.id}/pulls/{pull.number}"
    details.world.github.faults.status("GET", "/repos/*/pulls/*", 502, "Bad gateway", times=None)
    page = details.get(address)
    assert page.status_code == 200
    assert "GitHub does not answer" in page.text
    assert pull.title in page.text
    assert "shop/<wbr>limits.py" in page.text


def test_not_all_threads_wait_for_github(details: Details, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = details.repository()
    pull = details.update(repo)
    details.update_nothing(repo)
    monkeypatch.setattr(pull_request, "_PATIENCE", 0.01)
    for _ in range(pull_request.AT_ONCE):
        assert pull_request._asking.acquire(blocking=False)
    try:
        page = details.get(f"/repositories/{repo.id}/pulls/{pull.number}")
    finally:
        for _ in range(pull_request.AT_ONCE):
            pull_request._asking.release()
    assert "too many pages wait for GitHub just now" in page.text


def test_a_pull_request_that_is_gone_is_remembered(details: Details) -> None:
    repo = details.repository()
    row = history.PullRow(repo.id, 77, "atomic-redis", "", "main", "closed", "Was <here>", "", ("f1",))
    with details.database.write() as connection:
        history.record_pull(connection, row)
    page = details.get(f"/repositories/{repo.id}/pulls/77").text
    assert "Was &lt;here&gt;" in page
    assert "GitHub does not show this pull request" in page
    with details.database.write() as connection:
        pulls.note_offered_again(connection, repo.id, 77)
        pulls.note_offered_again(connection, repo.id, 78)
    with details.database.read() as connection:
        kept = pulls.read(connection, repo.id, 77)
    assert kept is not None
    assert kept.state == "settled"
