"""A setting with a default, and how it is written without one."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from codemods.engine.finding import Change, Edit, Refused
from codemods.engine.inference.type_model import Type
from codemods.libraries.secret_names import kind_of
from codemods.libraries.standard_library import standard

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project

_ENVIRON = {"os.getenv", "os.environ.get"}
_READERS = {
    "decouple.config", "decouple.AutoConfig", "decouple.Config", "starlette.config.Config", "environ.Env", "environs.Env",
    "environs.env", "environ.FileAwareEnv",
}  # fmt: skip
_SETTINGS = {
    "pydantic.BaseSettings", "pydantic_settings.BaseSettings", "pydantic.v1.BaseSettings", "pydantic_settings.main.BaseSettings",
    "pydantic.env_settings.BaseSettings",
}  # fmt: skip
_SECRET_TYPES = {"pydantic.SecretStr", "pydantic.types.SecretStr", "pydantic.v1.SecretStr"}
_FIELDS = {"pydantic.Field", "pydantic.fields.Field", "pydantic.v1.Field"}


@dataclass(frozen=True, slots=True)
class Required:
    """A setting ``name`` with a literal ``default``; ``refused`` says why it can't be written without one."""

    name: str
    default: object
    node: ast.Call | ast.BoolOp | ast.AnnAssign
    how: Literal["environ", "or", "argument", "field"]
    proof: str
    refused: str = ""

    def change(self, module: Module, project: Project) -> Change:
        """The setting without its default. Raises Refused."""
        match self.node:
            case ast.BoolOp(values=[call, *_]):
                assert isinstance(call, ast.Call)
                return _environ(call, self.node, module, project)
            case ast.Call() if self.how == "environ":
                return _environ(self.node, self.node, module, project)
            case ast.Call():
                return Change((_without_default(self.node, module),))
            case ast.AnnAssign(value=ast.Call() as value) if _is_field(value, module, project):
                return Change((_without_default(value, module),))
            case ast.AnnAssign(annotation=annotation, value=ast.expr() as value):
                end = module.source.span(value)[1]
                start = module.source.span(annotation)[1]
                gone = module.source.text[start:end]
                if "#" in gone or gone.count("\n"):
                    raise Refused("No patch: the default is written on several lines.")
                return Change((Edit(module.path, start, end, ""),))
        raise Refused("No patch: the default is written in an unusual way.")


def of_call(node: ast.Call, module: Module, project: Project) -> Required | None:
    """``os.getenv("NAME", "literal")`` and the readers of python-decouple, Starlette, environs and django-environ."""
    if not node.args or not isinstance(node.args[0], ast.Constant) or not isinstance(node.args[0].value, str):
        return None
    default, name = _default(node), node.args[0].value
    if not isinstance(default, ast.Constant) or not isinstance(default.value, str) or kind_of(name) is None:
        return None
    called = project.types.qualified(node.func, module)
    if called in _ENVIRON:
        if any(isinstance(each, ast.FormattedValue) for each in module.ancestors(node)):
            return Required(
                name, default.value, node, "environ", "", "No patch: it stands inside an f-string."
            )
        return Required(
            name, default.value, node, "environ", "It is read from the environment, with a literal default."
        )
    if called in _READERS or _is_reader(node.func, module, project):
        refused = (
            ""
            if any(keyword.arg == "default" for keyword in node.keywords)
            else "No patch: the default has no name."
        )
        return Required(
            name,
            default.value,
            node,
            "argument",
            "It is read from the settings, with a literal default.",
            refused,
        )
    return None


def of_or(node: ast.BoolOp, module: Module, project: Project) -> Required | None:
    """``os.getenv("NAME") or "literal"``."""
    if not isinstance(node.op, ast.Or) or len(node.values) != 2:
        return None
    call, last = node.values
    if (
        isinstance(call, ast.Call)
        and isinstance(last, ast.Constant)
        and len(call.args) == 1
        and not call.keywords
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
        and project.types.qualified(call.func, module) in _ENVIRON
        and not any(isinstance(each, ast.FormattedValue) for each in module.ancestors(node))
    ):
        return Required(
            call.args[0].value,
            last.value,
            node,
            "or",
            "It is read from the environment, with a literal behind `or`.",
        )
    return None


