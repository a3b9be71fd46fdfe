"""Whether a field that is declared a secret really holds one: plain text may have been put there unvalidated."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.names.facts import dotted
from codemods.secretstr.kinds import secret_type
from codemods.secretstr.texts import is_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.inference.type_model import Type
    from codemods.engine.project import Module, Project

_SETTERS = {"setattr", "object", "patch", "dict"}


@dataclass(frozen=True)
class Plain:
    """A place where plain text is put into the field. ``start`` to ``end`` is that text; ``in_test``: by a test.

    ``proven``: it is this very class's field; otherwise only the name is the same, on an object of unknown type.
    """

    path: str
    line: int
    start: int
    end: int
    in_test: bool
    proven: bool


def owner_of(node: ast.expr, module: Module, project: Project) -> tuple[Type, str] | None:
    """The repository's class whose attribute ``node`` is, and the attribute's name."""
    if not isinstance(node, ast.Attribute):
        return None
    owner = project.types.of(node.value, module)
    if owner is None or not owner.path or owner.kind not in {"instance", "class"}:
        return None
    return owner, node.attr


def _validates_stores(owner: Type, project: Project) -> bool:
    """Whether pydantic validates what is assigned to the class's fields, so that text becomes a secret."""
    return any(
        re.search(r"validate_assignment['\"]?\s*[=:]\s*True", text) for text in configurations(owner, project)
    )


def configurations(owner: Type, project: Project) -> list[str]:
    """The text of ``model_config = ...``, ``class Config`` and class keywords, own and inherited."""
    texts: list[str] = []
    for _, node in project.types.classes.lineage(owner):
        inner = [
            ast.unparse(part)
            for part in node.body
            if isinstance(part, (ast.Assign, ast.AnnAssign, ast.ClassDef))
        ]
        texts += [text for text in inner if text.startswith(("model_config", "class Config"))]
        texts += [f"{keyword.arg}={ast.unparse(keyword.value)}" for keyword in node.keywords]
    return texts


def plain_stores(owner: Type, name: str, project: Project) -> list[Plain]:
    """Every place in the repository that puts plain text into field ``name`` of ``owner`` without validation."""
    if _validates_stores(owner, project):
        return []
    pattern = re.compile(
        rb"(?:\."
        + name.encode()
        + rb"\s*(?::[^=\n]+)?=[^=]|[\"'.]"
        + name.encode()
        + rb"[\"']\s*,|\b"
        + name.encode()
        + rb"\s*=[^=])"
    )
    found: list[Plain] = []
    for path in project.containing(name.encode()):
        if not pattern.search(project.read(path)):
            continue
        module = project.module(path)
        if module is not None:
            found += _stores_in(module, owner, name, project)
    return found


def _stores_in(module: Module, owner: Type, name: str, project: Project) -> Iterator[Plain]:
    in_test = is_test(module.path)
    for node in ast.walk(module.tree):
        value: ast.expr | None = None
        base: ast.expr | None = None
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Attribute) and target.attr == name:
                    value, base = node.value, target.value
        elif isinstance(node, ast.ClassDef) and in_test and not node.bases:
            value = _class_value(node, name)
        elif isinstance(node, ast.Call):
            value, base = _set_by_call(node, name)
            if value is None and in_test:
                value = _faked(node, name)
        if value is None or not is_text(value, module, project):
            continue
        proven = base is not None and _is_owner(base, owner, module, project)
        if not proven and (not in_test or (base is not None and _is_other(base, owner, module, project))):
            continue
        start, end = module.source.span(value)
        yield Plain(module.path, value.lineno, start, end, in_test, proven)


def _set_by_call(call: ast.Call, name: str) -> tuple[ast.expr | None, ast.expr | None]:
    """``monkeypatch.setattr(settings, "key", "x")``, ``patch.object(settings, "key", "x")``, ``patch("a.settings.key", "x")``."""
    last = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if last not in _SETTERS:
        return None, None
    texts = [each.value if isinstance(each, ast.Constant) else None for each in call.args]
    new = next((each.value for each in call.keywords if each.arg == "new"), None)
    if len(call.args) >= 2 and texts[1] == name:
        return (call.args[2] if len(call.args) > 2 else new), call.args[0]
    if call.args and isinstance(texts[0], str) and texts[0].endswith(f".{name}"):
        return (call.args[1] if len(call.args) > 1 else new), call.args[0]
    return None, None


