"""A rule's page, cut into its parts."""

from __future__ import annotations

from codemods.engine.page import read_page

PAGE = """\
# fake-rule: two steps where one is meant

The first paragraph
on two lines.

A second one.

## What it does
Finds things.

### A detail
stays inside.

## Why is this bad?

```python
# not a heading
## neither
```

````markdown
```
## nor this
```
````
After.

## Fix safety ##
Safe.
"""


def test_title_and_summary():
    page = read_page(PAGE)
    assert page.title == "fake-rule: two steps where one is meant"
    assert page.summary == "The first paragraph on two lines."
    assert page.text == PAGE


def test_sections_are_found_by_their_words():
    page = read_page(PAGE)
    assert page.section("What it does") == "Finds things.\n\n### A detail\nstays inside."
    assert page.section("why is this bad?") == page.section("Why is this bad")
    assert page.section("Fix safety") == "Safe."
    assert page.section("References") == ""


def test_headings_in_fenced_code_are_code():
    page = read_page(PAGE)
    assert list(page.sections) == ["What it does", "Why is this bad", "Fix safety"]
    assert page.section("Why is this bad").endswith("After.")


def test_without_an_opening_paragraph_the_first_section_sums_up():
    assert read_page("# a\n\n## What it does\nOne\nthing.\n\nMore.\n").summary == "One thing."


def test_an_empty_page():
    page = read_page("")
    assert (page.title, page.summary, page.sections) == ("", "", {})
