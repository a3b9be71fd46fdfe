"""Requests of real test clients before and after, and the table of routes beside FastAPI's own."""

from __future__ import annotations

import asyncio
import inspect
import sys
import types

import pytest
from fastapi.testclient import TestClient

from codemods.engine import registry
from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.project import Project
from codemods.engine.run.analyse import analyse, fixed
from codemods.engine.run.report import Options
from codemods.libraries.fastapi import App, table_of
from codemods.libraries.fastapi.paths import is_plain, settled

APP = """
from fastapi import APIRouter, FastAPI, WebSocket
from fastapi.responses import PlainTextResponse
from fastapi.staticfiles import StaticFiles
from starlette.routing import Mount, Route, Router, WebSocketRoute

PREFIX = "/api"


def plain(request):
    return PlainTextResponse("plain")


async def socket(websocket):
    await websocket.accept()


def endpoint():
    return "endpoint"


users = APIRouter(prefix="/users")
nested = APIRouter()


@users.get("/")
@users.get("/all")
def list_users():
    return []


@users.get("/{user_id}/orders/{order}")
async def read_order(user_id: int, order: str):
    return {"order": order}


@users.post("/{user_id:int}/order-items")
def create_item(user_id: int):
    return {"created": user_id}


@nested.api_route("/both", methods=["PUT", "patch"])
def both():
    return "both"


@nested.get("")
def bare():
    return "bare"


@nested.websocket("/live")
async def live(websocket: WebSocket):
    await websocket.accept()


nested.add_api_route("/added", endpoint, methods=["DELETE", "POST"])
nested.add_api_route("/plainly", endpoint)
users.include_router(nested, prefix="/nested")
part = FastAPI(docs_url=None, redoc_url=None)


@part.get("/inside/{path:path}")
def inside(path: str):
    return path


def create_app():
    app = FastAPI(
        redoc_url="/red",
        routes=[
            Route("/plain", plain),
            Mount("/deep", routes=[Route("/er", plain, methods=["POST"]), WebSocketRoute("/socket", socket)]),
        ],
    )
    v1 = APIRouter(prefix=f"{PREFIX}/v1")
    for router, prefix in ((users, ""), (nested, "/top")):
        v1.include_router(router, prefix=prefix)
    app.include_router(v1)
    app.mount("/part", part)
    add_more(app, "/more")
    return app


def add_more(application: FastAPI, path):
    @application.get("/more/{name}.json", name="more")
    def more(name: str):
        return name

    application.add_route("/raw", plain, methods=["GET"])


app = create_app()
"""

TESTS = """
from fastapi.testclient import TestClient
from httpx import ASGITransport, AsyncClient

from {module} import app

client = TestClient(app)


def test_prefix():
    response = client.get("/users/1/orders/2")
    assert response.status_code == 200
    assert response.json() == {{"order": "2"}}


def test_separator():
    response = client.post("/api/v1/users/7/order_items")
    assert response.status_code == 200
    assert response.json() == {{"created": 7}}


def test_too_long(order_id=5):
    assert client.get(f"/api/v1/v2/users/1/orders/{{order_id}}").status_code == 200


async def test_plural():
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://test") as asking:
        response = await asking.request("PUT", "/api/v1/user/nested/both")
        assert response.status_code == 200
        assert response.json() == "both"
"""


def table(code: str) -> App:
    (found,) = (
        app
        for app in table_of(Project(MemorySnapshot({"service.py": code.encode()}))).apps
        if not app.mounted
    )
    return found


@pytest.fixture
def service(request: pytest.FixtureRequest):
    made = types.ModuleType(f"service_of_{abs(hash(request.node.name))}")
    exec(compile(APP, "service.py", "exec"), made.__dict__)
    sys.modules[made.__name__] = made
    yield made
    del sys.modules[made.__name__]


