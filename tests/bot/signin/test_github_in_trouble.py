"""What people read when GitHub does not answer as it should; never a page about a mistake in the service."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from bot.signin.oauth import OAuth, SignInFailed
from tests.github.faults import Fault

USER = ("GET", "/user")
INSTALLATIONS = ("GET", "/user/installations")
REPOSITORIES = ("GET", "/user/installations/*/repositories")

ODD_TOKENS = [
    (200, b"<html>hello</html>"),
    (200, b""),
    (200, b"[]"),
    (200, b"{}"),
    (200, b'{"access_token": null}'),
    (200, b'{"access_token": ""}'),
    (200, b'{"access_token": ["a"]}'),
    (200, b'{"access_token": "a\\r\\nb"}'),
    (200, b'{"access_token": "\xc3\xa9"}'),
    (200, b'{"error": {"deep": []}}'),
    (200, b"\xff\xfe"),
    (429, b"slow down"),
    (502, b"<html>"),
    (302, b""),
]
ODD = [
    (USER, 200, b"null"),
    (USER, 200, {"id": "x", "login": 7}),
    (USER, 200, {"id": 7}),
    (USER, 401, {"message": "Bad credentials"}),
    (USER, 301, b""),
    (INSTALLATIONS, 200, {"total_count": 1, "installations": [{"id": None}]}),
    (INSTALLATIONS, 200, {"total_count": -5, "installations": []}),
    (INSTALLATIONS, 403, {"message": "Resource not accessible"}),
    (REPOSITORIES, 200, b"\xff\xfe"),
    (REPOSITORIES, 200, {"total_count": 1, "repositories": [{"id": 2, "permissions": "all"}]}),
    (REPOSITORIES, 429, {"message": "slow down"}),
    (REPOSITORIES, 500, {"message": "Server Error"}),
]


@pytest.fixture
def ann(site):
    repo = site.github.create_repository("acme/one", {"a.py": b""})
    repo.collaborator("ann", "write")
    site.github.install("acme", [repo])
    return site.browser("ann")


def test_odd_answers_sign_nobody_in_and_are_said_in_a_sentence(site, ann):
    for (method, path), status, body in ODD:
        fault = site.github.faults.add(Fault("odd", method, path, status=status, body=body))
        page = ann.sign_in()
        assert fault.hits == 1, path
        site.github.faults.clear()
        if body == {"total_count": -5, "installations": []}:
            assert page.json()["seen"] == {}
            ann.post("/sign-out")
            continue
        assert page.status_code in {502, 503}, (path, status, body)
        assert "Sign in with GitHub" in page.text
        assert "mistake in Patchwright" not in page.text
        assert site.rows() == [], (path, status, body)
    assert ann.sign_in().json()["login"] == "ann"


def test_broken_connections_sign_nobody_in(site, ann):
    for method, path in (USER, INSTALLATIONS, REPOSITORIES):
        fault = site.github.faults.disconnect(method, path)
        assert ann.sign_in().status_code == 503, path
        assert fault.hits == 1
    assert site.rows() == []


def test_a_token_that_cannot_be_given_back_does_not_matter(site, ann):
    for fault in (
        site.github.faults.disconnect("DELETE", "/applications/*/token"),
        site.github.faults.status("DELETE", "/applications/*/token", 500),
    ):
        assert ann.sign_in().json()["login"] == "ann"
        assert fault.hits == 1


@pytest.fixture
def endpoint():
    """Stands where GitHub gives tokens, and answers what it is told to; ``(address, answers)``."""
    answers = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            status, body = answers.pop(0)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", answers
    server.shutdown()
    thread.join()
    server.server_close()


def test_odd_answers_are_no_token(endpoint):
    url, answers = endpoint
    oauth = OAuth(url, f"{url}/api/v3", "Iv1.x", "the secret", "https://patchwright.example.com")
    with httpx.Client(timeout=10) as http:
        for odd in ODD_TOKENS:
            answers.append(odd)
            with pytest.raises(SignInFailed) as failed:
                oauth.token(http, "a code", "v" * 43)
            assert failed.value.status in {502, 503}, odd
            assert "the secret" not in failed.value.why + failed.value.said
        answers.append((200, b'{"access_token": "ghu_1", "token_type": "bearer"}'))
        assert oauth.token(http, "a code", "v" * 43) == "ghu_1"
    with httpx.Client(timeout=10) as http, pytest.raises(SignInFailed):
        OAuth("http://127.0.0.1:1", url, "Iv1.x", "s", url).token(http, "a code", "v" * 43)
