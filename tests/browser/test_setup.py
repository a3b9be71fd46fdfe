"""From nothing to the first pull request, in a browser: what a newcomer does."""

from __future__ import annotations

import re
import stat
import time

import pytest

from tests.browser.visitor import Visitor
from tests.end_to_end.world import RACE, open_pulls
from tests.github.fixtures import breaks, note
from tests.github.server import StandIn
from tests.service import Service

PERSON = "nora"


@pytest.fixture
def github():
    with StandIn() as stand_in:
        stand_in.sign_ins.asks = True
        yield stand_in
    for each in list(stand_in.exchanges):
        note(each)
    assert not breaks(stand_in)


@pytest.fixture
def service(github, tmp_path):
    it = Service(github, tmp_path / "data", credentials=False).start(wait=False)
    yield it
    if it.alive:
        it.stop()


@pytest.fixture
def nora(browser, github, service):
    """Somebody signed in at GitHub, before a service that has no App."""
    visitor = Visitor(browser, f"http://localhost:{service.port}", github.url, login=PERSON)
    yield visitor
    visitor.close()


def token_of(service):
    """The setup token, read from the log as an operator would."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        for line in list(service.lines):
            if line.get("setup_token"):
                return line["setup_token"]
        time.sleep(0.05)
    raise AssertionError(f"the log names no token: {service.lines}")


def give_token(visitor, service):
    visitor.page.get_by_label("Token", exact=True).fill(token_of(service))
    visitor.submit("Continue")


def decide(visitor, **fields):
    for label, value in fields.items():
        visitor.page.get_by_label(label.replace("_", " ")).fill(value)
    visitor.submit("Continue")


def test_a_newcomer_sets_it_up_and_gets_a_pull_request(github, service, nora, tmp_path):
    repo = github.create_repository(f"{PERSON}/shop", {"shop/__init__.py": b"", "shop/race.py": RACE})
    token_of(service)
    nora.go("/")
    assert nora.path.startswith("/setup")
    nora.check_headings()
    nora.check_accessible()
    give_token(nora, service)
    nora.check_headings()
    nora.check_accessible()
    nora.page.get_by_label("Public address").fill(nora.url)
    nora.shoot("setup")
    nora.page.get_by_label("Public address").fill(nora.url)
    decide(nora, Name="Nora's Patchwright")
    nora.check_headings()
    nora.check_accessible()
    for permission in ("Contents", "Pull requests", "Checks", "Issues", "Metadata"):
        assert nora.page.get_by_role("rowheader", name=re.compile(permission)).count() >= 1, permission
    nora.submit("Create the App on GitHub")
    assert nora.page.url.startswith(github.url)
    nora.submit(f"Create GitHub App for {PERSON}")
    assert nora.path == "/setup/done"
    nora.check_headings()
    nora.check_accessible()
    (app,) = github.apps.values()
    kept = tmp_path / "data" / "app.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    nora.follow("Install Nora's Patchwright")
    nora.submit("Install")
    assert nora.path == "/setup/done"
    assert "installed" in nora.text
    nora.check_accessible()
    service.wait_until_quiet()
    (pull,) = open_pulls(repo).values()
    assert pull.user.login == f"{app.slug}[bot]"
    nora.go(f"/repositories/{repo.id}")
    nora.follow("Sign in with GitHub")
    nora.submit("Authorize Nora's Patchwright")
    assert nora.path == f"/repositories/{repo.id}"
    nora.follow(pull.title)
    assert pull.title in nora.text
    assert nora.page.get_by_role("link", name="Deliveries").count() == 1, "who owns the App is the operator"
    text = "\n".join(map(str, service.lines))
    for secret in (app.client_secret, app.webhook_secret, "PRIVATE KEY"):
        assert secret not in text


def test_an_organisations_app_and_mistakes_on_the_way(github, service, nora):
    github.organization("acme")
    token_of(service)
    nora.expect(400, 401, 403, 422)
    nora.go("/setup")
    nora.page.get_by_label("Token", exact=True).fill("not the token at all")
    nora.submit("Continue")
    assert nora.page.get_by_role("alert").is_visible()
    nora.check_accessible()
    give_token(nora, service)
    nora.page.get_by_label("Public address").fill("http://localhost:1/with/a/path")
    decide(nora, Name="Acme Patchwright")
    assert nora.page.get_by_role("alert").is_visible()
    assert nora.page.locator('[aria-invalid="true"]').count() == 1
    nora.check_accessible()
    nora.page.get_by_label("Public address").fill(nora.url)
    nora.page.get_by_label(re.compile("An organisation's, which")).check()
    nora.page.get_by_label(re.compile("The organisation's login")).fill("acme")
    nora.submit("Continue")
    nora.submit("Create the App on GitHub")
    nora.submit("Create GitHub App for acme")
    assert nora.path == "/setup/done"
    (app,) = github.apps.values()
    assert app.owner.login == "acme"
    nora.go("/setup")
    assert nora.path == "/setup/done", "there is nothing to set up any more"


def test_setting_up_fits_a_phone_and_needs_no_script(browser, github, service):
    token_of(service)
    url = f"http://localhost:{service.port}"
    phone = Visitor(browser, url, github.url, login=PERSON, phone=True)
    phone.go("/setup")
    phone.check_fits()
    give_token(phone, service)
    phone.check_fits()
    phone.close()
    plain = Visitor(browser, url, github.url, login=PERSON, script=False)
    plain.go("/setup")
    give_token(plain, service)
    plain.page.get_by_label("Public address").fill(url)
    decide(plain, Name="Plain Patchwright")
    plain.submit("Create the App on GitHub")
    plain.submit(f"Create GitHub App for {PERSON}")
    assert plain.path == "/setup/done"
    plain.close()
