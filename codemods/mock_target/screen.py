"""Which test files need no look at their syntax: every target in them is seen to be right in the bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, ref

from codemods.engine.files.testing import is_test
from codemods.mock_target import stdlib

if TYPE_CHECKING:
    from codemods.engine.project import Project

_CALL = re.compile(rb"\b(patch)\s*\(|\.(setattr|spy)\s*\(|\bpatch\.(object|multiple)\s*\(")
_SPELT = re.compile(rb"\s*((?:[\"'][\w.]*[\"']\s*)+)[,)]")
_OBJECT = re.compile(rb"\s*([A-Za-z_]\w*)\s*,\s*[\"'](\w+)[\"']\s*[,)]")
_PIECE = re.compile(rb"[\"']([\w.]*)[\"']")
_ROUTE = re.compile(rb"\.patch\(\s*f?[\"'](?:/|http)")
_BOUND = re.compile(
    rb"^(?:async[ \t]+def|def)[ \t]+(\w+)|^class[ \t]+(\w+)|^(\w+)[ \t]*(?::[^=\n]*)?=(?!=)"
    rb"|^from[ \t]+([\w.]+)[ \t]+import[ \t]*(\([^)]*\)|[^\n(]*)|^import[ \t]+([^\n]*)",
    re.MULTILINE,
)
_IMPORTED = re.compile(rb"(\w+)(?:\s+as\s+(\w+))?")
_COMMENT = re.compile(rb"#[^\n]*")
_NEXT = re.compile(rb"^[^\s#)]", re.MULTILINE)
_WORD_END = re.compile(rb"\w$")
_HOPS = 8


@dataclass(frozen=True, slots=True)
class _Bound:
    """A top-level name: ``class``, ``other``, or an import of ``name`` from ``module`` (as written, with dots)."""

    kind: str
    module: str = ""
    name: str = ""


_SCREENS: WeakKeyDictionary[Project, _Screen] = WeakKeyDictionary()


def may_hold(project: Project, path: str) -> bool:
    """Whether some target of a file isn't seen to be right."""
    screen = _SCREENS.get(project)
    if screen is None:
        screen = _SCREENS[project] = _Screen(project)
    return screen.may_hold(path)


