"""Names for the private global and the getter that nothing else uses, in every file that will know them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codemods.engine.finding import Refused
from codemods.engine.names.index import Found

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project
    from codemods.lazy_client.reference import Holder, Key, References
    from codemods.lazy_client.sites import Site

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def base_of(name: str) -> str:
    """``REDIS`` -> ``redis``, ``_client`` -> ``client``, ``sesClient`` -> ``ses_client``."""
    return _CAMEL.sub("_", name.strip("_")).lower() or "client"


def default_names(name: str) -> tuple[str, str]:
    """The private global's and the getter's name, before anything speaks against them."""
    return f"_{base_of(name)}", f"get_{base_of(name)}"


class Namer:
    """Chooses names for one chain of sites in one module."""

    def __init__(self, module: Module, project: Project, reserved: frozenset[str]) -> None:
        self.module = module
        self.project = project
        self.reserved = set(reserved)
        self._used: dict[str, frozenset[str]] = {}

    def private(self, site: Site) -> str:
        """A name for the private global. Raises Refused."""
        base = base_of(site.name)
        for name in (f"_{base}", f"_{base}_instance", f"_shared_{base}"):
            if name == site.name or self._is_free(name, self.module.path):
                self.reserved.add(name)
                return name
        raise Refused(f"`_{base}` is taken in {self.module.path}, and so are the names beside it")

    def getter(self, site: Site, references: References) -> dict[Key, str]:
        """The getter's name in each file that will import it. Raises Refused."""
        base = base_of(site.name)
        noun = "" if site.match is None else site.match.client.noun.replace(" ", "_")
        vendor = "" if site.match is None else re.sub(r"\W+", "_", site.match.client.vendor.lower())
        wanted = [f"get_{base}"]
        if noun and not base.endswith(noun):
            wanted.append(f"get_{base}_{noun}")
        if vendor and vendor not in base:
            wanted.append(f"get_{vendor}_{base}")
        wanted.append(f"get_shared_{base}")
        places = {self.module.path, *references.exposed, *(path for path, _ in references.needs)}
        places |= {path for (path, _), holder in references.local.items() if not _renamed(holder, references)}
        taken = ""
        for name in wanted:
            taken = next((path for path in sorted(places) if not self._is_free(name, path)), "")
            if not taken:
                self.reserved.add(name)
                return self._everywhere(name, references)
        raise Refused(f"`get_{base}` is taken in {taken}, and so are the names beside it")

    def _everywhere(self, getter: str, references: References) -> dict[Key, str]:
        names: dict[Key, str] = {}
        for key, holder in sorted(references.local.items()):
            origin = _renamer(holder, references)
            if origin is None:
                names[key] = getter
                continue
            base = base_of(origin.name)
            name = next((each for each in (f"get_{base}", f"get_{base}_client", f"get_shared_{base}") if self._is_free(each, key[0])), None)  # fmt: skip
            if name is None:
                raise Refused(f"`get_{base}` is taken in {key[0]}")
            names[key] = name
        return names

    def _is_free(self, name: str, path: str) -> bool:
        if path == self.module.path and name in self.reserved:
            return False
        return name not in self._names(path) and not self._is_known(name, path)

    def _names(self, path: str) -> frozenset[str]:
        if path not in self._used:
            module = self.module if path == self.module.path else self.project.module(path)
            found: set[str] = set()
            for scope in module.scopes.all if module is not None else ():
                found.update(scope.bindings, scope.loads, scope.global_names)
            if module is not None and path != self.module.path:
                for name, bindings in module.scopes.module.bindings.items():
                    if any(
                        binding.kind == "assign" and type(binding.value).__name__ == "Call"
                        for binding in bindings
                    ):
                        found.update(default_names(name))
            self._used[path] = frozenset(found)
        return self._used[path]

    def _is_known(self, name: str, path: str) -> bool:
        """Whether a star import or a submodule already gives the name."""
        if path.endswith("__init__.py"):
            folder = path.removesuffix("__init__.py")
            if self.project.has(f"{folder}{name}.py") or self.project.has(f"{folder}{name}/__init__.py"):
                return True
        facts = self.project.facts(path)
        if facts is None or not facts.stars:
            return False
        return isinstance(self.project.index.attribute(path, [name], self.project.layout.name(path)), Found)


def _renamer(holder: Holder, references: References) -> Holder | None:
    """The import that gave the client another name, on the way from its definition to ``holder``."""
    current: Holder | None = holder
    while current is not None and current.source is not None:
        if current.renamed:
            return current
        current = references.local.get(current.source)
    return None


def _renamed(holder: Holder, references: References) -> bool:
    return _renamer(holder, references) is not None
