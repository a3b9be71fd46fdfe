"""The lines around queued commands: opening a pipeline, and taking its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.engine.finding import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codemods.atomic_redis.calls import Command
    from codemods.atomic_redis.sites import Context
    from codemods.atomic_redis.text import Names

_MOST = 4


def opening(first: Command, pipe: str, context: Context) -> str:
    """``with r.pipeline(transaction=True) as pipe:`` for the client of a command."""
    receiver = context.receiver(first.receiver)
    if "\n" in receiver or "\r" in receiver:
        raise Refused("the client is written over several lines")
    word = "async with" if first.awaited else "with"
    return f"{word} {receiver}.pipeline(transaction=True) as {pipe}:"


def execution(
    sent: Sequence[Command | None],
    pipe: str,
    names: Names,
    context: Context,
    *,
    awaited: bool,
    countable: bool = True,
) -> list[str]:
    """The lines that send the pipeline and hand the answers on; None stands for a command whose answer is dropped."""
    run = f"await {pipe}.execute()" if awaited else f"{pipe}.execute()"
    used = [(place, one) for place, one in enumerate(sent) if one is not None and one.used]
    if not used:
        return [run]
    if not countable:
        raise Refused("how many answers come before the one that is used isn't known")
    bare = all(one.target is not None for _, one in used)
    if bare and len(sent) <= _MOST and (names.throwaway or len(used) == len(sent)):
        parts = [_target(one, context) if one is not None and one.used else names.throwaway for one in sent]
        return [f"{', '.join(parts)} = {run}"]
    if len(used) == 1:
        place, one = used[0]
        answers = f"({run})" if awaited else run
        return [_with_answer(one, f"{answers}[{place}]", context)]
    answers = names.free("results", "answers", "replies")
    return [f"{answers} = {run}", *(_with_answer(one, f"{answers}[{place}]", context) for place, one in used)]


def _target(one: Command, context: Context) -> str:
    assert one.target is not None
    return context.module.source.segment(one.target)


def _with_answer(one: Command, answer: str, context: Context) -> str:
    """The statement with the answer in place of the call."""
    source = context.module.source
    start, end = source.span(one.statement)
    begin, finish = source.span(one.whole)
    text = source.text[start:begin] + answer + source.text[finish:end]
    if "\n" in text or "\r" in text:
        if any(mark in text for mark in "#'\""):
            raise Refused("the statement around the answer is written over several lines")
        text = " ".join(text.split()).replace("( ", "(").replace(" )", ")").replace(",)", ")")
    return text