class _Screen:
    """Judges whole files by their bytes; in doubt a file is to be read."""

    def __init__(self, project: Project) -> None:
        self._project = ref(project)
        self._names: dict[str, dict[str, _Bound]] = {}

    @property
    def project(self) -> Project:
        """The project, which keeps its screen."""
        project = self._project()
        assert project is not None
        return project

    def _read(self, path: str) -> bytes:
        """A file's bytes; the result depends on them."""
        self.project.note("file", path, self.project.snapshot.digest(path))
        return self.project.read(path)

    def may_hold(self, path: str) -> bool:
        """Whether some target of a file isn't seen to be right."""
        data = self._read(path)
        if b"patch as" in data:
            return True
        return any(not self._passes(call, data, path) for call in _CALL.finditer(data))

    def _passes(self, call: re.Match[bytes], data: bytes, path: str) -> bool:
        form = call[1] or call[2] or call[3]
        if form in {b"patch", b"setattr"}:
            spelt = _SPELT.match(data, call.end())
            if spelt is not None:
                target = b"".join(_PIECE.findall(spelt[1]))
                key = ("mock-target", "fine", target, path.rpartition("/")[0])
                return self.project.remembered(key, lambda: self._is_fine(target.decode(), path))
        if form == b"patch":
            return _ROUTE.match(data, call.start() - 1) is not None
        given = _OBJECT.match(data, call.end())
        if given is None:
            return False
        bound = self._bound(path).get(given[1].decode())
        return bound is not None and self._through(path, bound, [given[2].decode()], 0)

    def _is_fine(self, target: str, near: str) -> bool:
        parts = target.split(".")
        if len(parts) < 2:
            return True
        for length in range(len(parts) - 1, 0, -1):
            found = self.project.locate(".".join(parts[:length]), near)
            if found:
                if parts[0] == "src" or len(found) > 1 or self._hides(found[0]):
                    return False
                return self._holds(found[0], parts[length:])
        return not self.project.layout.is_folder(parts[0], near) and stdlib.missing(target) is None

    def _hides(self, path: str) -> bool:
        """Whether a package may bind something else by the name of this module."""
        folder, _, name = path.removesuffix("/__init__.py").removesuffix(".py").rpartition("/")
        package = f"{folder}/__init__.py"
        return self.project.has(package) and name in self._bound(package)

    def _holds(self, path: str, rest: list[str], depth: int = 0) -> bool:
        """Whether a module has a name, and nobody can hold a copy of it."""
        bound = self._bound(path).get(rest[0])
        if bound is None or depth > _HOPS:
            return False
        if len(rest) == 1:
            return self._used_here(path, rest[0], bound) or not self._copied(path, rest[0])
        if bound.kind == "other":
            # Attributes of functions and values aren't judged.
            return True
        if bound.kind == "class":
            return len(rest) == 2 and self._has_method(path, rest[0], rest[1])
        return self._through(path, bound, rest[1:], depth)

    def _through(self, path: str, bound: _Bound, rest: list[str], depth: int) -> bool:
        """Whether ``rest`` is right on what an import binds."""
        if bound.kind != "import":
            return False
        written = bound.module.lstrip(".")
        level = len(bound.module) - len(written)
        layout = self.project.layout
        if level:
            home = layout.relative(path, written or None, level)
            child = layout.relative(path, f"{written}.{bound.name}" if written else bound.name, level)
        else:
            if not layout.is_own(written.partition(".")[0], path):
                return True
            homes = self.project.locate(written, path)
            home = homes[0] if len(homes) == 1 else None
            child = next(iter(self.project.locate(f"{written}.{bound.name}", path)), None)
        if not bound.name:
            return home is not None and self._holds(home, rest, depth + 1)
        if home is not None and bound.name in self._bound(home):
            return self._holds(home, [bound.name, *rest], depth + 1)
        return child is not None and self._holds(child, rest, depth + 1)

    def _has_method(self, path: str, owner: str, name: str) -> bool:
        data = self._read(path)
        start = _defined(data, b"\nclass ", owner.encode(), 0)
        if start < 0:
            return False
        end = _NEXT.search(data, start)
        body = data[start : end.start() if end else len(data)]
        place = _defined(body, b"def ", name.encode(), 0)
        while place >= 0:
            begin = place - len(name.encode()) - len(b"def ")
            if body[body.rfind(b"\n", 0, begin) + 1 : begin].strip() in {b"", b"async"}:
                return True
            place = _defined(body, b"def ", name.encode(), place)
        return False

    def _bound(self, path: str) -> dict[str, _Bound]:
        data = self._read(path)
        known = self._names.get(path)
        if known is not None:
            return known
        names: dict[str, _Bound] = {}
        for function, owner, value, module, taken, whole in _BOUND.findall(data):
            if owner:
                names[owner.decode()] = _Bound("class")
            elif module:
                for name, alias in _IMPORTED.findall(_COMMENT.sub(b"", taken)):
                    names[(alias or name).decode()] = _Bound("import", module.decode(), name.decode())
            elif whole:
                plain = re.fullmatch(rb"([\w.]+)(?:[ \t]+as[ \t]+(\w+))?[ \t\r]*(?:#.*)?", whole)
                if plain is not None and (plain[2] or b"." not in plain[1]):
                    names[(plain[2] or plain[1]).decode()] = _Bound("import", plain[1].decode())
            else:
                names[(function or value).decode()] = _Bound("other")
        self._names[path] = names
        return names

    def _used_here(self, path: str, name: str, bound: _Bound) -> bool:
        """Whether a module's functions use a name that it imports: replacing it there is what one should do."""
        if bound.kind != "import":
            return False
        data, wanted = self._read(path), name.encode()
        place = data.find(wanted)
        while place >= 0:
            line = data[data.rfind(b"\n", 0, place) + 1 : place]
            after = data[place + len(wanted) : place + len(wanted) + 1]
            if (
                after in {b".", b"("}
                and line[:1] in {b" ", b"\t"}
                and not _WORD_END.search(line)
                and not line.lstrip().startswith((b"from ", b"import ", b"#"))
            ):
                return True
            place = data.find(wanted, place + 1)
        return False

    def _copied(self, path: str, name: str) -> bool:
        """Whether code outside the tests may import the name from this very module."""
        own = path.removesuffix("/__init__.py").removesuffix(".py").split("/")
        for other in self.project.importers(name):
            if other == path or is_test(other):
                continue
            bound = [each for each in self._bound(other).values() if each.name == name]
            if not bound or any(own[-1] == each.module.rpartition(".")[2] or not each.module.strip(".") for each in bound):  # fmt: skip
                return True
        return False


def _defined(data: bytes, opening: bytes, name: bytes, start: int) -> int:
    """Where ``opening`` and a whole ``name`` end; -1 if nowhere."""
    wanted = opening + name
    place = data.find(wanted, start)
    while place >= 0:
        end = place + len(wanted)
        if not (data[end : end + 1].isalnum() or data[end : end + 1] == b"_"):
            return end
        place = data.find(wanted, end)
    return -1
