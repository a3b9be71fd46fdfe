"""A text file in whatever encoding the machine prefers; the page beside this file explains the rule."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.edits.arguments import add_argument
from codemods.engine.files.testing import is_test
from codemods.engine.finding import Applicability, Change, Edit, Refused
from codemods.libraries.silenced import is_silenced

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.finding import Finding
    from codemods.engine.project import Module, Project

_UTF8_BY_DEFAULT = (3, 15)
_NEEDLE = re.compile(
    rb"\b(?:fd)?open\(|\.(?:read|write)_text\(|(?:NamedTemporary|SpooledTemporary|Temporary)File\("
)


@dataclass(frozen=True, slots=True)
class _Opener:
    """Which arguments say the mode and the encoding, counted from 0; ``mode`` is None where it is always text."""

    mode: int | None
    encoding: int
    default: str = "r"


_FUNCTIONS = {
    "builtins.open": _Opener(1, 3),
    "io.open": _Opener(1, 3),
    "os.fdopen": _Opener(1, 3),
    "tempfile.NamedTemporaryFile": _Opener(0, 2, "w+b"),
    "tempfile.TemporaryFile": _Opener(0, 2, "w+b"),
    "tempfile.SpooledTemporaryFile": _Opener(1, 3, "w+b"),
}
_METHODS = {"open": _Opener(0, 2), "read_text": _Opener(None, 0), "write_text": _Opener(None, 1)}
_SILENCED = frozenset({"PLW1514", "W1514", "unspecified-encoding"})
_NAMES = frozenset(name.rpartition(".")[2] for name in _FUNCTIONS)
_PATH = re.compile(
    r"pathlib\.(?:Posix|Windows)?Path(?:\.(?:resolve|absolute|expanduser|joinpath|with_\w+|cwd|home|rename|parent|readlink)"
    r"(?:\(\))?)*$"
)
_STAYS_PATH = frozenset(
    ["resolve", "absolute", "expanduser", "joinpath", "with_suffix", "with_name", "with_stem"]
)
_ASIDE = frozenset({"docs", "doc", "examples", "samples", "integ_tests", "benchmarks"})


class OpenEncoding:
    """See ``open_encoding.md``."""

    name = "open-encoding"
    version = 1
    default = False

    def candidates(self, project: Project) -> Iterable[str]:
        """Files that open something."""
        python = project.pins.python
        if python is not None and (python >= _UTF8_BY_DEFAULT or python < (3,)):
            return []
        return sorted(
            path
            for path in project.matching(_opens)
            if not is_test(path) and not _ASIDE.intersection(path.split("/")[:-1])
        )

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """One finding for each text file that is opened without an encoding."""
        for call in module.nodes(ast.Call):
            opener = _opener(call, module, project)
            if opener is None or not _is_text(call, opener) or _is_apart(call, opener, module):
                continue
            if any(isinstance(each, ast.JoinedStr) for each in module.ancestors(call)):
                continue
            if is_silenced(range(call.lineno, (call.end_lineno or call.lineno) + 1), module, _SILENCED):
                continue
            try:
                edit = add_argument(module.source, call, f"encoding={_quoted(call, module)}")
            except Refused:
                continue
            yield module.finding(
                self.name,
                call,
                f"`{module.source.segment(call.func)}` uses the encoding that the machine prefers: on Windows that is "
                "seldom UTF-8.",
                Applicability.UNSAFE,
                "A text file is opened, and no encoding is given. A person must look: a file that was written in another "
                "encoding is read as UTF-8 afterwards.",
                notes=("Where the locale says UTF-8, as in nearly every container, nothing changes.",),
                evidence=edit,
            )

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """``encoding="utf-8"``."""
        assert isinstance(finding.evidence, Edit)
        return Change((finding.evidence,))


def _opens(data: bytes) -> bool:
    return _NEEDLE.search(data) is not None


def _opener(call: ast.Call, module: Module, project: Project) -> _Opener | None:
    func = call.func
    if isinstance(func, ast.Name) and func.id in _NAMES:
        return _FUNCTIONS.get(project.types.qualified(func, module) or "")
    if not isinstance(func, ast.Attribute):
        return None
    if isinstance(func.value, ast.Name) and func.value.id in {"io", "os", "tempfile"} and func.attr in _NAMES:
        return _FUNCTIONS.get(project.types.qualified(func, module) or "")
    if func.attr in _METHODS and _is_path(func.value, module, project):
        return _METHODS[func.attr]
    return None


def _is_path(node: ast.expr, module: Module, project: Project, depth: int = 0) -> bool:
    """Whether ``node`` is proven to be a ``pathlib.Path``; what ``/`` and its methods make of one is one."""
    if depth > 8:
        return False
    match node:
        case ast.BinOp(op=ast.Div(), left=left):
            return _is_path(left, module, project, depth + 1)
        case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in _STAYS_PATH:
            return _is_path(value, module, project, depth + 1)
        case ast.Attribute(attr="parent"):
            return _is_path(node.value, module, project, depth + 1)
        case ast.Subscript(value=ast.Attribute(attr="parents", value=value), slice=ast.Constant()):
            return _is_path(value, module, project, depth + 1)
        case ast.Name() if node in module.scopes.scope_of:
            bindings = module.scopes.bindings(node)
            if bindings and all(
                each.kind in {"assign", "walrus"} and each.value is not None and each.annotation is None
                for each in bindings
            ):
                return all(
                    _is_path(each.value, module, project, depth + 1) for each in bindings if each.value
                )
    found = project.types.of(node, module)
    return found is not None and found.kind == "instance" and _PATH.match(found.name) is not None


def _is_text(call: ast.Call, opener: _Opener) -> bool:
    """Whether a text file is opened and nothing says, or may say, in which encoding."""
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if None in given or "encoding" in given or any(isinstance(each, ast.Starred) for each in call.args):
        return False
    if len(call.args) > opener.encoding or "opener" in given:
        return False
    if opener.mode is None:
        return True
    mode = given.get("mode") or next(iter(call.args[opener.mode : opener.mode + 1]), None)
    if mode is None:
        return "b" not in opener.default
    return isinstance(mode, ast.Constant) and isinstance(mode.value, str) and "b" not in mode.value


def _is_apart(call: ast.Call, opener: _Opener, module: Module) -> bool:
    """Whether no text of people's is meant: a path from the root of a POSIX system, ``os.devnull``, a file merely opened."""
    parent = module.parents.get(call)
    if opener.mode is not None and (
        (isinstance(parent, ast.withitem) and parent.optional_vars is None)
        or (isinstance(parent, ast.Attribute) and parent.attr == "close")
    ):
        return True
    place: ast.expr | None = next(iter(call.args), None)
    if opener in _METHODS.values() and isinstance(call.func, ast.Attribute):
        place = call.func.value
    while isinstance(place, (ast.BinOp, ast.JoinedStr, ast.Call)):
        if isinstance(place, ast.BinOp):
            place = place.left
        else:
            place = next(iter(place.values if isinstance(place, ast.JoinedStr) else place.args), None)
    if isinstance(place, ast.Attribute):
        return place.attr == "devnull"
    return isinstance(place, ast.Constant) and isinstance(place.value, str) and place.value.startswith("/")


def _quoted(call: ast.Call, module: Module) -> str:
    """The encoding in the quotes that the call, or else the file, uses."""
    near = [part for each in (*call.args, *call.keywords) for part in ast.walk(each)]
    for nodes in (near, module.nodes(ast.Constant)):
        marks = [_mark(node, module) for node in nodes if isinstance(node, ast.Constant)]
        single, double = marks.count("'"), marks.count('"')
        if single != double:
            return "'utf-8'" if single > double else '"utf-8"'
    return '"utf-8"'


def _mark(node: ast.Constant, module: Module) -> str:
    if not isinstance(node.value, str) or isinstance(module.parents.get(node), ast.JoinedStr):
        return ""
    text = module.source.segment(node).lstrip("rRuUbB")
    return "" if text.startswith(('"""', "'''")) else text[:1]


RULE = OpenEncoding()
