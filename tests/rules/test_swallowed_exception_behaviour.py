"""The same program before and after: the same record at the same level, and the traceback only afterwards."""

from __future__ import annotations

import logging

import pytest

from codemods.engine import registry
from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.run.analyse import analyse, fixed
from codemods.engine.run.report import Options

BEFORE = """
import logging

logger = logging.getLogger("behaviour")


def run(part, share):
    try:
        raise KeyError("id")
    except Exception as e:
        logger.error({message})
        return "went on"
"""


def ran(code: str, caplog: pytest.LogCaptureFixture) -> logging.LogRecord:
    names: dict[str, object] = {}
    exec(compile(code, "app/work.py", "exec"), names)
    caplog.clear()
    assert names["run"]("50% of it", 0.5) == "went on"
    (record,) = caplog.records
    return record


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ('f"no {part}: {e}"', "no 50% of it"),
        ('f"100% of {part!r} ({share}): {str(e)}"', "100% of '50% of it' (0.5)"),
        ('"no %s: %s", part, e', "no 50% of it"),
        ('"100%% gone: %s", e', "100% gone"),
        ('"gone: " + str(e)', "gone"),
        ('f"{e} in {part}"', "'id' in 50% of it"),
        ('f"{share:.0%} done: {e}"', "50% done: 'id'"),
        ("e", "'id'"),
        ('"no {} at 100%: {}".format(part, e)', "no 50% of it at 100%"),
        ('"gone at 100%: {}".format(e)', "gone at 100%"),
        ('"no %r at 100%%: %s" % (part, e)', "no '50% of it' at 100%"),
        ('"gone at 100%%: %r" % e', "gone at 100%"),
        ('f"part={part}, error={e}"', "part=50% of it"),
        ('f"gone because of {e}"', "gone"),
    ],
)
def test_the_log_before_and_after(message: str, said: str, caplog: pytest.LogCaptureFixture) -> None:
    code = BEFORE.format(message=message)
    snapshot = MemorySnapshot({"app/work.py": code.encode()})
    report = analyse(snapshot, [registry.load("swallowed-exception")], Options(workers=1))
    before, after = ran(code, caplog), ran(fixed(snapshot, report)["app/work.py"].decode(), caplog)
    assert before.exc_info is None
    assert after.levelname == before.levelname == "ERROR"
    assert after.exc_info is not None
    assert isinstance(after.exc_info[1], KeyError)
    assert after.getMessage() == said
