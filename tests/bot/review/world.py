"""A pull request as plain data: files before and after, the diff that git makes of them, and the App's threads."""

from __future__ import annotations

import pickle
import subprocess
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.plan.found import Found, found_in
from bot.plan.marker import finding_of
from bot.review.diff import Diff, file_diff
from bot.review.introduced import introduced, known_before
from bot.review.model import PullView, ReviewPlan, Thread
from bot.review.plan import plan_review
from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.finding import Change, Edit, ImportNeed
from codemods.engine.run.analyse import analyse
from codemods.engine.run.report import Options, Report
from codemods.engine.settings.config import Config
from tests.bot.plan.world import RULES, Number

ONES = RULES[0]
HEAD = "c0ffee" + "0" * 34
VIEW = PullView(
    number=7,
    url="https://github.example/acme/shop/pull/7",
    title="Count better",
    author="ada",
    head_ref="better",
    head_sha=HEAD,
    base_ref="main",
    base_sha="b0" * 20,
    merge_base="ba5e" * 10,
    changed_files=1,
    repository_url="https://github.example/acme/shop",
)


class Pi(Number):
    """Finds 3.14 and writes ``math.pi``, which needs an import."""

    def __init__(self):
        super().__init__("pis", 3.14)

    def rewrite(self, finding, project):
        edit = replace(finding.evidence, text="math.pi")
        return Change((edit,), (ImportNeed(finding.path, "math"),))


class Long(Number):
    """Finds 77; what it writes instead takes three lines."""

    def __init__(self):
        super().__init__("longs", 77)

    def rewrite(self, finding, project):
        edit: Edit = finding.evidence
        return Change((replace(edit, text="(\n    7\n)"),))


PI, LONG = Pi(), Long()


def git(folder: Path, *args: str, check: bool = True) -> bytes:
    """git without any configuration of its own."""
    command = ["git", "-c", "core.autocrlf=false", "-c", "core.safecrlf=false", *args]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert done.returncode in (0, 1) or not check, done.stderr.decode()
    return done.stdout


def write(folder: Path, files: dict[str, bytes]) -> None:
    for path, data in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def diff_of(before: dict[str, bytes], after: dict[str, bytes]) -> Diff:
    """What GitHub gives for two trees: made by git, each file's patch from its first hunk on."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        git(folder, "init", "-q")
        trees = []
        for files in (before, after):
            git(folder, "rm", "-rqf", "--ignore-unmatch", ".")
            write(folder, files)
            git(folder, "add", "-A", ".")
            trees.append(git(folder, "write-tree").decode().strip())
        words = git(folder, "diff", "--name-status", "-M", "-z", *trees).decode().split("\0")
        files = []
        while words and words[0]:
            letter = words.pop(0)[0]
            previous = words.pop(0) if letter == "R" else None
            path = words.pop(0)
            status = {"A": "added", "D": "removed", "M": "modified", "R": "renamed"}[letter]
            both = [path, previous] if previous else [path]
            text = git(folder, "diff", "-M", *trees, "--", *both).decode("utf-8", "replace")
            at = text.find("\n@@ ")
            patch = text[at + 1 :].removesuffix("\n") if at >= 0 else None
            files.append(file_diff(path, status, patch, previous))
        return Diff.of(files)


def encoded(files: dict[str, str | bytes]) -> dict[str, bytes]:
    return {path: data if isinstance(data, bytes) else data.encode() for path, data in files.items()}


def analysed(
    files: dict[str, bytes], rules, config: Config, *, patches: bool
) -> tuple[MemorySnapshot, Report]:
    snapshot = MemorySnapshot(files)
    options = Options(workers=1, exclude=config.exclude, applies=config.applies, patches=patches)
    return snapshot, analyse(snapshot, [rule for rule in rules if config.enabled(rule.name)], options)


@dataclass
class World:
    """``before`` at the merge base, ``after`` in the head."""

    before: dict[str, str | bytes]
    after: dict[str, str | bytes]
    rules: tuple = (ONES,)
    config: Config = field(default_factory=Config)
    view: PullView = VIEW
    threads: tuple[Thread, ...] = ()
    diff: Diff | None = None

    def known(self) -> tuple[Found, frozenset[str], Diff]:
        before, after = encoded(self.before), encoded(self.after)
        diff = self.diff or diff_of(before, after)
        old, report = analysed(before, self.rules, self.config, patches=False)
        base = known_before(report, old.read, diff)
        snapshot, now = analysed(after, self.rules, self.config, patches=True)
        return found_in(snapshot, now, self.config), base, diff

    def plan(self) -> ReviewPlan:
        found, base, diff = self.known()
        view = self.view
        if view.changed_files == 1:
            view = replace(view, changed_files=len(diff.files))
        plan = plan_review(found, base, diff, view, self.threads, self.config)
        assert pickle.loads(pickle.dumps(plan)) == plan
        self.holds(plan, diff)
        return plan

    def holds(self, plan: ReviewPlan, diff: Diff) -> None:
        """What must be so whatever is said."""
        for each in plan.comments:
            first = each.start_line or each.line
            assert diff.files[each.path].hunk(first, each.line)
            assert diff.touched(each.path, first, each.line)
            assert finding_of(each.body) == each.fingerprint
            assert len(each.body) <= 65_536
        if plan.check:
            assert len(plan.check.summary.encode()) <= 65_535
            assert len({each.identifier for each in plan.check.buttons}) == len(plan.check.buttons) <= 3
            for button in plan.check.buttons:
                assert len(button.label) <= 20
                assert len(button.description) <= 40
                assert len(button.identifier) <= 20

    def new(self) -> list[tuple[str, int]]:
        """Where the new findings are."""
        found, base, diff = self.known()
        news = introduced(found.report.findings, base, diff, found.snapshot.read)
        return [(each.finding.path, each.finding.line) for each in news]

    def go(self) -> ReviewPlan:
        """Plans, says it, and sees that nothing more is to be said."""
        plan = self.plan()
        self.say(plan)
        again = self.plan()
        assert (again.comments, again.resolve) == ((), ())
        assert again.check == plan.check
        return plan

    def say(self, plan: ReviewPlan) -> None:
        """The plan carried out."""
        made = [
            Thread(f"T{at}", at, each.path, each.line, False, False, False, each.fingerprint)
            for at, each in enumerate(plan.comments, len(self.threads) + 1)
        ]
        kept = [
            replace(each, resolved=True, resolved_by_bot=True) if each.id in plan.resolve else each
            for each in self.threads
        ]
        self.threads = (*kept, *made)
