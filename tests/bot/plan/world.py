"""A repository and what the App has on GitHub for it, as plain data: plans are made, carried out and made again."""

from __future__ import annotations

import ast
import pickle
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.plan.actions import ClosePull, Comment, DeleteBranch, OpenPull, ReportCheck, UpdatePull
from bot.plan.found import Found, found_in
from bot.plan.marker import comment_key, read_marker
from bot.plan.plan import Plan, decide
from bot.plan.state import BranchState, Owner, PullState, State
from codemods.engine import registry
from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.files.source import Source
from codemods.engine.finding import Applicability, Change, Edit, Finding
from codemods.engine.run.analyse import analyse
from codemods.engine.run.report import Combined, Options, Skipped
from codemods.engine.settings.config import Config

PAGE = """\
# {name}: a {name} where a zero is meant

Finds every {name} and writes a zero. There is more to it.

## Why is this bad?

One is the loneliest number,
and two can be as bad.

Another paragraph.

## Fix safety

Zero is less.

## References

- [A song](https://example.com/one)
"""
HOW = {"unsafe": Applicability.UNSAFE, "shown": Applicability.DISPLAY_ONLY}
NOTES = {"noted": ("Threads may both write.",)}


class Number:
    """Finds ``x = 1``; a comment on the line says how sure it is. What it writes is 0."""

    version = 1

    def __init__(self, name, number, weight=1):
        self.name, self.number, self.weight = name, number, weight

    def candidates(self, project):
        return project.python

    def detect(self, module, project):
        lines = module.source.text.split("\n")
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and node.value == self.number:
                start, end = module.source.span(node)
                line, column = module.source.position(start)
                said = lines[line - 1].partition("# ")[2].strip()
                how, notes = HOW.get(said, Applicability.SAFE), NOTES.get(said, ())
                message = f"`{module.path}` holds {self.number}."
                evidence = Edit(module.path, start, end, "0")
                reason = f"Seen at {module.path}:{line}."
                yield Finding(
                    self.name, module.path, line, column, line, message, how, reason, notes, evidence
                )

    def rewrite(self, finding, project):
        return Change((finding.evidence,))


RULES = (Number("ones", 1), Number("twos", 2), Number("threes", 3))
ONES, TWOS, THREES = RULES


def install(monkeypatch, folder: Path):
    """Makes the toy rules known, with their pages."""
    known = {}
    for rule in RULES:
        page = folder / f"{rule.name}.md"
        page.write_text(PAGE.format(name=rule.name))
        known[rule.name] = registry.Known(rule.name, "nowhere", page=page)
    monkeypatch.setattr(registry, "known", lambda: known)


