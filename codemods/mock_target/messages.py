"""What a maintainer reads about a target that doesn't exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.mock_target import stdlib

if TYPE_CHECKING:
    from codemods.mock_target.candidates import Meant
    from codemods.mock_target.copies import Copied
    from codemods.mock_target.existence import Gone
    from codemods.mock_target.sites import Site


def target_of(site: Site, gone: Gone) -> str:
    """The target as a dotted name."""
    return ".".join(site.target) if site.target else ".".join((*gone.prefix, gone.part))


def message(site: Site, gone: Gone) -> str:
    """What is wrong, in one sentence."""
    target = target_of(site, gone)
    if gone.what == "hidden":
        return (
            f"`{target}` is not found: `{gone.inside}` is the function, which hides the module of the same name, "
            "and the test fails with AttributeError."
        )
    if gone.what == "instance":
        return (
            f"`{target}` does not exist on the class, only on its instances: the mock patches nothing and the test "
            "fails with AttributeError."
        )
    if gone.typing_only:
        return (
            f"`{target}` does not exist at run time, only for type checkers: the mock patches nothing and the test "
            "fails with AttributeError."
        )
    error = "" if gone.what == "module" else " with AttributeError"
    return f"`{target}` does not exist: the mock patches nothing and the test fails{error}."


def reason(gone: Gone, meant: Meant) -> str:
    """What was searched, and what the target may mean."""
    text = _searched(gone)
    if meant.parts:
        return f"{text} Meant is `{'.'.join(meant.parts)}`: {meant.why}."
    if meant.others:
        listed = ", ".join(f"`{name}`" for name in meant.others)
        return f"{text} Which is meant can't be told; candidates: {listed}."
    if gone.what in {"hidden", "instance"}:
        return text
    return f"{text} What it should be now can't be told from the code that the test reaches."


def _searched(gone: Gone) -> str:
    part, path = gone.part, gone.path
    if gone.what == "library":
        near = stdlib.near(gone.inside, part)
        hint = f"; it has `{near}`" if near else ""
        return f"The standard library's `{gone.inside}` has no `{part}`{hint}."
    if gone.what == "hidden":
        return (
            f"The package imports the function `{gone.owner}` from `{path}` under the module's own name, so attribute "
            f'access ends at the function; pass the module object instead: `sys.modules["{gone.inside}"]`.'
        )
    if gone.what == "instance":
        return f"`{gone.owner}` in `{path}` sets `{part}` on `self`; the class itself has no such attribute."
    if gone.what in {"member", "attribute"}:
        return f"`{gone.owner}` in `{path}` and its base classes define no `{part}`, and nothing in the project sets it."
    if gone.what == "module":
        return f"`{path.removesuffix('__init__.py')}` holds no module `{part}`, and its package binds no such name."
    if gone.typing_only:
        return f"`{path}` imports `{part}` only under `if TYPE_CHECKING`."
    return f"`{path}` neither defines nor imports `{part}`, and nothing in the project sets it."


def of_copy(old: tuple[str, ...]) -> str:
    """What is wrong where a name is replaced that the code under test copied."""
    return (
        f"`{'.'.join(old)}` is replaced where it is defined, but the code under test holds its own copy: "
        "the mock has no effect."
    )


def about_copy(copy: Copied, names: list[str], *, patched: bool) -> str:
    """Who holds the copies, and by which targets they can be replaced."""
    users = ", ".join(f"`{place.path}`" for place in copy.meant)
    text = (
        f"{users} copied the name when it was imported, and the test calls that copy; nothing that the test reaches "
        f"looks it up in `{copy.patched.path}`."
    )
    listed = ", ".join(f"`{name}`" for name in names)
    if patched:
        return f"{text} Meant is {listed}."
    return f"{text} Candidates: {listed}." if names else text


def of_prefix(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, str]:
    """What is wrong with a target that has ``src.`` too much, and how that is known."""
    text = f"`{'.'.join(old)}` is not the module that the test imports: it is not found, or is a second copy."
    why = "`src` is the folder that imports start from, and no package; the test file imports"
    return text, f"{why} `{new[0]}`, so `{'.'.join(new)}` is meant."
