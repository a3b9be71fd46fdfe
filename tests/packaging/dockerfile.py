"""Carries out a Dockerfile's own steps in a fresh directory, where there is no container engine.

Every absolute path in a step becomes one below the directory. Each stage begins with a Python of its own at
``/usr/local``, as the images of python have it; what the stage before left is kept for ``COPY --from``. Instructions
that it does not know are errors, so that nothing in the Dockerfile goes untried.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import version as version_of
from pathlib import Path

import pip

_PATH = re.compile(r"(?<![\w./:$}{*-])/(?=[a-z])")
_SAID = {"LABEL", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD", "USER"}
_NAMES = re.compile(r"\$\{?(\w+)\}?")


@dataclass(frozen=True)
class Instruction:
    """One instruction, its continued lines joined."""

    name: str
    text: str

    @property
    def words(self) -> list[str]:
        """The arguments of its JSON form, or its words."""
        text = self.text
        return list(json.loads(text)) if text.startswith("[") else text.split()


def read(dockerfile: Path) -> list[Instruction]:
    """The instructions in their order."""
    lines = [line for line in dockerfile.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    parts = (line.split(None, 1) for line in joined.splitlines() if line.strip())
    return [Instruction(name.upper(), " ".join(text.split())) for name, text in parts]


def context(folder: Path) -> Iterator[Path]:
    """The files below ``folder`` that ``.dockerignore`` lets through, relative.

    Its patterns are rooted, hold for all that lies below, and the last that matches decides.
    """
    lines = (folder / ".dockerignore").read_text().splitlines()
    rules = [(_pattern(each.lstrip("!")), each.startswith("!")) for each in lines if each and each[0] != "#"]
    for top in (each for each in folder.iterdir() if _kept(Path(each.name), rules)):
        for path in top.rglob("*") if top.is_dir() else [top]:
            if path.is_file() and _kept(path.relative_to(folder), rules):
                yield path.relative_to(folder)


def _kept(path: Path, rules: list[tuple[re.Pattern[str], bool]]) -> bool:
    names = [path.as_posix(), *(each.as_posix() for each in path.parents)]
    found = [keep for pattern, keep in rules if any(pattern.fullmatch(name) for name in names)]
    return not found or found[-1]


def _pattern(text: str) -> re.Pattern[str]:
    wild = {"**/": "(?:.*/)?", "*": "[^/]*"}
    return re.compile("".join(wild.get(part, re.escape(part)) for part in re.split(r"(\*\*/|\*)", text)))


@dataclass
class Image:
    """The last stage as it was left: ``root`` is its file system."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    said: dict[str, Instruction] = field(default_factory=dict)
    folder: str = "/"

    def here(self, text: str) -> str:
        """The text with its absolute paths led below the root."""
        return _PATH.sub(f"{self.root}/", text)

    def expanded(self, text: str, names: dict[str, str]) -> str:
        return _NAMES.sub(lambda found: names.get(found[1], found[0]), text)


def carry_out(dockerfile: Path, root: Path) -> Image:
    """Builds below ``root`` what the Dockerfile builds, from the folder that it lies in."""
    stages: dict[str, Path] = {}
    image = Image(root)
    arguments: dict[str, str] = {}
    for step in read(dockerfile):
        if step.name == "ARG":
            name, _, value = step.text.partition("=")
            arguments[name] = value.strip('"')
        elif step.name == "FROM":
            if root.exists():
                root.rename(stages["last"])
            image = _base(root)
            words = step.text.split(" AS ")
            stages["last"] = root.with_name(f"{root.name}-{len(stages)}")
            if len(words) > 1:
                stages[words[1].strip()] = stages["last"]
        elif step.name == "WORKDIR":
            image.folder = step.text
            (root / step.text.lstrip("/")).mkdir(parents=True, exist_ok=True)
        elif step.name == "ENV":
            for name, value in re.findall(r'(\w+)=("[^"]*"|\S+)', step.text):
                known = arguments | image.environment
                image.environment[name] = image.expanded(image.here(value.strip('"')), known)
        elif step.name == "COPY":
            _copy(image, step, dockerfile.parent, stages)
        elif step.name == "RUN":
            _run(image, step.text)
        elif step.name in _SAID:
            image.said[step.name] = step
        else:
            raise NotImplementedError(step.name)
    return image


def _base(root: Path) -> Image:
    """A file system with a Python and its pip at ``/usr/local``: this one's, copied, so that any user may run it."""
    local = root / "usr" / "local"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    library = shutil.ignore_patterns("site-packages", "test", "__pycache__", "config-*", "EXTERNALLY-MANAGED")
    shutil.copytree(sysconfig.get_path("stdlib"), local / "lib" / version, symlinks=True, ignore=library)
    python = local / "bin" / version
    python.parent.mkdir(parents=True)
    shutil.copy2(Path(sys._base_executable).resolve(), python)
    shared = Path(sysconfig.get_config_var("LIBDIR")) / str(sysconfig.get_config_var("INSTSONAME"))
    if shared.suffix != ".a" and shared.exists():
        shutil.copy2(shared, local / "lib" / shared.name)
    for name in ("python", "python3"):
        (python.parent / name).symlink_to(version)
    environment = {"PATH": f"{python.parent}:/usr/bin:/bin", "LD_LIBRARY_PATH": str(local / "lib")}
    asked = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    done = subprocess.run(asked, env=environment, capture_output=True, text=True, check=True)
    packages = Path(done.stdout.strip())
    assert packages.is_relative_to(local), f"{packages} is not below {local}"
    for part in ("pip", f"pip-{version_of('pip')}.dist-info"):
        shutil.copytree(Path(pip.__file__).parents[1] / part, packages / part)
    return Image(root, environment)


def _run(image: Image, text: str) -> None:
    pip = {
        name: value
        for name, value in os.environ.items()
        if name.startswith("PIP_") or "PROXY" in name.upper()
    }
    done = subprocess.run(
        ["/bin/sh", "-ec", image.here(text)],
        cwd=image.root / image.folder.lstrip("/"),
        env=pip | image.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise AssertionError(f"RUN {text}\n{done.stdout}\n{done.stderr}")


def _copy(image: Image, step: Instruction, folder: Path, stages: dict[str, Path]) -> None:
    words = step.words
    options = dict(word.removeprefix("--").split("=", 1) for word in words if word.startswith("--"))
    assert options.keys() <= {"from", "chown"}, options
    *sources, target = (word for word in words if not word.startswith("--"))
    to = image.root / image.folder.lstrip("/") / image.here(target)
    sent = None if "from" in options else set(context(folder))
    for source in sources:
        if sent is None:
            _place(stages[options["from"]] / source.lstrip("/"), to, target)
        else:
            chosen = [each for each in sent if each == Path(source) or Path(source) in each.parents]
            assert chosen, f"COPY {source}: .dockerignore lets nothing of it through"
            for each in chosen:
                _place(folder / each, to / each.relative_to(source) if each != Path(source) else to, target)
    if "chown" in options and os.geteuid() == 0:
        user, group = map(int, options["chown"].split(":"))
        for each in (to, *to.rglob("*")):
            os.chown(each, user, group, follow_symlinks=False)


def _place(source: Path, to: Path, target: str) -> None:
    if source.is_dir():
        shutil.copytree(source, to, symlinks=True, dirs_exist_ok=True)
        return
    if target.endswith("/") and to.is_dir():
        to /= source.name
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, to, follow_symlinks=False)
