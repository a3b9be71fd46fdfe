"""The command line: what it takes, what it writes, what it ends with."""

from __future__ import annotations

import signal
import time

import pytest

SELECT = ("--select", "old-call")


def test_nothing_found_ends_with_0(patchwright):
    patchwright.write("a.py", "x = 1\n")
    done = patchwright("check")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Nothing found: 1 file in ")


def test_anything_found_ends_with_1(patchwright):
    patchwright.write("a.py", "old('show')\n")
    assert patchwright("check", *SELECT).code == 1


def test_json_has_exactly_what_the_design_says(patchwright):
    patchwright.write("app/a.py", "x = 1\nif x:\n    old(\n        1)\n")
    done = patchwright("check", *SELECT, "--format", "json")
    assert done.code == 1
    assert set(done.json) == {"findings", "skipped", "files", "seconds"}
    (finding,) = done.json["findings"]
    patch = finding.pop("patch")
    assert finding == {
        "rule": "old-call",
        "path": "app/a.py",
        "line": 3,
        "column": 5,
        "end_line": 4,
        "message": "old is called.",
        "applicability": "safe",
        "reason": "its name is old",
    }
    assert patch.startswith("diff --git a/app/a.py b/app/a.py\n--- a/app/a.py\n+++ b/app/a.py\n@@ ")
    assert done.json["files"] == 1
    assert 0 < done.json["seconds"] < 60


def test_unsafe_patches_are_shown_on_request_only(patchwright):
    patchwright.write("a.py", "old('unsafe')\n")
    found = [
        patchwright("check", *SELECT, "--format", "json", *more).json["findings"]
        for more in ((), ("--unsafe-fixes",))
    ]
    assert [finding["applicability"] for (finding,) in found] == ["unsafe", "unsafe"]
    assert found[0][0]["patch"] is None
    assert "+new('unsafe')" in found[1][0]["patch"]


def test_unsafe_patches_by_configuration(patchwright):
    patchwright.write(".github/patchwright.yml", "unsafe-fixes: true\n")
    patchwright.write("a.py", "old('unsafe')\n")
    (finding,) = patchwright("check", *SELECT, "--format", "json").json["findings"]
    assert finding["patch"]


def test_text_shows_place_excerpt_reason_and_patch(patchwright):
    patchwright.write("app/a.py", "from lib import new\n\nx = 1\nif x:\n\told(1)\ny = 2\n")
    done = patchwright("check", *SELECT)
    assert done.out.splitlines()[:-1] == [
        "app/a.py:5:2 old-call [safe]",
        "  old is called.",
        "    4 | if x:",
        "  > 5 | \told(1)",
        "      | \t^^^^^^",
        "    6 | y = 2",
        "  because its name is old",
        "  note new is slower",
        "  --- a/app/a.py",
        "  +++ b/app/a.py",
        "  @@ -2,5 +2,5 @@",
        "   ",
        "   x = 1",
        "   if x:",
        "  -\told(1)",
        "  +\tnew(1)",
        "   y = 2",
        "",
    ]
    assert done.out.splitlines()[-1].startswith("1 finding (1 safe): 1 file in ")


def test_text_marks_wide_characters_where_they_stand(patchwright):
    patchwright.write("a.py", "x = '日本', old('show')\n")
    lines = patchwright("check", *SELECT).out.splitlines()
    assert lines[3] == "      | " + " " * 12 + "^" * 11


def test_text_cannot_steer_the_terminal(patchwright):
    patchwright.write("a\x1b[31m.py", "old('show'); '\x1b]0;title\x07 \u202e'\n")
    done = patchwright("check", *SELECT)
    assert "\x1b" not in done.out
    assert "\\x1b]0;title\\x07 \\u202e" in done.out


def test_without_a_terminal_there_are_no_colours(patchwright):
    patchwright.write("a.py", "old(1)\n")
    assert b"\x1b" not in patchwright("check", *SELECT).raw


def on_a_terminal(patchwright, *words, **environment):
    import os
    import pty
    import subprocess
    import sys

    primary, secondary = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", "from bot.cli import main; main()", *words],
        cwd=patchwright.root,
        env={**patchwright.environment, "TERM": "xterm", **environment},
        stdout=secondary,
        stderr=secondary,
    )
    os.close(secondary)
    text = b""
    while True:
        try:
            some = os.read(primary, 4096)
        except OSError:
            break
        if not some:
            break
        text += some
    process.wait()
    os.close(primary)
    return text.decode()


def test_colours_on_a_terminal(patchwright):
    patchwright.write("a.py", "old(1)\n")
    assert "\x1b[32m" in on_a_terminal(patchwright, "check", *SELECT)


def test_no_color_is_honoured(patchwright):
    patchwright.write("a.py", "old(1)\n")
    assert "\x1b[3" not in on_a_terminal(patchwright, "check", *SELECT, NO_COLOR="1")


def test_github_annotations_are_escaped(patchwright):
    patchwright.write("a,b:c%.py", "old('show')\n")
    assert patchwright("check", *SELECT, "--format", "github").out == (
        "::warning file=a%2Cb%3Ac%25.py,line=1,endLine=1,col=1,title=patchwright%3A old-call (display-only)"
        "::old is called.%0Aits name is old%0Anew is slower\n"
    )


