"""What the service is told from outside."""

from functools import lru_cache

from pydantic import SecretStr
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    redis_url: str = "redis://localhost:6379/0"
    mail_url: str = "https://mail.example.com/v1/messages"
    mail_api_key: SecretStr = SecretStr("")
    hook_token: SecretStr = SecretStr("")
    slack_token: str = ""


@lru_cache
def get_settings() -> Settings:
    return Settings()
