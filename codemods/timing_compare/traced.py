"""What an operand is (text, bytes, perhaps None), whether it is a secret of the program, and whether a caller gave it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from codemods.engine.inference.definitions import falls_through, own_nodes
from codemods.engine.names.index import Found
from codemods.libraries.secret_names import is_distinct, kind_of
from codemods.timing_compare.given import Given, given_by, is_text_holder, parameter_is_optional

if TYPE_CHECKING:
    from codemods.engine.inference.type_model import Type
    from codemods.engine.names.scopes import Binding
    from codemods.engine.project import Module, Project

Text = Literal["str", "bytes"]
Own = Literal["hmac", "environment", "setting", "stored"]

_DEPTH = 10
_STR_METHODS = {
    "strip", "lstrip", "rstrip", "lower", "upper", "replace", "removeprefix", "removesuffix", "format", "join", "zfill",
}  # fmt: skip
_PARTS = {"split", "rsplit", "partition", "rpartition"}
_BASES = {
    "base64.b64encode", "base64.urlsafe_b64encode", "base64.standard_b64encode", "binascii.hexlify", "base64.b64decode",
    "base64.urlsafe_b64decode", "base64.standard_b64decode", "binascii.unhexlify", "bytes.fromhex", "builtins.bytes.fromhex",
}  # fmt: skip
"""Functions that give bytes, made of their first argument."""
_SETTINGS = {
    "pydantic.BaseSettings", "pydantic_settings.BaseSettings", "pydantic.v1.BaseSettings", "pydantic_settings.main.BaseSettings",
}  # fmt: skip
_READS = {"os.getenv", "os.environ.get", "os.environ.__getitem__"}
_SECRET_KINDS = {"password", "secret", "key", "token", "signature", "code"}


@dataclass(frozen=True, slots=True)
class Traced:
    """``text``: what its type is, None where nothing proves it; ``optional``: it may be None as well.

    ``own``: where the program has the secret from, with ``called``, its name there; ``given``: who gave the value.
    """

    text: Text | None = None
    optional: bool = False
    own: Own | None = None
    called: str = ""
    given: Given | None = None


def trace(node: ast.expr, module: Module, project: Project, depth: int = 0) -> Traced:
    """What is known of an expression; names and settings are followed to what they were given."""
    if depth > _DEPTH:
        return Traced()
    found = _shape(node, module, project, depth)
    if found.given is None:
        found = replace(found, given=given_by(node, module, project))
    if found.text is None:
        text, optional = _typed(node, module, project)
        found = replace(found, text=text, optional=found.optional or optional)
    if found.own is None and found.given is None and isinstance(node, ast.Attribute):
        found = _stored(node, found, module, project)
    return found


def _shape(node: ast.expr, module: Module, project: Project, depth: int) -> Traced:
    match node:
        case ast.Constant(value=value):
            return Traced("str" if isinstance(value, str) else "bytes" if isinstance(value, bytes) else None)
        case ast.Await(value=value):
            return replace(trace(value, module, project, depth + 1), text=None)
        case ast.Name():
            return _name(node, module, project, depth)
        case ast.Attribute():
            return _attribute(node, module, project, depth)
        case ast.JoinedStr(values=values):
            parts = [
                trace(p.value, module, project, depth + 1)
                for p in values
                if isinstance(p, ast.FormattedValue)
            ]
            return replace(_origin(parts), text="str", optional=False)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            parts = [trace(part, module, project, depth + 1) for part in (left, right)]
            return replace(_origin(parts), text=parts[0].text or parts[1].text, optional=False)
        case ast.BoolOp(op=ast.Or(), values=values):
            parts = [trace(part, module, project, depth + 1) for part in values]
            texts = {part.text for part in parts}
            return replace(
                _origin(parts), text=texts.pop() if len(texts) == 1 else None, optional=parts[-1].optional
            )
        case ast.Subscript(value=value):
            return _subscript(node, value, module, project, depth)
        case ast.Call():
            return _call(node, module, project, depth)
    return Traced()


def _origin(parts: list[Traced]) -> Traced:
    """The secret or the given value among several parts of one; what else they are does not count."""
    for part in parts:
        if part.own == "hmac":
            return part
    return next((part for part in parts if part.own or part.given), Traced())


def _name(node: ast.Name, module: Module, project: Project, depth: int) -> Traced:
    if node not in module.scopes.scope_of:
        return Traced()
    bindings = [each for each in module.scopes.bindings(node) if each.kind != "annotation"]
    if not bindings:
        return Traced()
    if len(bindings) == 1 and bindings[0].kind == "import":
        where = _imported(node, module, project)
        return _bound([where[1]], where[0], project, depth) if where is not None else Traced()
    return _bound(bindings, module, project, depth)


def _bound(bindings: list[Binding], module: Module, project: Project, depth: int) -> Traced:
    found = []
    for binding in bindings:
        if len(bindings) > 1 and binding.value is not None and _is_part_of(binding.value, binding.name):
            continue
        if (whole := _parted(binding)) is not None:
            found.append(replace(trace(whole, module, project, depth + 1), optional=False))
            continue
        if binding.kind not in {"assign", "walrus", "parameter"} or (
            binding.kind != "parameter" and binding.value is None
        ):
            return Traced()
        if isinstance(binding.node, ast.arg):
            text, optional = _as_text(project.types.annotation(binding.node.annotation, module))
            optional = optional or parameter_is_optional(binding.node, module, project)
            found.append(Traced(text, optional))
        elif binding.value is not None:
            one = trace(binding.value, module, project, depth + 1)
            none = isinstance(binding.value, ast.Constant) and binding.value.value is None
            found.append(replace(one, optional=True) if none else one)
    texts = {one.text for one in found if not (one.text is None and one.optional and not one.given)}
    return replace(
        _origin(found),
        text=texts.pop() if len(texts) == 1 else None,
        optional=any(one.optional for one in found),
    )


def _is_part_of(value: ast.expr, name: str) -> bool:
    """Whether a value is text made of what the name stood for before: ``header = header[7:].strip()``."""
    if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Slice):
        return isinstance(value.value, ast.Name) and value.value.id == name
    inner = value.func if isinstance(value, ast.Call) else None
    if isinstance(value, ast.Subscript) and isinstance(value.value, ast.Call):
        inner = value.value.func
    if not isinstance(inner, ast.Attribute):
        return False
    if inner.attr not in (_PARTS if isinstance(value, ast.Subscript) else _STR_METHODS - {"join"}):
        return False
    whole = inner.value
    return (isinstance(whole, ast.Name) and whole.id == name) or _is_part_of(whole, name)


def _parted(binding: Binding) -> ast.expr | None:
    """The text of which a name is a part: ``scheme, _, token = header.partition(" ")``."""
    statement = binding.node
    if binding.kind != "unpacked" or not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    target, value = statement.targets[0], statement.value
    if not isinstance(target, (ast.Tuple, ast.List)) or not isinstance(value, ast.Call):
        return None
    if not any(isinstance(each, ast.Name) and each.id == binding.name for each in target.elts):
        return None  # the starred one is a list
    func = value.func
    return func.value if isinstance(func, ast.Attribute) and func.attr in _PARTS else None


def _imported(
    node: ast.Name | ast.Attribute, module: Module, project: Project
) -> tuple[Module, Binding] | None:
    """Where a module's constant is bound, for a name imported from there or read through the module."""
    if isinstance(node, ast.Name):
        alias = module.scopes.bindings(node)[0].node
        statement = module.parents.get(alias)
        if not isinstance(alias, ast.alias) or not isinstance(statement, ast.ImportFrom):
            return None
        path, name = project.index.imported_file(module.path, statement.module, statement.level), alias.name
    else:
        base = project.types.of(node.value, module)
        path, name = (base.path, node.attr) if base is not None and base.kind == "module" else (None, "")
    if not path:
        return None
    answer = project.index.attribute(path, [name], project.layout.name(path))
    if not isinstance(answer, Found) or answer.kind != "value":
        return None
    home = project.module(answer.path)
    bound = home.scopes.module.bindings.get(answer.name, []) if home is not None else []
    bound = [each for each in bound if each.kind != "annotation"]
    return (home, bound[0]) if home is not None and len(bound) == 1 else None