def test_the_table_is_what_fastapi_says_of_itself(service):
    """Its own list in the OpenAPI document; routes of Starlette, mounts, websockets and the document itself are not in it."""
    known = {
        (method.upper(), path) for path, item in service.app.openapi()["paths"].items() for method in item
    }
    beside = {
        ("GET", "/plain"), ("POST", "/deep/er"), ("WEBSOCKET", "/deep/socket"), ("GET", "/raw"),
        ("GET", "/part/inside/{path:path}"), ("GET", "/part/openapi.json"), ("GET", "/openapi.json"),
        ("GET", "/docs"), ("GET", "/docs/oauth2-redirect"), ("GET", "/red"),
        ("WEBSOCKET", "/api/v1/users/nested/live"), ("WEBSOCKET", "/api/v1/top/live"),
    }  # fmt: skip
    read = {(method, settled(route.path)) for route in table(APP).routes for method in route.methods}
    assert len(known) > 12
    assert {(method, path.replace(":int}", "}")) for method, path in read - beside} == known
    assert read >= beside
    assert table(APP).whole


def test_every_route_that_is_read_is_served(service):
    client = TestClient(service.app)
    for route in table(APP).routes:
        path = settled(route.path).replace("{path:path}", "a/b")
        for name in ("{user_id:int}", "{user_id}", "{order}", "{name}"):
            path = path.replace(name, "7")
        assert is_plain(path)
        for method in route.methods:
            if method != "WEBSOCKET":
                assert client.request(method, path).status_code == 200, (method, path)


def ran(code: str) -> dict[str, str]:
    """Each test's outcome: ``passed``, or the failure's text."""
    names: dict[str, object] = {}
    exec(compile(code, "test_service.py", "exec"), names)
    outcomes = {}
    for name, test in names.items():
        if name.startswith("test_"):
            assert callable(test)
            try:
                made = test()
                if inspect.iscoroutine(made):
                    asyncio.run(made)
                outcomes[name] = "passed"
            except AssertionError:
                outcomes[name] = "failed"
    return outcomes


def test_tests_fail_before_and_pass_afterwards(service):
    files = {f"{service.__name__}.py": APP, "test_service.py": TESTS.format(module=service.__name__)}
    snapshot = MemorySnapshot({path: text.encode() for path, text in files.items()})
    report = analyse(snapshot, [registry.load("test-route")], Options(workers=1))
    after = fixed(snapshot, report)["test_service.py"].decode()
    assert set(ran(files["test_service.py"]).values()) == {"failed"}
    assert ran(after) == dict.fromkeys(ran(after), "passed")
    assert len(ran(after)) == 4


@pytest.mark.parametrize(
    ("prefix", "added", "asked", "status"),
    [
        ("", "/items", "/item", 404),
        ("", "/items", "/items/", 200),
        ("/api", "/items", "/items", 404),
        ("/api", "/{name}", "/api/a/b", 404),
        ("/api", "/{name:path}", "/api/a/b", 200),
        ("/api", "/{number:int}", "/api/x", 404),
        ("/api", "/{number:int}", "/api/12", 200),
        ("/api", "/a-{name}", "/api/a-1", 200),
        ("/api", "/a-{name}", "/api/b-1", 404),
        ("", "/{key:uuid}", "/7c9e6679-7425-40de-944b-e07fc1f90ae7", 200),
        ("", "/{key:uuid}", "/7c9e", 404),
    ],
)
def test_a_path_is_judged_as_the_router_does(prefix: str, added: str, asked: str, status: int):
    code = (
        "from fastapi import APIRouter, FastAPI\n"
        f"app = FastAPI()\nrouter = APIRouter(prefix={prefix!r})\n\n\n"
        f"@router.get({added!r})\ndef handler():\n    return 1\n\n\napp.include_router(router)\n"
    )
    names: dict[str, object] = {}
    exec(code, names)
    assert TestClient(names["app"]).get(asked).status_code == status
    assert any(route.serves(asked) for route in table(code).routes) == (status == 200)
