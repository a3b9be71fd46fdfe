"""Which versions a repository asks for, read from its packaging files as data."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.engine.files.snapshot import Snapshot

_REQUIREMENT = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*\(?\s*([^;#)]*)")
_SPECIFIER = re.compile(r"(===|==|~=|>=|<=|!=|<|>|\^)\s*v?([0-9]+(?:\.[0-9]+)*)")
_PYTHON_REQUIRES = re.compile(r"""\bpython_requires\s*=\s*["']?([^"'\n,)]*(?:,[^"'\n)]*)?)""")
Version = tuple[int, ...]
Note = Callable[[str, str, str], None]


@dataclass(frozen=True)
class Declared:
    """What the packaging files say: the lowest and highest version of each library, and the lowest Python."""

    bounds: Mapping[str, tuple[Version | None, Version | None]]
    python: Version | None


class Pins:
    """The lowest and highest versions that the repository's own files admit; a lock file's version is exact.

    Every answer is noted, so that a result holds while the versions that it asked for are the same, whatever else
    changes in the packaging files.
    """

    def __init__(self, declared: Callable[[], Declared], note: Note) -> None:
        self._declared = declared
        self._note = note

    def lowest(self, name: str) -> Version | None:
        """The lowest version of a library that may be installed; None where nothing says so."""
        return self._bounds(name)[0]

    def highest(self, name: str) -> Version | None:
        """The highest version that may be installed (an upper bound is given as itself); None for no bound."""
        return self._bounds(name)[1]

    def mentions(self, name: str) -> bool:
        """Whether the repository declares the library at all."""
        self._bounds(name)
        return _normal(name) in self._declared().bounds

    @property
    def python(self) -> Version | None:
        """The lowest Python that the packaging files admit; None where nothing says so."""
        self._note("pin", "", pin_of(self._declared(), ""))
        return self._declared().python

    def _bounds(self, name: str) -> tuple[Version | None, Version | None]:
        self._note("pin", name, pin_of(self._declared(), name))
        return self._declared().bounds.get(_normal(name), (None, None))


def pin_of(declared: Declared, name: str) -> str:
    """Today's answer to a question about a library that was noted; the empty name asks for Python."""
    return repr(declared.bounds.get(_normal(name))) if name else repr(declared.python)


def manifests_stamp(snapshot: Snapshot) -> str:
    """Changes when any packaging file does; nothing is read that the snapshot need not read for a digest."""
    state = blake2b(digest_size=8)
    for path in snapshot.manifests:
        state.update(f"{path}\n{_digest(path, snapshot)}\n".encode("utf-8", "surrogateescape"))
    return state.hexdigest()


def _digest(path: str, snapshot: Snapshot) -> str:
    try:
        return snapshot.digest(path)
    except OSError:
        return ""


def declared(snapshot: Snapshot) -> Declared:
    """What the packaging files say.

    For Python are read ``requires-python``, poetry's ``python``, setuptools' ``python_requires`` and Pipfile's
    ``python_version``.
    """
    return _Reader(snapshot).read()


