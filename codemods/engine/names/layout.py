"""Which file a dotted module name means: import roots, packages, and where two answers are possible."""

from __future__ import annotations

import configparser
import re
import sys
import tomllib
from functools import cached_property
from hashlib import blake2b
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.engine.files.snapshot import Snapshot

_DEEP_STDLIB = frozenset([
    "asyncio", "collections", "concurrent", "ctypes", "email", "html", "http", "importlib", "json", "logging",
    "multiprocessing", "os", "sqlite3", "unittest", "urllib", "xml",
])  # fmt: skip
"""Standard library packages whose submodules people import."""


class Layout:
    """Module names of a repository.

    A root is a folder from which imports start. The declared roots are the repository's top, ``src`` folders,
    folders that hold a packaging file, and what pytest's ``pythonpath`` and setuptools' ``package_dir``/``where``
    name. Any other folder that is not inside a package counts as a root for the files below it (a script's own
    folder is on ``sys.path``).
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._files: dict[str, list[tuple[str, ...]]] = {}
        self._packages: set[tuple[str, ...]] = set()
        self._folders: set[tuple[str, ...]] = {()}
        for path in snapshot.python:
            parts = tuple(path[:-3].split("/")) if path.endswith(".py") else None
            if parts is None:
                continue
            if parts[-1] == "__init__":
                parts = parts[:-1]
                self._packages.add(parts)
                if not parts:
                    continue
            self._files.setdefault(parts[-1], []).append(parts)
            folder = parts[:-1]
            while folder and folder not in self._folders:
                self._folders.add(folder)
                folder = folder[:-1]
        self._folders |= self._packages
        self._located: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        self._scripts: dict[tuple[str, ...], bool] = {}

    @cached_property
    def fingerprint(self) -> str:
        """Changes when any module's name may have changed."""
        text = "\n".join([*self._snapshot.python, *sorted("/".join(root) for root in self.roots)])
        return blake2b(text.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()

    @cached_property
    def roots(self) -> frozenset[tuple[str, ...]]:
        """The declared import roots, as path parts; ``()`` is the repository's top."""
        found: set[tuple[str, ...]] = {()}
        for path in self._snapshot.manifests:
            folder = tuple(PurePosixPath(path).parts[:-1])
            found.add(folder)
            for name in self._named_roots(path):
                parts = tuple(part for part in PurePosixPath(name).parts if part != ".")
                if ".." not in parts and not name.startswith("/"):
                    found.add(folder + parts)
        for folder in tuple(found):
            for name in ("src", "lib", "python"):
                child = (*folder, name)
                if child in self._folders and child not in self._packages:
                    found.add(child)
        return frozenset(root for root in found if root == () or root in self._folders)

    def _named_roots(self, path: str) -> list[str]:
        name = PurePosixPath(path).name
        if name not in {"pyproject.toml", "pytest.ini", "tox.ini", "setup.cfg"}:
            return []
        try:
            text = self._snapshot.read(path).decode("utf-8")
            if name == "pyproject.toml":
                return _from_pyproject(tomllib.loads(text))
            return _from_ini(text)
        except (OSError, ValueError, configparser.Error):
            return []

    def locate(self, name: str, near: str | None = None) -> list[str]:
        """The files that absolute module ``name`` may mean, as seen from file ``near``; best first.

        A package is its ``__init__.py``. Empty where no file of the repository can be meant (or the name is a
        folder without ``__init__.py``: see ``is_folder``).
        """
        here = tuple(near.split("/")[:-1]) if near else ()
        key = (name, here)
        known = self._located.get(key)
        if known is None:
            known = self._located[key] = self._locate(tuple(name.split(".")), here)
        if near in known and here in self._packages and not near.endswith("/__init__.py"):
            # ``import redis`` in ``app/redis.py`` never means the file itself, if ``app`` is a package.
            return [path for path in known if path != near or self._root(path, name) in self.roots]
        return list(known)

    def _locate(self, parts: tuple[str, ...], here: tuple[str, ...]) -> list[str]:
        ranked: list[tuple[int, int, tuple[str, ...]]] = []
        for file in self._files.get(parts[-1], ()):
            if file[-len(parts) :] != parts:
                continue
            root = file[: len(file) - len(parts)]
            rank = self._rank(root, here, parts)
            if rank is not None:
                ranked.append((rank, -_shared(root, here), file))
        ranked.sort()
        return [self._path(file) for _, _, file in ranked]

    @staticmethod
    def _root(path: str, name: str) -> tuple[str, ...]:
        parts = path.removesuffix("/__init__.py").removesuffix(".py").split("/")
        return tuple(parts[: len(parts) - name.count(".") - 1])

    def _rank(self, root: tuple[str, ...], here: tuple[str, ...], parts: tuple[str, ...]) -> int | None:
        above = here[: len(root)] == root
        top = parts[0]
        if top in sys.stdlib_module_names and (
            len(parts) == 1 or root not in self.roots or top in _DEEP_STDLIB
        ):
            # ``import logging`` beside an own ``logging.py`` means the library, as a rule.
            return None
        if root in self.roots:
            return 0 if above else 2
        if not above:
            return None
        if root not in self._packages or (root == here and self._holds_scripts(root)):
            return 1
        return None

    def _holds_scripts(self, package: tuple[str, ...]) -> bool:
        """Whether the files of a package may import each other without its name, as scripts do.

        They may not where any of them imports relatively, or by the package's full name: then ``import openai`` in
        ``app/llms/azure.py`` means the library, and not the file beside it.
        """
        known = self._scripts.get(package)
        if known is None:
            prefix = "/".join(package)
            own = self.name(f"{prefix}/__init__.py").partition(".")[0].encode()
            style = re.compile(
                rb"^[ \t]*(?:from\s+(?:\.|" + re.escape(own) + rb"\b)|import\s+" + re.escape(own) + rb"\.)",
                re.MULTILINE,
            )
            known = self._scripts[package] = not any(
                style.search(self._read(f"{prefix}/{file[-1]}.py"))
                for files in self._files.values()
                for file in files
                if file[:-1] == package and file not in self._packages
            )
        return known

    def _read(self, path: str) -> bytes:
        try:
            return self._snapshot.read(path)
        except OSError:
            return b""

    def _path(self, parts: tuple[str, ...]) -> str:
        return "/".join(parts) + ("/__init__.py" if parts in self._packages else ".py")

    def anywhere(self, name: str) -> list[str]:
        """Every file whose path ends as dotted ``name`` says, in any folder: what edits of ``sys.path`` may make importable."""
        parts = tuple(name.split("."))
        return [self._path(file) for file in self._files.get(parts[-1], ()) if file[-len(parts) :] == parts]

    def folders(self, name: str) -> list[str]:
        """Every folder with Python below it whose path ends as dotted ``name`` says, sorted."""
        parts = tuple(name.split("."))
        return sorted("/".join(folder) for folder in self._folders if folder[-len(parts) :] == parts)

    def is_folder(self, name: str, near: str | None = None) -> bool:
        """Whether ``name`` is a folder with Python below it, reached from a root (a namespace package)."""
        parts = tuple(name.split("."))
        here = tuple(near.split("/")[:-1]) if near else ()
        if parts[0] in sys.stdlib_module_names and (len(parts) == 1 or parts[0] in _DEEP_STDLIB):
            return False
        above = (here[:depth] for depth in range(len(here) + 1))
        roots = {*self.roots, *(root for root in above if root not in self._packages)}
        return any((*root, *parts) in self._folders for root in roots)

    def names(self, path: str) -> list[str]:
        """The dotted names under which a file can be imported, the declared root's first."""
        parts = tuple(path.removesuffix(".py").split("/"))
        if parts[-1] == "__init__":
            parts = parts[:-1]
        found = []
        for depth in range(len(parts)):
            root = parts[:depth]
            if root in self.roots or (root not in self._packages and depth == self._outermost(parts)):
                found.append((0 if root in self.roots else 1, -depth, ".".join(parts[depth:])))
        if len(parts) > 1 and not found:
            found.append((2, 0, parts[-1]))
        return [name for _, _, name in sorted(found)]

    def _outermost(self, parts: tuple[str, ...]) -> int:
        """How many folders lie above the outermost package that holds this file."""
        depth = len(parts) - (0 if parts in self._packages else 1)
        while depth and parts[:depth] in self._packages:
            depth -= 1
        return depth

    def name(self, path: str) -> str:
        """The file's own dotted name, by the packages around it: what ``__name__`` most likely is."""
        parts = tuple(path.removesuffix(".py").split("/"))
        if parts[-1] == "__init__":
            parts = parts[:-1]
        if not parts:
            return "__init__"
        deepest = max(
            (root for root in self.roots if parts[: len(root)] == root and len(root) < len(parts)), key=len
        )
        return ".".join(parts[len(deepest) :])

    def absolute(self, path: str, module: str | None, level: int) -> str:
        """The absolute name of ``from <dots><module> import ...`` written in file ``path``; empty if it leaves the root."""
        if not level:
            return module or ""
        parts = self.name(path).split(".")
        if not path.endswith("__init__.py"):
            parts = parts[:-1]
        if level - 1 > len(parts):
            return ""
        parts = parts[: len(parts) - (level - 1)]
        return ".".join([*parts, *([module] if module else [])])

    def relative(self, path: str, module: str | None, level: int) -> str | None:
        """The file that a relative import in ``path`` names, by folders alone; None if there is none."""
        folder = tuple(path.split("/")[:-1])
        if level - 1 > len(folder):
            return None
        parts = (*folder[: len(folder) - (level - 1)], *(module.split(".") if module else ()))
        if parts in self._packages:
            return "/".join([*parts, "__init__.py"])
        if parts and parts in self._files.get(parts[-1], ()):
            return self._path(parts)
        return None

    def is_own(self, top: str, near: str | None = None) -> bool:
        """Whether the top-level name ``top`` is this repository's own, as seen from ``near``."""
        return bool(self.locate(top, near)) or self.is_folder(top, near)


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _from_pyproject(data: dict[str, object]) -> list[str]:
    found: list[str] = []

    def at(*keys: str) -> object:
        value: object = data
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    for value in (
        at("tool", "pytest", "ini_options", "pythonpath"),
        at("tool", "setuptools", "packages", "find", "where"),
    ):
        if isinstance(value, str):
            found += value.split()
        elif isinstance(value, list):
            found += [str(item) for item in value]
    directories = at("tool", "setuptools", "package-dir")
    if isinstance(directories, dict):
        found += [str(item) for key, item in directories.items() if not key]
    packages = at("tool", "poetry", "packages")
    if isinstance(packages, list):
        found += [str(item["from"]) for item in packages if isinstance(item, dict) and "from" in item]
    return found


def _from_ini(text: str) -> list[str]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(text)
    found: list[str] = []
    for section in ("pytest", "tool:pytest"):
        if parser.has_option(section, "pythonpath"):
            found += parser.get(section, "pythonpath").split()
    if parser.has_option("options.packages.find", "where"):
        found.append(parser.get("options.packages.find", "where").strip())
    return found
