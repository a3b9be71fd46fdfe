"""Run by Alembic for every command: on the connection that `bot.store.database` hands over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import context

from bot.store.tables import metadata

if TYPE_CHECKING:
    from sqlalchemy.schema import SchemaItem


def _is_ours(
    item: SchemaItem, name: str | None, kind: str, reflected: bool, other: SchemaItem | None
) -> bool:
    """Whether autogenerate may look at it: the job queue keeps its own tables in the same database."""
    if kind == "table":
        return name in metadata.tables
    table = getattr(item, "table", None)
    return table is None or table.name in metadata.tables


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    include_object=_is_ours,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=False,  # the caller's transaction is around all of it, on both databases
)
context.run_migrations()
