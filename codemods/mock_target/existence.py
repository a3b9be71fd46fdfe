"""Does a target exist? Answered as ``patch`` and ``monkeypatch`` would find it, and only where it is certain."""

from __future__ import annotations

import builtins
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.names.index import Found, Missing, Outside, Unknown
from codemods.mock_target import stdlib
from codemods.mock_target.doubts import doubt
from codemods.mock_target.places import conftests

if TYPE_CHECKING:
    from codemods.engine.names.index import Answer
    from codemods.engine.project import Module, Project
    from codemods.mock_target.sites import Way

_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))

_SHARED_NAMESPACES = frozenset([
    "aws_cdk", "azure", "backports", "google", "jaraco", "opentelemetry", "paste", "ruamel", "sphinxcontrib", "tests", "zope",
])  # fmt: skip
"""Folders that several distributions share."""


@dataclass(frozen=True, slots=True)
class Gone:
    """A target proven not to exist.

    ``what``: ``module`` (``inside`` is the package, ``part`` the missing module), ``name`` (of a module), ``member``
    (of a class, ``owner`` is its qualified name in ``path``), ``attribute`` (of an object of that class), ``instance``
    (only instances have it, and the class was named), ``library``
    (a standard library module lacks it), ``hidden`` (a function of the package hides the module of that name).
    ``prefix`` are the parts before the missing one, ``rest`` those after it. ``typing_only``: imported for types only.
    """

    what: str
    inside: str
    part: str
    path: str
    prefix: tuple[str, ...]
    rest: tuple[str, ...]
    owner: str = ""
    typing_only: bool = False


def judge(parts: tuple[str, ...], way: Way, module: Module, project: Project) -> Answer | Gone:
    """Found, Outside and Unknown as the index says them; Gone where every reading of the name fails."""
    if parts[0] == "builtins" or parts[0].startswith("__"):
        return Outside(".".join(parts))
    owners = _files(parts, module.path, project)
    if not owners:
        return _without_file(parts, module, project)
    worst: Gone | None = None
    if may_be_library(owners[0][0], parts[0], module, project) or _is_apart(owners[0][0], parts[0], module):
        return Unknown("a library may be meant")
    for path, length in owners:
        answer = _attribute(path, parts, length, way, project)
        of_module = isinstance(answer, Gone) and answer.what == "name" and not answer.rest
        if of_module and patch_makes(parts[-1], way):
            return Unknown("patch creates a builtin's name in a module")
        if isinstance(answer, Outside):
            answer = _library(answer, parts)
        if not isinstance(answer, Gone):
            return answer
        if worst is None:
            worst = answer
    assert worst is not None
    return worst if doubt(worst, module, project) is None else Unknown("it may be made elsewhere")


def patch_makes(name: str, way: Way) -> bool:
    """Whether ``patch`` itself creates a missing name: those of builtins, on modules."""
    return way == "patch" and name in _BUILTINS


def may_be_library(path: str, top: str, module: Module, project: Project) -> bool:
    """Whether ``top`` may mean an installed library: the folder of that name which holds ``path`` lies in a package.

    ``tests/httpx/`` beside a test of the package ``tests`` is ``tests.httpx``, and not ``httpx``.
    """
    bound = project.facts(module.path)
    known = bound.names.get(top) if bound is not None else None
    if known is not None and known.kind == "import" and known.attribute is None and known.module:
        top = known.module.partition(".")[0]
    elif known is not None and known.kind == "import":
        if known.level:
            return False
        top = (known.module or "").partition(".")[0]
    pieces = path.removesuffix("/__init__.py").removesuffix(".py").split("/")
    if top not in pieces:
        return False
    root = tuple(pieces[: pieces.index(top)])
    return bool(root) and root not in project.layout.roots and project.has(f"{'/'.join(root)}/__init__.py")


def _is_apart(path: str, top: str, module: Module) -> bool:
    """Whether the file belongs to a project deep in the repository, and the test to none that lies there.

    ``agents`` of ``apps/demo/src/agents/`` is not what the tests of the library at the top mean by it.
    """
    pieces = path.removesuffix("/__init__.py").removesuffix(".py").split("/")
    if top not in pieces:
        return False
    around = pieces[: pieces.index(top)]
    while around and around[-1] in {"src", "lib", "python"}:
        around.pop()
    return len(around) > 1 and module.path.split("/")[: len(around)] != around


def may_be_other(path: str, module: Module, project: Project) -> bool:
    """Whether edits of ``sys.path`` in the tests may make another file of the same name the one that is imported."""
    name = path.removesuffix("/__init__.py").removesuffix(".py").rpartition("/")[2]
    edited = any(
        b"sys.path" in project.read(each) for each in (module.path, *conftests(module.path, project))
    )
    return edited and len(project.layout.anywhere(name)) > 1


def _files(parts: tuple[str, ...], near: str, project: Project) -> list[tuple[str, int]]:
    """The files that the longest module name before the attribute may mean, anywhere in the repository."""
    for length in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[:length])
        found = project.locate(name, near)
        if found:
            others = [path for path in project.layout.anywhere(name) if path not in found]
            return [(path, length) for path in (*found, *others)]
    return []


