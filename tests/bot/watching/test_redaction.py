"""What is masked wherever something leaves the process, and what is not."""

from __future__ import annotations

import pytest

from bot.watching.redaction import MASK, all_redacted, redacted

KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\nabc\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    "secret",
    [
        "ghs_16C7e42F292c6912E7710c838347Ae178B4a",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz",
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiI0NzExIn0.c2lnbmF0dXJl",
        KEY,
        KEY.partition("-----END")[0],
    ],
)
def test_secrets_by_their_shape(secret: str) -> None:
    assert redacted(f"before {secret} after").startswith(f"before {MASK}")
    assert "abc" not in redacted(secret)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql://patchwright:hunter2@db/patchwright", f"postgresql://{MASK}@db/patchwright"),
        ("https://x/cb?code=0123456789abcdef&state=y", f"https://x/cb?code={MASK}&state=y"),
        ("Authorization: Bearer abcdefgh", f"Authorization: Bearer {MASK}"),
        ("https://github.com/octo/shop/pull/3", "https://github.com/octo/shop/pull/3"),
        ("2026-03-01T12:00:00Z gh-1-7 main at 0123456789", "2026-03-01T12:00:00Z gh-1-7 main at 0123456789"),
    ],
)
def test_secrets_by_where_they_stand(text: str, expected: str) -> None:
    assert redacted(text) == expected


def test_in_whatever_holds_them() -> None:
    token = "ghs_16C7e42F292c6912E7710c838347Ae178B4a"
    given = {"list": [token, 1, None], "nested": {"deep": (token, {token: True})}}
    masked = all_redacted(given)
    assert token not in repr(masked)
    assert masked == {"list": [MASK, 1, None], "nested": {"deep": [MASK, {MASK: True}]}}


@pytest.mark.parametrize(
    "part", ["eyJ", "eyJaaaaaaaa.", "-----BEGIN PRIVATE KEY-----", "://a:", "token=", "ghs_"]
)
def test_long_texts_made_to_be_slow_are_masked_in_no_time(part: str) -> None:
    redacted(part * (200_000 // len(part)))
