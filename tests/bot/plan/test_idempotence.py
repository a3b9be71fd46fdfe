"""Whatever happens in a repository: a plan that was carried out leaves nothing to do, and what people said stays."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.plan.actions import ClosePull, OpenPull, UpdatePull
from bot.plan.state import Owner
from codemods.engine.settings.config import Config
from tests.bot.plan.world import RULES, QuickWorld

FILES = ["app/a.py", "app/b.py", "lib/a.py", "lib/deep/b.py", "tests/test_a.py", "top.py"]
LINES = ["x = 1", "y = 1", "x = 2  # unsafe", "x = 2", "z = 3  # shown", "z = 3", "w = 9", ""]
texts = st.lists(st.sampled_from(LINES), max_size=5).map("\n".join)


class Life(RuleBasedStateMachine):
    """Pushes, merges, closings, commits by people, changes of the configuration, in any order."""

    @initialize(files=st.dictionaries(st.sampled_from(FILES), texts))
    def begin(self, files):
        self.world = QuickWorld(dict(files), rules=RULES)
        self.fresh = False

    @rule(path=st.sampled_from(FILES), text=texts)
    def push(self, path, text):
        self.world.files[path] = text
        self.world.push()
        self.fresh = False

    @rule(most=st.integers(0, 4), split=st.integers(1, 4), unsafe=st.booleans(), off=st.booleans())
    def configure(self, most, split, unsafe, off):
        self.world.config = Config(
            max_open_pull_requests=most, split_above=split, unsafe_fixes=unsafe, rules={"twos": not off}
        )
        self.fresh = False

    @rule(text=st.sampled_from(["", "* @all\n/lib/ @lib\n", "/app/ @app\n"]))
    def own(self, text):
        self.world.files["CODEOWNERS"] = text
        self.fresh = False

    @rule(onboarding=st.booleans(), configured=st.booleans())
    def ask(self, onboarding, configured):
        self.world.state = replace(self.world.state, onboarding=onboarding, configured=configured)
        self.fresh = False

    @precondition(lambda self: any(each.open for each in self.world.state.pulls))
    @rule(data=st.data(), how=st.sampled_from(["close", "merge", "commit", "edit"]))
    def person(self, data, how):
        pull = data.draw(st.sampled_from([each for each in self.world.state.pulls if each.open]))
        if how == "commit":
            self.world.commit_by_a_person(pull.number)
        elif how == "edit":
            self.world._edit(pull.number, body=pull.body + "\nseen\n", title="Mine")
        else:
            self.world.close(pull.number, merged=how == "merge", branch_stays=data.draw(st.booleans()))
        self.fresh = False

    @precondition(lambda self: not self.fresh)
    @rule()
    def work(self):
        world = self.world
        before = world.state
        theirs = {each.number: each for each in before.pulls if before.is_persons(each)}
        opened_before = sum(each.open for each in before.pulls)
        plan = world.go()
        for action in plan.actions:
            if isinstance(action, (UpdatePull, ClosePull)):
                assert action.number not in theirs
            if isinstance(action, OpenPull):
                assert not before.declined.intersection(world.state.pulls[0].marker.findings)
        opened = sum(each.open for each in world.state.pulls)
        assert opened <= max(opened_before, world.config.max_open_pull_requests) or before.onboarding
        self.fresh = True

    @invariant()
    def each_finding_is_in_one_pull_request(self):
        if not getattr(self, "fresh", False):
            return
        state = self.world.state
        seen = [
            mark
            for pull in state.pulls
            if pull.open and pull.marker and not state.is_persons(pull)
            for mark in pull.marker.findings
        ]
        assert len(seen) == len(set(seen))
        for branch in state.branches.values():
            if branch.owner is Owner.BOT:
                assert any(pull.branch == branch.name and pull.open for pull in state.pulls)


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=25, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck)
)
