"""Passwords of which bcrypt sees only the beginning; the page beside this file explains the rule."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.engine.edits.arguments import add_argument
from codemods.engine.files.testing import is_test
from codemods.engine.finding import Applicability, Change, Edit
from codemods.engine.names.traverse import walk
from codemods.libraries.secret_names import kind_of, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.finding import Finding
    from codemods.engine.project import Module, Project

_MOST = 72
"""Bytes of a password that bcrypt sees."""
_WIDTH = 83
"""Characters of a ``bcrypt_sha256`` hash; one of bcrypt has 60."""
_CONTEXTS = {"passlib.context.CryptContext", "passlib.context.LazyCryptContext"}
_COPIED = {"rounds", "default_rounds", "min_rounds", "max_rounds", "vary_rounds"}
_SCRIPTS = {"cli", "commands", "management", "script", "scripts", "seed", "seeds", "tools"}
_SHORTENED = {
    "hashlib",
    "hmac",
    "base64",
    "b64encode",
    "sha256",
    "sha384",
    "sha512",
    "digest",
    "hexdigest",
    "prehash",
}
_COLUMN = re.compile(rb"(?:String|VARCHAR|CharField|Unicode|max_length)")
_BEGINNING = re.compile(r"\^?\\?\$2(?:[abxy]?(?:\$(?:\d\d\$?)?)?$|.*[\\\[])", re.DOTALL)
"""How a text begins that tells bcrypt's hashes by ``$2b$``, or a regular expression that does; a whole hash is neither."""
_WIDTHS = {"String", "VARCHAR", "Unicode", "CharField", "NVARCHAR"}


class BcryptTruncation:
    """See ``bcrypt_truncation.md``."""

    name = "bcrypt-truncation"
    version = 1

    def candidates(self, project: Project) -> Iterable[str]:
        """Files that hash with bcrypt."""
        found = {*project.containing(b"CryptContext", b"bcrypt"), *project.containing(b"bcrypt", b"hashpw")}
        return sorted(path for path in found if not is_test(path))

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """One finding for each context of bcrypt alone, and for each hash of a password of any length."""
        for node in module.nodes(ast.Call):
            last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if (
                last in {"CryptContext", "LazyCryptContext"}
                and project.types.qualified(node.func, module) in _CONTEXTS
            ):
                yield from _context(self.name, node, module, project)
            elif last == "hashpw" and project.types.qualified(node.func, module) == "bcrypt.hashpw":
                yield from _hashed(self.name, node, module, project)

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """``bcrypt_sha256`` before ``bcrypt``."""
        assert isinstance(finding.evidence, Change)
        return finding.evidence


def _context(rule: str, node: ast.Call, module: Module, project: Project) -> Iterator[Finding]:
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    schemes = given.get("schemes") or next(iter(node.args), None)
    if not isinstance(schemes, (ast.List, ast.Tuple)) or [
        getattr(each, "value", None) for each in schemes.elts
    ] != ["bcrypt"]:
        return
    if {"truncate_error", "bcrypt__truncate_error", "all__truncate_error"} & set(given):
        return  # what is too long is refused, or somebody has said that it need not be
    change, doubt = _together(project)
    yield module.finding(
        rule,
        node,
        f"bcrypt sees the first {_MOST} bytes of a password only: all that begin alike are the same to it.",
        Applicability.DISPLAY_ONLY if doubt else Applicability.UNSAFE,
        doubt
        or "The context knows bcrypt alone. A person must look: what reads these hashes beside it must know the new ones.",
        notes=()
        if doubt
        else (
            "Old hashes still verify; `verify_and_update` at login replaces them, `verify` leaves them as they are.",
            f"New hashes have {_WIDTH} characters instead of 60, and older versions of this program cannot read them.",
        ),
        evidence=change,
    )


def _together(project: Project) -> tuple[Change | None, str]:
    """The patch of all contexts of the repository, which read each other's hashes; or why there is none."""
    return project.remembered((__name__, "together"), lambda: _all_contexts(project))


