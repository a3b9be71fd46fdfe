"""What the documentation says of settings, keys and events is what the code says; its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import PydanticUndefined

from bot.events.decide import HANDLED
from bot.settings import CREDENTIALS, PREFIX, SECRETS, Operator, Settings
from bot.setup.permissions import EVENTS, PERMISSIONS
from codemods.engine.settings.config_schema import ConfigFile

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
_LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def rows(page: str, head: str) -> dict[str, tuple[str, ...]]:
    """The cells behind the first of each row, by the first, of the table with this head."""
    after = text(page).split(f"\n{head}\n", 1)[1].splitlines()[1:]
    found = {}
    for line in after:
        if not line.startswith("|"):
            break
        first, *rest = (cell.strip() for cell in line.strip("|").split(" | "))
        found[first.strip("` ")] = tuple(rest)
    return found


def shown(value: Any) -> str:
    """A default as the tables show it."""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, float):
        return f"`{value:g}`"
    return "none" if value is None or value == () else f"`{value}`"


def test_the_operators_table_is_the_settings():
    table = rows("docs/operators.md", "| variable | default | meaning |")
    assert list(table) == [f"{PREFIX}{name.upper()}" for name in (*CREDENTIALS, *Operator.model_fields)]
    for name, field in Settings.model_fields.items():
        default, meaning = table[f"{PREFIX}{name.upper()}"]
        assert meaning == field.description
        if field.is_required():
            assert default == "required"
        elif field.default is PydanticUndefined:  # it depends on the machine
            assert "`" not in default
        else:
            assert default == shown(field.default)


def test_the_operators_page_names_what_may_come_from_a_file():
    sentence = text("docs/operators.md").split(" may also come from a file")[0].rpartition("\n\n")[2]
    assert {name.strip(" `\n").lower() for name in re.split(r",| and ", sentence)} == set(SECRETS)


def test_the_operators_page_names_every_event_that_is_acted_on():
    named = re.findall(r"\w+", " ".join(rows("docs/operators.md", "| event | what happens |")))
    assert sorted(HANDLED.difference(named)) == []


def test_the_operators_page_asks_for_what_the_manifest_asks_for():
    table = rows("docs/operators.md", "| permission | level | what for |")
    assert table == {each.title: (each.shown_level, each.reason) for each in PERMISSIONS if not each.optional}
    named = re.findall(r"\w+", " ".join(rows("docs/operators.md", "| event | what happens |")))
    assert sorted({each.name for each in EVENTS}.difference(named)) == []


def test_the_maintainers_table_is_the_configuration():
    table = rows("docs/maintainers.md", "| key | default | meaning |")
    assert table == {
        field.alias: (shown(field.default), field.description) for field in ConfigFile.model_fields.values()
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page: Path):
    links = [each for each in _LINK.findall(page.read_text(encoding="utf-8")) if "://" not in each]
    assert [each for each in links if not (page.parent / each).exists()] == []
