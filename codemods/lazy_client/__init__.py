"""lazy-client: API clients that are built while their module is imported become lazy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.lazy_client.clients import may_build
from codemods.lazy_client.detect import RULE_NAME, find, own_clients

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
        found = set(project.matching(may_build))
        found.update(*(project.containing(name.rpartition(".")[2].encode()) for name in own_clients(project)))
        return sorted(path for path in found if not is_test(path))

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """The findings in one file."""
        return find(module, project)

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """The patch for one finding. Raises Refused."""
        from codemods.lazy_client.rewrite import change_for

        return change_for(finding, project)


RULE = LazyClient()
