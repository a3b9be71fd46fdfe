"""The one connection pool to Redis."""

from functools import lru_cache

from redis import Redis

from helpdesk.settings import get_settings


@lru_cache
def get_redis() -> Redis:
    return Redis.from_url(get_settings().redis_url, decode_responses=True)
