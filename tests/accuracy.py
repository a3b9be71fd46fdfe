"""Findings against known lines: ``python -m tests.accuracy CHECKOUTS KNOWN.tsv``, or ``make accuracy``.

CHECKOUTS holds folders ``<owner>__<name>__<first 8 of the commit>``. KNOWN.tsv has the columns rule, kind, repo,
commit, path, line, expected. A known positive is hit by a finding of its rule within three lines; a known
negative is touched by a patch of its rule that changes the line. For ``mutation-positive`` rows a copy of the
checkout loses the line's ``.get_secret_value()`` first. Prints Markdown for ``docs/accuracy.md``.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NEAR = 3
_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@")
Found = dict[str, Any]


@dataclass(frozen=True)
class Known:
    """One row of the table."""

    rule: str
    kind: str
    repo: str
    commit: str
    path: str
    line: int
    expected: str

    @property
    def folder(self) -> str:
        """The name of the checkout that the row is about."""
        return f"{self.repo.replace('/', '__')}__{self.commit[:8]}"

    def __str__(self) -> str:
        return f"{self.rule} {self.repo} `{self.path}:{self.line}` ({self.expected})"


@dataclass(frozen=True)
class Verdict:
    """What became of a known line: patched, reported, missed, touched or left."""

    known: Known
    word: str
    said: str = ""


def read_known(path: Path) -> list[Known]:
    """The rows of the table."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [
            Known(**{**{name: row[name] for name in Known.__annotations__}, "line": int(row["line"])})
            for row in rows
        ]