def test_diff_shows_all_patches_together_and_writes_nothing(patchwright):
    place = patchwright.write("a.py", "old(1)\nold(2)\nold('unsafe')\n")
    for words in (("check",), ("fix",)):
        done = patchwright(*words, *SELECT, "--diff")
        assert done.code == (1 if words == ("check",) else 0)
        assert [
            line for line in done.out.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")
        ] == [
            "-old(1)",
            "-old(2)",
            "+from lib import new",
            "+",
            "+new(1)",
            "+new(2)",
        ]
        assert done.err == "2 findings patched, 1 left.\n"
    assert place.read_text() == "old(1)\nold(2)\nold('unsafe')\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["chekc"], "No such command 'chekc'"),
        (["check", "--nope"], "No such option"),
        (["check", "nowhere"], "nowhere: no such file or folder"),
        (["check", "--format", "yaml"], "yaml"),
        (["check", "--select", "old-cal"], "There is no rule called old-cal. Did you mean old-call?"),
        (["check", "--select", ","], "--select names no rule."),
        (["check", "--select", "old-call", "--select", "old-cal"], "There is no rule called old-cal."),
        (["preview", "a.py"], "a.py is a file; name the repository's folder."),
        (["init", "a.py"], "a.py is a file; name the repository's folder."),
        (["explain", "old-cal"], "Did you mean old-call?"),
        (["config", "validate", "nowhere"], "nowhere: no such file or folder"),
    ],
)
def test_wrong_use_ends_with_2_and_one_word_on_what_is_wrong(patchwright, words, said):
    patchwright.write("a.py", "")
    done = patchwright(*words)
    assert done.code == 2
    assert done.out == ""
    assert said in done.err


def test_a_mistake_in_the_configuration_ends_with_2(patchwright):
    patchwright.write(".github/patchwright.yml", "labels: []\nexclud: []\n")
    patchwright.write("a.py", "old(1)\n")
    done = patchwright("check")
    assert (done.code, done.out) == (2, "")
    assert ".github/patchwright.yml:2: unknown key exclud. Did you mean exclude?" in done.err
    assert patchwright("config", "validate").code == 2


def test_an_unexpected_failure_is_one_plain_message(patchwright):
    patchwright.write("a.py", "x = 1\n")
    code = "import bot.session; bot.session.run = lambda *a, **k: 1 / 0; from bot.cli import main; main()"
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-c", code, "check"],
        cwd=patchwright.root,
        env=patchwright.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("patchwright: unexpected ZeroDivisionError: division by zero\n")
    assert "Traceback" not in done.stderr


def test_configuration_decides_on_rules_and_files(patchwright):
    patchwright.write(
        "pyproject.toml",
        '[tool.patchwright]\nexclude = ["gen/"]\nper-path = {"legacy/**" = {old-call = "off"}}\n',
    )
    for path in ("a.py", "gen/b.py", "legacy/c.py"):
        patchwright.write(path, "old(1)\n")
    report = patchwright("check", "--format", "json").json
    assert [finding["path"] for finding in report["findings"] if finding["rule"] == "old-call"] == ["a.py"]
    assert {"path": "gen", "reason": "excluded by the configuration"} in report["skipped"]


def test_config_validate_and_init(patchwright):
    assert patchwright("config", "validate").out == "There is no configuration; the defaults hold.\n"
    done = patchwright("init")
    assert done.code == 0
    assert (patchwright.root / ".github" / "patchwright.yml").is_file()
    assert patchwright("config", "validate").out == ".github/patchwright.yml is right.\n"
    again = patchwright("init")
    assert (again.code, again.err) == (2, "patchwright: .github/patchwright.yml is there already.\n")


def test_the_starter_says_the_defaults(patchwright):
    from codemods.engine.settings.config import Config, read_config

    patchwright("init")
    config = read_config(lambda path: (patchwright.root / path).read_bytes())
    assert config == Config(path=".github/patchwright.yml")


def test_schema_is_json(patchwright):
    done = patchwright("schema")
    assert done.code == 0
    assert "old-call" in done.json["properties"]["rules"]["properties"]


def test_rules_and_explain(patchwright):
    listed = patchwright("rules")
    assert "old-call" in listed.out
    assert "Calls of `old` where `new` is meant." in " ".join(listed.out.split())
    done = patchwright("explain", "old-call")
    assert (done.code, done.out.splitlines()[0]) == (0, "# old-call: what is old")


def test_version_and_help(patchwright):
    assert patchwright("--version").out.startswith("patchwright ")
    assert "check" in patchwright("--help").out


def test_an_interrupt_ends_with_130(patchwright):
    patchwright.write("a.py", "old(1)\n")
    installed = patchwright.root.parent / "installed" / "acme_old_call.py"
    installed.write_text(
        installed.read_text().replace(
            "return project.containing",
            "import time; open('looking', 'w').close(); time.sleep(60); return project.containing",
        )
    )
    process = patchwright.start("check", *SELECT)
    for _ in range(600):
        if (patchwright.root / "looking").exists():
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"Traceback" not in out + err


def test_a_reader_that_stops_reading_is_no_failure(patchwright):
    for number in range(300):
        patchwright.write(f"f{number}.py", "old('show')\n")
    process = patchwright.start("check", *SELECT)
    assert process.stdout is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr is not None
    assert b"Traceback" not in process.stderr.read()
    assert process.wait(timeout=30) in (0, 1)


def test_start_up_is_light(patchwright):
    import subprocess
    import sys

    patchwright.write("a.py", "x = 1\n")
    code = (
        "import sys; sys.argv = ['patchwright', 'check', '--select', 'old-call']\n"
        "from bot.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit: pass\n"
        "heavy = {'libcst', 'ruff', 'rich', 'yaml', 'jinja2', 'multiprocessing', 'asyncio', 'pathspec'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=patchwright.root,
        env=patchwright.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_bare_comment_that_silences_nothing_is_reported_when_every_rule_has_run(patchwright):
    patchwright.write("a.py", "x = 1  # patchwright: ignore\n")
    done = patchwright("check")
    assert done.code == 1
    assert "`# patchwright: ignore` suppresses nothing" in done.out
    assert patchwright("check", *SELECT).code == 0
