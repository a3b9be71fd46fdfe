"""The App's credentials, as settings."""

from __future__ import annotations

from functools import cached_property

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from bot.settings.operator import Operator
from bot.settings.sources import Secret  # noqa: TC001 - pydantic reads it

SHORTEST_SECRET = 12
"""Characters of a webhook secret: fewer can be tried out against one recorded delivery."""


class Settings(Operator):
    """What the operator decides, and the App's credentials.

    `load` reads them and words what is wrong; tests may give them by name.
    """

    app_id: int = Field(gt=0, description="the App's numeric id, from its settings page on GitHub")
    private_key: Secret = Field(
        description="the App's private key: the PEM text, as GitHub gave it for download"
    )
    webhook_secret: Secret = Field(
        description="the webhook secret, the same as in the App's settings on GitHub; at least 12 characters"
    )
    webhook_secret_old: Secret | None = Field(
        None, description="the webhook secret before this one; accepted too while the secret is being changed"
    )
    client_id: str | None = Field(
        None, description="the App's client id, for signing in to the pages; nobody can sign in without it"
    )
    client_secret: Secret | None = Field(
        None,
        validate_default=True,
        description="a client secret of the App, for signing in to the pages",
    )

    @field_validator("private_key")
    @classmethod
    def _is_a_key(cls, value: SecretStr) -> SecretStr:
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        text = value.get_secret_value().strip()
        if "\\n" in text:
            text = text.replace("\\r", "").replace("\\n", "\n").strip()
        if not text.startswith("-----BEGIN"):
            raise ValueError(
                "is not PEM text (-----BEGIN ...). To name a file, use PATCHWRIGHT_PRIVATE_KEY_FILE"
            )
        try:
            key = load_pem_private_key(text.encode(), password=None)
        except (ValueError, TypeError):
            raise ValueError(
                "is damaged or encrypted: give the whole file as GitHub gave it, with all its lines"
            ) from None
        if not isinstance(key, RSAPrivateKey):
            raise ValueError("is not an RSA key; GitHub Apps have RSA keys")  # noqa: TRY004
        return SecretStr(text + "\n")

    @field_validator("webhook_secret", "webhook_secret_old")
    @classmethod
    def _is_not_guessed(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().strip():
            raise ValueError("is blank: anyone could forge deliveries")
        if value is not None and len(value.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(
                f"is shorter than {SHORTEST_SECRET} characters: whoever guesses it can forge deliveries. Make one with"
                " `openssl rand -hex 32` and enter it in the App's settings on GitHub too"
            )
        return value

    @field_validator("client_secret")
    @classmethod
    def _goes_with_the_id(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        named = info.data.get("client_id") is not None
        if value is None and named:
            raise ValueError("is not set, but PATCHWRIGHT_CLIENT_ID is: signing in needs both, or neither")
        if value is not None and not named:
            raise ValueError("is set, but PATCHWRIGHT_CLIENT_ID is not: signing in needs both, or neither")
        if value is not None and not value.get_secret_value().strip():
            raise ValueError("is blank: generate a client secret in the App's settings on GitHub")
        return value

    @property
    def can_sign_in(self) -> bool:
        """Whether people can sign in to the pages: the App's OAuth client is known."""
        return self.client_id is not None and self.client_secret is not None

    @cached_property
    def webhook_secrets(self) -> tuple[bytes, ...]:
        """The secrets that a delivery may be signed with, the current one first."""
        both = (self.webhook_secret, self.webhook_secret_old)
        return tuple(secret.get_secret_value().encode() for secret in both if secret is not None)


CREDENTIALS = tuple(name for name in Settings.model_fields if name not in Operator.model_fields)
"""The settings that are the App's credentials: all of them come from the environment, or all from the kept file."""
