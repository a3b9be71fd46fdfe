"""What the rule knows of Redis commands, as redis-py names them."""

from __future__ import annotations

COUNTERS = frozenset({"incr", "incrby"})
"""Commands that count a plain string key up from 0 and answer with the new value."""

OTHER_COUNTERS = frozenset(
    {"decr", "decrby", "incrbyfloat", "hincrby", "hincrbyfloat", "zincrby"},
)
"""Commands that answer with a new value, on keys that ``SET NX`` cannot start."""

WRITES = frozenset({
    *COUNTERS, *OTHER_COUNTERS,
    "set", "setnx", "append", "setbit", "setrange", "getset",
    "hset", "hmset", "hsetnx", "hdel",
    "sadd", "srem",
    "zadd", "zrem", "zremrangebyscore", "zremrangebyrank", "zremrangebylex",
    "lpush", "rpush", "lpushx", "rpushx", "ltrim", "lrem", "lset", "linsert",
    "sinterstore", "sunionstore", "sdiffstore", "zinterstore", "zunionstore", "zdiffstore",
    "xadd", "xtrim", "pfadd", "geoadd",
})  # fmt: skip
"""Commands that may stand in a transaction and whose first argument is the key they write."""

REMOVALS = frozenset({
    "hdel", "srem", "zrem", "zremrangebyscore", "zremrangebyrank", "zremrangebylex", "lrem", "lset", "linsert", "lpushx",
    "rpushx", "xtrim",
})  # fmt: skip
"""Writes that never make a key: none is left without its expiry by them."""

READS = frozenset({
    "get", "strlen", "exists", "ttl", "pttl", "type", "hget", "hmget", "hgetall", "hlen", "hexists", "hkeys", "hvals",
    "llen", "lrange", "lindex", "scard", "smembers", "sismember", "zcard", "zcount", "zscore", "zrank", "zrange",
    "zrangebyscore", "zrevrange", "xlen", "pfcount", "getbit", "bitcount",
})  # fmt: skip
"""Commands that may stand among the writes of a transaction: they see there what they saw outside."""

RAISING = frozenset({
    "hset", "hmset", "hsetnx", "sadd", "zadd", "lpush", "rpush", "ltrim", "append", "setnx", "hincrby", "hincrbyfloat",
    "zincrby", "incrbyfloat", "xadd", "pfadd", "geoadd", "zinterstore", "zunionstore", "sinterstore", "sunionstore",
    "zremrangebyscore", "incrby",
})  # fmt: skip
"""Commands whose names hardly any other library has: with ``expire(key, time)`` beside them they speak of Redis."""

EXPIRES = frozenset({"expire", "pexpire", "expireat", "pexpireat"})
"""Commands that set when a key goes; ``expire`` and ``pexpire`` take a span, the others a moment."""

SET_OPTION = {"expire": "ex", "pexpire": "px"}
"""Which option of ``SET`` does what a command of its own would do afterwards."""

DRAINS = frozenset({"get", "hgetall", "lrange", "smembers", "zrange"})
"""Reads that a ``delete`` of the same key often follows, to take the value away."""

KEY_NAMES = frozenset({"name", "key", "keys", "dest", "names", "src"})
"""Keywords under which redis-py takes a command's key."""

TIME_NAMES = frozenset({"time", "when"})
"""Keywords under which redis-py takes the time of an expiry."""

RESETS = frozenset({
    "decr", "decrby", "set", "setex", "psetex", "getset", "mset", "msetnx", "incrbyfloat", "setrange", "restore",
    "rename", "renamenx", "copy",
})  # fmt: skip
"""Commands that may bring a counter back to 0 while its key lives."""
