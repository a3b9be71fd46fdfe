"""When traces are wanted, and what they say of an address."""

from __future__ import annotations

import pytest

from bot.watching.traces import ids_of, template, wanted

AT = "http://127.0.0.1:4318"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": AT}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{AT}/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": AT, "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": AT, "OTEL_TRACES_EXPORTER": "none"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": AT, "OTEL_TRACES_EXPORTER": "otlp"}, True),
    ],
)
def test_the_standard_variables_decide(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: bool
) -> None:
    for name in ("ENDPOINT", "TRACES_ENDPOINT"):
        monkeypatch.delenv(f"OTEL_EXPORTER_OTLP_{name}", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert wanted() is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/repos/octo/secret-shop/contents/app/keys.py?ref=x", "/repos/*/*/contents"),
        ("/repos/octo/secret-shop/git/trees/abc", "/repos/*/*/git"),
        ("/repos/octo/secret-shop", "/repos/*/*"),
        ("/app/installations/17/access_tokens", "/app/installations/*"),
        ("/app", "/app"),
        ("https://api.github.com/graphql", "graphql"),
    ],
)
def test_an_address_is_told_by_its_kind(path: str, expected: str) -> None:
    assert template(path) == expected


def test_ids_follow_from_the_delivery() -> None:
    assert ids_of("a") == ids_of("a")
    assert ids_of("a") != ids_of("b")
    trace, first = ids_of("a")
    assert 0 < trace < 2**128
    assert 0 < first < 2**64
