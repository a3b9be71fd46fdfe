"""Every rule has its page and its cases, the page's examples are true, and most cases are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from codemods.engine import registry
from codemods.engine.page import SECTIONS, page_of
from codemods.engine.rule import traits
from tests import case_checks
from tests.case_files import Case, read_cases

CASES = Path(__file__).parent / "cases"
RULES = sorted(registry.built_in())


def _examples(rule: str) -> list[Case]:
    return read_cases(page_of(rule).text, rule, joined=frozenset({"Use instead"}))


@pytest.mark.parametrize("rule", RULES)
def test_a_page_has_every_section(rule):
    page = page_of(rule)
    assert page.title == rule or page.title.startswith(f"{rule}:")
    assert page.summary
    assert [name for name in SECTIONS if not page.section(name)] == []


@pytest.mark.parametrize("rule", RULES)
def test_a_page_shows_a_rewrite(rule):
    reports = traits(registry.load(rule)).scope == "repository"
    assert any(bool(case.findings) if reports else case.rewrites for case in _examples(rule))


@pytest.mark.parametrize("rule", RULES)
def test_examples_are_true(rule):
    for case in _examples(rule):
        case_checks.check_findings(case)
        case_checks.check_together(case)
        case_checks.check_safe_only(case)
        case_checks.check_alone(case)


@pytest.mark.parametrize("rule", RULES)
def test_more_is_left_alone_than_rewritten(rule):
    path = CASES / f"{rule.replace('-', '_')}.md"
    cases = read_cases(path.read_text(encoding="utf-8"))
    assert {case.rule for case in cases} == {rule}
    rewritten = sum(case.rewrites for case in cases)
    assert len(cases) - rewritten > rewritten


def test_every_cases_file_is_a_rules():
    assert [
        path.stem for path in sorted(CASES.glob("*.md")) if path.stem.replace("_", "-") not in RULES
    ] == []
