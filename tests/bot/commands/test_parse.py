"""Which lines of a comment are commands, and what they say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.parse import MOST, USAGE, Command, Mistake, Name, Scope, Unclear, commands

RULES = ("atomic-redis", "lazy-client", "mock-target", "secretstr")
FIX, REBASE = Command(Name.FIX), Command(Name.REBASE)


def read(body: str) -> list[Command | Unclear]:
    return list(commands(body, "patchwright", RULES))


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("fix", FIX),
        ("FIX", FIX),
        ("fix.", FIX),
        ("fix!", FIX),
        ("please fix", FIX),
        ("fix <!-- at last -->", FIX),
        ("fix atomic-redis", Command(Name.FIX, "atomic-redis")),
        ("fix Atomic_Redis,", Command(Name.FIX, "atomic-redis")),
        ("rebase", REBASE),
        ("recreate", Command(Name.RECREATE)),
        ("explain `secretstr`", Command(Name.EXPLAIN, "secretstr")),
        ("explain <secretstr>?", Command(Name.EXPLAIN, "secretstr")),
        ("ignore mock-target", Command(Name.IGNORE, "mock-target")),
        ("ignore mock-target here", Command(Name.IGNORE, "mock-target", Scope.HERE)),
        ("ignore mock-target FILE", Command(Name.IGNORE, "mock-target", Scope.FILE)),
        ("ignore mock-target repo.", Command(Name.IGNORE, "mock-target", Scope.REPO)),
        ("unignore", Command(Name.UNIGNORE)),
        ("unignore mock-target", Command(Name.UNIGNORE, "mock-target")),
        ("pause", Command(Name.PAUSE)),
        ("resume", Command(Name.RESUME)),
        ("status", Command(Name.STATUS)),
        ("help", Command(Name.HELP)),
        ("", Command(Name.HELP)),
        ("?", Command(Name.HELP)),
    ],
)
@pytest.mark.parametrize(
    "address", ["/patchwright", "@patchwright", "@patchwright[bot]", "  /Patchwright", "@PatchWright:"]
)
def test_a_command(address: str, line: str, wanted: Command):
    assert read(f"{address} {line}") == [wanted]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("rebse", Unclear(Mistake.COMMAND, "rebse", "rebase")),
        ("frobnicate", Unclear(Mistake.COMMAND, "frobnicate")),
        ("fix atomic-rediss", Unclear(Mistake.RULE, "atomic-rediss", "atomic-redis", "fix [rule]")),
        ("explain", Unclear(Mistake.NO_RULE, usage="explain <rule>")),
        ("ignore", Unclear(Mistake.NO_RULE, usage=USAGE[Name.IGNORE])),
        ("ignore secretstr her", Unclear(Mistake.SCOPE, "her", "here", USAGE[Name.IGNORE])),
        ("pause for a week", Unclear(Mistake.MORE, "for a week", usage="pause")),
        ("fix secretstr mock-target", Unclear(Mistake.MORE, "mock-target", usage="fix [rule]")),
    ],
)
def test_what_is_unclear(line: str, wanted: Unclear):
    assert read(f"/patchwright {line}") == [wanted]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "Nothing here.",
        "I would say /patchwright fix",
        "> /patchwright fix",
        " > /patchwright fix",
        "> On Monday you wrote\n/patchwright fix",
        "`/patchwright fix`",
        "`a span\n/patchwright fix\nover lines`",
        "``a ` span\n/patchwright fix\nover lines``",
        "```\n/patchwright fix\n```",
        "```\n/patchwright fix",
        "~~~text\n```\n/patchwright fix\n~~~",
        "````\n```\n/patchwright fix\n````",
        "```\n    ```\n/patchwright fix\n```",
        "    /patchwright fix",
        "\t/patchwright fix",
        "- a list\n\n    ```\n    x\n/patchwright fix\n    ```",
        "- /patchwright fix",
        "1. /patchwright fix",
        "<!-- /patchwright fix -->",
        "<!--\n/patchwright fix\n-->",
        "<!--\n\n/patchwright fix",
        "<!-- a\n--> /patchwright fix",
        "<pre>\n/patchwright fix\n</pre>",
        "<blockquote>\n\n/patchwright fix\n\n</blockquote>",
        "/patchwright/fix",
        "/patchwrights fix",
        "@patchwright-ai fix",
        "@patchwright/team fix",
        "@patchwright's fix",
        "@someone /patchwright fix",
        "@patchwright found this in my code and I like it",
        "|/patchwright fix|",
        "# /patchwright fix",
    ],
)
def test_no_command(body: str):
    assert read(body) == []


@pytest.mark.parametrize(
    "body",
    [
        "Thanks!\n/patchwright fix",
        "Thanks!\r\n\r\n/patchwright fix\r\n",
        "/patchwright fix\nThat should do.",
        "> quoted\n\n/patchwright fix",
        "> ```\n/patchwright fix",
        "```\ncode\n```\n/patchwright fix",
        "~~~\ncode\n~~~~\n/patchwright fix",
        "``` not a fence ```\n/patchwright fix",
        "`code` and ` a lone tick\n/patchwright fix",
        "`` two ` and one\n/patchwright fix",
        r"\` literal" + "\n/patchwright fix\n`",
        "<!-- note -->\n/patchwright fix",
        "`<!--` opens a comment\n/patchwright fix",
        "    <!-- code\n\n/patchwright fix",
        "- a list\n\n/patchwright fix",
        "<pre>x</pre>\n/patchwright fix",
        "/patchwright fix\n\n/patchwright FIX!",
    ],
)
def test_once(body: str):
    assert read(body) == [FIX]


def test_several_in_order():
    assert read("/patchwright rebase\nand then\n@patchwright fix") == [REBASE, FIX]


def test_only_the_first_five():
    lines = [
        f"/patchwright {each}" for each in ("fix", "rebase", "status", "pause", "resume", "help", "recreate")
    ]
    found = read("\n".join(lines))
    assert len(found) == MOST + 1
    assert found[-1] == Unclear(Mistake.TOO_MANY, "2")


def test_an_app_of_another_name():
    assert list(
        commands("@acme-fixes fix\n/patchwright rebase\n@patchwright status", "acme-fixes", RULES)
    ) == [
        FIX,
        REBASE,
    ]


_PIECES = st.sampled_from(
    ["/patchwright fix", "@patchwright", "> ", "```", "~~~", "    ", "\t", "`", "``", "<!--", "-->", "\\", "<pre>",
     "</pre>", "- ", "\n", "\r\n", "\n\n", " ", "rebase", "ignore", "a", "\u2028", "\0"]
)  # fmt: skip


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (" ".join("`" * count for count in range(1, 350)), [FIX]),
        ("<pre " * 13_000, [FIX]),
        ("`a" * 32_000, [FIX]),
        ("\\`" * 32_000, [FIX]),
        ("<!--" * 16_000, []),
    ],
)
def test_a_long_comment_is_read_in_no_time(body: str, wanted: list[Command]):
    assert read(f"{body}\n\n/patchwright fix") == wanted


@given(st.lists(_PIECES | st.text(max_size=5)).map("".join))
def test_any_text_is_read_without_a_word(body: str):
    found = read(body)
    assert len(found) <= MOST + 1


@given(st.lists(_PIECES).map("".join))
def test_nothing_in_a_fence_is_a_command(body: str):
    fenced = "\n".join(each for each in body.replace("\r\n", "\n").split("\n"))
    assert read(f"``````\n{fenced}\n``````") == []


@given(st.lists(_PIECES).map("".join))
def test_a_quoted_comment_is_no_command(body: str):
    quoted = "\n".join(f"> {line}" for line in body.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    assert read(quoted) == []


@given(st.lists(st.sampled_from(["a word", "- item", "> quote", "```\ncode\n```", "# Title", ""])))
def test_a_command_behind_anything_that_is_closed_is_one(before: list[str]):
    assert read("\n\n".join([*before, "/patchwright fix"])) == [FIX]
