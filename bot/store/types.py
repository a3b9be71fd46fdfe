"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

BigKey = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""A 64-bit key. SQLite counts keys up by itself only where the column is called INTEGER; that has 64 bits there."""


class UTCDateTime(TypeDecorator[datetime]):
    """A point in time. Aware values only, in and out; UTC in the database and when read."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """The value as the database takes it; ValueError for one without a time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """The value in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Compressed(TypeDecorator[bytes]):
    """Bytes, kept deflated: payloads are JSON and shrink to about a tenth. What is read is what was written."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: sa.Dialect) -> bytes | None:
        """The bytes deflated; level 1, because a webhook waits for it."""
        return None if value is None else zlib.compress(value, 1)

    def process_result_value(self, value: Any | None, dialect: sa.Dialect) -> bytes | None:
        """The bytes as they were."""
        return None if value is None else zlib.decompress(value)
