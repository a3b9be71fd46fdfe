"""Patches of a client in tests, and every other string that names it."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.finding import Refused
from codemods.engine.names.facts import dotted
from codemods.engine.names.traverse import walk
from codemods.lazy_client.fixtures import in_force
from codemods.lazy_client.modules import loads, module_of, resolve_written, splits
from codemods.lazy_client.patch_calls import PatchCall, patch_call
from codemods.lazy_client.places import stem
from codemods.lazy_client.reference import Holder, Key, Reference, References, Role
from codemods.lazy_client.stand_ins import may_be_none, puts_none
from codemods.lazy_client.strings import fold
from codemods.lazy_client.timing import when

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.project import Module, Project
    from codemods.lazy_client.sites import Site

_WIDER = "A test that replaced the client in one importing module now replaces it for all of them."


class Mocks:
    """Follows patches into the private global, or refuses."""

    def __init__(self, result: References, home: Module, site: Site, project: Project) -> None:
        self.result = result
        self.home = home
        self.site = site
        self.project = project
        self.patched: dict[tuple[str, ast.AST], list[tuple[Key, str]]] = defaultdict(list)
        self.early: list[tuple[Module, ast.Call]] = []

    # --- one file

    def look(self, module: Module) -> None:
        """Take up the patches and strings of one file. Raises Refused."""
        handled: set[ast.AST] = set()
        for node in walk(module.tree):
            if isinstance(node, ast.Call):
                call = patch_call(node)
                if call is not None:
                    handled.update(self._call(call, module))
        self._strings(module, handled)
        self._dynamic(module)

    def finish(self) -> None:
        """What only shows when all files are known: one test that patches two copies differently."""
        for module, call in self.early:
            for path, owner in self.patched:
                if in_force(path, owner, module, call):
                    where = f"{module.path}:{call.lineno}"
                    raise Refused(
                        f"{where} patches its attributes in a decorator, and {path}:{getattr(owner, 'lineno', 1)} puts another in its place"
                    )
        for (path, owner), patches in self.patched.items():
            keys = {key for key, _ in patches}
            values = {value for _, value in patches}
            if len(keys) > 1 and (len(values) > 1 or "" in values):
                line = getattr(owner, "lineno", 1)
                raise Refused(f"{path}:{line} patches it in two modules at once, with different fakes")

    def _call(self, call: PatchCall, module: Module) -> Iterator[ast.AST]:
        """Follow one patch; yields the expressions that are taken care of."""
        if call.text is not None:
            text = fold(call.text, module, self.project)
            if text is None:
                self._check_unknown(call.text, module)
                return
            found = self._target(text, module)
            if found is None:
                return
            holder, name, rest = found
            yield call.text
            if rest:
                self._through(call, holder, rest, module)
            else:
                self._by_text(call, holder, name, module)
        elif call.object is not None:
            path = module_of(call.object, module, self.project)
            if path is None and isinstance(call.object, ast.Constant) and isinstance(call.object.value, str):
                located = self.project.locate(call.object.value, module.path)
                path = located[0] if located else None
            for keyword in call.keywords:
                if path is not None and keyword.arg and (path, keyword.arg or "") in self.result.holders:
                    self._keyword(call, keyword, self.result.holders[path, keyword.arg], module)
            if call.attribute is None:
                return
            attribute = fold(call.attribute, module, self.project)
            if attribute is None:
                if path is not None and any(path == home for home, _ in self.result.holders):
                    self.result.doubts.append(
                        f"{module.path}:{call.node.lineno} patches a computed name of the module"
                    )
                return
            if path is not None and (path, attribute) in self.result.holders:
                yield call.attribute
                self._by_object(call, self.result.holders[path, attribute], module)

    def _check_unknown(self, text: ast.expr, module: Module) -> None:
        """A target that can't be computed may be this one, if it ends as this one does."""
        tail = (
            text.values[-1]
            if isinstance(text, ast.JoinedStr) and text.values
            else getattr(text, "right", None)
        )
        if isinstance(tail, ast.Constant) and isinstance(tail.value, str):
            for _, name in self.result.holders:
                if re.search(rf"(^|\.){re.escape(name)}(\.|$)", tail.value):
                    raise Refused(
                        f"{module.path}:{text.lineno} patches a computed target that may be this one"
                    )

    def _target(self, text: str, module: Module) -> tuple[Holder, str, list[str]] | None:
        for name, path, rest in splits(text, module.path, self.project):
            holder = self.result.holders.get((path, rest[0]))
            if holder is not None:  # an attribute hides a submodule of the same name
                return holder, name, rest[1:]
        return None

    # --- kinds of patches

    def _check(self, call: PatchCall, module: Module) -> None:
        where = f"{module.path}:{call.node.lineno}"
        if call.kind in {"delete", "spy"}:
            raise Refused(f"{where} needs the name itself, not only its value")
        for keyword in call.node.keywords:
            shaped = keyword.arg in {"autospec", "spec", "spec_set"}
            if shaped and isinstance(keyword.value, ast.Constant) and keyword.value.value:
                raise Refused(
                    f"{where} patches it with `{keyword.arg}=True`, which takes its shape from the built client"
                )

    def _remember(self, call: PatchCall, holder: Holder, module: Module) -> None:
        owner: ast.AST = module.tree
        for parent in module.ancestors(call.node):
            if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                owner = parent
                break
        value = ast.unparse(call.new) if call.new is not None else ""
        self.patched[module.path, owner].append((holder.key, value))

    def _by_text(self, call: PatchCall, holder: Holder, name: str, module: Module) -> None:
        assert call.text is not None
        self._check(call, module)
        gone = puts_none(call, module, self.project, tested=self.result.tested)
        if isinstance(call.text, ast.Name):
            if gone:
                raise Refused(f"{module.path}:{call.node.lineno} puts None in its place through a constant")
            self._remember(call, holder, module)
            return  # the constant itself is edited, or speaks against it
        if gone:
            self._write_text(call.text, f"{name}.<getter>", holder, module)
            self._write_none(call, holder, module)
            return
        if call.kind in {"read", "has"}:
            return
        self._remember(call, holder, module)
        if holder.source is not None:
            self.result.notes.append(_WIDER)
        self._write_text(call.text, f"{self._home_name(holder, name)}.<private>", holder, module)

    def _by_object(self, call: PatchCall, holder: Holder, module: Module) -> None:
        assert call.object is not None
        assert call.attribute is not None
        self._check(call, module)
        if call.kind == "has":
            self._write_text(call.attribute, "<getter>", holder, module)
            return
        if call.kind == "read":
            self._replace(
                call.node, f"{module.source.segment(call.object)}.<getter>()", "read", holder, module
            )
            return
        if call.kind == "set" and not is_test(module.path) and dotted(call.node.func) == "setattr":
            raise Refused(f"{module.path}:{call.node.lineno} assigns to it from outside")
        if puts_none(call, module, self.project, tested=self.result.tested):
            self._write_text(call.attribute, "<getter>", holder, module)
            self._write_none(call, holder, module)
            return
        self._remember(call, holder, module)
        if holder.source is None:
            self._write_text(call.attribute, "<private>", holder, module)
            return
        spelled = self._spelled(call.object, holder, module)
        self.result.notes.append(_WIDER)
        target = f"{self._home_name(holder, spelled)}.<private>"
        if (
            call.kind == "set" and dotted(call.node.func) == "setattr"
        ) or call.attribute not in call.node.args:
            raise Refused(f"{module.path}:{call.node.lineno} sets it on a module that imported it")
        start, _ = module.source.span(call.object)
        _, end = module.source.span(call.attribute)
        self._add(module, (start, end), "patch", f'"{target}"', holder)
        if call.kind == "patch":
            _, end = module.source.span(call.node.func)
            self._add(module, (end - len(".object"), end), "patch", "", holder)

    def _keyword(self, call: PatchCall, keyword: ast.keyword, holder: Holder, module: Module) -> None:
        where = f"{module.path}:{call.node.lineno}"
        value = keyword.value
        nothing = may_be_none(value, module, self.project)
        if (
            nothing == "yes"
            or (nothing == "unknown" and self.result.tested)
            or holder.source is not None
            or isinstance(value, ast.Constant)
            or (dotted(value) or "").endswith("DEFAULT")
        ):
            raise Refused(f"{where} patches it with `patch.multiple`")
        start, _ = module.source.span(keyword)
        self._add(module, (start, start + len(keyword.arg or "")), "patch", "<private>", holder)

    def _write_none(self, call: PatchCall, holder: Holder, module: Module) -> None:
        """A client that a test replaces by None: the getter that gives None takes its place."""
        assert call.new is not None
        self._replace(call.new, f"lambda: {module.source.segment(call.new)}", "patch", holder, module)

    def _through(self, call: PatchCall, holder: Holder, rest: list[str], module: Module) -> None:
        """``patch("pkg.ai.client.chat.create")`` patches an attribute of the client: it becomes ``patch.object``."""
        assert call.text is not None
        where = f"{module.path}:{call.node.lineno}"
        if call.kind not in {"patch", "set"} or not is_test(module.path):
            raise Refused(f"{where} reaches through it by a string")
        if when(call.node, module).time == "import":
            self.early.append((module, call.node))
        expression = self._getter_in(module, where)
        inside = "".join(f".{part}" for part in rest[:-1])
        start, end = module.source.span(call.text)
        self._add(module, (start, end), "read", f'{expression}(){inside}, "{rest[-1]}"', holder)
        if call.kind == "patch":
            _, end = module.source.span(call.node.func)
            self._add(module, (end, end), "patch", ".object", holder)

    def _getter_in(self, module: Module, where: str) -> str:
        """How a test file can reach the getter; it must import the defining module's package already."""
        start = (self.home.path, self.site.name)
        for key, holder in self.result.holders.items():
            if key[0] == module.path and holder.source == start and not holder.renamed:
                return "<plain>"
        for bound, bindings in module.scopes.module.bindings.items():
            if not any(isinstance(binding.node, ast.alias) for binding in bindings):
                continue
            known = self.project.types.bound(bound, module.scopes.module, module)
            if known is not None and known.kind == "module" and known.path == self.home.path:
                return f"{bound}.<plain>"
        if not loads(module.path, {self.home.path}, self.project):
            raise Refused(f"{where} reaches through it by a string, in a file that does not import it")
        home = next(iter(self.project.layout.names(self.home.path)), "")
        self.result.needs.append((module.path, home))
        return "<plain>"

    # --- names of modules

    def _spelled(self, node: ast.expr, holder: Holder, module: Module) -> str:
        """The name under which a test knows the module object ``node``."""
        binding = module.scopes.bindings(node)[0].node if isinstance(node, ast.Name) and module.scopes.bindings(node) else None  # fmt: skip
        statement = module.parents.get(binding) if binding is not None else None
        if isinstance(binding, ast.alias) and isinstance(statement, ast.Import) and binding.asname:
            return binding.name
        if isinstance(binding, ast.alias) and isinstance(statement, ast.ImportFrom) and not statement.level:
            return f"{statement.module}.{binding.name}"
        if isinstance(node, ast.Attribute):
            text = dotted(node)
            if text is not None and holder.path in self.project.locate(text, module.path):
                return text
        return next(iter(self.project.layout.names(holder.path)), "")

    def _home_name(self, holder: Holder, spelled: str) -> str:
        """The name of the defining module, as the module loaded under the name ``spelled`` imports it."""
        name = spelled
        while holder.source is not None:
            name = resolve_written(name, holder.path, holder.written, holder.level)
            holder = self.result.holders.get(holder.source) or self.result.local[holder.source]
            if holder.path not in self.project.locate(name, self.home.path) and not _is_folder_of(
                name, holder.path
            ):
                raise Refused(f"`{name}` can't be found as a module")
        return name

    # --- other strings

    def _strings(self, module: Module, handled: set[ast.AST]) -> None:
        names = "|".join(re.escape(name) for _, name in self.result.holders)
        pattern = re.compile(rf"(?:^|[.:])(?:{names})(?:\.|$)")
        words = re.compile(rf"\b(?:{names})\b")
        for node in walk(module.tree):
            if not isinstance(node, (ast.Constant, ast.JoinedStr, ast.BinOp)) or node in handled:
                continue
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and ">>>" in node.value:
                self._doctest(node.value, words, module, node.lineno)
                continue
            if any(parent in handled for parent in module.ancestors(node)) or isinstance(module.parents.get(node), ast.JoinedStr):  # fmt: skip
                continue
            text = fold(node, module, self.project)
            if text is None or not pattern.search(text) or "." not in text.replace(":", "."):
                continue
            found = self._target(text.replace(":", "."), module)
            if found is not None:
                self._other(node, found, module, text)

    def _other(self, node: ast.expr, found: tuple[Holder, str, list[str]], module: Module, text: str) -> None:
        """A string that names the client outside of a patch: a constant that patches use, or something unknown."""
        holder, name, rest = found
        parent = module.parents.get(node)
        where = f"{module.path}:{node.lineno}"
        if isinstance(parent, ast.Expr):
            return
        if rest or ":" in text or not isinstance(parent, ast.Assign) or len(parent.targets) != 1 or not isinstance(parent.targets[0], ast.Name):  # fmt: skip
            raise Refused(f'{where} names it in a string ("{text}")')
        constant = parent.targets[0]
        scope = module.scopes.binder(constant) or module.scopes.module
        uses = list(module.scopes.loads(scope, constant.id))
        calls = [patch_call(above) for use in uses if isinstance(above := module.parents[use], ast.Call)]
        right = [call for call in calls if call is not None and call.text in uses and call.kind in {"patch", "set"} and not call.is_none]  # fmt: skip
        if (
            len(right) < len(uses)
            or len(scope.bindings[constant.id]) > 1
            or self._is_shared(constant.id, module)
        ):
            raise Refused(f'{where} names it in a string ("{text}") that is used for more than patching')
        self._write_text(node, f"{self._home_name(holder, name)}.<private>", holder, module)

    def _is_shared(self, name: str, module: Module) -> bool:
        """Whether another file imports a constant of this one."""
        for path in self.project.containing(name.encode(), stem(module.path).encode()):
            facts = self.project.facts(path) if path != module.path else None
            if facts is not None and any(known.attribute == name for known in facts.names.values()):
                return True
        return False

    def _doctest(self, text: str, words: re.Pattern[str], module: Module, line: int) -> None:
        lines = [each for each in text.splitlines() if ">>>" in each and words.search(each)]
        if lines and (
            any(path == module.path for path, _ in self.result.holders) or stem(self.home.path) in text
        ):
            raise Refused(f"{module.path}:{line} uses it in a doctest")

    def _dynamic(self, module: Module) -> None:
        """Names of a holding module that are computed."""
        homes = {path for path, _ in self.result.holders}
        for node in walk(module.tree):
            if isinstance(node, ast.Call) and node.args:
                name = dotted(node.func) or ""
                if name in {"vars", "dir", "inspect.getmembers", "getmembers"} and module_of(node.args[0], module, self.project) in homes:  # fmt: skip
                    self.result.doubts.append(f"{module.path}:{node.lineno} looks at all names of the module")
                elif name.endswith("patch.dict") and (
                    fold(node.args[0], module, self.project) or ""
                ).endswith(".__dict__"):
                    raise Refused(f"{module.path}:{node.lineno} patches a module's `__dict__`")
                elif name.endswith("from_object") and module_of(node.args[0], module, self.project) in homes:
                    raise Refused(
                        f"{module.path}:{node.lineno} takes all names of the module as configuration"
                    )
            elif isinstance(node, ast.Attribute) and node.attr == "__dict__" and module_of(node.value, module, self.project) in homes:  # fmt: skip
                raise Refused(f"{module.path}:{node.lineno} uses the module's `__dict__`")

    # --- writing

    def _write_text(self, node: ast.expr, text: str, holder: Holder, module: Module) -> None:
        """Give a string expression another text, in the quotes that it has."""
        segment = module.source.segment(node)
        match = re.match(r"[\"']", segment)
        quote = match.group() if match else '"'
        self._replace(node, f"{quote}{text}{quote}", "patch", holder, module)

    def _replace(self, node: ast.expr, text: str, role: Role, holder: Holder, module: Module) -> None:
        start, end = module.source.span(node)
        self._add(module, (start, end), role, text, holder)

    def _add(self, module: Module, span: tuple[int, int], role: Role, text: str, holder: Holder) -> None:
        line = module.source.position(span[0])[0]
        reference = Reference(
            module.path, *span, line, role, text, holder.key, holder.key, is_test(module.path)
        )
        if reference not in self.result.found:
            self.result.found.append(reference)


def _is_folder_of(name: str, path: str) -> bool:
    folder = path.removesuffix("/__init__.py").removesuffix(".py")
    return f"/{folder}".endswith("/" + name.replace(".", "/"))
