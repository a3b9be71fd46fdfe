"""What becomes of a path that stands in the code as text: how it is used says what may stand there instead."""

from __future__ import annotations

import ast
import enum
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project


class Form(enum.Enum):
    """What the place takes."""

    PATH = enum.auto()
    """A path object as well as text."""
    TEXT = enum.auto()
    """Text, as far as is known."""
    CALL = enum.auto()
    """The text is all that a call of ``pathlib.Path`` gets: the call goes with it."""


@dataclass(frozen=True, slots=True)
class Use:
    """One use: ``node`` is what is to be replaced; ``plain``: that a path is meant is known without looking for it."""

    node: ast.expr
    form: Form
    plain: bool


_TAKES_PATHS = frozenset([
    "builtins.open", "io.open", "aiofiles.open", "codecs.open", "sqlite3.connect", "pandas.read_csv", "pandas.read_excel", "pandas.read_json", "pandas.read_parquet",
    "numpy.load", "numpy.loadtxt", "zipfile.ZipFile", "tarfile.open", "runpy.run_path", "PIL.Image.open",
    "logging.FileHandler",
    *(f"os.{name}" for name in (
        "listdir", "scandir", "walk", "makedirs", "mkdir", "chdir", "remove", "unlink", "stat", "rename", "replace",
        "access", "rmdir",
    )),
    *(f"os.path.{name}" for name in (
        "exists", "isfile", "isdir", "getsize", "getmtime", "abspath", "realpath", "dirname", "basename", "join",
        "islink", "lexists",
    )),
    *(f"shutil.{name}" for name in ("copy", "copy2", "copyfile", "copytree", "move", "rmtree")),
])  # fmt: skip
"""Functions of which every positional argument may be a path object, and is a path."""

_TAKES_TEXT = frozenset(
    [
        "sys.path.insert",
        "sys.path.append",
        "glob.glob",
        "cv2.imread",
        "dotenv.load_dotenv",
        "dotenv.dotenv_values",
    ]
)
_PATHS = frozenset(["pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath", "pathlib.WindowsPath"])
_ENVIRONMENT = frozenset(["os.getenv", "os.environ.get", "os.environ.setdefault"])
_NO_PATHS = (
    "re.",
    "regex.",
    "logging.",
    "warnings.",
    "builtins.print",
    "fnmatch.",
    "pytest.",
    "typing.",
    "unittest.",
)
_TEXT_METHODS = frozenset([
    "startswith", "endswith", "replace", "split", "strip", "removeprefix", "removesuffix", "find", "index", "count",
    "debug", "info", "warning", "error", "exception", "critical", "log", "print", "fail", "write", "parametrize",
    "get", "post", "put", "patch", "delete", "route", "echo", "secho", "websocket", "add_api_route", "add_url_rule",
])  # fmt: skip
_FOR_READERS = frozenset([
    "help", "description", "example", "examples", "title", "placeholder", "metavar", "msg", "message", "text", "epilog",
    "usage", "prompt", "label", "summary", "doc", "detail", "content", "match", "reason", "id", "ids", "name", "note",
    "json_schema_extra", "openapi_examples", "hint", "pattern", "regex", "url", "prefix",
])  # fmt: skip
_PATH_WORDS = frozenset(
    ["path", "file", "dir", "folder", "filename", "directory", "root", "cwd", "paths", "files"]
)
_ELSEWHERE = frozenset([
    "remote", "container", "mount", "mounts", "dst", "dest", "destination", "target", "bind", "binds", "volume", "volumes",
    "guest", "server", "host",
])  # fmt: skip
"""Words of names for paths on another machine."""


def use_of(literal: ast.Constant, module: Module, project: Project) -> Use | None:
    """How a literal is used; None where it is only spoken of: compared, printed, matched, documented."""
    if any(
        isinstance(each, (ast.JoinedStr, ast.Compare, ast.Assert, ast.Raise))
        for each in module.ancestors(literal)
    ):
        return None
    node: ast.AST = literal
    single = True
    while True:
        parent = module.parents[node]
        match parent:
            case ast.BoolOp() | ast.IfExp() if node is not getattr(parent, "test", None):
                pass
            case ast.BinOp(op=ast.Add(), left=left) if left is node:
                pass
            case ast.List() | ast.Tuple() | ast.Set():
                pass
            case ast.Dict(keys=keys, values=values) if node in values:
                key = keys[values.index(node)]
                if isinstance(key, ast.Constant) and key.value in _FOR_READERS:
                    return None
            case _:
                return _ended(literal, node, parent, module, project, single=single)
        node, single = parent, False


def _ended(
    literal: ast.Constant, node: ast.AST, parent: ast.AST, module: Module, project: Project, *, single: bool
) -> Use | None:
    match parent:
        case ast.Call(args=args) if node in args:
            return _argument(literal, parent, module, project, single=single)
        case ast.keyword(arg=str(name)):
            call = module.parents[parent]
            if name in _FOR_READERS or not isinstance(call, ast.Call) or _no_path(call, module, project):
                return None
            options = [
                arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
            ]
            if not _ELSEWHERE.isdisjoint(re.split(r"[_\W]+", " ".join([name, *options]).casefold())):
                return None
            return Use(literal, Form.TEXT, name == "default" or _speaks_of_paths(name))
        case ast.Assign(targets=[target]) | ast.AnnAssign(target=target):
            if isinstance(parent, ast.AnnAssign) and node is parent.annotation:
                return None
            name = target.id if isinstance(target, ast.Name) else getattr(target, "attr", "")
            words = name.casefold().split("_")
            if name.startswith("__") or name.casefold() in _FOR_READERS or not _ELSEWHERE.isdisjoint(words):
                return None
            return Use(literal, Form.TEXT, single and (name.isupper() or _speaks_of_paths(name)))
        case ast.arguments():
            return Use(literal, Form.TEXT, plain=single)
        case ast.For(iter=given) if given is node:
            return Use(literal, Form.TEXT, plain=False)
        case ast.Return():
            return Use(literal, Form.TEXT, plain=False)
    return None


def _argument(
    literal: ast.Constant, call: ast.Call, module: Module, project: Project, *, single: bool
) -> Use | None:
    name = project.types.qualified(call.func, module) or ""
    if name in _PATHS:
        whole = single and len(call.args) == 1 and not call.keywords and name == "pathlib.Path"
        return (
            Use(call, Form.CALL, plain=True)
            if whole
            else Use(literal, Form.PATH if single else Form.TEXT, plain=True)
        )
    if name in _TAKES_PATHS:
        return Use(literal, Form.PATH if single else Form.TEXT, plain=True)
    if name in _TAKES_TEXT or name in _ENVIRONMENT:
        if name in _ENVIRONMENT and literal is call.args[0]:
            return None
        return Use(literal, Form.TEXT, plain=True)
    return None if _no_path(call, module, project) else Use(literal, Form.TEXT, plain=False)


def _no_path(call: ast.Call, module: Module, project: Project) -> bool:
    name = project.types.qualified(call.func, module) or ""
    last = call.func.attr if isinstance(call.func, ast.Attribute) else name.rpartition(".")[2]
    if isinstance(call.func, ast.Attribute) and last in _TEXT_METHODS:
        return True
    return name.startswith(_NO_PATHS) or last.endswith(("Error", "Exception", "Warning", "Exit"))


def _speaks_of_paths(name: str) -> bool:
    return not _PATH_WORDS.isdisjoint(name.casefold().split("_"))
