"""FastAPI's and Starlette's names: what is an app, what a router, what adds routes, and what a handed-in app is safe with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from codemods.engine.inference.type_model import Type
    from codemods.engine.project import Project

Role = Literal["app", "router", "other"]

APPS = {"fastapi.FastAPI", "fastapi.applications.FastAPI", "starlette.applications.Starlette"}
ROUTERS = {
    "fastapi.APIRouter",
    "fastapi.routing.APIRouter",
    "fastapi.routers.APIRouter",
    "starlette.routing.Router",
}
_PLAIN_ROUTERS = {"InferringRouter"}
"""Routers of other libraries that bring no routes of their own."""
METHODS = {
    name: (name.upper(),) for name in ("get", "post", "put", "patch", "delete", "head", "options", "trace")
}
MARKS = {*METHODS, "api_route", "route", "websocket", "websocket_route"}
ADDERS = {
    "include_router", "mount", "add_api_route", "add_route", "add_websocket_route", "add_api_websocket_route",
    "add_middleware", "add_exception_handler", "host",
}  # fmt: skip
FILES = "StaticFiles"
_HARMLESS = (
    "uvicorn", "hypercorn", "gunicorn", "granian", "mangum", "httpx", "requests", "fastapi", "starlette", "pytest",
    "asgi_lifespan", "async_asgi_testclient", "sentry_sdk", "opentelemetry", "logfire", "slowapi", "fastapi_limiter",
    "fastapi_pagination", "elasticapm", "ddtrace", "newrelic", "builtins", "typing", "contextlib", "asyncio",
    "threading", "tortoise", "asgi_correlation_id", "prometheus_fastapi_instrumentator", "brotli_asgi", "json",
    "schemathesis", "fastapi_cache", "anyio", "copy", "inspect", "logging", "weakref", "functools", "unittest",
    "secure", "azure", "scalar_fastapi", "hypothesis", "nest_asyncio", "werkzeug", "multiprocessing",
)  # fmt: skip
"""Libraries whose functions add no routes to an app that is handed to them (``/metrics`` is told of elsewhere)."""
_DYNAMIC = {"builtins.getattr", "builtins.setattr", "builtins.vars"}
"""What adds routes by computed names."""


def role_of(found: Type | None, project: Project) -> Role | None:
    """What an instance's type is; None where it is proven to be neither an app nor a router."""
    if found is None:
        return "other"
    names = list(project.types.ancestry(found)) if found.path else [found.name]
    if any(name in APPS for name in names):
        return "app"
    if any(name in ROUTERS or name.rpartition(".")[2] in _PLAIN_ROUTERS for name in names):
        return "router"
    if not found.path and (found.last.endswith("Router") or found.name.endswith("()")):
        return "other"
    return None


def is_harmless(name: str) -> bool:
    """Whether a library's function adds no routes to what it is given."""
    last = name.rpartition(".")[2]
    if name in _DYNAMIC:
        return False
    return name.partition(".")[0] in _HARMLESS or last.endswith("Middleware") or last == "cbv"