def _all_contexts(project: Project) -> tuple[Change | None, str]:
    edits: list[Edit] = []
    for path in project.containing(b"CryptContext", b"bcrypt"):
        module = project.module(path)
        for node in module.nodes(ast.Call) if module is not None else ():
            if module is None or project.types.qualified(node.func, module) not in _CONTEXTS:
                continue
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            schemes = given.get("schemes") or next(iter(node.args), None)
            named = [getattr(each, "value", None) for each in getattr(schemes, "elts", [])]
            if named == ["bcrypt"]:
                doubt = _doubt(given, project)
            else:
                doubt = (
                    ""
                    if "bcrypt_sha256" in named or "bcrypt" not in named
                    else "No patch: it knows bcrypt, but not alone."
                )
            if doubt:
                where = (
                    "" if not edits and named == ["bcrypt"] else f" That is so in {path}, line {node.lineno}."
                )
                return None, doubt + where
            if named == ["bcrypt"]:
                edits += _edits(node, given, schemes, module)
    return Change(tuple(edits)), ""


def _edits(
    node: ast.Call, given: dict[str | None, ast.expr], schemes: ast.expr | None, module: Module
) -> list[Edit]:
    assert isinstance(schemes, (ast.List, ast.Tuple))
    source, old = module.source, schemes.elts[0]
    quote = source.segment(old)[-1]
    added = [] if "deprecated" in given else [f"deprecated={quote}auto{quote}"]
    added += [
        f"bcrypt_sha256__{name[8:]}={source.segment(value)}"
        for name, value in given.items()
        if name and name.startswith("bcrypt__") and f"bcrypt_sha256__{name[8:]}" not in given
    ]
    start = source.span(old)[0]
    edits = [Edit(module.path, start, start, f"{quote}bcrypt_sha256{quote}, ")]
    return [*edits, add_argument(source, node, ", ".join(added))] if added else edits


def _doubt(given: dict[str | None, ast.expr], project: Project) -> str:
    """Why the context can't be changed here; empty where it can."""
    lowest = project.pins.lowest("bcrypt")
    if lowest is not None and lowest >= (5,) and not project.pins.mentions("libpass"):
        return "No patch: passlib 1.7.4 cannot hash at all with the bcrypt 5 that this repository asks for; libpass can."
    if None in given:
        return "No patch: the context takes more options in `**`."
    deprecated = given.get("deprecated")
    if deprecated is not None and ast.unparse(deprecated) not in {"'auto'", "['auto']"}:
        return "No patch: the context says by itself which schemes are deprecated."
    if any(name in {"default", "harden_verify"} or name.endswith("__default") for name in given if name):
        return "No patch: the context names its default scheme by itself."
    if any(name.startswith("bcrypt__") and name[8:] not in _COPIED for name in given if name):
        return "No patch: the context has options of bcrypt's own."
    narrow = project.kept(_narrow_column)
    if narrow:
        return f"No patch: a column of {narrow} has no room for the {_WIDTH} characters of the new hashes."
    known = project.kept(_known_by_beginning)
    if known:
        return f"No patch: {known} knows hashes by how bcrypt's begin, and the new ones begin otherwise."
    readers = [path for path in project.containing(b"checkpw") if not is_test(path)]
    if readers:
        return f"No patch: `bcrypt.checkpw` in {readers[0]} cannot read the new hashes."
    return ""


def _narrow_column(project: Project) -> str:
    """The first column for a password's hash that is too narrow for the new ones, as ``path:line``; empty for none."""
    paths = {*project.containing(b"password"), *project.containing(b"hash")}
    for path in sorted(paths.intersection(project.matching(_has_column))):
        module = project.module(path) if not is_test(path) else None
        for node in module.nodes(ast.Call) if module is not None else ():
            width = _width(node)
            if module is None or width is None or width >= _WIDTH:
                continue
            statement = module.statement(node)
            target = (
                statement.targets[0]
                if isinstance(statement, ast.Assign)
                else getattr(statement, "target", None)
            )
            name = (
                target.id
                if isinstance(target, ast.Name)
                else target.attr
                if isinstance(target, ast.Attribute)
                else ""
            )
            said = set(words(name))
            if said & {"password", "passwd", "pwd"} and (
                width >= 60 or said & {"hash", "hashed", "encrypted"}
            ):
                return f"{path}:{node.lineno}"
    return ""


