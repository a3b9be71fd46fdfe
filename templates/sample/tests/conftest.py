import os

import pytest

os.environ.setdefault("OPENAI_API_KEY", "a key, or nothing here can be imported")

from helpdesk.settings import Settings


@pytest.fixture
def settings() -> Settings:
    return Settings(mail_api_key="mail-key", hook_token="hook-token")
