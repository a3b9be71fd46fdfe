"""One piece of work, carried out; what went wrong, by what is to be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

import structlog

from bot.analysis.errors import AnalysisCrashed, AnalysisFailed, AnalysisTooLarge, AnalysisTooLong
from bot.commands.run import run_command
from bot.events.work import (
    AnswerMergeGroup,
    CheckConfig,
    CheckHead,
    CheckPull,
    ForgetRepository,
    Ignored,
    PressButton,
    RunCommand,
    UpdateBranch,
)
from bot.github.errors import Gone, Moved, Passing, RateLimited, Refused, Unrecognized
from bot.jobs.answer_merge_group import answer_merge_group
from bot.jobs.check_config import check_config
from bot.jobs.check_head import check_head
from bot.jobs.check_pull import check_pull
from bot.jobs.forget import forget
from bot.jobs.outcome import Dead, Done, Later, Outcome, Retry
from bot.jobs.press_button import press_button
from bot.jobs.update_branch import update_branch
from bot.queue.pauses import ATTEMPTS

if TYPE_CHECKING:
    from bot.queue.port import Job
    from bot.services import Services

log = structlog.get_logger(__name__)


def run(job: Job, services: Services) -> Outcome:
    """Does one job and says how it ended. Every effect is idempotent: a job that was cut off is run again."""
    try:
        return _done(job, services)
    except RateLimited as error:
        return Later(at=error.until, reason=str(error))
    except (Passing, Moved, Unrecognized) as error:
        return Retry(reason=str(error))
    except Gone as error:
        return Done(summary=f"left alone: {error}")
    except Refused as error:
        return Dead(reason=str(error))
    except (AnalysisTooLong, AnalysisTooLarge, AnalysisFailed) as error:
        return Dead(reason=str(error))
    except AnalysisCrashed as error:
        return Retry(reason=str(error))


def _done(job: Job, services: Services) -> Outcome:
    work, last = job.work, job.attempt >= ATTEMPTS
    match work:
        case UpdateBranch():
            return update_branch(job.id, work, services)
        case CheckConfig():
            return check_config(work, services)
        case CheckPull():
            return check_pull(work, services, last=last)
        case CheckHead():
            return check_head(work, services, last=last)
        case AnswerMergeGroup():
            return answer_merge_group(work, services)
        case PressButton():
            return press_button(job.id, work, services, last=last)
        case RunCommand():
            return run_command(job.id, work, services, last=last)
        case ForgetRepository():
            return forget(job.id, work, services)
        case Ignored():
            return Done(summary=f"left alone: {work.reason}")
        case _:
            assert_never(work)
