"""Completion, in a real bash at a terminal; the scripts for zsh and fish are made."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
MARK = "typed-at-a-prompt"
SECONDS = 60


class Terminal:
    """An interactive bash with a home of its own."""

    def __init__(self, home: Path) -> None:
        inside, outside = pty.openpty()
        environment = {
            "HOME": str(home),
            "PATH": f"{BIN}:/usr/bin:/bin",
            "TERM": "dumb",
            "PS1": f"{MARK}> ",
            "INPUTRC": "/dev/null",
        }
        command = ["bash", "--noprofile", "--norc", "-i"]
        self._shell = subprocess.Popen(
            command,
            stdin=outside,
            stdout=outside,
            stderr=outside,
            env=environment,
            cwd=home,
            start_new_session=True,
        )
        os.close(outside)
        self._end = inside
        self.seen(re.escape(MARK))

    def type(self, text: str) -> None:
        os.write(self._end, text.encode())

    def seen(self, pattern: str) -> str:
        """What the terminal has shown, as soon as the pattern is in it."""
        shown = ""
        while not re.search(pattern, shown):
            ready, _, _ = select.select([self._end], [], [], SECONDS)
            assert ready, f"{pattern} was not shown: {shown!r}"
            shown += os.read(self._end, 4096).decode(errors="replace")
        return shown

    def close(self) -> None:
        self._shell.kill()
        self._shell.wait()
        os.close(self._end)


@pytest.fixture
def terminal(tmp_path):
    opened = Terminal(tmp_path)
    yield opened
    opened.close()


def test_bash_completes_commands_and_rules_once_it_is_installed(terminal, tmp_path):
    terminal.type("patchwright --install-completion\n")
    terminal.seen("completion installed")
    terminal.type(". ~/.bashrc\n")
    terminal.type("patchwright chec\tx")
    terminal.seen(r"patchwright check x")
    terminal.type("\x15patchwright check --select ato\tx")
    terminal.seen(r"--select atomic-redis x")
    terminal.type("\x15patchwright fix --select atomic-redis,laz\tx")
    terminal.seen(r"atomic-redis,lazy-client x")
    terminal.type("\x15patchwright explain mock-t\tx")
    terminal.seen(r"explain mock-target x")


@pytest.mark.parametrize(("shell", "word"), [("zsh", "compdef"), ("fish", "complete --command patchwright")])
def test_other_shells_have_a_script(shell, word):
    environment = {"_PATCHWRIGHT_COMPLETE": f"source_{shell}", "PATH": "/usr/bin:/bin"}
    done = subprocess.run([BIN / "patchwright"], env=environment, capture_output=True, text=True, check=True)
    assert word in done.stdout
    assert f"complete_{shell}" in done.stdout


def completed(words: str) -> list[str]:
    environment = {
        "_PATCHWRIGHT_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
        "PATH": "/usr/bin:/bin",
    }
    done = subprocess.run([BIN / "patchwright"], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_a_rule_that_was_named_is_not_offered_again():
    assert "lazy-client,atomic-redis" in completed("patchwright check --select lazy-client,")
    assert "lazy-client,lazy-client" not in completed("patchwright check --select lazy-client,")


def test_no_rule_is_offered_where_none_begins_so():
    assert completed("patchwright explain zzz") == []