def of_field(node: ast.AnnAssign, module: Module, project: Project) -> Required | None:
    """A field of a pydantic ``BaseSettings`` with a literal default, also in ``Field()`` and ``SecretStr()``."""
    owner = module.parents.get(node)
    if not isinstance(owner, ast.ClassDef) or not isinstance(node.target, ast.Name) or node.value is None:
        return None
    if node.target.id.startswith("_") or kind_of(node.target.id) is None:
        return None  # pydantic makes no field of it
    value: ast.expr | None = node.value
    if isinstance(value, ast.Call) and _is_field(value, module, project):
        value = _default(value, positional=0)
    if (
        isinstance(value, ast.Call)
        and project.types.qualified(value.func, module) in _SECRET_TYPES
        and len(value.args) == 1
    ):
        value = value.args[0]
    if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
        return None
    own = Type(project.types.own_name(owner, module), "class", path=module.path)
    if not any(name in _SETTINGS for name in project.types.ancestry(own)):
        return None
    return Required(
        node.target.id,
        value.value,
        node,
        "field",
        "It is a field of pydantic's settings, with a literal default.",
    )


def _is_reader(func: ast.expr, module: Module, project: Project) -> bool:
    """``config(...)``, ``env(...)`` or ``env.str(...)`` of an instance of one of the readers."""
    base = (
        func.value if isinstance(func, ast.Attribute) and func.attr in {"str", "get", "get_value"} else func
    )
    found = project.types.of(base, module)
    return found is not None and found.kind == "instance" and found.name.removesuffix("()") in _READERS


def _is_field(node: ast.Call, module: Module, project: Project) -> bool:
    return project.types.qualified(node.func, module) in _FIELDS


def _default(node: ast.Call, positional: int = 1) -> ast.expr | None:
    named = [keyword.value for keyword in node.keywords if keyword.arg == "default"]
    return named[0] if named else node.args[positional] if len(node.args) > positional else None


def _environ(call: ast.Call, whole: ast.expr, module: Module, project: Project) -> Change:
    """``os.environ["NAME"]`` for the call, or for the ``or`` around it."""
    source = module.source
    name = source.segment(call.args[0])
    if "#" in source.segment(whole) and "\n" in source.segment(whole):
        raise Refused("No patch: there are comments between its parts.")
    start, end = source.span(whole)
    if isinstance(call.func, ast.Attribute) and call.func.attr == "get":
        return Change((Edit(module.path, start, end, f"{source.segment(call.func.value)}[{name}]"),))
    if isinstance(call.func, ast.Attribute):
        return Change((Edit(module.path, start, end, f"{source.segment(call.func.value)}.environ[{name}]"),))
    spelling = standard(call, module, project, "os", "environ")
    return Change(
        (Edit(module.path, start, end, f"{spelling.text}[{name}]"),),
        (spelling.need,) if spelling.need else (),
    )


def _without_default(node: ast.Call, module: Module) -> Edit:
    """The call without its ``default=`` argument, or without its first positional one."""
    source = module.source
    given: list[ast.expr | ast.keyword] = sorted(
        [*node.args, *node.keywords], key=lambda each: source.span(each)[0]
    )
    gone = (
        next((each for each in given if isinstance(each, ast.keyword) and each.arg == "default"), None)
        or node.args[0]
    )
    place = given.index(gone)
    start, end = source.span(gone)
    if place + 1 < len(given):
        end = source.span(given[place + 1])[0]
    elif place > 0:
        start = source.span(given[place - 1])[1]
    if "#" in source.text[start:end]:
        raise Refused("No patch: there is a comment at the default.")
    return Edit(module.path, start, end, "")