def _attribute(node: ast.Attribute, module: Module, project: Project, depth: int) -> Traced:
    where = _imported(node, module, project)
    if where is not None:
        return _bound([where[1]], where[0], project, depth)
    base = project.types.of(node.value, module)
    if base is None:
        return Traced()
    if base.name == "django.conf.settings" and kind_of(node.attr) in _SECRET_KINDS:
        return Traced(own="setting", called=node.attr)
    if not base.path or base.kind not in {"instance", "class"}:
        return Traced()
    text, optional = _as_text(project.types.of(node, module))
    value, home = _member_value(base, node.attr, project)
    inner = trace(value, home, project, depth + 1) if value is not None and home is not None else Traced()
    if value is not None:
        optional = optional or inner.optional or (isinstance(value, ast.Constant) and value.value is None)
    if inner.own is not None:
        return replace(inner, text=text or inner.text, optional=optional)
    is_settings = base.kind == "instance" and any(name in _SETTINGS for name in project.types.ancestry(base))
    if is_settings and kind_of(node.attr) in _SECRET_KINDS:
        return Traced(text, optional, "setting", node.attr)
    return Traced(text, optional)


def _member_value(base: Type, name: str, project: Project) -> tuple[ast.expr | None, Module | None]:
    """What a class statement gives an attribute; of ``Field(...)`` its default."""
    for module, node in project.types.classes.lineage(base):
        for part in node.body:
            target: ast.expr | None = part.target if isinstance(part, ast.AnnAssign) else None
            if isinstance(part, ast.Assign) and len(part.targets) == 1:
                target = part.targets[0]
            if not isinstance(target, ast.Name) or target.id != name:
                continue
            value = part.value if isinstance(part, (ast.AnnAssign, ast.Assign)) else None
            if isinstance(value, ast.Call) and (project.types.qualified(value.func, module) or "").rpartition(
                "."
            )[2] in {
                "Field",
                "field",
            }:
                given = [keyword.value for keyword in value.keywords if keyword.arg == "default"]
                value = next(iter(given or value.args), None)
            return value, module
    return None, None


