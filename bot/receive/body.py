"""A request's body, read within limits of size and time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

from bot.receive.rejection import Rejected

if TYPE_CHECKING:
    from starlette.requests import Request

MAX_BODY = 25 * 1024 * 1024
"""Bytes. GitHub caps payloads at 25 MB and does not deliver larger ones."""

READ_SECONDS = 10.0
"""GitHub itself gives up on a delivery after 10 seconds."""

_TOO_LARGE = Rejected(413, f"the body is larger than {MAX_BODY} bytes (25 MB), which GitHub never sends")
_HEARD_OUT = 2 * MAX_BODY


async def read_body(request: Request, seconds: float) -> bytes:
    """The whole body. Raises Rejected: 413 over `MAX_BODY`, 408 after ``seconds``, 400 if the sender hangs up.

    At most `MAX_BODY` bytes are held. A sender that is somewhat over is heard out, without keeping what it says:
    the answer to one whose connection is cut in the middle of sending gets lost.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > _HEARD_OUT:
        raise _TOO_LARGE
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds):
            async for part in request.stream():
                size += len(part)
                if size > _HEARD_OUT:
                    raise _TOO_LARGE
                if size > MAX_BODY:
                    parts.clear()
                else:
                    parts.append(part)
    except TimeoutError:
        raise Rejected(408, f"the body did not arrive within {seconds:g} seconds") from None
    except ClientDisconnect:
        raise Rejected(400, "the sender hung up before the body was complete") from None
    if size > MAX_BODY:
        raise _TOO_LARGE
    return b"".join(parts)
