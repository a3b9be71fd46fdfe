"""Whether people get to read the text that a secret becomes part of: followed from its place to wherever it goes.

An unwrapped secret that a log, an error message or an answer shows is the worst that a patch could do. So this
follows more than ``flow`` does (containers, attributes, functions, loops) and one place that shows it is enough.
"""

from __future__ import annotations

import ast
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codemods.engine.names.facts import dotted
from codemods.secretstr import display, wire
from codemods.secretstr.kinds import secret_type
from codemods.secretstr.readers import (
    decorator_that_shows,
    field_of,
    parameter_of,
    reads_after,
    shows_by_function,
)
from codemods.secretstr.reads import uses_of
from codemods.secretstr.sinks import known_sink, place_of

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project

_MOST = 600
_DEEPEST_CALLS = 6
_PASSING_METHODS = {
    "encode", "decode", "strip", "rstrip", "lstrip", "lower", "upper", "replace", "format", "format_map", "join",
    "removeprefix", "removesuffix", "title", "zfill", "ljust", "rjust", "center", "expandtabs", "capitalize", "swapcase",
    "casefold", "copy", "hex", "items", "values", "get", "pop", "split", "rsplit", "splitlines", "partition", "rpartition",
    "getvalue", "read", "model_dump", "model_dump_json", "dict", "json", "model_copy", "_asdict", "__str__", "__repr__",
    "as_string", "render_as_string", "popitem", "setdefault", "translate", "__add__", "result", "dump",
}  # fmt: skip
_PASSING = {
    "str", "bytes", "bytearray", "b64encode", "urlsafe_b64encode", "standard_b64encode", "quote", "quote_plus", "dict",
    "list", "tuple", "set", "frozenset", "urlencode", "dumps", "dedent", "indent", "fill", "shorten", "cast", "Url",
    "URL", "make_url", "repr", "ascii", "format", "sorted", "reversed", "zip", "enumerate", "iter", "next", "map",
    "filter", "deepcopy", "copy", "OrderedDict", "defaultdict", "ChainMap", "MappingProxyType", "StringIO", "BytesIO",
    "asdict", "astuple", "vars", "unquote", "urljoin", "urlparse", "urlsplit", "urlunparse", "urlunsplit", "min", "max",
    "pformat", "Headers", "CaseInsensitiveDict", "SimpleNamespace", "sub", "b64decode", "hexlify", "gather", "wait_for",
}  # fmt: skip
_TAKING = {"format", "format_map", "join", "replace", "setdefault", "__add__", "expandvars", "substitute"}
_KEYS_ONLY = {
    "list",
    "sorted",
    "set",
    "tuple",
    "iter",
    "frozenset",
    "enumerate",
    "join",
    "reversed",
    "min",
    "max",
}
_FILLING = {
    "append", "add", "extend", "insert", "update", "setdefault", "write", "writelines", "put", "put_nowait", "appendleft",
    "push", "set",
}  # fmt: skip


@dataclass(frozen=True)
class Audience:
    """``shown``: the first place (path and line) where people read it. ``elsewhere``: it goes to others, too."""

    shown: tuple[str, int] | None
    elsewhere: bool


def audience(node: ast.expr, module: Module, project: Project) -> Audience:
    """Who gets the text of ``node`` once it is unwrapped there."""
    walk = _Walk(project)
    walk.go(module, node)
    walk.run()
    places = [place for place in walk.shown if not display_in_test(place[0], module.path)]
    places.sort(key=lambda place: (place[0] != module.path, *place))
    return Audience(places[0] if places else None, walk.elsewhere)


def display_in_test(path: str, home: str) -> bool:
    """Whether only a test shows it, and the secret is used outside of tests: there it is a made-up one."""
    from codemods.engine.files.testing import is_test

    return is_test(path) and not is_test(home)


@dataclass(frozen=True)
class _Step:
    """A text that holds the secret. ``key``: the only key (or, behind a dot, attribute) of it under which it does.

    ``calls``: the calls through which the walk has come into the function that it is in.
    """

    module: Module
    node: ast.expr
    key: object = None
    calls: tuple[tuple[Module, ast.Call], ...] = ()


