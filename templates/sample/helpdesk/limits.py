"""How often a customer may ask."""

from redis import Redis

WINDOW_SECONDS = 60
MAX_REQUESTS = 20


def allow(redis: Redis, customer: str) -> bool:
    """Count one request and say whether it is still within the limit."""
    used = redis.incr(f"limit:{customer}")
    if used == 1:
        redis.expire(f"limit:{customer}", WINDOW_SECONDS)
    return used <= MAX_REQUESTS


def back_off(redis: Redis, host: str) -> int:
    """Count a failed delivery; each further one keeps the count twice as long."""
    failures = redis.incr(f"failures:{host}")
    redis.expire(f"failures:{host}", 2**failures)
    return failures


def count_visit(redis: Redis, page: str) -> None:
    """Already one step: nothing to find here."""
    with redis.pipeline(transaction=True) as pipe:
        pipe.incr(f"visits:{page}")
        pipe.expire(f"visits:{page}", 86400)
        pipe.execute()
