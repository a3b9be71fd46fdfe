"""What goes wrong on the way to an answer, as an answer: nobody waits for one that never comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.analysis.errors import AnalysisCrashed, AnalysisFailed, AnalysisTooLarge, AnalysisTooLong
from bot.commands.answer import Answer, failed
from bot.github.errors import Moved, Passing, Refused, Unrecognized

if TYPE_CHECKING:
    from collections.abc import Callable

log = structlog.get_logger(__name__)


def attempted(what: str, do: Callable[[], Answer], *, last: bool) -> Answer:
    """What ``do`` answers, or why it could not. ``what`` is for the log.

    What can pass by itself is raised, so that the job is tried again, unless this is the ``last`` attempt. RateLimited
    is raised always: it does not count as one.
    """
    try:
        return do()
    except Refused as error:
        log.warning("refused", asked=what, error=str(error))
        return failed("why", "github", reason=str(error))
    except (AnalysisTooLong, AnalysisTooLarge, AnalysisFailed) as error:
        return failed("why", "analysis", reason=str(error))
    except (Passing, Unrecognized, Moved, AnalysisCrashed) as error:
        if not last:
            raise
        log.warning("given up", asked=what, error=str(error))
        return failed("why", "given-up", reason=str(error))
