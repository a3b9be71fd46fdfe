"""The recorded webhook payloads: all there, and nobody in them."""

from __future__ import annotations

import json
import re

from tests.payloads import examples, examples_of

NOBODYS = re.compile(
    r"git@github\.com|noreply@github\.com|octocat@github\.com|person-\d+@example\.com"
    r"|(\d+\+)?(person-\d+|github-actions\[bot\])@users\.noreply\.github\.com"
)


def test_all_examples_are_there():
    assert len(examples()) == 329
    assert len({each.event for each in examples()}) == 58
    assert {str(each) for each in examples_of("merge_group")} == {"merge_group.checks_requested"}
    assert json.loads(examples_of("push")[0].body) == examples_of("push")[0].payload


def test_people_are_made_up():
    text = "\n".join(each.body.decode() for each in examples())
    addresses = {found[0] for found in re.finditer(r"[\w.+\[\]-]+@[\w-]+(\.[\w-]+)*\.[a-z]+\b", text)}
    assert {each for each in addresses if not NOBODYS.fullmatch(each)} == set()
    avatars = set(re.findall(r'"avatar_url":"([^"]+)"', text))
    assert all(
        re.fullmatch(r"https://avatars\.githubusercontent\.com/u/1\d\d\d\?v=4", each) for each in avatars
    )
    logins = set(re.findall(r'"login":"([^"]+)"', text))
    known = {"github", "monalisa", "octo-org", "octocat", "username", "web-flow"}
    assert {
        each for each in logins if not re.fullmatch(r"(person|organization)-\d+|.*\[bot\]", each)
    } == known
    assert re.findall(r"smee\.io|amazonaws|PRIVATE KEY|gh[opsu]_\w{20}", text) == []
