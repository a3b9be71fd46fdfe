"""What attacks are tried on: the receiver behind a real server, pages, and the service as a process."""

from tests.bot.pages.conftest import site  # noqa: F401
from tests.bot.receive.conftest import server_on_sqlite, web  # noqa: F401
from tests.end_to_end.conftest import world  # noqa: F401
