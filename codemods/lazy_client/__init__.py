"""lazy-client: API clients that are built while their module is imported become lazy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.lazy_client.clients import construction, packages
from codemods.lazy_client.detect import RULE_NAME, find, own_clients
from codemods.lazy_client.places import is_test

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.finding import Change, Finding
    from codemods.engine.project import Module, Project


class LazyClient:
    """The rule; see ``codemods.engine.rule.Rule``."""

    name = RULE_NAME
    version = 1

    def candidates(self, project: Project) -> Iterable[str]:
        """Files that mention one of the libraries."""
        own = own_clients(project)
        found = {path for top in packages() for path in project.containing(top.encode())}
        building = construction()
        found = {path for path in found if not is_test(path) and building.search(project.read(path))}
        for name in own:
            found.update(project.containing(name.rpartition(".")[2].encode()))
        return sorted(found)

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """The findings in one file."""
        return find(module, project)

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """The patch for one finding. Raises Refused."""
        from codemods.lazy_client.rewrite import change_for

        return change_for(finding, project)


RULE = LazyClient()