def _without_file(parts: tuple[str, ...], module: Module, project: Project) -> Answer | Gone:
    """Nothing that the name begins with is a file: a library, or a package that is a bare folder."""
    layout = project.layout
    if not layout.is_folder(parts[0], module.path):
        return _library(Outside(".".join(parts)), parts)
    if (
        parts[0] in _SHARED_NAMESPACES
        or project.pins.mentions(parts[0])
        or parts[0] in sys.stdlib_module_names
    ):
        return Unknown("a library may be meant")
    length = max(
        length for length in range(1, len(parts)) if layout.is_folder(".".join(parts[:length]), module.path)
    )
    prefix = parts[:length]
    folders = layout.folders(".".join(prefix))
    if len(folders) != 1:
        return Unknown("more than one folder may be meant")
    path = f"{folders[0]}/"
    gone = Gone("module", ".".join(prefix), parts[length], path, prefix, parts[length + 1 :])
    why = doubt(gone, module, project)
    return gone if why is None else Unknown(why)


def _attribute(path: str, parts: tuple[str, ...], length: int, way: Way, project: Project) -> Answer | Gone:
    name = ".".join(parts[:length])
    rest = list(parts[length:])
    hidden = _hidden(parts, length, way, path, project)
    if hidden is not None:
        return hidden
    if project.facts(path) is None:
        return _unparsed(path, parts, length, project)
    answer = project.index.attribute(path, rest, name)
    if isinstance(answer, Missing):
        return _gone(answer, path, parts, length, project)
    if isinstance(answer, Found) and answer.instance_only:
        where = parts[:-1]
        owner = answer.name.rpartition(".")[0]
        return Gone("instance", ".".join(where), parts[-1], answer.path, where, (), owner)
    return answer


_DYNAMIC = re.compile(
    rb"import\s*\*|import\s*\(\s*\*|__getattr__|globals\(|setattr\(|vars\(|exec\(|sys\.modules"
)


def _unparsed(path: str, parts: tuple[str, ...], length: int, project: Project) -> Answer | Gone:
    """A file that this Python can't parse lacks a name for certain where its text doesn't hold it at all."""
    data = project.read(path)
    part = parts[length]
    if not data or b"\0" in data or path.endswith("__init__.py") or _DYNAMIC.search(data):
        return Unknown(f"{path} does not parse")
    if re.search(rb"\b" + re.escape(part.encode()) + rb"\b", data):
        return Unknown(f"{path} does not parse")
    prefix = parts[:length]
    return Gone("name", ".".join(prefix), part, path, prefix, parts[length + 1 :])


def _gone(answer: Missing, path: str, parts: tuple[str, ...], length: int, project: Project) -> Answer | Gone:
    """Places a missing piece inside the target as written."""
    if answer.part not in parts[length:]:
        return Unknown("the missing piece is reached under another name")
    place = length + parts[length:].index(answer.part)
    prefix, rest = parts[:place], parts[place + 1 :]
    if not answer.path and answer.inside != ".".join(prefix):
        return Unknown("a bare folder may be named like a library")
    if answer.in_class:
        return Gone("member", ".".join(prefix), answer.part, answer.path, prefix, rest, answer.in_class)
    if place != length and answer.path != path:
        # A module reached through another one's import: there the name is missing.
        return Gone("name", ".".join(prefix), answer.part, answer.path, prefix, rest, "", answer.typing_only)
    is_package = path.endswith("/__init__.py") and place == length
    if is_package and rest and not answer.typing_only:
        return Gone("module", ".".join(prefix), answer.part, path, prefix, rest)
    return Gone(
        "name", ".".join(prefix), answer.part, answer.path or path, prefix, rest, "", answer.typing_only
    )


def _hidden(parts: tuple[str, ...], length: int, way: Way, path: str, project: Project) -> Gone | None:
    """A package's function of the same name as its module, imported from there, hides the module from ``getattr``.

    ``monkeypatch`` asks for attributes first; ``patch`` did so before Python 3.11, and since then imports first.
    """
    if length < 2 or length >= len(parts):
        return None
    oldest = project.pins.python
    if way == "patch" and (oldest is None or oldest >= (3, 11)):
        return None
    package = _package_file(path)
    facts = project.facts(package) if package else None
    if facts is None or package is None or facts.open is not None:
        return None
    own = parts[length - 1]
    bound = facts.names.get(own)
    if bound is None or bound.kind != "import" or bound.conditional or bound.attribute != own:
        return None
    if project.index.imported_file(package, bound.module, bound.level) != path:
        return None
    answer = project.index.attribute(path, [own], ".".join(parts[:length]))
    if not isinstance(answer, Found) or answer.kind != "function":
        return None
    module = project.module(answer.path)
    for node in module.tree.body if module else ():
        if getattr(node, "name", None) == own:
            if getattr(node, "decorator_list", None):
                return None
            prefix = parts[:length]
            return Gone("hidden", ".".join(prefix), parts[length], path, prefix, parts[length + 1 :], own)
    return None


def _package_file(path: str) -> str | None:
    folder, _, name = path.rpartition("/")
    if name == "__init__.py":
        folder = folder.rpartition("/")[0]
    return f"{folder}/__init__.py" if folder else None


def _library(answer: Outside, parts: tuple[str, ...]) -> Answer | Gone:
    missing = stdlib.missing(answer.name)
    if missing is None:
        return answer
    inside, part = missing
    if part not in parts:
        return answer
    place = len(parts) - 1 - parts[::-1].index(part)
    return Gone("library", inside, part, "", parts[:place], parts[place + 1 :])
