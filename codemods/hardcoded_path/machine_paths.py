"""Which texts are paths of one person's machine, and which file of the repository they end in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.engine.project import Project

MAY_BE = re.compile(
    rb"""["'](?:/home/|/Users/|/root/|[A-Za-z]:(?:/|\\\\?)[^"'\n]*[/\\])""",
)
"""What a file's bytes hold where a literal may be such a path."""

_LONGEST = 400
_PLACEHOLDERS = re.compile(r"[\0-\x1f<>{}$%*?|;,=\"`]| -|:|\.\.\.|//")
_HOME = re.compile(r"/(?P<kind>home|Users)/(?P<user>[^/]+)/(?P<rest>.+)")
_ROOT = re.compile(r"/root/(?P<rest>.+)")
_DRIVE = re.compile(r"[A-Za-z]:[/\\]+(?:(?i:Users)[/\\]+(?P<user>[^/\\]+)[/\\]+)?(?P<rest>.+)", re.DOTALL)
_NOBODY = re.compile(
    r"(?i)(?:your|example|test|demo|user|foo|some)[\w.-]*|my[_-]?(?:user|name|home|self|account)\w*"
    r"|the|bar|baz|usr|name|username|me|you|home|alice|bob|carol|jane|john|joe|doe|jdoe|johndoe|shared|public|default"
    r"|x+|guest|a|b|u"
)
"""Names that stand for anybody's: the path is an example."""

_CONTAINERS = frozenset([
    "app", "appuser", "agent", "airflow", "amnesia", "celery", "circleci", "codespace", "coder", "container", "daytona",
    "django", "docker", "dockeruser", "fastapi", "flask", "gitpod", "jenkins", "jovyan", "mambauser", "model-server",
    "node", "nobody", "nonroot", "odoo", "python", "runner", "runneradmin", "sandbox", "service", "site", "steam",
    "vscode", "containeruser", "containeradministrator", "web", "webapp", "worker", "www-data", "frappe", "spark", "dagster", "prefect", "sagemaker-user",
])  # fmt: skip
"""Homes that images, sandboxes and build servers make: there the path is right."""

_SERVERS = frozenset([
    "ubuntu", "ec2-user", "admin", "deploy", "deployer", "azureuser", "centos", "debian", "opc", "pi", "vagrant", "git",
    "www", "ftp", "oracle", "hadoop", "postgres", "cloud-user", "nvidia", "jetson", "fedora", "rocky", "core", "bitnami",
])  # fmt: skip
"""Accounts that servers have: a path below them is the program's, and a repository's file may be at its end."""

_SYSTEM = frozenset([
    "windows", "program files", "program files (x86)", "programdata", "python", "temp", "tmp", "msys64", "cygwin64",
    "winnt", "perflogs", "tools", "inetpub",
])  # fmt: skip
_OWN = frozenset([
    "desktop", "documents", "downloads", "onedrive", "dropbox", "projects", "project", "code", "coding", "dev", "git",
    "github", "gitlab", "repos", "repositories", "repo", "workspace", "workspaces", "work", "development", "src",
    "pycharmprojects", "ideaprojects", "programming", "sites", "jupyter", "notebooks", "icloud drive", "google drive",
])  # fmt: skip
"""Folders in which people keep their work."""

_ON_DRIVES = _OWN - {"git", "src", "dev", "work", "code", "sites", "project", "development", "coding", "repo"}
"""Those that nothing else makes at the top of a drive."""

_INNER = frozenset([
    "config", "conf", "configs", "data", "dataset", "datasets", "models", "model", "lib", "assets", "static", "output",
    "outputs", "results", "logs", "log", "scripts", "tests", "test", "tmp", "temp", "bin", "images", "templates", "docs",
    "app", "backend", "frontend", "server", "uploads", "cache", "resources", "files", "input", "keys", "secrets", "env",
])  # fmt: skip
"""Folders that lie inside of a checkout, and are none."""

_COMMON = frozenset([
    "readme.md", "requirements.txt", "setup.py", "setup.cfg", "pyproject.toml", "dockerfile", "makefile", "license",
    "main.py", "app.py", "run.py", "manage.py", "package.json", "docker-compose.yml", "compose.yaml", "config.py",
    "conftest.py", "config.json", "config.yaml", "config.yml", "config.ini", "config.toml", "settings.py", "test.py",
    "data.csv", "data.json", "index.html", "credentials.json", "token.json", "settings.json", "utils.py", "__init__.py",
    "output.csv", "output.json", "database.db", "app.db", "app.log",
])  # fmt: skip
"""Names that many repositories have at their top: that there is such a file proves nothing."""


@dataclass(frozen=True, slots=True)
class MachinePath:
    """An absolute path below somebody's home or on a drive, and its parts from there on.

    ``certain``: it can only be one person's machine.
    """

    text: str
    parts: tuple[str, ...]
    certain: bool


def machine_path(text: str) -> MachinePath | None:
    """What a text says of a machine; None where it is no such path, or may be right everywhere the program runs."""
    if len(text) > _LONGEST or _PLACEHOLDERS.search(text.partition(":")[2] if text[1:2] == ":" else text):
        return None
    whole, text = text, text.rstrip("/\\")
    if match := _HOME.fullmatch(text):
        user, parts = match["user"], tuple(match["rest"].split("/"))
        if _NOBODY.fullmatch(user) or user.casefold() in _CONTAINERS:
            return None
        hidden = any(part.startswith(".") for part in parts[:-1])
        on_server = user.casefold() in _SERVERS
        return MachinePath(
            whole, parts, match["kind"] == "Users" or (not on_server and not hidden and _is_work(parts))
        )
    if match := _ROOT.fullmatch(text):
        return MachinePath(whole, tuple(match["rest"].split("/")), certain=False)
    if match := _DRIVE.fullmatch(text):
        user, parts = match["user"], tuple(re.split(r"[/\\]+", match["rest"]))
        if (user and (_NOBODY.fullmatch(user) or user.casefold() in _CONTAINERS)) or (
            not user and (parts[0].casefold() in _SYSTEM or re.match(r"(?i)python|\$|users$", parts[0]))
        ):
            return None
        return MachinePath(whole, parts, user is not None or _is_work(parts, _ON_DRIVES))
    return None


def _is_work(parts: tuple[str, ...], folders: frozenset[str] = _OWN) -> bool:
    return any(part.casefold() in folders for part in parts[:-1])


def own_file(path: MachinePath, project: Project, *, weak: bool = False) -> tuple[str, ...] | None:
    """The longest end of the path that is a file or folder of the repository, seen from its top; None for none.

    Two parts at least, or the name of one file at the top that few repositories have (``weak``: that any may have).
    """
    for number in range(1, len(path.parts)):
        end = path.parts[number:]
        if not all(end) or ".." in end or "." in end or ".git" in end:
            return None
        if (len(end) > 1 or _is_telling(path.parts, weak=weak)) and project.exists("/".join(end)):
            return end
    return None


def _is_telling(parts: tuple[str, ...], *, weak: bool) -> bool:
    """Whether the name of one file says which repository is meant."""
    folder, name = parts[-2].casefold(), parts[-1].casefold()
    return "." in name[1:] and folder not in _OWN | _INNER and (weak or name not in _COMMON)
