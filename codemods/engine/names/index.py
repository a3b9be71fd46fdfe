"""Names across modules: is ``pkg.mod.Class.attr`` there, missing, or can't it be known?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from codemods.engine.names.facts import Class, Facts, Name
    from codemods.engine.project import Project

_DEPTH = 20
TargetKind = Literal["module", "folder", "function", "class", "value", "method", "attribute"]


@dataclass(frozen=True, slots=True)
class Found:
    """The name exists. ``path`` is the file of the definition, ``name`` its qualified name inside that file.

    ``home`` is the first module named, ``hops`` the modules that import it in between (outermost first).
    ``instance_only``: an attribute that exists on instances but not on the class object.
    """

    kind: TargetKind
    path: str
    name: str
    line: int
    hops: tuple[str, ...] = ()
    instance_only: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """Proven absent: ``part`` is the first piece that isn't there, ``inside`` what was searched for it.

    ``path`` is the file searched, empty where a module itself is missing. ``typing_only``: the name is imported,
    but only under ``if TYPE_CHECKING``.
    """

    inside: str
    part: str
    path: str = ""
    in_class: str = ""
    typing_only: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing can be said; ``why`` says why."""

    why: str


@dataclass(frozen=True, slots=True)
class Outside:
    """The name belongs to a library; ``name`` is its dotted name there."""

    name: str


Answer = Found | Missing | Unknown | Outside