class _Reader:
    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._tables: dict[str, dict[str, object]] = {}

    def read(self) -> Declared:
        found = [_bounds(text)[0] for path in self._snapshot.manifests for text in self._python_texts(path)]
        python = min((version for version in found if version is not None), default=None)
        return Declared(self._pins(), python)

    def _python_texts(self, path: str) -> list[str]:
        name = PurePosixPath(path).name
        if name in {"setup.cfg", "setup.py"}:
            return _PYTHON_REQUIRES.findall(self._text(path))
        if name == "pyproject.toml":
            keys = [("project", "requires-python"), ("tool", "poetry", "dependencies", "python")]
        elif name == "Pipfile":
            keys = [("requires", "python_version"), ("requires", "python_full_version")]
        else:
            return []
        data = self._toml(path)
        return [text for key in keys if isinstance(text := _at(data, *key), str)]

    def _pins(self) -> dict[str, tuple[Version | None, Version | None]]:
        found: dict[str, tuple[Version | None, Version | None]] = {}
        exact: dict[str, Version] = {}
        for path in self._snapshot.manifests:
            name = PurePosixPath(path).name
            if name == "pyproject.toml":
                requirements = _pyproject_requirements(self._toml(path))
            elif name.startswith("requirements") or "/requirements/" in f"/{path}":
                requirements = _requirement_lines(self._text(path))
            elif name == "Pipfile":
                requirements = _table(_at(self._toml(path), "packages")) + _table(
                    _at(self._toml(path), "dev-packages")
                )
            elif name in {"poetry.lock", "uv.lock", "pdm.lock"}:
                exact |= _locked(self._toml(path))
                continue
            elif name == "Pipfile.lock":
                exact |= _pipfile_locked(self._text(path))
                continue
            elif name == "setup.cfg":
                requirements = _requirement_lines(self._text(path))
            else:
                continue
            for library, bounds in requirements:
                low, high = _bounds(bounds)
                known = found.get(library)
                if known is not None:
                    low = min((value for value in (known[0], low) if value is not None), default=None)
                    high = max((value for value in (known[1], high) if value is not None), default=None)
                found[library] = (low, high)
        for library, version in exact.items():
            found[library] = (version, version)
        return found

    def _text(self, path: str) -> str:
        try:
            return self._snapshot.read(path).decode("utf-8", "replace")
        except OSError:
            return ""

    def _toml(self, path: str) -> dict[str, object]:
        if path not in self._tables:
            try:
                self._tables[path] = tomllib.loads(self._text(path))
            except (tomllib.TOMLDecodeError, RecursionError):
                self._tables[path] = {}
        return self._tables[path]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _version(text: str) -> Version:
    return tuple(int(part) for part in text.split("."))


def _bounds(text: str) -> tuple[Version | None, Version | None]:
    low: Version | None = None
    high: Version | None = None
    for operator, number in _SPECIFIER.findall(text):
        version = _version(number)
        if operator in {"==", "===", "~=", ">=", ">", "^"}:
            low = version
        if operator in {"==", "===", "<", "<="}:
            high = version
    if low is None and re.fullmatch(r"\s*v?[0-9]+(\.[0-9]+)*\s*", text):
        low = high = _version(text.strip().lstrip("v"))
    return low, high


def _at(data: object, *keys: str) -> object:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def _requirement_lines(text: str) -> list[tuple[str, str]]:
    found = []
    for line in text.splitlines():
        match = _REQUIREMENT.match(line)
        if match and not line.lstrip().startswith(("-", "#", "[")):
            found.append((_normal(match[1]), match[2]))
    return found


def _table(table: object) -> list[tuple[str, str]]:
    if not isinstance(table, dict):
        return []
    found = []
    for name, value in table.items():
        version = value.get("version", "") if isinstance(value, dict) else value
        found.append((_normal(str(name)), version if isinstance(version, str) else ""))
    return found


def _pyproject_requirements(data: dict[str, object]) -> list[tuple[str, str]]:
    lines: list[str] = []
    groups = [_at(data, "project", "dependencies")]
    for table in (_at(data, "project", "optional-dependencies"), _at(data, "dependency-groups")):
        groups += list(table.values()) if isinstance(table, dict) else []
    for group in groups:
        lines += [item for item in group if isinstance(item, str)] if isinstance(group, list) else []
    found = _requirement_lines("\n".join(lines))
    found += _table(_at(data, "tool", "poetry", "dependencies"))
    found += _table(_at(data, "tool", "poetry", "dev-dependencies"))
    poetry_groups = _at(data, "tool", "poetry", "group")
    for group in poetry_groups.values() if isinstance(poetry_groups, dict) else ():
        found += _table(_at(group, "dependencies"))
    return found


def _locked(data: dict[str, object]) -> dict[str, Version]:
    found: dict[str, Version] = {}
    packages = data.get("package")
    for package in packages if isinstance(packages, list) else ():
        name, version = _at(package, "name"), _at(package, "version")
        match = re.match(r"[0-9]+(?:\.[0-9]+)*", version) if isinstance(version, str) else None
        if isinstance(name, str) and match:
            found[_normal(name)] = _version(match.group())
    return found


def _pipfile_locked(text: str) -> dict[str, Version]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    found: dict[str, Version] = {}
    for section in ("default", "develop"):
        entries = _at(data, section)
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            version = _at(entry, "version")
            low, _ = _bounds(version) if isinstance(version, str) else (None, None)
            if low is not None:
                found[_normal(name)] = low
    return found
