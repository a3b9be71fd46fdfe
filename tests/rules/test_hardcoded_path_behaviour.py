"""hardcoded-path proved by running: files that were found on one machine only are found from every folder."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from codemods.engine.files.discover import discover
from codemods.engine.finding import Applicability
from codemods.engine.run.analyse import analyse, fixed
from codemods.hardcoded_path import RULE

if TYPE_CHECKING:
    from pathlib import Path

BOTH = frozenset({Applicability.SAFE, Applicability.UNSAFE})
FILES = {
    "pyproject.toml": '[project]\nname = "shop"\n',
    "shop/__init__.py": "",
    "config/model.json": '{"layers": 4}',
    "data/prices/today.csv": "a,1\n",
    "plugins/rates/__init__.py": "RATE = 7\n",
}
PROGRAMS = {
    "open of a constant": (
        (
            "import json\n\nMODEL = '/Users/ann/shop/config/model.json'\n\n\n"
            "def act():\n    with open(MODEL) as file:\n        return json.load(file)['layers']\n"
        ),
        4,
    ),
    "a path object": (
        (
            "from pathlib import Path\n\n\n"
            "def act():\n    return Path('/home/ann/projects/shop/data/prices/today.csv').read_text().strip()\n"
        ),
        "a,1",
    ),
    "a default argument": (
        (
            "import csv\n\n\ndef act(path=r'C:\\Users\\Ann\\shop\\data\\prices\\today.csv'):\n"
            "    with open(path, newline='') as file:\n        return list(csv.reader(file))\n"
        ),
        [["a", "1"]],
    ),
    "a folder on sys.path": (
        (
            "import sys\nfrom pathlib import Path\n\n\n"
            "def act():\n    sys.path.insert(0, '/root/shop/plugins/rates')\n"
            "    return Path(sys.path[0], '__init__.py').exists()\n"
        ),
        True,
    ),
    "a folder that is joined": (
        (
            "import os\n\n\ndef act():\n"
            "    return sorted(os.listdir(os.path.join('/Users/ann/shop/data/prices', '..')))\n"
        ),
        ["prices"],
    ),
    "behind an environment variable that nobody sets": (
        (
            "import os\n\n\ndef act():\n"
            "    return open(os.environ.get('NO_SUCH_NAME', '/Users/ann/shop/config/model.json')).read()\n"
        ),
        '{"layers": 4}',
    ),
}


def act(root: Path, cwd: Path, module: str = "shop.program") -> tuple[object, str]:
    code = f"import json, sys; sys.path.insert(0, {str(root)!r}); import {module} as m; print(json.dumps(m.act()))"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, check=False, timeout=60
    )
    return (json.loads(run.stdout) if run.returncode == 0 else None), run.stderr


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_file_is_found_from_every_folder(name, tmp_path):
    code, answer = PROGRAMS[name]
    root, elsewhere = tmp_path / "checkout", tmp_path / "elsewhere"
    elsewhere.mkdir()
    for path, text in {**FILES, "shop/program.py": code}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    before, told = act(root, elsewhere)
    assert before != answer
    assert before is False or "No such file or directory" in told

    snapshot = discover([root])
    changed = fixed(snapshot, analyse(snapshot, [RULE]), BOTH)
    assert set(changed) == {"shop/program.py"}
    (root / "shop/program.py").write_bytes(changed["shop/program.py"])
    for cwd in (elsewhere, root):
        assert act(root, cwd) == (answer, "")
    moved = root.rename(tmp_path / "another place")
    assert act(moved, elsewhere) == (answer, "")


def test_a_script_finds_its_file_by_whatever_way_it_is_started(tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "tools").mkdir()
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "config/model.json").write_text("4")
    script = tmp_path / "tools/show.py"
    script.write_text("print(open('/Users/ann/shop/config/model.json').read())\n")
    snapshot = discover([tmp_path])
    script.write_bytes(fixed(snapshot, analyse(snapshot, [RULE]), BOTH)["tools/show.py"])
    link = tmp_path / "link.py"
    link.symlink_to(script)
    for started, cwd in (("show.py", tmp_path / "tools"), (script, "/"), (link, tmp_path / "config")):
        run = subprocess.run([sys.executable, started], cwd=cwd, capture_output=True, text=True, check=True)
        assert run.stdout == "4\n"
