"""Webhooks are delivered, recorded, and as GitHub describes them."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

from tests.github.asking import events
from tests.github.shop import FILES, app_jwt


class _Receiver(BaseHTTPRequestHandler):
    statuses: list[int]
    received: list[tuple[str, bytes]]

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        self.received.append((self.headers["X-GitHub-Delivery"], data))
        self.send_response(self.statuses.pop(0))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_webhooks_are_delivered_recorded_and_delivered_again_with_the_same_id(github, repo):
    _Receiver.statuses, _Receiver.received = [500, 202], []
    receiver = ThreadingHTTPServer(("127.0.0.1", 0), _Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    github.webhook_url = f"http://127.0.0.1:{receiver.server_port}/webhooks"
    github.install("acme", [repo])
    github.wait_until_delivered()
    listed = httpx.get(f"{github.api_url}/app/hook/deliveries", headers=app_jwt()).json()
    assert [(each["status_code"], each["redelivery"]) for each in listed] == [(500, False)]
    url = f"{github.api_url}/app/hook/deliveries/{listed[0]['id']}/attempts"
    assert httpx.post(url, headers=app_jwt()).status_code == 202
    github.wait_until_delivered()
    listed = httpx.get(f"{github.api_url}/app/hook/deliveries", headers=app_jwt()).json()
    assert [(each["status"], each["redelivery"]) for each in listed] == [
        ("OK", True),
        ("Invalid HTTP Response: 500", False),
    ]
    assert len(_Receiver.received) == 2
    assert _Receiver.received[0] == _Receiver.received[1]
    receiver.shutdown()
    receiver.server_close()


def test_every_webhook_keeps_to_the_description(github, signed_in):
    github.organization("guild")
    one, two = (
        github.create_repository(f"guild/{name}", dict(FILES), private=True) for name in ("one", "two")
    )
    installation = github.install("guild", [one])
    github.add_repositories(installation, [two])
    button = {"label": "Fix", "description": "Fix it", "identifier": "fix-it"}
    run = signed_in.get_repo("acme/shop").create_check_run(
        "x", github.find("acme/shop").tip, actions=[button]
    )
    shop = github.find("acme/shop")
    shop.press(shop.checks[0], "fix-it")
    shop.rerequest(shop.checks[0])
    run.edit(status="completed", conclusion="neutral")
    one.push("topic", {"a": "1"})
    one.push("topic", {"a": "2", "app.py": None}, parent=one.tip)
    pull = one.open_pull("topic")
    pull.comment("Why?")
    pull.close()
    pull.reopen()
    one.push("topic", {"a": "3"})
    pull.merge(method="squash")
    one.delete_branch("topic")
    one.archive()
    one.unarchive()
    one.rename("won")
    github.install("else")
    two.transfer("else")
    github.remove_repositories(installation, [one])
    github.suspend(installation)
    github.uninstall(installation)
    sent = set(events(github))
    assert sent >= {
        "check_run completed",
        "check_run created",
        "check_run requested_action",
        "check_run rerequested",
        "installation created",
        "installation deleted",
        "installation suspend",
        "installation_repositories added",
        "installation_repositories removed",
        "issue_comment created",
        "pull_request closed",
        "pull_request opened",
        "pull_request reopened",
        "pull_request synchronize",
        "push",
        "repository archived",
        "repository renamed",
        "repository transferred",
        "repository unarchived",
    }  # what breaks GitHub's description is told by the fixture