def _known_by_beginning(project: Project) -> str:
    """The first place that knows a hash by ``$2b$`` or the like, as ``path:line``; empty for none."""
    for path in project.matching(_speaks_of_beginning):
        module = project.module(path) if not is_test(path) else None
        for node in module.nodes(ast.Constant) if module is not None else ():
            if isinstance(node.value, str) and _BEGINNING.match(node.value):
                return f"{path}:{node.lineno}"
    return ""


def _speaks_of_beginning(data: bytes) -> bool:
    return b"$2" in data


def _has_column(data: bytes) -> bool:
    return _COLUMN.search(data) is not None


def _width(node: ast.Call) -> int | None:
    last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    named = [keyword.value for keyword in node.keywords if keyword.arg in {"max_length", "length"}]
    value = next(iter(named or (node.args if last in _WIDTHS else [])), None)
    if last not in _WIDTHS and not (last == "Field" and named):
        return None
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, int) else None


def _hashed(rule: str, node: ast.Call, module: Module, project: Project) -> Iterator[Finding]:
    named = [keyword.value for keyword in node.keywords if keyword.arg == "password"]
    password = next(iter([*node.args, *named]), None)
    if password is None or _SCRIPTS.intersection(words(module.path)):
        return
    parts = [*walk(password)]
    for name in [part for part in parts if isinstance(part, ast.Name)]:
        if name in module.scopes.scope_of:
            values = [binding.value for binding in module.scopes.bindings(name) if binding.value is not None]
            parts += [part for value in values for part in walk(value)]
    names = [
        part.id if isinstance(part, ast.Name) else part.attr
        for part in parts
        if isinstance(part, ast.Name)
        or (
            isinstance(part, ast.Attribute)
            and not (isinstance(part.value, ast.Name) and part.value.id == "self")
        )
    ]
    if not any(kind_of(name) == "password" for name in names) or _SHORTENED.intersection(names):
        return
    if any(
        isinstance(part, ast.Call) and "hash" in ast.unparse(part.func).rpartition(".")[2] for part in parts
    ):
        return
    numbers = [each.value for each in module.nodes(ast.Constant) if isinstance(each.value, int)]
    if _MOST in numbers or _MOST + 1 in numbers or project.kept(_bounded):
        return
    lowest, highest = project.pins.lowest("bcrypt"), project.pins.highest("bcrypt")
    cuts = highest is not None and highest < (5,)
    raises = not cuts and (lowest is None or lowest >= (5,))
    what = (
        "raises `ValueError`"
        if raises
        else "sees only the beginning of it"
        if cuts
        else "sees only its beginning, or raises `ValueError`"
    )
    yield module.finding(
        rule,
        node,
        f"A password of more than {_MOST} bytes: bcrypt {what}, and nothing in sight keeps it shorter.",
        Applicability.DISPLAY_ONLY,
        "No patch: whether longer ones are to be refused or hashed with SHA-256 first is yours to say.",
    )


def _bounded(project: Project) -> bool:
    """Whether a field for a password says that it has at most 72 characters, anywhere."""
    for path in project.containing(b"max_length", b"password"):
        module = project.module(path)
        for node in module.nodes(ast.Call) if module is not None else ():
            for keyword in node.keywords:
                if (
                    keyword.arg == "max_length"
                    and isinstance(keyword.value, ast.Constant)
                    and module is not None
                ):
                    statement = module.statement(node)
                    target = getattr(statement, "target", None) or next(
                        iter(getattr(statement, "targets", [])), None
                    )
                    size = keyword.value.value
                    if (
                        isinstance(target, ast.Name)
                        and isinstance(size, int)
                        and size <= _MOST
                        and "password" in words(target.id)
                    ):
                        return True
    return False


RULE = BcryptTruncation()