@dataclass
class _Walk:
    project: Project
    shown: list[tuple[str, int]] = field(default_factory=list)
    elsewhere: bool = False
    _todo: deque[_Step] = field(default_factory=deque)
    _seen: set[tuple[int, object, int]] = field(default_factory=set)

    def go(
        self,
        module: Module,
        node: ast.AST | None,
        key: object = None,
        calls: tuple[tuple[Module, ast.Call], ...] = (),
    ) -> None:
        """Follow ``node`` later on."""
        if not isinstance(node, ast.expr) or len(self._seen) > _MOST:
            return
        mark = (id(node), key, id(calls[-1][1]) if calls else 0)
        if mark not in self._seen:
            self._seen.add(mark)
            self._todo.append(_Step(module, node, key, calls))

    def run(self) -> None:
        """Follow everything to its ends."""
        while self._todo:
            self._follow(self._todo.popleft())

    def _show(self, step: _Step, where: ast.AST) -> None:
        self.shown.append((step.module.path, getattr(where, "lineno", step.node.lineno)))

    def _follow(self, step: _Step) -> None:
        module, node, key, calls = step.module, step.node, step.key, step.calls
        parent = module.parents.get(node)
        match parent:
            case ast.JoinedStr() | ast.FormattedValue() | ast.Starred() | ast.Set() | ast.YieldFrom():
                self.go(module, parent, None, calls)
            case ast.List() | ast.Tuple() | ast.Lambda():
                self.go(module, parent, None, calls)
            case ast.Await() | ast.BoolOp() | ast.BinOp():
                self.go(module, parent, key, calls)
            case ast.Dict(keys=keys, values=values):
                at = next((one for one, value in zip(keys, values, strict=True) if value is node), node)
                self.go(module, parent, key if at is None else _constant(at), calls)
            case ast.IfExp(test=test):
                if node is not test:
                    self.go(module, parent, key, calls)
            case ast.NamedExpr(target=target):
                self.go(module, parent, key, calls)
                self._bound(target, step, parent)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                self.go(module, parent, None, calls)
            case (
                ast.comprehension(target=target, iter=walked)
                | ast.For(target=target, iter=walked)
                | ast.AsyncFor(target=target, iter=walked)
            ) if walked is node:
                if not isinstance(key, str):  # of a dictionary it walks the keys
                    self._bound(target, step, None)
            case ast.withitem(optional_vars=target):
                self.elsewhere = True
                if target is not None:
                    self._bound(target, step, None)
            case ast.Attribute():
                self._attribute(step, parent)
            case ast.Subscript(value=value, slice=index) if value is node:
                if key is None or _constant(index) in {None, key}:
                    self.go(module, parent, None, calls)
            case ast.keyword():
                call = module.parents[parent]
                if isinstance(call, ast.Call):
                    self._argument(step, call)
            case ast.Call():
                if parent.func is node:
                    self.go(module, parent, None, calls)
                else:
                    self._argument(step, parent)
            case ast.Assert(msg=message):
                if message is node:
                    self._show(step, node)
            case ast.Raise():
                self._show(step, parent)
            case ast.Return() | ast.Yield():
                self._returned(step, parent)
            case ast.Assign(targets=targets):
                for target in targets:
                    self._assigned(target, step, parent)
            case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
                self._assigned(target, step, parent)
            case ast.Expr() | ast.If() | ast.While() | ast.UnaryOp():
                pass
            case _:
                self.elsewhere = True

    def _attribute(self, step: _Step, parent: ast.Attribute) -> None:
        call = step.module.parents.get(parent)
        if isinstance(call, ast.Call) and call.func is parent:
            if parent.attr in _PASSING_METHODS:
                named = _constant(call.args[0]) if call.args and parent.attr in {"get", "pop"} else None
                if step.key is None or named in {None, step.key}:
                    kept = step.key if parent.attr in {"copy", "model_copy", "model_dump", "dict"} else None
                    if isinstance(kept, tuple) and parent.attr != "model_copy":
                        kept = kept[1]
                    self.go(step.module, call, kept, step.calls)
            elif display.shows(call):
                self._show(step, call)
            else:
                self.elsewhere = True
        elif (isinstance(step.key, tuple) and step.key[1] == parent.attr) or (
            step.key is None and parent.attr == "__dict__"
        ):
            self.go(step.module, parent, None, step.calls)

    def _argument(self, step: _Step, call: ast.Call) -> None:
        module, node, project = step.module, step.node, self.project
        place = place_of(call, node)
        if isinstance(step.key, str) and any(
            each.arg is None and each.value is node for each in call.keywords
        ):
            place = step.key
        last = call.func.attr if isinstance(call.func, ast.Attribute) else dotted(call.func) or ""
        if known_sink(call, place, module, project) or wire.handed_over(call, node, module, project):
            self.elsewhere = True
            return
        if isinstance(module.parents.get(call), ast.Raise) or (
            not last.startswith("assert")
            and (display.shows(call, node) or shows_by_function(call, module, project))
        ):
            self._show(step, call)
            return
        parameter = parameter_of(call, place, module, project)
        if parameter is not None:
            marked = decorator_that_shows(parameter[1].node, parameter[0], project)
            if marked is not None:
                self.shown.append(marked)
            if len(step.calls) < _DEEPEST_CALLS:
                home, scope, name = parameter
                for read in home.scopes.loads(scope, name):
                    self.go(home, read, step.key, (*step.calls, (module, call)))
            return
        if isinstance(call.func, ast.Attribute) and last in _FILLING:
            self.elsewhere = True
            key = step.key
            if isinstance(place, str):
                key = place
            elif last == "setdefault" and place == 1:
                key = _constant(call.args[0])
            self._filled(call.func.value, step, call, key)
            if last not in {"write", "setdefault"}:
                return
        if isinstance(step.key, str) and last in _KEYS_ONLY:
            return
        if last in _PASSING or (last in _TAKING and isinstance(call.func, ast.Attribute)):
            key = step.key if last in {"dict", "deepcopy", "copy", "cast"} else None
            if isinstance(place, str):
                key = place if last == "dict" else ("attribute", place) if last == "SimpleNamespace" else key
            self.go(module, call, key, step.calls)
            return
        kept = field_of(call, place, module, project)
        if kept is not None:
            home, name, annotation = kept
            if secret_type(project.types.annotation(annotation, home), project) is None:
                self.go(module, call, ("attribute", name), step.calls)
            return
        if last not in {"len", "bool", "isinstance", "hash", "id", "type"}:
            self.elsewhere = True

    def _filled(self, holder: ast.expr, step: _Step, call: ast.AST, key: object) -> None:
        """``holder`` is a container or buffer that now has the text in it."""
        for module, read in reads_after(holder, call, step.module, self.project):
            parent = module.parents.get(read)
            if not (isinstance(parent, ast.Subscript) and isinstance(parent.ctx, ast.Store)):
                self.go(module, read, key, _calls(step, module, read))

    def _bound(self, target: ast.expr, step: _Step, where: ast.AST | None) -> None:
        for name in ast.walk(target):
            if isinstance(name, (ast.Name, ast.Attribute)) and isinstance(name.ctx, ast.Store):
                for module, read in reads_after(name, where, step.module, self.project):
                    key = None if where is None else step.key
                    self.go(module, read, key, _calls(step, module, read))

    def _assigned(self, target: ast.expr, step: _Step, statement: ast.stmt) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            self._bound(target, step, None)
        elif isinstance(target, ast.Subscript):
            self.elsewhere = self.elsewhere or isinstance(target.value, ast.Attribute)
            self._filled(target.value, step, statement, _constant(target.slice))
        elif isinstance(target, ast.Attribute) and display.is_message(target.attr):
            self._show(step, target)
        else:
            self.elsewhere = self.elsewhere or isinstance(target, ast.Attribute)
            key = None if isinstance(statement, ast.AugAssign) else step.key
            for module, read in reads_after(target, statement, step.module, self.project):
                self.go(module, read, key, _calls(step, module, read))

    def _returned(self, step: _Step, statement: ast.Return | ast.Yield) -> None:
        function = step.module.function(statement)
        if function is None:
            self.elsewhere = True
        elif display.shows_its_result(function):
            self._show(step, statement)
        elif step.calls:
            module, call = step.calls[-1]
            self.go(module, call, step.key, step.calls[:-1])
        else:
            uses = list(uses_of(function, step.module, self.project))
            self.elsewhere = self.elsewhere or not uses
            for module, used in uses:
                self.go(module, used, step.key)


def _calls(step: _Step, module: Module, read: ast.expr) -> tuple[tuple[Module, ast.Call], ...]:
    """The calls that led to a read: those of the step if it happens in the same function, else not known."""
    return step.calls if module.function(read) is step.module.function(step.node) else ()


def _constant(node: ast.AST) -> object:
    return node.value if isinstance(node, ast.Constant) else None
