"""Tickets and their answers."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException
from redis import Redis

from helpdesk import limits, locks
from helpdesk.audit import record
from helpdesk.mail import MailService
from helpdesk.settings import Settings, get_settings
from helpdesk.store import get_redis

router = APIRouter(prefix="/tickets")


def answer(to: str, ticket: int, body: str, settings: Settings) -> None:
    """Mail an answer and note that it was sent."""
    MailService(settings).send(to, f"Your ticket {ticket}", body)
    record(f"ticket {ticket} answered")


@router.post("/{ticket}/claim")
def claim(ticket: int, worker: str, redis: Annotated[Redis, Depends(get_redis)]) -> dict[str, bool]:
    if not limits.allow(redis, worker):
        raise HTTPException(429, "too many requests")
    return {"claimed": locks.acquire(redis, ticket, worker)}


@router.post("/hook")
def hook(
    settings: Annotated[Settings, Depends(get_settings)], x_token: Annotated[str, Header()]
) -> dict[str, bool]:
    if x_token != settings.hook_token:
        raise HTTPException(401, "wrong token")
    return {"ok": True}
