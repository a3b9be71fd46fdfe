"""Which of the two names the packaging files make importable."""

from __future__ import annotations

import ast
import configparser
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from codemods.engine.names.facts import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.project import Project
    from codemods.src_import.folders import Folder

Choice = Literal["src", "plain"]


@dataclass(frozen=True, slots=True)
class Vote:
    """What one setting says, and where it stands. ``installs``: it holds wherever the package is installed, not in tests only."""

    choice: Choice
    where: str
    installs: bool = True


def votes(folder: Folder, project: Project) -> list[Vote]:
    """What the packaging files beside a ``src`` folder say, in a fixed order."""
    start = f"{folder.base}/" if folder.base else ""
    found = []
    readers = {
        "pyproject.toml": _pyproject,
        "setup.cfg": _ini,
        "setup.py": _setup,
        "pytest.ini": _ini,
        "tox.ini": _ini,
    }
    for name, reader in readers.items():
        path = f"{start}{name}"
        if path in project.manifests:
            try:
                text = project.snapshot.read(path).decode("utf-8")
                found += [
                    Vote(choice, f"{path}: {key}", installs)
                    for choice, key, installs in reader(text, folder, project)
                ]
            except (OSError, ValueError, SyntaxError, configparser.Error):
                continue  # says nothing that can be read
    return found


_Said = tuple[Choice, str, bool]


def _pyproject(text: str, folder: Folder, project: Project) -> Iterator[_Said]:
    data = tomllib.loads(text)

    def at(*keys: str) -> Any:
        value: Any = data
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    explicit = list(_explicit(at, folder))
    yield from explicit
    if not any(key.startswith("tool.") for _, key, _ in explicit):
        yield from _by_default(at, folder, project)
    for keys in (("project", "scripts"), ("project", "gui-scripts"), ("tool", "poetry", "scripts")):
        for value in (at(*keys) or {}).values() if isinstance(at(*keys), dict) else ():
            first, _, rest = str(value).partition(":")[0].partition(".")
            if first == "src" and rest.partition(".")[0] in folder.tops:
                yield "src", ".".join(keys), True
            elif first in folder.tops:
                yield "plain", ".".join(keys), True
    yield from _pythonpath(
        at("tool", "pytest", "ini_options", "pythonpath"), "tool.pytest.ini_options.pythonpath"
    )


def _explicit(at: Any, folder: Folder) -> Iterator[_Said]:
    find = at("tool", "setuptools", "packages", "find")
    if isinstance(find, dict):
        where, include = _texts(find.get("where")), _texts(find.get("include"))
        if "src" in map(_plain, where):
            yield "plain", "tool.setuptools.packages.find.where", True
        elif any(each in {"src", "src*", "src.*"} for each in include):
            yield "src", "tool.setuptools.packages.find.include", True
    yield from _directories(at("tool", "setuptools", "package-dir"), "tool.setuptools.package-dir")
    if any(each == "src" or each.startswith("src.") for each in _texts(at("tool", "setuptools", "packages"))):
        yield "src", "tool.setuptools.packages", True
    for each in at("tool", "poetry", "packages") or ():
        if isinstance(each, dict) and _plain(str(each.get("from", ""))) == "src":
            yield "plain", "tool.poetry.packages", True
        elif isinstance(each, dict) and "from" not in each and each.get("include") == "src":
            yield "src", "tool.poetry.packages", True
    for table in (("tool", "hatch", "build"), ("tool", "hatch", "build", "targets", "wheel")):
        packages, sources = _texts(at(*table, "packages")), at(*table, "sources")
        if any(_plain(each).startswith("src/") for each in packages) or "src" in map(_plain, sources or ()):
            yield "plain", f"{'.'.join(table)}.packages", True
        elif "src" in map(_plain, packages):
            yield "src", f"{'.'.join(table)}.packages", True
    if "src" in {at("tool", "pdm", "build", "package-dir"), at("tool", "pdm", "package-dir")}:
        yield "plain", "tool.pdm.build.package-dir", True


def _by_default(at: Any, folder: Folder, project: Project) -> Iterator[_Said]:
    """What build backends do where nothing is said: they take the packages of a folder ``src`` as the top ones."""
    start = f"{folder.base}/" if folder.base else ""
    backend = str(at("build-system", "build-backend") or "")
    name = (
        str(at("project", "name") or at("tool", "poetry", "name") or "")
        .replace("-", "_")
        .replace(".", "_")
        .lower()
    )
    own = project.has(f"{folder.path}/{name}/__init__.py")
    if (
        backend.startswith("uv_build")
        and at("tool", "uv", "build-backend", "module-root") in (None, "src")
        and own
    ):
        yield "plain", "build-system.build-backend (uv_build)", True
    elif backend.startswith(("hatchling", "poetry", "pdm", "flit_core")) and own:
        yield "plain", "build-system.build-backend", True
    elif (
        backend.startswith("setuptools")
        and isinstance(at("project"), dict)
        and at("tool", "setuptools", "packages") is None
        and at("tool", "setuptools", "py-modules") is None
        and not {f"{start}setup.py", f"{start}setup.cfg"} & set(project.manifests)
    ):
        yield "plain", "build-system.build-backend (setuptools takes a `src` folder by itself)", True


def _ini(text: str, folder: Folder, project: Project) -> Iterator[_Said]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(text)
    if "=src" in parser.get("options", "package_dir", fallback="").replace(" ", "").split():
        yield "plain", "options.package_dir", True
    if _plain(parser.get("options.packages.find", "where", fallback="").strip()) == "src":
        yield "plain", "options.packages.find.where", True
    for section in ("pytest", "tool:pytest"):
        yield from _pythonpath(parser.get(section, "pythonpath", fallback=""), "pythonpath")


def _setup(text: str, folder: Folder, project: Project) -> Iterator[_Said]:
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        last = (dotted(node.func) or "").rpartition(".")[2]
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        if last in {"find_packages", "find_namespace_packages"}:
            where = node.args[0] if node.args else given.get("where")
            if isinstance(where, ast.Constant) and _plain(str(where.value)) == "src":
                yield "plain", f"{last}()", True
        elif last == "setup" and isinstance(given.get("package_dir"), ast.Dict):
            try:
                value = ast.literal_eval(given["package_dir"])
            except ValueError:
                continue
            yield from _directories(value, "package_dir")


def _directories(value: object, key: str) -> Iterator[_Said]:
    for name, folder in value.items() if isinstance(value, dict) else ():
        if _plain(str(folder)) == ("src" if not name else f"src/{str(name).replace('.', '/')}"):
            yield "plain", key, True


def _pythonpath(value: object, key: str) -> Iterator[_Said]:
    folders = {_plain(each) for each in (value.split() if isinstance(value, str) else _texts(value))}
    if "src" in folders and "" not in folders:
        yield "plain", key, False
    elif "" in folders and "src" not in folders:
        yield "src", key, False


def _texts(value: object) -> list[str]:
    return (
        [value]
        if isinstance(value, str)
        else [str(each) for each in value]
        if isinstance(value, list)
        else []
    )


def _plain(path: str) -> str:
    """A folder as it is compared: ``./src/`` is ``src``, ``.`` is empty."""
    return path.strip().removeprefix("./").rstrip("/").removeprefix(".")