def _stored(node: ast.Attribute, found: Traced, module: Module, project: Project) -> Traced:
    """An attribute with a secret's name and the declared type of text, of an instance of the project's own class."""
    base = project.types.of(node.value, module)
    if (
        found.text is None
        or base is None
        or base.kind != "instance"
        or not base.path
        or not is_distinct(node.attr)
    ):
        return found
    return replace(found, own="stored", called=node.attr)


def _subscript(node: ast.Subscript, value: ast.expr, module: Module, project: Project, depth: int) -> Traced:
    if project.types.qualified(value, module) == "os.environ":
        return _environment(node.slice, Traced("str"))
    key = node.slice.value if isinstance(node.slice, ast.Constant) else None
    if isinstance(value, ast.Attribute) and value.attr == "config" and isinstance(key, str) and kind_of(key):
        return _configured(value, key, module, project)
    if is_text_holder(value, module, project):
        return Traced("str", given="request")
    inner = trace(value, module, project, depth + 1)
    if isinstance(node.slice, ast.Slice):
        return inner
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in _PARTS:
        whole = trace(value.func.value, module, project, depth + 1)
        return replace(whole, optional=False)
    return Traced(given=inner.given)


def _configured(config: ast.Attribute, key: str, module: Module, project: Project) -> Traced:
    """A secret of a Flask or Quart application's configuration."""
    found = project.types.of(config.value, module)
    if (project.types.qualified(config, module) or "").endswith("current_app.config") or (
        found is not None and found.name in {"flask.Flask", "quart.Quart"}
    ):
        return Traced(own="setting", called=key)
    return Traced()


def _environment(name: ast.expr | None, found: Traced) -> Traced:
    """What an environment variable is: a secret, if its name says so."""
    if isinstance(name, ast.Constant) and isinstance(name.value, str) and kind_of(name.value):
        return replace(found, own="environment", called=name.value)
    return found