def check(folder: Path) -> list[Found]:
    """What ``patchwright check`` finds in ``folder``, unsafe patches included. Raises RuntimeError if it fails."""
    command = [str(Path(sys.executable).parent / "patchwright"), "check", ".", "--unsafe-fixes"]
    done = subprocess.run([*command, "--format", "json"], cwd=folder, capture_output=True, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{folder.name}: exit code {done.returncode}\n{done.stderr.decode()[-2000:]}")
    findings: list[Found] = json.loads(done.stdout)["findings"]
    return findings


def mutated(checkout: Path, row: Known) -> list[Found]:
    """What is found in a copy of the checkout in which the row's line uses its secret as text."""
    with tempfile.TemporaryDirectory(prefix="patchwright-accuracy-") as folder:
        copy = Path(folder) / checkout.name
        shutil.copytree(checkout, copy, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        target = copy / row.path
        lines = target.read_text(encoding="utf-8").split("\n")
        kept = lines[row.line - 1].replace(".get_secret_value()", "")
        if kept == lines[row.line - 1]:
            raise RuntimeError(f"nothing to take away: {row}")
        lines[row.line - 1] = kept
        target.write_text("\n".join(lines), encoding="utf-8")
        return check(copy)


def changed_lines(patch: str, path: str) -> set[int]:
    """The old line numbers of ``path`` that a unified diff removes; an insertion counts for the line before it."""
    touched: set[int] = set()
    inside, number, old, new = False, 0, 0, 0
    for line in patch.split("\n"):
        if old <= 0 and new <= 0:
            hunk = _HUNK.match(line)
            if hunk:
                number, old, new = int(hunk[1]), int(hunk[2] or 1), int(hunk[3] or 1)
            elif line.startswith("--- "):
                inside = line[4:].split("\t")[0].strip('"') == f"a/{path}"
        elif line.startswith("-"):
            touched |= {number} if inside else set()
            number, old = number + 1, old - 1
        elif line.startswith("+"):
            touched |= {number - 1} if inside else set()
            new -= 1
        elif line.startswith(" "):
            number, old, new = number + 1, old - 1, new - 1
    return touched


def judge(row: Known, findings: Iterable[Found]) -> Verdict:
    """What became of one known line."""
    own = [each for each in findings if each["rule"] == row.rule]
    if row.kind.endswith("negative"):
        for each in own:
            if each["patch"] and row.line in changed_lines(each["patch"], row.path):
                return Verdict(row, "touched", each["message"])
        return Verdict(row, "left")
    near = [
        each
        for each in own
        if each["path"] == row.path and each["line"] - NEAR <= row.line <= each["end_line"] + NEAR
    ]
    patched = next((each for each in near if each["patch"]), None)
    if patched:
        return Verdict(row, "patched", patched["applicability"])
    return Verdict(row, "reported", near[0]["reason"]) if near else Verdict(row, "missed")


def run(
    checkouts: Path, known: list[Known], jobs: int
) -> tuple[dict[str, list[Found]], list[Verdict], list[str]]:
    """Findings by checkout, the verdicts on known lines, and what went wrong."""
    folders = sorted(path for path in checkouts.iterdir() if path.is_dir() and path.name.count("__") >= 2)
    found: dict[str, list[Found]] = {}
    verdicts: list[Verdict] = []
    problems: list[str] = []
    with ThreadPoolExecutor(jobs) as pool:
        waiting = [(folder.name, pool.submit(check, folder)) for folder in folders]
        for name, future in waiting:
            try:
                found[name] = future.result()
            except RuntimeError as error:
                problems.append(str(error))
    for row in known:
        if row.folder not in found:
            problems.append(f"no checkout for {row}")
            continue
        try:
            findings = (
                mutated(checkouts / row.folder, row) if row.kind.startswith("mutation") else found[row.folder]
            )
        except (RuntimeError, OSError) as error:
            problems.append(str(error))
            continue
        verdicts.append(judge(row, findings))
    return found, verdicts, problems


def table(found: dict[str, list[Found]], verdicts: list[Verdict]) -> Iterator[str]:
    """One row a rule, as Markdown."""
    findings: dict[str, Counter[str]] = defaultdict(Counter)
    for each in (each for findings_ in found.values() for each in findings_):
        findings[each["rule"]][each["applicability"] if each["patch"] else "reported"] += 1
    words: dict[str, Counter[str]] = defaultdict(Counter)
    for verdict in verdicts:
        words[verdict.known.rule][verdict.word] += 1
    yield "| rule | findings | patched safe | patched unsafe | reported |"
    yield "|---|--:|--:|--:|--:|"
    for rule in sorted(findings.keys() | words.keys()):
        counts = findings[rule]
        yield f"| {rule} | {counts.total()} | {counts['safe']} | {counts['unsafe']} | {counts['reported']} |"
    yield ""
    yield "| rule | known positives | patched | reported | missed | known negatives | touched |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for rule, counts in sorted(words.items()):
        positives = counts["patched"] + counts["reported"] + counts["missed"]
        negatives = counts["left"] + counts["touched"]
        yield (
            f"| {rule} | {positives} | {counts['patched']} | {counts['reported']} | {counts['missed']}"
            f" | {negatives} | {counts['touched']} |"
        )


def main() -> None:
    """Prints the tables, then every known line that was missed or touched; exit code 1 where there is one."""
    parser = argparse.ArgumentParser(prog="make accuracy", description=__doc__)
    parser.add_argument("checkouts", type=Path)
    parser.add_argument("known", type=Path)
    parser.add_argument("--jobs", type=int, default=1, help="checkouts looked at side by side")
    parser.add_argument(
        "--findings", type=Path, help="write every finding to this file, one JSON object a line"
    )
    parser.add_argument("--all", action="store_true", help="say what became of every known line")
    asked = parser.parse_args()
    rules = installed()
    known = [row for row in read_known(asked.known) if row.rule in rules]
    found, verdicts, problems = run(asked.checkouts, known, asked.jobs)
    if asked.findings:
        lines = [json.dumps({"repo": name, **each}) for name, findings in found.items() for each in findings]
        asked.findings.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    print(f"{len(found)} checkouts, {sum(map(len, found.values()))} findings, {len(verdicts)} known lines.\n")
    print("\n".join(table(found, verdicts)))
    wrong = [verdict for verdict in verdicts if verdict.word in {"missed", "touched"}]
    shown = verdicts if asked.all else wrong
    if shown:
        print()
        print(
            "\n".join(f"- {each.word}: {each.known}{f': {each.said}' if each.said else ''}" for each in shown)
        )
    if problems:
        print("\nProblems:\n")
        print("\n".join(f"- {problem}" for problem in problems))
    sys.exit(1 if wrong or problems else 0)


def installed() -> set[str]:
    """The names of the rules that there are."""
    from codemods.engine import registry

    return set(registry.known())


if __name__ == "__main__":
    main()
