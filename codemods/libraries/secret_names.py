"""Which names mean secrets, and which only have a secret's word in them.

A name alone proves nothing: rules take it together with a type, or with where a value comes from or goes to.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

Kind = Literal["password", "secret", "key", "token", "code", "signature"]

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PASSWORDS = {"password", "passwd", "passphrase", "passcode", "pwd"}
_SECRETS = {"secret", "secrets"}
_TOKENS = {"token", "jwt", "csrf", "xsrf"}
_SIGNATURES = {"signature", "hmac", "sig"}
_CODES = {"otp", "totp"}
_JOINED: dict[str, Kind] = {
    "apikey": "key",
    "secretkey": "key",
    "authkey": "key",
    "privatekey": "key",
    "accesstoken": "token",
    "authtoken": "token",
    "csrftoken": "token",
    "sessionid": "token",
}
_KEYS = {
    "access", "admin", "api", "auth", "authentication", "bot", "encryption", "fernet", "hmac", "internal", "jwt", "master",
    "private", "secret", "signing", "webhook",
}  # fmt: skip
_CODED = {
    "2fa", "activation", "auth", "authentication", "backup", "confirm", "confirmation", "email", "login", "mfa", "otp", "password",
    "phone", "pin", "recovery", "reset", "security", "sms", "verification", "verify",
}  # fmt: skip
_NO_TOKEN = {
    "after", "begin", "blank", "bos", "cached", "cancel", "cancellation", "cls", "context", "continuation", "cont", "current",
    "cursor", "device", "end", "eos", "expo", "fcm", "first", "input", "last", "lex", "mask", "max", "min", "name", "next", "num",
    "output", "pad", "page", "pagination", "parsed", "prev", "previous", "prompt", "public", "push", "sep", "sort", "special",
    "start", "stop", "sub", "sync", "text", "total", "type", "unk", "word",
}  # fmt: skip
_PRETENDED = {
    "dummy",
    "example",
    "fake",
    "masked",
    "mock",
    "mocked",
    "placeholder",
    "sample",
    "stub",
    "test",
    "redacted",
}
_ENDS_IN_NOISE = {
    "value",
    "val",
    "str",
    "string",
    "text",
    "raw",
    "plain",
    "plaintext",
    "hex",
    "b64",
    "bytes",
    "env",
    "default",
}
_QUALIFIES = {
    "access", "activation", "admin", "api", "app", "auth", "bearer", "bot", "client", "confirm", "confirmation", "csrf", "email",
    "internal", "invitation", "invite", "jwt", "login", "master", "password", "recovery", "refresh", "remember", "reset", "secret",
    "security", "service", "session", "signing", "unsubscribe", "user", "verification", "verify", "webhook", "xsrf",
}  # fmt: skip


@lru_cache(maxsize=8192)
def words(name: str) -> tuple[str, ...]:
    """The words of a name, small: ``("api", "key")`` for ``API_KEY``, ``apiKey`` and ``X-Api-Key`` without its ``x``."""
    found = [word.lower() for word in _WORD.findall(name)]
    return tuple(found[1:] if len(found) > 1 and found[0] == "x" else found)


@lru_cache(maxsize=8192)
def kind_of(name: str) -> Kind | None:
    """Which kind of secret a name means, by its last words; None for any other name.

    ``token_url``, ``password_field``, ``max_tokens``, ``next_page_token``, ``cache_key``, ``public_key`` and ``key`` alone
    mean none; ``SECRET_KEY`` does, and so does ``expected_signature``.
    """
    parts = list(words(name))
    while len(parts) > 1 and (parts[-1] in _ENDS_IN_NOISE or parts[-1].isdigit()):
        parts.pop()
    if not parts or _PRETENDED.intersection(parts) or "public" in parts or "publishable" in parts:
        return None
    last, before = parts[-1], parts[:-1]
    if last in _JOINED:
        return _JOINED[last]
    if last in _PASSWORDS:
        return (
            None
            if before[-1:] in (["change"], ["forgot"], ["reset"], ["no"], ["show"], ["has"])
            else "password"
        )
    if last in _SECRETS:
        return "secret"
    if last in _SIGNATURES:
        return "signature"
    if last in _CODES:
        return "code"
    if last in _TOKENS:
        return None if _NO_TOKEN.intersection(before) else "token"
    if last == "key" and before and before[-1] in _KEYS:
        return "key"
    if last == "id" and before in (
        ["session"],
        ["auth", "session"],
        ["login", "session"],
        ["user", "session"],
    ):
        return "token"
    if last in {"code", "codes", "pin"} and before and before[-1] in _CODED:
        return "code"
    return None


def is_distinct(name: str) -> bool:
    """Whether the name says of what it is a secret (``reset_token``); ``token`` alone may be a parser's."""
    kind = kind_of(name)
    return kind is not None and (kind != "token" or bool(_QUALIFIES.intersection(words(name)[:-1])))