@dataclass
class World:
    """``files`` at the base's tip; ``state`` is GitHub's side, and ``do`` changes it as publishing would."""

    files: dict[str, str]
    config: Config = field(default_factory=Config)
    rules: tuple = (RULES[0],)
    skipped: tuple = ()
    patches: bool = True
    made: int = 0
    comments: dict[int, list[str]] = field(default_factory=dict)
    state: State = field(
        default_factory=lambda: State("acme/shop", "https://github.com/acme/shop", "main", "b0" * 20)
    )

    def found(self):
        snapshot = MemorySnapshot({path: text.encode() for path, text in self.files.items()})
        options = Options(workers=1, exclude=self.config.exclude, applies=self.config.applies)
        rules = [rule for rule in self.rules if self.config.enabled(rule.name)]
        report = analyse(snapshot, rules, replace(options, patches=self.patches))
        if not self.patches:
            findings = (replace(each, patch=_patched(each)) for each in report.findings)
            report = replace(report, findings=tuple(findings))
        if self.skipped:
            report = replace(report, skipped=tuple(Skipped(*each) for each in self.skipped))
        return found_in(snapshot, report, self.config)

    def decide(self) -> Plan:
        """The plan; it survives being sent from one process to another."""
        plan = decide(self.found(), self.state, self.config)
        assert pickle.loads(pickle.dumps(plan)) == plan
        return plan

    def push(self, **files: str) -> None:
        """A new commit on the base; ``__`` in a name stands for a slash, a None deletes."""
        self.made += 1
        changed = {name.replace("__", "/") + ".py": text for name, text in files.items()}
        self.files = {path: text for path, text in (self.files | changed).items() if text is not None}
        self.state = replace(self.state, base_sha=f"{self.made:040x}")

    def go(self) -> Plan:
        """Plans, carries it out, and sees that nothing is left to do."""
        plan = self.decide()
        for action in plan.actions:
            self.do(action)
        again = [action for action in self.decide().actions if not isinstance(action, ReportCheck)]
        assert again == []
        return plan

    def do(self, action) -> None:
        """One action, carried out."""
        branches = dict(self.state.branches)
        match action:
            case OpenPull():
                there = branches.get(action.branch)
                assert (there.sha if there else None) == action.expected
                assert not any(each.open and each.branch == action.branch for each in self.state.pulls)
                branches[action.branch] = self._tip(action.branch, action.commit)
                number = len(self.state.pulls) + 1
                url = f"{self.state.url}/pull/{number}"
                pull = PullState(
                    number, url, action.branch, action.base, action.title, action.body, True, False, None
                )
                self.state = replace(self.state, pulls=(pull, *self.state.pulls))
                self._edit(number, body=action.body)
            case UpdatePull():
                assert branches[action.branch].sha == action.expected
                if action.commit:
                    branches[action.branch] = self._tip(action.branch, action.commit)
                self._edit(action.number, title=action.title, body=action.body)
            case ClosePull():
                assert comment_key(action.comment) == "closed"
                self._edit(action.number, body=action.body, open=False)
                if action.expected:
                    assert branches.pop(action.branch).sha == action.expected
            case Comment():
                assert comment_key(action.body) == action.key
                (pull,) = [each for each in self.state.pulls if each.number == action.number]
                assert action.key not in pull.told
                self._edit(action.number, told=pull.told | {action.key})
            case DeleteBranch():
                assert branches.pop(action.branch).sha == action.expected
        self.state = replace(self.state, branches=branches)

    def _tip(self, name, commit):
        assert commit.parent == self.state.base_sha
        self.made += 1
        return BranchState(name, f"{self.made:040x}", Owner.BOT, commit.patch, commit.parent)

    def _edit(self, number, **changes):
        def edited(pull):
            if pull.number != number:
                return pull
            pull = replace(pull, **changes)
            return replace(pull, marker=read_marker(pull.body))

        self.state = replace(self.state, pulls=tuple(edited(pull) for pull in self.state.pulls))

    def pull(self, number) -> PullState:
        """One pull request as it is now."""
        (pull,) = [each for each in self.state.pulls if each.number == number]
        return pull

    def commit_by_a_person(self, number) -> None:
        """A person pushes to the branch of a pull request."""
        branch = self.state.branches[self.pull(number).branch]
        person = replace(branch, sha="f" * 40, owner=Owner.PERSON, patch="")
        self.state = replace(self.state, branches={**self.state.branches, branch.name: person})

    def close(self, number, *, merged=False, branch_stays=True) -> None:
        """A person closes or merges a pull request."""
        self._edit(number, open=False, merged=merged)
        if not branch_stays:
            left = {
                name: tip for name, tip in self.state.branches.items() if name != self.pull(number).branch
            }
            self.state = replace(self.state, branches=left)

    def merge(self, number, change: dict[str, str]) -> None:
        """Merges a pull request; ``change`` is what the base's files are then, by name as in ``push``."""
        self.close(number, merged=True)
        self.push(**change)


class Quick(Found):
    """Combines by plain text: the engine's own ways of combining have tests of their own."""

    def combined(self, findings):
        changed = {}
        applied = [each for each in findings if self.offered(each)]
        for each in applied:
            edit = each.finding.evidence
            before = self.snapshot.read(each.path)
            now = changed.get(each.path, (before, before))[1]
            source = Source(each.path, now)
            assert len(edit.text) == edit.end - edit.start
            text = source.text[: edit.start] + edit.text + source.text[edit.end :]
            changed[each.path] = (before, text.encode())
        return Combined(changed, tuple(applied), tuple(each for each in findings if each not in applied))


@dataclass
class QuickWorld(World):
    """A world without ruff and rounds, for many plans."""

    patches: bool = False

    def found(self):
        known = super().found()
        return Quick(known.snapshot, known.report, known.allowed, known.codeowners)


def _patched(each) -> str | None:
    """What stands for a patch where none is worked out."""
    return None if each.applicability is Applicability.DISPLAY_ONLY else "@@ -1 +1 @@\n-1\n+0\n"


def kinds(plan: Plan) -> list[str]:
    """What kinds of actions a plan has."""
    return [type(action).__name__ for action in plan.actions]