class Index:
    """Resolution of dotted names over the whole repository; every answer is noted by the project."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def resolve(self, name: str, near: str | None = None) -> Answer:
        """What the absolute dotted ``name`` means, as ``import`` and attribute access would find it.

        ``near`` is the file that uses it; it decides between equal names under several import roots.
        """
        parts = name.split(".")
        module, path, rest = self._module_prefix(parts, near)
        if path is None and not module:
            if self.project.layout.is_own(parts[0], near):
                return Unknown(f"{parts[0]} can't be told apart")
            return Outside(name)
        if path is None:
            if not rest:
                return Found("folder", "", module, 1)
            return Missing(module, rest[0])
        if not rest:
            return Found("module", path, "", 1)
        return self.attribute(path, rest, module)

    def _module_prefix(self, parts: list[str], near: str | None) -> tuple[str, str | None, list[str]]:
        """The longest leading part that is a module: its name, its file (None for a bare folder), what is left."""
        for length in range(len(parts), 0, -1):
            name = ".".join(parts[:length])
            found = self.project.locate(name, near)
            if found:
                return name, found[0], parts[length:]
        for length in range(len(parts), 0, -1):
            name = ".".join(parts[:length])
            if self.project.layout.is_folder(name, near):
                return name, None, parts[length:]
        return "", None, parts

    def attribute(self, path: str, parts: list[str], module: str, depth: int = 0) -> Answer:
        """What ``parts`` (names joined by dots) mean as attributes of the module in file ``path``."""
        if depth > _DEPTH:
            return Unknown("the import chain is too deep")
        facts = self.project.facts(path)
        if facts is None:
            return Unknown(f"{path} does not parse")
        first, rest = parts[0], parts[1:]
        name = facts.names.get(first)
        if name is None or name.kind == "declared":
            return self._unbound(path, facts, parts, module, depth, declared=name is not None)
        if name.typing_only:
            answer = self._unbound(path, facts, parts, module, depth, declared=False)
            missing = answer == Missing(module, first, path)
            return Missing(module, first, path, typing_only=True) if missing else answer
        if name.kind == "import":
            return self._follow(path, name, rest, module, depth)
        if name.kind == "class":
            known = facts.classes.get(first)
            if not rest or known is None:
                return (
                    Found("class", path, first, name.line) if not rest else Unknown(f"{first} is conditional")
                )
            return self.member(path, known, first, rest, depth)
        if rest:
            return Unknown(f"{first} is a {name.kind}; its attributes aren't known")
        return Found("function" if name.kind == "function" else "value", path, first, name.line)

    def _unbound(
        self, path: str, facts: Facts, parts: list[str], module: str, depth: int, *, declared: bool
    ) -> Answer:
        first, rest = parts[0], parts[1:]
        if path.endswith("__init__.py"):
            child = self.project.layout.relative(path, first, 1)
            if child is not None:
                if not rest:
                    return Found("module", child, "", 1)
                return self.attribute(child, rest, f"{module}.{first}", depth + 1)
            folder = path.removesuffix("__init__.py") + first + "/"
            if self.project.has_below(folder):
                return self._in_folder(folder, rest, f"{module}.{first}", depth)
        for star_module, level in facts.stars:
            answer = self._through_star(path, star_module, level, parts, depth)
            if not isinstance(answer, Missing):
                return answer
        if facts.open is not None:
            return Unknown(f"{path} {facts.open}")
        if declared:
            return Unknown(f"{first} is declared without a value")
        if first in {
            "__name__",
            "__file__",
            "__doc__",
            "__path__",
            "__all__",
            "__builtins__",
            "__dict__",
            "__spec__",
        }:
            return Found("value", path, first, 1)
        return Missing(module, first, path)

    def _in_folder(self, folder: str, rest: list[str], module: str, depth: int) -> Answer:
        """What ``rest`` means below a folder without ``__init__.py``, which is a package all the same."""
        if not rest:
            return Found("folder", "", module, 1)
        inner = f"{module}.{rest[0]}"
        for child in (f"{folder}{rest[0]}/__init__.py", f"{folder}{rest[0]}.py"):
            if self.project.has(child):
                if len(rest) == 1:
                    return Found("module", child, "", 1)
                return self.attribute(child, rest[1:], inner, depth + 1)
        if self.project.has_below(f"{folder}{rest[0]}/"):
            return self._in_folder(f"{folder}{rest[0]}/", rest[1:], inner, depth + 1)
        return Missing(module, rest[0])

    def _through_star(self, path: str, star: str | None, level: int, parts: list[str], depth: int) -> Answer:
        target = self.imported_file(path, star, level)
        if target is None:
            return Unknown(f"{path} imports * from {star}")
        facts = self.project.facts(target)
        if facts is None:
            return Unknown(f"{target} does not parse")
        if facts.exported is not None and parts[0] not in facts.exported:
            return Missing(target, parts[0], target)
        return self.attribute(target, parts, self.project.layout.name(target), depth + 1)

    def imported_file(self, path: str, module: str | None, level: int) -> str | None:
        """The repository's file that ``from <level dots>module import`` in ``path`` reads; None if it is a library's."""
        if level:
            return self.project.layout.relative(path, module, level)
        found = self.project.locate(module or "", path)
        return found[0] if found else None

    def _follow(self, path: str, name: Name, rest: list[str], module: str, depth: int) -> Answer:
        if name.attribute is None:
            assert name.module is not None
            answer = self.resolve(".".join([name.module, *rest]), path)
            return _through(answer, module)
        target = self.imported_file(path, name.module, name.level)
        if target is None:
            written = self.project.layout.absolute(path, name.module, name.level)
            if not name.level and not self.project.layout.is_own(written.partition(".")[0], path):
                return Outside(".".join([written, name.attribute, *rest]))
            if self.project.layout.is_folder(written, path):
                child = self.project.locate(f"{written}.{name.attribute}", path)
                if child:
                    return self.attribute(child[0], rest, f"{written}.{name.attribute}", depth + 1) if rest else Found("module", child[0], "", 1, (module,))  # fmt: skip
            return Unknown(f"{path} imports {name.attribute} from {written or '.'}, which isn't found")
        return _through(
            self.attribute(target, [name.attribute, *rest], self.project.layout.name(target), depth + 1),
            module,
        )

    def member(self, path: str, known: Class, name: str, rest: list[str], depth: int = 0) -> Answer:
        """What ``rest`` means as attributes of a class defined in file ``path``; bases are followed."""
        first, more = _unmangled(rest[0], name), rest[1:]
        if first in known.classes and more:
            return self.member(path, known.classes[first], f"{name}.{first}", more, depth + 1)
        for table, kind, instance_only in (
            (known.methods, "method", False),
            (known.fields, "attribute", False),
            (known.instance, "attribute", True),
        ):
            if first in table:
                if more:
                    return Unknown(f"{name}.{first} is a {kind}; its attributes aren't known")
                where: TargetKind = "method" if kind == "method" else "attribute"
                alone = instance_only and not self._may_inherit(path, known, first, depth)
                return Found(where, path, f"{name}.{first}", table[first], (), alone)
        if depth > _DEPTH:
            return Unknown("the class hierarchy is too deep")
        doubt: Answer | None = (
            Unknown(f"{name} may have more attributes than can be seen") if known.open else None
        )
        for base in known.bases:
            answer = self._base_member(path, base, rest, depth)
            if isinstance(answer, Found):
                return answer
            if not isinstance(answer, Missing):
                doubt = doubt or Unknown(
                    f"{name} inherits from {base or 'a computed class'}, which isn't in sight"
                )
        if doubt is not None:
            return doubt
        if first.startswith("__") and first.endswith("__"):
            return Unknown("special attributes aren't judged")
        return Missing(f"{self.project.layout.name(path)}.{name}", first, path, in_class=name)

    def _may_inherit(self, path: str, known: Class, name: str, depth: int) -> bool:
        """Whether the class itself may have an attribute that its own methods set, too: of a base, or of one not in sight."""
        if known.open or depth > _DEPTH:
            return True
        answers = [self._base_member(path, base, [name], depth) for base in known.bases]
        return any(
            not isinstance(each, Missing) and not (isinstance(each, Found) and each.instance_only)
            for each in answers
        )

    def _base_member(self, path: str, base: str | None, rest: list[str], depth: int) -> Answer:
        if base is None:
            return Unknown("a computed base")
        if base in {"object", "ABC", "abc.ABC", "Protocol", "typing.Protocol", "Generic", "typing.Generic"}:
            return Missing(base, rest[0])
        where = self.class_of(path, base, depth + 1)
        if where is None:
            return Unknown(f"{base} isn't in sight")
        other, facts, name = where
        return self.member(other, facts, name, rest, depth + 1)

    def class_of(self, path: str, name: str, depth: int = 0) -> tuple[str, Class, str] | None:
        """The class that dotted ``name`` means inside file ``path``: its file, facts and qualified name there."""
        if depth > _DEPTH:
            return None
        answer = self.attribute(path, name.split("."), self.project.layout.name(path), depth + 1)
        if not isinstance(answer, Found) or answer.kind not in {"class", "attribute"}:
            return None
        facts = self.project.facts(answer.path)
        if facts is None:
            return None
        parts = answer.name.split(".")
        known = facts.classes.get(parts[0])
        for part in parts[1:]:
            known = known.classes.get(part) if known else None
        return (answer.path, known, answer.name) if known else None


def _unmangled(attribute: str, owner: str) -> str:
    """``__name`` for the ``_Class__name`` that Python makes of it inside ``class Class``."""
    prefix = f"_{owner.rpartition('.')[2].lstrip('_')}__"
    return (
        f"__{attribute[len(prefix) :]}"
        if attribute.startswith(prefix) and not attribute.endswith("__")
        else attribute
    )


def _through(answer: Answer, module: str) -> Answer:
    if isinstance(answer, Found):
        return Found(
            answer.kind, answer.path, answer.name, answer.line, (module, *answer.hops), answer.instance_only
        )
    return answer
