"""Why a target that no file holds may be there when the test runs all the same: then nothing is said of it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.mock_target.places import conftests

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project
    from codemods.mock_target.existence import Gone

_GENERATED = re.compile(r"(^_?version$|_pb2(_grpc)?$|^_generated|^generated)")
_REPLACES = re.compile(rb"\b(?:patch(?:\.\w+)?|setattr)\s*\Z")
_ALWAYS = {"__name__", "__file__", "__doc__", "__path__", "__all__", "__builtins__", "__dict__", "__spec__"}


def doubt(gone: Gone, module: Module, project: Project) -> str | None:
    """Why a missing target may exist at run time after all; None where nothing speaks for it."""
    if gone.what == "library":
        return None
    if gone.part in _ALWAYS or (gone.part.startswith("__") and gone.part.endswith("__")):
        return "special attributes aren't judged"
    if gone.what == "module":
        return _module_doubt(gone, module, project)
    return _bound_from_outside(gone, project) or _stubbed(gone, module, project)


def _module_doubt(gone: Gone, module: Module, project: Project) -> str | None:
    name = f"{gone.inside}.{gone.part}"
    if _GENERATED.search(gone.part):
        return "it looks generated"
    folder = gone.path.rpartition("/")[0]
    base = f"{folder}/{gone.part}"
    if project.has(f"{base}.pyi") or project.has(f"{base}/__init__.pyi"):
        return "it has a stub: it may be compiled"
    for path in project.skipped:
        if (
            path in {base, f"{base}.py", f"{base}.pyi"}
            or path.startswith(f"{base}/")
            or base.startswith(f"{path}/")
        ):
            return f"{path} was not read"
    for path in project.containing(gone.part.encode()):
        if path != module.path and is_test(path):
            continue  # but where the test itself imports it, either it is there, or no mock is the trouble
        if _imports(project.read(path), gone, inside=path.startswith(f"{folder}/")):
            return f"{path} imports it"
    for path in project.manifests:
        if path.endswith(("setup.py", "pyproject.toml", "setup.cfg")) and gone.part in _manifest(
            path, project
        ):
            return f"{path} names it: it may be built"
    return _stubbed(gone, module, project, name)


def _imports(data: bytes, gone: Gone, *, inside: bool) -> bool:
    """Whether a file imports the missing module, relatively or under the last part of its package's name."""
    part = re.escape(gone.part.encode())
    package = re.escape(gone.inside.rpartition(".")[2].encode())
    pattern = (
        rb"^[ \t]*(?:from|import)\s[^\n]*\b"
        + package
        + rb"\s*(?:\.\s*|\s+import\s+(?:\([^)]*)?[^\n]*?\b)"
        + part
        + rb"\b"
    )
    if inside:
        pattern += (
            rb"|^[ \t]*from\s+\.[\w.]*\s+import\s+(?:\([^)]*)?[^\n]*?\b"
            + part
            + rb"\b|^[ \t]*from\s+\.[\w.]*\b"
            + part
            + rb"\b"
        )
    return re.search(pattern, data, re.MULTILINE) is not None


def _manifest(path: str, project: Project) -> str:
    try:
        return project.snapshot.read(path).decode("utf-8", "replace")
    except OSError:
        return ""


def _bound_from_outside(gone: Gone, project: Project) -> str | None:
    """Another file may set the attribute: ``module.name = ...``, ``Class.name = ...``, ``setattr(x, "name", ...)``."""
    part = gone.part.encode()
    owner = (gone.owner or gone.inside).rpartition(".")[2].encode()
    of_instance = gone.what == "attribute"
    if gone.owner:
        computed = re.compile(rb"setattr\(\s*(?:[\w.]*\.)?" + re.escape(owner) + rb"\s*,\s*(?![\"'\s])")
        for path in project.containing(b"setattr(", owner):
            if computed.search(project.read(path)):
                return f"{path} sets attributes by computed names"
    for path in project.containing(part):
        data = project.read(path)
        for found in _stores(gone.part).finditer(data):
            if found["object"] is not None:
                if is_test(path):
                    base = found["object"].strip()
                    lenient = b"raising" in _rest_of_call(data, found.end()) or not data[
                        : found.start()
                    ].endswith(b".")
                    if not lenient:
                        continue
                else:
                    return f"{path} sets it"
            else:
                base = found["base"]
            if of_instance or base.rpartition(b".")[2] == owner or _means(base, owner, data):
                return f"{path} sets it"
    return None


@lru_cache(maxsize=512)
def _stores(part: str) -> re.Pattern[bytes]:
    name = re.escape(part.encode())
    return re.compile(
        rb"(?<![\w.])(?!(?:self|cls)\.)(?P<base>[A-Za-z_][\w.]*)(?:\([^()\n]*\))?(?:\[[^\]\n]*\])?\." + name + rb"\s*(?::[^=\n]+)?=(?!=)"
        rb"|setattr\(\s*(?P<object>[^,()]+),\s*[\"']" + name + rb"[\"']\s*,"
    )  # fmt: skip


def _means(base: bytes, owner: bytes, data: bytes) -> bool:
    """Whether ``base`` may be another name of ``owner`` in a file: an import's alias, or an imported module object."""
    first = re.escape(base.partition(b".")[0])
    pattern = (
        rb"\b" + re.escape(owner) + rb"\s+as\s+" + first + rb"\b"
        rb"|\b" + first + rb"\s*(?::[^=\n]+)?=\s*(?:importlib\.)?(?:import_module|reload|sys\.modules|type|"
        + re.escape(owner) + rb"\b(?!\())"
    )  # fmt: skip
    return re.search(pattern, data) is not None


def _stubbed(gone: Gone, module: Module, project: Project, name: str = "") -> str | None:
    """A test may have put something else in the module's place, or created the attribute leniently."""
    name = name or gone.inside
    for path in [module.path, *conftests(module.path, project)]:
        data = project.read(path)
        project.note("file", path, project.snapshot.digest(path))
        if b"sys.modules" in data or b"import_module" in data or b"ModuleType" in data:
            pieces = name.split(".")
            for length in range(len(pieces), 0, -1):
                quoted = ".".join(pieces[:length]).encode()
                if re.search(rb"[\"']" + re.escape(quoted) + rb"[\"']", data):
                    return f"{path} may replace the module"
        part = re.escape(gone.part.encode())
        for found in re.finditer(rb"[\"'.]" + part + rb"[\"'.]", data):
            window = _rest_of_call(data, found.start()).split(b"patch(")[0]
            if b"create=True" in window or b"raising=False" in window:
                return f"{path} creates it"
    return None


def _rest_of_call(data: bytes, place: int) -> bytes:
    """The text from ``place`` to the end of the call of ``patch`` or ``setattr`` around it; of any other, some text more."""
    depth, start = 0, place
    while start > max(0, place - 400) and depth >= 0:
        start -= 1
        depth += {b")": 1, b"(": -1}.get(data[start : start + 1], 0)
    if depth >= 0 or _REPLACES.search(data, max(0, start - 40), start) is None:
        return data[place : place + 400]
    end, depth = place, 0
    while end < len(data) and depth >= 0:
        depth += {b"(": 1, b")": -1}.get(data[end : end + 1], 0)
        end += 1
    return data[place:end]
