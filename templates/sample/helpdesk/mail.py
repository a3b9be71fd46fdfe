"""Mail to customers."""

import logging

import httpx

from helpdesk.settings import Settings

logger = logging.getLogger(__name__)


class MailService:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def send(self, to: str, subject: str, body: str) -> None:
        logger.info("mail to %s with key %s", to, self.settings.mail_api_key)
        response = httpx.post(
            self.settings.mail_url,
            headers={"Authorization": f"Bearer {self.settings.mail_api_key}"},
            json={"to": to, "subject": subject, "text": body},
            timeout=10,
        )
        response.raise_for_status()
