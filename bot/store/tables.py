"""The tables. Changes here need a migration in ``bot/store/migrations/versions``; a test compares the two.

JSON columns are replaced, never edited in place: SQLAlchemy does not see what happens inside of a value.
"""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from bot.store.types import BigKey, Compressed, UTCDateTime

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class DeliveryState(StrEnum):
    """What became of a delivery. WAITING until its jobs have ended, one way or the other."""

    WAITING = "waiting"
    DONE = "done"
    IGNORED = "ignored"
    DEAD = "dead"


class JobState(StrEnum):
    """What became of a job. LATER: it waits for its time (``due_at``) without holding a worker."""

    WAITING = "waiting"
    RUNNING = "running"
    LATER = "later"
    DONE = "done"
    SUPERSEDED = "superseded"
    DEAD = "dead"


deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("guid", sa.String(64), primary_key=True, doc="X-GitHub-Delivery; a redelivery has the same"),
    sa.Column("event", sa.String(64), nullable=False),
    sa.Column("action", sa.String(64)),
    sa.Column("installation_id", sa.BigInteger),
    sa.Column("repository_id", sa.BigInteger),
    sa.Column("received_at", UTCDateTime, nullable=False),
    sa.Column("payload", Compressed, nullable=False, doc="the body's JSON"),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("reason", sa.Text, doc="why it was ignored or is dead"),
    sa.Column("attempts", sa.Integer, nullable=False, doc="how often it was received or put back"),
    sa.Column("finished_at", UTCDateTime),
    sa.Index(None, "state", "received_at"),
    sa.Index(None, "repository_id"),
)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.String(128), primary_key=True),
    sa.Column("delivery", sa.ForeignKey("deliveries.guid", ondelete="CASCADE")),
    sa.Column("partition", sa.String(64), nullable=False, doc="jobs with the same one run one at a time"),
    sa.Column("repository_id", sa.BigInteger),
    sa.Column(
        "branch", sa.String(1024), doc="or pull/<number>; None for the default branch, or where there is none"
    ),
    sa.Column("work", sa.JSON(none_as_null=True), doc="bot.events.work.Work"),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("place", sa.BigInteger, nullable=False, doc="the order of jobs in their partition"),
    sa.Column("run", sa.Integer, nullable=False, doc="how often it was put into the queue"),
    sa.Column("failed", sa.Integer, nullable=False, doc="failed attempts in a row"),
    sa.Column("reason", sa.Text),
    sa.Column("outcome", sa.JSON(none_as_null=True), doc="bot.jobs.outcome.Outcome"),
    sa.Column("steps", sa.JSON(none_as_null=True), doc="of the newest attempt: name, at (ISO 8601), seconds"),
    sa.Column("log", Compressed, doc="lines of the newest attempt's log, each JSON"),
    sa.Column("due_at", UTCDateTime),
    sa.Column("queued_at", UTCDateTime, nullable=False),
    sa.Column("started_at", UTCDateTime),
    sa.Column("finished_at", UTCDateTime),
    sa.Index(None, "delivery"),
    sa.Index(None, "repository_id", "branch", "place"),
    sa.Index(None, "state", "due_at"),
)

executors = sa.Table(
    "executors",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("host", sa.String(255)),
    sa.Column("beat_at", UTCDateTime, nullable=False),
)

repositories = sa.Table(
    "repositories",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False, doc="GitHub's; stays over renames"),
    sa.Column("owner", sa.String(255), nullable=False),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("installation_id", sa.BigInteger),
    sa.Column("default_branch", sa.String(1024)),
    sa.Column("base_branches", sa.JSON(none_as_null=True), doc="as last read; NULL: not known yet"),
    sa.Column("paused", sa.Boolean(name="paused"), nullable=False),
    sa.Column("undeclined", sa.JSON, nullable=False, doc="fingerprints that people asked for again"),
    sa.Column("config_source", sa.Text, doc="the file in force on the default branch; NULL: the defaults"),
    sa.Column("config_sha", sa.String(64), doc="the commit that it was read at"),
    sa.Column("config_text", sa.Text, doc="what it says"),
    sa.Column("config_trouble", sa.Text, doc="why a newer one is not in force; NULL if none is"),
    sa.Column("seen_at", UTCDateTime, nullable=False),
    sa.Index(None, "installation_id"),
)

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("job_id", sa.String(128)),
    sa.Column("repository_id", sa.BigInteger, nullable=False),
    sa.Column("branch", sa.String(1024), nullable=False),
    sa.Column("sha", sa.String(64), nullable=False),
    sa.Column("files", sa.Integer, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("actions", sa.JSON, nullable=False),
    sa.Column(
        "skipped", sa.JSON, nullable=False, server_default="[]", doc="path and reason of files left out"
    ),
    sa.Column("finished_at", UTCDateTime, nullable=False),
    sa.Index(None, "repository_id", "finished_at"),
    sa.UniqueConstraint("job_id"),
)

findings = sa.Table(
    "findings",
    metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("run_id", sa.ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    sa.Column("fingerprint", sa.String(128), nullable=False),
    sa.Column("rule", sa.String(128), nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("line", sa.Integer, nullable=False),
    sa.Column("applicability", sa.String(32), nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Index(None, "run_id"),
)

pull_requests = sa.Table(
    "pull_requests",
    metadata,
    sa.Column("repository_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("rule", sa.String(128), nullable=False),
    sa.Column("part", sa.Text, nullable=False),
    sa.Column("base", sa.String(1024), nullable=False),
    sa.Column(
        "state",
        sa.String(16),
        nullable=False,
        doc="open, merged, closed (by a person) or settled (by the App)",
    ),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("findings", sa.JSON, nullable=False, doc="fingerprints"),
    sa.Column("opened_at", UTCDateTime),
    sa.Column("closed_at", UTCDateTime),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id_hash", sa.String(64), primary_key=True, doc="SHA-256 of what the cookie carries"),
    sa.Column("github_id", sa.BigInteger, nullable=False),
    sa.Column("login", sa.String(255), nullable=False),
    sa.Column("repositories", sa.JSON, nullable=False, doc="by id as text: whether the person may write"),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Column("checked_at", UTCDateTime, nullable=False, doc="when GitHub was asked what the person sees"),
    sa.Column("expires_at", UTCDateTime, nullable=False),
    sa.Index(None, "expires_at"),
)

redeliveries = sa.Table(
    "redeliveries",
    metadata,
    sa.Column("guid", sa.String(64), primary_key=True, doc="of a delivery that GitHub was asked to repeat"),
    sa.Column("times", sa.Integer, nullable=False),
    sa.Column("asked_at", UTCDateTime, nullable=False),
    sa.Index(None, "asked_at"),
)

regular_tasks = sa.Table(
    "regular_tasks",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True, doc="of a task that one process at a time does"),
    sa.Column("due_at", UTCDateTime, nullable=False),
)
