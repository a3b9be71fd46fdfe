"""The receiver behind a real server on loopback, as its own tests have it."""

from tests.bot.receive.conftest import server_on_sqlite, web  # noqa: F401