def _class_value(node: ast.ClassDef, name: str) -> ast.expr | None:
    """``class FakeSettings: key = "x"``."""
    for part in node.body:
        targets = (
            part.targets
            if isinstance(part, ast.Assign)
            else [part.target]
            if isinstance(part, ast.AnnAssign)
            else []
        )
        if isinstance(part, (ast.Assign, ast.AnnAssign)) and any(
            isinstance(each, ast.Name) and each.id == name for each in targets
        ):
            return part.value
    return None


def _faked(call: ast.Call, name: str) -> ast.expr | None:
    """``SimpleNamespace(key="x")``, ``MagicMock(key="x")``."""
    last = (dotted(call.func) or "").rpartition(".")[2]
    if last not in {"SimpleNamespace", "Mock", "MagicMock", "AsyncMock", "NonCallableMock"}:
        return None
    return next((each.value for each in call.keywords if each.arg == name), None)


def _is_owner(base: ast.expr, owner: Type, module: Module, project: Project) -> bool:
    if isinstance(base, ast.Constant) and isinstance(base.value, str):
        return _patched_owner(base.value, owner, module, project)
    found = project.types.of(base, module)
    return found is not None and bool(found.path) and owner.name in set(project.types.ancestry(found))


def _patched_owner(target: str, owner: Type, module: Module, project: Project) -> bool:
    """Whether the object in a patch's target text (``app.config.settings.key``) is an ``owner``."""
    from codemods.engine.names.index import Found

    parts = target.split(".")[:-1]
    answer = project.index.resolve(".".join(parts), module.path)
    if not isinstance(answer, Found) or answer.kind not in {"value", "class"}:
        return False
    home = project.module(answer.path)
    if home is None:
        return False
    if answer.kind == "class":
        return owner.path == answer.path and owner.name.endswith(f".{answer.name}")
    found = project.types.bound(answer.name, home.scopes.module, home)
    return found is not None and bool(found.path) and owner.name in set(project.types.ancestry(found))


def _is_other(base: ast.expr, owner: Type, module: Module, project: Project) -> bool:
    """Whether the object is proven to be something else than an ``owner`` or a stand-in for it."""
    if isinstance(base, ast.Constant):
        return False
    found = project.types.of(base, module)
    if found is None:
        return False
    return not (found.name.startswith(("unittest.mock", "mock.", "pytest_mock", "types.")))


def stored_beside(node: ast.expr, module: Module, project: Project) -> bool:
    """Whether the same function puts something else than a secret into the very attribute that ``node`` reads."""
    function = module.function(node)
    owned = owner_of(node, module, project)
    if function is None or owned is None or _validates_stores(owned[0], project):
        return False
    written = ast.unparse(node)
    for part in ast.walk(function):
        if isinstance(part, ast.Assign) and any(ast.unparse(target) == written for target in part.targets):
            found = secret_type(project.types.of(part.value, module), project)
            if found is None:
                return True
        elif isinstance(part, ast.Call):
            value, base = _set_by_call(part, owned[1])
            if (
                value is not None
                and base is not None
                and is_text(value, module, project)
                and ast.unparse(base) == written.rpartition(".")[0]
            ):
                return True
    return False


def reaches(plain: Plain, node: ast.expr, module: Module, project: Project) -> bool:
    """Whether the file that fakes a field names the code in which ``node`` stands."""
    if plain.path == module.path:
        return True
    data = project.read(plain.path)
    names = [name for name in (project.layout.name(module.path), *project.layout.names(module.path)) if name]
    names += [
        around.name
        for around in module.ancestors(node)
        if isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        and not around.name.startswith("__")
    ]
    return any(re.search(rb"\b" + re.escape(name).encode() + rb"\b", data) for name in names)
