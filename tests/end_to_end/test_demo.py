"""``make demo``: what a newcomer sees."""

from __future__ import annotations

import pytest

from tests.demo.run import DemoFailed, run


def test_the_demo_pushes_and_shows_the_pull_requests_that_come_of_it(tmp_path, capsys):
    index = run(None, keep=False, output=tmp_path / "out")
    said = capsys.readouterr().out
    assert "webhook push, signed: answered 202" in said
    assert "pull request #1: Fix two Redis commands where one atomic step is meant (2 places)" in said
    assert "done: 3 pull requests" in said
    page = index.read_text()
    for name in ("01-atomic-redis", "02-secretstr", "03-lazy-client"):
        assert f'href="{name}.html"' in page
        assert "Why it matters" in (index.parent / f"{name}.html").read_text()
        assert (index.parent / f"{name}.diff").read_text().startswith("diff --git a/helpdesk/")


def test_what_is_no_checkout_is_refused_with_a_sentence(tmp_path):
    with pytest.raises(DemoFailed, match="is not a git checkout"):
        run(tmp_path, keep=False, output=tmp_path / "out")
