"""How the files of a large rule are divided over pull requests."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.plan.branches import branch_name, free_name
from bot.plan.digest import path_mark
from bot.plan.owners import Owners
from bot.plan.parts import Open, divide, in_words, parts

NOBODY = Owners("")
paths = st.lists(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map("/".join), unique=True, max_size=25
).map(lambda found: [f"{path}.py" for path in found])


def names(folder, count):
    return [f"{folder}{number:02}.py" for number in range(count)]


def test_few_files_are_one_part():
    assert parts(["b.py", "a/b.py"], 2, NOBODY) == {"": ("a/b.py", "b.py")}
    assert parts([], 2, NOBODY) == {}


def test_the_largest_folders_go_until_the_rest_is_few_enough():
    files = [*names("app/", 4), *names("lib/", 3), *names("x/", 1), *names("y/", 1)]
    assert {part: len(group) for part, group in parts(files, 4, NOBODY).items()} == {
        "app": 4,
        "lib": 3,
        ".": 2,
    }


def test_a_folder_that_is_too_large_is_divided_again():
    files = [*names("src/app/mail/", 4), *names("src/app/web/", 3), *names("src/app/", 1)]
    assert {part: len(group) for part, group in parts(files, 4, NOBODY).items()} == {
        "src/app/mail": 4,
        "src/app": 4,
    }


def test_files_of_one_folder_are_not_torn_apart():
    assert {part: len(group) for part, group in parts(names("app/", 9), 4, NOBODY).items()} == {"app": 9}


@given(paths, st.integers(1, 6))
def test_every_file_is_in_one_part(found, limit):
    divided = parts(found, limit, NOBODY)
    assert sorted(path for group in divided.values() for path in group) == sorted(found)
    assert divided == parts(found[::-1], limit, NOBODY)


@given(paths, st.integers(1, 6), st.integers(1, 6), st.sets(st.sampled_from(["a/", "b/", "a/b/"])))
def test_what_is_open_stays_and_nothing_is_lost(found, limit, later_limit, gone):
    first = divide(found, [], limit, NOBODY)
    pulls = [
        Open(part or "whole", part, frozenset(map(path_mark, group))) for part, group in first.new.items()
    ]
    left = [path for path in found if not path.startswith(tuple(gone))]
    second = divide(left, pulls, later_limit, NOBODY)
    groups = [*second.kept.values(), *second.new.values(), second.later]
    assert sorted(path for group in groups for path in group) == sorted(left)
    if later_limit >= limit:
        assert second.split == ()
        assert not second.new


def test_a_new_file_goes_to_the_pull_request_of_its_part_while_there_is_room():
    open_ones = [Open("b1", "app", frozenset(map(path_mark, names("app/", 3))))]
    files = [*names("app/", 5), *names("lib/", 3)]
    divided = divide(files, open_ones, 4, NOBODY)
    assert divided.kept == {"b1": tuple(names("app/", 4))}
    assert divided.later == ("app/04.py",)
    assert list(divided.new) == ["."]


def test_one_of_twice_the_size_is_split_but_not_if_that_does_nothing():
    files = [*names("app/", 5), *names("lib/", 5)]
    whole = Open("b1", "", frozenset(map(path_mark, files)))
    assert divide(files, [whole], 5, NOBODY).split == ()
    assert divide(files, [whole], 4, NOBODY).split == ("b1",)
    flat = names("app/", 9)
    assert divide(flat, [Open("b1", "", frozenset(map(path_mark, flat)))], 3, NOBODY).split == ()


OWNERS = """\
# who owns what
*            @acme/all  # everything else
/lib/        @acme/lib @bob
docs/*       @acme/docs
*.pyi        ann@example.com
/lib/free/
!bad [pattern
"""


def test_the_last_matching_line_names_the_owners():
    owners = Owners(OWNERS)
    assert owners.of("app/a.py") == "@acme/all"
    assert owners.of("lib/a.py") == "@acme/lib @bob"
    assert owners.of("lib/free/a.py") == ""
    assert owners.of("docs/a.py") == "@acme/docs"
    assert owners.of("app/docs/a.py") == "@acme/all"
    assert owners.of("docs/deep/a.py") == "@acme/all"
    assert owners.of("lib/a.pyi") == "ann@example.com"


def test_owners_divide_first_then_folders():
    files = [*names("app/", 2), *names("lib/a/", 3), *names("lib/b/", 3), *names("lib/free/", 2)]
    found = parts(files, 3, Owners(OWNERS))
    assert {part: len(group) for part, group in found.items()} == {
        "owned by @acme/all": 2,
        "owned by @acme/lib @bob in lib/a": 3,
        "owned by @acme/lib @bob in lib": 3,
        ".": 2,
    }
    assert [in_words(part) for part in found] == [
        " for acme/all",
        " for acme/lib bob in lib/a",
        " for acme/lib bob in lib",
        " in the other folders",
    ]


def test_what_is_left_over_is_called_by_its_folders_where_they_are_few():
    assert in_words(".", ["lib/a.py", "tools/x/b.py", "lib/c.py"]) == " in lib and tools"
    assert in_words(".", ["lib/a.py", "top.py"]) == " in the other folders"
    assert in_words(".", ["a/a.py", "b/b.py", "c/c.py"]) == " in the other folders"


def test_one_owner_of_everything_divides_nothing():
    assert "app" in parts([*names("app/", 3), *names("b/", 1)], 3, Owners("* @ann"))


def test_branches_keep_their_meaning():
    assert branch_name("lazy-client", "", "", ["lazy-client"]) == "patchwright/lazy-client"
    assert branch_name("ones", "src/app", "", ["ones"]) == "patchwright/ones-src-app"
    assert branch_name("ones", "", "release/1", ["ones"]) == "patchwright/ones-on-release-1"
    assert branch_name("ones", ".", "", []) == "patchwright/ones-other-folders"


def test_no_two_of_them_have_the_same_name():
    rules = ["lazy", "lazy-client", "onboarding"]
    wanted = [
        (rule, part, base)
        for rule in rules
        for part in (
            "",
            ".",
            "client",
            "src/app",
            "src-app",
            "Src/app",
            "other-folders",
            "owned by @a/b",
            "a/b",
            "..",
            "x.lock",
        )
        for base in ("", "v1", "v-1")
    ]
    found = [branch_name(*each, rules) for each in wanted]
    assert len(set(found)) == len(found)
    assert "patchwright/onboarding" not in found
    assert "patchwright" not in found


@given(st.text(max_size=80))
def test_every_name_is_one_that_git_takes(part):
    name = branch_name("ones", part, "", ["ones"])
    assert name.removeprefix("patchwright/ones").strip("-abcdefghijklmnopqrstuvwxyz0123456789_") == ""
    assert len(name) < 120
    assert not name.endswith("-")


def test_a_name_that_is_taken_gets_a_number():
    assert free_name("a", {"b"}) == "a"
    assert free_name("a", {"a", "a-2"}) == "a-3"
