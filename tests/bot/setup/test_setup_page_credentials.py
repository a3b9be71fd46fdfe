"""The credentials are kept, handed to the operator's hook, or said to be lost."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.settings import SettingsError, with_kept_app
from tests.bot.waiting import until

if TYPE_CHECKING:
    from tests.bot.setup.conftest import Start
    from tests.github.server import StandIn


def test_credentials_that_cannot_be_kept_are_not_lost(start: Start, tmp_path: Path) -> None:
    running = start()
    browser = running.browser()
    browser.come_in()
    back = browser.at_github(browser.choose(name="Kept at last"))
    in_the_way = tmp_path / "data" / "app.json" / "something"
    in_the_way.mkdir(parents=True)
    page = browser.get(back)
    assert page.status == 500
    assert "app.json" in page.text
    assert "do not stop it" in page.text
    assert "do not stop it" in browser.get("/setup?anew=yes").text, "no other App takes their place"
    in_the_way.rmdir()
    in_the_way.parent.rmdir()
    assert browser.post("/setup/again", page.fields).status == 303
    assert with_kept_app(running.operator) == running.result()


def test_credentials_that_are_lost_at_the_end_are_said_to_be(
    start: Start, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    running = start()
    browser = running.browser()
    browser.come_in()
    back = browser.at_github(browser.choose(name="Lost at the end"))
    (tmp_path / "data" / "app.json" / "something").mkdir(parents=True)
    assert browser.get(back).status == 500
    running.close()
    assert running.settings is None
    said = capsys.readouterr().out
    assert "not kept and are lost" in said
    assert "PRIVATE KEY" not in said


def test_a_folder_that_cannot_be_written_is_said_before_github_is_asked(start: Start, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    browser = start(data_dir=tmp_path / "file" / "data").browser()
    browser.come_in()
    page = browser.choose()
    assert page.status == 503
    assert "data folder" in page.text


def hook(folder: Path, code: str) -> str:
    script = folder / "hook.py"
    script.write_text(f"import os, sys\nfolder = {str(folder)!r}\n{code}")
    return f"{sys.executable} '{script}'"


def test_a_hook_gets_the_credentials_instead_of_the_file(start: Start, tmp_path: Path) -> None:
    code = (
        "if not os.path.exists(folder + '/open'): sys.exit(3)\n"
        "open(folder + '/taken', 'w').write(sys.stdin.read())\n"
    )
    running = start(credentials_hook=hook(tmp_path, code))
    browser = running.browser()
    browser.come_in()
    page = browser.get(browser.at_github(browser.choose(name="Hooked")))
    assert page.status == 500
    assert "PATCHWRIGHT_CREDENTIALS_HOOK ended with 3" in page.text
    (tmp_path / "open").touch()
    assert browser.post("/setup/again", page.fields).status == 303
    settings = running.result()
    taken = json.loads((tmp_path / "taken").read_text())
    assert taken["app_id"] == settings.app_id
    assert taken["private_key"] == settings.private_key.get_secret_value()
    assert not (tmp_path / "data" / "app.json").exists()


def test_another_process_that_shares_the_folder_goes_on_too(start: Start) -> None:
    one, other = start(), start()
    browser = one.browser()
    browser.come_in()
    assert browser.get(browser.at_github(browser.choose(name="Shared"))).status == 303
    assert one.result() == other.result()


def test_an_app_of_another_github(start: Start, github: StandIn) -> None:
    running = start()
    browser = running.browser()
    browser.come_in()
    browser.get(browser.at_github(browser.choose(name="Of this one")))
    until(lambda: running.ended)
    elsewhere = running.operator.model_copy(update={"github_url": "https://github.com"})
    with pytest.raises(SettingsError) as caught:
        with_kept_app(elsewhere)
    (said,) = caught.value.mistakes
    assert said.startswith("PATCHWRIGHT_GITHUB_URL ")
    assert github.url in said
