"""What kind of file a path is: a test, a script, a function that a cloud calls."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.engine.facts import dotted
from codemods.engine.traverse import walk
from codemods.lazy_client.sites import is_main_guard

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project

_TEST_FOLDERS = frozenset({"tests", "test", "e2e", "integration_tests", "unit_tests"})
_RUNNING = frozenset(
    {"launch", "run", "run_forever", "run_until_complete", "start_polling", "exit", "parse_args", "mainloop"}
    | {"serve_forever", "infinity_polling", "run_polling", "main"}
)


def is_test(path: str) -> bool:
    """Whether a file belongs to a test suite."""
    *folders, name = path.split("/")
    return (
        name == "conftest.py"
        or name.startswith("test_")
        or name.endswith(("_test.py", "_tests.py"))
        or name in {"tests.py", "test.py"}
        or not _TEST_FOLDERS.isdisjoint(folders)
    )


def stem(path: str) -> str:
    """The last part of the module's dotted name."""
    parts = path.removesuffix(".py").split("/")
    return parts[-2] if parts[-1] == "__init__" and len(parts) > 1 else parts[-1]


def is_imported(path: str, project: Project) -> bool:
    """Whether any other file of the project imports this one, as far as the text of imports tells."""
    name = stem(path)
    importing = re.compile(
        rb"^\s*(?:from|import)\s[^\n#]*\b" + re.escape(name.encode()) + rb"\b", re.MULTILINE
    )
    dynamic = re.compile(rb"[\"'][\w.]*\b" + re.escape(name.encode()) + rb"(?::\w+)?[\"']")
    for other in project.containing(name.encode()):
        if other == path:
            continue
        data = project.read(other)
        if importing.search(data) and _imports(other, path, project):
            return True
        if b"import_module" in data and dynamic.search(data):
            return True
    if path.endswith("__init__.py"):
        folder = path.removesuffix("__init__.py")
        return any(other.startswith(folder) and other != path for other in project.python)
    return False


def _imports(other: str, path: str, project: Project) -> bool:
    """Whether file ``other`` imports file ``path``, at its top level or inside a function."""
    module = project.module(other)
    if module is None:
        return True
    for node in walk(module.tree):
        if isinstance(node, ast.Import):
            if any(path in project.locate(alias.name, other) for alias in node.names):
                return True
        elif isinstance(node, ast.ImportFrom):
            if project.index.imported_file(other, node.module, node.level) == path:
                return True
            for alias in node.names:
                inner = ".".join(filter(None, [node.module, alias.name]))
                if project.index.imported_file(other, inner, node.level) == path:
                    return True
    return False


def runs_as_program(module: Module) -> bool:
    """Whether importing the file already does its work: a script, a notebook turned into a file, a page of an app."""
    text = module.source.text
    if "# %%" in text or "# In[" in text:
        return True
    functions = {
        node.name for node in module.tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    for statement in module.tree.body:
        if is_main_guard(statement):
            continue
        if isinstance(statement, (ast.For, ast.While)):
            return True
        for call in _calls(statement):
            name = dotted(call.func) or (call.func.attr if isinstance(call.func, ast.Attribute) else "")
            if name in functions and isinstance(statement, ast.Expr):
                return True
            if name.rpartition(".")[2] in _RUNNING and name != "subprocess.run":
                return True
            if name.startswith("st.") and isinstance(statement, (ast.Expr, ast.If)):
                return True
    return False


def _calls(statement: ast.stmt) -> list[ast.Call]:
    if isinstance(
        statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    ):
        return []
    return [node for node in walk(statement) if isinstance(node, ast.Call)]


def is_migration_environment(module: Module) -> bool:
    """Whether Alembic runs the file (its ``env.py``)."""
    return "from alembic import context" in module.source.text


def has_handlers(module: Module) -> bool:
    """Whether functions at the top level are handed to something by a decorator, as routes and bot commands are."""
    return any(
        isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and "." in (dotted(mark.func if isinstance(mark, ast.Call) else mark) or "")
        for node in module.tree.body
        for mark in getattr(node, "decorator_list", ())
    )


def is_django_settings(module: Module) -> bool:
    """Whether Django reads this module's names through ``django.conf.settings``."""
    bound = module.scopes.module.bindings
    return "INSTALLED_APPS" in bound or "ROOT_URLCONF" in bound or "MIDDLEWARE" in bound


def is_cloud_function(module: Module) -> bool:
    """Whether the file holds a function that AWS Lambda calls: there, building clients on import is the advice."""
    for node in module.tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
            if (
                len(names) == 2
                and names[0].lstrip("_") in {"event", "events"}
                and names[1].lstrip("_") in {"context", "ctx"}
            ):
                return True
    return False
