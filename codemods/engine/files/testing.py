"""Which files are tests, by their names and places."""

from __future__ import annotations

_NAMES = frozenset({"conftest.py", "test.py", "tests.py"})
_FOLDERS = frozenset(
    {"test", "tests", "testing", "_tests", "pytest", "e2e", "unit_tests", "integration_tests"}
)


def is_test(path: str) -> bool:
    """Whether a file is a test, a fixture, or lies among tests."""
    *folders, name = path.split("/")
    return (
        name in _NAMES
        or name.startswith("test_")
        or name.endswith(("_test.py", "_tests.py"))
        or any(folder in _FOLDERS or folder.startswith("test_") for folder in folders)
    )
