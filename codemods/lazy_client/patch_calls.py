"""The calls by which tests (and sometimes others) put something else in a name's place."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Literal

from codemods.engine.names.facts import dotted

Kind = Literal["patch", "set", "delete", "spy", "read", "has"]


@dataclass(frozen=True, eq=False)
class PatchCall:
    """A call that names an attribute: by ``text`` (``"pkg.mod.name"``), or by ``object`` and ``attribute``.

    ``new``: what takes its place, None where a mock is made. ``keywords``: those of ``patch.multiple``.
    """

    node: ast.Call
    kind: Kind
    text: ast.expr | None = None
    object: ast.expr | None = None
    attribute: ast.expr | None = None
    new: ast.expr | None = None
    keywords: tuple[ast.keyword, ...] = ()

    @property
    def is_none(self) -> bool:
        """Whether None takes its place."""
        return isinstance(self.new, ast.Constant) and self.new.value is None


def patch_call(node: ast.Call) -> PatchCall | None:
    """What a call patches; None for all other calls."""
    name = dotted(node.func) or (node.func.attr if isinstance(node.func, ast.Attribute) else "")
    parts = name.split(".")
    last, before = parts[-1], parts[-2] if len(parts) > 1 else ""
    named = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    args = node.args
    if last == "patch" or (last in {"context_manager"} and before == "patch"):
        text = args[0] if args else named.get("target")
        return (
            PatchCall(node, "patch", text=text, new=_at(args, 1) or named.get("new"))
            if text is not None
            else None
        )
    if last == "object" and before == "patch":
        return _on_object(node, "patch", named, "new")
    if last == "multiple" and before == "patch" and args:
        return PatchCall(node, "patch", object=args[0], keywords=tuple(node.keywords))
    if last in {"spy", "stub"} and len(args) == 2:
        return _on_object(node, "spy", named, "new")
    if last == "setattr":
        if name != "setattr" and (len(args) == 2 or (len(args) == 1 and "value" in named)):
            return PatchCall(node, "set", text=args[0], new=_at(args, 1) or named.get("value"))
        return _on_object(node, "set", named, "value")
    if last == "delattr":
        if len(args) == 1:
            return PatchCall(node, "delete", text=args[0])
        return _on_object(node, "delete", named, "value")
    if name in {"getattr", "hasattr"} and len(args) > 1:
        return PatchCall(node, "read" if name == "getattr" else "has", object=args[0], attribute=args[1])
    return None


def _on_object(node: ast.Call, kind: Kind, named: dict[str, ast.expr], new: str) -> PatchCall | None:
    owner = _at(node.args, 0) or named.get("target")
    attribute = _at(node.args, 1) or named.get("attribute") or named.get("name")
    if owner is None or attribute is None:
        return None
    return PatchCall(node, kind, object=owner, attribute=attribute, new=_at(node.args, 2) or named.get(new))


def _at(args: list[ast.expr], place: int) -> ast.expr | None:
    return args[place] if len(args) > place else None
