"""Endpoints that take passwords and codes as often as anyone likes; the page beside this file explains the rule."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.engine.finding import Applicability, Change, Refused
from codemods.libraries.fastapi.deployed import constructing, construction, deployed, is_aside
from codemods.libraries.fastapi.paths import segments, settled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.finding import Finding
    from codemods.engine.project import Module, Project
    from codemods.libraries.fastapi import App, Route

_ENTRY = re.compile(
    r"(?:log|sign)[-_]?in|sign[-_]?up|register|registration|(?:access[-_]?)?token|authenticate|otp|"
    r"(?:request|send|verify|resend|validate)[-_](?:otp|code|login|magic[-_]link)|magic[-_]?link|"
    r"(?:forgot|forget|reset|recover|lost)[-_]?password|password[-_]?(?:reset|recovery|forgot|forgotten)|2fa|mfa|totp",
    re.IGNORECASE,
)
_SECRETS = re.compile(
    rb"password|passwd|OAuth2PasswordRequestForm|\botp\b|one_time|credentials", re.IGNORECASE
)
_LIMITS = re.compile(
    rb"rate[-_ ]?limit|throttl|\blimiter\b|slowapi|too[-_ ]many[-_ ](?:requests|attempts)|\b429\b|lock(?:ed)?[-_]?out"
    rb"|(?:login|failed|max)[-_]?(?:login[-_]?)?attempt|captcha|turnstile|brute[-_ ]?force",
    re.IGNORECASE,
)
_PLACE = re.compile(r"limit|throttl|auth|login|security|middleware|user|account", re.IGNORECASE)
_LIBRARIES = (
    "slowapi", "fastapi-limiter", "limits", "fastapi-throttle", "fastapi-guard", "asgi-ratelimit", "ratelimit",
    "throttled-py", "pyrate-limiter", "starlette-ratelimit", "fastapi-simple-rate-limiter",
)  # fmt: skip


class UnlimitedLogin:
    """See ``unlimited_login.md``."""

    name = "unlimited-login"
    version = 1
    scope = "repository"

    def candidates(self, project: Project) -> Iterable[str]:
        """The files that construct an app, examples and tests aside."""
        return constructing(project)

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """One finding, where the app is constructed."""
        app = deployed(project) if project.kept(unlimited) == module.path else None
        call = construction(app, module) if app is not None else None
        found = endpoints(app, project) if app is not None else []
        if call is None or not found:
            return
        yield module.finding(
            self.name,
            call,
            f"{_listed(found)} {'takes' if len(found) == 1 else 'take'} passwords or codes as often as"
            " anyone likes to guess: no code and no requirement of this repository limits that.",
            Applicability.DISPLAY_ONLY,
            "No limiter, throttling middleware, lockout or captcha is to be found in the code or its"
            " requirements. Limit these routes by account and by address (with slowapi, `@limiter.limit"
            '("5/minute")` on the handler), or, where a proxy before the app does, switch the rule off.',
        )

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """Never written: where the counters live and what the limits are is the service's own. Raises Refused."""
        raise Refused(finding.reason)


def unlimited(project: Project) -> str:
    """The file of the service whose login nothing limits; empty where there is no such service."""
    app = deployed(project)
    if app is None or not endpoints(app, project):
        return ""
    if any(project.pins.mentions(name) for name in _LIBRARIES):
        return ""
    if any(re.search(r"limit|throttl|captcha", name, re.IGNORECASE) for name in app.middlewares):
        return ""
    if any(not is_aside(path) for path in project.matching(limits)):
        return ""
    if any(not is_aside(path) and _PLACE.search(path) for path in project.matching(speaks_of_limits)):
        return ""
    return app.at.path


def speaks_of_limits(data: bytes) -> bool:
    """Whether a file speaks of limits to requests or attempts."""
    return _LIMITS.search(data) is not None


def limits(data: bytes) -> bool:
    """Whether a file of the web side speaks of limits; clients of other services speak of theirs."""
    return (b"fastapi" in data or b"starlette" in data) and _LIMITS.search(data) is not None


def endpoints(app: App, project: Project) -> list[Route]:
    """The routes of the app that let someone in, by path or handler, and whose handlers speak of passwords or codes."""
    found: dict[str, Route] = {}
    for route in app.routes:
        if route.handler_at is None or is_aside(route.at.path) or not (route.takes("POST") and route.methods):
            continue
        whole = segments(settled(route.path))
        parts = [part for part in whole if "{" not in part]
        if not any(_ENTRY.fullmatch(part) for part in parts[-2:]):
            continue
        if "admin" in parts and any("{" in part for part in whole[:-1]):
            continue  # an administrator, who is in already, makes a token for somebody else
        if _takes_secrets(route, project):
            found.setdefault(route.shown, route)
    return list(found.values())


def _takes_secrets(route: Route, project: Project) -> bool:
    """Whether the handler's own text, or the class of a parameter, speaks of passwords or one-time codes."""
    assert route.handler_at is not None
    path, line = route.handler_at
    module = project.module(path)
    if module is None:
        return False
    functions: list[ast.FunctionDef | ast.AsyncFunctionDef] = [
        *module.nodes(ast.FunctionDef),
        *module.nodes(ast.AsyncFunctionDef),
    ]
    for function in functions:
        if function.lineno == line:
            return _speaks_of_secrets(function, module) or any(
                _speaks_of_secrets(owner, where)
                for annotation in _annotations(function)
                if (found := project.types.annotation(annotation, module)) is not None
                for where, owner in project.types.classes.lineage(found)
            )
    return False


def _speaks_of_secrets(node: ast.stmt, module: Module) -> bool:
    return _SECRETS.search(module.source.segment(node).encode("utf-8", "replace")) is not None


def _annotations(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.expr]:
    given = function.args
    each = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    return [arg.annotation for arg in each if arg.annotation is not None]


def _listed(found: list[Route]) -> str:
    named = [f"`POST {route.shown}`" for route in found[:4]]
    if len(found) > 4:
        named.append(f"{len(found) - 4} more")
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"


RULE = UnlimitedLogin()
