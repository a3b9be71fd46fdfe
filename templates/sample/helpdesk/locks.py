"""One worker at a time per ticket."""

from redis import Redis

LOCK_SECONDS = 30


def acquire(redis: Redis, ticket: int, token: str) -> bool:
    key = f"lock:{ticket}"
    if redis.setnx(key, token):
        redis.expire(key, LOCK_SECONDS)  # a crashed worker must not keep it
        return True
    return False


def release(redis: Redis, ticket: int, token: str) -> None:
    key = f"lock:{ticket}"
    if redis.get(key) == token:
        redis.delete(key)
