"""Makes examples.json.gz from the npm package `@octokit/webhooks-examples`, unpacked: see README.md.

    python -m tests.payloads.scrub DIRECTORY

People, their accounts, numbers, e-mail addresses and avatars are replaced by made-up ones, each always by the same;
signatures, keys and private addresses by placeholders. Shapes stay as they are. The same package gives the same
bytes.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.payloads import EXAMPLES

Json = Any

#: Accounts of nobody: GitHub's own, its mascots, and placeholders. Bots keep their names too.
_NOBODY = frozenset({"github", "octocat", "monalisa", "hubot", "web-flow", "octo-org", "username"})
#: Accounts of people who only occur inside texts.
_MENTIONED = ("MarshallOfSound", "matfax", "nornagon")
_ADDRESSES_OF_NOBODY = frozenset({"git@github.com", "noreply@github.com", "octocat@github.com"})
_NAMES_OF_NOBODY = frozenset({"GitHub", "Mona Lisa", "github-actions[bot]"})
_ADDRESS = re.compile(r"(?:(\d+)\+)?([\w.\[\]-]+)@([\w-]+(?:\.[\w-]+)*\.[a-z]+)\b")
_PLACEHOLDERS = (
    (re.compile(r"ssh-rsa [A-Za-z0-9+/=]+"), "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ=="),
    (
        re.compile(r"-----BEGIN PGP SIGNATURE-----.*?-----END PGP SIGNATURE-----", re.S),
        "-----BEGIN PGP SIGNATURE-----\n\nwsBcBAABCAAQ\n-----END PGP SIGNATURE-----",
    ),
    (re.compile(r"https://smee\.io/\S+"), "https://example.com/webhooks"),
    (re.compile(r"https://[\w.-]+\.amazonaws\.com/[^\s\"]+"), "https://example.com/package-file"),
    (re.compile(r"ssh://git@localhost:\d+/"), "ssh://git@example.com/"),
)


class _Scrub:
    """The made-up names, collected over all payloads before anything is replaced."""

    def __init__(self, payloads: Json) -> None:
        self.logins: dict[str, str] = {}
        self.numbers: dict[int, int] = {}
        self.node_ids: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.addresses: dict[str, str] = {}
        for account in _objects(payloads, "login"):
            self._account(account)
        for login in _MENTIONED:
            self._login(login, "person")
        self.words = re.compile(
            rf"(?<![\w-])({'|'.join(map(re.escape, sorted(self.logins, key=len, reverse=True)))})(?![\w-])",
            re.I,
        )
        self.lower = {login.lower(): made for login, made in self.logins.items()}
        for person in _objects(payloads, "email"):
            name = person.get("name")
            if isinstance(name, str) and name not in {*_NAMES_OF_NOBODY, *self.logins, *_NOBODY}:
                self.names.setdefault(name, f"Person Number {len(self.names) + 1}")

    def _account(self, account: Json) -> None:
        organization = account.get("type") == "Organization" or "members_url" in account
        self._login(account["login"], "organization" if organization else "person")
        if isinstance(number := account.get("id"), int) and number > 1000:
            self.numbers.setdefault(number, 1001 + len(self.numbers))
        if node_id := account.get("node_id"):
            kind = "Organization" if organization else "User"
            made = f"0{len(kind)}:{kind}{2001 + len(self.node_ids)}"
            self.node_ids.setdefault(node_id, base64.b64encode(made.encode()).decode())

    def _login(self, login: str, kind: str) -> None:
        if login not in _NOBODY and not login.endswith("[bot]"):
            self.logins.setdefault(login, f"{kind}-{len(self.logins) + 1}")

    def value(self, value: Json, key: str = "") -> Json:
        if isinstance(value, dict):
            return {name: self.value(of, name) for name, of in value.items()}
        if isinstance(value, list):
            return [self.value(each, key) for each in value]
        if isinstance(value, int) and not isinstance(value, bool):
            return self.numbers.get(value, value)
        return self.text(value, key) if isinstance(value, str) else value

    def text(self, text: str, key: str) -> str:
        if key == "node_id":
            return self.node_ids.get(text, text)
        if key == "avatar_url" and text:
            number = re.search(r"/u/(\d+)", text)
            made = self.numbers.get(int(number[1]), 1000) if number else 1000
            return f"https://avatars.githubusercontent.com/u/{made}?v=4"
        for pattern, placeholder in _PLACEHOLDERS:
            text = pattern.sub(placeholder, text)
        for name, made_up in self.names.items():
            text = text.replace(name, made_up)
        return self.words.sub(lambda found: self.lower[found[1].lower()], _ADDRESS.sub(self._address, text))

    def _address(self, found: re.Match[str]) -> str:
        number, local, host = found.groups()
        if found[0] in _ADDRESSES_OF_NOBODY:
            return found[0]
        if host == "users.noreply.github.com":
            prefix = f"{self.numbers.get(int(number), 1000)}+" if number else ""
            return f"{prefix}{self.lower.get(local.lower(), local)}@{host}"
        made = f"person-{len(self.addresses) + 1}@example.com"
        return self.addresses.setdefault(found[0], made)


def _objects(value: Json, key: str) -> Iterator[Json]:
    """All objects, however deep, with a text under this key."""
    if isinstance(value, dict):
        if isinstance(value.get(key), str):
            yield value
        for each in value.values():
            yield from _objects(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from _objects(each, key)


def scrubbed(index: Json) -> list[Json]:
    """The package's `index.json` as a list of event and payload without anybody in it."""
    plain = [{"event": event["name"], "payload": each} for event in index for each in event["examples"]]
    scrub = _Scrub(plain)
    return [{"event": each["event"], "payload": scrub.value(each["payload"])} for each in plain]


def main(arguments: list[str]) -> None:
    """Write examples.json.gz anew."""
    if len(arguments) != 1:
        raise SystemExit(__doc__)
    index = json.loads((Path(arguments[0]) / "api.github.com" / "index.json").read_text())
    text = json.dumps(scrubbed(index), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    data = gzip.compress(text.encode(), compresslevel=9, mtime=0)
    EXAMPLES.write_bytes(data)
    print(f"{EXAMPLES.name}: {len(text):,} characters, {len(data):,} bytes stored")


if __name__ == "__main__":
    main(sys.argv[1:])
