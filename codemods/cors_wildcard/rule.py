"""cors-wildcard: the findings."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.cors_wildcard.middleware import configured
from codemods.cors_wildcard.settings_fields import origins_field
from codemods.cors_wildcard.wildcards import Wildcard, is_every_origin, wildcard_of
from codemods.engine.files.testing import is_test
from codemods.engine.finding import Applicability, Change, Edit, ImportNeed, Refused
from codemods.libraries.fastapi.deployed import is_aside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from codemods.cors_wildcard.middleware import Configured
    from codemods.engine.finding import Finding
    from codemods.engine.project import Module, Project

VARIABLE = "CORS_ALLOW_ORIGINS"
_DEVELOPMENT = re.compile(r"debug|\bdev|_dev|development|local|\bENV\b|environment|testing", re.IGNORECASE)
_NOTES = (
    "Browsers on origins that are not named are refused from then on: {where} has to name all that may send credentials.",
    "An origin is written as browsers send it: scheme, host and port, without a slash at its end.",
)


@dataclass(frozen=True, slots=True)
class _Evidence:
    edits: tuple[Edit, ...]
    imports: tuple[ImportNeed, ...] = ()


class CorsWildcard:
    """See ``cors_wildcard.md``."""

    name = "cors-wildcard"
    version = 1

    def candidates(self, project: Project) -> Iterable[str]:
        """Files that configure the middleware with credentials."""
        found = project.containing(b"CORSMiddleware", b"allow_credentials")
        return [path for path in found if not is_aside(path)]

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """One finding for each configuration that allows credentials to every origin."""
        for each in configured(module, project):
            if _is_for_developers(each.call, module):
                continue
            if each.regex is not None and is_every_origin(each.regex.value):
                yield _of_regex(each, module, project)
            elif each.origins is not None:
                wildcard = wildcard_of(each.origins.value, module, project)
                if wildcard is not None:
                    yield _of_origins(each, wildcard, module, project)

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """Origins from the settings or the environment."""
        assert isinstance(finding.evidence, _Evidence)
        return Change(finding.evidence.edits, finding.evidence.imports)


def _is_for_developers(call: ast.Call, module: Module) -> bool:
    """Whether the middleware is there only under a condition that names development."""
    for around in module.ancestors(call):
        if isinstance(around, (ast.If, ast.IfExp)) and _DEVELOPMENT.search(
            module.source.segment(around.test)
        ):
            return True
    return False


def _of_regex(each: Configured, module: Module, project: Project) -> Finding:
    assert each.regex is not None
    if each.origins is not None:
        doubt = "No patch: `allow_origins` is given, too; `allow_origin_regex` has to go, or to name hosts."
        return _finding(each.regex, module, doubt=doubt)
    try:
        text, imports, where = _list_of_origins(each.regex.value, module, project)
    except Refused as refused:
        return _finding(each.regex, module, doubt=str(refused))
    edit = Edit(module.path, *module.source.span(each.regex), f"allow_origins={text}")
    return _finding(each.regex, module, edits=(edit,), imports=imports, where=where, tests=_tests(project))


def _of_origins(each: Configured, wildcard: Wildcard, module: Module, project: Project) -> Finding:
    assert each.origins is not None
    if wildcard.doubt:
        return _finding(each.origins, module, doubt=wildcard.doubt)
    path, source = module.path, module.source
    if wildcard.how == "default":
        text = source.segment(wildcard.node).replace("*", "")
        edit = Edit(path, *source.span(wildcard.node), text)
        return _finding(each.origins, module, edits=(edit,), where="the environment variable")
    if wildcard.how == "among":
        return _finding(each.origins, module, edits=(_taken_out(wildcard, module),), where="the list")
    try:
        text, imports, where = _list_of_origins(wildcard.node, module, project)
    except Refused as refused:
        return _finding(each.origins, module, doubt=str(refused))
    return _finding(
        each.origins,
        module,
        edits=(Edit(path, *source.span(wildcard.node), text),),
        imports=imports,
        where=where,
        tests=_tests(project),
    )


def _tests(project: Project) -> list[str]:
    """Tests that look at who may read an answer."""
    return [path for path in project.matching(_speaks) if is_test(path)][:3]


def _speaks(data: bytes) -> bool:
    return b"access-control-allow-origin" in data.lower()


def _taken_out(wildcard: Wildcard, module: Module) -> Edit:
    """The edit that takes one element out of its list."""
    assert wildcard.owner is not None
    elements, span = wildcard.owner.elts, module.source.span
    place = elements.index(wildcard.node)
    if place:
        return Edit(module.path, span(elements[place - 1])[1], span(wildcard.node)[1], "")
    return Edit(module.path, span(wildcard.node)[0], span(elements[1])[0], "")


def _list_of_origins(
    at: ast.expr, module: Module, project: Project
) -> tuple[str, tuple[ImportNeed, ...], str]:
    """The expression, its imports, and where the origins are named from then on. Raises Refused."""
    field = origins_field(at, module, project)
    if field is not None:
        return field, (), f"`{field}`" if not field.startswith("[") else f"`{field.split()[-1].rstrip(']')}`"
    for scope in module.scopes.all:
        for binding in scope.bindings.get("os", ()):
            alias = binding.node
            if (
                not isinstance(alias, ast.alias)
                or alias.name.partition(".")[0] != "os"
                or scope is not module.scopes.module
            ):
                raise Refused("No patch: `os` means something else in this file.")
    quote = next((mark for mark in module.source.segment(at) if mark in "\"'"), '"')
    text = f'os.environ.get("{VARIABLE}", "").replace(",", " ").split()'.replace('"', quote)
    return text, (ImportNeed(module.path, "os"),), f"the environment variable `{VARIABLE}`"


def _finding(
    at: ast.keyword,
    module: Module,
    *,
    doubt: str = "",
    edits: tuple[Edit, ...] = (),
    imports: tuple[ImportNeed, ...] = (),
    where: str = "",
    tests: Sequence[str] = (),
) -> Finding:
    about = f" Tests speak of the header ({', '.join(tests)})." if tests else ""
    return module.finding(
        RULE.name,
        at,
        "Every website may send requests with its visitors' cookies here, and read the answers.",
        Applicability.DISPLAY_ONLY if doubt else Applicability.UNSAFE,
        doubt
        or "`allow_credentials` is on, and with it Starlette answers every origin by its name instead of `*`. A person "
        f"must look: which origins are meant only you know.{about}",
        notes=() if doubt else tuple(note.format(where=where) for note in _NOTES),
        evidence=_Evidence(edits, imports),
    )


RULE = CorsWildcard()
