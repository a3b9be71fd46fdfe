"""What pages, signing in and watching need"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    op.add_column("jobs", sa.Column("steps", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("jobs", sa.Column("log", sa.LargeBinary(), nullable=True))
    op.add_column("runs", sa.Column("skipped", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("repositories", sa.Column("config_source", sa.Text(), nullable=True))
    op.add_column("repositories", sa.Column("config_sha", sa.String(length=64), nullable=True))
    op.add_column("repositories", sa.Column("config_text", sa.Text(), nullable=True))
    op.add_column("repositories", sa.Column("config_trouble", sa.Text(), nullable=True))
    op.create_table(
        "sessions",
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("github_id", sa.BigInteger(), nullable=False),
        sa.Column("login", sa.String(length=255), nullable=False),
        sa.Column("repositories", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_expires_at"), "sessions", ["expires_at"], unique=False)
    op.create_table(
        "redeliveries",
        sa.Column("guid", sa.String(length=64), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("guid", name=op.f("pk_redeliveries")),
    )
    op.create_index(op.f("ix_redeliveries_asked_at"), "redeliveries", ["asked_at"], unique=False)
    op.create_table(
        "regular_tasks",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_regular_tasks")),
    )
