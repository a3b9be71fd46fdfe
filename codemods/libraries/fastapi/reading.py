"""What each file does to apps and routers: routes, inclusions, mounts, middleware."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.libraries.fastapi.arguments import at, first, keyword, last
from codemods.libraries.fastapi.handing import hands_on, may_be_one
from codemods.libraries.fastapi.hazards import answers_by_itself, catches_missing
from codemods.libraries.fastapi.kinds import ADDERS, MARKS, METHODS, role_of
from codemods.libraries.fastapi.loops import rounds
from codemods.libraries.fastapi.model import Place, Route
from codemods.libraries.fastapi.nodes import Node, Nodes, anything
from codemods.libraries.fastapi.origins import Origin
from codemods.libraries.fastapi.paths import MANY, SYMBOL, text_of

if TYPE_CHECKING:
    from codemods.engine.inference.definitions import Function
    from codemods.engine.project import Module


class Reader(Nodes):
    """Reads file after file into ``nodes``."""

    def read(self, module: Module) -> None:
        """All that one file adds."""
        functions: list[Function] = [*module.nodes(ast.FunctionDef), *module.nodes(ast.AsyncFunctionDef)]
        for function in functions:
            for mark in function.decorator_list:
                if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute):
                    self.mark(mark, mark.func, function, module)
        marks = {mark for function in functions for mark in function.decorator_list}
        for call in module.nodes(ast.Call):
            self.call(call, module, decorates=call in marks)
        for attribute in module.nodes(ast.Attribute):
            if attribute.attr in MARKS and isinstance(attribute.ctx, ast.Load):
                self.taken(attribute, module)

    # --- decorators

    def mark(self, mark: ast.Call, func: ast.Attribute, function: Function, module: Module) -> None:
        """What a decorator of a function adds."""
        place = Place(module.path, mark.lineno, mark.col_offset)
        if func.attr in {"middleware", "exception_handler"} and mark.args:
            owners = self.owners(func.value, module) or []
            if func.attr == "middleware":
                for owner in owners:
                    owner.middlewares.append(function.name)
            if (
                answers_by_itself(function, module)
                if func.attr == "middleware"
                else catches_missing(mark.args[0], function, module)
            ):
                self.add(owners or None, anything("", place))
        elif func.attr in MARKS:
            meant = self.owners(func.value, module)
            if meant is not None:
                self.route(meant, mark, func.attr, module, handler=(function, module))

    def route(
        self,
        owners: list[Node],
        call: ast.Call,
        added: str,
        module: Module,
        *,
        handler: tuple[Function, Module] | None,
    ) -> None:
        """A route that ``call`` adds by the method ``added`` (``get``, ``add_api_route``)."""
        place, path = Place(module.path, call.lineno, call.col_offset), first(call, "path")
        text = text_of(path, module, self.project) if path is not None else MANY
        if not owners and not text.startswith("/"):
            if added != "patch" and text.startswith((MANY, SYMBOL)) and not is_test(module.path):
                self.loose.append(anything("", place))
            return
        self.add(
            owners,
            Route(
                text,
                _methods(call, added),
                place,
                handler[0].name if handler else "",
                (handler[1].path, handler[0].lineno) if handler else None,
                guess=MANY in text,
            ),
        )

    # --- calls

    def call(self, call: ast.Call, module: Module, *, decorates: bool) -> None:
        """What a call adds."""
        func = call.func
        if isinstance(func, ast.Call) and isinstance(func.func, ast.Attribute) and func.func.attr in MARKS:
            owners = self.owners(func.func.value, module)
            if owners is not None:
                handler = self.function(call.args[0], module) if call.args else None
                self.route(owners, func, func.func.attr, module, handler=handler)
            return
        if isinstance(func, ast.Attribute) and func.attr in MARKS:
            if not decorates and self.is_one(func.value, module):
                owners = self.owners(func.value, module)
                self.route(owners or [], call, func.attr, module, handler=None)
            return
        if isinstance(func, ast.Attribute) and func.attr in ADDERS:
            self.adder(call, func, module)
        elif isinstance(func, ast.Attribute) and func.attr in {"append", "extend", "insert"}:
            if isinstance(func.value, ast.Attribute) and func.value.attr == "routes":
                for owner in self.owners(func.value.value, module) or ():
                    owner.entries.append(anything("", Place(module.path, call.lineno, call.col_offset)))
        elif last(func) in {"FastAPI", "Starlette"}:
            if role_of(self.project.types.of(call, module), self.project) == "app":
                self.node(Origin(module, call))
        else:
            hands_on(self, call, module)

    def taken(self, attribute: ast.Attribute, module: Module) -> None:
        """``add = app.get``: what is added by it later cannot be told."""
        parent = module.parents[attribute]
        if not (isinstance(parent, ast.Call) and parent.func is attribute) and self.is_one(
            attribute.value, module
        ):
            place = Place(module.path, attribute.lineno, attribute.col_offset)
            self.add(self.owners(attribute.value, module), anything("", place))

    def is_one(self, node: ast.expr, module: Module) -> bool:
        """Whether an expression is proven to be an app or router."""
        if not isinstance(node, (ast.Name, ast.Attribute)) or not may_be_one(node, self, module):
            return False
        found = self.project.types.of(node, module)
        return found is not None and role_of(found, self.project) in {"app", "router"}

    def adder(self, call: ast.Call, func: ast.Attribute, module: Module) -> None:
        """What one of the methods ``ADDERS`` adds."""
        owners = self.owners(func.value, module)
        if owners is None:
            return
        place = Place(module.path, call.lineno, call.col_offset)
        match func.attr:
            case "include_router":
                for given in rounds(call, module, self.project):
                    target = given.get("router") or first(call, "router")
                    prefix = given.get("prefix") or keyword(call, "prefix")
                    self.include(owners, target, prefix, (call, module))
            case "mount":
                path = first(call, "path")
                if owners or (isinstance(path, ast.Constant) and str(path.value).startswith("/")):
                    target = at(call, 1) or keyword(call, "app")
                    self.include(owners, target, path, (call, module), mounted=True)
            case "host":
                self.add(owners or None, anything("", place))
            case "add_middleware":
                self.middleware(owners, at(call, 0), place, module)
                dispatched = keyword(call, "dispatch")
                dispatch = self.function(dispatched, module) if dispatched is not None else None
                if dispatched is not None and (dispatch is None or answers_by_itself(*dispatch)):
                    self.add(owners or None, anything("", place))
            case "add_exception_handler":
                status, second = at(call, 0), at(call, 1)
                found = self.function(second, module) if second is not None else None
                if status is not None and catches_missing(status, *(found or (None, module))):
                    self.add(owners or None, anything("", place))
            case _:
                endpoint = at(call, 1) or keyword(call, "endpoint") or keyword(call, "route")
                handler = self.function(endpoint, module) if endpoint is not None else None
                self.route(owners, call, func.attr, module, handler=handler)


def _methods(call: ast.Call, added: str) -> tuple[str, ...]:
    if "websocket" in added:
        return ("WEBSOCKET",)
    if added in METHODS:
        return METHODS[added]
    given = keyword(call, "methods")
    if given is None:
        return ("GET",) if added in {"api_route", "add_api_route", "route", "add_route"} else ()
    if isinstance(given, (ast.List, ast.Tuple, ast.Set)):
        names = [str(each.value).upper() for each in given.elts if isinstance(each, ast.Constant)]
        return tuple(names) if len(names) == len(given.elts) else ()
    return ()