def _call(node: ast.Call, module: Module, project: Project, depth: int) -> Traced:
    name = project.types.qualified(node.func, module) or ""
    if name in _READS and node.args:
        default = node.args[1] if len(node.args) > 1 else None
        text = trace(default, module, project, depth + 1).text if default is not None else "str"
        return _environment(node.args[0], Traced(text, optional=default is None))
    if name in {"hmac.digest", "hmac.new"}:
        return Traced("bytes" if name == "hmac.digest" else None, own="hmac", called="digest")
    if name in _BASES and node.args:
        return replace(trace(node.args[0], module, project, depth + 1), text="bytes", optional=False)
    if name in {"builtins.str", "str"} and len(node.args) == 1:
        return replace(trace(node.args[0], module, project, depth + 1), text="str", optional=False)
    if (signed := _signed(node, module, project, depth)) is not None:
        return signed
    if not isinstance(node.func, ast.Attribute):
        return Traced()
    inner, method = node.func.value, node.func.attr
    if method in {"hexdigest", "digest"}:
        found = trace(inner, module, project, depth + 1)
        made: Text = "str" if method == "hexdigest" else "bytes"
        return replace(found, text=made) if found.own == "hmac" else Traced()
    if method == "get_secret_value" and not node.args:
        found = trace(inner, module, project, depth + 1)
        typed, _ = _as_text(project.types.of(node, module))
        return replace(found, text=typed, optional=False)
    if method == "get" and node.args and is_text_holder(inner, module, project):
        default = node.args[1] if len(node.args) > 1 else None
        if default is None or (isinstance(default, ast.Constant) and isinstance(default.value, str)):
            return Traced("str", optional=default is None, given="request")
        return Traced(given="request")
    if method == "get" and isinstance(inner, ast.Attribute) and inner.attr == "config" and node.args:
        key = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
        if isinstance(key, str) and kind_of(key):
            return _configured(inner, key, module, project)
    found = trace(inner, module, project, depth + 1)
    if method == "encode" and found.text in {"str", None}:
        return replace(found, text="bytes" if found.text else None, optional=False)
    if method == "decode" and found.text in {"bytes", None}:
        return replace(found, text="str" if found.text else None, optional=False)
    if method in _STR_METHODS and found.text is not None:
        return replace(found, optional=False)
    return Traced(given=found.given) if found.given and method in {"get", *_STR_METHODS} else Traced()


def _signed(node: ast.Call, module: Module, project: Project, depth: int) -> Traced | None:
    """What one of the project's own functions gives, where all that it returns is an HMAC that it makes."""
    called = project.types.of(node.func, module)
    found = project.types.function_def(called) if called is not None and called.kind == "function" else None
    if found is None or not isinstance(found[1], ast.FunctionDef) or found[1].decorator_list:
        return None
    home, function = found
    if b"hmac" not in home.source.data or falls_through(function.body):
        return None
    inside = list(own_nodes(function))
    if any(isinstance(part, (ast.Yield, ast.YieldFrom)) for part in inside):
        return None
    returned = [
        trace(part.value, home, project, depth + 1) if part.value is not None else Traced()
        for part in inside
        if isinstance(part, ast.Return)
    ]
    if not returned or any(one.own != "hmac" or one.optional for one in returned):
        return None
    texts = {one.text for one in returned}
    return Traced(texts.pop() if len(texts) == 1 else None, own="hmac", called="digest")


def _typed(node: ast.expr, module: Module, project: Project) -> tuple[Text | None, bool]:
    found = project.types.of(node, module)
    if (
        found is not None
        and found.name.startswith("fastapi.security.")
        and found.last
        in {
            "credentials",
            "username",
            "password",
        }
    ):
        return "str", False
    return _as_text(found)


def _as_text(found: Type | None) -> tuple[Text | None, bool]:
    if found is None or found.kind != "instance":
        return None, False
    if found.name == "builtins.str":
        return "str", found.optional
    if found.name == "builtins.bytes":
        return "bytes", found.optional
    return None, found.optional
