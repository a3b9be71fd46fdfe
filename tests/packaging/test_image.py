"""The image: its Dockerfile's own steps in a fresh directory, then the service from there, unprivileged and read-only.

The steps install the lock as the image does, so this one file needs the package index.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.packaging.dockerfile import Image, carry_out, context, read
from tests.service import free_port, private_key

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "Dockerfile"
USER = 10001


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    """Built below a folder that every user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="patchwright-image-")).resolve()
    folder.chmod(0o755)
    try:
        built = carry_out(DOCKERFILE, folder / "image")
        change(built.root, 0o555)  # a read-only file system
        (built.root / "data").chmod(0o700)
        yield built
    finally:
        change(folder, 0o755)
        shutil.rmtree(folder)


def change(folder: Path, mode: int) -> None:
    """Gives this mode to all folders below."""
    for top, _, _ in os.walk(folder):
        Path(top).chmod(mode)


def unprivileged() -> list[str]:
    """What makes a command run as the image's user, where the tests may choose one."""
    if os.geteuid() != 0:
        return []
    return [
        "setpriv",
        f"--reuid={USER}",
        f"--regid={USER}",
        "--clear-groups",
        "--no-new-privs",
        "--bounding-set=-all",
    ]


def call(image: Image, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*unprivileged(), *command],
        env=image.environment | environment,
        cwd=image.root / "data",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def health(image: Image, port: int, variable: str = "PATCHWRIGHT_PORT") -> int:
    """The exit code of the image's own health check, with this variable saying where to ask."""
    said = image.said["HEALTHCHECK"].text.partition("CMD ")[2]
    return call(image, *json.loads(said), **{variable: str(port)}).returncode


@contextmanager
def running(
    image: Image, scratch: Path, *words: str, variable: str = "PATCHWRIGHT_PORT", **settings: str
) -> Iterator[int]:
    """The image's own command (or ``words``) with these settings; the port, once the health check is content."""
    port = free_port()
    command = [*unprivileged(), *image.said["ENTRYPOINT"].words, *(words or image.said["CMD"].words)]
    environment = image.environment | {
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "PATCHWRIGHT_CACHE_DIR": str(scratch / "cache"),
        variable: str(port),
        "PATCHWRIGHT_ANALYSIS_PROCESSES": "1",
        "PATCHWRIGHT_GITHUB_URL": f"http://127.0.0.1:{free_port()}",
        **settings,
    }
    with (scratch / "log").open("w+") as log:
        process = subprocess.Popen(command, env=environment, cwd=image.root / "data", stdout=log, stderr=log)
        try:
            end = time.monotonic() + 60
            while health(image, port, variable) != 0:
                assert process.poll() is None, (scratch / "log").read_text()
                assert time.monotonic() < end, (scratch / "log").read_text()
            yield port
        finally:
            process.terminate()
            process.wait(timeout=60)


@pytest.fixture
def scratch(image: Image) -> Iterator[Path]:
    """What a container's /tmp is: the one place besides the volume that may be written to."""
    folder = Path(tempfile.mkdtemp(prefix="patchwright-tmp-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


def test_only_what_is_needed_is_sent_to_the_builder():
    sent = {each.parts[0] for each in context(ROOT)}
    assert sent == {
        "requirements-service.lock", "pyproject.toml", "README.md", "LICENSE", "bot", "codemods", "templates"
    }  # fmt: skip
    assert not [each for each in context(ROOT) if each.suffix == ".pyc"]


def test_the_user_is_a_number_and_not_root():
    (user,) = (step.text for step in read(DOCKERFILE) if step.name == "USER")
    assert user == f"{USER}:{USER}"


def test_the_lock_is_installed_with_its_hashes_and_from_wheels():
    (install,) = (
        step.text
        for step in read(DOCKERFILE)
        if "requirements-service.lock" in step.text and step.name == "RUN"
    )
    assert "--require-hashes" in install
    assert "--only-binary=:all:" in install


def test_what_the_service_needs_is_installed_and_nothing_else(image):
    (site,) = (image.root / "opt/patchwright/lib").glob("python*/site-packages")
    script = (
        "import importlib.metadata, json, sys; every = importlib.metadata.distributions(path=sys.argv[1:]); "
        "print(json.dumps({each.name: each.requires or [] for each in every}))"
    )
    found = {
        canonicalize_name(name): [Requirement(each) for each in needs]
        for name, needs in json.loads(call(image, "python", "-c", script, str(site)).stdout).items()
    }
    wanted = {"patchwright": {"observability"}}
    queue = ["patchwright"]
    while queue:
        name = queue.pop()
        for need in found[name]:
            extras = wanted[name] or {""}
            if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in {*extras, ""}):
                to = canonicalize_name(need.name)
                if to not in wanted or not need.extras <= wanted[to]:
                    wanted[to] = wanted.get(to, set()) | need.extras
                    queue.append(to)
    assert set(found) == set(wanted)


def test_no_installer_is_left(image):
    assert call(image, "python", "-m", "pip", "--version").returncode != 0
    left = [each for each in image.root.rglob("*") if each.name in {"pip", "pip3", "ensurepip", "hatchling"}]
    assert left == []


def test_it_checks_and_verifies_patches_as_another_user_on_a_read_only_tree(image, scratch):
    (scratch / "limits.py").write_text(
        "import redis\n\nr = redis.Redis()\n\n\n"
        "def visit(key: str) -> int:\n    n = r.incr(key)\n    r.expire(key, 60)\n    return n\n"
    )
    cache = str(scratch / "cache")
    done = call(image, "patchwright", "check", "--format", "json", str(scratch), PATCHWRIGHT_CACHE_DIR=cache)
    assert done.returncode == 1, done.stderr
    (finding,) = json.loads(done.stdout)["findings"]
    assert "pipeline" in finding["patch"]  # which ruff has checked before and after
    assert call(image, "ruff", "--version").stdout.startswith("ruff ")


def credentials() -> dict[str, str]:
    return {
        "PATCHWRIGHT_APP_ID": "1",
        "PATCHWRIGHT_PRIVATE_KEY": private_key(),
        "PATCHWRIGHT_WEBHOOK_SECRET": "a webhook secret for tests",
    }


def test_a_workers_health_is_asked_where_its_metrics_are(image, scratch):
    with running(image, scratch, "worker", variable="PATCHWRIGHT_METRICS_PORT", **credentials()) as port:
        assert health(image, port, "PATCHWRIGHT_METRICS_PORT") == 0


def test_without_an_app_its_health_is_that_of_the_setup_page(image, scratch):
    with running(image, scratch) as port:
        assert health(image, port) == 0
        assert "setup token" in httpx.get(f"http://127.0.0.1:{port}/setup").text


def test_the_service_runs_as_another_user_on_a_read_only_tree(image, scratch):
    with running(image, scratch, **credentials()) as port:
        assert health(image, port) == 0
    assert health(image, port) != 0
    kept = list((image.root / "data").rglob("*"))
    assert "patchwright.db" in {each.name for each in kept}
    assert [each for each in kept if each.stat().st_mode & 0o077] == []
    if os.geteuid() == 0:
        assert {each.stat().st_uid for each in kept} == {USER}
